//! Days as files write them.

use erpfile::{EXCEL_1904_DATES, EXCEL_DATES};
use jiff::ToSpan;
use jiff::civil::{Date, date};

use crate::field::{Fault, code, fault};

/// Years written with two digits: 00 to 68 are 2000 to 2068, 69 to 99 are 1969 to 1999 (the rule of POSIX).
const USUAL_PIVOT: u32 = 69;

/// The number behind that of the last day that Excel knows, 9999-12-31.
const BEYOND_SERIAL: u32 = 2_958_466;

/// The day before Excel's day 1.
const BEFORE_1900: Date = date(1899, 12, 31);

/// Day 0 of the system that counts from 1904.
const FIRST_OF_1904: Date = date(1904, 1, 1);

/// How a file writes days: `%d`, `%m`, `%Y` or `%y`, with `%H`, `%M`, `%S` and literal text around them; or the number by
/// which Excel keeps a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateFormat {
    pattern: String,
    written: Written,
    /// The first year of two digits that is of the 20th century.
    pivot: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Written {
    Parts(Vec<Part>),
    /// The number of the day, perhaps with a fraction for its time. In the 1900 system day 60 never was.
    Serial {
        since_1904: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Literal(char),
    Number(Unit),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Day,
    Month,
    Year,
    ShortYear,
    Hour,
    Minute,
    Second,
}

impl DateFormat {
    /// Reads a pattern; `None` unless it has exactly one day, month and year and nothing unknown.
    pub fn new(pattern: &str) -> Option<DateFormat> {
        let whole = |written| DateFormat { pattern: pattern.to_owned(), written, pivot: USUAL_PIVOT };
        if pattern == EXCEL_DATES || pattern == EXCEL_1904_DATES {
            return Some(whole(Written::Serial { since_1904: pattern == EXCEL_1904_DATES }));
        }
        let mut parts = Vec::new();
        let mut chars = pattern.chars();
        while let Some(c) = chars.next() {
            parts.push(match (c, c == '%') {
                (_, true) => match chars.next()? {
                    'd' => Part::Number(Unit::Day),
                    'm' => Part::Number(Unit::Month),
                    'Y' => Part::Number(Unit::Year),
                    'y' => Part::Number(Unit::ShortYear),
                    'H' => Part::Number(Unit::Hour),
                    'M' => Part::Number(Unit::Minute),
                    'S' => Part::Number(Unit::Second),
                    '%' => Part::Literal('%'),
                    _ => return None,
                },
                _ => Part::Literal(c),
            });
        }
        let count = |units: &[Unit]| {
            parts.iter().filter(|part| matches!(part, Part::Number(unit) if units.contains(unit))).count()
        };
        let complete =
            [&[Unit::Day] as &[_], &[Unit::Month], &[Unit::Year, Unit::ShortYear]].map(count) == [1, 1, 1];
        complete.then(|| whole(Written::Parts(parts)))
    }

    /// The same with another first year of two digits that is of the 20th century.
    pub fn with_pivot(self, pivot: u32) -> DateFormat {
        DateFormat { pivot, ..self }
    }

    /// ISO 8601, as days are stored: `2026-11-22`.
    pub fn iso() -> DateFormat {
        let parts = [
            Part::Number(Unit::Year),
            Part::Literal('-'),
            Part::Number(Unit::Month),
            Part::Literal('-'),
            Part::Number(Unit::Day),
        ];
        let written = Written::Parts(parts.to_vec());
        DateFormat { pattern: "%Y-%m-%d".to_owned(), written, pivot: USUAL_PIVOT }
    }

    /// The day that `text` (without blanks around it) means, as ISO 8601; `None` for a day of zeros, with which ERP
    /// systems say "none".
    pub(crate) fn check(&self, text: &str) -> Result<Option<String>, Fault> {
        let parts = match &self.written {
            Written::Parts(parts) => parts,
            Written::Serial { since_1904 } => return self.serial(text, *since_1904),
        };
        let mut digits = text.chars().filter(char::is_ascii_digit).peekable();
        if digits.peek().is_some()
            && digits.all(|c| c == '0')
            && !text.contains(|c: char| c.is_alphabetic())
            && self.fields(parts, text).is_some()
        {
            return Ok(None);
        }
        let (year, month, day) = self.fields(parts, text).ok_or_else(|| self.fault(text))?;
        let date = Date::new(year, month, day).map_err(|_| self.fault(text))?;
        Ok(Some(date.to_string()))
    }

    fn fault(&self, text: &str) -> Fault {
        let hint = format!(
            "The format writes dates as {} ({}); correct the cell or the format.",
            self.write(date(2026, 12, 31)).unwrap_or_default(),
            self.pattern
        );
        fault(code::NOT_A_DATE, text, "is not a date", hint)
    }

    /// The day that Excel keeps under a number; 0 says "none".
    fn serial(&self, text: &str, since_1904: bool) -> Result<Option<String>, Fault> {
        let (number, time) = text.split_once(['.', ',']).unwrap_or((text, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(number) || !digits(time) {
            return Err(self.fault(text));
        }
        let number: u32 = number.parse().map_err(|_| self.fault(text))?;
        let (first, number) = match (since_1904, number) {
            (_, 0) => return Ok(None),
            (_, BEYOND_SERIAL..) | (false, 60) => return Err(self.fault(text)),
            (true, _) => (FIRST_OF_1904, number),
            (false, 1..=59) => (BEFORE_1900, number),
            (false, _) => (BEFORE_1900, number - 1),
        };
        let day = first.checked_add(i64::from(number).days()).map_err(|_| self.fault(text))?;
        Ok(Some(day.to_string()))
    }

    /// Year, month and day where `text` has the pattern's shape; they need not be a day of the calendar.
    fn fields(&self, parts: &[Part], text: &str) -> Option<(i16, i8, i8)> {
        let (mut year, mut month, mut day) = (0, 0, 0);
        let mut rest = text;
        for (at, part) in parts.iter().enumerate() {
            match *part {
                Part::Literal(c) => rest = rest.strip_prefix(c)?,
                Part::Number(unit) => {
                    // One digit is enough where no other digits stand beside it.
                    let number = |at: usize| matches!(parts.get(at), Some(Part::Number(_)));
                    let open = !number(at + 1) && !at.checked_sub(1).is_some_and(number);
                    let (least, most) = match unit {
                        Unit::Year => (4, 4),
                        Unit::ShortYear => (2, 2),
                        _ if open => (1, 2),
                        _ => (2, 2),
                    };
                    let length = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
                    if length < least {
                        return None;
                    }
                    let value: i32 = rest[..length].parse().ok()?;
                    rest = &rest[length..];
                    match unit {
                        Unit::Day => day = value,
                        Unit::Month => month = value,
                        Unit::Year => year = value,
                        Unit::ShortYear => {
                            let of_this_century = u32::try_from(value).is_ok_and(|value| value < self.pivot);
                            year = value + if of_this_century { 2000 } else { 1900 };
                        }
                        Unit::Hour if value > 23 => return None,
                        Unit::Minute | Unit::Second if value > 59 => return None,
                        Unit::Hour | Unit::Minute | Unit::Second => {}
                    }
                }
            }
        }
        if !rest.is_empty() {
            return None;
        }
        Some((i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?))
    }

    /// The day as a file writes it, at midnight where the pattern has a time; `None` for one that Excel has no number for.
    pub(crate) fn write(&self, day: Date) -> Option<String> {
        let parts = match &self.written {
            Written::Parts(parts) => parts,
            Written::Serial { since_1904 } => {
                let since = |first: Date| (day - first).get_days();
                let number = match since_1904 {
                    true => since(FIRST_OF_1904),
                    false if day < date(1900, 3, 1) => since(BEFORE_1900),
                    false => since(BEFORE_1900) + 1,
                };
                return (number > 0).then(|| number.to_string());
            }
        };
        let mut out = String::new();
        for part in parts {
            match part {
                Part::Literal(c) => out.push(*c),
                Part::Number(unit) => out.push_str(&match unit {
                    Unit::Day => format!("{:02}", day.day()),
                    Unit::Month => format!("{:02}", day.month()),
                    Unit::Year => format!("{:04}", day.year()),
                    Unit::ShortYear => format!("{:02}", day.year().rem_euclid(100)),
                    Unit::Hour | Unit::Minute | Unit::Second => "00".to_owned(),
                }),
            }
        }
        Some(out)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn days_are_read_strictly() {
        let table = [
            ("%d-%m-%Y", "22-11-2026", Ok(Some("2026-11-22"))),
            ("%d-%m-%Y", "1-2-2026", Ok(Some("2026-02-01"))),
            ("%d-%m-%Y", "29-02-2024", Ok(Some("2024-02-29"))),
            ("%d-%m-%Y", "00-00-0000", Ok(None)),
            ("%Y%m%d", "00000000", Ok(None)),
            ("%Y%m%d", "20261122", Ok(Some("2026-11-22"))),
            ("%d.%m.%y", "22.11.26", Ok(Some("2026-11-22"))),
            ("%d.%m.%y", "22.11.69", Ok(Some("1969-11-22"))),
            ("%Y-%m-%d %H:%M:%S", "2026-11-22 23:59:00", Ok(Some("2026-11-22"))),
            ("%d-%m-%Y", "29-02-2026", Err(())),
            ("%d-%m-%Y", "13/11/2026", Err(())),
            ("%d-%m-%Y", "11-22-2026", Err(())),
            ("%d-%m-%Y", "22-11-26", Err(())),
            ("%d-%m-%Y", "22-11-2026 12:00", Err(())),
            ("%d-%m-%Y", "0", Err(())),
            ("%d-%m-%Y", "45231", Err(())),
            ("%Y%m%d", "2026112", Err(())),
            ("%Y-%m-%d %H:%M", "2026-11-22 24:00", Err(())),
        ];
        for (pattern, text, expected) in table {
            let read = DateFormat::new(pattern).unwrap().check(text).map_err(|_| ());
            assert_eq!(read, expected.map(|day| day.map(str::to_owned)), "{pattern} {text}");
        }
    }

    #[test]
    fn the_numbers_of_excel_are_its_days_and_nothing_else() {
        let table = [
            ("excel", "1", Ok(Some("1900-01-01"))),
            ("excel", "59", Ok(Some("1900-02-28"))),
            ("excel", "60", Err(())),
            ("excel", "61", Ok(Some("1900-03-01"))),
            ("excel", "45231", Ok(Some("2023-11-01"))),
            ("excel", "45231.75", Ok(Some("2023-11-01"))),
            ("excel", "45231,75", Ok(Some("2023-11-01"))),
            ("excel", "2958465", Ok(Some("9999-12-31"))),
            ("excel", "2958466", Err(())),
            ("excel", "0", Ok(None)),
            ("excel", "-1", Err(())),
            ("excel", "2023-11-01", Err(())),
            ("excel", "99999999999", Err(())),
            ("excel-1904", "43769", Ok(Some("2023-11-01"))),
            ("excel-1904", "4294967295", Err(())),
        ];
        for (pattern, text, expected) in table {
            let read = DateFormat::new(pattern).unwrap().check(text).map_err(|_| ());
            assert_eq!(read, expected.map(|day| day.map(str::to_owned)), "{pattern} {text}");
        }
        let first_of_1904 = DateFormat::new("excel-1904").unwrap().write(FIRST_OF_1904);
        assert_eq!(first_of_1904, None, "0 says that there is no day");
    }

    proptest! {
        #[test]
        fn a_day_that_is_written_is_read_as_that_day(
            pattern in prop::sample::select(vec!["%d-%m-%Y", "%Y%m%d", "%Y-%m-%d %H:%M:%S", "%m/%d/%y", "excel", "excel-1904"]),
            days in 0..36_500_i64,
        ) {
            let format = DateFormat::new(pattern).unwrap().with_pivot(69);
            // A century that each of them can tell.
            let day = date(1969, 1, 1).checked_add(days.days()).unwrap();
            let text = format.write(day).unwrap();
            prop_assert_eq!(format.check(&text).unwrap(), Some(day.to_string()), "{}", text);
        }

        #[test]
        fn a_day_of_excel_is_its_number(number in 1..80_000_i32, since_1904: bool) {
            let format = DateFormat::new(if since_1904 { "excel-1904" } else { "excel" }).unwrap();
            prop_assume!(since_1904 || number != 60);
            let day = format.check(&number.to_string()).unwrap().unwrap();
            prop_assert_eq!(format.write(day.parse().unwrap()), Some(number.to_string()));
        }
    }

    #[test]
    fn the_century_of_a_short_year_is_the_formats_to_say() {
        let year = |pivot, text| {
            DateFormat::new("%d/%m/%y").unwrap().with_pivot(pivot).check(text).unwrap().unwrap()[..4]
                .to_owned()
        };
        for (pivot, text, expected) in [
            (69, "5/6/68", "2068"),
            (69, "5/6/69", "1969"),
            (30, "5/6/29", "2029"),
            (30, "5/6/30", "1930"),
            (0, "5/6/00", "1900"),
            (100, "5/6/99", "2099"),
        ] {
            assert_eq!(year(pivot, text), expected, "{pivot} {text}");
        }
    }

    #[test]
    fn a_pattern_needs_a_day_a_month_and_a_year() {
        for pattern in ["", "%d-%m", "%d-%m-%Y-%y", "%d-%d-%m-%Y", "%d-%m-%Q", "%"] {
            assert_eq!(DateFormat::new(pattern), None, "{pattern}");
        }
    }

    #[test]
    fn the_hint_shows_how_the_format_writes_a_day() {
        let fault = DateFormat::new("%d.%m.%y").unwrap().check("31/12/2026").unwrap_err();
        assert!(fault.hint.contains("31.12.26"), "{}", fault.hint);
    }
}
