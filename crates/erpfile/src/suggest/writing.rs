//! How numbers and dates are written: decided by all values of a column together, never by one of them.

use super::kinds::{Kind, is_date, kind};
use super::{Question, Suggestion};
use crate::{Apostrophe, DecimalSeparator, Thousands};

/// The share of a column's values that must be of a kind to make it a column of that kind.
const SHARE: f64 = 0.8;

/// The orders in which a day is written, and what stands between its parts.
const DATES: &[&str] = &[
    "%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%m-%d-%Y",
    "%d.%m.%y", "%d-%m-%y", "%d/%m/%y", "%m/%d/%y", "%y-%m-%d",
];

/// Finds out how the table's numbers and dates are written, and asks where it cannot be told.
pub(super) fn find(suggestion: &mut Suggestion) {
    let width = suggestion.width();
    let (mut comma, mut point) = (0, 0);
    let mut thousands: Vec<Thousand> = Vec::new();
    let mut dates: Vec<(Vec<String>, usize)> = Vec::new();
    for column in 0..width {
        let values: Vec<&str> =
            suggestion.values(column).map(str::trim).filter(|value| !value.is_empty()).collect();
        let kinds: Vec<Kind> = values.iter().map(|value| kind(value)).collect();
        let share = |wanted: &[Kind]| {
            kinds.iter().filter(|kind| wanted.contains(kind)).count() as f64 / kinds.len().max(1) as f64
        };
        if share(&[Kind::Decimal, Kind::Integer]) >= SHARE && share(&[Kind::Decimal]) > 0.0 {
            for value in &values {
                match separator(value) {
                    Some(DecimalSeparator::Comma) => comma += 1,
                    Some(DecimalSeparator::Point) => point += 1,
                    None => {}
                }
            }
            thousands.extend(Thousand::of(column, &values));
        } else if share(&[Kind::Date]) >= SHARE {
            let day = values.iter().filter(|value| is_date(value) || value.len() == 8);
            let found = forms(day.copied());
            if !found.is_empty() {
                dates.push((found, values.len()));
            }
        }
    }
    suggestion.decimal_separator = match (comma, point) {
        (0, 0) => None,
        (comma, point) if comma >= point => Some(DecimalSeparator::Comma),
        _ => Some(DecimalSeparator::Point),
    };
    if comma > 0 && point > 0 && comma.min(point) * 10 > comma.max(point) {
        suggestion.questions.push(Question {
            key: "decimal-separator",
            sentence: "Some numbers have a comma before their decimals and some a point: which is right?"
                .to_owned(),
            choices: vec![",".to_owned(), ".".to_owned()],
        });
    }
    if suggestion.decimal_separator.is_none() {
        suggestion.decimal_separator = thousands.iter().find(|one| one.is_certain).map(|one| one.decimals());
    }
    if let Some(separator) = suggestion.decimal_separator.or(thousands.first().map(Thousand::decimals)) {
        suggestion.format.decimal_separator = separator;
    }
    let beside = |one: &&Thousand| one.decimals() == suggestion.format.decimal_separator;
    let unclear = thousands.iter().filter(beside).filter(|one| !one.is_certain);
    suggestion.unclear_thousands = unclear.map(|one| (one.column, one.value.clone())).collect();
    if thousands.iter().any(|one| one.is_certain) && suggestion.unclear_thousands.is_empty() {
        suggestion.format.thousands = Thousands::Always;
    }
    find_dates(suggestion, &dates);
    find_guards(suggestion);
}

/// Digits with an apostrophe in front, which keeps a spreadsheet from taking them for a number: whether it belongs to the
/// value is asked.
fn find_guards(suggestion: &mut Suggestion) {
    let digits = |value: &&str| {
        let rest = value.strip_prefix('\'').unwrap_or_default();
        rest.len() > 1 && rest.chars().all(|c| c.is_ascii_digit() || " +-".contains(c))
    };
    let guarded = suggestion.rows.iter().flatten().map(|value| value.trim()).find(digits);
    if let Some(value) = guarded.map(str::to_owned) {
        suggestion.format.apostrophe = Apostrophe::Remove;
        suggestion.questions.push(Question {
            key: "apostrophe",
            sentence: format!("Is the apostrophe in front of {value} to be removed?"),
            choices: [Apostrophe::Remove, Apostrophe::Keep].map(|choice| choice.word().to_owned()).to_vec(),
        });
    }
}

/// A column with numbers that could have thousands or three decimals, such as `1.234`.
struct Thousand {
    column: usize,
    /// One of them.
    value: String,
    /// What stands before the three digits.
    sign: char,
    /// Whether another value of the column shows that it separates thousands: `1.234.567`, `12,50`.
    is_certain: bool,
}

impl Thousand {
    fn of(column: usize, values: &[&str]) -> Option<Thousand> {
        let plain = |value: &str| -> String {
            value.chars().filter(|c| c.is_ascii_digit() || matches!(c, ',' | '.')).collect()
        };
        let unclear = |value: &&str| {
            let number = plain(value);
            let sign = number.chars().find(|c| !c.is_ascii_digit())?;
            let twice = number.matches([',', '.']).count() > 1;
            (!twice && separator(value).is_none()).then_some(sign)
        };
        let (value, sign) = values.iter().find_map(|value| Some((value, unclear(value)?)))?;
        let shows = |value: &str| {
            let number = plain(value);
            let signs: Vec<char> = number.chars().filter(|c| !c.is_ascii_digit()).collect();
            signs.len() > 1 && signs[..signs.len() - 1].iter().all(|one| *one == sign)
        };
        let mut found = Thousand { column, value: (*value).to_owned(), sign, is_certain: false };
        let decimals = Some(found.decimals());
        found.is_certain = values.iter().any(|value| shows(value) || separator(value) == decimals);
        Some(found)
    }

    /// What separates decimals if it separates thousands.
    fn decimals(&self) -> DecimalSeparator {
        if self.sign == ',' { DecimalSeparator::Point } else { DecimalSeparator::Comma }
    }
}

/// The form that most columns of dates have, among those that it can be.
fn find_dates(suggestion: &mut Suggestion, columns: &[(Vec<String>, usize)]) {
    let mut votes: Vec<(&String, usize)> = Vec::new();
    for (forms, times) in columns {
        for form in forms {
            match votes.iter_mut().find(|(other, _)| *other == form) {
                Some((_, votes)) => *votes += times,
                None => votes.push((form, *times)),
            }
        }
    }
    let Some(most) = votes.iter().map(|(_, votes)| *votes).max() else { return };
    let best: Vec<&String> =
        votes.iter().filter(|(_, votes)| *votes == most).map(|(form, _)| *form).collect();
    let Some(first) = best.first() else { return };
    suggestion.format.date_format = (*first).clone();
    if best.len() == 1 || *first == "%Y%m%d" {
        suggestion.date_format = Some((*first).clone());
    } else {
        suggestion.questions.push(Question {
            key: "date-format",
            sentence: "The dates can be read in several ways: which one is right?".to_owned(),
            choices: best.into_iter().cloned().collect(),
        });
    }
}

/// What separates the decimals of a number; `None` where it may separate thousands.
fn separator(value: &str) -> Option<DecimalSeparator> {
    let value = value.trim_matches(|c: char| !c.is_ascii_digit() && !",.".contains(c));
    let last = value.rfind([',', '.'])?;
    let c = value[last..].chars().next()?;
    let decimals = value.len() - last - 1;
    let times = value.matches(c).count();
    let other = value[..last].contains([',', '.', ' ', '\'', '’', '\u{a0}', '\u{202f}']);
    // Three digits behind the only separator are thousands as well as decimals.
    if times > 1 || decimals == 3 && !other && last <= 3 && !value.starts_with('0') {
        return None;
    }
    Some(if c == ',' { DecimalSeparator::Comma } else { DecimalSeparator::Point })
}

/// The forms in which all of the values can be read.
fn forms<'v>(values: impl Iterator<Item = &'v str> + Clone) -> Vec<String> {
    let Some(first) = values.clone().next() else { return Vec::new() };
    let time = if first.len() > 10 {
        time_form(&first[first.find([' ', 'T']).unwrap_or(first.len())..])
    } else {
        String::new()
    };
    let fits = |form: &&&str| {
        values.clone().all(|value| is_of(value.split([' ', 'T']).next().unwrap_or_default(), form))
    };
    DATES.iter().filter(fits).map(|form| format!("{form}{time}")).collect()
}

/// The form of what stands behind a day: ` 12:30`, `T12:30:59`.
fn time_form(rest: &str) -> String {
    let start = rest.chars().next().map(String::from).unwrap_or_default();
    match rest.matches(':').count() {
        1 => format!("{start}%H:%M"),
        2 => format!("{start}%H:%M:%S"),
        _ => String::new(),
    }
}

/// Whether a day is written in a form.
fn is_of(day: &str, form: &str) -> bool {
    let mut rest = day;
    let (mut year, mut month, mut number) = (0, 0, 0);
    let mut parts = form.chars();
    while let Some(part) = parts.next() {
        if part != '%' {
            let Some(after) = rest.strip_prefix(part) else { return false };
            rest = after;
            continue;
        }
        let what = parts.next();
        let most = if what == Some('Y') { 4 } else { 2 };
        let digits = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
        let (Some(text), Some(after)) = (rest.get(..digits), rest.get(digits..)) else { return false };
        let Ok(value) = text.parse::<u32>() else { return false };
        match what {
            Some('Y') if digits == 4 => year = value,
            Some('y') if digits == 2 => year = 2000 + value,
            Some('m') => month = value,
            Some('d') => number = value,
            _ => return false,
        }
        rest = after;
    }
    // A date of zeros is an empty one.
    let zeros = month == 0 && number == 0;
    rest.is_empty()
        && (zeros || (1800..2200).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_decided_by_the_whole_column() {
        let table: &[(&[&str], &[&str])] = &[
            (&["22-11-2026", "01-02-2026"], &["%d-%m-%Y"]),
            (&["11/22/2026", "01/02/2026"], &["%m/%d/%Y"]),
            (&["01/02/2026", "03/04/2026"], &["%d/%m/%Y", "%m/%d/%Y"]),
            (&["20261122"], &["%Y%m%d"]),
            (&["2026-11-22 10:30:00", "2026-11-23 09:00:01"], &["%Y-%m-%d %H:%M:%S"]),
            (&["22.11.26"], &["%d.%m.%y"]),
            (&["2026/11/22", "0000/00/00"], &["%Y/%m/%d"]),
        ];
        for (values, expected) in table {
            assert_eq!(forms(values.iter().copied()), *expected, "{values:?}");
        }
    }

    #[test]
    fn thousands_are_taken_for_them_only_where_the_column_shows_it() {
        use DecimalSeparator::{Comma, Point};
        use Thousands::{Always, Certain};
        type Case<'a> = (&'a [&'a str], DecimalSeparator, Thousands, bool);
        let table: &[Case<'_>] = &[
            (&["1.234", "10.000", "500"], Comma, Certain, true),
            (&["1,234", "10,000", "500"], Point, Certain, true),
            (&["1.234", "1.500.000"], Comma, Always, false),
            (&["1.234", "12.250,50"], Comma, Always, false),
            (&["1,234", "12,250.50"], Point, Always, false),
            (&["1.234", "12,50"], Comma, Always, false),
            (&["1.234", "12.50"], Point, Certain, false),
            (&["1.234", "0.125"], Point, Certain, false),
            (&["1.234.567", "12"], Comma, Certain, false),
            (&["1234,50", "12"], Comma, Certain, false),
        ];
        for (values, separator, thousands, asked) in table {
            let rows = values.iter().map(|value| vec![(*value).to_owned()]).collect();
            let found = super::super::read(crate::Format::default(), vec!["Saldo".to_owned()], rows, 1.0);
            let told = (found.format.decimal_separator, found.format.thousands);
            assert_eq!(told, (*separator, *thousands), "{values:?}");
            assert_eq!(!found.unclear_thousands.is_empty(), *asked, "{values:?}");
        }
    }

    #[test]
    fn a_separator_counts_only_where_it_cannot_be_one_of_thousands() {
        for (value, expected) in [
            ("1.250,50", Some(DecimalSeparator::Comma)),
            ("1,250.50", Some(DecimalSeparator::Point)),
            ("1.250", None),
            ("0.250", Some(DecimalSeparator::Point)),
            ("12,5", Some(DecimalSeparator::Comma)),
            ("1.250.000", None),
            ("1 240,50", Some(DecimalSeparator::Comma)),
            ("€ 5,00", Some(DecimalSeparator::Comma)),
        ] {
            assert_eq!(separator(value), expected, "{value}");
        }
    }
}
