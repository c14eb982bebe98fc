//! What an automation is doing now, in the product's own words.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::text;

/// One row of Main menu > Automation, as it is at this moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Status {
    /// The automation's lasting name, for example `customers-from-erp`.
    pub(crate) name: String,
    /// What people call it, for example "Customers from ERP-system".
    pub(crate) title: String,
    /// The register it fills, for example `customers`.
    pub(crate) register: String,
    /// The file name (or pattern) it waits for; empty while no default format names one.
    pub(crate) waits_for: String,
    /// The exchange folder, as set.
    pub(crate) folder: String,
    /// What it is doing.
    pub(crate) state: State,
    /// The import that it ran last, if any.
    pub(crate) last: Option<LastImport>,
    /// How many files wait, in the exchange folder or taken, the one that is worked on included.
    #[serde(default)]
    pub(crate) waiting: u64,
    /// What people should know while nothing is to be done: a file that is not taken since its name is written otherwise.
    #[serde(default)]
    pub(crate) hint: Option<String>,
}

/// The result of an automation's last import.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct LastImport {
    /// The import's id in the ledger.
    pub(crate) id: i64,
    /// The import's state in the ledger, for example `done`.
    pub(crate) state: String,
    /// When it ended; `None` while it runs.
    #[serde(with = "register::time::optional", default)]
    pub(crate) finished_at: Option<Timestamp>,
    /// Rows read, created, updated, unchanged and refused.
    pub(crate) counts: LastCounts,
    /// Values that look wrong in rows that were taken.
    #[serde(default)]
    pub(crate) warnings: u64,
    /// Why it was refused or held; `None` when there is nothing to say.
    pub(crate) reason: Option<String>,
}

/// The row counts of an automation's last import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LastCounts {
    /// Rows read: the sum of the other four.
    pub(crate) read: u64,
    /// Records that were new.
    pub(crate) created: u64,
    /// Records of which at least one field changed.
    pub(crate) updated: u64,
    /// Records that were already as the file says.
    pub(crate) unchanged: u64,
    /// Rows that were not applied, each with a reason.
    pub(crate) refused: u64,
}

/// What an automation is doing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub(crate) enum State {
    /// Not activated: files are left alone.
    Inactive,
    /// Activated, and no file is there.
    Waiting,
    /// A file is there that may still be being written.
    Settling {
        /// Its name in the exchange folder.
        file: String,
        /// Why it is not taken yet ("Size still changing"); empty when only quiet time is missing.
        reason: String,
        /// For how long the file has been quiet, in milliseconds.
        quiet_ms: u64,
        /// For how long it must be quiet, in milliseconds.
        of_ms: u64,
        /// Whether this machine cannot tell if a local program holds the file open for writing.
        writer_unknown: bool,
    },
    /// A delivery is being imported.
    Importing {
        /// The import's id in the ledger.
        import: i64,
        /// What is being done ("Reading", "Comparing", "Committing").
        phase: String,
        /// How much of the whole is done, 0 to 100.
        percent: u8,
    },
    /// It goes on, but a person should look.
    Warning {
        /// What is odd and what to do, as a sentence.
        message: String,
    },
    /// It could not do its work and will try again.
    Failing {
        /// What failed and what to do, as a sentence.
        message: String,
        /// When the next try comes, by the clock.
        #[serde(with = "register::time::optional", default)]
        next_try_at: Option<Timestamp>,
        /// How long it was until the next try when this was said, in milliseconds; [`Status::at`] brings it up to date.
        next_try_in_ms: u64,
    },
}

impl State {
    /// Something failed at `now` and is tried again after `pause`.
    pub(crate) fn failing(message: String, pause: Duration, now: Timestamp) -> State {
        let later = SignedDuration::try_from(pause).unwrap_or(SignedDuration::MAX);
        State::Failing {
            message,
            next_try_at: now.checked_add(later).ok(),
            next_try_in_ms: u64::try_from(pause.as_millis()).unwrap_or(u64::MAX),
        }
    }

    /// Both at once, where both are something that a person must know: whatever fails comes first, and the next try is that
    /// of what is tried first.
    pub(crate) fn and(self, other: &State) -> State {
        let (Some(ours), Some(theirs)) = (self.trouble(), other.trouble()) else { return self };
        if text::sentence(ours).contains(theirs) || text::sentence(ours).contains(&text::sentence(theirs)) {
            return self;
        }
        let both = |first: &str, second: &str| format!("{} Also: {second}", text::sentence(first));
        match (&self, other) {
            (
                State::Failing { next_try_at, next_try_in_ms, .. },
                State::Failing { next_try_at: at, next_try_in_ms: in_ms, .. },
            ) => {
                let message = both(ours, theirs);
                if in_ms < next_try_in_ms {
                    State::Failing { message, next_try_at: *at, next_try_in_ms: *in_ms }
                } else {
                    State::Failing { message, next_try_at: *next_try_at, next_try_in_ms: *next_try_in_ms }
                }
            }
            (_, State::Failing { next_try_at, next_try_in_ms, .. }) => State::Failing {
                message: both(theirs, ours),
                next_try_at: *next_try_at,
                next_try_in_ms: *next_try_in_ms,
            },
            (State::Failing { next_try_at, next_try_in_ms, .. }, _) => State::Failing {
                message: both(ours, theirs),
                next_try_at: *next_try_at,
                next_try_in_ms: *next_try_in_ms,
            },
            _ => State::Warning { message: both(ours, theirs) },
        }
    }

    /// What a person must know.
    fn trouble(&self) -> Option<&str> {
        match self {
            State::Warning { message } | State::Failing { message, .. } => Some(message),
            _ => None,
        }
    }

    /// The state in one word, as scripts and style sheets use it.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            State::Inactive => "inactive",
            State::Waiting => "waiting",
            State::Settling { .. } => "settling",
            State::Importing { .. } => "importing",
            State::Warning { .. } => "warning",
            State::Failing { .. } => "failing",
        }
    }

    /// How far the state has come, 0 to 100, where it has an end to come to.
    pub(crate) fn percent(&self) -> Option<u8> {
        match self {
            State::Settling { quiet_ms, of_ms, .. } => {
                let share = quiet_ms.saturating_mul(100).checked_div(*of_ms).unwrap_or(100);
                Some(u8::try_from(share.min(100)).unwrap_or(100))
            }
            State::Importing { percent, .. } => Some((*percent).min(100)),
            _ => None,
        }
    }
}

impl Status {
    /// The status as it reads at `now`: what counts down has gone on since it was said.
    pub(crate) fn at(mut self, now: Timestamp) -> Status {
        if let State::Failing { next_try_at: Some(at), next_try_in_ms, .. } = &mut self.state {
            // Somebody may have set the clock back meanwhile: it never becomes longer than it was.
            let left = u64::try_from(at.duration_since(now).as_millis()).unwrap_or(0);
            *next_try_in_ms = left.min(*next_try_in_ms);
        }
        self
    }

    /// The whole path of the file (or pattern) that it waits for, when it waits for one.
    pub(crate) fn path(&self) -> Option<String> {
        let path = std::path::Path::new(&self.folder).join(&self.waits_for);
        (!self.waits_for.is_empty()).then(|| path.display().to_string())
    }

    /// The whole seconds that the sentence counts down, where it does.
    pub(crate) fn countdown(&self) -> Option<u64> {
        match &self.state {
            State::Failing { next_try_in_ms, .. } => Some(next_try_in_ms.div_ceil(1000)),
            _ => None,
        }
    }

    /// What the automation is doing, as people read it: "Quiet for 4 s of 10 s".
    pub(crate) fn sentence(&self) -> String {
        match &self.state {
            State::Inactive => "Inactive".into(),
            State::Waiting => format!("Waiting for {}", self.waits_for),
            State::Settling { reason, quiet_ms, of_ms, .. } => {
                if reason.is_empty() {
                    format!("Quiet for {} s of {} s", quiet_ms / 1000, seconds(*of_ms))
                } else {
                    reason.clone()
                }
            }
            State::Importing { percent, .. } => format!("Importing {percent} %"),
            State::Warning { message } => message.clone(),
            State::Failing { next_try_in_ms, .. } => {
                format!("Failing, next try in {} s", next_try_in_ms.div_ceil(1000))
            }
        }
    }

    /// What stands behind the sentence, where there is more to say: the file, the phase, the reason.
    pub(crate) fn detail(&self) -> Option<String> {
        match &self.state {
            State::Settling { file, writer_unknown, .. } => {
                let unknown = "; whether a program holds it open is unknown here";
                let more = self.more().map(|more| format!(" and {more} more")).unwrap_or_default();
                Some(format!("{file}{more}{}", if *writer_unknown { unknown } else { "" }))
            }
            State::Importing { phase, .. } => {
                Some(self.more().map_or_else(|| phase.clone(), |more| format!("{phase}; {more} more wait")))
            }
            State::Failing { message, .. } => Some(message.clone()),
            State::Waiting => self.hint.clone(),
            State::Inactive | State::Warning { .. } => None,
        }
    }

    /// How many files wait behind the one that is worked on, when there are any.
    fn more(&self) -> Option<String> {
        self.waiting.checked_sub(1).filter(|more| *more > 0).map(text::number)
    }
}

/// Seconds with at most one decimal, and none where it is zero.
fn seconds(ms: u64) -> String {
    match (ms / 1000, ms % 1000 / 100) {
        (whole, 0) => whole.to_string(),
        (whole, tenths) => format!("{whole}.{tenths}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(state: State) -> Status {
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

    fn settling(reason: &str, quiet_ms: u64, of_ms: u64) -> State {
        let file = "customers.txt".into();
        State::Settling { file, reason: reason.into(), quiet_ms, of_ms, writer_unknown: false }
    }

    #[test]
    fn each_state_has_its_sentence() {
        let failing =
            State::Failing { message: "The share is gone".into(), next_try_at: None, next_try_in_ms: 29_100 };
        let importing = State::Importing { import: 7, phase: "Comparing".into(), percent: 43 };
        for (state, sentence, percent) in [
            (State::Inactive, "Inactive", None),
            (State::Waiting, "Waiting for customers.txt", None),
            (settling("", 4_200, 10_000), "Quiet for 4 s of 10 s", Some(42)),
            (settling("", 300, 1_500), "Quiet for 0 s of 1.5 s", Some(20)),
            (settling("", 300, 0), "Quiet for 0 s of 0 s", Some(100)),
            (settling("Size still changing", 0, 10_000), "Size still changing", Some(0)),
            (importing, "Importing 43 %", Some(43)),
            (State::Warning { message: "The file is empty".into() }, "The file is empty", None),
            (failing, "Failing, next try in 30 s", None),
        ] {
            assert_eq!(status(state.clone()).sentence(), sentence);
            assert_eq!(state.percent(), percent, "{sentence}");
        }
    }

    #[test]
    fn how_many_wait_and_a_name_in_other_capitals_stand_below() {
        let mut status = status(settling("", 0, 10_000));
        assert_eq!(status.detail().unwrap(), "customers.txt");
        status.waiting = 10_000;
        assert_eq!(status.detail().unwrap(), "customers.txt and 9,999 more");
        status.state = State::Importing { import: 7, phase: "Comparing".into(), percent: 43 };
        assert_eq!(status.detail().unwrap(), "Comparing; 9,999 more wait");
        status.state = State::Waiting;
        assert_eq!(status.detail(), None);
        status.hint = Some("There is Customers.TXT".into());
        assert_eq!(status.detail().unwrap(), "There is Customers.TXT");
    }

    #[test]
    fn of_two_troubles_both_are_told() {
        let said: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        let failing =
            |message: &str, seconds| State::failing(message.to_owned(), Duration::from_secs(seconds), said);
        let warning = |message: &str| State::Warning { message: message.to_owned() };
        let (archive, folder, held) =
            (failing("the archive is full", 900), failing("The folder is gone.", 4), warning("It is held."));
        for (one, other, both) in [
            (&archive, &folder, failing("The archive is full. Also: The folder is gone.", 4)),
            (&folder, &archive, failing("The folder is gone. Also: the archive is full", 4)),
            (&held, &folder, failing("The folder is gone. Also: It is held.", 4)),
            (&folder, &held, failing("The folder is gone. Also: It is held.", 4)),
            (&held, &warning("A file is empty."), warning("It is held. Also: A file is empty.")),
            (&folder, &folder, folder.clone()),
            (&folder, &State::Waiting, folder.clone()),
            (&State::Waiting, &folder, State::Waiting),
        ] {
            assert_eq!(one.clone().and(other), both);
        }
    }

    #[test]
    fn the_next_try_comes_nearer() {
        let said: Timestamp = "2026-11-22T12:00:00.1239Z".parse().unwrap();
        let failing = status(State::failing("Away".into(), Duration::from_secs(900), said));
        // The last one: somebody has set the clock back by an hour.
        for (seconds, left) in [(0, 900), (1, 899), (899, 1), (900, 0), (1000, 0), (-3600, 900)] {
            let now = said + SignedDuration::from_secs(seconds);
            let sentence = failing.clone().at(now).sentence();
            assert_eq!(sentence, format!("Failing, next try in {left} s"));
        }
        let json = serde_json::to_string(&failing).unwrap();
        assert!(json.contains(r#""next_try_at":"2026-11-22T12:15:00.123Z""#), "{json}");
    }

    #[test]
    fn a_status_survives_json() {
        let before = status(settling("Size still changing", 1, 2));
        let json = serde_json::to_string(&before).unwrap();
        assert!(json.contains(r#""state":"settling""#), "{json}");
        assert_eq!(serde_json::from_str::<Status>(&json).unwrap(), before);
    }
}
