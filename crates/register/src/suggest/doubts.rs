//! What speaks against a proposal, seen in the rows of the sample: values that it would refuse, and records without a name.

use erpfile::suggest::{Question, Suggestion};
use erpfile::{Column, ColumnFrom, Format, Part};

use super::{ProposedColumn, called, title};
use crate::Register;
use crate::date::DateFormat;
use crate::field::{Field, Kind, Writing, check, code};

/// The share of the values of a column that may be refused for what they are.
const REFUSED: f64 = 0.05;

/// The share of records that may be without a name.
const NAMELESS: f64 = 0.02;

/// The most columns that a question offers.
const OFFERED: usize = 6;

/// Takes a column for no field whose values the format would refuse in more rows than there are typing errors, and asks
/// about it.
pub(super) fn refused(
    register: &'static Register,
    found: &Suggestion,
    columns: &mut [ProposedColumn],
    format: &mut Format,
    questions: &mut Vec<Question>,
) {
    for proposed in columns {
        let Some(field) = proposed.field.and_then(|field| register.field(field)) else { continue };
        if field.name == register.key
            || !matches!(field.kind, Kind::Date | Kind::Decimal { .. } | Kind::YesNo)
        {
            continue;
        }
        let at = proposed.position as usize - 1;
        let is_it = |column: &Column| column.field == field.name && is_read_from(column, at, found);
        let Some(place) = format.columns.iter().position(is_it) else { continue };
        let (refused, filled) = refusals(field, &format.columns[place], format, at, found);
        if filled == 0 || refused as f64 <= REFUSED * filled as f64 {
            continue;
        }
        format.columns.remove(place);
        (proposed.field, proposed.confidence) = (None, 0.0);
        let label = field.label.to_lowercase();
        let written = if field.kind == Kind::Date { "Its dates are" } else { "Its values are" };
        questions.push(Question {
            key: "columns",
            sentence: format!(
                "Is {} the {label}? {written} not written in one way: {refused} of {filled} could not be read.",
                called(found, at)
            ),
            choices: vec![title(found, at)],
        });
    }
}

/// How many values of a column would refuse their rows, of how many.
fn refusals(
    field: &Field,
    column: &Column,
    format: &Format,
    at: usize,
    found: &Suggestion,
) -> (usize, usize) {
    let pattern = if column.date_format.is_empty() { &format.date_format } else { &column.date_format };
    let plain = column.join.is_none() && column.part == Part::Whole && column.codes.is_empty();
    let Some(date) = DateFormat::new(pattern).filter(|_| plain) else { return (0, 0) };
    let writing = Writing {
        decimal: column.decimal_separator.unwrap_or(format.decimal_separator).char(),
        thousands: format.thousands,
        date: date.with_pivot(format.pivot_year),
    };
    let filled = found.values(at).filter(|value| !value.trim().is_empty());
    filled.fold((0, 0), |(refused, filled), value| {
        let fault = check(field.kind, value, &writing).err();
        // What could be two numbers is asked about as such.
        let refuses = fault.is_some_and(|fault| fault.code != code::AMBIGUOUS_NUMBER);
        (refused + usize::from(refuses), filled + 1)
    })
}

fn is_read_from(column: &Column, at: usize, found: &Suggestion) -> bool {
    column.from.iter().any(|from| match from {
        ColumnFrom::Position(position) => *position as usize == at + 1,
        ColumnFrom::Name(name) => found.header.get(at).is_some_and(|header| header.trim() == name),
    })
}

/// Asks where the name of those records stands that have none in the column that it is read from.
pub(super) fn nameless(
    register: &'static Register,
    found: &Suggestion,
    columns: &[ProposedColumn],
    format: &Format,
    questions: &mut Vec<Question>,
) {
    let is_title = |column: &&ProposedColumn| column.field == Some(register.title_field);
    let Some(proposed) = columns.iter().find(is_title) else { return };
    let at = proposed.position as usize - 1;
    // What is joined of several columns has a name where one of them has.
    let joined =
        format.columns.iter().any(|column| column.field == register.title_field && column.join.is_some());
    let blank = |row: &&Vec<String>| row.get(at).is_none_or(|value| value.trim().is_empty());
    let nameless: Vec<&Vec<String>> = found.rows.iter().filter(blank).collect();
    if joined || nameless.is_empty() || nameless.len() as f64 <= NAMELESS * found.rows.len() as f64 {
        return;
    }
    let is_name = |column: &&ProposedColumn| {
        let other = column.position as usize - 1;
        let has_words = |row: &&&Vec<String>| {
            row.get(other).is_some_and(|value| {
                let value = value.trim();
                value.chars().filter(|c| c.is_alphabetic()).count() > 2
                    && !value.contains(|c: char| c.is_ascii_digit() || c == '@')
            })
        };
        let of_people = matches!(column.field, None | Some("name2" | "contact"));
        of_people && other != at && nameless.iter().filter(has_words).count() * 2 > nameless.len()
    };
    let choices: Vec<String> = columns
        .iter()
        .filter(is_name)
        .take(OFFERED)
        .map(|column| title(found, column.position as usize - 1))
        .collect();
    if choices.is_empty() {
        return;
    }
    questions.push(Question {
        key: "columns",
        sentence: format!(
            "Where is the {} of those that have none in column {} ({} of {} rows)?",
            register.label(register.title_field).to_lowercase(),
            title(found, at),
            nameless.len(),
            found.rows.len()
        ),
        choices,
    });
}
