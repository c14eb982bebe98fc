//! A call of the reference run that is to fail, and how to meet the same call in another run.

use std::fmt;
use std::path::PathBuf;

use crate::strace::{Aim, Call, Fault, Trace};

/// A call that changes files: the n-th with its name and its file in one thread of one scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Point {
    name: String,
    /// The file, below the installation's folder, without what is another in each run.
    file: String,
    /// Which of the calls with this name and file, from 1.
    nth: usize,
    /// Which of the calls with this name, from 1.
    at: usize,
    /// Whether strace can tell the file by its path.
    by_path: bool,
    /// Whether it may not come in another run.
    depends_on_time: bool,
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.name, self.file, self.nth)
    }
}

/// The calls of the first of some traces of the same that change files of the installation; paths in a trace are below its
/// folder.
pub(crate) fn points(traces: &[Trace]) -> Vec<Point> {
    let Some((first, others)) = traces.split_first() else { return Vec::new() };
    let mut points: Vec<Point> = (0..first.0.len()).filter_map(|at| point(first, at)).collect();
    for point in &mut points {
        let comes = |trace: &Trace| (0..trace.0.len()).any(|at| point.is(trace, at));
        // A connection to a database is opened when all others are in use, and live progress is written now and then.
        point.depends_on_time |= !others.iter().all(comes);
    }
    points
}

fn point(trace: &Trace, at: usize) -> Option<Point> {
    let call = &trace.0[at];
    if !call.changes || call.path.is_absolute() {
        return None;
    }
    let file = steady(call);
    let nth = trace.0[..=at].iter().filter(|c| c.changes && c.name == call.name && steady(c) == file).count();
    let by_path = call.by_path && file == call.path.to_string_lossy();
    let depends_on_time = file.rsplit('/').next().is_some_and(|name| name.starts_with("live.db"));
    Some(Point { name: call.name.clone(), nth, at: trace.count(at), by_path, file, depends_on_time })
}

impl Point {
    /// The first aim.
    pub(crate) fn aim(&self, fault: Fault) -> Aim {
        let path = self.by_path.then(|| PathBuf::from(&self.file));
        let when = if self.by_path { self.nth } else { self.at };
        Aim { call: self.name.clone(), path, when, fault }
    }

    /// Whether a call of another run is this one.
    pub(crate) fn is(&self, trace: &Trace, at: usize) -> bool {
        point(trace, at).is_some_and(|point| {
            (point.name, point.file, point.nth) == (self.name.clone(), self.file.clone(), self.nth)
        })
    }

    /// Whether the call may not come in another run.
    pub(crate) fn depends_on_time(&self) -> bool {
        self.depends_on_time
    }

    /// Another aim after a run that missed: at where the call was in that run, or a little beside.
    pub(crate) fn aim_again(&self, aim: &Aim, trace: &Trace, attempt: usize) -> Aim {
        let seen = (0..trace.0.len()).find(|at| self.is(trace, *at)).map(|at| trace.count(at));
        let when = match (seen, attempt) {
            (Some(seen), _) if seen != aim.when => seen,
            (_, 1) => self.at + 1,
            (_, 2) => self.at.saturating_sub(1).max(1),
            _ => self.at,
        };
        Aim { path: None, when, ..aim.clone() }
    }
}

/// The path without what is another in each run: the times in archived names, and names left to chance.
fn steady(call: &Call) -> String {
    let path = call.path.to_string_lossy();
    let parts: Vec<String> = path.split('/').map(steady_name).collect();
    parts.join("/")
}

fn steady_name(name: &str) -> String {
    let is_number =
        |text: &str, len: usize| text.len() == len && text.bytes().all(|byte| byte.is_ascii_digit());
    if name.starts_with(".tmp") || name.starts_with("#") {
        return "(chance)".to_owned();
    }
    // The copy of a file that the ledger does not know yet.
    if let Some(rest) = name.strip_prefix('-') {
        let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        return format!("-(chance){rest}");
    }
    let parts = name.split('.').map(|part| match part.split_once('-') {
        Some((day, time)) if is_number(day, 8) && is_number(time, 6) => "(time)",
        _ => part,
    });
    parts.collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_another_in_each_run_is_left_out_of_a_name() {
        for (name, steady) in [
            ("customers.20261122-190741.17.txt", "customers.(time).17.txt"),
            (".customers.20261122-190741.17.txt.partial", ".customers.(time).17.txt.partial"),
            ("-718725316.partial", "-(chance).partial"),
            (".tmpQx71ab", "(chance)"),
            ("#123 (deleted)", "(chance)"),
            ("service-suite.db-wal", "service-suite.db-wal"),
            ("2.partial", "2.partial"),
        ] {
            assert_eq!(steady_name(name), steady);
        }
    }
}
