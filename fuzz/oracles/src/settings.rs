//! The settings file with its formats: any text is read or refused; what is shown and applied again is the same; and
//! settings without complaints can be stored and come back.

use std::path::Path;
use std::sync::LazyLock;

use register::db::{Database, DbError};
use register::settings::{Settings, complaints, load, mark, parse_duration, save};

use crate::words;

/// Where relative default folders would lie.
const DATA: &str = "/var/lib/service-suite";

/// A database that no case changes: each is rolled back.
static DATABASE: LazyLock<Option<(tempfile::TempDir, Database)>> = LazyLock::new(|| {
    let folder = tempfile::tempdir().ok()?;
    let database = register::open(&folder.path().join("service-suite.db")).ok()?;
    Some((folder, database))
});

/// The input is a settings file, or else one in JSON as a change of the settings, or a duration.
pub fn check(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    match toml::from_str::<Settings>(text) {
        Ok(settings) => check_settings(&settings),
        Err(error) => assert!(!error.to_string().trim().is_empty()),
    }
    if let Ok(document) = serde_json::from_str(text)
        && let Ok(settings) = Settings::default().changed_by(document)
    {
        check_settings(&settings);
    }
    if let Ok(duration) = parse_duration(text) {
        let written = register::settings::duration_text(duration);
        assert_eq!(parse_duration(&written), Ok(duration), "{text:?}");
    }
}

fn check_settings(settings: &Settings) {
    let data = Path::new(DATA);
    let stored = settings.without_defaults(data);
    let shown = toml::to_string(&settings.with_defaults(data));
    assert!(shown.is_ok(), "{shown:?}");
    let shown = shown.unwrap_or_default();
    let again = toml::from_str::<Settings>(&shown);
    assert_eq!(again.as_ref().map(|again| again.without_defaults(data)), Ok(stored.clone()), "{shown}");
    let json = serde_json::to_value(settings).unwrap_or_default();
    assert_eq!(Settings::default().changed_by(json.clone()).as_ref(), Ok(settings), "{json}");
    for format in &settings.formats {
        let own = &settings.own_fields;
        assert_eq!(mark(format, own), mark(&format.clone(), own));
    }
    let complaints = complaints(settings);
    for complaint in &complaints {
        assert!(!complaint.place.is_empty() && !complaint.hint.is_empty(), "{complaint:?}");
        assert!(!complaint.message.trim().is_empty());
    }
    if complaints.is_empty() {
        settings.formats.iter().for_each(|format| words::sentence(&format.name));
        store(settings);
    }
}

fn store(settings: &Settings) {
    let Some((_, database)) = &*DATABASE else { unreachable!("there is a database") };
    // Undone at the end by this error, so that every case begins with nothing stored.
    let done = DbError::Invalid("done".into());
    let result = database.write(|c| -> Result<(), DbError> {
        let at = "2026-11-22T00:00:00Z".parse().unwrap_or_default();
        let first = save(c, settings, "Ada", at).map_err(|error| DbError::Invalid(error.to_string()))?;
        let loaded = load(c)?;
        assert_eq!((&loaded.erp_system, &loaded.limits), (&settings.erp_system, &settings.limits));
        assert_eq!(loaded.formats, settings.formats);
        for automation in &settings.automations {
            let stored = loaded.automations.iter().find(|stored| stored.name == automation.name);
            assert_eq!(stored.map(|stored| stored.active), Some(automation.active));
            // What is left out of the document stays as it is.
            assert!(
                automation.guards.is_none()
                    || stored.is_some_and(|stored| stored.guards == automation.guards)
            );
        }
        let again = save(c, &loaded, "Ada", at).map_err(|error| DbError::Invalid(error.to_string()))?;
        assert_eq!((again.version, again.changed), (first.version, vec![]), "applying what is stored");
        Err(done)
    });
    assert_eq!(
        result.err().map(|error| error.to_string()),
        Some(DbError::Invalid("done".into()).to_string())
    );
}
