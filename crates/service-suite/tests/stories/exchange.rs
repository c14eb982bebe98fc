//! The exchange folder: what is imported when, in which order, exactly once; and what is left alone.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{HEADER, Suite, customers_format, names, settings, until};

/// Renames as an ERP system does, replacing what is there.
#[allow(clippy::disallowed_methods, reason = "replacing is what the story is about")]
fn replace(from: impl AsRef<std::path::Path>, to: impl AsRef<std::path::Path>) -> std::io::Result<()> {
    fs::rename(from, to)
}

fn rows(from: u32, count: u32) -> String {
    (from..from + count).map(|n| format!("{n};Kunde {n};Vejle;;\n")).collect()
}

#[test]
fn a_dropped_file_is_imported_archived_and_proved_complete() {
    let suite = Suite::waiting_for_customers();
    let _served = suite.serve();
    let file = format!("{HEADER}{}", rows(1, 100));
    fs::write(suite.exchange().join("customers.txt"), &file).unwrap();
    let import = &suite.ended(1)[0];
    assert_eq!((&import["state"], &import["created"]), (&json!("done"), &json!(100)));
    assert_eq!(import["automation"], "customers-from-erp");
    let proof: Vec<(&str, &str)> = import["proof"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["check"].as_str().unwrap(), item["result"].as_str().unwrap()))
        .collect();
    assert_eq!(
        proof,
        [
            ("quiet", "passed"),
            ("no local writer", "passed"),
            ("copy equals source", "passed"),
            ("last record complete", "passed")
        ]
    );
    assert_eq!(names(&suite.exchange()), Vec::<String>::new());
    let archive = suite.data().join("archive");
    let archived = names(&archive);
    assert_eq!(archived.len(), 1);
    assert_eq!(fs::read_to_string(archive.join(&archived[0])).unwrap(), file);
    assert_eq!(names(&suite.data().join("spool")), Vec::<String>::new());
}

#[test]
fn the_same_bytes_again_change_nothing_and_an_older_file_is_applied_again() {
    let suite = Suite::waiting_for_customers();
    let _served = suite.serve();
    let (x, y) = (format!("{HEADER}1;Alfa;Vejle;;\n"), format!("{HEADER}1;Alfa;Ribe;;\n"));
    let deliver = |text: &str, count: usize| {
        fs::write(suite.exchange().join("customers.txt"), text).unwrap();
        suite.ended(count).pop().unwrap()
    };
    let first = deliver(&x, 1);
    let again = deliver(&x, 2);
    assert_eq!(
        (&again["state"], &again["read"], &again["unchanged"]),
        (&json!("done"), &json!(1), &json!(1))
    );
    assert!(again["reason"].as_str().unwrap().contains(&format!("import {}", first["id"])), "{again}");
    assert_eq!(deliver(&y, 3)["updated"], 1);
    assert_eq!(deliver(&x, 4)["updated"], 1);
    assert_eq!(suite.customer("1")["city"], "Vejle");
}

#[test]
fn a_file_that_is_still_written_is_not_read_as_finished() {
    let suite = Suite::waiting_for_customers();
    let _served = suite.serve();
    let path = suite.exchange().join("customers.txt");
    let mut file = OpenOptions::new().create(true).append(true).open(&path).unwrap();
    file.write_all(HEADER.as_bytes()).unwrap();
    // Longer than the settle time in all, each pause shorter; and the writer keeps it open for a while at the end.
    let state = || suite.run(&["automation", "list", "--json"]).json()["items"][0]["state"].clone();
    for n in 0..8 {
        file.write_all(rows(n, 1).as_bytes()).unwrap();
        let written = Instant::now();
        until("a moment", || written.elapsed() > Duration::from_millis(100));
        assert_eq!(suite.imports(), Vec::<Value>::new());
    }
    until("the open writer to be noticed", || {
        state()["reason"].as_str().is_some_and(|reason| reason.contains("pen for writing"))
    });
    assert_eq!(suite.imports(), Vec::<Value>::new());
    drop(file);
    assert_eq!(suite.ended(1)[0]["created"], 8);
}

#[test]
fn files_that_replace_one_another_by_rename_while_the_last_one_is_imported_are_each_imported() {
    let suite = Suite::waiting_for_customers();
    let _served = suite.serve();
    let path = suite.exchange().join("customers.txt");
    for day in 1..=5_u32 {
        let next = suite.exchange().join(".next");
        fs::write(&next, format!("{HEADER}{}", rows(day * 10, 3))).unwrap();
        // Replaced by rename, as careful ERP systems do: the next one arrives while the last one is on its way.
        replace(&next, &path).unwrap();
        let count = day as usize;
        until("the file to be taken", || suite.imports().len() >= count);
    }
    let imports = suite.ended(5);
    assert_eq!(imports.iter().map(|i| i["created"].as_u64().unwrap()).sum::<u64>(), 15);
    assert_eq!(suite.customers().len(), 15);
}

#[test]
fn a_claimed_file_that_is_open_for_writing_is_waited_for_and_what_is_written_is_the_next_delivery() {
    let suite = Suite::waiting_for_customers();
    let _served = suite.serve();
    let archive = suite.data().join("archive");
    // What is imported cannot be put away for a while.
    if archive.exists() {
        fs::remove_dir(&archive).unwrap();
    }
    fs::write(&archive, "no folder").unwrap();
    let state = || suite.run(&["automation", "list", "--json"]).json()["items"][0]["state"].clone();
    let says = |words: &str| {
        until(words, || {
            suite.run(&["automation", "retry", "customers-from-erp"]).ok();
            state()["message"].as_str().is_some_and(|message| message.contains(words))
        });
    };
    fs::write(suite.exchange().join("customers.txt"), format!("{HEADER}{}", rows(1, 3))).unwrap();
    says("archive");
    let claimed = suite.exchange().join(".customers.txt.1");
    let mut writer = OpenOptions::new().append(true).open(&claimed).unwrap();
    fs::remove_file(&archive).unwrap();
    says("open for writing in another program");
    assert_eq!(names(&archive).len(), 1, "its copy is in the archive");
    assert_eq!(suite.imports().len(), 1, "nothing was written yet");
    writer.write_all(rows(4, 2).as_bytes()).unwrap();
    drop(writer);
    suite.run(&["automation", "retry", "customers-from-erp"]).ok();
    let next = &suite.ended(2)[1];
    assert_eq!((&next["file"], &next["created"]), (&json!("customers.txt"), &json!(2)));
    assert_eq!(names(&suite.exchange()), Vec::<String>::new());
}

#[test]
fn several_files_are_imported_in_order_oldest_first() {
    let suite = Suite::new();
    let format = customers_format(&[("filename", "\"customers-*.txt\"")]);
    suite.apply(&settings(&format, "customers-from-erp"));
    fs::create_dir_all(suite.exchange()).unwrap();
    for (name, city, age) in
        [("customers-b.txt", "Vejle", 50), ("customers-a.txt", "Ribe", 30), ("customers-c.txt", "Aarhus", 40)]
    {
        let path = suite.exchange().join(name);
        fs::write(&path, format!("{HEADER}1;Alfa;{city};;\n")).unwrap();
        let time = std::time::UNIX_EPOCH + Duration::from_secs(1_700_000_000 - age);
        OpenOptions::new().append(true).open(&path).unwrap().set_modified(time).unwrap();
    }
    for name in ["customers-d.txt.part", "~customers-e.txt", "._customers-f.txt", "Customers-g.txt"] {
        fs::write(suite.exchange().join(name), "no").unwrap();
    }
    let _served = suite.serve();
    let files: Vec<String> = suite.ended(3).iter().map(|i| i["file"].as_str().unwrap().to_owned()).collect();
    assert_eq!(files, ["customers-b.txt", "customers-c.txt", "customers-a.txt"]);
    assert_eq!(suite.customer("1")["city"], "Ribe");
    assert_eq!(names(&suite.exchange()).len(), 4, "what is no delivery is left alone");
}

#[test]
fn many_files_wait_in_order_and_a_damaged_first_one_is_set_aside() {
    let suite = Suite::new();
    suite.apply(&settings(&customers_format(&[("filename", "\"customers-*.txt\"")]), "customers-from-erp"));
    fs::create_dir_all(suite.exchange()).unwrap();
    let count = 200_u64;
    // The oldest one has the highest number, and two of each three share a second.
    for n in 0..count {
        let path = suite.exchange().join(format!("customers-{n:03}.txt"));
        let rows = if n == count - 1 { "1;\"never closed\n".to_owned() } else { format!("1;Alfa {n};;;\n") };
        fs::write(&path, format!("{HEADER}{rows}")).unwrap();
        let time = std::time::UNIX_EPOCH + Duration::from_secs(1_700_000_000 - n / 3);
        OpenOptions::new().append(true).open(&path).unwrap().set_modified(time).unwrap();
    }
    let mut expected: Vec<u64> = (0..count).collect();
    expected.sort_by_key(|n| (std::cmp::Reverse(n / 3), *n));
    let _served = suite.serve();
    until("how many wait to be told", || {
        suite.run(&["automation", "list", "--json"]).json()["items"][0]["waiting"].as_u64() > Some(count / 2)
    });
    let imports = suite.ended(200);
    let files: Vec<&str> = imports.iter().map(|import| import["file"].as_str().unwrap()).collect();
    let expected: Vec<String> = expected.iter().map(|n| format!("customers-{n:03}.txt")).collect();
    assert_eq!(files, expected);
    let (refused, done): (Vec<_>, Vec<_>) = imports.iter().partition(|import| import["state"] == "refused");
    assert_eq!((refused.len(), done.len()), (1, 199));
    assert_eq!(suite.customer("1")["name"], "Alfa 2", "the last of the newest second");
    let set_aside = names(&suite.data().join("refused"));
    assert_eq!(set_aside.len(), 2, "the file and its report: {set_aside:?}");
    until("nothing to wait", || {
        suite.run(&["automation", "list", "--json"]).json()["items"][0]["waiting"] == json!(0)
    });
}

#[test]
fn a_name_in_other_capitals_is_told_and_not_taken() {
    let suite = Suite::waiting_for_customers();
    fs::create_dir_all(suite.exchange()).unwrap();
    for name in ["Customers.TXT", "customers.txt~", "customers.txt.part", "~$customers.txt"] {
        fs::write(suite.exchange().join(name), format!("{HEADER}1;Alfa;;;\n")).unwrap();
    }
    let _served = suite.serve();
    until("the hint", || {
        let row = &suite.run(&["automation", "list", "--json"]).json()["items"][0];
        let hint = row["hint"].as_str().unwrap_or_default();
        hint == "There is Customers.TXT; the format waits for customers.txt, exactly so written"
    });
    fs::write(suite.exchange().join("customers.txt"), format!("{HEADER}2;Beta;;;\n")).unwrap();
    suite.ended(1);
    assert_eq!(suite.customers(), ["2"]);
    assert_eq!(names(&suite.exchange()).len(), 4);
}

#[test]
fn what_is_no_file_is_never_followed_and_never_blocks() {
    let suite = Suite::waiting_for_customers();
    let secret = suite.write("secret.txt", format!("{HEADER}666;Secret;;;\n"));
    let served = suite.serve();
    let path = suite.exchange().join("customers.txt");
    let warned = |word: &str| {
        until(word, || {
            let state = &suite.run(&["automation", "list", "--json"]).json()["items"][0]["state"];
            state["state"] == "warning" && state["message"].as_str().unwrap().contains(word)
        });
    };
    fs::create_dir(&path).unwrap();
    warned("directory");
    fs::remove_dir(&path).unwrap();
    symlink(&secret, &path).unwrap();
    warned("symbolic link");
    fs::remove_file(&path).unwrap();
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    warned("FIFO");
    fs::remove_file(&path).unwrap();
    fs::write(&path, "").unwrap();
    until("the empty file to be seen", || {
        suite.run(&["automation", "list"]).out.to_lowercase().contains("empty")
    });
    assert_eq!(suite.imports(), Vec::<Value>::new());
    fs::write(&path, format!("{HEADER}1;Alfa;;;\n")).unwrap();
    suite.ended(1);
    assert_eq!(suite.customers(), ["1"]);
    assert_eq!(served.terminate(), Some(0));
}

/// `serve` as a user without any privilege, to whom the data folder belongs.
fn serve_as_nobody(suite: &Suite) -> crate::support::Served {
    let open = |path: &std::path::Path| fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
    let chown = Command::new("chown").args(["-R", "nobody"]).arg(suite.path("")).status().unwrap();
    assert!(chown.success(), "the stories run as root, who may give files away");
    open(&suite.path(""));
    let program = suite.path("service-suite");
    if !program.exists() {
        fs::copy(env!("CARGO_BIN_EXE_service-suite"), &program).unwrap();
    }
    open(&program);
    let mut command = Command::new("setpriv");
    command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups"]).arg(&program);
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(suite.data());
    crate::support::Served::start(command)
}

#[test]
fn a_folder_that_forbids_renaming_can_be_used_by_leaving_the_files_where_they_are() {
    let suite = Suite::new();
    let exchange = suite.path("shared");
    fs::create_dir(&exchange).unwrap();
    let path = exchange.join("customers.txt");
    let applied = |after: &str| {
        let folder = format!("[erp-system]\nexchange-folder = {exchange:?}\nafter-import = \"{after}\"");
        suite.apply(&settings(&customers_format(&[]), "customers-from-erp").replace("[erp-system]", &folder));
    };
    let modified = std::time::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let write = |city: &str| {
        fs::write(&path, format!("{HEADER}1;Alfa;{city};;\n")).unwrap();
        OpenOptions::new().append(true).open(&path).unwrap().set_modified(modified).unwrap();
    };
    let state = || suite.run(&["automation", "list", "--json"]).json()["items"][0]["state"].clone();
    let says = |word: &str| until(word, || state().to_string().contains(word));
    applied("archive");
    write("Vejle");
    let served = serve_as_nobody(&suite);
    // The folder belongs to somebody else now, who may read and not write.
    let root = Command::new("chown").args(["-R", "root"]).arg(&exchange).status().unwrap();
    assert!(root.success());
    fs::set_permissions(&exchange, fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    says("does not allow renaming");
    says("choose \\\"left where it is\\\" under Settings");
    assert_eq!(suite.imports(), Vec::<Value>::new());

    applied("leave");
    until("the import", || suite.imports().first().is_some_and(|import| import["state"] == "done"));
    says("waiting");
    served.terminate();
    // A restart and another change time: not a new delivery.
    fs::set_permissions(&path, fs::Permissions::from_mode(0o604)).unwrap();
    let _served = serve_as_nobody(&suite);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let root = Command::new("chown").args(["-R", "root"]).arg(&exchange).status().unwrap();
    assert!(root.success());
    says("settling");
    says("waiting");
    assert_eq!(suite.imports().len(), 1);
    // The same size and time, and other content.
    write("Odder");
    until("the next delivery", || {
        suite.imports().iter().filter(|import| import["state"] == "done").count() == 2
    });
    assert_eq!(suite.customer("1")["city"], "Odder");
    assert_eq!(names(&exchange), ["customers.txt"]);
}

#[test]
fn an_unreadable_file_is_told_to_an_unprivileged_program() {
    let suite = Suite::waiting_for_customers();
    let open = |path: &std::path::Path| fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
    let exchange = suite.exchange();
    fs::create_dir_all(&exchange).unwrap();
    open(&exchange);
    fs::write(exchange.join("customers.txt"), format!("{HEADER}1;Alfa;;;\n")).unwrap();
    fs::set_permissions(exchange.join("customers.txt"), fs::Permissions::from_mode(0o600)).unwrap();
    let _served = serve_as_nobody(&suite);
    let root = Command::new("chown").arg("root").arg(exchange.join("customers.txt")).status().unwrap();
    assert!(root.success());
    until("the unreadable file to be told", || {
        let state = &suite.run(&["automation", "list", "--json"]).json()["items"][0]["state"];
        state["state"] == "warning" && state["message"].as_str().unwrap().contains("cannot be read")
    });
    // A readable file of another user is imported; that nobody writes to it cannot be proved without CAP_LEASE.
    fs::set_permissions(exchange.join("customers.txt"), fs::Permissions::from_mode(0o644)).unwrap();
    let import = &suite.ended(1)[0];
    assert_eq!(import["created"], 1);
    assert_eq!(import["proof"][1]["result"], "unknown", "{import}");
}

#[test]
fn after_import_a_file_can_be_deleted_or_left() {
    for (after, left) in [("delete", vec![]), ("leave", vec!["customers.txt".to_owned()])] {
        let suite = Suite::new();
        let text = settings(&customers_format(&[]), "customers-from-erp")
            .replace("[erp-system]", &format!("[erp-system]\nafter-import = \"{after}\""));
        suite.apply(&text);
        let served = suite.serve();
        fs::write(suite.exchange().join("customers.txt"), format!("{HEADER}1;Alfa;;;\n")).unwrap();
        suite.ended(1);
        until("the file to be put away", || names(&suite.exchange()) == left);
        assert_eq!(names(&suite.data().join("archive")), Vec::<String>::new());
        if after == "leave" {
            assert_eq!(served.terminate(), Some(0));
            let _served = suite.serve();
            fs::write(suite.exchange().join("customers.txt"), format!("{HEADER}2;Beta;;;\n")).unwrap();
            assert_eq!(suite.ended(2).len(), 2, "the file that was left is not imported again");
        }
    }
}

#[test]
fn a_share_that_is_not_mounted_is_no_empty_folder() {
    let suite = Suite::new();
    let share = suite.path("share");
    let disk = installation::Disk::under(&share, "size=1m").unwrap();
    let folder = format!("[erp-system]\nexchange-folder = {share:?}");
    suite.apply(&settings(&customers_format(&[]), "customers-from-erp").replace("[erp-system]", &folder));
    let served = suite.serve();
    let state = || suite.run(&["automation", "list", "--json"]).json()["items"][0]["state"].clone();
    until("waiting", || state()["state"] == "waiting");
    let failing = || {
        until("failing", || {
            let state = state();
            state["state"] == "failing"
                && state["message"].as_str().unwrap().contains("is the share mounted?")
        });
    };
    drop(disk);
    failing();
    // What somebody puts under the mount point meanwhile is not what the ERP system delivers.
    fs::write(share.join("customers.txt"), format!("{HEADER}1;Alfa;;;\n")).unwrap();
    served.kill();
    let _served = suite.serve();
    failing();
    suite.run(&["automation", "retry", "customers-from-erp"]).ok();
    failing();
    assert_eq!(suite.imports(), Vec::<Value>::new());
    let _disk = installation::Disk::under(&share, "size=1m").unwrap();
    fs::write(share.join("customers.txt"), format!("{HEADER}2;Beta;;;\n")).unwrap();
    suite.ended(1);
    assert_eq!(suite.customers(), ["2"]);
    until("waiting again", || state()["state"] == "waiting");
}

#[test]
fn a_folder_that_is_replaced_by_another_is_used_as_it_is() {
    let suite = Suite::waiting_for_customers();
    let _served = suite.serve();
    let state = || suite.run(&["automation", "list", "--json"]).json()["items"][0]["state"].clone();
    until("waiting", || state()["state"] == "waiting");
    let other = suite.path("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("customers.txt"), format!("{HEADER}1;Alfa;;;\n")).unwrap();
    replace(suite.exchange(), suite.path("away")).unwrap();
    replace(&other, suite.exchange()).unwrap();
    suite.ended(1);
    fs::write(suite.exchange().join("customers.txt"), format!("{HEADER}2;Beta;;;\n")).unwrap();
    suite.ended(2);
    assert_eq!(suite.customers(), ["1", "2"]);
    assert_eq!(names(&suite.path("away")), Vec::<String>::new());
}

#[test]
fn a_folder_that_goes_and_comes_back_is_waited_for() {
    let suite = Suite::waiting_for_customers();
    let _served = suite.serve();
    let state = || suite.run(&["automation", "list", "--json"]).json()["items"][0]["state"].clone();
    until("waiting", || state()["state"] == "waiting");
    replace(suite.exchange(), suite.path("away")).unwrap();
    let mut tries = std::collections::BTreeSet::new();
    until("many tries", || {
        let state = state();
        if state["state"] == "failing" {
            assert!(state["message"].as_str().unwrap().contains("exchange"), "{state}");
            tries.insert(state["next_try_at"].to_string());
            suite.run(&["automation", "retry", "customers-from-erp"]).ok();
        }
        tries.len() > 8
    });
    replace(suite.path("away"), suite.exchange()).unwrap();
    until("waiting again", || state()["state"] == "waiting");
    // However often it was tried: one line when it began and one when it was over.
    let logged = |words: &str| suite.log().lines().filter(|line| line.contains(words)).count();
    assert_eq!(logged("failing:"), 1, "{}", suite.log());
    assert_eq!(logged("works again"), 1, "{}", suite.log());
    fs::write(suite.exchange().join("customers.txt"), format!("{HEADER}1;Alfa;;;\n")).unwrap();
    suite.ended(1);
}
