//! Taking an import back, on its page.

use std::ops::ControlFlow;

use axum::http::StatusCode;
use register::people::Role;
use register::{CUSTOMERS, edit, records, undo};

use super::with_format;
use crate::web::testing::TestSite;

const OLD: &str = "Nr;Navn;By;Kredit\n1;Alfa;Ribe;1\n2;Beta;Vejle;2\n";
const NEW: &str = "Nr;Navn;By;Kredit\n1;Alfa;Aarhus;1\n2;Beta;Odense;3\n3;<b>Gamma</b>;Skive;\n4;Delta;;\n";

/// Two imports, and what people did since.
fn imported() -> (TestSite, i64) {
    let site = with_format();
    site.import(OLD);
    let id = site.import(NEW);
    for (number, field, value) in [("2", "city", "Kolding"), ("3", "phone", "123")] {
        let at = (site.site.clock)();
        let edited = site.site.database.write(|c| {
            let version = records::find(c, &CUSTOMERS, number)?.unwrap().version;
            edit::edit(c, &CUSTOMERS, number, version, &[(field, Some(value))], "Bent", at)
        });
        edited.unwrap();
    }
    (site, id)
}

fn undo_for_real(site: &TestSite, id: i64) {
    let mut report = |_| ControlFlow::Continue(());
    undo::undo(&site.site.database, id, "otto", (site.site.clock)(), &mut report).unwrap();
}

#[tokio::test]
async fn the_page_of_an_import_shows_what_it_changed_old_and_new_side_by_side() {
    let (site, id) = imported();
    let cookie = site.signed_in("vera", Role::Viewer);
    let page = site.get(&format!("/imports/{id}"), &cookie).await.text;
    let changes = page.split("id=\"changes\"").nth(1).unwrap();
    for part in ["href=\"/customers/2\"", "<td>City</td>", "Vejle", "Odense", "Credit limit", "New</span>"] {
        assert!(changes.contains(part), "{part} in {changes}");
    }
    assert!(!page.contains("<b>Gamma</b>"), "{page}");
    assert!(!page.contains(&format!("/imports/{id}/undo")), "viewers undo nothing: {page}");
    let all = site.get(&format!("/imports/{id}/changes"), &cookie).await.text;
    assert!(all.contains("Odense") && all.contains("What it changed: customers.txt"), "{all}");
    let nothing = site.import(NEW.lines().next().unwrap());
    let page = site.get(&format!("/imports/{nothing}"), &cookie).await.text;
    assert!(page.contains("Nothing: every row that could be read"), "{page}");
}

#[tokio::test]
async fn many_changes_are_shown_a_page_at_a_time() {
    let site = with_format();
    let cookie = site.signed_in("otto", Role::Operator);
    let rows: String = (0..120).map(|n| format!("{n:03};Kunde {n};Vejle;\n")).collect();
    let id = site.import(&format!("Nr;Navn;By;Kredit\n{rows}"));
    let page = site.get(&format!("/imports/{id}"), &cookie).await.text;
    assert!(page.contains("Kunde 9<") && !page.contains("Kunde 10<"), "{page}");
    let mut address = format!("/imports/{id}/changes");
    let mut seen = 0;
    loop {
        let page = site.get(&address, &cookie).await.text;
        seen += page.matches("New</span>").count();
        let next = page.split("href=\"").find(|rest| rest.contains("\">Next page"));
        let Some(next) = next else { break };
        address = next.split('"').next().unwrap().to_owned();
    }
    assert_eq!(seen, 120);
    let answer = site.get(&format!("/imports/{id}/changes?from=nonsense"), &cookie).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_operator_sees_what_an_undo_comes_to_and_what_came_of_it() {
    let (site, id) = imported();
    let cookie = site.signed_in("otto", Role::Operator);
    let (page, form) = (format!("/imports/{id}"), format!("/imports/{id}/undo"));
    assert!(site.get(&page, &cookie).await.text.contains(&format!("href=\"{form}\"")));
    let asked = site.get(&form, &cookie).await.text;
    for part in [
        "Get their earlier values back</dt><dd>1</dd>",
        "as the import created them</dt><dd>1</dd>",
        "as they were changed since</dt><dd>2</dd>",
        &format!("action=\"{form}\""),
    ] {
        assert!(asked.contains(part), "{part} in {asked}");
    }
    let answer = site.post(&form, &cookie, &[]).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, page.as_str()));
    assert_eq!(*site.imports.undone.lock().unwrap(), [(id, "otto".to_owned())]);
    undo_for_real(&site, id);
    let undone = site.get(&page, &cookie).await.text;
    let section = undone.split("id=\"undone\"").nth(1).unwrap().split("id=\"changes\"").next().unwrap();
    for part in [
        "otto, <time",
        "earlier values again</dt><dd>1</dd>",
        "Left as they are</dt><dd>2</dd>",
        "<td>Vejle</td>",
        "<td>Odense</td>",
        "<td class=\"differs\">Kolding</td>",
        "Bent",
        "href=\"/customers/2\"",
        "was created by this import and changed since",
    ] {
        assert!(section.contains(part), "{part} in {section}");
    }
    assert!(!undone.contains(&format!("href=\"{form}\"")), "it is not offered twice: {undone}");
    // One that was created and is gone keeps its name in the list of changes.
    assert!(undone.contains("Delta (removed since)"), "{undone}");
    let gone = site.get("/customers/4", &cookie).await.text;
    for part in ["This customer is there no more.", "It was removed by otto, undoing", "Delta", "Created"] {
        assert!(gone.contains(part), "{part} in {gone}");
    }
    assert!(!gone.contains("/customers/edit"), "{gone}");
    let edit = site.get("/customers/edit?number=4", &cookie).await;
    assert_eq!(edit.status, StatusCode::NOT_FOUND);
    assert!(site.get(&format!("/imports/{id}/left"), &cookie).await.text.contains("Kolding"));
    let history = site.get("/customers/1", &cookie).await.text;
    assert!(
        history.contains(&format!("otto, undoing <a href=\"/imports/{id}\">import {id}</a>")),
        "{history}"
    );
    let twice = site.get(&form, &cookie).await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
    assert!(twice.text.contains("undone already, by otto on 2026-11-22"), "{}", twice.text);
    assert_eq!(site.get("/imports/99/undo", &cookie).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn who_is_too_late_is_told() {
    let (site, id) = imported();
    let cookie = site.signed_in("otto", Role::Operator);
    *site.imports.not_undone.lock().unwrap() = Some("Import 2 was undone already, by anna.".to_owned());
    let answer = site.post(&format!("/imports/{id}/undo"), &cookie, &[]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.text.contains("undone already, by anna"), "{}", answer.text);
    assert!(answer.text.contains(&format!("href=\"/imports/{id}\"")), "there is a way out: {}", answer.text);
}

#[tokio::test]
async fn an_undo_that_takes_long_tells_how_far_it_is() {
    let (site, id) = imported();
    let cookie = site.signed_in("otto", Role::Operator);
    let vera = site.signed_in("vera", Role::Viewer);
    let site = site.impatient();
    let (done, undoing) = std::sync::mpsc::channel();
    *site.imports.undoing.lock().unwrap() = Some(undoing);
    let page = site.post(&format!("/imports/{id}/undo"), &cookie, &[]).await;
    let page = page.header("location").to_owned();
    assert!(page.starts_with("/waiting/"), "{page}");
    assert_eq!(site.get(&page, &vera).await.status, StatusCode::NOT_FOUND, "it is told to who asked");
    *site.automations.progress.lock().unwrap() = Some((id, 43));
    let shown = site.get(&format!("/imports/{id}"), &vera).await.text;
    assert!(shown.contains("Undoing: 43 %") && shown.contains("hx-get"), "{shown}");
    let waits = site.get(&page, &cookie).await;
    assert_eq!((waits.status, waits.header("refresh")), (StatusCode::ACCEPTED, "2"));
    assert!(waits.text.contains("Undoing: 43 %"), "{}", waits.text);
    drop(done);
    let outcome = site.outcome(&page, &cookie).await;
    assert_eq!(outcome.header("location"), format!("/imports/{id}"));
}
