//! By what two records are told to be of the same: their values, written in one way.

use crate::words::words;
use crate::{DuplicateFields, codes, search};

/// What two records have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Same {
    /// The VAT or organisation number.
    TaxNumber,
    /// Nearly the same name, and the same postcode.
    Name,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
}

words!(Same, "common value", { TaxNumber = "tax_number", Name = "name", Email = "email", Phone = "phone" });

impl Same {
    /// What people call it.
    pub fn words(self) -> &'static str {
        match self {
            Same::TaxNumber => "the same VAT or organisation number",
            Same::Name => "nearly the same name and the same postcode",
            Same::Email => "the same e-mail address",
            Same::Phone => "the same telephone number",
        }
    }

    /// How much it says; those that say most are listed first.
    pub(super) fn weight(self) -> i64 {
        match self {
            Same::TaxNumber => 4,
            Same::Name => 3,
            Same::Email | Same::Phone => 2,
        }
    }
}

/// Something that two records have in common, with the values that it rests on, the same whichever comes first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Common {
    pub(super) same: Same,
    pub(super) rests_on: String,
}

/// The values of one record by which it is compared with others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Signs {
    pub(super) tax_number: Option<TaxNumber>,
    pub(super) emails: Vec<String>,
    pub(super) phones: Vec<Phone>,
    pub(super) name: Option<String>,
    pub(super) postcode: Option<String>,
    country: Option<String>,
}

/// A VAT or organisation number without its country.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TaxNumber {
    country: Option<String>,
    pub(super) number: String,
}

/// A telephone number: its digits, without what is dialled before the country's or the national number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Phone {
    abroad: bool,
    digits: String,
}

impl Signs {
    /// Those of a record with these values; none of one that is inactive, since that is how people put a duplicate away.
    pub(super) fn of<'v>(fields: &DuplicateFields, value: impl Fn(&'static str) -> Option<&'v str>) -> Signs {
        let value = |field| value(field).map(str::trim).filter(|text| !text.is_empty());
        if value(fields.inactive) == Some("1") {
            return Signs::default();
        }
        let country = value(fields.country).map(str::to_ascii_uppercase);
        let mut phones: Vec<Phone> =
            fields.phones.iter().filter_map(|field| value(field)).flat_map(phones).collect();
        phones.dedup();
        Signs {
            tax_number: value(fields.tax_number).and_then(|text| tax_number(text, country.as_deref())),
            emails: value(fields.email).map(emails).unwrap_or_default(),
            phones,
            name: value(fields.name).map(name).filter(|name| name.chars().count() >= SHORTEST_NAME),
            postcode: value(fields.postcode).and_then(postcode),
            country,
        }
    }

    /// What both have in common, each once, what says most first.
    pub(super) fn common(&self, other: &Signs) -> Vec<Common> {
        let mut common = Vec::new();
        let mut add = |same, rests_on| common.push(Common { same, rests_on });
        if let (Some(a), Some(b)) = (&self.tax_number, &other.tax_number)
            && a.number == b.number
            && may_be_same(&a.country, &b.country)
        {
            add(Same::TaxNumber, a.number.clone());
        }
        if let (Some(a), Some(b), Some(postcode)) = (&self.name, &other.name, &self.postcode)
            && self.postcode == other.postcode
            && may_be_same(&self.country, &other.country)
            && nearly_the_same(a, b)
        {
            add(Same::Name, format!("{postcode} {} {}", a.min(b), a.max(b)));
        }
        for email in self.emails.iter().filter(|email| other.emails.contains(email)) {
            add(Same::Email, email.clone());
        }
        for phone in &self.phones {
            if let Some(same) = other.phones.iter().find(|same| phone.is_same(same)) {
                // The longer one has the country.
                let whole = if phone.digits.len() >= same.digits.len() { phone } else { same };
                add(Same::Phone, whole.digits.clone());
            }
        }
        common.sort();
        common.dedup();
        common
    }
}

/// Whether two countries are the same, as far as they are known.
fn may_be_same(a: &Option<String>, b: &Option<String>) -> bool {
    a.is_none() || b.is_none() || a == b
}

/// The fewest digits or letters of a tax number, and digits of a telephone number, that say something.
const SHORTEST_NUMBER: usize = 6;
const SHORTEST_PHONE: usize = 7;
/// The fewest letters of a name.
const SHORTEST_NAME: usize = 4;

/// Whether all digits are the same one: such a number only fills a field.
fn is_filler(digits: &str) -> bool {
    let mut digits = digits.chars().filter(char::is_ascii_digit);
    let first = digits.next();
    digits.all(|digit| Some(digit) == first)
}

/// What some countries write behind their numbers: they are registered for VAT.
const REGISTERED: [&str; 4] = ["MVA", "MWST", "TVA", "IVA"];

pub(super) fn tax_number(text: &str, country: Option<&str>) -> Option<TaxNumber> {
    let mut number: String =
        text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    if let Some(bare) = REGISTERED.iter().find_map(|behind| number.strip_suffix(behind)) {
        number = bare.to_owned();
    }
    let mut country = country.map(str::to_owned);
    // Greece writes EL.
    let said = |prefix: &str| prefix == "EL" || codes::has(codes::COUNTRIES, prefix);
    if number.len() >= SHORTEST_NUMBER + 2 && said(&number[..2]) {
        country = Some(if number.starts_with("EL") { "GR".to_owned() } else { number[..2].to_owned() });
        number.drain(..2);
    }
    // What stands around the organisation number in Swedish and French VAT numbers.
    match country.as_deref() {
        Some("SE") if number.len() == 12 && number.ends_with("01") => number.truncate(10),
        Some("SE") if number.len() == 12 && number.starts_with("16") => drop(number.drain(..2)),
        Some("FR") if number.len() == 11 => drop(number.drain(..2)),
        _ => {}
    }
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    (digits + 1 >= SHORTEST_NUMBER && number.len() >= SHORTEST_NUMBER && !is_filler(&number))
        .then_some(TaxNumber { country, number })
}

fn emails(text: &str) -> Vec<String> {
    let one = |part: &str| {
        let email = part.trim().to_lowercase();
        let email = email.strip_prefix("mailto:").unwrap_or(&email);
        email.contains('@').then(|| email.to_owned())
    };
    text.split([',', ';', ' ']).filter_map(one).collect()
}

fn phones(text: &str) -> Vec<Phone> {
    let parts: Vec<Phone> = text.split([',', ';', '/']).filter_map(phone).collect();
    // A stroke may also stand behind the area: 08/123 45 67.
    let all = text.split([',', ';', '/']).filter(|part| part.bytes().any(|b| b.is_ascii_digit())).count();
    if parts.len() == all { parts } else { phone(text).into_iter().collect() }
}

fn phone(text: &str) -> Option<Phone> {
    // A zero that is dialled only within the country is written in parentheses: +44 (0)20.
    let text = text.trim().replace("(0)", "");
    // Behind the number may stand whose it is, or an extension.
    let end = text.find(char::is_alphabetic).filter(|end| *end > 0).unwrap_or(text.len());
    let digits: String = text[..end].chars().filter(char::is_ascii_digit).collect();
    let (abroad, digits) = match digits.strip_prefix("00") {
        _ if text.starts_with('+') => (true, digits.as_str()),
        Some(rest) => (true, rest),
        None => (false, digits.trim_start_matches('0')),
    };
    (digits.len() >= SHORTEST_PHONE && !is_filler(digits))
        .then(|| Phone { abroad, digits: digits.to_owned() })
}

impl Phone {
    /// The end, which it has in common with every number that is the same.
    pub(super) fn end(&self) -> &str {
        &self.digits[self.digits.len() - SHORTEST_PHONE..]
    }

    /// Whether both are the same number, where one may say its country and the other not.
    fn is_same(&self, other: &Phone) -> bool {
        let within = |abroad: &Phone, national: &Phone| {
            let country = abroad.digits.strip_suffix(national.digits.as_str());
            country.is_some_and(|country| (1..=3).contains(&country.len()))
        };
        match (self.abroad, other.abroad) {
            (true, false) => within(self, other),
            (false, true) => within(other, self),
            _ => self.digits == other.digits,
        }
    }
}

/// A postcode without blanks, and without the country that may stand before it: `DK-8000`.
fn postcode(text: &str) -> Option<String> {
    let bare = match text.split_once('-') {
        Some((country, rest)) if country.len() <= 3 && country.chars().all(char::is_alphabetic) => rest,
        _ => text,
    };
    let postcode: String =
        bare.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect();
    (!postcode.is_empty()).then_some(postcode)
}

/// Legal forms of Europe, as words without signs, and words that only join others.
#[rustfmt::skip]
const LEGAL_FORMS: &[&str] = &[
    "ab", "ag", "amba", "and", "ans", "aps", "as", "asa", "bv", "bvba", "co", "company", "corp", "da", "doo", "eg", "ek",
    "enk", "et", "eu", "eurl", "fmba", "gbr", "gmbh", "hb", "inc", "is", "ivs", "kb", "kft", "kg", "kgaa", "ks", "limited",
    "llc", "llp", "ltd", "mbh", "nuf", "nv", "och", "og", "ohg", "ou", "oy", "oyj", "plc", "ps", "sa", "sarl", "sas", "se",
    "sia", "sl", "smba", "snc", "sp", "spa", "spj", "srl", "sro", "ug", "uab", "und", "vof", "zoo",
];

/// The words of a name in the order of the alphabet, folded, without legal forms, as one.
pub(super) fn name(text: &str) -> String {
    let mut folded = String::new();
    search::fold(text, &mut folded);
    // `A/S` and `S.R.O.` are words of their own.
    let mut words: Vec<String> = Vec::new();
    let mut letters = 0;
    for word in folded.split_ascii_whitespace() {
        let letter = word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
        match words.last_mut() {
            Some(last) if letter && letters > 0 => last.push_str(word),
            _ => words.push(word.to_owned()),
        }
        letters = if letter { letters + 1 } else { 0 };
    }
    let telling: Vec<&String> = words.iter().filter(|word| !LEGAL_FORMS.contains(&word.as_str())).collect();
    let mut kept: Vec<&String> = if telling.is_empty() { words.iter().collect() } else { telling };
    kept.sort();
    kept.into_iter().map(String::as_str).collect()
}

/// So many letters at its beginning or its end two names that are nearly the same have in common.
pub(super) const IN_COMMON: usize = 3;

/// Whether two names, as [`name`] makes them, differ by no more than a slip of the pen: one letter, and two in long ones.
/// What differs in its figures is another one: "Shop 12" and "Shop 13".
pub(super) fn nearly_the_same(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    let shorter = a.chars().count().min(b.chars().count());
    let slips = match shorter {
        ..6 => return false,
        6..12 => 1,
        _ => 2,
    };
    let figures = |text: &str| text.chars().filter(|c| c.is_numeric()).collect::<String>();
    let begin = a.chars().zip(b.chars()).take(IN_COMMON).all(|(a, b)| a == b);
    let end = a.chars().rev().zip(b.chars().rev()).take(IN_COMMON).all(|(a, b)| a == b);
    (begin || end)
        && a.chars().count().abs_diff(b.chars().count()) <= slips
        && figures(a) == figures(b)
        && strsim::osa_distance(a, b) <= slips
}
