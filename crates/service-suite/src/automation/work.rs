//! One kind of work of a worker: when it is tried, and what was told of it. What fails is tried less and less often; what
//! goes well meanwhile changes nothing about that.

use std::time::Duration;

use super::backoff::Backoff;
use super::status::State;
use super::told::Told;

/// The key of failures that are not those of one import.
const NO_IMPORT: i64 = 0;

/// However many reasons there are to try at once, what has just failed is not tried again before this.
const SOONEST: Duration = Duration::from_secs(1);

/// One kind of work, and how it goes.
#[derive(Default)]
pub(super) struct Work {
    /// Whether an import waits for the one before it. Otherwise one that has not been tried yet goes first, however long the
    /// pause of those that failed is.
    in_order: bool,
    /// When to try what failed before.
    again: Pace,
    /// When to try what has not been tried yet, while something fails.
    first: Pace,
    told: Told,
    /// What people are told now.
    pub(super) failing: Option<State>,
    /// The import last tried, and how often it made the program fault.
    pub(super) last: i64,
    pub(super) faults: u32,
    /// The newest import that was tried.
    newest: i64,
}

/// When the next try is due.
#[derive(Default)]
struct Pace {
    backoff: Backoff,
    /// Nothing is tried before this moment of the monotonic clock, unless somebody has a reason to.
    not_before: Duration,
    /// When the last try failed.
    failed_at: Option<Duration>,
    /// Whether the next try comes before its time.
    early: bool,
}

impl Pace {
    fn is_due(&self, now: Duration) -> bool {
        now >= self.not_before || (self.early && self.failed_at.is_none_or(|at| now >= at + SOONEST))
    }

    /// A try failed; gives how long until the next one. One that came before its time says nothing of how long the failure
    /// has lasted: the pause that had begun goes on.
    fn failed(&mut self, now: Duration, chance: u64) -> Duration {
        if now >= self.not_before {
            self.not_before = now + self.backoff.failed(chance);
        }
        (self.failed_at, self.early) = (Some(now), false);
        self.not_before - now
    }
}

/// A failure, taken into account.
pub(super) struct Failed {
    /// How long until the next try.
    pub(super) pause: Duration,
    /// Whether it is to be logged.
    pub(super) is_news: bool,
}

impl Work {
    /// Work in which each import waits for the one before it.
    pub(super) fn in_order() -> Work {
        Work { in_order: true, ..Work::default() }
    }

    /// Whether anything may be tried at this moment of the monotonic clock, also what failed.
    pub(super) fn is_due(&self, now: Duration) -> bool {
        self.again.is_due(now)
    }

    /// Behind which import to ask for the next one; and whether that one, if it has this number, may be tried now.
    pub(super) fn turn(&self, now: Duration) -> Option<(i64, impl Fn(i64) -> bool)> {
        let (due, newest) = (self.is_due(now), self.newest);
        let behind = if due { self.last } else { newest };
        let any = due || (!self.in_order && self.first.is_due(now));
        any.then_some((behind, move |id| due || id > newest))
    }

    /// An import is about to be tried.
    pub(super) fn tries(&mut self, id: i64) {
        if self.last != id {
            self.faults = 0;
        }
        self.last = id;
    }

    /// It failed. `about` is what was said without what names the import's file: the same may be said of others. `chance`
    /// is any random number.
    pub(super) fn failed(&mut self, import: Option<i64>, about: &str, now: Duration, chance: u64) -> Failed {
        let pace = if self.is_due(now) { &mut self.again } else { &mut self.first };
        let pause = pace.failed(now, chance);
        self.newest = self.newest.max(import.unwrap_or_default());
        let is_news = self.told.is_news_of(import.unwrap_or(NO_IMPORT), about);
        Failed { pause, is_news }
    }

    /// It worked. Whether that is news: nothing fails any more.
    pub(super) fn worked(&mut self, import: i64) -> bool {
        self.faults = 0;
        self.newest = self.newest.max(import);
        if self.in_order {
            return self.nothing_fails();
        }
        self.first = Pace::default();
        self.told.worked_at(NO_IMPORT);
        if self.told.worked_at(import) {
            // What kept this one may have kept the others.
            self.again = Pace::default();
            if self.told.is_empty() {
                self.failing = None;
                return true;
            }
        } else if self.told.is_empty() {
            return self.nothing_fails();
        }
        false
    }

    /// There is nothing left that could fail. Whether that is news.
    pub(super) fn nothing_fails(&mut self) -> bool {
        (self.again, self.first) = (Pace::default(), Pace::default());
        (self.failing, self.faults) = (None, 0);
        self.told.worked()
    }

    /// Whether nothing fails, or waits to be tried again.
    pub(super) fn is_calm(&self) -> bool {
        self.failing.is_none()
            && self.told.is_empty()
            && self.again.not_before.is_zero()
            && self.first.not_before.is_zero()
    }

    /// What was to be tried later is to be tried now.
    pub(super) fn try_now(&mut self) {
        (self.again.early, self.first.early) = (true, true);
    }

    /// When something is to be tried that waits.
    pub(super) fn next_try(&self, now: Duration) -> Option<Duration> {
        let early = |pace: &Pace| pace.early.then(|| pace.failed_at.map(|at| at + SOONEST)).flatten();
        let all =
            [&self.again, &self.first].into_iter().flat_map(|pace| [Some(pace.not_before), early(pace)]);
        all.flatten().filter(|at| *at > now).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// The next import to try, as the ledger gives it.
    fn next(work: &Work, waiting: &[i64], now: Duration) -> Option<i64> {
        let (behind, may) = work.turn(now)?;
        let behind_it = waiting.iter().find(|id| **id > behind);
        behind_it.or(waiting.first()).copied().filter(|id| may(*id))
    }

    #[test]
    fn one_that_is_stuck_is_told_once_however_many_others_go_well() {
        let mut work = Work::default();
        let (mut waiting, mut warned, mut works_again, mut tries) = (vec![1], 0, 0, Vec::new());
        for second in 0..3600_u32 {
            let now = SECOND * second;
            if second % 10 == 5 {
                waiting.push(i64::from(second));
            }
            while let Some(id) = next(&work, &waiting, now) {
                work.tries(id);
                if id == 1 {
                    tries.push(second);
                    warned += u32::from(
                        work.failed(Some(id), "the archive cannot be written to", now, 999).is_news,
                    );
                } else {
                    assert!(second - u32::try_from(id).unwrap() < 2, "{id} waited for the one that is stuck");
                    works_again += u32::from(work.worked(id));
                    waiting.retain(|waits| *waits != id);
                }
            }
        }
        assert_eq!((warned, works_again, waiting.as_slice()), (1, 0, [1].as_slice()));
        let pauses: Vec<u32> = tries.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(pauses.is_sorted() && *pauses.last().unwrap() > 500, "{pauses:?}");
        work.tries(1);
        assert!(work.worked(1) && work.failing.is_none());
    }

    #[test]
    fn many_that_fail_are_told_once_and_not_all_tried_at_once() {
        let mut work = Work::default();
        let waiting: Vec<i64> = (1..=1000).collect();
        let (mut warned, mut tries) = (0, 0);
        for second in 0..900_u32 {
            while let Some(id) = next(&work, &waiting, SECOND * second) {
                work.tries(id);
                tries += 1;
                warned += u32::from(work.failed(Some(id), "no room", SECOND * second, 999).is_news);
            }
        }
        assert!(warned == 1 && tries < 40, "{warned} {tries}");
        // There is room again: the next one that works makes all others due.
        work.try_now();
        let first = next(&work, &waiting, SECOND * 900).unwrap();
        assert!(!work.worked(first), "others are still to come");
        assert!(work.is_due(SECOND * 900));
        assert!(work.nothing_fails(), "and now none is left");
    }

    #[test]
    fn files_that_arrive_meanwhile_do_not_put_off_the_next_try() {
        let mut work = Work::in_order();
        let mut tries = Vec::new();
        // A file a tenth of a second, for a minute; then none.
        for tenth in 0..900_u32 {
            let now = SECOND * tenth / 10;
            if tenth < 600 {
                work.try_now();
            }
            if work.turn(now).is_some() {
                work.tries(1);
                let failed = work.failed(Some(1), "the archive cannot be written to", now, 999);
                assert!(failed.pause <= SECOND * 64, "{:?} after {tenth}", failed.pause);
                tries.push(tenth);
            }
        }
        assert!(tries.windows(2).all(|pair| pair[1] - pair[0] >= 10), "no more than one a second: {tries:?}");
        let after = tries.iter().find(|tenth| **tenth >= 600);
        assert!(after.is_some(), "it is tried again within half a minute: {tries:?}");
    }

    #[test]
    fn in_order_nothing_overtakes_what_fails() {
        let mut work = Work::in_order();
        work.tries(1);
        let failed = work.failed(Some(1), "the database is locked", SECOND, 0);
        assert!(failed.is_news && work.turn(SECOND).is_none());
        assert!(work.turn(SECOND + failed.pause).is_some());
        assert!(work.worked(2), "somebody took the first one away");
    }
}
