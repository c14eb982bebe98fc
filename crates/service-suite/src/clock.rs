//! Clock and randomness, the two things that a story must be able to replay.

use std::time::{Duration, Instant};

use jiff::Timestamp;

/// Where time and secrets come from. The program has one; a test may bring its own.
pub(crate) trait Clock: Send + Sync {
    /// The time on the wall: for people and the ledger, never for deciding how long something took.
    fn now(&self) -> Timestamp;
    /// Time since the program started; never goes back and does not care when somebody sets the clock.
    fn monotonic(&self) -> Duration;
    /// Does nothing for so long.
    fn pause(&self, time: Duration);
    /// Fills `bytes` with randomness that nobody can guess.
    ///
    /// # Errors
    /// Only when the operating system has none, which no caller can mend.
    fn random(&self, bytes: &mut [u8]) -> std::io::Result<()>;
}

/// The clock and the randomness of this machine.
pub(crate) struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// A clock whose monotonic time begins now.
    pub(crate) fn new() -> Self {
        SystemClock { started: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }

    fn pause(&self, time: Duration) {
        std::thread::sleep(time);
    }

    fn random(&self, bytes: &mut [u8]) -> std::io::Result<()> {
        getrandom::fill(bytes).map_err(|error| std::io::Error::other(error.to_string()))
    }
}
