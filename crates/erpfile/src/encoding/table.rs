//! Tables of the encodings that take one byte a character.

use oem_cp::code_table::DECODING_TABLE_CP_MAP;
use oem_cp::code_table_type::TableType;

/// Where the upper half (0x80 to 0xFF) of an encoding comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The Encoding Standard's index.
    Whatwg(&'static encoding_rs::Encoding),
    /// An IBM / DOS code page.
    Oem(u16),
    /// ISO 8859-1 itself; the Encoding Standard takes that label for windows-1252.
    Latin1,
    /// ISO 8859-9 itself; the Encoding Standard takes that label for windows-1254.
    Latin5,
}

/// What the bytes 0x80 to 0xFF mean; NUL where they mean nothing.
#[derive(Clone, Debug)]
pub(crate) struct Table(Box<[char; 128]>);

impl Source {
    pub(super) fn table(self) -> Table {
        let mut chars = Box::new(['\0'; 128]);
        for (slot, byte) in chars.iter_mut().zip(0x80..=0xFF) {
            // C1 controls are refused: business text has none, and another encoding's letters lie there.
            *slot = self.char(byte).filter(|c| !c.is_control()).unwrap_or('\0');
        }
        Table(chars)
    }

    fn char(self, byte: u8) -> Option<char> {
        match self {
            Self::Whatwg(encoding) => encoding
                .decode_without_bom_handling_and_without_replacement(&[byte])
                .and_then(|text| text.chars().next()),
            Self::Oem(page) => match DECODING_TABLE_CP_MAP.get(&page)? {
                TableType::Complete(table) => table.get(usize::from(byte.checked_sub(0x80)?)).copied(),
                TableType::Incomplete(table) => *table.get(usize::from(byte.checked_sub(0x80)?))?,
            },
            Self::Latin1 => Some(char::from(byte)),
            Self::Latin5 => Some(match byte {
                0xD0 => 'Ğ',
                0xDD => 'İ',
                0xDE => 'Ş',
                0xF0 => 'ğ',
                0xFD => 'ı',
                0xFE => 'ş',
                other => char::from(other),
            }),
        }
    }
}

impl Table {
    /// The character that a byte of 0x80 and above stands for, if any.
    pub(super) fn char(&self, byte: u8) -> Option<char> {
        let c = self.0[usize::from(byte & 0x7F)];
        (c != '\0').then_some(c)
    }
}
