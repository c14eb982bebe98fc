//! Says what a file is, from a sample of it: encoding, layout, where its table lies, how numbers and dates are written.
//!
//! What cannot be told from the sample is a [`Question`], not a guess. Which column is which field is not told here,
//! since only registers have fields; they bring the names that columns may have.

mod cells;
mod dialect;
mod documents;
mod doubts;
mod encoding;
mod fixed;
mod fixed_kinds;
mod kinds;
mod languages;
mod parts;
mod sample;
mod table;
#[cfg(test)]
mod tests;
mod writing;

use crate::delimited::name_delimiter;
use crate::stage::{is_packed, unpack};
use crate::{DecimalSeparator, Encoding, Format, Layout, Limits, OuterBlanks, TableEnds};

pub use kinds::{Kind, is_date, is_iban, kind};
pub use sample::{Sample, SampleError};
pub use table::is_total;

/// Rows that are kept to look at their values.
const ROWS: usize = 400;

/// The most characters by which the beginning of a line is known.
const BEGINNING: usize = 60;

/// What was found out of a file.
#[derive(Clone, Debug)]
pub struct Suggestion {
    /// How the file is to be read. It has no name, register, file name or columns yet, and defaults for what nothing
    /// could be said of.
    pub format: Format,
    /// The encoding, where the layout has one, with how sure it is, from 0 to 1.
    pub encoding: Option<(Encoding, f64)>,
    /// How sure the layout and its delimiter are, from 0 to 1.
    pub layout_confidence: f64,
    /// What separates decimals, where some number shows it.
    pub decimal_separator: Option<DecimalSeparator>,
    /// Columns with numbers that could have thousands or three decimals, such as `1.234`, where nothing shows which;
    /// each from 0, with such a number. They are refused by the format that is proposed.
    pub unclear_thousands: Vec<(usize, String)>,
    /// How dates are written, where some column of dates shows it.
    pub date_format: Option<String>,
    /// The names of the columns; empty when the file has none.
    pub header: Vec<String>,
    /// The cells of the first rows, and of some later ones where the file is long. A row may be shorter or longer than
    /// the header.
    pub rows: Vec<Vec<String>>,
    /// What a person must say.
    pub questions: Vec<Question>,
}

/// What a person must say, since the sample does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The key of the settings file that the answer belongs to, such as `encoding` or `columns`.
    pub key: &'static str,
    /// The question, as a sentence.
    pub sentence: String,
    /// The answers there are, the one that was taken first; empty when any text may be one.
    pub choices: Vec<String>,
}

impl Suggestion {
    /// How many columns the file has.
    pub fn width(&self) -> usize {
        if self.header.is_empty() {
            self.rows.iter().map(Vec::len).max().unwrap_or(0)
        } else {
            self.header.len()
        }
    }

    /// The values of a column, blank ones included.
    pub fn values(&self, column: usize) -> impl Iterator<Item = &str> {
        self.rows.iter().map(move |row| row.get(column).map_or("", String::as_str))
    }
}

/// Says what the file is that `sample` was taken from. `names` tells whether a text is a name that a column may have.
///
/// # Errors
/// A sentence when nothing can be said: an empty file, a binary one that is no workbook, an archive that cannot be
/// unpacked.
pub fn suggest(
    sample: &Sample,
    names: &dyn Fn(&str) -> bool,
    limits: Limits,
) -> Result<Suggestion, SampleError> {
    let unpacked;
    let mut sample = sample;
    let packed = |sample: &Sample| {
        is_packed(&sample.head, Layout::Excel)
            || is_packed(&sample.head, Layout::Delimited) && !documents::is_workbook(&sample.head)
    };
    if packed(sample) {
        unpacked = sample::unpacked(sample, limits, |source, out| unpack(source, limits, out))?;
        sample = &unpacked;
        if packed(sample) {
            return Err(SampleError::new(
                "The archive holds another archive; only one is unpacked.",
                "Let the ERP system compress the file once.",
            ));
        }
    }
    if sample.head.is_empty() {
        return Err(SampleError::new("The file is empty.", "Let the ERP system write it again."));
    }
    if documents::is_workbook(&sample.head) {
        return documents::workbook(sample, names, limits);
    }
    if encoding::is_ebcdic(&sample.head) {
        return Err(SampleError::new(
            "The file is in EBCDIC, the encoding of IBM's large computers, which is not read here.",
            "Let it be sent as text (FTP: ASCII mode), or let the ERP system write another encoding.",
        ));
    }
    if let Some(what) = foreign(&sample.head) {
        return Err(SampleError::new(
            format!("The file is {what}, whatever it is called, and no file of records."),
            "Let the ERP system write a text file (CSV), an Excel workbook, XML or JSON.",
        ));
    }
    let mut guess = encoding::guess(&sample.joined(), sample.whole);
    if let Some(declared) = documents::declared(&sample.head) {
        guess = encoding::Guess { encoding: declared, confidence: 1.0, others: Vec::new() };
    }
    let text = sample.text(guess.encoding)?;
    if text.trim().is_empty() {
        return Err(SampleError::new(
            "The file has nothing but blank lines.",
            "Let the ERP system write it again.",
        ));
    }
    let mut suggestion = match documents::layout(&text) {
        Some(layout) => documents::document(layout, sample, guess.encoding, &text, names, limits)?,
        None if !sample.whole && !text.contains('\n') => {
            return Err(SampleError::new(
                format!("line 1: The first {} KiB of the file are one line.", sample.head.len() >> 10),
                "Check that it is the right file, and that it has one record on each line.",
            ));
        }
        None => lines(&text, names, limits)?,
    };
    suggestion.format.encoding = guess.encoding;
    suggestion.encoding = Some((guess.encoding, guess.confidence));
    if guess.confidence < encoding::SURE {
        suggestion.questions.push(Question {
            key: "encoding",
            sentence: format!(
                "Are letters such as {} right? The file looks like {}, but this is not certain.",
                beyond_ascii(&text),
                guess.encoding.title()
            ),
            choices: guess.others.iter().map(|other| other.label().to_owned()).collect(),
        });
    }
    Ok(suggestion)
}

/// What a file is that people take for one of records now and then, told by its first bytes.
fn foreign(head: &[u8]) -> Option<&'static str> {
    let known: [(&[u8], &str); 6] = [
        (b"%PDF-", "a PDF document"),
        (b"{\\rtf", "a document in Rich Text Format"),
        (b"\x89PNG", "a picture"),
        (b"\xFF\xD8\xFF", "a picture"),
        (b"7z\xBC\xAF\x27\x1C", "a 7-Zip archive"),
        (b"Rar!\x1A\x07", "a RAR archive"),
    ];
    known.iter().find(|(start, _)| head.starts_with(start)).map(|(_, what)| *what)
}

/// The words of a text that show in which encoding it is.
fn beyond_ascii(text: &str) -> String {
    let mut words: Vec<&str> = Vec::new();
    for word in text.split(|c: char| !c.is_alphanumeric()) {
        if !word.is_ascii() && !words.contains(&word) && words.len() < 3 {
            words.push(word);
        }
    }
    format!("“{}”", words.join("”, “"))
}

/// A text whose records lie line by line.
fn lines(text: &str, names: &dyn Fn(&str) -> bool, limits: Limits) -> Result<Suggestion, SampleError> {
    let section = parts::section(text, names);
    let part = section.as_ref().map_or(text, |(_, part)| *part);
    let fit = dialect::guess(part);
    if section.is_none()
        && let Some(kinds) = fixed_kinds::find(part, &fit, names)
    {
        return Ok(of_kinds(kinds, text, names));
    }
    if section.is_none()
        && let Some(cells) = fixed::cells(text, &fit, names)
    {
        let mut format = Format { layout: Layout::FixedWidth, ..Format::default() };
        let rows = fixed::rows(text, &cells);
        format.cells = cells;
        return Ok(finish(format, rows, text, 0.8, names));
    }
    let dialect = fit.dialect.clone();
    let mut rows = cells::rows(part, &dialect, ROWS + 100);
    if let Some((line, cells)) = rows.iter().find(|(_, cells)| cells.len() > limits.columns) {
        return Err(SampleError::new(
            format!(
                "line {line}: {} stands between {} cells; at most {} columns are read.",
                name_delimiter(&dialect.delimiter),
                cells.len(),
                limits.columns
            ),
            "Check that it is the right file. If it is as it should be, raise limits.columns in the settings file.",
        ));
    }
    let mut format = Format::default();
    if !dialect.delimiter.is_empty() {
        format.delimiter.clone_from(&dialect.delimiter);
    }
    if dialect.quote.is_none() && text.contains('"') {
        format.quote = String::new();
    } else if let Some(quote) = dialect.quote {
        format.quote = quote.to_string();
    }
    format.escape = dialect.escape.map(String::from).unwrap_or_default();
    let mut by_kind = false;
    let mut rivals = Vec::new();
    if let Some(end) = parts::end_of_named(&rows, names) {
        rows.truncate(end);
        format.footer.push("@*".to_owned());
    }
    if let Some((name, _)) = section {
        format.section = name;
        by_kind = true;
    } else if let Some(records) = parts::records(&rows, names).or_else(|| parts::records_by_width(&rows)) {
        format.records = records.first;
        rivals = records.rivals;
        format.header_lines = u32::from(records.header.is_some());
        format.header_marker = records.header.unwrap_or_default();
        rows = records.rows;
        by_kind = true;
    }
    let mut suggestion = finish(format, rows, part, fit.score.clamp(0.0, 1.0), names);
    if suggestion.format.header_lines == 0 {
        // What was taken for a header names nothing.
        suggestion.format.header_marker.clear();
    }
    suggestion.format.outer_blanks = outer_blanks(&suggestion.rows);
    if !rivals.is_empty() {
        let question = records_question(&suggestion.format.records, rivals);
        suggestion.questions.push(question);
    }
    if fit.is_unsure() && suggestion.format.records.is_empty() {
        suggestion.questions.push(delimiter_question(&dialect, &fit.rival));
    }
    if dialect.quote.is_none()
        && let Some(cells) = suggestion.rows.iter().find_map(|row| dialect::torn(row))
    {
        suggestion.questions.push(Question {
            key: "quote",
            sentence: format!(
                "Is {} one cell in quotes? Most lines fall into columns only if quotes are part of the text.",
                cells.join(&dialect.delimiter)
            ),
            choices: vec!["\"".to_owned(), String::new()],
        });
    }
    if by_kind {
        // What stands above the table is passed over for what it begins with.
        suggestion.format.skip_lines = 0;
        suggestion.format.table_ends = TableEnds::default();
        suggestion.format.footer.clear();
    }
    Ok(suggestion)
}

/// Text at fixed positions that has lines of several kinds.
fn of_kinds(kinds: fixed_kinds::Kinds, text: &str, names: &dyn Fn(&str) -> bool) -> Suggestion {
    let format =
        Format { layout: Layout::FixedWidth, records: kinds.first, cells: kinds.cells, ..Format::default() };
    let mut suggestion = finish(format, kinds.rows, text, 0.6, names);
    let format = &mut suggestion.format;
    // Which lines are passed over, what they begin with tells.
    (format.skip_lines, format.table_ends) = (0, TableEnds::default());
    format.footer.clear();
    let question = records_question(&format.records, kinds.others);
    suggestion.questions.push(question);
    suggestion
}

fn records_question(first: &str, others: Vec<String>) -> Question {
    Question {
        key: "records",
        sentence: format!(
            "Are the lines that begin with {first} the records? The file has lines of several kinds."
        ),
        choices: std::iter::once(first.to_owned()).chain(others).collect(),
    }
}

/// What becomes of blanks around cells: those that fill up most cells, as databases print them, belong to none.
fn outer_blanks(rows: &[Vec<String>]) -> OuterBlanks {
    let begins = |cell: &&String| cell.starts_with(' ');
    let ends = |cell: &&String| cell.ends_with(' ');
    let cells: Vec<&String> = rows.iter().flatten().filter(|cell| !cell.trim().is_empty()).collect();
    let filled_up = cells.iter().filter(|cell| begins(cell) || ends(cell)).count();
    if filled_up * 2 <= cells.len() {
        OuterBlanks::default()
    } else if cells.iter().any(begins) {
        OuterBlanks::Both
    } else {
        OuterBlanks::End
    }
}

fn delimiter_question(dialect: &dialect::Dialect, rival: &str) -> Question {
    let mut delimiters = vec![dialect.delimiter.as_str(), rival];
    delimiters.retain(|delimiter| !delimiter.is_empty());
    let choices: Vec<String> = delimiters.into_iter().map(name_delimiter).collect();
    let sentence = match choices.as_slice() {
        [one, other] => {
            format!("Does {one} stand between two cells, or {other}? The file can be read either way.")
        }
        _ => format!(
            "Does {} stand between two cells? The lines do not fall into columns by it.",
            choices.join(", ")
        ),
    };
    Question { key: "delimiter", sentence, choices }
}

/// Finds the table among the rows of a text and how its values are written.
fn finish(
    mut format: Format,
    rows: Vec<table::Numbered>,
    text: &str,
    layout_confidence: f64,
    names: &dyn Fn(&str) -> bool,
) -> Suggestion {
    let table = table::find(&rows, names);
    format.skip_lines = u32::try_from(table.skip_lines).unwrap_or(0);
    format.header_lines = u32::try_from(table.header_rows).unwrap_or(0);
    format.lines_below_header = u32::try_from(table.unit_rows).unwrap_or(0);
    ends(&mut format, &rows, &table, text);
    let inside: Vec<table::Numbered> =
        rows.into_iter().take(table.end).filter(|(line, _)| *line > table.skip_lines).collect();
    let totals = doubts::totals_between(&mut format, &inside, table.width);
    let is_row = |cells: &[String]| {
        format.comment.is_empty() || cells.first().is_none_or(|first| !first.starts_with(&format.comment))
    };
    let inside: Vec<Vec<String>> =
        inside.into_iter().map(|(_, cells)| cells).filter(|cells| is_row(cells)).collect();
    let (named, rows) = inside.split_at(table.header_rows.min(inside.len()));
    let header = table::joined(named);
    let rows = rows[table.unit_rows.min(rows.len())..].to_vec();
    let mut suggestion = read(format, header, rows, layout_confidence);
    let table =
        doubts::no_table(&suggestion, names).filter(|_| suggestion.format.layout == Layout::Delimited);
    suggestion.questions.extend(table.into_iter().chain(totals));
    suggestion
}

/// What ends the table, where something stands below it: a line that begins as the first one below does, or, where that
/// line says too little, the blank line above it.
fn ends(format: &mut Format, rows: &[table::Numbered], table: &table::Table, text: &str) {
    let Some((line, cells)) = rows.get(table.end).filter(|_| table.end > 0) else { return };
    let first = cells.iter().map(|cell| cell.trim()).find(|cell| !cell.is_empty()).unwrap_or_default();
    let word = first_words(first);
    if table::is_total(first) {
        format.footer.push(format!("{}*", word.trim()));
        return;
    }
    let blank = |line: u64| {
        let at = usize::try_from(line).unwrap_or(usize::MAX).saturating_sub(1);
        text.lines().nth(at).is_some_and(|line| line.trim().is_empty())
    };
    let start = rows.iter().find(|(line, _)| *line > table.skip_lines).map_or(1, |(line, _)| *line);
    let last = rows[..table.end].last().map_or(start, |(line, _)| *line);
    let inside = text
        .lines()
        .skip(usize::try_from(start).unwrap_or(0))
        .take(usize::try_from(last.saturating_sub(start)).unwrap_or(0));
    if *line > 1 && blank(line - 1) && !inside.clone().any(|line| line.trim().is_empty()) {
        format.table_ends = TableEnds::BlankLine;
    } else if !word.trim().is_empty() {
        let start: String =
            first.split_whitespace().next().unwrap_or_default().chars().take(BEGINNING).collect();
        format.footer.push(format!("{start}*"));
    }
}

/// The words with which a text begins, as far as they are needed to know it by.
fn first_words(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphabetic() || *c == ' ').take(BEGINNING).collect()
}

/// How the values of a table are written.
fn read(format: Format, header: Vec<String>, rows: Vec<Vec<String>>, layout_confidence: f64) -> Suggestion {
    let mut suggestion = Suggestion {
        format,
        encoding: None,
        layout_confidence,
        decimal_separator: None,
        unclear_thousands: Vec::new(),
        date_format: None,
        header,
        rows,
        questions: Vec::new(),
    };
    suggestion.rows.truncate(ROWS);
    writing::find(&mut suggestion);
    suggestion
}
