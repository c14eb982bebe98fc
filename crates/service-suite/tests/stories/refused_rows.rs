//! Refused rows are taken out, corrected, and imported.

use serde_json::json;

use crate::support::{HEADER, Suite, customers_format, settings};

const COLUMNS: &str = "[{ from = \"Nr\", field = \"number\" }, { from = \"Navn\", field = \"name\" }, \
                       { from = \"Kredit\", field = \"credit_limit\" }]";

#[test]
fn refused_rows_are_downloaded_corrected_and_all_taken() {
    let suite = Suite::new();
    let encoding = ("encoding", "\"windows-1252\"");
    let skip = ("skip-lines", "1");
    suite.apply(&settings(&customers_format(&[encoding, skip]), "customers-from-erp"));
    let latin =
        |text: &str| -> Vec<u8> { text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect() };
    let head = format!("Udtræk af kunder\n{HEADER}").replace('\n', "\r\n");
    let file = format!(
        "{head}1;Ægir;Århus;;\r\n2;\"Bager\r\nØlund\";Ribe;tolv;\r\n;Uden nummer;Vejle;;\r\n3;Grå;Ribe;5;\r\n3;Grøn;Ribe;5;\r\n"
    );
    let report = suite.import("customers.txt", latin(&file)).json();
    assert_eq!((&report["created"], &report["refused"]), (&json!(1), &json!(4)));
    let path = suite.path("customers-refused.txt");
    let out = path.to_str().unwrap();
    let said = suite.run(&["imports", "refused", "1", out, "--json"]).ok().json();
    assert_eq!(said["rows"], 4);
    let refused = std::fs::read(&path).unwrap();
    let rows =
        "2;\"Bager\r\nØlund\";Ribe;tolv;\r\n;Uden nummer;Vejle;;\r\n3;Grå;Ribe;5;\r\n3;Grøn;Ribe;5;\r\n";
    assert_eq!(
        refused,
        latin(&format!("{head}{rows}")),
        "the rows as they stood, below what stood above them"
    );
    let corrected = format!("{head}{rows}")
        .replace("tolv", "12")
        .replace("\n;Uden", "\n4;Uden")
        .replace("3;Grøn", "5;Grøn");
    let report = suite.import("corrected.txt", latin(&corrected)).json();
    assert_eq!(
        (&report["created"], &report["refused"], &report["state"]),
        (&json!(4), &json!(0), &json!("done"))
    );
    assert_eq!(suite.customer("2")["name"], "Bager\r\nØlund");
    let none = suite.run(&["imports", "refused", "2", out]);
    assert_eq!((none.code, none.err.contains("no row of import 2 was refused")), (1, true), "{none:?}");
    assert_eq!(std::fs::read(&path).unwrap(), refused, "what was there stays");
}

#[test]
fn corrected_rows_of_a_full_export_are_said_to_be_some_of_the_customers() {
    let suite = Suite::new();
    let full = [("content", "\"full\""), ("missing", "\"deactivate\"")];
    suite.apply(&settings(&customers_format(&full), "customers-from-erp"));
    let rows: String = (1..=9).map(|number| format!("{number};Kunde {number};Ribe;;\n")).collect();
    let report = suite.import("customers.txt", format!("{HEADER}{rows}10;Bager Ølund;Ribe;tolv;\n"));
    assert_eq!(report.json()["refused"], 1, "{report:?}");
    let out = suite.path("refused.txt");
    let out = out.to_str().unwrap();
    let said = suite.run(&["imports", "refused", "1", out]).ok();
    assert!(said.out.contains("--changes"), "{said:?}");
    std::fs::write(out, std::fs::read_to_string(out).unwrap().replace("tolv", "12")).unwrap();

    // As a full export it would be odd, and would make the nine others inactive.
    let check = suite.run(&["check", out, "--format", "ERP customers", "--json"]);
    assert_eq!((check.code, &check.json()["deactivated"]), (3, &json!(9)), "{check:?}");
    let held = suite.run(&["import", "customers", out]);
    assert!(held.code == 3 && held.err.contains("imports discard 2"), "{held:?}");
    suite.run(&["imports", "discard", "2"]).ok();

    let check = suite.run(&["check", out, "--format", "ERP customers", "--changes", "--json"]).ok().json();
    assert_eq!((&check["created"], &check["deactivated"]), (&json!(1), &json!(0)), "{check}");
    let done = suite.run(&["import", "customers", out, "--changes", "--json"]).ok().json();
    assert_eq!((&done["state"], &done["created"]), (&json!("done"), &json!(1)), "{done}");
    assert_eq!(suite.customer("9")["inactive"], json!(null));

    // The next full export is compared with the last one, and the same rows once more are some of the customers again.
    let again = suite.run(&["imports", "again", "3", "--json"]).ok().json();
    assert_eq!((&again["state"], &again["unchanged"]), (&json!("done"), &json!(1)), "{again}");
    let fewer: String = (1..=5).map(|number| format!("{number};Kunde {number};Ribe;;\n")).collect();
    let held = suite.import("customers.txt", format!("{HEADER}{fewer}")).json();
    assert!(held["reason"].as_str().unwrap().contains("import 1"), "{held}");
}

#[test]
fn refused_rows_of_workbooks_xml_and_json_can_be_imported_again() {
    let made = [
        (
            "xml",
            "record = \"/list/k\"",
            "<list><k><Nr>1</Nr><Navn>Ægir &amp; søn</Navn><Kredit>tolv</Kredit></k></list>",
        ),
        ("json", "record = \"list\"", r#"{"list":[{"Nr":"1","Navn":"Ægir & søn","Kredit":"tolv"}]}"#),
    ];
    for (layout, record, file) in made {
        let suite = Suite::new();
        let format = customers_format(&[("layout", &format!("\"{layout}\"")), ("columns", COLUMNS)]);
        suite.apply(&settings(&format!("{format}{record}\n"), "customers-from-erp"));
        assert_eq!(suite.import("a.txt", file).json()["refused"], 1);
        let path = suite.path("refused");
        suite.run(&["imports", "refused", "1", path.to_str().unwrap()]).ok();
        let again = std::fs::read_to_string(&path).unwrap();
        assert_eq!(suite.import("b.txt", again.replace("tolv", "12")).json()["created"], 1, "{again}");
        assert_eq!(suite.customer("1")["name"], "Ægir & søn");
    }
    // A workbook that was taken out once is one to begin with.
    let suite = Suite::new();
    let format = |columns: &str| {
        let changes =
            [("layout", "\"excel\""), ("sheet", "\"Kunder\""), ("skip-lines", "2"), ("columns", columns)];
        settings(&customers_format(&changes), "customers-from-erp")
    };
    suite.apply(&format(COLUMNS));
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name("Kunder").unwrap();
    sheet.write_string(0, 0, "Export").unwrap();
    for (column, (name, value)) in (0_u16..).zip([("Nr", "0017"), ("Navn", "Ægir"), ("Kredit", "tolv")]) {
        sheet.write_string(2, column, name).unwrap();
        sheet.write_string(3, column, value).unwrap();
    }
    assert_eq!(suite.import("a.xlsx", workbook.save_to_buffer().unwrap()).json()["refused"], 1);
    let path = suite.path("refused.xlsx");
    suite.run(&["imports", "refused", "1", path.to_str().unwrap()]).ok();
    // The number that could not be read is now a name.
    suite.apply(&format("[{ from = \"Nr\", field = \"number\" }, { from = \"Kredit\", field = \"name\" }]"));
    let report = suite.import("b.xlsx", std::fs::read(&path).unwrap()).json();
    assert_eq!((&report["created"], &report["refused"]), (&json!(1), &json!(0)));
    assert_eq!(suite.customer("0017")["name"], "tolv");
}

#[test]
fn problems_are_taken_out_as_csv_excel_and_json_with_the_original_lines() {
    let suite = Suite::waiting_for_customers();
    suite.import("customers.txt", format!("{HEADER}1;=1+1;Ribe;tolv;\n"));
    let taken = |name: &str| {
        let path = suite.path(name);
        suite.run(&["imports", "refused", "1", path.to_str().unwrap(), "--problems"]).ok();
        std::fs::read(path).unwrap()
    };
    let csv = String::from_utf8(taken("p.csv")).unwrap();
    assert!(
        csv.starts_with("line,column,field,value,code,message,hint,original\r\n2,4,credit_limit,tolv,"),
        "{csv}"
    );
    assert!(csv.ends_with(",1;=1+1;Ribe;tolv;\r\n"), "{csv}");
    let json: serde_json::Value = serde_json::from_slice(&taken("p.json")).unwrap();
    assert_eq!(
        (&json["items"][0]["code"], &json["items"][0]["original"]),
        (&json!("not-a-number"), &json!("1;=1+1;Ribe;tolv;"))
    );
    assert!(taken("p.xlsx").starts_with(b"PK"));
    let bad = suite.run(&["imports", "refused", "1", suite.path("p.txt").to_str().unwrap(), "--problems"]);
    assert_eq!((bad.code, bad.err.contains(".csv, .xlsx or .json")), (1, true), "{bad:?}");
}

#[test]
fn refused_rows_keep_the_trailer_true_and_what_they_need_of_a_long_beginning() {
    const TRAILER: &str = "{ starts-with = \"SLUT\", row-count = 2, total = 3, total-of = \"Kreditmax\" }";
    let suite = Suite::new();
    let changes = [("header-marker", "\"Kundenr\""), ("trailer", TRAILER)];
    suite.apply(&settings(&customers_format(&changes), "customers-from-erp"));
    let above = "Udtræk;af;alle;kunder;i;dag\n".repeat(60_000);
    let file = format!(
        "{above}{HEADER}1;Ægir;Århus;10,50;\n2;Bager;Ribe;2,25;i går\n3;Smed;Vejle;5;31-02-2026\nSLUT;3;17,75\n"
    );
    assert!(file.len() > 1 << 20);
    assert_eq!(suite.import("customers.txt", file).json()["refused"], 2);
    let path = suite.path("refused.txt");
    suite.run(&["imports", "refused", "1", path.to_str().unwrap()]).ok();
    let refused = std::fs::read_to_string(&path).unwrap();
    assert_eq!(refused, format!("{HEADER}2;Bager;Ribe;2,25;i går\n3;Smed;Vejle;5;31-02-2026\nSLUT;2;7,25\n"));
    let corrected = refused.replace("i går", "22-11-2026").replace("31-02", "28-02");
    assert_eq!(suite.import("corrected.txt", corrected).json()["created"], 2);
    // What is corrected in the column of the total has to be said in the last line, too.
    let file = format!("{HEADER}2;Bager;Ribe;2,25;\n3;Smed;Vejle;5;i går\nSLUT;2;7,25\n");
    assert_eq!(suite.import("customers.txt", file).json()["refused"], 1);
    suite.run(&["imports", "refused", "3", path.to_str().unwrap()]).ok();
    let refused = std::fs::read_to_string(&path).unwrap();
    let report = suite.import("c.txt", refused.replace(";5;i går", ";6;")).json();
    assert_eq!(report["state"], "refused");
    assert!(report["reason"].as_str().unwrap().contains("says a total of 5"), "{report}");
    // The last row of a sheet says the same.
    let changes = [("layout", "\"excel\""), ("trailer", TRAILER)];
    suite.apply(&settings(&customers_format(&changes), "customers-from-erp"));
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    let rows = [
        ["Kundenr", "Navn", "By", "Kreditmax", "Oprettet"],
        ["7", "Maler", "Ribe", "1,5", "i går"],
        ["8", "Murer", "Ribe", "2,5", ""],
        ["SLUT", "2", "4", "", ""],
    ];
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0_u16..).zip(cells) {
            sheet.write_string(row, column, cell).unwrap();
        }
    }
    assert_eq!(suite.import("a.xlsx", workbook.save_to_buffer().unwrap()).json()["refused"], 1);
    let path = suite.path("refused.xlsx");
    suite.run(&["imports", "refused", "5", path.to_str().unwrap()]).ok();
    let report = suite.import("b.xlsx", std::fs::read(&path).unwrap()).json();
    assert_eq!((&report["read"], &report["refused"]), (&json!(1), &json!(1)), "{report}");
}
