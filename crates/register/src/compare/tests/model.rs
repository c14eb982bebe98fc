//! Random sequences of files against a model.

use proptest::prelude::*;

use super::*;

/// A cell as it is written, and what it means: a value, nothing, or something that cannot be read.
type Cell = (&'static str, Option<Option<&'static str>>);

const NAMES: [Cell; 5] = [
    ("", Some(None)),
    ("Bager Ølund", Some(Some("Bager Ølund"))),
    (" 'Murer'; DROP", None),
    ("=cmd|' /C calc'!A0", Some(Some("=cmd|' /C calc'!A0"))),
    ("\u{7}", None),
];
const LIMITS: [Cell; 6] = [
    ("", Some(None)),
    ("1,5", Some(Some("1.5"))),
    ("1,50", Some(Some("1.50"))),
    ("1.500,00", Some(Some("1500.00"))),
    ("1.500", None),
    ("x", None),
];
const FLAGS: [Cell; 4] = [(" ", Some(None)), ("J", Some(Some("1"))), ("nej", Some(Some("0"))), ("?", None)];
const KEYS: [&str; 6] = ["", "1", "10", "2", "Ø3", " 4"];

/// A row: the places of its key and cells in the tables above; the third name breaks the row into five cells.
type Line = (usize, usize, usize, usize);

fn text(line: Line) -> String {
    [KEYS[line.0], NAMES[line.1].0, LIMITS[line.2].0, FLAGS[line.3].0].join(";")
}

/// The same import done the simplest way.
fn model(content: &mut Customers, lines: &[Line], clear: bool, last: bool) -> Counts {
    let mut counts = Counts { read: lines.len() as u64, ..Counts::default() };
    let mut groups: BTreeMap<&str, Vec<Line>> = BTreeMap::new();
    let broken = |line: &Line| line.1 == 2;
    let bad =
        |line: &Line| NAMES[line.1].1.is_none() || LIMITS[line.2].1.is_none() || FLAGS[line.3].1.is_none();
    for line in lines {
        if broken(line) || KEYS[line.0].is_empty() {
            counts.refused += 1;
        } else {
            groups.entry(KEYS[line.0]).or_default().push(*line);
        }
    }
    for (key, lines) in groups {
        let alike = lines.iter().all(|line| text(*line) == text(lines[0]));
        let bad_ones = lines.iter().filter(|line| bad(line)).count() as u64;
        let size = lines.len() as u64;
        let counted = *lines.last().unwrap();
        if bad(&counted) || (!alike && !last) {
            counts.refused += size;
            continue;
        }
        counts.refused += bad_ones;
        counts.unchanged += size - 1 - bad_ones;
        let given = [NAMES[counted.1].1, LIMITS[counted.2].1, FLAGS[counted.3].1].map(Option::flatten);
        match content.get_mut(key) {
            None => {
                counts.created += 1;
                content.insert(key.to_owned(), given.map(|value| value.map(str::to_owned)));
            }
            Some(stored) => {
                let mut changed = false;
                for (at, new) in given.into_iter().enumerate() {
                    let same = match (stored[at].as_deref(), new) {
                        (_, None) if !clear => true,
                        (Some("1.5" | "1.50"), Some("1.5" | "1.50")) => true,
                        (old, new) => old == new,
                    };
                    if !same {
                        changed = true;
                        stored[at] = new.map(str::to_owned);
                    }
                }
                if changed { counts.updated += 1 } else { counts.unchanged += 1 }
            }
        }
    }
    counts
}

fn lines() -> impl Strategy<Value = Vec<Line>> {
    // Good rows are more likely than all the ways to be bad.
    let line = (0..KEYS.len(), 0..9usize, 0..12usize, 0..8usize).prop_map(|(key, name, limit, flag)| {
        (
            key,
            if name < 5 { name } else { 1 },
            if limit < 6 { limit } else { limit % 4 },
            if flag < 4 { flag } else { 1 + flag % 2 },
        )
    });
    prop::collection::vec(line, 0..9)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// Whatever files come in whatever order: the register holds what the model says, every row is accounted for, the
    /// history tells every change, and the ways that are only faster change nothing.
    #[test]
    fn imports_do_what_the_model_says(
        pool in prop::collection::vec((lines(), any::<bool>(), any::<bool>(), any::<bool>()), 1..4),
        order in prop::collection::vec(any::<prop::sample::Index>(), 1..7),
    ) {
        // Few files in any order, so that X comes again after Y.
        let plain = Means { marks: false, look_up: u64::MAX, ..Means::default() };
        let pass = Pass { ahead: 2, lost: 1, vain: 3, table: 1, ..Pass::default() };
        let tight =
            Means { marks: true, pass: Some(pass), look_up: 1, aside: 0, entries_memory: 100, problems_memory: 100 };
        let mut worlds = [World::new(Means::default()), World::new(plain), World::new(tight)];
        let mut content = Customers::new();
        let mut updates: BTreeMap<String, usize> = BTreeMap::new();
        for (lines, clear, last, again) in order.iter().map(|at| at.get(&pool)) {
            let format = Format {
                blank: if *clear { Blank::Clear } else { Blank::Keep },
                repeated: if *last { Repeated::Last } else { Repeated::Refuse },
                ..format()
            };
            let mut file = "Kundenr;Navn;Kreditmax;Spærret\r\n".to_owned();
            for line in lines {
                file.push_str(&text(*line));
                file.push_str("\r\n");
            }
            let before = content.clone();
            let expected = model(&mut content, lines, *clear, *last);
            for (key, fields) in &before {
                let changed = fields.iter().zip(&content[key]).filter(|(old, new)| old != new).count();
                *updates.entry(key.clone()).or_default() += changed;
            }
            for world in &mut worlds {
                let counts = world.import(&format, &file);
                prop_assert_eq!(counts, expected);
                prop_assert!(counts.add_up());
                prop_assert_eq!(&world.content(), &content);
                let refused = world.refused_rows();
                prop_assert_eq!(refused.len() as u64, counts.refused);
                let problems = world.problems();
                prop_assert!(problems.iter().all(|(line, _)| refused.iter().any(|(other, _)| other == line)));
                prop_assert!(problems.windows(2).all(|pair| pair[0].0 <= pair[1].0));
                for (line, raw) in &refused {
                    let written = text(lines[usize::try_from(*line).unwrap() - 2]);
                    prop_assert_eq!(written.as_bytes(), &raw[..]);
                }
                if *again {
                    let counts = world.import(&format, &file);
                    prop_assert_eq!((counts.created, counts.updated, counts.refused), (0, 0, expected.refused));
                }
            }
        }
        for world in &worlds {
            for (number, fields) in &content {
                let told = world.history(number);
                let (creation, changes) = told.split_last().unwrap();
                prop_assert_eq!(creation.field.as_deref(), None);
                prop_assert_eq!(changes.len(), updates.get(number).copied().unwrap_or(0));
                for (at, name) in ["name", "credit_limit", "blocked"].into_iter().enumerate() {
                    let mut value = &fields[at];
                    for change in changes.iter().filter(|change| change.field.as_deref() == Some(name)) {
                        prop_assert_eq!(&change.new, value);
                        value = &change.old;
                    }
                }
            }
        }
    }
}
