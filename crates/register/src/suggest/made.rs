//! Fields that are not a column as it stands: names in two columns, postcode and city in one, days as a spreadsheet counts
//! them, and words that stand for yes and no.

use std::collections::BTreeMap;

use erpfile::suggest::{Question, Suggestion};
use erpfile::{Column, EXCEL_DATES, OtherCodes, Part, Thousands};

use super::looks::Look;
use super::named::named;
use super::names::Name;
use super::vocabulary::Meaning;
use super::{ASKED, ProposedColumn, TAKEN, called, checks, from, title};
use crate::mapping::part_of;
use crate::{Kind, Register, search};

/// How sure a name is that is put together.
const JOINED: f64 = 0.8;

/// How sure a part of a column is.
const DIVIDED: f64 = 0.85;

/// How sure the translation of a code is.
const TRANSLATED: f64 = 0.75;

/// What some programs write for a line break.
const LINE_BREAK: &str = "<br>";

/// The countries whose vehicles carry one letter, or three that are not those of ISO 3166.
const VEHICLES: &[(&str, &str)] = &[
    ("A", "AT"),
    ("B", "BE"),
    ("D", "DE"),
    ("E", "ES"),
    ("F", "FR"),
    ("FIN", "FI"),
    ("FL", "LI"),
    ("H", "HU"),
    ("I", "IT"),
    ("L", "LU"),
    ("N", "NO"),
    ("P", "PT"),
    ("S", "SE"),
];

/// The most different values that can be codes for yes and no.
const CODES: usize = 5;

/// What stands for yes and no in a column of states, folded: for `inactive` and for `blocked`.
const STATES: &[(&str, &[&str], &[&str])] = &[
    (
        "inactive",
        &[
            "inactive",
            "inaktiv",
            "inaktiivinen",
            "inactief",
            "inactif",
            "passive",
            "passiv",
            "closed",
            "lukket",
            "stangd",
            "stengt",
            "geschlossen",
            "gesloten",
            "ferme",
            "archived",
            "udgaet",
            "utgatt",
        ],
        &[
            "active",
            "aktiv",
            "aktiivinen",
            "actief",
            "actif",
            "open",
            "aben",
            "oppen",
            "apen",
            "offen",
            "ouvert",
        ],
    ),
    (
        "blocked",
        &[
            "blocked",
            "blokeret",
            "spaerret",
            "sperret",
            "sparrad",
            "gesperrt",
            "geblokkeerd",
            "bloque",
            "locked",
        ],
        &[
            "active", "aktiv", "actief", "actif", "open", "aben", "oppen", "apen", "offen", "ok", "free",
            "fri", "frei",
        ],
    ),
];

/// Whether a name stands for the first or the last name of a person.
fn is_part(header: &str, part: Meaning) -> bool {
    let name = Name::of(header);
    let (word, other) = match part {
        Meaning::FirstName => (Meaning::First, Meaning::LastName),
        _ => (Meaning::Last, Meaning::FirstName),
    };
    let has = |meaning: Meaning| name.meanings.contains(&meaning);
    let known = [part, word, Meaning::Name, Meaning::Contact, Meaning::Customer];
    name.unknown == 0
        && name.index.is_none()
        && (has(part) || has(word) && has(Meaning::Name))
        && !has(other)
        && name.meanings.iter().all(|meaning| known.contains(meaning))
}

/// What the file shows.
pub(super) struct Making<'a> {
    pub(super) register: &'static Register,
    pub(super) found: &'a Suggestion,
    pub(super) looks: &'a [Look],
}

impl Making<'_> {
    fn has(&self, columns: &[ProposedColumn], field: &str) -> bool {
        columns.iter().any(|column| column.field == Some(field))
    }

    /// First and last name, where nothing else is the name: of a person who is the customer, or the customer's contact.
    pub(super) fn names(&self, columns: &mut [ProposedColumn]) {
        let only = |columns: &[ProposedColumn], meaning: Meaning| {
            let mut of = (0..columns.len()).filter(|at| is_part(&columns[*at].header, meaning));
            let first = of.next();
            first.filter(|_| of.next().is_none())
        };
        // Beside a first name, a name that is nothing more is the last name, where the customer has another one.
        let plain = |columns: &[ProposedColumn]| {
            let is_plain = |column: &ProposedColumn| {
                let name = Name::of(&column.header);
                name.is_only(Meaning::Name) && name.index.is_none() && column.field != Some("name")
            };
            let mut of = (0..columns.len()).filter(|at| is_plain(&columns[*at]));
            of.next().filter(|_| of.next().is_none() && self.has(columns, "name"))
        };
        let last = only(columns, Meaning::LastName).or_else(|| plain(columns));
        let (Some(first), Some(last)) = (only(columns, Meaning::FirstName), last) else { return };
        let ours =
            |column: &ProposedColumn| matches!(column.field, None | Some("name" | "name2" | "contact"));
        if !ours(&columns[first]) || !ours(&columns[last]) {
            return;
        }
        let other = |field: &str| {
            columns
                .iter()
                .enumerate()
                .any(|(at, column)| at != first && at != last && column.field == Some(field))
        };
        let field = ["name", "contact"].into_iter().find(|field| !other(field));
        let Some(field) = field.filter(|field| self.register.field(field).is_some()) else { return };
        for at in [first, last] {
            (columns[at].field, columns[at].confidence) = (Some(field), JOINED);
        }
    }

    /// House numbers, and what is added to them, right of the street that they belong to.
    pub(super) fn house(&self, columns: &mut [ProposedColumn]) {
        let Some(street) = columns.iter().position(|column| column.field == Some("address1")) else { return };
        let has_house = Name::of(&columns[street].header).meanings.contains(&Meaning::House);
        let numbered = self.found.values(street).filter(|value| value.contains(|c: char| c.is_ascii_digit()));
        if has_house || numbered.count() * 2 > self.looks[street].filled {
            return;
        }
        for column in columns[street + 1..].iter_mut() {
            let name = Name::of(&column.header);
            let is_house = name.meanings.contains(&Meaning::House)
                && name.unknown == 0
                && name.meanings.iter().all(|meaning| {
                    matches!(
                        meaning,
                        Meaning::House | Meaning::Number | Meaning::Customer | Meaning::Main | Meaning::Other
                    )
                });
            if !is_house || column.field.is_some() {
                break;
            }
            (column.field, column.confidence) = (Some("address1"), JOINED);
        }
    }

    /// Countries as vehicles carry them (`D`, `A`, `F`), where all others are countries as well.
    pub(super) fn countries(&self, proposed: &mut [ProposedColumn], columns: &mut Vec<Column>) {
        let named = named(self.register, self.found, self.looks, None);
        let taken = proposed.iter().position(|column| column.field == Some("country"));
        let is_free = |at: &usize| proposed[*at].field.is_none() && named.of(*at, "country") > TAKEN;
        let at = taken.or_else(|| (0..proposed.len()).find(is_free));
        let Some(at) = at.filter(|_| self.register.field("country").is_some()) else { return };
        let (mut some, mut all) = (false, true);
        for value in self.found.values(at).map(str::trim).filter(|value| !value.is_empty()) {
            let known = checks::is_country_code(value) || checks::is_country_name(value);
            let of_vehicles = !known && VEHICLES.iter().any(|(code, _)| *code == value);
            some |= of_vehicles;
            all &= known || of_vehicles;
        }
        if !some || !all {
            return;
        }
        let from = from(&proposed[at], &self.found.header);
        (proposed[at].field, proposed[at].confidence) = (Some("country"), TRANSLATED);
        columns.retain(|column| column.field != "country");
        let codes = VEHICLES.iter().map(|(code, country)| ((*code).to_owned(), (*country).to_owned()));
        let translated =
            Column { codes: codes.collect(), other_codes: OtherCodes::Keep, ..Column::new(from, "country") };
        columns.push(translated);
    }

    /// A column that holds postcode and city, where no other one holds either.
    pub(super) fn place(&self, columns: &mut [ProposedColumn]) {
        if self.register.field("postcode").is_none() {
            return;
        }
        let divided = |at: &usize| {
            let mut values =
                self.found.values(*at).map(str::trim).filter(|value| !value.is_empty()).peekable();
            values.peek().is_some()
                && self.looks[*at].is_post_and_city()
                && values.all(|value| {
                    [Part::Postcode, Part::City].into_iter().all(|part| part_of(part, value).is_some())
                })
        };
        let mut of = (0..columns.len()).filter(divided);
        let (Some(at), None) = (of.next(), of.next()) else { return };
        let free = matches!(columns[at].field, None | Some("postcode" | "city" | "address2"));
        let elsewhere = |field: &str| {
            columns.iter().enumerate().any(|(other, column)| other != at && column.field == Some(field))
        };
        if free && !elsewhere("postcode") && !elsewhere("city") {
            (columns[at].field, columns[at].confidence) = (Some("city"), DIVIDED);
        }
    }

    /// Asks what numbers are that could have thousands or three decimals, where a field of numbers gets some.
    pub(super) fn thousands(&self, proposed: &[ProposedColumn], questions: &mut Vec<Question>) {
        let is_number = |at: usize| {
            let field = proposed.get(at).and_then(|column| self.register.field(column.field?));
            field.is_some_and(|field| matches!(field.kind, Kind::Decimal { .. }))
        };
        if let Some((at, value)) = self.found.unclear_thousands.iter().find(|(at, _)| is_number(*at)) {
            questions.push(Question {
                key: "thousands",
                sentence: format!(
                    "Does {value} in column {} have thousands? As long as nobody says so, such numbers are refused; if \
                     it has three decimals, say what separates them.",
                    title(self.found, *at)
                ),
                choices: Thousands::ALL.iter().rev().map(|choice| choice.word().to_owned()).collect(),
            });
        }
    }

    /// What is made of the cells of the columns of a format.
    pub(super) fn columns(&self, proposed: &[ProposedColumn], columns: &mut Vec<Column>) {
        for (at, column) in proposed.iter().enumerate() {
            let Some(field) = column.field else { continue };
            let Some(made) = columns.iter_mut().find(|made| made.field == field) else { continue };
            let is_date = self.register.field(field).is_some_and(|field| field.kind == Kind::Date);
            if is_date && self.looks[at].counts_days() {
                made.date_format = EXCEL_DATES.to_owned();
            }
            let is_text = self.register.field(field).is_some_and(|field| field.kind.text_max().is_some());
            let broken = |value: &str| value.to_ascii_lowercase().contains("<br");
            if is_text && self.found.values(at).any(broken) {
                made.line_break = LINE_BREAK.to_owned();
            }
            // The first name comes first, whichever column does.
            let is_first = is_part(&column.header, Meaning::FirstName);
            if is_first && made.from.len() == 2 && made.from[1] == from(column, &self.found.header) {
                made.from.swap(0, 1);
            }
            if field == "city" && self.looks[at].is_post_and_city() && !self.has(proposed, "postcode") {
                made.part = Part::City;
                let postcode = Column { part: Part::Postcode, field: "postcode".to_owned(), ..made.clone() };
                columns.push(postcode);
            }
        }
    }

    /// Columns whose words stand for yes and no; what is unsure is asked.
    pub(super) fn codes(
        &self,
        proposed: &mut [ProposedColumn],
        columns: &mut Vec<Column>,
        questions: &mut Vec<Question>,
    ) {
        let named = named(self.register, self.found, self.looks, None);
        for at in 0..proposed.len() {
            let values = self.codes_of(at);
            if proposed[at].field.is_some() || !(2..=CODES).contains(&values.len()) {
                continue;
            }
            let is_state = Name::of(&proposed[at].header).plain == "status";
            for (field, yes, no) in STATES {
                let free = self.register.field(field).is_some() && !self.has(proposed, field);
                let sure = named.of(at, field);
                if !free || sure < ASKED && !(is_state && *field == "inactive") {
                    continue;
                }
                let code = |value: &&str| {
                    let folded = search::folded(value);
                    let is = |words: &[&str]| words.contains(&folded.trim());
                    match (is(yes), is(no)) {
                        (true, false) => Some(((*value).to_owned(), "1".to_owned())),
                        (false, true) => Some(((*value).to_owned(), "0".to_owned())),
                        _ => None,
                    }
                };
                let codes: Option<BTreeMap<String, String>> = values.iter().map(code).collect();
                let both = |codes: &BTreeMap<String, String>| codes.values().any(|code| code == "1");
                let label = self.register.field(field).map_or(*field, |field| field.label).to_lowercase();
                if let Some(codes) = codes.filter(both) {
                    (proposed[at].field, proposed[at].confidence) = (Some(*field), TRANSLATED);
                    let from = from(&proposed[at], &self.found.header);
                    columns.push(Column { codes, ..Column::new(from, *field) });
                } else if sure >= ASKED {
                    questions.push(Question {
                        key: "columns",
                        sentence: format!("Which values of {} mean {label}?", called(self.found, at)),
                        choices: values.iter().map(|value| (*value).to_owned()).collect(),
                    });
                }
                break;
            }
        }
    }

    /// The different values of a column, in their order; none when there are more than codes have.
    fn codes_of(&self, column: usize) -> Vec<&str> {
        let mut values: Vec<&str> = Vec::new();
        for value in self.found.values(column).map(str::trim).filter(|value| !value.is_empty()) {
            if !values.contains(&value) {
                values.push(value);
            }
            if values.len() > CODES {
                return Vec::new();
            }
        }
        values.sort_unstable();
        values
    }
}
