//! The program itself: its start, its stop, its neighbours, its exit codes.

use std::net::TcpListener;
use std::process::Stdio;

use crate::support::{Suite, names, until};

#[test]
fn serve_on_an_empty_folder_prints_a_set_up_link_that_only_its_user_can_read() {
    let suite = Suite::new();
    let served = suite.serve();
    let link = served.printed("/set-up/");
    let secret = link.rsplit('/').next().unwrap().to_owned();
    assert_eq!(secret.len(), 32, "128 bits in hexadecimal");
    let file = suite.data().join("set-up-link");
    assert_eq!(std::fs::read_to_string(&file).unwrap().trim(), secret);
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::metadata(suite.data()).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(served.terminate(), Some(0));
    let again = suite.serve();
    assert!(again.printed("/set-up/").ends_with(&secret), "the same link until it was used");
}

#[test]
fn a_second_serve_and_a_busy_port_are_told() {
    let suite = Suite::new();
    let _served = suite.serve();
    let second = suite.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(second.code == 1 && second.err.contains("already running"), "{second:?}");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let busy = Suite::new().run(&["serve", "--listen", &address]);
    assert!(busy.code == 1 && busy.err.contains("in use"), "{busy:?}");
}

#[test]
fn listening_beyond_this_machine_needs_a_proxy() {
    let said = Suite::new().run(&["serve", "--listen", "0.0.0.0:0"]);
    assert!(said.code == 1 && said.err.contains("--behind-proxy"), "{said:?}");
}

#[test]
fn exit_codes_and_streams_are_those_of_the_contract() {
    let suite = Suite::waiting_for_customers();
    assert_eq!(suite.run(&["import"]).code, 2);
    assert_eq!(suite.run(&["nonsense"]).code, 2);
    assert_eq!(suite.run(&["--help"]).code, 0);
    let said = suite.run(&["imports", "show", "99", "--json"]);
    assert_eq!((said.code, said.out.as_str()), (1, ""));
    assert!(said.err.contains("99"));
    let said = suite.run(&["import", "customers", "/nowhere/customers.txt", "--json"]);
    assert_eq!((said.code, said.out.as_str()), (1, ""));
    assert!(suite.imports().is_empty(), "nothing was taken, so the ledger has no entry");
    assert_eq!(suite.import("refused.txt", "Kundenr;Navn\n1;\"open\n").code, 3);
}

#[test]
fn the_demo_imports_its_first_file_and_ends() {
    let suite = Suite::new();
    let file = suite.path("out.txt");
    let out = std::fs::File::create(&file).unwrap();
    let mut child = suite
        .command()
        .args(["demo", "--once", "--listen", "127.0.0.1:0"])
        .stdout(out)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut status = None;
    until("the demo to end", || {
        status = child.try_wait().unwrap();
        status.is_some()
    });
    let told = std::fs::read_to_string(&file).unwrap();
    assert_eq!(status.unwrap().code(), Some(0), "{told}");
    for words in ["/sign-in/", "still growing", "quiet for 3 s of 10 s", "done: 5,000 read, 5,000 created"] {
        assert!(told.contains(words), "{words:?} is not in\n{told}");
    }
    assert_eq!(names(&suite.data().join("archive")).len(), 1);
}

#[test]
fn a_person_is_let_in_by_a_link() {
    let suite = Suite::new();
    let said = suite.run(&["user", "add", "Kontoret", "--role", "operator"]).ok();
    assert!(said.out.contains("/choose-password/"), "{said:?}");
    assert_eq!(suite.run(&["user", "add", "kontoret", "--role", "viewer"]).code, 1, "the name is taken");
    assert_eq!(suite.run(&["user", "add", "x", "--role", "king"]).code, 2);
}
