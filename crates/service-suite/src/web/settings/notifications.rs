//! Main menu > Settings > Notifications: who is told by e-mail, and a test.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use register::notifications::{self, Notification, Outcome};
use register::settings::{self, Complaint, Notifications, Security};
use serde::Deserialize;

use super::{Wrong, complaint};
use crate::change_settings::{self, Where};
use crate::notify::mail::{self, Mail};
use crate::web::page::{Frame, Page, Visitor};
use crate::web::show;
use crate::web::site::Site;
use crate::web::trouble::Trouble;

/// The latest notifications that the page shows.
const LATEST: u32 = 20;

#[derive(Template)]
#[template(path = "settings/notifications.html")]
struct NotificationsPage {
    frame: Frame,
    fields: Fields,
    latest: Vec<Notification>,
    wrong: Wrong,
    saved: bool,
    /// What came of a test: to whom it was sent, or why not.
    tested: Option<Result<String, String>>,
}

/// The form as it stands, right or wrong.
struct Fields {
    to: String,
    from: String,
    server: String,
    security: String,
    port: String,
    user: String,
    password_file: String,
}

impl Fields {
    fn of(settings: &Notifications) -> Fields {
        Fields {
            to: settings.to.join("\n"),
            from: settings.from.clone(),
            server: settings.server.clone(),
            security: settings.security.word().into(),
            port: settings.port.map(|port| port.to_string()).unwrap_or_default(),
            user: settings.user.clone().unwrap_or_default(),
            password_file: settings.password_file.clone().unwrap_or_default(),
        }
    }

    fn sent(sent: &HashMap<String, String>) -> Fields {
        let field = |name: &str| sent.get(name).map(|text| text.trim().to_owned()).unwrap_or_default();
        Fields {
            to: field("to"),
            from: field("from"),
            server: field("server"),
            security: field("security"),
            port: field("port"),
            user: field("user"),
            password_file: field("password-file"),
        }
    }

    /// The settings that the form stands for, and what cannot be read.
    fn read(&self) -> (Notifications, Vec<Complaint>) {
        let mut wrong = Vec::new();
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let mut settings = Notifications {
            to: self.to.split([',', ';', ' ', '\n', '\r']).filter_map(given).collect(),
            from: self.from.clone(),
            server: self.server.clone(),
            security: Security::default(),
            port: None,
            user: given(&self.user),
            password_file: given(&self.password_file),
        };
        match self.security.parse() {
            Ok(security) => settings.security = security,
            Err(error) => {
                let error: register::words::UnknownWord = error;
                wrong.push(complaint("notifications.security", &show::sentence(&error.to_string()), ""));
            }
        }
        if let Some(port) = given(&self.port) {
            match port.parse() {
                Ok(port) => settings.port = Some(port),
                Err(_) => {
                    let message = format!("\"{port}\" is no port.");
                    wrong.push(complaint(
                        "notifications.port",
                        &message,
                        "Leave it empty for the usual one.",
                    ));
                }
            }
        }
        (settings, wrong)
    }
}

/// What the page was asked.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    said: String,
}

async fn filled(
    site: &Site,
    visitor: Visitor,
    fields: Option<Fields>,
    wrong: Wrong,
    saved: bool,
    tested: Option<Result<String, String>>,
) -> Result<NotificationsPage, Trouble> {
    let (stored, latest) = site
        .read(|c| Ok((settings::load(c)?.notifications, notifications::list(c, LATEST, None)?.items)))
        .await?;
    let fields = fields.unwrap_or_else(|| Fields::of(&stored));
    let frame = Frame::new(visitor, "/settings", "Notifications");
    Ok(NotificationsPage { frame, fields, latest, wrong, saved, tested })
}

/// The page.
pub(crate) async fn page(
    State(site): State<Site>,
    visitor: Visitor,
    Query(wanted): Query<Wanted>,
) -> Result<Page<impl Template>, Trouble> {
    let saved = wanted.said == "saved";
    Ok(Page(filled(&site, visitor, None, Wrong::default(), saved, None).await?))
}

/// Saves the form.
pub(crate) async fn save(
    State(site): State<Site>,
    visitor: Visitor,
    Form(sent): Form<HashMap<String, String>>,
) -> Response {
    site.clone().whole(Some(visitor.id), saved(site, visitor, sent)).await
}

async fn saved(site: Site, visitor: Visitor, sent: HashMap<String, String>) -> Result<Response, Trouble> {
    let fields = Fields::sent(&sent);
    let (notifications, mut wrong) = fields.read();
    if wrong.is_empty() {
        let (by, now) = (visitor.name.clone(), (site.clock)());
        let outcome = site
            .change(move |site| {
                let place = Where { db: &site.database, data: &site.data };
                super::saved(change_settings::change(place, &by, now, |settings| {
                    settings.notifications.clone_from(&notifications);
                }))
            })
            .await?;
        match outcome {
            Ok(_) => return Ok(Redirect::to("/settings/notifications?said=saved").into_response()),
            Err(complaints) => wrong = complaints,
        }
    }
    let page = filled(&site, visitor, Some(fields), wrong.into(), false, None).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
}

/// Sends a test with what stands in the form, saving nothing.
pub(crate) async fn test(
    State(site): State<Site>,
    visitor: Visitor,
    Form(sent): Form<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let fields = Fields::sent(&sent);
    let (notifications, mut wrong) = fields.read();
    wrong.extend(notifications.complaints());
    if wrong.is_empty() && !notifications.is_on() {
        wrong.push(complaint("notifications.to", "There is nobody to write to.", "Give an address."));
    }
    if !wrong.is_empty() {
        let page = filled(&site, visitor, Some(fields), wrong.into(), false, None).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
    }
    let sent = site
        .blocking(move |site| {
            let now = (site.clock)();
            let mail = Mail::test(&site.base, &notifications.from, now);
            Ok(mail::send(&notifications, &mail, now).map(|()| notifications.to.join(", ")))
        })
        .await?;
    let tested = sent.map_err(|why| show::sentence(&why));
    Ok(Page(filled(&site, visitor, Some(fields), Wrong::default(), false, Some(tested)).await?)
        .into_response())
}
