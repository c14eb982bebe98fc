//! Stories about settings.

use erpfile::{Column, ColumnFrom};
use jiff::Timestamp;

use super::*;
use crate::db::{Conn, Database, DbResult};
use crate::imports;

mod round_trip;

fn now() -> Timestamp {
    "2026-11-03T12:00:00Z".parse().unwrap()
}

struct Store {
    database: Database,
    _folder: tempfile::TempDir,
}

impl Store {
    fn new() -> Store {
        let folder = tempfile::tempdir().unwrap();
        Store { database: crate::open(&folder.path().join("test.db")).unwrap(), _folder: folder }
    }

    fn read<T>(&self, work: impl FnOnce(&Conn) -> DbResult<T>) -> T {
        self.database.read(work).unwrap()
    }

    fn load(&self) -> Settings {
        self.read(load)
    }

    fn save(&self, settings: &Settings) -> Result<SaveOutcome, SaveError> {
        self.database.write(|c| save(c, settings, "Ada", now()))
    }

    fn save_format(&self, old: Option<&str>, format: Format) -> Result<StoredFormat, SaveError> {
        self.database.write(|c| save_format(c, old, format, "Ada", now()))
    }

    fn activate(&self, name: &str, active: bool) -> Result<bool, SaveError> {
        self.database.write(|c| set_automation(c, name, active, "Ada", now()))
    }
}

fn column(from: &str, field: &str) -> Column {
    Column::new(ColumnFrom::Name(from.into()), field)
}

fn format_of(name: &str, register: &str) -> Format {
    Format {
        name: name.into(),
        register: register.into(),
        filename: format!("{register}.txt"),
        columns: vec![column("Kundenr", "number")],
        ..Format::default()
    }
}

fn default_of(name: &str, register: &str) -> Format {
    Format { default: true, ..format_of(name, register) }
}

fn places(error: SaveError) -> Vec<String> {
    match error {
        SaveError::Complaints(complaints) => complaints.into_iter().map(|c| c.place).collect(),
        SaveError::Db(error) => panic!("{error}"),
    }
}

const DOCUMENT: &str = r#"
[erp-system]
name = "ERP"
exchange-folder = "/srv/exchange"
settle = "10s"
after-import = "archive"
archive-folder = "/srv/archive"
refused-folder = "/srv/refused"
keep-archive = 30

[[formats]]
name = "ERP customers"
register = "customers"
default = true
filename = "customers.txt"
layout = "delimited"
encoding = "windows-1252"
delimiter = ";"
quote = '"'
skip-lines = 0
header-lines = 1
decimal-separator = ","
date-format = "%d-%m-%Y"
blank = "keep"
content = "changes"
missing = "leave"
repeated = "refuse"

[[formats.columns]]
from = "Kundenr"
field = "number"

[[automations]]
name = "customers-from-erp"
active = true
"#;

#[test]
fn the_settings_file_is_stored_and_shown_again() {
    let store = Store::new();
    let settings: Settings = toml::from_str(DOCUMENT).unwrap();
    assert_eq!(settings.erp_system.settle, Duration::from_secs(10));
    assert_eq!(settings.erp_system.keep_archive, KeepArchive::Days(30));
    let outcome = store.save(&settings).unwrap();
    assert_eq!(
        outcome.changed,
        [
            "the ERP system",
            "the format \"ERP customers\", added",
            "the automation \"customers-from-erp\", activated"
        ]
    );
    let shown = store.load();
    assert_eq!((&shown.erp_system, &shown.formats), (&settings.erp_system, &settings.formats));
    let automations: Vec<_> = shown.automations.iter().map(|a| (a.name.as_str(), a.active)).collect();
    assert_eq!(automations, [("customers-from-erp", true), ("products-from-erp", false)]);
    // Every key of the document is shown under its own name.
    let text = toml::to_string(&shown).unwrap();
    for key in DOCUMENT.lines().filter_map(|line| line.split(" = ").next()) {
        assert!(text.contains(key), "{key} is missing from:\n{text}");
    }
    assert_eq!(store.save(&toml::from_str(&text).unwrap()).unwrap().changed, Vec::<String>::new());
}

#[test]
fn an_empty_document_is_the_defaults() {
    let settings: Settings = toml::from_str("").unwrap();
    assert_eq!(settings, Settings::default());
    assert_eq!(settings.erp_system.settle, Duration::from_secs(10));
    assert_eq!(settings.erp_system.after_import, AfterImport::Archive);
    assert_eq!(settings.erp_system.keep_archive, KeepArchive::Forever);
    assert_eq!(settings.limits.reading(), erpfile::Limits::default());
    assert_eq!(complaints(&settings), []);
}

#[test]
fn what_does_not_belong_into_the_document_is_named() {
    let format = "[[formats]]\nname = \"x\"\nregister = \"customers\"\n";
    for (document, named) in [
        ("[erp-system]\nsetle = \"10s\"", "setle"),
        ("[erp-sytem]\n", "erp-sytem"),
        ("[limits]\nlines = 1", "lines"),
        ("[[automations]]\nname = \"x\"\nactive = true\nenabled = true", "enabled"),
        (&format!("{format}delimeter = \";\""), "delimeter"),
        ("[erp-system]\nsettle = 10", "settle"),
        ("[erp-system]\nsettle = \"10\"", "\"10\" is no duration"),
        ("[erp-system]\nsettle = \"ten seconds\"", "500ms, 10s, 2m or 1h"),
        ("[erp-system]\nafter-import = \"burn\"", "archive, delete, leave"),
        ("[erp-system]\nkeep-archive = \"a while\"", "keep-archive"),
        ("[erp-system]\nkeep-archive = -1", "keep-archive"),
    ] {
        let said = toml::from_str::<Settings>(document).unwrap_err().to_string();
        assert!(said.contains(named), "{document}: {said}");
        let value: serde_json::Value = toml::from_str(document).unwrap();
        let said = Settings::default().changed_by(value).unwrap_err();
        assert!(said.contains(named), "{document}: {said}");
    }
}

#[test]
fn durations_are_a_number_and_a_unit() {
    for (text, millis) in
        [("10s", 10_000), ("500ms", 500), ("2m", 120_000), ("1h", 3_600_000), (" 3 s ", 3000)]
    {
        assert_eq!(parse_duration(text), Ok(Duration::from_millis(millis)), "{text}");
    }
    for text in ["", "10", "s", "-1s", "1.5s", "1d", "1s2", "99999999999999999999s", "99999999999999999h"] {
        assert!(parse_duration(text).is_err(), "{text}");
    }
    for (millis, text) in [(0, "0s"), (90_000, "90s"), (60_000, "1m"), (1500, "1500ms")] {
        assert_eq!(duration_text(Duration::from_millis(millis)), text);
    }
}

#[test]
fn wrong_settings_are_complained_of_by_place_and_nothing_is_stored() {
    let store = Store::new();
    let erp = |change: fn(&mut ErpSystem)| {
        let mut settings = Settings::default();
        change(&mut settings.erp_system);
        settings
    };
    let formats = |formats: &[Format]| Settings { formats: formats.to_vec(), ..Settings::default() };
    let automation = |name: &str, active: bool| AutomationSetting {
        name: name.into(),
        active,
        guards: Some(Guards::default()),
    };
    let a = || default_of("A", "customers");
    let marked = |format: Format, marker: &str| Format { marker: Some(marker.into()), ..format };
    for (settings, expected) in [
        (erp(|erp| erp.name.clear()), vec!["erp-system.name"]),
        (erp(|erp| erp.settle = Duration::ZERO), vec!["erp-system.settle"]),
        (erp(|erp| erp.settle = Duration::from_secs(90_000)), vec!["erp-system.settle"]),
        (erp(|erp| erp.keep_archive = KeepArchive::Days(0)), vec!["erp-system.keep-archive"]),
        (erp(|erp| erp.keep_archive = KeepArchive::Days(36_501)), vec!["erp-system.keep-archive"]),
        (erp(|erp| erp.exchange_folder = Some("exchange".into())), vec!["erp-system.exchange-folder"]),
        (erp(|erp| erp.archive_folder = Some("/a\0b".into())), vec!["erp-system.archive-folder"]),
        (
            Settings { limits: Limits { columns: 0, line: 9, ..Limits::default() }, ..Settings::default() },
            vec!["limits.line", "limits.columns"],
        ),
        (formats(&[Format { filename: String::new(), ..a() }]), vec!["format \"A\": filename"]),
        (formats(&[format_of("A", "suppliers")]), vec!["format \"A\": register"]),
        (formats(&[Format { delimiter: String::new(), ..a() }]), vec!["format \"A\": delimiter"]),
        (formats(&[Format { columns: vec![], ..a() }]), vec!["format \"A\": columns"]),
        (
            formats(&[Format { columns: [&a().columns[..], &[column("Navn", "nome")]].concat(), ..a() }]),
            vec!["format \"A\": columns[2].field"],
        ),
        (formats(&[a(), format_of("Á", "products")]), vec!["format \"Á\": name"]),
        (formats(&[a(), default_of("B", "customers")]), vec!["format \"B\": default"]),
        (
            formats(&[a(), Format { filename: "customers.txt".into(), ..default_of("B", "products") }]),
            vec!["format \"B\": filename"],
        ),
        (
            formats(&[a(), Format { filename: "c*.txt".into(), ..default_of("B", "products") }]),
            vec!["format \"B\": filename"],
        ),
        (
            formats(&[marked(a(), "done"), marked(default_of("B", "products"), "done")]),
            vec!["format \"B\": marker"],
        ),
        (formats(&[a(), marked(default_of("B", "products"), "customers.txt")]), vec!["format \"B\": marker"]),
        (formats(&[marked(a(), "products.txt"), default_of("B", "products")]), vec!["format \"B\": marker"]),
        (
            Settings {
                formats: vec![marked(a(), "done"), marked(format_of("B", "products"), "done")],
                ..erp(|erp| erp.after_import = AfterImport::Leave)
            },
            vec!["format \"A\": marker"],
        ),
        (
            Settings { automations: vec![automation("coffee", false)], ..Settings::default() },
            vec!["automation \"coffee\""],
        ),
        (
            Settings { automations: vec![automation("customers-from-erp", true)], ..Settings::default() },
            vec!["automation \"customers-from-erp\""],
        ),
        (
            Settings {
                automations: vec![
                    automation("products-from-erp", false),
                    automation("products-from-erp", false),
                ],
                ..Settings::default()
            },
            vec!["automation \"products-from-erp\""],
        ),
    ] {
        assert_eq!(places(store.save(&settings).unwrap_err()), expected);
        assert_eq!(store.read(version), 0);
    }
    let said = store.save(&erp(|erp| erp.settle = Duration::ZERO)).unwrap_err().to_string();
    assert!(said.starts_with("erp-system.settle: The settle time must be at least 1 ms"), "{said}");
}

#[test]
fn an_automation_needs_a_default_format_and_keeps_it_while_it_is_active() {
    let store = Store::new();
    assert_eq!(places(store.activate("customers-from-erp", true).unwrap_err()), ["formats"]);
    assert_eq!(places(store.activate("coffee", false).unwrap_err()), ["name"]);
    store.save_format(None, default_of("A", "customers")).unwrap();
    assert!(store.activate("customers-from-erp", true).unwrap());
    assert!(!store.activate("customers-from-erp", true).unwrap(), "it is active already");
    let delete = |name: &str| store.database.write(|c| delete_format(c, name, "Ada", now()));
    let still = ["automation \"customers-from-erp\""];
    assert_eq!(places(delete("A").unwrap_err()), still);
    assert_eq!(places(store.save_format(Some("A"), format_of("A", "customers")).unwrap_err()), still);
    assert_eq!(
        places(store.save(&Settings::default()).unwrap_err()),
        still,
        "not mentioned means still active"
    );
    // Another one takes over; now the first can go.
    store.save_format(None, default_of("B", "customers")).unwrap();
    assert!(delete("A").unwrap());
    assert!(!delete("A").unwrap());
    assert_eq!(store.read(|c| default_format(c, "customers")).unwrap().format.name, "B");
    assert!(store.activate("customers-from-erp", false).unwrap());
    assert!(delete("B").unwrap());
    assert_eq!(store.read(|c| default_format(c, "customers")), None);
}

#[test]
fn a_format_counts_its_changes_and_its_mark_tells_how_it_reads() {
    let store = Store::new();
    let first = store.save_format(None, default_of("A", "customers")).unwrap();
    assert_eq!(first.version, 1);
    assert_eq!(store.save_format(Some("A"), first.format.clone()).unwrap(), first, "nothing changed");
    assert_eq!(store.read(version), 1);
    let windows = Format { encoding: "windows-1252".parse().unwrap(), ..first.format.clone() };
    let second = store.save_format(Some("A"), windows).unwrap();
    assert_eq!(second.version, 2);
    assert_ne!(second.mark, first.mark);
    // Another file name is another version, but reads the same.
    let renamed = Format { filename: "kunder.txt".into(), ..second.format.clone() };
    let third = store.save_format(Some("A"), renamed).unwrap();
    assert_eq!((third.version, &third.mark), (3, &second.mark));
    // Another name is the same format; so is one that is no longer the default.
    let fourth = store.save_format(Some("A"), Format { name: "Å".into(), ..third.format.clone() }).unwrap();
    assert_eq!((fourth.version, &fourth.mark, fourth.format.name.as_str()), (3, &third.mark, "Å"));
    assert_eq!(store.read(version), 4);
    store.save_format(None, default_of("B", "customers")).unwrap();
    let stored = store.read(|c| format(c, "Å")).unwrap();
    assert_eq!((stored.version, stored.format.default), (3, false));
    assert_eq!(store.read(|c| format(c, "A")), None);
    let names: Vec<_> = store.read(formats::formats).into_iter().map(|s| s.format.name).collect();
    assert_eq!(names, ["Å", "B"]);
}

#[test]
fn a_delivery_that_waits_is_read_with_its_format_under_the_new_name() {
    let store = Store::new();
    let first = store.save_format(None, default_of("A", "customers")).unwrap();
    let import = imports::NewImport {
        automation: Some("customers-from-erp".into()),
        register: "customers".into(),
        file: "customers.txt".into(),
        started_by: "automation".into(),
        again_of: None,
        changes_only: false,
        step: imports::Step::Claiming,
        format: first.format.name.clone(),
        format_version: first.version,
        format_mark: first.mark,
        identity: None,
        size: None,
        modified_at: None,
        started_at: now(),
    };
    let id = store.database.write(|c| imports::begin(c, &import)).unwrap();
    store.save_format(Some("A"), Format { name: "Å".into(), ..first.format }).unwrap();
    let waiting = store.read(|c| imports::find(c, id)).unwrap();
    assert!(store.read(|c| format(c, &waiting.format)).is_some(), "{}", waiting.format);
}

#[test]
fn a_format_that_is_wrong_or_gone_is_not_saved() {
    let store = Store::new();
    store.save_format(None, default_of("A", "customers")).unwrap();
    let before = store.load();
    for (old, format, expected) in [
        (None, format_of("a", "customers"), "name"),
        (None, format_of("", "customers"), "name"),
        (None, Format { filename: "a/x".into(), ..format_of("B", "customers") }, "filename"),
        (None, Format { filename: "customers.*".into(), ..default_of("B", "products") }, "filename"),
        (Some("gone"), format_of("B", "customers"), "name"),
    ] {
        assert_eq!(places(store.save_format(old, format).unwrap_err()), [expected]);
        assert_eq!(store.load(), before);
    }
}

#[test]
fn what_a_document_leaves_out_stays_as_it_is() {
    let settings: Settings = toml::from_str(DOCUMENT).unwrap();
    let document: serde_json::Value = toml::from_str("[erp-system]\nsettle = \"2s\"").unwrap();
    let changed = settings.changed_by(document).unwrap();
    let mut expected = settings.clone();
    expected.erp_system.settle = Duration::from_secs(2);
    assert_eq!(changed, expected);
    let document = serde_json::json!({"formats": [], "erp-system": {"archive-folder": null}});
    let changed = settings.changed_by(document).unwrap();
    assert_eq!((changed.formats, changed.erp_system.archive_folder), (vec![], None));
}

#[test]
fn default_folders_are_shown_whole_and_follow_the_data_folder() {
    let data = Path::new("/var/lib/service-suite");
    let shown = Settings::default().with_defaults(data);
    assert_eq!(shown.erp_system.exchange_folder.as_deref(), Some("/var/lib/service-suite/exchange"));
    assert_eq!(shown.erp_system.archive_path(data), data.join("archive"));
    assert_eq!(shown.without_defaults(data), Settings::default());
    assert_eq!(shown.without_defaults(Path::new("/elsewhere")), shown);
    let relative = Settings::default().with_defaults(Path::new("service-suite-data"));
    assert_eq!(complaints(&relative), [], "what is shown can be applied");
    assert_eq!(relative.without_defaults(Path::new("service-suite-data")), Settings::default());
}
