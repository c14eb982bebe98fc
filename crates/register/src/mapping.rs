//! From the columns of a file to the fields of a register.

use std::borrow::Cow;
use std::collections::BTreeSet;

use erpfile::{Blank, ColumnFrom, Complaint, Format, Missing, Problem, Row, Shape};

use crate::compare::INACTIVE;
use crate::date::DateFormat;
use crate::field::{self, Fault, Kind, Writing, check, code, control, control_fault};
use crate::{Field, Register};

/// Changes whenever the same cells under the same format would become other values than before; see
/// [`erpfile::READING_VERSION`].
pub const MAPPING_VERSION: u32 = 1;

/// What is wrong with a format when it is used for `register`: fields that the register does not have, a key that is
/// not mapped. Empty when it can be used; [`Format::complaints`] says what is wrong for any register.
pub fn complaints(register: &Register, format: &Format) -> Vec<Complaint> {
    let mut list = Vec::new();
    for (number, column) in (1..).zip(&format.columns) {
        if !column.field.trim().is_empty() && register.field(&column.field).is_none() {
            let known: Vec<_> = register.fields.iter().map(|field| field.name).collect();
            list.push(Complaint {
                key: format!("columns[{number}].field"),
                message: format!("A {} has no field \"{}\".", register.singular, column.field),
                hint: format!("The fields are: {}.", known.join(", ")),
            });
        }
    }
    if format.missing == Missing::Deactivate && register.field(INACTIVE).is_none() {
        list.push(Complaint {
            key: "missing".to_owned(),
            message: format!("A {} cannot be inactive.", register.singular),
            hint: "Choose leave.".to_owned(),
        });
    }
    if !format.columns.iter().any(|column| column.field == register.key) {
        list.push(Complaint {
            key: "columns".to_owned(),
            message: format!(
                "No column is mapped to {}, which tells one {} from another.",
                register.key, register.singular
            ),
            hint: format!("Map a column of the file to {}.", register.key),
        });
    }
    list
}

/// What is known of the values of a format's columns, in their order, from the fields that they are mapped to.
pub fn shapes(register: &Register, format: &Format) -> Vec<Shape> {
    let shape = |column: &erpfile::Column| match register.field(&column.field) {
        Some(field) if field.name == register.key => Shape::Key,
        Some(field) => match field.kind {
            Kind::Decimal { .. } => Shape::Number,
            Kind::Date => Shape::Date,
            Kind::Email { .. } => Shape::Email,
            Kind::Phone { .. } => Shape::Phone,
            Kind::Text { .. } if field.name == "postcode" => Shape::Postcode,
            _ => Shape::Any,
        },
        None => Shape::Any,
    };
    format.columns.iter().map(shape).collect()
}

/// Says what is wrong with single rows, as an import would, but for what only the other rows can tell (a key that
/// stands there twice).
#[derive(Debug)]
pub struct RowCheck(Mapper);

impl RowCheck {
    /// For a file whose header is `header` (empty without one) and whose mapped columns are the cells `cells`, as
    /// [`erpfile::Reader`] tells both.
    ///
    /// # Errors
    /// The problem that refuses the whole file, when the format cannot be used for the register.
    pub fn new(
        register: &'static Register,
        format: &Format,
        header: &[String],
        cells: &[usize],
    ) -> Result<RowCheck, Box<Problem>> {
        Mapper::new(register, format, header, cells).map(RowCheck)
    }

    /// All problems of a row; none for one that can be taken.
    pub fn problems(&self, row: &Row) -> Vec<Problem> {
        let mut problems = row.problems.clone();
        if problems.is_empty() {
            self.0.read(row, &mut problems);
        }
        problems
    }
}

/// A value that a row gives to a field: `None` empties it.
pub(crate) type Given<'r> = (usize, Option<Cow<'r, str>>);

/// Reads the rows of one file as values of a register's fields.
#[derive(Debug)]
pub(crate) struct Mapper {
    pub(crate) register: &'static Register,
    writing: Writing,
    clear: bool,
    columns: Vec<Mapped>,
    key: Mapped,
}

#[derive(Debug, Clone)]
struct Mapped {
    /// The place of the field in the register.
    at: usize,
    field: &'static Field,
    /// The place of the cell in the row.
    cell: usize,
    /// What people call the column: its name in the file, or else the field's label.
    title: String,
}

impl Mapped {
    fn problem(&self, row: &Row, cell: &str, fault: Fault) -> Problem {
        Problem::new(fault.code, format!("{}: {}", self.title, fault.message), fault.hint)
            .at_line(row.line)
            .in_column(u32::try_from(self.cell + 1).unwrap_or(u32::MAX))
            .in_field(self.field.name)
            .with_value(cell)
    }
}

impl Mapper {
    /// For a file whose header is `header` (empty without one) and whose mapped columns are the cells `cells`.
    ///
    /// # Errors
    /// A problem that refuses the file, when the format cannot be used for the register.
    pub(crate) fn new(
        register: &'static Register,
        format: &Format,
        header: &[String],
        cells: &[usize],
    ) -> Result<Mapper, Box<Problem>> {
        let unusable = |message: String, hint: String| {
            Box::new(Problem::new(
                erpfile::code::FORMAT,
                format!("The format cannot be used: {message}"),
                hint,
            ))
        };
        if let Some(complaint) = complaints(register, format).into_iter().next() {
            return Err(unusable(complaint.message, complaint.hint));
        }
        let mut seen = BTreeSet::new();
        if let Some(twice) = format.columns.iter().find(|column| !seen.insert(&column.field)) {
            let message = format!("two columns are mapped to the field {}.", twice.field);
            return Err(unusable(message, "Map one column to each field.".to_owned()));
        }
        let Some(date) = DateFormat::new(&format.date_format) else {
            let message = format!("\"{}\" does not say how dates are written.", format.date_format);
            return Err(unusable(message, "Use %d, %m and %Y, for example %d-%m-%Y.".to_owned()));
        };
        let mut columns = Vec::new();
        for (column, &cell) in format.columns.iter().zip(cells) {
            let Some(at) = register.index(&column.field) else { continue };
            let field = &register.fields[at];
            let title = match (&column.from, header.get(cell)) {
                (_, Some(name)) if !name.trim().is_empty() => name.trim(),
                (ColumnFrom::Name(name), _) => name,
                _ => field.label,
            };
            columns.push(Mapped { at, field, cell, title: field::cut(title) });
        }
        let Some(key) = columns.iter().find(|column| column.field.name == register.key).cloned() else {
            return Err(unusable(
                format!("no column is mapped to \"{}\".", register.key),
                "Map it in the format.".to_owned(),
            ));
        };
        let writing = Writing { decimal: format.decimal_separator.char(), date };
        Ok(Mapper { register, writing, clear: format.blank == Blank::Clear, columns, key })
    }

    /// The places of the fields that a file gives values for.
    pub(crate) fn fields(&self) -> impl Iterator<Item = usize> {
        self.columns.iter().map(|column| column.at)
    }

    /// The row's key, when it has one that could be stored.
    pub(crate) fn key<'r>(&self, row: &'r Row) -> Option<&'r str> {
        let cell = row.cell(self.key.cell)?;
        self.check_key(cell).is_ok().then_some(cell)
    }

    fn check_key(&self, cell: &str) -> Result<(), Fault> {
        let (register, singular) = (self.register, self.register.singular);
        if check(self.key.field.kind, cell, &self.writing)?.is_none() {
            return Err(Fault {
                code: code::MISSING_KEY,
                message: format!(
                    "The row has no {}, so nobody can tell which {singular} it is.",
                    register.key
                ),
                hint: format!("Give the {singular} a {} in the ERP system.", register.key),
            });
        }
        control(cell, true).map_or(Ok(()), |found| Err(control_fault(found)))
    }

    /// What a good row of the file gives to its record, in the order of the format's columns; what is wrong with it is
    /// added to `problems`.
    pub(crate) fn read<'r>(&self, row: &'r Row, problems: &mut Vec<Problem>) -> Vec<Given<'r>> {
        let mut given = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            let cell = row.cell(column.cell).unwrap_or_default();
            let checked = if column.at == self.key.at {
                self.check_key(cell).map(|()| Some(Cow::Borrowed(cell)))
            } else {
                check(column.field.kind, cell, &self.writing)
            };
            match checked {
                Ok(None) if !self.clear => {}
                Ok(value) => given.push((column.at, value)),
                Err(fault) => problems.push(column.problem(row, cell, fault)),
            }
        }
        given
    }

    /// The problem of a row whose key stands on other lines too. `lines` are some of them, `all` how many they are.
    pub(crate) fn duplicate(&self, row: &Row, lines: &[u64], all: u64) -> Problem {
        let cell = row.cell(self.key.cell).unwrap_or_default();
        let named: Vec<String> = lines.iter().map(u64::to_string).collect();
        let more = all - lines.len() as u64;
        let named = match (named.as_slice(), more) {
            ([one], 0) => format!("line {one}"),
            ([before @ .., last], 0) => format!("lines {} and {last}", before.join(", ")),
            (some, more) => format!("lines {} and {more} more", some.join(", ")),
        };
        let fault = Fault {
            code: code::DUPLICATE_KEY,
            message: format!("{} stands also on {named}, with other content.", field::shown(cell)),
            hint: "Nobody can tell which line is right, so none of them was taken: correct the export, or let the last \
                   line count in the format (repeated = \"last\")."
                .to_owned(),
        };
        self.key.problem(row, cell, fault)
    }

    /// The problem of a row that a later line with the same key replaces, when that line is refused.
    pub(crate) fn replaced(&self, row: &Row, by: u64) -> Problem {
        let cell = row.cell(self.key.cell).unwrap_or_default();
        let fault = Fault {
            code: code::DUPLICATE_KEY,
            message: format!("{} stands also on line {by}, which counts and is refused.", field::shown(cell)),
            hint: "Correct that line, and import the file again.".to_owned(),
        };
        self.key.problem(row, cell, fault)
    }
}

#[cfg(test)]
mod tests {
    use erpfile::{Column, DecimalSeparator, Limits, Reader};

    use super::*;
    use crate::CUSTOMERS;

    fn format(columns: &[(&str, &str)]) -> Format {
        let columns = columns
            .iter()
            .map(|(from, field)| Column {
                from: ColumnFrom::Name((*from).to_owned()),
                field: (*field).to_owned(),
            })
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
        let refused = Mapper::new(&CUSTOMERS, &twice, &[], &[0, 1, 2]).unwrap_err();
        assert!(refused.message.contains("two columns are mapped to the field name"), "{}", refused.message);
    }

    #[test]
    fn every_problem_of_a_row_says_where_it_is_and_what_to_do() {
        let columns =
            [("Kundenr", "number"), ("Navn", "name"), ("Kreditmax", "credit_limit"), ("Land", "country")];
        let format = format(&columns);
        let file = "Kundenr;Navn;Kreditmax;Land\n10;Bager Ølund;1.250,50;dk\n;Ingen;12,x0;Norge\n";
        let mut reader = Reader::new(file.as_bytes(), &format, Limits::default()).unwrap();
        let mapper = Mapper::new(&CUSTOMERS, &format, reader.header(), reader.columns()).unwrap();
        let (mut row, mut problems) = (Row::default(), Vec::new());
        assert!(reader.read(&mut row).unwrap());
        assert_eq!(mapper.key(&row), Some("10"));
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
}
