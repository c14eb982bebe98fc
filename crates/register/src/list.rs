//! A page of a list: the records in an order, those that a search finds, from a place on.
//!
//! A search is answered in one of three ways, whichever is quick for it. Words that many records have: walk the order's
//! index and keep what matches, for a while. Words with few hits: fetch those and sort them. Many hits that are far
//! from where the page begins: mark all hits, then walk the index alone and fetch only what is marked.

use crate::db::{Conn, DbError, DbResult, Param};
use crate::page::{Page, bad_cursor, bounded};
use crate::records::{self, FIXED_COLUMNS, Query, Record, by_id, finds, select};
use crate::search::Needle;
use crate::{COMPANY, Register};

/// Which way of searching is taken when; the answer never depends on it.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    /// So many records are looked at first.
    scan: u64,
    /// So many hits are fetched and sorted; more are marked.
    few: u64,
}

const BOUNDS: Bounds = Bounds { scan: 1500, few: 1500 };

/// A page of the records that `query` asks for.
///
/// # Errors
/// [`DbError::Invalid`] for an order that the register does not have, or a cursor that is not of this list.
pub fn list(c: &Conn, register: &'static Register, query: &Query) -> DbResult<Page<Record>> {
    list_by(c, register, query, BOUNDS)
}

fn list_by(c: &Conn, register: &'static Register, query: &Query, bounds: Bounds) -> DbResult<Page<Record>> {
    let limit = bounded(query.limit);
    let order = Order::of(register, query)?;
    let from = query.cursor.as_deref().map(|cursor| order.place(cursor)).transpose()?;
    let mut walk = Walk { order: &order, want: limit as usize + 1, found: Vec::new(), last: from.clone() };
    let Some(needle) = Needle::new(&query.text) else {
        walk.records(c, None, u64::MAX)?;
        let total = records::count(c, register)?;
        return Ok(order.page(walk.found, limit, Some(total)));
    };
    // The index collects all hits before it gives the first: what nearly every record has is found sooner by looking.
    if walk.records(c, Some(&needle), bounds.scan)? {
        return Ok(order.page(walk.found, limit, None));
    }
    let marked = Marked::hits(c, register, &needle)?;
    let found = if marked.total <= bounds.few {
        order.fetch(c, marked.ids(), from.as_ref(), limit as usize + 1)?
    } else {
        walk.marked(c, &marked)?;
        walk.found
    };
    Ok(order.page(found, limit, Some(marked.total)))
}

/// Where a list is: behind the record with this value of the order, and this id.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    value: String,
    id: i64,
}

/// An order of a register's list, with an index under it.
pub(crate) struct Order {
    register: &'static Register,
    sort: &'static str,
    descending: bool,
    /// What is sorted by, exactly as the index has it.
    value: String,
}

impl Order {
    /// The order that `query` asks for.
    pub(crate) fn of(register: &'static Register, query: &Query) -> DbResult<Order> {
        let sort = match query.sort.as_deref() {
            None => register.sorts.first().copied().unwrap_or(register.key),
            Some(name) => register.sorts.iter().copied().find(|sort| *sort == name).ok_or_else(|| {
                DbError::Invalid(format!(
                    "{} cannot be sorted by \"{name}\"; choose one of {}",
                    register.title,
                    register.sorts.join(", ")
                ))
            })?,
        };
        Ok(Order { register, sort, descending: query.descending, value: value(register, sort) })
    }

    /// What stands behind ORDER BY.
    pub(crate) fn by(&self) -> String {
        let way = if self.descending { " DESC" } else { "" };
        match self.sort == self.register.key {
            true => format!("{}{way}", self.value),
            false => format!("{}{way}, id{way}", self.value),
        }
    }

    /// The condition for the records behind a place, whose value and id are ?2 and ?3.
    fn behind(&self) -> String {
        let way = if self.descending { '<' } else { '>' };
        match self.sort == self.register.key {
            true => format!("{} {way} ?2", self.value),
            // The first condition says nothing new, but it is one that the index can be entered by.
            false => format!("{0} {way}= ?2 AND ({0}, id) {way} (?2, ?3)", self.value),
        }
    }

    /// Calls `each` with the rows of `SELECT {columns}, value` from behind `place` on, in order.
    fn walk(
        &self,
        c: &Conn,
        select: &str,
        place: Option<&Place>,
        each: impl FnMut(&crate::db::Row<'_>) -> DbResult<bool>,
    ) -> DbResult<()> {
        let sql = self.sql(select, place.is_some());
        match place {
            None => c.each(&sql, &[COMPANY.into()], each),
            Some(place) => c.each(&sql, &self.params(place), each),
        }
    }

    fn sql(&self, select: &str, behind: bool) -> String {
        let (table, value, by) = (self.register.name, &self.value, self.by());
        let behind = if behind { format!(" AND {}", self.behind()) } else { String::new() };
        format!("SELECT {select}, {value} FROM {table} WHERE company_id = ?1{behind} ORDER BY {by}")
    }

    fn params<'p>(&self, place: &'p Place) -> Vec<Param<'p>> {
        let mut params = vec![COMPANY.into(), (&place.value).into()];
        if self.sort != self.register.key {
            params.push(place.id.into());
        }
        params
    }

    /// The first `want` of the records `ids` that lie behind `place`, in order.
    fn fetch(
        &self,
        c: &Conn,
        ids: impl Iterator<Item = i64>,
        place: Option<&Place>,
        want: usize,
    ) -> DbResult<Vec<(Place, Record)>> {
        let sql =
            format!("SELECT {} FROM {} WHERE company_id = ?1 AND id = ?2", self.value, self.register.name);
        let mut places = Vec::new();
        for id in ids {
            let value = c.first(&sql, &[COMPANY.into(), id.into()], |row| row.text(0))?;
            places.extend(value.map(|value| Place { value, id }));
        }
        let before = |a: &Place, b: &Place| {
            let way = (&a.value, a.id).cmp(&(&b.value, b.id));
            if self.descending { way.reverse() } else { way }
        };
        places.retain(|found| place.is_none_or(|place| before(found, place).is_gt()));
        places.sort_unstable_by(before);
        places.truncate(want);
        let mut found = Vec::with_capacity(places.len());
        for place in places {
            if let Some(record) = by_id(c, self.register, place.id)? {
                found.push((place, record));
            }
        }
        Ok(found)
    }

    fn page(&self, found: Vec<(Place, Record)>, limit: u32, total: Option<u64>) -> Page<Record> {
        Page::cut(found, limit, total, |(place, _)| self.cursor(place)).map(|(_, record)| record)
    }

    /// A place as text for the next request: JSON in hexadecimal digits, so that it fits into an address.
    fn cursor(&self, place: &Place) -> String {
        let text = serde_json::json!([self.sort, self.descending, place.value, place.id]).to_string();
        text.bytes().fold(String::with_capacity(text.len() * 2), |mut out, byte| {
            for half in [byte >> 4, byte & 15] {
                out.extend(char::from_digit(u32::from(half), 16));
            }
            out
        })
    }

    fn place(&self, cursor: &str) -> DbResult<Place> {
        let parsed = || {
            let digits: Vec<u8> = cursor
                .chars()
                .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
                .collect::<Option<_>>()?;
            let bytes: Vec<u8> = digits
                .chunks(2)
                .map(|pair| Some(pair.first()? << 4 | pair.get(1)?))
                .collect::<Option<_>>()?;
            serde_json::from_slice::<(String, bool, String, i64)>(&bytes).ok()
        };
        match parsed() {
            Some((sort, descending, value, id)) if sort == self.sort && descending == self.descending => {
                Ok(Place { value, id })
            }
            _ => Err(bad_cursor(cursor)),
        }
    }
}

/// What a sort sorts by: the key as it is, other text without regard to the case of ASCII letters.
pub(crate) fn value(register: &Register, sort: &str) -> String {
    if sort == register.key { format!("\"{sort}\"") } else { format!("lower(COALESCE(\"{sort}\", ''))") }
}

/// A way along an order that collects what a page needs.
struct Walk<'a> {
    order: &'a Order,
    want: usize,
    found: Vec<(Place, Record)>,
    last: Option<Place>,
}

impl Walk<'_> {
    /// Looks at the next `most` records; whether the page is full or the order has come to its end.
    fn records(&mut self, c: &Conn, needle: Option<&Needle>, most: u64) -> DbResult<bool> {
        let register = self.order.register;
        let (mut looked, mut words, mut cut) = (0, String::new(), false);
        let value_column = FIXED_COLUMNS + register.fields.len();
        let select = select(register);
        let from = self.last.clone();
        self.order.walk(c, &select, from.as_ref(), |row| {
            looked += 1;
            let hit = needle.is_none_or(|needle| finds(register, needle, row, &mut words));
            cut = looked == most;
            if hit || cut {
                let place = Place { value: row.text(value_column)?, id: row.int(0)? };
                if hit {
                    self.found.push((place.clone(), records::record(register, row)?));
                }
                self.last = Some(place);
            }
            Ok(self.found.len() < self.want && !cut)
        })?;
        Ok(self.found.len() >= self.want || !cut)
    }

    /// Goes on along the index alone, and fetches the records that are marked.
    fn marked(&mut self, c: &Conn, marked: &Marked) -> DbResult<()> {
        let from = self.last.clone();
        self.order.walk(c, "id", from.as_ref(), |row| {
            let id = row.int(0)?;
            if marked.has(id)
                && let Some(record) = by_id(c, self.order.register, id)?
            {
                self.found.push((Place { value: row.text(1)?, id }, record));
            }
            Ok(self.found.len() < self.want)
        })
    }
}

/// A bit for each id: 125 KB for a million records.
struct Marked {
    bits: Vec<u64>,
    total: u64,
}

impl Marked {
    fn hits(c: &Conn, register: &Register, needle: &Needle) -> DbResult<Marked> {
        let sql = format!("SELECT rowid FROM {0}_words WHERE {0}_words MATCH ?1", register.name);
        let mut marked = Marked { bits: Vec::new(), total: 0 };
        c.each(&sql, &[Param::Text(&needle.question())], |row| {
            let id = usize::try_from(row.int(0)?).unwrap_or(0);
            if marked.bits.len() <= id / 64 {
                marked.bits.resize(id / 64 + 1, 0);
            }
            marked.bits[id / 64] |= 1 << (id % 64);
            marked.total += 1;
            Ok(true)
        })?;
        Ok(marked)
    }

    fn ids(&self) -> impl Iterator<Item = i64> {
        let ones = |bits: u64| (0..64).filter(move |bit| bits >> bit & 1 == 1);
        self.bits.iter().zip(0i64..).flat_map(move |(&bits, at)| ones(bits).map(move |bit| at * 64 + bit))
    }

    fn has(&self, id: i64) -> bool {
        usize::try_from(id)
            .is_ok_and(|id| self.bits.get(id / 64).is_some_and(|bits| bits >> (id % 64) & 1 == 1))
    }
}

#[cfg(test)]
mod tests {
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
        db.write(|c| {
            for (number, &(name, city)) in rows.iter().enumerate() {
                let id = 1 + number * 7 % rows.len().max(1) + number / rows.len().max(1);
                let number = format!("{:02}", number);
                let insert = "INSERT INTO customers (id, company_id, version, number, name, city, created_at, updated_at)
                     VALUES (?1, 1, 1, ?2, ?3, ?4, '2026-11-22T00:00:00.000Z', '2026-11-22T00:00:00.000Z')";
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
            text in prop::sample::select(vec!["", "b", "ol", "bager", "ølund b", "jensen", "1", "07", "arhus", "nothing"]),
            sort in prop::sample::select(CUSTOMERS.sorts),
            descending: bool,
            limit in 1u32..12,
            few in 0u64..20,
            scan in 1u64..20,
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
            let mut found = Vec::new();
            let mut cursor = None;
            loop {
                let query = Query { cursor, ..query.clone() };
                let page = db.read(|c| list_by(c, &CUSTOMERS, &query, Bounds { few, scan })).unwrap();
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
        let plan = |sql: &str, params: &[Param<'_>]| {
            let sql = format!("EXPLAIN QUERY PLAN {sql}");
            let steps = db.read(|c| c.all(&sql, params, |row| row.text(3))).unwrap();
            steps.join("; ")
        };
        for register in crate::REGISTERS {
            for sort in register.sorts {
                for descending in [false, true] {
                    let query = Query { sort: Some((*sort).into()), descending, ..Query::default() };
                    let order = Order::of(register, &query).unwrap();
                    let plan =
                        plan(&order.sql("id", true), &order.params(&Place { value: "a".into(), id: 1 }));
                    assert!(
                        plan.contains("COVERING INDEX") && plan.contains("company_id=? AND"),
                        "{sort}: {plan}"
                    );
                    assert!(!plan.contains("B-TREE"), "{sort}: {plan}");
                }
            }
            let walk = format!(
                "SELECT number, id, mark FROM {} WHERE company_id = 1 ORDER BY number",
                register.name
            );
            let plan = plan(&walk, &[]);
            assert!(
                plan.contains("COVERING INDEX") && plan.contains("_by_mark") && !plan.contains("B-TREE"),
                "{plan}"
            );
        }
    }
}
