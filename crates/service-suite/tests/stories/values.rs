//! Files whose cells are not yet what a customer's fields hold.

use crate::support::{Suite, customers_format, settings};

/// As an older Danish system writes it: no header, postcode and city in one cell, groups by number, days of two digits.
const OLD: &str = "\"0010\",\"Ørnbæk Ventilation\",\"8000 Aarhus C\",\"Danmark\",\"1\",\"01/02/98\",\"(1.250,50)\",\"X\"\n\
                   \"0011\",\"Grüntal GmbH\",\"D-10115 Berlin\",\"DEU\",\"2\",\"31/12/26\",\"12 500,00\",\"\"\n\
                   \"0012\",\"Nord AS\",\"0150 Oslo\",\"578\",\"9\",\"01/01/20\",\"0\",\"\"\n";

const OLD_COLUMNS: &str = r#"[
    { from = 1, field = "number" }, { from = 2, field = "name" },
    { from = 3, field = "postcode", part = "postcode" }, { from = 3, field = "city", part = "city" },
    { from = 4, field = "country" },
    { from = 5, field = "group", codes = { "1" = "Retail", "2" = "Wholesale" } },
    { from = 6, field = "created_on" }, { from = 7, field = "balance" },
    { from = 8, field = "blocked", value = "0" },
    { field = "currency", value = "DKK" },
]"#;

fn texts(suite: &Suite, number: &str, fields: &[&str]) -> Vec<String> {
    let customer = suite.customer(number);
    fields
        .iter()
        .map(|field| customer[*field].as_str().map_or_else(|| customer[*field].to_string(), str::to_owned))
        .collect()
}

#[test]
fn a_file_of_an_older_system_becomes_whole_customers() {
    let suite = Suite::new();
    let keys = [
        ("delimiter", "\",\""),
        ("header-lines", "0"),
        ("date-format", "\"%d/%m/%y\""),
        ("pivot-year", "50"),
        ("columns", &OLD_COLUMNS.replace('\n', "")),
    ];
    suite.apply(&settings(&customers_format(&keys), "customers-from-erp"));
    let report = suite.import("customers.txt", OLD.as_bytes()).json();
    assert_eq!((&report["created"], &report["refused"]), (&2.into(), &1.into()), "{report}");
    let fields = ["postcode", "city", "country", "group", "created_on", "balance", "blocked", "currency"];
    let values = texts(&suite, "0010", &fields);
    assert_eq!(values, ["8000", "Aarhus C", "DK", "Retail", "1998-02-01", "-1250.50", "true", "DKK"]);
    let values = texts(&suite, "0011", &fields);
    assert_eq!(values, ["D-10115", "Berlin", "DE", "Wholesale", "2026-12-31", "12500.00", "false", "DKK"]);

    // The group that nobody declared is told, and once it is, the same file brings the third customer.
    let text = suite.run(&["imports", "problems", &report["id"].to_string()]).out.clone();
    assert!(text.contains("\"9\" is not among the codes"), "{text}");
    let more = OLD_COLUMNS
        .replace('\n', "")
        .replace("\"2\" = \"Wholesale\"", "\"2\" = \"Wholesale\", \"9\" = \"Staff\"");
    suite.apply(&settings(
        &customers_format(&[&keys[..4], &[("columns", more.as_str())]].concat()),
        "customers-from-erp",
    ));
    let report = suite.import("customers.txt", OLD.as_bytes()).ok().json();
    assert_eq!((&report["created"], &report["unchanged"]), (&1.into(), &2.into()), "{report}");
    assert_eq!(texts(&suite, "0012", &["group", "country"]), ["Staff", "NO"]);
}

#[test]
fn guards_of_spreadsheets_are_removed_where_the_format_says_so_and_names_may_vary() {
    let suite = Suite::new();
    let columns = "[{ from = [\"Kundenr\", \"Customer ID\"], field = \"number\" }, \
                   { from = [\"First Name\", \"Last Name\"], join = \" \", field = \"name\" }, \
                   { from = \"Zip\", field = \"postcode\" }, { from = \"Since\", field = \"created_on\", date-format = \"excel\" }]";
    let keys = [
        ("delimiter", "\",\""),
        ("apostrophe", "\"remove\""),
        ("outer-blanks", "\"end\""),
        ("columns", columns),
    ];
    suite.apply(&settings(&customers_format(&keys), "customers-from-erp"));
    let file = "*Customer ID,First Name,Last Name,Zip,Since\n'0721044,Ida,'t Hoen,'1234AB  ,45231\n";
    suite.import("customers.txt", file.as_bytes()).ok();
    let values = texts(&suite, "0721044", &["name", "postcode", "created_on"]);
    assert_eq!(values, ["Ida 't Hoen", "1234AB", "2023-11-01"]);
}
