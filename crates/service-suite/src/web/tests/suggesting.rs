//! A sample is dropped on the page of the formats, and becomes one.

use axum::http::StatusCode;
use register::people::Role;
use register::{layout, settings};

use super::with_format;

const SAMPLE: &str = "Liste over kunder\n\nDebitornr|Firmanavn|Bynavn|Mail\n0010|Bager <b>Ølund|Fanø|a@b.example\n0011|Smed|Ribe|c@d.example\n";

fn value<'p>(page: &'p str, field: &str) -> &'p str {
    let start = format!("name=\"{field}\" value=\"");
    page.split(&start).nth(1).unwrap_or_default().split('"').next().unwrap_or_default()
}

#[tokio::test]
async fn a_sample_becomes_a_format_that_one_click_saves() {
    let site = with_format();
    let cookie = site.signed_in("anna", Role::Administrator);
    let sent = [("sample-file", Some("debitorer.csv"), SAMPLE)];
    let page = site.send("/settings/formats/suggest", &cookie, &sent).await.text;
    for (field, expected) in [
        ("from.number", "Debitornr"),
        ("from.name", "Firmanavn"),
        ("from.city", "Bynavn"),
        ("from.email", "Mail"),
        ("filename", "debitorer.csv"),
        ("skip-lines", "2"),
        ("name", "ERP customers 2"),
    ] {
        assert_eq!(value(&page, field), expected, "{field} in {page}");
    }
    for part in ["What this file is", "97 % sure", "Bager &#60;b&#62;Ølund", r#"value="pipe" selected"#] {
        assert!(page.contains(part), "{part} in {page}");
    }
    let fields = [
        "register",
        "name",
        "filename",
        "skip-lines",
        "header-lines",
        "from.number",
        "from.name",
        "from.city",
        "sample",
        "sample-name",
    ];
    let mut form: Vec<(&str, Option<&str>, &str)> =
        fields.iter().map(|field| (*field, None, value(&page, field))).collect();
    form.extend([
        ("encoding", None, "utf-8"),
        ("delimiter", None, "pipe"),
        ("quote", None, "\""),
        ("date-format", None, "%Y-%m-%d"),
    ]);
    let answer = site.send("/settings/formats/save", &cookie, &form).await;
    assert_eq!(answer.header("location"), "/settings/formats?said=saved", "{}", answer.text);
    let stored = site.site.database.read(|c| settings::format(c, "ERP customers 2")).unwrap().unwrap();
    assert_eq!((stored.format.skip_lines, stored.format.delimiter.as_str()), (2, "|"));
    // What its columns are called is expected of the first file, too.
    let known = site.site.database.read(|c| layout::known(c, &stored.format)).unwrap().unwrap();
    assert_eq!(known.layout.header, ["Debitornr", "Firmanavn", "Bynavn", "Mail"]);
    assert_eq!(known.import, None);
}

#[tokio::test]
async fn a_file_in_the_exchange_folder_can_be_chosen() {
    let site = with_format();
    let cookie = site.signed_in("anna", Role::Administrator);
    let any = [("in-folder", None, "*")];
    let page = site.send("/settings/formats/suggest", &cookie, &any).await.text;
    assert!(page.contains("No file there now"), "{page}");
    std::fs::create_dir_all(site.site.data.join("exchange")).unwrap();
    std::fs::write(site.site.data.join("exchange/debitorer.csv"), SAMPLE).unwrap();
    std::fs::write(site.site.data.join("exchange/.hidden"), SAMPLE).unwrap();
    let page = site.send("/settings/formats/suggest", &cookie, &any).await.text;
    assert!(page.contains(r#"value="debitorer.csv""#) && !page.contains(".hidden"), "{page}");
    let page =
        site.send("/settings/formats/suggest", &cookie, &[("in-folder", None, "debitorer.csv")]).await.text;
    assert_eq!(value(&page, "from.number"), "Debitornr", "{page}");
    assert!(page.contains("in the exchange folder now"), "{page}");
}

#[tokio::test]
async fn what_is_no_file_of_records_is_said() {
    let site = with_format();
    let cookie = site.signed_in("anna", Role::Administrator);
    for (sent, says) in [
        (
            vec![("sample-file", Some("picture.png"), "\u{1}\0\0\0PNG\0\0")],
            "Nothing can be said of picture.png",
        ),
        (vec![("name", None, "x")], "Choose a file first"),
    ] {
        let answer = site.send("/settings/formats/suggest", &cookie, &sent).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text);
        assert!(answer.text.contains(says), "{says} in {}", answer.text);
    }
}

#[tokio::test]
async fn a_column_that_is_called_as_an_own_field_is_proposed_for_it() {
    let site = with_format();
    let cookie = site.signed_in("anna", Role::Administrator);
    let own = [("register", "customers"), ("label", "Kørselsrute"), ("name", "route"), ("kind", "text")];
    site.post("/settings/own-fields/save", &cookie, &own).await;
    let sample = "Debitornr;Firmanavn;KØRSELSRUTE\n1;Alfa ApS;Nord\n2;Beta A/S;Syd\n";
    let sent = [("sample-file", Some("debitorer.csv"), sample)];
    let page = site.send("/settings/formats/suggest", &cookie, &sent).await.text;
    assert_eq!(
        (value(&page, "from.number"), value(&page, "from.route")),
        ("Debitornr", "KØRSELSRUTE"),
        "{page}"
    );
}

#[tokio::test]
async fn of_lines_of_several_kinds_it_says_which_are_the_records() {
    let site = with_format();
    let cookie = site.signed_in("anna", Role::Administrator);
    let sample = "30;1001;Bager Bo;Torvet 1;Ribe\n81;5;Brød\n81;6;Kage\n30;1002;Smed Ib;Havnen 2;Varde\n30;1003;Urmager Al;Gade 4;Ribe\n";
    let sent = [("sample-file", Some("debitorer.csv"), sample)];
    let page = site.send("/settings/formats/suggest", &cookie, &sent).await.text;
    assert_eq!((value(&page, "records"), value(&page, "from.number")), ("30", "2"), "{page}");
    assert!(page.contains("the lines that begin with 30"), "{page}");
}

#[tokio::test]
async fn a_format_that_is_there_keeps_what_a_sample_cannot_tell() {
    let site = with_format();
    let cookie = site.signed_in("anna", Role::Administrator);
    let mut sent = vec![
        ("register", None, "customers"),
        ("old-name", None, "ERP customers"),
        ("name", None, "ERP customers"),
        ("filename", None, "customers.txt"),
        ("default", None, "on"),
        ("encoding", None, "utf-8"),
        ("delimiter", None, "semicolon"),
        ("content", None, "full"),
        ("missing", None, "deactivate"),
        ("marker", None, "customers.done"),
        ("checks.phone", None, "refuse"),
        ("sample-file", Some("debitorer.csv"), SAMPLE),
    ];
    let page = site.send("/settings/formats/suggest", &cookie, &sent).await.text;
    for part in [
        r#"value="pipe" selected"#,
        r#"value="full" selected"#,
        r#"value="deactivate" selected"#,
        r#"value="customers.done""#,
        r#"value="refuse" selected"#,
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert_eq!((value(&page, "filename"), value(&page, "from.number")), ("customers.txt", "Debitornr"));
    sent.pop();
    sent.push((
        "sample-file",
        Some("varer.csv"),
        "Varenr;Varetekst;Salgspris;Enhed\n1;Skrue;2,50;stk\n2;Bolt;3,50;stk\n",
    ));
    let answer = site.send("/settings/formats/suggest", &cookie, &sent).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.text.contains("looks like a file of products"), "{}", answer.text);
}

#[tokio::test]
async fn a_format_is_saved_however_many_own_fields_there_are() {
    let site = with_format();
    let cookie = site.signed_in("anna", Role::Administrator);
    let names: Vec<(String, String)> =
        (0..1500).map(|n| (format!("line-break.own_{n}"), String::new())).collect();
    let mut sent: Vec<(&str, Option<&str>, &str)> =
        names.iter().map(|(name, value)| (name.as_str(), None, value.as_str())).collect();
    sent.extend([
        ("register", None, "customers"),
        ("name", None, "Many"),
        ("filename", None, "many.txt"),
        ("encoding", None, "utf-8"),
        ("delimiter", None, "semicolon"),
        ("header-lines", None, "1"),
        ("skip-lines", None, "0"),
        ("date-format", None, "%Y-%m-%d"),
        ("from.number", None, "No"),
        ("from.name", None, "Name"),
    ]);
    let answer = site.send("/settings/formats/save", &cookie, &sent).await;
    assert_eq!(answer.header("location"), "/settings/formats?said=saved", "{}", answer.text);
}
