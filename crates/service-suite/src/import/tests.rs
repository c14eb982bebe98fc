//! The steps of an import, on a data folder of its own and without other threads.

mod accepted;
mod again;
mod expire;
mod grown;
mod held;
mod left;
mod marker;
mod mounts;
mod now;
mod put_away;
mod share;
mod strangers;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use register::CUSTOMERS;
use register::imports::{self, Import, State, Step};
use register::settings::{self, Settings, StoredFormat};

use super::take::new_entry;
use super::{ByHand, Identity, Silent, Taking, carry_on, import_now, take_from_folder};
use crate::app::App;
use crate::exchange::place::{self, Look, OpenFile, Place, Sighting};

/// A program that knows how to read customers.
pub(super) struct Office {
    pub(super) app: App,
    pub(super) folder: tempfile::TempDir,
}

impl Office {
    pub(super) fn new() -> Office {
        let folder = tempfile::tempdir().unwrap();
        let office = Office { app: App::on(&folder.path().join("data")), folder };
        office.settings("");
        office
    }

    /// A path outside the data folder.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Settings with these lines for the ERP-system.
    pub(super) fn settings(&self, erp_system: &str) {
        self.save(erp_system, &format_of("ERP customers", "Kundenr"));
    }

    /// Only this format, with this column as the number.
    pub(super) fn format(&self, name: &str, number: &str) {
        self.save("", &format_of(name, number));
    }

    /// No format at all.
    pub(super) fn no_format(&self) {
        self.save("", "");
    }

    fn save(&self, erp_system: &str, formats: &str) {
        let settings: Settings = toml::from_str(&format!("[erp-system]\n{erp_system}\n{formats}")).unwrap();
        crate::change_settings::save(&self.app, &settings, "test").unwrap();
    }

    /// How many private copies there are.
    pub(super) fn copies(&self) -> usize {
        names(&self.app.folder.spool()).len()
    }

    /// How many imports there are.
    pub(super) fn entries(&self) -> u64 {
        self.app.db.read(imports::count_by_state).unwrap().iter().map(|(_, count)| count).sum()
    }

    /// Imports these bytes by hand.
    pub(super) fn import(&self, bytes: &str) -> Import {
        let path = self.path("customers.txt");
        fs::write(&path, bytes).unwrap();
        let format = self.app.db.read(|c| settings::default_format(c, "customers")).unwrap().unwrap();
        let given = ByHand {
            register: &CUSTOMERS,
            format: &format,
            changes_only: false,
            path: &path,
            file: "customers.txt",
            by: "Anna",
        };
        import_now(&self.app, &given, &Silent).unwrap()
    }

    pub(super) fn entry(&self, id: i64) -> Import {
        self.app.db.read(|c| imports::find(c, id)).unwrap().unwrap()
    }
}

/// An exchange folder, and a program that takes files from it.
pub(super) struct Exchange {
    pub(super) office: Office,
    /// The folder's path.
    pub(super) address: String,
}

impl Exchange {
    /// With these lines for the ERP-system.
    pub(super) fn new(erp_system: &str) -> Exchange {
        let office = Office::new();
        office.settings(erp_system);
        let folder = office.app.settings().unwrap().exchange;
        fs::create_dir(&folder).unwrap();
        Exchange { office, address: folder.display().to_string() }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        PathBuf::from(&self.address).join(name)
    }

    pub(super) fn place(&self) -> Arc<dyn Place> {
        place::place(&self.address).unwrap()
    }

    pub(super) fn look(&self, name: &str) -> (Sighting, OpenFile) {
        match self.place().look(name) {
            Look::Seen(sighting, file) => (sighting, file),
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn identity(&self, name: &str) -> Identity {
        Identity::of(&self.address, name, &self.look(name).0)
    }

    /// The entry of `customers.txt` as it stands before it is claimed.
    pub(super) fn begin(&self, marker: Option<Identity>) -> i64 {
        let app = &self.office.app;
        let within = self.place().identity().unwrap();
        let identity = self.identity("customers.txt").within(within).with_marker(marker);
        let seen = self.look("customers.txt").0;
        let new = imports::NewImport {
            automation: Some(CUSTOMERS.automation.to_owned()),
            identity: Some(identity.noted(app.folder.path())),
            ..new_entry(app, &CUSTOMERS, "customers.txt", "automation", &self.format(), &seen)
        };
        app.db.write(|c| imports::begin(c, &new)).unwrap()
    }

    pub(super) fn format(&self) -> StoredFormat {
        self.office.app.db.read(|c| settings::default_format(c, "customers")).unwrap().unwrap()
    }

    /// Takes `customers.txt` as it lies there; gives the import's number.
    pub(super) fn take(&self, marker: Option<Identity>, leave: bool) -> i64 {
        let (format, place, settled) = (self.format(), self.place(), self.look("customers.txt").0);
        let taking = Taking {
            register: &CUSTOMERS,
            format: &format,
            place: place.as_ref(),
            folder: &self.address,
            name: "customers.txt",
            settled: &settled,
            proof: &[],
            marker,
            leave,
        };
        take_from_folder(&self.office.app, &taking).unwrap().unwrap()
    }
}

fn format_of(name: &str, number: &str) -> String {
    format!(
        "[[formats]]\nname = \"{name}\"\nregister = \"customers\"\ndefault = true\nfilename = \"customers.txt\"\n\
         encoding = \"utf-8\"\ndelimiter = \";\"\ncolumns = [{{ from = \"{number}\", field = \"number\" }}, \
         {{ from = \"Navn\", field = \"name\" }}]\n"
    )
}

fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_file_that_was_moved_before_a_crash_is_found_though_the_archive_folder_is_another_by_then() {
    for (now, refused) in [("archive-folder", false), ("refused-folder", true)] {
        let office = Office::new();
        let bytes = if refused { "no such columns\n1\n" } else { "Kundenr;Navn;By\n1;Alfa;Ribe\n" };
        let done = office.import(bytes);
        assert_eq!(done.state, if refused { State::Refused } else { State::Done });
        let kept = done.kept_path.clone().unwrap();
        // As it stands when the program ends between the move and the ledger.
        office
            .app
            .db
            .write(|c| {
                imports::set_kept_path(c, done.id, None)?;
                imports::set_step(c, done.id, Step::Committed)
            })
            .unwrap();
        for setting in [
            format!("{now} = \"{}\"", office.path("elsewhere").display()),
            "after-import = \"delete\"".to_owned(),
        ] {
            office.settings(&setting);
            super::put_away(&office.app, done.id, &Silent).unwrap();
            assert_eq!(office.entry(done.id).kept_path.as_deref(), Some(kept.as_str()));
            office.app.db.write(|c| imports::set_step(c, done.id, Step::Committed)).unwrap();
        }
        assert_eq!(names(&office.path("elsewhere")), Vec::<String>::new());
    }
}

#[test]
fn a_file_that_could_not_be_put_away_goes_to_the_folder_that_is_set_by_then() {
    let office = Office::new();
    let blocked = office.path("blocked");
    fs::write(&blocked, "not a folder").unwrap();
    office.settings(&format!("archive-folder = \"{}\"", blocked.display()));
    let done = office.import("Kundenr;Navn;By\n1;Alfa;Ribe\n");
    assert_eq!((done.state, done.step), (State::Done, Step::Committed));
    office.settings(&format!("archive-folder = \"{}\"", office.path("other").display()));
    super::put_away(&office.app, done.id, &Silent).unwrap();
    let kept = office.entry(done.id).kept_path.unwrap();
    assert_eq!(kept, office.path("other").join(&names(&office.path("other"))[0]).display().to_string());
}

#[test]
fn a_file_that_took_the_name_just_before_the_rename_is_ours_though_the_program_ended_then() {
    let exchange = Exchange::new("settle = \"50ms\"");
    fs::write(exchange.path("customers.txt"), "Kundenr;Navn;By\n1;Alfa;Ribe\n").unwrap();
    let id = exchange.begin(None);
    let newer = "Kundenr;Navn;By\n1;Alfa;Ribe\n2;Beta;Vejle\n";
    fs::write(exchange.path("customers.txt.tmp"), newer).unwrap();
    for (from, to) in [("customers.txt.tmp", "customers.txt"), ("customers.txt", ".customers.txt.1")] {
        rustix::fs::rename(exchange.path(from), exchange.path(to)).unwrap();
    }
    assert_eq!(carry_on(&exchange.office.app, id, &Silent).unwrap().unwrap().counts.created, 2);
}

#[test]
fn what_another_installation_left_under_the_claimed_name_is_not_ours_though_the_settled_file_is_gone() {
    let exchange = Exchange::new("settle = \"50ms\"");
    let (ours, theirs) = ("customers.txt", ".customers.txt.1");
    fs::write(exchange.path(theirs), "Kundenr;Navn;By\n9;Gamma;Ribe\n").unwrap();
    // File systems count time in ticks of some milliseconds.
    fs::write(exchange.path(ours), "Kundenr;Navn;By\n1;Alfa;Ribe\n").unwrap();
    while exchange.look(ours).0.changed <= exchange.look(theirs).0.changed {
        fs::write(exchange.path(ours), "Kundenr;Navn;By\n1;Alfa;Ribe\n").unwrap();
    }
    let id = exchange.begin(None);
    fs::remove_file(exchange.path(ours)).unwrap();
    assert!(carry_on(&exchange.office.app, id, &Silent).unwrap().is_none(), "forgotten");
    assert!(exchange.path(theirs).exists());
}
