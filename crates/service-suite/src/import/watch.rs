//! Who looks on while an import runs: the Automation page, the progress bar of a command, or nobody.

use std::ops::ControlFlow;
use std::time::Duration;

use register::compare::{Phase, Progress};

/// The word for taking an import back.
pub(crate) const UNDOING: &str = "Undoing";

/// What an import is doing.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Stage {
    /// The claimed file still changes, so it settles under its claimed name.
    Settling {
        /// What keeps it from being settled; empty when only quiet time is missing.
        reason: String,
        /// For how long it has been quiet.
        quiet: Duration,
        /// For how long it must be.
        of: Duration,
    },
    /// The private copy is being made: bytes done and in all.
    Copying(u64, u64),
    /// Another process imports into the register; this one is next.
    Queued,
    /// Reading, comparing or committing.
    Rows(Progress),
    /// The delivery goes to the archive or the refused folder.
    PuttingAway,
    /// It lies there, and the file is removed from the exchange folder.
    Removing,
}

impl Stage {
    /// The stage in one word for a progress bar.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Stage::Settling { .. } => "Settling",
            Stage::Copying(..) => "Copying",
            Stage::Queued => "Queued",
            Stage::Rows(progress) => match progress.phase {
                Phase::Preparing => "Preparing",
                Phase::Reading => "Reading",
                Phase::Comparing => "Comparing",
                Phase::Committing => "Committing",
                Phase::Undoing => UNDOING,
            },
            Stage::PuttingAway | Stage::Removing => "Archiving",
        }
    }

    /// Whether it is the exchange folder that must answer before it goes on.
    pub(crate) fn asks_folder(&self) -> bool {
        matches!(self, Stage::Settling { .. } | Stage::Copying(..) | Stage::Removing)
    }

    /// How much of the whole way is done, 0 to 100: copying takes the first 5, reading up to 50, comparing up to 70,
    /// committing up to 98. Undoing is all there is of it.
    pub(crate) fn percent(&self) -> u8 {
        let share = |done: u64, total: u64, from: u64, to: u64| {
            let part = (done.min(total) * (to - from)).checked_div(total).unwrap_or(0);
            u8::try_from(from + part).unwrap_or(100)
        };
        match self {
            Stage::Settling { .. } | Stage::Queued => 0,
            Stage::Copying(done, total) => share(*done, *total, 0, 5),
            Stage::Rows(progress) => match progress.phase {
                Phase::Preparing => share(progress.done, progress.total, 0, 5),
                Phase::Reading => share(progress.done, progress.total, 5, 50),
                Phase::Comparing => share(progress.done, progress.total, 50, 70),
                Phase::Committing => share(progress.done, progress.total, 70, 98),
                Phase::Undoing => share(progress.done, progress.total, 0, 100),
            },
            Stage::PuttingAway | Stage::Removing => 99,
        }
    }
}

/// Told of every stage; asked now and then whether to stop.
pub(crate) trait Watch: Sync {
    /// The import has come to this stage.
    fn stage(&self, import: i64, stage: Stage);
    /// Whether the work should stop at the next safe point.
    fn stopping(&self) -> bool;
    /// Tells of a stage to whatever works on it, and whether to go on.
    fn tell(&self, import: i64, stage: Stage) -> ControlFlow<()> {
        self.stage(import, stage);
        if self.stopping() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

/// Nobody looks on.
pub(crate) struct Silent;

impl Watch for Silent {
    fn stage(&self, _: i64, _: Stage) {}

    fn stopping(&self) -> bool {
        false
    }
}
