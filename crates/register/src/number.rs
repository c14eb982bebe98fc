//! Decimal numbers as files write them, and what is stored of them: text with a point and the file's digits.

use std::borrow::Cow;

use erpfile::{Number, NumberError};

use crate::field::{Fault, Writing, code, cut, fault};

/// Checks a number without blanks around it, as `writing` says that numbers are written.
///
/// Digits may be grouped by three with one kind of separator. Where that could be mistaken for decimals (`1.234` with
/// a decimal comma) the number is refused, unless the format says that it has thousands: no guess is ever stored. The
/// sign may stand on either side.
pub(crate) fn check<'a>(
    text: &'a str,
    writing: &Writing,
    digits: u32,
    scale: u32,
) -> Result<Cow<'a, str>, Fault> {
    let decimal = writing.decimal;
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    if plain && text.len() <= (digits - scale) as usize {
        return Ok(Cow::Borrowed(text));
    }
    let Number { negative, whole, fraction } = match Number::parse(text, decimal, writing.thousands) {
        Ok(number) => number,
        Err(NumberError::NotANumber) => return Err(not_a_number(text, decimal)),
        Err(NumberError::Ambiguous(digits)) => {
            return Err(Fault {
                code: code::AMBIGUOUS_NUMBER,
                message: format!("\"{}\" could be {digits} or a number with three decimals.", cut(text)),
                hint: format!(
                    "The format says that {} separates decimals. If such numbers have thousands, say so in the format; \
                     if not, correct its decimal separator.",
                    named(decimal)
                ),
            });
        }
    };
    let whole = whole.trim_start_matches('0');
    if whole.len() > (digits - scale) as usize || fraction.len() > scale as usize {
        return Err(fault(
            code::NUMBER_TOO_LONG,
            text,
            &format!(
                "has {} digits before and {} after the decimal separator; at most {} and {scale} are allowed",
                whole.len(),
                fraction.len(),
                digits - scale
            ),
            "Correct the number in the ERP system; nothing is ever rounded here.",
        ));
    }
    let zero = whole.is_empty() && fraction.bytes().all(|b| b == b'0');
    let mut out = String::with_capacity(whole.len() + fraction.len() + 3);
    if negative && !zero {
        out.push('-');
    }
    out.push_str(if whole.is_empty() { "0" } else { whole });
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    Ok(Cow::Owned(out))
}

/// Whether two stored numbers have the same value: trailing zeros after the point do not count.
pub(crate) fn same(a: &str, b: &str) -> bool {
    fn value(text: &str) -> &str {
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
    }
    value(a) == value(b)
}

fn named(decimal: char) -> &'static str {
    if decimal == ',' { "a comma" } else { "a point" }
}

fn not_a_number(text: &str, decimal: char) -> Fault {
    let hint = if text.contains(['e', 'E']) && text.contains(|c: char| c.is_ascii_digit()) {
        "It looks like a number that a spreadsheet has shortened; export the file again without opening it in one."
            .to_owned()
    } else {
        format!(
            "Write it like {} (the format says that {} separates decimals), or correct the format.",
            if decimal == ',' { "1234,50" } else { "1234.50" },
            named(decimal)
        )
    };
    fault(code::NOT_A_NUMBER, text, "is not a number", hint)
}

#[cfg(test)]
mod tests {
    use erpfile::Thousands;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_read_as_the_format_writes_them_or_refused() {
        let table: &[(char, &str, Result<&str, &str>)] = &[
            (',', "12", Ok("12")),
            (',', "12,50", Ok("12.50")),
            (',', "-12,5", Ok("-12.5")),
            (',', "12,5-", Ok("-12.5")),
            (',', "+7", Ok("7")),
            (',', "0012,50", Ok("12.50")),
            (',', ",5", Ok("0.5")),
            (',', "-0,00", Ok("0.00")),
            (',', "1.234,50", Ok("1234.50")),
            (',', "1.234.567", Ok("1234567")),
            (',', "1 234,50", Ok("1234.50")),
            (',', "1\u{a0}234", Ok("1234")),
            (',', "1'234'567,5", Ok("1234567.5")),
            (',', "1.234", Err(code::AMBIGUOUS_NUMBER)),
            ('.', "1,234", Err(code::AMBIGUOUS_NUMBER)),
            ('.', "1,234.5", Ok("1234.5")),
            ('.', "12,5", Err(code::NOT_A_NUMBER)),
            (',', "12.5", Err(code::NOT_A_NUMBER)),
            (',', "1.23,4", Err(code::NOT_A_NUMBER)),
            (',', "1.234 567", Err(code::NOT_A_NUMBER)),
            (',', "12,x0", Err(code::NOT_A_NUMBER)),
            (',', "12,5,0", Err(code::NOT_A_NUMBER)),
            (',', "2,01907E+16", Err(code::NOT_A_NUMBER)),
            (',', "(1.234,50)", Ok("-1234.50")),
            (',', "( 12 )", Ok("-12")),
            (',', "12,50 -", Ok("-12.50")),
            (',', "- 12,50", Ok("-12.50")),
            (',', "\u{2212}12,5", Ok("-12.5")),
            (',', "1\u{202f}234\u{202f}567,5", Ok("1234567.5")),
            (',', "(-12)", Err(code::NOT_A_NUMBER)),
            (',', "(12", Err(code::NOT_A_NUMBER)),
            (',', "()", Err(code::NOT_A_NUMBER)),
            (',', "-", Err(code::NOT_A_NUMBER)),
            (',', ",", Err(code::NOT_A_NUMBER)),
            (',', "--5", Err(code::NOT_A_NUMBER)),
            (',', "١٢", Err(code::NOT_A_NUMBER)),
            (',', "123456789", Err(code::NUMBER_TOO_LONG)),
            (',', "1,23456", Err(code::NUMBER_TOO_LONG)),
        ];
        for (decimal, text, expected) in table {
            let read = check(text, &Writing::plain(*decimal), 12, 4)
                .map(Cow::into_owned)
                .map_err(|fault| fault.code);
            assert_eq!(read, expected.map(str::to_owned), "{text}");
        }
    }

    #[test]
    fn what_could_be_thousands_is_so_where_the_format_says_it() {
        let table: &[(char, &str, Result<&str, &str>)] = &[
            (',', "1.234", Ok("1234")),
            (',', "-10.000", Ok("-10000")),
            (',', "1.234-", Ok("-1234")),
            (',', "1.234,5", Ok("1234.5")),
            (',', "1,234", Ok("1.234")),
            (',', "12.5", Err(code::NOT_A_NUMBER)),
            (',', "0.250", Err(code::NOT_A_NUMBER)),
            (',', "012.500", Err(code::NOT_A_NUMBER)),
            (',', "1234.500", Err(code::NOT_A_NUMBER)),
            ('.', "1,234", Ok("1234")),
            ('.', "1.234", Ok("1.234")),
        ];
        for (decimal, text, expected) in table {
            let writing = Writing { thousands: Thousands::Always, ..Writing::plain(*decimal) };
            let read = check(text, &writing, 12, 4).map(Cow::into_owned).map_err(|fault| fault.code);
            assert_eq!(read, expected.map(str::to_owned), "{text}");
        }
    }

    #[test]
    fn trailing_zeros_do_not_change_a_number() {
        assert!(same("12.50", "12.5") && same("12.00", "12") && same("0.00", "0"));
        assert!(!same("120", "12") && !same("12.05", "12.5") && !same("-1", "1"));
    }

    proptest! {
        #[test]
        fn what_is_written_is_what_is_stored(whole in 0u64..1_000_000_000, cents in 0u8..100, negative: bool) {
            let sign = if negative && (whole, cents) != (0, 0) { "-" } else { "" };
            let stored = format!("{sign}{whole}.{cents:02}");
            let comma = stored.replace('.', ",");
            prop_assert_eq!(check(&comma, &Writing::plain(','), 30, 10).unwrap(), stored.as_str());
            prop_assert_eq!(check(&stored, &Writing::plain('.'), 30, 10).unwrap(), stored.as_str());
        }
    }
}
