//! Bytes of one encoding to UTF-8, a line at a time.

use super::table::Table;

/// Translates bytes to text, with the byte order settled.
#[derive(Clone, Debug)]
pub(crate) enum Decoder {
    Utf8,
    Utf16Le,
    Utf16Be,
    Single(Table),
}

/// The first bytes that mean nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Undecodable {
    /// How many bytes before them were decoded.
    pub(crate) at: usize,
    /// How many bytes they are, at least 1.
    pub(crate) len: usize,
    /// Whether the bytes are only a beginning, so that more might have made a character.
    pub(crate) cut: bool,
}

impl Decoder {
    /// Appends the text of `bytes`; on an error, the text before the undecodable bytes.
    pub(crate) fn decode(&self, bytes: &[u8], text: &mut String) -> Result<(), Undecodable> {
        match self {
            Self::Utf8 => decode_utf8(bytes, text),
            Self::Utf16Le => decode_utf16(bytes, u16::from_le_bytes, text),
            Self::Utf16Be => decode_utf16(bytes, u16::from_be_bytes, text),
            Self::Single(table) => decode_single(bytes, table, text),
        }
    }

    /// How many bytes `text` was before it was decoded.
    pub(crate) fn encoded_len(&self, text: &str) -> usize {
        match self {
            Self::Utf8 => text.len(),
            Self::Utf16Le | Self::Utf16Be => text.encode_utf16().count() * 2,
            Self::Single(_) => text.chars().count(),
        }
    }
}

fn decode_utf8(bytes: &[u8], text: &mut String) -> Result<(), Undecodable> {
    match std::str::from_utf8(bytes) {
        Ok(decoded) => {
            text.push_str(decoded);
            Ok(())
        }
        Err(error) => {
            let at = error.valid_up_to();
            text.push_str(std::str::from_utf8(&bytes[..at]).unwrap_or_default());
            let len = error.error_len().unwrap_or(bytes.len() - at);
            Err(Undecodable { at, len, cut: error.error_len().is_none() })
        }
    }
}

fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16, text: &mut String) -> Result<(), Undecodable> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut at = 0;
    for decoded in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        match decoded {
            Ok(c) => {
                text.push(c);
                at += c.len_utf16() * 2;
            }
            Err(lone) => {
                let cut = at + 2 >= bytes.len() - rest.len() && lone.unpaired_surrogate() < 0xDC00;
                return Err(Undecodable { at, len: 2, cut });
            }
        }
    }
    if rest.is_empty() { Ok(()) } else { Err(Undecodable { at, len: 1, cut: true }) }
}

fn decode_single(bytes: &[u8], table: &Table, text: &mut String) -> Result<(), Undecodable> {
    // Most lines are plain ASCII, which costs one fast look and one copy.
    let mut at = 0;
    loop {
        let rest = &bytes[at..];
        let plain = encoding_rs::Encoding::ascii_valid_up_to(rest);
        text.push_str(std::str::from_utf8(&rest[..plain]).unwrap_or_default());
        at += plain;
        while let Some(&byte @ 0x80..) = bytes.get(at) {
            match table.char(byte) {
                Some(c) => text.push(c),
                None => return Err(Undecodable { at, len: 1, cut: false }),
            }
            at += 1;
        }
        if at == bytes.len() {
            return Ok(());
        }
    }
}
