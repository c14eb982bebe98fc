//! Countries by any of their codes and by their names in the languages of the files.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::search;

/// A country a line: ISO 3166-1 alpha-2, alpha-3, number (XK has none), and names in English, Danish, Norwegian, Swedish,
/// Finnish, German, Dutch and French, some with what people call it besides. The names are of the Unicode Common Locale
/// Data Repository, under the licence in `codes/LICENSE-UNICODE`.
static COUNTRIES: &str = include_str!("countries.tsv");

/// The alpha-2 code of the country that `text` names: by its alpha-3 code, by its number in three digits, or by its name
/// in one of the languages. Capital letters, accents, blanks and signs do not matter.
pub(crate) fn country(text: &str) -> Option<&'static str> {
    static CODES: OnceLock<HashMap<&'static str, &'static str>> = OnceLock::new();
    let codes = CODES.get_or_init(|| {
        lines()
            .flat_map(|(code, [long, number], _)| [(long, code), (number, code)])
            .filter(|(key, _)| !key.is_empty())
            .collect()
    });
    match text.len() {
        3 => codes.get(text.to_ascii_uppercase().as_str()).copied().or_else(|| country_by_name(text)),
        _ => country_by_name(text),
    }
}

/// The alpha-2 code of the country with this name; `UK` and `EL`, which are no codes, count as names of theirs.
pub(crate) fn country_by_name(text: &str) -> Option<&'static str> {
    static NAMES: OnceLock<HashMap<String, &'static str>> = OnceLock::new();
    let names = NAMES.get_or_init(|| {
        lines().flat_map(|(code, _, names)| names.map(move |name| (folded(name), code))).collect()
    });
    names.get(&folded(text)).copied()
}

fn lines() -> impl Iterator<Item = (&'static str, [&'static str; 2], impl Iterator<Item = &'static str>)> {
    COUNTRIES.lines().filter_map(|line| {
        let mut parts = line.split('\t');
        Some((parts.next()?, [parts.next()?, parts.next()?], parts))
    })
}

fn folded(name: &str) -> String {
    let mut folded = search::folded(name);
    folded.retain(|c| c != ' ');
    folded
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn every_country_is_there_and_no_code_or_name_means_two() {
        let codes: Vec<&str> = lines().map(|(code, ..)| code).collect();
        assert_eq!(codes, super::super::COUNTRIES);
        let mut meanings: BTreeMap<String, &str> = BTreeMap::new();
        for (code, [long, number], names) in lines() {
            assert!(long.len() == 3 && (number.len() == 3 || code == "XK"), "{code}");
            let names: Vec<String> = names.map(folded).collect();
            assert!(names.len() >= 2 || code.len() == 2 && !names.is_empty(), "{code}");
            for name in names.into_iter().chain([long.to_lowercase(), number.to_owned()]) {
                let other = meanings.insert(name.clone(), code);
                assert!(
                    name.is_empty() || other.is_none_or(|other| other == code),
                    "{name}: {other:?}, {code}"
                );
                assert!(
                    name.len() != 2 || ["uk", "el", "vk"].contains(&name.as_str()),
                    "{name} looks like a code"
                );
            }
        }
    }

    #[test]
    fn countries_are_known_by_all_that_files_call_them() {
        for (code, names) in [
            (
                "DK",
                [
                    "DNK",
                    "208",
                    "Denmark",
                    "Danmark",
                    "DANMARK",
                    "Dänemark",
                    "Danemark",
                    "Tanska",
                    "Denemarken",
                ],
            ),
            ("NO", ["nor", "578", "Norge", "Noreg", "Norway", "Norwegen", "Norvège", "Norja", "Noorwegen"]),
            (
                "DE",
                [
                    "DEU",
                    "276",
                    "Tyskland",
                    "Deutschland",
                    "Allemagne",
                    "Saksa",
                    "Duitsland",
                    "germany",
                    "BRD",
                ],
            ),
            (
                "GB",
                [
                    "GBR",
                    "826",
                    "UK",
                    "England",
                    "Storbritannien",
                    "Iso-Britannia",
                    "Royaume Uni",
                    "VK",
                    "Great Britain",
                ],
            ),
            (
                "AT",
                [
                    "AUT",
                    "040",
                    "Österreich",
                    "Osterreich",
                    "Oesterreich",
                    "Østrig",
                    "Autriche",
                    "Itävalta",
                    "Oostenrijk",
                ],
            ),
            (
                "US",
                [
                    "USA",
                    "840",
                    "U.S.A.",
                    "United States",
                    "Yhdysvallat",
                    "États-Unis",
                    "Etats Unis",
                    "Verenigde Staten",
                    "USA ",
                ],
            ),
        ] {
            for name in names {
                assert_eq!(country(name), Some(code), "{name}");
            }
        }
        for unknown in ["", "47", "45", "8", "Kongo", "Korea", "Danmarken", "D", "Jylland", "999"] {
            assert_eq!(country(unknown), None, "{unknown}");
        }
    }
}
