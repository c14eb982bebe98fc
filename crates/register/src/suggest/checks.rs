//! What single values are: postcodes, countries, telephone numbers, streets, companies.

use erpfile::suggest::{Kind, kind};

use crate::checks::{has_phone_signs, is_known_postcode};
use crate::codes;

/// What the names of companies end with, or hold as a word.
#[rustfmt::skip]
const COMPANY_FORMS: &[&str] = &[
    "aps", "as", "a/s", "asa", "i/s", "k/s", "p/s", "ivs", "ab", "hb", "kb", "oy", "oyj", "ky", "tmi", "ay", "gmbh",
    "ag", "kg", "ohg", "gbr", "ug", "e.k.", "ek", "e.v.", "bv", "b.v.", "nv", "n.v.", "vof", "v.o.f.", "sarl",
    "sas", "sa", "eurl", "snc", "sci", "ltd", "limited", "ltd.", "plc", "llc", "llp", "inc", "inc.", "corp", "co.",
    "srl", "s.r.l.", "spa", "s.p.a.", "enk", "da", "ans", "sp.", "s.r.o.", "sl", "s.l.", "lda", "se", "amba",
    "a.m.b.a.", "fmba", "group", "sons", "söhne", "sønner", "company", "holding", "company.", "foundation",
    "kommune", "skole",
];

/// What streets end with or hold as a word.
#[rustfmt::skip]
const STREETS: &[&str] = &[
    "vej", "gade", "torv", "allé", "alle", "plads", "vænget", "vaenget", "stræde", "straede", "boulevard", "veien",
    "vegen", "gata", "gaten", "gate", "gatan", "vägen", "vagen", "väg", "torget", "straße", "strasse", "str.",
    "weg", "platz", "gasse", "allee", "ring", "damm", "ufer", "straat", "laan", "plein", "gracht", "kade", "dijk",
    "singel", "katu", "tie", "kuja", "polku", "rue", "avenue", "chemin", "place", "impasse", "quai", "street",
    "road", "lane", "square", "drive", "close", "court", "postboks", "postbox", "boks", "postfach", "parken",
    "bakken", "haven", "stien",
];

/// Whether a value is a country's code by ISO 3166-1: two letters, or three.
pub(super) fn is_country_code(value: &str) -> bool {
    let letters = value.bytes().all(|b| b.is_ascii_alphabetic());
    let short = || codes::has(codes::COUNTRIES, &value.to_uppercase());
    letters && (short() || value.len() <= 3 && codes::country(value).is_some())
}

/// Whether a value is the name of a country.
pub(super) fn is_country_name(value: &str) -> bool {
    codes::country_by_name(value).is_some()
}

/// Whether a value can be a telephone number. One in groups of three digits can also be an amount with thousands, which no
/// country's code and no zero stands before.
pub(super) fn is_phone(value: &str) -> bool {
    can_be_phone(value)
        && (kind(value) != Kind::Decimal || !value.contains(['.', ',']) && value.starts_with(['+', '0', '(']))
}

/// The same where the name of the column says that it is one.
pub(super) fn can_be_phone(value: &str) -> bool {
    let digits = value.chars().filter(char::is_ascii_digit).count();
    has_phone_signs(value) && (6..=16).contains(&digits) && !erpfile::suggest::is_date(value)
}

/// Whether a value can be a postcode of one of Europe's countries.
pub(super) fn is_postcode(value: &str) -> bool {
    let value = value.trim();
    let value = value
        .split_once('-')
        .filter(|(country, _)| {
            (1..=2).contains(&country.len()) && country.chars().all(|c| c.is_ascii_uppercase())
        })
        .map_or(value, |(_, rest)| rest);
    is_known_postcode(value)
}

/// Whether a value is a postcode with the name of a place behind it: `8000 Aarhus C`.
pub(super) fn is_postcode_and_city(value: &str) -> bool {
    let value = value.trim();
    // The Swedish and the Dutch postcode have a blank in them.
    (1..value.len()).filter(|at| value.is_char_boundary(*at) && value[*at..].starts_with(' ')).any(|at| {
        let (code, city) = (&value[..at], value[at..].trim());
        code.len() > 3
            && is_postcode(code)
            && city.chars().any(char::is_lowercase)
            && !city.starts_with(|c: char| c.is_ascii_digit())
            && city.len() > 2
            || code.len() > 3
                && is_postcode(code)
                && city.len() > 3
                && city.chars().all(|c| c.is_uppercase() || c == ' ')
    })
}

/// Whether a value is the name of a company by the form that it carries.
pub(super) fn is_company(value: &str) -> bool {
    let lower = value.to_lowercase();
    let mut words = lower.split([' ', ',']);
    words.next().is_some_and(|first| first == "oy" || first == "ab" || first == "firma")
        || words.any(|word| COMPANY_FORMS.contains(&word))
        || lower.contains(" & ")
        || lower.contains(" og ")
}

/// Whether a value holds the name of a street.
pub(super) fn is_street(value: &str) -> bool {
    let lower = value.to_lowercase();
    lower.split([' ', ',', '.']).any(|word| {
        STREETS.iter().any(|street| {
            word.ends_with(street.trim_end_matches('.'))
                && (word.len() > street.len() || street.len() > 3 || *street == "rue")
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What it is called, the check, values that are it, and values that are not.
    type Case<'a> = (&'a str, fn(&str) -> bool, &'a [&'a str], &'a [&'a str]);

    #[test]
    fn values_are_known_by_their_shapes() {
        let table: &[Case<'_>] = &[
            (
                "phone",
                is_phone,
                &["+45 86 12 34 56", "86123456", "(040) 123456", "+34 936 403 381", "040 123 456"],
                &["22-11-2026", "1.250,50", "12", "936 403 381"],
            ),
            ("phone by name", can_be_phone, &["936 403 381", "86123456"], &["22-11-2026", "1.250,50", "12"]),
            (
                "postcode",
                is_postcode,
                &["8000", "211 31", "1012 AB", "SW1A 1AA", "SW1A1AA", "80331", "DK-8000", "00-950"],
                &["12", "Aarhus", "12345678"],
            ),
            (
                "post and city",
                is_postcode_and_city,
                &["8000 Aarhus C", "211 31 Malmö", "1012 AB Amsterdam", "80331 MÜNCHEN"],
                &["Aarhus", "8000", "Gade 4"],
            ),
            (
                "company",
                is_company,
                &["Bager Ølund ApS", "Müller GmbH", "Oy Kala Ab"],
                &["Hans Hansen", "Aarhus"],
            ),
            (
                "street",
                is_street,
                &["Søndergade 4", "Kölner Straße 3", "rue de la Forêt 3"],
                &["Bager Ølund", "Aarhus"],
            ),
            ("country", is_country_code, &["DK", "dnk", "UK"], &["Danmark", "XX"]),
            (
                "country name",
                is_country_name,
                &["Danmark", "Österreich", "The Netherlands"],
                &["DK", "Aarhus"],
            ),
        ];
        for (what, is, good, bad) in table {
            for value in *good {
                assert!(is(value), "{what}: {value}");
            }
            for value in *bad {
                assert!(!is(value), "{what}: {value}");
            }
        }
    }
}
