//! The format editor's form: what stands in its fields, right or wrong, and the format that it stands for.

mod finished;
mod lines;

use std::collections::HashMap;

use erpfile::{
    Blank, CellRange, Column, ColumnFrom, Content, DecimalSeparator, Encoding, Format, Layout, Missing,
    PositionsIn, Repeated,
};
use register::Register;
use register::settings::Complaint;

use self::finished::FinishedForm;
use self::lines::LinesForm;
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
    /// For each field of the register what stands beside it: a column's name or position.
    pub(super) from: Vec<String>,
    /// The uploaded sample, if there is one.
    pub(super) sample: String,
    /// What the uploaded sample was called.
    pub(super) sample_name: String,
    /// What could not be read.
    pub(super) wrong: Vec<Complaint>,
}

impl FormatForm {
    /// The form for a format as it is stored; or for a new one, with no old name.
    pub(super) fn of(register: &Register, format: Format, old_name: &str) -> FormatForm {
        let header = format.header_lines > 0;
        let from = register.fields.iter().map(|field| {
            let column = format.columns.iter().find(|column| column.field == field.name);
            column
                .and_then(|column| column.from.first())
                .map(|from| column_text(from, header))
                .unwrap_or_default()
        });
        let known = DELIMITERS.iter().find(|delimiter| delimiter.0 == format.delimiter);
        FormatForm {
            old_name: old_name.to_owned(),
            delimiter_word: known.map_or("other", |delimiter| delimiter.1).to_owned(),
            delimiter_other: if known.is_some() { String::new() } else { format.delimiter.clone() },
            lines: LinesForm::of(&format),
            cells: format.cells.iter().map(CellRange::to_string).collect::<Vec<_>>().join(", "),
            finished: FinishedForm::of(&format),
            from: from.collect(),
            sample: String::new(),
            sample_name: String::new(),
            wrong: Vec::new(),
            format,
        }
    }

    /// Reads what was sent.
    pub(super) fn read(register: &Register, sent: &Sent) -> FormatForm {
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
        format.blank = Blank::from_word(text("blank")).unwrap_or_default();
        format.content = Content::from_word(text("content")).unwrap_or_default();
        format.missing = Missing::from_word(text("missing")).unwrap_or_default();
        format.repeated = Repeated::from_word(text("repeated")).unwrap_or_default();
        let finished = FinishedForm::read(sent);
        wrong.extend(finished.set(&mut format));
        let from: Vec<String> = register
            .fields
            .iter()
            .map(|field| text(&format!("from.{}", field.name)).trim().to_owned())
            .collect();
        for (field, from) in register.fields.iter().zip(&from).filter(|pair| !pair.1.is_empty()) {
            let from = column(from, format.header_lines > 0);
            format.columns.push(Column::new(from, field.name));
        }
        FormatForm {
            old_name: text("old-name").to_owned(),
            delimiter_word: delimiter.map_or("other", |delimiter| delimiter.1).to_owned(),
            delimiter_other: text("delimiter-other").to_owned(),
            lines,
            cells: text("cells").to_owned(),
            finished,
            from,
            sample: text("sample").to_owned(),
            sample_name: text("sample-name").to_owned(),
            wrong,
            format,
        }
    }

    /// Proposes a column for every field that has none yet, by the names that files use for it.
    pub(super) fn propose(&mut self, register: &Register, header: &[String]) {
        let taken: Vec<String> = self.from.iter().map(|from| from.to_lowercase()).collect();
        for (field, from) in register.fields.iter().zip(&mut self.from) {
            if !from.is_empty() {
                continue;
            }
            let fits = |name: &&String| {
                let name = name.trim().to_lowercase();
                let own = name == field.name || name == field.label.to_lowercase();
                (own || field.synonyms.contains(&name.as_str())) && !taken.contains(&name)
            };
            if let Some(name) = header.iter().find(fits) {
                *from = name.trim().to_owned();
                let column = Column::new(ColumnFrom::Name(from.clone()), field.name);
                self.format.columns.push(column);
            }
        }
    }
}

/// A column as [`column`] reads it.
fn column_text(from: &ColumnFrom, header: bool) -> String {
    match from {
        ColumnFrom::Name(name) => name.clone(),
        ColumnFrom::Position(position) if header => format!("#{position}"),
        ColumnFrom::Position(position) => position.to_string(),
    }
}

/// A column as a person names it: by its name; by `#3`; and in a file without a header by `3`, too.
fn column(from: &str, header: bool) -> ColumnFrom {
    let digits = from.strip_prefix('#').or((!header).then_some(from));
    match digits.and_then(|digits| digits.parse().ok()) {
        Some(position) => ColumnFrom::Position(position),
        None => ColumnFrom::Name(from.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use erpfile::{Arriving, LineEnds, TableEnds, Trailer, Undecodable};
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
                Column::new(ColumnFrom::Position(3), "name"),
            ],
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
            ("date-format", &format.date_format),
            ("marker", &form.finished.marker),
            ("settle", &form.finished.settle),
            ("minimum-age", &form.finished.minimum_age),
            ("arrival", "renamed"),
            ("trailer.starts-with", &form.finished.starts_with),
            ("trailer.row-count", &form.finished.row_count),
            ("trailer.total", &form.finished.total),
            ("trailer.total-of", &form.finished.total_of),
        ]);
        for (field, from) in CUSTOMERS.fields.iter().zip(&form.from) {
            again.insert(format!("from.{}", field.name), from.clone());
        }
        let read = FormatForm::read(&CUSTOMERS, &again);
        assert_eq!(read.format, format);
        assert!(read.wrong.is_empty());
    }

    #[test]
    fn columns_are_named_or_counted() {
        for (from, header, expected) in [
            ("Kundenr", true, ColumnFrom::Name("Kundenr".into())),
            ("#3", true, ColumnFrom::Position(3)),
            ("3", true, ColumnFrom::Name("3".into())),
            ("3", false, ColumnFrom::Position(3)),
            ("#3", false, ColumnFrom::Position(3)),
            ("Kundenr", false, ColumnFrom::Name("Kundenr".into())),
        ] {
            assert_eq!(column(from, header), expected, "{from} {header}");
        }
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
