//! A person changes a customer.

use super::*;
use crate::CUSTOMERS;
use crate::db::Database;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn database() -> (Database, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (crate::open(&folder.path().join("service-suite.db")).unwrap(), folder)
}

fn made(db: &Database, number: &str, name: &str) -> Record {
    db.write(|c| create(c, &CUSTOMERS, &[("number", Some(number)), ("name", Some(name))], "Anna", at(0)))
        .unwrap()
}

#[test]
fn a_customer_is_created_changed_found_and_remembered() {
    let (db, _folder) = database();
    let record = made(&db, "007", "Bager Ølund");
    let values = [("name", Some("Café Åberg")), ("credit_limit", Some("1500,50")), ("blocked", Some("yes"))];
    let changed = db.write(|c| edit(c, &CUSTOMERS, "007", record.version, &values, "Bent", at(1))).unwrap();
    assert_eq!(changed.value(&CUSTOMERS, "credit_limit"), Some("1500.50"));
    assert_eq!(changed.value(&CUSTOMERS, "blocked"), Some("1"));
    let same = db.write(|c| edit(c, &CUSTOMERS, "007", changed.version, &values, "Bent", at(2))).unwrap();
    assert_eq!(same.version, changed.version, "nothing changed, so nothing is noted");
    db.read(|c| {
        assert_eq!(records::count(c, &CUSTOMERS)?, 1);
        let query = |text: &str| records::Query { text: text.to_owned(), limit: 5, ..Default::default() };
        assert_eq!(records::list(c, &CUSTOMERS, &query("cafe"))?.items.len(), 1);
        assert_eq!(records::list(c, &CUSTOMERS, &query("olund"))?.items.len(), 0);
        let told = history::for_record(c, &CUSTOMERS, record.id, 10)?;
        let told: Vec<_> =
            told.iter().map(|t| (t.field.as_deref(), t.new.as_deref(), t.user.as_deref())).collect();
        assert_eq!(
            told,
            [
                (Some("name"), Some("Café Åberg"), Some("Bent")),
                (Some("credit_limit"), Some("1500.50"), Some("Bent")),
                (Some("blocked"), Some("1"), Some("Bent")),
                (None, None, Some("Anna")),
            ]
        );
        Ok::<_, DbError>(())
    })
    .unwrap();
}

#[test]
fn what_cannot_be_stored_is_told_and_changes_nothing() {
    let (db, _folder) = database();
    let record = made(&db, "1", "A");
    made(&db, "2", "B");
    let edit_as = |number: &str, version: i64, values: &[Written<'_>]| {
        db.write(|c| edit(c, &CUSTOMERS, number, version, values, "Anna", at(1))).unwrap_err().to_string()
    };
    let one = [("name", Some("C"))];
    assert_eq!(edit_as("9", 1, &one), "there is no customer 9");
    assert_eq!(edit_as("1", 7, &one), "it was changed meanwhile");
    assert!(edit_as("1", 1, &[("number", Some("3"))]).starts_with("the number cannot be changed"));
    let bad = [("name", Some("C")), ("country", Some("Atlantis")), ("credit_limit", Some("a lot"))];
    let Err(EditError::Values(faults)) =
        db.write(|c| edit(c, &CUSTOMERS, "1", 1, &bad, "Anna", at(1)).map(drop))
    else {
        panic!("it must be refused")
    };
    assert_eq!(
        faults.iter().map(|(field, fault)| (*field, fault.code)).collect::<Vec<_>>(),
        [("country", code::UNKNOWN_COUNTRY), ("credit_limit", code::NOT_A_NUMBER)]
    );
    let create_of = |values: &[Written<'_>]| {
        db.write(|c| create(c, &CUSTOMERS, values, "Anna", at(1))).unwrap_err().to_string()
    };
    assert_eq!(create_of(&[("number", Some("2"))]), "there is a customer 2 already");
    assert_eq!(create_of(&[("name", Some("D"))]), "some values cannot be stored");
    let now = db.read(|c| records::find(c, &CUSTOMERS, "1")).unwrap().unwrap();
    assert_eq!(now, record);
}
