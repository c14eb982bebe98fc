//! What is wrong with a format before any file is read.

use std::collections::HashSet;

use super::{ColumnFrom, Content, Format, Layout, Missing, Repeated};

/// The highest position a column can have; the most columns that settings can allow.
pub(super) const HIGHEST_POSITION: u32 = 100_000;

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
            match &column.from {
                ColumnFrom::Name(name) if name.trim().is_empty() => {
                    list.add(key, "The column has no name.", "Give its name in the header, or its position.");
                }
                ColumnFrom::Name(name) if self.header_lines == 0 && !self.names_its_columns() => {
                    let message =
                        format!("The column \"{name}\" is given by name, but the file has no header.");
                    list.add(
                        key,
                        message,
                        "Give its position (1 is the first column), or set one header line.",
                    );
                }
                ColumnFrom::Position(position) if !(1..=HIGHEST_POSITION).contains(position) => {
                    let message = format!("There is no column at position {position}.");
                    list.add(key, message, "Positions count from 1, the first column.");
                }
                _ => {}
            }
        }
    }

    /// Whether every record says itself what its values are called, so that there is no header.
    pub(super) fn names_its_columns(&self) -> bool {
        matches!(self.layout, Layout::Xml | Layout::Json)
    }

    fn check_values(&self, list: &mut List) {
        if let Err(message) = check_date_format(&self.date_format) {
            let hint =
                "Write the day as %d, the month as %m, the year as %Y (2026) or %y (26), such as %d-%m-%Y.";
            list.add("date-format", message, hint);
        }
        if self.missing == Missing::Deactivate && self.content != Content::Full {
            let message = "Only an export of every record tells which ones are missing.";
            list.add("missing", message, "Choose content = \"full\", or leave.");
        }
        if self.repeated == Repeated::Contacts {
            let message = "Contacts on repeated lines are not supported by this version.";
            list.add("repeated", message, "Choose refuse or last.");
        }
    }

    fn check_columns(&self, list: &mut List) {
        let mut fields = HashSet::new();
        for (index, column) in self.columns.iter().enumerate() {
            let key = format!("columns[{}].field", index + 1);
            if column.field.trim().is_empty() {
                let message = format!("The column {} is mapped to no field.", column.from);
                list.add(key, message, "Choose its field, or remove the column.");
            } else if !fields.insert(column.field.as_str()) {
                let message = format!("Two columns are mapped to the field {}.", column.field);
                list.add(key, message, "Map one column to each field.");
            }
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
