//! An unknown file becomes a format, and the format is used.

use crate::support::Suite;

/// Customers of a Danish ERP system, with a title above and a total below.
const FILE: &str = "Debitorliste pr. 22-11-2026\n\nDebitornr;Firmanavn;Gade;Postnr.;By;Tlf.;Mailadresse;Kreditmaks;Oprettet den\n\
                    0010;Bager Ølund ApS;Søndergade 4;8000;Århus C;86 12 34 56;post@bager.example;1.250,50;22-11-2024\n\
                    0011;Træhuset A/S;Kærvej 2;9000;Ålborg;98 12 34 56;info@trae.example;12.000,00;01-02-2025\n\
                    0012;Smed Hansen;Vestergade 11;5000;Odense C;66 12 34 56;;0,00;31-12-2023\n\nI alt;3\n";

/// The same in the encoding of Windows.
fn ansi() -> Vec<u8> {
    FILE.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

#[test]
fn what_a_file_is_can_be_pasted_into_the_settings_and_imports_it() {
    let suite = Suite::new();
    let file = suite.write("debitorer.txt", ansi());
    let path = file.to_str().unwrap();
    let told = suite.run(&["suggest", path]).ok();
    suite.apply(&told.out);
    let report = suite.run(&["import", "customers", path, "--format", "ERP customers", "--json"]).ok().json();
    assert_eq!((&report["read"], &report["created"]), (&3.into(), &3.into()), "{report}\n{}", told.out);
    let customer = suite.customer("0010");
    for (field, value) in [
        ("name", "Bager Ølund ApS"),
        ("address1", "Søndergade 4"),
        ("postcode", "8000"),
        ("city", "Århus C"),
        ("phone", "86 12 34 56"),
        ("email", "post@bager.example"),
        ("credit_limit", "1250.50"),
        ("created_on", "2024-11-22"),
    ] {
        assert_eq!(customer[field], value, "{field}: {customer}");
    }
}

#[test]
fn scripts_read_what_a_file_is_as_json() {
    let suite = Suite::new();
    let file = suite.write("debitorer.txt", ansi());
    let told = suite.run(&["suggest", file.to_str().unwrap(), "--json"]).ok().json();
    for (key, value) in [
        ("encoding", "windows-1252"),
        ("layout", "delimited"),
        ("delimiter", ";"),
        ("quote", "\""),
        ("decimal_separator", ","),
        ("date_format", "%d-%m-%Y"),
        ("register", "customers"),
    ] {
        assert_eq!(told[key], value, "{key}: {told}");
    }
    assert_eq!(
        (&told["skip_lines"], &told["header_lines"], &told["rows"]),
        (&2.into(), &1.into(), &3.into())
    );
    assert!(told["preset"].is_null());
    assert_eq!(told["columns"][0]["header"], "Debitornr");
    assert_eq!(
        (&told["columns"][0]["position"], &told["columns"][0]["field"]),
        (&1.into(), &"number".into())
    );
    assert!(told["columns"][0]["confidence"].as_f64().unwrap() > 0.9);
}

#[test]
fn a_key_that_is_unsure_is_asked_for_and_not_guessed() {
    let suite = Suite::new();
    let text = "Nummer A;Nummer B;Navn;By\n10;501;Bager;Aarhus\n11;502;Smed;Odense\n12;503;Maler;Vejle\n";
    let file = suite.write("kunder.csv", text);
    let told = suite.run(&["suggest", file.to_str().unwrap(), "--json"]).ok().json();
    let fields: Vec<_> = told["columns"].as_array().unwrap().iter().map(|column| &column["field"]).collect();
    assert!(!fields.contains(&&"number".into()), "{told}");
    let question = told["questions"].as_array().unwrap().iter().find(|question| question["key"] == "columns");
    assert_eq!(question.unwrap()["choices"][0], "Nummer A", "{told}");
}

#[test]
fn own_fields_and_limits_of_the_data_folder_count_and_no_folder_is_made() {
    let suite = Suite::new();
    let file =
        suite.write("kunder.csv", "Kundenr;Navn;By;Kørselsrute\n10;Bager;Aarhus;Nord\n11;Smed;Odense;Syd\n");
    let path = file.to_str().unwrap();
    let field = || suite.run(&["suggest", path, "--json"]).ok().json()["columns"][3]["field"].clone();
    assert!(field().is_null());
    let own = "[[own-fields]]\nregister = \"customers\"\nname = \"route\"\nlabel = \"Kørselsrute\"\nkind = \"text\"\n";
    suite.apply(own);
    assert_eq!(field(), "route");
    suite.apply(&format!("[limits]\nrows = 1\n{own}"));
    let told = suite.run(&["suggest", path]).ok().out.clone();
    assert!(told.contains("limits.rows") && told.contains("field = \"route\""), "{told}");
    let converted = suite.run(&["convert", path, "-"]);
    assert!(converted.code == 1 && converted.err.contains("limits.rows"), "{converted:?}");
    let elsewhere = file.with_file_name("no data here");
    let told = suite.run(&["suggest", path, "--data", elsewhere.to_str().unwrap()]).ok();
    assert!(told.out.contains("Kørselsrute") && !elsewhere.exists(), "{told:?}");
}

#[test]
fn nothing_can_be_said_of_what_is_no_file_of_records() {
    let suite = Suite::new();
    for (name, bytes) in
        [("empty.txt", b"".as_slice()), ("picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01")]
    {
        let file = suite.write(name, bytes);
        let said = suite.run(&["suggest", file.to_str().unwrap()]);
        assert_eq!(said.code, 1, "{name}: {said:?}");
        assert!(said.err.contains(name), "{name}: {said:?}");
    }
    assert_eq!(suite.run(&["suggest", "/dev/null"]).code, 1);
    assert_eq!(suite.run(&["suggest", "no such file"]).code, 1);
}
