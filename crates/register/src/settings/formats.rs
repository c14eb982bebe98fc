//! Formats, one at a time: for the import, which needs one, and for the editor, which changes one.

use erpfile::{Content, Format};
use jiff::Timestamp;
use xxhash_rust::xxh3::xxh3_128;

use super::check::{beside, format_complaints};
use super::{Complaint, SaveError, store};
use crate::db::{Conn, DbError, DbResult, Row};
use crate::mapping::MAPPING_VERSION;
use crate::own_fields::{self, OwnField, with};
use crate::{COMPANY, imports, register};

/// A format as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFormat {
    /// What an administrator said of the file.
    pub format: Format,
    /// How often it has been changed, and once: counts up from 1.
    pub version: i64,
    /// Equal for two formats exactly when they read the same values from the same bytes.
    pub mark: String,
}

impl StoredFormat {
    /// The same for a file in which only some of the records are, whatever the format says: those that are not in it are left
    /// alone.
    pub fn changes_only(self) -> StoredFormat {
        StoredFormat { format: Format { content: Content::Changes, ..self.format }, ..self }
    }
}

/// The mark of a format where these own fields are declared: a hash of everything that decides which values are read, and of the program's way of reading
/// and understanding cells.
pub fn mark(format: &Format, own: &[OwnField]) -> String {
    mark_of(format, own, [erpfile::READING_VERSION, MAPPING_VERSION])
}

fn mark_of(format: &Format, own: &[OwnField], versions: [u32; 2]) -> String {
    let mut bytes = format.canonical_bytes();
    bytes.extend_from_slice(&own_fields::bytes(register(&format.register).map(|of| with(of, own)), format));
    versions.iter().for_each(|version| bytes.extend_from_slice(&version.to_le_bytes()));
    format!("{:032x}", xxh3_128(&bytes))
}

const COLUMNS: &str = "SELECT definition, version, name FROM formats WHERE company_id = ?1";

fn stored(row: &Row<'_>, own: &[OwnField]) -> DbResult<StoredFormat> {
    let name = row.text(2)?;
    let format = serde_json::from_str::<Format>(&row.text(0)?)
        .map_err(|e| DbError::Invalid(format!("the stored format \"{name}\" cannot be read: {e}")))?;
    // The column decides: a format that is renamed keeps its definition until that changes.
    let format = Format { name, ..format };
    Ok(StoredFormat { version: row.int(1)?, mark: mark(&format, own), format })
}

/// All formats, in the order in which they are shown.
pub fn formats(c: &Conn) -> DbResult<Vec<StoredFormat>> {
    let own = super::own_fields(c)?;
    c.all(&format!("{COLUMNS} ORDER BY position, name"), &[COMPANY.into()], |row| stored(row, &own))
}

/// The format with this name.
pub fn format(c: &Conn, name: &str) -> DbResult<Option<StoredFormat>> {
    let own = super::own_fields(c)?;
    c.first(&format!("{COLUMNS} AND name = ?2"), &[COMPANY.into(), name.into()], |row| stored(row, &own))
}

/// The format whose file the register's automation waits for.
pub fn default_format(c: &Conn, register: &str) -> DbResult<Option<StoredFormat>> {
    let own = super::own_fields(c)?;
    let of_register = c.all(
        &format!("{COLUMNS} AND register = ?2 ORDER BY position"),
        &[COMPANY.into(), register.into()],
        |row| stored(row, &own),
    )?;
    Ok(of_register.into_iter().find(|stored| stored.format.default))
}

/// Stores one format: a new one, or in place of the one called `old_name`, whose place and version it takes over, and
/// whose waiting deliveries. If it is a default format, the register's earlier default one no longer is.
///
/// # Errors
/// What is wrong with it, the places being keys within the format as in [`format_complaints`]; also when `old_name`
/// has been removed in the meantime, or when an active automation would lose its default format.
pub fn save_format(
    c: &Conn,
    old_name: Option<&str>,
    format: Format,
    by: &str,
    at: Timestamp,
) -> Result<StoredFormat, SaveError> {
    let mut settings = store::load(c)?;
    if format.default {
        for other in settings.formats.iter_mut().filter(|other| other.register == format.register) {
            other.default = false;
        }
    }
    let name = format.name.clone();
    let mut complaints = format_complaints(&format, &settings.own_fields);
    match old_name {
        None => settings.formats.push(format),
        Some(old) => match settings.formats.iter_mut().find(|other| other.name == old) {
            Some(place) => *place = format,
            None => {
                let message = format!("The format \"{old}\" was removed or renamed in the meantime.");
                return Err(Complaint::new("name", message, "Look at the list of formats again.").into());
            }
        },
    }
    // Whichever of two formats is complained of, the one being saved is the one to mend.
    complaints.extend((0..settings.formats.len()).flat_map(|index| beside(&settings, index)));
    if complaints.is_empty() {
        complaints =
            super::complaints(&settings).into_iter().filter(|c| c.place.starts_with("automation")).collect();
    }
    if !complaints.is_empty() {
        return Err(SaveError::Complaints(complaints));
    }
    if let Some(old) = old_name.filter(|old| *old != name) {
        c.execute(
            "UPDATE formats SET name = ?3 WHERE company_id = ?1 AND name = ?2",
            &[COMPANY.into(), old.into(), name.as_str().into()],
        )?;
        imports::rename_format(c, old, &name)?;
        store::count_change(c)?;
    }
    store::write(c, &settings, by, at)?;
    let saved = self::format(c, &name)?;
    saved.ok_or_else(|| DbError::Invalid(format!("the format \"{name}\" could not be stored")).into())
}

/// Removes a format; gives whether there was one. Deliveries that wait to be read with it will be refused.
///
/// # Errors
/// When an active automation would lose its default format, or a held import is to be read with it.
pub fn delete_format(c: &Conn, name: &str, by: &str, at: Timestamp) -> Result<bool, SaveError> {
    let mut settings = store::load(c)?;
    let before = settings.formats.len();
    settings.formats.retain(|format| format.name != name);
    if settings.formats.len() == before {
        return Ok(false);
    }
    let complaints: Vec<_> =
        super::complaints(&settings).into_iter().filter(|c| c.place.starts_with("automation")).collect();
    let complaints: Vec<_> = complaints.into_iter().chain(held_with(c, name)?).collect();
    if !complaints.is_empty() {
        return Err(SaveError::Complaints(complaints));
    }
    store::write(c, &settings, by, at)?;
    Ok(true)
}

/// What keeps a format from being removed: a held import that would be read with it.
pub(super) fn held_with(c: &Conn, name: &str) -> DbResult<Option<Complaint>> {
    Ok(imports::held_with_format(c, name)?.map(|id| {
        let message = format!("Import {id} is held and is to be read with it.");
        let hint = "Approve or discard the import first, under Main menu > Imports.";
        Complaint::new(format!("format \"{name}\""), message, hint)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_way_of_reading_or_of_understanding_cells_is_another_mark() {
        let format = Format::default();
        let now = [erpfile::READING_VERSION, MAPPING_VERSION];
        assert_eq!(mark(&format, &[]), mark_of(&format, &[], now));
        for later in [[now[0] + 1, now[1]], [now[0], now[1] + 1]] {
            assert_ne!(mark_of(&format, &[], later), mark(&format, &[]));
        }
    }
}
