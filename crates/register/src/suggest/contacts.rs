//! Contacts in a sample: numbered groups of columns (`Person1FirstName`, `Kontakt 2 Navn`), and lines that repeat a number
//! with another contact.

use std::collections::{BTreeSet, HashMap};

use erpfile::suggest::Suggestion;
use erpfile::{Column, Repeated};

use super::names::Name;
use super::vocabulary::Meaning;
use super::{ProposedColumn, from};
use crate::contacts::{self, MOST_ON_A_LINE};
use crate::{CUSTOMERS, Register};

/// How sure a column of a numbered group is.
const IN_GROUP: f64 = 0.85;

/// Places among the parts of a contact.
const NAME: usize = 0;
const TITLE: usize = 1;
const EMAIL: usize = 2;
const PHONE: usize = 3;
const MOBILE: usize = 4;

/// Words for what a person does, folded.
const TITLES: &[&str] = &[
    "title",
    "titel",
    "jobtitle",
    "stilling",
    "position",
    "funktion",
    "function",
    "fonction",
    "funktie",
    "role",
    "rolle",
    "rol",
    "befattning",
    "tehtava",
    "titre",
    "poste",
];

/// Finds contacts among the columns, gives these their fields, and says what a repeated number means.
pub(super) fn propose(register: &Register, found: &Suggestion, columns: &mut [ProposedColumn]) -> Repeated {
    if register.name != CUSTOMERS.name {
        return Repeated::default();
    }
    groups(columns);
    lines(register, found, columns)
}

/// The columns of a format, those that are one name in several parts joined.
pub(super) fn columns(columns: &[ProposedColumn], header: &[String]) -> Vec<Column> {
    let mut made: Vec<Column> = Vec::new();
    for column in columns {
        let Some(field) = column.field else { continue };
        let from = from(column, header);
        match made.iter_mut().find(|made| made.field == field) {
            Some(made) => {
                made.from.push(from);
                made.join = Some(" ".to_owned());
            }
            None => made.push(Column::new(from, field)),
        }
    }
    made
}

/// Columns of contacts that are counted on the line.
fn groups(columns: &mut [ProposedColumn]) {
    let taken_for_other = |field: &str| {
        !matches!(
            field,
            "name2" | "contact" | "contact_email" | "contact_phone" | "email" | "phone" | "mobile"
        )
    };
    let found: Vec<(usize, u16, Option<usize>)> = columns
        .iter()
        .enumerate()
        .filter(|(_, column)| !column.field.is_some_and(taken_for_other))
        .filter_map(|(at, column)| {
            let (number, part) = numbered(&column.header)?;
            Some((at, number, part))
        })
        .collect();
    let names = found.iter().filter(|(_, _, part)| part.is_some_and(|part| [NAME, EMAIL].contains(&part)));
    let named: BTreeSet<u16> = names.map(|(_, number, _)| *number).collect();
    if named.last().is_none_or(|last| *last < 2) {
        return;
    }
    for (at, number, part) in found.into_iter().filter(|(_, number, _)| named.contains(number)) {
        // What else is said of such a contact is not read.
        columns[at].field = part.and_then(|part| contacts::name(number, part));
        columns[at].confidence = part.map_or(0.0, |_| columns[at].confidence.max(IN_GROUP));
    }
}

/// Which contact of the line a column's name counts, and which part of it, if that can be told.
fn numbered(header: &str) -> Option<(u16, Option<usize>)> {
    let name = Name::of(header);
    let number = u16::try_from(name.index?).ok().filter(|number| (1..=MOST_ON_A_LINE).contains(number))?;
    name.meanings.contains(&Meaning::Contact).then_some(())?;
    Some((number, part(&name)))
}

/// The part of a contact that a name stands for.
fn part(name: &Name) -> Option<usize> {
    use Meaning::{Address, Contact, Email, First, FirstName, Last, LastName, Mobile, Number, Phone};
    if TITLES.iter().any(|title| name.plain.ends_with(title)) {
        return Some(TITLE);
    }
    if name.unknown > 0 {
        return None;
    }
    let only = |allowed: &[Meaning]| name.meanings.iter().all(|meaning| allowed.contains(meaning));
    let has = |meaning| name.meanings.contains(&meaning);
    if has(Email) && only(&[Contact, Email, Address]) {
        Some(EMAIL)
    } else if has(Mobile) && only(&[Contact, Mobile, Phone, Number]) {
        Some(MOBILE)
    } else if has(Phone) && only(&[Contact, Phone, Number]) {
        Some(PHONE)
    } else if only(&[Contact, Meaning::Name, First, FirstName, Last, LastName]) {
        Some(NAME)
    } else {
        None
    }
}

/// Lines that share a number and differ in nothing but a contact.
fn lines(register: &Register, found: &Suggestion, columns: &mut [ProposedColumn]) -> Repeated {
    let at = |field: &str| columns.iter().position(|column| column.field == Some(field));
    let (Some(key), Some(name)) = (at(register.key), at("contact")) else { return Repeated::default() };
    let mut by_key: HashMap<&str, Vec<usize>> = HashMap::new();
    for (row, value) in found.values(key).enumerate().filter(|(_, value)| !value.trim().is_empty()) {
        by_key.entry(value).or_default().push(row);
    }
    by_key.retain(|_, rows| rows.len() > 1);
    let differs = |column: usize| {
        let cells: Vec<&str> = found.values(column).map(str::trim).collect();
        by_key.values().any(|rows| {
            let values: BTreeSet<&str> =
                rows.iter().map(|row| cells[*row]).filter(|cell| !cell.is_empty()).collect();
            values.len() > 1
        })
    };
    if by_key.is_empty() || !differs(name) {
        return Repeated::default();
    }
    let mut parts = vec![(name, NAME)];
    for (column, proposed) in columns.iter().enumerate().filter(|(column, _)| *column != name) {
        let part = match proposed.field {
            Some("contact_email") => Some(EMAIL),
            Some("contact_phone") => Some(PHONE),
            Some("email") if differs(column) => Some(EMAIL),
            Some("phone") if differs(column) => Some(PHONE),
            Some("mobile") if differs(column) => Some(MOBILE),
            None if differs(column) => part(&Name::of(&proposed.header)).filter(|part| *part == TITLE),
            // What else is read says the same on all lines, or the lines are no contacts of one customer.
            Some(_) if differs(column) => return Repeated::default(),
            _ => None,
        };
        parts.extend(
            part.filter(|part| !parts.iter().any(|(_, taken)| taken == part)).map(|part| (column, part)),
        );
    }
    for (column, part) in parts {
        columns[column].field = Some(contacts::PARTS[part].name);
        columns[column].confidence = columns[column].confidence.max(IN_GROUP);
    }
    Repeated::Contacts
}
