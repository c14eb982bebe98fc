//! Trying again now, because somebody asks for it, instead of when it would be time. Whoever asks may be another process:
//! what was asked stands in `live.db`, and the look-out of the automation hears of it there.

use anyhow::bail;
use register::db::Cached;
use register::live;
use register::{REGISTERS, Register};

use crate::app::App;

/// Asks the automation called `name` to try again now.
///
/// # Errors
/// When there is no such automation, or the database cannot be written.
pub(crate) fn ask(app: &App, name: &str, by: &str) -> anyhow::Result<()> {
    if !REGISTERS.iter().any(|register| register.automation == name) {
        let known: Vec<&str> = REGISTERS.iter().map(|register| register.automation).collect();
        bail!("there is no automation \"{name}\"; there are: {}", known.join(", "));
    }
    app.live.write(|c| live::ask_for_retry(c, name))?;
    tracing::info!(automation = name, by, "asked to try again now");
    Ok(())
}

/// Hears of what was asked of one automation since the last time.
pub(super) struct Ear {
    automation: &'static str,
    heard: Option<u64>,
    now: Cached<u64>,
}

impl Ear {
    /// Hears what is asked from now on.
    pub(super) fn new(app: &App, register: &Register) -> Ear {
        let mut ear = Ear { automation: register.automation, heard: None, now: Cached::default() };
        ear.asked(app);
        ear
    }

    /// Whether it was asked to try again since the last time. A database that cannot be read says nothing.
    pub(super) fn asked(&mut self, app: &App) -> bool {
        let asked = self.now.read(&app.live, |c| live::retries_asked_for(c, self.automation));
        let Ok(now) = asked else { return false };
        self.heard.replace(now).is_some_and(|before| before != now)
    }
}
