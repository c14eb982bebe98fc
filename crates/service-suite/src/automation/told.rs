//! What was logged of a failure: once when it begins, and once when it is over, however often it is tried.

/// See the module.
#[derive(Default)]
pub(super) struct Told(Option<String>);

impl Told {
    /// Whether a failure is news. One in which only figures differ, such as the room that is left, is the same.
    pub(super) fn is_news(&mut self, message: &str) -> bool {
        let told = without_figures(message);
        let news = self.0.as_ref() != Some(&told);
        self.0 = Some(told);
        news
    }

    /// It works: whether that is news.
    pub(super) fn worked(&mut self) -> bool {
        self.0.take().is_some()
    }
}

fn without_figures(message: &str) -> String {
    message.chars().filter(|c| !c.is_ascii_digit()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_change_is_news_once() {
        let mut told = Told::default();
        assert!(!told.worked(), "it worked all the time");
        let full = |free: u32| format!("no room: {free} bytes are free");
        let news: Vec<bool> = (0..1000).map(|free| told.is_news(&full(free))).collect();
        assert_eq!(news.iter().filter(|news| **news).count(), 1);
        assert!(told.is_news("the folder is gone") && !told.is_news("the folder is gone"));
        assert!(told.worked() && !told.worked());
        assert!(told.is_news("the folder is gone"), "gone again");
    }
}
