//! "Retry now" on the pages.

use axum::http::StatusCode;
use register::imports::{self, Step};
use register::people::Role;

use super::with_format;
use crate::web::testing::new_import;

#[tokio::test]
async fn an_operator_makes_an_automation_try_again() {
    let site = with_format();
    let (vera, otto) = (site.signed_in("vera", Role::Viewer), site.signed_in("otto", Role::Operator));
    let offered = |page: &str| page.contains("formaction=\"/automation/retry\"");
    assert!(!offered(&site.get("/automation", &vera).await.text));
    let page = site.get("/automation", &otto).await.text;
    assert!(offered(&page) && !page.contains("/automation/activate"), "{page}");
    let answer = site.post("/automation/retry", &otto, &[("name", "products-from-erp")]).await;
    assert_eq!(answer.header("location"), "/automation?chosen=products-from-erp&said=retried");
    assert!(site.get(answer.header("location"), &otto).await.text.contains("Tried again now."));
    let unknown = site.post("/automation/retry", &otto, &[("name", "<b>")]).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    assert_eq!(*site.automations.retried.lock().unwrap(), ["products-from-erp by otto"]);
}

#[tokio::test]
async fn an_import_that_failed_is_tried_again_from_its_page() {
    let site = with_format();
    let (vera, otto) = (site.signed_in("vera", Role::Viewer), site.signed_in("otto", Role::Operator));
    let waiting = site.site.database.write(|c| imports::begin(c, &new_import(c, 1)?)).unwrap();
    let address = format!("/imports/{waiting}");
    let offered = |page: &str| page.contains(&format!("action=\"{address}/retry\""));
    let page = site.get(&address, &otto).await.text;
    assert!(!offered(&page) && page.contains("Waiting for its turn."), "nothing has failed: {page}");
    let why = "no room for the private copy";
    site.site.database.write(|c| imports::requeue(c, waiting, Step::Claimed, Some(why))).unwrap();
    let page = site.get(&address, &otto).await.text;
    assert!(offered(&page) && page.contains("Waiting to be tried again.") && page.contains(why), "{page}");
    assert!(!offered(&site.get(&address, &vera).await.text));
    let answer = site.post(&format!("{address}/retry"), &otto, &[]).await;
    assert_eq!(answer.header("location"), address);
    assert_eq!(*site.automations.retried.lock().unwrap(), ["customers-from-erp by otto"]);
    assert_eq!(site.post("/imports/999/retry", &otto, &[]).await.status, StatusCode::NOT_FOUND);
}
