//! Main menu > Settings > People.

use askama::Template;
use axum::Extension;
use axum::extract::{Form, State};
use axum::response::{IntoResponse, Redirect, Response};
use register::people::{self, Person, Role};
use serde::Deserialize;

use crate::invite;
use crate::secrets::hex;
use crate::web::guard::Address;
use crate::web::page::{Frame, Page, Visitor};
use crate::web::session;
use crate::web::show;
use crate::web::site::Site;
use crate::web::trouble::Trouble;

#[derive(Template)]
#[template(path = "settings/people.html")]
struct PeoplePage {
    frame: Frame,
    people: Vec<Person>,
    me: i64,
    /// A link that has just been made, and for whom: it is shown this once.
    link: Option<(String, String)>,
}

/// The list.
pub(crate) async fn page(State(site): State<Site>, visitor: Visitor) -> Result<Page<impl Template>, Trouble> {
    show_people(&site, visitor, None).await
}

async fn show_people(
    site: &Site,
    visitor: Visitor,
    link: Option<(String, String)>,
) -> Result<Page<PeoplePage>, Trouble> {
    let people = site.read(people::list).await?;
    let me = visitor.id;
    Ok(Page(PeoplePage { frame: Frame::new(visitor, "/settings", "People"), people, me, link }))
}

fn back(trouble: Trouble) -> Trouble {
    trouble.or_go("/settings/people", "Back to people")
}

/// A new person.
#[derive(Deserialize)]
pub(crate) struct New {
    name: String,
    role: Role,
}

/// Adds a person and shows the link for choosing a password, this once.
pub(crate) async fn add(
    State(site): State<Site>,
    Extension(address): Extension<Address>,
    visitor: Visitor,
    Form(new): Form<New>,
) -> Response {
    site.clone().whole(Some(visitor.id), added(site, address, visitor, new)).await
}

async fn added(site: Site, address: Address, visitor: Visitor, new: New) -> Result<Response, Trouble> {
    let now = (site.clock)();
    let secret = secret(&site);
    let kept = secret.clone();
    let person = site.write(move |c| invite::add(c, &new.name, new.role, &kept, now)).await.map_err(back)?;
    tracing::info!(person = %person.name, role = %person.role, by = %visitor.name, "a person was added");
    let link = Some((person.name, link(&address, &secret)));
    Ok(show_people(&site, visitor, link).await?.into_response())
}

fn secret(site: &Site) -> String {
    hex(&site.random_bytes())
}

fn link(address: &Address, secret: &str) -> String {
    let scheme = if address.https { "https" } else { "http" };
    format!("{scheme}://{}/choose-password/{secret}", address.host)
}

/// A person of the list.
#[derive(Deserialize)]
pub(crate) struct Named {
    id: i64,
}

/// Makes a new link for choosing a password, and shows it this once.
pub(crate) async fn new_link(
    State(site): State<Site>,
    Extension(address): Extension<Address>,
    visitor: Visitor,
    Form(named): Form<Named>,
) -> Response {
    site.clone().whole(Some(visitor.id), linked(site, address, visitor, named)).await
}

async fn linked(site: Site, address: Address, visitor: Visitor, named: Named) -> Result<Response, Trouble> {
    let now = (site.clock)();
    let secret = secret(&site);
    let kept = secret.clone();
    let name = site
        .write(move |c| {
            invite::link(c, named.id, &kept, now)?;
            Ok(people::find(c, named.id)?.map(|person| person.name).unwrap_or_default())
        })
        .await
        .map_err(back)?;
    let link = Some((name, link(&address, &secret)));
    Ok(show_people(&site, visitor, link).await?.into_response())
}

/// A person's new role.
#[derive(Deserialize)]
pub(crate) struct NewRole {
    id: i64,
    role: Role,
}

/// Gives a person another role, at once and in every session.
pub(crate) async fn set_role(
    State(site): State<Site>,
    visitor: Visitor,
    Form(new): Form<NewRole>,
) -> Response {
    site.clone().whole(Some(visitor.id), changed(site, visitor, new)).await
}

async fn changed(site: Site, visitor: Visitor, new: NewRole) -> Result<Response, Trouble> {
    site.write(move |c| people::set_role(c, new.id, new.role)).await.map_err(back)?;
    tracing::info!(person = new.id, role = %new.role, by = %visitor.name, "a role was changed");
    Ok(Redirect::to("/settings/people").into_response())
}

/// Removes a person and ends the person's sessions.
pub(crate) async fn remove(State(site): State<Site>, visitor: Visitor, Form(named): Form<Named>) -> Response {
    site.clone().whole(Some(visitor.id), removed(site, visitor, named)).await
}

async fn removed(site: Site, visitor: Visitor, named: Named) -> Result<Response, Trouble> {
    site.write(move |c| people::remove(c, named.id)).await.map_err(back)?;
    session::end_all_of(&site, named.id).await?;
    tracing::info!(person = named.id, by = %visitor.name, "a person was removed");
    Ok(Redirect::to("/settings/people").into_response())
}
