//! Customer files as tables of cells: their truth is known, since they are made here.

use fastrand::Rng;

use crate::languages::Language;

/// Which words are taken: those that were looked at while the program was made, or the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Words {
    Known,
    HeldOut,
}

/// A customer as it is written into a file.
#[derive(Clone, Debug)]
pub(crate) struct Customer {
    pub(crate) number: String,
    pub(crate) name: String,
    pub(crate) street: String,
    pub(crate) postcode: String,
    pub(crate) city: String,
    pub(crate) phone: String,
    pub(crate) email: String,
    pub(crate) person: String,
}

/// Makes the customers of a file.
pub(crate) fn customers(rng: &mut Rng, language: &Language, words: Words, rows: usize) -> Vec<Customer> {
    let first = rng.u32(1..90_000);
    (0..rows).map(|row| customer(rng, language, words, first + u32::try_from(row).unwrap_or(0) * 3)).collect()
}

fn customer(rng: &mut Rng, language: &Language, words: Words, number: u32) -> Customer {
    let person = pick(rng, language.people, words);
    let trade = pick(rng, language.trades, words);
    let form = every(language.forms)[rng.usize(..every(language.forms).len())];
    let name = match rng.u8(..4) {
        0 => format!("{person} {form}"),
        1 => format!("{trade} {person}"),
        _ => format!("{trade} {person} {form}"),
    };
    let plain: String = person.to_lowercase().chars().filter(char::is_ascii_lowercase).collect();
    Customer {
        number: format!("{number:05}"),
        name: name.trim().to_owned(),
        street: format!("{} {}", pick(rng, language.streets, words), rng.u8(1..120)),
        postcode: postcode(rng, language.code),
        city: pick(rng, language.cities, words).to_owned(),
        phone: phone(rng, language.code),
        email: if rng.u8(..5) == 0 {
            String::new()
        } else {
            format!("post{}@{plain}.example", rng.u16(..999))
        },
        person: person.to_owned(),
    }
}

fn postcode(rng: &mut Rng, language: &str) -> String {
    match language {
        "da" | "no" | "hu" => format!("{:04}", rng.u16(1000..9990)),
        "sv" => format!("{:03} {:02}", rng.u16(111..985), rng.u8(10..99)),
        "nl" => format!("{} {}{}", rng.u16(1000..9999), upper(rng), upper(rng)),
        "pl" => format!("{:02}-{:03}", rng.u8(1..99), rng.u16(1..999)),
        "pt" => format!("{:04}-{:03}", rng.u16(1000..9999), rng.u16(1..999)),
        "en" => format!(
            "{}{}{} {}{}{}",
            upper(rng),
            upper(rng),
            rng.u8(1..10),
            rng.u8(1..10),
            upper(rng),
            upper(rng)
        ),
        "is" => format!("{:03}", rng.u16(101..902)),
        "lv" => format!("LV-{}", rng.u16(1001..5700)),
        "ru" => format!("{}", rng.u32(101_000..690_000)),
        _ => format!("{:05}", rng.u32(1000..99_999)),
    }
}

fn upper(rng: &mut Rng) -> char {
    char::from(b'A' + rng.u8(..26))
}

fn phone(rng: &mut Rng, language: &str) -> String {
    let digits = |rng: &mut Rng, count: u32| rng.u64(10_u64.pow(count - 1)..10_u64.pow(count)).to_string();
    match (language, rng.u8(..3)) {
        ("da" | "no", 0) => digits(rng, 8),
        ("da", 1) => {
            format!("+45 {} {} {} {}", digits(rng, 2), digits(rng, 2), digits(rng, 2), digits(rng, 2))
        }
        ("sv" | "fi", _) => format!("0{}-{} {}", rng.u8(10..99), digits(rng, 3), digits(rng, 3)),
        ("de", _) => format!("0{} / {}", digits(rng, 3), digits(rng, 6)),
        _ => format!("+{} {} {}", rng.u8(30..49), digits(rng, 3), digits(rng, 6)),
    }
}

fn every(list: &'static str) -> Vec<&'static str> {
    list.split('|').collect()
}

/// A word of a list: of its even places for known words, of its odd ones for those held out.
fn pick(rng: &mut Rng, list: &'static str, words: Words) -> &'static str {
    let list = every(list);
    let at = rng.usize(..list.len() / 2) * 2 + usize::from(words == Words::HeldOut);
    list[at.min(list.len() - 1)]
}
