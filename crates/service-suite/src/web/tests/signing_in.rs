//! Set-up, signing in and out, links that work once.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use jiff::SignedDuration;
use register::people::{self, Purpose, Role};

use crate::web::session::hashed;
use crate::web::testing::{Answer, TestSite, request};

const PASSWORD: &str = "correct horse battery";

fn cookie(answer: &Answer) -> String {
    answer.header("set-cookie").split(';').next().unwrap_or_default().to_owned()
}

async fn set_up(site: &TestSite) -> Answer {
    let fields = [("name", "anna"), ("password", PASSWORD), ("again", PASSWORD)];
    site.post("/set-up/f00d", "", &fields).await
}

#[tokio::test]
async fn the_first_administrator_is_made_once_through_the_link() {
    let site = TestSite::new();
    let file = site.folder.path().join("set-up-link");
    std::fs::write(&file, "http://localhost:7878/set-up/f00d\n").unwrap();
    assert!(site.get("/sign-in", "").await.text.contains("Nobody can sign in yet"));
    assert_eq!(site.get("/set-up/beef", "").await.status, StatusCode::NOT_FOUND);
    assert!(site.get("/set-up/f00d", "").await.text.contains("Set up Service Suite"));
    let short = [("name", "anna"), ("password", "short"), ("again", "short")];
    let answer = site.post("/set-up/f00d", "", &short).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text.contains("at least 10 characters") && answer.text.contains("value=\"anna\""));

    let answer = set_up(&site).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/"));
    assert!(answer.header("set-cookie").ends_with("Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax"));
    assert!(site.get("/", &cookie(&answer)).await.text.contains("Main menu"));
    assert!(!file.exists());
    assert_eq!(site.get("/set-up/f00d", "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(set_up(&site).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_fifth_failure_slows_an_account_down_whether_it_exists_or_not() {
    let site = TestSite::new();
    std::fs::write(site.folder.path().join("set-up-link"), "f00d").unwrap();
    set_up(&site).await;
    for name in ["anna", "nobody"] {
        for failure in 1..=5 {
            let answer = site.post("/sign-in", "", &[("name", name), ("password", "wrong")]).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{name} {failure}");
            assert!(answer.text.contains("Name or password is wrong"));
        }
        let right = [("name", name), ("password", PASSWORD)];
        let answer = site.post("/sign-in", "", &right).await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{name}");
        assert!(answer.text.contains("Wait 1 second, then try again"), "{}", answer.text);
    }
    // One second later the right password is taken, and the failures are forgotten.
    site.wait(SignedDuration::from_secs(1));
    let fields = [("name", "ANNA"), ("password", PASSWORD), ("next", "/imports?state=done")];
    let answer = site.post("/sign-in", "", &fields).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/imports?state=done"));
    let answer = site.post("/sign-in", "", &[("name", "anna"), ("password", "wrong")]).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_session_ends_when_one_signs_out_when_one_is_removed_and_when_it_is_idle() {
    let site = TestSite::new();
    let anna = site.signed_in("anna", Role::Administrator);
    let bo = site.signed_in("bo", Role::Viewer);
    assert_eq!(site.get("/", &bo).await.status, StatusCode::OK);
    let id = site.site.database.read(|c| people::find_by_name(c, "bo")).unwrap().unwrap().id.to_string();
    let answer = site.post("/settings/people/remove", &anna, &[("id", &id)]).await;
    assert_eq!(answer.header("location"), "/settings/people");
    assert_eq!(site.get("/imports", &bo).await.header("location"), "/sign-in?next=%2Fimports");

    let answer = site.post("/sign-out", &anna, &[]).await;
    assert!(answer.header("set-cookie").starts_with("session=; Path=/; Max-Age=0"));
    assert_eq!(site.get("/", &anna).await.header("location"), "/sign-in");

    let cleo = site.signed_in("cleo", Role::Operator);
    site.wait(SignedDuration::from_hours(11));
    assert_eq!(site.get("/", &cleo).await.status, StatusCode::OK, "use keeps it alive");
    site.wait(SignedDuration::from_hours(11));
    assert_eq!(site.get("/", &cleo).await.status, StatusCode::OK);
    site.wait(SignedDuration::from_hours(13));
    assert_eq!(site.get("/", &cleo).await.header("location"), "/sign-in");
    // A page that is open notices, and goes to sign in.
    let request = request(Method::GET, "/imports", &cleo).header("hx-request", "true");
    let answer = site.ask(request.body(Body::empty()).unwrap()).await;
    assert_eq!((answer.status, answer.header("hx-redirect")), (StatusCode::UNAUTHORIZED, "/sign-in"));
}

#[tokio::test]
async fn a_person_who_is_added_chooses_a_password_through_a_link_that_works_once() {
    let site = TestSite::new();
    let anna = site.signed_in("anna", Role::Administrator);
    let answer = site.post("/settings/people", &anna, &[("name", "bo <b>"), ("role", "viewer")]).await;
    assert!(answer.text.contains("bo &#60;b&#62;") && !answer.text.contains("bo <b>"), "{}", answer.text);
    let link =
        answer.text.split("http://localhost:7878").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert!(site.get(&link, "").await.text.contains("Choose your password"));
    let answer = site.post(&link, "", &[("password", PASSWORD), ("again", "another one")]).await;
    assert!(answer.text.contains("not the same"));
    let answer = site.post(&link, "", &[("password", PASSWORD), ("again", PASSWORD)]).await;
    assert_eq!(site.get("/", &cookie(&answer)).await.status, StatusCode::OK);
    assert_eq!(site.post(&link, "", &[("password", PASSWORD), ("again", PASSWORD)]).await.status, 404);
    let answer = site.post("/settings/people", &anna, &[("name", "BO <b>"), ("role", "viewer")]).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.text.contains("exists already"), "{}", answer.text);
}

#[tokio::test]
async fn a_link_that_signs_in_is_not_used_up_by_looking_at_it() {
    let site = TestSite::new();
    let now = (site.site.clock)();
    site.site
        .database
        .write(|c| {
            let person = people::add(c, "demo", Role::Administrator, now)?;
            people::create_link(
                c,
                person.id,
                Purpose::SignIn,
                &hashed("c0de"),
                now + SignedDuration::from_hours(1),
            )
        })
        .unwrap();
    for _ in 0..2 {
        assert!(site.get("/sign-in/c0de", "").await.text.contains("Sign in as demo"));
    }
    let answer = site.post("/sign-in/c0de", "", &[]).await;
    assert_eq!(site.get("/", &cookie(&answer)).await.status, StatusCode::OK);
    assert_eq!(site.post("/sign-in/c0de", "", &[]).await.status, StatusCode::NOT_FOUND);
}
