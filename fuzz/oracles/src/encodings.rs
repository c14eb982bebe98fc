//! Encodings: what is read as text is written back as the same bytes, and the other way round; a label is the name of
//! one encoding.

use erpfile::Encoding;

use crate::bytes::Choices;

/// One byte chooses the encoding; the rest is the bytes, the text and the label.
pub fn check(input: &[u8]) {
    let mut choices = Choices(input);
    let encoding = choices.one(Encoding::ALL);
    let bytes = choices.0;
    decode_and_encode(encoding, bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        encode_and_decode(encoding, text);
        label(text);
    }
}

fn decode_and_encode(encoding: Encoding, bytes: &[u8]) {
    let text = encoding.decode_lossy(bytes);
    if !encoding.label().starts_with("utf") {
        assert_eq!(text.chars().count(), bytes.len(), "one byte is one character");
    }
    if !text.contains(char::REPLACEMENT_CHARACTER) {
        assert_eq!(encoding.encode(&text).as_deref(), Ok(bytes), "{encoding} {text:?}");
    }
}

fn encode_and_decode(encoding: Encoding, text: &str) {
    match encoding.encode(text) {
        Ok(bytes) => assert_eq!(encoding.decode_lossy(&bytes), text, "{encoding}"),
        Err(c) => {
            assert!(text.contains(c), "{encoding} {c:?}");
            assert_eq!(encoding.encode(c.encode_utf8(&mut [0; 4])), Err(c));
            assert!(!encoding.label().starts_with("utf"), "Unicode has {c:?}");
        }
    }
}

fn label(text: &str) {
    match text.parse::<Encoding>() {
        Ok(found) => {
            assert_eq!(found.label().parse(), Ok(found));
            assert_eq!(text.to_ascii_uppercase().parse(), Ok(found), "case does not count");
        }
        Err(error) => assert!(error.to_string().contains(text)),
    }
}
