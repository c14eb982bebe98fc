//! Bad input: each with a clear message, and nothing lost or half done.

use std::fs;

use serde_json::json;

use crate::support::{HEADER, Suite, customers_format, names, settings};

/// What a file looks like, and what is said of it.
struct Case {
    what: &'static str,
    bytes: Vec<u8>,
    code: &'static str,
    line: Option<u64>,
}

fn case(what: &'static str, bytes: impl Into<Vec<u8>>, code: &'static str, line: Option<u64>) -> Case {
    Case { what, bytes: bytes.into(), code, line }
}

fn damaged() -> Vec<Case> {
    let good = "1;Alfa;Vejle;;\n";
    vec![
        case("empty", "", "empty", None),
        case("key column missing", "Navn;By;Kreditmax;Oprettet\nAlfa;Vejle;;\n", "column-missing", Some(1)),
        case("mapped column missing", "Kundenr;Navn;By;Oprettet\n1;Alfa;Vejle;\n", "column-missing", Some(1)),
        case(
            "duplicate header",
            "Kundenr;Navn;By;Kreditmax;Oprettet;Navn\n1;Alfa;Vejle;;;x\n",
            "duplicate-header",
            Some(1),
        ),
        case(
            "wrong delimiter",
            "Kundenr,Navn,By,Kreditmax,Oprettet\n1,Alfa,Vejle,,\n",
            "wrong-delimiter",
            Some(1),
        ),
        case("quote never closed", format!("{HEADER}{good}2;\"Beta;Ribe;;\n"), "quote-not-closed", Some(3)),
        case(
            "bytes of another encoding",
            [HEADER.as_bytes(), b"1;\xd8rnb\xe6k;;;\n"].concat(),
            "undecodable",
            Some(2),
        ),
        case("NUL bytes", [HEADER.as_bytes(), b"1;Al\0fa;;;\n"].concat(), "nul", Some(2)),
        case("a line of 10 MB", format!("{HEADER}1;{};;;\n", "x".repeat(10 << 20)), "line-too-long", Some(2)),
        case(
            "5,000 columns",
            format!("{HEADER}1;Alfa;;;\n2{}\n", ";x".repeat(5000)),
            "too-many-columns",
            Some(3),
        ),
        case("cut in the middle of a record", format!("{HEADER}{good}2;Be"), "incomplete-record", Some(3)),
    ]
}

#[test]
fn a_damaged_file_is_refused_whole_with_its_place_and_what_to_do() {
    let suite = Suite::waiting_for_customers();
    suite.import("before.txt", format!("{HEADER}9;Before;;;\n")).ok();
    for Case { what, bytes, code, line } in damaged() {
        let said = suite.import("customers.txt", &bytes);
        assert_eq!(said.code, 3, "{what}: {said:?}");
        let report = said.json();
        assert_eq!(report["state"], "refused", "{what}");
        let problems = suite.problems(&report);
        assert_eq!(problems.len(), 1, "{what}: {problems:?}");
        assert_eq!(problems[0]["code"], code, "{what}: {problems:?}");
        assert_eq!(problems[0]["line"], json!(line), "{what}: {problems:?}");
        assert!(!problems[0]["hint"].as_str().unwrap().is_empty(), "{what}: no hint");
        assert!(!report["reason"].as_str().unwrap().is_empty(), "{what}");
        assert_eq!(suite.customers(), ["9"], "{what}: nothing was half done");
    }
}

#[test]
fn a_refused_delivery_lies_in_the_refused_folder_with_a_report_and_the_next_one_goes_on() {
    let suite = Suite::waiting_for_customers();
    let _served = suite.serve();
    let bad = format!("{HEADER}1;\"open;;;\n");
    fs::write(suite.exchange().join("customers.txt"), &bad).unwrap();
    assert_eq!(suite.ended(1)[0]["state"], "refused");
    fs::write(suite.exchange().join("customers.txt"), format!("{HEADER}1;Alfa;;;\n")).unwrap();
    assert_eq!(suite.ended(2)[1]["state"], "done");
    let refused = suite.data().join("refused");
    let kept = names(&refused);
    assert_eq!(kept.len(), 2, "{kept:?}");
    assert_eq!(fs::read_to_string(refused.join(&kept[0])).unwrap(), bad);
    assert!(kept[1].ends_with(".report.txt"));
    let report = fs::read_to_string(refused.join(&kept[1])).unwrap();
    for told in
        ["line 2", "quiet: passed (", "copy equals source: passed (", "last record complete: failed ("]
    {
        assert!(report.contains(told), "{told}: {report}");
    }
}

#[test]
fn a_header_with_no_rows_is_done_with_none() {
    let suite = Suite::waiting_for_customers();
    let report = suite.import("customers.txt", HEADER).ok().json();
    assert_eq!((&report["state"], &report["read"]), (&json!("done"), &json!(0)));
}

#[test]
fn a_bad_row_never_fails_a_file() {
    let suite = Suite::waiting_for_customers();
    let long = "x".repeat(300);
    let rows = [
        ("1;Alfa;Vejle;1,5;01-02-2020", None),
        ("2;Beta;Ribe;12x;", Some(("number", 4))),
        ("3;Gamma;Ribe;;31-02-2020", Some(("date", 5))),
        (&format!("4;{long};;;"), Some(("too-long", 2))),
        ("5;Delta;Vejle", Some(("too-few-cells", 0))),
        ("6;Epsilon;Vejle;;;surplus", Some(("too-many-cells", 0))),
        ("7;\"Zeta\" A/S;Vejle;;", Some(("stray-quote", 0))),
        ("8;Eta \"the\" A/S;Vejle;;", None),
        ("9;Theta;Vejle;;", None),
        ("9;Theta;Vejle;;", None),
        ("10;Iota;Vejle;;", Some(("duplicate-key", 0))),
        ("10;Iota;Ribe;;", Some(("duplicate-key", 0))),
    ];
    let text: String = rows.iter().map(|(row, _)| format!("{row}\n")).collect();
    let said = suite.import("customers.txt", format!("{HEADER}{text}"));
    assert_eq!(said.code, 4, "{said:?}");
    let report = said.json();
    assert_eq!((&report["read"], &report["created"]), (&json!(12), &json!(3)));
    assert_eq!((&report["unchanged"], &report["refused"]), (&json!(1), &json!(8)));
    let problems = suite.problems(&report);
    for (line, (row, expected)) in (2_u64..).zip(&rows) {
        let found = problems.iter().find(|problem| problem["line"] == json!(line));
        match expected {
            None => assert!(found.is_none(), "{row}: {found:?}"),
            Some((code, column)) => {
                let found = found.unwrap_or_else(|| panic!("{row}: no problem"));
                assert!(found["code"].as_str().unwrap().contains(code), "{row}: {found}");
                if *column > 0 {
                    assert_eq!(found["column"], json!(column), "{row}: {found}");
                }
            }
        }
    }
    let long_problem = problems.iter().find(|p| p["line"] == 5).unwrap()["message"].as_str().unwrap();
    assert!(long_problem.contains("300") && long_problem.contains("200"), "both lengths: {long_problem}");
}

#[test]
fn a_country_that_is_none_is_refused() {
    let suite = Suite::new();
    let columns = "[{ from = 1, field = \"number\" }, { from = 2, field = \"country\" }]";
    let format = customers_format(&[("columns", columns), ("header-lines", "0")]);
    suite.apply(&settings(&format, "customers-from-erp"));
    let said = suite.import("customers.txt", "1;DK\n2;dk\n3;XQ\n4;\n");
    assert_eq!(said.code, 4, "{said:?}");
    let problems = suite.problems(&said.json());
    assert_eq!((&problems[0]["line"], &problems[0]["value"]), (&json!(3), &json!("XQ")));
    assert_eq!(suite.customer("2")["country"], "DK");
}
