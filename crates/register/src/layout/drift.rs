//! What has changed in the columns of a file, side by side.

use std::collections::HashMap;

use erpfile::{Column, ColumnFrom, Format, Layout as FileLayout, Problem, plain_column_name};
use serde::{Deserialize, Serialize};

use super::rewrite::{self, Rewrite};
use super::{Holds, Known, Layout, fingerprint};
use crate::Register;

/// Changes that a sentence lists one by one.
const LISTED: usize = 6;

/// What has changed in the columns of a file since the last import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// The import whose columns were others; `None` when a sample had them.
    pub import: Option<i64>,
    /// What has changed in which sheet of a workbook is read, as a sentence.
    #[serde(default)]
    pub sheet: Option<String>,
    /// All columns side by side; empty when the file does not name them.
    pub columns: Vec<ColumnDrift>,
    /// What has changed in a file without names, in sentences.
    pub shape: Vec<String>,
    /// What the columns are like now.
    pub now: Layout,
    /// The columns of the format as they must be to read the same fields from where they are now; `None` when they can
    /// stay as they are.
    pub rewritten: Option<Vec<Column>>,
    /// Fields that would be read from elsewhere: the label of the field, and from where.
    pub reads: Vec<(String, String)>,
    /// Labels of the fields whose columns are nowhere.
    lost: Vec<String>,
    /// The fingerprint of the format that this is about.
    format: String,
}

/// One column, before and now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnDrift {
    /// Where and what it was; `None` when it is new.
    pub was: Option<Place>,
    /// Where and what it is; `None` when it is gone.
    pub is: Option<Place>,
    /// What has become of it.
    pub what: What,
    /// The label of the field that is read from it.
    pub field: Option<String>,
}

/// A column of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// 1 for the first one.
    pub position: usize,
    /// Its name.
    pub name: String,
}

/// What has become of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// Nothing, though others may stand before it now.
    Same,
    /// It has another name.
    Renamed,
    /// It stands elsewhere among the others.
    Moved,
    /// It was not there.
    Added,
    /// It is not there any more.
    Removed,
}

impl Drift {
    /// What has changed, if a person must look at it. `damaged` when the file cannot be read as the format says.
    pub(super) fn between(
        known: &Known,
        now: &Layout,
        register: &'static Register,
        format: &Format,
        damaged: bool,
    ) -> Option<Drift> {
        let mut drift = Drift {
            import: known.import,
            sheet: sheet(&known.layout.sheets, &now.sheets),
            columns: Vec::new(),
            shape: Vec::new(),
            now: now.clone(),
            rewritten: None,
            reads: Vec::new(),
            lost: Vec::new(),
            format: fingerprint(format),
        };
        if known.layout.header.is_empty() || now.header.is_empty() {
            drift.shape = shape(&known.layout, now, register, format);
            return (!drift.shape.is_empty() || drift.sheet.is_some()).then_some(drift);
        }
        if damaged && !names_columns(format, &now.header) {
            return None;
        }
        let mut pairs = pair(&known.layout.header, &now.header);
        if is_document(format) {
            // Which fields a document has depends on its records; only those that are read matter.
            if !damaged {
                return None;
            }
        } else if !is_drifted(&pairs) && drift.sheet.is_none() {
            return None;
        }
        match rewrite::columns(register, format, &pairs, &now.header) {
            Rewrite::AsItIs => {}
            Rewrite::To(columns, reads) => (drift.rewritten, drift.reads) = (Some(columns), reads),
            Rewrite::Lost(fields) => drift.lost = fields,
        }
        let read_from = |column: &ColumnDrift| {
            let place = column.was.as_ref()?;
            let name = plain_column_name(&place.name);
            let mapped = format.columns.iter().find(|mapped| {
                mapped.from.iter().any(|from| match from {
                    ColumnFrom::Name(mapped) => plain_column_name(mapped) == name,
                    ColumnFrom::Position(position) => usize::try_from(*position) == Ok(place.position),
                })
            })?;
            Some(register.label(&mapped.field))
        };
        for column in &mut pairs {
            column.field = read_from(column);
        }
        if is_document(format) {
            pairs.retain(|column| column.field.is_some() || column.what == What::Added);
        }
        drift.columns = pairs;
        Some(drift)
    }

    /// Whether it was found by reading with this format.
    pub(crate) fn is_about(&self, format: &Format) -> bool {
        self.format == fingerprint(format)
    }

    /// Why the file cannot be read at all, when a mapped column is nowhere.
    pub(super) fn lost(&self) -> Option<Problem> {
        if self.lost.is_empty() {
            return None;
        }
        let message =
            format!("{} There is no column for {} any more.", self.sentence(), self.lost.join(", "));
        let hint = "Change the format's columns under Main menu > Settings, or let the ERP system write the column again; \
                    then import the file again.";
        Some(Problem::new(erpfile::code::COLUMN_MISSING, message, hint).at_line(1))
    }

    /// What has changed, and what approving comes to.
    pub fn sentence(&self) -> String {
        let since = match self.import {
            Some(import) => format!("those of import {import}"),
            None => "those of the sample".to_owned(),
        };
        let mut told: Vec<String> = self.columns.iter().filter_map(ColumnDrift::words).collect();
        told.extend(self.shape.iter().cloned());
        let more = told.len().saturating_sub(LISTED);
        told.truncate(LISTED);
        if more > 0 {
            told.push(format!("{more} more"));
        }
        let mut sentence = self.sheet.clone().unwrap_or_default();
        if !told.is_empty() {
            let space = if sentence.is_empty() { "" } else { " " };
            sentence.push_str(&format!("{space}The columns are not {since}: {}.", told.join("; ")));
        }
        if !self.reads.is_empty() {
            let reads: Vec<String> =
                self.reads.iter().map(|(field, from)| format!("{field} from {from}")).collect();
            sentence.push_str(&format!(" When it is approved, the format reads {}.", reads.join(", ")));
        }
        sentence
    }
}

impl ColumnDrift {
    /// What has become of it, for a sentence; `None` when nothing has.
    pub fn words(&self) -> Option<String> {
        match (self.what, &self.was, &self.is) {
            (What::Renamed, Some(was), Some(is)) if was.position == is.position => {
                Some(format!("column {} was \"{}\", is \"{}\"", was.position, was.name, is.name))
            }
            (What::Renamed, Some(was), Some(is)) => Some(format!(
                "column {} was \"{}\", is \"{}\" as column {}",
                was.position, was.name, is.name, is.position
            )),
            // Others have come and gone before it.
            (What::Moved, Some(was), Some(is)) if was.position == is.position => Some(format!(
                "\"{}\" is column {} still, but the columns around it have changed places",
                is.name, is.position
            )),
            (What::Moved, Some(was), Some(is)) => {
                Some(format!("\"{}\" was column {}, is column {}", is.name, was.position, is.position))
            }
            (What::Added, _, Some(is)) => Some(format!("column {} \"{}\" is new", is.position, is.name)),
            (What::Removed, Some(was), _) => {
                Some(format!("column {} \"{}\" is missing", was.position, was.name))
            }
            _ => None,
        }
    }
}

/// Which sheet is read instead of which: a workbook whose sheets have changed places, or that has a new one before them,
/// may have the same columns in a sheet that is not meant. A sheet that is the only one is the one that is meant; and where
/// the one before is gone, a word that both names have tells that it is called by the day or the month.
fn sheet(old: &[String], new: &[String]) -> Option<String> {
    let words = |name: &str| -> Vec<String> {
        let words = name.split(|letter: char| !letter.is_alphabetic()).filter(|word| !word.is_empty());
        words.map(str::to_lowercase).collect()
    };
    let (was, is) = (old.first()?, new.first()?);
    let still = new[1..].contains(was);
    let is_like = || words(was).iter().any(|word| words(is).contains(word));
    if was == is || new.len() == 1 || !still && is_like() {
        return None;
    }
    let first = format!("The sheet \"{is}\" is read, and was \"{was}\"");
    Some(match still {
        true => format!(
            "{first}, which is still there. If that is the one to be read, discard this import and name it in the format."
        ),
        false => format!("{first}, which is not there any more."),
    })
}

/// Whether a line names at least half of the columns that are read: otherwise it is no header with some names changed,
/// but something else, such as a row of a file that has lost its header.
fn names_columns(format: &Format, header: &[String]) -> bool {
    let names: Vec<String> = header.iter().map(|name| plain_column_name(name)).collect();
    let is_there = |from: &ColumnFrom| match from {
        ColumnFrom::Name(name) => names.contains(&plain_column_name(name)),
        ColumnFrom::Position(_) => false,
    };
    let read: Vec<&Column> = format.columns.iter().filter(|column| !column.from.is_empty()).collect();
    read.iter().filter(|column| column.from.iter().any(is_there)).count() * 2 >= read.len()
}

fn is_document(format: &Format) -> bool {
    matches!(format.layout, FileLayout::Xml | FileLayout::Json)
}

/// The columns of two headers side by side, in the order of the newer one.
fn pair(old: &[String], new: &[String]) -> Vec<ColumnDrift> {
    let (old, new) = (named(old), named(new));
    let mut places: HashMap<(String, usize), usize> = HashMap::new();
    for (at, key) in keys(new).into_iter().enumerate() {
        places.insert(key, at);
    }
    let mut matched: Vec<Option<usize>> = keys(old).iter().map(|key| places.get(key).copied()).collect();
    let mut unmatched: Vec<usize> = (0..new.len()).filter(|at| !matched.contains(&Some(*at))).collect();
    let gone: Vec<usize> = (0..old.len()).filter(|at| matched[*at].is_none()).collect();
    let mut renamed = vec![false; old.len()];
    type Fits<'a> = &'a dyn Fn(usize, usize) -> bool;
    let by_name: Fits<'_> = &|at, other| are_alike(&old[at], &new[other]);
    let by_place: Fits<'_> = &|at, other| other == at || new.len() - other == old.len() - at;
    let only: Fits<'_> = &|_, _| gone.len() == 1 && new.len() == old.len();
    for fits in [by_name, by_place, only] {
        for at in gone.iter().copied().filter(|at| matched[*at].is_none()).collect::<Vec<_>>() {
            if let Some(found) = unmatched.iter().position(|other| fits(at, *other)) {
                matched[at] = Some(unmatched.remove(found));
                renamed[at] = true;
            }
        }
    }
    let steady = steady(&matched);
    let place = |names: &[String], at: usize| Some(Place { position: at + 1, name: names[at].clone() });
    let mut pairs: Vec<ColumnDrift> = (0..old.len())
        .map(|at| {
            let what = match matched[at] {
                None => What::Removed,
                Some(_) if renamed[at] => What::Renamed,
                Some(_) if steady[at] => What::Same,
                Some(_) => What::Moved,
            };
            let is = matched[at].and_then(|now| place(new, now));
            ColumnDrift { was: place(old, at), is, what, field: None }
        })
        .collect();
    pairs.extend(unmatched.into_iter().map(|at| ColumnDrift {
        was: None,
        is: place(new, at),
        what: What::Added,
        field: None,
    }));
    pairs.sort_by_key(|column| {
        let place = column.is.as_ref().or(column.was.as_ref());
        (place.map_or(0, |place| place.position), column.is.is_none())
    });
    pairs
}

/// Whether one name begins as the other one: `Telefon` and `Telefonnr.`.
fn are_alike(one: &str, other: &str) -> bool {
    let (one, other) = (plain_column_name(one), plain_column_name(other));
    let shorter = one.chars().count().min(other.chars().count());
    shorter >= 3 && (one.starts_with(&other) || other.starts_with(&one))
}

/// A header without the columns at its end that have no name, as lines that end with a delimiter have them.
fn named(header: &[String]) -> &[String] {
    let last = header.iter().rposition(|name| !name.trim().is_empty());
    &header[..last.map_or(0, |last| last + 1)]
}

/// What tells columns apart: their names, and which one of several of a name.
fn keys(header: &[String]) -> Vec<(String, usize)> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut key = |name: &String| {
        let plain = plain_column_name(name);
        let times = seen.entry(plain.clone()).or_default();
        *times += 1;
        (plain, *times)
    };
    header.iter().map(&mut key).collect()
}

/// Which of the columns stand in the order in which they stood: as many as can be.
fn steady(matched: &[Option<usize>]) -> Vec<bool> {
    // For each column the longest row of rising places that ends with it, and the column before it there.
    let mut longest: Vec<(usize, Option<usize>)> = Vec::with_capacity(matched.len());
    for (at, place) in matched.iter().enumerate() {
        let before = (0..at)
            .filter(|other| place.is_some() && matched[*other].is_some() && matched[*other] < *place)
            .max_by_key(|other| (longest[*other].0, std::cmp::Reverse(*other)));
        let length = if place.is_none() { 0 } else { before.map_or(1, |before| longest[before].0 + 1) };
        longest.push((length, before));
    }
    let mut steady = vec![false; matched.len()];
    let mut at = (0..matched.len()).max_by_key(|at| (longest[*at].0, std::cmp::Reverse(*at)));
    while let Some(column) = at.filter(|column| matched[*column].is_some()) {
        steady[column] = true;
        at = longest[column].1;
    }
    steady
}

/// Whether anything but columns behind all others is new.
fn is_drifted(pairs: &[ColumnDrift]) -> bool {
    let last = pairs.iter().rposition(|column| column.what != What::Added).map_or(0, |last| last + 1);
    pairs[..last].iter().any(|column| column.what != What::Same)
}

/// The columns that are new behind all others, where nothing else has changed.
pub(super) fn added(known: &Known, now: &Layout, format: &Format) -> Option<String> {
    if known.layout.header.is_empty() || is_document(format) {
        return None;
    }
    let pairs = pair(&known.layout.header, &now.header);
    let new = pairs.iter().filter(|column| column.what == What::Added);
    let names: Vec<String> =
        new.filter_map(|column| Some(format!("\"{}\"", column.is.as_ref()?.name))).collect();
    match names.len() {
        0 => None,
        1 => Some(format!("Column {} is new; nothing is read from it.", names[0])),
        _ => Some(format!("Columns {} are new; nothing is read from them.", names.join(", "))),
    }
}

/// How a document is read in which no record has some of the parts that a format reads, and what is told of it: many
/// systems leave out what is empty. `None` where it has parts that are new, since one of those may be meant.
pub(super) fn without_absent(
    known: &Known,
    now: &Layout,
    register: &'static Register,
    format: &Format,
) -> Option<(Format, String)> {
    let is_new = |column: &ColumnDrift| matches!(column.what, What::Added | What::Renamed);
    if !is_document(format) || pair(&known.layout.header, &now.header).iter().any(is_new) {
        return None;
    }
    let names: Vec<String> = now.header.iter().map(|name| plain_column_name(name)).collect();
    let is_there = |from: &ColumnFrom| match from {
        ColumnFrom::Name(name) => names.contains(&plain_column_name(name)),
        ColumnFrom::Position(_) => true,
    };
    let (mut columns, mut absent, mut fields) = (Vec::new(), Vec::new(), Vec::new());
    for column in &format.columns {
        let (there, gone): (Vec<_>, Vec<_>) = column.from.iter().cloned().partition(|from| is_there(from));
        if there.is_empty() && !gone.is_empty() {
            absent.push(format!("\"{}\"", column.title()));
            fields.push(register.label(&column.field));
        } else {
            // Of several that are joined, those that are empty are left out anyway.
            columns.push(Column { from: there, ..column.clone() });
        }
    }
    let has_key = columns.iter().any(|column| column.field == register.key);
    let told = format!("No record has {}; nothing is read for {}.", absent.join(", "), fields.join(", "));
    (has_key && !absent.is_empty()).then(|| (Format { columns, ..format.clone() }, told))
}

/// What has changed in a file that does not name its columns.
fn shape(old: &Layout, new: &Layout, register: &'static Register, format: &Format) -> Vec<String> {
    let mut told = Vec::new();
    if old.header.is_empty() != new.header.is_empty() || new.holds.is_empty() {
        return told;
    }
    if old.width != new.width && old.width > 0 && new.width > 0 {
        told.push(format!("there are {} columns, and were {}", new.width, old.width));
    }
    if old.line != new.line && old.line > 0 && new.line > 0 {
        told.push(format!("each line has {} characters, and had {}", new.line, old.line));
    }
    if old.first.is_empty() && !new.first.is_empty() {
        let names: Vec<String> = new.first.iter().take(LISTED).map(|name| format!("\"{name}\"")).collect();
        told.push(format!(
            "the first line reads like their names, which the format says are not there: {}",
            names.join(", ")
        ));
    }
    for mapped in &format.columns {
        for from in &mapped.from {
            let ColumnFrom::Position(position) = from else { continue };
            let at = usize::try_from(*position).unwrap_or(usize::MAX).saturating_sub(1);
            let holds = |layout: &Layout| layout.holds.get(at).copied().flatten();
            if let (Some(was), Some(is)) = (holds(old), holds(new))
                && was != is
                && was != Holds::Nothing
            {
                told.push(format!(
                    "column {position} ({}) held {}, and holds {}",
                    register.label(&mapped.field),
                    was.words(),
                    is.words()
                ));
            }
        }
    }
    told
}
