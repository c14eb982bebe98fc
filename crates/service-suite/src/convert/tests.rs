use std::fmt::Write as _;

use erpfile::Encoding;
use proptest::prelude::*;
use proptest::strategy::ValueTree;

use super::*;

/// How a table is written.
#[derive(Clone, Debug)]
struct Dialect {
    delimiter: &'static str,
    quote: Option<char>,
    /// Quotes around every cell, not only where they are needed.
    always: bool,
    line_end: &'static str,
    last_line_end: bool,
    encoding: Encoding,
    mark: bool,
}

type Table = Vec<Vec<String>>;

const HEADER: [&str; 6] = ["Kundenr", "Navn", "Adresse", "Postnr", "By", "E-mail"];

/// Text of a name or an address, with what makes reading hard.
fn text() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "Bager",
        "Ølund",
        "ApS",
        "Smed",
        "Hansen",
        "& Søn",
        "Åse",
        "Træ",
        "5",
        "\"Kroen\"",
        "a;b",
        "x, y",
        "|",
        "O'Hara",
        "\n",
        "1. sal",
        "tv",
        "-",
        "é",
    ]);
    prop::collection::vec(word, 1..4).prop_map(|words| words.join(" "))
}

fn table() -> impl Strategy<Value = Table> {
    let city = prop::sample::select(vec!["Aarhus", "Ålborg", "Odense C", "København K", ""]);
    let row = (text(), text(), 1000..9999_u32, city, prop::bool::ANY);
    prop::collection::vec(row, 3..25).prop_map(|rows| {
        let mut table: Table = vec![HEADER.map(str::to_owned).to_vec()];
        for (number, (name, address, postcode, city, email)) in rows.into_iter().enumerate() {
            let email = if email { format!("post{number}@firma.example") } else { String::new() };
            table.push(vec![
                format!("{:05}", number * 7),
                name,
                address,
                postcode.to_string(),
                city.into(),
                email,
            ]);
        }
        table
    })
}

fn dialect() -> impl Strategy<Value = Dialect> {
    let encodings = ["utf-8", "utf-16le", "utf-16be", "windows-1252", "iso-8859-1", "cp865"];
    (
        prop::sample::select(vec![";", ",", "\t", "|", ", ", "||", "^"]),
        prop::sample::select(vec![Some('"'), Some('"'), Some('\''), None]),
        prop::bool::ANY,
        prop::sample::select(vec!["\n", "\r\n"]),
        prop::bool::ANY,
        prop::sample::select(encodings.map(|label| label.parse::<Encoding>().unwrap()).to_vec()),
        prop::bool::ANY,
    )
        .prop_map(|(delimiter, quote, always, line_end, last_line_end, encoding, mark)| Dialect {
            delimiter,
            quote,
            always,
            line_end,
            last_line_end,
            encoding,
            mark,
        })
}

/// The table as this dialect has it: without quotes no cell can hold a delimiter or a line end.
fn writable(table: Table, dialect: &Dialect) -> Table {
    let cell = |cell: String| match dialect.quote {
        Some(_) => cell,
        None => cell.replace(|c: char| dialect.delimiter.contains(c) || "\n\"'".contains(c), ""),
    };
    table.into_iter().map(|row| row.into_iter().map(cell).collect()).collect()
}

fn written(table: &Table, dialect: &Dialect) -> Vec<u8> {
    let mut text = String::new();
    for row in table {
        for (at, cell) in row.iter().enumerate() {
            let before = if at > 0 { dialect.delimiter } else { "" };
            let first = dialect.delimiter.chars().next().unwrap();
            match dialect.quote {
                Some(quote) if dialect.always || cell.contains([first, quote, '"', '\'', '\n']) => {
                    let doubled = cell.replace(quote, &format!("{quote}{quote}"));
                    write!(text, "{before}{quote}{doubled}{quote}").unwrap();
                }
                _ => write!(text, "{before}{cell}").unwrap(),
            }
        }
        text.push_str(dialect.line_end);
    }
    if !dialect.last_line_end {
        text.truncate(text.len() - dialect.line_end.len());
    }
    encoded(&text, dialect)
}

fn encoded(text: &str, dialect: &Dialect) -> Vec<u8> {
    let mark = if dialect.mark && dialect.encoding.label().starts_with("utf") { "\u{feff}" } else { "" };
    dialect.encoding.encode(&[mark, text].concat()).unwrap()
}

fn parsed(csv: &[u8]) -> Table {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(csv);
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// What is written of a file of these bytes; `None` when that is refused.
fn converted(bytes: &[u8]) -> Option<Table> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    match Convertible::open(file.path(), None, &Settings::default()) {
        Ok(convertible) => {
            let mut out = Vec::new();
            convertible.write(&mut out).unwrap();
            Some(parsed(&out))
        }
        Err(Refused::Other(error)) => panic!("{error:#}"),
        Err(_) => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Whatever is written is what the file held, in whichever dialect.
    #[test]
    fn a_table_in_any_dialect_is_written_as_it_was_or_not_at_all(table in table(), dialect in dialect()) {
        let table = writable(table, &dialect);
        if let Some(found) = converted(&written(&table, &dialect)) {
            prop_assert_eq!(found, table);
        }
    }
}

/// The property above would hold for a program that refuses everything.
#[test]
fn nearly_every_table_is_written() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut refused = 0;
    for _ in 0..200 {
        let (table, dialect) = (table(), dialect()).new_tree(&mut runner).unwrap().current();
        let table = writable(table, &dialect);
        refused += usize::from(converted(&written(&table, &dialect)).is_none());
    }
    assert!(refused <= 20, "{refused} of 200 were refused");
}

/// What is asked, or how many rows are written and what is noted, of a file.
fn outcome(text: &str) -> (u64, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in.txt");
    std::fs::write(&path, text).unwrap();
    match Convertible::open(&path, None, &Settings::default()) {
        Ok(convertible) => {
            (convertible.rows, convertible.notes.iter().map(|note| note.message.clone()).collect())
        }
        Err(Refused::Unsure(questions)) => (0, questions.into_iter().map(|one| one.key.to_owned()).collect()),
        Err(_) => panic!("neither written nor asked"),
    }
}

#[test]
fn lines_of_other_kinds_are_told_or_asked_about() {
    let orders =
        "30;1001;Bager Bo;Torvet 1;Ribe\n81;5;Brød\n81;6;Kage\n30;1002;Smed Ib;Havnen 2;Varde\n81;5;Brød\n";
    let (rows, notes) = outcome(orders);
    assert_eq!(rows, 2);
    assert!(notes.iter().any(|note| note.starts_with("Only the lines that begin with 30")), "{notes:?}");
    let people = "Kunde;1001;Bager Bo;Torvet 1\nKontakt;Lis Holm;Leder\nKontakt;Bo Krog;Indkøb\nKunde;1002;Smed Ib;Havnen 2\n";
    assert_eq!(outcome(people), (0, vec!["records".to_owned()]));
}
