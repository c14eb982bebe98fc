//! Stories about the ledger.

use erpfile::Problem;
use proptest::prelude::*;

use super::*;
use crate::CUSTOMERS;
use crate::db::Database;
use crate::guard::Reason;

mod holds;
mod queue;
mod same;

struct Ledger {
    database: Database,
    _folder: tempfile::TempDir,
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn noon(second: i64) -> Timestamp {
    at("2026-11-03T12:00:00Z") + jiff::SignedDuration::from_secs(second)
}

impl Ledger {
    fn new() -> Ledger {
        let folder = tempfile::tempdir().unwrap();
        Ledger { database: crate::open(&folder.path().join("test.db")).unwrap(), _folder: folder }
    }

    fn write<T>(&self, work: impl FnOnce(&Conn) -> DbResult<T>) -> T {
        self.database.write(work).unwrap()
    }

    fn begin(&self, file: &str) -> i64 {
        self.write(|c| begin(c, &new(file)))
    }

    fn find(&self, id: i64) -> Import {
        self.database.read(|c| find(c, id)).unwrap().unwrap()
    }

    /// Applies bytes with the given hash.
    fn apply(&self, sha256: &str, counts: Counts) -> i64 {
        self.write(|c| {
            let id = begin(c, &new("customers.txt"))?;
            set_claimed(c, id, "{\"ino\":7}")?;
            set_spooled(c, id, &spooled(sha256))?;
            set_importing(c, id)?;
            if counts.created > 0 {
                same::change(c, Some(id), None)?;
            }
            finish_done(c, id, &Finish { counts, ..Finish::default() }, noon(12))?;
            set_step(c, id, Step::Finished)?;
            Ok(id)
        })
    }
}

fn new(file: &str) -> NewImport {
    NewImport {
        automation: Some("customers-from-erp".into()),
        register: "customers".into(),
        file: file.into(),
        started_by: "automation".into(),
        again_of: None,
        changes_only: false,
        step: Step::Claiming,
        format: "ERP customers".into(),
        format_version: 1,
        format_mark: "mark".into(),
        identity: None,
        size: Some(10),
        modified_at: Some(noon(-10)),
        started_at: noon(0),
    }
}

fn spooled(sha256: &str) -> Spooled {
    let proof = vec![ProofItem {
        check: "quiet".into(),
        result: ProofResult::Passed,
        detail: "unchanged for 10 s".into(),
    }];
    Spooled { sha256: sha256.into(), size: 12, modified_at: None, proof }
}

fn counts(created: u64, unchanged: u64) -> Counts {
    Counts { read: created + unchanged, created, unchanged, ..Counts::default() }
}

#[test]
fn an_import_goes_its_way_and_reports_it() {
    let ledger = Ledger::new();
    let id = ledger.begin("customers.txt");
    assert_eq!((ledger.find(id).state, ledger.find(id).step), (State::Waiting, Step::Claiming));
    ledger.write(|c| set_claimed(c, id, "{\"ino\":7}"));
    ledger.write(|c| set_spooled(c, id, &spooled("abc")));
    ledger.write(|c| set_importing(c, id));
    assert_eq!((ledger.find(id).state, ledger.find(id).step), (State::Importing, Step::Spooled));
    let finish = Finish { counts: counts(2, 3), ..Finish::default() };
    ledger.write(|c| finish_done(c, id, &finish, noon(12)));
    let queue = ledger.database.read(unfinished).unwrap();
    assert_eq!(queue.iter().map(|i| (i.id, i.step)).collect::<Vec<_>>(), [(id, Step::Committed)]);
    ledger.write(|c| set_kept_path(c, id, Some("/archive/customers.txt")));
    ledger.write(|c| set_step(c, id, Step::Finished));
    assert!(ledger.database.read(unfinished).unwrap().is_empty());
    let import = ledger.find(id);
    assert_eq!(import.duration(), Some(std::time::Duration::from_secs(12)));
    assert_eq!(import.kept_path.as_deref(), Some("/archive/customers.txt"));
    assert_eq!(import.modified_at, Some(noon(-10)));
    assert_eq!(
        serde_json::to_value(import.run_report()).unwrap(),
        serde_json::json!({
            "id": id, "automation": "customers-from-erp", "register": "customers", "file": "customers.txt",
            "sha256": "abc", "state": "done", "reason": null, "read": 5, "created": 2, "updated": 0,
            "unchanged": 3, "refused": 0, "warnings": 0, "missing": 0, "started_at": "2026-11-03T12:00:00.000Z",
            "finished_at": "2026-11-03T12:00:12.000Z",
            "proof": [{"check": "quiet", "result": "passed", "detail": "unchanged for 10 s"}],
        })
    );
}

/// Everything that can be tried with an import, and whether its present state lets it.
type Attempt = (&'static str, fn(&Conn, i64) -> DbResult<()>, &'static [State]);

const ATTEMPTS: &[Attempt] = &[
    ("claim", |c, id| set_claimed(c, id, "{}"), &[State::Waiting, State::Importing]),
    ("spool", |c, id| set_spooled(c, id, &spooled("abc")), &[State::Waiting, State::Importing]),
    ("import", set_importing, &[State::Waiting, State::Importing]),
    ("requeue", |c, id| requeue(c, id, Step::Claimed, Some("again")), &[State::Waiting, State::Importing]),
    ("hold", |c, id| hold(c, id, &odd(true)), &[State::Waiting, State::Importing]),
    ("approve", |c, id| decided(approve(c, id, "Anna", noon(8))), &[State::Held]),
    ("discard", |c, id| decided(discard(c, id, "Anna", noon(8))), &[State::Held]),
    ("supersede", |c, id| decided(superseded(c, id)), &[State::Held]),
    ("finish", |c, id| finish_done(c, id, &Finish::default(), noon(9)), &[State::Waiting, State::Importing]),
    (
        "refuse",
        |c, id| refuse(c, id, "damaged", None, noon(9)),
        &[State::Waiting, State::Importing, State::Held],
    ),
];

/// A reason to hold an import, of a file that is an export of every record or not.
fn odd(full: bool) -> Hold {
    Hold {
        reasons: vec![Reason::new("odd", "It is odd.".into())],
        digest: u128::MAX - 7,
        full,
        counts: counts(1, 2),
        deactivated: 3,
        warnings: 3,
        changes: Vec::new(),
        problems: Vec::new(),
        drift: None,
        at: noon(5),
        approved: None,
    }
}

fn decided(decision: Result<(), DecisionError>) -> DbResult<()> {
    decision.map_err(|error| DbError::Invalid(error.to_string()))
}

/// Supersedes whatever is held, if it can be.
fn superseded(c: &Conn, id: i64) -> Result<(), DecisionError> {
    let before = find(c, id)?.map(|import| import.state);
    supersede(c, id + 1, &CUSTOMERS, noon(8))?;
    match before {
        Some(State::Held) => Ok(()),
        state => Err(DecisionError::NotHeld(format!("{state:?}"))),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Whatever is tried in whatever order, an outcome is final and is written once.
    #[test]
    fn an_outcome_is_final(attempts in proptest::collection::vec(0..ATTEMPTS.len(), 1..12)) {
        let ledger = Ledger::new();
        let id = ledger.begin("customers.txt");
        let mut outcomes = 0;
        for attempt in attempts {
            let (name, try_it, from) = ATTEMPTS[attempt];
            let before = ledger.find(id);
            let result = ledger.database.write(|c| try_it(c, id));
            prop_assert_eq!(result.is_ok(), from.contains(&before.state), "{} from {}", name, before.state);
            if result.is_err() {
                prop_assert_eq!(ledger.find(id), before);
            } else if matches!(ledger.find(id).state, State::Done | State::Refused | State::Superseded) {
                outcomes += 1;
            }
        }
        prop_assert!(outcomes <= 1);
    }
}

#[test]
fn what_is_not_possible_is_said_with_the_import_and_its_state() {
    let ledger = Ledger::new();
    let id = ledger.apply("abc", counts(1, 0));
    let said = ledger.database.write(|c| set_importing(c, id)).unwrap_err().to_string();
    assert_eq!(said, format!("import {id} cannot be imported: it is done (finished)"));
    assert_eq!(
        ledger.database.write(|c| set_importing(c, 99)).unwrap_err().to_string(),
        "there is no import 99"
    );
}

#[test]
fn a_number_is_never_given_twice_even_when_an_unclaimed_import_is_forgotten() {
    let ledger = Ledger::new();
    let first = ledger.begin("customers.txt");
    ledger.write(|c| forget(c, first));
    let second = ledger.begin("customers.txt");
    assert!(second > first);
    ledger.write(|c| set_claimed(c, second, "{}"));
    assert!(ledger.database.write(|c| forget(c, second)).is_err(), "a claimed file is not forgotten");
}

#[test]
fn the_list_is_newest_first_filtered_and_paged() {
    let ledger = Ledger::new();
    let done: Vec<i64> = (0..5).map(|n| ledger.apply(&n.to_string(), counts(1, 0))).collect();
    let by_hand = ledger.write(|c| {
        begin(
            c,
            &NewImport { automation: None, register: "products".into(), step: Step::Spooled, ..new("p.csv") },
        )
    });
    let ids = |filter: Filter| {
        let page = ledger.database.read(|c| list(c, &filter)).unwrap();
        (page.items.iter().map(|import| import.id).collect::<Vec<_>>(), page.next)
    };
    assert_eq!(ids(Filter { limit: 100, ..Filter::default() }).0[0], by_hand);
    let mut filter = Filter { state: Some(State::Done), limit: 2, ..Filter::default() };
    let mut seen = Vec::new();
    loop {
        let (page, next) = ids(filter.clone());
        seen.extend(page);
        let Some(next) = next else { break };
        filter.cursor = Some(next);
    }
    assert_eq!(seen, done.iter().rev().copied().collect::<Vec<_>>());
    assert_eq!(ids(Filter { register: Some("products".into()), limit: 9, ..Filter::default() }).0, [by_hand]);
    let automation = Some("customers-from-erp".to_owned());
    assert_eq!(ids(Filter { automation, limit: 9, ..Filter::default() }).0.len(), 5);
    let wrong = Filter { cursor: Some("x".into()), ..Filter::default() };
    assert!(ledger.database.read(|c| list(c, &wrong)).is_err());
    assert_eq!(ledger.database.read(count_by_state).unwrap(), [(State::Done, 5), (State::Waiting, 1)]);
}

#[test]
fn a_file_that_stays_in_the_folder_is_known_again() {
    let ledger = Ledger::new();
    let id = ledger.apply("x", counts(1, 0));
    let known = |automation: &str, identity: &str| {
        ledger.database.read(|c| with_identity(c, automation, identity)).unwrap().map(|import| import.id)
    };
    assert_eq!(known("customers-from-erp", "{\"ino\":7}"), Some(id));
    assert_eq!(known("customers-from-erp", "{\"ino\":8}"), None);
    assert_eq!(known("products-from-erp", "{\"ino\":7}"), None);
    // A crash may come before the file is taken; then it is not taken, whatever the ledger had in mind.
    let about = NewImport { identity: Some("{\"ino\":9}".into()), ..new("customers.txt") };
    let id = ledger.database.write(|c| begin(c, &about)).unwrap();
    assert_eq!(known("customers-from-erp", "{\"ino\":9}"), None);
    ledger.write(|c| set_claimed(c, id, "{\"ino\":9}"));
    assert_eq!(known("customers-from-erp", "{\"ino\":9}"), Some(id));
}

fn problem(line: u64, code: &'static str) -> Problem {
    let problem = Problem::new(code, format!("What is wrong in line {line}."), "Mend it.");
    if line == 0 { problem } else { problem.at_line(line).in_column(3).in_field("country") }
}

#[test]
fn problems_come_in_the_order_of_the_file_and_can_be_filtered_counted_and_paged() {
    let ledger = Ledger::new();
    let id = ledger.begin("customers.txt");
    let found = [(9, "bad-date"), (2, "duplicate-key"), (9, "bad-number"), (0, "note"), (5, "bad-date")];
    ledger.write(|c| {
        for (seq, (line, code)) in (1..).zip(found) {
            add_problem(c, id, seq, &problem(line, code))?;
        }
        finish_done(c, id, &Finish::default(), noon(1))
    });
    let page = |filter: &ProblemFilter| ledger.database.read(|c| problems(c, id, filter)).unwrap();
    let mut filter = ProblemFilter { limit: 2, ..ProblemFilter::default() };
    let mut seen = Vec::new();
    loop {
        let page = page(&filter);
        assert_eq!(page.total, Some(5));
        seen.extend(page.items);
        let Some(next) = page.next else { break };
        filter.cursor = Some(next);
    }
    let order = [(0, "note"), (2, "duplicate-key"), (5, "bad-date"), (9, "bad-date"), (9, "bad-number")];
    assert_eq!(seen, order.map(|(line, code)| problem(line, code)));
    let dates = page(&ProblemFilter { code: Some("bad-date".into()), limit: 1, cursor: None });
    assert_eq!((dates.total, dates.items.len(), dates.items[0].line), (Some(2), 1, Some(5)));
    let codes = ledger.database.read(|c| problem_codes(c, id)).unwrap();
    assert_eq!(codes[0], ("bad-date".to_owned(), 2));
    assert_eq!(codes.len(), 4);
}

#[test]
fn refused_rows_keep_their_bytes_and_pass_to_a_repeat_of_the_same_file() {
    let ledger = Ledger::new();
    let id = ledger.begin("customers.txt");
    ledger.write(|c| {
        add_problem(c, id, 1, &problem(7, "bad-date"))?;
        add_problem(c, id, 2, &problem(3, "bad-number"))?;
        add_problem(c, id, 3, &problem(7, "too-long"))?;
        add_refused_row(c, id, 7, b"10;B\xf8rge")?;
        add_refused_row(c, id, 3, b"11;")
    });
    let rows = |import: i64| {
        let mut rows = Vec::new();
        ledger
            .database
            .read(|c| {
                each_refused(c, import, 0, |line, raw, problems| {
                    rows.push((
                        line,
                        raw.to_vec(),
                        problems.iter().map(|p| p.code.to_string()).collect::<Vec<_>>(),
                    ));
                    Ok(true)
                })
            })
            .unwrap();
        rows
    };
    let expected = vec![
        (3, b"11;".to_vec(), vec!["bad-number".to_owned()]),
        (7, b"10;B\xf8rge".to_vec(), vec!["bad-date".to_owned(), "too-long".to_owned()]),
    ];
    assert_eq!(rows(id), expected);
    let mut calls = 0;
    ledger
        .database
        .read(|c| {
            each_refused(c, id, 0, |_, _, _| {
                calls += 1;
                Ok(false)
            })
        })
        .unwrap();
    assert_eq!(calls, 1, "it stops when asked to");
    let mut lines = Vec::new();
    ledger
        .database
        .read(|c| {
            each_refused(c, id, 3, |line, _, _| {
                lines.push(line);
                Ok(true)
            })
        })
        .unwrap();
    assert_eq!(lines, [7], "it goes on where somebody stopped");
    let repeat = ledger.begin("customers.txt");
    let finish = Finish { same_as: Some(id), reason: Some("The same bytes.".into()), ..Finish::default() };
    ledger.write(|c| finish_done(c, repeat, &finish, noon(1)));
    assert_eq!(rows(repeat), expected);
    assert_eq!(ledger.database.read(|c| problem_codes(c, repeat)).unwrap().len(), 3);
}

#[test]
fn a_refused_file_says_what_is_wrong_with_it() {
    let ledger = Ledger::new();
    let id = ledger.begin("customers.txt");
    ledger.write(|c| refuse(c, id, "A quote is never closed.", Some(&problem(4, "open-quote")), noon(2)));
    let import = ledger.find(id);
    assert_eq!((import.state, import.step), (State::Refused, Step::Committed));
    assert_eq!(import.reason.as_deref(), Some("A quote is never closed."));
    let page = ledger.database.read(|c| problems(c, id, &ProblemFilter::default())).unwrap();
    assert_eq!((page.items, page.total), (vec![problem(4, "open-quote")], Some(1)));
    assert_eq!(ledger.database.read(|c| problem_codes(c, id)).unwrap(), [("open-quote".to_owned(), 1)]);
}

#[test]
fn days_are_counted_in_utc_and_days_without_imports_are_there() {
    let ledger = Ledger::new();
    for (started, seconds, rows) in
        [("2026-10-31T23:59:59.999Z", 2, 5), ("2026-11-02T00:00:00Z", 3, 7), ("2026-11-02T09:00:00Z", -4, 1)]
    {
        let begun = NewImport { started_at: at(started), ..new("customers.txt") };
        let finish = Finish { counts: counts(0, rows), ..Finish::default() };
        let end = at(started) + jiff::SignedDuration::from_secs(seconds);
        ledger.write(|c| {
            let id = begin(c, &begun)?;
            finish_done(c, id, &finish, end)
        });
    }
    ledger.write(|c| {
        let id = begin(c, &NewImport { started_at: at("2026-11-03T12:00:00Z"), ..new("customers.txt") })?;
        refuse(c, id, "damaged", None, noon(0))
    });
    let days = ledger.database.read(|c| by_day(c, noon(0), 3)).unwrap();
    let told: Vec<_> =
        days.iter().map(|d| (d.date.to_string(), d.imports, d.rows, d.seconds, d.failed)).collect();
    assert_eq!(
        told,
        [
            ("2026-11-01".to_owned(), 0, 0, 0.0, 0),
            ("2026-11-02".to_owned(), 2, 8, 3.0, 0),
            ("2026-11-03".to_owned(), 1, 0, 0.0, 1),
        ]
    );
    assert_eq!(ledger.database.read(|c| by_day(c, noon(0), 0)).unwrap(), []);
}
