//! Pairs of which a person said that they are no duplicates.
//!
//! What is dismissed is what the two had in common, not the pair for ever: when that changes, the hint comes back.

use jiff::Timestamp;
use serde::Serialize;

use super::signs::{Common, Signs};
use crate::db::{Conn, DbError, DbResult};
use crate::history::{FieldChange, Kind};
use crate::records::{self, Record};
use crate::{COMPANY, DuplicateFields, Register, edit, time};

/// Under which name the history tells that two records are no duplicates; the value is the other one's key.
pub const FIELD: &str = "not_duplicate_of";

/// What people call that.
pub const FIELD_LABEL: &str = "No duplicate of";

/// Who dismissed a hint, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dismissal {
    /// Who.
    pub by: String,
    /// When.
    #[serde(with = "time")]
    pub at: Timestamp,
}

/// Why nothing was dismissed or taken back.
#[derive(Debug, thiserror::Error)]
pub enum DismissError {
    /// There is no record of that key.
    #[error("there is no {singular} {number}")]
    NotThere {
        /// What a record is called.
        singular: &'static str,
        /// The key that was asked for.
        number: String,
    },
    /// The records have nothing in common, or are one.
    #[error("{0} and {1} are no likely duplicates")]
    NothingInCommon(String, String),
    /// The hint was not dismissed.
    #[error("that {0} and {1} may be duplicates was not dismissed")]
    NotDismissed(String, String),
    /// Records of this register are not compared.
    #[error("{0} are not compared with each other")]
    NotCompared(&'static str),
    /// What the database says.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Two records of which somebody says something.
struct Two<'r> {
    register: &'static Register,
    fields: &'r DuplicateFields,
    first: Record,
    second: Record,
}

impl Two<'_> {
    fn find(c: &Conn, register: &'static Register, numbers: [&str; 2]) -> Result<Self, DismissError> {
        let fields = register.duplicates.as_ref().ok_or(DismissError::NotCompared(register.name))?;
        let find = |number: &str| {
            let missing =
                || DismissError::NotThere { singular: register.singular, number: number.to_owned() };
            records::find(c, register, number)?.ok_or_else(missing)
        };
        let (first, second) = (find(numbers[0])?, find(numbers[1])?);
        let (first, second) = if first.id <= second.id { (first, second) } else { (second, first) };
        Ok(Two { register, fields, first, second })
    }

    fn key<'s>(&self, record: &'s Record) -> &'s str {
        record.value(self.register, self.register.key).unwrap_or_default()
    }

    fn keys(&self) -> (String, String) {
        (self.key(&self.first).to_owned(), self.key(&self.second).to_owned())
    }

    /// Both histories say what was said, each of the other.
    fn note(&self, c: &Conn, dismissed: bool, by: &str, at: Timestamp) -> DbResult<()> {
        for (one, other) in [(&self.first, &self.second), (&self.second, &self.first)] {
            let key = Some(self.key(other).to_owned());
            let (old, new) = if dismissed { (None, key) } else { (key, None) };
            let change = FieldChange { field: FIELD.to_owned(), old, new };
            edit::note(c, self.register, one.id, Kind::Updated, Some(&[change]), by, at)?;
        }
        Ok(())
    }
}

/// Remembers that the records with these keys are no duplicates, in whichever order they are named. What is dismissed
/// already stays as it is.
///
/// # Errors
/// As [`DismissError`] says; nothing is changed then.
pub fn dismiss(
    c: &Conn,
    register: &'static Register,
    numbers: [&str; 2],
    by: &str,
    at: Timestamp,
) -> Result<(), DismissError> {
    let two = Two::find(c, register, numbers)?;
    let signs = |record: &Record| Signs::of(two.fields, |field| record.value(register, field));
    let common = signs(&two.first).common(&signs(&two.second));
    let ids = (two.first.id, two.second.id);
    if common.is_empty() || ids.0 == ids.1 {
        let (first, second) = two.keys();
        return Err(DismissError::NothingInCommon(first, second));
    }
    if find(c, register, ids, &common)?.is_some() {
        return Ok(());
    }
    let rests_on: Vec<String> = common.iter().map(rests_on).collect();
    let rests_on = serde_json::to_string(&rests_on)
        .map_err(|error| DbError::Invalid(format!("a dismissed hint cannot be noted: {error}")))?;
    c.execute(
        "INSERT INTO dismissed_duplicates (company_id, register, first_id, second_id, rests_on, dismissed_by, dismissed_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (company_id, register, first_id, second_id) DO UPDATE SET rests_on = excluded.rests_on,
         dismissed_by = excluded.dismissed_by, dismissed_at = excluded.dismissed_at",
        &[
            COMPANY.into(),
            register.name.into(),
            ids.0.into(),
            ids.1.into(),
            rests_on.as_str().into(),
            by.into(),
            time::to_text(at).as_str().into(),
        ],
    )?;
    two.note(c, true, by, at)?;
    Ok(())
}

/// Takes back that the records with these keys are no duplicates.
///
/// # Errors
/// As [`DismissError`] says; nothing is changed then.
pub fn take_back(
    c: &Conn,
    register: &'static Register,
    numbers: [&str; 2],
    by: &str,
    at: Timestamp,
) -> Result<(), DismissError> {
    let two = Two::find(c, register, numbers)?;
    let removed = c.execute(
        "DELETE FROM dismissed_duplicates WHERE company_id = ?1 AND register = ?2 AND first_id = ?3 AND second_id = ?4",
        &[COMPANY.into(), register.name.into(), two.first.id.into(), two.second.id.into()],
    )?;
    if removed == 0 {
        let (first, second) = two.keys();
        return Err(DismissError::NotDismissed(first, second));
    }
    two.note(c, false, by, at)?;
    Ok(())
}

fn rests_on(common: &Common) -> String {
    format!("{} {}", common.same, common.rests_on)
}

/// Who dismissed the pair, when all that the two have in common now was so then.
pub(super) fn find(
    c: &Conn,
    register: &Register,
    ids: (i64, i64),
    common: &[Common],
) -> DbResult<Option<Dismissal>> {
    let found = c.first(
        "SELECT rests_on, dismissed_by, dismissed_at FROM dismissed_duplicates
         WHERE company_id = ?1 AND register = ?2 AND first_id = ?3 AND second_id = ?4",
        &[COMPANY.into(), register.name.into(), ids.0.into(), ids.1.into()],
        |row| {
            let at = time::from_text(row.text_ref(2)?.unwrap_or_default())?;
            Ok((row.text(0)?, Dismissal { by: row.text(1)?, at }))
        },
    )?;
    let Some((then, dismissal)) = found else { return Ok(None) };
    let then: Vec<String> = serde_json::from_str(&then)
        .map_err(|error| DbError::Invalid(format!("a dismissed hint cannot be read: {error}")))?;
    Ok(common.iter().all(|now| then.contains(&rests_on(now))).then_some(dismissal))
}
