use super::*;

const FIRST: Migration = Migration {
    number: 1,
    name: "things",
    sql: "CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
};
const SECOND: Migration =
    Migration { number: 2, name: "colours", sql: "ALTER TABLE things ADD COLUMN colour TEXT" };

fn names(database: &Database) -> Vec<String> {
    database.read(|c| c.all("SELECT name FROM things ORDER BY name", &[], |row| row.text(0))).unwrap()
}

#[test]
fn a_database_is_brought_up_to_date_and_a_newer_one_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    let database = Database::open(&path, &[FIRST], Outlasts::PowerCut).unwrap();
    database.write(|c| c.execute("INSERT INTO things (id, name) VALUES (1, ?1)", &["lamp".into()])).unwrap();
    drop(database);
    let database = Database::open(&path, &[FIRST, SECOND], Outlasts::PowerCut).unwrap();
    assert_eq!(names(&database), ["lamp"]);
    drop(database);
    assert!(matches!(
        Database::open(&path, &[FIRST], Outlasts::PowerCut),
        Err(DbError::Newer { found: 2, known: 1 })
    ));
}

#[test]
fn a_write_that_fails_changes_nothing_and_the_next_one_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(&folder.path().join("test.db"), &[FIRST], Outlasts::PowerCut).unwrap();
    let insert = |c: &Conn, id: i64, name: &str| {
        c.execute("INSERT INTO things (id, name) VALUES (?1, ?2)", &[id.into(), name.into()])
    };
    let failed = database.write(|c| {
        insert(c, 1, "lamp")?;
        insert(c, 2, "lamp")
    });
    assert!(failed.is_err());
    assert_eq!(names(&database), Vec::<String>::new());
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        database.write(|c| -> DbResult<()> {
            insert(c, 1, "half")?;
            panic!("a bug")
        })
    }));
    assert!(panicked.is_err());
    database.write(|c| insert(c, 3, "chair")).unwrap();
    assert_eq!(names(&database), ["chair"]);
}

#[test]
fn a_reader_sees_one_moment_while_another_writes() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(&folder.path().join("test.db"), &[FIRST], Outlasts::PowerCut).unwrap();
    let count = |c: &Conn| c.first("SELECT count(*) FROM things", &[], |row| row.int(0));
    database
        .read(|c| {
            assert_eq!(count(c)?, Some(0));
            database.write(|w| w.execute("INSERT INTO things (id, name) VALUES (1, 'lamp')", &[]))?;
            assert_eq!(count(c)?, Some(0));
            Ok::<_, DbError>(())
        })
        .unwrap();
    assert_eq!(database.read(count).unwrap(), Some(1));
}

#[test]
fn a_database_that_can_only_be_read_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    drop(Database::open(&path, &[FIRST], Outlasts::PowerCut).unwrap());
    // As SQLite opens it where it cannot open it for writing.
    let opened = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let judged = must_be_writable(&opened, &path);
    assert!(matches!(judged, Err(DbError::ReadOnly(_))), "{judged:?}");
}

#[test]
fn a_path_is_a_path_whatever_it_begins_with() {
    for (path, meant) in [
        ("file:data/suite.db?mode=memory", "./file:data/suite.db?mode=memory"),
        ("data/file:x", "data/file:x"),
    ] {
        assert_eq!(never_a_uri(Path::new(path)), Path::new(meant));
    }
    // The folder of the tests is this crate's; the name tells whose file it is.
    let name = format!("file:register-test-{}.db?mode=memory", std::process::id());
    let database = Database::open(Path::new(&name), &[FIRST], Outlasts::Crash).unwrap();
    let made = std::fs::exists(format!("./{name}")).unwrap();
    drop(database);
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("./{name}{ending}"));
    }
    assert!(made, "{name} is a file");
}
