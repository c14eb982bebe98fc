//! What went wrong, as a page with a way out.

use std::fmt::Display;

use askama::Template;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use register::db::DbError;
use register::people::Role;

use super::page::{Frame, Page, Visitor};
use super::program::Refused;
use super::show;

/// Something that kept a request from being answered: what happened and where to go from here.
#[derive(Clone, Debug)]
pub(crate) struct Trouble {
    /// The status of the answer.
    pub(crate) status: StatusCode,
    /// What happened, in a few words.
    pub(crate) title: String,
    /// What happened and what to do next, in a sentence or two.
    pub(crate) message: String,
    /// Where to go from here: address and words.
    pub(crate) way_out: (String, String),
}

impl Trouble {
    /// A trouble with the start page as its way out.
    pub(crate) fn new(status: StatusCode, title: &str, message: impl Into<String>) -> Trouble {
        let way_out = ("/".into(), "Main menu".into());
        Trouble { status, title: title.into(), message: message.into(), way_out }
    }

    /// The same with another way out.
    pub(crate) fn or_go(mut self, address: impl Into<String>, words: impl Into<String>) -> Trouble {
        self.way_out = (address.into(), words.into());
        self
    }

    /// There is no such page or thing.
    pub(crate) fn not_found(message: impl Into<String>) -> Trouble {
        Trouble::new(StatusCode::NOT_FOUND, "Not found", message)
    }

    /// There is no page at this address.
    pub(crate) fn no_page(address: &str) -> Trouble {
        Trouble::not_found(format!("There is no page {address}. It may have been renamed or removed."))
    }

    /// What was sent cannot be used.
    pub(crate) fn unusable(message: impl Into<String>) -> Trouble {
        Trouble::new(StatusCode::BAD_REQUEST, "That did not work", message)
    }

    /// The visitor must sign in first.
    pub(crate) fn not_signed_in() -> Trouble {
        Trouble::new(
            StatusCode::UNAUTHORIZED,
            "Not signed in",
            "Your session has ended. Sign in again to go on.",
        )
        .or_go("/sign-in", "Sign in")
    }

    /// The visitor's role does not allow this.
    pub(crate) fn forbidden(has: Role, needs: Role) -> Trouble {
        let message = format!(
            "You are signed in as {has}; this needs an {needs}. Ask an administrator to do it, or to change your role \
             under Settings > People."
        );
        Trouble::new(StatusCode::FORBIDDEN, "Not for your role", message)
    }

    /// What was asked for does not go together with how things are.
    pub(crate) fn conflict(title: &str, message: impl Into<String>) -> Trouble {
        Trouble::new(StatusCode::CONFLICT, title, message)
    }

    /// A one-time link that is unknown, used or expired.
    pub(crate) fn used_up() -> Trouble {
        Trouble::new(
            StatusCode::NOT_FOUND,
            "This link does not work",
            "It has been used, has expired, or was not copied whole. Sign in if you have a password; otherwise ask an \
             administrator for a new link.",
        )
        .or_go("/sign-in", "Sign in")
    }

    /// A change that is made once a running import is done.
    pub(crate) fn waits(import: Option<i64>) -> Trouble {
        let who = match import {
            Some(id) => format!("Import {id} is being committed; your change waits"),
            None => "Another change is being made to the register; yours waits".into(),
        };
        Trouble::new(
            StatusCode::ACCEPTED,
            "Your change waits",
            format!(
                "{who} and is made right afterwards. You need not send it again: this page shows by itself what came \
                 of it."
            ),
        )
    }

    /// The program did not do what it was asked.
    pub(crate) fn refused(refused: Refused) -> Trouble {
        match refused {
            Refused::Failed(error) => Trouble::internal(format!("{error:#}")),
            Refused::Unfitting(sentences) => Trouble::conflict("That cannot be done now", sentences),
            Refused::Obstacles(obstacles) => {
                let sentences: Vec<_> = obstacles.iter().map(|obstacle| obstacle.message.clone()).collect();
                let trouble = Trouble::conflict("Something is missing first", sentences.join(" "));
                match obstacles.into_iter().find(|obstacle| !obstacle.link.is_empty()) {
                    Some(obstacle) => trouble.or_go(obstacle.link, obstacle.page),
                    None => trouble,
                }
            }
        }
    }

    /// A fault of the program: the details go to its log, not to the page.
    pub(crate) fn internal(error: impl Display) -> Trouble {
        tracing::error!(error = %error, "a page could not be made");
        Trouble::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Service Suite could not do this",
            "Nothing was changed by it. The program's log says what happened; try again, and tell your administrator \
             when it happens again.",
        )
    }

    /// The disk is full.
    pub(crate) fn disk_full() -> Trouble {
        Trouble::new(
            StatusCode::INSUFFICIENT_STORAGE,
            "The disk is full",
            "Nothing was changed. Free some space on the disk that holds the data folder, then try again.",
        )
    }

    /// The database is being written to by somebody else.
    pub(crate) fn busy() -> Trouble {
        Trouble::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "The register is busy",
            "Others are writing to the database; nothing was changed. Try again in a moment.",
        )
    }
}

impl From<DbError> for Trouble {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Busy => Trouble::busy(),
            DbError::Full => Trouble::disk_full(),
            DbError::Exists(_) | DbError::Invalid(_) => Trouble::unusable(error.to_string()),
            other => Trouble::internal(other),
        }
    }
}

/// Marks an answer as a trouble, for [`as_page`] to show; the body is for those who read no pages.
impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let mut response = (self.status, format!("{}. {}\n", self.title, self.message)).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[derive(Template)]
#[template(path = "trouble.html")]
struct TroublePage {
    frame: Frame,
    trouble: Trouble,
}

#[derive(Template)]
#[template(path = "trouble_notice.html")]
struct TroubleNotice {
    trouble: Trouble,
}

/// Shows every failed answer as a page in the frame, or, to a request of a page's script, as a notice on that page.
pub(crate) async fn as_page(request: Request, next: Next) -> Response {
    let visitor = request.extensions().get::<Visitor>().cloned();
    let by_script = request.headers().contains_key("hx-request");
    let address = request.uri().path().to_owned();
    let response = next.run(request).await;
    let Some(trouble) = trouble_of(&response, &address) else {
        return response;
    };
    let mut shown = if by_script {
        let mut shown = Page(TroubleNotice { trouble: trouble.clone() }).into_response();
        shown.headers_mut().insert("hx-retarget", HeaderValue::from_static("#notice"));
        shown.headers_mut().insert("hx-reswap", HeaderValue::from_static("innerHTML"));
        shown
    } else {
        let frame = Frame { title: trouble.title.clone(), menu: String::new(), visitor };
        Page(TroublePage { frame, trouble: trouble.clone() }).into_response()
    };
    *shown.status_mut() = trouble.status;
    keep(response.headers(), shown.headers_mut());
    shown
}

/// Where the page's script goes instead of showing an answer.
pub(crate) const HX_REDIRECT: HeaderName = HeaderName::from_static("hx-redirect");

/// The headers of a failed answer that its page must not lose.
fn keep(from: &HeaderMap, to: &mut HeaderMap) {
    for name in [header::ALLOW, header::REFRESH, header::RETRY_AFTER, header::SET_COOKIE, HX_REDIRECT] {
        for value in from.get_all(&name) {
            to.append(name.clone(), value.clone());
        }
    }
}

/// What a failed answer says: a handler's own trouble, or one made from the status that the framework gave.
fn trouble_of(response: &Response, address: &str) -> Option<Trouble> {
    if let Some(trouble) = response.extensions().get::<Trouble>() {
        return Some(trouble.clone());
    }
    let status = response.status();
    let made_by_framework = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if !(status.is_client_error() || status.is_server_error()) || !made_by_framework {
        return None;
    }
    Some(match status {
        StatusCode::NOT_FOUND => Trouble::no_page(address),
        StatusCode::METHOD_NOT_ALLOWED => Trouble::new(
            status,
            "That cannot be done here",
            format!("{address} is not used in this way. Go to the main menu and start from there."),
        ),
        StatusCode::PAYLOAD_TOO_LARGE => Trouble::new(
            status,
            "That is too large",
            "More was sent than this page takes. Nothing was changed.",
        ),
        _ => Trouble::new(
            status,
            "That did not work",
            "What was sent could not be read. Go back and try again.",
        ),
    })
}
