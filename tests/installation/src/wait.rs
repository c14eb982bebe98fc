//! Waiting for something that must come about.

use std::time::{Duration, Instant};

use anyhow::ensure;

/// The longest that anything may take before it counts as never; far more than it ever should.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// How often to look.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Looks again and again until `condition` holds.
///
/// # Errors
/// When it does not hold within `limit`, or cannot be looked at.
pub fn until(
    what: &str,
    limit: Duration,
    mut condition: impl FnMut() -> anyhow::Result<bool>,
) -> anyhow::Result<()> {
    let started = Instant::now();
    while !condition()? {
        ensure!(started.elapsed() < limit, "waited {limit:?} in vain for {what}");
        std::thread::park_timeout(LOOK_EVERY);
    }
    Ok(())
}
