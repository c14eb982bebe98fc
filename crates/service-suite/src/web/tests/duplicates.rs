//! Likely duplicates, on the pages.

use std::fs::File;
use std::ops::ControlFlow;

use axum::http::StatusCode;
use register::people::Role;
use register::{CUSTOMERS, compare, duplicates, edit};

use crate::web::testing::TestSite;

struct Scratch;

impl compare::Scratch for Scratch {
    fn file(&self) -> std::io::Result<File> {
        tempfile::tempfile()
    }
}

fn add(site: &TestSite, number: &str, name: &str, email: &str) {
    let at = (site.site.clock)();
    let values = [("number", Some(number)), ("name", Some(name)), ("email", Some(email))];
    site.site.database.write(|c| edit::create(c, &CUSTOMERS, &values, "Bent", at)).unwrap();
}

fn look(site: &TestSite) {
    let (db, live, at) = (&site.site.database, &site.site.live, (site.site.clock)());
    duplicates::look(db, live, &CUSTOMERS, &Scratch, at, &mut |_| ControlFlow::Continue(())).unwrap();
}

#[tokio::test]
async fn a_hint_is_listed_compared_dismissed_and_taken_back() {
    let site = TestSite::new();
    let otto = site.signed_in("otto", Role::Operator);
    let vera = site.signed_in("vera", Role::Viewer);
    add(&site, "A/1", "Bager <Ølund>", "post@olund.example");
    let page = site.get("/customers/duplicates", &otto).await.text;
    assert!(page.contains("Not looked for yet"), "{page}");
    look(&site);
    let page = site.get("/customers/duplicates", &otto).await.text;
    assert!(page.contains("No likely duplicates") && page.contains("among 1 customer<"), "{page}");
    add(&site, "2", "Olund Bageri", "POST@olund.example");
    look(&site);
    assert!(site.get("/customers", &vera).await.text.contains("href=\"/customers/duplicates\""));
    assert!(!site.get("/products", &vera).await.text.contains("duplicates"), "products are not compared");
    let compare = "/customers/duplicates/compare?number=A%2F1&other=2";
    let page = site.get("/customers/duplicates", &otto).await.text;
    for part in [
        "href=\"/customers/A%2F1\"",
        "Bager &#60;Ølund&#62;",
        "The same e-mail address",
        "value=\"A/1\"",
        "Dismiss",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(page.contains(&compare.replace('&', "&#38;")), "{page}");
    let page = site.get("/customers/2", &otto).await.text;
    assert!(page.contains("Compare with A/1") && page.contains("/customers/duplicates/dismiss"), "{page}");
    for address in ["/customers/duplicates", "/customers/2", compare] {
        let page = site.get(address, &vera).await.text;
        assert!(!page.contains("/customers/duplicates/dismiss"), "viewers dismiss nothing: {page}");
    }
    let page = site.get(compare, &otto).await.text;
    for part in ["POST@olund.example", "post@olund.example", "Compared", "differs", "they are no duplicates"]
    {
        assert!(page.contains(part), "{part} in {page}");
    }

    let two = [("number", "2"), ("other", "A/1")];
    let answer = site.post("/customers/duplicates/dismiss", &otto, &two).await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (StatusCode::SEE_OTHER, "/customers/2?said=dismissed")
    );
    let page = site.get("/customers/2?said=dismissed", &otto).await.text;
    for part in
        ["shown as likely duplicates no more", "No duplicate, said otto", "No duplicate of", "Take back"]
    {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(site.get("/customers/duplicates", &otto).await.text.contains("No likely duplicates"));
    let page = site.get("/customers/duplicates?dismissed=true", &otto).await.text;
    assert!(page.contains("by otto") && page.contains("take-back"), "{page}");
    assert!(site.get(compare, &otto).await.text.contains("otto said that they are no duplicates"));

    let back = [("number", "A/1"), ("other", "2"), ("on", "list")];
    let answer = site.post("/customers/duplicates/take-back", &otto, &back).await;
    assert_eq!(answer.header("location"), "/customers/duplicates?dismissed=true&said=taken-back");
    assert_eq!(site.post("/customers/duplicates/take-back", &otto, &back).await.status, StatusCode::CONFLICT);
    assert!(site.get("/customers/duplicates", &otto).await.text.contains("Dismiss"));

    for (two, status) in [
        ([("number", "2"), ("other", "2")], StatusCode::CONFLICT),
        ([("number", "2"), ("other", "77")], StatusCode::NOT_FOUND),
    ] {
        assert_eq!(site.post("/customers/duplicates/dismiss", &otto, &two).await.status, status);
    }
    let nobody = site.get("/customers/duplicates/compare?number=2&other=77", &otto).await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);
    assert_eq!(site.get("/customers/duplicates?from=x", &otto).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_look_that_is_under_way_is_told() {
    let site = TestSite::new();
    let vera = site.signed_in("vera", Role::Viewer);
    look(&site);
    let (register, at) = (&CUSTOMERS, (site.site.clock)());
    let looking = duplicates::Looking { done: 430_000, total: 1_000_000 };
    site.site.live.write(|c| duplicates::set_looking(c, register, looking, at)).unwrap();
    let page = site.get("/customers/duplicates", &vera).await.text;
    assert!(page.contains("Looking: 43 %") && page.contains("every 2s"), "{page}");
    // One that says nothing more has ended without an end.
    site.wait(jiff::SignedDuration::from_secs(61));
    let page = site.get("/customers/duplicates", &vera).await.text;
    assert!(page.contains("Last looked for") && !page.contains("every 2s"), "{page}");
}
