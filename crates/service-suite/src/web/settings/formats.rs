//! Main menu > Settings > Formats: the list.

use askama::Template;
use axum::extract::{Form, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use register::settings::{self, StoredFormat};
use register::{REGISTERS, register};
use serde::Deserialize;

use crate::change_settings;
use crate::web::page::{Frame, Page, Visitor};
use crate::web::show;
use crate::web::site::Site;
use crate::web::trouble::Trouble;

#[derive(Template)]
#[template(path = "settings/formats.html")]
struct FormatsPage {
    frame: Frame,
    formats: Vec<Listed>,
    said: Option<&'static str>,
}

/// A format in the list.
struct Listed {
    stored: StoredFormat,
    register: &'static str,
    address: String,
}

/// What the page was asked.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    said: String,
}

/// The address of a format's editor.
pub(crate) fn address(name: &str) -> String {
    format!("/settings/formats/edit?name={}", show::segment(name))
}

/// The list.
pub(crate) async fn page(
    State(site): State<Site>,
    visitor: Visitor,
    Query(wanted): Query<Wanted>,
) -> Result<Page<impl Template>, Trouble> {
    let formats = site.read(settings::formats).await?;
    let listed = formats.into_iter().map(|stored| Listed {
        register: register(&stored.format.register).map_or("unknown", |register| register.title),
        address: address(&stored.format.name),
        stored,
    });
    Ok(Page(FormatsPage {
        frame: Frame::new(visitor, "/settings", "Formats"),
        formats: listed.collect(),
        said: match wanted.said.as_str() {
            "saved" => Some("Saved. The next file is read in this way."),
            "deleted" => Some("Deleted."),
            _ => None,
        },
    }))
}

/// The format to delete.
#[derive(Deserialize)]
pub(crate) struct Named {
    name: String,
}

/// Deletes a format.
pub(crate) async fn delete(State(site): State<Site>, visitor: Visitor, Form(named): Form<Named>) -> Response {
    site.clone().whole(Some(visitor.id), deleted(site, visitor, named)).await
}

async fn deleted(site: Site, visitor: Visitor, named: Named) -> Result<Response, Trouble> {
    let now = (site.clock)();
    let way_out = address(&named.name);
    let deleted = site
        .change(move |site| {
            super::saved(change_settings::delete_format(&site.database, &named.name, &visitor.name, now))
        })
        .await?;
    match deleted {
        Ok(()) => Ok(Redirect::to("/settings/formats?said=deleted").into_response()),
        Err(complaints) => {
            let sentences: Vec<_> = complaints
                .iter()
                .map(|complaint| format!("{} {}", complaint.message, complaint.hint))
                .collect();
            Err(Trouble::conflict("The format was not deleted", sentences.join(" "))
                .or_go(way_out, "Back to the format"))
        }
    }
}
