//! Taking records out: CSV, Excel and JSON, streamed, with formulas made harmless.

mod table;

use std::borrow::Cow;
use std::fs::File;
use std::io::Write;
use std::ops::ControlFlow;

use register::compare::Scratch;
use register::db::Database;
use register::records::{self, Query};
use register::{Register, settings};

pub(crate) use self::table::Table;

/// Rows that an Excel sheet can hold, heading included.
pub(crate) const EXCEL_ROWS: u32 = 1_048_576;

/// Characters that an Excel cell can hold.
pub(crate) const EXCEL_CELL: usize = 32_767;

/// A kind of file that records can be written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// UTF-8, RFC 4180, header first.
    Csv,
    /// An Excel workbook with every cell typed as text.
    Excel,
    /// `{"items": [...], "next": null}`, each item as the API shows it.
    Json,
}

impl Kind {
    /// The kind that the end of a file name says.
    pub(crate) fn of(file_name: &str) -> Option<Kind> {
        let (_, end) = file_name.rsplit_once('.')?;
        match end.to_ascii_lowercase().as_str() {
            "csv" => Some(Kind::Csv),
            "xlsx" => Some(Kind::Excel),
            "json" => Some(Kind::Json),
            _ => None,
        }
    }

    /// What a file of this kind ends with.
    pub(crate) fn ending(self) -> &'static str {
        match self {
            Kind::Csv => "csv",
            Kind::Excel => "xlsx",
            Kind::Json => "json",
        }
    }

    /// What browsers call it.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Kind::Csv => "text/csv; charset=utf-8",
            Kind::Excel => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Kind::Json => "application/json",
        }
    }
}

/// How records are written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Style {
    /// People's labels as the heading instead of field names.
    pub(crate) labels: bool,
    /// CSV values as they are, even those that a spreadsheet would take for a formula.
    pub(crate) raw: bool,
}

/// What a kind of file cannot hold; the sentence names another one.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unfit(pub(crate) String);

/// Writes the records that `query` asks for, as they are at one moment; gives how many.
///
/// # Errors
/// As [`Table::row`], and when the database cannot be read.
pub(crate) fn write_records(
    db: &Database,
    register: &'static Register,
    query: &Query,
    kind: Kind,
    style: Style,
    out: impl Write + Send,
) -> anyhow::Result<u64> {
    let heading = register.fields.iter().map(|field| if style.labels { field.label } else { field.name });
    let mut table = Table::new(kind, register.title, register.name, heading, out)?;
    let (mut written, mut failed) = (0, None);
    db.read(|c| {
        records::each(c, register, query, &mut |record| {
            let cells = record.values.iter().map(|value| value.as_deref().unwrap_or_default());
            match table.row(cells, style.raw, || Ok(record.json(register))) {
                Ok(()) => {
                    written += 1;
                    ControlFlow::Continue(())
                }
                Err(error) => {
                    failed = Some(error);
                    ControlFlow::Break(())
                }
            }
        })
    })?;
    if let Some(error) = failed {
        return Err(error);
    }
    table.finish()?;
    Ok(written)
}

/// Records as a file of a format, which can be imported again without a change.
pub(crate) struct InFormat {
    /// The file, at its start.
    pub(crate) file: File,
    /// How many records it has.
    pub(crate) written: u64,
    /// What a file of the format is called.
    pub(crate) name: String,
}

/// The records that `query` asks for as a file of the register's format of this name; `None` when there is none.
///
/// # Errors
/// When the format's files cannot hold them; the sentence says why.
pub(crate) fn in_format(
    db: &Database,
    register: &'static Register,
    format: &str,
    query: &Query,
    scratch: &dyn Scratch,
) -> anyhow::Result<Option<InFormat>> {
    let stored = db.read(|c| settings::format(c, format))?;
    let Some(format) = stored.map(|stored| stored.format).filter(|format| format.register == register.name)
    else {
        return Ok(None);
    };
    let limits = db.read(settings::load)?.limits.reading();
    let mut go_on = |_| ControlFlow::Continue(());
    let (file, written) =
        register::export::export(db, register, &format, query, limits, scratch, &mut go_on)?;
    let name = match format.filename.replace('*', "export") {
        none if none.is_empty() => format!("{}.txt", register.name),
        name => name,
    };
    Ok(Some(InFormat { file, written, name }))
}

/// A value that no spreadsheet takes for a formula: one that begins with `=`, `@`, TAB or a line end, or their full-width
/// forms, or with `+` or `-` and is no number or phone number, gets a leading apostrophe.
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
    let dangerous = match text.chars().next() {
        Some('=' | '@' | '\t' | '\r' | '\n' | '＝' | '＠' | '＋' | '－') => true,
        Some('+' | '-') => !is_number_or_phone(&text[1..]),
        _ => false,
    };
    if dangerous { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// Digits with the marks that numbers and phone numbers are written with: no letter, no operator.
fn is_number_or_phone(rest: &str) -> bool {
    rest.bytes().any(|b| b.is_ascii_digit())
        && rest
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b' ' | b'.' | b',' | b'(' | b')' | b'/' | b'-'))
        && !rest.contains("--")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_becomes_a_formula_and_numbers_stay_numbers() {
        for (value, written) in [
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("\n=1", "'\n=1"),
            ("＝1+1", "'＝1+1"),
            ("+cmd", "'+cmd"),
            ("-A1", "'-A1"),
            ("-", "'-"),
            ("+45 12 34 56 78", "+45 12 34 56 78"),
            ("+49 (0)40/123-45", "+49 (0)40/123-45"),
            ("-1250.50", "-1250.50"),
            ("+1+1=2", "'+1+1=2"),
            ("Acme = A/S", "Acme = A/S"),
            ("", ""),
        ] {
            assert_eq!(harmless(value), written, "{value:?}");
        }
    }

    #[test]
    fn the_kind_is_told_by_the_end_of_the_name() {
        for (name, kind) in [
            ("a.csv", Some(Kind::Csv)),
            ("b.c.XLSX", Some(Kind::Excel)),
            ("c.json", Some(Kind::Json)),
            ("csv", None),
        ] {
            assert_eq!(Kind::of(name), kind);
        }
    }
}
