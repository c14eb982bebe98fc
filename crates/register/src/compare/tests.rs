//! Files against a register: the stories that deserve a name.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use erpfile::{Blank, Column, ColumnFrom, DecimalSeparator, Format, Limits, Repeated};
use jiff::Timestamp;

use super::*;
use crate::counts::Counts;
use crate::db::{Conn, DbError, DbResult};
use crate::frames::tests::Temporary;
use crate::records::{Query, Record};
use crate::{CUSTOMERS, Register, commit, edit, field, history, imports, own_fields, undo};

mod checks;
mod contacts;
mod first;
mod model;
mod rules;
mod seen;
mod stops;

/// Columns of the test files and their fields.
const COLUMNS: [(&str, &str); 4] =
    [("Kundenr", "number"), ("Navn", "name"), ("Kreditmax", "credit_limit"), ("Spærret", "blocked")];

pub(crate) fn format() -> Format {
    Format {
        name: "ERP customers".into(),
        register: "customers".into(),
        decimal_separator: DecimalSeparator::Comma,
        columns: COLUMNS
            .iter()
            .map(|(from, field)| Column::new(ColumnFrom::Name((*from).into()), *field))
            .collect(),
        ..Format::default()
    }
}

pub(crate) fn go(_: Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// A register in a database of its own.
pub(crate) struct World {
    pub(crate) db: Database,
    _folder: tempfile::TempDir,
    scratch: Temporary,
    pub(crate) imports: i64,
    means: Means,
}

impl World {
    pub(crate) fn new(means: Means) -> World {
        let folder = tempfile::tempdir().unwrap();
        let db = crate::open(&folder.path().join("service-suite.db")).unwrap();
        World { db, _folder: folder, scratch: Temporary::default(), imports: 0, means }
    }

    fn job<'a>(&'a self, format: &'a Format, file: &'a Vec<u8>) -> Job<'a> {
        let register = self.db.read(|c| own_fields::in_effect(c, &CUSTOMERS)).unwrap();
        Job { register, format, limits: Limits::default(), spool: file, scratch: &self.scratch }
    }

    pub(crate) fn compare(&self, format: &Format, file: &Vec<u8>) -> Result<ChangeSet, Stop> {
        compare_by(&self.db, &self.job(format, file), self.means, &mut go)
    }

    fn commit(&mut self, format: &Format, file: &Vec<u8>, set: &mut ChangeSet) -> Result<Counts, Stop> {
        let (id, at) = self.begin();
        let mut finish = |c: &Conn, counts: &Counts| {
            let full = format.content == Content::Full;
            imports::finish_done(c, id, &imports::Finish { counts: *counts, full, ..Default::default() }, at)
        };
        commit::commit(&self.db, &self.job(format, file), set, id, at, &mut finish, &mut go)
    }

    /// The same as the register was in an earlier moment.
    pub(crate) fn commit_as(
        &mut self,
        register: &'static Register,
        format: &Format,
        file: &Vec<u8>,
        set: &mut ChangeSet,
    ) -> Result<Counts, Stop> {
        let (id, at) = self.begin();
        let job = Job { register, ..self.job(format, file) };
        let mut finish = |c: &Conn, _: &Counts| imports::finish_done(c, id, &imports::Finish::default(), at);
        commit::commit(&self.db, &job, set, id, at, &mut finish, &mut go)
    }

    /// The same, with something written between the beginning of the ledger's entry and the commit.
    pub(crate) fn commit_after(
        &mut self,
        format: &Format,
        file: &Vec<u8>,
        set: &mut ChangeSet,
        before: impl FnOnce(&Conn) -> DbResult<()>,
    ) {
        let (id, at) = self.begin();
        self.db.write(before).unwrap();
        let mut finish = |c: &Conn, _: &Counts| imports::finish_done(c, id, &imports::Finish::default(), at);
        commit::commit(&self.db, &self.job(format, file), set, id, at, &mut finish, &mut go).unwrap();
    }

    /// An entry of the ledger: its number, and when it happens.
    fn begin(&mut self) -> (i64, Timestamp) {
        self.imports += 1;
        let id = self.imports;
        let new_import =
            "INSERT INTO imports (id, company_id, register, file, started_by, state, step, format,
             format_version, format_mark, started_at)
             VALUES (?1, 1, 'customers', 'customers.txt', 'test', 'importing', 'claimed', '', 1, '', ?2)";
        let at: Timestamp = Timestamp::from_second(1_800_000_000 + id).unwrap();
        let start = crate::time::to_text(at);
        self.db.write(|c| c.execute(new_import, &[id.into(), start.as_str().into()])).unwrap();
        (id, at)
    }

    pub(crate) fn import(&mut self, format: &Format, file: &str) -> Counts {
        self.import_bytes(format, file.as_bytes())
    }

    pub(crate) fn import_bytes(&mut self, format: &Format, file: &[u8]) -> Counts {
        let file = file.to_vec();
        let mut set = self.compare(format, &file).unwrap();
        let counts = self.commit(format, &file, &mut set).unwrap();
        assert_eq!(counts, set.counts);
        counts
    }

    /// The lines, codes and columns of the last import's problems.
    pub(crate) fn problems(&self) -> Vec<(u64, String)> {
        let sql = "SELECT line, code FROM problems WHERE import_id = ?1 ORDER BY seq";
        let map = |row: &crate::db::Row<'_>| Ok((row.count(0)?, row.text(1)?));
        self.db.read(|c| c.all(sql, &[self.imports.into()], map)).unwrap()
    }

    fn refused_rows(&self) -> Vec<(u64, Vec<u8>)> {
        let sql = "SELECT line, raw FROM refused_rows WHERE import_id = ?1 ORDER BY line";
        let map =
            |row: &crate::db::Row<'_>| Ok((row.count(0)?, row.blob_ref(1)?.unwrap_or_default().to_vec()));
        self.db.read(|c| c.all(sql, &[self.imports.into()], map)).unwrap()
    }

    pub(crate) fn content(&self) -> Customers {
        let mut content = Customers::new();
        self.db
            .read(|c| {
                records::each(c, &CUSTOMERS, &Query::default(), &mut |record| {
                    let value = |name: &str| record.value(&CUSTOMERS, name).map(str::to_owned);
                    let fields = [value("name"), value("credit_limit"), value("blocked")];
                    content.insert(value("number").unwrap(), fields);
                    ControlFlow::Continue(())
                })
            })
            .unwrap();
        assert_eq!(self.db.read(|c| records::count(c, &CUSTOMERS)).unwrap(), content.len() as u64);
        content
    }

    /// All changes of fields, the newest first, and how many creations come last.
    pub(crate) fn history(&self, number: &str) -> Vec<history::Change> {
        self.db
            .read(|c| {
                let record = records::find(c, &CUSTOMERS, number)?.unwrap();
                history::for_record(c, &CUSTOMERS, record.id, 1000)
            })
            .unwrap()
    }
}

pub(crate) type Customers = BTreeMap<String, [Option<String>; 3]>;

#[test]
fn hostile_values_are_stored_as_written() {
    let mut world = World::new(Means::default());
    let hostile =
        ["=cmd|' /C calc'!A0", "<script>alert(1)</script>", "'; DROP TABLE customers; --", "%s%n\\u0000"];
    let mut file = "Kundenr;Navn;Kreditmax;Spærret\n".to_owned();
    for (number, name) in hostile.iter().enumerate() {
        file.push_str(&format!("{number};\"{}\";;\n", name.replace('"', "\"\"")));
    }
    assert_eq!(world.import(&format(), &file).created, hostile.len() as u64);
    let content = world.content();
    for (number, name) in hostile.iter().enumerate() {
        assert_eq!(content[&number.to_string()][0].as_deref(), Some(*name));
    }
}

#[test]
fn rows_that_contradict_each_other_name_each_others_lines_and_a_preview_says_what_would_happen() {
    let mut world = World::new(Means::default());
    world.import(&format(), "Kundenr;Navn;Kreditmax;Spærret\n10;Old;1,5;N\n30;Same;;\n");
    let file = b"Kundenr;Navn;Kreditmax;Sp\xc3\xa6rret\n10;New;1,50;J\n20;A;;\n20;B;;\n20;C;;x?\n30;Same;;\n40;D;7;\n40;D;7;\n"
        .to_vec();
    let format = format();
    let set = world.compare(&format, &file).unwrap();
    let expected = Counts { read: 7, created: 1, updated: 1, unchanged: 2, refused: 3, missing: 0 };
    assert_eq!(set.counts, expected);
    let mut told = Vec::new();
    set.problems(&world.job(&format, &file), &mut |problem, raw| {
        told.push((problem.line.unwrap(), problem.code.to_string(), problem.message.clone(), raw.to_vec()));
    })
    .unwrap();
    let codes: Vec<_> = told.iter().map(|(line, code, ..)| (*line, code.as_str())).collect();
    let duplicate = field::code::DUPLICATE_KEY;
    assert_eq!(codes, [(3, duplicate), (4, duplicate), (5, field::code::NOT_YES_OR_NO), (5, duplicate)]);
    assert_eq!(told[0].2, "Kundenr: \"20\" stands also on lines 4 and 5, with other content.");
    assert_eq!(told[1].3, b"20;B;;");
    let preview = set.preview(&world.job(&format, &file), 10).unwrap();
    let owned = |text: &str| Some(text.to_owned());
    assert_eq!(preview.len(), 2);
    assert_eq!(
        (preview[0].line, preview[0].number.as_str(), preview[0].kind),
        (Some(2), "10", PreviewKind::Updated)
    );
    assert_eq!(
        preview[0].changes,
        [("name".into(), owned("Old"), owned("New")), ("blocked".into(), owned("0"), owned("1"))]
    );
    assert_eq!(
        (preview[1].line, preview[1].number.as_str(), preview[1].kind),
        (Some(7), "40", PreviewKind::Created)
    );
    assert_eq!(preview[1].changes[1], ("name".into(), None, owned("D")));
    assert_eq!(world.content().len(), 2, "looking changes nothing");
}

#[test]
fn a_row_that_is_put_right_by_its_columns_is_taken_and_told() {
    let mut world = World::new(Means::default());
    let columns = [("Nr", "number"), ("Mail", "email"), ("By", "name"), ("Tlf", "phone")];
    let columns = columns.map(|(from, field)| Column::new(ColumnFrom::Name(from.into()), field));
    let format = Format { columns: columns.into(), ..format() };
    let file = "Nr;Mail;By;Tlf\n10;a@b.example;Aarhus; C;86123456\n20;c@d.example;Ribe;75421234\n";
    let counts = world.import(&format, file);
    assert_eq!(counts, Counts { read: 2, created: 2, ..Counts::default() });
    assert_eq!(world.problems(), [(2, erpfile::code::REALIGNED.to_owned())]);
    assert_eq!(world.import(&format, file).unchanged, 2);
    assert_eq!(world.content()["10"][0].as_deref(), Some("Aarhus; C"));
}

#[test]
fn what_is_left_out_is_told_and_is_no_row() {
    let mut world = World::new(Means::default());
    let file = "Kundenr;Navn;Kreditmax;Spærret\n10;A;x;\n20;B;1;\n\nLevnr;Navn;Kreditmax;Spærret\n90;C;1;\n";
    let counts = world.import(&format(), file);
    assert_eq!(counts, Counts { read: 2, created: 1, refused: 1, ..Counts::default() });
    assert_eq!(
        world.problems(),
        [(2, field::code::NOT_A_NUMBER.to_owned()), (5, erpfile::code::LEFT_OUT.to_owned())]
    );
    assert_eq!(world.content().keys().collect::<Vec<_>>(), ["20"]);
}

#[test]
fn a_million_times_the_same_key_is_told_without_holding_the_rows() {
    let mut world = World::new(Means { entries_memory: 64 << 10, ..Means::default() });
    let mut file = "Kundenr;Navn;Kreditmax;Spærret\n".to_owned();
    for number in 0..3000 {
        file.push_str(&format!("1;Navn {number};;\n"));
    }
    let counts = world.import(&format(), &file);
    assert_eq!((counts.read, counts.refused), (3000, 3000));
    let bytes = file.into_bytes();
    let set = world.compare(&format(), &bytes).unwrap();
    let mut first = None;
    set.problems(&world.job(&format(), &bytes), &mut |problem, _| {
        first.get_or_insert_with(|| problem.message.clone());
    })
    .unwrap();
    let message = first.unwrap();
    assert!(message.contains("lines 3, 4, 5, 6, 7 and 2994 more"), "{message}");
}

#[test]
fn x_then_y_then_x_again_is_applied_each_time() {
    let mut world = World::new(Means::default());
    let x = "Kundenr;Navn;Kreditmax;Spærret\n1;A;;\n";
    let y = "Kundenr;Navn;Kreditmax;Spærret\n1;B;;\n";
    world.import(&format(), x);
    for (file, name) in [(y, "B"), (x, "A"), (y, "B")] {
        assert_eq!(world.import(&format(), file).updated, 1);
        assert_eq!(world.content()["1"][0].as_deref(), Some(name));
    }
    assert_eq!(world.import(&format(), y).unchanged, 1);
}

#[test]
fn the_same_bytes_under_another_header_are_read_anew() {
    let mut world = World::new(Means::default());
    world.import(&format(), "Kundenr;Navn;Kreditmax;Spærret\n1;2;3;0\n");
    let counts = world.import(&format(), "Kundenr;Kreditmax;Navn;Spærret\n1;2;3;0\n");
    assert_eq!(counts.updated, 1);
    assert_eq!(world.content()["1"][0].as_deref(), Some("3"));
}

#[test]
fn rows_are_found_again_in_every_encoding_and_with_every_line_end() {
    let text = "Kundenr;Navn;Kreditmax;Spærret\n10;\"Bager \"\"Ølund\"\"\nHjørnet; kl. 8\";1.234,50;J\n\n9;Ærø & Søn;;\n8;x;y;\n";
    let mut seen = Vec::new();
    for encoding in ["utf-8", "utf-16le", "utf-16be", "windows-1252", "iso-8859-1", "cp850", "cp865"] {
        for line_end in ["\n", "\r\n", "\r"] {
            let format = Format { encoding: encoding.parse().unwrap(), ..format() };
            let file = format.encoding.encode(&text.replace('\n', line_end)).unwrap();
            let mut world = World::new(Means::default());
            let mut set = world.compare(&format, &file).unwrap();
            let counts = world.commit(&format, &file, &mut set).unwrap();
            assert_eq!((counts.read, counts.created, counts.refused), (3, 2, 1), "{encoding} {line_end:?}");
            let name = world.content()["10"][0].clone().unwrap().replace(line_end, "\n");
            assert_eq!(name, "Bager \"Ølund\"\nHjørnet; kl. 8");
            assert_eq!(world.content()["9"][0].as_deref(), Some("Ærø & Søn"));
            assert_eq!(world.problems(), [(6, field::code::NOT_A_NUMBER.to_owned())]);
            assert_eq!(world.refused_rows()[0].1, format.encoding.encode("8;x;y;").unwrap());
            // Another record between makes the rows be read again from their places.
            let again =
                [file.clone(), format.encoding.encode(&format!("7;Ny;;{line_end}")).unwrap()].concat();
            let mut set = world.compare(&format, &again).unwrap();
            assert_eq!((set.counts.unchanged, set.counts.created), (2, 1));
            world.commit(&format, &again, &mut set).unwrap();
            assert_eq!(world.content()["7"][0].as_deref(), Some("Ny"));
            seen.push(world.content().len());
        }
    }
    assert_eq!(seen, [3; 21]);
}

#[test]
fn a_damaged_file_and_a_format_for_another_register_are_refused_whole() {
    let world = World::new(Means::default());
    let refused = |format: &Format, file: &str| match world.compare(format, &file.as_bytes().to_vec()) {
        Err(Stop::Damage(problem)) => problem.code.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(&format(), "Kundenr;Navn\n1;A\n"), erpfile::code::COLUMN_MISSING);
    let other = Format { columns: format().columns.split_off(1), ..format() };
    assert_eq!(refused(&other, "Kundenr;Navn;Kreditmax;Spærret\n1;A;;\n"), erpfile::code::FORMAT);
}

#[test]
fn a_header_without_rows_is_an_import_of_nothing_and_missing_records_count_only_in_a_full_export() {
    let mut world = World::new(Means::default());
    world.import(&format(), "Kundenr;Navn;Kreditmax;Spærret\n1;A;;\n2;B;;\n3;C;;\n");
    assert_eq!(world.import(&format(), "Kundenr;Navn;Kreditmax;Spærret\n"), Counts::default());
    let full = Format { content: Content::Full, ..format() };
    let counts = world.import(&full, "Kundenr;Navn;Kreditmax;Spærret\n2;B;;\n4;D;;\n");
    assert_eq!((counts.created, counts.missing), (1, 2));
}

#[test]
fn a_customer_missing_from_a_full_export_is_deactivated_and_active_again_when_it_comes_back() {
    let inactive = |world: &World| -> Vec<String> {
        let mut found = Vec::new();
        let mut each = |record: &Record| {
            if record.value(&CUSTOMERS, "inactive") == Some("1") {
                found.push(record.value(&CUSTOMERS, "number").unwrap().to_owned());
            }
            ControlFlow::Continue(())
        };
        world.db.read(|c| records::each(c, &CUSTOMERS, &Query::default(), &mut each)).unwrap();
        found
    };
    let full = Format { content: Content::Full, missing: Missing::Deactivate, ..format() };
    let all = "Kundenr;Navn;Kreditmax;Spærret\n1;A;;\n2;B;;\n3;C;;\n";
    let less = "Kundenr;Navn;Kreditmax;Spærret\n2;B;;\n";
    for means in [Means::default(), Means { look_up: 1, ..Means::default() }] {
        let mut world = World::new(means);
        world.import(&full, all);
        let counts = world.import(&full, less);
        assert_eq!((counts.unchanged, counts.updated, counts.missing), (1, 0, 2));
        assert_eq!(inactive(&world), ["1", "3"]);
        let told = &world.history("3")[0];
        assert_eq!((told.import, told.line, told.field.as_deref()), (Some(2), None, Some("inactive")));
        assert_eq!(world.import(&full, less).missing, 0, "they are inactive already");
        // A person deactivates one for good: no file takes that back. The other comes back by itself.
        let set = |number: &str, value: &str| {
            let values = [("inactive", Some(value))];
            world
                .db
                .write(|c| {
                    let version = records::find(c, &CUSTOMERS, number)?.unwrap().version;
                    edit::edit(c, &CUSTOMERS, number, version, &values, "Anna", Timestamp::UNIX_EPOCH)
                })
                .unwrap();
        };
        set("3", "0");
        set("3", "1");
        let counts = world.import(&full, all);
        assert_eq!((counts.unchanged, counts.updated, counts.missing), (2, 1, 0));
        assert_eq!(inactive(&world), ["3"]);
        // A row that cannot be read may be of any customer: nobody is missing for certain.
        let broken = "Kundenr;Navn;Kreditmax;Spærret\n2;B;;;x;y\n3;C;;\n";
        let counts = world.import(&full, broken);
        assert_eq!((counts.refused, counts.unchanged, counts.missing), (1, 1, 2));
        assert_eq!(inactive(&world), ["3"]);
        // The undo takes the deactivations back, too.
        undo::undo(&world.db, 2, "Anna", Timestamp::UNIX_EPOCH, &mut go).unwrap();
    }
}

#[test]
fn only_what_a_file_did_not_mention_is_active_again_and_what_people_say_stays() {
    const HEADER: &str = "Kundenr;Navn;Kreditmax;Spærret\n";
    let full = Format { content: Content::Full, missing: Missing::Deactivate, ..format() };
    let mut says = format();
    says.columns[3].field = "inactive".into();
    let is_inactive = |world: &World, number: &str| {
        let record = world.db.read(|c| records::find(c, &CUSTOMERS, number)).unwrap().unwrap();
        record.value(&CUSTOMERS, "inactive") == Some("1")
    };
    let activate = |world: &World, number: &str| {
        let edited = world.db.write(|c| {
            let version = records::find(c, &CUSTOMERS, number)?.unwrap().version;
            let values = [("inactive", Some("0"))];
            edit::edit(c, &CUSTOMERS, number, version, &values, "Anna", Timestamp::UNIX_EPOCH)
        });
        edited.unwrap();
    };
    for means in [Means::default(), Means { look_up: 1, ..Means::default() }] {
        let mut world = World::new(means);
        // The ERP system itself made one inactive: that a later file mentions it says nothing else.
        world.import(&says, &format!("{HEADER}1;A;;N\n2;B;;N\n"));
        world.import(&says, &format!("{HEADER}1;A;;J\n"));
        world.import(&full, &format!("{HEADER}1;A;;\n2;B;;\n"));
        assert!(is_inactive(&world, "1"));
        // One is left out, and back; the undo of its return is none of its own.
        world.import(&full, &format!("{HEADER}1;A;;\n"));
        assert!(is_inactive(&world, "2"));
        let back = format!("{HEADER}1;A;;\n2;B;;\n");
        world.import(&full, &back);
        undo::undo(&world.db, 5, "Anna", Timestamp::UNIX_EPOCH, &mut go).unwrap();
        assert!(is_inactive(&world, "2"));
        world.import(&full, &back);
        assert!(!is_inactive(&world, "2"));
        // A person makes active again what is missing, and makes a customer that the ERP system does not know.
        let without = format!("{HEADER}1;A;;\n");
        world.import(&full, &without);
        activate(&world, "2");
        let own = [("number", Some("own")), ("name", Some("Ours"))];
        world.db.write(|c| edit::create(c, &CUSTOMERS, &own, "Anna", Timestamp::UNIX_EPOCH)).unwrap();
        assert_eq!(world.import(&full, &without).missing, 0);
        assert!(!is_inactive(&world, "2") && !is_inactive(&world, "own"));
        // Once the ERP system knows them, what it leaves out counts again.
        world.import(&full, &format!("{HEADER}1;A;;\n2;B;;\nown;Ours;;\n"));
        assert_eq!(world.import(&full, &without).missing, 2);
        assert!(is_inactive(&world, "2") && is_inactive(&world, "own"));
    }
}

#[test]
fn what_an_import_changes_is_found_by_the_search_at_once() {
    let mut world = World::new(Means::default());
    world.import(&format(), "Kundenr;Navn;Kreditmax;Spærret\n1;Bager Ølund;;\n2;Murer Jensen;;\n");
    world.import(&format(), "Kundenr;Navn;Kreditmax;Spærret\n1;Café Åberg;;\n");
    let found = |text: &str| {
        let query = Query { text: text.to_owned(), limit: 10, ..Query::default() };
        let page = world.db.read(|c| records::list(c, &CUSTOMERS, &query)).unwrap();
        page.items.iter().map(|r| r.value(&CUSTOMERS, "number").unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found("cafe abe"), ["1"]);
    assert_eq!(found("olund"), Vec::<String>::new());
    assert_eq!(found("jens"), ["2"]);
    assert_eq!(found(""), ["1", "2"]);
}
