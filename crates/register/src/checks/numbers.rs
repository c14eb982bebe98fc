//! Numbers with check digits: of VAT, of organisations, of places (GLN).

use std::borrow::Cow;

use erpfile::suggest::{Kind, kind};

/// The digits of a value, when it holds nothing but digits, blanks, points and hyphens.
fn digits(value: &str) -> Option<Vec<u32>> {
    let plain: Vec<char> = value.chars().filter(|c| !" .-".contains(*c)).collect();
    plain.into_iter().map(|c| c.to_digit(10)).collect()
}

fn weighted(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum()
}

fn luhn(digits: &[u32]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| if at % 2 == 1 { digit * 2 / 10 + digit * 2 % 10 } else { *digit })
        .sum();
    sum.is_multiple_of(10)
}

/// Whether a value is a VAT or organisation number: one with its country before it, or one whose check digits are right.
pub(crate) fn is_tax_number(value: &str) -> bool {
    if kind(value) == Kind::VatNumber {
        return true;
    }
    let value = value.trim_end_matches("MVA").trim();
    let Some(digits) = digits(value) else { return false };
    match digits.len() {
        // Denmark; Finland writes a hyphen before the check digit.
        8 => danish(&digits) || value.as_bytes().get(7) == Some(&b'-') && finnish(&digits),
        // Norway; Germany.
        9 => norwegian(&digits) && matches!(digits[0], 8 | 9) || german(&digits),
        // Sweden, Belgium.
        10 => luhn(&digits) && digits[2] > 1 || belgian(&digits),
        // France.
        14 => luhn(&digits),
        _ => false,
    }
}

/// The country that a VAT number begins with, and the rest of it: `DK 13585628`.
fn with_country(value: &str) -> Option<(&str, &str)> {
    let (country, rest) = value.split_at_checked(2)?;
    let digit = rest.bytes().any(|b| b.is_ascii_digit());
    (country.bytes().all(|b| b.is_ascii_uppercase()) && digit).then_some((country, rest))
}

/// Whether nothing speaks against a VAT or organisation number: the number says its country itself, or it is that of its
/// record. Countries whose rule is not known here, and numbers without a country, are not judged.
pub(super) fn is_tax_number_of(value: &str, country: Option<&str>) -> bool {
    let upper = match value.bytes().any(|b| b.is_ascii_lowercase() || !b.is_ascii()) {
        true => Cow::Owned(value.to_uppercase()),
        false => Cow::Borrowed(value),
    };
    let (country, rest) = match with_country(&upper) {
        // Switzerland writes CHE.
        Some(("CH", rest)) => ("CH", rest.strip_prefix('E').unwrap_or(rest)),
        Some((country, rest)) => (country, rest),
        None => match country {
            Some(country) => (country, &*upper),
            None => return true,
        },
    };
    let mut rest = rest.trim();
    for end in ["MVA", "MWST", "TVA", "IVA"] {
        while let Some(before) = rest.strip_suffix(end) {
            rest = before;
        }
    }
    let digits = digits(rest);
    let is = |length: usize, fine: fn(&[u32]) -> bool| {
        digits.as_deref().is_some_and(|digits| digits.len() == length && fine(digits))
    };
    match country {
        "DK" => is(8, danish),
        "NO" => is(9, norwegian),
        // As a VAT number with 01 for the first of several behind it; with the century, or 16, before it.
        "SE" => is(10, luhn) || is(12, |digits| luhn(&digits[..10]) || luhn(&digits[2..])),
        "FI" => is(8, finnish),
        "DE" => is(9, german) || digits.is_none_or(|digits| digits.len() > 9),
        "BE" => is(10, belgian) || is(9, |digits| belgian(&[&[0], digits].concat())),
        "PL" => is(10, polish),
        // Persons in Italy, France and elsewhere have numbers by other rules, in Italy with letters.
        "IT" => is(11, luhn) || digits.is_none(),
        "FR" => is(9, luhn) || is(14, luhn) || is(11, |digits| luhn(&digits[2..])) || digits.is_none(),
        "CH" => is(9, |digits| weighted(digits, &[5, 4, 3, 2, 7, 6, 5, 4, 1]).is_multiple_of(11)),
        _ => true,
    }
}

fn danish(digits: &[u32]) -> bool {
    weighted(digits, &[2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11) && digits[0] > 0
}

fn norwegian(digits: &[u32]) -> bool {
    weighted(digits, &[3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
}

fn polish(digits: &[u32]) -> bool {
    weighted(&digits[..9], &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == digits[9]
}

fn finnish(digits: &[u32]) -> bool {
    weighted(digits, &[7, 9, 10, 5, 8, 4, 2, 1]).is_multiple_of(11)
}

fn german(digits: &[u32]) -> bool {
    let mut product = 10;
    for digit in &digits[..8] {
        let sum = match (digit + product) % 10 {
            0 => 10,
            sum => sum,
        };
        product = sum * 2 % 11;
    }
    (11 - product) % 10 == digits[8]
}

fn belgian(digits: &[u32]) -> bool {
    let number = |digits: &[u32]| digits.iter().fold(0, |number, digit| number * 10 + digit);
    digits[0] < 2 && number(&digits[8..]) == 97 - number(&digits[..8]) % 97
}

/// Whether a value is a GLN or another EAN of 13 digits with its check digit.
pub(crate) fn is_gln(value: &str) -> bool {
    digits(value).is_some_and(|digits| digits.len() == 13 && has_gs1_digit(&digits))
}

/// Whether a value is a number of GS1 (GTIN, GLN, EAN) of any of its lengths, with its check digit.
pub(super) fn is_gtin_or_gln(value: &str) -> bool {
    digits(value).is_some_and(|digits| matches!(digits.len(), 8 | 12 | 13 | 14) && has_gs1_digit(&digits))
}

fn has_gs1_digit(digits: &[u32]) -> bool {
    let sum: u32 =
        digits.iter().rev().enumerate().map(|(at, digit)| if at % 2 == 1 { digit * 3 } else { *digit }).sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_known_by_their_check_digits() {
        for (value, tax, gln) in [
            ("13585628", true, false),
            ("923609016", true, false),
            ("923 609 016 MVA", true, false),
            ("556016-0680", true, false),
            ("DK13585628", true, false),
            ("0112038-9", true, false),
            ("136695976", true, false),
            ("12345678", false, false),
            ("86123456", false, false),
            ("abc", false, false),
            ("5790000000005", false, true),
            ("5790000000001", false, false),
        ] {
            assert_eq!((is_tax_number(value), is_gln(value)), (tax, gln), "{value}");
        }
    }

    #[test]
    fn numbers_are_judged_by_the_rule_of_their_country() {
        for (value, country, fine) in [
            ("13585628", Some("DK"), true),
            ("13585629", Some("DK"), false),
            ("DK13585628", None, true),
            ("dk 13 58 56 28", Some("SE"), true),
            ("1358562", Some("DK"), false),
            ("NO 923 609 016 MVA", None, true),
            ("923609017", Some("NO"), false),
            ("556016-0680", Some("SE"), true),
            ("SE556016068001", None, true),
            ("556016-0681", Some("SE"), false),
            ("165560160680", Some("SE"), true),
            ("19640823-3234", Some("SE"), true),
            ("19640823-3235", Some("SE"), false),
            ("RSSMRA85T10A562S", Some("IT"), true),
            ("12345670786", Some("IT"), false),
            ("0112038-9", Some("FI"), true),
            ("FI01120389", None, true),
            ("0112038-8", Some("FI"), false),
            ("DE136695976", None, true),
            ("DE136695977", None, false),
            ("143/262/80023", Some("DE"), true),
            ("BE0403170701", None, true),
            ("BE0403170702", None, false),
            ("CHE-116.281.710 MWST", None, true),
            ("12345678", None, true),
            ("anything", Some("JP"), true),
        ] {
            assert_eq!(is_tax_number_of(value, country), fine, "{value} {country:?}");
        }
    }

    #[test]
    fn numbers_of_gs1_have_several_lengths() {
        for (value, fine) in [
            ("5790000000005", true),
            ("96385074", true),
            ("036000291452", true),
            ("579000000000", false),
            ("x", false),
        ] {
            assert_eq!(is_gtin_or_gln(value), fine, "{value}");
        }
    }
}
