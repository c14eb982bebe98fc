//! Rows that share a key and are contacts of one record.

use erpfile::Problem;
use xxhash_rust::xxh3::Xxh3;

use super::comparer::{Comparer, Stored, new_record};
use super::groups::Group;
use super::settle::{By, create};
use crate::changes::{Change, Mark};
use crate::contacts::Gathering;
use crate::field::{Fault, code, shown};
use crate::job::Stop;
use crate::mapping::{Given, Old};

/// What the rows of one key say together, as far as they have been read.
struct Together {
    /// In the order of the mapper's fields: the value, and the line that gave it.
    values: Vec<Option<(u64, Given<'static>)>>,
    contacts: Gathering,
    /// The first line that is refused.
    refused: Option<u64>,
    /// Why all of them are refused.
    wrong: Option<Fault>,
}

impl Comparer<'_, '_, '_, '_> {
    /// Rows that each say a contact of one record, and agree in everything else. One of them carries the outcome; when one
    /// is refused, all are: the record would be left without a contact that the file has.
    pub(super) fn contacts(&mut self, group: &Group, stored: Option<Stored<'_>>) -> Result<(), Stop> {
        let mark = fingerprint(group)?;
        if self.marks && stored.is_some_and(|stored| stored.mark == Some(mark)) {
            self.outcome.counts.unchanged += group.len();
            return Ok(());
        }
        let record = self.record(stored)?;
        let old = record.as_ref().map(|record| record.values.as_slice());
        let together = self.together(group, old)?;
        let why = match (together.wrong, together.refused) {
            (Some(wrong), _) => Some(wrong),
            (None, Some(line)) => Some(Fault {
                code: code::OTHER_LINE_REFUSED,
                message: format!("Line {line}, another contact of it, is refused."),
                hint: "Correct that line, and import the file again.".to_owned(),
            }),
            (None, None) => None,
        };
        if let Some(why) = why {
            return self.none_of(group, old, &why);
        }
        let mut given: Vec<_> = together.values.into_iter().flatten().map(|(_, given)| given).collect();
        given.extend(self.mapper.gathered(&together.contacts, old));
        // In the order in which a new record is written.
        given.sort_by_key(|(at, _)| self.mapper.fields().position(|field| field == *at));
        let place = group.first().place;
        let row = self.rows.parse(place)?;
        let key = self.mapper.key(row).unwrap_or_default();
        let change = new_record(&key, place, mark);
        match stored.zip(record.as_ref()) {
            None => {
                let fields = given.iter().map(|(at, value)| (*at, None, value.as_deref())).collect();
                create(
                    self.mapper,
                    self.format,
                    row,
                    &given,
                    &Change { fields, ..change },
                    &mut self.outcome,
                )?;
            }
            Some(stored) => {
                let by = By { c: self.c, mapper: self.mapper, format: self.format, inactive: self.inactive };
                by.settle(row, change, stored, &given, &mut self.outcome)?;
            }
        }
        self.outcome.counts.unchanged += group.len() - 1;
        Ok(())
    }

    fn together(&mut self, group: &Group, old: Old<'_>) -> Result<Together, Stop> {
        let places: Vec<usize> = self.mapper.fields().collect();
        let mut together = Together {
            values: places.iter().map(|_| None).collect(),
            contacts: Gathering::default(),
            refused: None,
            wrong: None,
        };
        let register = self.mapper.register;
        group.each(|entry| {
            let row = self.rows.parse(entry.place)?;
            let mut problems = row.problems.clone();
            let line = entry.place.line;
            let given = match self.mapper.read_apart(row, old, &mut problems, &mut together.contacts) {
                Ok(given) => given,
                Err(fault) => {
                    together.wrong.get_or_insert(fault);
                    return Ok(());
                }
            };
            if !problems.is_empty() {
                together.refused.get_or_insert(line);
                return Ok(());
            }
            for (at, new) in given {
                let Some(place) = places.iter().position(|place| *place == at) else { continue };
                let field = &register.fields[at];
                match &together.values[place] {
                    None => {
                        let owned = new.map(|value| value.into_owned().into());
                        together.values[place] = Some((line, (at, owned)));
                    }
                    Some((first, (_, old))) => {
                        // That the keys are the same was found out already.
                        let key = field.name == register.key;
                        if !key && !field.kind.unchanged(old.as_deref(), new.as_deref()) {
                            let said = |value: Option<&str>| value.map_or("nothing".to_owned(), shown);
                            together.wrong.get_or_insert_with(|| Fault {
                                code: code::LINES_DISAGREE,
                                message: format!(
                                    "Lines {first} and {line} are contacts of it, but not of one {}: {} is {} on one and \
                                     {} on the other.",
                                    register.singular,
                                    field.label,
                                    said(old.as_deref()),
                                    said(new.as_deref())
                                ),
                                hint: "Lines that share a number may differ in their contacts only: correct the export."
                                    .to_owned(),
                            });
                        }
                    }
                }
            }
            Ok(())
        })?;
        Ok(together)
    }

    /// Refuses all rows of the group: those that are wrong themselves for that, the others for `why`.
    fn none_of(&mut self, group: &Group, old: Old<'_>, why: &Fault) -> Result<(), Stop> {
        group.each(|entry| {
            let row = self.rows.parse(entry.place)?;
            let mut problems: Vec<Problem> = row.problems.clone();
            if problems.is_empty() {
                self.mapper.read_for(row, old, &mut problems);
            }
            if problems.is_empty() {
                problems.push(self.mapper.beside(row, why.clone()));
            }
            self.outcome.refuse(entry.place, problems)
        })
    }
}

/// The fingerprint of all rows together.
fn fingerprint(group: &Group) -> Result<Mark, Stop> {
    let mut hash = Xxh3::new();
    group.each(|entry| {
        hash.update(&entry.mark);
        Ok(())
    })?;
    Ok(hash.digest128().to_le_bytes())
}
