//! What was logged of failures: once when one begins, and once when all are over, however often something is tried.

use std::collections::BTreeMap;

/// What is failing, by the number of what fails; one kind of thing has the number 0.
#[derive(Default)]
pub(super) struct Told(BTreeMap<i64, String>);

impl Told {
    /// Whether a failure is news. One in which only figures differ, such as the room that is left, is the same.
    pub(super) fn is_news(&mut self, message: &str) -> bool {
        self.is_news_of(0, message)
    }

    /// Whether the failure of one of several is news: not when the same was said of another one that still fails.
    pub(super) fn is_news_of(&mut self, number: i64, message: &str) -> bool {
        let told = without_figures(message);
        let news = !self.0.values().any(|known| *known == told);
        self.0.insert(number, told);
        news
    }

    /// Everything works: whether that is news.
    pub(super) fn worked(&mut self) -> bool {
        !std::mem::take(&mut self.0).is_empty()
    }

    /// One of several works: whether it failed before.
    pub(super) fn worked_at(&mut self, number: i64) -> bool {
        self.0.remove(&number).is_some()
    }

    /// Whether nothing fails.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
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

    #[test]
    fn two_that_fail_for_different_reasons_are_told_once_each() {
        let mut told = Told::default();
        let mut news = 0;
        for _ in 0..100 {
            news += u32::from(told.is_news_of(7, "no room")) + u32::from(told.is_news_of(8, "no permission"));
        }
        assert_eq!(news, 2);
        assert!(told.worked_at(7) && !told.worked_at(7) && !told.is_empty());
        assert!(told.worked_at(8) && told.is_empty());
    }
}
