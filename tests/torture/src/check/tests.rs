//! A check that cannot fail proves nothing: each breach of the promise is told from what is good, and by its kind.

use super::*;
use crate::erp::Export;
use crate::evidence::Stored;

const DAMAGED: usize = 1;

/// Three deliveries, the second of them damaged, dealt with as they should be.
fn good() -> (Evidence, Sent) {
    let erp = Erp { export: Export::Customers, seed: 6, sizes: vec![120, 40], odd: false };
    let mut sent = Sent::nothing(erp);
    let mut evidence = Evidence {
        integrity: vec![("service-suite.db".to_owned(), "ok".to_owned())],
        ledger: Vec::new(),
        half_written: false,
        exchange: Vec::new(),
        spool: Vec::new(),
        archive: Vec::new(),
        refused: Vec::new(),
        registers: Vec::new(),
    };
    let mut model = Model::default();
    for import in 1..=3 {
        let delivery = sent.next();
        let counts = model.apply(&delivery, import);
        let state = if delivery.damaged { "refused" } else { "done" };
        let kept = if delivery.damaged { &mut evidence.refused } else { &mut evidence.archive };
        kept.push(lying(&delivery));
        evidence.ledger.push(Entry {
            id: import,
            register: "customers".to_owned(),
            state: state.to_owned(),
            step: "finished".to_owned(),
            sha256: delivery.sha256.clone(),
            counts,
            refused_rows: counts.refused,
            held: false,
            approved: false,
        });
        sent.note(delivery, Before::Gone);
    }
    model.history.sort();
    evidence.registers.push((Export::Customers, Stored { records: model.records, history: model.history }));
    (evidence, sent)
}

fn lying(delivery: &Delivery) -> Lying {
    let name = format!("customers.{}.txt", delivery.number);
    Lying { name, len: delivery.bytes.len(), sha256: delivery.sha256.clone() }
}

/// Says of a broken state what is found, by kind.
fn found(moment: Moment, breach: impl FnOnce(&mut Evidence, &mut Sent)) -> Vec<Kind> {
    let (mut evidence, mut sent) = good();
    breach(&mut evidence, &mut sent);
    let findings = check(&evidence, std::slice::from_ref(&sent), moment);
    findings.into_iter().map(|finding| finding.kind).collect()
}

#[test]
fn nothing_is_found_when_all_is_well() {
    let (_, sent) = good();
    assert!(sent.deliveries[DAMAGED].0.damaged && !sent.deliveries[0].0.damaged);
    for moment in [Moment::Any, Moment::Quiet] {
        assert_eq!(found(moment, |_, _| {}), []);
    }
}

#[test]
fn a_lost_delivery_is_found() {
    let nowhere = |_: &mut Evidence, sent: &mut Sent| sent.note(sent.next(), Before::Gone);
    assert_eq!(found(Moment::Any, nowhere), [Kind::Lost]);
    let waiting = |evidence: &mut Evidence, sent: &mut Sent| {
        evidence.exchange.push(lying(&sent.next()));
        sent.note(sent.next(), Before::Gone);
    };
    assert_eq!(found(Moment::Any, waiting), []);
    assert_eq!(found(Moment::Quiet, waiting), [Kind::Lost, Kind::Wrong]);
    // Its bytes among the private copies are only worth something when the ledger knows of them.
    let forgotten = |evidence: &mut Evidence, sent: &mut Sent| {
        evidence.spool.push(lying(&sent.next()));
        sent.note(sent.next(), Before::Gone);
    };
    assert_eq!(found(Moment::Any, forgotten), [Kind::Lost]);
    let refused = |evidence: &mut Evidence, _: &mut Sent| evidence.ledger[2].state = "refused".to_owned();
    assert!(found(Moment::Any, refused).contains(&Kind::Lost));
}

#[test]
fn a_doubled_delivery_is_found() {
    let twice = |evidence: &mut Evidence, _: &mut Sent| {
        let again = Entry { id: 4, ..evidence.ledger[2].clone() };
        evidence.ledger.push(again);
    };
    assert!(found(Moment::Any, twice).contains(&Kind::Doubled));
}

#[test]
fn a_halved_delivery_is_found() {
    let half = |evidence: &mut Evidence, _: &mut Sent| evidence.ledger[2].sha256 = "half".to_owned();
    assert!(found(Moment::Any, half).contains(&Kind::Halved));
    let row = |evidence: &mut Evidence, _: &mut Sent| drop(evidence.registers[0].1.records.pop_last());
    assert_eq!(found(Moment::Any, row), [Kind::Halved]);
    let history = |evidence: &mut Evidence, _: &mut Sent| drop(evidence.registers[0].1.history.pop());
    assert_eq!(found(Moment::Any, history), [Kind::Halved]);
    let damaged = |evidence: &mut Evidence, _: &mut Sent| evidence.ledger[DAMAGED].state = "done".to_owned();
    assert!(found(Moment::Any, damaged).contains(&Kind::Halved));
}

#[test]
fn whatever_else_is_wrong_is_found() {
    type Breach = fn(&mut Evidence, &mut Sent);
    let breaches: [(&str, Breach); 9] = [
        ("counts", |evidence, _| evidence.ledger[0].counts.unchanged += 1),
        ("kept rows", |evidence, _| evidence.ledger[0].refused_rows += 1),
        ("order", |evidence, _| evidence.ledger.swap(0, 1)),
        ("integrity", |evidence, _| evidence.integrity[0].1 = "row 7 missing from index".to_owned()),
        ("archive", |evidence, _| drop(evidence.archive.pop())),
        ("archived twice", |evidence, _| evidence.archive.push(evidence.archive[0].clone())),
        ("refused folder", |evidence, _| drop(evidence.refused.pop())),
        ("replaced and taken", |_, sent| sent.deliveries[0].1 = Fate::Replaced),
        ("left over", |evidence, _| {
            evidence.spool.push(Lying { sha256: "x".into(), ..evidence.archive[0].clone() })
        }),
    ];
    for (what, breach) in breaches {
        assert_eq!(found(Moment::Quiet, breach), [Kind::Wrong], "{what}");
    }
}
