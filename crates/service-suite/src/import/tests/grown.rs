//! Files that somebody goes on writing to after they have been taken and read.

use std::fs::{self, OpenOptions};
use std::io::Write;

use erpfile::Content;
use register::imports::{self, Import, State};
use register::{CUSTOMERS, records, settings};

use super::{Exchange, names};
use crate::import::{Silent, carry_on, put_away};

const MONDAY: &str = "Kundenr;Navn;By\n1;Alfa;Ribe\n";
const TUESDAY: &str = "Kundenr;Navn;By\n1;Beta;Ribe\n";

struct Grown(Exchange);

impl Grown {
    fn new(content: Content) -> Grown {
        let exchange = Exchange::new("settle = \"50ms\"");
        let app = &exchange.office.app;
        let save = |c: &register::db::Conn| {
            let mut settings = settings::load(c)?;
            settings.formats[0].content = content;
            settings::save(c, &settings, "test", app.clock.now())
        };
        app.db.write(save).unwrap();
        Grown(exchange)
    }

    /// Delivers this and imports it; gives the import, whose file is still to be put away.
    fn delivers(&self, text: &str) -> i64 {
        fs::write(self.0.path("customers.txt"), text).unwrap();
        let id = self.0.take(None, false);
        assert_eq!(self.carry_on(id).state, State::Done);
        id
    }

    /// Who has had the file of this import open since before it was taken writes more to it.
    fn grows(&self, first: i64, id: i64, more: &str) {
        let path = self.0.path(&format!(".customers.txt.{first}"));
        OpenOptions::new().append(true).open(path).unwrap().write_all(more.as_bytes()).unwrap();
        put_away(&self.0.office.app, id, &Silent).unwrap();
    }

    fn carry_on(&self, id: i64) -> Import {
        carry_on(&self.0.office.app, id, &Silent).unwrap().unwrap()
    }

    fn name_of_1(&self) -> Option<String> {
        let record = self.0.office.app.db.read(|c| records::find(c, &CUSTOMERS, "1")).unwrap().unwrap();
        record.value(&CUSTOMERS, "name").map(str::to_owned)
    }
}

#[test]
fn what_is_added_before_anything_newer_comes_is_imported() {
    for content in [Content::Changes, Content::Full] {
        let grown = Grown::new(content);
        let monday = grown.delivers(MONDAY);
        grown.grows(monday, monday, "2;Gamma;Ribe\n");
        let more = grown.carry_on(monday + 1);
        assert_eq!((more.state, more.counts.created, more.counts.unchanged), (State::Done, 1, 1));
        // Once more: what was imported of the same file in between is no newer one.
        grown.grows(monday, more.id, "3;Delta;Ribe\n");
        let most = grown.carry_on(more.id + 1);
        assert_eq!((most.state, most.counts.created, most.counts.unchanged), (State::Done, 1, 2));
    }
}

#[test]
fn lines_added_to_an_earlier_file_of_changes_wait_for_a_person_once_a_newer_one_was_imported() {
    let grown = Grown::new(Content::Changes);
    let (monday, tuesday) = (grown.delivers(MONDAY), grown.delivers(TUESDAY));
    grown.grows(monday, monday, "2;Gamma;Ribe\n");
    let held = grown.carry_on(tuesday + 1);
    let why = held.reason.clone().unwrap();
    let named = [format!("the file of import {monday}"), format!("Import {tuesday} was imported in between")];
    assert!(held.state == State::Held && named.iter().all(|part| why.contains(part)), "{held:?}");
    assert_eq!(grown.name_of_1().as_deref(), Some("Beta"));
    let app = &grown.0.office.app;
    app.db.write(|c| imports::approve(c, held.id, "Anna", app.clock.now())).unwrap();
    let done = grown.carry_on(held.id);
    assert_eq!((done.state, done.counts.created, done.counts.updated), (State::Done, 1, 1));
}

#[test]
fn lines_added_to_an_earlier_export_of_every_record_are_superseded_by_a_newer_one() {
    let grown = Grown::new(Content::Full);
    let (monday, tuesday) = (grown.delivers(MONDAY), grown.delivers(TUESDAY));
    grown.grows(monday, monday, "2;Gamma;Ribe\n");
    let ended = grown.carry_on(tuesday + 1);
    let why = ended.reason.clone().unwrap();
    assert!(ended.state == State::Superseded && why.contains(&format!("by import {tuesday}")), "{ended:?}");
    assert_eq!((grown.name_of_1().as_deref(), ended.counts.read), (Some("Beta"), 0));
    // Nothing of it is lost: it lies in the refused folder, with a report that says the same.
    let app = &grown.0.office.app;
    put_away(app, ended.id, &Silent).unwrap();
    let refused = app.folder.path().join("refused");
    let kept = names(&refused);
    assert_eq!(kept.len(), 2, "{kept:?}");
    assert_eq!(fs::read_to_string(refused.join(&kept[0])).unwrap(), format!("{MONDAY}2;Gamma;Ribe\n"));
    assert!(fs::read_to_string(refused.join(&kept[1])).unwrap().contains(&why));
    put_away(app, tuesday, &Silent).unwrap();
    assert!(names(&grown.0.path("")).is_empty());
}
