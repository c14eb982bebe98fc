//! Imports that are taken back: by command and on the pages, at any moment.

use std::fs;
use std::process::Stdio;
use std::time::Instant;

use serde_json::{Value, json};

use crate::http::{Answer, Client};
use crate::pages::person;
use crate::support::{HEADER, Suite, until};

const MONDAY: &str = "1;Alfa;Vejle;1,50;\n2;Beta;Ribe;;\n3;Gamma;Aarhus;;\n";
const TUESDAY: &str = "1;Alfa A/S;Kolding;1,50;\n2;Beta;Esbjerg;;\n4;Delta;Skive;;\n5;Epsilon;Odense;;\n";

fn two_days() -> Suite {
    let suite = Suite::waiting_for_customers();
    suite.import("customers.txt", format!("{HEADER}{MONDAY}")).ok();
    suite.import("customers.txt", format!("{HEADER}{TUESDAY}")).ok();
    suite
}

#[test]
fn an_import_is_undone_and_the_register_is_as_before() {
    let suite = two_days();
    let before = suite.run(&["imports", "changes", "2", "--json"]).ok().json();
    assert_eq!(before["items"].as_array().unwrap().len(), 4, "{before}");
    assert_eq!(
        before["items"][0],
        json!({
            "number": "1", "title": "Alfa A/S", "removed": false, "line": 2, "kind": "updated",
            "changes": [
                {"field": "name", "old": "Alfa", "new": "Alfa A/S"},
                {"field": "city", "old": "Vejle", "new": "Kolding"},
            ],
        })
    );
    let undone = suite.run(&["imports", "undo", "2", "--json"]).ok().json();
    assert_eq!((&undone["state"], &undone["left_records"]), (&json!("undone"), &json!([])));
    assert_eq!((&undone["restored"], &undone["removed"], &undone["left"]), (&json!(2), &json!(2), &json!(0)));
    assert_eq!(suite.customers(), ["1", "2", "3"]);
    let alfa = suite.customer("1");
    assert_eq!(
        (&alfa["name"], &alfa["city"], &alfa["credit_limit"]),
        (&json!("Alfa"), &json!("Vejle"), &json!("1.50"))
    );
    let newest = &alfa["history"][0];
    assert_eq!((&newest["import"], &newest["user"]), (&json!(null), &json!("command line")));
    let told = suite.run(&["customers", "show", "1"]).ok().out.clone();
    assert!(told.contains("command line, undoing import 2"), "{told}");
    let changes = suite.run(&["imports", "changes", "2"]).ok().out.clone();
    assert!(changes.contains("4 Delta: created (removed since)"), "{changes}");

    let twice = suite.run(&["imports", "undo", "2"]);
    assert_eq!(
        (twice.code, twice.err.contains("undone already, by command line on")),
        (1, true),
        "{twice:?}"
    );
    let unknown = suite.run(&["imports", "undo", "9"]);
    assert_eq!((unknown.code, unknown.err.contains("there is no import 9")), (1, true), "{unknown:?}");

    // The same bytes once more are an import like any other, and that one can be undone, too.
    let again = suite.run(&["imports", "again", "2", "--json"]).ok().json();
    assert_eq!((&again["created"], &again["updated"]), (&json!(2), &json!(2)));
    assert_eq!(suite.customer("1")["city"], "Kolding");
    suite.run(&["imports", "undo", "3"]).ok();
    suite.run(&["imports", "undo", "1"]).ok();
    assert_eq!(suite.customers(), Vec::<String>::new(), "back at the very beginning");
}

#[test]
fn what_something_newer_changed_is_left_and_listed() {
    let suite = two_days();
    suite.import("customers.txt", format!("{HEADER}1;Alfa A/S;Horsens;;\n")).ok();
    let served = suite.serve();
    let otto = person(&suite, &served, "operator");
    let form = "version=1&was.phone=&value.phone=%2B45+86+12&was.name=Delta&value.name=Delta";
    let saved = otto.post("/customers/edit?number=4", form);
    assert_eq!(saved.header("location"), "/customers/4?said=saved", "{saved:?}");

    let undone = suite.run(&["imports", "undo", "2", "--json"]).ok().json();
    assert_eq!((&undone["restored"], &undone["removed"], &undone["left"]), (&json!(1), &json!(1), &json!(2)));
    let left = &undone["left_records"];
    assert_eq!(
        (&left[0]["number"], &left[0]["by_import"], &left[0]["fields"][1]),
        (
            &json!("1"),
            &json!(3),
            &json!({"field": "city", "before": "Vejle", "imported": "Kolding", "now": "Horsens"})
        )
    );
    assert_eq!(
        (&left[1]["number"], &left[1]["by_person"], &left[1]["created"]),
        (&json!("4"), &json!("operator"), &json!(true))
    );
    assert_eq!(suite.customers(), ["1", "2", "3", "4"]);
    assert_eq!(suite.customer("1")["name"], "Alfa A/S", "a record is left whole");
    let page = otto.get("/imports/2").body;
    for part in ["Left as they are", ">Horsens</td>", "import 3</a>", "href=\"/customers/4\""] {
        assert!(page.contains(part), "{part} in {page}");
    }
}

#[test]
fn two_people_undo_at_once_and_one_is_told_that_the_other_was_faster() {
    let suite = two_days();
    let served = suite.serve();
    let people = [person(&suite, &served, "operator"), person(&suite, &served, "administrator")];
    let answers: Vec<_> = std::thread::scope(|scope| {
        let asked = people.each_ref().map(|client| scope.spawn(|| client.post("/imports/2/undo", "")));
        asked.into_iter().map(|answer| answer.join().unwrap()).collect()
    });
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409], "{answers:?}");
    let late = answers.iter().find(|answer| answer.status == 409).unwrap();
    assert!(late.body.contains("undone already, by "), "{late:?}");
    assert_eq!(suite.customers(), ["1", "2", "3"]);
}

/// A register of so many customers, and an import that changed all of them.
fn large(count: u32) -> Suite {
    let suite = Suite::waiting_for_customers();
    let file = |city: &str| {
        let rows: String = (0..count).map(|n| format!("{n};Kunde {n};{city};;\n")).collect();
        format!("{HEADER}{rows}")
    };
    suite.import("customers.txt", file("Vejle")).ok();
    suite.import("customers.txt", file("Kolding")).ok();
    suite
}

#[test]
fn killed_while_it_undoes_an_import_is_undone_whole_or_not_at_all() {
    let suite = large(4000);
    let cities = |suite: &Suite| {
        let list =
            suite.run(&["customers", "export", suite.path("all.json").to_str().unwrap(), "--json"]).ok();
        assert_eq!(list.json()["written"], 4000);
        let all: Value = serde_json::from_slice(&fs::read(suite.path("all.json")).unwrap()).unwrap();
        let mut cities: Vec<String> =
            all["items"].as_array().unwrap().iter().map(|c| c["city"].as_str().unwrap().to_owned()).collect();
        cities.sort_unstable();
        cities.dedup();
        cities
    };
    // One undone whole tells how long it takes; the others are killed on their way.
    let started = Instant::now();
    suite.run(&["imports", "undo", "2"]).ok();
    let takes = started.elapsed();
    assert_eq!(cities(&suite), ["Vejle"]);
    let (mut id, mut in_the_middle) = (2, 0);
    for round in 1..10 {
        suite.run(&["imports", "again", "2"]).ok();
        id += 1;
        let mut undo = suite.command();
        let mut undo = undo
            .args(["imports", "undo", &id.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (started, wait) = (Instant::now(), takes * round / 10);
        until("the moment", || started.elapsed() > wait);
        undo.kill().unwrap();
        undo.wait().unwrap();
        let import = suite.run(&["imports", "show", &id.to_string(), "--json"]).ok().json();
        let expected = if import["state"] == "done" { "Kolding" } else { "Vejle" };
        assert_eq!(cities(&suite), [expected], "killed after {wait:?}: {import}");
        if expected == "Kolding" {
            in_the_middle += 1;
            suite.run(&["imports", "undo", &id.to_string()]).ok();
            assert_eq!(cities(&suite), ["Vejle"]);
        }
    }
    assert!(in_the_middle > 2, "most were killed before their end: {in_the_middle}");
}

#[test]
fn pages_are_read_while_a_large_import_is_undone() {
    let suite = large(6000);
    let served = suite.serve();
    let (otto, vera) = (person(&suite, &served, "operator"), person(&suite, &served, "viewer"));
    let address = "/imports/2/undo";
    assert!(otto.get(address).body.contains("Get their earlier values back</dt><dd>6,000"));
    let undo = std::thread::scope(|scope| {
        let undo = scope.spawn(|| outcome(&otto, otto.post(address, "")));
        let mut seen = 0;
        while !undo.is_finished() {
            for page in ["/customers", "/imports/2", "/customers/17"] {
                assert_eq!(vera.get(page).status, 200);
                seen += 1;
            }
        }
        assert!(seen > 2);
        undo.join().unwrap()
    });
    assert_eq!(undo.header("location"), "/imports/2");
    assert!(vera.get("/customers/17").body.contains("operator, undoing"));
}

/// What came of a change, also where its page says for a while that it is being made.
fn outcome(client: &Client, mut answer: Answer) -> Answer {
    let page = answer.header("location").to_owned();
    if page.starts_with("/waiting/") {
        until("the change to be made", || {
            answer = client.get(&page);
            answer.status != 202
        });
    }
    answer
}
