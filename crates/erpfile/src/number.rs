//! Decimal numbers as files write them, and their exact sums.

use std::borrow::Cow;

use crate::Thousands;

/// Characters that may group digits by three besides `.` and `,`: blanks of all kinds and the Swiss apostrophe.
const GROUPING: &[char] = &[' ', '\u{a0}', '\u{202f}', '\u{2009}', '\'', '’'];

/// A number as it stands in a file, taken apart. It has at least one digit, before or after the separator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number<'a> {
    /// Whether a minus stands on either side of it, or parentheses around it.
    pub negative: bool,
    /// The digits before the decimal separator, without grouping; leading zeros are kept.
    pub whole: Cow<'a, str>,
    /// The digits after it.
    pub fraction: &'a str,
}

/// Why a text is not taken for a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NumberError {
    /// It is none.
    NotANumber,
    /// It could be a whole number of these digits, or one with three decimals: `1.234` with a decimal comma.
    Ambiguous(String),
}

impl<'a> Number<'a> {
    /// Reads a number without blanks around it; `decimal` separates the decimals, and `thousands` says what `1.234` is
    /// where that is a comma.
    ///
    /// Digits may be grouped by three with one kind of separator. The sign may stand on either side; a number in
    /// parentheses is negative, as book-keepers write it. One sign of a currency or of per cent beside it is passed over.
    ///
    /// # Errors
    /// What is no number, or could be read in two ways: no guess is ever made.
    pub fn parse(text: &'a str, decimal: char, thousands: Thousands) -> Result<Self, NumberError> {
        let is_digit = |number: &str| number.starts_with(|c: char| c.is_ascii_digit());
        if decimal == '.' && text.split_once("kr.").is_some_and(|(_, number)| is_digit(number)) {
            // The point may be of the unit or of the number.
            return Err(NumberError::NotANumber);
        }
        let bare = without_unit(text);
        let (negative, unsigned) = sign(bare);
        let unsigned = if bare.len() == text.len() { without_unit(unsigned) } else { unsigned };
        let (whole, fraction) = unsigned.split_once(decimal).unwrap_or((unsigned, ""));
        let ambiguous = if decimal == ',' { '.' } else { ',' };
        let Some(Grouped { digits, separator, groups }) = grouped(whole, ambiguous) else {
            return Err(NumberError::NotANumber);
        };
        if separator == Some(ambiguous) && groups == 1 && !unsigned.contains(decimal) {
            match thousands {
                Thousands::Certain => return Err(NumberError::Ambiguous(digits.into_owned())),
                // Nobody writes thousands behind a zero: these are decimals.
                Thousands::Always if digits.starts_with('0') => return Err(NumberError::NotANumber),
                Thousands::Always => {}
            }
        }
        if (digits.is_empty() && fraction.is_empty()) || !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NumberError::NotANumber);
        }
        Ok(Self { negative, whole: digits, fraction })
    }
}

/// A number without what it counts, on one of its sides.
fn without_unit(text: &str) -> &str {
    const UNITS: [&str; 7] = ["€", "$", "£", "¥", "%", "kr.", "kr"];
    let front = UNITS.iter().find_map(|unit| text.strip_prefix(unit)).map(str::trim_start);
    let back = || UNITS.iter().find_map(|unit| text.strip_suffix(unit)).map(str::trim_end);
    front.or_else(back).unwrap_or(text)
}

fn sign(text: &str) -> (bool, &str) {
    // Some systems set the typographic minus, and blanks between it and the number.
    const MINUS: [char; 2] = ['-', '\u{2212}'];
    if let Some(rest) = text.strip_prefix(MINUS) {
        (true, rest.trim_start())
    } else if let Some(rest) = text.strip_prefix('+') {
        (false, rest.trim_start())
    } else if let Some(rest) = text.strip_suffix(MINUS) {
        (true, rest.trim_end())
    } else if let Some(rest) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        (true, rest.trim())
    } else {
        (false, text)
    }
}

struct Grouped<'a> {
    digits: Cow<'a, str>,
    separator: Option<char>,
    groups: usize,
}

/// The digits of a whole number whose groups of three may be separated; `None` when it is no such number.
fn grouped(whole: &str, point: char) -> Option<Grouped<'_>> {
    let Some(separator) = whole.chars().find(|c| !c.is_ascii_digit()) else {
        return Some(Grouped { digits: Cow::Borrowed(whole), separator: None, groups: 0 });
    };
    if separator != point && !GROUPING.contains(&separator) {
        return None;
    }
    let mut parts = whole.split(separator);
    let first = parts.next()?;
    let three = |part: &str| part.len() == 3 && part.bytes().all(|b| b.is_ascii_digit());
    if first.is_empty() || first.len() > 3 || !first.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let mut digits = first.to_owned();
    let mut groups = 0;
    for part in parts {
        if !three(part) {
            return None;
        }
        digits.push_str(part);
        groups += 1;
    }
    Some(Grouped { digits: Cow::Owned(digits), separator: Some(separator), groups })
}

/// An exact decimal number: `units` divided by ten to the power of `scale`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Exact {
    units: i128,
    scale: u32,
}

impl Exact {
    /// A whole number.
    pub(crate) fn whole(number: u64) -> Self {
        Self { units: i128::from(number), scale: 0 }
    }

    /// The value of a number; `None` when it has more digits than can be kept exactly (38).
    pub(crate) fn of(number: &Number<'_>) -> Option<Self> {
        let fraction = number.fraction.trim_end_matches('0');
        let digits = format!("0{}{fraction}", number.whole);
        let units: i128 = digits.parse().ok()?;
        let scale = u32::try_from(fraction.len()).ok()?;
        Some(Self { units: if number.negative { -units } else { units }, scale })
    }

    /// The sum; `None` when it has more digits than can be kept exactly.
    pub(crate) fn plus(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let units = self.at_scale(scale)?.checked_add(other.at_scale(scale)?)?;
        Some(Self { units, scale })
    }

    /// The number as a file writes it, without needless zeros.
    pub(crate) fn text(self, decimal: char) -> String {
        let width = self.scale as usize + 1;
        let digits = format!("{:0>width$}", self.units.unsigned_abs());
        let (whole, fraction) = digits.split_at(digits.len() - self.scale as usize);
        let fraction = fraction.trim_end_matches('0');
        let minus = if self.units < 0 { "-" } else { "" };
        if fraction.is_empty() {
            format!("{minus}{whole}")
        } else {
            format!("{minus}{whole}{decimal}{fraction}")
        }
    }

    fn at_scale(self, scale: u32) -> Option<i128> {
        self.units.checked_mul(10_i128.checked_pow(scale - self.scale)?)
    }
}

impl PartialEq for Exact {
    fn eq(&self, other: &Self) -> bool {
        // Numbers written without needless zeros are alike exactly when their values are.
        self.text('.') == other.text('.')
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn exact(text: &str) -> Exact {
        Exact::of(&Number::parse(text, ',', Thousands::Certain).unwrap()).unwrap()
    }

    #[test]
    fn a_tenth_and_a_fifth_are_three_tenths() {
        assert_eq!(exact("0,1").plus(exact("0,2")).unwrap(), exact("0,3"));
        assert_eq!(exact("1.234.567,10").text(','), "1234567,1");
        assert_eq!(exact("-0,05").text('.'), "-0.05");
        assert_eq!(exact("-0,00"), exact("0"));
        assert_eq!(exact("5-").plus(exact("5,000")).unwrap().text(','), "0");
        assert_ne!(exact("12,5"), exact("125"));
    }

    #[test]
    fn what_a_number_counts_is_passed_over_once() {
        for text in
            ["-1.234,50 €", "-€1.234,50", "€ -1.234,50", "(1.234,50 kr.)", "(1.234,50) kr", "$ 1.234,50-"]
        {
            assert_eq!(exact(text).text(','), "-1234,5", "{text}");
        }
        assert_eq!(exact("5 %").text(','), "5");
        for text in ["€", "%", "5 €€", "€ 5 €", "5 kg", "k 5", "kr", "- €"] {
            let said = Number::parse(text, ',', Thousands::Certain);
            assert_eq!(said, Err(NumberError::NotANumber), "{text}");
        }
        // Where a point separates decimals, it is that of the unit or of the number.
        for text in ["kr.2", "-kr.50"] {
            assert_eq!(Number::parse(text, '.', Thousands::Certain), Err(NumberError::NotANumber), "{text}");
            assert!(Number::parse(text, ',', Thousands::Certain).is_ok(), "{text}");
        }
    }

    #[test]
    fn what_does_not_fit_is_not_added() {
        let nines = "9".repeat(38);
        assert!(exact(&nines).plus(exact(&nines)).is_none());
        assert!(exact(&nines).plus(exact("0,01")).is_none());
        assert!(Exact::of(&Number::parse(&"9".repeat(40), ',', Thousands::Certain).unwrap()).is_none());
    }

    proptest! {
        #[test]
        fn a_sum_is_that_of_the_cents(cents in proptest::collection::vec(-1_000_000i64..1_000_000, 0..50)) {
            let text = |c: i64| {
                format!("{}{},{:02}", if c < 0 { "-" } else { "" }, c.unsigned_abs() / 100, c.unsigned_abs() % 100)
            };
            let sum = cents.iter().try_fold(Exact::default(), |sum, c| sum.plus(exact(&text(*c)))).unwrap();
            prop_assert_eq!(sum, exact(&text(cents.iter().sum())));
        }
    }
}
