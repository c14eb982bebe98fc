//! One file on its way to being settled: what was seen of it, when to look again, and what people see of it.

use std::time::Duration;

use super::finished::MarkerWatch;
use super::status::State;
use super::told::Told;
use crate::exchange::arrival::{Arrival, Conditions, Reason, Refusal, Verdict};
use crate::exchange::place::{Observation, Sighting, Writer};
use crate::import::{Identity, Known};

/// The folder is scanned at least this often, whatever hints say: network shares and containers give none.
pub(super) const SCAN_EVERY: Duration = Duration::from_secs(1);

/// When there are many, a file that was imported and left in the folder is looked at again this often, and so is one that
/// has settled behind an older one that has not.
pub(super) const LOOK_AT_SETTLED_EVERY: Duration = Duration::from_secs(5);

/// A file that cannot be read is logged after so long: while it is being uploaded under another user, a program such as
/// rsync keeps it to itself, and gives it its rights at the end. The pages tell at once.
const UNREADABLE_FOR: Duration = Duration::from_secs(60);

/// A file that cannot be read holds up the later ones for so long, since it may be the one to be imported first. What nobody
/// has mended by then may stay so for days.
const HOLDS_UP_FOR: Duration = Duration::from_secs(15 * 60);

/// A file on its way to being settled, and when to look at it again.
pub(super) struct Settling {
    pub(super) arrival: Arrival,
    pub(super) marker: MarkerWatch,
    pub(super) due: Option<Duration>,
    /// Whether newer files wait for it, as of the last look.
    pub(super) may_be_older: bool,
    /// What the ledger last said of it.
    asked: Option<Asked>,
    /// Whether a program had it open for writing at the last look, after it was taken.
    held: bool,
    /// What was logged of it: another file that people are shown in between makes nothing of this one news.
    told: Told,
    /// Since when it cannot be read, and for how long that was at the last look.
    unreadable: Option<(Duration, Duration)>,
}

/// Whether a file was imported and left where it is, by the ledger.
struct Asked {
    identity: Identity,
    known: Known,
    at: Duration,
}

impl Settling {
    /// Nothing seen yet, and taken under these conditions.
    pub(super) fn new(asked: Conditions) -> Settling {
        Settling {
            arrival: Arrival::new(asked),
            marker: MarkerWatch::default(),
            due: None,
            may_be_older: true,
            asked: None,
            held: false,
            told: Told::default(),
            unreadable: None,
        }
    }

    /// It has settled, and waits for an older one, which keeps it from being overtaken in turn.
    pub(super) fn waits_for_older(&mut self, now: Duration, closely: bool) {
        self.may_be_older = true;
        self.due = (!closely).then(|| now + LOOK_AT_SETTLED_EVERY);
    }

    /// What people see of it while it is not taken yet.
    pub(super) fn state(&self, name: &str, verdict: &Verdict, sighting: Option<&Sighting>) -> Option<State> {
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        match verdict {
            Verdict::Settling { reason, quiet, of, .. } => Some(State::Settling {
                file: name.to_owned(),
                reason: self.marker.sentence(*reason, *quiet, *of),
                quiet_ms: millis(*quiet),
                of_ms: millis(*of),
                writer_unknown: sighting.is_some_and(|s| matches!(s.writer, Writer::Unknown(_))),
            }),
            Verdict::Empty { warn: true, lasting, .. } => Some(State::Warning {
                message: format!(
                    "{name} has been empty for {} minutes; it is left alone until something is written into it.",
                    lasting.as_secs() / 60
                ),
            }),
            Verdict::Empty { .. } => Some(State::Settling {
                file: name.to_owned(),
                reason: "Empty so far".to_owned(),
                quiet_ms: 0,
                of_ms: 0,
                writer_unknown: false,
            }),
            Verdict::NotAFileWeTake { refusal, .. } => {
                let others = match self.unreadable {
                    Some(_) if self.may_be_older => " Later files wait for it, for 15 minutes at most.",
                    Some(_) => " Later files are imported without it.",
                    None => "",
                };
                Some(State::Warning { message: format!("{name} is {refusal}.{others}") })
            }
            Verdict::NoFolder { .. } | Verdict::Gone | Verdict::Settled(_) => None,
        }
    }

    /// Whether a warning about what stands there, or the lack of one, is to be logged: once when it begins.
    pub(super) fn is_news(&mut self, warning: Option<&str>) -> bool {
        match warning {
            Some(_) if self.unreadable.is_some_and(|(_, lasts)| lasts < UNREADABLE_FOR) => false,
            Some(message) => self.told.is_news(message),
            None => {
                self.told.worked();
                false
            }
        }
    }

    /// Whether the file, as it is, was taken already and left here.
    pub(super) fn is_left(&self) -> bool {
        self.asked.as_ref().is_some_and(|asked| asked.known != Known::No)
    }

    /// Whether the ledger is to be asked if this file was taken already. While its import has not read it, that is
    /// believed for a while only: it may turn out that it cannot.
    pub(super) fn must_ask(&self, identity: &Identity, now: Duration) -> bool {
        let asked = self.asked.as_ref().filter(|asked| asked.identity == *identity);
        asked.is_none_or(|asked| asked.known == Known::Perhaps && now >= asked.at + LOOK_AT_SETTLED_EVERY)
    }

    /// Whether a program that had the file open for writing after it was taken has closed it: its import may wait for that.
    pub(super) fn was_let_go(&mut self, writer: &Writer) -> bool {
        let held = *writer == Writer::Held;
        std::mem::replace(&mut self.held, held) && !held
    }

    /// The ledger was asked whether this file was imported already, and answered.
    pub(super) fn was_told(&mut self, identity: Identity, known: Known, at: Duration) {
        self.asked = Some(Asked { identity, known, at });
    }

    /// Takes one look into account and brings `next` forward to when the file must be looked at again. One behind many
    /// others is looked at when it may have settled, which two looks tell as well, and leaves the machine to others.
    pub(super) fn see(&mut self, observation: Observation, closely: bool, next: &mut Duration) -> Verdict {
        let ended = observation.ended;
        let verdict = self.arrival.see(observation);
        let is_unreadable =
            matches!(verdict, Verdict::NotAFileWeTake { refusal: Refusal::Unreadable(_), .. });
        self.unreadable = is_unreadable.then(|| {
            let since = self.unreadable.map_or(ended, |(since, _)| since);
            (since, ended.saturating_sub(since))
        });
        let is_passed_by = self.unreadable.is_some_and(|(_, lasts)| lasts >= HOLDS_UP_FOR);
        self.may_be_older = may_be_older(&verdict) && !is_passed_by;
        let left = match &verdict {
            Verdict::Settling { quiet, of, .. } => of.saturating_sub(*quiet),
            _ => Duration::ZERO,
        };
        let seldom = ended + left.max(SCAN_EVERY);
        self.due = verdict.look_again_at().map(|due| if closely { due } else { due.max(seldom) });
        *next = self.due.map_or(*next, |due| due.min(*next));
        verdict
    }
}

/// Whether a file that is not taken now may still come before the others: one that is read later is imported later.
/// Where there are markers, a file is finished when its marker comes; without one it holds nobody up.
fn may_be_older(verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Settling { reason, .. } => !matches!(reason, Reason::NoMarker | Reason::OlderMarker),
        Verdict::NotAFileWeTake { refusal, .. } => matches!(refusal, Refusal::Unreadable(_)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::place::{FileTime, Found};

    /// Looks once a second; gives the seconds at which something was to be logged.
    fn logged(found: impl Fn(u64) -> Found, seconds: u64) -> Vec<u64> {
        let mut settling = Settling::new(Duration::from_secs(10).into());
        let log = |second: &u64| {
            let at = Duration::from_secs(*second);
            let observation = Observation { began: at, ended: at, found: found(*second) };
            let mut next = at + SCAN_EVERY;
            let verdict = settling.see(observation, true, &mut next);
            match settling.state("customers.txt", &verdict, None) {
                Some(State::Warning { message }) => settling.is_news(Some(&message)),
                _ => settling.is_news(None),
            }
        };
        (0..seconds).filter(log).collect()
    }

    #[test]
    fn that_a_file_was_imported_already_is_believed_for_a_while_only() {
        let seen = |size| Identity::of("/srv/exchange", "customers.txt", &sighting(size));
        let mut settling = Settling::new(Duration::from_secs(10).into());
        let (now, later) = (Duration::from_secs(100), Duration::from_secs(100) + LOOK_AT_SETTLED_EVERY);
        assert!(settling.must_ask(&seen(1), now));
        settling.was_told(seen(1), Known::Perhaps, now);
        assert!(settling.is_left() && !settling.must_ask(&seen(1), now));
        assert!(settling.must_ask(&seen(2), now), "another file under the name");
        // Its import was refused before it read the file, as happens when a share is away.
        assert!(settling.must_ask(&seen(1), later));
        settling.was_told(seen(1), Known::Left, later);
        assert!(
            settling.is_left() && !settling.must_ask(&seen(1), later + LOOK_AT_SETTLED_EVERY),
            "for good"
        );
        settling.was_told(seen(1), Known::No, later);
        assert!(!settling.is_left() && !settling.must_ask(&seen(1), later + LOOK_AT_SETTLED_EVERY));
    }

    #[test]
    fn the_import_of_a_file_that_was_left_is_tried_when_the_program_that_had_it_open_closes_it() {
        let mut settling = Settling::new(Duration::from_secs(10).into());
        let unknown = Writer::Unknown("no leases here".to_owned());
        let writers = [Writer::None, Writer::Held, Writer::Held, Writer::None, Writer::None, unknown];
        let tried: Vec<bool> = writers.iter().map(|writer| settling.was_let_go(writer)).collect();
        assert_eq!(tried, [false, false, false, true, false, false]);
    }

    fn sighting(size: u64) -> Sighting {
        let at = FileTime { seconds: 1_700_000_000, nanoseconds: 0 };
        Sighting { size, modified: at, changed: at, device: 1, inode: 2, writer: Writer::None }
    }

    #[test]
    fn a_file_that_cannot_be_read_holds_up_later_ones_for_a_quarter_of_an_hour() {
        let mut settling = Settling::new(Duration::from_secs(10).into());
        let mut look = |second: u64, found| {
            let at = Duration::from_secs(second);
            let verdict =
                settling.see(Observation { began: at, ended: at, found }, true, &mut (at + SCAN_EVERY));
            let told = match settling.state("customers-1.txt", &verdict, None) {
                Some(State::Warning { message }) => message,
                _ => String::new(),
            };
            (settling.may_be_older, told)
        };
        let denied = || Found::Unreadable("Permission denied".to_owned());
        for second in 0..1000 {
            let (holds_up, told) = look(second, denied());
            assert_eq!(holds_up, second < 900, "{second}");
            let says =
                if holds_up { "Later files wait for it" } else { "Later files are imported without it" };
            assert!(told.contains(says), "{told}");
        }
        assert_eq!(
            look(1000, Found::Seen(sighting(7))),
            (true, String::new()),
            "it can be read: it is older"
        );
        assert!(look(1001, denied()).0, "and not any more: the time begins anew");
    }

    #[test]
    fn a_file_that_cannot_be_read_while_it_is_uploaded_is_not_logged() {
        let denied = || Found::Unreadable("Permission denied".to_owned());
        let uploads = |second| if second % 50 < 40 { denied() } else { Found::Absent };
        assert!(logged(uploads, 500).is_empty());
        assert_eq!(logged(|_| denied(), 500), [60], "one that stays so is logged once");
        let folder = |_| Found::NotAFile(crate::exchange::place::Kind::Directory);
        assert_eq!(logged(folder, 500), [0], "a folder never becomes a file");
    }
}
