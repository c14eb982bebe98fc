//! What register, history and ledger must hold after some deliveries were applied, one after the other.

use std::collections::BTreeMap;

use crate::erp::Delivery;

/// One register.
#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    /// The values of each record in the order of the file's fields, by key.
    pub(crate) records: BTreeMap<String, [String; 4]>,
    /// What happened to the records, in the order in which it did.
    pub(crate) history: Vec<Happened>,
}

/// One record that one delivery created or changed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Happened {
    /// The import that applied the delivery.
    pub(crate) import: i64,
    pub(crate) key: String,
    pub(crate) line: u64,
    /// `created` or `updated`.
    pub(crate) kind: String,
}

/// What becomes of the rows of a delivery.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) read: u64,
    pub(crate) created: u64,
    pub(crate) updated: u64,
    pub(crate) unchanged: u64,
    pub(crate) refused: u64,
}

impl Model {
    /// Applies a delivery as import `import`; a damaged one changes nothing.
    pub(crate) fn apply(&mut self, delivery: &Delivery, import: i64) -> Counts {
        let mut counts = Counts::default();
        if delivery.damaged {
            return counts;
        }
        for row in &delivery.rows {
            counts.read += 1;
            if row.refused {
                counts.refused += 1;
                continue;
            }
            let key = row.values[0].clone();
            let kind = match self.records.insert(key.clone(), row.values.clone()) {
                None => "created",
                Some(before) if before != row.values => "updated",
                Some(_) => {
                    counts.unchanged += 1;
                    continue;
                }
            };
            if kind == "created" {
                counts.created += 1
            } else {
                counts.updated += 1
            }
            self.history.push(Happened { import, key, line: row.line, kind: kind.to_owned() });
        }
        counts
    }
}
