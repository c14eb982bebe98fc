//! Values with a written form of their own: the settle time, and how long archived files are kept.

use std::fmt;
use std::time::Duration;

use erpfile::{duration_text, parse_duration};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

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
