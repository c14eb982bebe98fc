//! Stories about people.

use std::sync::Barrier;

use super::*;
use crate::db::Database;

fn now() -> Timestamp {
    "2026-11-03T12:00:00Z".parse().unwrap()
}

fn later(seconds: i64) -> Timestamp {
    now() + jiff::SignedDuration::from_secs(seconds)
}

fn database() -> (Database, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (crate::open(&folder.path().join("test.db")).unwrap(), folder)
}

#[test]
fn each_role_may_do_what_the_ones_before_it_may() {
    assert!(Role::Viewer < Role::Operator && Role::Operator < Role::Administrator);
    assert_eq!("operator".parse::<Role>().unwrap(), Role::Operator);
    let said = "boss".parse::<Role>().unwrap_err().to_string();
    assert_eq!(said, "\"boss\" is no role: use viewer, operator, administrator");
}

#[test]
fn a_name_is_found_whatever_its_case_and_accents_and_belongs_to_one() {
    let (database, _folder) = database();
    let rene = database.write(|c| add(c, " René Ångström ", Role::Viewer, now())).unwrap();
    assert_eq!(rene.name, "René Ångström");
    assert!(!rene.has_password);
    for name in ["rene angstrom", "RENÉ ÅNGSTRÖM ", "Rene\u{301} A\u{30a}ngstro\u{308}m"] {
        assert_eq!(database.read(|c| find_by_name(c, name)).unwrap(), Some(rene.clone()), "{name}");
        assert!(matches!(database.write(|c| add(c, name, Role::Viewer, now())), Err(DbError::Exists(_))));
    }
    assert_eq!(database.read(|c| find_by_name(c, "rené")).unwrap(), None);
    let long = "x".repeat(LONGEST_NAME + 1);
    for bad in ["", "  ", "a\u{7}b", "a\nb", "a\u{202e}b", "a\u{200b}", &long, "\u{301}"] {
        assert!(
            matches!(database.write(|c| add(c, bad, Role::Viewer, now())), Err(DbError::Invalid(_))),
            "{bad:?}"
        );
    }
    database.write(|c| add(c, &long[1..], Role::Viewer, now())).unwrap();
}

#[test]
fn there_is_always_an_administrator_who_can_sign_in() {
    let (database, _folder) = database();
    let add = |name: &str, role: Role| database.write(|c| add(c, name, role, now())).unwrap().id;
    let ada = add("Ada", Role::Administrator);
    let bo = add("Bo", Role::Operator);
    assert!(!database.read(any_administrator_with_password).unwrap());
    assert!(database.write(|c| set_role(c, ada, Role::Viewer)).is_err());
    assert!(database.write(|c| remove(c, ada)).is_err());
    database.write(|c| set_role(c, ada, Role::Administrator)).unwrap();
    database.write(|c| set_password_hash(c, ada, "hash")).unwrap();
    assert!(database.read(any_administrator_with_password).unwrap());
    database.write(|c| set_role(c, bo, Role::Administrator)).unwrap();
    let said = database.write(|c| remove(c, ada)).unwrap_err().to_string();
    assert!(said.contains("\"Ada\" is the last administrator who can sign in"), "{said}");
    database.write(|c| set_password_hash(c, bo, "hash")).unwrap();
    database.write(|c| remove(c, ada)).unwrap();
    assert!(database.write(|c| remove(c, bo)).is_err());
    assert_eq!(database.read(list).unwrap().len(), 1);
    assert!(database.write(|c| remove(c, ada)).is_err(), "removed already");
    assert!(add("Ada", Role::Viewer) > bo, "a number is never given twice");
}

#[test]
fn a_link_works_once_until_it_expires() {
    let (database, _folder) = database();
    let ada = database.write(|c| add(c, "Ada", Role::Administrator, now())).unwrap();
    let link = |secret: &str| {
        database.write(|c| create_link(c, ada.id, Purpose::ChoosePassword, secret, later(60))).unwrap();
    };
    let take = |secret: &str, at: Timestamp| database.write(|c| take_link(c, secret, at)).unwrap();
    link("one");
    let seen = database.read(|c| find_link(c, "one", now())).unwrap();
    assert_eq!(seen, Some((Purpose::ChoosePassword, ada.clone())), "looking does not use it");
    assert_eq!(take("wrong", now()), None);
    assert_eq!(take("one", now()), seen);
    assert_eq!(take("one", now()), None);
    link("two");
    assert_eq!(take("two", later(60)), None, "expired");
    link("three");
    link("four");
    assert_eq!(take("three", now()), None, "a new link replaces the earlier one");
    database.write(|c| set_password_hash(c, ada.id, "hash")).unwrap();
    assert_eq!(take("four", now()), None, "a password was chosen");
    assert_eq!(database.read(|c| password_hash(c, ada.id)).unwrap().as_deref(), Some("hash"));
}

#[test]
fn of_two_who_use_a_link_at_once_one_gets_in() {
    let (database, _folder) = database();
    let ada = database.write(|c| add(c, "Ada", Role::Administrator, now())).unwrap();
    for round in 0..10 {
        let secret = format!("secret {round}");
        database.write(|c| create_link(c, ada.id, Purpose::SignIn, &secret, later(60))).unwrap();
        let together = Barrier::new(2);
        let taken: usize = std::thread::scope(|scope| {
            let take = || {
                together.wait();
                usize::from(database.write(|c| take_link(c, &secret, now())).unwrap().is_some())
            };
            let threads = [scope.spawn(take), scope.spawn(take)];
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(taken, 1);
    }
}
