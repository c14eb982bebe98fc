//! The format editor and its preview.

use std::time::Duration;

use axum::http::StatusCode;
use erpfile::{Apply, Arriving, Blank, ColumnFrom, IgnoredInKey, Owner, Part, Repeated, Trailer};
use register::people::Role;
use register::settings;

use super::with_format;

const FORM: &[(&str, &str)] = &[
    ("register", "customers"),
    ("old-name", ""),
    ("name", "Kunder"),
    ("filename", "kunder.txt"),
    ("encoding", "windows-1252"),
    ("delimiter", "semicolon"),
    ("quote", "\""),
    ("skip-lines", "0"),
    ("header-lines", "1"),
    ("decimal-separator", ","),
    ("date-format", "%d-%m-%Y"),
    ("blank", "keep"),
    ("repeated", "refuse"),
    ("from.number", "Nr"),
    ("from.credit_limit", "#3"),
];

fn parts(change: &[(&'static str, &'static str)]) -> Vec<(&'static str, Option<&'static str>, &'static str)> {
    let kept = FORM.iter().filter(|field| !change.iter().any(|changed| changed.0 == field.0));
    kept.chain(change).map(|(name, value)| (*name, None, *value)).collect()
}

#[tokio::test]
async fn contacts_are_mapped_in_the_editor_one_a_line_or_several() {
    let site = with_format();
    let cookie = site.signed_in("anna", Role::Administrator);
    let page = site.get("/settings/formats/new?register=customers", &cookie).await.text;
    for part in ["name=\"from.contact.name\"", "name=\"from.contacts\"", "Each line is a contact"] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(!page.contains("from.contact.1.name"), "{page}");
    let one = [("contact-groups", "1"), ("from.contact.1.name", "Person1"), ("do", "more-contacts")];
    let page = site.send("/settings/formats/look", &cookie, &parts(&one)).await.text;
    for part in [
        "name=\"from.contact.1.name\"",
        "value=\"Person1\"",
        "name=\"from.contact.2.email\"",
        "Contact 2: e-mail",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    let two =
        [("contact-groups", "2"), ("from.contact.1.name", "Person1"), ("from.contact.2.name", "Person2")];
    let answer = site.send("/settings/formats/save", &cookie, &parts(&two)).await;
    assert_eq!(answer.header("location"), "/settings/formats?said=saved", "{}", answer.text);
    let stored = || site.site.database.read(|c| settings::format(c, "Kunder")).unwrap().unwrap().format;
    let fields: Vec<_> = stored().columns.iter().map(|column| column.field.clone()).collect();
    assert_eq!(fields, ["number", "credit_limit", "contact.1.name", "contact.2.name"]);
    let page = site.get("/settings/formats/edit?name=Kunder", &cookie).await.text;
    assert!(
        page.contains("value=\"Person2\"") && page.contains("name=\"contact-groups\" value=\"2\""),
        "{page}"
    );
    // Lines that are contacts need a column for one.
    let wrong = [("old-name", "Kunder"), ("repeated", "contacts")];
    let answer = site.send("/settings/formats/save", &cookie, &parts(&wrong)).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text.contains("no column is mapped to a part of one"), "{}", answer.text);
    let lines = [("old-name", "Kunder"), ("repeated", "contacts"), ("from.contact.name", "Kontakt")];
    let answer = site.send("/settings/formats/save", &cookie, &parts(&lines)).await;
    assert_eq!(answer.header("location"), "/settings/formats?said=saved", "{}", answer.text);
    assert_eq!(stored().repeated, Repeated::Contacts);
}

#[tokio::test]
async fn a_format_is_made_changed_and_deleted() {
    let site = with_format();
    let cookie = site.signed_in("anna", Role::Administrator);
    let page = site.get("/settings/formats/new?register=customers", &cookie).await.text;
    assert!(
        page.contains("value=\"ERP customers 2\"") && page.contains("VAT or organisation number"),
        "{page}"
    );
    let answer = site.send("/settings/formats/save", &cookie, &parts(&[])).await;
    assert_eq!(answer.header("location"), "/settings/formats?said=saved", "{}", answer.text);
    let stored = |name: &'static str| site.site.database.read(|c| settings::format(c, name)).unwrap();
    assert_eq!(stored("Kunder").unwrap().format.columns.len(), 2);

    let page = site.get("/settings/formats/edit?name=Kunder", &cookie).await.text;
    assert!(page.contains(r##"value="#3""##) && page.contains(r#"value="windows-1252" selected"#), "{page}");
    let renamed = [("old-name", "Kunder"), ("name", "Kunder <ny>"), ("default", "on")];
    site.send("/settings/formats/save", &cookie, &parts(&renamed)).await;
    assert!(stored("Kunder").is_none());
    assert!(stored("Kunder <ny>").unwrap().format.default);
    assert!(!stored("ERP customers").unwrap().format.default, "one default format for each register");
    let list = site.get("/settings/formats", &cookie).await.text;
    assert!(
        list.contains("/settings/formats/edit?name=Kunder%20%3Cny%3E")
            && list.contains("Kunder &#60;ny&#62;")
    );

    let answer = site.post("/settings/formats/delete", &cookie, &[("name", "Kunder <ny>")]).await;
    assert_eq!(answer.header("location"), "/settings/formats?said=deleted");
    assert!(stored("Kunder <ny>").is_none());
    let answer = site.get("/settings/formats/edit?name=Kunder", &cookie).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_made_of_a_column_is_edited_under_more() {
    let site = with_format();
    let cookie = site.signed_in("anna", Role::Administrator);
    let more = [
        ("from.group", "Gr"),
        ("codes.group", "3 = Retail\r\n4 = Wholesale\r\n"),
        ("other-codes.group", "keep"),
        ("from.name", "Fornavn"),
        ("more.name", "Mellem\r\nEfternavn"),
        ("together.name", "join"),
        ("join.name", " "),
        ("from.city", "Sted"),
        ("part.city", "city"),
        ("value.country", "DK"),
    ];
    let answer = site.send("/settings/formats/save", &cookie, &parts(&more)).await;
    assert_eq!(answer.header("location"), "/settings/formats?said=saved", "{}", answer.text);
    let format = site.site.database.read(|c| settings::format(c, "Kunder")).unwrap().unwrap().format;
    let column = |field: &str| format.columns.iter().find(|column| column.field == field).unwrap();
    assert_eq!((column("group").codes["4"].as_str(), column("group").codes.len()), ("Wholesale", 2));
    assert_eq!(
        (column("name").title().as_str(), column("name").join.as_deref()),
        ("Fornavn + Mellem + Efternavn", Some(" "))
    );
    assert_eq!((column("city").part, column("country").value.as_str()), (Part::City, "DK"));

    let page = site.get("/settings/formats/edit?name=Kunder", &cookie).await.text;
    for shown in [
        "joined with 2 more",
        "the city behind the postcode",
        "2 codes",
        "always DK",
        "3 = Retail\n4 = Wholesale",
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    let wrong =
        [("old-name", "Kunder"), ("from.group", "Gr"), ("codes.group", "Retail"), ("pivot-year", "x")];
    let answer = site.send("/settings/formats/save", &cookie, &parts(&wrong)).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text.contains("does not say what the code stands for"), "{}", answer.text);
    assert!(answer.text.contains("is no year of two digits"), "{}", answer.text);
}

#[tokio::test]
async fn what_is_wrong_with_a_format_stands_beside_its_field() {
    let site = with_format();
    let cookie = site.signed_in("anna", Role::Administrator);
    for (change, says) in [
        (("encoding", "klingon"), "klingon"),
        (("skip-lines", "many"), "is no number of lines"),
        (("name", "ERP customers"), "ERP customers"),
        (("date-format", "%Q"), "%Q"),
        (("from.number", ""), "number"),
        (("filename", "a/b.txt"), "folder separator"),
        (("marker", "a/b.done"), "is no name for a marker"),
        (("settle", "soon"), "is no duration"),
        (("settle", "0s"), "nothing says when the file is finished"),
        (("minimum-age", "25h"), "at most 24 h"),
        (("trailer.starts-with", "SLUT"), "The trailer verifies nothing"),
        (("trailer.row-count", "two"), "is no number of a cell"),
        (("trailer.total", "3"), "Nothing says which column adds up to the total"),
    ] {
        let answer = site.send("/settings/formats/save", &cookie, &parts(&[change])).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{change:?}");
        assert!(answer.text.contains("Nothing was saved.") && answer.text.contains(says), "{change:?}");
        assert!(answer.text.contains("aria-invalid=\"true\""), "{change:?}");
        assert!(answer.text.contains("value=\"#3\""), "what was typed is kept");
    }
}

#[tokio::test]
async fn how_one_knows_that_the_file_is_finished_is_asked_and_kept() {
    let site = with_format();
    let cookie = site.signed_in("anna", Role::Administrator);
    let page = site.get("/settings/formats/new?register=customers", &cookie).await.text;
    assert!(page.contains("How you know that the file is finished"), "{page}");
    let finished = [
        ("marker", "kunder.done"),
        ("settle", "0s"),
        ("minimum-age", "1m"),
        ("arrival", "renamed"),
        ("trailer.starts-with", "SLUT;"),
        ("trailer.row-count", "2"),
        ("trailer.total", "3"),
        ("trailer.total-of", "#3"),
    ];
    let answer = site.send("/settings/formats/save", &cookie, &parts(&finished)).await;
    assert_eq!(answer.header("location"), "/settings/formats?said=saved", "{}", answer.text);
    let stored = site.site.database.read(|c| settings::format(c, "Kunder")).unwrap().unwrap().format;
    assert_eq!((stored.marker.as_deref(), stored.settle), (Some("kunder.done"), Some(Duration::ZERO)));
    assert_eq!(stored.minimum_age, Some(Duration::from_secs(60)));
    assert_eq!(stored.arrival, Arriving::Renamed);
    let trailer = Trailer {
        starts_with: "SLUT;".into(),
        row_count: Some(2),
        total: Some(3),
        total_of: Some(ColumnFrom::Position(3)),
    };
    assert_eq!(stored.trailer, Some(trailer));
    let page = site.get("/settings/formats/edit?name=Kunder", &cookie).await.text;
    for (name, value) in finished.iter().filter(|field| field.0 != "arrival") {
        assert!(page.contains(&format!("name=\"{name}\" value=\"{value}\"")), "{name}: {page}");
    }
    assert!(page.contains(r#"value="renamed" selected"#), "{page}");
}

#[tokio::test]
async fn a_sample_is_shown_as_it_would_be_read() {
    let site = with_format();
    let cookie = site.signed_in("anna", Role::Administrator);
    let exchange = site.folder.path().join("exchange");
    std::fs::create_dir(&exchange).unwrap();
    std::fs::write(exchange.join("kunder.txt"), b"Nr;Navn;Kredit\n7;K\xf8b;x\n").unwrap();
    let page = site.post("/settings/formats/preview", &cookie, FORM).await.text;
    for part in ["kunder.txt", "in the exchange folder now", "Køb", "1 of the first 1 rows", "class=\"bad\""]
    {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(!page.contains("<html"));
    // Another encoding, and the same bytes are damage.
    let mut utf8: Vec<_> = FORM.iter().copied().filter(|field| field.0 != "encoding").collect();
    utf8.push(("encoding", "utf-8"));
    let page = site.post("/settings/formats/preview", &cookie, &utf8).await.text;
    assert!(page.contains("The whole file would be refused."), "{page}");

    let mut sent = parts(&[]);
    sent.push(("sample-file", Some("C:\\x\\<b>.csv"), "Nr;Navn;By\n9;Smed;Fanø\n"));
    sent.push(("do", None, "propose"));
    let page = site.send("/settings/formats/look", &cookie, &sent).await.text;
    assert!(page.contains("&#60;b&#62;.csv") && page.contains("uploaded"), "{page}");
    assert!(page.contains(r#"name="from.city" value="By""#), "proposed by its name: {page}");
    let kept = page.split("name=\"sample\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(kept.len(), 32);
    let mut again = FORM.to_vec();
    again.extend([("sample", kept), ("sample-name", "b.csv")]);
    let page = site.post("/settings/formats/preview", &cookie, &again).await.text;
    assert!(page.contains("Smed"), "{page}");
}

#[tokio::test]
async fn what_a_file_may_change_is_said_in_the_editor() {
    let site = with_format();
    let cookie = site.signed_in("anna", Role::Administrator);
    let rules = [
        ("apply", "update"),
        ("ignore-in-key.zeros", "on"),
        ("owner.credit_limit", "when-empty"),
        ("blank.credit_limit", "clear"),
    ];
    let answer = site.send("/settings/formats/save", &cookie, &parts(&rules)).await;
    assert_eq!(answer.header("location"), "/settings/formats?said=saved", "{}", answer.text);
    let stored = site.site.database.read(|c| settings::format(c, "Kunder")).unwrap().unwrap().format;
    assert_eq!((stored.apply, stored.ignore_in_key), (Apply::Update, vec![IgnoredInKey::Zeros]));
    let column = stored.columns.last().unwrap();
    assert_eq!((column.owner, column.blank), (Owner::WhenEmpty, Some(Blank::Clear)));
    let page = site.get("/settings/formats/edit?name=Kunder", &cookie).await.text;
    assert!(page.contains("taken only while it is empty here, empty clears"), "{page}");
    assert!(page.contains("name=\"ignore-in-key.zeros\" checked"), "{page}");
    let key = [("owner.number", "at-creation")];
    let answer = site.send("/settings/formats/save", &cookie, &parts(&key)).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text);
    assert!(answer.text.contains("never changes"), "{}", answer.text);
}
