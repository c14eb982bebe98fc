//! Who is signed in: the session cookie, and the roles that the routes ask for.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use register::db::DbError;
use register::people::Role;
use register::{imports, live, people};

use super::guard::Address;
use super::page::Visitor;
use super::show;
use super::site::Site;
use super::trouble::{HX_REDIRECT, Trouble};
use crate::secrets::hex;

pub(crate) use crate::secrets::hash_secret as hashed;

/// Over HTTPS the cookie's name makes the browser insist on HTTPS, on this very host, and on no other path.
fn cookie_name(https: bool) -> &'static str {
    if https { "__Host-session" } else { "session" }
}

fn set_cookie(address: &Address, value: &str, max_age: u64) -> HeaderValue {
    let name = cookie_name(address.https);
    let secure = if address.https { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}

fn token(headers: &HeaderMap, https: bool) -> Option<&str> {
    let name = cookie_name(https);
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|pair| pair.0 == name)
        .map(|pair| pair.1)
}

/// Signs a person in and sends the browser on.
pub(crate) async fn begin(
    site: &Site,
    address: &Address,
    person: i64,
    go_to: &str,
) -> Result<Response, Trouble> {
    let mut secret = [0; 32];
    (site.random)(&mut secret);
    let secret = hex(&secret);
    let token_hash = hashed(&secret);
    let now = (site.clock)();
    site.live(move |c| live::create_session(c, &token_hash, person, now)).await?;
    let mut response = Redirect::to(go_to).into_response();
    let cookie = set_cookie(address, &secret, live::LONGEST.as_secs());
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

/// Ends the session of a request.
pub(crate) async fn end(site: &Site, address: &Address, headers: &HeaderMap) -> Result<Response, Trouble> {
    if let Some(secret) = token(headers, address.https) {
        let token_hash = hashed(secret);
        site.live(move |c| live::delete_session(c, &token_hash)).await?;
    }
    let mut response = Redirect::to("/sign-in").into_response();
    response.headers_mut().insert(header::SET_COOKIE, set_cookie(address, "", 0));
    Ok(response)
}

/// Notes who asks, for the roles and the pages behind it.
pub(crate) async fn recognise(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    let https = request.extensions().get::<Address>().is_some_and(|address| address.https);
    if let Some(secret) = token(request.headers(), https) {
        let token_hash = hashed(secret);
        match site.blocking(move |site| visitor(site, &token_hash)).await {
            Ok(Some(visitor)) => {
                request.extensions_mut().insert(visitor);
            }
            Ok(None) => {}
            Err(trouble) => return trouble.into_response(),
        }
    }
    next.run(request).await
}

fn visitor(site: &Site, token_hash: &str) -> Result<Option<Visitor>, Trouble> {
    let now = (site.clock)();
    let Some(session) = site.live.read(|c| live::find_session(c, token_hash, now))? else { return Ok(None) };
    if session.is_stale(now) {
        site.live.write(|c| live::touch(c, token_hash, now))?;
    }
    let (person, held) = site
        .database
        .read(|c| Ok::<_, DbError>((people::find(c, session.person)?, imports::count_held(c)?)))?;
    Ok(person.map(|person| Visitor { id: person.id, name: person.name, role: person.role, held }))
}

/// Lets those pass who have the role, sends those who are not signed in to do so, and tells the others.
pub(crate) async fn require(State(role): State<Role>, request: Request, next: Next) -> Response {
    match request.extensions().get::<Visitor>() {
        Some(visitor) if visitor.role >= role => next.run(request).await,
        Some(visitor) => Trouble::forbidden(visitor.role, role).into_response(),
        None if request.method() == Method::GET && !request.headers().contains_key("hx-request") => {
            let wanted = request.uri().path_and_query().map_or("/", |wanted| wanted.as_str());
            let go_to = match wanted {
                "/" => "/sign-in".to_owned(),
                _ => format!("/sign-in?next={}", show::segment(wanted)),
            };
            Redirect::to(&go_to).into_response()
        }
        None => {
            let mut response = Trouble::not_signed_in().into_response();
            // A page whose session has ended goes to the sign-in page instead of showing it inside itself.
            response.headers_mut().insert(HX_REDIRECT, HeaderValue::from_static("/sign-in"));
            response
        }
    }
}

/// Ends every session of a person: removed, or with a new password.
pub(crate) async fn end_all_of(site: &Site, person: i64) -> Result<(), Trouble> {
    site.live(move |c| live::delete_sessions_of(c, person)).await
}

/// The address to go to after signing in: one of ours, whatever was asked for.
pub(crate) fn inside(wanted: Option<&str>) -> &str {
    match wanted {
        // Browsers take `//host` and `/\host` for another site, and drop tabs and line ends on the way.
        Some(path)
            if path.starts_with('/')
                && !path.starts_with("//")
                && !path.contains(|c: char| c == '\\' || c.is_control()) =>
        {
            path
        }
        _ => "/",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_signing_in_nobody_is_sent_to_another_site() {
        for (wanted, goes_to) in [
            (Some("/imports?state=done"), "/imports?state=done"),
            (None, "/"),
            (Some("//evil.example"), "/"),
            (Some("/\\evil.example"), "/"),
            (Some("/\t/evil.example"), "/"),
            (Some("https://evil.example"), "/"),
            (Some(""), "/"),
        ] {
            assert_eq!(inside(wanted), goes_to, "{wanted:?}");
        }
    }

    #[test]
    fn the_cookie_is_bound_to_https_where_there_is_https() {
        let address = Address { host: "suite.example".into(), https: true };
        let cookie = set_cookie(&address, "abc", 60);
        assert_eq!(
            cookie.to_str().unwrap(),
            "__Host-session=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure"
        );
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static("a=1; session=plain; __Host-session=abc"));
        assert_eq!(token(&headers, true), Some("abc"));
        assert_eq!(token(&headers, false), Some("plain"));
    }
}
