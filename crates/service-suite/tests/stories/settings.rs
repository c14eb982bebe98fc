//! The settings file: what `show` prints, `apply` takes; and a running `serve` follows.

use crate::support::{HEADER, Suite, customers_format, settings, until};

#[test]
fn applying_what_is_shown_changes_nothing() {
    let suite = Suite::waiting_for_customers();
    let shown = suite.run(&["settings", "show"]).ok().out.clone();
    for key in
        ["exchange-folder", "settle = \"300ms\"", "after-import = \"archive\"", "keep-archive = \"forever\""]
    {
        assert!(shown.contains(key), "{key} is not in\n{shown}");
    }
    let file = suite.write("shown.toml", &shown);
    let said = suite.run(&["settings", "apply", file.to_str().unwrap()]).ok();
    assert!(said.out.contains("Nothing to change"), "{said:?}");
    assert_eq!(suite.run(&["settings", "show"]).ok().out, shown);
}

#[test]
fn wrong_settings_are_refused_whole_and_say_where() {
    let suite = Suite::new();
    for (text, part) in [
        ("[erp-system]\nsetle = \"10s\"\n", "setle"),
        ("[erp-system]\nsettle = \"soon\"\n", "settle"),
        ("[erp-system]\nexchange-folder = \"inbox\"\n", "whole path"),
        (
            "[erp-system]\nexchange-folder = \"/srv/erp\"\narchive-folder = \"/srv/erp/archive\"\n",
            "lies inside",
        ),
        (&customers_format(&[("register", "\"suppliers\"")]), "suppliers"),
        (&customers_format(&[("encoding", "\"klingon\"")]), "klingon"),
        (&customers_format(&[("missing", "\"deactivate\"")]), "missing"),
        (&customers_format(&[("columns", "[{ from = 1, field = \"nmae\" }]")]), "nmae"),
        (&format!("{}{}", customers_format(&[]), customers_format(&[("name", "\"Other\"")])), "default"),
    ] {
        let file = suite.write("settings.toml", text);
        let said = suite.run(&["settings", "apply", file.to_str().unwrap()]);
        assert_eq!(said.code, 1, "{said:?}");
        assert!(said.err.contains(part), "{part:?} is not in {said:?}");
    }
    assert!(!suite.run(&["settings", "show"]).ok().out.contains("[[formats]]"));
}

#[test]
fn a_running_serve_follows_settings_applied_beside_it() {
    let suite = Suite::new();
    let served = suite.serve();
    std::fs::write(suite.exchange().join("customers.txt"), format!("{HEADER}1;Alfa;;;\n")).unwrap();
    suite.apply(&settings(&customers_format(&[]), "customers-from-erp"));
    suite.ended(1);
    suite.run(&["automation", "deactivate", "customers-from-erp"]).ok();
    until("the automation to be inactive", || {
        suite.run(&["automation", "list", "--json"]).json()["items"][0]["state"]["state"] == "inactive"
    });
    std::fs::write(suite.exchange().join("customers.txt"), format!("{HEADER}2;Beta;;;\n")).unwrap();
    suite.run(&["automation", "activate", "customers-from-erp"]).ok();
    suite.ended(2);
    assert_eq!(suite.customers(), ["1", "2"]);
    assert_eq!(served.terminate(), Some(0));
}

#[test]
fn an_automation_that_lacks_something_is_not_activated_and_says_what() {
    let suite = Suite::new();
    let said = suite.run(&["automation", "activate", "customers-from-erp"]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("default format"), "{said:?}");
    suite.apply(&format!(
        "[erp-system]\nexchange-folder = \"{}\"\n{}",
        suite.path("nowhere").display(),
        customers_format(&[])
    ));
    let said = suite.run(&["automation", "activate", "customers-from-erp"]);
    assert!(said.code == 1 && said.err.contains("does not exist"), "{said:?}");
    let said = suite.run(&["automation", "activate", "suppliers-from-erp"]);
    assert!(said.code == 1 && said.err.contains("customers-from-erp"), "{said:?}");
}
