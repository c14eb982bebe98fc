//! What the checks of a format find in the rows of a file.

use erpfile::{FieldChecks, Level};

use super::*;

fn checking(change: impl FnOnce(&mut FieldChecks)) -> Format {
    let column = |(from, field): (&str, &str)| Column::new(ColumnFrom::Name(from.into()), field);
    let columns = [("Kundenr", "number"), ("CVR", "tax_number"), ("Mail", "email"), ("Land", "country")];
    let mut format = Format { columns: columns.map(column).into(), ..format() };
    change(&mut format.checks);
    format
}

const FILE: &str = "Kundenr;CVR;Mail;Land\n1;13585628;a@b.dk;DK\n2;13585629;a@b.dk;DK\n3;13585628;anna;DK\n";

fn told(world: &World) -> Vec<(u64, String)> {
    world.problems()
}

#[test]
fn a_warning_takes_the_row_and_is_counted_apart() {
    let mut world = World::new(Means::default());
    let format = checking(|checks| checks.email = Level::Warn);
    let set = world.compare(&format, &FILE.as_bytes().to_vec()).unwrap();
    assert_eq!(set.warnings, 2, "the same in a preview");
    let counts = world.import(&format, FILE);
    assert_eq!(counts, Counts { read: 3, created: 3, ..Counts::default() });
    assert_eq!(told(&world), [(3, "warning-tax-number".into()), (4, "warning-email".into())]);
    assert_eq!(world.refused_rows(), []);
    let import = world.db.read(|c| imports::find(c, world.imports)).unwrap().unwrap();
    assert_eq!((import.warnings, import.run_report().warnings), (2, 2));
    // What is there already, and says the same, is not told again.
    let counts = world.import(&format, FILE);
    assert_eq!((counts.unchanged, told(&world).len()), (3, 0));
}

#[test]
fn a_check_that_refuses_leaves_nothing_of_the_row() {
    let mut world = World::new(Means::default());
    let format = checking(|checks| checks.tax_number = Level::Refuse);
    let counts = world.import(&format, FILE);
    assert_eq!(counts, Counts { read: 3, created: 1, refused: 2, ..Counts::default() });
    assert_eq!(told(&world), [(3, "wrong-tax-number".into()), (4, "not-an-email".into())]);
    assert_eq!(world.refused_rows().len(), 2);
}

#[test]
fn a_check_that_is_off_finds_nothing() {
    let mut world = World::new(Means::default());
    let format = checking(|checks| (checks.tax_number, checks.email) = (Level::Off, Level::Off));
    assert_eq!(world.import(&format, FILE), Counts { read: 3, created: 3, ..Counts::default() });
    assert_eq!(told(&world), []);
}

#[test]
fn fingerprints_and_look_ups_change_nothing_of_what_is_told() {
    let format = checking(|checks| checks.email = Level::Warn);
    let more = format!("{FILE}4;1;;DK\n1;13585629;a@b.dk;DK\n");
    let means = [
        Means { marks: false, look_up: u64::MAX, ..Means::default() },
        Means { look_up: 1, aside: 0, entries_memory: 100, problems_memory: 100, ..Means::default() },
    ];
    let all: Vec<_> = means
        .into_iter()
        .map(|means| {
            let mut world = World::new(means);
            let mut seen = Vec::new();
            for file in [FILE, &more, FILE] {
                let counts = world.import(&format, file);
                seen.push((counts, told(&world)));
            }
            seen
        })
        .collect();
    assert_eq!(all[0], all[1]);
}
