//! The fields that columns of a file can be: those of the register, and the parts of contacts.

use erpfile::Format;
use register::contacts::{self, MOST_ON_A_LINE, NAMES, PARTS};
use register::{Field, Kind, Register};

/// A field that a column of the file can be.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// What formats call it: `city`, `contact.2.name`.
    pub(crate) name: String,
    /// What people call it.
    pub(crate) label: String,
    /// What it can hold.
    pub(crate) kind: Kind,
    /// The heading under which the form has it.
    pub(crate) group: &'static str,
}

/// The fields in the order of the form, with the parts of `groups` contacts of one line.
pub(super) fn targets(register: &'static Register, groups: u16) -> Vec<Target> {
    let mut targets: Vec<Target> = Vec::new();
    let of = |field: &'static Field| Target {
        name: field.name.to_owned(),
        label: field.label.to_owned(),
        kind: field.kind,
        group: field.group,
    };
    targets.extend(register.fields.iter().filter(|field| field.kind != Kind::Contacts).map(of));
    let Some(whole) = register.contacts_field() else {
        return targets;
    };
    targets.extend(PARTS.iter().map(of));
    for number in 1..=groups {
        targets.extend(PARTS.iter().enumerate().map(|(at, field)| {
            let name = format!("contact.{number}.{}", NAMES[at]);
            Target { label: contacts::label(&name).unwrap_or_default(), name, ..of(field) }
        }));
    }
    let label = "All contacts in one column".to_owned();
    targets.push(Target { label, group: PARTS[0].group, ..of(whole) });
    targets
}

/// How many contacts of one line a format has.
pub(super) fn groups(format: &Format) -> u16 {
    let numbers = format.columns.iter().filter_map(|column| contacts::part(&column.field)?.0);
    numbers.max().unwrap_or(0)
}

/// What was sent as their number.
pub(super) fn read_groups(sent: &str) -> u16 {
    sent.parse().unwrap_or(0).min(MOST_ON_A_LINE)
}
