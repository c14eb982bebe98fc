//! The part of the format editor's form that says what each field is read from.

use std::collections::BTreeMap;

use erpfile::{Blank, Column, ColumnFrom, DecimalSeparator, OtherCodes, Owner, Part};
use register::settings::Complaint;

use super::Sent;
use crate::web::settings::complaint;

/// What stands beside one field, as it was typed.
#[derive(Clone, Debug, Default)]
pub(crate) struct ColumnForm {
    /// The column: its name, or `#` and its position.
    pub(crate) from: String,
    /// Further columns, one a line.
    pub(crate) more: String,
    /// Whether the further columns are joined to the first, or else other names of it.
    pub(crate) joined: bool,
    /// The text between joined cells.
    pub(crate) join: String,
    /// What of the cell is the value, by its word.
    pub(crate) part: String,
    /// What an empty cell stands for.
    pub(crate) value: String,
    /// How this column writes dates.
    pub(crate) date_format: String,
    /// What separates its decimals, by its word; empty for the same as in the others.
    pub(crate) decimal_separator: String,
    /// What stands for a line break.
    pub(crate) line_break: String,
    /// One code and what it stands for a line: `3 = Retail`.
    pub(crate) codes: String,
    /// What happens to other codes, by its word.
    pub(crate) other_codes: String,
    /// When the file is listened to, by its word.
    pub(crate) owner: String,
    /// What an empty cell means, by its word; empty for the same as in the others.
    pub(crate) blank: String,
}

impl ColumnForm {
    /// What stands beside a field whose column is stored; `header` when the file names its columns.
    pub(super) fn of(column: Option<&Column>, header: bool) -> ColumnForm {
        let Some(column) = column else { return ColumnForm::default() };
        let mut from = column.from.iter().map(|from| text_of(from, header));
        let codes = column.codes.iter().map(|(code, meaning)| format!("{code} = {meaning}\n"));
        ColumnForm {
            from: from.next().unwrap_or_default(),
            more: from.collect::<Vec<_>>().join("\n"),
            joined: column.join.is_some(),
            join: column.join.clone().unwrap_or_default(),
            part: column.part.word().to_owned(),
            value: column.value.clone(),
            date_format: column.date_format.clone(),
            decimal_separator: column.decimal_separator.map_or("", DecimalSeparator::word).to_owned(),
            line_break: column.line_break.clone(),
            codes: codes.collect(),
            other_codes: column.other_codes.word().to_owned(),
            owner: column.owner.word().to_owned(),
            blank: column.blank.map_or("", Blank::word).to_owned(),
        }
    }

    /// What was sent for a field.
    pub(super) fn read(field: &str, sent: &Sent) -> ColumnForm {
        let exactly = |name: &str| sent.get(&format!("{name}.{field}")).cloned().unwrap_or_default();
        let text = |name: &str| exactly(name).trim().to_owned();
        ColumnForm {
            from: text("from"),
            more: text("more"),
            joined: text("together") == "join",
            join: exactly("join"),
            part: text("part"),
            value: text("value"),
            date_format: text("date-format"),
            decimal_separator: text("decimal-separator"),
            line_break: exactly("line-break"),
            codes: text("codes"),
            other_codes: text("other-codes"),
            owner: text("owner"),
            blank: text("blank"),
        }
    }

    /// The column that this is, if the file has the field; and what of it cannot be read. `number` is the column's among
    /// those of the format, from 1.
    pub(super) fn column(
        &self,
        field: &str,
        header: bool,
        number: usize,
    ) -> (Option<Column>, Vec<Complaint>) {
        let lines = self.more.lines().map(str::trim);
        let from: Vec<ColumnFrom> = [self.from.as_str()]
            .into_iter()
            .chain(lines)
            .filter(|name| !name.is_empty())
            .map(|name| from_text(name, header))
            .collect();
        if from.is_empty() && self.value.is_empty() {
            return (None, Vec::new());
        }
        let place = format!("columns[{number}].codes");
        let mut wrong = Vec::new();
        let mut codes = BTreeMap::new();
        for line in self.codes.lines().map(str::trim).filter(|line| !line.is_empty()) {
            match line.split_once('=') {
                Some((code, meaning)) => {
                    let before = codes.insert(code.trim().to_owned(), meaning.trim().to_owned());
                    if before.is_some() {
                        let message = format!("The code {} stands there twice.", code.trim());
                        wrong.push(complaint(&place, &message, "Write each code once."));
                    }
                }
                None => {
                    let message = format!("\"{line}\" does not say what the code stands for.");
                    wrong.push(complaint(&place, &message, "Write one code a line, such as 3 = Retail."));
                }
            }
        }
        let column = Column {
            join: (self.joined && from.len() > 1).then(|| self.join.clone()),
            from,
            field: field.to_owned(),
            part: Part::from_word(&self.part).unwrap_or_default(),
            value: self.value.clone(),
            date_format: self.date_format.clone(),
            decimal_separator: DecimalSeparator::from_word(&self.decimal_separator),
            line_break: self.line_break.clone(),
            // Without a table there are no other codes, whatever is chosen.
            other_codes: OtherCodes::from_word(&self.other_codes)
                .filter(|_| !codes.is_empty())
                .unwrap_or_default(),
            owner: Owner::from_word(&self.owner).unwrap_or_default(),
            blank: Blank::from_word(&self.blank),
            codes,
        };
        (Some(column), wrong)
    }

    /// What of all this is more than a column, in a few words; empty for a plain one.
    pub(crate) fn told(&self) -> String {
        let further = self.more.lines().filter(|line| !line.trim().is_empty()).count();
        let codes = self.codes.lines().filter(|line| !line.trim().is_empty()).count();
        let part = Part::from_word(&self.part).filter(|part| *part != Part::Whole);
        let owner = Owner::from_word(&self.owner).filter(|owner| *owner != Owner::Erp);
        let blank = Blank::from_word(&self.blank).map(|blank| match blank {
            Blank::Keep => "empty keeps".to_owned(),
            Blank::Clear => "empty clears".to_owned(),
        });
        let told = [
            owner.map(|owner| format!("taken {}", owner.title().to_lowercase())),
            blank,
            (further > 0)
                .then(|| format!("{} {further} more", if self.joined { "joined with" } else { "or" })),
            part.map(|part| part.title().to_lowercase()),
            (codes > 0).then(|| format!("{codes} {}", if codes == 1 { "code" } else { "codes" })),
            (!self.line_break.is_empty()).then(|| "line breaks".to_owned()),
            (!self.date_format.is_empty()).then(|| self.date_format.clone()),
            (!self.decimal_separator.is_empty())
                .then(|| format!("decimals after {}", self.decimal_separator)),
            (!self.value.is_empty()).then(|| {
                let when = if self.from.is_empty() && further == 0 { "always" } else { "empty is" };
                format!("{when} {}", self.value)
            }),
        ];
        told.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// A column as [`from_text`] reads it.
pub(super) fn text_of(from: &ColumnFrom, header: bool) -> String {
    match from {
        ColumnFrom::Name(name) => name.clone(),
        ColumnFrom::Position(position) if header => format!("#{position}"),
        ColumnFrom::Position(position) => position.to_string(),
    }
}

/// A column as a person names it: by its name; by `#3`; and in a file without a header by `3`, too.
pub(super) fn from_text(from: &str, header: bool) -> ColumnFrom {
    let digits = from.strip_prefix('#').or((!header).then_some(from));
    match digits.and_then(|digits| digits.parse().ok()) {
        Some(position) => ColumnFrom::Position(position),
        None => ColumnFrom::Name(from.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(from_text(from, header), expected, "{from} {header}");
        }
    }

    #[test]
    fn a_plain_column_is_not_told_of_and_any_other_is() {
        let told = |column: Column| ColumnForm::of(Some(&column), true).told();
        let plain = || Column::new(ColumnFrom::Name("Sted".into()), "city");
        assert_eq!(told(plain()), "");
        assert_eq!(told(Column { part: Part::City, ..plain() }), "the city behind the postcode");
        let from = vec![ColumnFrom::Name("Fornavn".into()), ColumnFrom::Position(3)];
        assert_eq!(told(Column { from: from.clone(), ..plain() }), "or 1 more");
        assert_eq!(told(Column { from, join: Some(" ".into()), ..plain() }), "joined with 1 more");
        assert_eq!(told(Column { from: vec![], value: "DK".into(), ..plain() }), "always DK");
        assert_eq!(told(Column { value: "DK".into(), ..plain() }), "empty is DK");
        let owned = Column { owner: Owner::AtCreation, blank: Some(Blank::Clear), ..plain() };
        assert_eq!(told(owned), "taken only for a new record, empty clears");
        assert_eq!(told(Column { codes: [("3".into(), "Retail".into())].into(), ..plain() }), "1 code");
    }

    #[test]
    fn a_line_that_is_no_code_is_said() {
        let form = ColumnForm {
            from: "Gr".into(),
            codes: "3 = Retail\nRetail\n3=Detail".into(),
            ..ColumnForm::default()
        };
        let (column, wrong) = form.column("group", true, 7);
        assert_eq!(column.unwrap().codes.len(), 1);
        assert_eq!(wrong.len(), 2);
        assert!(wrong[0].place == "columns[7].codes" && wrong[0].message.contains("\"Retail\""), "{wrong:?}");
    }
}
