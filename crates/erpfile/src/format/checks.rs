//! What is looked at in values that could be stored as they are.

use serde::{Deserialize, Serialize};

words! {
    /// What happens to a row when a check finds something.
    Level {
        /// Nothing: the check is not made.
        #[default]
        Off = "off" "Do not look",
        /// The row is taken, and the import tells what was found.
        Warn = "warn" "Warn",
        /// The row is refused.
        Refuse = "refuse" "Refuse the row",
    }
}

/// Which checks are made, and what happens when one finds something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct FieldChecks {
    /// E-mail addresses have the shape of one. Default `refuse`.
    pub email: Level,
    /// Telephone numbers can be some of their country. Default `off`: people write much beside a number.
    pub phone: Level,
    /// The check digits of VAT and organisation numbers of countries whose rule is known. Default `warn`.
    pub tax_number: Level,
    /// The check digit of GLN and EAN. Default `warn`.
    pub gln: Level,
    /// The check digits of an IBAN, in own fields that are called so. Default `warn`.
    pub iban: Level,
    /// Postcodes have the shape of those of their country. Default `off`.
    pub postcode: Level,
    /// Days lie between 1900 and 2100. Default `warn`.
    pub dates: Level,
}

impl Default for FieldChecks {
    fn default() -> FieldChecks {
        FieldChecks {
            email: Level::Refuse,
            phone: Level::Off,
            tax_number: Level::Warn,
            gln: Level::Warn,
            iban: Level::Warn,
            postcode: Level::Off,
            dates: Level::Warn,
        }
    }
}

impl FieldChecks {
    pub(super) fn is_default(&self) -> bool {
        *self == FieldChecks::default()
    }

    /// Every check: its key in the settings file, and in words for a person.
    pub const ALL: &[(&str, &str)] = &[
        ("email", "The shape of e-mail addresses"),
        ("phone", "Telephone numbers of the country"),
        ("tax-number", "Check digits of VAT and organisation numbers"),
        ("gln", "Check digits of GLN and EAN"),
        ("iban", "Check digits of IBAN, in own fields called so"),
        ("postcode", "Postcodes of the country"),
        ("dates", "Days before 1900 and after 2100"),
    ];

    /// The level of the check with this key.
    pub fn get(&self, key: &str) -> Option<Level> {
        let mut checks = *self;
        checks.level(key).map(|level| *level)
    }

    /// Sets the level of the check with this key; nothing happens when there is none.
    pub fn set(&mut self, key: &str, to: Level) {
        if let Some(level) = self.level(key) {
            *level = to;
        }
    }

    fn level(&mut self, key: &str) -> Option<&mut Level> {
        Some(match key {
            "email" => &mut self.email,
            "phone" => &mut self.phone,
            "tax-number" => &mut self.tax_number,
            "gln" => &mut self.gln,
            "iban" => &mut self.iban,
            "postcode" => &mut self.postcode,
            "dates" => &mut self.dates,
            _ => return None,
        })
    }
}
