//! Files that stay in the exchange folder, and what makes them new deliveries.

use std::fs::{self, OpenOptions, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use register::CUSTOMERS;
use register::imports::State;
use register::settings;

use super::Office;
use crate::exchange::place::{self, Look, OpenFile, Place, Sighting};
use crate::import::{
    Identity, Silent, Taking, carry_on, is_left, is_left_by_content, put_away, take_from_folder,
};

const AUTOMATION: &str = "customers-from-erp";
const MONDAY: &str = "Kundenr;Navn;By\n1;Alfa;Ribe\n";
const OTHER: &str = "Kundenr;Navn;By\n1;Beta;Ribe\n";

struct Left {
    office: Office,
    address: String,
}

impl Left {
    fn new() -> Left {
        let office = Office::new();
        office.settings("after-import = \"leave\"");
        let folder = office.app.settings().unwrap().exchange;
        fs::create_dir(&folder).unwrap();
        Left { office, address: folder.display().to_string() }
    }

    fn path(&self) -> PathBuf {
        PathBuf::from(&self.address).join("customers.txt")
    }

    /// Writes the file as dated.
    fn write(&self, text: &str, modified: SystemTime) {
        fs::write(self.path(), text).unwrap();
        OpenOptions::new().append(true).open(self.path()).unwrap().set_modified(modified).unwrap();
    }

    fn place(&self) -> std::sync::Arc<dyn Place> {
        place::place(&self.address).unwrap()
    }

    fn look(&self) -> (Sighting, OpenFile) {
        match self.place().look("customers.txt") {
            Look::Seen(sighting, file) => (sighting, file),
            other => panic!("{other:?}"),
        }
    }

    /// Takes the file as it lies there, and imports it.
    fn import(&self) {
        let app = &self.office.app;
        let format = app.db.read(|c| settings::default_format(c, "customers")).unwrap().unwrap();
        let place = self.place();
        let taking = Taking {
            register: &CUSTOMERS,
            format: &format,
            place: place.as_ref(),
            folder: &self.address,
            name: "customers.txt",
            settled: &self.look().0,
            proof: &[],
            marker: None,
            leave: true,
        };
        let id = take_from_folder(app, &taking).unwrap().unwrap();
        assert_eq!(carry_on(app, id, &Silent).unwrap().unwrap().state, State::Done);
        put_away(app, id, &Silent).unwrap();
    }

    /// Whether the file is known at once, and whether it is by its content.
    fn known(&self) -> (bool, bool) {
        let (sighting, file) = self.look();
        let identity = Identity::of(&self.address, "customers.txt", &sighting);
        let at_once = is_left(&self.office.app, AUTOMATION, &identity).unwrap();
        (at_once, is_left_by_content(&self.office.app, AUTOMATION, &identity, &file).unwrap())
    }
}

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_700_000_000 + seconds)
}

#[test]
fn what_only_numbers_the_file_anew_makes_no_new_delivery() {
    let left = Left::new();
    left.write(MONDAY, at(0));
    assert_eq!(left.known(), (false, false));
    left.import();
    assert!(left.known().0);
    fs::set_permissions(left.path(), Permissions::from_mode(0o640)).unwrap();
    assert_eq!(left.known(), (false, true), "the change time has moved");
    assert!(left.known().0, "and is remembered");
    fs::remove_file(left.path()).unwrap();
    left.write(MONDAY, at(0));
    assert_eq!(
        left.known(),
        (false, true),
        "another file of the same content and time, as after a new mount"
    );
    assert!(left.known().0);
}

#[test]
fn other_content_and_another_time_make_new_deliveries() {
    let left = Left::new();
    left.write(MONDAY, at(0));
    left.import();
    left.write(MONDAY, at(1));
    assert_eq!(left.known(), (false, false), "written once more");
    left.write(OTHER, at(0));
    assert_eq!(left.known(), (false, false), "of the same size and time");
    left.import();
    // Monday's file comes back as it was, after another one was imported: its values are to be current again.
    left.write(MONDAY, at(0));
    assert_eq!(left.known(), (false, false));
}
