//! Changes that meet the commit of an import. Such a change waits and is then made whole, with all that belongs to it,
//! whether or not anybody still looks at a page; who asked for it finds the outcome at `/waiting/{change}`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use super::page::{Frame, Page, Visitor};
use super::program::Progress;
use super::show;
use super::site::Site;
use super::trouble::Trouble;
use crate::secrets::hex;

/// How many changes may wait at the same time; one more is told to come again.
const QUEUE: usize = 64;

/// How many of them may hold a thread while they wait; the others hold nothing, so that pages can still be read.
const THREADS: usize = 4;

/// An outcome that nobody has come back for is forgotten after this long.
const KEPT: SignedDuration = SignedDuration::from_hours(1);

/// The changes on their way. See the module.
#[derive(Clone)]
pub(crate) struct Waiting {
    queue: Arc<Semaphore>,
    threads: Arc<Semaphore>,
    changes: Arc<Mutex<HashMap<String, Change>>>,
}

impl Default for Waiting {
    fn default() -> Self {
        Waiting {
            queue: Arc::new(Semaphore::new(QUEUE)),
            threads: Arc::new(Semaphore::new(THREADS)),
            changes: Arc::default(),
        }
    }
}

/// A change that its page no longer waits for.
struct Change {
    /// Who asked for it; `None` for one who was not signed in, and whom only the secret in the address tells.
    by: Option<i64>,
    /// The import that it undoes, if it does.
    undoes: Option<i64>,
    begun: Timestamp,
    answer: JoinHandle<Result<Response, Trouble>>,
}

impl Site {
    /// Makes a change with all that belongs to it: everything in `change` happens, whatever becomes of the request. Where
    /// it takes long, since an import is being committed, the browser is sent to the page that shows the outcome.
    pub(crate) async fn whole(
        &self,
        by: Option<i64>,
        change: impl Future<Output = Result<Response, Trouble>> + Send + 'static,
    ) -> Response {
        self.outcome(by, None, change).await
    }

    /// The same for the undo of an import, which may take long by itself: the page tells how far it has come.
    pub(crate) async fn whole_undo(
        &self,
        by: i64,
        import: i64,
        change: impl Future<Output = Result<Response, Trouble>> + Send + 'static,
    ) -> Response {
        self.outcome(Some(by), Some(import), change).await
    }

    async fn outcome(
        &self,
        by: Option<i64>,
        undoes: Option<i64>,
        change: impl Future<Output = Result<Response, Trouble>> + Send + 'static,
    ) -> Response {
        let mut answer = tokio::spawn(change);
        match tokio::time::timeout(self.patience, &mut answer).await {
            Ok(Ok(answer)) => answer.into_response(),
            Ok(Err(error)) => Trouble::internal(error).into_response(),
            Err(_) => {
                let (id, begun) = (hex(&self.random_bytes()), (self.clock)());
                let mut changes = self.waiting.changes.lock().unwrap_or_else(PoisonError::into_inner);
                changes.retain(|_, old| !old.answer.is_finished() || begun.duration_since(old.begun) < KEPT);
                changes.insert(id.clone(), Change { by, undoes, begun, answer });
                Redirect::to(&format!("/waiting/{id}")).into_response()
            }
        }
    }

    /// Runs work that writes to the register, on a thread that may block; it waits in turn without one.
    pub(crate) async fn change<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Site) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, Trouble> {
        let _place = self.waiting.queue.try_acquire().map_err(|_| Trouble::busy())?;
        let thread = Arc::clone(&self.waiting.threads).acquire_owned().await.map_err(Trouble::internal)?;
        self.blocking(move |site| {
            let _thread = thread;
            work(site)
        })
        .await
    }
}

#[derive(Template)]
#[template(path = "waiting.html")]
struct UndoingPage {
    frame: Frame,
    import: i64,
    /// `None` while it waits for its turn.
    progress: Option<Progress>,
    /// The import that it waits for.
    running: Option<i64>,
    /// Where to look again.
    again: String,
}

/// The outcome of a change that waited, shown once; or that it still waits.
pub(crate) async fn page(
    State(site): State<Site>,
    visitor: Option<Visitor>,
    Path(id): Path<String>,
) -> Response {
    let asks = visitor.as_ref().map(|visitor| visitor.id);
    let (undoes, finished) = {
        let mut changes = site.waiting.changes.lock().unwrap_or_else(PoisonError::into_inner);
        match changes.get(&id).filter(|change| change.by.is_none() || change.by == asks) {
            None => {
                let message = "The outcome of this change was shown already. Look where the change was made whether \
                               it is there.";
                return Trouble::not_found(message).into_response();
            }
            Some(change) if change.answer.is_finished() => (None, changes.remove(&id)),
            Some(change) => (change.undoes, None),
        }
    };
    if let Some(change) = finished {
        return match change.answer.await {
            Ok(answer) => answer.into_response(),
            Err(error) => Trouble::internal(error).into_response(),
        };
    }
    let (again, running) = (format!("/waiting/{id}"), site.running_import());
    let waits = match (undoes, visitor) {
        (Some(import), Some(visitor)) => {
            let progress = match site.blocking(move |site| Ok(site.automations.progress(import))).await {
                Ok(progress) => progress,
                Err(trouble) => return trouble.into_response(),
            };
            let frame = Frame::new(visitor, "/imports", format!("Undoing import {import}"));
            let page = Page(UndoingPage { frame, import, progress, running, again });
            (StatusCode::ACCEPTED, page).into_response()
        }
        _ => Trouble::waits(running).or_go(again, "Look again").into_response(),
    };
    ([(header::REFRESH, HeaderValue::from_static("2"))], waits).into_response()
}
