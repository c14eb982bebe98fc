//! The first administrator, through the one-time link that the program printed when it first started; and passwords of
//! people added later, through theirs.

use askama::Template;
use axum::Extension;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use register::db::DbError;
use register::people::{self, Purpose, Role};
use serde::Deserialize;

use super::guard::Address;
use super::page::{Frame, Page};
use super::session::{self, hashed};
use super::site::Site;
use super::trouble::Trouble;
use super::{password, show};

#[derive(Template)]
#[template(path = "set_up.html")]
struct SetUp {
    frame: Frame,
    name: String,
    shortest: usize,
    wrong: Option<String>,
}

/// The form for the first administrator.
pub(crate) async fn page(State(site): State<Site>, Path(secret): Path<String>) -> Result<Response, Trouble> {
    check(&site, secret).await?;
    Ok(show_set_up(StatusCode::OK, String::new(), None))
}

fn show_set_up(status: StatusCode, name: String, wrong: Option<String>) -> Response {
    let frame = Frame::outside("Set up Service Suite");
    (status, Page(SetUp { frame, name, shortest: password::SHORTEST, wrong })).into_response()
}

/// What the form for the first administrator sends.
#[derive(Deserialize)]
pub(crate) struct SentSetUp {
    name: String,
    password: String,
    again: String,
}

/// Makes the first administrator and signs in.
pub(crate) async fn submit(
    State(site): State<Site>,
    Extension(address): Extension<Address>,
    Path(secret): Path<String>,
    Form(sent): Form<SentSetUp>,
) -> Response {
    site.clone().whole(None, set_up(site, address, secret, sent)).await
}

async fn set_up(site: Site, address: Address, secret: String, sent: SentSetUp) -> Result<Response, Trouble> {
    check(&site, secret).await?;
    if let Some(wrong) = password::complaint(&sent.password, &sent.again) {
        return Ok(show_set_up(StatusCode::UNPROCESSABLE_ENTITY, sent.name, Some(wrong)));
    }
    let hash = password::hash(sent.password, site.random_bytes()).await?;
    let (name, now) = (sent.name.clone(), (site.clock)());
    let made = site
        .write(move |c| {
            // Two people with the same link: the second one comes too late.
            if people::any_administrator_with_password(c)? {
                return Ok(Err(None));
            }
            match people::add(c, &name, Role::Administrator, now) {
                Ok(person) => {
                    people::set_password_hash(c, person.id, &hash)?;
                    Ok(Ok(person))
                }
                Err(DbError::Invalid(wrong)) => Ok(Err(Some(wrong))),
                Err(error) => Err(error),
            }
        })
        .await?;
    match made {
        Ok(person) => {
            let file = site.set_up_file.clone();
            site.blocking(move |_| {
                std::fs::remove_file(&file).or_else(|error| match error.kind() {
                    std::io::ErrorKind::NotFound => Ok(()),
                    _ => Err(Trouble::internal(error)),
                })
            })
            .await?;
            tracing::info!(person = %person.name, "the first administrator was made");
            session::begin(&site, &address, person.id, "/").await
        }
        Err(Some(wrong)) => {
            Ok(show_set_up(StatusCode::UNPROCESSABLE_ENTITY, sent.name, Some(show::sentence(&wrong))))
        }
        Err(None) => Err(Trouble::used_up()),
    }
}

/// The secret must be the one in the file, and nobody may have used it.
async fn check(site: &Site, secret: String) -> Result<(), Trouble> {
    site.blocking(move |site| {
        let kept = std::fs::read_to_string(&site.set_up_file).unwrap_or_default();
        // The file may hold the whole link.
        let kept = kept.trim().rsplit('/').next().unwrap_or_default();
        // Comparing hashes takes the same time wherever the first difference is.
        if kept.is_empty() || hashed(kept) != hashed(&secret) {
            return Err(Trouble::used_up());
        }
        if site.database.read(people::any_administrator_with_password)? {
            return Err(Trouble::used_up());
        }
        Ok(())
    })
    .await
}

#[derive(Template)]
#[template(path = "choose_password.html")]
struct ChoosePassword {
    frame: Frame,
    name: String,
    shortest: usize,
    wrong: Option<String>,
}

fn show_choose(status: StatusCode, name: String, wrong: Option<String>) -> Response {
    let frame = Frame::outside("Choose your password");
    (status, Page(ChoosePassword { frame, name, shortest: password::SHORTEST, wrong })).into_response()
}

/// The form for choosing a password.
pub(crate) async fn choose_page(
    State(site): State<Site>,
    Path(secret): Path<String>,
) -> Result<Response, Trouble> {
    let (hash, now) = (hashed(&secret), (site.clock)());
    match site.read(move |c| people::find_link(c, &hash, now)).await? {
        Some((Purpose::ChoosePassword, person)) => Ok(show_choose(StatusCode::OK, person.name, None)),
        _ => Err(Trouble::used_up()),
    }
}

/// What the form for choosing a password sends.
#[derive(Deserialize)]
pub(crate) struct SentPassword {
    password: String,
    again: String,
}

/// Sets the password and signs in.
pub(crate) async fn choose(
    State(site): State<Site>,
    Extension(address): Extension<Address>,
    Path(secret): Path<String>,
    Form(sent): Form<SentPassword>,
) -> Response {
    site.clone().whole(None, chosen(site, address, secret, sent)).await
}

async fn chosen(
    site: Site,
    address: Address,
    secret: String,
    sent: SentPassword,
) -> Result<Response, Trouble> {
    let (link, now) = (hashed(&secret), (site.clock)());
    let looked = link.clone();
    let Some((Purpose::ChoosePassword, person)) =
        site.read(move |c| people::find_link(c, &looked, now)).await?
    else {
        return Err(Trouble::used_up());
    };
    if let Some(wrong) = password::complaint(&sent.password, &sent.again) {
        return Ok(show_choose(StatusCode::UNPROCESSABLE_ENTITY, person.name, Some(wrong)));
    }
    let hash = password::hash(sent.password, site.random_bytes()).await?;
    let taken = site
        .write(move |c| {
            let Some((Purpose::ChoosePassword, person)) = people::take_link(c, &link, now)? else {
                return Ok(false);
            };
            people::set_password_hash(c, person.id, &hash)?;
            Ok(true)
        })
        .await?;
    if !taken {
        return Err(Trouble::used_up());
    }
    session::end_all_of(&site, person.id).await?;
    tracing::info!(person = %person.name, "a password was chosen");
    session::begin(&site, &address, person.id, "/").await
}
