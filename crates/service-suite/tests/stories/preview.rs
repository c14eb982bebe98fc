//! What a file would do, seen before it is imported: the one that settles, the one that is held, and large ones.

use std::fs;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::http::{Answer, Client};
use crate::pages::person;
use crate::support::{HEADER, SETTLE, Suite, assert_keys, customers_format, names, settings, until};

const MONDAY: &str = "1;Alfa;Vejle;1,50;\n2;Beta;Ribe;;\n3;Gamma;Aarhus;;\n";
const TUESDAY: &str = "1;Alfa A/S;Kolding;1,50;\n2;Beta;Ribe;;\n4;Delta;Skive;;\n5;Epsilon;Odense;tolv;\n";

/// The page of a preview that was asked for, once it has ended.
fn ended(client: &Client, begun: &Answer) -> String {
    assert_eq!(begun.status, 303, "{begun:?}");
    let mut page = String::new();
    until("the preview to end", || {
        page = client.get(begun.header("location")).body;
        !page.contains("Looking what it would do")
    });
    page
}

/// The figures of a preview.
fn figure(page: &str, label: &str) -> u64 {
    let (_, rest) =
        page.split_once(&format!("<dt>{label}</dt><dd>")).unwrap_or_else(|| panic!("{label}: {page}"));
    rest.split('<').next().unwrap().replace(',', "").parse().unwrap()
}

#[test]
fn the_file_that_settles_is_seen_before_and_is_imported_as_it_was_shown() {
    let suite = Suite::new();
    let settling = |settle: &str| {
        let all = settings(&customers_format(&[]), "customers-from-erp");
        suite.apply(&all.replace(SETTLE, settle));
    };
    settling("10m");
    suite.import("customers.txt", format!("{HEADER}{MONDAY}")).ok();
    let served = suite.serve();
    let otto = person(&suite, &served, "operator");
    let nothing = otto.post("/automation/preview", "name=customers-from-erp");
    assert_eq!(nothing.status, 409);
    assert!(nothing.body.contains("No file waits: there is no customers.txt in"), "{}", nothing.body);

    let lies = suite.exchange().join("customers.txt");
    fs::write(&lies, format!("{HEADER}{TUESDAY}")).unwrap();
    let page = ended(&otto, &otto.post("/automation/preview", "name=customers-from-erp"));
    for part in ["Kolding", "Delta", "is not a number", "The file may still change until it has settled"] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert_eq!(fs::read_to_string(&lies).unwrap(), format!("{HEADER}{TUESDAY}"));
    assert_eq!(names(&suite.exchange()), ["customers.txt"]);
    assert_eq!(suite.imports().len(), 1, "nothing was taken");
    assert_eq!(suite.customer("1")["city"], "Vejle");

    settling(SETTLE);
    let import = suite.ended(2)[1].clone();
    for (label, count) in [
        ("Rows", "read"),
        ("To be created", "created"),
        ("To be updated", "updated"),
        ("Unchanged", "unchanged"),
        ("To be refused", "refused"),
    ] {
        assert_eq!(json!(figure(&page, label)), import[count], "{count}");
    }
    assert_eq!(
        (&import["created"], &import["updated"], &import["refused"]),
        (&json!(1), &json!(1), &json!(1))
    );
    until("the private copies are gone", || names(&suite.data().join("uploads")).is_empty());
}

#[test]
fn a_held_import_is_looked_at_anew_until_it_waits_no_more() {
    let suite = Suite::new();
    let full = [("content", "\"full\""), ("missing", "\"deactivate\"")];
    suite.apply(&settings(&customers_format(&full), "customers-from-erp"));
    let all: String = (1..=100).map(|n| format!("{n};Kunde {n};Vejle;;\n")).collect();
    suite.import("customers.txt", format!("{HEADER}{all}")).ok();
    let half: String = (1..=50).map(|n| format!("{n};Kunde {n};Ribe;;\n")).collect();
    let held = suite.import("half.txt", format!("{HEADER}{half}")).json();
    assert_eq!(held["state"], "held");
    let seen = suite.run(&["check", "--import", "2", "--limit", "3", "--json"]);
    assert_eq!(seen.code, 3);
    let seen = seen.json();
    assert_keys(
        &seen,
        [
            "verdict",
            "read",
            "created",
            "updated",
            "unchanged",
            "refused",
            "missing",
            "deactivated",
            "warnings",
            "reasons",
            "changes",
            "problems",
        ],
    );
    assert_eq!((&seen["verdict"], &seen["deactivated"]), (&json!("hold"), &json!(50)));
    assert!(seen["reasons"][0].as_str().unwrap().contains("fewer than 80 %"), "{seen}");
    let mut kinds: Vec<&str> =
        seen["changes"].as_array().unwrap().iter().map(|change| change["kind"].as_str().unwrap()).collect();
    // They come in the order of the numbers.
    kinds.sort_unstable();
    assert_eq!(kinds, ["deactivated", "deactivated", "deactivated", "updated", "updated", "updated"]);
    let changes = json!([{"field": "city", "old": "Vejle", "new": "Ribe"}]);
    assert_eq!(seen["changes"][0], json!({"number": "1", "line": 2, "kind": "updated", "changes": changes}));

    let served = suite.serve();
    let otto = person(&suite, &served, "operator");
    let page = ended(&otto, &otto.post("/imports/2/preview", ""));
    assert_eq!((figure(&page, "To be updated"), figure(&page, "To be deactivated")), (50, 50));
    assert_eq!(otto.post("/imports/2/approve", "").status, 303);
    let done = suite.ended(2)[1].clone();
    for count in ["read", "created", "updated", "unchanged", "refused", "missing"] {
        assert_eq!(seen[count], done[count], "{count}");
    }
    let over = otto.post("/imports/2/preview", "");
    assert_eq!(over.status, 409);
    assert!(over.body.contains("Import 2 waits no more: it is done."), "{}", over.body);
    let over = suite.run(&["check", "--import", "2"]);
    assert_eq!((over.code, over.err.contains("waits no more")), (1, true), "{over:?}");
}

#[test]
fn a_preview_of_a_large_file_is_cancelled_and_leaves_nothing_behind() {
    let suite = Suite::new();
    let all = settings(&customers_format(&[]), "customers-from-erp");
    suite.apply(&all.replace(SETTLE, "10m"));
    let rows: String = (1..=150_000).map(|n| format!("{n};Kunde nummer {n};Vejle;{n},50;\n")).collect();
    let large = suite.write("customers.txt", format!("{HEADER}{rows}"));
    let uploads = suite.data().join("uploads");

    // On the command line: Ctrl-C.
    let mut check = suite.command();
    let check = check.arg("check").arg(&large).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    until("it has its private copy", || !names(&uploads).is_empty());
    let pressed = Command::new("kill").args(["-INT", &check.id().to_string()]).status().unwrap();
    assert!(pressed.success());
    let said = check.wait_with_output().unwrap();
    assert_eq!(said.status.code(), Some(1), "{said:?}");
    assert!(said.stdout.is_empty(), "{said:?}");
    assert!(String::from_utf8_lossy(&said.stderr).contains("stopped before it was done"), "{said:?}");
    assert_eq!(names(&uploads), Vec::<String>::new());

    // In the browser: Cancel, also twice, and after it was left and found again.
    let served = suite.serve();
    let otto = person(&suite, &served, "operator");
    fs::copy(&large, suite.exchange().join("customers.txt")).unwrap();
    let begun = otto.post("/automation/preview", "name=customers-from-erp");
    let address = begun.header("location").to_owned();
    let again = otto.post("/automation/preview", "name=customers-from-erp");
    assert_eq!(again.header("location"), address, "the one that runs is shown");
    assert!(otto.get("/automation").body.contains(&address));
    for _ in 0..2 {
        assert_eq!(otto.post(&format!("{address}/cancel"), "").header("location"), address);
        assert!(otto.get(&address).body.contains("Cancelled. Nothing was changed."));
    }
    until("its private copy is gone", || names(&uploads).is_empty());
    assert!(!otto.get("/automation").body.contains(&address), "what was cancelled is not listed");

    // Looked at again to its end.
    let begun = otto.post(&format!("{address}/again"), "");
    let page = ended(&otto, &begun);
    assert_eq!((figure(&page, "Rows"), figure(&page, "To be created")), (150_000, 150_000));
    assert_eq!(otto.post(&format!("{}/cancel", begun.header("location")), "").status, 303);
    assert_eq!(figure(&otto.get(begun.header("location")).body, "Rows"), 150_000, "what is known stays");
    assert_eq!(suite.customers(), Vec::<String>::new());
    assert_eq!(names(&suite.exchange()), ["customers.txt"]);
}
