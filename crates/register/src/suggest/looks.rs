//! What the values of a column look like, and how well that goes with each field.

use std::collections::HashSet;

use erpfile::suggest::{Kind, kind};

use super::checks;
use crate::checks::numbers;
use crate::codes;
use crate::field::{Field, Kind as FieldKind};

/// What the values of a column have in common; shares are of the values that are not blank.
#[derive(Clone, Debug, Default)]
pub(super) struct Look {
    /// Rows looked at.
    pub(super) rows: usize,
    /// Values that are not blank.
    pub(super) filled: usize,
    /// How many different values there are, as a share.
    distinct: f64,
    kinds: Vec<(Kind, usize)>,
    /// The mean number of characters.
    length: f64,
    digits_only: f64,
    with_blank: f64,
    with_letters: f64,
    with_digits: f64,
    /// Letters and digits, as house numbers are.
    street: f64,
    countries: f64,
    country_names: f64,
    currencies: f64,
    languages: f64,
    tax_numbers: f64,
    glns: f64,
    phones: f64,
    /// Those that can be telephone numbers, if the column is called so.
    can_be_phones: f64,
    yes_no: f64,
    postcodes: f64,
    /// Days as a spreadsheet counts them: from 1954 to 2064.
    serial_days: f64,
    /// A postcode and a city in one.
    post_and_city: f64,
    companies: f64,
    /// The values are numbers that go up by one from 0 or 1.
    counts_up: bool,
    /// As long as each other.
    one_length: bool,
    sorted_neighbours: bool,
    /// Several rows have a value, all of them the same.
    constant: bool,
}

impl Look {
    /// Looks at the values of a column.
    pub(super) fn of<'v>(values: impl Iterator<Item = &'v str>) -> Look {
        let mut look = Look::default();
        let mut seen = HashSet::new();
        let mut lengths = HashSet::new();
        let mut numbers: Vec<u64> = Vec::new();
        let mut last: Option<&str> = None;
        let mut repeats_apart = 0;
        for value in values {
            look.rows += 1;
            let value = value.trim().trim_start_matches('\'');
            if value.is_empty() {
                continue;
            }
            look.filled += 1;
            if !seen.insert(value) && last != Some(value) {
                repeats_apart += 1;
            }
            last = Some(value);
            lengths.insert(value.len());
            let kind = kind(value);
            match look.kinds.iter_mut().find(|(other, _)| *other == kind) {
                Some((_, count)) => *count += 1,
                None => look.kinds.push((kind, 1)),
            }
            let digits = value.chars().filter(char::is_ascii_digit).count();
            let letters = value.chars().any(char::is_alphabetic);
            let blank = value.contains(char::is_whitespace);
            let count = |is: bool, share: &mut f64| *share += f64::from(u8::from(is));
            look.length += value.chars().count() as f64;
            count(digits == value.len(), &mut look.digits_only);
            count(blank, &mut look.with_blank);
            count(letters, &mut look.with_letters);
            count(digits > 0, &mut look.with_digits);
            let street = letters && (blank && digits > 0 || checks::is_street(value));
            count(street && !checks::is_postcode(value), &mut look.street);
            count(checks::is_country_code(value), &mut look.countries);
            count(checks::is_country_name(value), &mut look.country_names);
            count(
                value.len() == 3 && codes::has(codes::CURRENCIES, &value.to_uppercase()),
                &mut look.currencies,
            );
            count(
                value.len() == 2 && codes::has(codes::LANGUAGES, &value.to_lowercase()),
                &mut look.languages,
            );
            count(numbers::is_tax_number(value), &mut look.tax_numbers);
            count(numbers::is_gln(value), &mut look.glns);
            count(checks::is_phone(value), &mut look.phones);
            count(checks::can_be_phone(value), &mut look.can_be_phones);
            count(kind == Kind::YesNo || matches!(value, "0" | "1" | "-1"), &mut look.yes_no);
            count(checks::is_postcode(value), &mut look.postcodes);
            let serial = value.len() == 5 && matches!(value.parse(), Ok(20_000..=60_000_u32));
            count(serial, &mut look.serial_days);
            count(checks::is_postcode_and_city(value), &mut look.post_and_city);
            count(checks::is_company(value), &mut look.companies);
            numbers.extend(value.parse::<u64>());
        }
        let all = look.filled.max(1) as f64;
        look.counts_up = numbers.len() == look.rows
            && look.rows > 3
            && matches!(numbers.first(), Some(0 | 1))
            && numbers.windows(2).all(|pair| pair[1] == pair[0] + 1);
        look.one_length = lengths.len() == 1;
        look.sorted_neighbours = repeats_apart == 0 && seen.len() * 3 > look.filled;
        look.constant = seen.len() == 1 && look.filled > 1;
        look.distinct = seen.len() as f64 / all;
        for share in [
            &mut look.length,
            &mut look.digits_only,
            &mut look.with_blank,
            &mut look.with_letters,
            &mut look.with_digits,
            &mut look.street,
            &mut look.countries,
            &mut look.country_names,
            &mut look.currencies,
            &mut look.languages,
            &mut look.tax_numbers,
            &mut look.glns,
            &mut look.phones,
            &mut look.can_be_phones,
            &mut look.yes_no,
            &mut look.postcodes,
            &mut look.serial_days,
            &mut look.post_and_city,
            &mut look.companies,
        ] {
            *share /= all;
        }
        look
    }

    /// The share of values of any of these kinds.
    pub(super) fn share(&self, kinds: &[Kind]) -> f64 {
        let count: usize =
            self.kinds.iter().filter(|(kind, _)| kinds.contains(kind)).map(|(_, count)| count).sum();
        count as f64 / self.filled.max(1) as f64
    }

    /// The share of rows that have a value.
    pub(super) fn fill(&self) -> f64 {
        self.filled as f64 / self.rows.max(1) as f64
    }

    /// Whether every row has another short value without blanks, as numbers of records have: always, for so few rows.
    pub(super) fn is_key_like(&self) -> bool {
        let short = self.length <= 24.0 && self.with_blank < 0.1;
        let code =
            self.share(&[Kind::Integer, Kind::Code, Kind::Word, Kind::Phone, Kind::YesNo, Kind::Date]) > 0.95;
        self.filled > 0
            && !self.constant
            && self.fill() > 0.98
            && (self.distinct > 0.97 || self.sorted_neighbours)
            && short
            && code
            && self.written_days() < 0.05
    }

    /// The share of days that are written with something between day, month and year, and can be nothing else.
    fn written_days(&self) -> f64 {
        self.share(&[Kind::Date]) - self.digits_only
    }

    /// Whether its values are no key's: two rows that are not neighbours have the same one, all have it, or some
    /// have none.
    pub(super) fn cannot_be_key(&self) -> bool {
        let enough = self.rows >= 3;
        self.constant
            || enough
                && (self.fill() < 0.9
                    || self.distinct < 0.85 && !self.sorted_neighbours
                    || self.with_blank > 0.3)
            || self.share(&[Kind::Decimal, Kind::Email, Kind::Url, Kind::Iban, Kind::Time]) > 0.3
            || self.written_days() > 0.3
    }

    /// Whether all rows have the same value.
    pub(super) fn is_constant(&self) -> bool {
        self.constant
    }

    /// Whether its values number the rows.
    pub(super) fn counts_up_from_one(&self) -> bool {
        self.counts_up
    }

    /// Whether most values hold a postcode and a city.
    pub(super) fn is_post_and_city(&self) -> bool {
        self.post_and_city > 0.7
    }

    /// Whether its values are days as a spreadsheet counts them, if they are days.
    pub(super) fn counts_days(&self) -> bool {
        self.filled > 0 && self.serial_days >= 1.0
    }

    /// How well the values go with a field, from -1 (they cannot be its) over 0 (they say nothing) to 1 (they can hardly
    /// be anything else's).
    pub(super) fn speaks_for(&self, field: &Field) -> f64 {
        if self.filled == 0 {
            return if field.name == "number" && self.rows > 0 { -1.0 } else { 0.0 };
        }
        let numbers = self.share(&[Kind::Integer, Kind::Decimal]);
        // Values that the field does not take would be refused.
        let strict = |share: f64| if share > 0.9 { 1.0 } else { -1.0 };
        let either = |share: f64| if share > 0.8 { 1.0 } else { 2.0 * share - 1.0 };
        match field.name {
            "number" if self.cannot_be_key() => -1.0,
            // Numbers of rows, and ids that only programs know.
            "number" if self.counts_up_from_one() => -0.3,
            "number" if self.length > 24.0 => -0.5,
            "number" if self.is_key_like() => 1.0,
            "number" => 0.0,
            "name" | "contact" => {
                self.name() - f64::from(u8::from(field.name == "name" && self.fill() < 0.5)) * 0.5
            }
            "name2" => self.text(),
            "address1" if self.with_letters < 0.3 => -0.9,
            "address1" if self.share(&[Kind::Email, Kind::Url, Kind::Date]) > 0.3 => -1.0,
            "address1" if self.is_post_and_city() => -0.6,
            "address1" => (self.street * 1.6 - 0.5).clamp(-0.4, 1.0),
            "address2" | "notes" => {
                if self.share(&[Kind::Email, Kind::Date, Kind::Decimal]) > 0.5 {
                    -0.8
                } else {
                    0.0
                }
            }
            "postcode" => either(self.postcodes),
            "city" if self.is_post_and_city() => -0.8,
            "city" if self.with_letters < 0.7 || self.with_digits > 0.4 => -0.9,
            "city" if self.countries > 0.9 && self.length <= 2.1 => -0.9,
            "city" if self.companies > 0.4 => -0.7,
            "city" => 0.6 - self.with_digits,
            "region" if self.share(&[Kind::Email, Kind::Date, Kind::Decimal]) > 0.3 => -0.9,
            "phone" | "mobile" | "fax" | "contact_phone" => either(self.can_be_phones),
            "tax_number" => {
                // No country has shorter ones than seven characters.
                if self.with_digits < 0.5 || self.length < 7.0 {
                    -0.9
                } else {
                    either(self.tax_numbers).max(-0.2)
                }
            }
            "gln" => either(self.glns),
            "balance" | "credit_limit" | "discount_percent" => strict(numbers + self.share(&[Kind::Date])),
            _ => match field.kind {
                FieldKind::Email { .. } => either(self.share(&[Kind::Email])),
                FieldKind::Url { .. } => {
                    if self.share(&[Kind::Email]) > 0.3 {
                        -0.8
                    } else {
                        either(self.share(&[Kind::Url, Kind::Word]))
                    }
                }
                FieldKind::Country => either(self.countries.max(self.country_names)),
                FieldKind::Currency => strict(self.currencies),
                FieldKind::Language => strict(self.languages),
                FieldKind::Date => strict(self.share(&[Kind::Date]).max(self.serial_days)),
                FieldKind::YesNo => strict(self.yes_no),
                FieldKind::Decimal { .. } => strict(numbers),
                _ => {
                    if self.share(&[Kind::Email, Kind::Url, Kind::Date]) > 0.5 {
                        -0.7
                    } else {
                        0.0
                    }
                }
            },
        }
    }

    fn text(&self) -> f64 {
        if self.with_letters < 0.5 || self.share(&[Kind::Email, Kind::Url, Kind::Date]) > 0.3 {
            -0.9
        } else {
            0.1
        }
    }

    fn name(&self) -> f64 {
        if self.with_letters < 0.6 || self.share(&[Kind::Email, Kind::Url, Kind::Date, Kind::Iban]) > 0.3 {
            return -1.0;
        }
        if self.filled > 3 && self.distinct < 0.3 || self.length < 2.5 {
            return -0.7;
        }
        (self.companies + 0.5 * self.with_blank + 0.3 * (self.distinct - 0.5)).clamp(-0.2, 1.0)
    }

    /// The field that the values alone, without a name, speak for, with how surely.
    pub(super) fn alone(&self) -> Option<(&'static str, f64)> {
        if self.filled < 2 && self.rows > 2 {
            return None;
        }
        // Eight digits can be a telephone number, but not when each of them is a day: `20240115`.
        let days = self.share(&[Kind::Date]) > 0.8;
        let table: [(&str, f64, f64); 10] = [
            ("email", self.share(&[Kind::Email]), 0.85),
            ("website", self.share(&[Kind::Url]), 0.75),
            ("gln", self.glns, 0.75),
            ("tax_number", self.tax_numbers, 0.62),
            ("currency", self.currencies, 0.70),
            ("country", if self.length <= 2.1 { self.countries } else { self.country_names }, 0.70),
            ("phone", if days { 0.0 } else { self.share(&[Kind::Phone]).max(self.phones * 0.9) }, 0.66),
            ("address1", if self.companies > 0.3 { 0.0 } else { self.street }, 0.62),
            ("name", self.companies * 2.0, 0.66),
            (
                "postcode",
                if self.one_length || self.with_letters > 0.5 {
                    self.postcodes
                } else {
                    self.postcodes * 0.9
                },
                // Digits alone can be a number of anything.
                if self.with_letters > 0.5 { 0.72 } else { 0.60 },
            ),
        ];
        let good = table.into_iter().filter(|(_, share, _)| *share > 0.8);
        good.max_by(|a, b| a.2.total_cmp(&b.2)).map(|(field, share, sure)| (field, share.min(1.0) * sure))
    }
}
