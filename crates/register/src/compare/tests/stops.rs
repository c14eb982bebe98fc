//! Stories about imports that end before their end.

use std::io::{self, ErrorKind, Read};

use super::*;

#[test]
fn a_record_that_changes_between_comparing_and_committing_sends_the_file_back() {
    let format = format();
    let (old, new) =
        ("Kundenr;Navn;Kreditmax;Spærret\n1;A;;\n", "Kundenr;Navn;Kreditmax;Spærret\n1;B;;\n2;C;;\n");
    let new_file = new.as_bytes().to_vec();
    for interfering in ["Kundenr;Navn;Kreditmax;Spærret\n1;Z;;\n", "Kundenr;Navn;Kreditmax;Spærret\n2;Z;;\n"]
    {
        let mut world = World::new(Means::default());
        world.import(&format, old);
        let mut set = world.compare(&format, &new_file).unwrap();
        world.import(&format, interfering);
        let before = world.content();
        assert!(matches!(world.commit(&format, &new_file, &mut set), Err(Stop::Stale)));
        assert_eq!(world.content(), before, "nothing of it may stay");
        world.import(&format, new);
        assert_eq!(world.content()["1"][0].as_deref(), Some("B"));
        assert_eq!(world.content()["2"][0].as_deref(), Some("C"));
    }
}

#[test]
fn a_cancelled_import_and_one_whose_ledger_entry_fails_change_nothing() {
    let mut world = World::new(Means::default());
    let (id, at) = world.begin();
    let format = format();
    let mut file = "Kundenr;Navn;Kreditmax;Spærret\n".to_owned();
    for number in 0..9000 {
        file.push_str(&format!("{number};Navn {number};;\n"));
    }
    let bytes = file.clone().into_bytes();
    for phase in [Phase::Reading, Phase::Comparing] {
        let mut stop_at = |progress: Progress| match progress.phase == phase && progress.done > 0 {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        };
        let stopped = compare(&world.db, &world.job(&format, &bytes), &mut stop_at);
        assert!(matches!(stopped, Err(Stop::Cancelled)), "{phase:?}");
    }
    let mut set = world.compare(&format, &bytes).unwrap();
    let mut calls = 0;
    let mut third = |_: Progress| {
        calls += 1;
        if calls == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let job = world.job(&format, &bytes);
    let stopped = commit::commit(&world.db, &job, &mut set, id, at, &mut |_, _| Ok(()), &mut third);
    assert!(matches!(stopped, Err(Stop::Cancelled)));
    let mut fail = |_: &Conn, _: &Counts| Err(DbError::Invalid("no entry".into()));
    let failed = commit::commit(&world.db, &job, &mut set, id, at, &mut fail, &mut go);
    assert!(matches!(failed, Err(Stop::Db(_))));
    assert_eq!(world.content().len(), 0);
    // Whoever wants to stop when all is written is too late, and is told so.
    let mut at_the_end = |progress: Progress| match progress.done == progress.total {
        true => ControlFlow::Break(()),
        false => ControlFlow::Continue(()),
    };
    let counts = commit::commit(&world.db, &job, &mut set, id, at, &mut |_, _| Ok(()), &mut at_the_end);
    assert_eq!((counts.unwrap().created, world.content().len()), (9000, 9000));
}

/// A file that can be read from the beginning, but of which no part is there any more.
struct Vanishing(Vec<u8>);

impl Spool for Vanishing {
    fn reader(&self) -> io::Result<Box<dyn Read + Send + '_>> {
        self.0.reader()
    }

    fn read_at(&self, _: u64, _: &mut [u8]) -> io::Result<()> {
        Err(ErrorKind::NotFound.into())
    }

    fn len(&self) -> u64 {
        Spool::len(&self.0)
    }
}

/// A disk without room.
struct Full;

impl Scratch for Full {
    fn file(&self) -> io::Result<std::fs::File> {
        Err(ErrorKind::StorageFull.into())
    }
}

/// A folder of which every file fails when it is written.
struct ReadOnly(std::path::PathBuf);

impl Scratch for ReadOnly {
    fn file(&self) -> io::Result<std::fs::File> {
        std::fs::File::open(&self.0)
    }
}

#[test]
fn what_keeps_scratch_files_from_being_used_is_not_taken_for_the_file() {
    let mut world = World::new(Means { entries_memory: 64 << 10, ..Means::default() });
    let format = format();
    world.import(&format, "Kundenr;Navn;Kreditmax;Spærret\n1;A;;\n");
    let mut file = "Kundenr;Navn;Kreditmax;Spærret\n".to_owned();
    for number in 0..9000 {
        file.push_str(&format!("{number};Navn {number};x;\n"));
    }
    let file = file.into_bytes();
    let told = |job: &Job<'_>| compare_by(&world.db, job, world.means, &mut go).unwrap_err();

    let full = told(&Job { scratch: &Full, ..world.job(&format, &file) });
    assert!(matches!(full, Stop::Scratch(_)), "{full:?}");
    let said = full.to_string();
    assert!(
        said.contains("the disk that holds the scratch files is full") && said.contains("free some space")
    );

    let empty = tempfile::NamedTempFile::new().unwrap();
    let unusable = told(&Job { scratch: &ReadOnly(empty.path().into()), ..world.job(&format, &file) });
    assert!(matches!(unusable, Stop::Scratch(_)), "{unusable:?}");
    assert!(unusable.to_string().starts_with("a scratch file cannot be used: "), "{unusable}");

    let gone = told(&Job { spool: &Vanishing(file.clone()), ..world.job(&format, &file) });
    assert!(matches!(gone, Stop::Io(_)), "{gone:?}");
    assert!(gone.to_string().starts_with("the private copy of the file cannot be read: "), "{gone}");
}

#[test]
fn a_first_load_that_comes_to_its_end_too_early_changes_nothing_and_says_why() {
    let mut world = World::new(Means::default());
    let format = format();
    let rows: String =
        (0..9000).map(|number| format!("{number};Navn {number} {};;\n", number * 7919)).collect();
    let file = format!("Kundenr;Navn;Kreditmax;Spærret\n{rows}").into_bytes();
    let mut set = world.compare(&format, &file).unwrap();
    let (id, at) = world.begin();
    let mut told = |job: &Job<'_>| {
        commit::commit(&world.db, job, &mut set, id, at, &mut |_, _| Ok(()), &mut go).unwrap_err()
    };
    let full = told(&Job { scratch: &Full, ..world.job(&format, &file) });
    assert!(matches!(full, Stop::Scratch(_)), "{full:?}");
    let gone = told(&Job { spool: &Vanishing(file.clone()), ..world.job(&format, &file) });
    assert!(matches!(gone, Stop::Io(_)), "{gone:?}");
    assert_eq!(world.content().len(), 0);
    assert_eq!(world.commit(&format, &file, &mut set).unwrap().created, 9000);
    assert_eq!(world.content().len(), 9000);
}

#[test]
fn rows_that_are_not_accounted_for_are_never_committed() {
    let mut world = World::new(Means::default());
    let format = format();
    world.import(&format, "Kundenr;Navn;Kreditmax;Spærret\n1;A;;\n2;B;;\n");
    let before = world.content();
    let file = "Kundenr;Navn;Kreditmax;Spærret\n1;Z;;\n2;B;;\n3;C;;\n4;D;x;\n".as_bytes().to_vec();
    let wrong: [fn(&mut Counts); 6] = [
        |counts| counts.read += 1,
        |counts| counts.unchanged -= 1,
        |counts| (counts.created, counts.read) = (counts.created + 1, counts.read + 1),
        |counts| (counts.created, counts.unchanged) = (counts.created - 1, counts.unchanged + 1),
        |counts| (counts.updated, counts.unchanged) = (counts.updated - 1, counts.unchanged + 1),
        |counts| (counts.refused, counts.unchanged) = (counts.refused - 1, counts.unchanged + 1),
    ];
    for spoil in wrong {
        let mut set = world.compare(&format, &file).unwrap();
        spoil(&mut set.counts);
        let stopped = world.commit(&format, &file, &mut set);
        assert!(matches!(&stopped, Err(Stop::Db(DbError::Invalid(_)))), "{:?}: {stopped:?}", set.counts);
        assert_eq!(world.content(), before);
        assert!(world.refused_rows().is_empty());
    }
    let mut set = world.compare(&format, &file).unwrap();
    assert!(world.commit(&format, &file, &mut set).unwrap().add_up());
}
