//! Importing a file by command: what it reports, what it stores, what it leaves alone.

use serde_json::json;

use crate::support::{HEADER, Suite, assert_keys};

#[test]
fn a_kept_file_is_imported_again_by_command() {
    let suite = Suite::waiting_for_customers();
    let older = suite.import("customers.txt", format!("{HEADER}1;Alfa;Ribe;;\n1x;;;tolv;\n")).json();
    suite.import("customers.txt", format!("{HEADER}1;Alfa;Vejle;;\n"));
    let id = older["id"].to_string();
    let said = suite.run(&["imports", "again", &id, "--json"]);
    assert_eq!(said.code, 4, "done with refused rows, as before: {said:?}");
    let again = said.json();
    assert_eq!((&again["id"], &again["sha256"], &again["updated"]), (&json!(3), &older["sha256"], &json!(1)));
    assert_eq!(suite.customer("1")["city"], "Ribe");
    let shown = suite.run(&["imports", "show", "3"]).ok().out.clone();
    assert!(shown.contains("started by import 1 again, by command line"), "{shown}");
    assert!(shown.contains("kept bytes: passed"), "{shown}");
    let unknown = suite.run(&["imports", "again", "9"]);
    assert_eq!((unknown.code, unknown.err.contains("there is no import 9")), (1, true), "{unknown:?}");
    std::fs::remove_dir_all(suite.data().join("archive")).unwrap();
    let away = suite.run(&["imports", "again", &id]);
    assert_eq!((away.code, away.err.contains("cannot be read")), (1, true), "{away:?}");
    assert_eq!(suite.imports().len(), 3);
}

#[test]
fn a_file_is_imported_and_every_row_is_accounted_for() {
    let suite = Suite::waiting_for_customers();
    let file = format!(
        "{HEADER}1001;Ørnbæk Ventilation A/S;Åbenrå;12500,50;31-12-2020\n1002;Grüntal GmbH;München;;\n\
         1003;Fjordlys AS;Tromsø;tolv;\n;Uden nummer;Vejle;;\n"
    );
    let said = suite.import("customers.txt", &file);
    assert_eq!(said.code, 4, "done with refused rows: {said:?}");
    let report = said.json();
    assert_keys(
        &report,
        [
            "id",
            "automation",
            "register",
            "file",
            "sha256",
            "state",
            "reason",
            "read",
            "created",
            "updated",
            "unchanged",
            "refused",
            "warnings",
            "missing",
            "started_at",
            "finished_at",
            "proof",
        ],
    );
    assert_eq!(report["state"], "done");
    assert_eq!((&report["read"], &report["created"], &report["refused"]), (&json!(4), &json!(2), &json!(2)));
    let problems = suite.problems(&report);
    assert_keys(&problems[0], ["line", "column", "field", "value", "code", "message", "hint"]);
    assert_eq!((&problems[0]["line"], &problems[0]["column"]), (&json!(4), &json!(4)));
    assert_eq!((&problems[0]["field"], &problems[0]["value"]), (&json!("credit_limit"), &json!("tolv")));
    assert_eq!((&problems[1]["line"], &problems[1]["code"]), (&json!(5), &json!("missing-key")));

    let customer = suite.customer("1001");
    assert_eq!(customer["name"], "Ørnbæk Ventilation A/S");
    assert_eq!(
        (&customer["credit_limit"], &customer["created_on"]),
        (&json!("12500.50"), &json!("2020-12-31"))
    );
    assert_eq!(customer["contacts"], json!([]));
    assert_keys(&customer["history"][0], ["at", "import", "undo_of", "user", "line", "field", "old", "new"]);
    assert_eq!(
        (&customer["history"][0]["import"], &customer["history"][0]["line"]),
        (&report["id"], &json!(2))
    );
    assert_eq!(suite.customer("1002")["credit_limit"], json!(null));
}

#[test]
fn the_next_file_changes_what_differs_and_says_from_what_to_what() {
    let suite = Suite::waiting_for_customers();
    suite.import("monday.txt", format!("{HEADER}1;Alfa;Vejle;1,00;\n2;Beta;Ribe;;\n")).ok();
    let file = format!("{HEADER}1;Alfa;Kolding;1,0;\n2;Beta;;;\n3;Gamma;Aarhus;;\n");
    let checked = suite.write("check.txt", &file);
    let check = suite.run(&["check", checked.to_str().unwrap(), "--json"]).ok().json();
    let report = suite.import("tuesday.txt", &file).ok().json();
    for count in ["read", "created", "updated", "unchanged", "refused", "missing"] {
        assert_eq!(check[count], report[count], "{count}");
    }
    assert_eq!(check["verdict"], "import");
    assert_eq!(
        (&report["created"], &report["updated"], &report["unchanged"]),
        (&json!(1), &json!(1), &json!(1))
    );
    let newest = &suite.customer("1")["history"][0];
    assert_eq!(
        (&newest["field"], &newest["old"], &newest["new"]),
        (&json!("city"), &json!("Vejle"), &json!("Kolding"))
    );
    assert_eq!(suite.customer("2")["city"], "Ribe", "an empty cell keeps what is there");
}

#[test]
fn values_that_look_like_attacks_are_stored_as_text_and_exported_harmlessly() {
    let suite = Suite::waiting_for_customers();
    let hostile =
        ["=cmd|' /C calc'!A0", "<script>alert(1)</script>", "'; DROP TABLE customers; --", "+1+1", "-2"];
    let rows: String = hostile.iter().enumerate().map(|(i, v)| format!("{i};\"{v}\";;;\n")).collect();
    suite.import("customers.txt", format!("{HEADER}{rows}")).ok();
    for (number, value) in hostile.iter().enumerate() {
        assert_eq!(suite.customer(&number.to_string())["name"], *value);
    }
    let exported = |name: &str, more: &[&str]| {
        let path = suite.path(name);
        suite.run(&[&["customers", "export", path.to_str().unwrap()], more].concat()).ok();
        std::fs::read_to_string(path).unwrap_or_default()
    };
    let csv = exported("out.csv", &[]);
    assert!(csv.starts_with("number,name,"), "{csv}");
    assert!(csv.contains("'=cmd|") && csv.contains("'+1+1") && csv.contains(",-2,"), "{csv}");
    assert!(!exported("raw.csv", &["--raw"]).contains("'=cmd"));
    assert!(exported("labels.csv", &["--labels"]).starts_with("Number,Name,"));
    let json: serde_json::Value = serde_json::from_str(&exported("out.json", &[])).unwrap();
    assert_eq!(json["items"].as_array().unwrap().len(), hostile.len());
    let excel = suite.path("out.xlsx");
    suite.run(&["customers", "export", excel.to_str().unwrap()]).ok();
    assert!(std::fs::read(excel).unwrap().starts_with(b"PK"));
}

#[test]
fn a_second_register_works_in_the_same_ways() {
    let suite = Suite::new();
    suite.apply(&crate::support::settings(
        "[[formats]]\nname = \"Products\"\nregister = \"products\"\ndefault = true\nfilename = \"products.txt\"\n\
         columns = [{ from = \"No\", field = \"number\" }, { from = \"Name\", field = \"name\" }, \
         { from = \"Price\", field = \"sales_price\" }, { from = 4, field = \"blocked\" }]\n",
        "products-from-erp",
    ));
    let file = suite.write("products.txt", "No;Name;Price;Blocked\nA-1;Pumpe;1.250,50;J\nA-2;Slange;5;N\n");
    let report = suite.run(&["import", "products", file.to_str().unwrap(), "--json"]).ok().json();
    assert_eq!((&report["register"], &report["created"]), (&json!("products"), &json!(2)));
    let product = suite.run(&["products", "show", "A-1", "--json"]).ok().json();
    assert_eq!((&product["sales_price"], &product["blocked"]), (&json!("1250.50"), &json!(true)));
    let list = suite.run(&["automation", "list", "--json"]).ok().json();
    assert_eq!(list["items"][1]["title"], "Products from ERP-system");
}

#[test]
fn customers_are_exported_in_the_layout_of_a_format_and_imported_again_without_a_change() {
    let suite = Suite::waiting_for_customers();
    let file = format!("{HEADER}1;\"Bager; Ølund\";Århus;12500,50;31-12-2020\n2;Łódź;;;\n");
    suite.import("customers.txt", &file);
    let path = suite.path("out.txt");
    let out = path.to_str().unwrap();
    let said = suite.run(&["customers", "export", out, "--format", "ERP customers", "--json"]).ok().json();
    assert_eq!(said["written"], 2);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), file.replace('\n', "\r\n"));
    let report = suite.run(&["import", "customers", out, "--json"]).ok().json();
    assert_eq!((&report["read"], &report["unchanged"]), (&json!(2), &json!(2)));
    let latin = crate::support::customers_format(&[("encoding", "\"windows-1252\"")]);
    suite.apply(&crate::support::settings(&latin, "customers-from-erp"));
    let refused = suite.run(&["customers", "export", out, "--format", "ERP customers"]);
    assert_eq!(
        (refused.code, refused.err.contains("customer \"2\": Name has \"Ł\"")),
        (1, true),
        "{refused:?}"
    );
    assert_eq!(std::fs::read_to_string(&path).unwrap(), file.replace('\n', "\r\n"), "what was there stays");
}
