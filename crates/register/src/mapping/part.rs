//! Parts of a cell: the postcode and the city of `8000 Aarhus C`, the house number of a street, first and last names.

use erpfile::Part;

/// The longest postcode with its country and blanks, in characters.
const LONGEST_POSTCODE: usize = 12;

/// Words in small letters with which last names begin.
const PARTICLES: &[&str] = &[
    "af", "av", "d'", "da", "dal", "de", "degli", "del", "della", "den", "der", "des", "di", "do", "dos",
    "du", "la", "le", "op", "st.", "'t", "te", "ten", "ter", "thor", "van", "von", "vom", "zu", "zum", "zur",
];

/// The part of a text without blanks around it; empty when the text has no such part. `None` when nobody can tell which
/// part is which.
pub(crate) fn of(part: Part, text: &str) -> Option<&str> {
    let text = text.trim();
    if text.is_empty() {
        return Some("");
    }
    Some(match part {
        Part::Whole => text,
        Part::Postcode => postcode_and_city(text)?.0,
        Part::City => postcode_and_city(text)?.1,
        Part::Street => street_and_number(text).0,
        Part::HouseNumber => street_and_number(text).1,
        Part::FirstName => names(text).0,
        Part::LastName => names(text).1,
        Part::FirstLine => text.split(['\n', '\r']).next().unwrap_or_default().trim_end(),
        Part::OtherLines => text.split_once(['\n', '\r']).map_or("", |(_, rest)| rest.trim_start()),
    })
}

/// Words with their places in the text.
fn words(text: &str) -> impl DoubleEndedIterator<Item = (usize, &str)> {
    text.split_whitespace().map(move |word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}

fn has_digit(word: &str) -> bool {
    word.bytes().any(|b| b.is_ascii_digit())
}

/// The postcode stands before the city (`8000 Aarhus C`, `DK-8000 Aarhus C`, `114 55 Stockholm`, `1234 AB Utrecht`) or
/// behind it (`London SW1A 1AA`, `Springfield, IL 62701`). A text without digits is a city.
fn postcode_and_city(text: &str) -> Option<(&str, &str)> {
    if !has_digit(text) {
        return Some(("", text));
    }
    let words: Vec<(usize, &str)> = words(text).collect();
    let code = match words.iter().position(|(_, word)| !has_digit(word)) {
        // The postcode comes first, up to the first word without a digit.
        Some(first) if first > 0 => {
            let (at, word) = words[first];
            let two_capitals = word.len() == 2 && word.bytes().all(|b| b.is_ascii_uppercase());
            let four_digits = first == 1 && words[0].1.bytes().filter(u8::is_ascii_digit).count() == 4;
            // The Dutch postcode goes on with two letters; without a city behind them they are the city.
            match words.get(first + 1) {
                Some((city, _)) if two_capitals && four_digits => (&text[..*city], &text[*city..]),
                _ => (&text[..at], &text[at..]),
            }
        }
        None => (text, ""),
        Some(_) => {
            // It comes last, from the first word with a digit on, and nothing else may stand behind it.
            let first = words.iter().position(|(_, word)| has_digit(word))?;
            if words[first..].iter().any(|(_, word)| !has_digit(word)) {
                return None;
            }
            let at = words[first].0;
            (&text[at..], &text[..at])
        }
    };
    let (postcode, city) = match words.first() {
        Some((_, word)) if has_digit(word) => (code.0.trim(), code.1.trim()),
        _ => (code.0.trim(), code.1.trim().trim_end_matches([',', '-']).trim_end()),
    };
    let postcode = postcode.trim_end_matches(',');
    (postcode.chars().count() <= LONGEST_POSTCODE).then_some((postcode, city))
}

/// The house number begins with the last word that begins with a digit and is not the first one (`Nørregade 12 B, 2. tv`:
/// the first such word that no comma or ordinal point makes a part of something else); or it stands before the street,
/// as in French.
fn street_and_number(text: &str) -> (&str, &str) {
    let words: Vec<(usize, &str)> = words(text).collect();
    let number = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
    let ordinal = |word: &str| word.ends_with('.');
    let found = words.iter().skip(1).find(|(_, word)| number(word) && !ordinal(word));
    if let Some((at, _)) = found {
        return (text[..*at].trim_end().trim_end_matches(','), &text[*at..]);
    }
    match words.as_slice() {
        [(_, first), (street, _), ..] if number(first) && !ordinal(first) => {
            (&text[*street..], text[..*street].trim_end().trim_end_matches(','))
        }
        _ => (text, ""),
    }
}

/// `van Dijk, Anna Maria` or `Anna Maria van Dijk`; one word alone is a last name.
fn names(text: &str) -> (&str, &str) {
    if let Some((last, first)) = text.split_once(',') {
        return (first.trim(), last.trim());
    }
    let words: Vec<(usize, &str)> = words(text).collect();
    let Some((last, _)) = words.last() else { return ("", text) };
    let particle = words.iter().skip(1).find(|(_, word)| PARTICLES.contains(word));
    let at = particle.map_or(*last, |(at, _)| *at);
    (text[..at].trim_end(), &text[at..])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn postcode_and_city_are_told_apart() {
        for (text, postcode, city) in [
            ("8000 Aarhus C", "8000", "Aarhus C"),
            ("  8000  Aarhus C ", "8000", "Aarhus C"),
            ("DK-8000 Aarhus C", "DK-8000", "Aarhus C"),
            ("2100 København Ø", "2100", "København Ø"),
            ("8680 Ry", "8680", "Ry"),
            ("8680 RY", "8680", "RY"),
            ("114 55 Stockholm", "114 55", "Stockholm"),
            ("SE-114 55 Stockholm", "SE-114 55", "Stockholm"),
            ("00100 Helsinki", "00100", "Helsinki"),
            ("1234 AB Utrecht", "1234 AB", "Utrecht"),
            ("1234AB 's-Hertogenbosch", "1234AB", "'s-Hertogenbosch"),
            ("D-10115 Berlin", "D-10115", "Berlin"),
            ("75009 Paris Cedex 9", "75009", "Paris Cedex 9"),
            ("00-950 Warszawa", "00-950", "Warszawa"),
            ("London SW1A 1AA", "SW1A 1AA", "London"),
            ("Kirkwall, KW15 1JX", "KW15 1JX", "Kirkwall"),
            ("Paris 75009", "75009", "Paris"),
            ("Aarhus", "", "Aarhus"),
            ("8000", "8000", ""),
            ("", "", ""),
        ] {
            let parts = [Part::Postcode, Part::City].map(|part| of(part, text));
            assert_eq!(parts, [Some(postcode), Some(city)], "{text}");
        }
        for unclear in ["Paris 9 Cedex", "Postbox 12 Aarhus", "1234567890123 Aarhus"] {
            assert_eq!(of(Part::City, unclear), None, "{unclear}");
        }
    }

    #[test]
    fn the_house_number_is_what_comes_behind_the_street() {
        for (text, street, number) in [
            ("Nørregade 12", "Nørregade", "12"),
            ("Nørregade 12 B, 2. tv", "Nørregade", "12 B, 2. tv"),
            ("Nørregade 12, 2. tv", "Nørregade", "12, 2. tv"),
            ("1. Maj Vej 5", "1. Maj Vej", "5"),
            ("Straße des 17. Juni 135", "Straße des 17. Juni", "135"),
            ("Hauptstr. 7a", "Hauptstr.", "7a"),
            ("12 rue de la Paix", "rue de la Paix", "12"),
            ("12, rue de la Paix", "rue de la Paix", "12"),
            ("Torvet", "Torvet", ""),
            ("17", "17", ""),
            ("Gade\u{a0}9", "Gade", "9"),
        ] {
            let parts = [Part::Street, Part::HouseNumber].map(|part| of(part, text));
            assert_eq!(parts, [Some(street), Some(number)], "{text}");
        }
    }

    #[test]
    fn first_and_last_names_are_told_apart() {
        for (text, first, last) in [
            ("Anna Olsen", "Anna", "Olsen"),
            ("Anna Maria van der Berg", "Anna Maria", "van der Berg"),
            ("van Dijk, Anna Maria", "Anna Maria", "van Dijk"),
            ("Olsen", "", "Olsen"),
            ("Karl-Heinz von Aue", "Karl-Heinz", "von Aue"),
        ] {
            let parts = [Part::FirstName, Part::LastName].map(|part| of(part, text));
            assert_eq!(parts, [Some(first), Some(last)], "{text}");
        }
    }

    #[test]
    fn lines_are_told_apart() {
        let text = "Nørregade 1\r\n2. sal\nBagbygningen";
        assert_eq!(of(Part::FirstLine, text), Some("Nørregade 1"));
        assert_eq!(of(Part::OtherLines, text), Some("2. sal\nBagbygningen"));
        assert_eq!(of(Part::OtherLines, "Nørregade 1"), Some(""));
    }

    proptest! {
        #[test]
        fn the_parts_of_any_text_hold_all_its_letters_and_digits(text in "[0-9A-Za-zæØ .,\u{a0}\n-]{0,24}") {
            let solid = |text: &str| {
                let mut all: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).collect();
                all.sort_unstable();
                all
            };
            for (a, b) in [
                (Part::Postcode, Part::City),
                (Part::Street, Part::HouseNumber),
                (Part::FirstName, Part::LastName),
                (Part::FirstLine, Part::OtherLines),
            ] {
                if let (Some(a), Some(b)) = (of(a, &text), of(b, &text)) {
                    prop_assert_eq!(solid(&format!("{a}{b}")), solid(&text));
                }
            }
        }
    }
}
