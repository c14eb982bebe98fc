//! Says what a file is: how it is to be read, which register it is for, and which column is which field.
//!
//! A column is told by the meaning of its name and by the look of its values; all columns together are assigned to
//! fields so that the total is the best. What stays unsure is a [`Question`], and the key is never guessed.

mod assign;
mod checks;
mod contacts;
mod doubts;
mod looks;
mod made;
mod matching;
mod named;
mod names;
mod onto;
mod presets;
mod rules;
#[cfg(test)]
mod tests;
mod vocabulary;
mod written;

use erpfile::suggest::{Question, Sample, SampleError, Suggestion, suggest};
use erpfile::{Column, ColumnFrom, Format, Limits};

use self::looks::Look;
use self::made::Making;
use self::matching::Matching;
use self::names::Name;
use self::vocabulary::Meaning;
use crate::own_fields::{OwnField, with};
use crate::{CUSTOMERS, PRODUCTS, Register};

/// From this confidence on a column is taken for a field without asking.
const TAKEN: f64 = 0.5;

/// From this confidence on a column is asked about.
const ASKED: f64 = 0.3;

/// How sure a column is that is called as a field is.
const LABELLED: f64 = 0.95;

/// What a file seems to be.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// The format, ready to be used but for its name, its file name and the answers to the questions.
    pub format: Format,
    /// What was found out of the file itself.
    pub found: Suggestion,
    /// The known system that writes such files: `DATEV Debitoren (EXTF)`.
    pub preset: Option<&'static str>,
    /// The register that the file is for, if it can be told.
    pub register: Option<&'static Register>,
    /// Every column of the file.
    pub columns: Vec<ProposedColumn>,
    /// What a person must say.
    pub questions: Vec<Question>,
}

/// A column of the file.
#[derive(Clone, Debug, PartialEq)]
pub struct ProposedColumn {
    /// Its place, from 1.
    pub position: u32,
    /// Its name in the file; empty without a header.
    pub header: String,
    /// The field that it is taken for; `None` when it is none or unsure.
    pub field: Option<&'static str>,
    /// How sure that is, from 0 to 1.
    pub confidence: f64,
}

impl Proposal {
    /// Takes columns that are no field yet for the fields that an administrator has declared, by their names.
    pub fn add_own_fields(&mut self, own: &[OwnField]) {
        let Some(register) = self.register.map(|register| with(register, own)) else { return };
        let own = |name: &str| register.field(name).is_some_and(|field| field.own);
        let fields = by_names(register, &self.found.header);
        for (column, field) in self.columns.iter_mut().zip(fields) {
            if let Some(field) = field.filter(|field| column.field.is_none() && own(field)) {
                (column.field, column.confidence) = (Some(field), LABELLED);
                self.format.columns.push(Column::new(from(column, &self.found.header), field));
            }
        }
    }
}

/// Whether a text is the name of a column in some language.
pub fn is_column_name(text: &str) -> bool {
    let text = text.trim();
    if text.is_empty() || text.len() > 60 || text.contains('@') {
        return false;
    }
    let name = Name::of(text);
    rules::technical(&name.plain).is_some()
        || (name.is_known() && !name.is_only(Meaning::Main) && name.unknown == 0 && name.meanings.len() < 5)
}

/// Says what the file is that `sample` was taken from.
///
/// # Errors
/// A sentence when nothing can be said of it.
pub fn propose(sample: &Sample, limits: Limits) -> Result<Proposal, SampleError> {
    let found = suggest(sample, &is_column_name, limits)?;
    Ok(of(found))
}

/// The same, of what was found out of the file itself.
fn of(found: Suggestion) -> Proposal {
    let looks: Vec<Look> = (0..found.width()).map(|column| Look::of(found.values(column))).collect();
    let preset = presets::find(&found);
    let customers = Matching::new(&CUSTOMERS, &found, &looks, preset.as_ref());
    let products = Matching::new(&PRODUCTS, &found, &looks, None);
    let (matching, register) = if preset.is_none() && products.evidence() > customers.evidence() {
        (products, Some(&PRODUCTS))
    } else {
        let told = preset.is_some() || customers.evidence() > 0.0;
        (customers, told.then_some(&CUSTOMERS))
    };
    let mut questions = found.questions.clone();
    let mut columns = matching.columns(&found, &looks, &mut questions);
    let repeated = contacts::propose(matching.register, &found, &mut columns);
    let making = Making { register: matching.register, found: &found, looks: &looks };
    making.names(&mut columns);
    making.house(&mut columns);
    making.place(&mut columns);
    making.thousands(&columns, &mut questions);
    if register.is_none() {
        questions.push(Question {
            key: "register",
            sentence: "What does the file hold?".to_owned(),
            choices: crate::REGISTERS.iter().map(|register| register.name.to_owned()).collect(),
        });
    }
    let mut format = found.format.clone();
    format.register = matching.register.name.to_owned();
    format.columns = contacts::columns(&columns, &found.header);
    making.columns(&columns, &mut format.columns);
    making.countries(&mut columns, &mut format.columns);
    making.codes(&mut columns, &mut format.columns, &mut questions);
    doubts::refused(matching.register, &found, &mut columns, &mut format, &mut questions);
    doubts::nameless(matching.register, &found, &columns, &format, &mut questions);
    format.repeated = repeated;
    if let Some(preset) = &preset {
        written::settle(preset.name, &found, &mut format);
    }
    Proposal { format, found, preset: preset.map(|preset| preset.name), register, columns, questions }
}

/// The field that each of these columns is by its name alone; `None` where that is unsure.
pub fn by_names(register: &'static Register, header: &[String]) -> Vec<Option<&'static str>> {
    let found = Suggestion {
        format: Format::default(),
        encoding: None,
        layout_confidence: 1.0,
        decimal_separator: None,
        unclear_thousands: Vec::new(),
        date_format: None,
        header: header.to_vec(),
        rows: Vec::new(),
        questions: Vec::new(),
    };
    let looks: Vec<Look> = (0..found.width()).map(|column| Look::of(found.values(column))).collect();
    let matching = Matching::new(register, &found, &looks, None);
    let mut columns = matching.columns(&found, &looks, &mut Vec::new());
    for (at, column) in
        columns.iter_mut().enumerate().filter(|(_, column)| column.field == Some(register.key))
    {
        // Any column that can be the key is better than none; but by its name alone it may rather be something else.
        let score = |field: &usize| matching.scores[*field][at];
        let best = (0..register.fields.len()).max_by(|one, other| score(one).total_cmp(&score(other)));
        column.field = best.map(|best| register.fields[best].name);
    }
    contacts::propose(register, &found, &mut columns);
    columns.into_iter().map(|column| column.field).collect()
}

/// How the format finds a column: by its name, where no other column has it.
fn from(column: &ProposedColumn, header: &[String]) -> ColumnFrom {
    let name = column.header.trim();
    let same = header.iter().filter(|other| other.trim().eq_ignore_ascii_case(name)).count();
    if name.is_empty() || same != 1 || name.contains(['\n', '\r']) {
        ColumnFrom::Position(column.position)
    } else {
        ColumnFrom::Name(name.to_owned())
    }
}

/// A column as a choice: its name, or its place.
fn title(found: &Suggestion, column: usize) -> String {
    match found.header.get(column).map(|name| name.trim()) {
        Some(name) if !name.is_empty() => name.to_owned(),
        _ => format!("#{}", column + 1),
    }
}

/// A column in a sentence, with a value of it.
fn called(found: &Suggestion, column: usize) -> String {
    let value = found.values(column).find(|value| !value.trim().is_empty());
    let value =
        value.map(|value| format!(" (such as “{}”)", crate::field::cut(value.trim()))).unwrap_or_default();
    format!("column {}{value}", title(found, column))
}
