//! Records taken out of the browser: as the list shows them, in every kind of file.

use axum::http::StatusCode;
use register::people::Role;

use super::with_format;

const FILE: &str = "Nr;Navn;By;Kredit\n7;=cmd()|A1;Århus;2,50\n8;Smed;Oslo;\n9;Bager;Oslo;1\n";

#[tokio::test]
async fn what_the_list_shows_is_exported_in_its_order_and_formulas_are_harmless() {
    let site = with_format();
    let vera = site.signed_in("vera", Role::Viewer);
    assert!(!site.get("/customers", &vera).await.text.contains("/customers/export"), "there is nothing yet");
    site.import(FILE);
    let page = site.get("/customers?q=oslo&sort=name", &vera).await.text;
    for part in [
        "action=\"/customers/export\"",
        "name=\"q\" value=\"oslo\"",
        "Export what was found as",
        "value=\"format:ERP customers\"",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    let csv = site.get("/customers/export?as=csv&q=oslo&sort=name&down=true", &vera).await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert!(csv.header("content-disposition").starts_with("attachment; filename=\"customers.csv\""));
    assert_eq!(csv.header("content-length"), csv.text.len().to_string());
    let names: Vec<&str> = csv.text.lines().skip(1).filter_map(|line| line.split(',').nth(1)).collect();
    assert_eq!(names, ["Smed", "Bager"], "{}", csv.text);
    let all = site.get("/customers/export?as=csv", &vera).await.text;
    assert!(all.contains(",'=cmd()|A1,"), "{all}");
    let excel = site.get("/customers/export?as=xlsx", &vera).await;
    assert!(excel.text.starts_with("PK") && excel.header("content-disposition").contains("customers.xlsx"));
    let json = site.get("/customers/export?as=json&q=smed", &vera).await;
    let json: serde_json::Value = serde_json::from_str(&json.text).unwrap();
    assert_eq!((&json["items"][0]["number"], json["items"].as_array().unwrap().len()), (&"8".into(), 1));
    let none = site.get("/customers/export?as=csv&q=zzzz", &vera).await;
    assert_eq!((none.status, none.text.lines().count()), (StatusCode::OK, 1), "a heading and no rows");
    let none = site.get("/customers/export?as=json&q=zzzz", &vera).await;
    assert_eq!(none.text.replace(char::is_whitespace, ""), "{\"items\":[],\"next\":null}");
    assert!(!site.get("/customers?q=zzzz", &vera).await.text.contains("/customers/export"));
}

#[tokio::test]
async fn records_are_exported_as_a_format_s_own_files_and_what_cannot_be_is_said() {
    let site = with_format();
    let vera = site.signed_in("vera", Role::Viewer);
    std::fs::create_dir(site.folder.path().join("scratch")).unwrap();
    site.import(FILE);
    let own = site.get("/customers/export?as=format:ERP%20customers&q=oslo", &vera).await;
    assert!(own.header("content-disposition").contains("\"customers.txt\""), "{}", own.text);
    assert_eq!(own.text, "Nr;Navn;By;Kredit\r\n8;Smed;Oslo;\r\n9;Bager;Oslo;1\r\n");
    let none = site.get("/customers/export?as=format:ERP%20customers&q=zzzz", &vera).await;
    assert_eq!(none.text, "Nr;Navn;By;Kredit\r\n", "a header and no rows");
    for (kind, why) in [("format:Nobody", "There is no format"), ("pdf", "no kind of file")] {
        let answer = site.get(&format!("/customers/export?as={kind}&q=oslo"), &vera).await;
        assert_eq!(answer.status, StatusCode::CONFLICT);
        assert!(answer.text.contains(why) && answer.text.contains("/customers?q=oslo"), "{}", answer.text);
    }
    site.import("Nr;Navn;By;Kredit\n10;Firma;Łódź;\n");
    let file = "filename = \"customers.txt\"";
    site.settings(&super::SETTINGS.replace(file, &format!("{file}\nencoding = \"windows-1252\"")));
    let unfit = site.get("/customers/export?as=format:ERP%20customers", &vera).await;
    assert_eq!(unfit.status, StatusCode::CONFLICT);
    assert!(unfit.text.contains("which the encoding windows-1252 does not have"), "{}", unfit.text);
    assert!(unfit.text.contains("export to CSV instead"), "{}", unfit.text);
}
