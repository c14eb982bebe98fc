//! The format editor's form: what stands in its fields, right or wrong, and the format that it stands for.

mod columns;
mod finished;
mod lines;
mod targets;

use std::collections::HashMap;

use erpfile::{
    Apostrophe, Apply, Blank, CellRange, Column, ColumnFrom, Content, DecimalSeparator, Encoding,
    FieldChecks, Format, IgnoredInKey, Layout, Level, Missing, OuterBlanks, PositionsIn, Repeated, Thousands,
};
use register::settings::Complaint;
use register::{Register, suggest};

pub(super) use self::columns::ColumnForm;
use self::finished::FinishedForm;
use self::lines::LinesForm;
pub(super) use self::targets::Target;
use super::complaint;

/// The fields of the form by name, as they were sent.
pub(super) type Sent = HashMap<String, String>;

/// Delimiters that are offered, with the word that the form sends and the one people read.
pub(super) const DELIMITERS: &[(&str, &str, &str)] = &[
    (";", "semicolon", "Semicolon ;"),
    (",", "comma", "Comma ,"),
    ("\t", "tab", "Tab"),
    ("|", "pipe", "Vertical bar |"),
];

/// Date formats that are offered, with an example.
pub(super) const DATES: &[(&str, &str)] = &[
    ("%d-%m-%Y", "31-12-2026"),
    ("%d.%m.%Y", "31.12.2026"),
    ("%d/%m/%Y", "31/12/2026"),
    ("%Y-%m-%d", "2026-12-31"),
    ("%Y%m%d", "20261231"),
    ("%d.%m.%y", "31.12.26"),
    ("%m/%d/%Y", "12/31/2026"),
    ("%Y/%m/%d", "2026/12/31"),
    ("excel", "46387"),
];

/// The form.
#[derive(Clone, Debug)]
pub(super) struct FormatForm {
    /// The name under which the format is stored; empty for a new one.
    pub(super) old_name: String,
    /// The format, as far as the fields can be read.
    pub(super) format: Format,
    /// One of the offered delimiters by its word, or `other`.
    pub(super) delimiter_word: String,
    /// What stands in the field for another delimiter.
    pub(super) delimiter_other: String,
    /// Which lines are records, as it was typed.
    pub(super) lines: LinesForm,
    /// The positions of the cells of a fixed-width file as they were typed.
    pub(super) cells: String,
    /// How one knows that the file is finished, as it was typed.
    pub(super) finished: FinishedForm,
    /// The fields that columns can be, and what stands beside each.
    pub(super) columns: Vec<(Target, ColumnForm)>,
    /// For how many contacts of one line there are fields.
    pub(super) contact_groups: u16,
    /// The first year of two digits of the 20th century, as it was typed.
    pub(super) pivot_year: String,
    /// The uploaded sample, if there is one.
    pub(super) sample: String,
    /// What the uploaded sample was called.
    pub(super) sample_name: String,
    /// What could not be read.
    pub(super) wrong: Vec<Complaint>,
}

impl FormatForm {
    /// The form for a format as it is stored; or for a new one, with no old name.
    pub(super) fn of(register: &'static Register, format: Format, old_name: &str) -> FormatForm {
        let header = format.header_lines > 0;
        let contact_groups = targets::groups(&format);
        let columns = targets::targets(register, contact_groups).into_iter().map(|target| {
            let column = format.columns.iter().find(|column| column.field == target.name);
            (target, ColumnForm::of(column, header))
        });
        let known = DELIMITERS.iter().find(|delimiter| delimiter.0 == format.delimiter);
        FormatForm {
            old_name: old_name.to_owned(),
            delimiter_word: known.map_or("other", |delimiter| delimiter.1).to_owned(),
            delimiter_other: if known.is_some() { String::new() } else { format.delimiter.clone() },
            lines: LinesForm::of(&format),
            cells: format.cells.iter().map(CellRange::to_string).collect::<Vec<_>>().join(", "),
            finished: FinishedForm::of(&format),
            columns: columns.collect(),
            contact_groups,
            pivot_year: format.pivot_year.to_string(),
            sample: String::new(),
            sample_name: String::new(),
            wrong: Vec::new(),
            format,
        }
    }

    /// Reads what was sent.
    pub(super) fn read(register: &'static Register, sent: &Sent) -> FormatForm {
        let text = |name: &str| sent.get(name).map(String::as_str).unwrap_or_default();
        let mut wrong = Vec::new();
        let mut format = Format {
            name: text("name").trim().to_owned(),
            register: register.name.to_owned(),
            default: sent.contains_key("default"),
            filename: text("filename").trim().to_owned(),
            quote: text("quote").trim().to_owned(),
            date_format: text("date-format").trim().to_owned(),
            layout: Layout::from_word(text("layout")).unwrap_or_default(),
            positions_in: PositionsIn::from_word(text("positions-in")).unwrap_or_default(),
            record: text("record").trim().to_owned(),
            sheet: text("sheet").trim().to_owned(),
            ..Format::default()
        };
        for range in text("cells").split([',', ';']).map(str::trim).filter(|range| !range.is_empty()) {
            match range.parse() {
                Ok(range) => format.cells.push(range),
                Err(error) => wrong.push(complaint("cells", &format!("{error}."), "")),
            }
        }
        match text("encoding").parse::<Encoding>() {
            Ok(encoding) => format.encoding = encoding,
            Err(error) => wrong.push(complaint("encoding", &error.to_string(), "")),
        }
        let delimiter = DELIMITERS.iter().find(|delimiter| delimiter.1 == text("delimiter"));
        format.delimiter = delimiter.map_or(text("delimiter-other"), |delimiter| delimiter.0).to_owned();
        let lines = LinesForm::read(sent);
        wrong.extend(lines.set(&mut format));
        format.decimal_separator = DecimalSeparator::from_word(text("decimal-separator")).unwrap_or_default();
        format.thousands = Thousands::from_word(text("thousands")).unwrap_or_default();
        format.blank = Blank::from_word(text("blank")).unwrap_or_default();
        format.apply = Apply::from_word(text("apply")).unwrap_or_default();
        let ignored = |what: &&IgnoredInKey| sent.contains_key(&format!("ignore-in-key.{}", what.word()));
        format.ignore_in_key = IgnoredInKey::ALL.iter().filter(ignored).copied().collect();
        for (key, _) in FieldChecks::ALL {
            if let Some(level) = Level::from_word(text(&format!("checks.{key}"))) {
                format.checks.set(key, level);
            }
        }
        format.content = Content::from_word(text("content")).unwrap_or_default();
        format.missing = Missing::from_word(text("missing")).unwrap_or_default();
        format.repeated = Repeated::from_word(text("repeated")).unwrap_or_default();
        let finished = FinishedForm::read(sent);
        wrong.extend(finished.set(&mut format));
        format.outer_blanks = OuterBlanks::from_word(text("outer-blanks")).unwrap_or_default();
        format.apostrophe = Apostrophe::from_word(text("apostrophe")).unwrap_or_default();
        let pivot_year = text("pivot-year").trim();
        match pivot_year.parse() {
            Ok(year) => format.pivot_year = year,
            Err(_) if pivot_year.is_empty() => {}
            Err(_) => {
                let message = format!("\"{pivot_year}\" is no year of two digits.");
                wrong.push(complaint("pivot-year", &message, "Use 0 to 99, such as 69."));
            }
        }
        let header = format.header_lines > 0;
        let contact_groups = targets::read_groups(text("contact-groups"));
        let read = |target: Target| {
            let form = ColumnForm::read(&target.name, sent);
            (target, form)
        };
        let columns: Vec<_> = targets::targets(register, contact_groups).into_iter().map(read).collect();
        for (target, form) in &columns {
            let (column, complaints) = form.column(&target.name, header, format.columns.len() + 1);
            format.columns.extend(column);
            wrong.extend(complaints);
        }
        FormatForm {
            old_name: text("old-name").to_owned(),
            delimiter_word: delimiter.map_or("other", |delimiter| delimiter.1).to_owned(),
            delimiter_other: text("delimiter-other").to_owned(),
            lines,
            cells: text("cells").to_owned(),
            finished,
            columns,
            contact_groups,
            pivot_year: pivot_year.to_owned(),
            sample: text("sample").to_owned(),
            sample_name: text("sample-name").to_owned(),
            wrong,
            format,
        }
    }

    /// Whether the check with this key is made at this level.
    pub(super) fn checks(&self, key: &str, level: &Level) -> bool {
        self.format.checks.get(key) == Some(*level)
    }

    /// Adds the fields of one more contact of the same line.
    pub(super) fn add_contact(&mut self, register: &'static Register) {
        self.contact_groups = targets::read_groups(&(self.contact_groups + 1).to_string());
        let known = std::mem::take(&mut self.columns);
        let form = |target: Target| {
            let form = known.iter().find(|(known, _)| known.name == target.name);
            let form = form.map(|(_, form)| form.clone()).unwrap_or_default();
            (target, form)
        };
        self.columns = targets::targets(register, self.contact_groups).into_iter().map(form).collect();
    }

    /// Proposes a column for every field that has none yet, by the names that files use for it.
    pub(super) fn propose(&mut self, register: &'static Register, header: &[String]) {
        let names = self
            .columns
            .iter()
            .flat_map(|(_, column)| [column.from.as_str()].into_iter().chain(column.more.lines()));
        let taken: Vec<String> = names.map(|name| name.trim().to_lowercase()).collect();
        let fields = suggest::by_names(register, header);
        for (target, column) in &mut self.columns {
            if !column.from.is_empty() || !column.more.is_empty() || !column.value.is_empty() {
                continue;
            }
            let fits = |(name, field): &(&String, &Option<&str>)| {
                field.is_some_and(|field| field == target.name)
                    && !taken.contains(&name.trim().to_lowercase())
            };
            if let Some((name, _)) = header.iter().zip(&fields).find(fits) {
                let from = name.trim().to_owned();
                self.format.columns.push(Column::new(ColumnFrom::Name(from.clone()), target.name.as_str()));
                *column = ColumnForm { from, ..ColumnForm::default() };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use erpfile::{Arriving, LineEnds, OtherCodes, Owner, Part, TableEnds, Trailer, Undecodable};
    use register::CUSTOMERS;

    use super::*;

    fn sent(fields: &[(&str, &str)]) -> Sent {
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_is_shown_and_sent_again_is_the_same_format() {
        let format = Format {
            name: "ERP customers".into(),
            register: "customers".into(),
            default: true,
            filename: "customers.txt".into(),
            encoding: "windows-1252".parse().unwrap(),
            delimiter: "\t".into(),
            quote: String::new(),
            undecodable: Undecodable::RefuseRow,
            escape: "\\".into(),
            line_ends: LineEnds::Any,
            comment: "#".into(),
            skip_lines: 2,
            header_lines: 3,
            header_marker: "!CUST".into(),
            lines_below_header: 1,
            section: "@Actor".into(),
            records: "CUST*".into(),
            footer: vec!["Total*".into(), "I alt".into()],
            table_ends: TableEnds::BlankLine,
            layout: Layout::FixedWidth,
            cells: vec!["1-10".parse().unwrap(), "11-".parse().unwrap()],
            positions_in: PositionsIn::Bytes,
            record: "/customers/customer".into(),
            sheet: "Kunder".into(),
            marker: Some("customers.done".into()),
            settle: Some(Duration::ZERO),
            minimum_age: Some(Duration::from_secs(90)),
            arrival: Arriving::Renamed,
            trailer: Some(Trailer {
                starts_with: "SLUT".into(),
                row_count: Some(2),
                total: Some(3),
                total_of: Some(ColumnFrom::Position(3)),
            }),
            columns: vec![
                Column::new(ColumnFrom::Name("Kundenr".into()), "number"),
                Column {
                    from: vec![ColumnFrom::Position(3), ColumnFrom::Name("Efternavn".into())],
                    join: Some(" ".into()),
                    ..Column::new(ColumnFrom::Position(3), "name")
                },
                Column { line_break: ":".into(), ..Column::new(ColumnFrom::Name("Adr".into()), "address1") },
                Column { part: Part::City, ..Column::new(ColumnFrom::Name("Sted".into()), "city") },
                Column { from: vec![], field: "country".into(), value: "DK".into(), ..Column::default() },
                Column {
                    owner: Owner::AtCreation,
                    blank: Some(Blank::Clear),
                    ..Column::new(ColumnFrom::Name("Tlf".into()), "phone")
                },
                Column {
                    codes: [("3".into(), "Retail = all".into()), ("4".into(), String::new())].into(),
                    other_codes: OtherCodes::Keep,
                    ..Column::new(ColumnFrom::Name("Gr".into()), "group")
                },
                Column {
                    decimal_separator: Some(DecimalSeparator::Point),
                    ..Column::new(ColumnFrom::Name("Saldo".into()), "balance")
                },
                Column { date_format: "excel".into(), ..Column::new(ColumnFrom::Position(9), "created_on") },
                Column::new(ColumnFrom::Name("Kontakt".into()), "contact.name"),
                Column::new(ColumnFrom::Name("Person2".into()), "contact.2.name"),
            ],
            apply: Apply::Update,
            ignore_in_key: vec![IgnoredInKey::Case, IgnoredInKey::Blanks],
            pivot_year: 30,
            thousands: Thousands::Always,
            checks: FieldChecks { phone: Level::Refuse, dates: Level::Off, ..FieldChecks::default() },
            outer_blanks: OuterBlanks::End,
            apostrophe: Apostrophe::Remove,
            ..Format::default()
        };
        let form = FormatForm::of(&CUSTOMERS, format.clone(), "ERP customers");
        let mut again = sent(&[
            ("old-name", &form.old_name),
            ("name", &format.name),
            ("default", "on"),
            ("filename", &format.filename),
            ("encoding", format.encoding.label()),
            ("delimiter", &form.delimiter_word),
            ("quote", &format.quote),
            ("undecodable", "refuse-row"),
            ("skip-lines", &form.lines.skip_lines),
            ("header-lines", &form.lines.header_lines),
            ("header-marker", &form.lines.header_marker),
            ("lines-below-header", &form.lines.lines_below_header),
            ("section", &form.lines.section),
            ("records", &form.lines.records),
            ("comment", &form.lines.comment),
            ("footer", &form.lines.footer),
            ("table-ends", "blank-line"),
            ("escape", &form.lines.escape),
            ("line-ends", "any"),
            ("layout", "fixed-width"),
            ("cells", &form.cells),
            ("positions-in", "bytes"),
            ("record", &format.record),
            ("sheet", &format.sheet),
            ("decimal-separator", ","),
            ("thousands", "always"),
            ("date-format", &format.date_format),
            ("contact-groups", "2"),
            ("pivot-year", &form.pivot_year),
            ("apply", "update"),
            ("ignore-in-key.case", "on"),
            ("ignore-in-key.blanks", "on"),
            ("checks.phone", "refuse"),
            ("checks.dates", "off"),
            ("outer-blanks", "end"),
            ("apostrophe", "remove"),
            ("marker", &form.finished.marker),
            ("settle", &form.finished.settle),
            ("minimum-age", &form.finished.minimum_age),
            ("arrival", "renamed"),
            ("trailer.starts-with", &form.finished.starts_with),
            ("trailer.row-count", &form.finished.row_count),
            ("trailer.total", &form.finished.total),
            ("trailer.total-of", &form.finished.total_of),
        ]);
        for (target, column) in &form.columns {
            let together = if column.joined { "join" } else { "names" };
            for (name, text) in [
                ("from", column.from.as_str()),
                ("more", &column.more),
                ("together", together),
                ("join", &column.join),
                ("part", &column.part),
                ("value", &column.value),
                ("date-format", &column.date_format),
                ("decimal-separator", &column.decimal_separator),
                ("line-break", &column.line_break),
                ("codes", &column.codes),
                ("other-codes", &column.other_codes),
                ("owner", &column.owner),
                ("blank", &column.blank),
            ] {
                again.insert(format!("{name}.{}", target.name), text.to_owned());
            }
        }
        let read = FormatForm::read(&CUSTOMERS, &again);
        assert_eq!(read.format, format);
        assert!(read.wrong.is_empty());
    }

    #[test]
    fn columns_are_proposed_by_their_names_and_never_twice() {
        let mut form = FormatForm::of(&CUSTOMERS, Format::default(), "");
        let header = ["Kundenr".to_owned(), "Navn".to_owned(), "Ukendt".to_owned()];
        form.propose(&CUSTOMERS, &header);
        let mapped: Vec<_> = form.format.columns.iter().map(|c| (c.title(), c.field.as_str())).collect();
        assert!(mapped.contains(&("Kundenr".into(), "number")), "{mapped:?}");
        assert!(mapped.contains(&("Navn".into(), "name")), "{mapped:?}");
        assert!(!mapped.iter().any(|column| column.0 == "Ukendt"));
    }
}
