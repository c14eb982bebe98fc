//! The ERP system is changed, and its file has other columns than yesterday.

use std::fs;

use serde_json::{Value, json};

use crate::support::{Suite, customers_format, settings, until};

const MONDAY: &str =
    "Kundenr;Navn;By;Telefon\n10;Bager Olsen;Aarhus;86 12 34 56\n11;Smed Hansen;Odense;66 12 34 56\n";

/// On Tuesday `Telefon` is called otherwise.
const TUESDAY: &str =
    "Kundenr;Navn;By;Telefonnr.\n10;Bager Olsen;Aarhus;86 12 34 57\n11;Smed Hansen;Odense;66 12 34 56\n";

const BY_NAME: &str = "[{ from = \"Kundenr\", field = \"number\" }, { from = \"Navn\", field = \"name\" }, \
                       { from = \"By\", field = \"city\" }, { from = \"Telefon\", field = \"phone\" }]";

const BY_POSITION: &str = "[{ from = 1, field = \"number\" }, { from = 2, field = \"name\" }, \
                           { from = 3, field = \"city\" }, { from = 4, field = \"phone\" }]";

fn reading(columns: &'static str) -> Suite {
    let suite = Suite::new();
    suite.apply(&settings(&customers_format(&[("columns", columns)]), "customers-from-erp"));
    assert_eq!(suite.import("customers.txt", MONDAY).json()["state"], "done");
    suite
}

fn version(suite: &Suite) -> String {
    suite.run(&["settings", "show"]).ok().out.clone()
}

#[test]
fn a_renamed_column_is_held_side_by_side_and_accepted_with_one_command() {
    let suite = reading(BY_NAME);
    let before = version(&suite);
    let checked = suite.run(&["check", suite.write("customers.txt", TUESDAY).to_str().unwrap(), "--json"]);
    assert_eq!((checked.code, &checked.json()["verdict"]), (3, &json!("hold")), "{checked:?}");

    let held = suite.import("customers.txt", TUESDAY);
    assert_eq!((held.code, &held.json()["state"]), (3, &json!("held")), "{held:?}");
    assert_eq!(
        held.json()["reason"],
        "The columns are not those of import 1: column 4 was \"Telefon\", is \"Telefonnr.\". When it is approved, the \
         format reads Phone from \"Telefonnr.\"."
    );
    assert_eq!(held.json()["updated"], 1, "what it would do is told: {held:?}");
    assert_eq!(suite.customer("10")["phone"], "86 12 34 56", "nothing is changed while it is held");
    assert_eq!(version(&suite), before);

    let approved = suite.run(&["imports", "approve", "2", "--json"]).ok().json();
    assert_eq!((&approved["state"], &approved["updated"]), (&json!("done"), &json!(1)), "{approved}");
    assert_eq!(suite.customer("10")["phone"], "86 12 34 57");
    assert!(version(&suite).contains("from = \"Telefonnr.\""), "{}", version(&suite));
    assert_eq!(suite.run(&["imports", "approve", "2"]).code, 1, "it was accepted already");

    // From now on these are the columns; and those of Monday are not.
    assert_eq!(suite.import("customers.txt", TUESDAY).json()["state"], "done");
    assert_eq!(suite.import("customers.txt", MONDAY).json()["state"], "held");
}

#[test]
fn a_column_that_came_in_between_does_not_shift_those_that_are_read_by_position() {
    let suite = reading(BY_POSITION);
    let shifted = "Kundenr;Navn;Land;By;Telefon\n10;Bager Olsen;DK;Aarhus;86 12 34 58\n";
    let held = suite.import("customers.txt", shifted);
    let reason = held.json()["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("column 3 \"Land\" is new") && reason.contains("City from \"By\""), "{reason}");
    assert_eq!(suite.customer("10")["city"], "Aarhus");
    let approved = suite.run(&["imports", "approve", "2", "--json"]).ok().json();
    assert_eq!((&approved["state"], &approved["refused"]), (&json!("done"), &json!(0)), "{approved}");
    let customer = suite.customer("10");
    assert_eq!((&customer["city"], &customer["phone"]), (&json!("Aarhus"), &json!("86 12 34 58")));
    assert!(version(&suite).contains("from = 5"), "{}", version(&suite));
}

#[test]
fn what_changes_nothing_that_is_read_by_guess_is_not_held() {
    let suite = reading(BY_NAME);
    let more = "KUNDENR; Navn;By;*Telefon;Fax\n10;Bager Olsen;Vejle;86 12 34 56;1\n";
    let done = suite.import("customers.txt", more).json();
    assert_eq!((&done["state"], &done["updated"]), (&json!("done"), &json!(1)), "{done}");
    assert_eq!(done["reason"], "Column \"Fax\" is new; nothing is read from it.");
    // It is told once.
    assert_eq!(suite.import("customers.txt", more.replace("Vejle", "Ribe")).json()["reason"], Value::Null);
}

#[test]
fn a_sheet_that_came_before_the_customers_is_not_imported_by_guess() {
    let book = |sheets: &[(&str, &str)]| {
        let mut book = rust_xlsxwriter::Workbook::new();
        for (sheet, name) in sheets {
            let sheet = book.add_worksheet().set_name(*sheet).unwrap();
            sheet.write_row(0, 0, ["Kundenr", "Navn"]).unwrap().write_row(1, 0, ["10", *name]).unwrap();
        }
        book.save_to_buffer().unwrap()
    };
    let suite = Suite::new();
    let columns = "[{ from = \"Kundenr\", field = \"number\" }, { from = \"Navn\", field = \"name\" }]";
    let format = customers_format(&[("layout", "\"excel\""), ("columns", columns)]);
    suite.apply(&settings(&format, "customers-from-erp"));
    assert_eq!(suite.import("customers.txt", book(&[("Kunder", "Bager Olsen")])).json()["state"], "done");

    let both = [("Leverandører", "Mel & Gær A/S"), ("Kunder", "Bager Olsen ApS")];
    let held = suite.import("customers.txt", book(&both)).json();
    assert_eq!(held["state"], "held", "{held}");
    let reason = held["reason"].as_str().unwrap();
    let wanted = "The sheet \"Leverandører\" is read, and was \"Kunder\", which is still there.";
    assert!(reason.starts_with(wanted), "{reason}");
    assert_eq!(suite.customer("10")["name"], "Bager Olsen");

    // It was the customers that should be read: the import is discarded, and the sheet named.
    suite.run(&["imports", "discard", "2"]).ok();
    let named = customers_format(&[("layout", "\"excel\""), ("sheet", "\"Kunder\""), ("columns", columns)]);
    suite.apply(&settings(&named, "customers-from-erp"));
    assert_eq!(suite.import("customers.txt", book(&both)).json()["state"], "done");
    assert_eq!(suite.customer("10")["name"], "Bager Olsen ApS");
}

#[test]
fn a_column_that_nothing_takes_the_place_of_refuses_the_file_and_says_what_has_changed() {
    let suite = reading(BY_NAME);
    let refused = suite.import("customers.txt", "Kundenr;Navn;By\n10;Bager Olsen;Vejle\n");
    assert_eq!((refused.code, &refused.json()["state"]), (3, &json!("refused")), "{refused:?}");
    let reason = refused.json()["reason"].as_str().unwrap().to_owned();
    assert!(
        reason.contains("column 4 \"Telefon\" is missing") && reason.contains("no column for Phone any more"),
        "{reason}"
    );
    assert_eq!(suite.customer("10")["city"], "Aarhus");

    // A file that has lost its header has other columns as well; nobody is asked to take a row for one.
    let refused = suite.import("customers.txt", "10;Bager Olsen;Vejle;86 12 34 56\n").json();
    assert_eq!(refused["state"], "refused", "{refused}");
}

#[test]
fn who_changes_the_format_or_the_guard_decides_for_himself() {
    let suite = reading(BY_NAME);
    assert_eq!(suite.import("customers.txt", TUESDAY).json()["state"], "held");
    // An administrator maps the new name by hand: what was shown is not what would be done any more.
    let by_hand: &'static str = "[{ from = \"Kundenr\", field = \"number\" }, { from = \"Navn\", field = \"name\" }, \
                                 { from = \"By\", field = \"city\" }, { from = \"Telefonnr.\", field = \"mobile\" }]";
    suite.apply(&settings(&customers_format(&[("columns", by_hand)]), "customers-from-erp"));
    let again = suite.run(&["imports", "approve", "2", "--json"]);
    assert_eq!((again.code, &again.json()["state"]), (3, &json!("held")), "{again:?}");
    assert!(again.json()["reason"].as_str().unwrap().contains("no longer what would be done"), "{again:?}");
    assert_eq!(suite.run(&["imports", "approve", "2", "--json"]).ok().json()["state"], "done");
    let customer = suite.customer("10");
    assert_eq!((&customer["phone"], &customer["mobile"]), (&json!("86 12 34 56"), &json!("86 12 34 57")));

    // Without the guard columns are found as the format says, and what it names must be there.
    let off = settings(&customers_format(&[("columns", BY_POSITION)]), "customers-from-erp");
    suite.apply(&format!("{off}[automations.guards]\nlayout = false\n"));
    assert_eq!(suite.import("customers.txt", MONDAY).json()["state"], "done");
    assert_eq!(suite.import("customers.txt", TUESDAY).json()["state"], "done");
}

#[test]
fn columns_that_were_accepted_are_imported_once_though_the_program_is_killed_before() {
    let suite = reading(BY_NAME);
    let served = suite.serve();
    // An earlier file is held as well: what is approved behind it waits for its turn.
    let deliver = |text: &str, count: usize| {
        fs::write(suite.exchange().join("customers.txt"), text).unwrap();
        until("the file is taken", || suite.imports().len() == count);
    };
    deliver(TUESDAY, 2);
    until("it is held", || suite.imports()[1]["state"] == "held");
    deliver(&TUESDAY.replace("Odense", "Ribe"), 3);
    served.kill();
    // Accepted while nothing runs that would import what comes behind it; then killed at once.
    let mut approving = suite.command();
    let mut approving = approving.args(["imports", "approve", "2"]).spawn().unwrap();
    until("it is accepted", || {
        version(&suite).contains("Telefonnr.") || approving.try_wait().unwrap().is_some()
    });
    let _ = approving.kill();
    approving.wait().unwrap();
    let _served = suite.serve();
    let ended = suite.ended(3);
    let states: Vec<&Value> = ended.iter().map(|import| &import["state"]).collect();
    assert_eq!(states, ["done", "done", "done"], "{ended:?}");
    assert_eq!((&ended[1]["updated"], &ended[2]["updated"]), (&json!(1), &json!(1)), "{ended:?}");
    let history = suite.customer("10")["history"].as_array().unwrap().len();
    assert_eq!(history, 2, "created, and changed once: {}", suite.customer("10"));
}
