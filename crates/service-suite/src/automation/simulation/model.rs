//! What an import of given bytes must do, told by a second, simple reader; and the register as it must be.

use std::collections::BTreeMap;

use register::counts::Counts;

/// The header of every export.
pub(super) const HEADER: &str = "Kundenr;Navn;Kredit";

/// The lines of the rows of a file, or `None` when it must be refused whole.
pub(super) fn read(bytes: &[u8]) -> Option<Vec<&str>> {
    let text = std::str::from_utf8(bytes).ok()?;
    if text.contains(['\0', '"']) {
        return None;
    }
    // A last line without its end is complete if it has all its cells.
    let open_end = text.rsplit('\n').next().unwrap_or_default();
    if !open_end.is_empty() && open_end.split(';').count() < 3 {
        return None;
    }
    let mut lines = text.split('\n').filter(|line| !line.is_empty());
    if lines.next() != Some(HEADER) {
        return None;
    }
    Some(lines.collect())
}

/// Number, name and credit limit of a line.
fn cells(line: &str) -> Option<[&str; 3]> {
    let cells: Vec<&str> = line.split(';').collect();
    cells.try_into().ok()
}

/// The register of customers as it must be: number to name and credit limit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Model {
    pub(super) customers: BTreeMap<String, (String, String)>,
    /// How many lines of history each customer must have.
    pub(super) history: BTreeMap<String, usize>,
}

impl Model {
    /// Applies a delivery and gives what its report must say; `None` for one that must be refused.
    pub(super) fn apply(&mut self, bytes: &[u8]) -> Option<Counts> {
        let lines = read(bytes)?;
        let mut counts = Counts { read: lines.len() as u64, ..Counts::default() };
        let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for line in &lines {
            match cells(line) {
                Some([number, ..]) if !number.is_empty() => groups.entry(number).or_default().push(line),
                _ => counts.refused += 1,
            }
        }
        for (number, lines) in groups {
            let [_, name, credit] = cells(lines[0]).unwrap_or_default();
            let alike = lines.iter().all(|line| *line == lines[0]);
            if !alike || !credit.bytes().all(|byte| byte.is_ascii_digit()) {
                counts.refused += lines.len() as u64;
                continue;
            }
            counts.unchanged += lines.len() as u64 - 1;
            let history = self.history.entry(number.to_owned()).or_default();
            match self.customers.get_mut(number) {
                None => {
                    counts.created += 1;
                    *history += 1;
                    self.customers.insert(number.to_owned(), (name.to_owned(), credit.to_owned()));
                }
                Some(known) => {
                    // An empty cell keeps what is there.
                    let keep =
                        |new: &str, old: &str| if new.is_empty() { old.to_owned() } else { new.to_owned() };
                    let new = (keep(name, &known.0), keep(credit, &known.1));
                    let changes = usize::from(known.0 != new.0) + usize::from(known.1 != new.1);
                    *history += changes;
                    *(if changes == 0 { &mut counts.unchanged } else { &mut counts.updated }) += 1;
                    *known = new;
                }
            }
        }
        Some(counts)
    }
}
