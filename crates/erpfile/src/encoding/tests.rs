//! Stories about encodings.

use super::*;

/// Characters beyond ASCII that the encoding has.
pub(crate) fn alphabet(encoding: Encoding) -> Vec<char> {
    match encoding.0.scheme {
        Scheme::Single(source) => {
            let table = source.table();
            (0x80..=0xFF).filter_map(|byte| table.char(byte)).collect()
        }
        _ => "æøåÆØÅäöüßéĐžЖΩ中€\u{A0A}\u{100}\u{FEFF}😀𝄞".chars().collect(),
    }
}

fn encoding(label: &str) -> Encoding {
    label.parse().unwrap_or_else(|error| panic!("{error}"))
}

fn decode(label: &str, bytes: &[u8]) -> Result<String, Undecodable> {
    let decoder = match encoding(label).0.scheme {
        Scheme::Utf8 => Decoder::Utf8,
        Scheme::Utf16 | Scheme::Utf16Le => Decoder::Utf16Le,
        Scheme::Utf16Be => Decoder::Utf16Be,
        Scheme::Single(source) => Decoder::Single(source.table()),
    };
    let mut text = String::new();
    decoder.decode(bytes, &mut text)?;
    assert_eq!(decoder.encoded_len(&text), bytes.len());
    Ok(text)
}

/// Letters as the standards' own tables have them.
#[test]
fn known_bytes_are_known_letters() {
    let table: &[(&str, &[u8], &str)] = &[
        ("utf-8", b"\xC3\xA6\xC3\xB8\xC3\xA5\xE2\x82\xAC", "æøå€"),
        ("utf-16le", b"\xE6\x00\xAC\x20\x3D\xD8\x00\xDE", "æ€😀"),
        ("utf-16be", b"\x00\xE6\x20\xAC\xD8\x3D\xDE\x00", "æ€😀"),
        ("windows-1252", b"\xE6\xF8\xE5\xC6\xD8\xC5\x80\x9C\xA0", "æøåÆØÅ€œ\u{A0}"),
        ("iso-8859-1", b"\xE6\xF8\xE5\xA4\xA0\xFF", "æøå¤\u{A0}ÿ"),
        ("iso-8859-15", b"\xE6\xF8\xE5\xA4\xA6\xBC", "æøå€ŠŒ"),
        ("cp437", b"\x91\x86\x94\x84\x81\xE1\x9B\x9D", "æåöäüß¢¥"),
        ("cp850", b"\x91\x9B\x86\x92\x9D\x8F\x84\x94\x81\xE1", "æøåÆØÅäöüß"),
        ("cp858", b"\xD5", "€"),
        ("cp865", b"\x91\x9B\x86\x92\x9D\x8F", "æøåÆØÅ"),
        ("cp852", b"\x9F\xE7\xA5\x88", "čšął"),
        ("cp866", b"\x80\xAF\xE0", "Апр"),
        ("windows-1250", b"\xE8\x9A\xB9\xB3", "čšął"),
        ("windows-1251", b"\xC0\xEF", "Ап"),
        ("iso-8859-2", b"\xE8\xB9\xB1\xB3", "čšął"),
        ("iso-8859-5", b"\xB0\xDF", "Ап"),
        ("iso-8859-7", b"\xC1\xF9", "Αω"),
        ("iso-8859-9", b"\xD0\xDD\xDE\xF0\xFD\xFE\xE6", "ĞİŞğışæ"),
        ("windows-1254", b"\xD0\xDD\x80", "Ğİ€"),
        ("macintosh", b"\xBE\xBF\x8C\xDB", "æøå€"),
    ];
    for (label, bytes, text) in table {
        assert_eq!(decode(label, bytes).as_deref(), Ok(*text), "{label}");
        assert_eq!(encoding(label).encode(text).as_deref(), Ok(*bytes), "{label}");
        let mixed = format!("ab{text}cd");
        assert_eq!(decode(label, &encoding(label).encode(&mixed).unwrap()), Ok(mixed));
    }
}

/// Bytes, where decoding stops, how many mean nothing, and whether more might have made a character.
#[test]
fn bytes_that_mean_nothing_are_found_not_replaced() {
    type Found = (usize, usize, bool);
    let table: &[(&str, &[u8], Found)] = &[
        ("utf-8", b"ab\xFF", (2, 1, false)),
        ("utf-8", b"\xC0\x80", (0, 1, false)),
        ("utf-8", b"\xED\xA0\x80", (0, 1, false)),
        ("utf-8", b"a\xE2\x82", (1, 2, true)),
        ("utf-8", b"a\xE2\x82b", (1, 2, false)),
        ("utf-16le", b"a\0\x00\xDC", (2, 2, false)),
        ("utf-16le", b"a\0\x00\xD8b\0", (2, 2, false)),
        ("utf-16le", b"a\0\x00\xD8", (2, 2, true)),
        ("utf-16be", b"\0a\0", (2, 1, true)),
    ];
    for (label, bytes, (at, len, cut)) in table {
        let expected = Undecodable { at: *at, len: *len, cut: *cut };
        assert_eq!(decode(label, bytes), Err(expected), "{label} {bytes:?}");
    }
    let strict: &[(&str, &[u8])] = &[
        ("windows-1252", b"\x81\x8D\x8F\x90\x9D"),
        ("iso-8859-1", b"\x80\x85\x92\x9F"),
        ("iso-8859-9", b"\x80\x9F"),
        ("iso-8859-15", b"\x80\x9F"),
        ("windows-1257", b"\x81"),
        ("iso-8859-7", b"\xAE\xD2\xFF"),
    ];
    for (label, bytes) in strict {
        for byte in *bytes {
            let expected = Undecodable { at: 1, len: 1, cut: false };
            assert_eq!(decode(label, &[b'x', *byte, b'y']), Err(expected), "{label} {byte:02X}");
        }
    }
}

#[test]
fn every_byte_is_one_character_or_none_and_can_be_written_back() {
    for encoding in Encoding::ALL {
        let Scheme::Single(source) = encoding.0.scheme else { continue };
        let table = source.table();
        let chars = alphabet(*encoding);
        assert!(chars.len() >= 80, "{encoding} has {} letters", chars.len());
        assert!(chars.iter().all(|c| !c.is_control() && *c != char::REPLACEMENT_CHARACTER), "{encoding}");
        for byte in 0x80..=0xFF {
            if let Some(c) = table.char(byte) {
                assert_eq!(encoding.encode(&c.to_string()), Ok(vec![byte]), "{encoding}");
            }
        }
        assert_eq!(encoding.encode("a中"), Err('中'), "{encoding}");
    }
}

#[test]
fn a_byte_order_mark_is_taken_where_it_fits() {
    let table: &[(&str, &[u8], Option<usize>)] = &[
        ("utf-8", b"\xEF\xBB\xBFa", Some(3)),
        ("utf-8", b"a", Some(0)),
        ("utf-8", b"\xFF\xFEa\0", None),
        ("utf-16", b"\xFF\xFEa\0", Some(2)),
        ("utf-16", b"\xFE\xFF\0a", Some(2)),
        ("utf-16", b"a\0;\0", Some(0)),
        ("utf-16", b"\0a\0;", None),
        ("utf-16", b"ab;c", None),
        ("utf-16", b"\xEF\xBB\xBFa", None),
        ("utf-16le", b"\xFF\xFEa\0", Some(2)),
        ("utf-16le", b"a\0", Some(0)),
        ("utf-16le", b"\xFE\xFF\0a", None),
        ("utf-16be", b"\0a", Some(0)),
        ("utf-16be", b"a\0", None),
        ("cp850", b"a", Some(0)),
        ("cp850", b"\xEF\xBB\xBFa", None),
        ("windows-1252", b"\xFF\xFE", None),
    ];
    for (label, head, length) in table {
        let found = start(encoding(label), head).ok().map(|(_, length)| length);
        assert_eq!(found, *length, "{label} {head:?}");
    }
}

#[test]
fn labels_are_read_in_the_spellings_that_programs_use() {
    let table = [
        ("UTF-8", "utf-8"),
        ("utf8", "utf-8"),
        (" Windows-1252 ", "windows-1252"),
        ("cp1252", "windows-1252"),
        ("ANSI", "windows-1252"),
        ("Latin1", "iso-8859-1"),
        ("ISO_8859-1", "iso-8859-1"),
        ("iso8859-15", "iso-8859-15"),
        ("IBM850", "cp850"),
        ("850", "cp850"),
        ("cp865", "cp865"),
        ("UTF-16LE", "utf-16le"),
        ("x-mac-roman", "macintosh"),
    ];
    for (given, label) in table {
        assert_eq!(given.parse::<Encoding>().map(Encoding::label), Ok(label), "{given}");
    }
    for unknown in ["", "ebcdic", "cp", "windows-", "utf-32", "cp1"] {
        let error = unknown.parse::<Encoding>().unwrap_err();
        assert!(error.to_string().contains(&format!("\"{unknown}\"")));
    }
}

#[test]
fn every_encoding_is_found_by_its_own_label() {
    for encoding in Encoding::ALL {
        assert_eq!(encoding.label().parse(), Ok(*encoding));
        assert!(!encoding.title().is_empty());
    }
}
