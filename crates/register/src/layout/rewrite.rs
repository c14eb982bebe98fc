//! Where the columns of a format are now that those of its files are others.

use erpfile::{Column, ColumnFrom, Format, plain_column_name};

use super::drift::{ColumnDrift, Place, What};
use crate::{Register, suggest};

/// What becomes of a format's columns.
pub(super) enum Rewrite {
    /// All of them are found where they are now.
    AsItIs,
    /// The columns, and for those that are read from elsewhere the label of the field and the place.
    To(Vec<Column>, Vec<(String, String)>),
    /// The labels of fields whose columns are nowhere.
    Lost(Vec<String>),
}

/// The columns of a format, read from where they are in a file whose header is `header`.
pub(super) fn columns(
    register: &'static Register,
    format: &Format,
    pairs: &[ColumnDrift],
    header: &[String],
) -> Rewrite {
    let by_name = suggest::by_names(register, header);
    let now = Now { pairs, header, by_name: &by_name };
    let mut columns = format.columns.clone();
    let (mut reads, mut lost) = (Vec::new(), Vec::new());
    for column in &mut columns {
        let field = register.label(&column.field);
        let steps: Vec<(usize, Option<usize>)> = if column.join.is_some() {
            let moved = (0..column.from.len()).filter(|at| !now.stays(&column.from[*at]));
            moved.map(|at| (at, now.place(&column.from[at], &column.field))).collect()
        } else if column.from.is_empty() || column.from.iter().any(|from| now.stays(from)) {
            // Of several names for one column, one that the file has is enough.
            Vec::new()
        } else {
            let found = (0..column.from.len())
                .find_map(|at| Some((at, Some(now.place(&column.from[at], &column.field)?))));
            vec![found.unwrap_or((0, None))]
        };
        for (at, place) in steps {
            match place {
                Some(place) => {
                    reads.push((field.clone(), now.title(place)));
                    column.from[at] = now.from(place, &column.from[at]);
                }
                None => lost.push(field.clone()),
            }
        }
    }
    if !lost.is_empty() {
        Rewrite::Lost(lost)
    } else if reads.is_empty() {
        Rewrite::AsItIs
    } else {
        Rewrite::To(columns, reads)
    }
}

struct Now<'a> {
    pairs: &'a [ColumnDrift],
    header: &'a [String],
    by_name: &'a [Option<&'static str>],
}

impl Now<'_> {
    /// Whether a column is found in the file, and is what it was.
    fn stays(&self, from: &ColumnFrom) -> bool {
        match from {
            ColumnFrom::Name(name) => {
                let plain = plain_column_name(name);
                self.header.iter().any(|column| plain_column_name(column) == plain)
            }
            ColumnFrom::Position(position) => self.pairs.iter().any(|column| {
                let here = |place: &Option<Place>| {
                    place.as_ref().is_some_and(|place| usize::try_from(*position) == Ok(place.position))
                };
                here(&column.was) && here(&column.is) && column.what != What::Renamed
            }),
        }
    }

    /// Where a column is now that is not found any more, 0-based.
    fn place(&self, from: &ColumnFrom, field: &str) -> Option<usize> {
        let was = self.pairs.iter().find(|column| {
            column.was.as_ref().is_some_and(|was| match from {
                ColumnFrom::Name(name) => plain_column_name(name) == plain_column_name(&was.name),
                ColumnFrom::Position(position) => usize::try_from(*position) == Ok(was.position),
            })
        })?;
        let is = was.is.as_ref().map(|is| is.position - 1);
        if matches!(was.what, What::Same | What::Moved) {
            return is;
        }
        // By what its name means among those that are new, or else by its place.
        let is_new = |at: &usize| {
            self.pairs.iter().any(|column| {
                matches!(column.what, What::Added | What::Renamed)
                    && column.is.as_ref().is_some_and(|is| is.position == at + 1)
            })
        };
        let meant = self.by_name.iter().position(|named| *named == Some(field)).filter(is_new);
        meant.or(is)
    }

    fn title(&self, place: usize) -> String {
        match self.header.get(place).map(|name| name.trim()) {
            Some(name) if !name.is_empty() => format!("\"{name}\""),
            _ => format!("column {}", place + 1),
        }
    }

    /// How a column is found: by its name if it was found by one, and only it has the name.
    fn from(&self, place: usize, was: &ColumnFrom) -> ColumnFrom {
        let name = self.header[place].trim();
        let plain = plain_column_name(name);
        let alone = self.header.iter().filter(|other| plain_column_name(other) == plain).count() == 1;
        match was {
            ColumnFrom::Name(_) if alone && !plain.is_empty() && !name.contains(['\n', '\r']) => {
                ColumnFrom::Name(name.to_owned())
            }
            _ => ColumnFrom::Position(u32::try_from(place + 1).unwrap_or(u32::MAX)),
        }
    }
}
