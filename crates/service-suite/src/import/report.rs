//! What is told when an import is finished.

use register::imports::{Import, State};

/// Logs the outcome, once, and gives the entry on.
pub(super) fn ended(entry: Import) -> Import {
    let counts = entry.counts;
    match entry.state {
        State::Refused => tracing::warn!(
            import = entry.id,
            file = entry.file,
            register = %entry.register,
            reason = entry.reason.as_deref().unwrap_or_default(),
            "refused"
        ),
        _ => tracing::info!(
            import = entry.id,
            file = entry.file,
            register = %entry.register,
            read = counts.read,
            created = counts.created,
            updated = counts.updated,
            unchanged = counts.unchanged,
            refused = counts.refused,
            reason = entry.reason.as_deref().unwrap_or_default(),
            "{}",
            entry.state
        ),
    }
    entry
}
