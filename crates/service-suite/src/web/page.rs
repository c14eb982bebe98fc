//! A page: a template inside the frame that all pages share.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::trouble::Trouble;

/// A template as the answer to a request.
pub(crate) struct Page<T>(pub(crate) T);

impl<T: Template> IntoResponse for Page<T> {
    fn into_response(self) -> Response {
        match self.0.render() {
            Ok(html) => {
                let mut response = Html(html).into_response();
                response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
                response
            }
            Err(error) => Trouble::internal(error).into_response(),
        }
    }
}

/// Who looks at a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Visitor {
    /// The name the person signs in with.
    pub(crate) name: String,
    /// What the person may do.
    pub(crate) role: Access,
}

/// Who may use an address. Ordered: whoever may do more may also do everything below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Access {
    /// Everybody, signed in or not.
    Anyone,
    /// Sees everything, changes nothing.
    Viewer,
    /// Also imports, edits, approves and undoes.
    Operator,
    /// Also changes settings, activation and people.
    Administrator,
}

impl Access {
    /// The role's name, as people read it.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Access::Anyone => "visitor",
            Access::Viewer => "viewer",
            Access::Operator => "operator",
            Access::Administrator => "administrator",
        }
    }
}

/// The frame of a page: its title, where it is in the main menu, and who looks at it.
pub(crate) struct Frame {
    /// The page's title, in the window and at its top.
    pub(crate) title: String,
    /// The entry of the main menu that the page belongs to, by its address ("/imports").
    pub(crate) menu: &'static str,
    /// Who looks at the page; `None` before signing in.
    pub(crate) visitor: Option<Visitor>,
}

impl Frame {
    /// A frame with a title, under an entry of the main menu.
    pub(crate) fn new(visitor: Option<Visitor>, menu: &'static str, title: impl Into<String>) -> Frame {
        Frame { title: title.into(), menu, visitor }
    }

    /// Whether the visitor may do what needs this role: what a person may not do is not offered.
    pub(crate) fn may(&self, role: Access) -> bool {
        self.visitor.as_ref().is_some_and(|visitor| visitor.role >= role)
    }

    /// See [`Frame::may`].
    pub(crate) fn operates(&self) -> bool {
        self.may(Access::Operator)
    }

    /// See [`Frame::may`].
    pub(crate) fn administers(&self) -> bool {
        self.may(Access::Administrator)
    }

    /// The address of a file of the program: style, script, picture.
    pub(crate) fn asset(&self, name: &str) -> String {
        super::assets::address(name)
    }

    /// The program's version.
    pub(crate) fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }

    /// The entries of the main menu.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let entry = |address, icon, title| Entry { address, icon, title, current: self.menu == address };
        vec![
            entry("/", "home", "Start"),
            entry("/imports", "imports", "Imports"),
            entry("/automation", "automation", "Automation"),
            entry("/settings", "settings", "Settings"),
            entry("/help", "help", "Help"),
        ]
    }
}

/// An entry of the main menu.
pub(crate) struct Entry {
    /// Where it leads.
    pub(crate) address: &'static str,
    /// Its icon in the sprite.
    pub(crate) icon: &'static str,
    /// Its name.
    pub(crate) title: &'static str,
    /// Whether the page shown belongs to it.
    pub(crate) current: bool,
}

/// A page with a status other than 200.
pub(crate) fn with_status<T: Template>(status: StatusCode, page: T) -> Response {
    (status, Page(page)).into_response()
}
