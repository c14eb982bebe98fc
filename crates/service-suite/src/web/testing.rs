//! A site with nothing behind it, for stories about pages.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, Response, StatusCode};
use jiff::{SignedDuration, Timestamp};
use register::compare::{self, Job};
use register::counts::Counts;
use register::db::{Conn, DbResult};
use register::imports::{self, Finish, NewImport, Step};
use register::people::{self, Role};
use register::{CUSTOMERS, live, settings};
use tokio::sync::watch;
use tower::ServiceExt;

use super::program::{Automations, Check, Imports, Obstacle, Progress, Refused, Upload, Waits};
use super::session::hashed;
use super::{PATIENCE, Reach, Site, Waiting, router};
use crate::automation::status::{State, Status};

/// A site on databases of its own.
pub(crate) struct TestSite {
    pub(crate) site: Site,
    pub(crate) automations: Arc<FakeAutomations>,
    pub(crate) imports: Arc<FakeImports>,
    pub(crate) clock: Arc<Mutex<Timestamp>>,
    pub(crate) stop: watch::Sender<bool>,
    pub(crate) folder: tempfile::TempDir,
    router: Router,
}

impl TestSite {
    pub(crate) fn new() -> TestSite {
        let folder = tempfile::tempdir().unwrap();
        let uploads = folder.path().join("uploads");
        std::fs::create_dir(&uploads).unwrap();
        let clock = Arc::new(Mutex::new("2026-11-22T12:00:00Z".parse::<Timestamp>().unwrap()));
        let automations = Arc::new(FakeAutomations::new());
        let imports = Arc::new(FakeImports::default());
        let (stop, stopping) = watch::channel(false);
        let read = clock.clone();
        let next = Mutex::new(0_u8);
        let site = Site {
            database: register::open(&folder.path().join("suite.db")).unwrap(),
            live: register::open_live(&folder.path().join("live.db")).unwrap(),
            automations: automations.clone(),
            imports: imports.clone(),
            data: folder.path().to_owned(),
            uploads,
            set_up_file: folder.path().join("set-up-link"),
            clock: Arc::new(move || *read.lock().unwrap()),
            random: Arc::new(move |bytes| {
                let mut next = next.lock().unwrap_or_else(PoisonError::into_inner);
                *next += 1;
                bytes.fill(*next);
            }),
            base: "https://suite.example".into(),
            reach: Arc::new(Reach { hosts: vec!["localhost".into()], proxies: Vec::new(), public: None }),
            patience: PATIENCE,
            waiting: Waiting::default(),
            stopping,
        };
        TestSite { router: router(site.clone()), site, automations, imports, clock, stop, folder }
    }

    /// The same site with pages that wait for nothing.
    pub(crate) fn impatient(mut self) -> TestSite {
        self.site.patience = Duration::ZERO;
        self.router = router(self.site.clone());
        self
    }

    /// Writes to the register until the guard goes, as the commit of a large import does.
    pub(crate) fn commit(&self) -> Commit {
        let database = self.site.database.clone();
        let (begun, has_begun) = mpsc::channel();
        let (end, ended) = mpsc::channel::<()>();
        let thread = std::thread::spawn(move || {
            let _ = database.write(|_| {
                begun.send(()).unwrap();
                let _ = ended.recv();
                Ok::<_, register::db::DbError>(())
            });
        });
        has_begun.recv().unwrap();
        Commit { end: Some(end), thread: Some(thread) }
    }

    /// What came of a change that waited, as its page shows it in the end.
    pub(crate) async fn outcome(&self, path: &str, cookie: &str) -> Answer {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let answer = self.get(path, cookie).await;
            if answer.status != StatusCode::ACCEPTED {
                return answer;
            }
            assert!(Instant::now() < deadline, "the change still waits");
            tokio::task::yield_now().await;
        }
    }

    /// Adds somebody who is signed in, and gives the cookie.
    pub(crate) fn signed_in(&self, name: &str, role: Role) -> String {
        let now = (self.site.clock)();
        let person = self.site.database.write(|c| people::add(c, name, role, now)).unwrap();
        let secret = format!("secret of {name}").replace(' ', "-");
        self.site.live.write(|c| live::create_session(c, &hashed(&secret), person.id, now)).unwrap();
        format!("session={secret}")
    }

    /// Lets time pass.
    pub(crate) fn wait(&self, time: SignedDuration) {
        let mut now = self.clock.lock().unwrap();
        *now += time;
    }

    /// Imports a file into the customers in their default format, and gives the import's id.
    pub(crate) fn import(&self, text: &str) -> i64 {
        struct Scratch(PathBuf);
        impl compare::Scratch for Scratch {
            fn file(&self) -> std::io::Result<std::fs::File> {
                tempfile::tempfile_in(&self.0)
            }
        }
        let at = (self.site.clock)();
        let db = &self.site.database;
        let format = db.read(|c| settings::default_format(c, "customers")).unwrap().unwrap();
        let kept = self.folder.path().join("kept.txt");
        std::fs::write(&kept, text).unwrap();
        let id = db.write(|c| imports::begin(c, &new_import(c, text.len())?)).unwrap();
        let (spool, scratch) = (text.as_bytes().to_vec(), Scratch(self.folder.path().to_owned()));
        let limits = erpfile::Limits::default();
        let job =
            Job { register: &CUSTOMERS, format: &format.format, limits, spool: &spool, scratch: &scratch };
        let mut report = |_| ControlFlow::Continue(());
        let mut changes = compare::compare(db, &job, &mut report).unwrap();
        let mut finish = |c: &Conn, counts: &Counts| {
            imports::set_kept_path(c, id, Some("kept.txt"))?;
            imports::finish_done(c, id, &Finish { counts: *counts, ..Finish::default() }, at)
        };
        register::commit::commit(db, &job, &mut changes, id, at, &mut finish, &mut report).unwrap();
        id
    }

    pub(crate) async fn ask(&self, request: Request<Body>) -> Answer {
        Answer::of(self.ask_for_more(request).await).await
    }

    /// The answer with a body that may never end.
    pub(crate) async fn ask_for_more(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// Sends a form with files as our own pages do: each part is a name, perhaps a file's name, and a value.
    pub(crate) async fn send(
        &self,
        path: &str,
        cookie: &str,
        parts: &[(&str, Option<&str>, &str)],
    ) -> Answer {
        let mut body = String::new();
        for (name, file, value) in parts {
            let file = file.map(|file| format!("; filename=\"{file}\"")).unwrap_or_default();
            let disposition = format!("form-data; name=\"{name}\"{file}");
            body.push_str(&format!("--edge\r\ncontent-disposition: {disposition}\r\n\r\n{value}\r\n"));
        }
        body.push_str("--edge--\r\n");
        let request = request(Method::POST, path, cookie)
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "multipart/form-data; boundary=edge");
        self.ask(request.body(body.into()).unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.ask(request(Method::GET, path, cookie).body(Body::empty()).unwrap()).await
    }

    /// Sends a form as our own pages do.
    pub(crate) async fn post(&self, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Answer {
        let body: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{}={}", super::show::segment(name), super::show::segment(value)))
            .collect();
        let request = request(Method::POST, path, cookie)
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded");
        self.ask(request.body(body.join("&").into()).unwrap()).await
    }

    /// Saves settings from TOML, as an administrator would.
    pub(crate) fn settings(&self, toml: &str) {
        let settings: settings::Settings = toml::from_str(toml).unwrap();
        let now = (self.site.clock)();
        self.site.database.write(|c| settings::save(c, &settings, "test", now)).unwrap();
    }
}

/// An entry of a file of this size that is read in the default format for customers.
pub(crate) fn new_import(c: &Conn, size: usize) -> DbResult<NewImport> {
    let format = settings::default_format(c, "customers")?.unwrap();
    let at = "2026-11-22T12:00:00Z".parse().unwrap();
    Ok(NewImport {
        automation: Some("customers-from-erp".into()),
        register: "customers".into(),
        file: "customers.txt".into(),
        started_by: "automation".into(),
        again_of: None,
        changes_only: false,
        step: Step::Spooled,
        format: format.format.name,
        format_version: format.version,
        format_mark: format.mark,
        identity: None,
        size: Some(size as u64),
        modified_at: Some(at),
        started_at: at,
    })
}

/// A transaction that writes, ended when it is dropped.
pub(crate) struct Commit {
    end: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Commit {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

pub(crate) fn request(method: Method, path: &str, cookie: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path).header("host", "localhost:7878").header("cookie", cookie)
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) text: String,
}

impl Answer {
    async fn of(response: Response<Body>) -> Answer {
        let status = response.status();
        let header = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
            (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let headers: BTreeMap<_, _> = response.headers().iter().map(header).collect();
        // A stream of events never ends by itself.
        let endless = headers.get("content-type").is_some_and(|kind| kind == "text/event-stream");
        let text = if endless {
            String::new()
        } else {
            let bytes = axum::body::to_bytes(response.into_body(), 16 << 20).await.unwrap();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        Answer { status, headers, text }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(String::as_str).unwrap_or_default()
    }
}

pub(crate) struct FakeAutomations {
    pub(crate) statuses: watch::Sender<Vec<Status>>,
    pub(crate) obstacles: Mutex<Vec<Obstacle>>,
    pub(crate) retried: Mutex<Vec<String>>,
    /// The import that is being worked on, and how many per cent of it are done.
    pub(crate) progress: Mutex<Option<(i64, u8)>>,
}

impl FakeAutomations {
    fn new() -> Self {
        let status = |register: &&'static register::Register| Status {
            name: register.automation.into(),
            title: register.automation_title.into(),
            register: register.name.into(),
            waits_for: register.filename.into(),
            folder: "/srv/exchange".into(),
            state: State::Inactive,
            last: None,
            waiting: 0,
            hint: None,
        };
        let statuses = watch::channel(register::REGISTERS.iter().map(status).collect()).0;
        FakeAutomations {
            statuses,
            obstacles: Mutex::default(),
            retried: Mutex::default(),
            progress: Mutex::default(),
        }
    }

    pub(crate) fn set(&self, name: &str, state: State) {
        self.statuses.send_modify(|statuses| {
            statuses.iter_mut().find(|status| status.name == name).unwrap().state = state;
        });
    }
}

impl Automations for FakeAutomations {
    fn statuses(&self) -> Vec<Status> {
        self.statuses.borrow().clone()
    }

    fn subscribe(&self) -> watch::Receiver<Vec<Status>> {
        self.statuses.subscribe()
    }

    fn activate(&self, name: &str, _by: &str) -> Result<(), Refused> {
        let obstacles = self.obstacles.lock().unwrap().clone();
        if !obstacles.is_empty() {
            return Err(Refused::Obstacles(obstacles));
        }
        self.set(name, State::Waiting);
        Ok(())
    }

    fn deactivate(&self, name: &str, _by: &str) -> Result<(), Refused> {
        self.set(name, State::Inactive);
        Ok(())
    }

    fn retry(&self, name: &str, by: &str) -> Result<(), Refused> {
        self.retried.lock().unwrap().push(format!("{name} by {by}"));
        Ok(())
    }

    fn progress(&self, import: i64) -> Option<Progress> {
        let (_, percent) = (*self.progress.lock().unwrap()).filter(|(id, _)| *id == import)?;
        Some(Progress { phase: "Undoing".into(), percent })
    }
}

#[derive(Default)]
pub(crate) struct FakeImports {
    pub(crate) checks: Mutex<BTreeMap<String, Check>>,
    pub(crate) uploads: Mutex<Vec<(Upload, PathBuf)>>,
    pub(crate) previewed: Mutex<Vec<(Waits, String)>>,
    /// Why there is nothing to look at.
    pub(crate) nothing_waits: Mutex<Option<String>>,
    pub(crate) cancelled: Mutex<Vec<String>>,
    pub(crate) again: Mutex<Vec<(i64, Option<i64>, String)>>,
    pub(crate) undone: Mutex<Vec<(i64, String)>>,
    /// Why nothing is undone.
    pub(crate) not_undone: Mutex<Option<String>>,
    /// What an undo waits for.
    pub(crate) undoing: Mutex<Option<mpsc::Receiver<()>>>,
}

impl Imports for FakeImports {
    fn check(&self, upload: Upload, _by: &str) -> Result<String, Refused> {
        let path = upload.path.clone();
        self.uploads.lock().unwrap().push((upload, path));
        Ok("check-1".into())
    }

    fn preview(&self, of: &Waits, by: &str) -> Result<String, Refused> {
        if let Some(why) = &*self.nothing_waits.lock().unwrap() {
            return Err(Refused::Unfitting(why.clone()));
        }
        self.previewed.lock().unwrap().push((of.clone(), by.to_owned()));
        Ok("check-1".into())
    }

    fn begun(&self, _by: &str) -> Vec<(String, Check)> {
        self.checks.lock().unwrap().clone().into_iter().collect()
    }

    fn cancel(&self, check: &str) {
        self.cancelled.lock().unwrap().push(check.to_owned());
    }

    fn look(&self, check: &str) -> Option<Check> {
        self.checks.lock().unwrap().get(check).cloned()
    }

    fn check_again(&self, _: &str, _: Option<&str>, _: bool, _: &str) -> Result<String, Refused> {
        Ok("check-2".into())
    }

    fn import(&self, _check: &str, _by: &str) -> Result<i64, Refused> {
        Ok(7)
    }

    fn again(&self, import: i64, last: Option<i64>, by: &str) -> Result<i64, Refused> {
        self.again.lock().unwrap().push((import, last, by.to_owned()));
        Ok(8)
    }

    fn undo(&self, import: i64, by: &str) -> Result<(), Refused> {
        let undoing = self.undoing.lock().unwrap().take();
        let _ = undoing.map(|undoing| undoing.recv());
        self.undone.lock().unwrap().push((import, by.to_owned()));
        match &*self.not_undone.lock().unwrap() {
            Some(why) => Err(Refused::Unfitting(why.clone())),
            None => Ok(()),
        }
    }
}
