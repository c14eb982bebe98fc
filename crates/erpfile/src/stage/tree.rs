//! Documents that are trees: which part is a record, and what its columns are called.
//!
//! A column is called by its path within the record: `name`, `address/city`, `@id` for an attribute. Where a name
//! repeats below the same parent, the second is `phone[2]` and so on, so that no value is dropped.

use std::collections::HashMap;
use std::io::{Read, Seek, Write};

use super::{StageError, rows};
use crate::limits::raise;
use crate::problem::{Damage, Problem, code};
use crate::{Format, Limits};

/// The longest path, in bytes: names that lie in each other add up.
const LONGEST_PATH: usize = 1000;

/// A record: the physical line on which it starts, and its values.
pub(super) type Each<'a> = &'a mut dyn FnMut(u64, Values) -> Result<(), StageError>;

/// Reads a document from its start and tells of each record.
type EachRecord<R> = fn(&mut R, &Format, Limits, Each<'_>) -> Result<(), StageError>;

/// Writes the records of a document, which is read twice: for the names of its columns, and for their values.
pub(super) fn stage<R: Read + Seek>(
    mut source: R,
    format: &Format,
    limits: Limits,
    out: &mut dyn Write,
    each_record: EachRecord<R>,
) -> Result<(), StageError> {
    let mut header = Header::default();
    each_record(&mut source, format, limits, &mut |line, values| {
        values.list.into_iter().try_for_each(|(path, _)| Ok(header.add(path, line, limits)?))
    })?;
    rows::write(out, 0, &header.names)?;
    source.rewind().map_err(|error| StageError::Read(error.into()))?;
    let mut cells = vec![String::new(); header.names.len()];
    each_record(&mut source, format, limits, &mut |line, values| {
        cells.iter_mut().for_each(String::clear);
        for (path, value) in values.list {
            if let Some(&place) = header.places.get(&path) {
                cells[place] = value;
            }
        }
        rows::write(out, line, &cells)
    })
}

/// The values of one record by their paths, each path once; no more and no longer ones than the limits allow.
#[derive(Debug)]
pub(super) struct Values {
    list: Vec<(String, String)>,
    limits: Limits,
}

impl Values {
    pub(super) fn new(limits: Limits) -> Self {
        Self { list: Vec::new(), limits }
    }

    /// Adds the value of a path; `line` is where the record or the value stands.
    pub(super) fn push(&mut self, path: String, value: String, line: u64) -> Result<(), Damage> {
        check_path(&path, line)?;
        if value.len() > self.limits.field {
            return Err(too_long(&path, line, self.limits));
        }
        if self.list.len() >= self.limits.columns {
            return Err(too_many(line, self.limits));
        }
        self.list.push((path, value));
        Ok(())
    }
}

/// Refuses a path that is longer than any that a person would write.
pub(super) fn check_path(path: &str, line: u64) -> Result<(), Damage> {
    if path.len() <= LONGEST_PATH {
        return Ok(());
    }
    let message =
        format!("A name in the document is longer than {LONGEST_PATH} bytes, those around it included.");
    let hint = "Check the format's record: it may name the whole document instead of one record of it.";
    Err(Damage::from(Problem::new(code::CELL_TOO_LONG, message, hint).at_line(line).with_value(path)))
}

/// The paths that occur, in the order in which they do.
#[derive(Default)]
struct Header {
    names: Vec<String>,
    places: HashMap<String, usize>,
}

impl Header {
    fn add(&mut self, path: String, line: u64, limits: Limits) -> Result<(), Damage> {
        if self.places.contains_key(&path) {
            return Ok(());
        }
        if self.names.len() >= limits.columns {
            return Err(too_many(line, limits));
        }
        self.places.insert(path.clone(), self.names.len());
        self.names.push(path);
        Ok(())
    }
}

fn too_many(line: u64, limits: Limits) -> Damage {
    let message = format!("The records have more than {} different values.", limits.columns);
    let check = "Check the format's record: it may name the whole document instead of one record of it.";
    let hint = raise(check, "columns");
    Damage::from(Problem::new(code::TOO_MANY_COLUMNS, message, hint).at_line(line))
}

fn too_long(path: &str, line: u64, limits: Limits) -> Damage {
    let message = format!("The value of {path} is longer than {}.", crate::problem::size(limits.field));
    let hint = raise("Check the value in the ERP system.", "field");
    Damage::from(Problem::new(code::CELL_TOO_LONG, message, hint).at_line(line))
}

/// Gives names that repeat below one parent a number: `phone`, `phone[2]`.
#[derive(Default)]
pub(super) struct Names(HashMap<String, usize>);

impl Names {
    /// The path of the next `name` below `parent`.
    pub(super) fn path(&mut self, parent: &str, name: &str) -> String {
        let count = self.0.entry(name.to_owned()).or_default();
        *count += 1;
        let join = if parent.is_empty() { "" } else { "/" };
        match *count {
            1 => format!("{parent}{join}{name}"),
            count => format!("{parent}{join}{name}[{count}]"),
        }
    }
}

/// Nothing in the document is where the format says that the records are.
pub(super) fn no_record(record: &str, seen: &[String]) -> Damage {
    let message =
        format!("Nothing in the document is at \"{record}\", where the format says that the records are.");
    let hint = if seen.is_empty() {
        "Check the format's record, and that the right file was written.".to_owned()
    } else {
        format!("Set the format's record to one of: {}.", seen.join(", "))
    };
    Damage::from(Problem::new(code::RECORD_MISSING, message, hint))
}

/// The parts of a path such as `/customers/customer`.
pub(crate) fn parts(path: &str) -> Vec<&str> {
    path.split('/').map(str::trim).filter(|part| !part.is_empty()).collect()
}
