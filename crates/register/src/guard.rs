//! What is odd about an import, so that a person should look before it is made.

mod undone;

use std::collections::BTreeSet;

use erpfile::{Content, Format};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::changes::{Change, ChangeKind, ChangeSet};
use crate::counts::Counts;
use crate::db::Conn;
use crate::history::FieldChange;
use crate::imports;
use crate::job::Stop;
use crate::layout::Drift;
use crate::settings::Guards;
use crate::{Register, time};

pub(crate) use self::undone::{
    forget_all_undone, forget_corrected, forget_undone, forget_undone_of, is_any_undone, note_undone,
};

/// An export with fewer rows changes easily as a whole.
const LARGE: u64 = 1000;

/// One thing that is odd.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// One of the words of [`code`].
    pub code: String,
    /// What is odd, as a sentence with the figures.
    pub message: String,
    /// The imports that were undone and that it would bring back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub imports: Vec<i64>,
}

impl Reason {
    /// A reason that brings nothing back.
    pub fn new(code: &str, message: String) -> Reason {
        Reason { code: code.to_owned(), message, imports: Vec::new() }
    }
}

/// The codes of reasons: stable, lower case, joined by hyphens.
pub mod code {
    /// An export of every record has far fewer rows than the last one.
    pub const FEWER_ROWS: &str = "fewer-rows";
    /// An export of every record has no row at all.
    pub const EMPTY: &str = "empty";
    /// Many rows would be refused.
    pub const MANY_REFUSED: &str = "many-refused";
    /// Much of the register would be changed.
    pub const MANY_UPDATED: &str = "many-updated";
    /// Many records would be deactivated.
    pub const MANY_DEACTIVATED: &str = "many-deactivated";
    /// A newer export of every record was imported already.
    pub const OLDER: &str = "older";
    /// The file of an earlier import went on growing, and something newer was imported in between.
    pub const OVERTAKEN: &str = "overtaken";
    /// It would bring back what somebody undid.
    pub const UNDONE: &str = "undone";
    /// Its columns are not those of the last import.
    pub const LAYOUT_DRIFTED: &str = "layout-drifted";
    /// The register is not as it was when the import was approved.
    pub const CHANGED_SINCE: &str = "changed-since";
}

/// The file that is to be imported.
#[derive(Clone, Copy, Debug)]
pub struct Delivery<'d> {
    /// Where its records go.
    pub register: &'static Register,
    /// How it is laid out.
    pub format: &'d Format,
    /// When it was last modified, by its own account.
    pub modified_at: Option<Timestamp>,
    /// What has changed in its columns, if anything.
    pub drift: Option<&'d Drift>,
}

/// Everything that is odd about importing a delivery with these changes; empty when it can be imported at once.
///
/// # Errors
/// [`Stop::Scratch`] when a scratch file cannot be read, [`Stop::Db`] when the database cannot.
pub fn judge(
    c: &Conn,
    delivery: Delivery<'_>,
    set: &ChangeSet,
    guards: &Guards,
) -> Result<Vec<Reason>, Stop> {
    let mut reasons = Vec::new();
    let mut add = |code: &str, message: String| reasons.push(Reason::new(code, message));
    let Counts { read, updated, refused, .. } = set.counts;
    let of = delivery.register;
    let records = of.title.to_lowercase();
    if let Some(drift) = delivery.drift {
        add(code::LAYOUT_DRIFTED, drift.sentence());
    }
    if delivery.format.content == Content::Full {
        let last = imports::last_full(c, of, &delivery.format.name)?;
        if read == 0 {
            add(
                code::EMPTY,
                format!("It has no rows, though every export of {records} should hold all of them."),
            );
        } else if let Some(last) = &last
            && share(read, last.counts.read) < u128::from(guards.least_rows)
        {
            add(
                code::FEWER_ROWS,
                format!(
                    "It has {}, and the last export (import {}) had {}: fewer than {} %.",
                    rows(read),
                    last.id,
                    last.counts.read,
                    guards.least_rows
                ),
            );
        }
        if read >= LARGE && exceeds(updated, read, guards.most_updated) {
            add(
                code::MANY_UPDATED,
                format!(
                    "{updated} of {read} {records} would be changed: more than {} %.",
                    guards.most_updated
                ),
            );
        }
        if read + set.deactivated >= LARGE && exceeds(set.deactivated, read, guards.most_deactivated) {
            add(
                code::MANY_DEACTIVATED,
                format!(
                    "{} {records} would be deactivated, of {read} in the file: more than {} %.",
                    set.deactivated, guards.most_deactivated
                ),
            );
        }
        if guards.older
            && let (Some(last), Some(own)) = (&last, credible(delivery.modified_at))
            && let Some(before) = credible(last.modified_at).filter(|before| own < *before)
        {
            add(
                code::OLDER,
                format!(
                    "It was written at {}, before the file of import {} ({}), which was imported already.",
                    time::to_text(own),
                    last.id,
                    time::to_text(before)
                ),
            );
        }
    }
    if refused > guards.most_refused_rows && exceeds(refused, read, guards.most_refused) {
        add(
            code::MANY_REFUSED,
            format!(
                "{refused} of {read} rows would be refused: more than {} % and more than {}.",
                guards.most_refused, guards.most_refused_rows
            ),
        );
    }
    if guards.undone
        && let Some(again) = brings_back(c, of, set)?
    {
        reasons.push(again);
    }
    Ok(reasons)
}

fn rows(count: u64) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{count} rows") }
}

/// How many per cent `part` is of `whole`, rounded down; all of nothing.
fn share(part: u64, whole: u64) -> u128 {
    (u128::from(part) * 100).checked_div(u128::from(whole)).unwrap_or(100)
}

fn exceeds(part: u64, whole: u64, per_cent: u8) -> bool {
    u128::from(part) * 100 > u128::from(whole) * u128::from(per_cent)
}

/// A time that a file's clock can have meant: exports of systems without one are from 1970 or 1980.
fn credible(at: Option<Timestamp>) -> Option<Timestamp> {
    let new_millennium = Timestamp::from_second(946_684_800).ok()?;
    at.filter(|at| *at >= new_millennium)
}

/// What somebody undid and this would bring back.
fn brings_back(c: &Conn, register: &'static Register, set: &ChangeSet) -> Result<Option<Reason>, Stop> {
    if !is_any_undone(c, register)? {
        return Ok(None);
    }
    let (mut records, mut first, mut imports_undone) = (0_u64, None, BTreeSet::new());
    let mut changes = set.changes.reader();
    while let Some(piece) = changes.next()? {
        let change = Change::read(piece)?;
        let of = undone::of(c, register, set.mapper.matching, change.key)?;
        let again: Vec<i64> = of
            .iter()
            .filter(|undone| is_back(register, &change, undone.changes.as_deref()))
            .map(|undone| undone.import)
            .collect();
        if !again.is_empty() {
            records += 1;
            first.get_or_insert_with(|| change.key.to_owned());
            imports_undone.extend(again);
        }
    }
    let Some(first) = first else { return Ok(None) };
    let mut imports = Vec::new();
    for &id in &imports_undone {
        let by = imports::find(c, id)?.and_then(|import| import.undone).map(|undone| undone.by);
        imports.push(match by {
            Some(by) => format!("import {id}, undone by {by}"),
            None => format!("import {id}"),
        });
    }
    let many = match records {
        1 => format!("the {} {first}", register.singular),
        many => format!("{many} {}, the first of them {first}", register.title.to_lowercase()),
    };
    let message = format!("It would bring back what was undone ({}), for {many}.", imports.join("; "));
    Ok(Some(Reason { imports: imports_undone.into_iter().collect(), ..Reason::new(code::UNDONE, message) }))
}

/// Whether a change gives a record a value that was undone; `values` are the fields and what the undone import had made
/// of them, `None` when it had created the record.
fn is_back(register: &Register, change: &Change<'_>, values: Option<&[FieldChange]>) -> bool {
    match (change.kind, values) {
        (ChangeKind::Created, None) => true,
        (ChangeKind::Updated | ChangeKind::Deactivated, Some(values)) => {
            change.fields.iter().any(|&(at, _, new)| {
                values
                    .iter()
                    .any(|value| value.field == register.fields[at].name && value.new.as_deref() == new)
            })
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
