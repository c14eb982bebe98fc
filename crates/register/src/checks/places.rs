//! What postcodes and telephone numbers look like, by country.

/// The shape of a text: `9` for a digit, `A` for a capital letter, one blank for any blank.
fn shape(value: &str) -> String {
    let sign = |c: char| match c {
        c if c.is_ascii_digit() => '9',
        c if c.is_ascii_uppercase() => 'A',
        ' ' | '\u{a0}' => ' ',
        c => c,
    };
    value.chars().map(sign).collect()
}

/// The shapes of postcodes, by the Universal Postal Union's tables; a blank may be left out.
#[rustfmt::skip]
const POSTCODES: &[(&str, &[&str])] = &[
    ("AT", &["9999"]), ("BE", &["9999"]), ("BG", &["9999"]), ("CH", &["9999"]), ("CY", &["9999"]), ("CZ", &["999 99"]),
    ("DE", &["99999"]), ("DK", &["9999"]), ("EE", &["99999"]), ("ES", &["99999"]), ("FI", &["99999"]),
    ("FO", &["999"]), ("FR", &["99999"]), ("GL", &["9999"]), ("GR", &["999 99"]), ("HR", &["99999"]),
    ("HU", &["9999"]), ("IS", &["999"]), ("IT", &["99999"]), ("LI", &["9999"]), ("LT", &["99999"]),
    ("LU", &["9999"]), ("LV", &["9999"]), ("NL", &["9999 AA"]), ("NO", &["9999"]), ("PL", &["99-999"]),
    ("PT", &["9999-999", "9999"]), ("RO", &["999999"]), ("SE", &["999 99"]), ("SI", &["9999"]), ("SK", &["999 99"]),
    ("US", &["99999", "99999-9999"]),
    ("GB", &["A9 9AA", "A99 9AA", "AA9 9AA", "AA99 9AA", "A9A 9AA", "AA9A 9AA"]),
];

/// Whether a value has the shape of a postcode of any of the countries, with its blank or without.
pub(crate) fn is_known_postcode(value: &str) -> bool {
    let found = shape(value);
    let shapes = POSTCODES.iter().flat_map(|(_, shapes)| *shapes);
    shapes.into_iter().any(|known| found == *known || found == known.replace(' ', ""))
}

/// Whether nothing speaks against a postcode of this country. The country may stand before it: `DK-8000`.
pub(super) fn is_postcode_of(value: &str, country: Option<&str>) -> bool {
    let Some((country, shapes)) = POSTCODES.iter().find(|(known, _)| Some(*known) == country) else {
        return true;
    };
    let upper = value.to_uppercase();
    // Latvia writes its country before each: LV-1010.
    let bare = upper.strip_prefix(country).map_or(upper.as_str(), |rest| rest.trim_start_matches(['-', ' ']));
    let plain = |text: &str| text.replace(' ', "");
    let found = plain(&shape(bare));
    shapes.iter().any(|known| plain(known) == found)
}

/// How many digits national telephone numbers have, as the countries' numbering plans say: the fewest and the most.
#[rustfmt::skip]
const PHONES: &[(&str, &str, usize, usize)] = &[
    ("AT", "43", 4, 13), ("BE", "32", 8, 10), ("CH", "41", 9, 10), ("DE", "49", 4, 14), ("DK", "45", 8, 8),
    ("EE", "372", 7, 8), ("ES", "34", 9, 9), ("FI", "358", 5, 12), ("FO", "298", 6, 6), ("FR", "33", 9, 10),
    ("GB", "44", 9, 11), ("IS", "354", 7, 9), ("IT", "39", 6, 12), ("LT", "370", 8, 9), ("LU", "352", 4, 11),
    ("LV", "371", 8, 8), ("NL", "31", 9, 10), ("NO", "47", 5, 8), ("PL", "48", 9, 9), ("SE", "46", 6, 11),
];

/// Whether a value has no other signs than telephone numbers have.
pub(crate) fn has_phone_signs(value: &str) -> bool {
    value.chars().all(|c| c.is_ascii_digit() || " +-/().\u{a0}".contains(c))
}

/// Whether nothing speaks against a telephone number. One that begins with `+` or `00` says its country itself.
pub(super) fn is_phone(value: &str, country: Option<&str>) -> bool {
    if !has_phone_signs(value) || value.rfind('+').is_some_and(|at| at > 0) {
        return false;
    }
    // A zero that is dialled only within the country is written in parentheses: +44 (0)20.
    let digits: String = value.replace("(0)", "").chars().filter(char::is_ascii_digit).collect();
    let abroad = if value.starts_with('+') { Some(digits.as_str()) } else { digits.strip_prefix("00") };
    let plan = match abroad {
        Some(abroad) => PHONES.iter().find(|(_, prefix, ..)| abroad.starts_with(prefix)),
        None => PHONES.iter().find(|(known, ..)| Some(*known) == country),
    };
    let national = match (abroad, plan) {
        (Some(abroad), Some((_, prefix, ..))) => &abroad[prefix.len()..],
        (Some(abroad), None) => abroad,
        (None, _) => &digits,
    };
    // Recommendation E.164: at most 15 digits.
    let (fewest, most) = plan.map_or((4, 15), |(_, _, fewest, most)| (*fewest, *most));
    (fewest..=most).contains(&national.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postcodes_by_their_country() {
        for (value, country, fine) in [
            ("8000", Some("DK"), true),
            ("DK-8000", Some("DK"), true),
            ("800", Some("DK"), false),
            ("21131", Some("SE"), true),
            ("211 31", Some("SE"), true),
            ("1012 ab", Some("NL"), true),
            ("1012", Some("NL"), false),
            ("SW1A 1AA", Some("GB"), true),
            ("LV-1010", Some("LV"), true),
            ("800", None, true),
            ("x", Some("JP"), true),
        ] {
            assert_eq!(is_postcode_of(value, country), fine, "{value} {country:?}");
        }
    }

    #[test]
    fn telephone_numbers_by_their_country() {
        for (value, country, fine) in [
            ("86 12 34 56", Some("DK"), true),
            ("86 12 34 5", Some("DK"), false),
            ("+45 86123456", Some("SE"), true),
            ("0045 86123456", None, true),
            ("+45 861234567", None, false),
            ("+44 (0)20 7946 0000", None, true),
            ("08-123 456 78", Some("SE"), true),
            ("+1 212 555 0100", None, true),
            ("call Anna", Some("DK"), false),
            ("12+34", None, false),
            ("123", None, false),
        ] {
            assert_eq!(is_phone(value, country), fine, "{value} {country:?}");
        }
    }
}
