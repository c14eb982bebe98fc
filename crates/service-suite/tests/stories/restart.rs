//! The program is killed at any moment, or something around it fails: nothing is lost, doubled or halved.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use installation::Disk;
use serde_json::json;

use crate::support::{HEADER, Suite, names, until};

#[test]
fn killed_at_any_moment_every_delivery_is_applied_exactly_once() {
    let suite = Suite::waiting_for_customers();
    let mut delivered = 0;
    for round in 0..12_u64 {
        let served = suite.serve();
        until("the exchange folder to be free", || !suite.exchange().join("customers.txt").exists());
        let rows: String = (0..2000).map(|n| format!("{n};Kunde {n} dag {round};Vejle;;\n")).collect();
        fs::write(suite.exchange().join("customers.txt"), format!("{HEADER}{rows}")).unwrap();
        delivered += 1;
        // From right after the write to well after the import: settling takes 300 ms.
        let wait = Duration::from_millis(250 + round * 45);
        let started = Instant::now();
        until("the moment", || started.elapsed() > wait);
        served.kill();
    }
    let _served = suite.serve();
    let imports = suite.ended(delivered);
    assert_eq!(imports.len(), delivered, "neither lost nor doubled");
    for (round, import) in imports.iter().enumerate() {
        assert_eq!((&import["state"], &import["read"]), (&json!("done"), &json!(2000)), "{import}");
        let changed = if round == 0 { &import["created"] } else { &import["updated"] };
        assert_eq!(changed, &json!(2000), "{import}");
    }
    assert_eq!(suite.customer("7")["name"], "Kunde 7 dag 11");
    until("the archive to be complete", || names(&suite.data().join("archive")).len() == delivered);
    assert_eq!(names(&suite.data().join("spool")), Vec::<String>::new());
    assert_eq!(names(&suite.exchange()), Vec::<String>::new());
}

#[test]
fn a_database_locked_by_another_program_is_waited_for() {
    let suite = Suite::waiting_for_customers();
    let _served = suite.serve();
    let mut holder = Command::new("python3")
        .args([
            "-c",
            "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); \
             c.execute('BEGIN IMMEDIATE'); print('locked', flush=True); sys.stdin.read()",
        ])
        .arg(suite.data().join("service-suite.db"))
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(holder.stdout.take().unwrap()), &mut line)
        .unwrap();
    assert_eq!(line.trim(), "locked");
    fs::write(suite.exchange().join("customers.txt"), format!("{HEADER}1;Alfa;;;\n")).unwrap();
    failing(&suite, "busy");
    drop(holder.stdin.take());
    holder.wait().unwrap();
    assert_eq!(suite.ended(1)[0]["created"], 1);
}

/// Waits until the page says that the automation fails, with these words.
#[track_caller]
fn failing(suite: &Suite, words: &str) {
    until(words, || {
        let state = suite.run(&["automation", "list", "--json"]).json()["items"][0]["state"].clone();
        state["state"] == "failing" && state["message"].as_str().unwrap().contains(words)
    });
}

fn ten_thousand() -> String {
    let rows: String = (0..10_000).map(|n| format!("{n};Kunde {n};Vejle;;\n")).collect();
    format!("{HEADER}{rows}")
}

#[test]
fn a_full_disk_stops_nothing_for_good() {
    let suite = Suite::waiting_for_customers();
    let disk = Disk::under(suite.data().join("spool"), "size=64k").unwrap();
    let _served = suite.serve();
    fs::write(suite.exchange().join("customers.txt"), ten_thousand()).unwrap();
    failing(&suite, "no room");
    disk.resize("size=16m").unwrap();
    let import = &suite.ended(1)[0];
    assert_eq!((&import["state"], &import["created"]), (&json!("done"), &json!(10_000)));
}

#[test]
fn what_failed_is_tried_at_once_when_somebody_asks() {
    let suite = Suite::waiting_for_customers();
    let disk = Disk::under(suite.data().join("spool"), "size=64k").unwrap();
    let served = suite.serve();
    fs::write(suite.exchange().join("customers.txt"), ten_thousand()).unwrap();
    let mut next_try = String::new();
    until("the pauses to grow", || {
        let state = suite.run(&["automation", "list", "--json"]).json()["items"][0]["state"].clone();
        next_try = state["next_try_at"].as_str().unwrap_or_default().to_owned();
        state["next_try_in_ms"].as_u64().is_some_and(|left| left > 6_000)
    });
    disk.resize("size=16m").unwrap();
    let said = suite.run(&["automation", "retry", "customers-from-erp"]).ok();
    assert!(said.out.contains("tries again now"), "{said:?}");
    let import = &suite.ended(1)[0];
    assert_eq!(import["state"], "done");
    assert!(import["finished_at"].as_str().unwrap() < next_try.as_str(), "{import} before {next_try}");
    let unknown = suite.run(&["automation", "retry", "suppliers-from-erp"]);
    assert_eq!(
        (unknown.code, unknown.err.contains("there are: customers-from-erp")),
        (1, true),
        "{unknown:?}"
    );
    served.kill();
    let alone = suite.run(&["automation", "retry", "customers-from-erp", "--json"]);
    assert_eq!((alone.code, alone.err.contains("serve does not run")), (1, true), "{alone:?}");
}

#[test]
fn a_lost_private_copy_is_made_again_and_nothing_is_lost() {
    let suite = Suite::waiting_for_customers();
    // Comparing fails for want of room, so that the delivery waits with its private copy made.
    let disk = Disk::under(suite.data().join("scratch"), "size=16k").unwrap();
    let served = suite.serve();
    fs::write(suite.exchange().join("customers.txt"), ten_thousand()).unwrap();
    failing(&suite, "No space");
    let spool = suite.data().join("spool");
    assert_eq!(names(&spool).len(), 1);
    served.kill();
    fs::remove_file(spool.join(&names(&spool)[0])).unwrap();
    disk.resize("size=16m").unwrap();
    let _served = suite.serve();
    let import = &suite.ended(1)[0];
    assert_eq!((&import["state"], &import["created"]), (&json!("done"), &json!(10_000)), "{import}");
    until("the archive to have it", || names(&suite.data().join("archive")).len() == 1);
}

#[test]
fn an_archive_that_is_away_does_not_hold_up_the_next_delivery() {
    let suite = Suite::waiting_for_customers();
    let served = suite.serve();
    let archive = suite.data().join("archive");
    fs::remove_dir(&archive).unwrap();
    fs::write(&archive, "not a folder").unwrap();
    for (day, city) in ["Vejle", "Ribe"].iter().enumerate() {
        fs::write(suite.exchange().join("customers.txt"), format!("{HEADER}1;Alfa;{city};;\n")).unwrap();
        until("the import", || {
            suite.imports().iter().filter(|import| import["state"] == "done").count() == day + 1
        });
    }
    assert_eq!(suite.customer("1")["city"], "Ribe");
    assert_eq!(names(&suite.exchange()).len(), 2, "what is not archived is not removed");
    fs::remove_file(&archive).unwrap();
    drop(served);
    let _served = suite.serve();
    until("the archive to have both", || names(&archive).len() == 2);
    until("the folder to be empty", || names(&suite.exchange()).is_empty());
}

#[test]
fn a_command_that_is_killed_leaves_no_import_behind_its_back() {
    let suite = Suite::waiting_for_customers();
    let rows: String = (0..60_000).map(|n| format!("{n};Kunde {n};Vejle;;\n")).collect();
    let file = suite.write("customers.txt", format!("{HEADER}{rows}"));
    let mut command = suite.command();
    let mut child = command.args(["import", "customers"]).arg(&file).spawn().unwrap();
    until("the import to begin", || !suite.imports().is_empty());
    child.kill().unwrap();
    child.wait().unwrap();
    if suite.imports()[0]["state"] == "done" {
        return;
    }
    let _served = suite.serve();
    let import = &suite.ended(1)[0];
    assert_eq!((&import["state"], &import["read"]), (&json!("refused"), &json!(0)), "{import}");
    assert!(suite.customers().is_empty());
    assert_eq!(suite.run(&["import", "customers", file.to_str().unwrap()]).code, 0);
}
