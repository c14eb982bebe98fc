//! A file that somebody went on writing to after it had been taken and read is a delivery of its own, but no newer one:
//! what grew out of an earlier delivery keeps that delivery's place among the others.

use register::Register;
use register::db::{Conn, DbResult};
use register::guard::{Reason, code};
use register::imports::{self, Import};

use super::identity::Identity;
use crate::app::App;
use crate::exchange::claim::parse_claimed_name;

/// What was imported between the delivery that a file grew out of and the file as it is now.
pub(super) struct Overtaken {
    /// The import that read the file first.
    first: i64,
    /// The newest of those that were applied since.
    by: i64,
}

impl Overtaken {
    /// Whether anything was applied in between; `exports`: an export of every record that is newer than what it grew out of.
    pub(super) fn find(
        app: &App,
        c: &Conn,
        entry: &Import,
        register: &Register,
        exports: bool,
    ) -> DbResult<Option<Overtaken>> {
        let Some(first) = first(app, entry) else { return Ok(None) };
        let between = imports::applied_between(c, register, first, entry.id, exports)?;
        // What was read of the same file meanwhile is the beginning of it.
        let by = between.iter().find(|between| self::first(app, between) != Some(first));
        Ok(by.map(|by| Overtaken { first, by: by.id }))
    }

    /// Why it is superseded.
    pub(super) fn superseded(&self) -> String {
        let Overtaken { first, by } = self;
        format!(
            "Superseded by import {by}, a newer export of every record: it is the file of import {first}, which another \
             program went on writing to after it had been taken."
        )
    }

    /// Why a person is asked.
    pub(super) fn reason(&self) -> Reason {
        let Overtaken { first, by } = self;
        let message = format!(
            "It is the file of import {first}, which another program went on writing to after it had been taken. Import \
             {by} was imported in between, and its values would be replaced by older ones."
        );
        Reason::new(code::OVERTAKEN, message)
    }
}

/// The import that read the file first, before it grew: the file has the name that this one gave it.
fn first(app: &App, entry: &Import) -> Option<i64> {
    let identity = Identity::of_entry(app.folder.path(), entry).filter(|identity| identity.claimed)?;
    let named = parse_claimed_name(&identity.name)?.import_id;
    (named != entry.id).then_some(named)
}
