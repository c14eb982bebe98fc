//! What a value looks like.

/// What a value looks like, the most telling kind first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Nothing, or blanks.
    Empty,
    /// One e-mail address.
    Email,
    /// An address on the web.
    Url,
    /// An IBAN with its check digits.
    Iban,
    /// A VAT number: a country's two letters and what follows them there.
    VatNumber,
    /// A day, perhaps with a time behind it.
    Date,
    /// A time alone.
    Time,
    /// Yes or no in some language, or a mark such as `X`.
    YesNo,
    /// Digits alone, with a sign perhaps.
    Integer,
    /// Digits with a decimal separator or thousands.
    Decimal,
    /// A telephone number that is written as one.
    Phone,
    /// A word with digits in it, or capitals and digits: an article number, a postcode.
    Code,
    /// One word.
    Word,
    /// Several words.
    Text,
}

/// What `value` looks like.
pub fn kind(value: &str) -> Kind {
    let value = value.trim();
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    if value.is_empty() {
        Kind::Empty
    } else if is_email(value) {
        Kind::Email
    } else if is_url(value) {
        Kind::Url
    } else if is_iban(value) {
        Kind::Iban
    } else if is_vat_number(value) {
        Kind::VatNumber
    } else if value.bytes().all(|byte| byte.is_ascii_digit()) {
        if is_packed_date(value) { Kind::Date } else { Kind::Integer }
    } else if digits > 0 && is_date(value) {
        Kind::Date
    } else if digits > 0 && is_time(value) {
        Kind::Time
    } else if digits > 0 && is_number(value) {
        if value.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+')) {
            Kind::Integer
        } else {
            Kind::Decimal
        }
    } else if digits >= 5 && is_phone(value) {
        Kind::Phone
    } else if is_yes_no(value) {
        Kind::YesNo
    } else if value.contains(char::is_whitespace) {
        Kind::Text
    } else if digits > 0 {
        Kind::Code
    } else {
        Kind::Word
    }
}

fn is_email(value: &str) -> bool {
    let Some((name, domain)) = value.split_once('@') else { return false };
    let part =
        |text: &str| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || ".-_+'".contains(c));
    part(name) && part(domain) && domain.contains('.') && !domain.ends_with('.')
}

fn is_url(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let named = ["http://", "https://", "www.", "ftp://"].iter().any(|start| lower.starts_with(start));
    named && !value.contains(char::is_whitespace) && value.contains('.')
}

/// Whether a value is an IBAN, blanks left out: the check digits of ISO 13616.
pub fn is_iban(value: &str) -> bool {
    let plain: String = value.chars().filter(|c| *c != ' ').collect();
    if !(15..=34).contains(&plain.len()) || !plain.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return false;
    }
    let (head, tail) = plain.split_at(4);
    let mut rest = 0_u32;
    for c in tail.chars().chain(head.chars()) {
        let Some(value) = c.to_digit(36) else { return false };
        rest = (rest * if value > 9 { 100 } else { 10 } + value) % 97;
    }
    rest == 1 && head[..2].bytes().all(|byte| byte.is_ascii_uppercase())
}

fn is_vat_number(value: &str) -> bool {
    const LENGTHS: &[(&str, std::ops::RangeInclusive<usize>)] = &[
        ("AT", 9..=9),
        ("BE", 10..=10),
        ("BG", 9..=10),
        ("CHE", 9..=12),
        ("CY", 9..=9),
        ("CZ", 8..=10),
        ("DE", 9..=9),
        ("DK", 8..=8),
        ("EE", 9..=9),
        ("EL", 9..=9),
        ("ES", 9..=9),
        ("FI", 8..=8),
        ("FR", 11..=11),
        ("GB", 9..=12),
        ("HR", 11..=11),
        ("HU", 8..=8),
        ("IE", 8..=9),
        ("IT", 11..=11),
        ("LT", 9..=12),
        ("LU", 8..=8),
        ("LV", 11..=11),
        ("MT", 8..=8),
        ("NL", 12..=12),
        ("NO", 9..=12),
        ("PL", 10..=10),
        ("PT", 9..=9),
        ("RO", 2..=10),
        ("SE", 12..=12),
        ("SI", 8..=8),
        ("SK", 10..=10),
    ];
    let plain: String = value.chars().filter(|c| !matches!(c, ' ' | '.' | '-')).collect();
    LENGTHS.iter().any(|(country, lengths)| {
        plain.strip_prefix(country).is_some_and(|rest| {
            let digits = rest.bytes().filter(u8::is_ascii_digit).count();
            rest.is_ascii() && lengths.contains(&rest.len()) && digits + 3 >= rest.len() && digits >= 2
        })
    })
}

fn is_packed_date(value: &str) -> bool {
    if value.len() != 8 {
        return false;
    }
    let number = |from: usize, to: usize| value[from..to].parse::<u32>().unwrap_or_default();
    let (year, month, day) = (number(0, 4), number(4, 6), number(6, 8));
    (1900..2100).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day)
}

/// Three numbers with one kind of separator that can be a day, perhaps with a time behind them.
pub fn is_date(value: &str) -> bool {
    let day = value.split([' ', 'T']).next().unwrap_or_default();
    let Some(separator) = day.chars().find(|c| !c.is_ascii_digit()).filter(|c| "-./".contains(*c)) else {
        return false;
    };
    let parts: Vec<&str> = day.trim_end_matches('.').split(separator).collect();
    let [a, b, c] = parts.as_slice() else { return false };
    let number = |text: &str| text.parse::<u32>().ok().filter(|_| text.len() <= 4);
    let (Some(first), Some(second), Some(third)) = (number(a), number(b), number(c)) else { return false };
    let rest = value[day.len()..].trim_start_matches([' ', 'T']);
    let year = |text: &str, number: u32| text.len() == 2 || (1800..2200).contains(&number);
    let in_order = if a.len() == 4 {
        year(a, first) && second <= 12 && third <= 31
    } else {
        (first <= 31 && second <= 12 || first <= 12 && second <= 31) && year(c, third)
    };
    in_order && (rest.is_empty() || is_time(rest))
}

fn is_time(value: &str) -> bool {
    let parts: Vec<&str> = value.trim_end_matches(['Z', 'z']).split(':').collect();
    (2..=3).contains(&parts.len())
        && parts.iter().all(|part| {
            let whole = part.split(['.', ',', '+']).next().unwrap_or_default();
            (1..=2).contains(&whole.len()) && whole.parse::<u32>().is_ok_and(|number| number < 60)
        })
}

/// Digits, one sign, decimals behind one separator, groups of three, a currency around them.
fn is_number(value: &str) -> bool {
    let value = value.trim_end_matches("kr.").trim_end_matches("kr");
    let value = value.trim_matches(|c: char| "€$£¥%".contains(c) || c == ' ');
    let value = value.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')).unwrap_or(value);
    let value = value.strip_prefix(['-', '+']).or_else(|| value.strip_suffix('-')).unwrap_or(value);
    if !value.starts_with(|c: char| c.is_ascii_digit()) && !value.starts_with([',', '.']) {
        return false;
    }
    let separators: Vec<char> = value.chars().filter(|c| !c.is_ascii_digit()).collect();
    if !separators.iter().all(|c| ",. '’\u{a0}\u{202f}".contains(*c)) {
        return false;
    }
    let Some(last) = separators.last() else { return true };
    let (whole, decimals) = value.rsplit_once(*last).unwrap_or((value, ""));
    let groups: Vec<&str> = whole.split(|c: char| !c.is_ascii_digit()).collect();
    let grouped =
        groups.len() == 1 || groups[0].len() <= 3 && groups[1..].iter().all(|group| group.len() == 3);
    let one_kind = separators[..separators.len() - 1].windows(2).all(|pair| pair[0] == pair[1]);
    let last_is_decimal =
        ".,".contains(*last) && separators[..separators.len() - 1].iter().all(|c| c != last);
    grouped && one_kind && (last_is_decimal || decimals.len() == 3 && groups[0].len() <= 3)
}

fn is_phone(value: &str) -> bool {
    value.chars().all(|c| c.is_ascii_digit() || " +-/().".contains(c))
        && value.starts_with(|c: char| c.is_ascii_digit() || c == '+' || c == '(')
}

fn is_yes_no(value: &str) -> bool {
    const WORDS: &[&str] = &[
        "yes", "no", "y", "n", "true", "false", "t", "f", "ja", "nej", "nei", "nein", "j", "oui", "non", "o",
        "nee", "kyllä", "ei", "k", "e", "x", "sant", "usant", "sand", "falsk", "wahr", "falsch", "vrai",
        "faux", "waar", "onwaar", "si", "sí",
    ];
    WORDS.contains(&value.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_told_by_their_look() {
        let table: &[(Kind, &[&str])] = &[
            (Kind::Empty, &["", "  "]),
            (Kind::Email, &["kontakt@bager.example", "a.b-c@x.co.uk"]),
            (Kind::Url, &["https://bager.example", "www.bager.example"]),
            (Kind::Iban, &["DK5000400440116243", "DE89 3704 0044 0532 0130 00"]),
            (Kind::VatNumber, &["DK12345674", "SE556677889901", "NL123456789B01", "DE 123 456 789"]),
            (
                Kind::Date,
                &[
                    "22-11-2026",
                    "2026-11-22",
                    "22.11.26",
                    "11/22/2026",
                    "20261122",
                    "2026/11/22",
                    "2026-11-22T10:00:00",
                ],
            ),
            (Kind::Time, &["10:30", "10:30:59"]),
            (Kind::Integer, &["10", "0010", "-5", "87654321", "20261399"]),
            (
                Kind::Decimal,
                &["1.250,50", "1,250.50", "12,5", "(12.50)", "1 240,50", "€ 5,00", "12,50-", "1'000.00"],
            ),
            (Kind::Phone, &["+45 87 65 43 21", "(040) 123456", "040-12 34 56", "0451/123456"]),
            (Kind::YesNo, &["ja", "Y", "FALSE", "Nein"]),
            (Kind::Code, &["A1001", "8000C", "SW1A1AA"]),
            (Kind::Word, &["Bager", "Århus"]),
            (Kind::Text, &["Bager Ølund", "Søndergade 4"]),
        ];
        for (expected, values) in table {
            for value in *values {
                assert_eq!(kind(value), *expected, "{value}");
            }
        }
    }
}
