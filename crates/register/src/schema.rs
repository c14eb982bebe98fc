//! The numbered steps of both schemas, in order.

use std::path::Path;

use crate::db::{Database, DbResult, Migration, Outlasts};

/// The steps of the database that holds the registers. A new register adds one file and one line.
const REGISTER: &[Migration] = &[
    migration(1, "base", include_str!("../migrations/0001_base.sql")),
    migration(2, "customers", include_str!("../migrations/0002_customers.sql")),
    migration(3, "products", include_str!("../migrations/0003_products.sql")),
    migration(4, "queue", include_str!("../migrations/0004_queue.sql")),
    migration(5, "totals", include_str!("../migrations/0005_totals.sql")),
    migration(6, "kept", include_str!("../migrations/0006_kept.sql")),
    migration(7, "again", include_str!("../migrations/0007_again.sql")),
    migration(8, "files", include_str!("../migrations/0008_files.sql")),
    migration(9, "exchange folders", include_str!("../migrations/0009_exchange_folders.sql")),
    migration(10, "undo", include_str!("../migrations/0010_undo.sql")),
    migration(11, "holds", include_str!("../migrations/0011_holds.sql")),
    migration(12, "accepted folders", include_str!("../migrations/0012_accepted_folders.sql")),
    migration(13, "removed", include_str!("../migrations/0013_removed.sql")),
    migration(14, "contacts", include_str!("../migrations/0014_contacts.sql")),
    migration(15, "accepted seen", include_str!("../migrations/0015_accepted_seen.sql")),
    migration(16, "own fields", include_str!("../migrations/0016_own_fields.sql")),
    migration(17, "layouts", include_str!("../migrations/0017_layouts.sql")),
    migration(18, "refused files", include_str!("../migrations/0018_refused_files.sql")),
    migration(19, "duplicates", include_str!("../migrations/0019_duplicates.sql")),
    migration(20, "notifications", include_str!("../migrations/0020_notifications.sql")),
    migration(21, "held warnings", include_str!("../migrations/0021_held_warnings.sql")),
    migration(22, "undone keys", include_str!("../migrations/0022_undone_keys.sql")),
    migration(23, "words in memory", include_str!("../migrations/0023_words_in_memory.sql")),
    migration(24, "changes only", include_str!("../migrations/0024_changes_only.sql")),
    migration(25, "history of records", include_str!("../migrations/0025_history_of_records.sql")),
    migration(26, "less per record", include_str!("../migrations/0026_less_per_record.sql")),
];

/// The steps of the database that holds what is of the moment: sessions, progress.
const LIVE: &[Migration] = &[
    migration(1, "live", include_str!("../migrations/live/0001_live.sql")),
    migration(2, "retries", include_str!("../migrations/live/0002_retries.sql")),
    migration(3, "duplicates", include_str!("../migrations/live/0003_duplicates.sql")),
    migration(4, "clock", include_str!("../migrations/live/0004_clock.sql")),
];

const fn migration(number: i64, name: &'static str, sql: &'static str) -> Migration {
    Migration { number, name, sql }
}

/// Opens the database of registers, settings, people and the ledger, and brings its schema up to date.
///
/// # Errors
/// As [`Database::open`].
pub fn open(path: &Path) -> DbResult<Database> {
    Database::open(path, REGISTER, Outlasts::PowerCut)
}

/// Opens the database of sessions and live progress, and brings its schema up to date.
///
/// # Errors
/// As [`Database::open`].
pub fn open_live(path: &Path) -> DbResult<Database> {
    Database::open(path, LIVE, Outlasts::Crash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_are_numbered_from_one_without_gaps() {
        for steps in [REGISTER, LIVE] {
            assert!(steps.iter().zip(1..).all(|(step, number)| step.number == number));
        }
    }

    #[test]
    fn both_schemas_build_from_nothing() {
        let folder = tempfile::tempdir().unwrap();
        open(&folder.path().join("service-suite.db")).unwrap();
        open_live(&folder.path().join("live.db")).unwrap();
    }

    #[test]
    fn problems_of_earlier_imports_are_counted_when_the_schema_grows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("service-suite.db");
        let before = Database::open(&path, &REGISTER[..3], Outlasts::PowerCut).unwrap();
        before
            .write(|c| {
                c.batch(
                    "INSERT INTO imports (id, company_id, register, file, started_by, state, step, format, format_version,
                     format_mark, started_at) VALUES (7, 1, 'customers', 'customers.txt', 'test', 'done', 'finished', 'A',
                     1, '', '2026-11-03T12:00:00.000Z');
                     INSERT INTO problems (import_id, seq, line, code, message, hint)
                     VALUES (7, 1, 2, 'bad-date', '', ''), (7, 2, 3, 'bad-date', '', ''), (7, 3, 3, 'too-long', '', '')",
                )
            })
            .unwrap();
        drop(before);
        let counted = open(&path).unwrap().read(|c| crate::imports::problem_codes(c, 7)).unwrap();
        assert_eq!(counted, [("bad-date".to_owned(), 2), ("too-long".to_owned(), 1)]);
    }

    #[test]
    fn what_happened_to_a_record_before_the_schema_grew_is_told_and_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("service-suite.db");
        let before = Database::open(&path, &REGISTER[..24], Outlasts::PowerCut).unwrap();
        let entry = |id: i64, register: &str, record: i64, kind: &str, changes: &str| {
            format!(
                "INSERT INTO history (id, company_id, register, record_id, at, person, kind, changes) VALUES
                 ({id}, 1, '{register}', {record}, '2026-11-0{id}T12:00:00.00{id}Z', 'Person {id}', '{kind}', {changes});"
            )
        };
        let name = |old: &str, new: &str| format!(r#"'[{{"field":"name","old":{old},"new":{new}}}]'"#);
        let steps = [
            entry(1, "customers", 1, "created", "NULL"),
            entry(2, "products", 1, "created", "NULL"),
            entry(3, "customers", 2, "created", "NULL"),
            entry(4, "customers", 1, "updated", &name("null", r#""Bager""#)),
            entry(5, "products", 1, "updated", &name(r#""Saw""#, r#""Axe""#)),
            entry(6, "customers", 2, "removed", &name(r#""Smed""#, "null")),
            entry(7, "customers", 1, "updated", &name(r#""Bager""#, r#""Bageri""#)),
            "INSERT INTO customers (id, company_id, version, number, name, created_at, updated_at)
             VALUES (1, 1, 3, '0042', 'Bageri', '2026-11-01T12:00:00.001Z', '2026-11-07T12:00:00.007Z'),
              (9, 1, 1, '0049', 'Smed', '2026-11-03T12:00:00.000Z', '2026-11-03T12:00:00.000Z');
             INSERT INTO products (id, company_id, version, number, name, created_at, updated_at)
             VALUES (1, 1, 2, '7', 'Axe', '2026-11-02T12:00:00.002Z', '2026-11-05T12:00:00.005Z');
             INSERT INTO removed_records (company_id, register, number, record_id) VALUES (1, 'customers', '43', 2);"
                .to_owned(),
        ];
        before.write(|c| c.batch(&steps.concat())).unwrap();
        drop(before);
        let database = open(&path).unwrap();
        let who = |register, record| {
            let told = database.read(|c| crate::history::for_record(c, register, record, 10)).unwrap();
            told.into_iter().map(|change| change.user.unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(who(&crate::CUSTOMERS, 1), ["Person 7", "Person 4", "Person 1"]);
        assert_eq!(who(&crate::CUSTOMERS, 2), ["Person 6", "Person 3"]);
        assert_eq!(who(&crate::PRODUCTS, 1), ["Person 5", "Person 2"]);
        let removed = database.read(|c| crate::removed::find(c, &crate::CUSTOMERS, "43")).unwrap().unwrap();
        assert_eq!(removed.record.value(&crate::CUSTOMERS, "name"), Some("Smed"));
        assert_eq!(removed.record.created_at, "2026-11-03T12:00:00.003Z".parse().unwrap());
        assert_eq!(removed.at, "2026-11-06T12:00:00.006Z".parse().unwrap());
        let when = |register, number| {
            let record = database.read(|c| crate::records::find(c, register, number)).unwrap().unwrap();
            [record.created_at, record.updated_at].map(crate::time::to_text)
        };
        assert_eq!(when(&crate::CUSTOMERS, "0042"), ["2026-11-01T12:00:00.001Z", "2026-11-07T12:00:00.007Z"]);
        assert_eq!(when(&crate::CUSTOMERS, "0049"), ["2026-11-03T12:00:00.000Z"; 2]);
        assert_eq!(when(&crate::PRODUCTS, "7"), ["2026-11-02T12:00:00.002Z", "2026-11-05T12:00:00.005Z"]);
        let told = database.read(|c| crate::history::for_record(c, &crate::CUSTOMERS, 1, 10)).unwrap();
        assert_eq!(crate::time::to_text(told[0].at), "2026-11-07T12:00:00.007Z");
        database
            .write(|c| {
                let at = "2026-11-08T12:00:00Z".parse().unwrap();
                crate::edit::edit(c, &crate::CUSTOMERS, "0042", 3, &[("name", None)], "Person 8", at)?;
                crate::edit::create(c, &crate::CUSTOMERS, &[("number", Some("44"))], "Person 9", at)
            })
            .unwrap();
        assert_eq!(who(&crate::CUSTOMERS, 1), ["Person 8", "Person 7", "Person 4", "Person 1"]);
        assert_eq!(who(&crate::CUSTOMERS, 2), ["Person 6", "Person 3"], "its id is not another one's");
        assert_eq!(who(&crate::CUSTOMERS, 10), ["Person 9"]);
    }

    #[test]
    fn the_words_of_every_register_are_gathered_in_memory_before_they_are_written() {
        let folder = tempfile::tempdir().unwrap();
        let database = open(&folder.path().join("service-suite.db")).unwrap();
        for register in crate::REGISTERS {
            let sql = format!("SELECT v FROM {}_words_config WHERE k = 'hashsize'", register.name);
            let found = database.read(|c| c.first(&sql, &[], |row| row.int(0))).unwrap();
            assert_eq!(found, Some(16 << 20), "{}", register.name);
        }
    }

    #[test]
    fn every_declared_field_has_its_column_and_every_column_its_field() {
        let folder = tempfile::tempdir().unwrap();
        let database = open(&folder.path().join("service-suite.db")).unwrap();
        for register in crate::REGISTERS {
            let sql = "SELECT name, type FROM pragma_table_info(?1)";
            let found: Vec<(String, String)> = database
                .read(|c| c.all(sql, &[register.name.into()], |row| Ok((row.text(0)?, row.text(1)?))))
                .unwrap();
            let own = ["id", "company_id", "version", "mark", "created_at", "updated_at", "history"];
            let columns: Vec<(&str, &str)> = found
                .iter()
                .map(|(name, kind)| (name.as_str(), kind.as_str()))
                .filter(|(name, _)| !own.contains(name))
                .collect();
            let fields: Vec<(&str, &str)> = register
                .fields
                .iter()
                .map(|field| (field.name, if field.kind == crate::Kind::YesNo { "INTEGER" } else { "TEXT" }))
                .collect();
            assert_eq!(columns, fields, "{}", register.name);
            assert_eq!(found.len(), fields.len() + own.len(), "{}", register.name);
        }
    }
}
