//! The text of a column whose cells are not taken as they are: joined, divided, translated, cleaned.

use std::borrow::Cow;
use std::collections::BTreeMap;

use erpfile::{Apostrophe, Column, Format, OtherCodes, OuterBlanks, Part, Row};

use super::part;
use crate::Field;
use crate::field::{Fault, code, cut, shown};

/// The most codes that a message lists.
const LISTED: usize = 10;

/// What is made of the cells of a column before the value is checked.
#[derive(Debug, Clone)]
pub(super) struct Made {
    cells: Vec<usize>,
    outer_blanks: OuterBlanks,
    apostrophe: Apostrophe,
    line_break: String,
    join: String,
    part: Part,
    codes: BTreeMap<String, String>,
    other_codes: OtherCodes,
    value: String,
    /// Whether the field keeps text as it stands.
    is_text: bool,
}

impl Made {
    /// For a column whose cells are `cells`; `None` when its one cell is taken as it is.
    pub(super) fn new(format: &Format, column: &Column, cells: &[usize], field: &Field) -> Option<Made> {
        let made = Made {
            cells: cells.to_vec(),
            outer_blanks: format.outer_blanks,
            apostrophe: format.apostrophe,
            line_break: column.line_break.clone(),
            join: column.join.clone().unwrap_or_default(),
            part: column.part,
            codes: column.codes.clone(),
            other_codes: column.other_codes,
            value: column.value.clone(),
            is_text: field.kind.text_max().is_some(),
        };
        let as_it_is = cells.len() == 1
            && format.outer_blanks == OuterBlanks::Keep
            && format.apostrophe == Apostrophe::Keep
            && made.line_break.is_empty()
            && made.part == Part::Whole
            && made.codes.is_empty()
            && made.value.is_empty();
        (!as_it_is).then_some(made)
    }

    /// The text of a row's cells.
    ///
    /// # Errors
    /// A code that the table does not have, or a cell whose parts cannot be told.
    pub(super) fn text<'r>(&'r self, row: &'r Row) -> Result<Cow<'r, str>, Fault> {
        let mut text = match self.cells.as_slice() {
            [] => return Ok(Cow::Borrowed(&self.value)),
            [only] => self.cell(row, *only),
            several => Cow::Owned(self.joined(row, several)),
        };
        if self.part != Part::Whole {
            text = match text {
                Cow::Borrowed(text) => self.part(text).map(Cow::Borrowed)?,
                Cow::Owned(text) => Cow::Owned(self.part(&text)?.to_owned()),
            };
        }
        let bare = text.trim();
        if !bare.is_empty() && !self.codes.is_empty() {
            match (self.codes.get(bare), self.other_codes) {
                (Some(meaning), _) => text = Cow::Borrowed(meaning.as_str()),
                (None, OtherCodes::Keep) => {}
                (None, OtherCodes::Empty) => text = Cow::Borrowed(""),
                (None, OtherCodes::Refuse) => return Err(self.unknown_code(bare)),
            }
        }
        if text.trim().is_empty() { Ok(Cow::Borrowed(&self.value)) } else { Ok(text) }
    }

    fn joined(&self, row: &Row, cells: &[usize]) -> String {
        let mut joined = String::new();
        for &cell in cells {
            let text = self.cell(row, cell);
            let text = text.trim();
            if !text.is_empty() {
                if !joined.is_empty() {
                    joined.push_str(&self.join);
                }
                joined.push_str(text);
            }
        }
        joined
    }

    fn cell<'r>(&self, row: &'r Row, cell: usize) -> Cow<'r, str> {
        let mut text = row.cell(cell).unwrap_or_default();
        if self.is_text {
            text = match self.outer_blanks {
                OuterBlanks::Keep => text,
                OuterBlanks::End => text.trim_end(),
                OuterBlanks::Both => text.trim(),
            };
        }
        if self.apostrophe == Apostrophe::Remove {
            text = without_guard(text);
        }
        match self.line_break.as_str() {
            "" => Cow::Borrowed(text),
            sign if sign.eq_ignore_ascii_case("<br>") => broken_by_tags(text),
            sign if text.contains(sign) => Cow::Owned(text.replace(sign, "\n")),
            _ => Cow::Borrowed(text),
        }
    }

    fn part<'t>(&self, text: &'t str) -> Result<&'t str, Fault> {
        part::of(self.part, text).ok_or_else(|| Fault {
            code: code::NOT_SPLIT,
            message: format!("{} cannot be divided: nobody can tell where the postcode ends.", shown(text)),
            hint: "Write it as 8000 Aarhus C in the ERP system, or let it export postcode and city in columns of their \
                   own."
                .to_owned(),
        })
    }

    fn unknown_code(&self, text: &str) -> Fault {
        let mut known: Vec<String> = self.codes.keys().take(LISTED).map(|code| cut(code)).collect();
        if self.codes.len() > LISTED {
            known.push("…".to_owned());
        }
        Fault {
            code: code::UNKNOWN_CODE,
            message: format!("{} is not among the codes of this column.", shown(text)),
            hint: format!(
                "The format knows {}. Add the code to the column's table, or say there what other codes mean.",
                known.join(", ")
            ),
        }
    }
}

/// Without the apostrophe that keeps a spreadsheet from changing a number. That of `'t Hoen` or `'s-Gravenhage` stays.
fn without_guard(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit() || "+-=@".contains(c)) => rest,
        _ => text,
    }
}

/// With line breaks for `<br>`, `<BR/>` and `<br />`.
fn broken_by_tags(text: &str) -> Cow<'_, str> {
    if !text.contains('<') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        out.push_str(before);
        let length = tag.find('>').map_or(0, |end| end + 1);
        let name = tag[..length].trim_start_matches('<').trim_end_matches('>').trim_end_matches('/').trim();
        if length > 0 && name.eq_ignore_ascii_case("br") {
            out.push('\n');
            rest = &tag[length..];
        } else {
            out.push('<');
            rest = &tag[1..];
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}
