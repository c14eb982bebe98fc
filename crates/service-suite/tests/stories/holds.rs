//! Imports that are odd wait for a person.

use std::fs;

use serde_json::json;

use crate::support::{HEADER, Suite, customers_format, names, settings, until};

/// A company whose ERP system writes every customer into each file; those that are missing are deactivated.
fn full_export() -> Suite {
    let suite = Suite::new();
    let full = [("content", "\"full\""), ("missing", "\"deactivate\"")];
    suite.apply(&settings(&customers_format(&full), "customers-from-erp"));
    suite
}

/// An export of the customers 1 to `count`, in a town.
fn export(count: u32, town: &str) -> String {
    let rows: String = (1..=count).map(|n| format!("{n};Kunde {n};{town};;\n")).collect();
    format!("{HEADER}{rows}")
}

#[test]
fn an_export_that_lost_half_of_its_customers_is_held_until_a_person_decides() {
    let suite = full_export();
    let _served = suite.serve();
    let deliver = |count: u32, town: &str, imports: usize| {
        fs::write(suite.exchange().join("customers.txt"), export(count, town)).unwrap();
        until("the file is taken", || suite.imports().len() == imports);
        until("the import is decided or held", || {
            !["waiting", "importing"].contains(&suite.imports()[imports - 1]["state"].as_str().unwrap())
        });
        suite.imports()[imports - 1].clone()
    };
    assert_eq!(deliver(100, "Vejle", 1)["state"], "done");

    let held = deliver(50, "Vejle", 2);
    assert_eq!((&held["state"], &held["missing"]), (&json!("held"), &json!(50)));
    assert_eq!(held["reason"], "It has 50 rows, and the last export (import 1) had 100: fewer than 80 %.");
    assert_eq!(suite.customer("100")["inactive"], json!(null), "nothing is changed while it is held");
    assert!(suite.log().contains("fewer than 80 %"), "{}", suite.log());

    // Tonight's export is whole again: it does not wait behind the held one, and overtakes it.
    let next = deliver(100, "Ribe", 3);
    assert_eq!((&next["state"], &next["updated"]), (&json!("done"), &json!(100)));
    let overtaken = suite.run(&["imports", "show", "2", "--json"]).ok().json();
    assert_eq!(overtaken["state"], "superseded");
    assert_eq!(overtaken["reason"], "Superseded by import 3, a newer export of every record.");

    // The next one is held, and a person looks and lets it in; the one after that is not wanted.
    assert_eq!(deliver(60, "Ribe", 4)["state"], "held");
    let approved = suite.run(&["imports", "approve", "4", "--json"]).ok().json();
    assert_eq!((&approved["state"], &approved["missing"]), (&json!("done"), &json!(40)));
    assert_eq!(suite.customer("100")["inactive"], true);
    let twice = suite.run(&["imports", "approve", "4"]);
    assert_eq!(twice.code, 1);
    assert!(twice.err.contains("approved already, by command line, and is done"), "{twice:?}");
    assert_eq!(deliver(20, "Ribe", 5)["state"], "held");
    let discarded = suite.run(&["imports", "discard", "5", "--json"]).ok().json();
    assert_eq!(discarded["state"], "refused");
    assert!(discarded["reason"].as_str().unwrap().starts_with("Discarded by command line."), "{discarded}");
    assert_eq!(suite.run(&["imports", "discard", "5"]).code, 1);
    until("the files are put away", || names(&suite.exchange()).is_empty());
    let refused = names(&suite.data().join("refused"));
    assert_eq!(refused.iter().filter(|name| !name.ends_with(".report.txt")).count(), 2, "{refused:?}");
    assert_eq!(suite.customer("60")["city"], "Ribe");
}

#[test]
fn a_held_export_is_overtaken_by_what_is_applied_after_it_and_by_nothing_else() {
    let suite = full_export();
    let whole = export(100, "Vejle");
    assert_eq!(suite.import("customers.txt", &whole).code, 0);
    assert_eq!(suite.import("half.txt", export(50, "Vejle")).code, 3);
    // Another odd one does not take the place of the first.
    assert_eq!(suite.import("none.txt", HEADER).code, 3);
    let state = |id: &str| suite.run(&["imports", "show", id, "--json"]).ok().json()["state"].clone();
    assert_eq!((state("2"), state("3")), (json!("held"), json!("held")));
    let discarded = suite.run(&["imports", "discard", "3", "--json"]).ok().json();
    assert_eq!((&discarded["state"], &discarded["missing"]), (&json!("refused"), &json!(0)));
    // The whole export once more, though nothing in it is new, says newer what the half one says.
    let again = suite.import("customers.txt", &whole);
    assert_eq!((again.code, &again.json()["unchanged"]), (0, &json!(100)));
    assert_eq!(state("2"), "superseded");
    let refused = suite.data().join("refused");
    let report = || names(&refused).into_iter().find(|name| name.ends_with(".2.txt.report.txt"));
    let _served = suite.serve();
    until("the superseded file is put away", || report().is_some());
    let report = fs::read_to_string(refused.join(report().unwrap())).unwrap();
    assert!(report.contains("was superseded") && report.contains("Superseded by import 4"), "{report}");
}

#[test]
fn what_was_approved_is_held_again_when_the_register_was_changed_meanwhile() {
    let suite = full_export();
    assert_eq!(suite.import("customers.txt", export(100, "Vejle")).code, 0);
    let path = suite.write("half.txt", export(50, "Ribe"));
    let checked = suite.run(&["check", path.to_str().unwrap(), "--format", "ERP customers", "--json"]);
    assert_eq!((checked.code, &checked.json()["verdict"]), (3, &json!("hold")));
    let held = suite.import("half.txt", export(50, "Ribe"));
    assert_eq!((held.code, &held.json()["state"]), (3, &json!("held")));
    // Somebody takes another import back, so what was previewed is not what would be done.
    let undone = suite.run(&["imports", "undo", "1", "--json"]).ok().json();
    assert_eq!((&undone["state"], &undone["removed"]), (&json!("undone"), &json!(100)));
    let again = suite.run(&["imports", "approve", "2", "--json"]);
    assert_eq!((again.code, &again.json()["state"]), (3, &json!("held")));
    let reason = again.json()["reason"].as_str().unwrap().to_owned();
    assert!(reason.starts_with("What command line approved is no longer what would be done"), "{reason}");
    assert!(
        reason.contains("It would bring back what was undone (import 1, undone by command line)"),
        "{reason}"
    );
    let approved = suite.run(&["imports", "approve", "2", "--json"]).ok().json();
    assert_eq!((&approved["state"], &approved["created"]), (&json!("done"), &json!(50)));
}

#[test]
fn changes_wait_in_order_behind_what_is_held() {
    let suite = Suite::waiting_for_customers();
    let _served = suite.serve();
    let bad: String = (1..=30).map(|n| format!("{n};Kunde {n};Vejle;tolv;\n")).collect();
    fs::write(suite.exchange().join("customers.txt"), format!("{HEADER}{bad}")).unwrap();
    until("it is held", || suite.imports().first().is_some_and(|import| import["state"] == "held"));
    fs::write(suite.exchange().join("customers.txt"), format!("{HEADER}7;Kunde 7;Ribe;;\n")).unwrap();
    until("the next one is taken", || suite.imports().len() == 2);
    assert_eq!(suite.imports()[1]["state"], "waiting");
    let told = suite.run(&["automation", "list"]).ok().out.clone();
    assert!(
        told.contains("Import 1 of customers.txt is held") && told.contains("One import waits"),
        "{told}"
    );
    // Nothing gets past it by a command, either; and its format stays as long as it is needed.
    let past = suite.import("other.txt", format!("{HEADER}8;Kunde 8;Ribe;;\n"));
    assert_eq!((past.code, &past.json()["state"]), (3, &json!("refused")));
    assert_eq!(suite.problems(&past.json())[0]["code"], "held-before");
    let empty = suite.write("empty.toml", "");
    let gone = suite.run(&["settings", "apply", empty.to_str().unwrap()]);
    assert!(gone.code == 1 && gone.err.contains("Import 1 is held"), "{gone:?}");
    suite.run(&["imports", "approve", "1"]);
    assert_eq!(suite.ended(3)[1]["state"], "done");
    assert_eq!(suite.customer("7")["city"], "Ribe");
}

#[test]
fn files_that_keep_their_name_are_copied_while_another_import_takes_long() {
    let suite = Suite::new();
    let settings = settings(&customers_format(&[]), "customers-from-erp");
    suite.apply(&settings.replacen("settle =", "after-import = \"leave\"\nsettle =", 1));
    let _served = suite.serve();
    // Whoever imports has the register to himself, however long that takes.
    let lock = suite.data().join("locks/customers.lock");
    let importing = fs::OpenOptions::new().create(true).append(true).open(lock).unwrap();
    until("nobody else imports", || importing.try_lock().is_ok());
    for (import, rows) in [(1, "7;Kunde 7;Ribe;;\n"), (2, "8;Kunde 8;Ribe;;\n"), (3, "9;Kunde 9;Ribe;;\n")] {
        fs::write(suite.exchange().join("customers.txt"), format!("{HEADER}{rows}")).unwrap();
        until("it is taken", || suite.imports().len() == import);
        until("it is copied", || !suite.imports()[import - 1]["sha256"].is_null());
        assert_ne!(suite.imports()[import - 1]["state"], "done");
    }
    drop(importing);
    let ended = suite.ended(3);
    assert!(ended.iter().all(|import| import["state"] == "done"), "{ended:?}");
    for number in ["7", "8", "9"] {
        assert_eq!(suite.customer(number)["city"], json!("Ribe"));
    }
}

#[test]
fn files_that_keep_their_name_are_copied_while_an_import_is_held_so_that_none_is_overwritten_unread() {
    let suite = Suite::new();
    let settings = settings(&customers_format(&[]), "customers-from-erp");
    suite.apply(&settings.replacen("settle =", "after-import = \"leave\"\nsettle =", 1));
    let _served = suite.serve();
    let deliver = |rows: &str, imports: usize| {
        fs::write(suite.exchange().join("customers.txt"), format!("{HEADER}{rows}")).unwrap();
        until("it is taken", || suite.imports().len() == imports);
    };
    let bad: String = (1..=30).map(|n| format!("{n};Kunde {n};Vejle;tolv;\n")).collect();
    deliver(&bad, 1);
    until("it is held", || suite.imports()[0]["state"] == "held");
    for (import, rows) in [(2, "7;Kunde 7;Ribe;;\n8;Kunde 8;Ribe;;\n"), (3, "7;Kunde 7;Vejle;;\n")] {
        deliver(rows, import);
        until("it is copied", || !suite.imports()[import - 1]["sha256"].is_null());
        assert_eq!(suite.imports()[import - 1]["state"], "waiting");
    }
    suite.run(&["imports", "approve", "1"]);
    let ended = suite.ended(3);
    assert!(ended.iter().all(|import| import["state"] == "done"), "{ended:?}");
    assert_eq!(
        (&suite.customer("7")["city"], &suite.customer("8")["city"]),
        (&json!("Vejle"), &json!("Ribe"))
    );
    assert_eq!(names(&suite.exchange()), ["customers.txt"]);
}
