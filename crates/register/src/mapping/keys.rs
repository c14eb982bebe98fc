//! What is told of rows because of their keys: other lines or several records have them, or a rule leaves them out.

use erpfile::{Problem, Row};

use super::Mapper;
use crate::Register;
use crate::field::{self, Fault, code};

impl Mapper {
    /// The problem of a row whose key stands on other lines too. `lines` are some of them, `all` how many they are.
    pub(crate) fn duplicate(&self, row: &Row, lines: &[u64], all: u64) -> Problem {
        let cell = self.key.text(row).unwrap_or_default();
        let named = named(lines, all);
        let fault = Fault {
            code: code::DUPLICATE_KEY,
            message: format!("{} stands also on {named}, with other content.", field::shown(&cell)),
            hint: "Nobody can tell which line is right, so none of them was taken: correct the export, or let the last \
                   line count in the format (repeated = \"last\")."
                .to_owned(),
        };
        self.key.problem(row, fault)
    }

    /// The problem of a row that a rule of the format leaves without effect.
    pub(crate) fn by_rule(&self, row: &Row, code: &'static str) -> Problem {
        let (cell, singular) = (self.key.text(row).unwrap_or_default(), self.register.singular);
        let cell = field::shown(&cell);
        let (message, hint) = if code == code::NOT_CREATED {
            (
                format!("There is no {singular} {cell}, and the format creates none."),
                format!("Create the {singular} here, or let the format create, too."),
            )
        } else {
            (
                format!("The row would change the {singular} {cell}, and the format only creates."),
                "Change it here, or let the format update, too.".to_owned(),
            )
        };
        self.key.problem(row, Fault { code, message, hint })
    }

    /// The same for `all` rows together. `lines` are the first of them.
    pub(crate) fn by_rule_together(&self, code: &'static str, lines: &[u64], all: u64) -> Problem {
        let Register { singular, title, .. } = self.register;
        let (title, named) = (title.to_lowercase(), named(lines, all));
        let (message, hint) = if code == code::NOT_CREATED {
            (
                format!(
                    "{all} rows are of {title} that are not there, and the format creates none: {named}."
                ),
                format!("Let the format create, too, if each of them is to be a {singular}."),
            )
        } else {
            (
                format!("{all} rows would change their {title}, and the format only creates: {named}."),
                "Let the format update, too, if they are to be changed.".to_owned(),
            )
        };
        Problem { field: Some(self.register.key.to_owned()), ..Problem::new(code, message, hint) }
    }

    /// A note on a record of this key that a full export does not mention. `title` is what people call it.
    pub(crate) fn not_in_file(&self, key: &str, title: Option<&str>) -> Problem {
        let singular = self.register.singular;
        let called = title.map_or_else(String::new, |title| format!(" ({})", field::cut(title)));
        let message = format!("The {singular} {}{called} is not in the file.", field::cut(key));
        let hint = format!("Nothing was changed: look whether the {singular} is to be inactive here.");
        let problem = Problem::new(code::NOT_IN_FILE, message, hint).with_value(key);
        Problem { field: Some(self.register.key.to_owned()), ..problem }
    }

    /// The problem of a row whose key is, as the format compares keys, the one of several records. `numbers` are some of
    /// them.
    pub(crate) fn ambiguous(&self, row: &Row, numbers: &[String], all: u64) -> Problem {
        let cell = self.key.text(row).unwrap_or_default();
        let mut named: Vec<String> = numbers.iter().map(|number| field::shown(number)).collect();
        let more = all - numbers.len() as u64;
        if more > 0 {
            named.push(format!("{more} more"));
        }
        let fault = Fault {
            code: code::AMBIGUOUS_KEY,
            message: format!(
                "{} can be several {}: {}.",
                field::shown(&cell),
                self.register.title.to_lowercase(),
                named.join(" and ")
            ),
            hint: "Nobody can tell which of them is meant: give one of them another key, or compare keys exactly in the \
                   format."
                .to_owned(),
        };
        self.key.problem(row, fault)
    }

    /// The problem of a row whose key stands on other lines too, when each line is a contact and the lines are not taken
    /// for this reason.
    pub(crate) fn beside(&self, row: &Row, why: Fault) -> Problem {
        let cell = self.key.text(row).unwrap_or_default();
        let message = format!("{} is not taken. {}", field::shown(&cell), why.message);
        self.key.problem(row, Fault { message, ..why })
    }

    /// The problem of a row that a later line with the same key replaces, when that line is refused.
    pub(crate) fn replaced(&self, row: &Row, by: u64) -> Problem {
        let cell = self.key.text(row).unwrap_or_default();
        let fault = Fault {
            code: code::DUPLICATE_KEY,
            message: format!(
                "{} stands also on line {by}, which counts and is refused.",
                field::shown(&cell)
            ),
            hint: "Correct that line, and import the file again.".to_owned(),
        };
        self.key.problem(row, fault)
    }
}

/// Some of `all` lines, in words: "lines 2, 5 and 7", "lines 2, 5, 7 and 9 more".
fn named(lines: &[u64], all: u64) -> String {
    let named: Vec<String> = lines.iter().map(u64::to_string).collect();
    match (named.as_slice(), all - lines.len() as u64) {
        ([one], 0) => format!("line {one}"),
        ([before @ .., last], 0) => format!("lines {} and {last}", before.join(", ")),
        (some, more) => format!("lines {} and {more} more", some.join(", ")),
    }
}
