//! What rows become.

use erpfile::{Column, ColumnFrom, DecimalSeparator, Limits, Reader};

use super::*;
use crate::CUSTOMERS;

fn format(columns: &[(&str, &str)]) -> Format {
    let columns = columns
        .iter()
        .map(|(from, field)| Column::new(ColumnFrom::Name((*from).to_owned()), *field))
        .collect();
    Format {
        name: "ERP customers".into(),
        register: "customers".into(),
        decimal_separator: DecimalSeparator::Comma,
        date_format: "%d-%m-%Y".into(),
        columns,
        ..Format::default()
    }
}

#[test]
fn a_format_must_map_the_key_and_only_known_fields() {
    let keys = |columns: &[(&str, &str)]| {
        complaints(&CUSTOMERS, &format(columns)).into_iter().map(|c| c.key).collect::<Vec<_>>()
    };
    assert_eq!(keys(&[("Nr", "number"), ("Navn", "name")]), Vec::<String>::new());
    assert_eq!(keys(&[("Navn", "name")]), ["columns"]);
    assert_eq!(keys(&[("Nr", "number"), ("Navn", "naem")]), ["columns[2].field"]);
    let twice = format(&[("Nr", "number"), ("Navn", "name"), ("Navn2", "name")]);
    let refused = Mapper::new(&CUSTOMERS, &twice, &[], &[vec![0], vec![1], vec![2]]).unwrap_err();
    assert!(refused.message.contains("two columns are mapped to the field name"), "{}", refused.message);
}

#[test]
fn every_problem_of_a_row_says_where_it_is_and_what_to_do() {
    let columns =
        [("Kundenr", "number"), ("Navn", "name"), ("Kreditmax", "credit_limit"), ("Land", "country")];
    let format = format(&columns);
    let file = "Kundenr;Navn;Kreditmax;Land\n10;Bager Ølund;1.250,50;dk\n;Ingen;12,x0;Norgen\n";
    let mut reader = Reader::new(file.as_bytes(), &format, Limits::default()).unwrap();
    let mapper = Mapper::new(&CUSTOMERS, &format, reader.header(), reader.columns()).unwrap();
    let (mut row, mut problems) = (Row::default(), Vec::new());
    assert!(reader.read(&mut row).unwrap());
    assert_eq!(mapper.key(&row).as_deref(), Some("10"));
    let given: Vec<_> = mapper
        .read(&row, &mut problems)
        .into_iter()
        .map(|(at, value)| (CUSTOMERS.fields[at].name, value))
        .collect();
    assert_eq!(given[2], ("credit_limit", Some("1250.50".into())));
    assert_eq!(given[3], ("country", Some("DK".into())));
    assert_eq!(problems, []);
    assert!(reader.read(&mut row).unwrap());
    assert_eq!(mapper.key(&row), None);
    mapper.read(&row, &mut problems);
    let codes: Vec<_> =
        problems.iter().map(|p| (p.code.as_ref(), p.line, p.column, p.field.as_deref())).collect();
    assert_eq!(
        codes,
        [
            (code::MISSING_KEY, Some(3), Some(1), Some("number")),
            (code::NOT_A_NUMBER, Some(3), Some(3), Some("credit_limit")),
            (code::UNKNOWN_COUNTRY, Some(3), Some(4), Some("country")),
        ]
    );
    assert_eq!(problems[1].message, "Kreditmax: \"12,x0\" is not a number.");
    assert_eq!(problems[1].value.as_deref(), Some("12,x0"));
    assert!(problems.iter().all(|p| !p.hint.is_empty()));
}

/// What the rows of a file give to the fields, `name=value` each, or the codes of their problems. The format is that of
/// a settings file, but for name and register.
fn read(settings: &str, file: &str) -> Vec<Vec<String>> {
    let settings = format!("name = \"x\"\nregister = \"customers\"\n{settings}");
    let format: Format = toml::from_str(&settings).unwrap();
    assert_eq!(format.complaints(), []);
    assert_eq!(complaints(&CUSTOMERS, &format), []);
    let shapes = shapes(&CUSTOMERS, &format);
    let mut reader = Reader::with_shapes(file.as_bytes(), &format, Limits::default(), &shapes).unwrap();
    let mapper = Mapper::new(&CUSTOMERS, &format, reader.header(), reader.columns()).unwrap();
    let (mut row, mut rows) = (Row::default(), Vec::new());
    while reader.read(&mut row).unwrap() {
        let mut problems = Vec::new();
        let given = mapper.read(&row, &mut problems);
        assert_eq!(mapper.key(&row).is_some(), problems.iter().all(|p| p.field.as_deref() != Some("number")));
        rows.push(if problems.is_empty() {
            let text = |(at, value): Given<'_>| {
                format!("{}={}", CUSTOMERS.fields[at].name, value.unwrap_or_default())
            };
            given.into_iter().map(text).collect()
        } else {
            problems.iter().map(|problem| problem.code.to_string()).collect()
        });
    }
    rows
}

#[test]
fn fields_are_made_of_columns_as_the_format_says() {
    let number = "columns = [{ from = \"Nr\", field = \"number\" }, ";
    let table: &[(&str, &str, &[&[&str]])] = &[
        // The first of several names that the file has; signs around names do not matter.
        (
            "{ from = [\"Kundenavn\", \"Navn\"], field = \"name\" }",
            "[nr];=Navn\n1;Ø\n",
            &[&["number=1", "name=Ø"]],
        ),
        // Joined, with empty cells left out.
        (
            "{ from = [\"Fornavn\", \"Mellem\", 4], join = \" \", field = \"name\" }",
            "Nr;Fornavn;Mellem;Efternavn\n1; Ida ;;Vang\n2;;;\n",
            &[&["number=1", "name=Ida Vang"], &["number=2"]],
        ),
        // One column for two fields, in parts.
        (
            "{ from = \"Sted\", field = \"postcode\", part = \"postcode\" }, \
             { from = \"Sted\", field = \"city\", part = \"city\" }",
            "Nr;Sted\n1;8000 Aarhus C\n2;Aarhus\n3;\n4;Postbox 9 Aarhus\n",
            &[
                &["number=1", "postcode=8000", "city=Aarhus C"],
                &["number=2", "city=Aarhus"],
                &["number=3"],
                &["not-split", "not-split"],
            ],
        ),
        // A constant, and what an empty cell stands for.
        (
            "{ field = \"currency\", value = \"dkk\" }, { from = \"Land\", field = \"country\", value = \"NO\" }, \
             { from = \"Sp\", field = \"blocked\", value = \"0\" }",
            "Nr;Land;Sp\n1;;\n2;Sverige;X\n",
            &[
                &["number=1", "currency=DKK", "country=NO", "blocked=0"],
                &["number=2", "currency=DKK", "country=SE", "blocked=1"],
            ],
        ),
        // Codes.
        (
            "{ from = \"Gr\", field = \"group\", codes = { \"3\" = \"Retail\", \"03\" = \"Detail\" } }",
            "Nr;Gr\n1; 3 \n2;03\n3;4\n4;\n",
            &[&["number=1", "group=Retail"], &["number=2", "group=Detail"], &["unknown-code"], &["number=4"]],
        ),
        (
            "{ from = \"Gr\", field = \"group\", codes = { \"3\" = \"Retail\" }, other-codes = \"keep\" }, \
             { from = \"S\", field = \"language\", codes = { \"Dansk\" = \"da\" }, other-codes = \"empty\" }",
            "Nr;Gr;S\n1;4;Dansk\n2;3;?\n",
            &[&["number=1", "group=4", "language=da"], &["number=2", "group=Retail"]],
        ),
        // Each column its own way of writing numbers and dates.
        (
            "{ from = \"A\", field = \"balance\" }, { from = \"B\", field = \"credit_limit\", decimal-separator = \".\" }, \
             { from = \"D\", field = \"created_on\", date-format = \"excel\" }",
            "Nr;A;B;D\n1;(1.250,50);1,250.50;45231\n2;1,5;1,5;2023-11-01\n",
            &[
                &["number=1", "balance=-1250.50", "credit_limit=1250.50", "created_on=2023-11-01"],
                &["not-a-number", "not-a-date"],
            ],
        ),
        // Line breaks.
        (
            "{ from = \"Adr\", field = \"address1\", line-break = \":\", part = \"first-line\" }, \
             { from = \"Adr\", field = \"address2\", line-break = \":\", part = \"other-lines\" }, \
             { from = \"Note\", field = \"notes\", line-break = \"<br>\" }",
            "Nr;Adr;Note\n1;Vej 1:2. sal;a<BR/>b<br />c <b> < d\n",
            &[&["number=1", "address1=Vej 1", "address2=2. sal", "notes=a\nb\nc <b> < d"]],
        ),
    ];
    for (columns, file, expected) in table {
        assert_eq!(read(&format!("{number}{columns}]\n"), file), *expected, "{columns}");
    }
}

#[test]
fn text_is_kept_exactly_unless_the_format_says_otherwise() {
    let columns =
        "columns = [{ from = 1, field = \"number\" }, { from = 2, field = \"name\" }]\nheader-lines = 0\n";
    let file = "'0042 ;'t Hoen  \n";
    for (settings, expected) in [
        ("", ["number='0042 ", "name='t Hoen  "]),
        ("outer-blanks = \"end\"\n", ["number='0042", "name='t Hoen"]),
        ("apostrophe = \"remove\"\n", ["number=0042 ", "name='t Hoen  "]),
        ("apostrophe = \"remove\"\nouter-blanks = \"both\"\n", ["number=0042", "name='t Hoen"]),
    ] {
        assert_eq!(read(&format!("{settings}{columns}"), file), [expected], "{settings}");
    }
}

#[test]
fn the_key_cannot_be_a_constant() {
    let mut format = format(&[("Nr", "number")]);
    format.columns[0].value = "1".into();
    let keys: Vec<_> = complaints(&CUSTOMERS, &format).into_iter().map(|c| c.key).collect();
    assert_eq!(keys, ["columns[1].value"]);
}

#[test]
fn a_total_that_the_format_does_not_know_of_is_no_customer() {
    let format = format(&[("Kundenr", "number"), ("Navn", "name"), ("By", "city")]);
    let file = "Kundenr;Navn;By\nTotal;Total Energi;Ribe\nTotalgas;;Ribe\nI alt;;\nSumme: 3;;\nTOTAL;;3\n";
    let mut reader = Reader::new(file.as_bytes(), &format, Limits::default()).unwrap();
    let mapper = Mapper::new(&CUSTOMERS, &format, reader.header(), reader.columns()).unwrap();
    let (mut row, mut told) = (Row::default(), Vec::new());
    while reader.read(&mut row).unwrap() {
        let mut problems = Vec::new();
        mapper.read(&row, &mut problems);
        told.push(problems.iter().map(|problem| problem.code.to_string()).collect::<String>());
        // One that is there already is what it is.
        let (mut problems, old) = (Vec::new(), vec![None; CUSTOMERS.fields.len()]);
        mapper.read_for(&row, Some(&old), &mut problems);
        assert_eq!(problems, []);
    }
    assert_eq!(told, ["", "", code::TOTAL_LINE, code::TOTAL_LINE, code::TOTAL_LINE]);
}
