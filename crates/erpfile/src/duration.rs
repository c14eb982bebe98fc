//! Durations as people write them in settings.

use std::time::Duration;

use serde::de::Error;
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

/// For serde: a duration in its written form, where there is one.
pub(crate) fn serialize_optional<S: Serializer>(
    duration: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    duration.map(duration_text).serialize(serializer)
}

/// For serde: the duration that [`serialize_optional`] wrote.
pub(crate) fn deserialize_optional<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Duration>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| parse_duration(&text).map_err(D::Error::custom)).transpose()
}
