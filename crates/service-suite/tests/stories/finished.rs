//! What a format can ask for before its file is taken, and what its last line proves.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{HEADER, Suite, customers_format, names, settings, until};

/// Waits for customers in a format with these keys besides.
fn waiting(keys: &[(&str, &str)]) -> Suite {
    let suite = Suite::new();
    suite.apply(&settings(&customers_format(keys), "customers-from-erp"));
    suite
}

fn row(number: u32) -> String {
    format!("{number};Kunde {number};Vejle;{number},50;\n")
}

fn state(suite: &Suite) -> Value {
    suite.run(&["automation", "list", "--json"]).json()["items"][0]["state"].clone()
}

fn says(suite: &Suite, words: &str) {
    until(words, || {
        let state = state(suite);
        ["reason", "message"].iter().any(|key| state[*key].as_str().is_some_and(|said| said.contains(words)))
    });
}

/// `(check, result)` of an import's proof.
fn proof(import: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let items = import["proof"].as_array().unwrap();
    items.iter().map(|item| (text(&item["check"]), text(&item["result"]))).collect()
}

fn result<'a>(proof: &'a [(String, String)], check: &str) -> Option<&'a str> {
    proof.iter().find(|item| item.0 == check).map(|item| item.1.as_str())
}

fn pass(time: Duration) {
    let started = Instant::now();
    until("a moment", || started.elapsed() > time);
}

#[allow(clippy::disallowed_methods, reason = "replacing is what an ERP system does")]
fn rename(from: impl AsRef<Path>, to: impl AsRef<Path>) {
    fs::rename(from, to).unwrap();
}

const TRAILER: (&str, &str) =
    ("trailer", "{ starts-with = \"SLUT\", row-count = 2, total = 3, total-of = \"Kreditmax\" }");

#[test]
fn a_file_is_what_its_trailer_says_or_it_is_refused_whole() {
    let suite = waiting(&[TRAILER]);
    let _served = suite.serve();
    let whole = format!("{HEADER}{}{}SLUT;2;4,00\n", row(1), row(2));
    let half = format!("{HEADER}{}", row(3));
    let wrong = format!("{HEADER}{}SLUT;1;3,51\n", row(3));
    let short = format!("{HEADER}{}SLUT;2;3,50\n", row(3));
    for (count, (text, outcome, says)) in [
        (&whole, ("passed", "passed"), ""),
        // The writer crashed between two rows.
        (&half, ("passed", "failed"), "without the trailer"),
        (&wrong, ("passed", "failed"), "a total of 3,51, but the column Kreditmax adds up to 3,5."),
        (&short, ("passed", "failed"), "says 2 rows, but the file has 1."),
        (&whole[..whole.len() - 6].to_owned(), ("failed", ""), "cut off"),
    ]
    .into_iter()
    .enumerate()
    {
        fs::write(suite.exchange().join("customers.txt"), text).unwrap();
        let import = suite.ended(count + 1).pop().unwrap();
        let proof = proof(&import);
        assert_eq!(result(&proof, "last record complete"), Some(outcome.0), "{import}");
        assert_eq!(result(&proof, "trailer").unwrap_or_default(), outcome.1, "{import}");
        assert_eq!(import["state"], if says.is_empty() { "done" } else { "refused" });
        assert!(import["reason"].as_str().unwrap_or_default().contains(says), "{import}");
        assert_eq!(import["read"], if says.is_empty() { 2 } else { 0 }, "the trailer is no row");
        assert_eq!(suite.customers(), ["1", "2"], "nothing else was changed");
    }
    // The same bytes as an import before, and files given by hand.
    let again = [&whole, &whole].map(|text| {
        let count = suite.imports().len();
        fs::write(suite.exchange().join("customers.txt"), text).unwrap();
        suite.ended(count + 1).pop().unwrap()
    });
    assert_eq!(result(&proof(&again[1]), "trailer"), Some("passed"), "{}", again[1]);
    let file = suite.write("half.txt", &half);
    assert_eq!(suite.run(&["check", file.to_str().unwrap(), "--json"]).json()["verdict"], "refuse");
    let said = suite.import("half.txt", &half);
    assert_eq!((said.code, result(&proof(&said.json()), "trailer")), (3, Some("failed")));
    assert_eq!(suite.import("whole.txt", &whole).json()["unchanged"], 2);
}

#[test]
fn what_a_crashed_writer_leaves_behind_is_refused_for_what_it_is() {
    let suite = waiting(&[]);
    let _served = suite.serve();
    let file = suite.exchange().join("customers.txt");
    // In the middle of a line; and with room reserved that was never filled.
    for (count, (text, room, code, check)) in [
        (format!("{HEADER}{}2;Kun", row(1)), 0, "incomplete-record", Some("failed")),
        (format!("{HEADER}{}", row(1)), 4096, "nul", Some("unknown")),
    ]
    .into_iter()
    .enumerate()
    {
        let part = suite.exchange().join("customers.txt.part");
        fs::write(&part, text).unwrap();
        if room > 0 {
            OpenOptions::new().append(true).open(&part).unwrap().set_len(room).unwrap();
        }
        rename(&part, &file);
        let import = suite.ended(count + 1).pop().unwrap();
        assert_eq!((&import["state"], &import["created"]), (&json!("refused"), &json!(0)), "{import}");
        assert_eq!(suite.problems(&import)[0]["code"], code, "{import}");
        assert_eq!(result(&proof(&import), "last record complete"), check, "{import}");
    }
    assert!(suite.customers().is_empty());
}

/// A format that takes a file as soon as its marker is there.
const MARKED: [(&str, &str); 2] = [("marker", "\"customers.done\""), ("settle", "\"0s\"")];

#[test]
fn a_file_waits_for_its_marker_which_goes_with_it() {
    let suite = waiting(&MARKED);
    let _served = suite.serve();
    let (file, marker) = (suite.exchange().join("customers.txt"), suite.exchange().join("customers.done"));
    fs::write(&file, format!("{HEADER}{}", row(1))).unwrap();
    says(&suite, "Waiting for the marker customers.done");
    assert!(suite.run(&["automation", "list"]).out.contains("Waiting for the marker customers.done"));
    assert_eq!(suite.imports(), Vec::<Value>::new());
    // A directory is none, and one that goes again before the file is closed was none.
    fs::create_dir(&marker).unwrap();
    says(&suite, "a directory");
    fs::remove_dir(&marker).unwrap();
    let mut writer = OpenOptions::new().append(true).open(&file).unwrap();
    fs::write(&marker, "").unwrap();
    says(&suite, "pen for writing");
    fs::remove_file(&marker).unwrap();
    writer.write_all(row(2).as_bytes()).unwrap();
    drop(writer);
    says(&suite, "Waiting for the marker");
    // Written to after its marker: the marker is that of what the file held before.
    fs::write(&marker, "").unwrap();
    let import = suite.ended(1).pop().unwrap();
    assert_eq!(
        (&import["created"], result(&proof(&import), "marker")),
        (&json!(2), Some("passed")),
        "{import}"
    );
    until("file and marker to go", || names(&suite.exchange()).is_empty());
}

#[test]
fn a_marker_from_last_night_lets_no_half_file_through() {
    let suite = waiting(&MARKED);
    let (file, marker) = (suite.exchange().join("customers.txt"), suite.exchange().join("customers.done"));
    // Nobody was there to take last night's file. Tonight's is being written over it, in pieces.
    fs::create_dir_all(suite.exchange()).unwrap();
    fs::write(&file, format!("{HEADER}{}", row(1))).unwrap();
    fs::write(&marker, "").unwrap();
    pass(Duration::from_millis(20));
    fs::write(&file, format!("{HEADER}{}", row(2))).unwrap();
    let _served = suite.serve();
    says(&suite, "waiting for a new customers.done");
    pass(Duration::from_millis(700));
    assert_eq!(suite.imports(), Vec::<Value>::new());
    OpenOptions::new().append(true).open(&file).unwrap().write_all(row(3).as_bytes()).unwrap();
    fs::write(&marker, "").unwrap();
    assert_eq!(suite.ended(1)[0]["created"], 2);
}

#[test]
fn the_next_file_and_its_marker_are_the_next_delivery() {
    let suite = waiting(&MARKED);
    let _served = suite.serve();
    let (file, marker) = (suite.exchange().join("customers.txt"), suite.exchange().join("customers.done"));
    for day in 1..=6_u32 {
        let next = suite.exchange().join(".next");
        let rows: String = (day * 1_000..day * 1_000 + 500).map(row).collect();
        fs::write(&next, format!("{HEADER}{rows}")).unwrap();
        rename(&next, &file);
        fs::write(&marker, "").unwrap();
        // As soon as it is taken, while it is being imported.
        until("the file and its marker to be taken", || !file.exists() && !marker.exists());
        assert!(suite.imports().len() >= day as usize);
        // A half file without a marker follows each, and is not taken in its stead.
        fs::write(&file, HEADER).unwrap();
    }
    let imports = suite.ended(6);
    assert_eq!(imports.len(), 6);
    assert!(imports.iter().all(|import| import["created"] == 500), "{imports:?}");
    until("claimed files to go", || names(&suite.exchange()) == ["customers.txt"]);
}

#[test]
fn killed_at_any_moment_no_marker_is_lost_or_used_twice() {
    let suite =
        waiting(&[("filename", "\"customers-*.txt\""), ("marker", "\"customers-*.done\""), MARKED[1]]);
    let mut delivered = 0;
    for round in 0..10_u32 {
        let served = suite.serve();
        let name = |ending: &str| suite.exchange().join(format!("customers-{round}.{ending}"));
        fs::write(name("txt"), format!("{HEADER}{}", row(100 + round))).unwrap();
        fs::write(name("done"), "").unwrap();
        delivered += 1;
        pass(Duration::from_millis(u64::from(round) * 9));
        served.kill();
        // Half of the next file, without a marker: it must wait whatever the last run left behind.
        fs::write(suite.exchange().join(format!("customers-{round}-half.txt")), HEADER).unwrap();
    }
    let _served = suite.serve();
    let imports = suite.ended(delivered);
    assert_eq!(imports.len(), delivered, "{imports:?}");
    assert!(imports.iter().all(|import| import["state"] == "done" && import["created"] == 1), "{imports:?}");
    until("markers to go with their files", || {
        names(&suite.exchange()).iter().all(|name| name.ends_with("-half.txt"))
    });
    assert_eq!(names(&suite.exchange()).len(), 10);
}

#[test]
fn a_file_that_is_too_young_waits() {
    let suite = waiting(&[("settle", "\"100ms\""), ("minimum-age", "\"2s\"")]);
    let _served = suite.serve();
    let written = Instant::now();
    fs::write(suite.exchange().join("customers.txt"), format!("{HEADER}{}", row(1))).unwrap();
    says(&suite, "of 2 s");
    let import = suite.ended(1).pop().unwrap();
    assert!(written.elapsed() >= Duration::from_secs(2));
    assert_eq!(result(&proof(&import), "minimum age"), Some("passed"), "{import}");
}

#[test]
fn where_only_renamed_files_are_wanted_nothing_else_is_taken() {
    let suite = waiting(&[("arrival", "\"renamed\"")]);
    let _served = suite.serve();
    let file = suite.exchange().join("customers.txt");
    fs::write(&file, format!("{HEADER}{}", row(1))).unwrap();
    says(&suite, "written under this name");
    assert_eq!(state(&suite)["state"], "warning");
    pass(Duration::from_millis(600));
    assert_eq!(suite.imports(), Vec::<Value>::new());
    let part = suite.exchange().join("customers.txt.part");
    for count in 1..=3 {
        // Written and renamed as fast as can be: if the file system's clock has not moved on, the system tells.
        fs::write(&part, format!("{HEADER}{}", row(count))).unwrap();
        rename(&part, &file);
        let import = suite.ended(count as usize).pop().unwrap();
        assert_eq!(result(&proof(&import), "renamed into place"), Some("passed"), "{import}");
    }
    // It begins well and is added to afterwards.
    fs::write(&part, format!("{HEADER}{}", row(4))).unwrap();
    rename(&part, &file);
    OpenOptions::new().append(true).open(&file).unwrap().write_all(row(5).as_bytes()).unwrap();
    says(&suite, "written under this name");
    pass(Duration::from_millis(600));
    assert_eq!(suite.imports().len(), 3);
}

#[test]
fn many_files_that_are_renamed_are_all_taken() {
    let suite = waiting(&[("arrival", "\"renamed\""), ("filename", "\"customers-*.txt\"")]);
    let _served = suite.serve();
    // A file that is renamed before anybody watches the folder, in the moment of its last write, cannot be told from one
    // that was written under its name.
    until("the folder to be watched", || state(&suite)["state"] == "waiting");
    for count in 0..20 {
        let part = suite.exchange().join("next.part");
        fs::write(&part, format!("{HEADER}{}", row(count))).unwrap();
        rename(&part, suite.exchange().join(format!("customers-{count}.txt")));
    }
    assert_eq!(suite.ended(20).len(), 20);
    assert_eq!(suite.customers().len(), 20);
}

#[test]
fn the_settle_time_of_a_format_comes_before_that_of_the_erp_system() {
    let suite = waiting(&[("settle", "\"1500ms\"")]);
    let _served = suite.serve();
    let written = Instant::now();
    fs::write(suite.exchange().join("customers.txt"), format!("{HEADER}{}", row(1))).unwrap();
    suite.ended(1);
    assert!(written.elapsed() >= Duration::from_millis(1500));
}

#[test]
fn what_would_let_half_files_through_is_no_setting() {
    let suite = Suite::new();
    let leave = settings(&customers_format(&MARKED), "customers-from-erp")
        .replace("[erp-system]", "[erp-system]\nafter-import = \"leave\"");
    let never = settings(&customers_format(&[MARKED[1]]), "customers-from-erp");
    for (text, part) in [(leave, "would be the marker"), (never, "nothing says when the file is finished")] {
        let file = suite.write("settings.toml", text);
        let said = suite.run(&["settings", "apply", file.to_str().unwrap()]);
        assert!(said.code == 1 && said.err.contains(part), "{said:?}");
    }
    let all = [MARKED[0], MARKED[1], TRAILER, ("minimum-age", "\"5m\""), ("arrival", "\"renamed\"")];
    suite.apply(&settings(&customers_format(&all), "customers-from-erp"));
    let shown = suite.run(&["settings", "show"]).ok().out.clone();
    let file = suite.write("shown.toml", &shown);
    let said = suite.run(&["settings", "apply", file.to_str().unwrap()]).ok();
    assert!(said.out.contains("Nothing to change"), "{said:?}\n{shown}");
}
