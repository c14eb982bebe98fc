//! Formulas of a sheet whose results are not stored in the workbook: programs that write workbooks without calculating
//! leave that to whoever opens them.

use std::collections::HashSet;
use std::io::{self, Read, Seek, Write};

use calamine::{DataRef, Xlsx};
use memchr::memchr_iter;

use super::StageError;
use super::excel::xlsx_damage;
use crate::problem::{Damage, Problem, code};

/// The most formulas without a result that are told one by one.
const MOST: usize = 100_000;

/// What is read of a cell in place of the result that is not there.
pub(crate) const NO_RESULT: &str = "#FORMULA";

/// Row and column, from 0, of the cells of a sheet that have a formula and no result.
///
/// # Errors
/// When there are too many of them, or the workbook is damaged.
pub(super) fn without_result<R: Read + Seek>(
    book: &mut Xlsx<R>,
    sheet: &str,
) -> Result<HashSet<(u32, u32)>, StageError> {
    let mut found = HashSet::new();
    let mut cells = book.worksheet_cells_reader(sheet).map_err(xlsx_damage)?;
    while let Some(cell) = cells.next_cell_with_formula_metadata().map_err(xlsx_damage)? {
        if cell.formula.is_some() && cell.value == DataRef::Empty {
            found.insert(cell.pos);
        }
        if found.len() > MOST {
            let message =
                format!("The sheet has more than {MOST} formulas whose results are not stored in it.");
            let hint = "Open the workbook in Excel and save it, or let the ERP system write values instead of formulas.";
            return Err(Damage::from(Problem::new(code::CELL_ERROR, message, hint)).into());
        }
    }
    Ok(found)
}

/// Looks for formulas in the text of a sheet that goes by. It may see some where there are none.
#[derive(Default)]
pub(super) struct Watch {
    pub(super) seen: bool,
    /// The last bytes, in which a formula may begin.
    tail: Vec<u8>,
}

impl Write for Watch {
    fn write(&mut self, block: &[u8]) -> io::Result<usize> {
        if !self.seen {
            self.tail.extend_from_slice(block);
            let begins = |at: usize| {
                let before = at.checked_sub(1).map(|before| self.tail[before]);
                let after = self.tail.get(at + 1);
                matches!(before, Some(b'<' | b':'))
                    && after.is_some_and(|byte| matches!(byte, b'>' | b'/') || byte.is_ascii_whitespace())
            };
            self.seen = memchr_iter(b'f', &self.tail).any(begins);
            let kept = self.tail.len().saturating_sub(2);
            self.tail.drain(..kept);
        }
        Ok(block.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_is_seen_however_the_text_comes() {
        for (text, seen) in [
            ("<c r=\"A1\"><f>1+1</f><v>2</v></c>", true),
            ("<x:c><x:f t=\"shared\" si=\"0\"/></x:c>", true),
            ("<c><f\n/></c>", true),
            ("<c><v>5</v></c><row f=\"x\"/><font><foo>if</foo>", false),
        ] {
            for size in 1..text.len() {
                let mut watch = Watch::default();
                text.as_bytes().chunks(size).for_each(|block| watch.write_all(block).unwrap());
                assert_eq!(watch.seen, seen, "{text} by {size}");
            }
        }
    }
}
