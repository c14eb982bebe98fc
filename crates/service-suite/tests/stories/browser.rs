//! The way of a new user through the pages, in a real browser. The flow itself is in `tests/browser`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::Suite;

#[test]
fn a_new_user_sets_it_up_watches_a_file_come_in_and_finds_a_customer() {
    let flow = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/browser"));
    if !flow.join("node_modules").exists() {
        let installed =
            Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(flow).status().unwrap();
        assert!(installed.success(), "the browser's driver could not be installed");
    }
    let suite = Suite::new();
    let served = suite.serve();
    let pictures = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("../browser");
    let _ = std::fs::remove_dir_all(&pictures);
    let said = Command::new("node")
        .arg(flow.join("flow.mjs"))
        .arg(&served.url)
        .arg(served.printed("/set-up/"))
        .args([suite.exchange(), pictures])
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    assert!(said.status.success(), "{out}{err}");
    println!("{out}");
}
