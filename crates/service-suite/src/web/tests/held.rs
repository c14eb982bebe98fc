//! A held import on the pages.

use axum::http::StatusCode;
use register::compare::{Preview, PreviewKind};
use register::counts::Counts;
use register::guard::Reason;
use register::imports::{self, Hold, State};
use register::people::Role;

use super::with_format;
use crate::web::testing::new_import;

#[tokio::test]
async fn a_held_import_is_shown_to_everybody_and_decided_once_by_an_operator() {
    let site = with_format();
    let (vera, otto) = (site.signed_in("vera", Role::Viewer), site.signed_in("otto", Role::Operator));
    let anna = site.signed_in("anna", Role::Operator);
    let change = Preview {
        line: None,
        number: "1001".into(),
        kind: PreviewKind::Deactivated,
        changes: vec![("inactive".into(), None, Some("1".into()))],
    };
    let hold = Hold {
        reasons: vec![Reason::new("fewer-rows", "It has only <b>50</b> rows.".into())],
        digest: 7,
        full: true,
        counts: Counts { read: 50, unchanged: 50, missing: 50, ..Counts::default() },
        deactivated: 50,
        warnings: 3,
        changes: vec![change],
        problems: Vec::new(),
        drift: None,
        at: (site.site.clock)(),
        approved: None,
    };
    let held = |n: usize| {
        site.site
            .database
            .write(|c| {
                let id = imports::begin(c, &new_import(c, n)?)?;
                imports::hold(c, id, &hold)?;
                Ok::<_, register::db::DbError>(id)
            })
            .unwrap()
    };
    let (first, second) = (held(1), held(2));
    let start = site.get("/", &vera).await.text;
    assert!(start.contains(&format!("/imports/{first}")) && start.contains("is held"), "{start}");
    for page in ["/customers", "/settings", "/help/imports", "/imports"] {
        let page = site.get(page, &vera).await.text;
        assert!(page.contains("title=\"2 held: they wait for a decision\""), "{page}");
    }
    let address = format!("/imports/{first}");
    let page = site.get(&address, &vera).await.text;
    assert!(page.contains("It has only &#60;b&#62;50&#60;/b&#62; rows."), "{page}");
    assert!(
        page.contains("deactivate 50") && page.contains("1001") && page.contains("Deactivated"),
        "{page}"
    );
    assert!(page.contains("with 3 warnings") && page.contains("Warnings</dt><dd>3</dd>"), "{page}");
    assert!(!page.contains("/approve") && page.contains("An operator decides."), "{page}");
    assert_eq!(site.post(&format!("{address}/approve"), &vera, &[]).await.status, StatusCode::FORBIDDEN);

    let page = site.get(&address, &otto).await.text;
    assert!(page.contains(&format!("{address}/approve")) && page.contains(&format!("{address}/discard")));
    let answer = site.post(&format!("{address}/approve"), &otto, &[]).await;
    assert_eq!(answer.header("location"), address);
    let state = |id: i64| site.site.database.read(|c| imports::find(c, id)).unwrap().unwrap().state;
    assert_eq!(state(first), State::Waiting);
    let late = site.post(&format!("{address}/discard"), &anna, &[]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.text.contains("approved already, by otto"), "{}", late.text);
    assert!(site.get(&address, &anna).await.text.contains("approved by otto"));

    let answer = site.post(&format!("/imports/{second}/discard"), &anna, &[]).await;
    assert_eq!(
        (answer.header("location"), state(second)),
        (format!("/imports/{second}").as_str(), State::Refused)
    );
    let start = site.get("/", &vera).await.text;
    assert!(!start.contains("is held") && !start.contains("class=\"menu-held\""), "{start}");
    assert_eq!(site.post("/imports/999/approve", &anna, &[]).await.status, StatusCode::NOT_FOUND);
}
