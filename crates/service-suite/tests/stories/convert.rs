//! Whatever the ERP system wrote becomes a CSV file that everything reads, or nothing is written.

use crate::layouts::{DELIMITED, FIXED, JSON, XML, gzip, workbook};
use crate::support::{Said, Suite, customers_format};

/// Converts a file of these bytes; gives what the command said and what was written.
fn convert(suite: &Suite, name: &str, bytes: &[u8], more: &[&str]) -> (Said, Option<String>) {
    let file = suite.write(name, bytes);
    let out = suite.path("out.csv");
    let mut arguments = vec!["convert", file.to_str().unwrap(), out.to_str().unwrap()];
    arguments.extend(more);
    (suite.run(&arguments), std::fs::read_to_string(out).ok())
}

const CSV: &str = "Kundenr,Navn,By,Kreditmax,Oprettet\r\n\
                   0010,Ørnbæk Ventilation A/S,Åbenrå,\"12500,50\",31-12-2020\r\n11,Grüntal GmbH,München,,\r\n";

#[test]
fn every_layout_is_written_as_csv_with_its_values_as_they_are() {
    let suite = Suite::new();
    let decimals = CSV.replace("\"12500,50\"", "12500.5");
    for (name, bytes, wanted) in [
        ("customers.txt", DELIMITED.as_bytes().to_vec(), CSV.to_owned()),
        ("customers.txt.gz", gzip(DELIMITED), CSV.to_owned()),
        ("customers.xlsx", workbook(), decimals.replace("31-12-2020", "2020-12-31")),
        ("customers.xml", XML.into(), CSV.to_owned()),
        ("customers.json", JSON.into(), decimals.replace("12500.5", "12500.50")),
    ] {
        let (said, written) = convert(&suite, name, &bytes, &[]);
        assert_eq!(said.code, 0, "{name}: {said:?}");
        assert_eq!(written.as_deref(), Some(wanted.as_str()), "{name}: {said:?}");
    }
}

#[test]
fn a_report_says_how_the_file_was_read() {
    let suite = Suite::new();
    let text = "Debitorliste pr. 22-11-2026\n\nDebitornr;Firmanavn;By\n0010;Bager Ølund;Århus C\n0011;Træhuset A/S;Ålborg\n";
    let ansi: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let (said, written) = convert(&suite, "debitorer.txt", &ansi, &["--json"]);
    let report = said.ok().json();
    assert_eq!(
        written.unwrap(),
        "Debitornr,Firmanavn,By\r\n0010,Bager Ølund,Århus C\r\n0011,Træhuset A/S,Ålborg\r\n"
    );
    for (key, value) in [("encoding", "windows-1252"), ("layout", "delimited"), ("delimiter", ";")] {
        assert_eq!(report[key], value, "{key}: {report}");
    }
    assert_eq!(
        (&report["written"], &report["rows"], &report["skip_lines"]),
        (&true.into(), &2.into(), &2.into())
    );
    assert_eq!(report["columns"][1], "Firmanavn");
}

#[test]
fn a_format_reads_what_cannot_be_told_and_columns_without_a_name_get_one() {
    let suite = Suite::new();
    suite.apply(&customers_format(&[
        ("layout", "\"fixed-width\""),
        ("cells", "[\"1-6\", \"7-30\", \"31-41\", \"42-50\", \"51-\"]"),
        ("header-lines", "0"),
        ("columns", "[{ from = 1, field = \"number\" }, { from = 2, field = \"name\" }]"),
    ]));
    let (said, written) = convert(&suite, "customers.dat", FIXED.as_bytes(), &["--format", "ERP customers"]);
    assert_eq!(said.code, 0, "{said:?}");
    let written = written.unwrap();
    let mut lines = written.split("\r\n");
    assert_eq!(lines.next(), Some("Column 1,Column 2,Column 3,Column 4,Column 5"));
    let cells: Vec<&str> = lines.next().unwrap().split(',').map(str::trim).collect();
    assert_eq!(cells[..3], ["0010", "Ørnbæk Ventilation A/S", "Åbenrå"]);
    let (said, _) = convert(&suite, "customers.dat", FIXED.as_bytes(), &["--format", "Nothing"]);
    assert!(said.code == 1 && said.err.contains("no format"), "{said:?}");
}

#[test]
fn rows_of_another_width_are_told_and_what_was_written_before_stays() {
    let suite = Suite::new();
    let out = suite.write("out.csv", "of yesterday");
    let text = "Kundenr;Navn;By\n10;Bager;Aarhus\n11;Smed;i;Odense\n12;Maler\n13;Murer;Vejle\n";
    let (said, _) = convert(&suite, "customers.txt", text.as_bytes(), &["--json"]);
    assert_eq!(said.code, 1, "{said:?}");
    let report = said.json();
    assert_eq!(report["written"], false);
    let lines: Vec<_> =
        report["problems"].as_array().unwrap().iter().map(|problem| &problem["line"]).collect();
    assert_eq!(lines, [3, 4], "{report}");
    assert!(
        said.err.contains("line 3, column 4: The row has 4 cells") && said.err.contains("without quotes")
    );
    assert_eq!(std::fs::read_to_string(out).unwrap(), "of yesterday");
    let strangers: Vec<String> = crate::support::names(suite.path("out.csv").parent().unwrap())
        .into_iter()
        .filter(|name| name.contains(".part"))
        .collect();
    assert!(strangers.is_empty(), "{strangers:?}");
}

#[test]
fn what_is_unsure_is_asked_and_not_written() {
    let suite = Suite::new();
    // One and the same bytes are Danish in one encoding and nonsense in others; here nothing says which.
    let (said, written) = convert(&suite, "letters.txt", b"Nr;Navn\n1;\xd6\xd6\n2;x\xd6y\n", &["--json"]);
    assert_eq!((said.code, written), (1, None), "{said:?}");
    assert_eq!(said.json()["questions"][0]["key"], "encoding", "{said:?}");
    assert!(said.err.contains("not certain") && said.err.contains("--format"), "{said:?}");
    // Every line can be read with either sign between its cells.
    let (said, written) = convert(&suite, "either.txt", b"A;B,C;D\nx;y,z;w\np;q,r;s\n", &["--json"]);
    assert_eq!((said.code, written), (1, None), "{said:?}");
    assert_eq!(said.json()["questions"][0]["key"], "delimiter", "{said:?}");
}

#[test]
fn nothing_is_written_over_the_file_itself_or_over_what_is_no_file() {
    let suite = Suite::new();
    let file = suite.write("customers.txt", DELIMITED);
    let path = file.to_str().unwrap();
    let said = suite.run(&["convert", path, path]);
    assert!(said.code == 1 && said.err.contains("would be replaced"), "{said:?}");
    let link = suite.path("link.csv");
    std::os::unix::fs::symlink(&file, &link).unwrap();
    assert_eq!(suite.run(&["convert", path, link.to_str().unwrap()]).code, 1);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), DELIMITED);
    for other in ["/dev/null", suite.path("").to_str().unwrap(), "/no/such/folder/out.csv"] {
        let said = suite.run(&["convert", path, other]);
        assert_eq!(said.code, 1, "{other}: {said:?}");
    }
    for nothing in ["", "\u{feff}"] {
        let (said, written) = convert(&suite, "nothing.txt", nothing.as_bytes(), &[]);
        assert_eq!((said.code, written), (1, None), "{said:?}");
    }
}

#[test]
fn a_dash_writes_to_standard_output_and_nothing_else_does() {
    let suite = Suite::new();
    let file = suite.write("customers.txt", DELIMITED);
    let path = file.to_str().unwrap();
    assert_eq!(suite.run(&["convert", path, "-"]).ok().out, CSV);
    let broken = suite.write("broken.txt", format!("{DELIMITED}12;too;few\n"));
    let said = suite.run(&["convert", broken.to_str().unwrap(), "-"]);
    assert_eq!((said.code, said.out.as_str()), (1, ""), "{said:?}");
    assert_eq!(suite.run(&["convert", path, "-", "--json"]).code, 1);
    assert!(!suite.data().exists(), "no installation is needed to convert a file");
}
