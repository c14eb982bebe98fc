//! What every request passes before any page sees it: who may connect, under which name, from which site; and the
//! headers that every answer carries.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::site::{Reach, Site};

/// Only this program's own files run, style, load or receive anything: a value that came from a file can never become
/// script, whatever it holds.
pub(crate) const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Headers that every answer carries, whatever it is.
pub(crate) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        ("content-security-policy", CONTENT_SECURITY_POLICY),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// How the visitor's browser reached the program, after a proxy's word has been weighed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// Host and port as the browser knows them; what was named as the public address goes before what a proxy tells.
    pub(crate) host: String,
    /// Whether the browser speaks HTTPS (to the proxy).
    pub(crate) https: bool,
}

/// Refuses connections that do not come from the proxy, names that are not ours, and changes that another site asks
/// for; notes the [`Address`] for those that pass.
pub(crate) async fn admit(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
    match examine(&site.reach, peer, request.method(), request.headers()) {
        Ok(address) => {
            let https = address.https;
            request.extensions_mut().insert(address);
            let mut response = next.run(request).await;
            if https {
                // For a year no browser that was here speaks to this name unencrypted.
                let year = HeaderValue::from_static("max-age=31536000");
                response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, year);
            }
            response
        }
        Err(refusal) => refusal.into_response(),
    }
}

/// Why a request is not admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The peer is not the proxy.
    Peer,
    /// The Host header names another site, or none.
    Host,
    /// Another site asks for a change.
    CrossSite,
}

/// These answers are plain text: who gets them is not a person who uses the program.
impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Refusal::Peer => (StatusCode::FORBIDDEN, "Only the proxy named with --behind-proxy is served.\n"),
            Refusal::Host => (
                StatusCode::MISDIRECTED_REQUEST,
                "Service Suite does not answer under this name. Use the address that it printed when it started, or \
                 name another one with --public-url.\n",
            ),
            Refusal::CrossSite => {
                (StatusCode::FORBIDDEN, "Refused: this change was asked for by a page of another site.\n")
            }
        }
        .into_response()
    }
}

fn examine(
    reach: &Reach,
    peer: Option<SocketAddr>,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Address, Refusal> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let mut address = Address { host: text("host").unwrap_or_default().to_owned(), https: false };
    let proxied = !reach.proxies.is_empty();
    if proxied {
        let peer = peer.ok_or(Refusal::Peer)?.ip().to_canonical();
        if !reach.proxies.iter().any(|proxy| proxy.to_canonical() == peer) {
            return Err(Refusal::Peer);
        }
        // Each proxy on the way adds its word; the first one is what the browser speaks.
        let spoken = text("x-forwarded-proto").and_then(|words| words.split(',').next());
        address.https = spoken.is_some_and(|word| word.trim().eq_ignore_ascii_case("https"));
        if let Some(host) = text("x-forwarded-host") {
            address.host = host.to_owned();
        }
    }
    let name = address.host.parse::<Authority>().map_err(|_| Refusal::Host)?;
    if !reach.hosts.iter().any(|host| host.eq_ignore_ascii_case(name.host())) {
        return Err(Refusal::Host);
    }
    let asked = address.host.clone();
    // A proxy need not tell how people reach it: the administrator has.
    if let Some(public) = &reach.public
        && (proxied || public.host.eq_ignore_ascii_case(&asked))
    {
        address.https |= public.https;
        address.host.clone_from(&public.host);
    }
    let same_site = |host: &str| same_site(text("sec-fetch-site"), text("origin"), host);
    if !method.is_safe() && !same_site(&asked) && !same_site(&address.host) {
        return Err(Refusal::CrossSite);
    }
    Ok(address)
}

/// Whether a change is asked for by our own pages. Browsers say so in `Sec-Fetch-Site`, older ones in `Origin`; what
/// sends neither is no browser and carries nobody's session by accident.
fn same_site(fetch_site: Option<&str>, origin: Option<&str>, host: &str) -> bool {
    match (fetch_site, origin) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            origin.split_once("://").is_some_and(|(_, from)| from.eq_ignore_ascii_case(host))
        }
        (None, None) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::super::site::Public;
    use super::*;

    fn reach() -> Reach {
        Reach {
            hosts: vec!["127.0.0.1".into(), "localhost".into(), "[::1]".into()],
            proxies: Vec::new(),
            public: None,
        }
    }

    fn ask(
        reach: &Reach,
        peer: &str,
        method: &Method,
        headers: &[(&'static str, &str)],
    ) -> Result<Address, Refusal> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        examine(reach, peer.parse().ok(), method, &map)
    }

    #[test]
    fn only_known_names_are_answered() {
        for (host, admitted) in [
            ("127.0.0.1:7878", true),
            ("LOCALHOST:7878", true),
            ("localhost", true),
            ("[::1]:7878", true),
            ("evil.example", false),
            ("127.0.0.1.evil.example", false),
            ("localhost@evil.example", false),
            ("", false),
        ] {
            let answer = ask(&reach(), "127.0.0.1:5000", &Method::GET, &[("host", host)]);
            assert_eq!(answer.is_ok(), admitted, "{host}");
        }
        assert_eq!(ask(&reach(), "127.0.0.1:5000", &Method::GET, &[]), Err(Refusal::Host));
    }

    #[test]
    fn changes_are_taken_from_our_own_pages_and_from_programs_only() {
        let own = "http://localhost:7878";
        for (fetch_site, origin, admitted) in [
            (Some("same-origin"), Some(own), true),
            (Some("none"), None, true),
            (Some("same-site"), Some(own), false),
            (Some("cross-site"), Some("http://evil.example"), false),
            (None, Some(own), true),
            (None, Some("http://localhost:9999"), false),
            (None, Some("http://evil.example"), false),
            (None, Some("null"), false),
            (None, None, true),
        ] {
            let mut headers = vec![("host", "localhost:7878")];
            headers.extend(fetch_site.map(|value| ("sec-fetch-site", value)));
            headers.extend(origin.map(|value| ("origin", value)));
            for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
                let answer = ask(&reach(), "127.0.0.1:5000", &method, &headers);
                assert_eq!(answer.is_ok(), admitted, "{method} {fetch_site:?} {origin:?}");
            }
            assert!(ask(&reach(), "127.0.0.1:5000", &Method::GET, &headers).is_ok());
        }
    }

    #[test]
    fn a_proxy_is_believed_and_nobody_else() {
        let mut reach = reach();
        let forwarded =
            [("host", "localhost"), ("x-forwarded-proto", "https"), ("x-forwarded-host", "suite.example")];
        let address = ask(&reach, "10.0.0.9:5000", &Method::GET, &forwarded).unwrap();
        assert_eq!(address, Address { host: "localhost".into(), https: false });
        reach.proxies.push("10.0.0.9".parse().unwrap());
        reach.hosts.push("suite.example".into());
        let address = ask(&reach, "[::ffff:10.0.0.9]:5000", &Method::GET, &forwarded).unwrap();
        assert_eq!(address, Address { host: "suite.example".into(), https: true });
        assert_eq!(ask(&reach, "10.0.0.8:5000", &Method::GET, &forwarded), Err(Refusal::Peer));
        assert_eq!(ask(&reach, "", &Method::GET, &forwarded), Err(Refusal::Peer));
        // Several proxies on the way: the first one's word counts.
        let spoken = |spoken| {
            let headers = [("host", "suite.example"), ("x-forwarded-proto", spoken)];
            ask(&reach, "10.0.0.9:5000", &Method::GET, &headers).unwrap().https
        };
        assert!(spoken("https, http") && !spoken("http, https"));
    }

    #[test]
    fn the_public_address_counts_whatever_a_proxy_leaves_out() {
        let mut reach = reach();
        reach.hosts.push("suite.example".into());
        reach.public = Some(Public { host: "suite.example:8443".into(), https: true });
        let public = Address { host: "suite.example:8443".into(), https: true };
        let plain = Address { host: "localhost:7878".into(), https: false };
        let ask_as = |reach: &Reach, host| ask(reach, "10.0.0.9:5000", &Method::GET, &[("host", host)]);
        assert_eq!(ask_as(&reach, "suite.example:8443"), Ok(public.clone()));
        assert_eq!(ask_as(&reach, "localhost:7878"), Ok(plain));
        reach.proxies.push("10.0.0.9".parse().unwrap());
        assert_eq!(ask_as(&reach, "suite.example"), Ok(public.clone()));
        assert_eq!(ask_as(&reach, "localhost:7878"), Ok(public.clone()));
        assert_eq!(ask_as(&reach, "evil.example"), Err(Refusal::Host));
        for (origin, admitted) in [
            ("https://suite.example:8443", true),
            ("http://localhost:7878", true),
            ("https://evil.example", false),
        ] {
            let headers = [("host", "localhost:7878"), ("origin", origin)];
            let answer = ask(&reach, "10.0.0.9:5000", &Method::POST, &headers);
            assert_eq!(answer.is_ok(), admitted, "{origin}");
        }
    }
}
