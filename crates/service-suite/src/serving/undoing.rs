//! Taking an import back, asked for on its page.

use std::sync::atomic::{AtomicBool, Ordering};

use register::live::{self, Progress};

use crate::app::App;
use crate::automation::Running;
use crate::import::{self, Later, NotUndone, Stage, Watch};
use crate::text;
use crate::web::program::Refused;

/// Undoes an import while the pages tell how far it has come.
pub(super) fn undo(app: &App, running: &Running, import: i64, by: &str) -> Result<(), Refused> {
    let told = Told { app, running, has_begun: AtomicBool::new(false) };
    let undone = import::undo(app, import, by, &told);
    if told.has_begun.load(Ordering::SeqCst) {
        let _ = app.live.write(|c| live::clear_progress(c, import));
    }
    match undone {
        Ok(_) => {
            // What was taken back may come again with a file that is there already.
            running.look_now();
            Ok(())
        }
        Err(NotUndone::Because(sentence)) => Err(Refused::Unfitting(text::sentence(&sentence))),
        Err(NotUndone::Later(Later::Failing(why))) => {
            Err(Refused::Unfitting(format!("Nothing was undone: {}", text::sentence(&why))))
        }
        Err(NotUndone::Later(Later::Stopping)) => Err(Refused::Unfitting(
            "Nothing was undone, since the program is being stopped. Undo it again when it runs.".to_owned(),
        )),
    }
}

/// Tells the pages how far the undo has come.
struct Told<'a> {
    app: &'a App,
    running: &'a Running,
    /// Whether it is this one's turn: until then another undo of the same import may be telling.
    has_begun: AtomicBool,
}

impl Watch for Told<'_> {
    fn stage(&self, import: i64, stage: Stage) {
        let Stage::Rows(at) = &stage else { return };
        self.has_begun.store(true, Ordering::SeqCst);
        let progress = Progress {
            import,
            phase: stage.word().to_owned(),
            done: at.done,
            total: at.total,
            updated_at: self.app.clock.now(),
        };
        // Progress is a courtesy: when it cannot be written, the undo goes on.
        let _ = self.app.live.write(|c| live::set_progress(c, &progress));
    }

    fn stopping(&self) -> bool {
        self.running.stopping()
    }
}
