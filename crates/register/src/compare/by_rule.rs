//! Rows that a rule of the format leaves without effect, such as new customers where it only updates. They may be a
//! hundred thousand every night, so all of them are told at once, with the first lines.

use std::collections::{BTreeMap, BTreeSet};

use erpfile::Problem;

use crate::changes::Place;
use crate::mapping::Mapper;

/// So many lines are named.
const NAMED: usize = 3;

/// The rows of each rule.
#[derive(Default)]
pub(super) struct ByRule(BTreeMap<&'static str, Rows>);

struct Rows {
    place: Place,
    /// What is told when it is the only one.
    problem: Problem,
    count: u64,
    first: BTreeSet<u64>,
}

impl ByRule {
    /// A row that the rule with this code leaves out.
    pub(super) fn row(&mut self, code: &'static str, place: Place, problem: impl FnOnce() -> Problem) {
        let new = || Rows { place, problem: problem(), count: 0, first: BTreeSet::new() };
        let rows = self.0.entry(code).or_insert_with(new);
        rows.count += 1;
        rows.first.insert(place.line);
        if rows.first.len() > NAMED {
            rows.first.pop_last();
        }
    }

    /// What is to be told, with its place in the file; a single row as such, more of them of the file as a whole.
    pub(super) fn told(self, mapper: &Mapper) -> impl Iterator<Item = (Place, Problem)> {
        self.0.into_iter().map(|(code, rows)| match rows.count {
            1 => (rows.place, rows.problem),
            count => {
                let lines: Vec<u64> = rows.first.into_iter().collect();
                (Place { line: 0, offset: 0, length: 0 }, mapper.by_rule_together(code, &lines, count))
            }
        })
    }
}
