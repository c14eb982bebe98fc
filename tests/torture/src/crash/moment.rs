//! When the program is killed: some time after something has happened in its folders, or just some time.

use std::time::{Duration, Instant};

use fastrand::Rng;

use crate::watch::{Event, Room, Watch, What};

/// Something on the way of a file that can be seen from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Landmark {
    /// The ledger is written: the import is begun.
    Begun,
    /// The file has its claimed name.
    Claimed,
    /// The private copy is begun.
    Copying,
    /// The private copy is complete.
    Copied,
    /// A file appears where files are kept.
    Kept,
    /// The claimed name is gone.
    Removed,
}

const LANDMARKS: [Landmark; 6] = [
    Landmark::Begun,
    Landmark::Claimed,
    Landmark::Copying,
    Landmark::Copied,
    Landmark::Kept,
    Landmark::Removed,
];

/// The moment at which the program is killed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Moment {
    /// This long after the ERP system began to write, or the program to start.
    After(Duration),
    /// This long after so many more things happened behind a landmark.
    Behind { landmark: Landmark, more: u32, then: Duration },
}

/// A landmark that does not come (its file was replaced before it was taken) is not waited for any longer.
const LONGEST: Duration = Duration::from_secs(5);

impl Moment {
    /// Some moment while files are imported; `import` is how long an import may take.
    pub(crate) fn some(chance: &mut Rng, settle: Duration, import: Duration) -> Moment {
        let landmark = match chance.choice(LANDMARKS) {
            Some(landmark) if chance.u32(..8) > 0 => landmark,
            _ => return Moment::After(settle.mul_f64(0.5) + (settle + import).mul_f64(chance.f64())),
        };
        let (more, then) = match (landmark, chance.u32(..3)) {
            // Behind the private copy lies most of the work: reading and comparing, then writing rows, which shows as
            // many writes.
            (Landmark::Copied, 0) => (0, import.mul_f64(chance.f64())),
            (Landmark::Copied, 1) => (chance.u32(20..300), Duration::ZERO),
            (_, 0) => (chance.u32(..20), short(chance)),
            _ => (chance.u32(..4), short(chance)),
        };
        Moment::Behind { landmark, more, then }
    }

    /// Some moment of a start that has work left to do.
    pub(crate) fn of_a_start(chance: &mut Rng, start: Duration) -> Moment {
        Moment::After(start.mul_f64(chance.f64() * 1.5))
    }

    /// Waits for it.
    ///
    /// # Errors
    /// When the folders cannot be watched.
    pub(crate) fn wait(self, watch: &mut Watch) -> anyhow::Result<()> {
        let then = match self {
            Moment::After(then) => then,
            Moment::Behind { landmark, mut more, then } => {
                let deadline = Instant::now() + LONGEST;
                let mut passed = false;
                while let Some(event) = watch.next(deadline)? {
                    passed |= landmark.is(&event);
                    if passed && more == 0 {
                        break;
                    }
                    more -= u32::from(passed);
                }
                then
            }
        };
        // To the moment that chance has chosen, not until something has come about.
        std::thread::sleep(then);
        Ok(())
    }
}

/// From nothing to 30 ms, the short ones as often as the long ones.
fn short(chance: &mut Rng) -> Duration {
    if chance.u32(..4) == 0 {
        return Duration::ZERO;
    }
    Duration::from_micros(1 << chance.u32(4..15))
}

impl Landmark {
    fn is(self, event: &Event) -> bool {
        let Event { room, name, what } = event;
        let at = (*room, *what);
        match self {
            Landmark::Begun => at == (Room::Data, What::Written) && name == "service-suite.db-wal",
            Landmark::Claimed => at == (Room::Exchange, What::Appeared) && name.starts_with('.'),
            Landmark::Copying => at == (Room::Spool, What::Appeared),
            Landmark::Copied => at == (Room::Spool, What::Appeared) && !name.ends_with(".partial"),
            Landmark::Kept => at == (Room::Kept, What::Appeared),
            Landmark::Removed => at == (Room::Exchange, What::Gone) && name.starts_with('.'),
        }
    }
}
