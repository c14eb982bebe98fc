//! What a person must say of a text whose lines are perhaps no records.

use super::table::{Numbered, is_total};
use super::{Question, Suggestion, first_words};
use crate::Format;

/// The longest name of a column, in characters; longer ones are sentences.
const LONGEST_NAME: usize = 60;

/// The fewest words of a sentence.
const SENTENCE: usize = 4;

/// Asks whether a text is a table at all, if it looks like a letter, or like one value a line.
pub(super) fn no_table(found: &Suggestion, names: &dyn Fn(&str) -> bool) -> Option<Question> {
    let format = &found.format;
    let known = found.header.iter().filter(|name| names(name)).count();
    let named = known > 0;
    // One line alone, and what it names is no table's, or lines stand above it that belong to no table.
    let alone = !named && (found.width() == 1 || found.rows.is_empty())
        || format.skip_lines > 0 && known < 2 && found.rows.len() + usize::from(format.header_lines > 0) < 2;
    let labels = matches!(format.delimiter.trim(), ":" | "=") && found.width() == 2;
    let text = !named
        && (found.header.iter().any(|name| name.chars().count() > LONGEST_NAME && is_sentence(name))
            || found.rows.len() > 1 && found.rows.iter().all(|row| is_written(row)));
    (alone || labels || text).then(|| Question {
        key: "layout",
        sentence: if labels {
            "Is each line a record? The file looks as if each had one value of a record, with its name before it; such \
             files are not read."
        } else {
            "Is the file a table, with a record in each line? It looks like a text."
        }
        .to_owned(),
        choices: vec!["delimited".to_owned(), "fixed-width".to_owned()],
    })
}

fn is_sentence(text: &str) -> bool {
    text.split_whitespace().count() >= SENTENCE
}

/// Whether a line reads like part of a text: words from the beginning on, and a full stop at its end.
fn is_written(row: &[String]) -> bool {
    let first = row.first().is_some_and(|cell| cell.split_whitespace().count() > 1);
    let last = row.iter().rev().map(|cell| cell.trim()).find(|cell| !cell.is_empty()).unwrap_or_default();
    let ends = last.strip_suffix(['.', '!', '?']).is_some_and(|rest| rest.ends_with(char::is_lowercase));
    first && ends && is_sentence(&row.join(" "))
}

/// Where lines that end the table stand between its rows, too: what is no row is known by how it begins, and asked about.
pub(super) fn totals_between(format: &mut Format, rows: &[Numbered], width: usize) -> Option<Question> {
    let filled = |cells: &[String]| cells.iter().filter(|cell| !cell.trim().is_empty()).count();
    let is_between = |(_, cells): &&Numbered| {
        let first = cells.iter().map(|cell| cell.trim()).find(|cell| !cell.is_empty()).unwrap_or_default();
        is_total(first) && filled(cells) * 2 <= width
    };
    let (line, cells) = rows.iter().find(is_between)?;
    let first = cells.first().map(|cell| cell.trim()).unwrap_or_default();
    let word = first_words(first);
    let word = word.trim();
    let lower = word.to_lowercase();
    format.footer.retain(|footer| !footer.to_lowercase().starts_with(&lower));
    let sentence = if word.is_empty() || !format.comment.is_empty() {
        format!("Is line {line} a total between the rows? Lines of its kind cannot be left out yet.")
    } else {
        format.comment = word.to_owned();
        format!("Are the lines that begin with {word} totals between the rows, such as line {line}?")
    };
    Some(Question { key: "comment", sentence, choices: vec![format.comment.clone(), String::new()] })
}
