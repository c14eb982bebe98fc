//! When to try again: soon at first, then less and less often, up to every 15 minutes, and never give up.

use std::time::Duration;

/// The first pause.
const FIRST: Duration = Duration::from_secs(1);

/// The longest pause.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// Counts failures in a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Backoff {
    failures: u32,
    longest: Duration,
}

impl Default for Backoff {
    fn default() -> Backoff {
        Backoff { failures: 0, longest: LONGEST }
    }
}

impl Backoff {
    /// For work that costs little and whose success people wait for: a shorter longest pause.
    pub(super) fn up_to(longest: Duration) -> Backoff {
        Backoff { failures: 0, longest }
    }

    /// One more failure: how long to wait now. `chance` is any random number; it spreads the tries of several machines
    /// over the last fifth of the pause.
    pub(super) fn failed(&mut self, chance: u64) -> Duration {
        let pause = FIRST.saturating_mul(1 << self.failures.min(16)).min(self.longest);
        self.failures = self.failures.saturating_add(1);
        let spread = pause / 5;
        let part = u32::try_from(chance % 1000).unwrap_or(0);
        pause - spread + spread * part / 1000
    }

    /// It worked: the next failure is a first one again.
    pub(super) fn worked(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_quarter_of_an_hour_and_never_end() {
        let mut backoff = Backoff::default();
        let pauses: Vec<u64> = (0..40).map(|_| backoff.failed(999).as_secs()).collect();
        assert_eq!(pauses[..6], [0, 1, 3, 7, 15, 31]);
        assert!(pauses.windows(2).all(|pair| pair[0] <= pair[1]));
        assert_eq!(*pauses.last().unwrap(), 899);
        backoff.worked();
        assert!(backoff.failed(0) <= FIRST);
    }
}
