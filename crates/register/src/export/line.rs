//! Cells as one line of a file.

use erpfile::{CellRange, Format, Layout, PositionsIn};

use super::FileLayout;

impl FileLayout<'_> {
    /// The cells as one line; or which of them does not fit, and why.
    pub(super) fn line(&self, texts: &[String]) -> Result<String, (usize, String)> {
        if self.format.layout == Layout::FixedWidth { self.fixed(texts) } else { self.delimited(texts) }
    }

    fn delimited(&self, texts: &[String]) -> Result<String, (usize, String)> {
        let Format { delimiter, quote, escape, .. } = self.format;
        let mut cells = Vec::with_capacity(texts.len());
        for (at, text) in texts.iter().enumerate() {
            let text = if escape.is_empty() { text.clone() } else { text.replace(escape, &escape.repeat(2)) };
            // One of two characters of a delimiter at the end of a cell would join with the next one.
            let signs = |c: char| delimiter.contains(c) || quote.contains(c) || matches!(c, '\r' | '\n');
            cells.push(match quote.is_empty() {
                _ if !text.contains(signs) => text,
                false => format!("{quote}{}{quote}", text.replace(quote, &quote.repeat(2))),
                true => {
                    let why = "has the delimiter or a line break, and the format puts nothing around cells";
                    return Err((at, why.to_owned()));
                }
            });
        }
        Ok(cells.join(delimiter))
    }

    fn fixed(&self, texts: &[String]) -> Result<String, (usize, String)> {
        let width = |text: &str| match self.format.positions_in {
            PositionsIn::Characters => text.chars().count(),
            PositionsIn::Bytes => self.format.encoding.encode(text).map_or(usize::MAX, |bytes| bytes.len()),
        };
        let start = |range: &CellRange| usize::try_from(range.first.saturating_sub(1)).unwrap_or_default();
        let mut order: Vec<usize> = (0..texts.len()).collect();
        order.sort_by_key(|at| start(&self.format.cells[*at]));
        let mut line = String::new();
        for at in order {
            let (range, text) = (&self.format.cells[at], &texts[at]);
            let room = range.last.map(|last| usize::try_from(last).unwrap_or(usize::MAX) - start(range));
            if let Some(room) = room.filter(|room| width(text) > *room) {
                return Err((at, format!("is {} long, and its cell has room for {room}", width(text))));
            }
            if text.contains(['\r', '\n']) {
                return Err((at, "has a line break, which a fixed-width file cannot hold".to_owned()));
            }
            let gap = start(range).checked_sub(width(&line));
            let Some(gap) = gap else {
                return Err((at, "has a cell that lies in another one".to_owned()));
            };
            if !text.is_empty() {
                line.extend(std::iter::repeat_n(' ', gap));
                line.push_str(text);
            }
        }
        Ok(line)
    }
}
