//! Customers with several contacts: from files, by command, and taken out again.

use serde_json::{Value, json};

use crate::support::{Suite, customers_format, settings};

/// As an ERP system writes it whose customers have a line for each contact.
const LINES: &str = "Kundenr;Navn;Kontakt;Stilling;Mail;Tlf\n\
                     1001;Bager Ølund;Anna Olsen;Indkøb;anna@olund.example;86 12 34 56\n\
                     1002;Murer Jensen;;;;\n\
                     1001;Bager Ølund;Bo Lund;Bogholderi;bo@olund.example;\n";

const COLUMNS: &str = "[{ from = \"Kundenr\", field = \"number\" }, { from = \"Navn\", field = \"name\" }, \
                       { from = \"Kontakt\", field = \"contact.name\" }, { from = \"Stilling\", field = \"contact.title\" }, \
                       { from = \"Mail\", field = \"contact.email\" }, { from = \"Tlf\", field = \"contact.phone\" }]";

fn a_line_each() -> Suite {
    let suite = Suite::new();
    let format = customers_format(&[("repeated", "\"contacts\""), ("columns", COLUMNS)]);
    suite.apply(&settings(&format, "customers-from-erp"));
    suite
}

fn names(customer: &Value) -> Vec<&str> {
    let contacts = customer["contacts"].as_array().unwrap();
    contacts.iter().map(|contact| contact["name"].as_str().unwrap()).collect()
}

#[test]
fn each_line_is_a_contact_of_its_customer_and_an_undo_brings_the_earlier_ones_back() {
    let suite = a_line_each();
    let report = suite.import("customers.txt", LINES).ok().json();
    assert_eq!(
        (&report["created"], &report["unchanged"], &report["read"]),
        (&json!(2), &json!(1), &json!(3))
    );
    let customer = suite.customer("1001");
    assert_eq!(
        customer["contacts"],
        json!([
            {"name": "Anna Olsen", "title": "Indkøb", "email": "anna@olund.example", "phone": "86 12 34 56", "mobile": null},
            {"name": "Bo Lund", "title": "Bogholderi", "email": "bo@olund.example", "phone": null, "mobile": null},
        ])
    );
    assert_eq!(suite.customer("1002")["contacts"], json!([]));
    let found = suite.run(&["customers", "list", "--query", "bo lund", "--json"]).ok().json();
    assert_eq!(found["items"][0]["number"], "1001");

    let later =
        LINES.replace("Bo Lund;Bogholderi;bo@olund.example", "Carla Holm;Bogholderi;carla@olund.example");
    let check = suite.write("later.txt", &later);
    let outlook = suite.run(&["check", check.to_str().unwrap(), "--json"]).ok().json();
    let report = suite.import("customers.txt", &later).ok().json();
    assert_eq!((&report["updated"], &report["unchanged"]), (&json!(1), &json!(2)));
    assert_eq!(
        (&outlook["updated"], &outlook["unchanged"]),
        (&json!(1), &json!(2)),
        "check and import agree"
    );
    let changes = suite.run(&["imports", "changes", "2", "--json"]).ok().json();
    let change = &changes["items"][0]["changes"][0];
    assert_eq!((&change["field"], &change["old"][1]["name"]), (&json!("contacts"), &json!("Bo Lund")));
    assert_eq!(change["new"][1]["name"], "Carla Holm");
    let customer = suite.customer("1001");
    assert_eq!(names(&customer), ["Anna Olsen", "Carla Holm"]);
    let change = &customer["history"][0];
    assert_eq!(
        (&change["field"], &change["old"][1]["name"], &change["new"][1]["name"]),
        (&json!("contacts"), &json!("Bo Lund"), &json!("Carla Holm"))
    );
    let told = suite.run(&["customers", "show", "1001"]).ok().out.clone();
    assert!(
        told.contains("contacts: Bo Lund (Bogholderi), bo@olund.example -> Carla Holm (Bogholderi)"),
        "{told}"
    );
    suite.run(&["imports", "undo", &report["id"].to_string()]).ok();
    assert_eq!(names(&suite.customer("1001")), ["Anna Olsen", "Bo Lund"]);
}

#[test]
fn lines_of_one_number_that_are_two_customers_are_refused_and_name_each_other() {
    let suite = a_line_each();
    let wrong = LINES.replace("1001;Bager Ølund;Bo", "1001;Café Ølund;Bo");
    let said = suite.import("customers.txt", wrong);
    assert_eq!(said.code, 4, "{said:?}");
    let report = said.json();
    assert_eq!((&report["created"], &report["refused"]), (&json!(1), &json!(2)));
    let problems = suite.problems(&report);
    assert_eq!(problems.len(), 2);
    for (problem, line) in problems.iter().zip([2, 4]) {
        assert_eq!((&problem["code"], &problem["line"]), (&json!("lines-disagree"), &json!(line)));
        let message = problem["message"].as_str().unwrap();
        for part in ["Lines 2 and 4", "Name", "\"Bager Ølund\"", "\"Café Ølund\""] {
            assert!(message.contains(part), "{message}");
        }
    }
}

#[test]
fn contacts_are_written_by_command_exported_and_imported_again_without_a_change() {
    let suite = Suite::new();
    let columns = "[{ from = \"number\", field = \"number\" }, { from = \"name\", field = \"name\" }, \
                   { from = \"contacts\", field = \"contacts\" }]";
    let changes = [("delimiter", "\",\""), ("blank", "\"clear\""), ("columns", columns)];
    suite.apply(&settings(&customers_format(&changes), "customers-from-erp"));
    let anna = "name=Anna Olsen; email=anna@olund.example";
    let made = suite
        .run(&[
            "customers",
            "new",
            "7",
            "name=Bager",
            "--contact",
            anna,
            "--contact",
            "name=Bo \"Bob\", jr.;mobile=20 30",
            "--json",
        ])
        .ok()
        .json();
    assert_eq!(names(&made), ["Anna Olsen", "Bo \"Bob\", jr."]);
    suite.run(&["customers", "new", "8", "name=Murer"]).ok();
    for (arguments, says) in [
        (&["--contact", "Anna"][..], "write it like name=Anna;phone=86123456"),
        (&["--contact", "name=Anna;email=anna"], "Contact 1, e-mail: \"anna\" is not an e-mail address."),
        (&["contacts=Anna"], "is no list of contacts"),
    ] {
        let said = suite.run(&[&["customers", "set", "7"], arguments].concat());
        assert_eq!(said.code, 1, "{said:?}");
        assert!(said.err.contains(says), "{said:?}");
    }
    for name in ["customers.csv", "customers.xlsx"] {
        let file = suite.path(name);
        suite.run(&["customers", "export", file.to_str().unwrap()]).ok();
    }
    let exported = std::fs::read(suite.path("customers.csv")).unwrap();
    let report = suite.import("customers.csv", exported).ok().json();
    assert_eq!((&report["unchanged"], &report["updated"]), (&json!(2), &json!(0)), "{report}");
    let cleared = suite.run(&["customers", "set", "7", "contacts=", "--json"]).ok().json();
    assert_eq!(cleared["contacts"], json!([]));
}
