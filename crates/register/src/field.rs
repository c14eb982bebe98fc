//! Kinds of value and their checks: what a cell must look like, and what is stored of it.
//!
//! Values are stored as text: text exactly as it stood, numbers with a point and the file's digits, dates in ISO 8601,
//! yes and no as `1` and `0`, codes in the case of their standard. A value is taken as it is or refused with a reason;
//! nothing is cut, rounded or guessed.

pub mod code;

use std::borrow::Cow;

use erpfile::Thousands;

use crate::codes;
use crate::contacts;
use crate::date::DateFormat;
use crate::number;

/// One field of a register.
#[derive(Debug, Clone)]
pub struct Field {
    /// What formats and JSON call it, and its column in the table: "credit_limit".
    pub name: &'static str,
    /// What people call it: "Credit limit".
    pub label: &'static str,
    /// What it can hold.
    pub kind: Kind,
    /// Whether the search looks here.
    pub searched: bool,
    /// The heading under which a record's page shows it.
    pub group: &'static str,
    /// Whether an administrator has declared it ([`crate::own_fields`]).
    pub own: bool,
}

impl Field {
    /// A field that is not searched.
    pub(crate) const fn new(
        name: &'static str,
        label: &'static str,
        kind: Kind,
        group: &'static str,
    ) -> Field {
        Field { name, label, kind, searched: false, group, own: false }
    }

    /// The same for a field that an administrator has declared.
    pub(crate) const fn own(
        name: &'static str,
        label: &'static str,
        kind: Kind,
        group: &'static str,
    ) -> Field {
        Field { own: true, ..Field::new(name, label, kind, group) }
    }

    /// The same, found by the search.
    pub(crate) const fn searched(mut self) -> Field {
        self.searched = true;
        self
    }
}

/// What a field can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text, kept exactly as it stands, up to `max` characters.
    Text {
        /// Most characters.
        max: u32,
    },
    /// A decimal number, compared by value and shown with the digits of the file.
    Decimal {
        /// Most digits altogether, leading zeros not counted.
        digits: u32,
        /// Most digits after the decimal separator.
        scale: u32,
    },
    /// A day, stored as `2026-11-22`.
    Date,
    /// Yes or no, stored as `1` or `0`.
    YesNo,
    /// A country by ISO 3166-1, in letters or as a number, or by its name; stored as alpha-2 in upper case.
    Country,
    /// A currency by ISO 4217, stored in upper case.
    Currency,
    /// A language by ISO 639-1, stored in lower case.
    Language,
    /// One or more e-mail addresses, kept as they stand; only the shape is checked.
    Email {
        /// Most characters.
        max: u32,
    },
    /// A telephone number, kept as it stands; found by the search with and without its blanks.
    Phone {
        /// Most characters.
        max: u32,
    },
    /// An address on the web, kept as it stands.
    Url {
        /// Most characters.
        max: u32,
    },
    /// One of a few texts.
    Choice {
        /// What can be chosen.
        choices: &'static [&'static str],
    },
    /// A list of contacts, stored as [`crate::contacts`] says.
    Contacts,
}

impl Kind {
    /// The most characters of a kind that is stored as it stands.
    pub fn text_max(self) -> Option<u32> {
        match self {
            Kind::Text { max } | Kind::Email { max } | Kind::Phone { max } | Kind::Url { max } => Some(max),
            _ => None,
        }
    }

    /// Whether `stored` could be a value of this kind; of a choice, that was there once.
    pub(crate) fn could_hold(self, stored: &str) -> bool {
        match self {
            Kind::Decimal { .. } | Kind::Date | Kind::YesNo => {
                check(self, stored, &Writing::plain('.')).is_ok_and(|value| value.as_deref() == Some(stored))
            }
            _ => true,
        }
    }

    /// Whether two stored values mean the same: numbers by value, everything else by its text.
    pub(crate) fn same(self, old: &str, new: &str) -> bool {
        old == new || (matches!(self, Kind::Decimal { .. }) && number::same(old, new))
    }

    /// The same for values that may be empty.
    pub(crate) fn unchanged(self, old: Option<&str>, new: Option<&str>) -> bool {
        match (old, new) {
            (Some(old), Some(new)) => self.same(old, new),
            (old, new) => old == new,
        }
    }
}

/// Why a value is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// One of the words of [`code`].
    pub code: &'static str,
    /// What is wrong, as a sentence that shows the value.
    pub message: String,
    /// What to do next, as a sentence.
    pub hint: String,
}

/// How values are written in a file.
#[derive(Debug, Clone)]
pub struct Writing {
    /// What separates the decimals: `.` or `,`.
    pub decimal: char,
    /// When the other one of these separates thousands.
    pub thousands: Thousands,
    /// How days are written.
    pub date: DateFormat,
}

impl Writing {
    /// Days as `2026-11-22`, and no number that could be read in two ways; `decimal` separates the decimals.
    pub(crate) fn plain(decimal: char) -> Writing {
        Writing { decimal, thousands: Thousands::Certain, date: DateFormat::iso() }
    }
}

/// What people and ERP systems write for yes, in lower case, in the languages of Europe. What is yes in one language and
/// no in another, or could be the first letter of another state (`a` for active), is in neither list.
#[rustfmt::skip]
const YES: &[&str] = &[
    "1", "-1", "x", "y", "yes", "t", "true", "on", "j", "ja", "já", "jah", "k", "kyllä", "tosi", "o", "oui", "vrai", "wahr",
    "waar", "sand", "sandt", "sant", "s", "si", "sí", "sì", "sim", "verdadero", "verdadeiro", "vero", "tak", "prawda", "ano",
    "áno", "pravda", "da", "igen", "igaz", "jā", "taip", "tiesa", "iva", "evet", "ναι", "да", "так", "adevărat",
];
/// What people and ERP systems write for no, in lower case.
#[rustfmt::skip]
const NO: &[&str] = &[
    "0", "n", "no", "f", "false", "off", "e", "ei", "epätosi", "non", "faux", "nej", "nei", "nein", "nee", "falsk", "falskt",
    "falsch", "onwaar", "usant", "usann", "não", "nao", "falso", "nie", "fałsz", "ne", "nepravda", "nem", "hamis", "nē", "nu",
    "le", "hayır", "όχι", "не", "нет", "ні", "fals",
];

/// Checks `cell` for a field of this kind: the value to store, or `None` for an empty cell (only blanks count as
/// empty, and so does a date of zeros such as `00-00-0000`).
///
/// # Errors
/// The [`Fault`] that a person needs to mend the value.
pub fn check<'a>(kind: Kind, cell: &'a str, writing: &Writing) -> Result<Option<Cow<'a, str>>, Fault> {
    let trimmed = trim(cell);
    if trimmed.is_empty() {
        return Ok(None);
    }
    if let Some(max) = kind.text_max() {
        check_text(cell, max)?;
        if matches!(kind, Kind::Email { .. }) {
            check_email(trimmed)?;
        }
        return Ok(Some(Cow::Borrowed(cell)));
    }
    match kind {
        Kind::Decimal { digits, scale } => number::check(trimmed, writing, digits, scale).map(Some),
        Kind::Date => writing.date.check(trimmed).map(|day| day.map(Cow::Owned)),
        Kind::YesNo => check_yes_no(trimmed).map(|value| Some(Cow::Borrowed(value))),
        Kind::Country => check_country(trimmed).map(Some),
        Kind::Currency => {
            check_code(trimmed, codes::CURRENCIES, str::to_ascii_uppercase).map(Some).ok_or_else(|| {
                fault(
                    code::UNKNOWN_CURRENCY,
                    trimmed,
                    "is not a currency code",
                    "Use the three letters of ISO 4217, for example DKK or EUR.",
                )
            })
        }
        Kind::Language => {
            check_code(trimmed, codes::LANGUAGES, str::to_ascii_lowercase).map(Some).ok_or_else(|| {
                fault(
                    code::UNKNOWN_LANGUAGE,
                    trimmed,
                    "is not a language code",
                    "Use the two letters of ISO 639-1, for example da or de.",
                )
            })
        }
        Kind::Choice { choices } => check_choice(choices, trimmed).map(|choice| Some(Cow::Borrowed(choice))),
        Kind::Contacts => contacts::check(trimmed),
        Kind::Text { .. } | Kind::Email { .. } | Kind::Phone { .. } | Kind::Url { .. } => {
            Ok(Some(Cow::Borrowed(cell)))
        }
    }
}

/// Blanks around a value that is not text mean nothing: ASCII blanks and the no-break spaces of spreadsheets.
fn trim(cell: &str) -> &str {
    // By far most cells have nothing to trim, and a look at both ends tells.
    match cell.as_bytes() {
        [] => cell,
        [first, .., last] if (0x21..0x80).contains(first) && (0x21..0x80).contains(last) => cell,
        _ => cell.trim_matches(char::is_whitespace),
    }
}

/// A fault whose sentence begins with the value.
pub(crate) fn fault(code: &'static str, value: &str, what: &str, hint: impl Into<String>) -> Fault {
    Fault { code, message: format!("{} {what}.", shown(value)), hint: hint.into() }
}

/// A value in quotes, cut where it would fill the screen, with control characters made visible.
pub(crate) fn shown(value: &str) -> String {
    format!("\"{}\"", cut(value))
}

/// Text for a sentence: cut where it would fill the screen, with control characters made visible.
pub(crate) fn cut(text: &str) -> String {
    const SHOWN: usize = 60;
    let mut out = String::with_capacity(text.len().min(SHOWN * 4));
    for (at, c) in text.chars().enumerate() {
        if at == SHOWN {
            out.push('…');
            break;
        }
        if c.is_control() { out.extend(c.escape_unicode()) } else { out.push(c) }
    }
    out
}

fn check_text(text: &str, max: u32) -> Result<(), Fault> {
    if text.len() > max as usize {
        let length = text.chars().count();
        if length > max as usize {
            return Err(Fault {
                code: code::TOO_LONG,
                message: format!("The text has {length} characters; at most {max} are allowed."),
                hint: "Shorten it in the ERP system; nothing is ever cut off here.".to_owned(),
            });
        }
    }
    match control(text, false) {
        Some(found) => Err(control_fault(found)),
        None => Ok(()),
    }
}

/// The first control character of `text`; tabs and line breaks count only when `all` is asked for.
pub(crate) fn control(text: &str, all: bool) -> Option<char> {
    // Bytes first, all of them so that many are looked at in one step: only ASCII controls and what begins with 0xC2
    // can be control characters.
    if !text.bytes().fold(false, |found, b| found | (b < 0x20) | (b == 0x7f) | (b == 0xc2)) {
        return None;
    }
    text.chars().find(|c| c.is_control() && (all || !matches!(c, '\t' | '\n' | '\r')))
}

pub(crate) fn control_fault(found: char) -> Fault {
    Fault {
        code: code::CONTROL_CHARACTER,
        message: format!("The text holds the control character U+{:04X}.", u32::from(found)),
        hint: "Remove it in the ERP system, or check that the format's encoding is right.".to_owned(),
    }
}

/// Lenient on purpose: ERP systems keep several addresses in one field, and addresses that look odd but work.
pub(crate) fn is_email(text: &str) -> bool {
    text.split([';', ',']).map(str::trim).filter(|part| !part.is_empty()).all(|part| {
        part.rsplit_once('@').is_some_and(|(local, host)| {
            !local.is_empty()
                && !host.is_empty()
                && !host.contains(char::is_whitespace)
                && !host.starts_with('.')
                && !host.ends_with('.')
        })
    }) && text.contains('@')
}

fn check_email(text: &str) -> Result<(), Fault> {
    if is_email(text) {
        return Ok(());
    }
    Err(fault(
        code::NOT_AN_EMAIL,
        text,
        "is not an e-mail address",
        "Write it as name@example.com, several separated by semicolons, or leave the cell empty.",
    ))
}

fn check_yes_no(text: &str) -> Result<&'static str, Fault> {
    let is = |words: &[&str]| {
        words.iter().any(|word| word.eq_ignore_ascii_case(text))
            || (!text.is_ascii() && words.contains(&text.to_lowercase().as_str()))
    };
    if is(YES) {
        Ok("1")
    } else if is(NO) {
        Ok("0")
    } else {
        Err(fault(
            code::NOT_YES_OR_NO,
            text,
            "is neither yes nor no",
            "Use 1 or 0, J or N, Y or N, ja or nej, yes or no, true or false, or X.",
        ))
    }
}

/// As it is written in the list, or with other capital letters.
fn check_choice(choices: &[&'static str], text: &str) -> Result<&'static str, Fault> {
    let exactly = choices.iter().find(|choice| **choice == text);
    let lower = text.to_lowercase();
    let found = exactly.or_else(|| choices.iter().find(|choice| choice.to_lowercase() == lower));
    found.copied().ok_or_else(|| {
        let known: Vec<String> = choices.iter().take(10).map(|choice| cut(choice)).collect();
        let more = if choices.len() > known.len() { " ..." } else { "" };
        let hint = format!(
            "The choices are: {}{more}. An administrator can add one under Main menu > Settings > Own fields.",
            known.join(", ")
        );
        fault(code::NOT_A_CHOICE, text, "is none of the choices", hint)
    })
}

fn check_code<'a>(text: &'a str, list: &[&str], case: fn(&str) -> String) -> Option<Cow<'a, str>> {
    if codes::has(list, text) {
        return Some(Cow::Borrowed(text));
    }
    let cased = case(text);
    codes::has(list, &cased).then_some(Cow::Owned(cased))
}

fn check_country(text: &str) -> Result<Cow<'_, str>, Fault> {
    let by_name = || codes::country(text).map(Cow::Borrowed);
    check_code(text, codes::COUNTRIES, str::to_ascii_uppercase).or_else(by_name).ok_or_else(|| {
        let hint = "Use the two letters of ISO 3166, for example DK or DE, or the country's name; or say in the column's \
                    table of codes what this one means.";
        fault(code::UNKNOWN_COUNTRY, text, "is no country that is known here", hint)
    })
}

#[cfg(test)]
mod tests;
