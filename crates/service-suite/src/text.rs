//! How words and figures are written for people, on pages and in a terminal alike.

use std::fmt::Display;

/// A whole number with its thousands apart: `4,983`.
pub(crate) fn number(value: impl Display) -> String {
    let digits = value.to_string();
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits.as_str()), |rest| ("-", rest));
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    out.push_str(sign);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A text with a capital letter.
pub(crate) fn capital(text: &str) -> String {
    let mut chars = text.trim().chars();
    let mut out: String = chars.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    out.push_str(chars.as_str());
    out
}

/// An error's text as a sentence: with a capital letter and a full stop.
pub(crate) fn sentence(text: &str) -> String {
    let mut out = capital(text);
    if !out.ends_with(['.', '!', '?']) {
        out.push('.');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_and_sentences_are_written_as_people_read_them() {
        for (value, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (-1234567, "-1,234,567")] {
            assert_eq!(number(value), text);
        }
        assert_eq!(sentence("øl is no number"), "Øl is no number.");
        assert_eq!(sentence("What?"), "What?");
        assert_eq!(capital(" two folders"), "Two folders");
    }
}
