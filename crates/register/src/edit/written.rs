//! Values as people write them on pages and command lines: with a decimal point or a comma, days as `2026-11-22`.

use std::borrow::Cow;

use crate::field::{Fault, Kind, Writing, check, code, control, control_fault};
use crate::{Field, Register};

/// What is stored of a value that a person wrote; `None` for blanks.
pub(super) fn stored<'w>(
    register: &Register,
    field: &Field,
    value: &'w str,
) -> Result<Option<Cow<'w, str>>, Fault> {
    let checked = match control(value, true) {
        Some(found) if field.name == register.key => Err(control_fault(found)),
        // Blanks around a number are seen by nobody, and would make it another one than the ERP system's.
        _ if field.name == register.key => read(field.kind, value.trim()),
        _ => read(field.kind, value),
    };
    checked.map_err(|fault| Fault { hint: hint(fault.code).map_or(fault.hint, str::to_owned), ..fault })
}

fn read(kind: Kind, value: &str) -> Result<Option<Cow<'_, str>>, Fault> {
    let with = |decimal| check(kind, value, &Writing::plain(decimal));
    if !matches!(kind, Kind::Decimal { .. }) {
        return with('.');
    }
    // The last separator is that of the decimals, unless it stands there several times, as only thousands do.
    let last = value.chars().rfind(|c| ['.', ','].contains(c)).unwrap_or('.');
    let other = if last == '.' { ',' } else { '.' };
    if value.matches(last).count() > 1 {
        return with(other);
    }
    // One that could be that of thousands as well is asked about, not guessed. None of those stands behind a zero.
    match with(other) {
        Err(fault) if fault.code == code::AMBIGUOUS_NUMBER && !behind_zero(value) => Err(fault),
        _ => with(last),
    }
}

fn behind_zero(number: &str) -> bool {
    number.trim_start_matches(|c: char| !c.is_ascii_digit()).starts_with('0')
}

/// What to do about a value that was written here: there is no file and no format to correct.
fn hint(code: &str) -> Option<&'static str> {
    Some(match code {
        code::TOO_LONG => "Shorten it; nothing is ever cut off here.",
        code::CONTROL_CHARACTER => "Write it anew: it came along when something was copied.",
        code::NOT_A_NUMBER => "Write it like 1234.50 or 1234,50.",
        code::AMBIGUOUS_NUMBER => {
            "Write it without a separator between the thousands, or with four decimals."
        }
        code::NUMBER_TOO_LONG => "Write fewer digits; nothing is ever rounded here.",
        code::NOT_A_DATE => "Write it as year-month-day, like 2026-11-22.",
        code::NOT_YES_OR_NO => "Write yes or no.",
        code::UNKNOWN_COUNTRY => {
            "Use the two letters of ISO 3166, for example DK or DE, or the country's name."
        }
        code::NOT_AN_EMAIL => "Write it as name@example.com, several separated by semicolons.",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CUSTOMERS;

    #[test]
    fn numbers_are_taken_with_a_point_or_a_comma_and_never_guessed() {
        let limit = CUSTOMERS.field("credit_limit").unwrap();
        for (written, expected) in [
            ("12500", Ok("12500")),
            ("12,5", Ok("12.5")),
            ("12.50", Ok("12.50")),
            ("1.234,50", Ok("1234.50")),
            ("1,234.50", Ok("1234.50")),
            ("1 234,5", Ok("1234.5")),
            ("1.234.567", Ok("1234567")),
            ("1,234,567.5", Ok("1234567.5")),
            ("0.125", Ok("0.125")),
            ("1.2340", Ok("1.2340")),
            ("-3,5", Ok("-3.5")),
            ("1.234", Err(code::AMBIGUOUS_NUMBER)),
            ("1,234", Err(code::AMBIGUOUS_NUMBER)),
            ("a lot", Err(code::NOT_A_NUMBER)),
            ("1.2.3", Err(code::NOT_A_NUMBER)),
        ] {
            let read = stored(&CUSTOMERS, limit, written).map(Option::unwrap_or_default);
            assert_eq!(read.as_deref().map_err(|fault| fault.code), expected, "{written}");
        }
    }

    #[test]
    fn hints_speak_of_what_stands_on_the_page() {
        let long = "x".repeat(300);
        for (field, written) in [
            ("name", long.as_str()),
            ("name", "a\u{7}b"),
            ("number", "a\tb"),
            ("credit_limit", "tolv"),
            ("credit_limit", "1.234"),
            ("created_on", "31-12-2026"),
            ("blocked", "perhaps"),
            ("email", "nobody"),
            ("country", "Atlantis"),
            ("currency", "kr"),
            ("language", "dansk"),
        ] {
            let fault = stored(&CUSTOMERS, CUSTOMERS.field(field).unwrap(), written).unwrap_err();
            for word in ["ERP system", "format", "cell", "column", "Export", "export"] {
                assert!(!fault.hint.contains(word), "{written}: {}", fault.hint);
            }
        }
    }
}
