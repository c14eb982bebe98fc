//! What people do while the program runs: on its pages, which the worker then carries on, and by commands, which are a
//! process of their own. They call the same functions that pages and commands call.

use std::cell::RefCell;
use std::path::PathBuf;
use std::time::Duration;

use register::edit::{EditError, create, edit};
use register::imports::{self, DecisionError, State};
use register::settings::{self, AfterImport, Settings};
use register::{CUSTOMERS, records};
use sha2::{Digest, Sha256};

use super::model::HEADER;
use super::oracle::Oracle;
use super::world::World;
use crate::app::App;
use crate::import::{self, ByHand, COMMAND_LINE, NotUndone, Silent, Stage, Watch};
use crate::secrets::hex;

/// Whom pages know a person as.
const PERSON: &str = "Ida";

/// What a person does while the program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Person {
    Activate(bool),
    Settle(u64),
    AfterImport(AfterImport),
    /// Approves or discards one of the imports that are held.
    Decide(Way),
    /// Imports a file.
    ByHand(Way),
    /// Imports once more what was imported or refused.
    Again(Way),
    Undo,
    Edit,
}

/// How a person does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Page,
    Command,
}

impl Person {
    /// Whether it is one of the settings that is changed.
    pub(super) fn sets(self) -> bool {
        matches!(self, Person::Activate(_) | Person::Settle(_) | Person::AfterImport(_))
    }

    pub(super) fn change(self, settings: &mut Settings) {
        let automations = settings.automations.iter_mut().filter(|a| a.name == CUSTOMERS.automation);
        match self {
            Person::Activate(active) => automations.for_each(|automation| automation.active = active),
            Person::Settle(seconds) => settings.erp_system.settle = Duration::from_secs(seconds),
            Person::AfterImport(after) => settings.erp_system.after_import = after,
            _ => {}
        }
    }
}

/// Looks what has come of a command's work, each time that it tells of it.
struct Looker;

impl Watch for Looker {
    fn stage(&self, _: i64, _: Stage) {
        super::program::look_at_ledger();
    }

    fn stopping(&self) -> bool {
        false
    }
}

/// Where people sit.
pub(super) struct Desk<'a> {
    pub(super) app: &'a App,
    pub(super) world: &'a World,
    pub(super) oracle: &'a RefCell<Oracle>,
}

impl Desk<'_> {
    /// Lets a person do something, and looks what came of it.
    ///
    /// # Errors
    /// When a promise is broken, in words.
    pub(super) fn act(&self, does: Person) -> Result<(), String> {
        self.oracle.borrow_mut().check(self.app)?;
        match does {
            Person::Decide(way) => self.decide(way)?,
            Person::ByHand(way) => self.by_hand(way)?,
            Person::Again(way) => self.again(way),
            Person::Undo => self.undo()?,
            Person::Edit => self.edit()?,
            Person::Activate(_) | Person::Settle(_) | Person::AfterImport(_) => {}
        }
        self.oracle.borrow_mut().check(self.app)
    }

    fn below(&self, most: usize) -> usize {
        self.world.with(|world| world.people.usize(0..most))
    }

    fn one_of(&self, imports: &[i64]) -> Option<i64> {
        if imports.is_empty() { None } else { Some(imports[self.below(imports.len())]) }
    }

    fn in_state(&self, states: &[State]) -> Vec<i64> {
        self.oracle.borrow().in_state(states)
    }

    fn decide(&self, way: Way) -> Result<(), String> {
        let Some(id) = self.one_of(&self.in_state(&[State::Held])) else { return Ok(()) };
        let approves = self.below(3) > 0;
        self.world
            .tell(|| format!("a person {} import {id}", if approves { "approves" } else { "discards" }));
        self.oracle.borrow_mut().decided.insert((id, approves));
        let (app, at) = (self.app, self.app.clock.now());
        let not = match (way, approves) {
            (Way::Page, true) => app.db.write(|c| imports::approve(c, id, PERSON, at)).err(),
            (Way::Page, false) => app.db.write(|c| imports::discard(c, id, PERSON, at)).err(),
            (Way::Command, true) => not(import::approve_now(app, id, COMMAND_LINE, &Looker)),
            (Way::Command, false) => not(import::discard_now(app, id, COMMAND_LINE, &Looker)),
        };
        match not {
            Some(DecisionError::NotHeld(why) | DecisionError::Format(why)) => {
                Err(format!("held import {id} could not be decided: {why}"))
            }
            Some(DecisionError::NotThere(_)) => Err(format!("LOST: held import {id} is not there")),
            Some(DecisionError::Db(_)) | None => Ok(()),
        }
    }

    fn by_hand(&self, way: Way) -> Result<(), String> {
        let (number, bytes) = self.world.with(|world| {
            world.happened.by_hand += 1;
            let (number, people) = (world.happened.by_hand, &mut world.people);
            let mut text = format!("{HEADER}\n");
            for customer in (1..=12).filter(|_| people.u8(0..3) == 0).collect::<Vec<u32>>() {
                let credit =
                    if people.u8(0..6) == 0 { "mye".to_owned() } else { people.u32(0..4000).to_string() };
                text.push_str(&format!("K{customer:02};for hånd {number};{credit}\n"));
            }
            text.push_str(&format!("SLUTT;for hånd {number};{number}\n"));
            (number, text.into_bytes())
        });
        let sha256 = hex(&Sha256::digest(&bytes));
        let file = format!("by-hand-{number}.txt");
        self.world.tell(|| format!("a person imports {:?}", String::from_utf8_lossy(&bytes)));
        let path: PathBuf = self.app.folder.uploads().join(&file);
        std::fs::write(&path, &bytes).map_err(|error| error.to_string())?;
        self.oracle.borrow_mut().by_hand.insert(sha256.clone(), bytes);
        let Ok(Some(format)) = self.app.db.read(|c| settings::default_format(c, CUSTOMERS.name)) else {
            return Ok(());
        };
        let by = if way == Way::Page { PERSON } else { COMMAND_LINE };
        let given = ByHand {
            register: &CUSTOMERS,
            format: &format,
            changes_only: false,
            path: &path,
            file: &file,
            by,
        };
        let taken = match way {
            Way::Page => import::take_by_hand(self.app, &given, &Silent).ok(),
            Way::Command => import::import_now(self.app, &given, &Looker).ok().map(|entry| entry.id),
        };
        let mut oracle = self.oracle.borrow_mut();
        match taken {
            Some(id) => oracle.given.insert(id),
            None => oracle.failed.insert(sha256),
        };
        Ok(())
    }

    fn again(&self, way: Way) {
        let ended = [State::Done, State::Refused, State::Undone, State::Superseded];
        let Some(id) = self.one_of(&self.in_state(&ended)) else { return };
        self.world.tell(|| format!("a person imports import {id} again"));
        self.oracle.borrow_mut().again += 1;
        // What is not kept any more cannot be imported, which is no fault.
        match way {
            Way::Page => {
                let Ok(last) = self.app.db.read(|c| imports::last_again(c, id)) else { return };
                let _ = import::again(self.app, id, last.map(|last| last.id), PERSON, &Silent);
            }
            Way::Command => drop(import::again_now(self.app, id, &Looker)),
        }
        self.world.with(|world| world.happened.again += 1);
    }

    fn undo(&self) -> Result<(), String> {
        let Some(id) = self.one_of(&self.in_state(&[State::Done])) else { return Ok(()) };
        self.world.tell(|| format!("a person undoes import {id}"));
        match import::undo(self.app, id, PERSON, &Silent) {
            Err(NotUndone::Because(why)) => Err(format!("import {id} could not be undone: {why}")),
            Ok(_) | Err(NotUndone::Later(_)) => Ok(()),
        }
    }

    fn edit(&self) -> Result<(), String> {
        let number = format!("K{:02}", self.below(14) + 1);
        let rewritten = format!("rettet {}", self.below(1000));
        let (field, value) = match self.below(4) {
            0 => ("credit_limit", self.below(4000).to_string()),
            1 => ("inactive", ["", "1"][self.below(2)].to_owned()),
            2 => ("name", "Uendret AS".to_owned()),
            _ => ("name", rewritten),
        };
        self.world.tell(|| format!("a person gives {number} the {field} {value:?}"));
        let at = self.app.clock.now();
        let knows = self.oracle.borrow().model.knows(&number);
        let version = self.app.db.read(|c| records::find(c, &CUSTOMERS, &number));
        let version = version.map_err(|error| error.to_string())?.map(|record| record.version);
        let written = [(field, Some(value.as_str()))];
        let done = self.app.db.write(|c| match version {
            Some(version) => edit(c, &CUSTOMERS, &number, version, &written, PERSON, at),
            None => create(c, &CUSTOMERS, &[("number", Some(&number)), written[0]], PERSON, at),
        });
        match done {
            Ok(_) if knows != version.is_some() => Err(format!("{number} should be there: {knows}")),
            Ok(_) => {
                let mut oracle = self.oracle.borrow_mut();
                oracle.model.edit(&number, field, &value);
                self.world.with(|world| world.happened.edited += 1);
                oracle.compare(self.app)
            }
            Err(EditError::Db(_)) => Ok(()),
            Err(error) => Err(format!("{number} could not be given the {field} {value:?}: {error}")),
        }
    }
}

/// Why a command's decision was not taken; one that is carried out later was.
fn not<T>(decided: Result<T, import::NotDecided>) -> Option<DecisionError> {
    match decided {
        Err(import::NotDecided::Not(why)) => Some(why),
        Err(import::NotDecided::Later(_)) | Ok(_) => None,
    }
}
