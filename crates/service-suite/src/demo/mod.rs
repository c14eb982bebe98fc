//! `demo`: a sample ERP system, an exchange folder, a format and an activated automation; and what happens, told in the
//! terminal.

mod sample_erp;
mod story;

use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;

use anyhow::{Context, bail};
use jiff::SignedDuration;
use register::imports::{self, Filter, State};
use register::people::{self, Purpose, Role};
use register::settings::{AutomationSetting, Settings};
use register::{REGISTERS, live};

use crate::app::App;
use crate::cli::output;
use crate::config::{CommonOptions, ServeOptions};
use crate::secrets;
use crate::serving::{Port, Serving};

/// The person that the demo's sign-in link signs in.
const PERSON: &str = "demo";

/// A sign-in link of the demo works this long, once.
const LINK_LASTS: SignedDuration = SignedDuration::from_hours(24);

/// Exports that the sample ERP system writes in one run.
const EXPORTS: u32 = 2;

/// Options of `demo`.
#[derive(Debug, clap::Args)]
pub(crate) struct DemoOptions {
    /// Stop after the first import
    #[arg(long)]
    once: bool,
    #[command(flatten)]
    serve: ServeOptions,
}

/// Options of the sample ERP system.
#[derive(Debug, clap::Args)]
pub(crate) struct SampleErpOptions {
    /// Where to write
    folder: PathBuf,
    /// The day of the first export
    day: u32,
    /// How many exports to write
    exports: u32,
}

/// Runs the demo until Ctrl-C, or with `--once` until the first import is done.
pub(crate) fn run(common: &CommonOptions, options: &DemoOptions) -> anyhow::Result<ExitCode> {
    let mut common = common.clone();
    // The story is told in the product's words; the log would tell everything twice.
    common.log.get_or_insert_with(|| "error".to_owned());
    let app = App::open(&common, &options.serve)?;
    let _served = app.folder.lock_serve()?;
    prepare(&app)?;
    let serving = Serving::start(&app, Port::NextFree)?;
    let link = sign_in_link(&app, serving.url())?;
    let settings = app.settings()?;
    let asked = app.config.listen.unwrap_or(crate::config::DEFAULT_LISTEN);
    if app.config.public_url.is_none() && serving.url() != format!("http://{asked}") {
        output::line(format!("Port {} is in use, so the pages are on the next free one.", asked.port()))?;
    }
    output::line(format!("Service Suite demo   {}", serving.url()))?;
    output::line(format!("  sign in, once      {link}"))?;
    output::line(format!("  exchange folder    {}", settings.exchange.display()))?;
    output::line("  Ctrl-C stops it.")?;
    output::line("")?;
    let mut erp = SampleErp::start(&settings.exchange, day(&app)?)?;
    output::line(format!(
        "A sample ERP system begins to write {} there, in slow pieces.",
        sample_erp::FILE_NAME
    ))?;
    let story = story::Story::new(Arc::clone(&app), serving.automations(), options.once);
    let outcome = story.outcome();
    serving.run_until(story.tell())?;
    erp.stop();
    Ok(if options.once && !outcome.done() { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

/// Runs the sample ERP system; the process that the demo starts.
pub(crate) fn sample_erp(options: &SampleErpOptions) -> anyhow::Result<ExitCode> {
    sample_erp::run(&options.folder, options.day, options.exports)
        .with_context(|| format!("the sample ERP system cannot write into {}", options.folder.display()))?;
    Ok(ExitCode::SUCCESS)
}

/// The sample ERP system as a process of its own; it ends when its standard input does, so it never outlives the demo.
struct SampleErp(Child);

impl SampleErp {
    fn start(folder: &std::path::Path, day: u32) -> anyhow::Result<SampleErp> {
        let child = Command::new(std::env::current_exe()?)
            .arg("sample-erp")
            .arg(folder)
            .args([day.to_string(), EXPORTS.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .context("the sample ERP system cannot be started")?;
        Ok(SampleErp(child))
    }

    fn stop(&mut self) {
        drop(self.0.stdin.take());
        // It ends by itself within moments; a process that cannot be waited for is not ours any more.
        let _ = self.0.wait();
    }
}

impl Drop for SampleErp {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Sets up a fresh data folder for the demo; one of an earlier demo goes on, and any other is left alone.
fn prepare(app: &App) -> anyhow::Result<()> {
    let mark = app.folder.demo_mark();
    if mark.exists() {
        return Ok(());
    }
    let used = app.folder.set_up_link().exists()
        || !app.settings()?.settings.formats.is_empty()
        || !app.db.read(people::list)?.is_empty();
    if used {
        bail!(
            "the data folder {} is in use for real work; name another folder for the demo: --data DIR",
            app.folder.path().display()
        );
    }
    let format: erpfile::Format = toml::from_str(FORMAT).context("the demo's format is wrong")?;
    let settings = Settings {
        formats: vec![format],
        automations: vec![AutomationSetting {
            name: REGISTERS[0].automation.to_owned(),
            active: true,
            guards: None,
        }],
        ..Settings::default()
    };
    match crate::change_settings::save(app, &settings, PERSON) {
        Ok(_) => {}
        Err(error) => bail!("{error}"),
    }
    secrets::write_private(&mark, "the data folder of a demo")?;
    Ok(())
}

/// The layout of the sample ERP system's file.
const FORMAT: &str = r#"
name = "ERP customers"
register = "customers"
default = true
filename = "customers.txt"
layout = "delimited"
encoding = "windows-1252"
delimiter = ";"
decimal-separator = ","
date-format = "%d-%m-%Y"
columns = [
    { from = "Kundenr", field = "number" },
    { from = "Navn", field = "name" },
    { from = "Adresse", field = "address1" },
    { from = "Postnr", field = "postcode" },
    { from = "By", field = "city" },
    { from = "Land", field = "country" },
    { from = "Telefon", field = "phone" },
    { from = "E-mail", field = "email" },
    { from = "CVR-nr", field = "tax_number" },
    { from = "Kontakt", field = "contact" },
    { from = "Gruppe", field = "group" },
    { from = "Betaling", field = "payment_terms" },
    { from = "Kreditmax", field = "credit_limit" },
    { from = "Oprettet", field = "created_on" },
]
"#;

/// The day of the next export: one for each that was imported already.
fn day(app: &App) -> anyhow::Result<u32> {
    let filter = Filter {
        state: Some(State::Done),
        automation: Some(REGISTERS[0].automation.to_owned()),
        limit: 1000,
        ..Filter::default()
    };
    let done = app.db.read(|c| imports::list(c, &filter))?.items;
    let days = done.iter().filter(|import| import.same_as.is_none()).count();
    Ok(u32::try_from(days).unwrap_or(0))
}

fn sign_in_link(app: &App, url: &str) -> anyhow::Result<String> {
    let secret = secrets::new_secret(app.clock.as_ref())?;
    let now = app.clock.now();
    app.db.write(|c| {
        let person = match people::find_by_name(c, PERSON)? {
            Some(person) => person,
            None => people::add(c, PERSON, Role::Administrator, now)?,
        };
        people::create_link(c, person.id, Purpose::SignIn, &secrets::hash_secret(&secret), now + LINK_LASTS)
    })?;
    // Failed tries of an earlier run must not slow this one down.
    app.live.write(|c| live::clear_failures(c, &secrets::hash_secret(&people::fold(PERSON))))?;
    Ok(format!("{url}/sign-in/{secret}"))
}
