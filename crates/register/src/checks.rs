//! What can be said against values that could be stored as they are: check digits, shapes by country, days far away.
//!
//! Whether it matters is said per format ([`erpfile::FieldChecks`]). What cannot be judged is fine: a number of a country
//! whose rule is not known, a postcode without a country.

pub(crate) mod numbers;
mod places;

use erpfile::{FieldChecks, Level};

use crate::field::{self, Fault, code};
use crate::{Kind, Register};

pub(crate) use places::{has_phone_signs, is_known_postcode};

/// Something that a check has found in a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The place of the field in the register.
    pub at: usize,
    /// Whether it refuses the row; else it warns.
    pub refuses: bool,
    /// What it is. Its code tells whether it refuses or warns.
    pub fault: Fault,
}

/// One check.
#[derive(Clone, Copy)]
struct Check {
    level: Level,
    refuses: &'static str,
    warns: &'static str,
    /// Whether there is nothing against a value; the second text is the record's country, if it is known.
    fine: fn(&str, Option<&str>) -> bool,
    what: &'static str,
    hint: &'static str,
}

/// The checks of a register's fields, by what a format or a person wants to be told.
#[derive(Debug, Clone)]
pub struct Checks {
    register: &'static Register,
    levels: FieldChecks,
}

impl Checks {
    /// Checks at these levels.
    pub fn new(register: &'static Register, levels: FieldChecks) -> Checks {
        Checks { register, levels }
    }

    /// Checks that warn, whatever they find.
    pub fn warning(register: &'static Register) -> Checks {
        let mut levels = FieldChecks::default();
        for (key, _) in FieldChecks::ALL {
            levels.set(key, Level::Warn);
        }
        Checks { register, levels }
    }

    /// What is found in some of a record's values, given by the places of their fields. `country` is the record's.
    pub fn of<'v>(
        &self,
        values: impl Iterator<Item = (usize, &'v str)>,
        country: Option<&str>,
    ) -> Vec<Found> {
        self.at(values, country, |level| level != Level::Off)
    }

    /// The same, but only what the checks of some levels find.
    fn at<'v>(
        &self,
        values: impl Iterator<Item = (usize, &'v str)>,
        country: Option<&str>,
        wanted: impl Fn(Level) -> bool,
    ) -> Vec<Found> {
        let found = |(at, value): (usize, &str)| {
            let check = self.check(at).filter(|check| wanted(check.level))?;
            if (check.fine)(value.trim(), country) {
                return None;
            }
            let refuses = check.level == Level::Refuse;
            let code = if refuses { check.refuses } else { check.warns };
            let fault = field::fault(code, value, check.what, check.hint);
            Some(Found { at, refuses, fault })
        };
        values.filter_map(found).collect()
    }

    /// What the checks of `level` find in values as a row gives them.
    pub(crate) fn of_given(&self, given: &[crate::mapping::Given<'_>], level: Level) -> Vec<Found> {
        let country = self.register.index("country");
        let country =
            given.iter().find(|(at, _)| Some(*at) == country).and_then(|(_, value)| value.as_deref());
        let values = given.iter().filter_map(|(at, value)| Some((*at, value.as_deref()?)));
        self.at(values, country, |wanted| wanted == level)
    }

    /// The check of a field, if it has one.
    fn check(&self, at: usize) -> Option<Check> {
        let (field, levels) = (&self.register.fields[at], &self.levels);
        Some(match (field.kind, field.name) {
            (Kind::Email { .. }, _) => Check {
                level: levels.email,
                refuses: code::NOT_AN_EMAIL,
                warns: code::WARNING_EMAIL,
                fine: |value, _| field::is_email(value),
                what: "is not an e-mail address",
                hint: "Write it as name@example.com, several separated by semicolons.",
            },
            (Kind::Phone { .. }, _) => Check {
                level: levels.phone,
                refuses: code::UNLIKELY_PHONE,
                warns: code::WARNING_PHONE,
                fine: places::is_phone,
                what: "is hardly a telephone number",
                hint: "Look whether digits are missing, or whether the country is another one.",
            },
            (Kind::Date, _) => Check {
                level: levels.dates,
                refuses: code::UNLIKELY_DATE,
                warns: code::WARNING_DATE,
                // Stored as ISO 8601, so that years sort as text does.
                fine: |value, _| ("1900".."2101").contains(&value),
                what: "is long ago or far away",
                hint: "Look whether the year is right, and how the format writes dates.",
            },
            (_, "tax_number") => Check {
                level: levels.tax_number,
                refuses: code::WRONG_TAX_NUMBER,
                warns: code::WARNING_TAX_NUMBER,
                fine: numbers::is_tax_number_of,
                what: "has check digits that are not right",
                hint: "Compare it with the number in the public register: a digit is wrong or missing.",
            },
            (_, "gln" | "ean" | "barcode") => Check {
                level: levels.gln,
                refuses: code::WRONG_GLN,
                warns: code::WARNING_GLN,
                fine: |value, _| numbers::is_gtin_or_gln(value),
                what: "is no GLN or EAN: its check digit is not right",
                hint: "Compare it with the number that was given: a digit is wrong or missing.",
            },
            (Kind::Text { .. }, name) if is_called_iban(name) => Check {
                level: levels.iban,
                refuses: code::WRONG_IBAN,
                warns: code::WARNING_IBAN,
                fine: |value, _| erpfile::suggest::is_iban(value),
                what: "is no IBAN: its check digits are not right",
                hint: "Compare it with what the customer's bank says: a digit is wrong or missing.",
            },
            (_, "postcode") => Check {
                level: levels.postcode,
                refuses: code::UNLIKELY_POSTCODE,
                warns: code::WARNING_POSTCODE,
                fine: places::is_postcode_of,
                what: "is no postcode of the country",
                hint: "Look whether a digit is missing, or whether the country is another one.",
            },
            _ => return None,
        })
    }
}

/// Whether a field is for an IBAN. None of those that every installation has is, so its name tells.
fn is_called_iban(name: &str) -> bool {
    name.split('_').any(|part| part == "iban")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CUSTOMERS;
    use crate::own_fields::{self, OwnField, OwnKind};

    /// The register of customers with own fields for IBANs.
    fn customers() -> &'static Register {
        let own = ["iban", "second_iban", "iberia"].map(|name| OwnField {
            register: "customers".into(),
            name: name.into(),
            label: name.into(),
            kind: OwnKind::Text,
            choices: Vec::new(),
        });
        own_fields::with(&CUSTOMERS, &own)
    }

    fn codes(levels: FieldChecks, values: &[(&str, &str)], country: Option<&str>) -> Vec<&'static str> {
        let values = values.iter().map(|(field, value)| (customers().index(field).unwrap(), *value));
        Checks::new(customers(), levels)
            .of(values, country)
            .into_iter()
            .map(|found| found.fault.code)
            .collect()
    }

    const WRONG: &[(&str, &str)] = &[
        ("email", "anna"),
        ("phone", "12"),
        ("tax_number", "12345678"),
        ("gln", "5790000000001"),
        ("postcode", "800"),
        ("created_on", "1023-01-01"),
        ("second_iban", "DK5000400440116234"),
    ];

    #[test]
    fn each_check_refuses_warns_or_is_off() {
        let mut all = FieldChecks::default();
        for level in [Level::Off, Level::Warn, Level::Refuse] {
            for (key, _) in FieldChecks::ALL {
                all.set(key, level);
                assert_eq!(all.get(key), Some(level));
            }
            let found = codes(all, WRONG, Some("DK"));
            let expected: &[&str] = match level {
                Level::Off => &[],
                Level::Warn => &[
                    "warning-email",
                    "warning-phone",
                    "warning-tax-number",
                    "warning-gln",
                    "warning-postcode",
                    "warning-date",
                    "warning-iban",
                ],
                Level::Refuse => &[
                    "not-an-email",
                    "unlikely-phone",
                    "wrong-tax-number",
                    "wrong-gln",
                    "unlikely-postcode",
                    "unlikely-date",
                    "wrong-iban",
                ],
            };
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn what_cannot_be_judged_is_fine() {
        let all = Checks::warning(&CUSTOMERS).levels;
        let good: &[(&str, &str)] = &[
            ("email", "anna@example.com; bo@example.com"),
            ("tax_number", "12345678"),
            ("gln", "5790000000005"),
            ("postcode", "800"),
            ("created_on", "2026-11-23"),
            ("name", "12"),
            ("iban", "DK50 0040 0440 1162 43"),
            ("iberia", "DK5000400440116234"),
        ];
        assert_eq!(codes(all, good, None), Vec::<&str>::new());
        assert_eq!(
            codes(all, &[("tax_number", "DK 13 58 56 28"), ("phone", "+45 86 12 34 56")], Some("SE")),
            Vec::<&str>::new()
        );
        assert_eq!(codes(all, &[("tax_number", "DK 13 58 56 29")], Some("SE")), ["warning-tax-number"]);
    }
}
