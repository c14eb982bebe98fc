//! Customers that people change and create, by command and on the pages.

use serde_json::json;

use crate::pages::person;
use crate::support::{HEADER, Suite};

#[test]
fn customers_are_created_and_changed_by_command_and_the_history_says_so() {
    let suite = Suite::waiting_for_customers();
    let made =
        suite.run(&["customers", "new", "900", "name=Nyåben Café", "blocked=yes", "--json"]).ok().json();
    assert_eq!((&made["name"], &made["blocked"]), (&json!("Nyåben Café"), &json!(true)));
    let changed =
        suite.run(&["customers", "set", "900", "credit_limit=1.500,5", "blocked=", "--json"]).ok().json();
    assert_eq!((&changed["credit_limit"], &changed["blocked"]), (&json!("1500.5"), &json!(null)));
    assert_eq!(changed["history"][0]["user"], "command line");
    assert_eq!(suite.customers(), ["900"]);
    // Blanks around a number are seen by nobody.
    let told = suite.run(&["customers", "new", " 902 ", "blocked=ja"]).ok().out.clone();
    assert!(
        told.starts_with("Number               902\n") && told.contains("Blocked              Yes\n"),
        "{told}"
    );
    assert_eq!(suite.customers(), ["900", "902"]);
    for (arguments, says) in [
        (
            &["set", "900", "country=Atlantis", "email=nobody"][..],
            "email: \"nobody\" is not an e-mail address.",
        ),
        (&["set", "900", "town=Vejle"], "a customer has no field \"town\"; the fields are: number, name"),
        (&["set", "900", "Vejle"], "write it like city=Aarhus"),
        (&["set", "901", "city=Vejle"], "there is no customer 901"),
        (&["set", "900", "number=901"], "the number cannot be changed"),
        (&["new", "900"], "there is a customer 900 already"),
        (&["new", " "], "A customer needs a number."),
    ] {
        let said = suite.run(&[&["customers"], arguments].concat());
        assert_eq!(said.code, 1, "{arguments:?}: {said:?}");
        assert!(said.err.contains(says), "{arguments:?}: {said:?}");
    }
    assert_eq!(suite.customer("900")["country"], json!(null), "nothing of a wrong command is done");
}

#[test]
fn what_a_person_changed_is_kept_until_a_file_says_otherwise() {
    let suite = Suite::waiting_for_customers();
    suite.import("customers.txt", format!("{HEADER}1;Alfa;Vejle;;\n2;Beta;Ribe;;\n")).ok();
    let served = suite.serve();
    let otto = person(&suite, &served, "operator");
    let form = "version=1&was.city=Vejle&value.city=Kolding&was.phone=&value.phone=75+12";
    assert_eq!(otto.post("/customers/edit?number=1", form).status, 303);
    // The same form again, sent from a page that was opened before.
    let late = otto.post("/customers/edit?number=1", form);
    assert_eq!(late.status, 409);
    assert!(late.body.contains("it was changed meanwhile, by operator"), "{late:?}");
    suite.import("customers.txt", format!("{HEADER}1;Alfa A/S;Vejle;;\n")).ok();
    let alfa = suite.customer("1");
    assert_eq!(
        (&alfa["city"], &alfa["phone"]),
        (&json!("Vejle"), &json!("75 12")),
        "the file says nothing of phones"
    );
    let changes = alfa["history"].as_array().unwrap();
    let told = |field: &str| changes.iter().find(|change| change["field"] == field).unwrap();
    assert_eq!((&told("city")["import"], &told("city")["old"]), (&json!(2), &json!("Kolding")));
    assert_eq!(told("phone")["user"], "operator");
}
