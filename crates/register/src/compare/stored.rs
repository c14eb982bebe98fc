//! The records of a register by their keys as a format compares them, where keys that differ can be the same.

use super::comparer::{Comparer, Stored};
use super::fingerprint::mark;
use super::groups::{Group, Groups};
use super::outcome::Outcome;
use crate::changes::Bytes;
use crate::frames::Scratch;
use crate::job::Stop;
use crate::sorted::Sorter;
use crate::{COMPANY, records};

/// Records with the same key that a complaint names.
const NAMED: usize = 5;

/// One record.
struct Known {
    id: i64,
    mark: Option<crate::changes::Mark>,
    key: String,
}

impl Known {
    fn write(id: i64, mark: Option<crate::changes::Mark>, key: &str) -> Vec<u8> {
        let mut out = id.to_le_bytes().to_vec();
        out.push(u8::from(mark.is_some()));
        out.extend_from_slice(&mark.unwrap_or_default());
        out.extend_from_slice(key.as_bytes());
        out
    }

    fn read(payload: &[u8]) -> Result<Known, Stop> {
        let mut bytes = Bytes(payload);
        let id = i64::from_le_bytes(bytes.array()?);
        let marked = bytes.take(1)? == [1];
        let mark = Some(bytes.array()?).filter(|_| marked);
        let key = std::str::from_utf8(bytes.0).map_err(std::io::Error::other)?.to_owned();
        Ok(Known { id, mark, key })
    }

    fn stored(&self) -> Stored<'_> {
        Stored { id: self.id, mark: self.mark, key: &self.key }
    }
}

/// The records whose keys are the same.
#[derive(Default)]
struct Same {
    folded: Vec<u8>,
    first: Vec<Known>,
    all: u64,
}

impl<'s> Comparer<'_, 's, '_, '_> {
    /// As [`Comparer::run`], with the records in the order of what counts of their keys.
    pub(super) fn run_folded(
        mut self,
        mut groups: Groups<'_>,
        scratch: &dyn Scratch,
        memory: usize,
    ) -> Result<Outcome<'s>, Stop> {
        let (register, matching) = (self.mapper.register, self.mapper.matching);
        let mut sorter = Sorter::new(scratch, memory);
        let sql =
            format!("SELECT \"{}\", id, mark FROM {} WHERE company_id = ?1", register.key, register.name);
        let mut full = None;
        self.c.each(&sql, &[COMPANY.into()], |row| {
            let key = row.text_ref(0)?.unwrap_or_default();
            let payload = Known::write(row.int(1)?, mark(row.blob_ref(2)?), key);
            let pushed = sorter.push(matching.fold(key).as_bytes(), &payload);
            full = pushed.err();
            Ok(full.is_none())
        })?;
        if let Some(error) = full {
            return Err(error.into());
        }
        let mut sorted = sorter.finish()?;
        let mut ahead: Option<(Vec<u8>, Known)> = None;
        let mut more = groups.advance()?;
        loop {
            let mut same = Same::default();
            if let Some((folded, known)) = ahead.take() {
                same = Same { folded, first: vec![known], all: 1 };
            }
            while let Some((folded, payload)) = sorted.next()? {
                let known = Known::read(payload)?;
                if same.all > 0 && folded != same.folded {
                    ahead = Some((folded.to_vec(), known));
                    break;
                }
                if same.all == 0 {
                    same.folded = folded.to_vec();
                }
                same.all += 1;
                // What is missing is told of each record, so all must be known where the file decides that.
                if same.first.len() < NAMED || self.tells_missing() {
                    same.first.push(known);
                }
            }
            if same.all == 0 {
                break;
            }
            while more && groups.current().key().as_bytes() < same.folded.as_slice() {
                self.group(groups.current(), None)?;
                more = groups.advance()?;
            }
            if more && groups.current().key().as_bytes() == same.folded {
                match (same.first.as_slice(), same.all) {
                    ([only], 1) => self.group(groups.current(), Some(only.stored()))?,
                    _ => self.ambiguous(groups.current(), &same)?,
                }
                more = groups.advance()?;
            } else if self.tells_missing() {
                for known in &same.first {
                    self.missing(known.stored())?;
                }
            }
        }
        while more {
            self.group(groups.current(), None)?;
            more = groups.advance()?;
        }
        let records = records::count(self.c, register)?;
        self.end(records)
    }

    /// Rows whose key is that of several records: none is taken, each names them.
    fn ambiguous(&mut self, group: &Group, same: &Same) -> Result<(), Stop> {
        self.matched += same.all;
        self.tick(group)?;
        let numbers: Vec<String> = same.first.iter().take(NAMED).map(|known| known.key.clone()).collect();
        group.each(|entry| {
            let mut problems = Vec::new();
            let row = self.rows.parse(entry.place)?;
            self.mapper.read(row, &mut problems);
            problems.push(self.mapper.ambiguous(row, &numbers, same.all));
            self.outcome.refuse(entry.place, problems)
        })
    }
}
