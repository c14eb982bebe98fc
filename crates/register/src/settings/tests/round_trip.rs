//! Any settings, shown and applied, are the same settings.

use erpfile::{
    Apply, Arriving, Blank, Column, ColumnFrom, DecimalSeparator, Encoding, IgnoredInKey, LineEnds, Owner,
    Repeated, TableEnds, Trailer, Undecodable,
};
use proptest::prelude::*;

use super::*;
use crate::own_fields::{OwnField, OwnKind};

fn any_folder() -> impl Strategy<Value = Option<String>> {
    proptest::option::of("/[a-zæøå \"\\\\]{1,12}")
}

fn any_erp_system() -> impl Strategy<Value = ErpSystem> {
    let keep = prop_oneof![Just(KeepArchive::Forever), (1_u32..=36_500).prop_map(KeepArchive::Days)];
    let after = proptest::sample::select(AfterImport::ALL);
    ("[a-zÆØÅ\"'=]{1,10}", any_folder(), 1_u64..86_400_000, after, any_folder(), any_folder(), keep).prop_map(
        |(name, exchange_folder, settle, after_import, archive_folder, refused_folder, keep_archive)| {
            ErpSystem {
                name,
                exchange_folder,
                settle: Duration::from_millis(settle),
                after_import,
                archive_folder,
                refused_folder,
                keep_archive,
            }
        },
    )
}

/// A format that says how one knows that its file is finished, and nothing else.
fn any_finished() -> impl Strategy<Value = Format> {
    let millis = |least| proptest::option::of((least..86_400_000_u64).prop_map(Duration::from_millis));
    let of = prop_oneof![
        "[A-Za-z\"ø.]{1,8}".prop_map(ColumnFrom::Name),
        (1_u32..9).prop_map(ColumnFrom::Position)
    ];
    let trailer = ("[A-Z\"=']{1,5}", proptest::option::of(1_u32..9), 10_u32..19, of);
    let trailer = proptest::option::of(trailer).prop_map(|trailer| {
        trailer.map(|(starts_with, row_count, total, of)| Trailer {
            starts_with,
            row_count,
            total: Some(total),
            total_of: Some(of),
        })
    });
    let marker = proptest::option::of("[a-z\"ø]{1,6}\\.done");
    (marker, millis(1), millis(1), any::<bool>(), trailer).prop_map(
        |(marker, settle, minimum_age, renamed, trailer)| Format {
            marker,
            settle,
            minimum_age,
            arrival: if renamed { Arriving::Renamed } else { Arriving::Any },
            trailer,
            ..Format::default()
        },
    )
}

fn any_format(index: usize) -> impl Strategy<Value = Format> {
    let register = proptest::sample::select(vec!["customers", "products"]);
    let encoding = proptest::sample::select(vec!["utf-8", "windows-1252", "cp850", "utf-16le"]);
    let delimiter = proptest::sample::select(vec![";", "\t", "|", ",", ", ", "||"]);
    let quote = proptest::sample::select(vec!["\"", "'", "«", ""]);
    let from = prop_oneof![
        "[A-Za-z\"ø.]{1,8}".prop_map(ColumnFrom::Name),
        (1_u32..1000).prop_map(ColumnFrom::Position)
    ];
    let finished = any_finished();
    ("[a-zø\"\\\\]{0,6}", register, encoding, delimiter, quote, 0_u32..5, from, any::<[bool; 3]>(), finished)
        .prop_map(move |(name, register, encoding, delimiter, quote, skip_lines, from, flags, finished)| {
            Format {
                name: format!("{index}{name}"),
                encoding: encoding.parse::<Encoding>().unwrap(),
                delimiter: delimiter.into(),
                quote: quote.into(),
                skip_lines,
                decimal_separator: if flags[0] { DecimalSeparator::Comma } else { DecimalSeparator::Point },
                blank: if flags[1] { Blank::Keep } else { Blank::Clear },
                repeated: if flags[2] { Repeated::Refuse } else { Repeated::Last },
                escape: if flags[0] { "\\".into() } else { String::new() },
                comment: if flags[1] { "#".into() } else { String::new() },
                records: if flags[2] { "CUST*".into() } else { String::new() },
                header_marker: if flags[0] { "!CUST".into() } else { String::new() },
                section: if flags[1] { "[Kunder]".into() } else { String::new() },
                footer: if flags[2] { vec!["Total*".into(), "I \"alt\"".into()] } else { Vec::new() },
                lines_below_header: skip_lines,
                header_lines: 1 + skip_lines,
                line_ends: if flags[0] { LineEnds::Auto } else { LineEnds::Any },
                table_ends: if flags[1] { TableEnds::BlankLine } else { TableEnds::SecondTable },
                undecodable: if flags[2] { Undecodable::RefuseFile } else { Undecodable::RefuseRow },
                apply: if flags[0] { Apply::CreateAndUpdate } else { Apply::Update },
                ignore_in_key: IgnoredInKey::ALL[..usize::from(flags[1]) * 2].to_vec(),
                columns: vec![
                    Column::new(from.clone(), "number"),
                    Column {
                        owner: if flags[2] { Owner::Erp } else { Owner::WhenEmpty },
                        blank: flags[0].then_some(Blank::Clear),
                        ..Column::new(from, "name")
                    },
                ],
                filename: format!("{register}.txt"),
                register: register.into(),
                ..finished
            }
        })
}

prop_compose! {
    fn any_guards()(
        shares in proptest::array::uniform4(0_u8..=100),
        most_refused_rows in 0_u64..1 << 40,
        older in any::<bool>(),
        undone in any::<bool>(),
        layout in any::<bool>(),
    ) -> Guards {
        let [least_rows, most_refused, most_updated, most_deactivated] = shares;
        Guards {
            least_rows,
            most_refused,
            most_refused_rows,
            most_updated,
            most_deactivated,
            older,
            undone,
            layout,
        }
    }
}

fn any_own_fields() -> impl Strategy<Value = Vec<OwnField>> {
    let field = (
        proptest::sample::select(vec!["customers", "products"]),
        proptest::sample::select(OwnKind::ALL),
        "[a-zæ\"\\\\]{1,6}",
        proptest::collection::btree_set("[a-z\"=]{1,5}", 1..4),
    );
    proptest::collection::vec(field, 0..4).prop_map(|fields| {
        let own = |(at, (register, kind, label, choices)): (usize, (&str, OwnKind, String, _))| OwnField {
            register: register.to_owned(),
            // The kind is a part of the name: values of another kind are another story.
            name: format!("own{at}_{}", kind.word().replace('-', "_")),
            label: format!("{label} {at}"),
            kind,
            choices: if kind == OwnKind::Choice {
                Vec::from_iter::<std::collections::BTreeSet<_>>(choices)
            } else {
                vec![]
            },
        };
        fields.into_iter().enumerate().map(own).collect()
    })
}

fn any_notifications() -> impl Strategy<Value = Notifications> {
    let address = || "[a-zø.]{1,8}@[a-z]{1,8}";
    let password = proptest::option::of(("[a-z\"ø]{1,8}", "/[a-zø \"\\\\]{1,12}"));
    let port = proptest::option::of(1_u16..);
    (proptest::collection::vec(address(), 0..3), address(), any::<bool>(), port, password).prop_map(
        |(to, from, tls, port, password)| {
            let security = if tls { Security::Tls } else { Security::StartTls };
            let (user, password_file) = password.unzip();
            Notifications { to, from, server: "mail.example".into(), security, port, user, password_file }
        },
    )
}

prop_compose! {
    fn any_settings()(
        erp_system in any_erp_system(),
        line in 1_u64 << 16..64 << 20,
        mut formats in (any_format(0), any_format(1), any_format(2)).prop_map(|(a, b, c)| vec![a, b, c]),
        count in 0_usize..4,
        active in any::<bool>(),
        guards in proptest::option::of(any_guards()),
        own_fields in any_own_fields(),
        notifications in any_notifications(),
    ) -> Settings {
        formats.truncate(count);
        let mut automations = Vec::new();
        if let Some(first) = formats.first_mut() {
            first.default = true;
            if erp_system.after_import == AfterImport::Leave {
                // What is left cannot have a marker that is removed with it.
                first.marker = None;
            }
            automations.push(AutomationSetting { name: format!("{}-from-erp", first.register), active, guards });
        }
        Settings { erp_system, limits: Limits { line, ..Limits::default() }, own_fields, notifications, formats, automations }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn applying_what_is_shown_changes_nothing(one in any_settings(), two in any_settings()) {
        let store = Store::new();
        let data = Path::new("/data");
        store.save(&one).unwrap();
        for settings in [&two, &one] {
            let settings = Settings {
                automations: store
                    .load()
                    .automations
                    .into_iter()
                    .map(|a| AutomationSetting { active: settings.automations.contains(&AutomationSetting { active: true, ..a.clone() }), ..a })
                    .collect(),
                ..settings.clone()
            };
            store.save(&settings).unwrap();
            prop_assert_eq!(&store.load(), &settings);
            let version = store.read(version);
            let shown = toml::to_string(&settings.with_defaults(data)).unwrap();
            let again = toml::from_str::<Settings>(&shown).unwrap().without_defaults(data);
            let outcome = store.save(&again).unwrap();
            prop_assert_eq!(outcome, SaveOutcome { version, changed: vec![] });
            let json = serde_json::to_value(&settings).unwrap();
            prop_assert_eq!(&settings.changed_by(json.clone()).unwrap(), &settings);
            prop_assert_eq!(serde_json::from_value::<Settings>(json).unwrap(), settings);
        }
    }
}
