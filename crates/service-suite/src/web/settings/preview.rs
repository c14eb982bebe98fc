//! The first rows of a sample as a format would read them, every problem in its cell.

use erpfile::{Format, Limits, Problem, ReadError, Reader, Row};
use register::Register;
use register::layout::Layout;
use register::mapping::{self, RowCheck};

use super::sample::Sample;

/// The most bytes that a compressed sample is unpacked to.
const UNPACKED: u64 = 64 << 20;

/// Rows shown.
const ROWS: usize = 25;

/// What the sample would be read as.
#[derive(Default)]
pub(super) struct Preview {
    /// The sample's name, and whether it was uploaded.
    pub(super) sample: Option<(String, bool)>,
    /// Of a workbook: its sheets, first the one that is read.
    sheets: Vec<String>,
    /// The columns of the file.
    pub(super) columns: Vec<ColumnHead>,
    /// The first rows.
    pub(super) rows: Vec<PreviewRow>,
    /// Why the file would be refused as a whole.
    pub(super) damage: Option<Problem>,
    /// How many of the rows shown would be refused.
    pub(super) refused: usize,
}

/// A column of the file.
pub(super) struct ColumnHead {
    /// Its place, counted from 1.
    pub(super) position: usize,
    /// Its name in the header.
    pub(super) name: String,
    /// The labels of the fields that it is mapped to.
    pub(super) fields: String,
}

/// A row of the file.
pub(super) struct PreviewRow {
    /// The line it starts on.
    pub(super) line: u64,
    /// Its cells.
    pub(super) cells: Vec<PreviewCell>,
    /// What is wrong with the row as a whole.
    pub(super) problems: Vec<String>,
    /// What was done to read it.
    pub(super) notes: Vec<String>,
}

impl PreviewRow {
    /// Whether the row would be refused.
    pub(super) fn refused(&self) -> bool {
        !self.problems.is_empty() || self.cells.iter().any(|cell| !cell.problems.is_empty())
    }
}

/// A cell.
pub(super) struct PreviewCell {
    /// Its text.
    pub(super) text: String,
    /// What is wrong with it.
    pub(super) problems: Vec<String>,
}

impl Preview {
    /// The names in the header, to choose from.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str()).filter(|name| !name.is_empty())
    }

    /// What the columns of the sample are like, when it can be read and names them.
    pub(super) fn layout(&self) -> Option<Layout> {
        let header: Vec<String> = self.columns.iter().map(|column| column.name.clone()).collect();
        let named = self.damage.is_none() && header.iter().any(|name| !name.is_empty());
        named.then(|| Layout { sheets: self.sheets.clone(), header, ..Layout::default() })
    }

    /// Reads the beginning of a sample.
    pub(super) fn read(
        register: &'static Register,
        format: &Format,
        limits: Limits,
        sample: &Sample,
    ) -> Preview {
        let mut preview =
            Preview { sample: Some((sample.name.clone(), sample.uploaded)), ..Preview::default() };
        let prepared =
            match erpfile::prepare(sample.bytes.clone(), format, Limits { unpacked: UNPACKED, ..limits }) {
                Ok(prepared) => prepared,
                Err(damage) => {
                    preview.damage = Some(if sample.is_cut() { too_large(sample) } else { *damage.0 });
                    return preview;
                }
            };
        let shapes = mapping::shapes(register, format);
        let mut reader = match Reader::with_shapes(prepared.as_slice(), format, limits, &shapes) {
            Ok(reader) => reader,
            Err(error) => {
                preview.damage = Some(problem_of(error));
                // A column that is missing, say, does not keep the others from being shown.
                let unmapped = Format { columns: Vec::new(), ..format.clone() };
                let Ok(reader) = Reader::new(prepared.as_slice(), &unmapped, limits) else {
                    return preview;
                };
                reader
            }
        };
        let fields = mapped(register, format, reader.columns());
        let check = match preview.damage {
            // What refuses the whole file is said once, not in every row.
            Some(_) => None,
            None => RowCheck::new(register, format, reader.header(), reader.columns())
                .map_err(|problem| preview.damage = Some(*problem))
                .ok(),
        };
        let mut row = Row::default();
        while preview.rows.len() < ROWS {
            match reader.read(&mut row) {
                Ok(true) => preview.rows.push(shown(&row, check.as_ref())),
                Ok(false) => break,
                // The sample ends in the middle of a record, and the file need not.
                Err(_) if sample.is_cut() => break,
                Err(error) => {
                    preview.damage.get_or_insert(problem_of(error));
                    break;
                }
            }
        }
        preview.refused = preview.rows.iter().filter(|row| row.refused()).count();
        preview.sheets = reader.sheets().to_vec();
        preview.columns = heads(reader.header(), &preview.rows, &fields);
        preview
    }
}

/// A workbook or a document is read as a whole or not at all.
fn too_large(sample: &Sample) -> Problem {
    let message = format!("{} is too large to be shown here.", sample.name);
    let hint = "Save the format, and see under Import a file what it would do; nothing is changed by that.";
    Problem::new("too-large", message, hint)
}

fn problem_of(error: ReadError) -> Problem {
    match error {
        ReadError::Damage(damage) => *damage.0,
        ReadError::Io(error) => {
            Problem::new("unreadable", format!("The sample could not be read: {error}."), "")
        }
    }
}

/// For each mapped column its place in the file and what people call its field.
fn mapped(register: &Register, format: &Format, places: &[Vec<usize>]) -> Vec<(usize, String)> {
    let columns = format.columns.iter().zip(places);
    columns
        .flat_map(|(column, cells)| cells.iter().map(|cell| (*cell, register.label(&column.field))))
        .collect()
}

fn heads(header: &[String], rows: &[PreviewRow], fields: &[(usize, String)]) -> Vec<ColumnHead> {
    let widest = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0).max(header.len());
    let head = |at: usize| {
        let labels = fields.iter().filter(|field| field.0 == at).map(|field| field.1.as_str());
        ColumnHead {
            position: at + 1,
            name: header.get(at).cloned().unwrap_or_default(),
            fields: labels.collect::<Vec<_>>().join(", "),
        }
    };
    (0..widest).map(head).collect()
}

fn shown(row: &Row, check: Option<&RowCheck>) -> PreviewRow {
    let mut cells: Vec<PreviewCell> =
        row.cells().map(|text| PreviewCell { text: text.to_owned(), problems: Vec::new() }).collect();
    let mut whole = Vec::new();
    for problem in check.map_or_else(|| row.problems.clone(), |check| check.problems(row)) {
        let place = problem.column.and_then(|column| usize::try_from(column).ok()?.checked_sub(1));
        let sentence = format!("{} {}", problem.message, problem.hint);
        match place.and_then(|place| cells.get_mut(place)) {
            Some(cell) => cell.problems.push(sentence),
            None => whole.push(sentence),
        }
    }
    let notes = row.notes.iter().map(|note| format!("{} {}", note.message, note.hint)).collect();
    PreviewRow { line: row.line, cells, problems: whole, notes }
}

#[cfg(test)]
mod tests {
    use super::*;
    use erpfile::{Column, ColumnFrom};
    use register::CUSTOMERS;

    fn preview(text: &str, columns: &[(&str, &str)]) -> Preview {
        let column = |(from, field): &(&str, &str)| Column::new(ColumnFrom::Name((*from).into()), *field);
        let format = Format { columns: columns.iter().map(column).collect(), ..Format::default() };
        let sample = Sample { name: "customers.txt".into(), uploaded: true, bytes: text.into() };
        Preview::read(&CUSTOMERS, &format, Limits::default(), &sample)
    }

    #[test]
    fn problems_stand_in_their_cells() {
        let columns = [("Nr", "number"), ("Kredit", "credit_limit"), ("Land", "country")];
        let preview = preview("Nr;Navn;Kredit;Land\n10;Ø;1,5;DK\n;B;x;Danmarken\n", &columns);
        assert!(preview.damage.is_none());
        let columns: Vec<_> = preview.columns.iter().map(|c| (c.name.as_str(), c.fields.as_str())).collect();
        assert_eq!(
            columns,
            [("Nr", "Number"), ("Navn", ""), ("Kredit", "Credit limit"), ("Land", "Country")]
        );
        assert!(!preview.rows[0].refused());
        let bad: Vec<_> = preview.rows[1].cells.iter().map(|cell| cell.problems.len()).collect();
        assert_eq!(bad, [1, 0, 1, 1]);
        assert_eq!(preview.refused, 1);
    }

    #[test]
    fn a_missing_column_is_said_and_the_others_are_shown() {
        let preview = preview("Nr;Navn\n10;Ø\n", &[("Kundenr", "number")]);
        assert!(preview.damage.unwrap().message.contains("Kundenr"));
        assert_eq!(preview.rows.len(), 1);
        assert_eq!(preview.columns.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["Nr", "Navn"]);
    }
}
