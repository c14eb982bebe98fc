//! Rows that say what they said last time, told by their bytes alone: nearly all of a nightly export.
//!
//! A record carries the fingerprint of the row that it was last imported from. A row with the fingerprint of a record is
//! passed over: it is neither decoded nor sorted, and its record not looked at again. Most exports are written in the
//! order of their keys, so the fingerprints are read in that order, a little ahead of the file. Where the file takes
//! another order, they are gathered in a table, if there is room for it.
//!
//! It only takes rows out of the comparison that the comparison would find unchanged by their fingerprint. Whatever it
//! does not find goes the usual way.

use std::collections::TryReserveError;

use super::ahead::{Ahead, Batch};
use super::fingerprint::{fingerprint, is_alone, is_same_row, mark};
use crate::changes::Mark;
use crate::db::{Conn, Database, DbError, DbResult};
use crate::{COMPANY, Register, records};

/// How rows are looked for; the outcome never depends on it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pass {
    /// So many fingerprints are looked through for a row: as many records may be missing in the file in one place.
    pub(crate) ahead: usize,
    /// After so many rows that were not found one after the other, it is asked where their records are.
    pub(crate) lost: u64,
    /// When that was in vain so many times, since few rows were found from there on, the file has another order.
    pub(crate) vain: u32,
    /// A table is made for at most so many records; 3 million need 64 MiB.
    pub(crate) table: u64,
    /// How many fingerprints are read at once in the order of the keys.
    pub(crate) batch: Batch,
}

impl Default for Pass {
    fn default() -> Pass {
        Pass { ahead: 1024, lost: 256, vain: 8, table: 3 << 20, batch: Batch { first: 64, most: 4096 } }
    }
}

/// Records with higher numbers are not passed over, which bounds the memory for telling which were.
const MOST_ID: i64 = 1 << 28;

/// The records whose rows were passed over.
#[derive(Default)]
pub(super) struct Passed {
    bits: Vec<u64>,
    count: u64,
}

impl Passed {
    /// Adds a record; `false` when it is there already.
    fn add(&mut self, id: i64) -> bool {
        let Some((at, bit)) = place(id) else { return false };
        if self.bits.len() <= at {
            self.bits.resize(at + 1, 0);
        }
        let new = self.bits[at] & bit == 0;
        self.bits[at] |= bit;
        self.count += u64::from(new);
        new
    }

    pub(super) fn has(&self, id: i64) -> bool {
        place(id).is_some_and(|(at, bit)| self.bits.get(at).is_some_and(|bits| bits & bit != 0))
    }

    pub(super) fn len(&self) -> u64 {
        self.count
    }
}

fn place(id: i64) -> Option<(usize, u64)> {
    let id = usize::try_from(id).ok().filter(|_| id < MOST_ID)?;
    Some((id / 64, 1 << (id % 64)))
}

/// Finds the records of rows by the rows' bytes.
pub(super) struct Seen<'c> {
    c: &'c Conn,
    register: &'static Register,
    pass: Pass,
    seed: u64,
    way: Way,
    passed: Passed,
    /// Rows that were not found one after the other, and those found since it was last asked where the file is.
    missed: u64,
    found: u64,
    vain: u32,
    failure: Option<DbError>,
}

/// How records are found.
enum Way {
    InOrder(Ahead),
    Table(Table),
    /// There are too many, in another order.
    NotAtAll,
}

impl<'c> Seen<'c> {
    /// `c` is a moment of the database; `seed` is that of the fingerprints.
    pub(super) fn new(
        db: &Database,
        c: &'c Conn,
        register: &'static Register,
        seed: u64,
        pass: Pass,
    ) -> Seen<'c> {
        let way = Way::InOrder(Ahead::new(db, register, pass.batch));
        let passed = Passed::default();
        Seen { c, register, pass, seed, way, passed, missed: 0, found: 0, vain: 0, failure: None }
    }

    /// Whether a row of these bytes, if it is one by itself, is what a record was last imported from, which no other row
    /// was before.
    pub(super) fn knows(&mut self, raw: &[u8]) -> bool {
        let wanted = u128::from_le_bytes(fingerprint(raw, self.seed, true));
        let id = match &mut self.way {
            Way::InOrder(ahead) => {
                // Once lost, there is little hope before it is asked where the file is.
                let most = if self.missed > self.pass.lost { 1 } else { self.pass.ahead };
                ahead.find(self.c, wanted, most).unwrap_or_else(|error| {
                    self.failure = Some(error);
                    None
                })
            }
            Way::Table(table) => table.find(wanted),
            Way::NotAtAll => None,
        };
        let known = id.is_some_and(|id| self.passed.add(id));
        if known {
            self.missed = 0;
            self.found += 1;
        }
        known
    }

    /// What went wrong while a row was looked for.
    pub(super) fn check(&mut self) -> DbResult<()> {
        self.failure.take().map_or(Ok(()), Err)
    }

    /// A row had to be read: this is its key, and its fingerprint.
    pub(super) fn missed(&mut self, key: &str, row: Mark) -> DbResult<()> {
        self.missed += 1;
        let Way::InOrder(ahead) = &mut self.way else { return Ok(()) };
        if !self.missed.is_multiple_of(self.pass.lost.max(1)) {
            return Ok(());
        }
        let carried = look_up(self.c, self.register, key)?.and_then(|(_, mark)| mark);
        if !carried.is_some_and(|carried| is_same_row(carried, row)) {
            // New or changed: nothing tells that the fingerprints are not those of the rows that follow.
            return Ok(());
        }
        self.vain = if self.found < self.pass.lost { self.vain + 1 } else { 0 };
        self.found = 0;
        if self.vain < self.pass.vain {
            ahead.jump(key);
            return Ok(());
        }
        let records = records::count(self.c, self.register)?;
        self.way = if records > self.pass.table {
            Way::NotAtAll
        } else {
            Table::new(self.c, self.register, records, &self.passed)?.map_or(Way::NotAtAll, Way::Table)
        };
        Ok(())
    }

    /// The records that were found.
    pub(super) fn passed(self) -> Passed {
        self.passed
    }
}

/// The record with a key, and what it carries.
pub(super) fn look_up(c: &Conn, register: &Register, key: &str) -> DbResult<Option<(i64, Option<Mark>)>> {
    let sql =
        format!("SELECT id, mark FROM {} WHERE company_id = ?1 AND \"{}\" = ?2", register.name, register.key);
    c.first(&sql, &[COMPANY.into(), key.into()], |row| Ok((row.int(0)?, mark(row.blob_ref(1)?))))
}

/// The fingerprints of a register, to be found in any order. A slot holds the 96 higher bits of one, and the number of its
/// record, which is never 0. Only rows by themselves have one there, since the bit that says so has no room.
struct Table {
    slots: Vec<u128>,
}

const ID: u128 = u32::MAX as u128;

impl Table {
    /// That of all records but those; `None` when there is no memory for it.
    fn new(c: &Conn, register: &Register, records: u64, without: &Passed) -> DbResult<Option<Table>> {
        let room = usize::try_from(records).unwrap_or(usize::MAX / 64).max(3) / 3 * 4;
        let Ok(mut table) = Table::with_room(room.next_power_of_two()) else { return Ok(None) };
        let sql = format!(
            "SELECT \"{0}\", id, mark FROM {1} WHERE company_id = ?1 ORDER BY \"{0}\"",
            register.key, register.name
        );
        let mut left = table.slots.len() - 1;
        c.each(&sql, &[COMPANY.into()], |row| {
            let id = row.int(1)?;
            if let (Some(mark), Ok(number)) = (mark(row.blob_ref(2)?), u32::try_from(id))
                && is_alone(mark)
                && !without.has(id)
            {
                table.insert(u128::from_le_bytes(mark), number);
                left -= 1;
            }
            // One slot stays empty: there a search ends.
            Ok(left > 0)
        })?;
        Ok(Some(table))
    }

    fn with_room(slots: usize) -> Result<Table, TryReserveError> {
        let mut table = Table { slots: Vec::new() };
        table.slots.try_reserve_exact(slots)?;
        table.slots.resize(slots, 0);
        Ok(table)
    }

    /// Where a fingerprint is, or the slot where it belongs.
    fn slot(&self, mark: u128) -> usize {
        let last = self.slots.len() - 1;
        // Its lower bits are in no slot, but in nearly all cases in the place of it.
        let mut at = (mark >> 1) as usize & last;
        while self.slots[at] != 0 && self.slots[at] & !ID != mark & !ID {
            at = (at + 1) & last;
        }
        at
    }

    fn insert(&mut self, mark: u128, id: u32) {
        let at = self.slot(mark);
        self.slots[at] = mark & !ID | u128::from(id);
    }

    fn find(&self, mark: u128) -> Option<i64> {
        let id = self.slots[self.slot(mark)] & ID;
        i64::try_from(id).ok().filter(|id| *id != 0)
    }
}
