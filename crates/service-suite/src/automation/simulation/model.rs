//! What an import of given bytes must do, told by a second, simple reader; and the register as it must be, with its
//! history, as imports, people and undoing change it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use register::counts::Counts;
use register::guard::code;
use register::settings::Guards;

/// The header of every export.
pub(super) const HEADER: &str = "Kundenr;Navn;Kredit";

const INACTIVE: &str = "inactive";

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

/// What the format says of every file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    Changes,
    /// Every record; and whether those that are missing are deactivated.
    Full {
        deactivates: bool,
    },
}

/// A field that changes; an empty value is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    field: &'static str,
    old: String,
    new: String,
}

/// What happens to one record.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Planned {
    number: String,
    created: bool,
    changes: Vec<Change>,
}

/// What an import would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// What its report must say.
    pub(super) counts: Counts,
    changes: Vec<Planned>,
    /// The records that stay as they are.
    unchanged: Vec<String>,
}

impl Plan {
    /// Whether it comes to the same: what a person approved of the one is approved of the other.
    pub(super) fn is_same(&self, other: &Plan) -> bool {
        self.changes == other.changes && self.counts.refused == other.counts.refused
    }

    pub(super) fn changes_nothing(&self) -> bool {
        self.changes.is_empty()
    }
}

/// Who changed a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Import(i64),
    Undo(i64),
    Person,
}

#[derive(Clone, Debug)]
struct Entry {
    by: By,
    created: bool,
    changes: Vec<Change>,
}

#[derive(Clone, Debug, Default)]
struct Record {
    values: BTreeMap<&'static str, String>,
    history: Vec<Entry>,
    /// Whether a file ever created or changed it.
    of_file: bool,
    /// Whether a file has mentioned it since somebody else last changed it.
    mentioned: bool,
}

/// Who gave a field its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Giver {
    File,
    NotMentioned,
    Person,
}

impl Record {
    fn value(&self, field: &str) -> &str {
        self.values.get(field).map_or("", String::as_str)
    }

    /// Who made it inactive or active, but for what was undone and for its creation.
    fn giver_of_inactive(&self) -> Option<Giver> {
        let mut undone = Vec::new();
        for entry in self.history.iter().rev().take_while(|entry| !entry.created) {
            let Some(change) = entry.changes.iter().find(|change| change.field == INACTIVE) else { continue };
            match entry.by {
                By::Undo(import) => undone.push(import),
                By::Import(import) if undone.contains(&import) => {}
                By::Import(_) if change.new == "1" => return Some(Giver::NotMentioned),
                By::Import(_) => return Some(Giver::File),
                By::Person => return Some(Giver::Person),
            }
        }
        None
    }

    /// Whether it is for people alone to say that it is inactive.
    fn is_of_people(&self) -> bool {
        !self.mentioned && (!self.of_file || self.giver_of_inactive() == Some(Giver::Person))
    }

    fn change(&mut self, by: By, created: bool, changes: Vec<Change>) {
        for change in &changes {
            self.values.insert(change.field, change.new.clone());
        }
        // A file tells that a record is missing by not mentioning it.
        let deactivated = |change: &Change| change.field == INACTIVE && change.new == "1";
        self.mentioned = matches!(by, By::Import(_)) && !changes.iter().any(deactivated);
        self.of_file |= self.mentioned;
        self.history.push(Entry { by, created, changes });
    }
}

/// An import that was applied.
#[derive(Clone, Copy, Debug)]
struct Applied {
    read: u64,
    modified_at: Option<Timestamp>,
    undone: bool,
}

/// The register of customers as it must be.
#[derive(Clone, Debug)]
pub(super) struct Model {
    content: Content,
    guards: Guards,
    customers: BTreeMap<String, Record>,
    applied: BTreeMap<i64, Applied>,
    /// What was undone, by number and import: the changes, or `None` where the import had created the record.
    undone: BTreeMap<String, BTreeMap<i64, Option<Vec<Change>>>>,
}

/// Number to name, credit limit, and whether it is inactive.
pub(super) type Customers = BTreeMap<String, [String; 3]>;

impl Model {
    pub(super) fn new(content: Content, guards: Guards) -> Model {
        Model {
            content,
            guards,
            customers: BTreeMap::new(),
            applied: BTreeMap::new(),
            undone: BTreeMap::new(),
        }
    }

    /// Whether each file is an export of every record.
    pub(super) fn is_full(&self) -> bool {
        matches!(self.content, Content::Full { .. })
    }

    pub(super) fn customers(&self) -> Customers {
        let values =
            |record: &Record| ["name", "credit_limit", INACTIVE].map(|field| record.value(field).to_owned());
        self.customers.iter().map(|(number, record)| (number.clone(), values(record))).collect()
    }

    /// How many lines of history each customer must have.
    pub(super) fn histories(&self) -> impl Iterator<Item = (&String, usize)> {
        let lines = |entry: &Entry| if entry.created { 1 } else { entry.changes.len() };
        self.customers.iter().map(move |(number, record)| (number, record.history.iter().map(lines).sum()))
    }

    /// What a delivery would do now; `None` for one that must be refused.
    pub(super) fn plan(&self, bytes: &[u8]) -> Option<Plan> {
        let lines = read(bytes)?;
        let mut counts = Counts { read: lines.len() as u64, ..Counts::default() };
        let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for line in &lines {
            match cells(line) {
                Some([number, ..]) if !number.is_empty() => groups.entry(number).or_default().push(line),
                _ => counts.refused += 1,
            }
        }
        // A row without a number may be of any customer: then nobody is missing for certain.
        let certain = counts.refused == 0;
        let mentioned: BTreeSet<&str> = groups.keys().copied().collect();
        let (mut changes, mut unchanged) = (Vec::new(), Vec::new());
        for (number, lines) in groups {
            let [_, name, credit] = cells(lines[0]).unwrap_or_default();
            let alike = lines.iter().all(|line| *line == lines[0]);
            if !alike || !credit.bytes().all(|byte| byte.is_ascii_digit()) {
                counts.refused += lines.len() as u64;
                continue;
            }
            counts.unchanged += lines.len() as u64 - 1;
            let known = self.customers.get(number);
            let planned = self.planned(number, [("name", name), ("credit_limit", credit)]);
            *(match (known, planned.changes.is_empty()) {
                (None, _) => &mut counts.created,
                (Some(_), true) => &mut counts.unchanged,
                (Some(_), false) => &mut counts.updated,
            }) += 1;
            if planned.created || !planned.changes.is_empty() {
                changes.push(planned);
            } else {
                unchanged.push(planned.number);
            }
        }
        if let Content::Full { deactivates } = self.content {
            let missing = || self.customers.iter().filter(|(number, _)| !mentioned.contains(number.as_str()));
            if deactivates && certain {
                let active = |record: &Record| record.value(INACTIVE).is_empty() && !record.is_of_people();
                for (number, _) in missing().filter(|(_, record)| active(record)) {
                    let change = Change { field: INACTIVE, old: String::new(), new: "1".to_owned() };
                    counts.missing += 1;
                    changes.push(Planned { number: number.clone(), created: false, changes: vec![change] });
                }
            } else {
                counts.missing = missing().count() as u64;
            }
        }
        // In the order of the keys.
        changes.sort_by(|one, other| one.number.cmp(&other.number));
        Some(Plan { counts, changes, unchanged })
    }

    fn planned(&self, number: &str, given: [(&'static str, &str); 2]) -> Planned {
        let known = self.customers.get(number);
        let old = |field| known.map_or("", |record| record.value(field)).to_owned();
        // An empty cell keeps what is there.
        let mut changes: Vec<Change> = given
            .into_iter()
            .filter(|(field, new)| !new.is_empty() && *new != old(field))
            .map(|(field, new)| Change { field, old: old(field), new: new.to_owned() })
            .collect();
        let deactivated = |record: &&Record| {
            record.value(INACTIVE) == "1" && record.giver_of_inactive() == Some(Giver::NotMentioned)
        };
        // Whoever was missing and is there again, is active again.
        if self.content == (Content::Full { deactivates: true }) && known.filter(deactivated).is_some() {
            changes.push(Change { field: INACTIVE, old: "1".to_owned(), new: String::new() });
        }
        Planned { number: number.to_owned(), created: known.is_none(), changes }
    }

    /// What is odd about it, as the codes of the guards' reasons.
    pub(super) fn odd(&self, plan: &Plan, modified_at: Option<Timestamp>) -> BTreeSet<String> {
        let (guards, Counts { read, refused, .. }) = (&self.guards, plan.counts);
        let mut odd = BTreeSet::new();
        if self.is_full() {
            let last = self.applied.values().rfind(|applied| !applied.undone);
            if read == 0 {
                odd.insert(code::EMPTY);
            } else if last
                .is_some_and(|last| last.read > 0 && read * 100 / last.read < u64::from(guards.least_rows))
            {
                odd.insert(code::FEWER_ROWS);
            }
            let credible = |at: &Timestamp| at.as_second() >= 946_684_800;
            let times = modified_at.filter(credible).zip(last.and_then(|l| l.modified_at).filter(credible));
            if guards.older && times.is_some_and(|(own, before)| own < before) {
                odd.insert(code::OLDER);
            }
        }
        if refused > guards.most_refused_rows && refused * 100 > read * u64::from(guards.most_refused) {
            odd.insert(code::MANY_REFUSED);
        }
        if guards.undone && !self.brings_back(plan).is_empty() {
            odd.insert(code::UNDONE);
        }
        odd.into_iter().map(str::to_owned).collect()
    }

    /// The imports that were undone and that it would bring back.
    pub(super) fn brings_back(&self, plan: &Plan) -> BTreeSet<i64> {
        let of = |planned: &'_ Planned| -> BTreeSet<i64> {
            let again = |undone: &Option<Vec<Change>>| match (planned.created, undone) {
                (true, None) => true,
                (false, Some(undone)) => {
                    let again =
                        |new: &Change| undone.iter().any(|u| u.field == new.field && u.new == new.new);
                    planned.changes.iter().any(again)
                }
                _ => false,
            };
            let undone = self.undone.get(&planned.number).into_iter().flatten();
            undone.filter(|(_, undone)| again(undone)).map(|(import, _)| *import).collect()
        };
        plan.changes.iter().flat_map(of).collect()
    }

    /// Somebody was asked whether what the undo of these imports took back may come back.
    pub(super) fn forget_undone(&mut self, imports: &BTreeSet<i64>) {
        self.undone.values_mut().for_each(|undone| undone.retain(|import, _| !imports.contains(import)));
    }

    /// An import is applied. `wanted`: somebody said that what it brings back may come back.
    pub(super) fn apply(&mut self, id: i64, plan: &Plan, modified_at: Option<Timestamp>, wanted: bool) {
        self.noted(id, plan, modified_at);
        for Planned { number, created, changes } in plan.changes.clone() {
            if let Some(undone) = self.undone.get_mut(&number) {
                // What it says of a field by now is something else.
                let says = |undone: &Option<Vec<Change>>| {
                    let mut fields = undone.iter().flatten().map(|undone| undone.field);
                    !created && fields.any(|field| changes.iter().any(|change| change.field == field))
                };
                undone.retain(|_, undone| !wanted && !says(undone));
            }
            self.customers.entry(number).or_default().change(By::Import(id), created, changes);
        }
        for number in &plan.unchanged {
            if let Some(record) = self.customers.get_mut(number) {
                record.mentioned = true;
            }
        }
        if self.is_full() {
            // It holds every record, and nothing of what was undone.
            self.undone.clear();
        }
    }

    /// An import of the bytes of the last one, which need not be read, is noted.
    pub(super) fn noted(&mut self, id: i64, plan: &Plan, modified_at: Option<Timestamp>) {
        self.applied.insert(id, Applied { read: plan.counts.read, modified_at, undone: false });
    }

    /// An import is taken back; gives how many records were restored, removed and left.
    pub(super) fn undo(&mut self, id: i64) -> [u64; 3] {
        let [mut restored, mut removed, mut left] = [0; 3];
        let mut gone = Vec::new();
        for (number, record) in &mut self.customers {
            let Some(at) = record.history.iter().position(|entry| entry.by == By::Import(id)) else {
                continue;
            };
            let mut newer: Vec<&Entry> = Vec::new();
            for entry in &record.history[at + 1..] {
                match entry.by {
                    By::Undo(of) => newer.retain(|newer| newer.by != By::Import(of)),
                    _ => newer.push(entry),
                }
            }
            let entry = &record.history[at];
            let touched = |change: &Change| {
                newer.iter().any(|newer| newer.changes.iter().any(|c| c.field == change.field))
            };
            if if entry.created { !newer.is_empty() } else { entry.changes.iter().any(touched) } {
                left += 1;
                continue;
            }
            let what = Some(entry.changes.clone()).filter(|_| !entry.created);
            self.undone.entry(number.clone()).or_default().entry(id).or_insert(what.clone());
            match what {
                None => {
                    removed += 1;
                    gone.push(number.clone());
                }
                Some(changes) => {
                    restored += 1;
                    let back = changes.into_iter().map(|Change { field, old, new }| Change {
                        field,
                        old: new,
                        new: old,
                    });
                    record.change(By::Undo(id), false, back.collect());
                }
            }
        }
        self.customers.retain(|number, _| !gone.contains(number));
        if let Some(applied) = self.applied.get_mut(&id) {
            applied.undone = true;
        }
        [restored, removed, left]
    }

    /// A person gives a customer, who may be new, a value.
    pub(super) fn edit(&mut self, number: &str, field: &'static str, value: &str) {
        let created = !self.customers.contains_key(number);
        let record = self.customers.entry(number.to_owned()).or_default();
        let old = record.value(field).to_owned();
        if created || old != value {
            record.change(By::Person, created, vec![Change { field, old, new: value.to_owned() }]);
        }
    }

    pub(super) fn knows(&self, number: &str) -> bool {
        self.customers.contains_key(number)
    }
}
