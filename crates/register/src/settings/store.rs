//! Settings in the database: read whole, stored whole.

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::notifications::NOTIFICATIONS;
use super::own_fields::OWN_FIELDS;
use super::{
    AutomationSetting, Complaint, Settings, activation_complaints, complaints, formats, guards,
    own_fields as stored_own_fields,
};
use crate::db::{Conn, DbError, DbResult};
use crate::own_fields::{self, OwnField};
use crate::{COMPANY, REGISTERS, time};

const ERP_SYSTEM: &str = "erp-system";
const LIMITS: &str = "limits";

/// Why settings were not stored.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// They are wrong; nothing was changed.
    #[error("{}", .0.iter().map(Complaint::to_string).collect::<Vec<_>>().join("\n"))]
    Complaints(Vec<Complaint>),
    /// The database refused.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<Complaint> for SaveError {
    fn from(complaint: Complaint) -> Self {
        SaveError::Complaints(vec![complaint])
    }
}

/// What storing settings changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaveOutcome {
    /// The version of the settings now.
    pub version: i64,
    /// What changed, one part a line; empty when nothing did.
    pub changed: Vec<String>,
}

/// The settings as they are; what was never set has its default. Every register has its automation.
///
/// # Errors
/// Also [`DbError::Invalid`] when a later version of the program stored what this one does not know.
pub fn load(c: &Conn) -> DbResult<Settings> {
    let active = c.all(
        "SELECT name FROM automations WHERE company_id = ?1 AND active = 1",
        &[COMPANY.into()],
        |row| row.text(0),
    )?;
    Ok(Settings {
        erp_system: group(c, ERP_SYSTEM)?.unwrap_or_default(),
        limits: group(c, LIMITS)?.unwrap_or_default(),
        own_fields: stored_own_fields(c)?,
        notifications: group(c, NOTIFICATIONS)?.unwrap_or_default(),
        formats: formats(c)?.into_iter().map(|stored| stored.format).collect(),
        automations: REGISTERS
            .iter()
            .map(|register| {
                Ok(AutomationSetting {
                    name: register.automation.into(),
                    active: active.iter().any(|name| name == register.automation),
                    guards: Some(guards(c, register)?),
                })
            })
            .collect::<DbResult<_>>()?,
    })
}

/// How often the settings have been changed: a running program reads them anew when this has.
pub fn version(c: &Conn) -> DbResult<i64> {
    let found =
        c.first("SELECT version FROM settings_version WHERE company_id = ?1", &[COMPANY.into()], |row| {
            row.int(0)
        })?;
    Ok(found.unwrap_or(0))
}

/// Stores the whole document: formats that it does not have are removed, automations that it does not have stay as they
/// are. To be called in a write transaction.
///
/// # Errors
/// Everything that is wrong with the settings; then nothing was changed.
pub fn save(c: &Conn, settings: &Settings, by: &str, at: Timestamp) -> Result<SaveOutcome, SaveError> {
    let mut whole = settings.clone();
    let mentioned = |name: &str| settings.automations.iter().any(|a| a.name == name);
    whole.automations.extend(load(c)?.automations.into_iter().filter(|a| !mentioned(&a.name)));
    let mut complaints = complaints(&whole);
    for stored in formats(c)? {
        if !settings.formats.iter().any(|format| format.name == stored.format.name) {
            complaints.extend(super::formats::held_with(c, &stored.format.name)?);
        }
    }
    complaints.extend(own_fields::kind_complaints(c, &settings.own_fields)?);
    if !complaints.is_empty() {
        return Err(SaveError::Complaints(complaints));
    }
    Ok(write(c, settings, by, at)?)
}

/// Activates or deactivates an automation; gives whether that changed anything.
///
/// # Errors
/// What keeps it from being active, as [`activation_complaints`].
pub fn set_automation(
    c: &Conn,
    name: &str,
    active: bool,
    by: &str,
    at: Timestamp,
) -> Result<bool, SaveError> {
    let mut settings = load(c)?;
    let complaints = activation_complaints(&settings, name);
    let known = settings.automations.iter_mut().find(|automation| automation.name == name);
    match known {
        Some(automation) if complaints.is_empty() || !active => automation.active = active,
        _ => return Err(SaveError::Complaints(complaints)),
    }
    Ok(!write(c, &settings, by, at)?.changed.is_empty())
}

/// Stores settings that have been checked.
pub(super) fn write(c: &Conn, settings: &Settings, by: &str, at: Timestamp) -> DbResult<SaveOutcome> {
    let mut changed = Vec::new();
    let stored = load(c)?;
    if stored.erp_system != settings.erp_system {
        set_group(c, ERP_SYSTEM, &settings.erp_system)?;
        changed.push("the ERP system".to_owned());
    }
    if stored.limits != settings.limits {
        set_group(c, LIMITS, &settings.limits)?;
        changed.push("the limits".to_owned());
    }
    if stored.notifications != settings.notifications {
        set_group(c, NOTIFICATIONS, &settings.notifications)?;
        changed.push("the notifications".to_owned());
    }
    write_own_fields(c, &stored.own_fields, &settings.own_fields, &mut changed)?;
    write_formats(c, settings, &mut changed)?;
    for automation in &settings.automations {
        let before = stored.automations.iter().find(|before| before.name == automation.name);
        let switched = before.is_none_or(|before| before.active != automation.active);
        let guarded =
            automation.guards.is_some() && before.is_none_or(|before| before.guards != automation.guards);
        if !switched && !guarded {
            continue;
        }
        let guards = automation.guards.as_ref().map(json).transpose()?;
        c.execute(
            "INSERT INTO automations (company_id, name, active, changed_at, changed_by, guards) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (company_id, name) DO UPDATE \
             SET active = excluded.active, changed_at = excluded.changed_at, changed_by = excluded.changed_by, \
             guards = COALESCE(excluded.guards, automations.guards)",
            &[
                COMPANY.into(),
                automation.name.as_str().into(),
                automation.active.into(),
                time::to_text(at).as_str().into(),
                by.into(),
                guards.as_deref().into(),
            ],
        )?;
        let now = match (switched, automation.active) {
            (true, true) => "activated",
            (true, false) => "deactivated",
            (false, _) => "what it holds for a person",
        };
        changed.push(format!("the automation \"{}\", {now}", automation.name));
    }
    if !changed.is_empty() {
        count_change(c)?;
    }
    Ok(SaveOutcome { version: version(c)?, changed })
}

/// Lets running programs know that the settings are to be read anew.
pub(super) fn count_change(c: &Conn) -> DbResult<()> {
    c.execute("UPDATE settings_version SET version = version + 1 WHERE company_id = ?1", &[COMPANY.into()])?;
    Ok(())
}

fn write_own_fields(
    c: &Conn,
    before: &[OwnField],
    after: &[OwnField],
    changed: &mut Vec<String>,
) -> DbResult<()> {
    if before == after {
        return Ok(());
    }
    set_group(c, OWN_FIELDS, &after)?;
    own_fields::change(c, before, after)?;
    let named = |of: &[OwnField], field: &OwnField| {
        of.iter().find(|other| (&other.register, &other.name) == (&field.register, &field.name)).cloned()
    };
    let told = changed.len();
    changed.extend(after.iter().filter_map(|field| match named(before, field) {
        Some(same) if same == *field => None,
        Some(_) => Some(format!("the own field \"{}\", changed", field.name)),
        None => Some(format!("the own field \"{}\", added", field.name)),
    }));
    let gone = before.iter().filter(|field| named(after, field).is_none());
    changed.extend(gone.map(|field| format!("the own field \"{}\", removed", field.name)));
    if changed.len() == told {
        changed.push("the order of the own fields".to_owned());
    }
    Ok(())
}

fn write_formats(c: &Conn, settings: &Settings, changed: &mut Vec<String>) -> DbResult<()> {
    let stored = formats(c)?;
    for gone in stored.iter().filter(|s| !settings.formats.iter().any(|f| f.name == s.format.name)) {
        c.execute(
            "DELETE FROM formats WHERE company_id = ?1 AND name = ?2",
            &[COMPANY.into(), gone.format.name.as_str().into()],
        )?;
        changed.push(format!("the format \"{}\", removed", gone.format.name));
    }
    for (position, format) in settings.formats.iter().enumerate() {
        let before = stored.iter().enumerate().find(|(_, s)| s.format.name == format.name);
        let (version, what) = match before {
            Some((at, before)) if at == position && before.format == *format => continue,
            // Which format is the default one is no part of what this format is, nor is its place in the list.
            Some((_, before)) => {
                let same =
                    erpfile::Format { default: before.format.default, ..format.clone() } == before.format;
                (before.version + i64::from(!same), "changed")
            }
            None => (1, "added"),
        };
        let definition = json(format)?;
        c.execute(
            "INSERT INTO formats (company_id, name, position, register, version, definition) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (company_id, name) DO UPDATE SET \
             position = excluded.position, register = excluded.register, version = excluded.version, \
             definition = excluded.definition",
            &[
                COMPANY.into(),
                format.name.as_str().into(),
                i64::try_from(position).unwrap_or(i64::MAX).into(),
                format.register.as_str().into(),
                version.into(),
                definition.as_str().into(),
            ],
        )?;
        changed.push(format!("the format \"{}\", {what}", format.name));
    }
    Ok(())
}

pub(super) fn group<T: DeserializeOwned>(c: &Conn, name: &str) -> DbResult<Option<T>> {
    let found = c.first(
        "SELECT value FROM settings WHERE company_id = ?1 AND name = ?2",
        &[COMPANY.into(), name.into()],
        |row| row.text(0),
    )?;
    found
        .map(|text| serde_json::from_str(&text))
        .transpose()
        .map_err(|e| DbError::Invalid(format!("the stored settings \"{name}\" cannot be read: {e}")))
}

fn set_group<T: Serialize>(c: &Conn, name: &str, value: &T) -> DbResult<()> {
    c.execute(
        "INSERT INTO settings (company_id, name, value) VALUES (?1, ?2, ?3) \
         ON CONFLICT (company_id, name) DO UPDATE SET value = excluded.value",
        &[COMPANY.into(), name.into(), json(value)?.as_str().into()],
    )?;
    Ok(())
}

fn json<T: Serialize>(value: &T) -> DbResult<String> {
    serde_json::to_string(value).map_err(|e| DbError::Invalid(format!("the settings cannot be stored: {e}")))
}
