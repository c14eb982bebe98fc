//! Values of records and who gave them, as people read them on pages and command lines.

use register::field::Kind;
use register::history::Change;
use register::{Field, Register, contacts};

/// A value as people read it; empty for none.
pub(crate) fn text(field: &Field, value: Option<&str>) -> String {
    match (field.kind, value) {
        (Kind::YesNo, Some("1")) => "Yes".into(),
        (Kind::YesNo, Some(_)) => "No".into(),
        (Kind::Contacts, Some(value)) => contacts::lines(value),
        (_, value) => value.unwrap_or_default().to_owned(),
    }
}

/// A value of the field of this name as people read it; `None` for none.
pub(crate) fn value(register: &Register, name: &str, value: Option<String>) -> Option<String> {
    match register.field(name) {
        Some(field) => value.map(|value| text(field, Some(&value))),
        None => value,
    }
}

/// What a change of the field of this name came to, as people read it: the value before and after; of contacts those that
/// are not on both sides. `None` for none.
pub(crate) fn change(
    register: &Register,
    name: &str,
    old: Option<String>,
    new: Option<String>,
) -> (Option<String>, Option<String>) {
    if register.field(name).is_some_and(|field| field.kind == Kind::Contacts) {
        let (old, new) = contacts::difference(old.as_deref(), new.as_deref());
        return (Some(old).filter(|text| !text.is_empty()), Some(new).filter(|text| !text.is_empty()));
    }
    (value(register, name, old), value(register, name, new))
}

/// Who or what made a change, in words: `import 7`, `Anna`, `Anna, undoing import 7`.
pub(crate) fn by(change: &Change) -> String {
    match (change.import, &change.user, change.undo_of) {
        (Some(import), ..) => format!("import {import}"),
        (None, Some(person), Some(import)) => format!("{person}, undoing import {import}"),
        (None, person, _) => person.clone().unwrap_or_default(),
    }
}
