//! What is wrong with a format before any file is read.

use std::collections::HashSet;

use super::{Apply, Column, ColumnFrom, Content, EXCEL_1904_DATES, EXCEL_DATES, Format, Layout, Missing};

/// The highest position a column can have; the most columns that settings can allow.
pub(super) const HIGHEST_POSITION: u32 = 100_000;

/// The most columns that one field can be read from.
const MOST_COLUMNS: usize = 20;

/// One thing that is wrong with a [`Format`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// The key of the settings file, with the 1-based number of the column where there is one:
    /// `delimiter`, `columns[2].from`.
    pub key: String,
    /// What is wrong, as a sentence.
    pub message: String,
    /// What to do, as a sentence.
    pub hint: String,
}

impl Format {
    /// Everything that is wrong with this format, whatever its register is; empty for a usable one.
    ///
    /// Whether the register exists, whether its key field is mapped and whether the fields are its own is
    /// not known here.
    pub fn complaints(&self) -> Vec<Complaint> {
        let mut list = List(Vec::new());
        if self.name.trim().is_empty() {
            list.add("name", "The format has no name.", "Give it a name, such as \"ERP customers\".");
        }
        if self.register.trim().is_empty() {
            list.add("register", "No register is chosen.", "Choose the register, such as customers.");
        }
        self.check_filename(&mut list);
        self.check_layout(&mut list);
        self.check_values(&mut list);
        self.check_columns(&mut list);
        self.check_finished(&mut list);
        list.0
    }

    /// The complaints because of which no file can be read at all.
    pub(crate) fn unreadable(&self) -> Vec<Complaint> {
        let mut list = List(Vec::new());
        self.check_layout(&mut list);
        list.0
    }

    fn check_filename(&self, list: &mut List) {
        let name = &self.filename;
        let plain = "Use the bare name of the file, such as customers.txt or customers-*.txt.";
        if name.contains(['/', '\\']) {
            list.add("filename", format!("The file name \"{name}\" contains a folder separator."), plain);
        }
        if name.starts_with('.') {
            let message =
                format!("The file name \"{name}\" begins with a dot, as hidden and temporary files do.");
            list.add("filename", message, plain);
        }
        if name.contains(char::is_control) {
            list.add("filename", "The file name contains a control character.", plain);
        }
        if name.trim() != name {
            list.add("filename", "The file name begins or ends with a blank.", "Remove the blank.");
        }
    }

    fn check_layout(&self, list: &mut List) {
        match self.layout {
            Layout::Delimited => self.check_signs(list),
            Layout::FixedWidth if self.cells.is_empty() => {
                let message = "It is not said where the cells lie in the line.";
                list.add("cells", message, "Give their positions, such as \"1-10\", \"11-45\", \"46-\".");
            }
            Layout::FixedWidth => {}
            Layout::Xml if self.record.trim().is_empty() => {
                let message = "It is not said which element of the document is one record.";
                list.add("record", message, "Give its path, such as /customers/customer.");
            }
            Layout::Xml | Layout::Json | Layout::Excel => {}
        }
        self.check_lines(list);
        for (index, column) in self.columns.iter().enumerate() {
            let key = format!("columns[{}].from", index + 1);
            for from in &column.from {
                self.check_from(&key, from, list);
            }
        }
    }

    fn check_from(&self, key: &str, from: &ColumnFrom, list: &mut List) {
        match from {
            ColumnFrom::Name(name) if name.trim().is_empty() => {
                list.add(key, "The column has no name.", "Give its name in the header, or its position.");
            }
            ColumnFrom::Name(name) if self.header_lines == 0 && !self.names_its_columns() => {
                let message = format!("The column \"{name}\" is given by name, but the file has no header.");
                list.add(key, message, "Give its position (1 is the first column), or set one header line.");
            }
            ColumnFrom::Position(position) if !(1..=HIGHEST_POSITION).contains(position) => {
                let message = format!("There is no column at position {position}.");
                list.add(key, message, "Positions count from 1, the first column.");
            }
            _ => {}
        }
    }

    /// Whether every record says itself what its values are called, so that there is no header.
    pub(super) fn names_its_columns(&self) -> bool {
        matches!(self.layout, Layout::Xml | Layout::Json)
    }

    fn check_values(&self, list: &mut List) {
        if let Err(message) = check_date_format(&self.date_format) {
            list.add("date-format", message, DATE_HINT);
        }
        if self.pivot_year > 100 {
            let message = format!("{} is no year of two digits.", self.pivot_year);
            list.add("pivot-year", message, "Use 0 to 99; 100 if all years are of the 21st century.");
        }
        if self.missing != Missing::Leave && self.content != Content::Full {
            let message = "Only an export of every record tells which ones are missing.";
            list.add("missing", message, "Choose content = \"full\", or leave.");
        }
        if self.missing == Missing::Deactivate && self.apply == Apply::Create {
            let message = "Records that are there stay as they are, so none of them can be deactivated.";
            list.add("missing", message, "Choose leave, or let the rows update records, too.");
        }
        let twice = (1..self.ignore_in_key.len())
            .find(|at| self.ignore_in_key[..*at].contains(&self.ignore_in_key[*at]));
        if let Some(at) = twice {
            let word = self.ignore_in_key[at].word();
            list.add("ignore-in-key", format!("\"{word}\" stands there twice."), "Write it once.");
        }
    }

    fn check_columns(&self, list: &mut List) {
        let mut fields = HashSet::new();
        for (index, column) in self.columns.iter().enumerate() {
            let key = format!("columns[{}].field", index + 1);
            self.check_column(index + 1, column, list);
            if column.field.trim().is_empty() {
                let message = format!("The column {} is mapped to no field.", column.title());
                list.add(key, message, "Choose its field, or remove the column.");
            } else if !fields.insert(column.field.as_str()) {
                let message = format!("Two columns are mapped to the field {}.", column.field);
                list.add(key, message, "Map one column to each field.");
            }
        }
    }
}

/// How to write dates.
const DATE_HINT: &str =
    "Write the day as %d, the month as %m, the year as %Y (2026) or %y (26), such as %d-%m-%Y; or excel.";

impl Format {
    fn check_column(&self, number: usize, column: &Column, list: &mut List) {
        let mut add = |key: &str, message: String, hint: &str| {
            list.add(format!("columns[{number}].{key}"), message, hint);
        };
        if column.from.is_empty() && column.value.is_empty() {
            let message = format!("Nothing says where {} comes from.", column.field);
            add("from", message, "Give a column of the file, or a value for every record.");
        }
        if column.from.is_empty()
            && (column.join.is_some() || !column.part.is_whole() || !column.codes.is_empty())
        {
            let message = "Nothing can be made of cells where no column is given.".to_owned();
            add("from", message, "Give a column of the file, or only a value.");
        }
        if column.join.is_some() && column.from.len() == 1 {
            let message =
                format!("Only the column {} is given, so there is nothing to join.", column.title());
            add("join", message, "Give several columns, or leave join out.");
        }
        let most = MOST_COLUMNS;
        if column.from.len() > most {
            let message = format!("{} columns are given for one field.", column.from.len());
            add("from", message, &format!("Give at most {most}."));
        }
        if !column.date_format.is_empty()
            && let Err(message) = check_date_format(&column.date_format)
        {
            add("date-format", message, DATE_HINT);
        }
        let is_serial = [EXCEL_1904_DATES, EXCEL_DATES].contains(&column.date_format.as_str());
        if self.layout == Layout::Excel && !column.date_format.is_empty() && !is_serial {
            let message =
                "The dates of a workbook are all written in the form that the format has for dates."
                    .to_owned();
            add(
                "date-format",
                message,
                "Leave it out here, and set the format's dates; or use excel for plain numbers.",
            );
        }
        if column.codes.keys().any(|code| code.trim().is_empty() || code.trim() != code) {
            let message = "A code in the table is empty, or has blanks around it.".to_owned();
            add("codes", message, "Write each code as it stands in the file, without the blanks around it.");
        }
        if column.codes.is_empty() && !column.other_codes.is_default() {
            let message = "There is no table of codes, so there are no other codes.".to_owned();
            add("other-codes", message, "Give the codes, or leave other-codes out.");
        }
    }
}

/// The complaints gathered so far.
pub(super) struct List(Vec<Complaint>);

impl List {
    pub(super) fn add(
        &mut self,
        key: impl Into<String>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.0.push(Complaint { key: key.into(), message: message.into(), hint: hint.into() });
    }
}

fn check_date_format(format: &str) -> Result<(), String> {
    if [EXCEL_DATES, EXCEL_1904_DATES].contains(&format) {
        return Ok(());
    }
    let mut seen = Vec::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            continue;
        }
        let Some(letter) = chars.next() else {
            return Err(format!("The date format \"{format}\" ends with a lone %."));
        };
        if !"dmYyHMS".contains(letter) {
            return Err(format!("The date format \"{format}\" contains %{letter}, which is not understood."));
        }
        // %Y and %y are two spellings of one part.
        let part = if letter == 'y' { 'Y' } else { letter };
        if seen.contains(&part) {
            return Err(format!("The date format \"{format}\" contains %{letter} or its like twice."));
        }
        seen.push(part);
    }
    for (part, word) in [('d', "day"), ('m', "month"), ('Y', "year")] {
        if !seen.contains(&part) {
            return Err(format!("The date format \"{format}\" has no {word}."));
        }
    }
    Ok(())
}
