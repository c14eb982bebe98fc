//! Contacts in files with columns for their parts: several on a line, or each on a line of its own.

use std::collections::BTreeSet;

use erpfile::{Format, Repeated};

use crate::contacts::{self, Contact};
use crate::field::shown;
use crate::records::Record;
use crate::{Register, mapping};

/// The columns of contacts in a format.
pub(super) struct Parts {
    /// The numbers of the contacts that are on a line, in the order in which they are read.
    numbers: Vec<Option<u16>>,
    /// Whether a record has as many lines as its contacts need.
    many_lines: bool,
}

impl Parts {
    pub(super) fn new(register: &Register, format: &Format) -> Parts {
        let number = |field: &str| mapping::part_of_row(register, format, field).map(|(number, _)| number);
        let numbers: BTreeSet<Option<u16>> =
            format.columns.iter().filter_map(|column| number(&column.field)).collect();
        Parts { numbers: numbers.into_iter().collect(), many_lines: format.repeated == Repeated::Contacts }
    }

    /// Which contact of a line, counted from 0, and which part of it `field` stands for, if it does.
    pub(super) fn of(&self, register: &Register, format: &Format, field: &str) -> Option<(usize, usize)> {
        let (number, part) = mapping::part_of_row(register, format, field)?;
        Some((self.numbers.iter().position(|other| *other == number)?, part))
    }

    /// The contacts of a record for each of its lines; one line without contacts when it has none, or they have no columns.
    ///
    /// # Errors
    /// A record with more contacts than there are columns for, as a sentence.
    pub(super) fn lines(&self, register: &Register, record: &Record) -> Result<Vec<Vec<Contact>>, String> {
        let room = self.numbers.len();
        let place = mapping::contacts_place(register).filter(|_| room > 0);
        let all = place.map_or_else(Vec::new, |at| contacts::list(record.values[at].as_deref()));
        if all.is_empty() {
            return Ok(vec![Vec::new()]);
        }
        if !self.many_lines && all.len() > room {
            let number = record.value(register, register.key).unwrap_or_default();
            return Err(format!(
                "{} {} has {} contacts, and the format has columns for {room}; nothing was written; export to CSV instead",
                register.singular,
                shown(number),
                all.len()
            ));
        }
        Ok(all.chunks(room).map(<[Contact]>::to_vec).collect())
    }
}
