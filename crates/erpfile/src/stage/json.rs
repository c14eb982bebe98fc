//! JSON documents and JSON lines.

use std::fmt;
use std::io::{Read, Seek};

use serde::Deserialize;
use serde::de::{self, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::StageError;
use super::tally::{Count, Tally, from_io};
use super::tree::{self, Each, Names, Values};
use super::utf8::Utf8;
use crate::problem::{Damage, Problem, ReadError, code};
use crate::{Format, Limits};

/// How many names a message lists.
const LISTED: usize = 12;

/// How deep values may lie in each other.
const DEEPEST: usize = 64;

/// Tells of each object in the array that the format's `record` names: a path of keys (`customers`, `data/customers`).
/// Without a path the document is that array, or objects one after the other (JSON lines).
pub(super) fn each_record<R: Read + Seek>(
    source: &mut R,
    format: &Format,
    limits: Limits,
    each: Each<'_>,
) -> Result<(), StageError> {
    let text = Utf8::new(source, format.encoding, |_| Ok(None)).map_err(StageError::Read)?;
    let (tally, count) = Tally::new(text, limits.line);
    let mut document = serde_json::Deserializer::from_reader(tally);
    let path = tree::parts(&format.record);
    let mut walk = Walk {
        count: count.clone(),
        decimal: format.decimal_separator.char(),
        limits,
        each,
        stopped: None,
        seen: Vec::new(),
        found: false,
    };
    loop {
        let told = de::DeserializeSeed::deserialize(Descend { path: &path, walk: &mut walk }, &mut document);
        if let Some(stopped) = walk.stopped.take() {
            return Err(stopped);
        }
        told.map_err(|error| failure(error, &count))?;
        // One value after the other, as JSON lines have them, goes on; anything else ends the document.
        match document.end() {
            Ok(()) => break,
            Err(error) if error.is_io() => return Err(failure(error, &count)),
            Err(_) if path.is_empty() => {}
            Err(error) => return Err(failure(error, &count)),
        }
    }
    if walk.found { Ok(()) } else { Err(tree::no_record(&format.record, &walk.seen).into()) }
}

struct Walk<'a> {
    count: Count,
    decimal: char,
    limits: Limits,
    each: Each<'a>,
    /// Why the walk was broken off, if not for an error of the document itself.
    stopped: Option<StageError>,
    /// The keys on the way, for a message.
    seen: Vec<String>,
    found: bool,
}

impl Walk<'_> {
    fn stop<E: de::Error>(&mut self, error: impl Into<StageError>) -> E {
        self.stopped = Some(error.into());
        E::custom("stopped")
    }
}

/// Goes down a path of keys to the records.
struct Descend<'w, 'a> {
    path: &'w [&'w str],
    walk: &'w mut Walk<'a>,
}

impl<'de> de::DeserializeSeed<'de> for Descend<'_, '_> {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Descend<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("records: an array of objects, or objects one after the other")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Some((first, rest)) = self.path.split_first() else {
            return record(self.walk, self.walk.count.line(), map);
        };
        while let Some(key) = map.next_key::<String>()? {
            if key == *first {
                map.next_value_seed(Descend { path: rest, walk: self.walk })?;
            } else {
                if self.walk.seen.len() < LISTED && !self.walk.seen.contains(&key) {
                    self.walk.seen.push(key);
                }
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        // An empty list has no records, and is where they would be.
        self.walk.found |= self.path.is_empty();
        loop {
            self.walk.count.restart(0);
            if list.next_element_seed(Descend { path: self.path, walk: self.walk })?.is_none() {
                return Ok(());
            }
        }
    }
}

/// One record: its values, however deep they lie.
fn record<'de, A: MapAccess<'de>>(walk: &mut Walk<'_>, line: u64, mut map: A) -> Result<(), A::Error> {
    // The bracket that shows it to be a record has been read.
    walk.count.restart(1);
    let mut names = Names::default();
    let values = Values::new(walk.limits);
    let mut flatten = Flatten { decimal: walk.decimal, values, line, depth: 0, damage: None };
    while let Some((key, value)) = map.next_entry::<String, Box<RawValue>>()? {
        if let Err(error) = flatten.value(names.path("", &key), value.get()) {
            let damage = flatten.damage.unwrap_or_else(|| malformed(line, &error.to_string()));
            return Err(walk.stop(damage));
        }
    }
    walk.count.check().map_err(|damage| walk.stop(damage))?;
    walk.found = true;
    let told = (walk.each)(line, flatten.values);
    walk.count.restart(0);
    told.map_err(|error| walk.stop(error))
}

/// Gathers the values of a record under their paths.
struct Flatten {
    decimal: char,
    values: Values,
    /// The line of the record.
    line: u64,
    depth: usize,
    /// Why it was broken off, if not for an error of the document itself.
    damage: Option<Damage>,
}

impl Flatten {
    /// Adds any JSON value.
    fn value(&mut self, path: String, json: &str) -> serde_json::Result<()> {
        match json.as_bytes().first() {
            Some(b'{') => {
                let members: Members<'_> = serde_json::from_str(json)?;
                self.inside(&path, members.0.iter().map(|(key, value)| (key.as_str(), *value)))
            }
            Some(b'[') => {
                let items: Vec<&RawValue> = serde_json::from_str(json)?;
                self.inside("", items.into_iter().map(|item| (path.as_str(), item)))
            }
            Some(b'"') => self.push(path, serde_json::from_str(json)?),
            Some(b'n') => self.push(path, String::new()),
            // A number keeps its digits; JSON's point becomes what the format has before decimals.
            _ => self.push(path, json.replace('.', self.decimal.encode_utf8(&mut [0; 4]))),
        }
    }

    fn push(&mut self, path: String, value: String) -> serde_json::Result<()> {
        self.values.push(path, value, self.line).map_err(|damage| {
            self.damage = Some(damage);
            de::Error::custom("stopped")
        })
    }

    fn inside<'j>(
        &mut self,
        path: &str,
        mut values: impl Iterator<Item = (&'j str, &'j RawValue)>,
    ) -> serde_json::Result<()> {
        if self.depth == DEEPEST {
            return Err(de::Error::custom(format_args!("more than {DEEPEST} values lie in each other")));
        }
        if let Err(damage) = tree::check_path(path, self.line) {
            self.damage = Some(damage);
            return Err(de::Error::custom("stopped"));
        }
        self.depth += 1;
        let mut names = Names::default();
        let told = values.try_for_each(|(name, value)| self.value(names.path(path, name), value.get()));
        self.depth -= 1;
        told
    }
}

/// The members of an object, in their order.
struct Members<'j>(Vec<(String, &'j RawValue)>);

impl<'de: 'j, 'j> Deserialize<'de> for Members<'j> {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

fn failure(error: serde_json::Error, count: &Count) -> StageError {
    match error.classify() {
        serde_json::error::Category::Io => from_io(error.into()),
        serde_json::error::Category::Eof => {
            let message = "The document ends in the middle: the file was probably cut off.";
            let hint = "Let the ERP system write the file again.";
            let problem = Problem::new(code::INCOMPLETE_RECORD, message, hint).at_line(count.line());
            ReadError::from(Damage::from(problem)).into()
        }
        _ => malformed(count.line(), &error.to_string()).into(),
    }
}

fn malformed(line: u64, why: &str) -> Damage {
    let message = format!("The document is not JSON as the format expects it: {why}.");
    let hint = "Let the ERP system write the file again; if it is refused again, check the format's record.";
    Damage::from(Problem::new(code::MALFORMED, message, hint).at_line(line))
}
