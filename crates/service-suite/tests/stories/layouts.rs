//! The same customers in every layout that ERP systems write.

use std::io::Write;

use crate::support::{Suite, customers_format, settings};

/// The columns that every layout here has.
const COLUMNS: &str = "[{ from = \"Kundenr\", field = \"number\" }, { from = \"Navn\", field = \"name\" }, \
                       { from = \"By\", field = \"city\" }, { from = \"Kreditmax\", field = \"credit_limit\" }, \
                       { from = \"Oprettet\", field = \"created_on\" }]";

/// The same columns by their positions.
const POSITIONS: &str = "[{ from = 1, field = \"number\" }, { from = 2, field = \"name\" }, \
                         { from = 3, field = \"city\" }, { from = 4, field = \"credit_limit\" }, \
                         { from = 5, field = \"created_on\" }]";

pub(crate) fn workbook() -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet().set_name("Kunder").unwrap();
    for (column, name) in (0..).zip(["Kundenr", "Navn", "By", "Kreditmax", "Oprettet"]) {
        sheet.write(0, column, name).unwrap();
    }
    sheet.write(1, 0, "0010").unwrap().write(1, 1, "Ørnbæk Ventilation A/S").unwrap();
    sheet.write(1, 2, "Åbenrå").unwrap().write(1, 3, 12_500.5).unwrap();
    let days = rust_xlsxwriter::Format::new().set_num_format("dd-mm-yyyy");
    let day = rust_xlsxwriter::ExcelDateTime::from_ymd(2020, 12, 31).unwrap();
    sheet.write_with_format(1, 4, &day, &days).unwrap();
    sheet.write(2, 0, 11).unwrap().write(2, 1, "Grüntal GmbH").unwrap().write(2, 2, "München").unwrap();
    book.save_to_buffer().unwrap()
}

pub(crate) fn gzip(text: &str) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(text.as_bytes()).unwrap();
    packed.finish().unwrap()
}

pub(crate) const DELIMITED: &str = "Kundenr;Navn;By;Kreditmax;Oprettet\n0010;Ørnbæk Ventilation A/S;Åbenrå;12500,50;31-12-2020\n\
                         11;Grüntal GmbH;München;;\n";

pub(crate) const FIXED: &str = "0010  Ørnbæk Ventilation A/S  Åbenrå     12500,50 31-12-2020\n\
                     11    Grüntal GmbH            München                       \n";

pub(crate) const XML: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<kunder><kunde><Kundenr>0010</Kundenr><Navn>Ørnbæk Ventilation \
                   A/S</Navn><By>Åbenrå</By><Kreditmax>12500,50</Kreditmax><Oprettet>31-12-2020</Oprettet></kunde>\n\
                   <kunde><Kundenr>11</Kundenr><Navn>Grüntal GmbH</Navn><By>München</By></kunde></kunder>\n";

pub(crate) const JSON: &str = "{\"kunder\":[{\"Kundenr\":\"0010\",\"Navn\":\"Ørnbæk Ventilation A/S\",\"By\":\"Åbenrå\",\"Kreditmax\":\
                    12500.50,\"Oprettet\":\"31-12-2020\"},\n{\"Kundenr\":11,\"Navn\":\"Grüntal GmbH\",\"By\":\"München\"}]}";

/// A file's name, its bytes, and the keys of its format.
type Case = (&'static str, Vec<u8>, &'static [(&'static str, &'static str)]);

#[test]
fn the_same_customers_come_from_every_layout() {
    let cases: &[Case] = &[
        ("customers.txt", DELIMITED.into(), &[]),
        ("customers.txt.gz", gzip(DELIMITED), &[]),
        (
            "customers.dat",
            FIXED.into(),
            &[
                ("layout", "\"fixed-width\""),
                ("cells", "[\"1-6\", \"7-30\", \"31-41\", \"42-50\", \"51-\"]"),
                ("header-lines", "0"),
                ("columns", POSITIONS),
            ],
        ),
        ("customers.xlsx", workbook(), &[("layout", "\"excel\""), ("sheet", "\"Kunder\"")]),
        ("customers.xml", XML.into(), &[("layout", "\"xml\""), ("record", "\"/kunder/kunde\"")]),
        ("customers.json", JSON.into(), &[("layout", "\"json\""), ("record", "\"kunder\"")]),
    ];
    for (name, bytes, keys) in cases {
        let suite = Suite::new();
        let mut keys = keys.to_vec();
        if !keys.iter().any(|(key, _)| *key == "columns") {
            keys.push(("columns", COLUMNS));
        }
        suite.apply(&settings(&customers_format(&keys), "customers-from-erp"));
        let file = suite.write(name, bytes);
        let checked = suite.run(&["check", file.to_str().unwrap(), "--json"]).ok().json();
        assert_eq!(
            (&checked["created"], &checked["verdict"]),
            (&2.into(), &"import".into()),
            "{name}: {checked}"
        );
        let report = suite.import(name, bytes).ok().json();
        assert_eq!((&report["read"], &report["created"]), (&2.into(), &2.into()), "{name}: {report}");
        let customer = suite.customer("0010");
        let values = ["name", "city", "credit_limit", "created_on"].map(|field| customer[field].as_str());
        let expected = ["Ørnbæk Ventilation A/S", "Åbenrå", "12500.50", "2020-12-31"].map(Some);
        let typed = ["Ørnbæk Ventilation A/S", "Åbenrå", "12500.5", "2020-12-31"].map(Some);
        assert!(values == expected || (*name == "customers.xlsx" && values == typed), "{name}: {customer}");
        assert_eq!(suite.customer("11")["city"], "München", "{name}");
        let again = suite.import(name, [bytes.as_slice(), b""].concat()).ok().json();
        assert_eq!((&again["created"], &again["updated"]), (&0.into(), &0.into()), "{name}: {again}");
    }
}

#[test]
fn a_document_that_was_cut_off_is_refused_whole() {
    for (layout, record, text) in [("xml", "/kunder/kunde", XML), ("json", "kunder", JSON)] {
        let suite = Suite::new();
        let keys = [("layout", format!("{layout:?}")), ("record", format!("{record:?}"))];
        let mut keys: Vec<(&str, &str)> = keys.iter().map(|(key, value)| (*key, value.as_str())).collect();
        keys.push(("columns", COLUMNS));
        suite.apply(&settings(&customers_format(&keys), "customers-from-erp"));
        let cut = text.char_indices().map(|(at, _)| at).filter(|at| *at > text.len() / 2).step_by(7);
        for at in cut.filter(|at| !text[*at..].trim().is_empty()) {
            let said = suite.import("customers.txt", &text[..at]);
            assert_eq!(said.code, 3, "{layout} cut at {at}: {said:?}");
        }
        assert!(suite.customers().is_empty());
    }
}

#[test]
fn a_workbook_is_taken_from_the_exchange_folder_by_its_own_layout() {
    let suite = Suite::new();
    let keys = [("layout", "\"excel\""), ("filename", "\"customers.xlsx\""), ("columns", COLUMNS)];
    suite.apply(&settings(&customers_format(&keys), "customers-from-erp"));
    let _served = suite.serve();
    std::fs::write(suite.exchange().join("customers.xlsx"), workbook()).unwrap();
    let imports = suite.ended(1);
    assert_eq!((&imports[0]["state"], &imports[0]["created"]), (&"done".into(), &2.into()), "{imports:?}");
    std::fs::write(suite.exchange().join("customers.xlsx"), &workbook()[..2000]).unwrap();
    let imports = suite.ended(2);
    assert_eq!(imports[1]["state"], "refused", "{imports:?}");
    assert!(imports[1]["reason"].as_str().unwrap().contains("damaged or was cut off"), "{imports:?}");
    assert_eq!(suite.customers().len(), 2);
}
