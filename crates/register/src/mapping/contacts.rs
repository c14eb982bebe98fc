//! The columns of a format that are parts of contacts: those of `contact.name`, and the numbered groups of
//! `contact.1.name`, `contact.2.name` ...

use erpfile::{Complaint, Format, Problem, Repeated, Row};

use super::Mapped;
use crate::contacts::{self, Contact, PARTS};
use crate::field::Field;
use crate::{Register, mapping};

/// Where a column of a format goes, when it is a part of a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Target {
    /// Which contact of the row; `None` comes first.
    number: Option<u16>,
    /// Which part of it.
    part: usize,
}

impl Target {
    /// The part as a field.
    pub(super) fn field(self) -> &'static Field {
        &PARTS[self.part]
    }
}

/// The place of the field that holds the contacts of a register, if it has one.
pub(crate) fn place(register: &Register) -> Option<usize> {
    register.contacts_field().and_then(|field| register.index(field.name))
}

/// The contact's part that `field` stands for in this format, if it does.
pub(super) fn target(register: &Register, format: &Format, field: &str) -> Option<Target> {
    place(register)?;
    if let Some((number, part)) = contacts::part(field) {
        return Some(Target { number, part });
    }
    // Where each line is a contact, the fields of the first contact are its parts, unless the format has others for them.
    let own =
        register.contact.filter(|_| format.repeated == Repeated::Contacts && !has_parts(register, format))?;
    let parts = [own.name, "", own.email, own.phone, ""];
    let part = parts.iter().position(|part| *part == field)?;
    Some(Target { number: None, part })
}

/// Which contact of a row and which part of it `field` stands for in this format, if it does; contacts without a number
/// come first.
pub(crate) fn part_of_row(register: &Register, format: &Format, field: &str) -> Option<(Option<u16>, usize)> {
    target(register, format, field).map(|target| (target.number, target.part))
}

/// Whether a column of the format is a part of a contact by its name, or all contacts in one.
fn has_parts(register: &Register, format: &Format) -> bool {
    let whole = place(register).map(|at| register.fields[at].name);
    format
        .columns
        .iter()
        .any(|column| contacts::part(&column.field).is_some() || Some(column.field.as_str()) == whole)
}

/// What is wrong with how a format says contacts.
pub(super) fn complaints(register: &Register, format: &Format, list: &mut Vec<Complaint>) {
    let whole = place(register).map(|at| register.fields[at].name);
    let mut add = |key: String, message: String, hint: &str| {
        list.push(Complaint { key, message, hint: hint.to_owned() });
    };
    let all = (1..).zip(&format.columns).find(|(_, column)| Some(column.field.as_str()) == whole);
    let part = format.columns.iter().find(|column| contacts::part(&column.field).is_some());
    if let (Some((number, all)), Some(part)) = (all, part) {
        let message =
            format!("\"{}\" is all contacts in one, and \"{}\" is a part of one.", all.field, part.field);
        add(format!("columns[{number}].field"), message, "Map one or the other.");
    }
    let parts =
        (1..).zip(&format.columns).filter(|(_, column)| target(register, format, &column.field).is_some());
    let parts: Vec<_> = parts.collect();
    if let Some((number, column)) =
        parts.iter().find(|(_, column)| (column.owner, column.blank) != (parts[0].1.owner, parts[0].1.blank))
    {
        let key = if column.owner == parts[0].1.owner { "blank" } else { "owner" };
        let message = "The contacts of a record are taken or left together.".to_owned();
        add(format!("columns[{number}].{key}"), message, "Say the same for every part of a contact.");
    }
    if format.repeated != Repeated::Contacts {
        return;
    }
    if whole.is_none() {
        let message = format!("A {} has no contacts.", register.singular);
        add("repeated".to_owned(), message, "Choose refuse or last.");
    } else if all.is_none() && !format.columns.iter().any(|c| target(register, format, &c.field).is_some()) {
        let message = "Each line is to be a contact, and no column is mapped to a part of one.".to_owned();
        add("repeated".to_owned(), message, "Map columns to contact.name, contact.email and so on.");
    }
}

/// The columns of contacts.
#[derive(Debug)]
pub(super) struct Columns {
    /// The place of the field that holds the contacts.
    pub(super) at: usize,
    /// By contact, then in the order of the format.
    columns: Vec<(Target, Mapped)>,
}

impl Columns {
    /// `None` when there are none.
    pub(super) fn new(register: &Register, mut columns: Vec<(Target, Mapped)>) -> Option<Columns> {
        columns.sort_by_key(|(target, _)| target.number);
        let at = place(register).filter(|_| !columns.is_empty())?;
        Some(Columns { at, columns })
    }

    /// The first of them, whose rules are those of all.
    pub(super) fn first(&self) -> Option<&Mapped> {
        self.columns.first().map(|(_, column)| column)
    }

    /// Calls `f` with each contact of a row, blank ones among them; what is wrong with a cell is added to `problems`.
    pub(super) fn read(&self, row: &Row, problems: &mut Vec<Problem>, mut f: impl FnMut(Contact)) {
        for of_one in self.columns.chunk_by(|a, b| a.0.number == b.0.number) {
            let mut contact = Contact::default();
            for (target, column) in of_one {
                match column.text(row).and_then(|text| mapping::checked(column, text)) {
                    Ok(value) => contact.set(target.part, value.map(|value| value.into_owned())),
                    Err(fault) => problems.push(column.problem(row, fault)),
                }
            }
            f(contact);
        }
    }
}
