//! `serve` while it runs: what is started in which order, and how it stops.

mod checks;
mod desk;
mod queue;
mod switches;
mod undoing;

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use crate::app::App;
use crate::automation::Running;
use crate::config::{DEFAULT_LISTEN, public_host};
use crate::duplicates::Seeker;
use crate::import;
use crate::notify::Notifier;
use crate::secrets;
use crate::web;

/// Requests that are being answered when the program stops get this long to finish.
const GRACE: Duration = Duration::from_secs(5);

/// What is past its time (archived files, sessions, failed sign-ins) is looked for this often.
const TIDY_EVERY: Duration = Duration::from_secs(60 * 60);

/// Which port to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Port {
    /// The one asked for or the usual one; a busy one fails.
    AsAsked,
    /// The one asked for or the usual one, or when that is busy the next free one.
    NextFree,
}

/// Everything of `serve`, running.
pub(crate) struct Serving {
    app: Arc<App>,
    automations: Arc<Running>,
    duplicates: Seeker,
    notifier: Notifier,
    listener: TcpListener,
    url: String,
    runtime: Runtime,
    interruption: Interruption,
}

impl Serving {
    /// Takes the port first, since that is what most often fails, and starts the automations then.
    ///
    /// # Errors
    /// When the port is busy or the automations cannot start.
    pub(crate) fn start(app: &Arc<App>, port: Port) -> anyhow::Result<Serving> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .max_blocking_threads(32)
            .enable_all()
            .build()?;
        // Before anything is started or printed, so that whoever stops the program stops it cleanly.
        let interruption = runtime.block_on(async { Interruption::listen() })?;
        let listener = listen(app.config.listen.unwrap_or(DEFAULT_LISTEN), port)?;
        let address = listener.local_addr()?;
        let settings = app.settings()?;
        create_default_folders(app, &settings)?;
        app.live.write(register::live::clear_all_progress)?;
        let automations = Running::start(app)?;
        let duplicates = Seeker::start(app, &automations)?;
        let notifier = Notifier::start(app, &automations)?;
        let url = app.config.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
        // For the links that other commands print; it stays when the program stops, since it mostly comes back there.
        let told = app.folder.address();
        let _ = std::fs::remove_file(&told);
        if let Err(error) = secrets::write_private(&told, &url) {
            tracing::warn!(
                "links made on the command line may have another address: {} {error}",
                told.display()
            );
        }
        tracing::info!(%address, data = %app.folder.path().display(), "serving");
        Ok(Serving {
            app: Arc::clone(app),
            automations,
            duplicates,
            notifier,
            listener,
            url,
            runtime,
            interruption,
        })
    }

    /// The address of the pages, without a slash at the end.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The automations.
    pub(crate) fn automations(&self) -> &Arc<Running> {
        &self.automations
    }

    /// The one-time link for the first administrator's password, as long as there is no administrator who can sign in.
    ///
    /// # Errors
    /// When the link's file cannot be written or read.
    pub(crate) fn set_up_link(&self) -> anyhow::Result<Option<String>> {
        if self.app.db.read(register::people::any_administrator_with_password)? {
            return Ok(None);
        }
        let path = self.app.folder.set_up_link();
        let secret = match std::fs::read_to_string(&path) {
            Ok(secret) => secret.trim().to_owned(),
            Err(_) => {
                let secret = secrets::new_secret(self.app.clock.as_ref())?;
                secrets::write_private(&path, &secret)
                    .with_context(|| format!("the set-up link cannot be kept in {}", path.display()))?;
                secret
            }
        };
        Ok(Some(format!("{}/set-up/{secret}", self.url)))
    }

    /// Answers requests until Ctrl-C, a request to terminate, or `until` is done; then stops everything in turn.
    ///
    /// # Errors
    /// When requests cannot be answered at all.
    pub(crate) fn run_until(self, until: impl Future<Output = ()>) -> anyhow::Result<()> {
        let Serving { app, automations, duplicates, notifier, listener, runtime, interruption, .. } = self;
        let site = site(&app, &automations, &listener);
        let result = runtime.block_on(answer(&app, listener, site, interruption, until));
        tracing::info!("stopping");
        duplicates.stop();
        notifier.stop();
        automations.stop();
        runtime.shutdown_timeout(GRACE);
        result
    }
}

async fn answer(
    app: &Arc<App>,
    listener: TcpListener,
    site: impl FnOnce(watch::Receiver<bool>) -> web::Site,
    interruption: Interruption,
    until: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let (stop, stopping) = watch::channel(false);
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let router = web::router(site(stopping.clone())).into_make_service_with_connect_info::<SocketAddr>();
    let mut stopping_server = stopping;
    let server = axum::serve(listener, router).with_graceful_shutdown(async move {
        let _ = stopping_server.wait_for(|stopping| *stopping).await;
    });
    let server = tokio::spawn(server.into_future());
    let app = Arc::clone(app);
    let expiry = Arc::new(Mutex::new(import::Expiry::default()));
    let tidy = async move {
        loop {
            let (app, expiry) = (Arc::clone(&app), Arc::clone(&expiry));
            let _ = tokio::task::spawn_blocking(move || tidy_up(&app, &expiry)).await;
            tokio::time::sleep(TIDY_EVERY).await;
        }
    };
    tokio::select! {
        () = interruption.happened() => {}
        () = until => {}
        () = tidy => {}
    }
    stop.send_replace(true);
    match tokio::time::timeout(GRACE, server).await {
        Ok(ended) => ended?.context("requests cannot be answered"),
        // A request that hangs must not keep the program from stopping.
        Err(_) => Ok(()),
    }
}

/// Removes what is past its time.
fn tidy_up(app: &App, expiry: &Mutex<import::Expiry>) {
    let now = app.clock.now();
    if let Err(error) = app.live.write(|c| register::live::tidy(c, now)) {
        tracing::warn!("sessions that have ended are kept for now: {error}");
    }
    let mut expiry = expiry.lock().unwrap_or_else(PoisonError::into_inner);
    if let Err(error) = expiry.remove_expired(app) {
        tracing::warn!("archived files that are past their time stay for now: {error}");
    }
}

/// What the pages need, but for the word that the program stops.
fn site(
    app: &Arc<App>,
    automations: &Arc<Running>,
    listener: &TcpListener,
) -> impl FnOnce(watch::Receiver<bool>) -> web::Site + use<> {
    let (app, automations) = (Arc::clone(app), Arc::clone(automations));
    let (clock, random) = (Arc::clone(&app.clock), Arc::clone(&app.clock));
    let mut hosts: Vec<String> = ["localhost", "127.0.0.1", "[::1]"].map(str::to_owned).to_vec();
    if let Ok(address) = listener.local_addr() {
        hosts.push(SocketAddr::new(address.ip(), 0).to_string().trim_end_matches(":0").to_owned());
    }
    let public = app.config.public_url.as_deref().and_then(|url| {
        Some(web::Public { host: public_host(url)?.to_owned(), https: url.starts_with("https://") })
    });
    if let Some(host) = public.as_ref().map(|public| public.host.as_str()) {
        let name =
            host.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()).map_or(host, |(n, _)| n);
        hosts.push(name.to_owned());
    }
    move |stopping| web::Site {
        database: app.db.clone(),
        live: app.live.clone(),
        automations: Arc::new(switches::Switches::new(&app, &automations)),
        imports: Arc::new(desk::Desk::new(&app, &automations)),
        data: app.folder.path().to_owned(),
        uploads: app.folder.uploads(),
        set_up_file: app.folder.set_up_link(),
        clock: Arc::new(move || clock.now()),
        random: Arc::new(move |bytes: &mut [u8]| {
            if let Err(error) = random.random(bytes) {
                // Without randomness no secret can be made, and none may be guessed.
                tracing::error!("this machine has no randomness: {error}");
                std::process::exit(1);
            }
        }),
        base: app.base_url(),
        reach: Arc::new(web::Reach { hosts, proxies: app.config.behind_proxy.clone(), public }),
        patience: web::PATIENCE,
        waiting: web::Waiting::default(),
        stopping,
    }
}

/// The folders that nobody named are made at the start, so that a file can be put there at once.
fn create_default_folders(app: &App, settings: &crate::app::Effective) -> anyhow::Result<()> {
    let erp = &settings.settings.erp_system;
    for (named, folder) in [
        (erp.exchange_folder.is_some(), &settings.exchange),
        (erp.archive_folder.is_some(), &settings.archive),
        (erp.refused_folder.is_some(), &settings.refused),
    ] {
        if !named || folder.starts_with(app.folder.path()) {
            crate::folders::create_private(folder)
                .with_context(|| format!("the folder {} cannot be created", folder.display()))?;
        }
    }
    Ok(())
}

fn listen(address: SocketAddr, port: Port) -> anyhow::Result<TcpListener> {
    let mut tried = address;
    loop {
        match TcpListener::bind(tried) {
            Ok(listener) => return Ok(listener),
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
                if port == Port::NextFree && tried.port() < address.port().saturating_add(100) {
                    tried.set_port(tried.port() + 1);
                    continue;
                }
                bail!(
                    "port {} is in use by another program; stop it, or choose another port: --listen {}:{}",
                    address.port(),
                    address.ip(),
                    address.port().saturating_add(1)
                );
            }
            Err(error) => return Err(error).with_context(|| format!("cannot listen on {address}")),
        }
    }
}

/// Somebody presses Ctrl-C or asks the program to terminate.
struct Interruption {
    interrupt: Signal,
    terminate: Signal,
}

impl Interruption {
    /// From now on a request to stop no longer ends the process at once.
    fn listen() -> std::io::Result<Interruption> {
        Ok(Interruption {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn happened(mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
