//! Likely duplicates: found by command and by `serve`, dismissed, and shown again when something changed.

use serde_json::{Value, json};

use crate::pages::person;
use crate::support::{Suite, customers_format, settings, until};

fn items(suite: &Suite, arguments: &[&str]) -> Vec<Value> {
    let said = suite.run(&[&["customers", "duplicates", "--json"], arguments].concat()).ok().json();
    said["items"].as_array().unwrap().clone()
}

fn new(suite: &Suite, number: &str, values: &[&str]) {
    suite.run(&[&["customers", "new", number], values].concat()).ok();
}

#[test]
fn what_the_erp_system_has_twice_is_shown_until_somebody_dismisses_it() {
    let suite = Suite::waiting_for_customers();
    let said = suite.run(&["customers", "duplicates"]).ok();
    assert_eq!(said.out, "No likely duplicates among the customers.\n");
    new(&suite, "1001", &["name=Bager Ølund A/S", "tax_number=DK12345678", "postcode=8000"]);
    new(&suite, "1002", &["name=Murer Jensen", "phone=86 12 34 56"]);
    new(&suite, "1007", &["name=BAGER OLUND", "tax_number=12 34 56 78", "postcode=8000"]);
    new(&suite, "1008", &["name=Jensen Byg", "mobile=+45 86123456"]);
    let said = suite.run(&["customers", "duplicates", "--json"]).ok().json();
    assert_eq!(said["looked_through"], 4);
    let found = said["items"].as_array().unwrap();
    assert_eq!(found.len(), 2, "{found:?}");
    let numbers = |pair: &Value| [0, 1].map(|at| pair["records"][at]["number"].as_str().unwrap().to_owned());
    assert_eq!(numbers(&found[0]), ["1001", "1007"], "what has most in common comes first");
    assert_eq!(found[0]["same"], json!(["tax_number", "name"]));
    assert_eq!((numbers(&found[1]), &found[1]["same"]), (["1002".into(), "1008".into()], &json!(["phone"])));
    assert_eq!(found[0]["dismissed"], json!(null));
    let said = suite.run(&["customers", "duplicates"]).ok();
    assert!(said.out.contains("the same VAT or organisation number, nearly the same name"), "{said:?}");
    let first = suite.run(&["customers", "duplicates", "--limit", "1", "--json"]).ok().json();
    let next = first["next"].as_str().unwrap();
    assert_eq!(numbers(&items(&suite, &["--limit", "1", "--cursor", next])[0]), ["1002", "1008"]);

    let dismissed = suite.run(&["customers", "dismiss", "1008", "1002", "--json"]).ok().json();
    assert_eq!(dismissed["dismissed"]["by"], "command line");
    assert_eq!(items(&suite, &[]).len(), 1);
    assert_eq!(items(&suite, &["--dismissed"]).len(), 1);
    let change = &suite.customer("1002")["history"][0];
    assert_eq!(
        (&change["field"], &change["new"], &change["user"]),
        (&json!("not_duplicate_of"), &json!("1008"), &json!("command line"))
    );
    // Another field says nothing of it; the number that both had in common does.
    suite.run(&["customers", "set", "1008", "city=Vejle"]).ok();
    assert_eq!(items(&suite, &[]).len(), 1);
    for number in ["1002", "1008"] {
        suite.run(&["customers", "set", number, "phone=75 12 34 56"]).ok();
    }
    assert_eq!(items(&suite, &[]).len(), 2);
    suite.run(&["customers", "dismiss", "1002", "1008"]).ok();
    suite.run(&["customers", "dismiss", "1002", "1008", "--take-back"]).ok();
    assert_eq!(items(&suite, &[]).len(), 2);
    for (arguments, says) in [
        (&["customers", "dismiss", "1001", "1002"][..], "1001 and 1002 are no likely duplicates"),
        (&["customers", "dismiss", "1001", "9999"], "there is no customer 9999"),
        (&["customers", "dismiss", "1002", "1008", "--take-back"], "was not dismissed"),
        (&["products", "duplicates"], "products are not compared with each other"),
        (&["customers", "duplicates", "--cursor", "x"], "\"x\" is no place in this list"),
    ] {
        let said = suite.run(arguments);
        assert!(said.code == 1 && said.err.contains(says), "{arguments:?}: {said:?}");
    }
}

#[test]
fn a_running_program_finds_them_by_itself_and_an_undo_is_not_kept_from_anything_by_a_hint() {
    let columns = "[{ from = \"Kundenr\", field = \"number\" }, { from = \"Mail\", field = \"email\" }]";
    let suite = Suite::new();
    suite.apply(&settings(&customers_format(&[("columns", columns)]), "customers-from-erp"));
    let rows = "Kundenr;Mail\n1;post@alfa.example\n";
    let served = suite.serve();
    let vera = person(&suite, &served, "viewer");
    suite.import("customers.txt", rows).ok();
    suite.run(&["customers", "new", "2", "email=Post@Alfa.example"]).ok();
    until("the program has found them", || {
        vera.get("/customers/1").body.contains("/customers/duplicates/compare?number=1")
    });
    suite.run(&["customers", "dismiss", "1", "2"]).ok();
    assert!(vera.get("/customers/1").body.contains("No duplicate, said command line"));
    // That somebody looked at the customer is no change of it.
    let undone = suite.run(&["imports", "undo", "1", "--json"]).ok().json();
    assert_eq!(undone["state"], "undone");
    assert_eq!(suite.customers(), ["2"]);
}
