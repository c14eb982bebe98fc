//! The rows of a file beside the records of its register, key by key.

use std::cell::Cell;

use erpfile::{Apply, Content, Format, Repeated};

use super::INACTIVE;
use super::fingerprint::{is_same_row, mark};
use super::groups::{Entry, Group, Groups};
use super::outcome::Outcome;
use super::seen::{self, Passed};
use super::settle::{By, create};
use crate::COMPANY;
use crate::changes::{Change, ChangeKind, Mark, Place, Rows};
use crate::db::{Conn, DbResult};
use crate::history::{self, Giver};
use crate::job::{Stop, Ticker};
use crate::mapping::Mapper;
use crate::records::{self, Record};

/// What the register has under a key.
#[derive(Clone, Copy)]
pub(super) struct Stored<'k> {
    pub(super) id: i64,
    pub(super) mark: Option<Mark>,
    /// The key as the record has it.
    pub(super) key: &'k str,
}

/// See the module.
pub(super) struct Comparer<'a, 's, 'r, 'b> {
    pub(super) c: &'a Conn,
    pub(super) mapper: &'a Mapper,
    pub(super) format: &'a Format,
    /// Where the register says that a record is inactive, when records that the file does not mention become so.
    pub(super) inactive: Option<usize>,
    /// Whether those are listed instead.
    pub(super) listed: bool,
    pub(super) rows: Rows<'a>,
    pub(super) marks: bool,
    pub(super) outcome: Outcome<'s>,
    pub(super) ticker: Ticker<'r, 'b>,
    /// Records whose key stands in the file.
    pub(super) matched: u64,
    /// Those whose row was passed over.
    pub(super) passed: Passed,
    /// Whether another row has the key of one that was passed over, and says something else.
    pub(super) contradicted: &'a Cell<bool>,
}

impl<'s> Comparer<'_, 's, '_, '_> {
    pub(super) fn run(mut self, mut groups: Groups<'_>, look_up: u64) -> Result<Outcome<'s>, Stop> {
        let records = records::count(self.c, self.mapper.register)?;
        if records / look_up.max(1) > groups.len() && !self.tells_missing() {
            while groups.advance()? {
                let group = groups.current();
                let found = seen::look_up(self.c, self.mapper.register, group.key())?;
                let stored = found.map(|(id, mark)| Stored { id, mark, key: group.key() });
                self.group(group, stored)?;
            }
        } else {
            self.walk(&mut groups)?;
        }
        self.end(records)
    }

    pub(super) fn end(mut self, records: u64) -> Result<Outcome<'s>, Stop> {
        if self.format.content == Content::Full {
            self.outcome.counts.missing = match self.tells_missing() {
                true => self.outcome.deactivated + self.outcome.listed,
                false => records - self.matched.min(records),
            };
        }
        self.ticker.end()?;
        Ok(self.outcome)
    }

    /// Walks file and register side by side; both are in the order of the keys' bytes.
    fn walk(&mut self, groups: &mut Groups<'_>) -> Result<(), Stop> {
        let (c, register) = (self.c, self.mapper.register);
        let sql = format!(
            "SELECT \"{0}\", id, mark FROM {1} WHERE company_id = ?1 ORDER BY \"{0}\"",
            register.key, register.name
        );
        let mut more = groups.advance()?;
        let mut stop = None;
        c.each(&sql, &[COMPANY.into()], |row| {
            let key = row.text_ref(0)?.unwrap_or_default();
            let stored = Stored { id: row.int(1)?, mark: mark(row.blob_ref(2)?), key };
            let mut step = || {
                while more && groups.current().key() < key {
                    self.group(groups.current(), None)?;
                    more = groups.advance()?;
                }
                if more && groups.current().key() == key {
                    self.group(groups.current(), Some(stored))?;
                    more = groups.advance()?;
                } else if self.tells_missing() && !self.passed.has(stored.id) {
                    self.missing(stored)?;
                }
                Ok::<_, Stop>(more || self.tells_missing())
            };
            Ok(step().unwrap_or_else(|error| {
                stop = Some(error);
                false
            }))
        })?;
        if let Some(error) = stop {
            return Err(error);
        }
        while more {
            self.group(groups.current(), None)?;
            more = groups.advance()?;
        }
        Ok(())
    }

    /// Whether records are looked at that the file does not mention.
    pub(super) fn tells_missing(&self) -> bool {
        self.inactive.is_some() || self.listed
    }

    /// A record that a full export does not mention.
    pub(super) fn missing(&mut self, stored: Stored<'_>) -> Result<(), Stop> {
        let Stored { id, mark, key } = stored;
        let register = self.mapper.register;
        let record = records::by_id(self.c, register, id)?.ok_or(Stop::Stale)?;
        let old = record.value(register, INACTIVE);
        if old == Some("1") || (mark.is_none() && self.is_of_people(id)?) {
            return Ok(());
        }
        let Some(inactive) = self.inactive else {
            self.outcome.listed += 1;
            let title = record.value(register, register.title_field);
            return self.outcome.note_at_end(&self.mapper.not_in_file(key, title));
        };
        self.outcome.deactivated += 1;
        self.outcome.change(&Change {
            kind: ChangeKind::Deactivated,
            place: Place::NONE,
            mark: Mark::default(),
            key,
            id,
            version: record.version,
            fields: vec![(inactive, old, Some("1"))],
        })
    }

    /// Whether people alone know of a record that no file has mentioned since it was last written by hand: it was made
    /// here, or made active again here.
    fn is_of_people(&self, id: i64) -> DbResult<bool> {
        let register = self.mapper.register;
        Ok(history::giver(self.c, register, id, INACTIVE)? == Some(Giver::Person)
            || !history::is_of_a_file(self.c, register, id)?)
    }

    /// All rows of the file that have one key.
    pub(super) fn group(&mut self, group: &Group, stored: Option<Stored<'_>>) -> Result<(), Stop> {
        self.tick(group)?;
        let is_carried = |mark: Mark| {
            stored.and_then(|stored| stored.mark).is_some_and(|carried| is_same_row(carried, mark))
        };
        if stored.is_some_and(|stored| self.passed.has(stored.id)) {
            if !group.alike() || !is_carried(group.first().mark) {
                self.contradicted.set(true);
                return Err(Stop::Stale);
            }
            self.outcome.counts.unchanged += group.len();
            return Ok(());
        }
        self.matched += u64::from(stored.is_some());
        if group.alike() {
            let first = group.first();
            if self.marks && is_carried(first.mark) {
                self.outcome.counts.unchanged += group.len();
            } else if self.one(group.key(), first, stored)? {
                self.outcome.counts.unchanged += group.len() - 1;
            } else {
                // Identical to a refused row, so refused for the same reasons, each under its own line.
                return group.each(|entry| match entry.place.line == first.place.line {
                    true => Ok(()),
                    false => self.one(group.key(), entry, stored).map(drop),
                });
            }
            return Ok(());
        }
        match self.format.repeated {
            Repeated::Last => self.last(group, stored),
            Repeated::Contacts => self.contacts(group, stored),
            Repeated::Refuse => self.duplicates(group),
        }
    }

    pub(super) fn tick(&mut self, group: &Group) -> Result<(), Stop> {
        for _ in 0..group.len() {
            self.ticker.row(|rows| rows)?;
        }
        Ok(())
    }

    /// The record as it is now.
    pub(super) fn record(&self, stored: Option<Stored<'_>>) -> Result<Option<Record>, Stop> {
        let by_id =
            |stored: Stored<'_>| records::by_id(self.c, self.mapper.register, stored.id)?.ok_or(Stop::Stale);
        stored.map(by_id).transpose()
    }

    /// One row for one record; whether it was taken. `key` is what counts of its key.
    pub(super) fn one(&mut self, key: &str, entry: &Entry, stored: Option<Stored<'_>>) -> Result<bool, Stop> {
        let &Entry { place, mark, checked } = entry;
        if stored.is_none()
            && checked
            && self.mapper.matching.is_exact()
            && self.format.apply != Apply::Update
        {
            // Nothing has to be asked of the row again.
            self.outcome.counts.created += 1;
            self.outcome.change(&new_record(key, place, mark))?;
            return Ok(true);
        }
        let record = self.record(stored)?;
        let old = record.as_ref().map(|record| record.values.as_slice());
        let row = self.rows.parse(place)?;
        // A row without a key is in no group.
        let key = self.mapper.key(row).unwrap_or_default();
        let change = new_record(&key, place, mark);
        let mut problems = row.problems.clone();
        let given =
            if problems.is_empty() { self.mapper.read_for(row, old, &mut problems) } else { Vec::new() };
        if !problems.is_empty() {
            self.outcome.refuse(place, problems)?;
            return Ok(false);
        }
        match stored.zip(record.as_ref()) {
            None => create(self.mapper, self.format, row, &given, &change, &mut self.outcome)?,
            Some(stored) => {
                let by = By { c: self.c, mapper: self.mapper, format: self.format, inactive: self.inactive };
                by.settle(row, change, stored, &given, &mut self.outcome)?;
            }
        }
        Ok(true)
    }

    /// The last row counts; the others are unchanged unless something is wrong with them.
    fn last(&mut self, group: &Group, stored: Option<Stored<'_>>) -> Result<(), Stop> {
        let last = *group.last();
        let taken = self.one(group.key(), &last, stored)?;
        let record = self.record(stored)?;
        let old = record.as_ref().map(|record| record.values.as_slice());
        group.each(|entry| {
            if entry.place.line == last.place.line {
                return Ok(());
            }
            let mut problems = Vec::new();
            let row = self.rows.parse(entry.place)?;
            self.mapper.read_for(row, old, &mut problems);
            if !taken {
                problems.push(self.mapper.replaced(row, last.place.line));
            }
            if problems.is_empty() {
                self.outcome.counts.unchanged += 1;
                return Ok(());
            }
            self.outcome.refuse(entry.place, problems)
        })
    }

    /// Rows that contradict each other: none is taken, each names the others.
    fn duplicates(&mut self, group: &Group) -> Result<(), Stop> {
        group.each(|entry| {
            let mut problems = Vec::new();
            let row = self.rows.parse(entry.place)?;
            self.mapper.read(row, &mut problems);
            let others = group.lines_beside(entry.place.line);
            problems.push(self.mapper.duplicate(row, &others, group.len() - 1));
            self.outcome.refuse(entry.place, problems)
        })
    }
}

/// A new record that is read from its row.
pub(super) fn new_record(key: &str, place: Place, mark: Mark) -> Change<'_> {
    Change { kind: ChangeKind::Created, place, mark, key, id: 0, version: 0, fields: Vec::new() }
}
