//! What happened to a record: which import or person changed which field from what to what.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::db::{Conn, DbResult};
use crate::field::Kind;
use crate::{COMPANY, Register, time};

/// One field of one change; a creation is one entry without a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// When it was committed.
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

impl Change {
    /// The change as JSON: values of yes/no fields are true or false, as in [`crate::records::Record::json`].
    pub fn json(&self, register: &Register) -> Value {
        let yes_no = self
            .field
            .as_deref()
            .and_then(|name| register.field(name))
            .is_some_and(|field| matches!(field.kind, Kind::YesNo));
        let value = |text: &Option<String>| match text {
            Some(text) if yes_no => Value::Bool(text == "1"),
            Some(text) => Value::String(text.clone()),
            None => Value::Null,
        };
        json!({
            "at": time::to_text(self.at),
            "import": self.import,
            "user": self.user,
            "line": self.line,
            "field": self.field,
            "old": value(&self.old),
            "new": value(&self.new),
        })
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yes_and_no_are_told_as_the_record_tells_them() {
        let change = |field: &str, old: Option<&str>, new: Option<&str>| Change {
            at: "2026-11-22T12:00:00.5Z".parse().unwrap(),
            import: Some(7),
            user: None,
            line: Some(2),
            field: Some(field.to_owned()),
            old: old.map(str::to_owned),
            new: new.map(str::to_owned),
        };
        let told = change("blocked", None, Some("1")).json(&crate::CUSTOMERS);
        assert_eq!(
            told.to_string(),
            r#"{"at":"2026-11-22T12:00:00.500Z","field":"blocked","import":7,"line":2,"new":true,"old":null,"user":null}"#
        );
        let told = change("phone", Some("1"), Some("0")).json(&crate::CUSTOMERS);
        assert_eq!((told["old"].as_str(), told["new"].as_str()), (Some("1"), Some("0")));
    }
}
