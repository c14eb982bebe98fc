//! Finds the one reading of a record with too many cells or one too few, or with a line break in one, that the columns
//! allow.
//!
//! A value that holds the delimiter without quotes around it falls into several cells, and everything behind it stands
//! in the wrong column. What is known of the columns (a postcode, an e-mail address, a number) shows where it belongs;
//! but only if there is no second way to read the record so.

use crate::Shape;
use crate::row::{Row, Span};

/// The most cells that a record may have too many to be looked at.
const MOST_SURPLUS: usize = 8;

/// What is known of the columns of a file.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    /// For each column its shapes; empty when nothing is known of any.
    shapes: Vec<Vec<Shape>>,
    /// Whether anything is known that could show a value to be in the wrong column.
    known: bool,
}

/// The only way to read a record.
pub(super) struct Reading {
    /// The cells of the record, one for each column.
    pub(super) cells: Vec<Span>,
    /// The columns whose value was put together from several cells, 0-based.
    pub(super) joined: Vec<usize>,
}

/// What the readings of the first cells of a record come to.
#[derive(Clone, Copy, Default)]
struct Ways {
    /// How many there are, two standing for more.
    count: u8,
    /// The most values of one of them that speak for it.
    evidence: usize,
    /// How many cells beyond one the last column takes, in the first way that was found.
    taken: usize,
    /// Whether a delimiter in a joined value may be one too many: beside the value, or where only without it the value
    /// could stand in the column.
    doubtful: bool,
}

impl Columns {
    /// The shapes of the mapped columns, each with its 0-based cell.
    pub(super) fn new(columns: &[Vec<usize>], shapes: &[Shape]) -> Self {
        let known = columns.iter().zip(shapes).filter(|(_, shape)| **shape != Shape::Any);
        let mut all: Vec<Vec<Shape>> = Vec::new();
        for (cell, shape) in known.flat_map(|(cells, shape)| cells.iter().map(move |&cell| (cell, shape))) {
            all.resize(all.len().max(cell + 1), Vec::new());
            all[cell].push(*shape);
        }
        let known = all.iter().flatten().any(|shape| *shape != Shape::Key);
        Self { shapes: all, known }
    }

    /// Whether anything is known.
    pub(super) fn are_known(&self) -> bool {
        self.known
    }

    /// Whether a value could stand in a column.
    fn fits(&self, column: usize, value: &str) -> bool {
        self.shapes.get(column).is_none_or(|shapes| shapes.iter().all(|shape| shape.fits(value)))
    }

    /// Whether delimiters too many may have cut a value of a column into these parts.
    fn may_be_cut(&self, column: usize, parts: &[&str]) -> bool {
        // What is an e-mail address already was not cut.
        let whole = |part: &&str| Shape::Email.fits(part) && !part.trim().is_empty();
        let email = self.shapes.get(column).is_some_and(|shapes| shapes.contains(&Shape::Email));
        !(email && parts.iter().any(whole)) && self.fits(column, &parts.concat())
    }

    fn tells(&self, column: usize, value: &str) -> bool {
        self.shapes.get(column).is_some_and(|shapes| shapes.iter().any(|shape| shape.tells(value)))
    }

    /// How many of the values from column `from` on speak for their being in the right column; `None` when one of all
    /// cannot be right.
    pub(super) fn evidence<'a>(&self, values: impl Iterator<Item = &'a str>, from: usize) -> Option<usize> {
        let mut evidence = 0;
        let mut columns = 0;
        for (column, value) in values.enumerate() {
            if !self.fits(column, value) {
                return None;
            }
            columns += 1;
            evidence += usize::from(column >= from && self.tells(column, value));
        }
        // Columns that are not there have nothing in them.
        (columns..self.shapes.len()).all(|column| self.fits(column, "")).then_some(evidence)
    }

    /// Whether all values of a row could stand where they do, and the last of them shows that it is in the right column.
    pub(super) fn end_tells(&self, row: &Row) -> bool {
        let last = row.cells().enumerate().filter(|(_, value)| !value.trim().is_empty()).last();
        let last = last.is_some_and(|(column, value)| self.tells(column, value));
        last && self.evidence(row.cells(), 0).is_some()
    }

    /// The only reading of a record whose `parts` cells are `width` values, some of which hold the delimiter, which is
    /// `delimiter` bytes long. `straight` allows the cells beyond `width` to be none at all, if that is more likely.
    pub(super) fn reading(
        &self,
        row: &Row,
        parts: usize,
        width: usize,
        delimiter: usize,
        straight: bool,
    ) -> Option<Reading> {
        let surplus = parts.checked_sub(width).filter(|surplus| (1..=MOST_SURPLUS).contains(surplus))?;
        let spans = row.cells.get(..parts)?;
        let mut ways = vec![vec![Ways::default(); surplus + 1]; width + 1];
        ways[0][0] = Ways { count: 1, ..Ways::default() };
        for column in 0..width {
            for used in 0..=surplus {
                let before = ways[column][used];
                if before.count == 0 {
                    continue;
                }
                for more in 0..=surplus - used {
                    let Some(value) = joined(&spans[column + used..=column + used + more], delimiter) else {
                        break;
                    };
                    let text = &row.text[value.start..value.end];
                    let inner = &spans[column + used..=column + used + more];
                    let texts = || inner.iter().map(|span| &row.text[span.start..span.end]);
                    let fits = self.fits(column, text);
                    // The delimiter itself may be what is wrong.
                    if !fits && (more == 0 || !self.may_be_cut(column, &texts().collect::<Vec<_>>())) {
                        continue;
                    }
                    let bare = |text: &str| text.trim().is_empty();
                    if straight && more > 0 && column + 1 == width && texts().skip(1).all(bare) {
                        // That is the straight reading again.
                        continue;
                    }
                    let beside = texts().next().is_some_and(bare) || texts().next_back().is_some_and(bare);
                    let doubtful = more > 0 && (!fits || beside);
                    let after = &mut ways[column + 1][used + more];
                    if after.count == 0 {
                        (after.taken, after.doubtful) = (more, before.doubtful || doubtful);
                    }
                    after.count = (after.count + before.count).min(2);
                    let evidence = before.evidence + usize::from(self.tells(column, text));
                    after.evidence = after.evidence.max(evidence);
                }
            }
        }
        let all = ways[width][surplus];
        let plain = || row.cells().take(width);
        if let Some(evidence) = self.evidence(plain(), 0).filter(|_| straight) {
            let clear = all.count == 0 || evidence > all.evidence;
            return clear.then(|| Reading { cells: spans[..width].to_vec(), joined: Vec::new() });
        }
        if all.count != 1 || all.doubtful || all.evidence == 0 {
            return None;
        }
        let (mut cells, mut columns, mut used) = (Vec::with_capacity(width), Vec::new(), surplus);
        for column in (0..width).rev() {
            let more = ways[column + 1][used].taken;
            used -= more;
            cells.push(joined(&spans[column + used..=column + used + more], delimiter)?);
            if more > 0 {
                columns.push(column);
            }
        }
        cells.reverse();
        columns.reverse();
        Some(Reading { cells, joined: columns })
    }
}

impl Columns {
    /// The column of which a record with one cell too few has nothing, if that is the only way to read it.
    ///
    /// What begins or ends within the gap may be the half of a record that a line break has cut, or a value that has lost
    /// the delimiter to the next one; neither is taken.
    pub(super) fn gap(&self, row: &Row, width: usize) -> Option<usize> {
        if row.len() + 1 != width {
            return None;
        }
        let bare = |at: usize| row.cell(at).is_none_or(|value| value.trim().is_empty());
        let with_gap = |gap: usize| row.cells().take(gap).chain([""]).chain(row.cells().skip(gap));
        // Behind a cell that is empty it would be the same row as before it.
        let mut ways = (0..width)
            .filter(|&gap| gap == 0 || !bare(gap - 1))
            .filter_map(|gap| Some((gap, self.evidence(with_gap(gap), gap + 1)?)));
        let (gap, evidence) = ways.next()?;
        if ways.next().is_some() || evidence == 0 {
            return None;
        }
        let begun = (0..gap).filter(|&column| !bare(column)).count() > 1;
        // Behind the gap, too, may be empty columns.
        let end = (gap..row.len()).find(|&at| !bare(at))?;
        let (before, after) = (row.cell(gap.checked_sub(1)?)?, row.cell(end)?);
        let lost = |column| self.ends_with_one(column, before) || self.begins_with_one(column, after);
        (begun && !(gap..=end).any(lost)).then_some(gap)
    }

    /// Whether a value has one of another column behind it.
    fn ends_with_one(&self, column: usize, value: &str) -> bool {
        value.char_indices().skip(1).any(|(at, _)| self.holds_one(column, &value[at..]))
    }

    /// Whether a value has one of another column before it.
    fn begins_with_one(&self, column: usize, value: &str) -> bool {
        value.char_indices().skip(1).any(|(at, _)| self.holds_one(column, &value[..at]))
    }

    fn holds_one(&self, column: usize, value: &str) -> bool {
        self.fits(column, value) && self.tells(column, value)
    }
}

/// The text from the first to the last of some cells, if nothing but single delimiters is between them: no quotes.
fn joined(spans: &[Span], delimiter: usize) -> Option<Span> {
    let (first, last) = (spans.first()?, spans.last()?);
    let side_by_side = spans.windows(2).all(|pair| pair[0].end + delimiter == pair[1].start);
    side_by_side.then_some(Span { start: first.start, end: last.end })
}
