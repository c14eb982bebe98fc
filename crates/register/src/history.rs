//! What happened to a record: which import or person changed which field from what to what.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::db::{Conn, DbResult};
use crate::{COMPANY, Register, time};

/// One field of one change; a creation is one entry without a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// When it was committed.
    #[serde(with = "crate::time")]
    pub at: Timestamp,
    /// The import that did it.
    pub import: Option<i64>,
    /// The person who did it.
    pub user: Option<String>,
    /// The line of the import's file.
    pub line: Option<u64>,
    /// The field that changed; `None` when the record was created.
    pub field: Option<String>,
    /// What it was; `None` was empty.
    pub old: Option<String>,
    /// What it became; `None` is empty.
    pub new: Option<String>,
}

/// A changed field as the history keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FieldChange {
    pub(crate) field: String,
    pub(crate) old: Option<String>,
    pub(crate) new: Option<String>,
}

/// The changes of a record, the newest first, at most `limit` of them (whole imports or edits, so a few more).
///
/// # Errors
/// Only those of the database.
pub fn for_record(
    c: &Conn,
    register: &'static Register,
    record_id: i64,
    limit: u32,
) -> DbResult<Vec<Change>> {
    let mut changes = Vec::new();
    c.each(
        "SELECT at, import_id, person, line, changes FROM history
         WHERE company_id = ?1 AND register = ?2 AND record_id = ?3 ORDER BY id DESC",
        &[COMPANY.into(), register.name.into(), record_id.into()],
        |row| {
            let change = Change {
                at: time::from_text(row.text_ref(0)?.unwrap_or_default())?,
                import: row.opt_int(1)?,
                user: row.opt_text(2)?,
                line: row.opt_int(3)?.and_then(|line| u64::try_from(line).ok()),
                field: None,
                old: None,
                new: None,
            };
            match row.text_ref(4)? {
                None => changes.push(change),
                Some(json) => {
                    let fields: Vec<FieldChange> = serde_json::from_str(json).unwrap_or_default();
                    changes.extend(fields.into_iter().map(|f| Change {
                        field: Some(f.field),
                        old: f.old,
                        new: f.new,
                        ..change.clone()
                    }));
                }
            }
            Ok(changes.len() < limit as usize)
        },
    )?;
    Ok(changes)
}
