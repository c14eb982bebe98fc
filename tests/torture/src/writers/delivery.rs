//! What is delivered: exports whose bytes tell, wherever they are cut, what the program can know of the cut.

use std::io::Write;

use crate::erp::sha256;

/// Bytes of a row, with its line end.
pub(super) const ROW: usize = 1024;

/// The header, with its line end. Its length puts every multiple of 1024 bytes, and so every block of a server's or
/// client's buffer, into the middle of a name.
const HEADER: &str = "Kundenr;Navn;Note;By;Kreditmax;Oprettet\r\n";

/// The format that reads a delivery; `filename` and further keys are to be added.
pub(super) const FORMAT: &str = r#"
name = "ERP customers"
register = "customers"
default = true
encoding = "utf-8"
delimiter = ";"
decimal-separator = ","
date-format = "%d-%m-%Y"
columns = [
    { from = "Kundenr", field = "number" },
    { from = "Navn", field = "name" },
    { from = "Note", field = "notes" },
    { from = "By", field = "city" },
    { from = "Kreditmax", field = "credit_limit" },
    { from = "Oprettet", field = "created_on" },
]
"#;

/// The key of the format for deliveries with a trailer line, which says how many rows there are.
pub(super) const TRAILER: &str = "trailer = { starts-with = \"END;\", row-count = 2 }";

/// Where the last cell of a row begins: a file that ends there or later looks as if it ended with a whole row.
const LAST_CELL: usize = ROW - 2 - "01-02-2003".len();

/// One export, unlike any other.
#[derive(Clone, Debug)]
pub(super) struct Delivery {
    /// The bytes.
    pub(super) bytes: Vec<u8>,
    /// Rows below the header.
    pub(super) rows: usize,
    /// SHA-256 of the bytes, in hexadecimal digits.
    pub(super) sha256: String,
}

impl Delivery {
    /// The export of a day: `rows` customers, each named after the day, with a trailer line if asked for.
    pub(super) fn of_day(day: usize, rows: usize, trailer: bool) -> anyhow::Result<Delivery> {
        let mut bytes = HEADER.as_bytes().to_vec();
        for row in 0..rows {
            let name = format!("Customer {row} as of day {day} ");
            let credit = format!("{:05},50", (row + day) % 100_000);
            write!(bytes, "K{row:07};{name:40};{:x<944};Aalborg;{credit:>8};01-02-2003\r\n", "Note ")?;
        }
        if trailer {
            write!(bytes, "END;{rows}\r\n")?;
        }
        let sha256 = sha256(&bytes);
        Ok(Delivery { bytes, rows, sha256 })
    }

    /// An export that another program made.
    pub(super) fn of_bytes(bytes: Vec<u8>, trailer: bool) -> Delivery {
        let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
        Delivery { rows: lines.saturating_sub(1 + usize::from(trailer)), sha256: sha256(&bytes), bytes }
    }

    /// The beginning of it, up to the end of a row in the middle: what was cut there looks like a whole file, but for a
    /// missing trailer.
    pub(super) fn up_to_a_row(&self) -> &[u8] {
        &self.bytes[..HEADER.len() + self.rows / 2 * ROW]
    }

    /// Whether these bytes are the beginning of this delivery, and not all of it.
    pub(super) fn begins_with(&self, bytes: &[u8]) -> bool {
        bytes.len() < self.bytes.len() && self.bytes.starts_with(bytes)
    }
}

/// Whether a delivery without a trailer that was cut after so many bytes shows it: it ends in the header, or in a row
/// before its last cell. A cut between two rows, or in the last cell of one, looks like a whole file.
pub(super) fn cut_shows(len: usize) -> bool {
    let Some(in_rows) = len.checked_sub(HEADER.len()) else { return true };
    (1..=LAST_CELL - 1).contains(&(in_rows % ROW))
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn every_block_of_a_buffer_ends_where_a_cut_shows() -> anyhow::Result<()> {
        let delivery = Delivery::of_day(3, 100, false)?;
        assert_eq!(delivery.bytes.len(), HEADER.len() + 100 * ROW);
        assert!((ROW..10 * ROW).step_by(ROW).all(cut_shows));
        assert!(!cut_shows(HEADER.len() + ROW) && !cut_shows(HEADER.len() + 2 * ROW - 1));
        let text = String::from_utf8(delivery.bytes)?;
        let line = text.lines().nth(1).context("no row")?;
        assert_eq!(&line[LAST_CELL..], "01-02-2003");
        Ok(())
    }
}
