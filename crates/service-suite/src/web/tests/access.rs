//! Who may use which address, and what every answer carries.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use register::people::Role;

use crate::web::guard::CONTENT_SECURITY_POLICY;
use crate::web::routes::table;
use crate::web::testing::{TestSite, request};

/// Every address and the least role that may use it; `-` for everybody. A new route is written down here, too: that is
/// the point.
const ALLOWED: &str = "
GET  /assets/{name}                     -
GET  /sign-in                           -
POST /sign-in                           -
GET  /sign-in/{secret}                  -
POST /sign-in/{secret}                  -
GET  /set-up/{secret}                   -
POST /set-up/{secret}                   -
GET  /choose-password/{secret}          -
POST /choose-password/{secret}          -
POST /sign-out                          -
GET  /waiting/{change}                  -
GET  /                                  viewer
GET  /imports                           viewer
GET  /imports/{id}                      viewer
POST /imports/{id}/retry                operator
POST /imports/{id}/again                operator
POST /imports/{id}/preview              operator
GET  /imports/{id}/changes              viewer
GET  /imports/{id}/undo                 operator
POST /imports/{id}/undo                 operator
GET  /imports/{id}/left                 viewer
POST /imports/{id}/approve              operator
POST /imports/{id}/discard              operator
GET  /imports/{id}/file                 viewer
GET  /imports/{id}/refused              viewer
GET  /imports/{id}/problems.csv         viewer
GET  /imports/{id}/problems.xlsx        viewer
GET  /imports/{id}/problems.json        viewer
GET  /automation                        viewer
GET  /automation/events                 viewer
POST /automation/activate               administrator
POST /automation/deactivate             administrator
POST /automation/retry                  operator
POST /automation/preview                operator
GET  /settings                          viewer
GET  /settings/erp-system               viewer
POST /settings/erp-system               administrator
POST /settings/erp-system/test          administrator
GET  /settings/formats                  viewer
GET  /settings/formats/new              administrator
GET  /settings/formats/edit             viewer
POST /settings/formats/preview          administrator
POST /settings/formats/look             administrator
POST /settings/formats/save             administrator
POST /settings/formats/suggest          administrator
POST /settings/formats/delete           administrator
GET  /settings/own-fields               viewer
GET  /settings/own-fields/new           administrator
GET  /settings/own-fields/edit          administrator
POST /settings/own-fields/save          administrator
POST /settings/own-fields/delete        administrator
GET  /settings/notifications            viewer
POST /settings/notifications            administrator
POST /settings/notifications/test       administrator
GET  /settings/people                   administrator
POST /settings/people                   administrator
POST /settings/people/link              administrator
POST /settings/people/role              administrator
POST /settings/people/remove            administrator
GET  /help                              viewer
GET  /help/{page}                       viewer
GET  /customers                         viewer
GET  /customers/{number}                viewer
GET  /customers/import                  operator
POST /customers/import                  operator
GET  /customers/import/{check}          operator
POST /customers/import/{check}/again    operator
POST /customers/import/{check}/cancel   operator
POST /customers/import/{check}/start    operator
GET  /customers/new                      operator
POST /customers/new                      operator
GET  /customers/edit                     operator
POST /customers/edit                     operator
GET  /customers/record                  viewer
GET  /customers/duplicates              viewer
GET  /customers/duplicates/compare      viewer
POST /customers/duplicates/dismiss      operator
POST /customers/duplicates/take-back    operator
GET  /customers/export                  viewer
GET  /products                          viewer
GET  /products/{number}                 viewer
GET  /products/import                  operator
POST /products/import                  operator
GET  /products/import/{check}          operator
POST /products/import/{check}/again    operator
POST /products/import/{check}/cancel   operator
POST /products/import/{check}/start    operator
GET  /products/new                      operator
POST /products/new                      operator
GET  /products/edit                     operator
POST /products/edit                     operator
GET  /products/record                   viewer
GET  /products/export                   viewer
";

/// The addresses with something in place of their names.
fn rows() -> Vec<(Method, &'static str, String, Option<Role>)> {
    let row = |line: &'static str| {
        let mut words = line.split_whitespace();
        let mut next = || words.next().unwrap();
        let (method, path, role) = (next(), next(), next());
        let asked = path.replace("{id}", "1").replace("{name}", "suite.css").replace("{secret}", "x");
        let asked =
            asked.replace("{number}", "10").replace("{page}", "imports").replace("{check}", "check-1");
        (method.parse().unwrap(), path, asked, role.parse().ok())
    };
    ALLOWED.lines().filter(|line| !line.is_empty()).map(row).collect()
}

#[test]
fn every_route_is_in_the_table() {
    let mut routes: Vec<String> =
        table().iter().map(|route| format!("{} {}", route.method, route.path)).collect();
    let mut known: Vec<String> = rows().iter().map(|row| format!("{} {}", row.0, row.1)).collect();
    routes.sort();
    known.sort();
    assert_eq!(routes, known);
}

#[tokio::test]
async fn each_role_reaches_its_pages_and_no_others() {
    let site = TestSite::new();
    let cookies = Role::ALL.iter().map(|role| (Some(*role), site.signed_in(role.word(), *role)));
    let mut visitors: Vec<(Option<Role>, String)> = cookies.collect();
    visitors.push((None, String::new()));
    visitors.push((None, "session=made-up".into()));
    for (method, path, asked, needs) in rows() {
        // Signing out would end the session that the next lines need.
        if path == "/sign-out" {
            continue;
        }
        for (role, cookie) in &visitors {
            let mut request = request(method.clone(), &asked, cookie).header("sec-fetch-site", "same-origin");
            if method == Method::POST {
                request = request.header("content-type", "application/x-www-form-urlencoded");
            }
            let answer = site.ask(request.body(Body::empty()).unwrap()).await;
            let to_sign_in = answer.header("location").starts_with("/sign-in");
            let refused = answer.status == StatusCode::FORBIDDEN
                || (answer.status == StatusCode::UNAUTHORIZED && path != "/sign-in")
                || (to_sign_in && answer.status == StatusCode::SEE_OTHER);
            let allowed = needs.is_none_or(|needs| role.is_some_and(|role| role >= needs));
            assert_eq!(!refused, allowed, "{method} {asked} as {role:?}: {} {}", answer.status, answer.text);
            assert_eq!(answer.header("content-security-policy"), CONTENT_SECURITY_POLICY);
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
            assert_eq!(answer.header("x-frame-options"), "DENY");
            let page = answer.header("content-type").starts_with("text/html");
            assert!(!page || answer.header("cache-control") == "no-store", "{asked}");
            for inline in [" style=", " onclick=", "<style", "javascript:"] {
                assert!(!answer.text.contains(inline) || !page, "{asked} has {inline}");
            }
        }
    }
}

#[tokio::test]
async fn changes_asked_for_by_other_sites_are_refused_before_anything_else() {
    let site = TestSite::new();
    let cookie = site.signed_in("anna", Role::Administrator);
    for (method, _, asked, _) in rows().into_iter().filter(|row| row.0 == Method::POST) {
        let request = request(method, &asked, &cookie).header("sec-fetch-site", "cross-site");
        let answer = site.ask(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{asked}");
        assert!(answer.text.contains("another site"), "{asked}");
    }
}

#[tokio::test]
async fn other_names_are_not_answered_but_the_health_pages_are() {
    let site = TestSite::new();
    for (path, status) in [
        ("/sign-in", StatusCode::MISDIRECTED_REQUEST),
        ("/assets/suite.css", StatusCode::MISDIRECTED_REQUEST),
        ("/health/live", StatusCode::OK),
        ("/health/ready", StatusCode::OK),
    ] {
        let mut request = request(Method::GET, path, "");
        request.headers_mut().unwrap().insert("host", "evil.example".parse().unwrap());
        let answer = site.ask(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, status, "{path}");
    }
}

#[tokio::test]
async fn errors_are_pages_with_a_way_out() {
    let site = TestSite::new();
    let cookie = site.signed_in("vera", Role::Viewer);
    for (method, path, status, says) in [
        (Method::GET, "/nowhere", StatusCode::NOT_FOUND, "There is no page /nowhere"),
        (Method::GET, "/customers/4711", StatusCode::NOT_FOUND, "no customer with the number “4711”"),
        (Method::GET, "/imports/99", StatusCode::NOT_FOUND, "There is no import 99"),
        (Method::GET, "/imports/x", StatusCode::BAD_REQUEST, "That did not work"),
        (Method::GET, "/customers?from=nonsense", StatusCode::BAD_REQUEST, "That did not work"),
        (Method::DELETE, "/imports", StatusCode::METHOD_NOT_ALLOWED, "That cannot be done here"),
        (Method::POST, "/automation/activate", StatusCode::FORBIDDEN, "needs an administrator"),
    ] {
        let answer = site.ask(request(method, path, &cookie).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.text.contains(says), "{path}: {}", answer.text);
        assert!(answer.text.contains(r#"class="button first""#), "{path} has a way out");
        assert_eq!(answer.header("content-security-policy"), CONTENT_SECURITY_POLICY);
    }
    // The page's own script gets a notice to show on the page it is on.
    let request = request(Method::GET, "/nowhere", &cookie).header("hx-request", "true");
    let answer = site.ask(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.header("hx-retarget"), "#notice");
    assert!(!answer.text.contains("<html"), "{}", answer.text);
}

#[tokio::test]
async fn a_form_has_its_limit() {
    let site = TestSite::new();
    let request = request(Method::POST, "/sign-in", "")
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/x-www-form-urlencoded");
    let long = format!("name=a&password={}", "x".repeat(3 << 20));
    let answer = site.ask(request.body(long.into()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(answer.text.contains("That is too large"), "{}", answer.text);
}
