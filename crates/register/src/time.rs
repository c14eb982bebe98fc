//! How times are written: RFC 3339 in UTC with exactly three decimals, in the database, in JSON and for people alike. What is
//! stored with every record has them as numbers.
//!
//! The text sorts as time does (years 0 to 9999). Use as `#[serde(with = "register::time")]`, and
//! `register::time::optional` where there may be none.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serializer};

use crate::db::{DbError, DbResult};

/// The time as text, `2026-11-03T04:05:06.789Z`; what is finer than a millisecond is cut.
pub fn to_text(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// The time that a text written by [`to_text`] (or any other RFC 3339 text) stands for.
///
/// # Errors
/// [`DbError::Invalid`] when the text is no time.
pub fn from_text(text: &str) -> DbResult<Timestamp> {
    text.parse().map_err(|_| DbError::Invalid(format!("\"{text}\" is not a time (RFC 3339)")))
}

/// The time as the milliseconds since 1970; what is finer is cut.
pub(crate) fn to_number(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// The time that a number of [`to_number`] stands for.
///
/// # Errors
/// [`DbError::Invalid`] when it stands for none.
pub(crate) fn from_number(milliseconds: i64) -> DbResult<Timestamp> {
    Timestamp::from_millisecond(milliseconds)
        .map_err(|_| DbError::Invalid(format!("{milliseconds} is not a time (milliseconds since 1970)")))
}

/// For serde: a time as text.
pub fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&to_text(*at))
}

/// For serde: a time from text.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let text = String::deserialize(deserializer)?;
    from_text(&text).map_err(serde::de::Error::custom)
}

/// The same for times that may be missing.
pub mod optional {
    use super::*;

    /// For serde: a time as text, or null.
    pub fn serialize<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
        match at {
            Some(at) => super::serialize(at, serializer),
            None => serializer.serialize_none(),
        }
    }

    /// For serde: a time from text, or null.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| from_text(&text).map_err(serde::de::Error::custom)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times_have_exactly_three_decimals() {
        for (given, written) in [
            ("2026-11-03T04:05:06Z", "2026-11-03T04:05:06.000Z"),
            ("2026-11-03T04:05:06.7Z", "2026-11-03T04:05:06.700Z"),
            ("2026-11-03T04:05:06.789999Z", "2026-11-03T04:05:06.789Z"),
            ("2026-11-03T04:05:06+01:00", "2026-11-03T03:05:06.000Z"),
        ] {
            assert_eq!(to_text(from_text(given).unwrap()), written);
        }
        assert!(from_text("yesterday").is_err());
    }

    proptest! {
        #[test]
        fn text_sorts_as_time_does(a in 0_i64..253_402_000_000_000, b in 0_i64..253_402_000_000_000) {
            let (a, b) = (Timestamp::from_millisecond(a).unwrap(), Timestamp::from_millisecond(b).unwrap());
            prop_assert_eq!(to_text(a).cmp(&to_text(b)), a.cmp(&b));
            prop_assert_eq!(from_text(&to_text(a)).unwrap(), a);
        }
    }
}
