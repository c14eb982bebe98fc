//! Changes that meet the commit of an import: they wait, are made whole, and their outcome is told.

use axum::http::StatusCode;
use jiff::SignedDuration;
use register::people::{self, Purpose, Role};

use crate::web::session::hashed;
use crate::web::testing::{Answer, TestSite};
use crate::web::tests::with_format;

/// The page that the browser was sent to while its change waits.
fn waits(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let page = answer.header("location").to_owned();
    assert!(page.starts_with("/waiting/"), "{page}");
    page
}

#[tokio::test]
async fn a_person_added_during_a_commit_gets_the_link_afterwards() {
    let site = TestSite::new();
    let anna = site.signed_in("anna", Role::Administrator);
    let bo = site.signed_in("bo", Role::Administrator);
    let site = site.impatient();
    let commit = site.commit();
    let answer = site.post("/settings/people", &anna, &[("name", "carl"), ("role", "viewer")]).await;
    let page = waits(&answer);
    let answer = site.get(&page, &anna).await;
    assert_eq!((answer.status, answer.header("refresh")), (StatusCode::ACCEPTED, "2"));
    assert!(answer.text.contains("Your change waits"), "{}", answer.text);
    // The outcome holds a secret: nobody else sees it.
    assert_eq!(site.get(&page, &bo).await.status, StatusCode::NOT_FOUND);
    drop(commit);
    let answer = site.outcome(&page, &anna).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.text.contains("/choose-password/"), "{}", answer.text);
    // It is shown once.
    assert_eq!(site.get(&page, &anna).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_password_chosen_during_a_commit_ends_the_old_sessions() {
    let site = TestSite::new();
    let old = site.signed_in("anna", Role::Administrator);
    let now = (site.site.clock)();
    let expires = now + SignedDuration::from_hours(1);
    site.site
        .database
        .write(|c| {
            let anna = people::find_by_name(c, "anna")?.unwrap();
            people::create_link(c, anna.id, Purpose::ChoosePassword, &hashed("key"), expires)
        })
        .unwrap();
    let site = site.impatient();
    let commit = site.commit();
    let password = "a long enough password";
    let sent = [("password", password), ("again", password)];
    let page = waits(&site.post("/choose-password/key", "", &sent).await);
    drop(commit);
    let answer = site.outcome(&page, "").await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/"));
    assert!(answer.header("set-cookie").starts_with("session="), "{answer:?}");
    assert!(site.get("/", &old).await.header("location").starts_with("/sign-in"));
}

#[tokio::test]
async fn complaints_about_a_change_that_waited_are_not_lost() {
    let site = with_format();
    let cookie = site.signed_in("anna", Role::Administrator);
    let site = site.impatient();
    let commit = site.commit();
    let sent =
        [("name", "ERP"), ("settle", "10s"), ("after-import", "archive"), ("filename.customers", "a/b")];
    let sent: Vec<_> = sent.into_iter().chain([("default.customers", "ERP customers")]).collect();
    let page = waits(&site.post("/settings/erp-system", &cookie, &sent).await);
    drop(commit);
    let answer = site.outcome(&page, &cookie).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text.contains(r#"value="a/b""#), "{}", answer.text);
}

#[tokio::test]
async fn nobody_waits_with_a_link_that_was_made_up() {
    let site = TestSite::new();
    let commit = site.commit();
    for n in 0..100 {
        let answer = site.post(&format!("/sign-in/{n}"), "", &[]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
    drop(commit);
}

#[tokio::test]
async fn pages_are_read_however_many_changes_wait_and_the_queue_has_an_end() {
    let site = TestSite::new();
    let cookie = site.signed_in("anna", Role::Administrator);
    let site = site.impatient();
    let commit = site.commit();
    let (mut pages, mut told) = (Vec::new(), 0);
    for n in 0..70 {
        let name = format!("person {n}");
        let answer = site.post("/settings/people", &cookie, &[("name", &name), ("role", "viewer")]).await;
        match answer.status {
            StatusCode::SERVICE_UNAVAILABLE => told += 1,
            _ => pages.push(waits(&answer)),
        }
        assert_eq!(site.get("/customers", &cookie).await.status, StatusCode::OK);
    }
    drop(commit);
    let mut made = 0;
    for page in pages {
        match site.outcome(&page, &cookie).await.status {
            StatusCode::SERVICE_UNAVAILABLE => told += 1,
            status => made += u32::from(status == StatusCode::OK),
        }
    }
    assert_eq!((made, told), (64, 6));
}
