//! The automations as the pages see and switch them.

use std::sync::Arc;

use tokio::sync::watch;

use crate::app::App;
use crate::automation::activation::{self, NotActivated};
use crate::automation::status::Status;
use crate::automation::{Running, retry};
use crate::web::program::{Automations, Obstacle, Progress, Refused};

/// See [`Automations`].
pub(super) struct Switches {
    app: Arc<App>,
    running: Arc<Running>,
}

impl Switches {
    pub(super) fn new(app: &Arc<App>, running: &Arc<Running>) -> Switches {
        Switches { app: Arc::clone(app), running: Arc::clone(running) }
    }
}

impl Switches {
    /// Says to the page what came of a switch, and to the automations that they are to look.
    fn done(&self, switched: Result<(), NotActivated>) -> Result<(), Refused> {
        match switched {
            Ok(()) => {
                self.running.look_now();
                Ok(())
            }
            Err(NotActivated::Missing(missing)) => Err(Refused::Obstacles(
                missing.into_iter().map(|missing| Obstacle::at(&missing.place, missing.message)).collect(),
            )),
            Err(NotActivated::Failed(error)) => Err(Refused::Failed(error)),
        }
    }
}

impl Automations for Switches {
    fn statuses(&self) -> Vec<Status> {
        let now = self.app.clock.now();
        self.running.statuses().into_iter().map(|status| status.at(now)).collect()
    }

    fn subscribe(&self) -> watch::Receiver<Vec<Status>> {
        self.running.subscribe()
    }

    fn activate(&self, name: &str, by: &str) -> Result<(), Refused> {
        self.done(activation::activate(&self.app, name, by))
    }

    fn deactivate(&self, name: &str, by: &str) -> Result<(), Refused> {
        self.done(activation::deactivate(&self.app, name, by))
    }

    fn retry(&self, name: &str, by: &str) -> Result<(), Refused> {
        retry::ask(&self.app, name, by)?;
        self.running.look_now();
        Ok(())
    }

    fn progress(&self, import: i64) -> Option<Progress> {
        let found = self.app.live.read(|c| register::live::progress(c, import)).ok()??;
        Some(Progress { percent: found.percent(), phase: found.phase })
    }
}
