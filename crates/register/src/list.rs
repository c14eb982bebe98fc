//! A page of a list: the records in an order, those that a search finds, from a place on.
//!
//! A search is answered in one of these ways, whichever is quick for it. Words that many records have: walk the order's
//! index and keep what matches, for a while. Words with few hits: fetch those and sort them. Many hits that are far
//! from where the page begins: mark all hits, then walk the index alone and fetch only what is marked; when that takes
//! long, walk that part of the order where nearly all of them are, or sort them.

mod far;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;

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
    /// So many times as many are looked at when that will probably fill the page.
    more: u64,
    /// So many hits are fetched and sorted; more are marked.
    few: u64,
    /// So many entries of the order's index are passed first on the way to what is marked.
    stretch: u64,
    /// So many entries may be in the part of the order where nearly all hits are.
    part: u64,
    /// So many hits are sorted by what the order sorts by, without their records.
    sorted: u64,
}

const BOUNDS: Bounds =
    Bounds { scan: 1500, more: 8, few: 1500, stretch: 40_000, part: 200_000, sorted: 10_000 };

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
    let mut walk = Walk {
        order: &order,
        want: limit as usize + 1,
        found: Vec::new(),
        last: from.clone(),
        looked: 0,
        seen: Vec::new(),
    };
    let Some(needle) = Needle::new(&query.text) else {
        walk.records(c, None, u64::MAX)?;
        let total = records::count(c, register)?;
        return Ok(order.page(walk.found, limit, Some(total)));
    };
    // The index collects all hits before it gives the first: what nearly every record has is found sooner by looking.
    if walk.records(c, Some(&needle), bounds.scan)?
        || (walk.found.len() * bounds.more as usize >= walk.want
            && walk.records(c, Some(&needle), bounds.scan * bounds.more)?)
    {
        return Ok(order.page(walk.found, limit, None));
    }
    let words = needle.telling(&walk.seen, walk.looked);
    let marked = Marked::hits(c, register, &needle.question(&words))?;
    if marked.total <= bounds.few {
        let (found, total) = order.fetch(c, &needle, marked.ids(), from.as_ref(), limit as usize + 1)?;
        return Ok(order.page(found, limit, Some(total)));
    }
    let total = (words.len() == needle.len()).then_some(marked.total);
    if !walk.marked(c, &marked, &needle, bounds.stretch)? {
        let want = limit as usize + 1;
        let far = far::Far { order: &order, needle: &needle, from: from.as_ref(), want, bounds };
        if let Some(found) = far.page(c, &marked)? {
            return Ok(order.page(found, limit, total));
        }
        walk.marked(c, &marked, &needle, u64::MAX)?;
    }
    Ok(order.page(walk.found, limit, total))
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

    /// The first `want` of the records `ids` that are found and lie behind `place`, in order; and how many are found
    /// wherever they lie.
    fn fetch(
        &self,
        c: &Conn,
        needle: &Needle,
        ids: impl Iterator<Item = i64>,
        place: Option<&Place>,
        want: usize,
    ) -> DbResult<(Vec<(Place, Record)>, u64)> {
        let register = self.register;
        let (select, value) = (select(register), &self.value);
        let sql =
            format!("SELECT {select}, {value} FROM {} WHERE company_id = ?1 AND id = ?2", register.name);
        let value_column = FIXED_COLUMNS + register.fields.len();
        let (mut places, mut words) = (Vec::new(), String::new());
        for id in ids {
            let found = c.first(&sql, &[COMPANY.into(), id.into()], |row| {
                let found = finds(register, needle, row, &mut words);
                Ok(if found { Some(Place { value: row.text(value_column)?, id }) } else { None })
            })?;
            places.extend(found.flatten());
        }
        let total = places.len() as u64;
        self.arrange(&mut places, place);
        places.truncate(want);
        let mut found = Vec::with_capacity(places.len());
        for place in places {
            if let Some(record) = by_id(c, register, place.id)? {
                found.push((place, record));
            }
        }
        Ok((found, total))
    }

    /// Which of two places comes first.
    fn compare(&self, a: &Place, b: &Place) -> Ordering {
        let way = (&a.value, a.id).cmp(&(&b.value, b.id));
        if self.descending { way.reverse() } else { way }
    }

    /// Sorts places, and keeps those behind `from`.
    fn arrange(&self, places: &mut Vec<Place>, from: Option<&Place>) {
        places.retain(|place| from.is_none_or(|from| self.compare(place, from).is_gt()));
        places.sort_unstable_by(|a, b| self.compare(a, b));
    }

    /// The record `id`, when it has the words.
    fn found(&self, c: &Conn, needle: &Needle, id: i64, words: &mut String) -> DbResult<Option<Record>> {
        let record = by_id(c, self.register, id)?;
        Ok(record.filter(|record| records::record_is_found(self.register, record, needle, words)))
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
    /// How many records were looked at for a needle, and how many of them have each of its words.
    looked: u64,
    seen: Vec<u64>,
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
            let hit = needle.is_none_or(|needle| {
                records::line(register, row, &mut words);
                needle.finds_and_counts(&words, &mut self.seen)
            });
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
        self.looked += looked;
        Ok(self.found.len() >= self.want || !cut)
    }

    /// Goes on along the next `most` entries of the index alone, and fetches the records that are marked; whether the
    /// page is full or the order has come to its end.
    fn marked(&mut self, c: &Conn, marked: &Marked, needle: &Needle, most: u64) -> DbResult<bool> {
        let (mut passed, mut words, mut cut) = (0, String::new(), false);
        let from = self.last.clone();
        self.order.walk(c, "id", from.as_ref(), |row| {
            let id = row.int(0)?;
            passed += 1;
            cut = passed == most;
            if marked.has(id)
                && let Some(record) = self.order.found(c, needle, id, &mut words)?
            {
                self.found.push((Place { value: row.text(1)?, id }, record));
            }
            if cut {
                self.last = Some(Place { value: row.text(1)?, id });
            }
            Ok(self.found.len() < self.want && !cut)
        })?;
        Ok(self.found.len() >= self.want || !cut)
    }
}

/// A bit for each id: 125 KB for a million records.
#[derive(Clone)]
struct Marked {
    bits: Vec<u64>,
    total: u64,
}

impl Marked {
    fn hits(c: &Conn, register: &Register, question: &str) -> DbResult<Marked> {
        let sql = format!("SELECT rowid FROM {0}_words WHERE {0}_words MATCH ?1", register.name);
        let mut marked = Marked { bits: Vec::new(), total: 0 };
        c.each(&sql, &[Param::Text(question)], |row| {
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

    /// Takes `id` out; whether it was marked.
    fn take(&mut self, id: i64) -> bool {
        let there = self.has(id);
        if there && let Ok(id) = usize::try_from(id) {
            self.bits[id / 64] &= !(1 << (id % 64));
            self.total -= 1;
        }
        there
    }

    fn has(&self, id: i64) -> bool {
        usize::try_from(id)
            .is_ok_and(|id| self.bits.get(id / 64).is_some_and(|bits| bits >> (id % 64) & 1 == 1))
    }
}
