//! The table of contents: every address, who may use it, and the file that answers.

use axum::Router;
use axum::handler::Handler;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::MethodFilter;
use axum::routing::{MethodRouter, on};

use super::page::Access::{self, Anyone, Viewer};
use super::site::Site;
use super::{assets, guard, health, help, trouble};

/// One address and method.
pub(crate) struct Route {
    /// Who may use it.
    pub(crate) access: Access,
    /// `GET` or `POST`.
    pub(crate) method: &'static str,
    /// The address, with `{names}` for its parts.
    pub(crate) path: &'static str,
    handler: MethodRouter<Site>,
}

fn get<H: Handler<T, Site>, T: 'static>(access: Access, path: &'static str, handler: H) -> Route {
    Route { access, method: "GET", path, handler: on(MethodFilter::GET, handler) }
}

/// Every route of the program.
pub(crate) fn table() -> Vec<Route> {
    vec![
        get(Anyone, "/assets/{name}", assets::file),
        get(Viewer, "/help", help::first),
        get(Viewer, "/help/{page}", help::page),
    ]
}

/// The whole site, ready to be served.
pub fn router(site: Site) -> Router {
    let mut pages = Router::new();
    for route in table() {
        pages = pages.route(route.path, route.handler);
    }
    let pages = pages
        .layer(from_fn_with_state(site.clone(), trouble::as_page))
        .layer(from_fn_with_state(site.clone(), guard::admit));
    // Whoever watches the program asks under any name, and learns nothing but that it lives.
    let health = Router::new()
        .route("/health/live", on(MethodFilter::GET, health::live))
        .route("/health/ready", on(MethodFilter::GET, health::ready));
    pages.merge(health).layer(from_fn(guard::headers)).with_state(site)
}
