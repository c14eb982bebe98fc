//! Looking through a whole register for pairs that have something in common.
//!
//! Each record gives a few keys (its numbers and addresses, its name read forwards and backwards behind its postcode); all
//! keys are sorted, on scratch files where they are many, so that what may be the same lies together. What is found is
//! compared by its values. Nothing is locked meanwhile but for moments.

use std::collections::{BTreeSet, VecDeque};
use std::ops::ControlFlow;

use jiff::Timestamp;

use super::found::{self, Looking, Noted, Weighed};
use super::signs::{self, Common, Same, Signs};
use crate::compare::{Scratch, Stop};
use crate::db::{Conn, Database, DbResult};
use crate::sorted::{Sorted, Sorter};
use crate::{COMPANY, DuplicateFields, Register, history, records};

/// A value that more records share says nothing: a switchboard, a number that fills a field, "Cash customer".
const MOST_SHARING: usize = 20;

/// A name is compared with so many others that begin, or end, alike.
const NEIGHBOURS: usize = 50;

/// The most pairs that are kept, those that have most in common.
const MOST_PAIRS: usize = 100_000;

/// Memory for sorting keys; more goes to scratch files.
const MEMORY: usize = 64 << 20;

/// Records that are read at a time, and pairs that are compared.
const AT_A_TIME: usize = 2000;

/// Looks through the register and notes the pairs it finds, in place of those of the look before. `report` hears how far it
/// has come, and breaks to stop it; nothing is noted then. Gives the number of pairs.
///
/// # Errors
/// [`Stop::Cancelled`], [`Stop::Scratch`] and [`Stop::Db`].
pub fn look(
    db: &Database,
    live: &Database,
    register: &'static Register,
    scratch: &dyn Scratch,
    at: Timestamp,
    report: &mut dyn FnMut(Looking) -> ControlFlow<()>,
) -> Result<u64, Stop> {
    let Some(fields) = &register.duplicates else { return Ok(0) };
    let number = live.write(|c| found::begin(c, register))?;
    let history = db.read(history::last)?;
    let total = db.read(|c| records::count(c, register))?;
    let mut say = |done| match report(Looking { done, total }) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(Stop::Cancelled),
    };
    let mut keys = Sorter::new(scratch, MEMORY);
    let (mut last, mut looked) = (0, 0);
    loop {
        say(looked)?;
        let some = db.read(|c| some_records(c, register, fields, last))?;
        let Some((end, _)) = some.last() else { break };
        last = *end;
        looked += some.len() as u64;
        for (id, signs) in &some {
            each_key(signs, |key| keys.push(key, &id.to_le_bytes()))?;
        }
    }
    let mut candidates = Sorter::new(scratch, MEMORY);
    alike(keys.finish()?, &mut || say(looked), &mut |a, b| {
        let (first, second) = (a.min(b), a.max(b));
        if first != second {
            candidates.push(&[first.to_be_bytes(), second.to_be_bytes()].concat(), &[])?;
        }
        Ok(())
    })?;
    let pairs = compared(db, register, fields, candidates.finish()?, &mut || say(looked))?;
    found::note(live, register, number, &pairs)?;
    let found = pairs.len() as u64;
    let noted = Noted { number, at, history, records: looked, pairs: found };
    live.write(|c| found::finish(c, register, &noted))?;
    Ok(found)
}

/// The records behind an id, with their signs.
fn some_records(
    c: &Conn,
    register: &'static Register,
    fields: &DuplicateFields,
    after: i64,
) -> DbResult<Vec<(i64, Signs)>> {
    let names = fields.all();
    let columns: Vec<String> = names.iter().map(|name| format!("CAST(\"{name}\" AS TEXT)")).collect();
    let sql = format!(
        "SELECT id, {} FROM {} WHERE company_id = ?1 AND id > ?2 ORDER BY id LIMIT {AT_A_TIME}",
        columns.join(", "),
        register.name
    );
    c.all(&sql, &[COMPANY.into(), after.into()], |row| {
        let value = |field| {
            let at = names.iter().position(|name| *name == field)?;
            row.text_ref(1 + at).ok().flatten()
        };
        Ok((row.int(0)?, Signs::of(fields, value)))
    })
}

/// The kinds of keys.
const TAX_NUMBER: u8 = b't';
const EMAIL: u8 = b'e';
const PHONE: u8 = b'p';
const FORWARDS: u8 = b'f';
const BACKWARDS: u8 = b'b';

fn each_key<E>(signs: &Signs, mut f: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    let key = |kind: u8, parts: &[&str]| {
        let mut key = vec![kind];
        parts.iter().for_each(|part| key.extend_from_slice(part.as_bytes()));
        key
    };
    if let Some(tax) = &signs.tax_number {
        f(&key(TAX_NUMBER, &[&tax.number]))?;
    }
    for email in &signs.emails {
        f(&key(EMAIL, &[email]))?;
    }
    for phone in &signs.phones {
        f(&key(PHONE, &[phone.end()]))?;
    }
    if let (Some(name), Some(postcode)) = (&signs.name, &signs.postcode) {
        f(&key(FORWARDS, &[postcode, "\0", name]))?;
        f(&key(BACKWARDS, &[postcode, "\0", &name.chars().rev().collect::<String>()]))?;
    }
    Ok(())
}

/// Records with the same key; none when they are too many to mean anything.
struct Group {
    key: Vec<u8>,
    ids: Vec<i64>,
    count: usize,
}

impl Group {
    fn is_telling(&self) -> bool {
        self.count <= MOST_SHARING
    }

    /// The place and the name of a key that is of a name.
    fn name(&self) -> Option<(&[u8], &str)> {
        let kind = self.key.first()?;
        if ![FORWARDS, BACKWARDS].contains(kind) {
            return None;
        }
        let at = self.key.iter().position(|byte| *byte == 0)?;
        Some((&self.key[..at], std::str::from_utf8(&self.key[at + 1..]).ok()?))
    }
}

/// Hears of two records that may have something in common.
type Found<'f> = &'f mut dyn FnMut(i64, i64) -> Result<(), Stop>;

/// Groups between two moments at which it is asked whether to go on.
const GROUPS: u64 = 4096;

/// Gives each two records whose keys are the same, or are names that are nearly so.
fn alike(
    mut keys: Sorted,
    go_on: &mut dyn FnMut() -> Result<(), Stop>,
    found: Found<'_>,
) -> Result<(), Stop> {
    let mut neighbours: VecDeque<Group> = VecDeque::new();
    let (mut group, mut groups) = (None::<Group>, 0_u64);
    loop {
        let entry = keys.next()?;
        match (&mut group, entry) {
            (Some(group), Some((key, id))) if group.key == key => {
                group.count += 1;
                if group.is_telling() {
                    group.ids.push(id_of(id));
                }
            }
            (_, entry) => {
                let next = entry.map(|(key, id)| Group { key: key.to_vec(), ids: vec![id_of(id)], count: 1 });
                let at_end = next.is_none();
                if let Some(whole) = std::mem::replace(&mut group, next) {
                    within(whole, &mut neighbours, found)?;
                    groups += 1;
                    if groups.is_multiple_of(GROUPS) {
                        go_on()?;
                    }
                }
                if at_end {
                    return Ok(());
                }
            }
        }
    }
}

fn id_of(payload: &[u8]) -> i64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(payload);
    i64::from_le_bytes(bytes)
}

/// Gives the pairs of a group, and with its neighbours when it is of a name.
fn within(group: Group, neighbours: &mut VecDeque<Group>, found: Found<'_>) -> Result<(), Stop> {
    if !group.is_telling() {
        return Ok(());
    }
    for (at, first) in group.ids.iter().enumerate() {
        for second in &group.ids[at + 1..] {
            found(*first, *second)?;
        }
    }
    let Some((place, name)) = group.name() else { return Ok(()) };
    let begins = |name: &str| name.chars().take(signs::IN_COMMON).collect::<String>();
    let beside = |other: &Group| {
        other.name().is_some_and(|(its_place, its)| its_place == place && begins(its) == begins(name))
    };
    if neighbours.back().is_some_and(|last| !beside(last)) {
        neighbours.clear();
    }
    for other in neighbours.iter() {
        if other.name().is_some_and(|(_, its)| signs::nearly_the_same(its, name)) {
            for first in &other.ids {
                for second in &group.ids {
                    found(*first, *second)?;
                }
            }
        }
    }
    if neighbours.len() == NEIGHBOURS {
        neighbours.pop_front();
    }
    neighbours.push_back(group);
    Ok(())
}

/// Those of the candidates that have something in common now.
fn compared(
    db: &Database,
    register: &'static Register,
    fields: &DuplicateFields,
    mut candidates: Sorted,
    go_on: &mut dyn FnMut() -> Result<(), Stop>,
) -> Result<BTreeSet<Weighed>, Stop> {
    let mut pairs = BTreeSet::new();
    let mut last = None;
    loop {
        go_on()?;
        let mut some = Vec::with_capacity(AT_A_TIME);
        while some.len() < AT_A_TIME
            && let Some((key, _)) = candidates.next()?
        {
            let number = |at: usize| {
                let mut bytes = [0; 8];
                bytes.copy_from_slice(&key[at..at + 8]);
                i64::from_be_bytes(bytes)
            };
            let pair = (number(0), number(8));
            if last.replace(pair) != Some(pair) {
                some.push(pair);
            }
        }
        if some.is_empty() {
            return Ok(pairs);
        }
        db.read(|c| {
            let signs = |id| {
                let record = records::by_id(c, register, id)?;
                DbResult::Ok(record.map(|record| Signs::of(fields, |field| record.value(register, field))))
            };
            let mut first: Option<(i64, Option<Signs>)> = None;
            for (a, b) in some {
                if first.as_ref().is_none_or(|(id, _)| *id != a) {
                    first = Some((a, signs(a)?));
                }
                if let Some((_, Some(first))) = &first
                    && let Some(second) = signs(b)?
                    && let Some(weight) = weight(&first.common(&second))
                {
                    pairs.insert((weight, std::cmp::Reverse((a, b))));
                    if pairs.len() > MOST_PAIRS {
                        pairs.pop_first();
                    }
                }
            }
            DbResult::Ok(())
        })?;
    }
}

/// How much two records have in common; `None` when nothing.
fn weight(common: &[Common]) -> Option<i64> {
    let same: BTreeSet<Same> = common.iter().map(|common| common.same).collect();
    (!same.is_empty()).then(|| same.into_iter().map(Same::weight).sum())
}
