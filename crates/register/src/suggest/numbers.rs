//! Numbers with check digits: of VAT, of organisations, of places (GLN).

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
pub(super) fn is_tax_number(value: &str) -> bool {
    if kind(value) == Kind::VatNumber {
        return true;
    }
    let value = value.trim_end_matches("MVA").trim();
    let Some(digits) = digits(value) else { return false };
    match digits.len() {
        // Denmark; Finland writes a hyphen before the check digit.
        8 => {
            weighted(&digits, &[2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11) && digits[0] > 0
                || value.as_bytes().get(7) == Some(&b'-') && finnish(&digits)
        }
        // Norway; Germany.
        9 => {
            weighted(&digits, &[3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11) && matches!(digits[0], 8 | 9)
                || german(&digits)
        }
        // Sweden, Belgium.
        10 => luhn(&digits) && digits[2] > 1 || belgian(&digits),
        // France.
        14 => luhn(&digits),
        _ => false,
    }
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
pub(super) fn is_gln(value: &str) -> bool {
    let Some(digits) = digits(value).filter(|digits| digits.len() == 13) else { return false };
    let weights = [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1];
    weighted(&digits, &weights).is_multiple_of(10)
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
}
