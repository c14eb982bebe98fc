//! Previews of the file that waits: begun, left and found again, cancelled, looked at anew.

use axum::http::StatusCode;
use register::imports;
use register::people::Role;

use super::importing::checked;
use super::with_format;
use crate::automation::status::LastCounts;
use crate::web::program::{CheckState, Outlook, Progress, Source, Waits};
use crate::web::testing::new_import;

fn running() -> CheckState {
    CheckState::Running(Progress { phase: "Reading".into(), percent: 43 })
}

#[tokio::test]
async fn the_file_that_waits_is_looked_at_and_found_again_when_its_page_was_left() {
    let site = with_format();
    let otto = site.signed_in("otto", Role::Operator);
    let page = site.get("/automation", &otto).await.text;
    assert!(page.contains("formaction=\"/automation/preview\"") && !page.contains("id=\"looks\""), "{page}");
    let begun = site.post("/automation/preview", &otto, &[("name", "customers-from-erp")]).await;
    assert_eq!(begun.header("location"), "/customers/import/check-1", "{}", begun.text);
    let asked = (Waits::Next("customers".into()), "otto".to_owned());
    assert_eq!(*site.imports.previewed.lock().unwrap(), [asked]);

    checked(&site, Source::ExchangeFolder, running());
    let page = site.get("/customers/import/check-1", &otto).await.text;
    for part in [
        "Reading: 43 %",
        "hx-trigger=\"every 1s\"",
        "action=\"/customers/import/check-1/cancel\"",
        "The file may still change until it has settled",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    let list = site.get("/automation", &otto).await.text;
    assert!(list.contains("href=\"/customers/import/check-1\"") && list.contains("Reading: 43 %"), "{list}");
    let by_hand = site.get("/customers/import", &otto).await.text;
    assert!(!by_hand.contains("id=\"looks\""), "what waits is no file of one's own: {by_hand}");

    let counts = LastCounts { read: 7, created: 4, updated: 3, ..LastCounts::default() };
    let outlook = Outlook { counts, deactivated: 2, warnings: 5, ..Outlook::default() };
    checked(&site, Source::ExchangeFolder, CheckState::Known(Box::new(outlook)));
    let page = site.get("/customers/import/check-1", &otto).await.text;
    for part in ["To be deactivated</dt><dd>2", "Warnings</dt><dd>5", "Look again"] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(!page.contains("/check-1/start"), "it is imported when its turn comes: {page}");
    assert!(!page.contains("hx-trigger") && !page.contains("/cancel"), "{page}");
}

#[tokio::test]
async fn an_import_that_waits_is_looked_at_from_its_page_and_one_that_is_over_is_not() {
    let site = with_format();
    let otto = site.signed_in("otto", Role::Operator);
    let id = site.site.database.write(|c| imports::begin(c, &new_import(c, 5)?)).unwrap();
    let address = format!("/imports/{id}/preview");
    let page = site.get(&format!("/imports/{id}"), &otto).await.text;
    assert!(page.contains(&address), "{page}");
    let begun = site.post(&address, &otto, &[]).await;
    assert_eq!(begun.header("location"), "/customers/import/check-1");
    assert_eq!(site.imports.previewed.lock().unwrap()[0].0, Waits::Import(id));
    checked(&site, Source::Import(id), running());
    let page = site.get("/customers/import/check-1", &otto).await.text;
    assert!(page.contains(&format!("href=\"/imports/{id}\"")), "{page}");

    *site.imports.nothing_waits.lock().unwrap() = Some("Import 1 waits no more: it is done.".into());
    let over = site.post(&address, &otto, &[]).await;
    assert_eq!(over.status, StatusCode::CONFLICT);
    assert!(
        over.text.contains("waits no more") && over.text.contains(&format!("/imports/{id}")),
        "{}",
        over.text
    );
    assert_eq!(site.post("/imports/99/preview", &otto, &[]).await.status, StatusCode::NOT_FOUND);
    let none = site.post("/automation/preview", &otto, &[("name", "nobody")]).await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
    let vera = site.signed_in("vera", Role::Viewer);
    assert_eq!(site.post(&address, &vera, &[]).await.status, StatusCode::FORBIDDEN);
    assert!(!site.get(&format!("/imports/{id}"), &vera).await.text.contains(&address));
}

#[tokio::test]
async fn a_preview_is_cancelled_as_often_as_somebody_presses_the_button() {
    let site = with_format();
    let otto = site.signed_in("otto", Role::Operator);
    checked(&site, Source::ExchangeFolder, running());
    for _ in 0..2 {
        let answer = site.post("/customers/import/check-1/cancel", &otto, &[]).await;
        assert_eq!(answer.header("location"), "/customers/import/check-1");
        checked(&site, Source::ExchangeFolder, CheckState::Cancelled);
    }
    let page = site.get("/customers/import/check-1", &otto).await.text;
    assert!(page.contains("Cancelled. Nothing was changed.") && page.contains("Look again"), "{page}");
    let again = site.post("/customers/import/check-1/again", &otto, &[]).await;
    assert_eq!(again.header("location"), "/customers/import/check-2");
    let gone = site.post("/customers/import/check-9/cancel", &otto, &[]).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    assert!(gone.text.contains("Nothing was changed by it"), "{}", gone.text);
}
