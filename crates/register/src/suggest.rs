//! Says what a file is: how it is to be read, which register it is for, and which column is which field.
//!
//! A column is told by the meaning of its name and by the look of its values; all columns together are assigned to
//! fields so that the total is the best. What stays unsure is a [`Question`], and the key is never guessed.

mod assign;
mod checks;
mod contacts;
mod looks;
mod made;
mod names;
mod onto;
mod presets;
mod rules;
#[cfg(test)]
mod tests;
mod vocabulary;

use erpfile::suggest::{Question, Sample, SampleError, Suggestion, suggest};
use erpfile::{Column, ColumnFrom, Format, Limits};

use self::looks::Look;
use self::made::Making;
use self::names::Name;
use self::presets::Known;
use crate::own_fields::{OwnField, with};
use crate::{CUSTOMERS, PRODUCTS, Register};

/// From this confidence on a column is taken for a field without asking.
const TAKEN: f64 = 0.5;

/// From this confidence on a column is asked about.
const ASKED: f64 = 0.3;

/// How much surer the column of the key must be than any other one.
const KEY_MARGIN: f64 = 0.1;

/// Below this confidence a column is not the customer's own address or telephone where it can be a contact's.
const ALONE: f64 = 0.7;

/// How sure a column is that is called as a field is.
const LABELLED: f64 = 0.95;

/// How much more it counts that the fields every record needs get their columns.
const NEEDED: f64 = 1.5;

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
        || (name.is_known() && name.unknown == 0 && name.meanings.len() < 5)
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
    making.codes(&mut columns, &mut format.columns, &mut questions);
    format.repeated = repeated;
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

/// How well each column goes with each field of a register.
struct Matching {
    register: &'static Register,
    /// For each field of the register how sure each column is it.
    scores: Vec<Vec<f64>>,
    assigned: Vec<Option<usize>>,
}

impl Matching {
    fn new(
        register: &'static Register,
        found: &Suggestion,
        looks: &[Look],
        preset: Option<&Known>,
    ) -> Matching {
        let named = named(register, found, preset);
        let mut scores: Vec<Vec<f64>> = vec![vec![0.0; looks.len()]; register.fields.len()];
        for (column, look) in looks.iter().enumerate() {
            for (at, field) in register.fields.iter().enumerate() {
                let name = named.of(column, field.name);
                let value = look.speaks_for(field);
                scores[at][column] =
                    if value >= 0.0 { name * (0.93 + 0.07 * value) } else { name * (1.0 + 0.75 * value) };
            }
            if let Some((field, sure)) = look.alone().filter(|_| named.is_unknown(column))
                && let Some(at) = register.index(field)
            {
                scores[at][column] = scores[at][column].max(sure);
            }
        }
        if !found.format.records.is_empty() {
            // It tells one kind of line from another.
            scores.iter_mut().filter_map(|scores| scores.first_mut()).for_each(|score| *score = 0.0);
        }
        let mut matching = Matching { register, scores, assigned: Vec::new() };
        matching.beside_postcode(looks, &named);
        if found.header.is_empty() && preset.is_none() {
            matching.without_header(looks);
        }
        matching.without_others("contact_email", "email");
        matching.without_others("contact_phone", "phone");
        let worth = |at: usize| -> Vec<f64> {
            let field = register.fields[at].name;
            let weight = if field == register.key || field == register.title_field { NEEDED } else { 1.0 };
            matching.scores[at]
                .iter()
                .map(|score| if *score < ASKED { 0.0 } else { score * weight })
                .collect()
        };
        let worth: Vec<Vec<f64>> = (0..register.fields.len()).map(worth).collect();
        matching.assigned = assign::best(&worth);
        matching
    }

    /// A column of words beside the postcode is the city, where nothing is known of its name, or where it is one of
    /// several lines of an address and no other column is the city.
    fn beside_postcode(&mut self, looks: &[Look], named: &Named) {
        let (Some(postcode), Some(city)) = (self.register.index("postcode"), self.register.index("city"))
        else {
            return;
        };
        let city_field = &self.register.fields[city];
        let no_other = self.scores[city].iter().all(|score| *score < TAKEN);
        for column in 0..looks.len() {
            let next = column + 1;
            if self.scores[postcode][column] < TAKEN
                || looks.get(next).is_none_or(|look| look.speaks_for(city_field) <= 0.3)
            {
                continue;
            }
            let line = no_other && named.of(next, "address1").max(named.of(next, "address2")) > 0.0;
            let further = named.of(next, "address1") < 0.7;
            if named.is_unknown(next) || line && further {
                self.scores[city][next] = self.scores[city][next].max(0.64);
                for (at, scores) in self.scores.iter_mut().enumerate() {
                    if at != city {
                        scores[next] *= 0.5;
                    }
                }
            }
        }
    }

    /// Where a contact has the only address or telephone of a file, it is the customer's.
    fn without_others(&mut self, contacts: &str, own: &str) {
        let (Some(contacts), Some(own)) = (self.register.index(contacts), self.register.index(own)) else {
            return;
        };
        if self.scores[own].iter().all(|score| *score < ALONE) {
            for column in 0..self.scores[own].len() {
                let theirs = std::mem::take(&mut self.scores[contacts][column]);
                self.scores[own][column] = self.scores[own][column].max(theirs * 0.9);
            }
        }
    }

    /// Without a header the first column that can be the key may be it, and the first of names the name.
    fn without_header(&mut self, looks: &[Look]) {
        let first = looks.iter().take(3).position(Look::is_key_like);
        if let (Some(column), Some(key)) = (first, self.register.index(self.register.key)) {
            let counts = looks[column].counts_up_from_one();
            let before_is_text = looks[..column]
                .iter()
                .any(|look| look.filled > 0 && look.speaks_for(&self.register.fields[1]) > 0.0);
            let sure = if counts || before_is_text || looks[column].rows < 3 { ASKED + 0.05 } else { 0.7 };
            self.scores[key][column] = self.scores[key][column].max(sure);
            for (at, scores) in self.scores.iter_mut().enumerate() {
                if at != key && sure > TAKEN {
                    scores[column] *= 0.5;
                }
            }
        }
        let (Some(name), Some(field)) = (self.register.index("name"), self.register.field("name")) else {
            return;
        };
        let taken = |column: usize, scores: &[Vec<f64>]| {
            scores.iter().enumerate().any(|(at, scores)| at != name && scores[column] > TAKEN)
        };
        let names = (0..looks.len())
            .find(|column| looks[*column].speaks_for(field) > 0.25 && !taken(*column, &self.scores));
        if let Some(column) = names {
            self.scores[name][column] = self.scores[name][column].max(0.62);
        }
    }

    /// How much speaks for this register: the fields that other registers do not have.
    fn evidence(&self) -> f64 {
        let others = |name: &str| {
            crate::REGISTERS
                .iter()
                .any(|other| other.name != self.register.name && other.field(name).is_some())
        };
        let own = self.register.fields.iter().enumerate().filter(|(_, field)| !others(field.name));
        let own: f64 = own
            .filter_map(|(at, _)| Some(self.scores[at][self.assigned[at]?]))
            .filter(|score| *score >= TAKEN)
            .sum();
        // The key's name says it as well: an article number is no customer's.
        let key = self.register.index(self.register.key);
        let key = key.and_then(|at| Some(self.scores[at][self.assigned[at]?])).unwrap_or(0.0);
        own + if key > 0.88 { 2.0 * key } else { 0.0 }
    }

    /// The columns with their fields; what is unsure becomes a question.
    fn columns(
        &self,
        found: &Suggestion,
        looks: &[Look],
        questions: &mut Vec<Question>,
    ) -> Vec<ProposedColumn> {
        let mut columns: Vec<ProposedColumn> = (0..found.width())
            .map(|column| ProposedColumn {
                position: u32::try_from(column + 1).unwrap_or(u32::MAX),
                header: found.header.get(column).cloned().unwrap_or_default(),
                field: None,
                confidence: 0.0,
            })
            .collect();
        for (at, field) in self.register.fields.iter().enumerate() {
            if field.name == self.register.key {
                self.key(at, found, looks, &mut columns, questions);
                continue;
            }
            let Some(column) = self.assigned[at] else { continue };
            let score = self.scores[at][column];
            if columns[column].field.is_some() {
                continue;
            }
            if score >= TAKEN {
                columns[column].field = Some(field.name);
                columns[column].confidence = rounded(score);
            } else if self.register.list.contains(&field.name) || field.name == "address1" {
                questions.push(Question {
                    key: "columns",
                    sentence: format!("Is {} the {}?", called(found, column), field.label.to_lowercase()),
                    choices: vec![title(found, column)],
                });
            }
        }
        columns
    }

    /// The key is taken only when nothing else comes near, and every row has one.
    fn key(
        &self,
        at: usize,
        found: &Suggestion,
        looks: &[Look],
        columns: &mut [ProposedColumn],
        questions: &mut Vec<Question>,
    ) {
        let scores = &self.scores[at];
        let assigned = self.assigned[at];
        let sure = assigned.map_or(0.0, |column| scores[column]);
        let rivals: Vec<usize> = (0..scores.len())
            .filter(|column| {
                Some(*column) != assigned && scores[*column] > 0.0 && scores[*column] > sure - KEY_MARGIN
            })
            .filter(|column| !self.is_elsewhere(at, *column))
            .collect();
        let holds = assigned.is_some_and(|column| !looks[column].cannot_be_key());
        if let Some(column) = assigned
            && sure >= TAKEN + 0.05
            && rivals.is_empty()
            && holds
        {
            columns[column].field = Some(self.register.key);
            columns[column].confidence = rounded(sure);
            return;
        }
        let mut choices: Vec<usize> = assigned.into_iter().chain(rivals).collect();
        let likely = (0..looks.len()).filter(|column| looks[*column].is_key_like());
        choices.extend(likely.filter(|column| !choices.contains(column)).collect::<Vec<_>>());
        questions.push(Question {
            key: "columns",
            sentence: format!(
                "Which column is the {} that tells one {} from another?",
                self.register.fields[at].label.to_lowercase(),
                self.register.singular
            ),
            choices: choices.into_iter().take(6).map(|column| title(found, column)).collect(),
        });
    }

    /// Whether a column is surely another field than `at`.
    fn is_elsewhere(&self, at: usize, column: usize) -> bool {
        self.assigned.iter().enumerate().any(|(other, assigned)| {
            other != at && *assigned == Some(column) && self.scores[other][column] > self.scores[at][column]
        })
    }
}

fn rounded(score: f64) -> f64 {
    (score.clamp(0.0, 0.99) * 100.0).round() / 100.0
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

/// What the names of the columns say.
struct Named {
    /// For each column the fields that its name stands for.
    fields: Vec<Vec<(&'static str, f64)>>,
    unknown: Vec<bool>,
}

impl Named {
    fn of(&self, column: usize, field: &str) -> f64 {
        let fields = self.fields.get(column).into_iter().flatten();
        fields.filter(|(name, _)| *name == field).map(|(_, score)| *score).fold(0.0, f64::max)
    }

    /// Whether nothing is known of a column's name.
    fn is_unknown(&self, column: usize) -> bool {
        self.unknown.get(column).copied().unwrap_or(true)
    }
}

fn named(register: &'static Register, found: &Suggestion, preset: Option<&Known>) -> Named {
    let rules = if register.name == CUSTOMERS.name { rules::CUSTOMER_RULES } else { rules::PRODUCT_RULES };
    let prefix = names::prefix(&found.header);
    let mut named = Named { fields: Vec::new(), unknown: Vec::new() };
    // Technical names with the short name of their table before them.
    let tail = |header: &str| Name::of(header).plain.get(2..).and_then(rules::technical);
    let is_table =
        |header: &&String| header.len() > 4 && !header.contains(char::is_lowercase) && tail(header).is_some();
    let tables = found.header.iter().filter(is_table).count() > 3;
    let company = found.header.iter().any(|header| Name::of(header).is_only(vocabulary::Meaning::Company));
    for column in 0..found.width() {
        let mut fields: Vec<(&'static str, f64)> = Vec::new();
        let mut known = false;
        let header = found.header.get(column).map(String::as_str);
        let stripped = header.and_then(|header| header.strip_prefix(prefix.as_deref()?));
        for header in [header, stripped].into_iter().flatten() {
            let name = Name::of(header);
            known |= name.is_known();
            fields.extend(rules::fields(rules, &name));
            if register.name == CUSTOMERS.name
                && let Some(field) = rules::technical(&name.plain)
            {
                fields.push((field, 0.95));
            }
            let lower = header.trim().to_lowercase();
            let own = register
                .fields
                .iter()
                .filter(|field| field.name == lower || field.label.to_lowercase() == lower);
            fields.extend(own.map(|field| (field.name, LABELLED)));
            // Where a company has a column of its own, a name is a person's.
            if company && name.is_only(vocabulary::Meaning::Name) && name.index.is_none() {
                fields.iter_mut().filter(|(field, _)| *field == "name").for_each(|(_, score)| *score -= 0.12);
                fields.push(("contact", 0.7));
            }
        }
        if let Some(field) = header.filter(|_| tables && register.name == CUSTOMERS.name).and_then(tail) {
            fields = vec![(field, 0.85)];
            known = true;
        }
        if let Some(field) = preset.and_then(|preset| *preset.columns.get(column)?) {
            known = true;
            fields = field.map(|field| (field, 0.99)).into_iter().collect();
        }
        named.unknown.push(!known && fields.is_empty());
        named.fields.push(fields);
    }
    named
}
