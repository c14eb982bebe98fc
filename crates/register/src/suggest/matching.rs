//! Which column is which field: how well each goes with each, and the best of all together.

use erpfile::suggest::{Question, Suggestion};

use super::looks::Look;
use super::named::{KeyName, Named, named};
use super::names::Name;
use super::presets::Known;
use super::vocabulary::Meaning;
use super::{ASKED, ProposedColumn, TAKEN, assign, called, title};
use crate::Register;

/// How much surer the column of the key must be than any other one.
const KEY_MARGIN: f64 = 0.1;

/// The same where the key is called an account: in the books that may be another number than the one by which people know
/// the customer, which is then called a code.
const ACCOUNT_MARGIN: f64 = 0.2;

/// Below this confidence a column is not the customer's own address or telephone where it can be a contact's.
const ALONE: f64 = 0.7;

/// From here on a column is another field than the key beyond doubt.
const SURE: f64 = 0.8;

/// From here on the values of a column can be names.
const NAME_LIKE: f64 = 0.25;

/// How much more it counts that the fields every record needs get their columns.
const NEEDED: f64 = 1.5;

/// How well each column goes with each field of a register.
pub(super) struct Matching {
    pub(super) register: &'static Register,
    /// For each field of the register how sure each column is it.
    pub(super) scores: Vec<Vec<f64>>,
    assigned: Vec<Option<usize>>,
    named: Named,
}

impl Matching {
    pub(super) fn new(
        register: &'static Register,
        found: &Suggestion,
        looks: &[Look],
        preset: Option<&Known>,
    ) -> Matching {
        let named = named(register, found, looks, preset);
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
        let mut matching = Matching { register, scores, assigned: Vec::new(), named };
        // The key first: a short number looks like a postcode, and what stands beside it like a city.
        let nameless = found.header.is_empty() && preset.is_none();
        if nameless {
            matching.first_key(looks);
        }
        matching.beside_postcode(looks);
        if nameless {
            matching.first_name(looks);
        }
        matching.without_others("address2", "address1");
        matching.without_others("contact_email", "email");
        matching.without_others("contact_phone", "phone");
        matching.without_other_fields();
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
    fn beside_postcode(&mut self, looks: &[Look]) {
        let named = &self.named;
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

    /// Where a contact has the only address or telephone of a file, it is the customer's; and the only line of an address is
    /// its first one.
    fn without_others(&mut self, others: &str, own: &str) {
        let (Some(others), Some(own)) = (self.register.index(others), self.register.index(own)) else {
            return;
        };
        if self.scores[own].iter().all(|score| *score < ALONE) {
            for column in 0..self.scores[own].len() {
                let theirs = std::mem::take(&mut self.scores[others][column]);
                self.scores[own][column] = self.scores[own][column].max(theirs * 0.9);
            }
        }
    }

    /// A column that is rather another field is not the key, however much every record needs one: a postal code.
    fn without_other_fields(&mut self) {
        let Some(key) = self.register.index(self.register.key) else { return };
        for column in 0..self.scores[key].len() {
            if self.best_other(key, column) > self.scores[key][column] {
                self.scores[key][column] = 0.0;
            }
        }
    }

    /// How well a column goes with the best other field than `at`.
    fn best_other(&self, at: usize, column: usize) -> f64 {
        let others = self.scores.iter().enumerate().filter(|(other, _)| *other != at);
        others.map(|(_, scores)| scores[column]).fold(0.0, f64::max)
    }

    /// Without a header the first column that can be the key may be it.
    fn first_key(&mut self, looks: &[Look]) {
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
    }

    /// Without a header the first column of names may be the name.
    fn first_name(&mut self, looks: &[Look]) {
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
    pub(super) fn evidence(&self) -> f64 {
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
    pub(super) fn columns(
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
            let Some(column) = self.assigned[at] else {
                if field.name == self.register.title_field {
                    self.title(found, looks, questions);
                }
                continue;
            };
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

    /// Asks for the column that people know a record by, where values of one could be it.
    fn title(&self, found: &Suggestion, looks: &[Look], questions: &mut Vec<Question>) {
        let Some(field) = self.register.field(self.register.title_field) else { return };
        let free = |column: &usize| {
            !self.assigned.contains(&Some(*column)) && looks[*column].speaks_for(field) > NAME_LIKE
        };
        let choices: Vec<String> =
            (0..looks.len()).filter(free).take(6).map(|column| title(found, column)).collect();
        if !choices.is_empty() {
            questions.push(Question {
                key: "columns",
                sentence: format!("Which column is the {}?", field.label.to_lowercase()),
                choices,
            });
        }
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
        let name = assigned.and_then(|column| found.header.get(column)).map(|name| Name::of(name));
        let is_account = name.is_some_and(|name| {
            name.meanings.contains(&Meaning::Account) && !name.meanings.contains(&Meaning::Customer)
        });
        let margin = if is_account { ACCOUNT_MARGIN } else { KEY_MARGIN };
        let rivals: Vec<usize> = (0..scores.len())
            .filter(|column| {
                Some(*column) != assigned && scores[*column] > 0.0 && scores[*column] > sure - margin
            })
            .filter(|column| !self.is_elsewhere(at, *column))
            .collect();
        let likely: Vec<usize> = (0..looks.len()).filter(|column| looks[*column].is_key_like()).collect();
        // Every column of another field has different values in a few rows.
        let free: Vec<usize> =
            likely.iter().copied().filter(|column| !self.is_surely_elsewhere(at, *column)).collect();
        let is_plain = |column: usize| match self.named.key_name(column) {
            KeyName::Plain => true,
            KeyName::OfRecord => !free.iter().any(|other| *other != column && self.named.is_unknown(*other)),
            KeyName::OfAnything => false,
        };
        // A column that is called so, though its values repeat: those of the other one may be of something else.
        let called = |column: usize| self.named.of(column, self.register.key);
        let better = (0..looks.len()).filter(|column| {
            !looks[*column].is_constant()
                && assigned.is_some_and(|assigned| called(*column) > called(assigned))
                && !self.is_surely_elsewhere(at, *column)
        });
        let better: Vec<usize> = better.collect();
        if let Some(column) = assigned
            && sure >= TAKEN + 0.05
            && rivals.is_empty()
            && better.is_empty()
            && !looks[column].cannot_be_key()
            && is_plain(column)
        {
            columns[column].field = Some(self.register.key);
            columns[column].confidence = rounded(sure);
            return;
        }
        let mut choices: Vec<usize> = assigned.into_iter().chain(rivals).collect();
        choices.extend(better.into_iter().filter(|column| !choices.contains(column)).collect::<Vec<_>>());
        choices.extend(free.into_iter().filter(|column| !choices.contains(column)).collect::<Vec<_>>());
        if choices.is_empty() {
            choices = likely;
        }
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

    /// Whether a column is another field than `at` beyond doubt.
    fn is_surely_elsewhere(&self, at: usize, column: usize) -> bool {
        self.assigned.iter().enumerate().any(|(other, assigned)| {
            other != at && *assigned == Some(column) && self.scores[other][column] > SURE
        })
    }

    /// Whether a column is more likely another field than `at`.
    fn is_elsewhere(&self, at: usize, column: usize) -> bool {
        self.assigned.iter().enumerate().any(|(other, assigned)| {
            other != at && *assigned == Some(column) && self.scores[other][column] > self.scores[at][column]
        })
    }
}

fn rounded(score: f64) -> f64 {
    (score.clamp(0.0, 0.99) * 100.0).round() / 100.0
}
