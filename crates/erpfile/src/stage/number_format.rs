//! Number formats of a workbook that show a number with all its zeros, as those for postcodes and customer numbers do.

/// A number format of zeros, and of signs between them: `0000`, `000\ 00`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Zeros(Vec<Shown>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    Digit,
    Sign(char),
}

impl Zeros {
    /// The format of this code; `None` when it shows anything but a number of at least two digits.
    pub(super) fn new(code: &str) -> Option<Zeros> {
        let mut shown = Vec::new();
        let mut chars = code.chars();
        let mut quoted = false;
        while let Some(c) = chars.next() {
            match c {
                '"' => quoted = !quoted,
                _ if quoted => shown.push(Shown::Sign(c)),
                '\\' => shown.push(Shown::Sign(chars.next()?)),
                '0' => shown.push(Shown::Digit),
                ' ' | '-' => shown.push(Shown::Sign(c)),
                // What follows is for other than positive numbers.
                ';' => break,
                _ => return None,
            }
        }
        let digits = shown.iter().filter(|shown| **shown == Shown::Digit).count();
        (digits > 1).then_some(Zeros(shown))
    }

    /// A number as it is shown; `None` when it is no whole one from 0 on.
    pub(super) fn text(&self, number: f64) -> Option<String> {
        // Excel keeps 15 digits.
        if !(0.0..1e15).contains(&number) || number.fract() != 0.0 {
            return None;
        }
        let digits = number.to_string();
        let mut left = digits.chars().rev();
        let mut text = Vec::new();
        let first = self.0.iter().position(|shown| *shown == Shown::Digit)?;
        for (at, shown) in self.0.iter().enumerate().rev() {
            match shown {
                Shown::Sign(sign) => text.push(*sign),
                Shown::Digit => text.push(left.next().unwrap_or('0')),
            }
            if at == first {
                // Digits for which there is no zero stand before the others.
                text.extend(left.by_ref());
            }
        }
        Some(text.into_iter().rev().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_with_their_zeros() {
        for (code, number, shown) in [
            ("0000", 155.0, Some("0155")),
            ("0000", 0.0, Some("0000")),
            ("0000", 12345.0, Some("12345")),
            ("00000;-00000", 7.0, Some("00007")),
            ("000\\ 00", 21131.0, Some("211 31")),
            ("00 00 00 00", 86_123_456.0, Some("86 12 34 56")),
            ("\"K-\"0000", 12.0, Some("K-0012")),
            ("0000", -5.0, None),
            ("0000", 1.5, None),
            ("0000", 1e15, None),
        ] {
            let zeros = Zeros::new(code).unwrap();
            assert_eq!(zeros.text(number).as_deref(), shown, "{code} {number}");
        }
    }

    #[test]
    fn other_number_formats_do_not_change_a_number() {
        for code in
            ["", "General", "0", "0.00", "#,##0", "0%", "0.00E+00", "@", "[<=9999]0000;0", "dd-mm-yyyy", "\\"]
        {
            assert_eq!(Zeros::new(code), None, "{code}");
        }
    }
}
