//! Signing in and out.

use askama::Template;
use axum::Extension;
use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use register::live;
use register::people::{self, Purpose};
use serde::Deserialize;

use super::guard::Address;
use super::page::{Frame, Page, Visitor};
use super::session::{self, hashed, inside};
use super::site::Site;
use super::trouble::Trouble;
use super::{password, show};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn {
    frame: Frame,
    name: String,
    next: String,
    wrong: Option<String>,
    set_up: bool,
}

/// What the sign-in page was asked.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    next: Option<String>,
}

/// The form.
pub(crate) async fn page(
    State(site): State<Site>,
    visitor: Option<Visitor>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Trouble> {
    let next = inside(wanted.next.as_deref()).to_owned();
    if visitor.is_some() {
        return Ok(Redirect::to(&next).into_response());
    }
    let set_up = site.read(people::any_administrator_with_password).await?;
    let frame = Frame::outside("Sign in");
    Ok(Page(SignIn { frame, name: String::new(), next, wrong: None, set_up }).into_response())
}

/// What the form sends.
#[derive(Deserialize)]
pub(crate) struct Sent {
    name: String,
    password: String,
    #[serde(default)]
    next: String,
}

/// Signs in, or says why not; from the fifth failure on only after a while, whether the account exists or not.
pub(crate) async fn submit(
    State(site): State<Site>,
    Extension(address): Extension<Address>,
    Form(sent): Form<Sent>,
) -> Result<Response, Trouble> {
    let again = |status, wrong: String| {
        let next = inside(Some(&sent.next)).to_owned();
        let page = SignIn {
            frame: Frame::outside("Sign in"),
            name: sent.name.clone(),
            next,
            wrong: Some(wrong),
            set_up: true,
        };
        Ok((status, Page(page)).into_response())
    };
    // The name is hashed: what people type by mistake into this field is not kept.
    let account = hashed(&people::fold(&sent.name));
    let now = (site.clock)();
    let counted = account.clone();
    // The failure is noted before the password is looked at, so that many tries at once are not one try.
    let wait = site
        .live(move |c| {
            let wait = live::wait(c, &counted, now)?;
            if wait.is_zero() {
                live::record_failure(c, &counted, now)?;
            }
            Ok(wait)
        })
        .await?;
    if !wait.is_zero() {
        let seconds = show::count(wait.as_millis().div_ceil(1000), "second", "seconds");
        let wrong = format!("Too many failed attempts for this name. Wait {seconds}, then try again.");
        return again(StatusCode::TOO_MANY_REQUESTS, wrong);
    }
    let name = sent.name.clone();
    let found = site
        .read(move |c| {
            let Some(person) = people::find_by_name(c, &name)? else { return Ok(None) };
            Ok(people::password_hash(c, person.id)?.map(|hash| (person, hash)))
        })
        .await?;
    let hash = found.as_ref().map(|found| found.1.clone());
    let right = password::verify(hash, sent.password.clone()).await?;
    match found {
        Some((person, _)) if right => {
            site.live(move |c| live::clear_failures(c, &account)).await?;
            tracing::info!(person = %person.name, "signed in");
            session::begin(&site, &address, person.id, inside(Some(&sent.next))).await
        }
        _ => {
            tracing::warn!("a sign-in failed");
            again(StatusCode::UNAUTHORIZED, "Name or password is wrong. Check both and try again.".into())
        }
    }
}

/// Signs out.
pub(crate) async fn out(
    State(site): State<Site>,
    Extension(address): Extension<Address>,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    session::end(&site, &address, &headers).await
}

#[derive(Template)]
#[template(path = "sign_in_link.html")]
struct LinkPage {
    frame: Frame,
    name: String,
}

/// A one-time link that signs in: shown first, used by its button, so that a preview does not use it up.
pub(crate) async fn link(State(site): State<Site>, Path(secret): Path<String>) -> Result<Response, Trouble> {
    let (hash, now) = (hashed(&secret), (site.clock)());
    match site.read(move |c| people::find_link(c, &hash, now)).await? {
        Some((Purpose::SignIn, person)) => {
            Ok(Page(LinkPage { frame: Frame::outside("Sign in"), name: person.name }).into_response())
        }
        _ => Err(Trouble::used_up()),
    }
}

/// Uses a one-time link that signs in.
pub(crate) async fn use_link(
    State(site): State<Site>,
    Extension(address): Extension<Address>,
    Path(secret): Path<String>,
) -> Response {
    site.clone().whole(None, link_used(site, address, secret)).await
}

async fn link_used(site: Site, address: Address, secret: String) -> Result<Response, Trouble> {
    let (hash, now) = (hashed(&secret), (site.clock)());
    let looked = hash.clone();
    // Looked for before it is taken: whoever makes links up does not get to write to the register.
    if site.read(move |c| people::find_link(c, &looked, now)).await?.is_none() {
        return Err(Trouble::used_up());
    }
    match site.write(move |c| people::take_link(c, &hash, now)).await? {
        Some((Purpose::SignIn, person)) => session::begin(&site, &address, person.id, "/").await,
        _ => Err(Trouble::used_up()),
    }
}
