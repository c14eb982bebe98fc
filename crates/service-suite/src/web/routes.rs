//! The table of contents: every address, who may use it, and the file that answers.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::handler::Handler;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodFilter, MethodRouter, on};
use register::people::Role;
use register::{REGISTERS, Register};

use super::site::Site;
use super::trouble::Trouble;
use super::{
    assets, automation, changes, check, downloads, duplicates, edit, events, export, guard, hand_import,
    health, held, help, import, imports, list, record, session, set_up, settings, sign_in, start, trouble,
    undo, waiting,
};

/// The most bytes that a form may have; files are taken by addresses with a limit of their own.
const LARGEST_FORM: usize = 2 << 20;

const ANYONE: Option<Role> = None;
const VIEWER: Option<Role> = Some(Role::Viewer);
const OPERATOR: Option<Role> = Some(Role::Operator);
const ADMINISTRATOR: Option<Role> = Some(Role::Administrator);

/// One address and method.
pub(crate) struct Route {
    /// The role that it needs; `None` for everybody, signed in or not.
    pub(crate) role: Option<Role>,
    /// `GET` or `POST`; what the test that knows every route asks for.
    #[cfg_attr(not(test), expect(dead_code, reason = "the handler knows its method"))]
    pub(crate) method: &'static str,
    /// The address, with `{names}` for its parts.
    pub(crate) path: String,
    handler: MethodRouter<Site>,
}

impl Route {
    /// The same without the limit for forms: files come in through it, and its file counts what it keeps of them.
    fn takes_files(mut self) -> Route {
        self.handler = self.handler.layer(DefaultBodyLimit::disable());
        self
    }
}

fn get<H: Handler<T, Site>, T: 'static>(role: Option<Role>, path: impl Into<String>, handler: H) -> Route {
    Route { role, method: "GET", path: path.into(), handler: on(MethodFilter::GET, handler) }
}

fn post<H: Handler<T, Site>, T: 'static>(role: Option<Role>, path: impl Into<String>, handler: H) -> Route {
    Route { role, method: "POST", path: path.into(), handler: on(MethodFilter::POST, handler) }
}

/// Every route of the program.
pub(crate) fn table() -> Vec<Route> {
    let mut table = vec![
        get(ANYONE, "/assets/{name}", assets::file),
        get(ANYONE, "/sign-in", sign_in::page),
        post(ANYONE, "/sign-in", sign_in::submit),
        get(ANYONE, "/sign-in/{secret}", sign_in::link),
        post(ANYONE, "/sign-in/{secret}", sign_in::use_link),
        get(ANYONE, "/set-up/{secret}", set_up::page),
        post(ANYONE, "/set-up/{secret}", set_up::submit),
        get(ANYONE, "/choose-password/{secret}", set_up::choose_page),
        post(ANYONE, "/choose-password/{secret}", set_up::choose),
        post(ANYONE, "/sign-out", sign_in::out),
        get(ANYONE, "/waiting/{change}", waiting::page),
        get(VIEWER, "/", start::page),
        get(VIEWER, "/imports", imports::page),
        get(VIEWER, "/imports/{id}", import::page),
        post(OPERATOR, "/imports/{id}/retry", import::retry),
        post(OPERATOR, "/imports/{id}/again", import::again),
        post(OPERATOR, "/imports/{id}/preview", check::of_import),
        get(VIEWER, "/imports/{id}/changes", changes::page),
        get(OPERATOR, "/imports/{id}/undo", undo::page),
        post(OPERATOR, "/imports/{id}/undo", undo::submit),
        get(VIEWER, "/imports/{id}/left", undo::left),
        post(OPERATOR, "/imports/{id}/approve", held::approve),
        post(OPERATOR, "/imports/{id}/discard", held::discard),
        get(VIEWER, "/imports/{id}/file", downloads::file),
        get(VIEWER, "/imports/{id}/refused", downloads::refused),
        get(VIEWER, "/imports/{id}/problems.csv", downloads::problems),
        get(VIEWER, "/imports/{id}/problems.xlsx", downloads::problems_excel),
        get(VIEWER, "/imports/{id}/problems.json", downloads::problems_json),
        get(VIEWER, "/automation", automation::page),
        get(VIEWER, "/automation/events", events::stream),
        post(ADMINISTRATOR, "/automation/activate", automation::activate),
        post(ADMINISTRATOR, "/automation/deactivate", automation::deactivate),
        post(OPERATOR, "/automation/retry", automation::retry),
        post(OPERATOR, "/automation/preview", check::of_automation),
        get(VIEWER, "/settings", settings::page),
        get(VIEWER, "/settings/erp-system", settings::erp_system::page),
        post(ADMINISTRATOR, "/settings/erp-system", settings::erp_system::save),
        post(ADMINISTRATOR, "/settings/erp-system/test", settings::erp_system::test),
        get(VIEWER, "/settings/formats", settings::formats::page),
        get(ADMINISTRATOR, "/settings/formats/new", settings::editor::new),
        get(VIEWER, "/settings/formats/edit", settings::editor::page),
        post(ADMINISTRATOR, "/settings/formats/preview", settings::editor::preview),
        post(ADMINISTRATOR, "/settings/formats/look", settings::editor::again).takes_files(),
        post(ADMINISTRATOR, "/settings/formats/suggest", settings::suggest::page).takes_files(),
        post(ADMINISTRATOR, "/settings/formats/save", settings::editor::save).takes_files(),
        post(ADMINISTRATOR, "/settings/formats/delete", settings::formats::delete),
        get(VIEWER, "/settings/own-fields", settings::own_fields::page),
        get(ADMINISTRATOR, "/settings/own-fields/new", settings::own_fields::new),
        get(ADMINISTRATOR, "/settings/own-fields/edit", settings::own_fields::edit),
        post(ADMINISTRATOR, "/settings/own-fields/save", settings::own_fields::save),
        post(ADMINISTRATOR, "/settings/own-fields/delete", settings::own_fields::delete),
        get(VIEWER, "/settings/notifications", settings::notifications::page),
        post(ADMINISTRATOR, "/settings/notifications", settings::notifications::save),
        post(ADMINISTRATOR, "/settings/notifications/test", settings::notifications::test),
        get(ADMINISTRATOR, "/settings/people", settings::people::page),
        post(ADMINISTRATOR, "/settings/people", settings::people::add),
        post(ADMINISTRATOR, "/settings/people/link", settings::people::new_link),
        post(ADMINISTRATOR, "/settings/people/role", settings::people::set_role),
        post(ADMINISTRATOR, "/settings/people/remove", settings::people::remove),
        get(VIEWER, "/help", help::first),
        get(VIEWER, "/help/{page}", help::page),
    ];
    for register in REGISTERS {
        table.extend(of_register(register));
        if register.duplicates.is_some() {
            table.extend(of_duplicates(register));
        }
    }
    table
}

/// The routes that every register has.
fn of_register(of: &'static Register) -> [Route; 14] {
    let name = of.name;
    [
        get(VIEWER, format!("/{name}"), move |site, visitor, query| {
            list::show_list(of, site, visitor, query)
        }),
        get(VIEWER, format!("/{name}/{{number}}"), move |site, visitor, path, query| {
            record::page(of, site, visitor, path, query)
        }),
        get(VIEWER, format!("/{name}/record"), move |site, visitor, query| {
            record::page_by_query(of, site, visitor, query)
        }),
        get(VIEWER, format!("/{name}/export"), move |site, visitor, query| {
            export::download(of, site, visitor, query)
        }),
        get(OPERATOR, format!("/{name}/new"), move |site, visitor| edit::new_page(of, site, visitor)),
        post(OPERATOR, format!("/{name}/new"), move |site, visitor, form| {
            edit::create(of, site, visitor, form)
        }),
        get(OPERATOR, format!("/{name}/edit"), move |site, visitor, query| {
            edit::page(of, site, visitor, query)
        }),
        post(OPERATOR, format!("/{name}/edit"), move |site, visitor, query, form| {
            edit::save(of, site, visitor, query, form)
        }),
        get(OPERATOR, format!("/{name}/import"), move |site, visitor| hand_import::page(of, site, visitor)),
        post(OPERATOR, format!("/{name}/import"), move |site, visitor, form| {
            hand_import::send(of, site, visitor, form)
        })
        .takes_files(),
        get(OPERATOR, format!("/{name}/import/{{check}}"), move |site, visitor, path, headers| {
            check::page(of, site, visitor, path, headers)
        }),
        post(OPERATOR, format!("/{name}/import/{{check}}/again"), move |site, visitor, path, form| {
            check::again(of, site, visitor, path, form)
        }),
        post(OPERATOR, format!("/{name}/import/{{check}}/cancel"), move |site, visitor, path| {
            check::cancel(of, site, visitor, path)
        }),
        post(OPERATOR, format!("/{name}/import/{{check}}/start"), move |site, visitor, path| {
            check::start(of, site, visitor, path)
        }),
    ]
}

/// The routes of a register in which likely duplicates are told.
fn of_duplicates(of: &'static Register) -> [Route; 4] {
    let path = |behind: &str| format!("/{}/duplicates{behind}", of.name);
    [
        get(VIEWER, path(""), move |site, visitor, query| duplicates::show_list(of, site, visitor, query)),
        get(VIEWER, path("/compare"), move |site, visitor, query| {
            duplicates::compare(of, site, visitor, query)
        }),
        post(OPERATOR, path("/dismiss"), move |site, visitor, form| {
            duplicates::dismiss(of, site, visitor, form)
        }),
        post(OPERATOR, path("/take-back"), move |site, visitor, form| {
            duplicates::take_back(of, site, visitor, form)
        }),
    ]
}

/// The whole site, ready to be served with the peer's address (`into_make_service_with_connect_info`).
pub(crate) fn router(site: Site) -> Router {
    // One router for each role, with one layer that asks for it: a page cannot forget to.
    let mut pages = Router::new();
    let mut table = table();
    for role in [ANYONE, VIEWER, OPERATOR, ADMINISTRATOR] {
        let mut of_role = Router::new();
        for route in table.extract_if(.., |route| route.role == role) {
            of_role = of_role.route(&route.path, route.handler);
        }
        if let Some(role) = role {
            of_role = of_role.route_layer(from_fn_with_state(role, session::require));
        }
        pages = pages.merge(of_role);
    }
    let pages = pages
        .fallback(async |request: Request| Trouble::no_page(request.uri().path()))
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
        .layer(from_fn(trouble::as_page))
        .layer(from_fn_with_state(site.clone(), session::recognise))
        .layer(from_fn_with_state(site.clone(), guard::admit));
    // Whoever watches the program asks under any name, and learns nothing but that it lives.
    let health = Router::new()
        .route("/health/live", on(MethodFilter::GET, health::live))
        .route("/health/ready", on(MethodFilter::GET, health::ready));
    pages.merge(health).layer(from_fn(guard::headers)).with_state(site)
}
