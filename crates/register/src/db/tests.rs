use rusqlite::StatementStatus;

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
fn a_commit_of_any_connection_is_noticed_and_nothing_else_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    let open = || Database::open(&path, &[FIRST], Outlasts::PowerCut).unwrap();
    // Another process opens it for itself, too.
    let (ours, theirs) = (open(), open());
    let mut before = ours.moment().unwrap();
    for (id, writer) in [(1, &ours), (2, &theirs), (3, &theirs), (4, &ours)] {
        assert_eq!(ours.moment().unwrap(), before, "nothing was committed");
        names(&ours);
        let failed = writer.write(|c| {
            c.execute("INSERT INTO things (id, name) VALUES (?1, 'taken back')", &[i64::from(id).into()])?;
            Err::<(), _>(DbError::Busy)
        });
        assert!(failed.is_err());
        assert_eq!(ours.moment().unwrap(), before, "nothing was committed");
        let name = format!("thing {id}");
        let added = writer.write(|c| {
            c.execute(
                "INSERT INTO things (id, name) VALUES (?1, ?2)",
                &[i64::from(id).into(), name.as_str().into()],
            )
        });
        assert_eq!(added.unwrap(), 1);
        assert_ne!(ours.moment().unwrap(), before, "{name}");
        before = ours.moment().unwrap();
    }
    // What a new connection counts from is not what the one before it counted.
    ours.0.give_up_teller();
    assert_ne!(ours.moment().unwrap(), before);
}

#[test]
fn a_cached_answer_is_asked_for_anew_after_a_commit_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    let open = || Database::open(&path, &[FIRST], Outlasts::PowerCut).unwrap();
    let (ours, theirs) = (open(), open());
    let (mut cached, mut asked) = (Cached::default(), 0);
    let mut count = || {
        cached.read(&ours, |c| {
            asked += 1;
            c.first("SELECT count(*) FROM things", &[], |row| row.int(0))
        })
    };
    assert_eq!([count().unwrap(), count().unwrap()], [Some(0); 2]);
    theirs.write(|c| c.execute("INSERT INTO things (id, name) VALUES (1, 'lamp')", &[])).unwrap();
    assert_eq!([count().unwrap(), count().unwrap()], [Some(1); 2]);
    assert_eq!(asked, 2);
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

#[test]
fn a_statement_is_planned_once_whatever_is_bound_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let to_do = Migration {
        number: 1,
        name: "to do",
        sql: "CREATE TABLE jobs (id INTEGER PRIMARY KEY, owner TEXT NOT NULL, step TEXT NOT NULL);
              CREATE INDEX jobs_to_do ON jobs (owner, id) WHERE step = 'new'",
    };
    let database = Database::open(&folder.path().join("test.db"), &[to_do], Outlasts::Crash).unwrap();
    database
        .read(|c| {
            let sql = "SELECT id FROM jobs WHERE owner = ?1 AND step = ?2";
            for step in ["new", "done", "new"] {
                assert_eq!(c.all(sql, &["anna".into(), step.into()], |row| row.int(0))?, Vec::<i64>::new());
            }
            let statement = c.0.prepare_cached(sql)?;
            assert_eq!(statement.get_status(StatementStatus::Run), 3, "it is the one that was kept");
            assert_eq!(statement.get_status(StatementStatus::RePrepare), 0);
            Ok::<_, DbError>(())
        })
        .unwrap();
}
