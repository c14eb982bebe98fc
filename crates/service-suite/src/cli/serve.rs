//! `serve`: run the automations and serve the web pages.

use std::process::ExitCode;

use crate::app::App;
use crate::config::{CommonOptions, ServeOptions};
use crate::serving::{Port, Serving};

/// Runs until Ctrl-C or a request to terminate; a busy port is said and fails.
pub(crate) fn run(common: &CommonOptions, options: &ServeOptions) -> anyhow::Result<ExitCode> {
    let app = App::open(common, options)?;
    let _served = app.folder.lock_serve()?;
    let serving = Serving::start(&app, Port::AsAsked)?;
    // Whoever reads that it serves must not find it ended a moment later.
    let link = serving.set_up_link()?;
    super::output::line(format!("Service Suite serves {}", serving.url()))?;
    if let Some(link) = link {
        super::output::line(format!("Choose the first administrator's password here, once: {link}"))?;
    }
    serving.run_until(std::future::pending())?;
    Ok(ExitCode::SUCCESS)
}
