//! What the pages ask of imports: look what a file would do, import it by hand, make an import again, take one back.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use anyhow::{Context, anyhow};
use register::settings;

use super::checks::{Bytes, Case, Checks, Sent};
use crate::app::App;
use crate::automation::Running;
use crate::automation::activation::Place;
use crate::import::{self, ByHand, Later, NotAgain, NothingWaits, Silent};
use crate::text;
use crate::web::program::{Check, Imports, Obstacle, Refused, Upload, Waits};

/// See [`Imports`].
pub(super) struct Desk {
    app: Arc<App>,
    running: Arc<Running>,
    checks: Checks,
}

impl Desk {
    pub(super) fn new(app: &Arc<App>, running: &Arc<Running>) -> Desk {
        Desk { app: Arc::clone(app), running: Arc::clone(running), checks: Checks::new(app) }
    }

    /// The uploaded file, to be read in its format.
    fn sent(&self, upload: Upload, file: Arc<super::checks::UploadedFile>) -> Result<Bytes, Refused> {
        let register = register::register(&upload.register)
            .with_context(|| format!("there is no register {}", upload.register))?;
        let format = match &upload.format {
            Some(name) => self.app.db.read(|c| settings::format(c, name))?,
            None => self.app.db.read(|c| settings::default_format(c, register.name))?,
        };
        let Some(format) = format.filter(|format| format.format.register == register.name) else {
            let message = match &upload.format {
                Some(name) => format!("There is no format \"{name}\" for {}.", register.name),
                None => format!(
                    "There is no default format for {}; choose a format or create one.",
                    register.name
                ),
            };
            return Err(Refused::Obstacles(vec![Obstacle::at(&Place::Formats, message)]));
        };
        let format = if upload.changes_only { format.changes_only() } else { format };
        Ok(Bytes::Sent(Sent { upload, file, format }))
    }

    fn case(&self, check: &str) -> Result<Arc<Case>, Refused> {
        self.checks.case(check).ok_or_else(|| gone().into())
    }
}

impl Imports for Desk {
    fn check(&self, upload: Upload, by: &str) -> Result<String, Refused> {
        let file = Arc::new(super::checks::UploadedFile(upload.path.clone()));
        Ok(self.checks.begin(self.sent(upload, file)?, by)?)
    }

    fn preview(&self, of: &Waits, by: &str) -> Result<String, Refused> {
        if let Some(name) = self.checks.running(of, by) {
            return Ok(name);
        }
        Ok(self.checks.begin(Bytes::waiting(&self.app, of).map_err(nothing_waits)?, by)?)
    }

    fn look(&self, check: &str) -> Option<Check> {
        self.checks.case(check).map(|case| self.checks.told(&case))
    }

    fn begun(&self, by: &str) -> Vec<(String, Check)> {
        self.checks.begun(by)
    }

    fn check_again(
        &self,
        check: &str,
        format: Option<&str>,
        changes_only: bool,
        by: &str,
    ) -> Result<String, Refused> {
        let case = self.case(check)?;
        let bytes = match &case.bytes {
            Bytes::Sent(Sent { upload, file, format: before }) => {
                let format = format.unwrap_or(&before.format.name).to_owned();
                let upload = Upload { format: Some(format), changes_only, ..upload.clone() };
                self.sent(upload, Arc::clone(file))?
            }
            Bytes::Waits(of, _) => Bytes::waiting(&self.app, of).map_err(nothing_waits)?,
        };
        self.checks.give_up(&case);
        Ok(self.checks.begin(bytes, by)?)
    }

    fn cancel(&self, check: &str) {
        self.checks.cancel(check);
    }

    fn import(&self, check: &str, by: &str) -> Result<i64, Refused> {
        let case = self.case(check)?;
        let Bytes::Sent(Sent { upload, file, format }) = &case.bytes else {
            return Err(Refused::Unfitting("This file is imported when its turn comes.".to_owned()));
        };
        if case.taken.swap(true, Ordering::SeqCst) {
            return Err(gone().into());
        }
        let register = register::register(&upload.register).context("the register is gone")?;
        let Upload { changes_only, file: name, .. } = upload;
        let given = ByHand { register, format, changes_only: *changes_only, path: &file.0, file: name, by };
        let taken = import::take_by_hand(&self.app, &given, &Silent);
        // The file stays when it was not taken (a full disk, a busy database): nobody has to send it again.
        case.taken.store(taken.is_ok(), Ordering::SeqCst);
        let id = taken?;
        self.checks.forget(check);
        self.running.look_now();
        Ok(id)
    }

    fn again(&self, import: i64, last: Option<i64>, by: &str) -> Result<i64, Refused> {
        match import::again(&self.app, import, last, by, &Silent) {
            Ok(id) | Err(NotAgain::Meanwhile { as_import: id, .. }) => {
                self.running.look_now();
                Ok(id)
            }
            Err(not) => Err(not_again(not)),
        }
    }

    fn undo(&self, import: i64, by: &str) -> Result<(), Refused> {
        super::undoing::undo(&self.app, &self.running, import, by)
    }
}

fn not_again(not: NotAgain) -> Refused {
    match not {
        NotAgain::Because(sentence) => Refused::Unfitting(sentence),
        NotAgain::Later(Later::Failing(why)) => {
            Refused::Unfitting(format!("Nothing was imported: {}", text::sentence(&why)))
        }
        other => Refused::Failed(other.into()),
    }
}

fn nothing_waits(nothing: NothingWaits) -> Refused {
    match nothing {
        NothingWaits::Because(sentence) => Refused::Unfitting(sentence),
        NothingWaits::Later(Later::Failing(why)) => Refused::Unfitting(text::sentence(&why)),
        NothingWaits::Later(Later::Stopping) => Refused::Failed(nothing.into()),
    }
}

fn gone() -> anyhow::Error {
    anyhow!("this file was imported already or is no longer here; choose it again")
}
