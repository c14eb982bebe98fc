//! Whether the exchange folder still stands on what it stood on: asked before every look.

use register::settings;

use crate::app::App;
use crate::exchange::ground::{Ground, ask_for_share};
use crate::exchange::place::Place;

/// What one exchange folder is known to stand on.
#[derive(Default)]
pub(super) struct KnownGround(Option<Ground>);

impl KnownGround {
    /// Looks, and remembers what is new.
    ///
    /// # Errors
    /// The sentence to tell when a share that was there is not mounted, or the database does not answer. A folder that
    /// cannot be reached at all is for the look itself to tell.
    pub(super) fn check(&mut self, app: &App, place: &dyn Place, folder: &str) -> Result<(), String> {
        let Ok(now) = place.ground() else { return Ok(()) };
        if self.0.as_ref() == Some(&now) {
            return Ok(());
        }
        let before = app.db.read(|c| settings::stood_on(c, folder)).map_err(|error| error.to_string())?;
        let before = before.and_then(|text| serde_json::from_str::<Ground>(&text).ok());
        if let Some(lost) = before.as_ref().and_then(|before| now.lost_since(before)) {
            self.0 = None;
            return Err(ask_for_share(folder, &lost));
        }
        if before.as_ref() != Some(&now) {
            let text = serde_json::to_string(&now).unwrap_or_default();
            let noted = app.db.write(|c| settings::set_stands_on(c, folder, &text));
            noted.map_err(|error| error.to_string())?;
        }
        self.0 = Some(now);
        Ok(())
    }
}
