//! Searching: text by the beginnings of its words, ignoring case and accents.
//!
//! Each record has one line of folded words, made here from the fields that are searched. The index (a table of words
//! per register) and the match of a single record use the same line, so both always agree.

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

mod postings;
mod segment;

pub(crate) use self::segment::{Gathering, Segment};
use crate::field::Kind;
use crate::{Field, Register, contacts};

/// Appends the words of `text` to `out`, each after one blank, folded: lower case, without accents, and with the
/// letters that have no accent to lose written out (ø as o, æ as ae, ß as ss ...).
pub(crate) fn fold(text: &str, out: &mut String) {
    let mut inside = false;
    for c in text.chars() {
        if c.is_ascii() {
            if c.is_ascii_alphanumeric() {
                begin(&mut inside, out);
                out.push(c.to_ascii_lowercase());
            } else {
                inside = false;
            }
        } else if let Some(plain) = plain(c) {
            begin(&mut inside, out);
            out.push_str(plain);
        } else {
            decompose_compatible(c, |part| {
                for c in part.to_lowercase() {
                    match plain(c) {
                        // Lower case can bring a mark of its own (the dot of İ).
                        _ if is_combining_mark(c) => {}
                        Some(plain) => {
                            begin(&mut inside, out);
                            out.push_str(plain);
                        }
                        None if c.is_alphanumeric() => {
                            begin(&mut inside, out);
                            out.push(c);
                        }
                        None => inside = false,
                    }
                }
            });
        }
    }
}

/// The words of `text`, folded, each after one blank.
pub(crate) fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 1);
    fold(text, &mut out);
    out
}

fn begin(inside: &mut bool, out: &mut String) {
    if !*inside {
        out.push(' ');
        *inside = true;
    }
}

/// Letters that no decomposition makes plain, and the frequent ones that it would.
fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        'å' | 'Å' | 'ä' | 'Ä' | 'à' | 'á' => "a",
        'ö' | 'Ö' | 'ø' | 'Ø' | 'ó' => "o",
        'ü' | 'Ü' => "u",
        'é' | 'É' | 'è' => "e",
        'æ' | 'Æ' => "ae",
        'œ' | 'Œ' => "oe",
        'ß' | 'ẞ' => "ss",
        'þ' | 'Þ' => "th",
        'ł' | 'Ł' => "l",
        'đ' | 'Đ' | 'ð' | 'Ð' => "d",
        'ħ' | 'Ħ' => "h",
        'ı' => "i",
        'ŧ' | 'Ŧ' => "t",
        _ => return None,
    })
}

/// Appends the words under which a value of `field` is found.
pub(crate) fn words(field: &Field, value: &str, out: &mut String) {
    if field.kind == Kind::Contacts {
        for contact in contacts::list(Some(value)) {
            for (part, value) in contacts::PARTS.iter().zip(contact.parts()) {
                words(part, value.unwrap_or_default(), out);
            }
        }
        return;
    }
    let start = out.len();
    fold(value, out);
    if let Kind::Phone { .. } = field.kind {
        // `+45 86 12 34 56` is also found as 4586123456 and as 86123456.
        let parts: Vec<&str> = out[start..].split_ascii_whitespace().collect();
        if parts.len() > 1 {
            let mut joined = format!(" {}", parts.concat());
            if parts.len() > 2 && value.trim_start().starts_with(['+', '0', '(']) {
                joined.push(' ');
                joined.push_str(&parts[1..].concat());
            }
            out.push_str(&joined);
        }
    }
}

/// The searched fields of a register, with their places among its fields.
pub(crate) fn searched(register: &Register) -> impl Iterator<Item = (usize, &'static Field)> {
    register.fields.iter().enumerate().filter(|(_, field)| field.searched)
}

/// The line of words under which a record is found; `value` gives the text of the field at a place.
pub(crate) fn line<'a>(register: &Register, value: impl Fn(usize) -> Option<&'a str>, out: &mut String) {
    out.clear();
    for (at, field) in searched(register) {
        if let Some(text) = value(at) {
            words(field, text, out);
        }
    }
}

/// Words that are looked for; further ones, the shortest, do not count. The index allows some hundreds.
const MOST_WORDS: usize = 20;

/// A word that one record in so many has, or more, is frequent.
const FREQUENT: u64 = 50;

/// What somebody looks for: words, each of which must begin a word of the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Needle {
    /// The words, each with a blank before it.
    words: Vec<String>,
    /// The words as one, when they are all digits: a telephone number typed with blanks.
    joined: Option<String>,
}

impl Needle {
    /// `None` when `text` holds no word, so that everything is found.
    pub(crate) fn new(text: &str) -> Option<Needle> {
        let mut folded = String::new();
        fold(text, &mut folded);
        let mut words: Vec<String> = folded.split_ascii_whitespace().map(|word| format!(" {word}")).collect();
        let digits = words.len() > 1 && folded.bytes().all(|b| b.is_ascii_digit() || b == b' ');
        let joined = digits.then(|| format!(" {}", folded.replace(' ', "")));
        // The longest word says most: it is looked for first.
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        words.dedup();
        words.truncate(MOST_WORDS);
        (!words.is_empty()).then_some(Needle { words, joined })
    }

    /// Whether a record with this line of words is found.
    pub(crate) fn finds(&self, line: &str) -> bool {
        self.words.iter().all(|word| line.contains(word.as_str()))
            || self.joined.as_ref().is_some_and(|joined| line.contains(joined.as_str()))
    }

    /// How many words there are.
    pub(crate) fn len(&self) -> usize {
        self.words.len()
    }

    /// The same as [`Needle::finds`], and counts in `seen` which of the words the line has.
    pub(crate) fn finds_and_counts(&self, line: &str, seen: &mut Vec<u64>) -> bool {
        seen.resize(self.words.len(), 0);
        let mut all = true;
        for (word, seen) in self.words.iter().zip(seen) {
            let has = line.contains(word.as_str());
            *seen += u64::from(has);
            all &= has;
        }
        all || self.joined.as_ref().is_some_and(|joined| line.contains(joined.as_str()))
    }

    /// The words that it is best to ask the index for, when `seen` says how many of `looked` records have each. The
    /// index takes time for every record that has a word, so that frequent words are looked for in what the rare ones
    /// find. One word at least, and never one that would find less than all that is looked for.
    pub(crate) fn telling(&self, seen: &[u64], looked: u64) -> Vec<usize> {
        let seen = |word: &usize| seen.get(*word).copied().unwrap_or(0);
        // Of the words, the longest come first: of equally rare ones they are rarer elsewhere.
        let rarest = (0..self.words.len()).min_by_key(seen).unwrap_or(0);
        (0..self.words.len()).filter(|word| *word == rarest || seen(word) * FREQUENT < looked).collect()
    }

    /// The question to the index for these of the words: what it finds has all that is looked for, and maybe more.
    pub(crate) fn question(&self, words: &[usize]) -> String {
        let words: Vec<String> = words
            .iter()
            .filter_map(|word| self.words.get(*word))
            .map(|word| format!("\"{}\"*", &word[1..]))
            .collect();
        let words = words.join(" AND ");
        match &self.joined {
            Some(joined) => format!("({words}) OR \"{}\"*", &joined[1..]),
            None => words,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CUSTOMERS;

    #[test]
    fn case_and_accents_do_not_count() {
        for (text, words) in [
            ("Ærø Smørrebrød A/S", " aero smorrebrod a s"),
            ("Århus", " arhus"),
            ("Müller & Söhne GmbH", " muller sohne gmbh"),
            ("STRASSE straße", " strasse strasse"),
            ("Łódź Đorđe Þór Œuvre", " lodz dorde thor oeuvre"),
            ("İstanbul", " istanbul"),
            ("e\u{301}te\u{301}", " ete"),
            ("--", ""),
            ("ﬁnn № ½ ǿ Ǽ Å", " finn no 1 2 o ae a"),
            ("Ωμέγα 東京", " ωμεγα 東京"),
        ] {
            assert_eq!(folded(text), words, "{text}");
        }
    }

    #[test]
    fn the_index_is_asked_for_rare_words_and_what_it_finds_is_looked_at() {
        let needle = Needle::new("post.4711@firma").unwrap();
        for (seen, asked) in [
            // In the order of their length: firma, post, 4711.
            ([1000, 1000, 1], "\"4711\"*"),
            ([1, 1000, 1], "\"firma\"* AND \"4711\"*"),
            ([0, 0, 0], "\"firma\"* AND \"post\"* AND \"4711\"*"),
            ([500, 400, 300], "\"4711\"*"),
            ([500, 500, 500], "\"firma\"*"),
        ] {
            assert_eq!(needle.question(&needle.telling(&seen, 1000)), asked, "{seen:?}");
        }
        let telephone = Needle::new("86 12").unwrap();
        assert_eq!(telephone.question(&telephone.telling(&[9, 1], 10)), "(\"12\"*) OR \"8612\"*");
    }

    #[test]
    fn a_record_is_found_by_the_beginnings_of_its_words() {
        let values = |name: &str| match name {
            "number" => Some("K-1007"),
            "name" => Some("Bager Ølund ApS"),
            "city" => Some("Århus C"),
            "phone" => Some("+45 86 12 34 56"),
            "email" => Some("info@olund.dk"),
            "notes" => Some("secret"),
            _ => None,
        };
        let mut words = String::new();
        line(&CUSTOMERS, |at| values(CUSTOMERS.fields[at].name), &mut words);
        for text in [
            "bag",
            "ØLUND",
            "olu bag",
            "k-10",
            "1007",
            "arh",
            "86123456",
            "4586123",
            "86 12 34 56",
            "+45 8612",
            "olund.dk",
        ] {
            assert!(Needle::new(text).unwrap().finds(&words), "{text} in {words}");
        }
        for text in ["ager", "bager jensen", "secret", "6123456", "86 99"] {
            assert!(!Needle::new(text).unwrap().finds(&words), "{text} in {words}");
        }
        assert_eq!(Needle::new(" - "), None);
        let mut seen = Vec::new();
        assert!(!Needle::new("bager 4711").unwrap().finds_and_counts(&words, &mut seen));
        assert_eq!(seen, [1, 0]);
        let many = "bager ".repeat(3) + &"o ".repeat(5000);
        assert!(Needle::new(&many).unwrap().finds(&words));
    }
}
