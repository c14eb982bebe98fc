//! The encodings that files come in, and their strict translation to UTF-8.

mod decoder;
mod mark;
mod table;
#[cfg(test)]
pub(crate) mod tests;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub(crate) use decoder::{Decoder, Undecodable};
pub(crate) use mark::{marked, start};

/// How the characters of a file are written as bytes.
///
/// Decoding is strict: a byte that means nothing in the encoding is reported, never replaced. That holds
/// for the C1 control codes (0x80 to 0x9F in the ISO 8859 family) too, since in business files they are
/// always a sign of another encoding.
#[derive(Clone, Copy)]
pub struct Encoding(&'static Entry);

struct Entry {
    label: &'static str,
    title: &'static str,
    scheme: Scheme,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Utf8,
    /// Byte order by its mark, or by the look of the text.
    Utf16,
    Utf16Le,
    Utf16Be,
    /// One byte a character, ASCII below 0x80.
    Single(table::Source),
}

macro_rules! encodings {
    ($($label:literal $scheme:expr, $title:literal;)*) => {
        impl Encoding {
            /// Every encoding, the usual ones first: the order in which a person chooses.
            pub const ALL: &[Self] = &[$(Self(&Entry { label: $label, title: $title, scheme: $scheme })),*];
        }
    };
}

use table::Source::{Latin1, Latin5, Oem, Whatwg};

encodings! {
    "utf-8" Scheme::Utf8, "Unicode (UTF-8)";
    "windows-1252" Scheme::Single(Whatwg(encoding_rs::WINDOWS_1252)), "Western European (Windows, \"ANSI\")";
    "iso-8859-1" Scheme::Single(Latin1), "Western European (ISO 8859-1, Latin-1)";
    "iso-8859-15" Scheme::Single(Whatwg(encoding_rs::ISO_8859_15)), "Western European with € (ISO 8859-15)";
    "cp850" Scheme::Single(Oem(850)), "Western European (DOS, 850)";
    "cp858" Scheme::Single(Oem(858)), "Western European with € (DOS, 858)";
    "cp865" Scheme::Single(Oem(865)), "Nordic (DOS, 865)";
    "cp437" Scheme::Single(Oem(437)), "American (DOS, 437)";
    "utf-16" Scheme::Utf16, "Unicode (UTF-16, byte order by its mark)";
    "utf-16le" Scheme::Utf16Le, "Unicode (UTF-16, little endian)";
    "utf-16be" Scheme::Utf16Be, "Unicode (UTF-16, big endian)";
    "windows-1250" Scheme::Single(Whatwg(encoding_rs::WINDOWS_1250)), "Central European (Windows)";
    "iso-8859-2" Scheme::Single(Whatwg(encoding_rs::ISO_8859_2)), "Central European (ISO 8859-2)";
    "cp852" Scheme::Single(Oem(852)), "Central European (DOS, 852)";
    "windows-1257" Scheme::Single(Whatwg(encoding_rs::WINDOWS_1257)), "Baltic (Windows)";
    "iso-8859-4" Scheme::Single(Whatwg(encoding_rs::ISO_8859_4)), "Baltic and Nordic (ISO 8859-4)";
    "iso-8859-13" Scheme::Single(Whatwg(encoding_rs::ISO_8859_13)), "Baltic (ISO 8859-13)";
    "iso-8859-10" Scheme::Single(Whatwg(encoding_rs::ISO_8859_10)), "Nordic (ISO 8859-10)";
    "cp775" Scheme::Single(Oem(775)), "Baltic (DOS, 775)";
    "windows-1251" Scheme::Single(Whatwg(encoding_rs::WINDOWS_1251)), "Cyrillic (Windows)";
    "iso-8859-5" Scheme::Single(Whatwg(encoding_rs::ISO_8859_5)), "Cyrillic (ISO 8859-5)";
    "cp866" Scheme::Single(Oem(866)), "Cyrillic (DOS, 866)";
    "cp855" Scheme::Single(Oem(855)), "Cyrillic (DOS, 855)";
    "koi8-r" Scheme::Single(Whatwg(encoding_rs::KOI8_R)), "Cyrillic (KOI8-R)";
    "koi8-u" Scheme::Single(Whatwg(encoding_rs::KOI8_U)), "Cyrillic, Ukrainian (KOI8-U)";
    "windows-1253" Scheme::Single(Whatwg(encoding_rs::WINDOWS_1253)), "Greek (Windows)";
    "iso-8859-7" Scheme::Single(Whatwg(encoding_rs::ISO_8859_7)), "Greek (ISO 8859-7)";
    "cp737" Scheme::Single(Oem(737)), "Greek (DOS, 737)";
    "windows-1254" Scheme::Single(Whatwg(encoding_rs::WINDOWS_1254)), "Turkish (Windows)";
    "iso-8859-9" Scheme::Single(Latin5), "Turkish (ISO 8859-9, Latin-5)";
    "cp857" Scheme::Single(Oem(857)), "Turkish (DOS, 857)";
    "windows-1255" Scheme::Single(Whatwg(encoding_rs::WINDOWS_1255)), "Hebrew (Windows)";
    "windows-1256" Scheme::Single(Whatwg(encoding_rs::WINDOWS_1256)), "Arabic (Windows)";
    "windows-1258" Scheme::Single(Whatwg(encoding_rs::WINDOWS_1258)), "Vietnamese (Windows)";
    "cp860" Scheme::Single(Oem(860)), "Portuguese (DOS, 860)";
    "cp861" Scheme::Single(Oem(861)), "Icelandic (DOS, 861)";
    "macintosh" Scheme::Single(Whatwg(encoding_rs::MACINTOSH)), "Western European (Macintosh)";
}

impl Encoding {
    /// The label of the settings file: the WHATWG's where it has one, `cp850` and the like for DOS.
    pub fn label(self) -> &'static str {
        self.0.label
    }

    /// What it is, in words for a person.
    pub fn title(self) -> &'static str {
        self.0.title
    }

    /// `bytes` as text for a person to look at, with `\u{FFFD}` for what means nothing (`utf-16` is taken to be little
    /// endian). Never for values: those are decoded strictly.
    ///
    /// ```
    /// let utf8 = erpfile::Encoding::default();
    /// assert_eq!(utf8.decode_lossy(b"K\xC3\xB8b \xE6 nu"), "Køb \u{FFFD} nu");
    /// ```
    pub fn decode_lossy(self, bytes: &[u8]) -> String {
        let decoder = self.decoder();
        let (mut text, mut rest) = (String::with_capacity(bytes.len()), bytes);
        while let Err(unknown) = decoder.decode(rest, &mut text) {
            text.push(char::REPLACEMENT_CHARACTER);
            rest = rest.get(unknown.at + unknown.len..).unwrap_or_default();
        }
        text
    }

    /// `bytes` as text, strictly; `None` where some of them mean nothing (`utf-16` is taken to be little endian). A byte
    /// order mark is a character like others here.
    pub(crate) fn decode(self, bytes: &[u8]) -> Option<String> {
        let mut text = String::with_capacity(bytes.len());
        self.decode_into(bytes, &mut text).ok().map(|()| text)
    }

    /// The same, appended to `text`; on an error, the text before the bytes that mean nothing.
    pub(crate) fn decode_into(self, bytes: &[u8], text: &mut String) -> Result<(), Undecodable> {
        self.decoder().decode(bytes, text)
    }

    /// `bytes` without the byte order mark that they begin with.
    pub(crate) fn without_mark(self, bytes: &[u8]) -> &[u8] {
        bytes.get(mark::length(bytes)..).unwrap_or_default()
    }

    fn decoder(self) -> Decoder {
        match self.0.scheme {
            Scheme::Utf8 => Decoder::Utf8,
            Scheme::Utf16 | Scheme::Utf16Le => Decoder::Utf16Le,
            Scheme::Utf16Be => Decoder::Utf16Be,
            Scheme::Single(source) => Decoder::Single(source.table()),
        }
    }

    /// `text` as bytes, without a byte order mark (`utf-16` is written little endian).
    ///
    /// # Errors
    /// The first character that this encoding does not have.
    pub fn encode(self, text: &str) -> Result<Vec<u8>, char> {
        match self.0.scheme {
            Scheme::Utf8 => Ok(text.as_bytes().to_vec()),
            Scheme::Utf16 | Scheme::Utf16Le => Ok(text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
            Scheme::Utf16Be => Ok(text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
            Scheme::Single(source) => {
                let table = source.table();
                let byte = |c: char| match u8::try_from(c) {
                    Ok(ascii @ 0..0x80) => Some(ascii),
                    _ => (0x80..=0xFF).find(|&byte| table.char(byte) == Some(c)),
                };
                text.chars().map(|c| byte(c).ok_or(c)).collect()
            }
        }
    }
}

/// UTF-8.
impl Default for Encoding {
    fn default() -> Self {
        Self::ALL[0]
    }
}

impl PartialEq for Encoding {
    fn eq(&self, other: &Self) -> bool {
        self.0.label == other.0.label
    }
}

impl Eq for Encoding {}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.label)
    }
}

impl fmt::Debug for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.label)
    }
}

/// A label that is none of [`Encoding::ALL`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "The encoding \"{0}\" is not known. Use utf-8, windows-1252, iso-8859-1, iso-8859-15, cp850, cp865, \
     cp437, utf-16 or another one of the format editor's list."
)]
pub struct UnknownEncoding(
    /// The label as it was given.
    pub String,
);

/// Reads a label in any case, with the spellings that programs use: `UTF8`, `cp1252`, `Latin1`, `ibm850`.
impl FromStr for Encoding {
    type Err = UnknownEncoding;

    fn from_str(text: &str) -> Result<Self, UnknownEncoding> {
        let given = text.trim().to_ascii_lowercase().replace('_', "-");
        let label = match given.as_str() {
            "utf8" | "utf-8-sig" | "utf-8-bom" | "ascii" | "us-ascii" => "utf-8",
            "utf16" => "utf-16",
            "utf16le" | "utf-16-le" => "utf-16le",
            "utf16be" | "utf-16-be" => "utf-16be",
            "ansi" => "windows-1252",
            "latin1" | "latin-1" => "iso-8859-1",
            "latin2" | "latin-2" => "iso-8859-2",
            "latin5" | "latin-5" => "iso-8859-9",
            "latin9" | "latin-9" => "iso-8859-15",
            "mac" | "macroman" | "mac-roman" | "x-mac-roman" => "macintosh",
            other => other,
        };
        let number = label.trim_start_matches(|c: char| !c.is_ascii_digit());
        let alias = match label.trim_end_matches(|c: char| c.is_ascii_digit()) {
            "cp" | "windows" | "win" | "x-cp" if number.starts_with("125") => format!("windows-{number}"),
            "cp" | "ibm" | "ibm-" | "dos-" | "oem" | "oem-" | "" => format!("cp{number}"),
            _ => match label.strip_prefix("iso8859-") {
                Some(part) => format!("iso-8859-{part}"),
                None => label.to_owned(),
            },
        };
        Self::ALL
            .iter()
            .find(|encoding| encoding.label() == label || encoding.label() == alias)
            .copied()
            .ok_or_else(|| UnknownEncoding(text.to_owned()))
    }
}

impl Serialize for Encoding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.label())
    }
}

impl<'de> Deserialize<'de> for Encoding {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
