//! People who decide about held imports at the worst moments: twice, at once, too late, signed out, without the folder.

use std::fs;

use serde_json::{Value, json};

use crate::http::Client;
use crate::pages::person;
use crate::support::{HEADER, Served, Suite, customers_format, names, settings, until};

/// More rows that cannot be read than anybody expects, and one that can.
fn odd(town: &str) -> String {
    let bad: String = (1..=30).map(|n| format!("{n};Kunde {n};{town};tolv;\n")).collect();
    format!("{HEADER}{bad}99;God Kunde;{town};;\n")
}

/// A suite whose first import, of a file from the exchange folder, is held.
fn held() -> (Suite, Served) {
    let suite = Suite::waiting_for_customers();
    let served = suite.serve();
    fs::write(suite.exchange().join("customers.txt"), odd("Vejle")).unwrap();
    until("it is held", || suite.imports().first().is_some_and(|import| import["state"] == "held"));
    (suite, served)
}

fn import(suite: &Suite, id: i64) -> Value {
    suite.run(&["imports", "show", &id.to_string(), "--json"]).ok().json()
}

/// What the page says to somebody who decides about import 1 and is not the first.
fn told(client: &Client, decision: &str) -> String {
    let answer = client.post(&format!("/imports/1/{decision}"), "");
    assert_eq!(answer.status, 409, "{answer:?}");
    assert!(
        answer.body.contains("It was decided already") && answer.body.contains("/imports/1"),
        "{answer:?}"
    );
    answer.body
}

#[test]
fn of_two_people_who_decide_at_once_one_wins_and_the_other_is_told() {
    let (suite, served) = held();
    let people = [person(&suite, &served, "operator"), person(&suite, &served, "administrator")];
    let answers = std::thread::scope(|scope| {
        let asked: Vec<_> =
            people.iter().map(|one| scope.spawn(|| one.post("/imports/1/approve", ""))).collect();
        asked.into_iter().map(|one| one.join().unwrap()).collect::<Vec<_>>()
    });
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409], "{answers:?}");
    let late = answers.iter().find(|answer| answer.status == 409).unwrap();
    assert!(late.body.contains("approved already, by"), "{}", late.body);
    let done = suite.ended(1)[0].clone();
    assert_eq!((&done["state"], &done["created"], &done["refused"]), (&json!("done"), &json!(1), &json!(30)));
    // Twice, and the other way round.
    assert!(told(&people[0], "approve").contains("approved already, by"));
    assert!(told(&people[1], "discard").contains("approved already, by"));
    assert_eq!(suite.imports().len(), 1);
}

#[test]
fn what_was_discarded_is_discarded_once_and_approved_no_more() {
    let (suite, served) = held();
    let otto = person(&suite, &served, "operator");
    assert_eq!(otto.post("/imports/1/discard", "").status, 303);
    assert_eq!(suite.ended(1)[0]["state"], "refused");
    for decision in ["discard", "approve"] {
        assert!(told(&otto, decision).contains("Discarded by operator"), "{decision}");
    }
    assert_eq!(suite.customers(), Vec::<String>::new());
    let reason = import(&suite, 1)["reason"].as_str().unwrap().to_owned();
    assert!(reason.starts_with("Discarded by operator."), "{reason}");
}

#[test]
fn what_was_superseded_is_approved_no_more() {
    let suite = Suite::new();
    suite.apply(&settings(&customers_format(&[("content", "\"full\"")]), "customers-from-erp"));
    let export = |count: u32| -> String {
        let rows: String = (1..=count).map(|n| format!("{n};Kunde {n};Vejle;;\n")).collect();
        format!("{HEADER}{rows}")
    };
    suite.import("customers.txt", export(100)).ok();
    assert_eq!(suite.import("half.txt", export(50)).code, 3);
    suite.import("whole.txt", export(101)).ok();
    let served = suite.serve();
    let otto = person(&suite, &served, "operator");
    let late = otto.post("/imports/2/approve", "");
    assert_eq!(late.status, 409, "{late:?}");
    assert!(late.body.contains("superseded"), "{}", late.body);
    let late = suite.run(&["imports", "approve", "2"]);
    assert_eq!((late.code, late.err.contains("superseded")), (1, true), "{late:?}");
    assert_eq!((&import(&suite, 2)["state"], suite.customers().len()), (&json!("superseded"), 101));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "nothing has the name that the folder gets")]
fn an_import_is_approved_while_its_folder_is_gone_and_its_file_is_put_away_when_it_is_back() {
    let (suite, served) = held();
    let otto = person(&suite, &served, "operator");
    let away = suite.path("away");
    fs::rename(suite.exchange(), &away).unwrap();
    assert_eq!(otto.post("/imports/1/approve", "").status, 303);
    until("it is done", || import(&suite, 1)["state"] == "done");
    assert_eq!(suite.customer("99")["city"], "Vejle", "the private copy is what is read");
    assert_eq!(names(&away), [".customers.txt.1"], "nobody has touched the file");
    until("the page tells that the folder is gone", || {
        let page = otto.get("/automation").body;
        page.contains("exchange folder") && page.contains("state fail")
    });
    fs::rename(&away, suite.exchange()).unwrap();
    suite.run(&["automation", "retry", "customers-from-erp"]).ok();
    until("the file is put away", || names(&suite.exchange()).is_empty());
    assert_eq!(names(&suite.data().join("archive")).len(), 1);
    assert_eq!(suite.imports().len(), 1, "it is not imported again");
}

#[test]
fn who_has_signed_out_decides_nothing() {
    let (suite, served) = held();
    let otto = person(&suite, &served, "operator");
    assert_eq!(otto.post("/sign-out", "").status, 303);
    for path in ["/imports/1/approve", "/imports/1/discard", "/imports/1/preview", "/automation/preview"] {
        let answer = otto.post(path, "name=customers-from-erp");
        assert!([303, 401].contains(&answer.status), "{path}: {answer:?}");
        assert!(answer.status == 401 || answer.header("location").starts_with("/sign-in"), "{answer:?}");
    }
    assert_eq!(import(&suite, 1)["state"], "held");
}

#[test]
fn a_format_that_maps_an_own_field_keeps_it_and_its_file_is_not_read_without_it() {
    let own =
        "[[own-fields]]\nregister = \"customers\"\nname = \"route\"\nlabel = \"Route\"\nkind = \"text\"\n";
    let columns = "[{ from = \"Kundenr\", field = \"number\" }, { from = \"Rute\", field = \"route\" }]";
    let format = customers_format(&[("columns", columns)]);
    let suite = Suite::new();
    suite.apply(&settings(&format!("{own}\n{format}"), "customers-from-erp"));
    suite.import("customers.txt", "Kundenr;Rute\n1;Nord\n").ok();
    let served = suite.serve();
    let anna = person(&suite, &served, "administrator");
    let refused = anna.post("/settings/own-fields/delete", "register=customers&name=route");
    assert_ne!(refused.status, 303, "{refused:?}");
    assert!(refused.body.contains("ERP customers"), "{}", refused.body);
    assert_eq!(suite.customer("1")["route"], "Nord");
    suite.import("customers.txt", "Kundenr;Rute\n1;Syd\n").ok();
    assert_eq!(suite.customer("1")["route"], "Syd");
}
