//! Files as ERP systems write them, each with its format, and what must be read from it: `tests/files`, a folder a case.
//!
//! A folder holds `input.*`; `format.toml`, as in the settings file; `rows.csv`, the rows that are taken, below their
//! header if the format has one; and `problems.csv`, every problem and note with line, column and code, the one that
//! refuses the file among them.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};

use erpfile::{Format, Limits, Problem, ReadError, Reader, Row, Shape, prepare};

fn folders() -> Vec<PathBuf> {
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/files");
    let entries = fs::read_dir(files).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

/// What the register knows of the fields that the formats name.
fn shape(field: &str) -> Shape {
    match field {
        "number" => Shape::Key,
        "postcode" => Shape::Postcode,
        "city" => Shape::Words,
        "phone" => Shape::Phone,
        "email" => Shape::Email,
        "credit_limit" => Shape::Number,
        "created_on" => Shape::Date,
        _ => Shape::Any,
    }
}

#[derive(Debug, Default, PartialEq)]
struct Outcome {
    rows: Vec<Vec<String>>,
    problems: Vec<[String; 3]>,
}

impl Outcome {
    fn add(&mut self, problem: &Problem) {
        let number = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
        let code = problem.code.to_string();
        self.problems.push([number(problem.line), number(problem.column.map(u64::from)), code]);
        assert!(problem.message.ends_with('.'), "{problem}");
    }

    fn read(&mut self, input: Vec<u8>, format: &Format) -> Result<(), ReadError> {
        let shapes: Vec<Shape> = format.columns.iter().map(|column| shape(&column.field)).collect();
        let prepared = prepare(input, format, Limits::default())?;
        let mut reader = Reader::with_shapes(prepared.as_slice(), format, Limits::default(), &shapes)?;
        if !reader.header().is_empty() {
            self.rows.push(reader.header().to_vec());
        }
        let mut parser = reader.record_parser();
        let (mut row, mut again) = (Row::default(), Row::default());
        while reader.read(&mut row)? {
            parser.parse(row.raw(), row.line, &mut again)?;
            assert!(again.cells().eq(row.cells()), "the row of line {} is another when read again", row.line);
            assert_eq!((&again.problems, &again.notes), (&row.problems, &row.notes));
            row.problems.iter().chain(&row.notes).for_each(|problem| self.add(problem));
            if row.problems.is_empty() {
                self.rows.push(row.cells().map(str::to_owned).collect());
            }
        }
        reader.notes().iter().for_each(|note| self.add(note));
        Ok(())
    }
}

fn expected(folder: &Path) -> Outcome {
    let mut expected = Outcome::default();
    let open = |name: &str| {
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_path(folder.join(name)).unwrap()
    };
    for row in open("rows.csv").records() {
        expected.rows.push(row.unwrap().iter().map(str::to_owned).collect());
    }
    for problem in open("problems.csv").records().skip(1) {
        let problem = problem.unwrap();
        expected.problems.push([0, 1, 2].map(|at| problem[at].to_owned()));
    }
    expected
}

#[test]
fn every_file_is_read_as_it_says() {
    let folders = folders();
    assert!(folders.len() >= 55, "{}", folders.len());
    for folder in folders {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let format: Format = toml::from_str(&fs::read_to_string(folder.join("format.toml")).unwrap())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(format.complaints(), [], "{name}");
        let mut inputs = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        let input = inputs.find(|path| path.file_stem().is_some_and(|stem| stem == "input")).unwrap();
        let mut outcome = Outcome::default();
        if let Err(ReadError::Damage(damage)) = outcome.read(fs::read(input).unwrap(), &format) {
            // Nothing of a damaged file is taken.
            outcome.rows.clear();
            outcome.add(&damage.0);
        }
        let expected = expected(&folder);
        assert_eq!(outcome, expected, "{name}");
    }
}
