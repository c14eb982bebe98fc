//! When an import is held for a person, per automation.

use serde::{Deserialize, Serialize};

use crate::db::{Conn, DbError, DbResult};
use crate::{COMPANY, Register};

/// What an automation holds for a person instead of importing it. Shares are in per cent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Guards {
    /// An export of every record needs at least this share of the rows of the last one. 0: any number will do.
    pub least_rows: u8,
    /// At most this share of the rows may be refused ... 100: all may.
    pub most_refused: u8,
    /// ... or so many rows, whatever share of the file they are.
    pub most_refused_rows: u64,
    /// An export of every record, of 1,000 rows or more, may change at most this share of its records. 100: all.
    pub most_updated: u8,
    /// An export of every record, of 1,000 rows or more, may deactivate at most this share of its number. 100: all.
    pub most_deactivated: u8,
    /// Whether an export of every record is held that is older than the last one that was imported.
    pub older: bool,
    /// Whether a file is held that would bring back what somebody undid.
    pub undone: bool,
    /// Whether a file is held whose columns are not those of the last import.
    pub layout: bool,
}

impl Default for Guards {
    fn default() -> Guards {
        Guards {
            least_rows: 80,
            most_refused: 5,
            most_refused_rows: 20,
            most_updated: 50,
            most_deactivated: 5,
            older: true,
            undone: true,
            layout: true,
        }
    }
}

/// The guards of the automation of a register.
///
/// # Errors
/// Also [`DbError::Invalid`] when a later version of the program stored what this one does not know.
pub fn guards(c: &Conn, register: &Register) -> DbResult<Guards> {
    let stored = c.first(
        "SELECT guards FROM automations WHERE company_id = ?1 AND name = ?2",
        &[COMPANY.into(), register.automation.into()],
        |row| row.opt_text(0),
    )?;
    stored.flatten().map_or(Ok(Guards::default()), |text| {
        serde_json::from_str(&text)
            .map_err(|error| DbError::Invalid(format!("the stored guards cannot be read: {error}")))
    })
}
