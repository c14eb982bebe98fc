//! The kept bytes of an import once more.

use std::fs;

use register::imports::{self, Import, State};
use register::{CUSTOMERS, records};

use super::{Office, format_of};
use crate::import::{NotAgain, Silent, again, again_now, carry_on, outlook_of_again, put_away};

const MONDAY: &str = "Kundenr;Navn;By\n1;Alfa;Ribe\n2;Beta;Ribe\n";
const TUESDAY: &str = "Kundenr;Navn;By\n1;Alfa A/S;Ribe\n";

fn name(office: &Office, number: &str) -> String {
    let found = office.app.db.read(|c| records::find(c, &CUSTOMERS, number)).unwrap().unwrap();
    let field = CUSTOMERS.fields.iter().position(|field| field.name == "name").unwrap();
    found.values[field].clone().unwrap()
}

fn because(office: &Office, import: &Import) -> String {
    match again_now(&office.app, import.id, &Silent) {
        Err(NotAgain::Because(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_older_file_becomes_current_again_under_an_entry_of_its_own() {
    let office = Office::new();
    let (monday, _) = (office.import(MONDAY), office.import(TUESDAY));
    assert_eq!(name(&office, "1"), "Alfa A/S");
    let again = again_now(&office.app, monday.id, &Silent).unwrap();
    assert_eq!((again.state, again.counts.updated, again.counts.unchanged), (State::Done, 1, 1));
    assert_eq!((again.again_of, again.same_as), (Some(monday.id), None));
    assert_eq!(again.begun_by(), format!("import {} again, by command line", monday.id));
    assert_eq!((again.sha256, again.modified_at), (monday.sha256.clone(), monday.modified_at));
    assert_eq!(again.proof[0].check, "kept bytes");
    assert_eq!(name(&office, "1"), "Alfa");
    assert_ne!(again.kept_path, monday.kept_path, "each has its own file in the archive");
    let once_more = again_now(&office.app, again.id, &Silent).unwrap();
    assert_eq!((once_more.counts.unchanged, once_more.same_as), (2, None), "compared in full");
}

#[test]
fn a_refused_file_is_imported_once_its_format_is_mended() {
    let office = Office::new();
    let refused = office.import("Nr;Navn\n1;Alfa\n");
    assert_eq!(refused.state, State::Refused);
    let same = again_now(&office.app, refused.id, &Silent).unwrap();
    assert_eq!(same.state, State::Refused);
    office.format("ERP customers", "Nr");
    let outlook = office.app.db.read(|c| outlook_of_again(c, &refused)).unwrap();
    assert_eq!(outlook.last, Some(same.id));
    let said = outlook.format.unwrap();
    assert!(said.contains("as it is now (version 2)") && said.contains("in version 1"), "{said}");
    let done = again_now(&office.app, refused.id, &Silent).unwrap();
    assert_eq!((done.state, done.counts.created), (State::Done, 1));

    office.format("Other customers", "Nr");
    let said = office.app.db.read(|c| outlook_of_again(c, &refused)).unwrap().format.unwrap();
    assert!(said.contains("\"ERP customers\" is gone") && said.contains("\"Other customers\""), "{said}");
    assert_eq!(again_now(&office.app, refused.id, &Silent).unwrap().format, "Other customers");
    office.no_format();
    assert!(because(&office, &refused).contains("no default format for customers"));
}

#[test]
fn twice_at_once_is_once() {
    let office = Office::new();
    let monday = office.import(MONDAY);
    let both = std::thread::scope(|scope| {
        let ask = || again(&office.app, monday.id, None, "Anna", &Silent);
        let (one, other) = (scope.spawn(ask), scope.spawn(ask));
        [one.join().unwrap(), other.join().unwrap()]
    });
    let id = both.iter().find_map(|asked| asked.as_ref().ok().copied()).unwrap();
    let slower = both.into_iter().find_map(Result::err).unwrap();
    assert!(matches!(slower, NotAgain::Meanwhile { as_import, .. } if as_import == id), "{slower:?}");
    let command = again_now(&office.app, monday.id, &Silent).unwrap_err();
    assert!(matches!(command, NotAgain::Meanwhile { as_import, .. } if as_import == id), "{command:?}");
    assert!(because(&office, &office.entry(id)).contains("still under way"));
    carry_on(&office.app, id, &Silent).unwrap();
    assert!(because(&office, &office.entry(id)).contains("still to be put away"));
    put_away(&office.app, id, &Silent).unwrap();
    assert_eq!(office.entry(id).begun_by(), format!("import {} again, by Anna", monday.id));
    // Whoever has seen that one may ask for another.
    again(&office.app, monday.id, Some(id), "Otto", &Silent).unwrap();
    assert_eq!(office.copies(), 1, "the slower ones left no copy behind");
}

#[test]
fn what_is_not_kept_or_not_the_same_is_not_imported() {
    let office = Office::new();
    let monday = office.import(MONDAY);
    let kept = office.app.folder.path().join(monday.kept_path.as_deref().unwrap());
    fs::write(&kept, TUESDAY).unwrap();
    assert!(because(&office, &monday).contains("SHA-256"));
    fs::remove_file(&kept).unwrap();
    let away = again_now(&office.app, monday.id, &Silent).unwrap_err().to_string();
    assert!(away.contains(&kept.display().to_string()) && away.contains("cannot be read"), "{away}");
    office.app.db.write(|c| imports::set_kept_path(c, monday.id, None)).unwrap();
    assert!(because(&office, &office.entry(monday.id)).contains("its time in the archive was over"));
    office.settings("after-import = \"delete\"");
    let tuesday = office.import(TUESDAY);
    assert!(because(&office, &tuesday).contains("deleted after the import"));
    assert!(matches!(again_now(&office.app, 99, &Silent), Err(NotAgain::Unknown(99))));
    assert_eq!((office.copies(), office.entries()), (0, 2), "nothing was begun");
}

#[test]
fn who_makes_an_old_export_of_every_record_again_is_told_whom_it_makes_inactive() {
    let office = Office::new();
    let full = "content = \"full\"\nmissing = \"deactivate\"\n";
    office.save("", &(format_of("ERP customers", "Kundenr") + full));
    let monday = office.import(TUESDAY);
    office.import(MONDAY);
    let said = office.app.db.read(|c| outlook_of_again(c, &monday)).unwrap().format.unwrap();
    assert!(
        said.contains("customers that are not in it become inactive, also those that came later"),
        "{said}"
    );
    assert_eq!(again_now(&office.app, monday.id, &Silent).unwrap().counts.missing, 1);
}
