//! What is wrong with what a format says of the signs between cells, and of which lines are records.

use super::check::List;
use super::{Format, Layout};

/// The most lines that may be skipped above the header.
const MOST_SKIPPED: u32 = 1000;

/// The most lines that a header may have, and that may follow it without being records.
const MOST_HEADER_LINES: u32 = 10;

/// The most texts with which a table may end.
const MOST_FOOTERS: usize = 20;

/// The longest text by which a line is known, in characters.
const LONGEST_TEXT: usize = 200;

impl Format {
    /// What is wrong with the signs of delimited text.
    pub(super) fn check_signs(&self, list: &mut List) {
        self.check_delimiter(list);
        let hint = "Use \" or ', or leave it empty if the file has no quoted cells.";
        self.check_sign("quote", &self.quote, hint, list);
        let hint = "Use \\, or leave it empty if quotes inside a quoted cell are doubled.";
        self.check_sign("escape", &self.escape, hint, list);
        if !self.escape.is_empty() && self.escape == self.quote {
            let message = "The escape and the quote are the same character.";
            list.add("escape", message, "Leave the escape empty: a doubled quote is always understood.");
        }
    }

    fn check_delimiter(&self, list: &mut List) {
        let hint = "Use one or two characters, such as ; or , or || or a tab (written \"\\t\").";
        let signs = self.delimiter.chars().count();
        if signs == 0 {
            list.add("delimiter", "There is no delimiter.", hint);
        } else if signs > 2 {
            let message = format!("The delimiter \"{}\" is longer than two characters.", self.delimiter);
            list.add("delimiter", message, hint);
        }
        if let Some(wrong) = self.delimiter.chars().find(|&c| c.is_alphanumeric() || is_line_sign(c)) {
            let message = format!("{wrong:?} cannot be in a delimiter: it occurs in ordinary text.");
            list.add("delimiter", message, hint);
        }
        let clash = |sign: &str| !sign.is_empty() && self.delimiter.contains(sign);
        if clash(&self.quote) {
            let message = "The quote is part of the delimiter.";
            list.add("delimiter", message, "Choose another delimiter, or leave the quote empty.");
        }
        if clash(&self.escape) {
            let message = "The escape is part of the delimiter.";
            list.add("delimiter", message, "Choose another delimiter, or leave the escape empty.");
        }
    }

    fn check_sign(&self, key: &str, sign: &str, hint: &str, list: &mut List) {
        let mut chars = sign.chars();
        match (chars.next(), chars.next()) {
            (None, _) => {}
            (Some(only), None) if only.is_alphanumeric() || only.is_whitespace() || only.is_control() => {
                list.add(key, format!("{sign:?} cannot be the {key}: it occurs in ordinary text."), hint);
            }
            (Some(_), None) => {}
            (Some(_), Some(_)) => {
                list.add(key, format!("The {key} \"{sign}\" is longer than one character."), hint);
            }
        }
    }

    /// What is wrong with what is said of the lines.
    pub(super) fn check_lines(&self, list: &mut List) {
        if self.skip_lines > MOST_SKIPPED {
            let message =
                format!("{} lines are to be skipped; at most {MOST_SKIPPED} can be.", self.skip_lines);
            list.add("skip-lines", message, "Count the lines above the one that names the columns.");
        }
        if self.header_lines > MOST_HEADER_LINES {
            let message =
                format!("A header of {} lines; at most {MOST_HEADER_LINES} can be.", self.header_lines);
            list.add("header-lines", message, "Count the lines that name the columns, usually 1.");
        }
        if self.lines_below_header > MOST_HEADER_LINES {
            let message = format!(
                "{} lines below the header are to be left out; at most {MOST_HEADER_LINES} can be.",
                self.lines_below_header
            );
            list.add("lines-below-header", message, "Count the lines between the header and the first row.");
        }
        let texts = [
            ("comment", &self.comment),
            ("header-marker", &self.header_marker),
            ("section", &self.section),
            ("records", &self.records),
        ];
        for (key, text) in texts {
            check_text(key, text, list);
        }
        if self.footer.len() > MOST_FOOTERS {
            let message =
                format!("{} texts end the table; at most {MOST_FOOTERS} can be.", self.footer.len());
            list.add("footer", message, "Use * for what differs between them, such as Total*.");
        }
        for (index, footer) in self.footer.iter().enumerate() {
            let key = format!("footer[{}]", index + 1);
            check_text(&key, footer, list);
            if footer.chars().all(|c| c == '*' || c.is_whitespace()) {
                let message = format!("\"{footer}\" would end the table at its first row.");
                list.add(key, message, "Give the first text of the line with which the table ends.");
            }
        }
        if !self.header_marker.is_empty() && self.header_lines == 0 {
            let message = "The header begins with a text, but there is no header.";
            list.add("header-marker", message, "Set one header line, or leave the text empty.");
        }
        if self.section.starts_with(|c: char| c.is_alphanumeric() || c == '"') {
            let message = format!(
                "\"{}\" could be an ordinary row: nothing would tell where its part ends.",
                self.section
            );
            list.add("section", message, "Give a line that begins with a sign such as @ or [, as it stands.");
        }
        if matches!(self.layout, Layout::Xml | Layout::Json) {
            self.check_document(list);
        }
    }

    /// Documents say themselves what a record is.
    fn check_document(&self, list: &mut List) {
        let said = [
            ("header-marker", !self.header_marker.is_empty()),
            ("section", !self.section.is_empty()),
            ("records", !self.records.is_empty()),
            ("footer", !self.footer.is_empty()),
        ];
        for (key, _) in said.into_iter().filter(|(_, said)| *said) {
            let message = "A document has no lines that could be known by how they begin.";
            list.add(key, message, "Leave it empty: \"record\" says where the records are.");
        }
    }
}

fn is_line_sign(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\0')
}

fn check_text(key: &str, text: &str, list: &mut List) {
    if text.chars().count() > LONGEST_TEXT || text.contains(is_line_sign) {
        let message = format!("The text has more than {LONGEST_TEXT} characters, or a line end in it.");
        list.add(key, message, "Give the text with which the line begins.");
    } else if text.trim() != text {
        let message = format!("\"{text}\" begins or ends with a blank.");
        list.add(key, message, "Remove the blank.");
    }
}
