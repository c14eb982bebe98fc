//! Fields that an administrator declares, from the settings file to an export.

use serde_json::json;

use crate::support::{Suite, customers_format, settings};

const OWN: &str = r#"
[[own-fields]]
register = "customers"
name = "region_code"
label = "Region code"
kind = "choice"
choices = ["North", "South"]

[[own-fields]]
register = "customers"
name = "visits"
label = "Visits a year"
kind = "number"
"#;

const COLUMNS: &str = "[{ from = \"Nr\", field = \"number\" }, { from = \"Navn\", field = \"name\" }, \
                       { from = \"Region\", field = \"region_code\" }, { from = \"Besøg\", field = \"visits\" }]";

#[test]
fn declared_fields_are_read_from_files_searched_exported_and_shown() {
    let suite = Suite::new();
    let format = customers_format(&[("columns", COLUMNS)]);
    // Without their declaration the format maps what is not there.
    let file = suite.write("early.toml", settings(&format, "customers-from-erp"));
    let said = suite.run(&["settings", "apply", file.to_str().unwrap()]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("A customer has no field \"region_code\"."), "{said:?}");
    suite.apply(&settings(&format!("{OWN}\n{format}"), "customers-from-erp"));
    let shown = suite.run(&["settings", "show"]).ok().out.clone();
    assert!(shown.contains("[[own-fields]]") && shown.contains("label = \"Visits a year\""), "{shown}");
    let file = suite.write("shown.toml", &shown);
    let again = suite.run(&["settings", "apply", file.to_str().unwrap()]).ok().out.clone();
    assert!(again.contains("othing"), "applying what is shown changes nothing: {again}");

    let report = suite
        .import("customers.txt", "Nr;Navn;Region;Besøg\n1;Alfa;south;12,50\n2;Beta;East;\n3;Gamma;;\n")
        .json();
    assert_eq!((&report["created"], &report["refused"]), (&json!(2), &json!(1)));
    assert_eq!(suite.problems(&report)[0]["code"], "not-a-choice");
    let alfa = suite.customer("1");
    assert_eq!((&alfa["region_code"], &alfa["visits"]), (&json!("South"), &json!("12.50")));
    assert_eq!(suite.customer("3")["region_code"], json!(null));
    // The choice is added: the same bytes are read again.
    suite.apply(&settings(
        &format!("{}\n{format}", OWN.replace("\"South\"", "\"South\", \"East\"")),
        "customers-from-erp",
    ));
    let report = suite
        .import("customers.txt", "Nr;Navn;Region;Besøg\n1;Alfa;south;12,50\n2;Beta;East;\n3;Gamma;;\n")
        .ok()
        .json();
    assert_eq!(
        (&report["created"], &report["unchanged"], &report["refused"]),
        (&json!(1), &json!(2), &json!(0))
    );
    let found = suite.run(&["customers", "list", "--query", "east", "--json"]).ok().json();
    assert_eq!(found["items"][0]["number"], "2");
    let changed = suite.run(&["customers", "set", "1", "region_code=north", "--json"]).ok().json();
    assert_eq!(
        (&changed["region_code"], &changed["history"][0]["field"]),
        (&json!("North"), &json!("region_code"))
    );

    let csv = suite.path("customers.csv");
    suite.run(&["customers", "export", csv.to_str().unwrap(), "--labels"]).ok();
    let text = std::fs::read_to_string(&csv).unwrap();
    assert!(text.lines().next().unwrap().ends_with(",Region code,Visits a year"), "{text}");
    assert!(text.contains(",North,12.50"), "{text}");

    // Taken back while the format maps them, and then really.
    let without = format!("own-fields = []\n{}", settings(&format, "customers-from-erp"));
    let file = suite.write("without.toml", &without);
    let said = suite.run(&["settings", "apply", file.to_str().unwrap()]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("ERP customers") && said.err.contains("\"visits\""), "{said:?}");
    assert_eq!(suite.customer("1")["visits"], json!("12.50"));
    suite.apply(&format!("own-fields = []\n{}", settings(&customers_format(&[]), "customers-from-erp")));
    assert_eq!(suite.customer("1").get("visits"), None);
    suite.apply(&settings(&format!("{OWN}\n{format}"), "customers-from-erp"));
    assert_eq!(suite.customer("1")["visits"], json!("12.50"), "no value is lost");
}
