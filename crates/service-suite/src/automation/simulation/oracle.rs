//! What must be true: after every commit, and when everything that can fail is over.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use register::imports::{self, Import, ProblemFilter, State, Step};
use register::records::{self, Query};
use register::{CUSTOMERS, history};
use sha2::{Digest, Sha256};

use super::circumstances::Circumstances;
use super::erp::Manners;
use super::files::{MARKER, Version, is_wanted};
use super::ledger::Known;
use super::model::{self, Customers, Model};
use super::world::{Inside, World};
use crate::app::App;
use crate::exchange::claim::parse_claimed_name;
use crate::import::{COMMAND_LINE, Identity};
use crate::secrets::hex;

/// The longest pause between two tries, and something for the machine.
const NEXT_TRY: Duration = Duration::from_secs(16 * 60);

/// How long copying a file that is left where it is may take when nothing is wrong.
const COPIED_WITHIN: Duration = Duration::from_secs(20);

/// The same however long each of its calls takes, and with another copy before it.
pub(super) const COPIED_AT_LAST: Duration = Duration::from_secs(120);

pub(super) struct Oracle {
    pub(super) world: Arc<World>,
    data: PathBuf,
    pub(super) manners: Manners,
    pub(super) model: Model,
    /// What is known of each import.
    pub(super) known: BTreeMap<i64, Known>,
    /// What people decided, and may still be under way: the import, and whether it is wanted.
    pub(super) decided: BTreeSet<(i64, bool)>,
    /// The files that people import themselves, by their hashes.
    pub(super) by_hand: BTreeMap<String, Vec<u8>>,
    /// Those of them that were taken, as their person was told.
    pub(super) given: BTreeSet<i64>,
    /// Those of which a command said that they were not imported.
    pub(super) failed: BTreeSet<String>,
    /// How often somebody wanted an import again.
    pub(super) again: usize,
    /// Which content the applied imports had, in their order: its file, since when it was there, and whether it was
    /// written after the file was taken.
    applied: Vec<(u64, Duration, bool)>,
    /// The hashes of everything that has its outcome.
    pub(super) ended: BTreeSet<String>,
}

impl Oracle {
    pub(super) fn new(world: Arc<World>, data: PathBuf, circumstances: &Circumstances) -> Oracle {
        Oracle {
            world,
            data,
            manners: circumstances.manners.clone(),
            model: Model::new(circumstances.content, circumstances.guards),
            known: BTreeMap::new(),
            decided: BTreeSet::new(),
            by_hand: BTreeMap::new(),
            given: BTreeSet::new(),
            failed: BTreeSet::new(),
            again: 0,
            applied: Vec::new(),
            ended: BTreeSet::new(),
        }
    }

    pub(super) fn imports(&self, app: &App) -> Result<Vec<Import>, String> {
        let filter = imports::Filter { limit: 1000, ..imports::Filter::default() };
        let page = app.db.read(|c| imports::list(c, &filter)).map_err(|error| error.to_string())?;
        Ok(page.items.into_iter().rev().collect())
    }

    /// The customers as they are.
    pub(super) fn register(&self, app: &App) -> Result<Customers, String> {
        let query = Query { limit: 1000, ..Query::default() };
        let page =
            app.db.read(|c| records::list(c, &CUSTOMERS, &query)).map_err(|error| error.to_string())?;
        let value = |record: &records::Record, field: &str| {
            record.value(&CUSTOMERS, field).unwrap_or_default().to_owned()
        };
        Ok(page
            .items
            .iter()
            .map(|r| (value(r, "number"), ["name", "credit_limit", "inactive"].map(|field| value(r, field))))
            .collect())
    }

    /// The contents that files of the folder had with this hash.
    fn versions(&self, sha256: &str) -> Vec<Version> {
        self.world.with(|world| {
            world.files.versions.iter().filter(|version| *version.sha256 == *sha256).cloned().collect()
        })
    }

    /// The bytes of this hash that a file or an upload had at one moment.
    pub(super) fn bytes(&self, import: &Import) -> Result<Vec<u8>, String> {
        let sha256 = import.sha256.as_deref().unwrap_or_default();
        let written = || self.versions(sha256).first().map(|version| version.bytes.to_vec());
        self.by_hand.get(sha256).cloned().or_else(written).ok_or_else(|| {
            format!("HALVED: import {} is of bytes that no file ever had at one moment", import.id)
        })
    }

    /// Whether a file of the exchange folder could be taken when it was, and in its turn, unless a person approved that it
    /// comes late.
    pub(super) fn taken_rightly(&mut self, import: &Import, approved: bool) -> Result<(), String> {
        let versions = self.versions(import.sha256.as_deref().unwrap_or_default());
        let Some(version) = versions.first() else { return Ok(()) };
        self.taken_in_time(import, &versions)?;
        let (claimed, held) = self.world.with(|world| {
            let file = world.files.inodes.get(&version.inode);
            (file.and_then(|file| file.claimed), file.and_then(|file| file.held_since))
        });
        let known = self.world.with(|world| world.writers_known);
        if known && versions.len() == 1 && held.zip(claimed).is_some_and(|(held, claimed)| held < claimed) {
            return Err(format!("HALVED: import {} was open for writing when it was taken", import.id));
        }
        let after = claimed.is_some_and(|claimed| version.from > claimed);
        if !self.manners.numbered && versions.len() == 1 {
            let overtaken = self
                .applied
                .iter()
                .any(|(inode, from, after)| *inode != version.inode && *from > version.from && !after);
            if overtaken && !approved {
                return Err(format!("import {} of an older file came after a newer one", import.id));
            }
        }
        self.applied.push((version.inode, version.from, after));
        Ok(())
    }

    /// Whether one of the contents that an import can be of had been there for as long as is asked for.
    fn taken_in_time(&self, import: &Import, versions: &[Version]) -> Result<(), String> {
        let manners = &self.manners;
        self.world.with(|world| {
            let files = &world.files;
            let spooled = world.spooled.get(&import.id).copied().unwrap_or_default();
            // Times are cut, and a share's client tells how it was a moment ago.
            let vague = Duration::from_nanos(files.granularity) + world.client.memory;
            let settle = manners.settle.saturating_sub(vague);
            let in_time = |version: &Version| {
                let file = &files.inodes[&version.inode];
                let quiet = version.from + settle <= spooled;
                // What changed when it was taken, or later, settles again under its claimed name.
                let again = file.claimed.is_some_and(|at| version.from > at || at + settle <= spooled);
                let (named, renamed) = file.named.unwrap_or_default();
                let age = manners.minimum_age.saturating_sub(vague);
                // The same size and time as before, and another content: the rename hides that the change time moved. Who
                // sets a time has written everything.
                let before = |v: &&Version| v.inode == version.inode && v.from < version.from;
                let alike = |v: &Version| v.bytes.len() == version.bytes.len();
                let hidden = version.retimed > 0 && files.versions.iter().filter(before).any(alike);
                if again && quiet || hidden {
                    return true;
                }
                if named + age > spooled || manners.renamed && !renamed {
                    return false;
                }
                if !manners.marker {
                    return quiet;
                }
                let marker = import.file.replace(".txt", MARKER);
                let is_later = |at: Duration| version.from <= at + vague && at <= spooled;
                // A time that was set to long ago makes every marker a later one.
                let marked = files.marked.iter().any(|(name, at)| *name == marker && is_later(*at));
                let settle = manners.settle_with_marker.saturating_sub(vague);
                (marked || version.retimed > 0) && version.from + settle <= spooled
            };
            match versions.iter().any(in_time) {
                true => Ok(()),
                false => Err(format!(
                    "HALVED: import {} took too early what was written at {:?}; it was copied at {spooled:?}",
                    import.id, versions[0].from
                )),
            }
        })
    }

    /// Whether a file that nobody held was refused for a reason.
    pub(super) fn refused(&self, app: &App, import: &Import) -> Result<(), String> {
        let reason = import.reason.clone().unwrap_or_default();
        if import.sha256.is_none() {
            return self.refused_unread(import, &reason);
        }
        if model::read(&self.bytes(import)?).is_none() {
            return Ok(());
        }
        let filter = ProblemFilter { code: None, limit: 1, cursor: None };
        let problems =
            app.db.read(|c| imports::problems(c, import.id, &filter)).map_err(|e| e.to_string())?;
        let code = problems.items.first().map(|problem| &*problem.code);
        // What a command cannot do now is not done behind its back.
        let of_command = import.automation.is_none() && import.started_by == COMMAND_LINE;
        match code {
            Some("failed" | "abandoned") if of_command => Ok(()),
            Some("held-before") if of_command && !self.held().is_empty() => Ok(()),
            _ => Err(format!("LOST: import {} refused a good file: {reason}", import.id)),
        }
    }

    /// It was taken, and the ERP system itself changed or emptied it before it could be read; or it was left where it is,
    /// and is another file for a folder that was mounted anew.
    fn refused_unread(&self, import: &Import, reason: &str) -> Result<(), String> {
        let inode = Identity::of_entry(Path::new(""), import).map(|id| id.sighting().inode);
        let lost = || Err(format!("LOST: import {} was refused without being read: {reason}", import.id));
        if !self.manners.left && !reason.contains("emptied") {
            return lost();
        }
        self.world.with(|world| {
            let of_it = |version: &&Version| Some(version.inode) == inode;
            let ended = |version: &&Version| version.destroyed.is_some() || version.bytes.is_empty();
            let ended: Vec<&Version> = world.files.versions.iter().filter(of_it).filter(ended).collect();
            // Nothing but a held import can have kept it waiting; and it does not wait to be copied behind that.
            let taken = self.known.get(&import.id).map(|known| known.seen).unwrap_or_default();
            let disturbed = inode.is_some_and(|inode| self.disturbed(world, inode, taken, COPIED_WITHIN));
            if ended.is_empty() && !disturbed && !world.mounted_anew() {
                return lost();
            }
            // Each call of its copying may last until something else happens.
            let lasted = |call: &Range<Duration>| call.end.saturating_sub(call.start.max(taken));
            let until = taken + COPIED_WITHIN + world.overtaken.iter().map(lasted).sum::<Duration>();
            let in_time = ended.iter().any(|version| version.destroyed.is_none_or(|at| at < until));
            if in_time || disturbed || world.mounted_anew() { Ok(()) } else { lost() }
        })
    }

    /// Whether anything may have kept a file that is left where it is from being copied in this time.
    pub(super) fn disturbed(&self, world: &Inside, inode: u64, taken: Duration, within: Duration) -> bool {
        let quiet = taken.saturating_sub(world.client.memory)..taken + within;
        let touched = |(of, at): &(u64, Duration)| *of == inode && quiet.contains(at);
        world.disturbed(&quiet) || world.files.touched.iter().any(touched)
    }

    /// Whether nothing is left to do.
    pub(super) fn finished(&self, app: &App) -> Result<bool, String> {
        if !self.waiting().is_empty() {
            return Ok(false);
        }
        let unfinished = app.db.read(imports::unfinished).map_err(|error| error.to_string())?;
        Ok(unfinished.is_empty())
    }

    /// The files in the folder that should have been taken.
    pub(super) fn waiting(&self) -> Vec<String> {
        self.world.with(|world| {
            let files = &world.files;
            let waits = |name: &&String| {
                let Some(version) = files.names.get(*name).and_then(|inode| files.current(*inode)) else {
                    return false;
                };
                let done = self.manners.left && self.ended.contains(&*version.sha256);
                !version.bytes.is_empty() && !done
            };
            files
                .names
                .keys()
                .filter(|name| is_wanted(name) || parse_claimed_name(name).is_some())
                .filter(waits)
                .cloned()
                .collect()
        })
    }

    /// How long after the last fault everything must be done.
    pub(super) fn patience(&self) -> Duration {
        2 * NEXT_TRY
    }

    /// What is still to be done, in words.
    pub(super) fn left(&self, app: &App) -> String {
        let imports: Vec<String> = self
            .imports(app)
            .unwrap_or_default()
            .iter()
            .filter(|i| i.step != Step::Finished)
            .map(|i| format!("import {} {} {} {:?}", i.id, i.state, i.step, i.reason))
            .collect();
        format!("files {:?}, imports {imports:?}", self.waiting())
    }

    /// When everything is over.
    pub(super) fn end(&self, app: &App) -> Result<(), String> {
        let imports = self.imports(app)?;
        let mut outcomes: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
        for import in &imports {
            if !import.counts.add_up() {
                return Err(format!("the counts of import {} do not add up", import.id));
            }
            if let Some(sha256) = import.sha256.as_deref().filter(|_| import.automation.is_some()) {
                outcomes.entry(sha256).or_default().push(import.id);
            }
            self.kept(import)?;
        }
        self.nothing_lost(&outcomes)?;
        self.by_hand_once(&imports)?;
        for (sha256, imports) in outcomes {
            let versions = self.versions(sha256);
            let retimed: usize = versions.iter().map(|version| version.retimed + version.rewritten).sum();
            if imports.len() > versions.len() + if self.manners.left { retimed } else { 0 } {
                return Err(format!("DOUBLED: the imports {imports:?} are of the same file"));
            }
        }
        self.histories(app)?;
        let names: Vec<String> = self.world.with(|world| world.files.names.keys().cloned().collect());
        if let Some(claim) = names.iter().find_map(|name| parse_claimed_name(name)) {
            return Err(format!("{} is left in the exchange folder", claim.name));
        }
        // A copy that could not be removed is removed at the next start.
        crate::import::recover(app).map_err(|error| error.to_string())?;
        let spool = std::fs::read_dir(self.data.join("spool")).map_err(|error| error.to_string())?;
        let left: Vec<_> = spool.flatten().map(|entry| entry.file_name()).collect();
        if !left.is_empty() {
            return Err(format!("the spool still holds {left:?}"));
        }
        Ok(())
    }

    /// Every content that the ERP system did not destroy itself, under a name that is waited for, has its outcome.
    fn nothing_lost(&self, outcomes: &BTreeMap<&str, Vec<i64>>) -> Result<(), String> {
        self.world.with(|world| {
            let mut last: BTreeMap<&str, usize> = BTreeMap::new();
            // A writer of another machine that pauses for longer than the settle time while it has the file open
            // cannot be told from one that is done; what it writes once the file is gone reaches nobody.
            let seen = |v: &&Version| !v.unseen || world.writers_known;
            let there = |v: &&Version| v.destroyed.is_none() && !v.bytes.is_empty();
            for version in world.files.versions.iter().filter(there).filter(seen) {
                let unwanted = world
                    .files
                    .names
                    .iter()
                    .any(|(name, inode)| *inode == version.inode && name.ends_with(".tmp"));
                if !unwanted {
                    *last.entry(&version.sha256).or_default() += 1;
                }
            }
            for (sha256, expected) in last {
                if outcomes.get(sha256).map_or(0, Vec::len) < expected {
                    let version = world.files.versions.iter().find(|version| *version.sha256 == *sha256);
                    let text = version.map(|version| String::from_utf8_lossy(&version.bytes).into_owned());
                    return Err(format!("LOST: nothing became of {text:?}"));
                }
            }
            Ok(())
        })
    }

    /// What people import themselves is imported as often as they want it.
    fn by_hand_once(&self, imports: &[Import]) -> Result<(), String> {
        let by_hand: Vec<&Import> = imports.iter().filter(|import| import.automation.is_none()).collect();
        let again = by_hand.iter().filter(|import| import.again_of.is_some()).count();
        if again > self.again {
            return Err(format!("DOUBLED: {again} imports were made again, and only {} wanted", self.again));
        }
        let mut first: Vec<&str> =
            by_hand.iter().filter(|i| i.again_of.is_none()).filter_map(|i| i.sha256.as_deref()).collect();
        first.sort_unstable();
        if first.windows(2).any(|two| two[0] == two[1]) {
            return Err("DOUBLED: a file was imported twice by hand".to_owned());
        }
        match self.given.iter().find(|id| !by_hand.iter().any(|import| import.id == **id)) {
            Some(id) => Err(format!("LOST: there is no import {id}, which somebody made by hand")),
            None => Ok(()),
        }
    }

    /// The archive holds every applied delivery, byte for byte; the refused folder every refused one.
    fn kept(&self, import: &Import) -> Result<(), String> {
        let Some(sha256) = &import.sha256 else { return Ok(()) };
        let Some(path) = &import.kept_path else {
            return if matches!(import.state, State::Refused | State::Superseded) {
                Err(format!("LOST: import {} is {} and not kept", import.id, import.state))
            } else {
                Ok(())
            };
        };
        let bytes = std::fs::read(self.data.join(path))
            .map_err(|error| format!("LOST: the file of import {} is not at {path}: {error}", import.id))?;
        if hex(&Sha256::digest(&bytes)) != *sha256 {
            return Err(format!("HALVED: the kept file of import {} is not what was imported", import.id));
        }
        Ok(())
    }

    fn histories(&self, app: &App) -> Result<(), String> {
        for (number, expected) in self.model.histories() {
            let changes = app.db.read(|c| {
                let record = records::find(c, &CUSTOMERS, number)?;
                record.map_or(Ok(Vec::new()), |record| history::for_record(c, &CUSTOMERS, record.id, 1000))
            });
            let changes = changes.map_err(|error| error.to_string())?;
            if changes.len() != expected {
                return Err(format!(
                    "{number} has {} lines of history, but should have {expected}",
                    changes.len()
                ));
            }
        }
        Ok(())
    }
}
