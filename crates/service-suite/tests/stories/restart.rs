//! The program is killed at any moment, or something around it fails: nothing is lost, doubled or halved.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

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
    until("the lock to be told", || {
        let state = suite.run(&["automation", "list", "--json"]).json()["items"][0]["state"].clone();
        state["state"] == "failing" && state["message"].as_str().unwrap().contains("busy")
    });
    drop(holder.stdin.take());
    holder.wait().unwrap();
    assert_eq!(suite.ended(1)[0]["created"], 1);
}

#[test]
fn a_full_disk_stops_nothing_for_good() {
    let suite = Suite::waiting_for_customers();
    let data = suite.data();
    // The spool on a disk of its own that is too small for the file.
    fs::create_dir_all(data.join("spool")).unwrap();
    let mount = |options: &str| {
        Command::new("mount")
            .args(["-t", "tmpfs", "-o", options, "tmpfs"])
            .arg(data.join("spool"))
            .status()
            .is_ok_and(|status| status.success())
    };
    assert!(mount("size=64k"), "a small disk needs the right to mount one");
    let unmount = scopeguard(&data);
    let _served = suite.serve();
    let rows: String = (0..10_000).map(|n| format!("{n};Kunde {n};Vejle;;\n")).collect();
    fs::write(suite.exchange().join("customers.txt"), format!("{HEADER}{rows}")).unwrap();
    until("the full disk to be told", || {
        let state = suite.run(&["automation", "list", "--json"]).json()["items"][0]["state"].clone();
        state["state"] == "failing" && state["message"].as_str().unwrap().contains("no room")
    });
    assert!(mount("remount,size=16m"));
    let import = &suite.ended(1)[0];
    assert_eq!((&import["state"], &import["created"]), (&json!("done"), &json!(10_000)));
    drop(unmount);
}

/// Unmounts the spool when the story ends, however it ends.
fn scopeguard(data: &std::path::Path) -> impl Drop {
    struct Unmount(std::path::PathBuf);
    impl Drop for Unmount {
        fn drop(&mut self) {
            let _ = Command::new("umount").arg("-l").arg(&self.0).status();
        }
    }
    Unmount(data.join("spool"))
}
