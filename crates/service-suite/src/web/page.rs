//! A page: a template inside the frame that all pages share.

use std::convert::Infallible;

use askama::Template;
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use register::REGISTERS;
use register::people::Role;

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

/// Who looks at a page, signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Visitor {
    /// The person's number.
    pub(crate) id: i64,
    /// The name the person signs in with.
    pub(crate) name: String,
    /// What the person may do.
    pub(crate) role: Role,
    /// How many imports wait for a decision: told on every page.
    pub(crate) held: u64,
}

/// The visitor of a page that is only for people who are signed in; the router has seen to that already.
impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Trouble> {
        parts.extensions.get::<Visitor>().cloned().ok_or_else(Trouble::not_signed_in)
    }
}

/// The visitor of a page that is for everybody, when signed in.
impl<S: Sync> OptionalFromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(parts.extensions.get::<Visitor>().cloned())
    }
}

/// The frame of a page: its title, where it is in the main menu, and who looks at it.
pub(crate) struct Frame {
    /// The page's title, in the window and at its top.
    pub(crate) title: String,
    /// The entry of the main menu that the page belongs to, by its address ("/imports").
    pub(crate) menu: String,
    /// Who looks at the page; `None` before signing in.
    pub(crate) visitor: Option<Visitor>,
}

impl Frame {
    /// A frame with a title, under an entry of the main menu.
    pub(crate) fn new(visitor: Visitor, menu: impl Into<String>, title: impl Into<String>) -> Frame {
        Frame { title: title.into(), menu: menu.into(), visitor: Some(visitor) }
    }

    /// The frame of a page for those who are not signed in.
    pub(crate) fn outside(title: impl Into<String>) -> Frame {
        Frame { title: title.into(), menu: String::new(), visitor: None }
    }

    /// Whether the visitor may do what needs this role: what a person may not do is not offered.
    fn may(&self, role: Role) -> bool {
        self.visitor.as_ref().is_some_and(|visitor| visitor.role >= role)
    }

    /// Whether the visitor may import, edit, approve and undo.
    pub(crate) fn operates(&self) -> bool {
        self.may(Role::Operator)
    }

    /// Whether the visitor may change settings, activation and people.
    pub(crate) fn administers(&self) -> bool {
        self.may(Role::Administrator)
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
        let entry = |address: String, icon, title| Entry {
            current: self.menu == address,
            address,
            icon,
            title,
            held: None,
        };
        let mut entries = vec![entry("/".into(), "home", "Start")];
        entries.extend(REGISTERS.iter().map(|register| {
            entry(format!("/{}", register.name), register_icon(register.name), register.title)
        }));
        for (address, icon, title) in [
            ("/imports", "imports", "Imports"),
            ("/automation", "automation", "Automation"),
            ("/settings", "settings", "Settings"),
            ("/help", "help", "Help"),
        ] {
            let held = self.visitor.as_ref().filter(|_| address == "/imports").map(|visitor| visitor.held);
            entries.push(Entry { held, ..entry(address.into(), icon, title) });
        }
        entries
    }
}

/// The icon of a register; one that nobody has drawn an icon for gets a table.
pub(crate) fn register_icon(name: &str) -> &'static str {
    match name {
        "customers" => "customers",
        "products" => "products",
        _ => "register",
    }
}

/// An entry of the main menu.
pub(crate) struct Entry {
    /// Where it leads.
    pub(crate) address: String,
    /// Its icon in the sprite.
    pub(crate) icon: &'static str,
    /// Its name.
    pub(crate) title: &'static str,
    /// Whether the page shown belongs to it.
    pub(crate) current: bool,
    /// How many imports wait for a decision, at the entry where that is told.
    pub(crate) held: Option<u64>,
}
