//! Which columns of a file are a field of the register, and what is made of their cells.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::SeqAccessDeserializer;
use serde::de::{self, Deserializer, IntoDeserializer, SeqAccess};
use serde::{Deserialize, Serialize, Serializer};

use super::{Blank, DecimalSeparator, OtherCodes, Owner, Part, key};

/// What a field of the register is read from.
///
/// The cells are joined first, then the part is taken, then the code is translated; what is left is checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Column {
    /// The columns of the file: with [`Column::join`] all of them; without it the first one that the file has. Written
    /// as a name or a position where it is one. Empty when every record has [`Column::value`].
    #[serde(default, with = "columns", skip_serializing_if = "Vec::is_empty")]
    pub from: Vec<ColumnFrom>,
    /// The name of the field of the register.
    #[serde(deserialize_with = "key::field")]
    pub field: String,
    /// When the record is there already. Default `erp`: what the file says is always taken.
    #[serde(default, deserialize_with = "key::owner", skip_serializing_if = "Owner::is_erp")]
    pub owner: Owner,
    /// What an empty cell of this column means for a record that exists. Default none: what it means in the others, see
    /// [`super::Format::blank`].
    #[serde(default, deserialize_with = "key::blank", skip_serializing_if = "Option::is_none")]
    pub blank: Option<Blank>,
    /// The text between the cells of several columns that are one value; empty cells are left out. Default none: the
    /// columns are other names of one.
    #[serde(default, deserialize_with = "key::join", skip_serializing_if = "Option::is_none")]
    pub join: Option<String>,
    /// Default `whole`.
    #[serde(default, deserialize_with = "key::part", skip_serializing_if = "Part::is_whole")]
    pub part: Part,
    /// What an empty cell stands for, written as in the file; without [`Column::from`] the value of every record. Empty
    /// (the default) for nothing.
    #[serde(default, deserialize_with = "key::value", skip_serializing_if = "String::is_empty")]
    pub value: String,
    /// How this column writes dates. Empty (the default) when as the other columns do, see
    /// [`super::Format::date_format`].
    #[serde(default, deserialize_with = "key::date_format", skip_serializing_if = "String::is_empty")]
    pub date_format: String,
    /// What separates decimals in this column. Default none: what separates them in the others.
    #[serde(default, deserialize_with = "key::decimal_separator", skip_serializing_if = "Option::is_none")]
    pub decimal_separator: Option<DecimalSeparator>,
    /// The text that stands for a line break, such as `:`. `<br>` stands for `<br/>` and capital letters, too. Empty (the
    /// default) for none.
    #[serde(default, deserialize_with = "key::line_break", skip_serializing_if = "String::is_empty")]
    pub line_break: String,
    /// What happens to a code that [`Column::codes`] does not have. Default `refuse`.
    #[serde(default, deserialize_with = "key::other_codes", skip_serializing_if = "OtherCodes::is_default")]
    pub other_codes: OtherCodes,
    /// What the codes in the file stand for, written as in the file. Default none: cells are taken as they are.
    #[serde(default, deserialize_with = "key::codes", skip_serializing_if = "BTreeMap::is_empty")]
    pub codes: BTreeMap<String, String>,
}

impl Column {
    /// A field whose value is a cell of one column.
    pub fn new(from: ColumnFrom, field: impl Into<String>) -> Self {
        Self { from: vec![from], field: field.into(), ..Self::default() }
    }

    /// The columns in words for a person: `Kundenr`, `Fornavn + Efternavn`, `Kundenr or Kundenummer`.
    pub fn title(&self) -> String {
        let between = if self.join.is_some() { " + " } else { " or " };
        self.from.iter().map(ColumnFrom::to_string).collect::<Vec<_>>().join(between)
    }
}

/// How a column is found in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnFrom {
    /// By the name in the header: exactly so; or else ignoring case and outer blanks; or else ignoring all blanks and
    /// signs such as `*`, `=` or brackets around the name; if only one fits.
    Name(String),
    /// By its place, 1 being the first column.
    Position(u32),
}

impl fmt::Display for ColumnFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Position(position) => write!(f, "{position}"),
        }
    }
}

impl Serialize for ColumnFrom {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Name(name) => serializer.serialize_str(name),
            Self::Position(position) => serializer.serialize_u32(*position),
        }
    }
}

impl<'de> Deserialize<'de> for ColumnFrom {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = ColumnFrom;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a header name in quotes, or a position as a number (1 is the first column)")
            }
            fn visit_str<E: de::Error>(self, name: &str) -> Result<ColumnFrom, E> {
                Ok(ColumnFrom::Name(name.to_owned()))
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<ColumnFrom, E> {
                u32::try_from(number)
                    .map(ColumnFrom::Position)
                    .map_err(|_| E::invalid_value(de::Unexpected::Unsigned(number), &self))
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<ColumnFrom, E> {
                u32::try_from(number)
                    .map(ColumnFrom::Position)
                    .map_err(|_| E::invalid_value(de::Unexpected::Signed(number), &self))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// One column as itself, several as a list.
mod columns {
    use super::*;

    pub(super) fn serialize<S: Serializer>(from: &[ColumnFrom], serializer: S) -> Result<S::Ok, S::Error> {
        match from {
            [only] => only.serialize(serializer),
            several => several.serialize(serializer),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<ColumnFrom>, D::Error> {
        key::from(d).map(|OneOrMore(from)| from)
    }

    struct OneOrMore(Vec<ColumnFrom>);

    fn one<'de, D: Deserializer<'de>>(value: D) -> Result<OneOrMore, D::Error> {
        ColumnFrom::deserialize(value).map(|only| OneOrMore(vec![only]))
    }

    impl<'de> Deserialize<'de> for OneOrMore {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Visitor;
            impl<'de> de::Visitor<'de> for Visitor {
                type Value = OneOrMore;
                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str(
                        "a header name in quotes, a position as a number (1 is the first column), or a list of them",
                    )
                }
                fn visit_str<E: de::Error>(self, name: &str) -> Result<OneOrMore, E> {
                    one(name.into_deserializer())
                }
                fn visit_u64<E: de::Error>(self, number: u64) -> Result<OneOrMore, E> {
                    one(number.into_deserializer())
                }
                fn visit_i64<E: de::Error>(self, number: i64) -> Result<OneOrMore, E> {
                    one(number.into_deserializer())
                }
                fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<OneOrMore, A::Error> {
                    Vec::deserialize(SeqAccessDeserializer::new(list)).map(OneOrMore)
                }
            }
            deserializer.deserialize_any(Visitor)
        }
    }
}
