//! What an active automation looks for, and where: made anew from the settings whenever they change.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use register::db::Cached;
use register::settings::StoredFormat;

use super::Lookout;
use crate::app::Effective;
use crate::automation::Wake;
use crate::automation::finished;
use crate::automation::ground::KnownGround;
use crate::automation::names::Names;
use crate::automation::settling::Settling;
use crate::automation::status::State;
use crate::exchange::arrival::News;
use crate::exchange::place::{self, Place};
use crate::exchange::watch::Hints;

/// What an active automation looks for, and where.
pub(super) struct Watched {
    pub(super) settings: Effective,
    pub(super) format: StoredFormat,
    pub(super) place: Arc<dyn Place>,
    pub(super) folder: String,
    pub(super) ground: KnownGround,
    pub(super) hints: Hints,
    /// What was told of wanted names that have not been looked at since.
    pub(super) news: HashMap<String, News>,
    pub(super) names: Names,
    pub(super) arrivals: BTreeMap<String, Settling>,
    /// How many files are taken and not imported yet.
    pub(super) taken: Cached<u64>,
}

impl Lookout {
    /// Reads the settings anew; `None` while the automation is not active. Files that were settling go on settling
    /// when folder and file name are still the same.
    pub(super) fn reload(&self, before: Option<Watched>) -> anyhow::Result<Option<Watched>> {
        let settings = self.app.settings()?;
        let format = self.app.db.read(|c| register::settings::default_format(c, self.register.name))?;
        let folder = settings.exchange.display().to_string();
        let waits_for = format.as_ref().map(|f| f.format.filename.clone()).unwrap_or_default();
        if !settings.is_active(self.register.automation) {
            self.board.seen(self.register, &waits_for, &folder, State::Inactive);
            return Ok(None);
        }
        let Some(format) = format.filter(|f| !f.format.filename.is_empty()) else {
            let message = format!("There is no default format with a file name for {}.", self.register.name);
            self.board.seen(self.register, &waits_for, &folder, State::Warning { message });
            return Ok(None);
        };
        let Some(place) = place::place(&folder) else {
            let message = format!("The exchange folder {folder} is no folder that this version can use.");
            self.board.seen(self.register, &waits_for, &folder, State::Warning { message });
            return Ok(None);
        };
        let mut arrivals = before
            .filter(|before| {
                before.folder == folder && before.format.format.filename == format.format.filename
            })
            .map(|before| before.arrivals)
            .unwrap_or_default();
        for (name, settling) in &mut arrivals {
            let settling: &mut Settling = settling;
            settling.arrival.set_conditions(finished::conditions(&format.format, &settings, name));
        }
        let own = self.own.clone();
        let look_now = Arc::new(move || {
            // A look-out that has ended needs no hints.
            let _ = own.send(Wake::Look);
        });
        let hints = Hints::new(&settings.exchange, look_now);
        tracing::debug!(automation = self.register.automation, "{}", hints.state());
        tracing::info!(automation = self.register.automation, file = waits_for, folder = folder, "waiting");
        self.board.seen(self.register, &waits_for, &folder, State::Waiting);
        let (news, names) = (HashMap::new(), Names::default());
        Ok(Some(Watched {
            settings,
            format,
            place,
            folder,
            ground: KnownGround::default(),
            hints,
            news,
            names,
            arrivals,
            taken: Cached::default(),
        }))
    }
}
