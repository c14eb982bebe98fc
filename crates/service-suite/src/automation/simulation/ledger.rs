//! What must be true of every step in the ledger: what is held and why, what people decided, what overtakes what; and
//! that the register is what the model makes of it.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use register::counts::Counts;
use register::guard::code;
use register::imports::{self, Import, State, Step};

use super::model::Plan;
use super::oracle::{COPIED_AT_LAST, Oracle};
use crate::app::App;
use crate::import::Identity;

/// What is known of an import.
#[derive(Debug)]
pub(super) struct Known {
    state: State,
    /// When it was first seen.
    pub(super) seen: Duration,
    /// Whether it was seen that its file was copied in time.
    copied: bool,
    /// What was held, if it was, and why.
    hold: Option<(Plan, BTreeSet<String>)>,
    /// The imports that were undone and that it would bring back, if that is a reason.
    brings_back: BTreeSet<i64>,
    /// Whether a person approved it since.
    approved: bool,
}

/// In which order news of one moment came about.
fn rank(state: State) -> u8 {
    match state {
        State::Waiting | State::Importing => 0,
        State::Done => 1,
        State::Undone => 2,
        State::Superseded | State::Refused => 3,
        State::Held => 4,
    }
}

impl Oracle {
    /// After a step: everything that the ledger says of it is right, and the register is the model's.
    pub(super) fn check(&mut self, app: &App) -> Result<(), String> {
        let all = self.imports(app)?;
        let is_new = |import: &&Import| {
            self.known.get(&import.id).is_none_or(|known| rank(known.state) != rank(import.state))
        };
        let mut news: Vec<&Import> = all.iter().filter(is_new).collect();
        news.sort_by_key(|import| rank(import.state));
        let mut changed = false;
        for import in news {
            self.world.tell(|| {
                let reason = import.reason.as_deref().unwrap_or_default();
                format!("import {} of {} is {}: {reason}", import.id, import.file, import.state)
            });
            if !matches!(import.state, State::Waiting | State::Importing | State::Held) {
                self.ended.extend(import.sha256.clone());
            }
            match import.state {
                State::Waiting | State::Importing => self.waits(import)?,
                State::Done => self.done(import, &all)?,
                State::Undone => self.undone(import)?,
                State::Superseded => self.superseded(import, &all)?,
                State::Refused => self.not_imported(app, import)?,
                State::Held => self.holds(app, import, &all)?,
            }
            changed |= matches!(import.state, State::Done | State::Undone);
            self.entry(import.id).state = import.state;
        }
        self.copied(&all)?;
        if changed { self.compare(app) } else { Ok(()) }
    }

    /// Whether files that are left where they are were copied soon, whatever else goes on, unless something was wrong.
    fn copied(&mut self, all: &[Import]) -> Result<(), String> {
        if !self.manners.left {
            return Ok(());
        }
        for import in all.iter().filter(|import| import.automation.is_some()) {
            let Some(inode) = Identity::of_entry(Path::new(""), import).map(|file| file.sighting().inode)
            else {
                continue;
            };
            let known = self.entry(import.id);
            if known.copied {
                continue;
            }
            let taken = known.seen;
            known.copied = import.sha256.is_some();
            let (at, disturbed) = self.world.with(|world| {
                let copied = world.spooled.get(&import.id).filter(|_| import.sha256.is_some());
                (copied.copied().unwrap_or(world.now), self.disturbed(world, inode, taken, COPIED_AT_LAST))
            });
            if at > taken + COPIED_AT_LAST && !disturbed && import.step < Step::Committed {
                return Err(format!(
                    "the file of import {} was not copied {COPIED_AT_LAST:?} after it was taken",
                    import.id
                ));
            }
        }
        Ok(())
    }

    /// Whether the register is as it must be.
    pub(super) fn compare(&self, app: &App) -> Result<(), String> {
        let (there, should) = (self.register(app)?, self.model.customers());
        if there == should {
            return Ok(());
        }
        Err(format!("the register is {there:?}, but should be {should:?}"))
    }

    fn entry(&mut self, id: i64) -> &mut Known {
        let seen = self.world.with(|world| world.now);
        let new = Known {
            state: State::Waiting,
            seen,
            copied: false,
            hold: None,
            brings_back: BTreeSet::new(),
            approved: false,
        };
        self.known.entry(id).or_insert(new)
    }

    fn was(&self, import: &Import) -> Option<State> {
        self.known.get(&import.id).map(|known| known.state)
    }

    /// The imports that are held.
    pub(super) fn held(&self) -> Vec<i64> {
        self.in_state(&[State::Held])
    }

    pub(super) fn in_state(&self, states: &[State]) -> Vec<i64> {
        self.known.iter().filter(|(_, known)| states.contains(&known.state)).map(|(id, _)| *id).collect()
    }

    fn waits(&mut self, import: &Import) -> Result<(), String> {
        match self.was(import) {
            None => {}
            Some(State::Held) if self.decided.contains(&(import.id, true)) => {
                self.entry(import.id).approved = true;
                self.world.with(|world| world.happened.approved += 1);
            }
            Some(before) => {
                return Err(format!(
                    "import {} waits, though it was {before} and nobody decided so",
                    import.id
                ));
            }
        }
        self.entry(import.id);
        Ok(())
    }

    fn holds(&mut self, app: &App, import: &Import, all: &[Import]) -> Result<(), String> {
        let id = import.id;
        let Some(plan) = self.model.plan(&self.bytes(import)?) else {
            return Err(format!("import {id} of a damaged file is held"));
        };
        if import.again_of.is_some()
            || !matches!(self.was(import), None | Some(State::Waiting | State::Importing))
        {
            return Err(format!("import {id} must not be held"));
        }
        let hold = app.db.read(|c| imports::held(c, import)).map_err(|error| error.to_string())?;
        let said: BTreeSet<String> =
            hold.iter().flat_map(|hold| &hold.reasons).map(|r| r.code.clone()).collect();
        let mut odd = self.model.odd(&plan, import.modified_at);
        odd.extend(self.overtaken(import, all));
        let brings_back = match odd.contains(code::UNDONE) {
            true => self.model.brings_back(&plan),
            false => BTreeSet::new(),
        };
        let known = self.entry(id);
        if let (Some((before, known_odd)), true) = (&known.hold, known.approved) {
            if before.is_same(&plan) && odd.is_subset(known_odd) {
                return Err(format!("import {id} is held again, though it does what was approved"));
            }
            odd.insert(code::CHANGED_SINCE.to_owned());
        }
        if said != odd || odd.is_empty() {
            return Err(format!("import {id} is held because of {said:?}, but should be because of {odd:?}"));
        }
        if import.counts != plan.counts {
            return Err(format!(
                "held import {id} would do {:?}, but should {:?}",
                import.counts, plan.counts
            ));
        }
        (known.hold, known.brings_back, known.approved) = (Some((plan, odd)), brings_back, false);
        self.decided.remove(&(id, true));
        self.world.with(|world| world.happened.held += 1);
        Ok(())
    }

    fn done(&mut self, import: &Import, all: &[Import]) -> Result<(), String> {
        let id = import.id;
        if !matches!(self.was(import), None | Some(State::Waiting | State::Importing)) {
            return Err(format!("DOUBLED: import {id} was {:?}, and is done", self.was(import)));
        }
        let failed = import.sha256.as_ref().is_some_and(|sha256| self.failed.contains(sha256));
        if failed && import.again_of.is_none() {
            return Err(format!("import {id} is done, though its command said that it was not"));
        }
        self.overtakes_rightly(import, all)?;
        if import.automation.is_some() {
            let approved = self.entry(id).approved;
            self.taken_rightly(import, approved)?;
        }
        let Some(plan) = self.model.plan(&self.bytes(import)?) else {
            return Err(format!("import {id} of a damaged file was applied"));
        };
        let mut counts = plan.counts;
        let mut odd = self.model.odd(&plan, import.modified_at);
        odd.extend(self.overtaken(import, all));
        if self.overtaken_by_export(import, all) {
            return Err(format!("import {id} of a file that grew was applied over a newer export"));
        }
        let known = self.entry(id);
        let approved = known.approved;
        if import.same_as.is_some() {
            if !plan.changes_nothing() {
                return Err(format!("import {id} was not read, though it changes something"));
            }
            // Without being read it tells of no missing records.
            counts.missing = 0;
        } else if import.again_of.is_none() && !odd.is_empty() {
            let as_shown = |(shown, known_odd): &(Plan, _)| shown.is_same(&plan) && odd.is_subset(known_odd);
            if !approved || !known.hold.as_ref().is_some_and(as_shown) {
                return Err(format!(
                    "import {id} was applied, though it is odd and nobody approved that: {odd:?}"
                ));
            }
        }
        if counts != import.counts {
            return Err(format!("import {id} reports {:?}, but should {counts:?}", import.counts));
        }
        if import.same_as.is_some() {
            self.model.noted(id, &plan, import.modified_at);
        } else {
            let wanted = approved || import.again_of.is_some();
            self.model.apply(id, &plan, import.modified_at, wanted);
        }
        self.world.with(|world| world.happened.imports += 1);
        Ok(())
    }

    /// Everything goes in the order in which it was taken; only an export of every record passes those that are held.
    fn overtakes_rightly(&self, import: &Import, all: &[Import]) -> Result<(), String> {
        let older = all.iter().filter(|older| older.id < import.id && older.step < Step::Committed);
        for older in older {
            let was_held = self.known.get(&older.id).is_some_and(|known| known.hold.is_some());
            let held = older.state == State::Held || was_held;
            // An old file that somebody wants once more says nothing newer than what is held, which stays so.
            let passes = import.again_of.is_some() && held && self.model.is_full();
            if !passes {
                let state = older.state;
                return Err(format!(
                    "import {} was applied before import {}, which is {state}",
                    import.id, older.id
                ));
            }
        }
        Ok(())
    }

    /// What was applied since the first import of the same file, if that was another one: the file went on growing after
    /// it had been taken.
    fn applied_since<'a>(&self, import: &Import, all: &'a [Import]) -> Vec<&'a Import> {
        let file = |import: &Import| {
            let identity = Identity::of_entry(Path::new(""), import).filter(|identity| identity.claimed);
            identity.map(|identity| identity.sighting().inode)
        };
        let same = |other: &Import| file(other).is_some() && file(other) == file(import);
        let first = all.iter().find(|other| same(other)).map_or(import.id, |first| first.id);
        let between = all.iter().filter(|other| first < other.id && other.id < import.id && !same(other));
        between.filter(|other| self.was(other) == Some(State::Done)).collect()
    }

    fn overtaken_by_export(&self, import: &Import, all: &[Import]) -> bool {
        self.model.is_full() && self.applied_since(import, all).iter().any(|other| other.again_of.is_none())
    }

    /// Why a person must look at what grew, if so.
    fn overtaken(&self, import: &Import, all: &[Import]) -> Option<String> {
        (!self.applied_since(import, all).is_empty()).then(|| code::OVERTAKEN.to_owned())
    }

    fn undone(&mut self, import: &Import) -> Result<(), String> {
        if self.was(import) != Some(State::Done) {
            return Err(format!("import {} was {:?}, and is undone", import.id, self.was(import)));
        }
        let should = self.model.undo(import.id);
        let told = import.undone.as_ref().map(|undone| [undone.restored, undone.removed, undone.left]);
        if told != Some(should) {
            return Err(format!("the undo of import {} did {told:?}, but should {should:?}", import.id));
        }
        self.world.with(|world| world.happened.undone += 1);
        Ok(())
    }

    fn superseded(&mut self, import: &Import, all: &[Import]) -> Result<(), String> {
        let known = self.known.get(&import.id);
        let was_held = self.model.is_full() && known.is_some_and(|known| known.hold.is_some());
        let newer = import
            .reason
            .as_deref()
            .and_then(|reason| reason.split(' ').nth(3)?.trim_end_matches(',').parse().ok());
        let by = all.iter().find(|newer_one| Some(newer_one.id) == newer);
        let right = by.is_some_and(|by| by.state == State::Done && by.again_of.is_none());
        let newer =
            was_held && by.is_some_and(|by| by.id > import.id) || self.overtaken_by_export(import, all);
        if !newer || !right || import.counts != Counts::default() {
            return Err(format!("LOST: import {} is superseded: {:?}", import.id, import.reason));
        }
        self.world.with(|world| world.happened.superseded += 1);
        Ok(())
    }

    fn not_imported(&mut self, app: &App, import: &Import) -> Result<(), String> {
        if self.was(import) == Some(State::Held) {
            let told = import.reason.as_deref().is_some_and(|reason| reason.starts_with("Discarded by "));
            if !self.decided.contains(&(import.id, false)) || !told || import.counts != Counts::default() {
                return Err(format!("LOST: held import {} was refused: {:?}", import.id, import.reason));
            }
            self.world.with(|world| world.happened.discarded += 1);
            let asked = self.entry(import.id).brings_back.clone();
            self.model.forget_undone(&asked);
            return Ok(());
        }
        if !matches!(self.was(import), None | Some(State::Waiting | State::Importing)) {
            return Err(format!("import {} was {:?}, and is refused", import.id, self.was(import)));
        }
        self.world.with(|world| world.happened.refused += 1);
        self.refused(app, import)
    }
}
