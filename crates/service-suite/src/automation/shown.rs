//! What a worker does, shown on the Automation page and to other processes.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use register::Register;

use super::board::{Asker, Board};
use super::status::State;
use crate::app::App;
use crate::import::{Stage, Watch};

/// Progress is written for other processes at most this often.
const PUBLISH_EVERY: Duration = Duration::from_millis(250);

/// Where one worker of a register is shown.
pub(super) struct Shown {
    pub(super) app: Arc<App>,
    pub(super) board: Arc<Board>,
    pub(super) register: &'static Register,
    pub(super) who: Asker,
}

impl Shown {
    /// What the worker does, or why it cannot; `None` while it has nothing to do.
    pub(super) fn show(&self, state: Option<State>) {
        match self.who {
            Asker::Copier => self.board.copying(self.register, state),
            Asker::Worker | Asker::Lookout => self.board.work(self.register, state),
        }
    }

    /// Shows the stages of an import of this file.
    pub(super) fn watch<'a>(&'a self, file: &'a str) -> impl Watch + 'a {
        BoardWatch { shown: self, file, last: Mutex::new(None) }
    }
}

struct BoardWatch<'a> {
    shown: &'a Shown,
    file: &'a str,
    last: Mutex<Option<(Duration, &'static str)>>,
}

impl Watch for BoardWatch<'_> {
    fn stage(&self, import: i64, stage: Stage) {
        let Shown { app, board, register, who } = self.shown;
        board.asks(register, *who, stage.asks_folder());
        let now = app.clock.monotonic();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_some_and(|(at, word)| word == stage.word() && now.saturating_sub(at) < PUBLISH_EVERY) {
            return;
        }
        *last = Some((now, stage.word()));
        drop(last);
        let percent = stage.percent();
        // Progress is a courtesy: when it cannot be written, the import goes on.
        let _ = app.live.write(|c| {
            register::live::set_progress(
                c,
                &register::live::Progress {
                    import,
                    phase: stage.word().to_owned(),
                    done: u64::from(percent),
                    total: 100,
                    updated_at: app.clock.now(),
                },
            )
        });
        let state = match stage {
            Stage::Settling { reason, quiet, of } => State::Settling {
                file: self.file.to_owned(),
                reason,
                quiet_ms: u64::try_from(quiet.as_millis()).unwrap_or(u64::MAX),
                of_ms: u64::try_from(of.as_millis()).unwrap_or(u64::MAX),
                writer_unknown: false,
            },
            other => State::Importing { import, phase: other.word().to_owned(), percent },
        };
        self.shown.show(Some(state));
    }

    fn stopping(&self) -> bool {
        self.shown.board.stopping()
    }
}
