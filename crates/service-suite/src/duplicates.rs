//! Looking for likely duplicates: by commands at once, and by `serve` soon after something changed in a register.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use register::compare::Stop;
use register::duplicates::{self, Looking};
use register::{REGISTERS, Register};

use crate::app::App;
use crate::automation::Running;
use crate::automation::status::State;

/// How often `serve` asks whether something changed.
const ASK_EVERY: Duration = Duration::from_secs(2);

/// After a look there is none for so many times as long as it took: looking never takes more than a small part of the
/// machine, however large the register is and however often it changes.
const REST: u32 = 9;

/// Looks through a register now; `go_on` hears how far it has come, and breaks to stop it. Pages tell how far it is, too.
///
/// # Errors
/// As [`duplicates::look`].
pub(crate) fn look(
    app: &App,
    register: &'static Register,
    go_on: &mut dyn FnMut(Looking) -> ControlFlow<()>,
) -> Result<u64, Stop> {
    let at = app.clock.now();
    let mut report = |looking| {
        // A courtesy: when it cannot be written, the look goes on.
        let _ = app.live.write(|c| duplicates::set_looking(c, register, looking, app.clock.now()));
        go_on(looking)
    };
    let looked = duplicates::look(&app.db, &app.live, register, &app.folder.scratch(), at, &mut report);
    if looked.is_err() {
        let _ = app.live.write(|c| duplicates::clear_looking(c, register));
    }
    looked
}

/// Whether the last look through a register may miss something.
///
/// # Errors
/// When a database cannot be read.
pub(crate) fn is_due(app: &App, register: &'static Register) -> register::db::DbResult<bool> {
    app.live.read(|live| app.db.read(|c| duplicates::may_have_changed(c, live, register)))
}

/// A thread that looks whenever something changed.
pub(crate) struct Seeker {
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl Seeker {
    /// Starts it.
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub(crate) fn start(app: &Arc<App>, automations: &Arc<Running>) -> std::io::Result<Seeker> {
        let (stop, stopped) = channel();
        let (app, automations) = (Arc::clone(app), Arc::clone(automations));
        let thread = std::thread::Builder::new()
            .name("duplicates".to_owned())
            .spawn(move || seek(&app, &automations, &stopped))?;
        Ok(Seeker { stop, thread })
    }

    /// Ends it, in the midst of a look.
    pub(crate) fn stop(self) {
        let _ = self.stop.send(());
        if self.thread.join().is_err() {
            tracing::error!("looking for likely duplicates ended by a fault of the program");
        }
    }
}

fn seek(app: &App, automations: &Running, stopped: &Receiver<()>) {
    let (mut not_before, mut failed) = (Duration::ZERO, None);
    while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(ASK_EVERY) {
        let imports = automations.statuses().iter().any(|s| matches!(s.state, State::Importing { .. }));
        let begun = app.clock.monotonic();
        if imports || begun < not_before {
            continue;
        }
        match look_where_due(app, stopped) {
            Ok(ControlFlow::Continue(())) => failed = None,
            Ok(ControlFlow::Break(())) => return,
            Err(why) => {
                let why = why.to_string();
                if failed.as_ref() != Some(&why) {
                    tracing::warn!("likely duplicates cannot be looked for, and will be tried again: {why}");
                }
                failed = Some(why);
            }
        }
        let ended = app.clock.monotonic();
        not_before = ended + ended.saturating_sub(begun) * REST;
    }
}

/// Looks through the registers in which something changed; breaks when the program stops meanwhile.
fn look_where_due(app: &App, stopped: &Receiver<()>) -> Result<ControlFlow<()>, Stop> {
    for register in REGISTERS.iter().copied().filter(|register| register.duplicates.is_some()) {
        if !is_due(app, register)? {
            continue;
        }
        let go_on = &mut |_| match stopped.try_recv() {
            Err(std::sync::mpsc::TryRecvError::Empty) => ControlFlow::Continue(()),
            _ => ControlFlow::Break(()),
        };
        match look(app, register, go_on) {
            Err(Stop::Cancelled) => return Ok(ControlFlow::Break(())),
            looked => looked.map(drop)?,
        }
    }
    Ok(ControlFlow::Continue(()))
}

#[cfg(test)]
mod tests {
    use register::{CUSTOMERS, edit};

    use super::*;

    #[test]
    fn what_a_person_adds_is_looked_at_once_and_a_look_ends_when_the_program_stops() {
        let data = tempfile::tempdir().unwrap();
        let app = App::on(data.path());
        let add = |number: &str| {
            let values = [("number", Some(number)), ("email", Some("post@olund.example"))];
            app.db.write(|c| edit::create(c, &CUSTOMERS, &values, "Anna", app.clock.now())).unwrap();
        };
        let (stop, stopped) = channel();
        let pairs = || {
            let last = app.live.read(|c| duplicates::last_look(c, &CUSTOMERS, app.clock.now())).unwrap();
            assert_eq!(last.1, None, "no look is under way");
            last.0.map(|last| (last.records, last.pairs))
        };
        assert_eq!(pairs(), None);
        add("1");
        add("2");
        assert!(look_where_due(&app, &stopped).unwrap().is_continue());
        assert_eq!(pairs(), Some((2, 1)));
        assert!(!is_due(&app, &CUSTOMERS).unwrap());
        add("3");
        stop.send(()).unwrap();
        assert!(look_where_due(&app, &stopped).unwrap().is_break());
        assert_eq!(pairs(), Some((2, 1)));
        assert!(is_due(&app, &CUSTOMERS).unwrap(), "the next start looks");
    }
}
