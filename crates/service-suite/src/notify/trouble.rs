//! Which automation has not been able to work for so long that a person should know, and which works again.

use std::collections::HashMap;
use std::time::Duration;

use register::notifications::Event;

use crate::automation::status::{State, Status};
use crate::text;

/// What lasts shorter mends itself: a share that is mounted again, a server that is started anew.
const LASTS: Duration = Duration::from_secs(10 * 60);

/// An automation works again when it has for so long; what is tried anew now and then has not ended.
const WELL: Duration = Duration::from_secs(60);

/// What is known of each automation.
#[derive(Default)]
pub(super) struct Troubles(HashMap<String, Trouble>);

#[derive(Default)]
struct Trouble {
    /// What people were last told.
    told: Option<Event>,
    /// Since when it cannot work.
    since: Option<Duration>,
    /// Since when it works.
    works: Option<Duration>,
}

impl Troubles {
    /// Whether nothing is known of an automation, after a start.
    pub(super) fn is_unknown(&self, automation: &str) -> bool {
        !self.0.contains_key(automation)
    }

    /// What people were last told of it.
    pub(super) fn was(&mut self, automation: &str, told: Option<Event>) {
        self.0.entry(automation.to_owned()).or_default().told = told;
    }

    /// An automation is in this state now: what people are to be told. `held` while an import of it waits for a person,
    /// which is told by itself and hides what the folder is like.
    pub(super) fn see(&mut self, status: &Status, held: bool, now: Duration) -> Option<(Event, String)> {
        let trouble = self.0.entry(status.name.clone()).or_default();
        let message = match &status.state {
            State::Failing { message, .. } => Some(message),
            State::Warning { .. } if held => return None,
            State::Warning { message } => Some(message),
            State::Inactive => {
                (trouble.since, trouble.works) = (None, None);
                return None;
            }
            State::Waiting | State::Settling { .. } | State::Importing { .. } => None,
        };
        match message {
            Some(message) => {
                trouble.works = None;
                let since = *trouble.since.get_or_insert(now);
                let minutes = now.saturating_sub(since).as_secs() / 60;
                (now.saturating_sub(since) >= LASTS && trouble.told != Some(Event::Failing)).then(|| {
                    let what = format!("{} has not been able to work for {minutes} minutes.", status.title);
                    (Event::Failing, format!("{what}\n{}", text::sentence(message)))
                })
            }
            None => {
                let works = *trouble.works.get_or_insert(now);
                if now.saturating_sub(works) < WELL {
                    return None;
                }
                trouble.since = None;
                let again = || (Event::Well, format!("{} works again.", status.title));
                (trouble.told == Some(Event::Failing)).then(again)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::tests::status;

    #[test]
    fn each_change_is_told_once_and_what_mends_itself_never() {
        let failing = || State::failing("the share is gone".into(), LASTS, jiff::Timestamp::UNIX_EPOCH);
        let warning = || State::Warning { message: "the folder does not answer".into() };
        // Minutes, state, whether an import is held, and what is told.
        let story: [(u64, State, bool, Option<Event>); 17] = [
            (0, State::Waiting, false, None),
            (1, failing(), false, None),
            (10, failing(), false, None),
            // A try between two failures is no end of it.
            (10, State::Importing { import: 1, phase: String::new(), percent: 0 }, false, None),
            (11, failing(), false, Some(Event::Failing)),
            (12, failing(), false, None),
            (700, warning(), false, None),
            (701, State::Waiting, false, None),
            (702, State::Waiting, false, Some(Event::Well)),
            (703, State::Waiting, false, None),
            (704, warning(), true, None),
            (800, warning(), true, None),
            (801, warning(), false, None),
            (805, State::Waiting, false, None),
            (807, State::Waiting, false, None),
            (808, failing(), false, None),
            (817, State::Inactive, false, None),
        ];
        let mut troubles = Troubles::default();
        for (minute, state, held, expected) in story {
            let status = status(state);
            let told = troubles.see(&status, held, Duration::from_secs(minute * 60));
            assert_eq!(told.as_ref().map(|told| told.0), expected, "minute {minute}");
            if let Some((event, message)) = told {
                assert!(message.starts_with("Customers from ERP-system "), "{message}");
                troubles.was(&status.name, Some(event));
            }
        }
    }

    #[test]
    fn what_was_told_before_a_restart_is_not_told_again_but_its_end_is() {
        let mut troubles = Troubles::default();
        assert!(troubles.is_unknown("customers-from-erp"));
        troubles.was("customers-from-erp", Some(Event::Failing));
        assert!(!troubles.is_unknown("customers-from-erp"));
        let failing = State::failing("the share is gone".into(), LASTS, jiff::Timestamp::UNIX_EPOCH);
        let mut see = |state, minute: u64| {
            let status = status(state);
            troubles.see(&status, false, Duration::from_secs(minute * 60)).map(|told| told.0)
        };
        assert_eq!((see(failing.clone(), 0), see(failing, 60)), (None, None));
        assert_eq!((see(State::Waiting, 61), see(State::Waiting, 62)), (None, Some(Event::Well)));
    }
}
