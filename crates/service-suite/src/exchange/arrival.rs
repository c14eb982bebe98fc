//! When a file is finished: a pure function of what was seen and when.
//!
//! The rule: on first sight a file's size, times and identity are noted. Only when they have stayed
//! unchanged for the settle time, and no local program is known to have the file open for writing, is the
//! file settled. Any change starts the settle time anew. This is the only file that says Settled.
//!
//! Time is the caller's monotonic clock. The file's own times are only compared with each other, so a
//! clock that jumps, or a file from 1970 or from the future, makes no difference.

use std::fmt;
use std::time::Duration;

use super::check::{Check, Proof};
use super::place::{Difference, Found, Kind, Observation, Sighting, Writer};

/// How long a settling file is left alone at most between two looks. File notifications bring the next
/// look forward; where there are none, a change is noticed at most this much late.
pub(crate) const BEAT: Duration = Duration::from_millis(200);

/// How long something that cannot settle is left alone between two looks.
pub(crate) const SLOW_BEAT: Duration = Duration::from_secs(1);

/// How long a file may be empty before that is worth a warning.
pub(crate) const EMPTY_WARNING: Duration = Duration::from_secs(15 * 60);

/// For how long the last change is given as the reason, so that what people see does not flicker between
/// "size still changing" and "quiet" with each block written.
const CHANGE_SHOWN: Duration = Duration::from_secs(1);

/// Why a file has not settled yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Reason {
    /// It has only just appeared.
    FirstSeen,
    /// Its size has just changed.
    SizeChanged,
    /// Its modification or change time has just changed.
    TimeChanged,
    /// Another file has just taken its name.
    Replaced,
    /// A program has it open for writing, or keeps it to itself.
    OpenForWriting,
    /// Nothing changes; the settle time is running.
    Quiet,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FirstSeen => "just seen",
            Self::SizeChanged => "size still changing",
            Self::TimeChanged => "times still changing",
            Self::Replaced => "replaced by another file",
            Self::OpenForWriting => "open for writing by another program",
            Self::Quiet => "quiet",
        })
    }
}

/// Why what stands under the name is no file to take. It is left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It is no regular file.
    Kind(Kind),
    /// It cannot be opened: why.
    Unreadable(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kind(Kind::SymbolicLink) => {
                f.write_str("a symbolic link, which is never followed; put the file itself into the folder")
            }
            Self::Kind(kind) => write!(f, "{kind}, not a file; remove it or give it another name"),
            Self::Unreadable(why) => {
                write!(
                    f,
                    "a file that cannot be read ({why}); give this program's user permission to read it"
                )
            }
        }
    }
}

/// What is to be said of a name after a look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Not yet.
    Settling {
        /// Why not.
        reason: Reason,
        /// How long nothing has changed.
        quiet: Duration,
        /// How long nothing must change: the settle time.
        of: Duration,
        /// When to look again, on the clock of the observations.
        look_again_at: Duration,
    },
    /// The file is finished; take it.
    Settled(Proof),
    /// A file of no bytes never settles.
    Empty {
        /// For how long it has been empty.
        lasting: Duration,
        /// Long enough to tell somebody.
        warn: bool,
        /// When to look again.
        look_again_at: Duration,
    },
    /// Something that is left alone.
    NotAFileWeTake {
        /// What, or why.
        refusal: Refusal,
        /// When to look again.
        look_again_at: Duration,
    },
    /// The folder cannot be reached: why. Nothing is known of the file.
    NoFolder {
        /// Why.
        error: String,
        /// When to look again.
        look_again_at: Duration,
    },
    /// There is no such name (any more).
    Gone,
}

impl Verdict {
    /// When the next look is due, on the clock of the observations; `None` when there is nothing to wait
    /// for but hints and scans.
    pub(crate) fn look_again_at(&self) -> Option<Duration> {
        match self {
            Self::Settling { look_again_at, .. }
            | Self::Empty { look_again_at, .. }
            | Self::NotAFileWeTake { look_again_at, .. }
            | Self::NoFolder { look_again_at, .. } => Some(*look_again_at),
            Self::Settled(_) | Self::Gone => None,
        }
    }
}

/// One name on its way to being settled. Feed it every look, in order.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    settle: Duration,
    watched: Option<Watched>,
}

#[derive(Clone, Debug)]
struct Watched {
    last: Sighting,
    /// The end of the look that first showed the file as it still is.
    since: Duration,
    /// Why the settle time last began.
    because: Reason,
    /// Looks that showed the file as it still is.
    looks: u64,
    /// The end of the look that first showed it empty, if it still is.
    empty_since: Option<Duration>,
}

impl Arrival {
    /// Nothing seen yet. `settle` is the time for which nothing may change.
    pub(crate) fn new(settle: Duration) -> Self {
        Self { settle, watched: None }
    }

    /// Takes a changed setting: what has been quiet so far counts.
    pub(crate) fn set_settle(&mut self, settle: Duration) {
        self.settle = settle;
    }

    /// Takes one look into account.
    pub(crate) fn see(&mut self, observation: Observation) -> Verdict {
        let Observation { began, ended, found } = observation;
        let sighting = match found {
            Found::Seen(sighting) => sighting,
            other => {
                // Nobody knows what happens to a file while it cannot be looked at.
                self.watched = None;
                return self.unseen(other, ended);
            }
        };
        let watched = Self::follow(self.watched.take(), sighting, ended);
        let verdict = self.judge(&watched, began, ended);
        self.watched = Some(watched);
        verdict
    }

    fn unseen(&self, found: Found, ended: Duration) -> Verdict {
        let look_again_at = ended + SLOW_BEAT;
        match found {
            Found::NotAFile(kind) => Verdict::NotAFileWeTake { refusal: Refusal::Kind(kind), look_again_at },
            Found::Unreadable(why) => {
                Verdict::NotAFileWeTake { refusal: Refusal::Unreadable(why), look_again_at }
            }
            Found::NoFolder(error) => Verdict::NoFolder { error, look_again_at },
            Found::Busy => Verdict::Settling {
                reason: Reason::OpenForWriting,
                quiet: Duration::ZERO,
                of: self.settle,
                look_again_at: ended + BEAT,
            },
            Found::Absent | Found::Seen(_) => Verdict::Gone,
        }
    }

    fn follow(before: Option<Watched>, now: Sighting, ended: Duration) -> Watched {
        let because = match &before {
            None => Some(Reason::FirstSeen),
            Some(before) => now.difference(&before.last).map(|difference| match difference {
                Difference::Replaced => Reason::Replaced,
                Difference::Size => Reason::SizeChanged,
                Difference::Time => Reason::TimeChanged,
            }),
        };
        let empty_before = before.as_ref().and_then(|before| before.empty_since);
        let empty_since = (now.size == 0).then(|| empty_before.unwrap_or(ended));
        match (before, because) {
            (Some(before), None) => Watched { last: now, looks: before.looks + 1, empty_since, ..before },
            (_, because) => Watched {
                last: now,
                since: ended,
                because: because.unwrap_or(Reason::FirstSeen),
                looks: 1,
                empty_since,
            },
        }
    }

    fn judge(&self, watched: &Watched, began: Duration, ended: Duration) -> Verdict {
        // From the end of the first look to the beginning of this one: what happens while a slow share
        // answers is not known to be quiet.
        let quiet = began.saturating_sub(watched.since);
        if let Some(empty_since) = watched.empty_since {
            let lasting = ended.saturating_sub(empty_since);
            return Verdict::Empty {
                lasting,
                warn: lasting >= EMPTY_WARNING,
                look_again_at: ended + SLOW_BEAT,
            };
        }
        let held = watched.last.writer == Writer::Held;
        if quiet >= self.settle && !held {
            return Verdict::Settled(self.proof(watched, quiet));
        }
        let reason = if quiet < CHANGE_SHOWN.min(self.settle / 4) {
            watched.because
        } else if held {
            Reason::OpenForWriting
        } else {
            Reason::Quiet
        };
        let settles_at = (watched.since + self.settle).max(ended);
        let look_again_at = if held { ended + BEAT } else { settles_at.min(ended + BEAT) };
        Verdict::Settling { reason, quiet, of: self.settle, look_again_at }
    }

    fn proof(&self, watched: &Watched, quiet: Duration) -> Proof {
        let seconds = quiet.as_secs_f64();
        let looks = watched.looks;
        let times = if looks == 1 { "1 look".to_owned() } else { format!("{looks} looks") };
        let quiet = Check::passed(
            "quiet",
            format!("size, times and identity stayed the same for {seconds:.1} s, in {times}"),
        );
        let writer = match &watched.last.writer {
            Writer::Unknown(why) => Check::unknown("no local writer", why.clone()),
            // A held file is not settled; should that ever change, the proof still tells the truth.
            Writer::Held => Check::failed("no local writer", "a program has the file open for writing"),
            Writer::None => {
                Check::passed("no local writer", "no program on this machine had the file open for writing")
            }
        };
        vec![quiet, writer]
    }
}

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;
