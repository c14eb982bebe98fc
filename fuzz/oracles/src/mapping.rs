//! Rows to records: every row of any file is taken or refused with problems that say where they are.

use std::sync::LazyLock;

use erpfile::{Column, ColumnFrom, Encoding, Format, Limits, Reader, Row};
use register::mapping::{self, RowCheck};
use register::{REGISTERS, Register};

use crate::bytes::Choices;
use crate::words;

/// The names of each register's fields, as a header.
static HEADERS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let header = |register: &&Register| {
        let names: Vec<_> = register.fields.iter().map(|field| field.name).collect();
        format!("{}\n", names.join(";"))
    };
    REGISTERS.iter().map(header).collect()
});

/// Two bytes choose the register, the encoding and whether a whole header stands above; the rest is the file.
pub fn check(input: &[u8]) {
    let mut choices = Choices(input);
    let register = choices.below(REGISTERS.len());
    let (header, register) = (&HEADERS[register], REGISTERS[register]);
    let encoding = choices.one(&Encoding::ALL[..8]);
    let columns =
        register.fields.iter().map(|field| Column::new(ColumnFrom::Name(field.name.to_owned()), field.name));
    let format = Format {
        name: "any".into(),
        register: register.name.into(),
        encoding,
        columns: columns.collect(),
        date_format: "%d-%m-%Y".into(),
        ..Format::default()
    };
    assert!(mapping::complaints(register, &format).is_empty());
    let file = [header.as_bytes(), choices.0].concat();
    let Ok(mut reader) = Reader::new(file.as_slice(), &format, Limits::default()) else { return };
    let rows = match RowCheck::new(register, &format, reader.header(), reader.columns()) {
        Ok(rows) => rows,
        Err(problem) => unreachable!("the format can be used: {problem}"),
    };
    let mut row = Row::default();
    while let Ok(true) = reader.read(&mut row) {
        let problems = rows.problems(&row);
        assert!(problems.len() >= row.problems.len());
        for problem in &problems {
            words::check(problem);
            assert_eq!(problem.line, Some(row.line));
            if let Some(field) = &problem.field {
                let field = register.field(field);
                assert!(field.is_some() && problem.column.is_some(), "{problem:?}");
            }
        }
        // A row with nothing wrong has a key that lists, logs and pages can show.
        if problems.is_empty() {
            let key = register.index(register.key).and_then(|at| row.cell(at)).unwrap_or_default();
            assert!(!key.trim().is_empty() && !key.contains(char::is_control), "{key:?}");
        }
    }
}
