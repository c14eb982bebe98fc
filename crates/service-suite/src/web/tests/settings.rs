//! Settings > ERP-system and Settings > People.

use axum::http::StatusCode;
use register::people::{self, Role};
use register::settings;

use super::with_format;

#[tokio::test]
async fn what_is_saved_is_what_is_shown_and_saving_it_again_changes_nothing() {
    let site = with_format();
    let cookie = site.signed_in("anna", Role::Administrator);
    let exchange = site.folder.path().parent().unwrap().join("elsewhere");
    let fields = [
        ("name", "Navision"),
        ("exchange-folder", exchange.to_str().unwrap()),
        ("settle", "2m"),
        ("after-import", "leave"),
        ("archive-folder", ""),
        ("refused-folder", ""),
        ("keep-archive", "90"),
        ("default.customers", "ERP customers"),
        ("filename.customers", "kunder-*.txt"),
    ];
    let answer = site.post("/settings/erp-system", &cookie, &fields).await;
    assert_eq!(answer.header("location"), "/settings/erp-system?said=saved", "{}", answer.text);
    let saved = site.site.database.read(settings::load).unwrap();
    assert_eq!(saved.erp_system.settle.as_secs(), 120);
    assert_eq!(saved.erp_system.archive_folder, None);
    assert_eq!(saved.formats[0].filename, "kunder-*.txt");
    let page = site.get("/settings/erp-system?said=saved", &cookie).await.text;
    for part in ["Saved.", "value=\"2m\"", "value=\"90\"", "kunder-*.txt", exchange.to_str().unwrap()] {
        assert!(page.contains(part), "{part} in {page}");
    }
    let automation = site.get("/automation", &cookie).await.text;
    assert!(automation.contains("/srv/exchange, left there after its import"), "{automation}");
    let version = site.site.database.read(settings::version).unwrap();
    site.post("/settings/erp-system", &cookie, &fields).await;
    assert_eq!(site.site.database.read(settings::version).unwrap(), version);
}

#[tokio::test]
async fn a_share_that_is_not_mounted_is_told_by_the_test_and_saving_says_that_it_is_right() {
    let site = with_format();
    let cookie = site.signed_in("anna", Role::Administrator);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let share = r#"{"mounted":true,"file_system":"NFS","may_be_remote":true}"#;
    site.site.database.write(|c| settings::set_stands_on(c, path, share)).unwrap();
    let fields = [
        ("name", "ERP"),
        ("exchange-folder", path),
        ("settle", "10s"),
        ("after-import", "archive"),
        ("keep-archive", "forever"),
    ];
    let known = || site.site.database.read(|c| settings::stood_on(c, path)).unwrap();
    let page = site.post("/settings/erp-system/test", &cookie, &fields).await.text;
    assert!(page.contains("was a mounted share (NFS), and is an ordinary folder now"), "{page}");
    let mut wrong = fields;
    wrong[2].1 = "ten";
    site.post("/settings/erp-system", &cookie, &wrong).await;
    assert!(known().is_some(), "testing and what cannot be saved change nothing");
    let version = site.site.database.read(settings::version).unwrap();
    site.post("/settings/erp-system", &cookie, &fields).await;
    assert_eq!(known(), None);
    assert!(site.site.database.read(settings::version).unwrap() > version, "a running look-out hears of it");
    let page = site.get("/settings/erp-system?said=saved", &cookie).await.text;
    assert!(!page.contains("was a mounted share"), "{page}");
}

#[tokio::test]
async fn what_is_wrong_is_said_beside_its_field_and_nothing_is_saved() {
    let site = with_format();
    let cookie = site.signed_in("anna", Role::Administrator);
    let before = site.site.database.read(settings::load).unwrap();
    let data = site.folder.path().to_str().unwrap();
    for (field, value, says) in [
        ("settle", "ten", "is no duration"),
        ("settle", "25h", "settle time"),
        ("keep-archive", "some", "is no number of days"),
        ("after-import", "burn", "choice for after-import"),
        ("exchange-folder", data, "folder"),
        ("exchange-folder", "exchange", "is not a whole path"),
    ] {
        let mut fields = vec![
            ("name", "ERP"),
            ("settle", "10s"),
            ("after-import", "archive"),
            ("keep-archive", "forever"),
        ];
        fields.retain(|pair| pair.0 != field);
        fields.push((field, value));
        let answer = site.post("/settings/erp-system", &cookie, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}={value}");
        assert!(answer.text.contains("Nothing was saved.") && answer.text.contains(says), "{}", answer.text);
        assert!(answer.text.contains("class=\"wrong\""), "{field}={value}: {}", answer.text);
    }
    assert_eq!(site.site.database.read(settings::load).unwrap(), before);
}

#[tokio::test]
async fn a_folder_is_tested_without_being_saved() {
    let site = with_format();
    let cookie = site.signed_in("anna", Role::Administrator);
    let fields = [("name", "My ERP"), ("exchange-folder", "/nowhere/at/all"), ("settle", "7s")];
    let page = site.post("/settings/erp-system/test", &cookie, &fields).await.text;
    assert!(page.contains("does not exist") && page.contains("value=\"7s\""), "{page}");
    assert_eq!(site.site.database.read(settings::load).unwrap().erp_system.name, "ERP");
}

#[tokio::test]
async fn roles_take_effect_at_once_and_the_last_administrator_stays() {
    let site = with_format();
    let anna = site.signed_in("anna", Role::Administrator);
    let bo = site.signed_in("bo", Role::Viewer);
    let id = |name: &str| {
        let found = site.site.database.read(|c| people::find_by_name(c, name)).unwrap();
        found.unwrap().id.to_string()
    };
    assert_eq!(site.get("/settings/people", &bo).await.status, StatusCode::FORBIDDEN);
    let answer = site.post("/settings/people/role", &anna, &[("id", &id("anna")), ("role", "viewer")]).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.text.contains("last administrator") && answer.text.contains("/settings/people"));
    site.post("/settings/people/role", &anna, &[("id", &id("bo")), ("role", "administrator")]).await;
    assert!(site.get("/settings/people", &bo).await.text.contains("anna"));
    let answer = site.post("/settings/people/link", &bo, &[("id", &id("anna"))]).await;
    assert!(answer.text.contains("/choose-password/"), "{}", answer.text);
}
