//! Stories about what is of the moment.

use super::*;
use crate::db::Database;

fn now() -> Timestamp {
    "2026-11-03T12:00:00Z".parse().unwrap()
}

fn after(duration: Duration) -> Timestamp {
    now() + jiff::SignedDuration::try_from(duration).unwrap()
}

fn database() -> (Database, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (crate::open_live(&folder.path().join("live.db")).unwrap(), folder)
}

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_session_lives_while_it_is_used_and_no_longer_than_it_may() {
    let (database, _folder) = database();
    let find = |at: Timestamp| database.read(|c| find_session(c, "token", at)).unwrap();
    database.write(|c| create_session(c, "token", 7, now())).unwrap();
    assert_eq!(find(now()).unwrap().person, 7);
    assert_eq!(database.read(|c| find_session(c, "other", now())).unwrap(), None);
    // Used every eleven hours it lives, until it is too old altogether.
    let mut used = Duration::ZERO;
    while used + IDLE < LONGEST {
        used += IDLE - Duration::from_secs(3600);
        assert!(find(after(used)).unwrap().is_stale(after(used)));
        database.write(|c| touch(c, "token", after(used))).unwrap();
    }
    assert!(find(after(LONGEST - SECOND)).is_some());
    assert!(find(after(LONGEST)).is_none());
    // Unused for twelve hours it has ended.
    database.write(|c| create_session(c, "idle", 7, now())).unwrap();
    let idle = |at: Timestamp| database.read(|c| find_session(c, "idle", at)).unwrap();
    assert!(idle(after(IDLE - SECOND)).is_some());
    assert!(idle(after(IDLE)).is_none());
    database.write(|c| tidy(c, after(IDLE))).unwrap();
    assert!(idle(now()).is_none(), "it is gone for good");
}

#[test]
fn use_is_noted_once_a_minute() {
    let (database, _folder) = database();
    database.write(|c| create_session(c, "token", 7, now())).unwrap();
    for (seconds, seen) in [(59, 0), (60, 60), (119, 60), (121, 121)] {
        let at = after(Duration::from_secs(seconds));
        database.write(|c| touch(c, "token", at)).unwrap();
        let session = database.read(|c| find_session(c, "token", at)).unwrap().unwrap();
        assert_eq!(session.seen_at, after(Duration::from_secs(seen)), "after {seconds} s");
    }
}

#[test]
fn sessions_end_one_by_one_or_all_of_a_person() {
    let (database, _folder) = database();
    let there = |token: &str| database.read(|c| find_session(c, token, now())).unwrap().is_some();
    for (token, person) in [("a", 1), ("b", 1), ("c", 2), ("d", 1)] {
        database.write(|c| create_session(c, token, person, now())).unwrap();
    }
    database.write(|c| delete_session(c, "a")).unwrap();
    assert_eq!(["a", "b", "c", "d"].map(there), [false, true, true, true]);
    database.write(|c| delete_sessions_of(c, 1)).unwrap();
    assert_eq!(["a", "b", "c", "d"].map(there), [false, false, true, false]);
}

#[test]
fn from_the_fifth_failure_on_each_costs_twice_the_wait() {
    let (database, _folder) = database();
    let wait = |account: &str, at: Timestamp| database.read(|c| wait(c, account, at)).unwrap().as_secs();
    let fail = |at: Timestamp| database.write(|c| record_failure(c, "ada", at)).unwrap();
    let mut waits = Vec::new();
    for _ in 0..17 {
        fail(now());
        waits.push(wait("ada", now()));
    }
    assert_eq!(waits, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
    assert_eq!(wait("bo", now()), 0, "another account does not wait");
    assert_eq!(wait("ada", after(100 * SECOND)), 800);
    assert_eq!(wait("ada", after(900 * SECOND)), 0);
    assert_eq!(wait("ada", now() - jiff::SignedDuration::from_hours(5)), 900, "the clock was set back");
    // A day later they are forgotten, by the next failure or by tidying up.
    fail(after(FAILURES_KEPT));
    assert_eq!(wait("ada", after(FAILURES_KEPT)), 0);
    database.write(|c| clear_failures(c, "ada")).unwrap();
    for _ in 0..100 {
        fail(now());
    }
    assert_eq!(wait("ada", now()), 900);
    database.write(|c| tidy(c, after(FAILURES_KEPT))).unwrap();
    assert_eq!(wait("ada", now()), 0);
}

#[test]
fn progress_and_states_are_noted_and_cleared() {
    let (database, _folder) = database();
    let note = |import: i64, done: u64, total: u64| Progress {
        import,
        phase: "reading".into(),
        done,
        total,
        updated_at: now(),
    };
    for (import, done) in [(2, 1), (1, 30), (2, 43)] {
        database.write(|c| set_progress(c, &note(import, done, 100))).unwrap();
    }
    assert_eq!(database.read(|c| progress(c, 2)).unwrap(), Some(note(2, 43, 100)));
    assert_eq!(database.read(|c| progress(c, 1)).unwrap(), Some(note(1, 30, 100)));
    database.write(|c| clear_progress(c, 2)).unwrap();
    assert_eq!(database.read(|c| progress(c, 2)).unwrap(), None);
    database.write(clear_all_progress).unwrap();
    assert_eq!(database.read(|c| progress(c, 1)).unwrap(), None);
    for (done, total, percent) in [(0, 0, 0), (1, 3, 33), (3, 3, 100), (9, 3, 100), (u64::MAX, u64::MAX, 100)]
    {
        assert_eq!(note(1, done, total).percent(), percent);
    }
    database.write(|c| set_automation_state(c, "b", "{\"state\":\"inactive\"}", now())).unwrap();
    database.write(|c| set_automation_state(c, "a", "1", now())).unwrap();
    database.write(|c| set_automation_state(c, "a", "2", after(SECOND))).unwrap();
    let states = database.read(automation_states).unwrap();
    assert_eq!(
        states.iter().map(|s| (&*s.automation, &*s.status)).collect::<Vec<_>>(),
        [("a", "2"), ("b", "{\"state\":\"inactive\"}")]
    );
    assert_eq!(database.read(|c| automation_state(c, "a")).unwrap().unwrap().updated_at, after(SECOND));
    assert_eq!(database.read(|c| automation_state(c, "c")).unwrap(), None);
}
