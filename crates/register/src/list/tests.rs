//! The list against looking at every record, and its way to the indexes.

use std::ops::ControlFlow;

use proptest::prelude::*;

use super::*;
use crate::CUSTOMERS;
use crate::db::Database;

const NAMES: [&str; 7] =
    ["Bager Ølund", "bager jensen", "BAGER", "Ærø Færge", "Jensen & Søn", "ølund bager", "Zoo"];
const CITIES: [Option<&str>; 4] = [Some("Århus"), Some("aalborg"), None, Some("Oslo")];

/// Customers with the numbers from 0 on, in no order of theirs.
fn filled(rows: &[(usize, usize)]) -> (Database, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let db = crate::open(&folder.path().join("service-suite.db")).unwrap();
    // Some were found by other words before.
    db.write(|c| {
        (1..=rows.len()).step_by(3).try_for_each(|id| {
            let insert = "INSERT INTO customers_words (rowid, words) VALUES (?1, ' bager olund 1 07 arhus')";
            c.execute(insert, &[i64::try_from(id).unwrap().into()]).map(drop)
        })
    })
    .unwrap();
    db.write(|c| c.execute("DELETE FROM customers_words", &[]).map(drop)).unwrap();
    db.write(|c| {
        for (number, &(name, city)) in rows.iter().enumerate() {
            let id = 1 + number * 7 % rows.len().max(1) + number / rows.len().max(1);
            let number = format!("{:02}", number);
            let insert =
                "INSERT INTO customers (id, company_id, version, number, name, city, created_at, updated_at)
                 VALUES (?1, 1, 1, ?2, ?3, ?4, 0, 0)";
            let id = i64::try_from(id).unwrap();
            c.execute(insert, &[id.into(), (&number).into(), NAMES[name].into(), CITIES[city].into()])?;
            let mut words = String::new();
            let value = |at: usize| match CUSTOMERS.fields[at].name {
                "number" => Some(number.as_str()),
                "name" => Some(NAMES[name]),
                "city" => CITIES[city],
                _ => None,
            };
            crate::search::line(&CUSTOMERS, value, &mut words);
            let insert = "INSERT INTO customers_words (rowid, words) VALUES (?1, ?2)";
            c.execute(insert, &[id.into(), (&words).into()])?;
        }
        Ok::<_, DbError>(())
    })
    .unwrap();
    (db, folder)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// Page after page a list gives what looking at every record gives, whichever way it takes.
    #[test]
    fn pages_together_are_the_whole_list_in_order(
        // A prime number of rows lets the ids above go through all of them.
        rows in prop::collection::vec((0..NAMES.len(), 0..CITIES.len()), 23),
        text in prop::sample::select(vec!["", "b", "ol", "bager", "ølund b", "jensen", "jensen sø", "1", "07", "b o", "bag jen o", "olund zoo", "arhus", "nothing"]),
        sort in prop::sample::select(CUSTOMERS.sorts),
        descending: bool,
        limit in 1u32..12,
        few in 0u64..20,
        scan in 1u64..20,
        more in 1u64..4,
        stretch in 1u64..20,
        part in 0u64..30,
        sorted in 0u64..30,
    ) {
        let (db, _folder) = filled(&rows);
        let query = Query { text: text.into(), sort: Some(sort.into()), descending, limit, cursor: None };
        let mut expected = Vec::new();
        db.read(|c| records::each(c, &CUSTOMERS, &query, &mut |record| {
            expected.push(record.clone());
            ControlFlow::Continue(())
        })).unwrap();
        let key = |record: &Record| {
            let value = record.value(&CUSTOMERS, sort).unwrap_or_default();
            (if sort == "number" { value.to_owned() } else { value.to_ascii_lowercase() }, record.id)
        };
        let mut in_order = expected.clone();
        in_order.sort_by_key(key);
        if descending {
            in_order.reverse();
        }
        prop_assert_eq!(&expected, &in_order);
        let bounds = Bounds { scan, more, few, stretch, part, sorted };
        let mut found = Vec::new();
        let mut cursor = None;
        loop {
            let query = Query { cursor, ..query.clone() };
            let page = db.read(|c| list_by(c, &CUSTOMERS, &query, bounds)).unwrap();
            prop_assert!(page.items.len() <= limit as usize);
            if let (Some(total), false) = (page.total, text.is_empty()) {
                prop_assert_eq!(total, expected.len() as u64);
            }
            found.extend(page.items);
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn an_order_or_a_cursor_that_is_not_of_this_list_is_refused() {
    let (db, _folder) = filled(&[(0, 0), (1, 1)]);
    let ask = |query: &Query| db.read(|c| list(c, &CUSTOMERS, query));
    let by_city = Query { sort: Some("city".into()), limit: 1, ..Query::default() };
    let cursor = ask(&by_city).unwrap().next;
    assert!(cursor.is_some());
    for query in [
        Query { sort: Some("notes".into()), ..Query::default() },
        Query { cursor, ..Query::default() },
        Query { cursor: Some("5b5d".into()), ..Query::default() },
        Query { cursor: Some("ø".into()), ..Query::default() },
        Query { cursor: Some("5b5".into()), ..Query::default() },
    ] {
        assert!(matches!(ask(&query), Err(DbError::Invalid(_))), "{query:?}");
    }
}

#[test]
fn every_order_and_the_comparison_are_answered_from_an_index_alone() {
    let (db, _folder) = filled(&[]);
    let ask = |sql: &str, params: &[Param<'_>]| {
        let sql = format!("EXPLAIN QUERY PLAN {sql}");
        let steps = db.read(|c| c.all(&sql, params, |row| row.text(3))).unwrap();
        steps.join("; ")
    };
    for register in crate::REGISTERS {
        for sort in register.sorts {
            for descending in [false, true] {
                let query = Query { sort: Some((*sort).into()), descending, ..Query::default() };
                let order = Order::of(register, &query).unwrap();
                let plan = ask(&order.sql("id", true), &order.params(&Place { value: "a".into(), id: 1 }));
                assert!(
                    plan.contains("COVERING INDEX") && plan.contains("company_id=? AND"),
                    "{sort}: {plan}"
                );
                assert!(!plan.contains("B-TREE"), "{sort}: {plan}");
                let needle = Needle::new("a").unwrap();
                let far = far::Far { order: &order, needle: &needle, from: None, want: 1, bounds: BOUNDS };
                let plan = ask(&far.part_sql(), &[COMPANY.into(), "a".into(), "b".into()]);
                assert!(
                    plan.contains("COVERING INDEX") && plan.contains("<?") && !plan.contains("B-TREE"),
                    "{sort}: {plan}"
                );
            }
        }
        let walk =
            format!("SELECT number, id, mark FROM {} WHERE company_id = 1 ORDER BY number", register.name);
        let plan = ask(&walk, &[]);
        assert!(
            plan.contains("COVERING INDEX") && plan.contains("_by_mark") && !plan.contains("B-TREE"),
            "{plan}"
        );
    }
}
