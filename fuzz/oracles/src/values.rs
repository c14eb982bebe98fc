//! Cells to values: a cell is taken as it is or refused in words; what is stored can be read again and is the same.

use erpfile::{DecimalSeparator, Thousands};
use register::date::DateFormat;
use register::field::{Kind, Writing, check as check_cell};

use crate::bytes::Choices;
use crate::words;

const KINDS: &[Kind] = &[
    Kind::Text { max: 40 },
    Kind::Decimal { digits: 18, scale: 4 },
    Kind::Date,
    Kind::YesNo,
    Kind::Country,
    Kind::Currency,
    Kind::Language,
    Kind::Email { max: 60 },
    Kind::Phone { max: 30 },
    Kind::Url { max: 60 },
];

const DATES: &[&str] =
    &["%d-%m-%Y", "%Y-%m-%d", "%Y%m%d", "%d.%m.%y", "%m/%d/%Y %H:%M:%S", "%d%%%m%%%Y", "%y%m%d"];

const NUMBERS: &[(DecimalSeparator, Thousands)] = &[
    (DecimalSeparator::Comma, Thousands::Certain),
    (DecimalSeparator::Point, Thousands::Certain),
    (DecimalSeparator::Comma, Thousands::Always),
    (DecimalSeparator::Point, Thousands::Always),
];

/// Three bytes choose the kind, how dates and how decimals are written; the rest is the cell. For kind 0 of dates the
/// cell is also tried as a way of writing dates.
pub fn check(input: &[u8]) {
    let mut choices = Choices(input);
    let (kind, date, (decimal, thousands)) = (choices.one(KINDS), choices.one(DATES), choices.one(NUMBERS));
    let Ok(cell) = std::str::from_utf8(choices.0) else { return };
    let Some(date) = DateFormat::new(date) else { unreachable!("{date} is a way of writing dates") };
    let writing = Writing { decimal: decimal.char(), thousands, date };
    check_value(kind, cell, &writing);
    if let Some((pattern, cell)) = cell.split_once('\n')
        && let Some(date) = DateFormat::new(pattern)
    {
        check_value(Kind::Date, cell, &Writing { date, ..writing });
    }
}

fn check_value(kind: Kind, cell: &str, writing: &Writing) {
    let value = match check_cell(kind, cell, writing) {
        Err(fault) => {
            assert!(register::field::code::ALL.iter().any(|(code, _)| *code == fault.code), "{fault:?}");
            words::sentence(&fault.message);
            assert!(!fault.hint.is_empty());
            return assert!(!cell.trim().is_empty(), "an empty cell is never refused");
        }
        Ok(None) => {
            let zeros = kind == Kind::Date && !cell.chars().any(|c| matches!(c, '1'..='9'));
            return assert!(cell.trim().is_empty() || zeros, "{kind:?} {cell:?}");
        }
        Ok(Some(value)) => value,
    };
    if let Some(max) = kind.text_max() {
        assert_eq!(value, cell, "text is stored as it stands");
        assert!(cell.chars().count() <= max as usize);
        assert!(!cell.contains(|c: char| c.is_control() && !"\t\n\r".contains(c)), "{cell:?}");
        return;
    }
    match kind {
        Kind::Decimal { digits, scale } => check_decimal(&value, cell, writing, (digits, scale)),
        Kind::Date => check_date(&value),
        Kind::YesNo => assert!(value == "1" || value == "0"),
        Kind::Language => assert!(value.len() == 2 && value.bytes().all(|b| b.is_ascii_lowercase())),
        Kind::Country => assert!(value.len() == 2 && value.bytes().all(|b| b.is_ascii_uppercase())),
        _ => assert!(value.len() == 3 && value.bytes().all(|b| b.is_ascii_uppercase()), "{value}"),
    }
    if !matches!(kind, Kind::Date | Kind::Decimal { .. } | Kind::YesNo) {
        // A country may stand there by its name or another of its codes.
        assert!(kind == Kind::Country || value.eq_ignore_ascii_case(cell.trim()), "{value} {cell:?}");
        assert_eq!(check_cell(kind, &value, writing), Ok(Some(value.clone())), "read again");
    }
}

/// The digits of the cell and no others, with a point; read with a point it is the same number.
fn check_decimal(value: &str, cell: &str, writing: &Writing, (digits, scale): (u32, u32)) {
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    let unsigned = whole.strip_prefix('-').unwrap_or(whole);
    assert!(
        !unsigned.is_empty() && unsigned.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()),
        "{value}"
    );
    assert!(unsigned == "0" || !unsigned.starts_with('0'), "{value}");
    assert!(unsigned.len() <= (digits - scale) as usize && fraction.len() <= scale as usize, "{value}");
    assert!(!value.ends_with('.'), "{value}");
    let only = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let digits_of = |text: &str| only(text).trim_start_matches('0').to_owned();
    assert_eq!(digits_of(value), digits_of(cell), "{cell:?}");
    let nothing = digits_of(cell).is_empty();
    assert_eq!(value.starts_with('-'), cell.contains(['-', '(']) && !nothing, "{value} {cell:?}");
    // The point of a unit is no decimal separator.
    let cell = &cell.replace("kr.", "kr");
    let decimals = cell.rsplit_once(writing.decimal).map_or(0, |(_, decimals)| only(decimals).len());
    assert_eq!(fraction.len(), decimals, "{value} {cell:?}");
    let again = Writing { decimal: '.', ..writing.clone() };
    let read = check_cell(Kind::Decimal { digits, scale }, value, &again);
    assert_eq!(read.ok().flatten().as_deref(), Some(value));
}

/// A day in ISO 8601, which is read again as the same day.
fn check_date(value: &str) {
    let Some(date) = DateFormat::new("%Y-%m-%d") else { unreachable!("it is a way of writing dates") };
    let writing = Writing { decimal: '.', thousands: Thousands::Certain, date };
    let read = check_cell(Kind::Date, value, &writing);
    assert_eq!(read.ok().flatten().as_deref(), Some(value));
    assert_eq!(value.len(), 10, "{value}");
}
