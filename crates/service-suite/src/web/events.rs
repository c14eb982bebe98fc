//! What happens, as it happens: the states of the automations as a stream of events (SSE) for the pages that show them.

use std::collections::HashMap;
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::automation::{last_part, state_part};
use super::page::Visitor;
use super::site::Site;
use crate::automation::status::Status;

/// How often a stream shows that it is alive when nothing happens; a browser whose server has gone notices by this.
const PULSE: Duration = Duration::from_secs(15);

/// How long a stream lasts. The browser then comes back by itself, and is looked at again: who was signed out or removed
/// sees no more, and who watches a page for a day stays signed in.
const LASTS: Duration = Duration::from_secs(10 * 60);

/// Events that wait for a slow reader; a reader that is slower than that sees fewer states, never old ones.
const HELD: usize = 64;

/// The stream. It ends when the program stops or the reader has gone; browsers come back by themselves.
pub(crate) async fn stream(State(site): State<Site>, _: Visitor) -> impl IntoResponse {
    let (sender, receiver) = mpsc::channel::<Result<Event, Infallible>>(HELD);
    let mut statuses = site.automations.subscribe();
    let mut stopping = site.stopping.clone();
    tokio::spawn(async move {
        let mut shown = Shown::default();
        let end = tokio::time::sleep(LASTS);
        tokio::pin!(end);
        loop {
            let now = (site.clock)();
            let told = statuses.borrow_and_update().clone();
            let now: Vec<Status> = told.into_iter().map(|status| status.at(now)).collect();
            let news = shown.news(&now);
            for event in news {
                if sender.send(Ok(event)).await.is_err() {
                    return;
                }
            }
            tokio::select! {
                changed = statuses.changed() => if changed.is_err() { return },
                _ = stopping.wait_for(|stops| *stops) => return,
                _ = sender.closed() => return,
                () = &mut end => return,
            }
        }
    });
    Sse::new(ReceiverStream::new(receiver)).keep_alive(KeepAlive::new().interval(PULSE))
}

/// What a reader has on the page already: only what differs is sent.
#[derive(Default)]
struct Shown {
    parts: HashMap<String, String>,
    words: HashMap<String, &'static str>,
}

impl Shown {
    fn news(&mut self, statuses: &[Status]) -> Vec<Event> {
        let mut events = Vec::new();
        for status in statuses {
            for (part, markup) in [("state", state_part(status)), ("last", last_part(status))] {
                let name = format!("{part}-{}", status.name);
                if self.parts.get(&name) != Some(&markup) {
                    events.push(Event::default().event(&name).data(one_line(&markup)));
                    self.parts.insert(name, markup);
                }
            }
            // Read out only when the kind of state changes: nobody wants to hear every second of a settle time.
            let word = status.state.word();
            let before = self.words.insert(status.name.clone(), word);
            if before.is_some_and(|before| before != word) {
                let text = format!("{}: {}", status.title, status.sentence());
                events.push(Event::default().event("announcement").data(escaped(&text)));
            }
        }
        events
    }
}

/// Line ends mean nothing in this markup and something in an event.
fn one_line(markup: &str) -> String {
    markup.replace(['\r', '\n'], " ")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace(['\r', '\n'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::automation::status::State as Doing;

    fn status(state: Doing) -> Status {
        Status {
            name: "customers-from-erp".into(),
            title: "Customers from ERP-system".into(),
            register: "customers".into(),
            waits_for: "customers.txt".into(),
            folder: "/srv/exchange".into(),
            state,
            last: None,
            waiting: 0,
            hint: None,
        }
    }

    #[test]
    fn only_what_differs_is_sent_and_only_kinds_of_state_are_read_out() {
        let mut shown = Shown::default();
        let settling = |quiet_ms| Doing::Settling {
            file: "customers.txt".into(),
            reason: String::new(),
            quiet_ms,
            of_ms: 10_000,
            writer_unknown: false,
        };
        assert_eq!(shown.news(&[status(Doing::Waiting)]).len(), 2, "state and last result");
        assert_eq!(shown.news(&[status(Doing::Waiting)]).len(), 0);
        assert_eq!(shown.news(&[status(settling(1000))]).len(), 2, "state and announcement");
        assert_eq!(shown.news(&[status(settling(2000))]).len(), 1, "state only");
    }

    #[test]
    fn names_of_files_stay_text() {
        let mut status = status(Doing::Waiting);
        status.waits_for = "<img src=x>\n.txt".into();
        assert!(!state_part(&status).contains("<img"), "{}", state_part(&status));
        assert_eq!(escaped("<b>&\n"), "&lt;b>&amp; ");
    }
}
