//! The own fields among the settings: what is wrong with them, and where they are stored.

use std::collections::BTreeSet;

use super::{Complaint, store};
use crate::contacts;
use crate::db::{Conn, DbResult};
use crate::field::control;
use crate::own_fields::{OwnField, OwnKind};
use crate::{REGISTERS, register, search};

/// Under which name the settings are stored.
pub(super) const OWN_FIELDS: &str = "own-fields";

/// The most own fields of a register.
const MOST_FIELDS: usize = 100;
/// The longest name, in characters.
pub(crate) const LONGEST_NAME: usize = 40;
/// The longest label or choice, in characters.
const LONGEST_LABEL: usize = 80;
/// The most choices of a field.
const MOST_CHOICES: usize = 200;

/// The own fields of all registers, in their order.
///
/// # Errors
/// Also [`crate::db::DbError::Invalid`] when a later version of the program stored what this one does not know.
pub fn own_fields(c: &Conn) -> DbResult<Vec<OwnField>> {
    Ok(store::group(c, OWN_FIELDS)?.unwrap_or_default())
}

/// The place of a complaint about an own field.
fn place(field: &OwnField, key: &str) -> String {
    format!("own field \"{}\": {key}", field.name)
}

/// What is wrong with the own fields, but for what only their values can tell.
pub(super) fn complaints(own: &[OwnField], list: &mut Vec<Complaint>) {
    for (at, field) in own.iter().enumerate() {
        let before = &own[..at];
        let mut add = |key: &str, message: String, hint: &str| {
            list.push(Complaint::new(place(field, key), message, hint));
        };
        let Some(of) = register(&field.register) else {
            let known: Vec<_> = REGISTERS.iter().map(|register| register.name).collect();
            let message = format!("There is no register \"{}\".", field.register);
            add("register", message, &format!("The registers are: {}.", known.join(", ")));
            continue;
        };
        let beside = || before.iter().filter(|other| other.register == field.register);
        if let Some(message) = name_complaint(&field.name) {
            add("name", message, "Use small letters, digits and _, such as region_code; a letter first.");
        } else if of.field(&field.name).is_some()
            || ["id", "version", "history"].contains(&field.name.as_str())
            || contacts::NAMES.iter().any(|part| field.name == format!("contact_{part}"))
        {
            add(
                "name",
                format!("Every {} has \"{}\" already.", of.singular, field.name),
                "Use another name.",
            );
        } else if beside().any(|other| other.name == field.name) {
            add("name", format!("There are two own fields \"{}\".", field.name), "Use another name.");
        }
        if let Some(message) = text_complaint(&field.label) {
            add("label", message, "Write what people call it, such as Region code.");
        } else {
            let folded = search::folded(&field.label);
            let same = |label: &str| search::folded(label) == folded;
            if of.fields.iter().any(|other| same(other.label)) || beside().any(|other| same(&other.label)) {
                let message = format!("There is another field called \"{}\".", field.label);
                add("label", message, "Give each field a label of its own.");
            }
        }
        if beside().count() == MOST_FIELDS {
            let message = format!("There are more than {MOST_FIELDS} own fields for {}.", of.name);
            add("register", message, "Delete those that are no longer needed.");
        }
        choices(field, &mut add);
    }
}

fn choices(field: &OwnField, add: &mut impl FnMut(&str, String, &str)) {
    let hint = "Write one choice a line.";
    if field.kind != OwnKind::Choice {
        if !field.choices.is_empty() {
            let message = format!("A field of the kind {} has no choices.", field.kind);
            add("choices", message, "Leave them out, or use the kind choice.");
        }
        return;
    }
    if field.choices.is_empty() {
        add("choices", "A choice needs something to choose from.".to_owned(), hint);
    }
    if field.choices.len() > MOST_CHOICES {
        add("choices", format!("There are more than {MOST_CHOICES} choices."), "Use the kind text.");
    }
    let mut seen = BTreeSet::new();
    for choice in &field.choices {
        if let Some(message) = text_complaint(choice) {
            add("choices", message, hint);
        } else if !seen.insert(choice.to_lowercase()) {
            let message = format!("\"{choice}\" stands there twice, or differs by capital letters only.");
            add("choices", message, "Write each choice once.");
        }
    }
}

fn name_complaint(name: &str) -> Option<String> {
    let good = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if name.is_empty() {
        Some("A field needs a name.".to_owned())
    } else if name.len() > LONGEST_NAME {
        Some(format!("The name has more than {LONGEST_NAME} characters."))
    } else if !good {
        Some(format!("\"{name}\" cannot be the name of a field."))
    } else {
        None
    }
}

fn text_complaint(text: &str) -> Option<String> {
    if text.trim().is_empty() {
        Some("There is nothing but blanks.".to_owned())
    } else if text.trim() != text {
        Some(format!("\"{text}\" begins or ends with a blank."))
    } else if text.chars().count() > LONGEST_LABEL {
        Some(format!("\"{text}\" has more than {LONGEST_LABEL} characters."))
    } else if control(text, true).is_some() {
        Some(format!("{text:?} holds a control character."))
    } else {
        None
    }
}
