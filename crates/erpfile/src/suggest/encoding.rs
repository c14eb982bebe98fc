//! Which encoding a file's bytes are in.
//!
//! Marks, UTF-16 and UTF-8 show themselves. Of the encodings with one byte a character the one wins under which the
//! letters beyond a to z are the most likely in one of Europe's languages: how often a letter occurs there, whether it
//! stands where letters stand, in the case that its neighbours have, and whether the plain words around it are of that
//! language.

use std::collections::HashMap;

use super::languages::{LANGUAGES, Language};
use crate::Encoding;
use crate::encoding::Decoder;

/// Bytes that are looked at; more say nothing new.
const SAMPLE: usize = 256 << 10;

/// The encodings with one byte a character that are considered, each with how much less usual it is than windows-1252
/// (as a natural logarithm).
const CANDIDATES: &[(&str, f64)] = &[
    ("windows-1252", 0.0),
    ("iso-8859-1", -0.1),
    ("iso-8859-15", -1.0),
    ("cp850", -0.8),
    ("cp858", -1.0),
    ("cp865", -1.2),
    ("cp861", -2.2),
    ("cp437", -2.0),
    ("macintosh", -1.4),
    ("windows-1250", -0.6),
    ("iso-8859-2", -1.2),
    ("cp852", -1.4),
    ("windows-1257", -1.0),
    ("iso-8859-13", -3.0),
    ("windows-1254", -1.0),
    ("iso-8859-9", -1.3),
    ("windows-1251", -0.6),
    ("cp866", -1.4),
    ("iso-8859-5", -2.0),
    ("koi8-r", -2.5),
    ("windows-1253", -0.8),
    ("iso-8859-7", -1.2),
];

/// Letters in ten thousand that a language's own letters are counted in.
const PER: f64 = 10_000.0;

/// How often a letter occurs that the language does not have but another one does: names of foreign customers.
const FOREIGN: f64 = 1.5e-4;

/// How often any other letter occurs.
const STRANGE: f64 = 1e-7;

/// How often a sign occurs that business texts have now and then.
const SIGN: f64 = 4e-5;

/// How often any other sign occurs: lines of tables, mathematics.
const ODD_SIGN: f64 = 1e-8;

/// What it costs when a sign stands in the middle of a word.
const INSIDE_WORD: f64 = -5.0;

/// What it costs when a capital follows a small letter, or the like.
const WRONG_CASE: f64 = -3.5;

/// What one word of a language says for it.
const WORD: f64 = 1.6;

/// The most that all words of a language say for it.
const ALL_WORDS: f64 = 14.0;

/// How much less likely (as a logarithm) an encoding is that nobody needs to hear of.
const UNLIKELY: f64 = 5.0;

/// The signs that business texts have now and then.
const SIGNS: &str = "€£§°©®«»´¨½¼¾²³ºª·•–—’‘“”„…±µ×\u{a0}¿¡¤¢";

/// Signs that may stand between two letters.
const BETWEEN_LETTERS: &str = "’´·\u{a0}-–";

/// Signs that stand beside letters in any text.
const TYPOGRAPHIC: &str = "’‘´·–—“”„…«»•€™®©‹›‚†‡";

/// What was found out of an encoding.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Guess {
    pub(super) encoding: Encoding,
    /// From 0 (nothing speaks for it) to 1 (certain): how likely no other encoding reads the file otherwise.
    pub(super) confidence: f64,
    /// It, and those that would read the file otherwise and are not much less likely.
    pub(super) others: Vec<Encoding>,
}

/// From this confidence on nobody needs to be asked.
pub(super) const SURE: f64 = 0.8;

/// How sure an encoding is where some letters are in another one: programs put together what others wrote.
const MIXED: f64 = 0.4;

/// Guesses the encoding of a file that begins with `bytes`; `whole` when that is all of it.
pub(super) fn guess(bytes: &[u8], whole: bool) -> Guess {
    let bytes = &bytes[..bytes.len().min(SAMPLE)];
    let certain = |encoding| Guess { encoding, confidence: 1.0, others: Vec::new() };
    if let Some(marked) = crate::encoding::marked(bytes) {
        return certain(marked);
    }
    if let Some(utf16) = utf16(bytes) {
        return certain(utf16);
    }
    // What has zero bytes is no text, whatever its letters would be.
    if bytes.is_ascii() || bytes.contains(&0) {
        return certain(Encoding::default());
    }
    let mut text = String::new();
    match Decoder::Utf8.decode(bytes, &mut text) {
        Ok(()) => return certain(Encoding::default()),
        Err(unknown) if unknown.cut && (!whole || bytes.len() == SAMPLE) && unknown.at > 0 => {
            if !text.is_ascii() {
                return certain(Encoding::default());
            }
        }
        Err(_) => {}
    }
    single_byte(bytes)
}

/// Whether the bytes are EBCDIC: nearly all of them its letters, digits and blanks, and no blank of ASCII among them. A
/// carriage return is the same in both.
pub(super) fn is_ebcdic(bytes: &[u8]) -> bool {
    let bytes = &bytes[..bytes.len().min(SAMPLE)];
    let count = |is: fn(&u8) -> bool| bytes.iter().filter(|byte| is(byte)).count();
    let blanks = count(|byte| *byte == 0x40);
    let signs = count(|byte| matches!(byte, 0x81..=0xA9 | 0xC1..=0xE9 | 0xF0..=0xF9));
    let ascii = count(|byte| matches!(byte, b' ' | b'\n' | 0));
    blanks > 0
        && ascii == 0
        && count(|byte| matches!(byte, 0xF0..=0xF9)) > 0
        && (blanks + signs) * 4 > bytes.len() * 3
}

/// UTF-16 without a mark: delimiters, digits and line ends are ASCII, so that many bytes of one half are NUL.
fn utf16(bytes: &[u8]) -> Option<Encoding> {
    let (pairs, _) = bytes.as_chunks::<2>();
    let zeros = |half: usize| pairs.iter().filter(|pair| pair[half] == 0).count() * 3 > pairs.len();
    let label = match (zeros(0), zeros(1)) {
        (false, true) => "utf-16le",
        (true, false) => "utf-16be",
        _ => return None,
    };
    label.parse().ok()
}

fn single_byte(bytes: &[u8]) -> Guess {
    let words = Words::of(bytes);
    let mut found: Vec<(f64, String, Encoding)> = Vec::new();
    for (label, usual) in CANDIDATES {
        let Ok(encoding) = label.parse::<Encoding>() else { continue };
        let Some(text) = encoding.decode(bytes) else { continue };
        let best = LANGUAGES.iter().zip(&words.0).map(|(language, word)| likelihood(&text, language) + word);
        let best = best.fold(f64::NEG_INFINITY, f64::max);
        found.push((best + usual, text, encoding));
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    let Some((best, text, encoding)) = found.first() else {
        return Guess { encoding: Encoding::default(), confidence: 0.0, others: Vec::new() };
    };
    let mut readings: Vec<&String> = vec![text];
    let mut others = vec![*encoding];
    let mut odds = f64::INFINITY;
    for (score, other, encoding) in &found {
        if readings.contains(&other) {
            continue;
        }
        odds = odds.min((best - score).exp());
        if best - score > UNLIKELY || others.len() > 3 {
            break;
        }
        readings.push(other);
        others.push(*encoding);
    }
    let mut confidence = if odds.is_finite() { odds / (1.0 + odds) } else { 1.0 };
    if text.contains('Ã') && holds_utf8(bytes) || has_signs_in_words(text) {
        confidence = confidence.min(MIXED);
    }
    Guess { encoding: *encoding, confidence, others }
}

/// Whether some letters of Western Europe are written as in UTF-8, such as `Ã¸` for ø.
fn holds_utf8(bytes: &[u8]) -> bool {
    bytes.array_windows::<2>().any(|[first, second]| *first == 0xC3 && (0x80..0xC0).contains(second))
}

/// Whether signs stand where letters should, as in `r°n` or `┼rhus`: some lines are in another encoding.
fn has_signs_in_words(text: &str) -> bool {
    let is_letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
    let mut before = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let after = chars.peek().copied();
        if !c.is_ascii() && !c.is_alphanumeric() && !c.is_whitespace() && !TYPOGRAPHIC.contains(c) {
            let number = c == '°' && matches!(before, Some('n' | 'N'));
            let inside = is_letter(before) && is_letter(after) && !number;
            let odd = !SIGNS.contains(c) && (is_letter(before) || is_letter(after));
            if inside || odd {
                return true;
            }
        }
        before = Some(c);
    }
    false
}

/// How likely the letters and signs beyond ASCII are in a text of this language, as a logarithm.
fn likelihood(text: &str, language: &Language) -> f64 {
    let total: f64 = language.letters.iter().map(|(_, count)| f64::from(*count)).sum::<f64>() / PER;
    let plain = (1.0 - total.min(0.98)).ln();
    let mut sum = 0.0;
    let mut before = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_ascii_alphabetic() {
            sum += plain;
        } else if !c.is_ascii() {
            sum += one(c, before, chars.peek().copied(), language);
        }
        before = Some(c);
    }
    sum
}

/// The same of one character between its neighbours.
fn one(c: char, before: Option<char>, after: Option<char>, language: &Language) -> f64 {
    let is_letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
    if !c.is_alphabetic() || c == 'º' || c == 'ª' {
        let usual = if SIGNS.contains(c) { SIGN } else { ODD_SIGN };
        let inside = is_letter(before) && is_letter(after) && !BETWEEN_LETTERS.contains(c);
        return usual.ln() + if inside { INSIDE_WORD } else { 0.0 };
    }
    let small = small(c);
    let own = language
        .letters
        .iter()
        .find(|(letter, _)| *letter == small)
        .map(|(_, count)| f64::from(*count) / PER);
    let often = own.unwrap_or(0.0) + if is_european(small) { FOREIGN } else { STRANGE };
    let mut log = often.ln();
    if c.is_uppercase() {
        // Within a word a capital stands among capitals.
        if before.is_some_and(char::is_lowercase)
            || (is_letter(before) && after.is_some_and(char::is_lowercase))
        {
            log += WRONG_CASE;
        } else if !is_letter(before) {
            log += -0.7;
        } else {
            log += -0.4;
        }
    } else {
        let among_capitals = before.is_some_and(char::is_uppercase) && after.is_some_and(char::is_uppercase);
        if among_capitals {
            log += WRONG_CASE;
        }
        if !is_letter(before) && !is_letter(after) {
            log += -2.0;
        }
    }
    log
}

fn small(c: char) -> char {
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(only), None) => only,
        (Some(first), Some(_)) => first,
        _ => c,
    }
}

/// Whether a small letter is one of any of the languages.
fn is_european(letter: char) -> bool {
    LANGUAGES.iter().any(|language| language.letters.iter().any(|(other, _)| *other == letter))
}

/// For each language what the plain words of a text say for it.
struct Words(Vec<f64>);

impl Words {
    fn of(bytes: &[u8]) -> Self {
        let mut counts: HashMap<Vec<u8>, u32> = HashMap::new();
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/' | 0x80..);
        for word in bytes.split(|byte| !is_part(byte)).filter(|word| (1..40).contains(&word.len())) {
            *counts.entry(word.to_ascii_lowercase()).or_default() += 1;
        }
        let says = |language: &Language| {
            let mut sum = 0.0;
            for hint in language.words {
                let end = hint.strip_prefix('-').map(str::as_bytes);
                let times: u32 = match end {
                    Some(end) => counts
                        .iter()
                        .filter(|(word, _)| word.len() > end.len() + 1 && word.ends_with(end))
                        .map(|(_, times)| *times)
                        .sum(),
                    None => counts.get(hint.as_bytes()).copied().unwrap_or_default(),
                };
                // A short word or ending says less than a long one.
                let weight = WORD * (hint.trim_start_matches('-').len() as f64 / 4.0).clamp(0.3, 1.2);
                sum += weight * f64::from(times).ln_1p().min(3.0);
            }
            sum.min(ALL_WORDS)
        };
        Self(LANGUAGES.iter().map(says).collect())
    }
}
