//! Main menu > Settings.

pub(crate) mod editor;
pub(crate) mod erp_system;
mod folder;
mod form;
pub(crate) mod formats;
pub(crate) mod notifications;
pub(crate) mod own_fields;
pub(crate) mod people;
mod preview;
mod sample;
pub(crate) mod suggest;

use askama::Template;
use axum::extract::State;
use register::people as register_people;
use register::settings::{self, Complaint, SaveError};

use super::page::{Frame, Page, Visitor};
use super::show;
use super::site::Site;
use super::trouble::Trouble;

/// What came of saving settings: complaints are for the page to show.
fn saved<T>(outcome: Result<T, SaveError>) -> Result<Result<T, Vec<Complaint>>, Trouble> {
    match outcome {
        Ok(saved) => Ok(Ok(saved)),
        Err(SaveError::Complaints(complaints)) => Ok(Err(complaints)),
        Err(SaveError::Db(error)) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "settings/index.html")]
struct SettingsPage {
    frame: Frame,
    folder: String,
    formats: usize,
    own_fields: usize,
    addresses: usize,
    people: usize,
}

/// The places of the settings.
pub(crate) async fn page(State(site): State<Site>, visitor: Visitor) -> Result<Page<impl Template>, Trouble> {
    let (settings, people) = site.read(|c| Ok((settings::load(c)?, register_people::list(c)?.len()))).await?;
    Ok(Page(SettingsPage {
        frame: Frame::new(visitor, "/settings", "Settings"),
        folder: settings.erp_system.exchange_path(&site.data).display().to_string(),
        formats: settings.formats.len(),
        own_fields: settings.own_fields.len(),
        addresses: settings.notifications.to.len(),
        people,
    }))
}

/// What is wrong with a form: sentences for its top, and for the fields they belong to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wrong(Vec<Complaint>);

impl Wrong {
    /// All complaints, as sentences with what to do.
    pub(crate) fn all(&self) -> &[Complaint] {
        &self.0
    }

    /// What is wrong with a field; empty when nothing is.
    pub(crate) fn of(&self, place: &str) -> String {
        let sentences = self.0.iter().filter(|complaint| complaint.place == place);
        sentences.map(|complaint| complaint.message.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// Whether nothing is wrong.
    pub(crate) fn nothing(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Vec<Complaint>> for Wrong {
    fn from(complaints: Vec<Complaint>) -> Self {
        Wrong(complaints)
    }
}

/// A complaint of this file's own.
pub(crate) fn complaint(place: &str, message: &str, hint: &str) -> Complaint {
    Complaint { place: place.into(), message: message.into(), hint: hint.into() }
}
