//! Values with a written form of their own: durations, and how long archived files are kept.

use std::fmt;
use std::time::Duration;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The units of a duration, the longest first, in milliseconds.
const UNITS: &[(&str, u64)] = &[("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

/// The duration that `10s`, `500ms`, `2m` or `1h` stands for.
///
/// # Errors
/// A sentence that says how to write it.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let millis = UNITS
        .iter()
        .find(|(name, _)| *name == unit.trim_start())
        .and_then(|(_, millis)| number.parse::<u64>().ok()?.checked_mul(*millis));
    millis.map(Duration::from_millis).ok_or_else(|| {
        format!("\"{text}\" is no duration; write a whole number and a unit, such as 500ms, 10s, 2m or 1h")
    })
}

/// The duration as [`parse_duration`] reads it, in the longest unit that needs no fraction; what is finer than a
/// millisecond is cut.
pub fn duration_text(duration: Duration) -> String {
    let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let fits = UNITS.iter().find(|(_, unit)| millis > 0 && millis.is_multiple_of(*unit));
    match fits {
        Some((name, unit)) => format!("{}{name}", millis / unit),
        None => "0s".into(),
    }
}

/// For serde: a duration in its written form; errors name the key.
pub(super) mod settle {
    use super::*;

    pub(in super::super) fn serialize<S: Serializer>(
        duration: &Duration,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&duration_text(*duration))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Duration, D::Error> {
        let text = String::deserialize(deserializer)
            .map_err(|e| de::Error::custom(format_args!("settle: {}", e.to_string().trim_end())))?;
        parse_duration(&text).map_err(|e| de::Error::custom(format_args!("settle: {e}")))
    }
}

/// How long archived files are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeepArchive {
    /// For ever.
    Forever,
    /// For this many days, at least one.
    Days(u32),
}

impl fmt::Display for KeepArchive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeepArchive::Forever => f.write_str("forever"),
            KeepArchive::Days(days) => write!(f, "{days}"),
        }
    }
}

impl Serialize for KeepArchive {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            KeepArchive::Forever => serializer.serialize_str("forever"),
            KeepArchive::Days(days) => serializer.serialize_u32(*days),
        }
    }
}

impl<'de> Deserialize<'de> for KeepArchive {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Expected;
        impl Visitor<'_> for Expected {
            type Value = KeepArchive;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("for keep-archive \"forever\" or a whole number of days")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<KeepArchive, E> {
                match text {
                    "forever" => Ok(KeepArchive::Forever),
                    _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
                }
            }

            fn visit_u64<E: de::Error>(self, days: u64) -> Result<KeepArchive, E> {
                u32::try_from(days)
                    .map(KeepArchive::Days)
                    .map_err(|_| E::invalid_value(de::Unexpected::Unsigned(days), &self))
            }

            fn visit_i64<E: de::Error>(self, days: i64) -> Result<KeepArchive, E> {
                u32::try_from(days)
                    .map(KeepArchive::Days)
                    .map_err(|_| E::invalid_value(de::Unexpected::Signed(days), &self))
            }
        }
        deserializer.deserialize_any(Expected)
    }
}
