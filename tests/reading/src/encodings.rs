//! Are the letters right? Files of every language in every encoding that it comes in.

use std::collections::BTreeMap;

use erpfile::suggest::{Sample, suggest};
use erpfile::{Encoding, Limits};
use fastrand::Rng;

use crate::customers::{Words, customers};
use crate::languages::LANGUAGES;
use crate::tally::Tally;

/// The rows of the files.
const ROWS: &[usize] = &[3, 20, 300];

/// The encodings of Unicode, without and with a mark.
const UNICODE: &[&str] =
    &["utf-8", "utf-8 with mark", "utf-16le", "utf-16be", "utf-16le with mark", "utf-16be with mark"];

/// Measures at least `least` files of each encoding: as many of each of its languages, and of each length.
pub(crate) fn measure(
    words: Words,
    seed: u64,
    least: usize,
    show: bool,
) -> anyhow::Result<BTreeMap<String, Tally>> {
    let mut found: BTreeMap<String, Tally> = BTreeMap::new();
    for (at, language) in LANGUAGES.iter().enumerate() {
        let labels = language.encodings.split('|').chain(UNICODE.iter().copied());
        for (place, label) in (1_u64..).zip(labels) {
            let languages = LANGUAGES.iter().filter(|other| speaks(other.encodings, label)).count();
            let files = least.div_ceil(languages * ROWS.len());
            for rows in ROWS {
                for file in 0..files {
                    let mut rng = Rng::with_seed(
                        seed ^ ((at as u64) << 40) ^ ((*rows as u64) << 20) ^ (place << 12) ^ file as u64,
                    );
                    let Some((bytes, text)) = file_of(&mut rng, at, label, words, *rows)? else { continue };
                    let read = suggest(&Sample::new(bytes.clone(), true), &|_| false, Limits::default());
                    let read = read.ok().and_then(|read| read.encoding);
                    let marked = if label.ends_with("mark") {
                        bytes.get(mark(label).len()..).unwrap_or_default()
                    } else {
                        &bytes
                    };
                    let right = read.is_some_and(|(encoding, _)| encoding.decode_lossy(marked) == text);
                    let sure = read.is_some_and(|(_, sure)| sure >= 0.8);
                    if show && !right {
                        let as_what = read.map(|(encoding, _)| encoding.label()).unwrap_or("nothing");
                        println!(
                            "{} {label} {rows} rows as {as_what}: {}",
                            language.code,
                            text.lines().nth(1).unwrap_or_default()
                        );
                    }
                    found.entry(label.to_owned()).or_default().note(right, sure);
                    found.entry(format!("{rows} rows")).or_default().note(right, sure);
                }
            }
        }
    }
    Ok(found)
}

/// Whether files of a language come in this encoding.
fn speaks(encodings: &str, label: &str) -> bool {
    UNICODE.contains(&label) || encodings.split('|').any(|other| other == label)
}

fn mark(label: &str) -> &'static [u8] {
    match label {
        "utf-8 with mark" => b"\xEF\xBB\xBF",
        "utf-16le with mark" => b"\xFF\xFE",
        "utf-16be with mark" => b"\xFE\xFF",
        _ => b"",
    }
}

/// A file and its text; `None` where the encoding lacks one of its letters, or it has none beyond ASCII.
fn file_of(
    rng: &mut Rng,
    language: usize,
    label: &str,
    words: Words,
    rows: usize,
) -> anyhow::Result<Option<(Vec<u8>, String)>> {
    let language = &LANGUAGES[language];
    let delimiter = [";", ",", "\t", "|"][rng.usize(..4)];
    let header: Vec<&str> = language.header.split('|').take(7).collect();
    let mut text = format!("{}\r\n", header.join(delimiter));
    for customer in customers(rng, language, words, rows) {
        let cells = [
            customer.number,
            customer.name,
            customer.street,
            customer.postcode,
            customer.city,
            customer.phone,
            customer.email,
        ];
        text.push_str(&cells.map(|cell| cell.replace(delimiter, " ")).join(delimiter));
        text.push_str("\r\n");
    }
    // Old systems write capitals only.
    if rng.u8(..10) == 0 {
        text = text.to_uppercase();
    }
    let encoding: Encoding = label.split(' ').next().unwrap_or_default().parse()?;
    let mut bytes = mark(label).to_vec();
    let Ok(encoded) = encoding.encode(&text) else { return Ok(None) };
    bytes.extend(encoded);
    Ok((!text.is_ascii()).then_some((bytes, text)))
}
