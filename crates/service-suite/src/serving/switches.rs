//! The automations as the pages see and switch them.

use std::sync::Arc;

use register::settings::{self, SaveError};
use tokio::sync::watch;

use crate::app::App;
use crate::automation::status::Status;
use crate::automation::{Running, activation};
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

impl Automations for Switches {
    fn statuses(&self) -> Vec<Status> {
        self.running.statuses()
    }

    fn subscribe(&self) -> watch::Receiver<Vec<Status>> {
        self.running.subscribe()
    }

    fn activate(&self, name: &str, by: &str) -> Result<(), Refused> {
        match activation::activate(&self.app, name, by) {
            Ok(()) => {
                self.running.look_now();
                Ok(())
            }
            Err(activation::NotActivated::Missing(missing)) => Err(Refused::Obstacles(
                missing.into_iter().map(|missing| Obstacle::at(&missing.place, missing.message)).collect(),
            )),
            Err(activation::NotActivated::Failed(error)) => Err(Refused::Failed(error)),
        }
    }

    fn deactivate(&self, name: &str, by: &str) -> Result<(), Refused> {
        let now = self.app.clock.now();
        match self.app.db.write(|c| settings::set_automation(c, name, false, by, now)) {
            Ok(_) => {
                self.running.look_now();
                Ok(())
            }
            Err(SaveError::Complaints(complaints)) => Err(Refused::Obstacles(
                complaints
                    .into_iter()
                    .map(|complaint| Obstacle::at(&activation::Place::ErpSystem, complaint.message))
                    .collect(),
            )),
            Err(SaveError::Db(error)) => Err(Refused::Failed(error.into())),
        }
    }

    fn progress(&self, import: i64) -> Option<Progress> {
        let found = self.app.live.read(|c| register::live::progress(c, import)).ok()??;
        Some(Progress { percent: found.percent(), phase: found.phase })
    }
}
