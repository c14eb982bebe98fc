//! Own fields: those that an administrator declares for a register, beside the ones that every installation has.
//!
//! Once declared they are fields like all others: a register with own fields is a [`Register`] again, made by [`with`], and
//! whoever works with records asks for the one [`in_effect`]. Where none are declared it is the register itself.

mod columns;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use erpfile::Format;
use serde::{Deserialize, Serialize};

pub use self::columns::held;
pub(crate) use self::columns::{change, kind_complaints};
use crate::db::{Conn, DbResult};
use crate::field::{Field, Kind};
use crate::search;
use crate::settings;
use crate::words::words;
use crate::{Register, register};

/// The heading under which pages show own fields.
pub const GROUP: &str = "Own fields";

/// The longest text of an own field, in characters.
const TEXT: u32 = 2000;

/// A field that an administrator has declared.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OwnField {
    /// The register whose records have it: "customers".
    pub register: String,
    /// What formats, JSON and exports call it: lower case, digits and `_`. It cannot be renamed.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// What it can hold.
    pub kind: OwnKind,
    /// Of [`OwnKind::Choice`], what can be chosen, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
}

/// What an own field can hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OwnKind {
    /// Text, kept exactly.
    #[default]
    Text,
    /// A decimal number.
    Number,
    /// A day.
    Date,
    /// Yes or no.
    YesNo,
    /// One of a few texts.
    Choice,
}

words!(OwnKind, "kind of field", {
    Text = "text", Number = "number", Date = "date", YesNo = "yes-no", Choice = "choice",
});

impl OwnKind {
    /// The word for people.
    pub fn title(self) -> &'static str {
        match self {
            OwnKind::Text => "Text",
            OwnKind::Number => "Number",
            OwnKind::Date => "Date",
            OwnKind::YesNo => "Yes or no",
            OwnKind::Choice => "Choice",
        }
    }

    /// Whether what a field of this kind holds is good for one of kind `new`, too.
    pub(crate) fn becomes(self, new: OwnKind) -> bool {
        // Yes and no are stored as figures, which mean nothing as a text.
        self == new || (new == OwnKind::Text && self != OwnKind::YesNo)
    }
}

/// A register with what is declared for it.
type Declared = (&'static str, Vec<OwnField>);

/// Registers with own fields that were made already. What is in force is asked for with every page, and registers are
/// referred to for as long as the program runs; so each is made once. There are as many as declarations that were ever
/// judged since the start, in force or not.
static MADE: LazyLock<Mutex<HashMap<Declared, &'static Register>>> = LazyLock::new(Mutex::default);

/// A register with those of `own` that are declared for it, behind its other fields. The same declarations give the same
/// register; without any it is the one that every installation has.
pub fn with(of: &'static Register, own: &[OwnField]) -> &'static Register {
    let plain = register(of.name).unwrap_or(of);
    let own: Vec<OwnField> = own.iter().filter(|field| field.register == of.name).cloned().collect();
    if own.is_empty() {
        return plain;
    }
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    made.entry((plain.name, own)).or_insert_with_key(|(_, own)| {
        let mut fields = plain.fields.to_vec();
        fields.extend(own.iter().map(OwnField::field));
        Box::leak(Box::new(Register { fields: fields.leak(), ..*plain }))
    })
}

/// The register with the own fields that are declared now.
///
/// # Errors
/// Also [`crate::db::DbError::Invalid`] when a later version of the program stored what this one does not know.
pub fn in_effect(c: &Conn, of: &'static Register) -> DbResult<&'static Register> {
    Ok(with(of, &settings::own_fields(c)?))
}

/// A name for a field that people call `label`: `Region code` becomes `region_code`. Empty when the label has no letter that
/// a name can begin with.
pub fn name_of(label: &str) -> String {
    let joined = search::folded(label).split_whitespace().collect::<Vec<_>>().join("_");
    let plain: String = joined.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    let name = plain.trim_start_matches(|c: char| !c.is_ascii_lowercase());
    name.chars().take(settings::own_fields::LONGEST_NAME).collect::<String>().trim_end_matches('_').to_owned()
}

/// What decides how the values of own fields are read that a format maps: their kinds and choices. Empty when it maps none.
pub(crate) fn bytes(of: Option<&'static Register>, format: &Format) -> Vec<u8> {
    let own = of.into_iter().flat_map(|of| of.fields).filter(|field| field.own);
    let mapped = own.filter(|field| format.columns.iter().any(|column| column.field == field.name));
    mapped.flat_map(|field| format!("{} {:?};", field.name, field.kind).into_bytes()).collect()
}

impl OwnField {
    fn field(&self) -> Field {
        let leaked = |text: &str| -> &'static str { text.to_owned().leak() };
        let kind = match self.kind {
            OwnKind::Text => Kind::Text { max: TEXT },
            OwnKind::Number => Kind::Decimal { digits: 30, scale: 10 },
            OwnKind::Date => Kind::Date,
            OwnKind::YesNo => Kind::YesNo,
            OwnKind::Choice => Kind::Choice {
                choices: self.choices.iter().map(|choice| leaked(choice)).collect::<Vec<_>>().leak(),
            },
        };
        let field = Field::own(leaked(&self.name), leaked(&self.label), kind, GROUP);
        if self.kind == OwnKind::YesNo { field } else { field.searched() }
    }
}
