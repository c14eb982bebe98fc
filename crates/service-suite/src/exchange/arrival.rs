//! When a file is finished: a pure function of what was seen and when.
//!
//! The rule: on first sight a file's size, times and identity are noted. Only when they have stayed
//! unchanged for the settle time, and no local program is known to have the file open for writing, is the
//! file settled. Any change starts the settle time anew. This is the only file that says Settled.
//!
//! Time is the caller's monotonic clock. The file's own times are only compared with each other, so a
//! clock that jumps, or a file from 1970 or from the future, makes no difference.

mod conditions;

use std::fmt;
use std::time::Duration;

use self::conditions::MarkerLack;
use super::check::{Check, Proof};
use super::place::{Difference, Found, Kind, Observation, Sighting, Writer};

pub(crate) use self::conditions::{Conditions, Marker, News};

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
    /// It has not been there for long enough.
    Young,
    /// Its marker is not there.
    NoMarker,
    /// It was written to after its marker.
    OlderMarker,
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
            Self::Young => "not there for long enough",
            Self::NoMarker => "waiting for its marker",
            Self::OlderMarker => "written to after its marker; waiting for a new one",
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
    /// It was written under its final name, and only renamed files are wanted.
    WrittenInPlace,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kind(Kind::SymbolicLink) => {
                f.write_str("a symbolic link, which is never followed; put the file itself into the folder")
            }
            Self::Kind(kind) => write!(f, "{kind}, not a file; remove it or give it another name"),
            Self::WrittenInPlace => f.write_str(
                "a file that was written under this name, and its format only takes files that are renamed when they \
                 are finished. Let the ERP system write it under another name, such as one that ends in .part, and \
                 rename it; or let the format take files that get their name in any way",
            ),
            Self::Unreadable(why) => write!(f, "a file that cannot be read ({why})"),
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
        /// How long nothing has changed; for [`Reason::Young`], for how long it has been there.
        quiet: Duration,
        /// How long nothing must change: the settle time; for [`Reason::Young`], the minimum age.
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
    conditions: Conditions,
    /// What the look at the marker found, until the look at the file.
    marker: Marker,
    /// What was told of the name since the last look.
    news: Option<News>,
    watched: Option<Watched>,
}

/// How a file got its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Renamed, by its times: they cannot come from a write under this name.
    RenamedByTimes,
    /// Renamed, as a notification told.
    RenamedByNews,
    /// Written under this name, or nothing shows that it was not.
    Written,
}

#[derive(Clone, Debug)]
struct Watched {
    last: Sighting,
    /// The end of the look that first showed this file, whatever was in it.
    first_seen: Duration,
    way: Way,
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
    /// Nothing seen yet. A [`Duration`] alone is the time for which nothing may change.
    pub(crate) fn new(conditions: impl Into<Conditions>) -> Self {
        Self { conditions: conditions.into(), marker: Marker::Missing, news: None, watched: None }
    }

    /// Takes changed settings: what has been seen so far counts.
    pub(crate) fn set_conditions(&mut self, conditions: impl Into<Conditions>) {
        self.conditions = conditions.into();
    }

    /// Takes a look at the marker into account. It comes right before the look at the file and counts for that one
    /// alone: only what was in the file when its marker was there may be taken.
    pub(crate) fn see_marker(&mut self, marker: Marker) {
        self.marker = marker;
    }

    /// Takes into account what notifications told since the last look.
    pub(crate) fn hear(&mut self, news: News) {
        self.news = Some(news);
    }

    /// Takes one look into account.
    pub(crate) fn see(&mut self, observation: Observation) -> Verdict {
        let Observation { began, ended, found } = observation;
        let (marker, news) = (std::mem::take(&mut self.marker), self.news.take());
        let sighting = match found {
            Found::Seen(sighting) => sighting,
            other => {
                // Nobody knows what happens to a file while it cannot be looked at.
                self.watched = None;
                return self.unseen(other, ended);
            }
        };
        let watched = Self::follow(self.watched.take(), sighting, news, ended);
        let verdict = self.judge(&watched, &marker, began, ended);
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
                of: self.conditions.settle,
                look_again_at: ended + BEAT,
            },
            Found::Absent | Found::Seen(_) => Verdict::Gone,
        }
    }

    fn follow(before: Option<Watched>, now: Sighting, news: Option<News>, ended: Duration) -> Watched {
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
        let same_file = before.as_ref().filter(|_| because != Some(Reason::Replaced));
        let first_seen = same_file.map_or(ended, |before| before.first_seen);
        let way = Way::of(same_file, &now, news);
        match (before, because) {
            (Some(before), None) => {
                Watched { last: now, looks: before.looks + 1, empty_since, way, ..before }
            }
            (_, because) => Watched {
                last: now,
                first_seen,
                way,
                since: ended,
                because: because.unwrap_or(Reason::FirstSeen),
                looks: 1,
                empty_since,
            },
        }
    }

    fn judge(&self, watched: &Watched, marker: &Marker, began: Duration, ended: Duration) -> Verdict {
        // From the end of the first look to the beginning of this one: what happens while a slow share
        // answers is not known to be quiet.
        let quiet = began.saturating_sub(watched.since);
        let age = began.saturating_sub(watched.first_seen);
        let Conditions { settle, minimum_age, renamed, .. } = self.conditions;
        if let Some(empty_since) = watched.empty_since {
            let lasting = ended.saturating_sub(empty_since);
            return Verdict::Empty {
                lasting,
                warn: lasting >= EMPTY_WARNING,
                look_again_at: ended + SLOW_BEAT,
            };
        }
        if renamed && watched.way == Way::Written {
            let refusal = Refusal::WrittenInPlace;
            return Verdict::NotAFileWeTake { refusal, look_again_at: ended + SLOW_BEAT };
        }
        let held = watched.last.writer == Writer::Held;
        let lack = self.conditions.lacks(marker, &watched.last);
        if quiet >= settle && age >= minimum_age && lack.is_none() && !held {
            return Verdict::Settled(self.proof(watched, quiet, age));
        }
        let (reason, look_again_at) = if quiet < CHANGE_SHOWN.min(settle / 4) {
            (watched.because, ended + BEAT)
        } else if held {
            (Reason::OpenForWriting, ended + BEAT)
        } else if quiet < settle {
            (Reason::Quiet, ended + BEAT)
        } else {
            match lack {
                Some(MarkerLack::Missing) => (Reason::NoMarker, ended + SLOW_BEAT),
                Some(MarkerLack::Older) => (Reason::OlderMarker, ended + SLOW_BEAT),
                None => (Reason::Young, ended + BEAT),
            }
        };
        let (quiet, of) = if reason == Reason::Young { (age, minimum_age) } else { (quiet, settle) };
        // Exactly then when nothing but time is missing.
        let settles_at = (watched.since + settle).max(watched.first_seen + minimum_age).max(ended);
        let look_again_at =
            if held || lack.is_some() { look_again_at } else { settles_at.min(look_again_at) };
        Verdict::Settling { reason, quiet, of, look_again_at }
    }

    fn proof(&self, watched: &Watched, quiet: Duration, age: Duration) -> Proof {
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
        [quiet, writer].into_iter().chain(self.conditions.proof(age, watched.way)).collect()
    }
}

impl Way {
    /// How the file as it is now got its name. `before` is the same file at the look before, if there was one.
    ///
    /// A write sets modification and change time to the same moment, a rename moves the change time alone. Changed
    /// permissions do that, too, and so does a program that puts back the modification time: that cannot be told from
    /// a rename, unless the file was seen before.
    fn of(before: Option<&Watched>, now: &Sighting, news: Option<News>) -> Way {
        match (news, before) {
            (Some(News::Renamed), _) => Way::RenamedByNews,
            (Some(News::Written), _) => Way::Written,
            (None, Some(before)) if (before.last.size, before.last.modified) == (now.size, now.modified) => {
                before.way
            }
            (None, Some(_)) => Way::Written,
            (None, None) if now.changed > now.modified => Way::RenamedByTimes,
            (None, None) => Way::Written,
        }
    }
}

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;
