//! Files with cells at fixed positions, some of them touching: are all cells found?

use std::collections::BTreeMap;

use fastrand::Rng;

use crate::customers::{Words, customers};
use crate::languages::LANGUAGES;
use crate::tally::{self, Tally};
use crate::unaided::{read, trimmed};

/// How a cell is filled up.
#[derive(Clone, Copy)]
enum Fill {
    Left,
    Right,
    /// With zeros from the left.
    Zeros,
}

use Fill::{Left, Right, Zeros};

/// A column: what it holds, its width, how it is filled up.
type Column = (&'static str, usize, Fill);

/// The layouts. What touches can be told apart by what it looks like: digits from letters, texts by where they begin.
#[rustfmt::skip]
const LAYOUTS: &[(&str, bool, &[Column])] = &[
    ("blanks between all", false, &[("number", 8, Left), ("name", 42, Left), ("street", 36, Left), ("postcode", 10, Left), ("city", 24, Left), ("phone", 20, Left)]),
    ("with a header", true, &[("number", 10, Left), ("name", 42, Left), ("street", 36, Left), ("postcode", 10, Left), ("city", 24, Left), ("phone", 20, Left)]),
    ("number touches name", false, &[("number", 8, Zeros), ("name", 42, Left), ("street", 36, Left), ("digits", 4, Left), ("country", 4, Left), ("phone", 20, Left)]),
    ("postcode touches city", false, &[("number", 8, Left), ("name", 42, Left), ("street", 36, Left), ("digits", 5, Left), ("city", 24, Left), ("phone", 20, Left)]),
    ("country touches telephone", false, &[("number", 8, Left), ("name", 42, Left), ("street", 36, Left), ("country", 2, Left), ("local", 8, Left), ("city", 25, Left)]),
    ("amount touches currency", false, &[("number", 8, Left), ("name", 42, Left), ("amount", 12, Right), ("currency", 3, Left), ("date", 8, Left)]),
    ("date touches group", false, &[("number", 8, Left), ("name", 42, Left), ("date", 8, Left), ("group", 6, Left), ("city", 24, Left)]),
    ("everything touches", false, &[("number", 6, Zeros), ("name", 42, Left), ("digits", 4, Left), ("city", 25, Left), ("country", 2, Left), ("local", 8, Left), ("currency", 3, Left), ("amount", 12, Right)]),
];

/// Measures `files` files of each layout.
pub(crate) fn measure(
    words: Words,
    seed: u64,
    files: usize,
    show: bool,
) -> anyhow::Result<BTreeMap<String, Tally>> {
    tally::each(
        LAYOUTS,
        |(name, ..)| name,
        seed,
        files,
        |(name, header, columns), rng| {
            let (text, rows) = make(rng, columns, *header, words);
            let read = read(&text);
            let same = |(read, row): (&Option<Vec<String>>, &Vec<String>)| {
                let cells: Option<Vec<String>> =
                    read.as_ref().map(|cells| cells.iter().map(|cell| cell.trim().to_owned()).collect());
                cells.is_some_and(|cells| trimmed(&cells) == trimmed(row))
            };
            let right = read.rows.len() == rows.len() && read.rows.iter().zip(&rows).all(same);
            if show && !right {
                let start = text.lines().take(4).collect::<Vec<_>>().join("\n");
                println!("{name}: {:?}\n{start}\n{:?}\n", read.refused, read.rows.first());
            }
            Ok((right, !read.told))
        },
    )
}

fn make(rng: &mut Rng, columns: &[Column], header: bool, words: Words) -> (String, Vec<Vec<String>>) {
    let language = &LANGUAGES[rng.usize(..LANGUAGES.len())];
    let count = [20, 60, 150][rng.usize(..3)];
    let names: Vec<&str> = language.header.split('|').collect();
    let mut rows = Vec::new();
    let mut text = String::new();
    let line = |cells: &[String]| {
        let mut line = String::new();
        for (cell, (_, width, fill)) in cells.iter().zip(columns) {
            let blank = width.saturating_sub(cell.chars().count());
            match fill {
                Left => line.push_str(&format!("{cell}{}", " ".repeat(blank))),
                Right => line.push_str(&format!("{}{cell}", " ".repeat(blank))),
                Zeros => line.push_str(&format!("{}{cell}", "0".repeat(blank))),
            }
        }
        line + "\r\n"
    };
    if header {
        text.push_str(&line(
            &names.iter().take(columns.len()).map(|name| (*name).to_owned()).collect::<Vec<_>>(),
        ));
    }
    for customer in customers(rng, language, words, count) {
        let value = |rng: &mut Rng, what: &str| match what {
            "number" => customer.number.clone(),
            "name" => customer.name.clone(),
            "street" => customer.street.clone(),
            "postcode" => customer.postcode.clone(),
            "city" => customer.city.clone(),
            "phone" => customer.phone.clone(),
            "digits" => format!("{}", rng.u16(1000..9990)),
            "local" => format!("{}", rng.u32(20_000_000..99_999_999)),
            "country" => ["DK", "SE", "NO", "DE"][rng.usize(..4)].to_owned(),
            "currency" => ["DKK", "SEK", "EUR"][rng.usize(..3)].to_owned(),
            "amount" => format!("{},{:02}", rng.u32(1..90_000), rng.u8(..99)),
            "date" => format!("{}{:02}{:02}", rng.u16(2015..2026), rng.u8(1..13), rng.u8(1..29)),
            _ => ["RETAIL", "TRADE", "OTHER"][rng.usize(..3)].to_owned(),
        };
        let cells: Vec<String> = columns
            .iter()
            .map(|(what, width, fill)| {
                let cell: String = value(rng, what).chars().take(*width).collect();
                match fill {
                    Zeros => format!("{}{cell}", "0".repeat(width.saturating_sub(cell.chars().count()))),
                    Left | Right => cell.trim().to_owned(),
                }
            })
            .collect();
        text.push_str(&line(&cells));
        rows.push(cells);
    }
    (text, rows)
}
