use std::ops::ControlFlow;

use proptest::prelude::*;

use super::look::look;
use super::signs::{Same, Signs};
use super::*;
use crate::CUSTOMERS;
use crate::db::Database;
use crate::edit;
use crate::frames::tests::Temporary;

/// Values of a customer: VAT number, e-mail, phone, name, postcode, country.
type Values<'v> = [&'v str; 6];
const FIELDS: [&str; 6] = ["tax_number", "email", "phone", "name", "postcode", "country"];

fn same(a: Values<'_>, b: Values<'_>) -> Vec<Same> {
    let signs = |values: Values<'_>| {
        let value = |field: &str| {
            let at = FIELDS.iter().position(|known| *known == field)?;
            Some(values[at]).filter(|value| !value.is_empty()).map(str::to_owned)
        };
        let owned: Vec<(&str, Option<String>)> = FIELDS.iter().map(|field| (*field, value(field))).collect();
        let fields = CUSTOMERS.duplicates.as_ref().unwrap();
        Signs::of(fields, |field| owned.iter().find(|(known, _)| *known == field)?.1.as_deref())
    };
    let (a, b) = (signs(a), signs(b));
    assert_eq!(a.common(&b), b.common(&a), "it is the same whichever comes first");
    let mut same: Vec<Same> = a.common(&b).into_iter().map(|common| common.same).collect();
    same.dedup();
    same
}

#[test]
fn values_are_the_same_however_they_are_written() {
    let one = |field: usize, value| {
        let mut values = [""; 6];
        values[field] = value;
        values
    };
    for (field, a, b, alike) in [
        (0, "DK12345678", "12 34 56 78", true),
        (0, "DK12345678", "FI12345678", false),
        (0, "EL123456789", "GR 123456789", true),
        (0, "SE556677889901", "SE 556677-8899", true),
        (0, "NO 987 654 321 MVA", "987654321", true),
        (0, "FR40303265045", "FR 40 303 265 045", true),
        (0, "CHE-123.456.789 MWST", "CHE-123.456.789", true),
        (0, "DE123456789", "DE123456780", false),
        (0, "00000000", "0000 0000", false),
        (0, "1234", "1234", false),
        (1, "Post@Firma.dk", " post@firma.DK", true),
        (1, "a@firma.dk; b@firma.dk", "b@firma.dk", true),
        (1, "a@firma.dk", "b@firma.dk", false),
        (1, "none", "none", false),
        (2, "+45 86 12 34 56", "86123456", true),
        (2, "0045 8612 3456", "+4586123456", true),
        (2, "+44 (0)20 7946 0018", "020 7946 0018", true),
        (2, "08/123 45 67", "+46 8 123 45 67", true),
        (2, "86123456 / 20123456", "20 12 34 56 (Bo)", true),
        (2, "+45 86123456", "+46 86123456", false),
        (2, "86123456", "86123457", false),
        (2, "12345678901", "345678901", false),
        (2, "112", "112", false),
    ] {
        let expected = if alike { vec![[Same::TaxNumber, Same::Email, Same::Phone][field]] } else { vec![] };
        assert_eq!(same(one(field, a), one(field, b)), expected, "{a} and {b}");
    }
    // What a number says of its country may stand in another field.
    let se = |number, country| [number, "", "", "", "", country];
    assert_eq!(same(se("556677-8899", "SE"), se("SE556677889901", "")), [Same::TaxNumber]);
    assert_eq!(same(se("12345678", "DK"), se("12345678", "FI")), []);
}

#[test]
fn names_are_nearly_the_same_where_the_postcode_is() {
    let at = |name, postcode| ["", "", "", name, postcode, ""];
    for (a, b, alike) in [
        ("Bager Ølund A/S", "BAGER OLUND", true),
        ("Bager Ølund ApS", "Ølund, Bager", true),
        ("Müller & Söhne GmbH & Co. KG", "Muller und Sohne", true),
        ("Novák, s.r.o.", "Novak", true),
        ("Kowalski Sp. z o.o.", "KOWALSKI", true),
        ("Værksted Thomsen", "Værksted Thomson", true),
        ("Café Nygård", "Cafe Nygard AB", true),
        ("Kunde 1001", "Kunde 1002", false),
        ("Jensen Byg", "Hansen Byg", false),
        ("Bo", "Bo", false),
        ("Holm", "Holm A/S", true),
        ("Lund", "Lunt", false),
        ("A/S", "GmbH", false),
    ] {
        let expected = if alike { vec![Same::Name] } else { vec![] };
        assert_eq!(same(at(a, "8000"), at(b, "DK-8000")), expected, "{a} and {b}");
        assert_eq!(same(at(a, "8000"), at(b, "8001")), [], "{a} and {b} elsewhere");
        assert_eq!(same(at(a, ""), at(b, "")), [], "{a} and {b} somewhere");
    }
}

/// A register with its live database.
struct World {
    _folder: tempfile::TempDir,
    db: Database,
    live: Database,
    steps: i64,
}

impl World {
    fn new() -> World {
        let folder = tempfile::tempdir().unwrap();
        let db = crate::open(&folder.path().join("service-suite.db")).unwrap();
        let live = crate::open_live(&folder.path().join("live.db")).unwrap();
        World { _folder: folder, db, live, steps: 0 }
    }

    fn now(&mut self) -> jiff::Timestamp {
        self.steps += 1;
        jiff::Timestamp::from_second(1_790_000_000 + self.steps).unwrap()
    }

    fn add(&mut self, number: &str, values: Values<'_>) {
        let at = self.now();
        let mut written: Vec<_> = FIELDS.into_iter().zip(values.map(Some)).collect();
        written.push(("number", Some(number)));
        self.db.write(|c| edit::create(c, &CUSTOMERS, &written, "Anna", at)).unwrap();
    }

    fn set(&mut self, number: &str, field: &str, value: &str) {
        let at = self.now();
        let set = |c: &Conn| {
            let version = records::find(c, &CUSTOMERS, number)?.unwrap().version;
            edit::edit(c, &CUSTOMERS, number, version, &[(field, Some(value))], "Anna", at)
        };
        self.db.write(set).unwrap();
    }

    fn look(&mut self) -> u64 {
        let at = self.now();
        let scratch = Temporary::default();
        look(&self.db, &self.live, &CUSTOMERS, &scratch, at, &mut |_| ControlFlow::Continue(())).unwrap()
    }

    fn dismiss(&mut self, a: &str, b: &str) -> Result<(), DismissError> {
        let at = self.now();
        self.db.write(|c| dismiss(c, &CUSTOMERS, [a, b], "Otto", at))
    }

    fn key(record: &Record) -> String {
        record.value(&CUSTOMERS, "number").unwrap().to_owned()
    }

    /// The pairs of the list, `limit` on a page.
    fn listed(&self, which: Which, limit: u32) -> Vec<(String, String, Vec<Same>)> {
        let (mut all, mut cursor) = (Vec::new(), None);
        loop {
            let page = self
                .live
                .read(|live| self.db.read(|c| list(c, live, &CUSTOMERS, which, limit, cursor.as_deref())))
                .unwrap();
            assert!(page.items.len() <= limit as usize);
            all.extend(
                page.items
                    .into_iter()
                    .map(|pair| (Self::key(&pair.first), Self::key(&pair.second), pair.same)),
            );
            cursor = page.next;
            if cursor.is_none() {
                return all;
            }
        }
    }

    fn open(&self) -> Vec<String> {
        self.listed(Which::Open, 2).into_iter().map(|(a, b, _)| format!("{a}-{b}")).collect()
    }

    /// The numbers of the likely duplicates of a customer that nobody dismissed.
    fn of(&self, number: &str) -> Vec<String> {
        let hints = |live: &Conn| {
            self.db.read(|c| {
                let record = records::find(c, &CUSTOMERS, number)?.unwrap();
                let pairs = of_record(c, live, &CUSTOMERS, &record)?;
                let open = pairs.iter().filter(|pair| pair.dismissed.is_none());
                Ok::<_, crate::db::DbError>(open.map(|pair| Self::key(pair.other(record.id))).collect())
            })
        };
        self.live.read(hints).unwrap()
    }
}

#[test]
fn what_is_found_is_true_now_and_what_says_most_comes_first() {
    let mut world = World::new();
    assert_eq!(world.look(), 0);
    world.add("1", ["DK12345678", "post@olund.dk", "86123456", "Bager Ølund A/S", "8000", "DK"]);
    world.add("2", ["12345678", "", "", "Bager Olund", "8000", ""]);
    world.add("3", ["", "POST@olund.dk", "", "Noget andet", "9000", ""]);
    world.add("4", ["", "", "+45 86 12 34 56", "", "", ""]);
    let changed = |world: &World| {
        world.live.read(|live| world.db.read(|c| may_have_changed(c, live, &CUSTOMERS))).unwrap()
    };
    assert!(changed(&world));
    assert_eq!(world.look(), 3);
    assert!(!changed(&world));
    assert_eq!(world.open(), ["1-2", "1-3", "1-4"]);
    assert_eq!(world.listed(Which::Open, 50)[0].2, [Same::TaxNumber, Same::Name]);
    assert_eq!(world.of("1"), ["2", "3", "4"]);
    assert_eq!(world.of("4"), ["1"]);
    // No look since, and no hint that is not so.
    world.set("4", "phone", "86123457");
    assert_eq!((world.open(), world.of("4")), (vec!["1-2".into(), "1-3".into()], vec![]));
    // Inactive is how a duplicate is put away.
    world.set("2", "inactive", "yes");
    assert_eq!(world.open(), ["1-3"]);
    assert!(changed(&world));
    let at = world.now();
    let (last, looking) = world.live.read(|live| last_look(live, &CUSTOMERS, at)).unwrap();
    assert_eq!(last.map(|last| (last.records, last.pairs)), Some((4, 3)));
    assert_eq!(looking, None);
}

#[test]
fn a_dismissed_hint_stays_away_until_what_it_rests_on_changes() {
    let mut world = World::new();
    world.add("1", ["", "post@olund.dk", "86123456", "Alfa Kontor", "8000", ""]);
    world.add("2", ["", "post@olund.dk", "", "Beta Kontor", "8000", ""]);
    world.look();
    world.dismiss("2", "1").unwrap();
    world.dismiss("1", "2").unwrap();
    assert_eq!((world.open(), world.of("1"), world.of("2")), (vec![], vec![], vec![]));
    let dismissed = world.listed(Which::Dismissed, 50);
    assert_eq!(dismissed, [("1".into(), "2".into(), vec![Same::Email])]);
    // It stands in both histories, once.
    for (number, other) in [("1", "2"), ("2", "1")] {
        let history = world
            .db
            .read(|c| {
                let id = records::find(c, &CUSTOMERS, number)?.unwrap().id;
                crate::history::for_record(c, &CUSTOMERS, id, 50)
            })
            .unwrap();
        let told: Vec<_> = history.iter().filter(|change| change.field.as_deref() == Some(FIELD)).collect();
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].user.as_deref(), told[0].new.as_deref()), (Some("Otto"), Some(other)));
    }
    // What it does not rest on changes nothing, nor how it is written.
    world.set("1", "city", "Ribe");
    world.set("1", "email", "Post@Olund.dk");
    world.look();
    assert_eq!(world.open(), Vec::<String>::new());
    // More is the same now: the hint comes back.
    world.set("2", "phone", "+45 86 12 34 56");
    assert_eq!(world.open(), ["1-2"]);
    world.dismiss("1", "2").unwrap();
    world.set("1", "email", "ny@olund.dk");
    world.set("2", "email", "ny@olund.dk");
    world.look();
    assert_eq!(world.open(), ["1-2"]);
    world.dismiss("1", "2").unwrap();
    let at = world.now();
    let take_back = |a, b| world.db.write(|c| take_back(c, &CUSTOMERS, [a, b], "Otto", at));
    take_back("2", "1").unwrap();
    assert!(matches!(take_back("1", "2"), Err(DismissError::NotDismissed(..))));
    assert_eq!(world.open(), ["1-2"]);
    world.add("3", [""; 6]);
    assert!(matches!(world.dismiss("1", "3"), Err(DismissError::NothingInCommon(..))));
    assert!(matches!(world.dismiss("1", "1"), Err(DismissError::NothingInCommon(..))));
    assert!(matches!(world.dismiss("1", "9"), Err(DismissError::NotThere { .. })));
}

#[test]
fn a_value_that_many_share_says_nothing_and_a_look_can_be_stopped() {
    let mut world = World::new();
    for number in 0..21 {
        world.add(&number.to_string(), ["", "info@kette.de", "", "", "", ""]);
    }
    assert_eq!(world.look(), 0);
    world.set("20", "email", "anders@kette.de");
    assert_eq!(world.look(), 20 * 19 / 2);
    let at = world.now();
    let scratch = Temporary::default();
    let stopped = look(&world.db, &world.live, &CUSTOMERS, &scratch, at, &mut |_| ControlFlow::Break(()));
    assert!(matches!(stopped, Err(crate::compare::Stop::Cancelled)));
    assert_eq!(world.listed(Which::Open, 1000).len(), 190, "the look before still counts");
}

#[test]
fn pages_find_pairs_by_the_indexes() {
    let world = World::new();
    let [partners, listed] = found::queries();
    for (sql, params) in [(partners, 3), (listed, 4)] {
        let params: Vec<crate::db::Param<'_>> =
            std::iter::once("customers".into()).chain((1..params).map(crate::db::Param::Int)).collect();
        let explain = format!("EXPLAIN QUERY PLAN {sql}");
        let plan = world.live.read(|c| c.all(&explain, &params, |row| row.text(3))).unwrap().join("; ");
        assert!(!plan.contains("SCAN duplicate_pairs"), "{plan}");
        // Only the few pairs of one record are sorted.
        assert!(sql.contains("UNION") || !plan.contains("B-TREE"), "{plan}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// What a look finds is what comparing each with each finds, and no dismissed pair is ever shown.
    #[test]
    fn a_look_finds_what_comparing_all_with_all_finds(
        customers in proptest::collection::vec(
            (0..6_usize, 0..6_usize, 0..6_usize, 0..9_usize, 0..3_usize),
            2..14,
        ),
        dismissed in proptest::collection::vec((0..14_usize, 0..14_usize), 0..6),
    ) {
        const TAX: [&str; 6] = ["", "", "DK12345678", "12345678", "FI12345678", "87654321"];
        const EMAIL: [&str; 6] = ["", "", "", "a@b.dk", "A@B.dk", "c@d.dk;a@b.dk"];
        const PHONE: [&str; 6] = ["", "", "86123456", "+4586123456", "004686123456", "20123456/86123456"];
        const NAME: [&str; 9] = [
            "", "Bager Ølund A/S", "Bager Olund", "Olund Bager ApS", "Bager Olumd", "Baker Olund", "Værksted Thomsen",
            "Værksted Thomson", "Kunde 1",
        ];
        const POSTCODE: [&str; 3] = ["", "8000", "DK-8000"];
        let mut world = World::new();
        let values: Vec<Values<'_>> = customers
            .iter()
            .map(|&(t, e, p, n, z)| [TAX[t], EMAIL[e], PHONE[p], NAME[n], POSTCODE[z], ""])
            .collect();
        for (number, values) in values.iter().enumerate() {
            world.add(&format!("{number:02}"), *values);
        }
        let mut expected = Vec::new();
        for a in 0..values.len() {
            for b in a + 1..values.len() {
                if !same(values[a], values[b]).is_empty() {
                    expected.push((format!("{a:02}"), format!("{b:02}")));
                }
            }
        }
        world.look();
        let listed = |world: &World| {
            let mut listed: Vec<_> =
                world.listed(Which::Open, 3).into_iter().map(|(a, b, _)| (a, b)).collect();
            listed.sort();
            listed
        };
        prop_assert_eq!(&listed(&world), &expected);
        for (a, b) in dismissed {
            let (first, second) = (format!("{:02}", a.min(b)), format!("{:02}", a.max(b)));
            let there = expected.iter().any(|pair| *pair == (first.clone(), second.clone()));
            let done = world.dismiss(&second, &first).is_ok();
            prop_assert!(done || !there);
            expected.retain(|pair| *pair != (first.clone(), second.clone()));
        }
        prop_assert_eq!(&listed(&world), &expected);
        world.look();
        prop_assert_eq!(&listed(&world), &expected);
        for number in 0..values.len() {
            let number = format!("{number:02}");
            let mut of = world.of(&number);
            of.sort();
            let mut pairs: Vec<String> = expected
                .iter()
                .filter_map(|(a, b)| {
                    if *a == number { Some(b.clone()) } else if *b == number { Some(a.clone()) } else { None }
                })
                .collect();
            pairs.sort();
            prop_assert_eq!(of, pairs);
        }
    }
}
