//! What the name of a column means.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use super::vocabulary::{Meaning, SHORT_INSIDE, WHOLE_ONLY, WORDS};
use crate::search;

/// The longest word that is taken apart.
const LONGEST: usize = 48;

/// What joins the parts of a word in the languages that join them.
const LINKS: &[&str] = &["", "s", "n", "en", "e", "es", "er", "ens"];

static BY_WORD: LazyLock<HashMap<&str, Meaning>> = LazyLock::new(|| {
    let words =
        WORDS.iter().flat_map(|(meaning, words)| words.split_whitespace().map(|word| (word, *meaning)));
    let mut map = HashMap::new();
    for (word, meaning) in words {
        map.entry(word).or_insert(meaning);
    }
    map
});

/// A name of a column, understood as far as it can be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Name {
    /// What its words mean.
    pub(super) meanings: BTreeSet<Meaning>,
    /// The number behind it: 2 in `Address 2`.
    pub(super) index: Option<u32>,
    /// How many of its words mean nothing here.
    pub(super) unknown: usize,
    /// Whether it is called an id rather than a number: of two such columns people know the other one.
    pub(super) id: bool,
    /// Its letters and digits alone, folded.
    pub(super) plain: String,
}

impl Name {
    /// Understands a name: as it is written, or else parted where capitals begin.
    pub(super) fn of(header: &str) -> Name {
        let whole = Name::of_words(&words(header, false));
        if whole.is_known() && whole.unknown == 0 {
            return whole;
        }
        let parted = Name::of_words(&words(header, true));
        let better =
            (parted.unknown, parted.meanings.is_empty()) <= (whole.unknown, whole.meanings.is_empty());
        if better { parted } else { whole }
    }

    fn of_words(words: &[String]) -> Name {
        let mut name = Name { plain: words.concat(), ..Name::default() };
        // A word with a number that is known as a whole is not taken apart: `land1`, `ean13`.
        let mut at = 0;
        while let Some(word) = words.get(at) {
            let number = words.get(at + 1).filter(|next| next.bytes().all(|b| b.is_ascii_digit()));
            let with_number = number.map(|number| format!("{word}{number}"));
            at += 1;
            name.id |= matches!(word.as_str(), "id" | "guid" | "uuid" | "uid" | "sid" | "recid");
            if let Some(meaning) = with_number.as_deref().and_then(|both| BY_WORD.get(both)) {
                name.meanings.insert(*meaning);
                at += 1;
            } else if let Ok(number) = word.parse::<u32>() {
                name.index = Some(number);
            } else if let Some(meanings) = parts(word) {
                name.meanings.extend(meanings);
            } else {
                name.unknown += 1;
            }
        }
        name
    }

    /// Whether it means this and nothing else.
    pub(super) fn is_only(&self, meaning: Meaning) -> bool {
        self.meanings.iter().eq([&meaning]) && self.unknown == 0
    }

    /// Whether it means anything.
    pub(super) fn is_known(&self) -> bool {
        !self.meanings.is_empty()
    }
}

/// The words of a name, folded: parted where signs or digits begin, and capitals, too, if `capitals` says so.
fn words(header: &str, capitals: bool) -> Vec<String> {
    let mut parted = String::with_capacity(header.len() + 8);
    let chars: Vec<char> = header.chars().collect();
    for (at, c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| chars[at]);
        let after = chars.get(at + 1);
        let begins = before.is_some_and(|before| {
            let capital = capitals
                && c.is_uppercase()
                && (before.is_lowercase()
                    || before.is_uppercase() && after.is_some_and(|after| after.is_lowercase()));
            capital || c.is_ascii_digit() != before.is_ascii_digit()
        });
        if begins {
            parted.push(' ');
        }
        match c {
            '%' => parted.push_str(" percent "),
            '#' | '№' => parted.push_str(" number "),
            '°' | 'º' => parted.push_str("umber "),
            c => parted.push(*c),
        }
    }
    // Short forms with a sign in them.
    let mut text = format!("{} ", search::folded(&parted));
    for (from, to) in [
        (" e mail ", " email "),
        (" e post", " epost"),
        (" non actief ", " nonactief "),
        (" non active ", " nonactive "),
        (" a c ", " account "),
        (" c o ", " co "),
        (" y tunnus", " ytunnus"),
        (" n umber ", " number "),
        (" numbero ", " number "),
        (" p o box ", " postbox "),
        (" po box ", " postbox "),
        (" due in ", " days "),
    ] {
        text = text.replace(from, to);
    }
    text.split_whitespace().map(str::to_owned).collect()
}

/// What the parts of a word mean, the word itself first; `None` when it is not made of known parts.
fn parts(word: &str) -> Option<Vec<Meaning>> {
    if let Some(meaning) = BY_WORD.get(word) {
        return Some(vec![*meaning]);
    }
    if word.len() > LONGEST || !word.is_ascii() {
        return None;
    }
    // The fewest parts that make up the word from each place to its end.
    let mut best: Vec<Option<Vec<Meaning>>> = vec![None; word.len() + 1];
    best[word.len()] = Some(Vec::new());
    for at in (0..word.len()).rev() {
        for end in at + 2..=word.len() {
            let part = &word[at..end];
            if !is_part(part) {
                continue;
            }
            let Some(meaning) = BY_WORD.get(part) else { continue };
            for link in LINKS {
                let next = end + link.len();
                if !word[end..].starts_with(link)
                    || next > word.len()
                    || (next == word.len() && !link.is_empty() && *link != "s")
                {
                    continue;
                }
                let Some(rest) = best[next].clone() else { continue };
                if best[at].as_ref().is_none_or(|known| known.len() > rest.len() + 1) {
                    best[at] = Some([vec![*meaning], rest].concat());
                }
            }
        }
    }
    best.swap_remove(0)
}

fn is_part(word: &str) -> bool {
    if word.len() < 3 { SHORT_INSIDE.contains(&word) } else { !WHOLE_ONLY.contains(&word) }
}

/// What most names of a file begin with and none of them means: `CT_` in `CT_Num`, `CT_Intitule`.
pub(super) fn prefix(headers: &[String]) -> Option<String> {
    let named: Vec<&String> = headers.iter().filter(|header| !header.trim().is_empty()).collect();
    let first = named.first()?;
    let ends = first.char_indices().skip(1).map(|(at, _)| at).take(16);
    let shared = |end: &usize| {
        let same = named.iter().filter(|header| header.len() > *end && header.starts_with(&first[..*end]));
        named.len() > 3 && same.count() == named.len()
    };
    let mut longest = ends.filter(shared).last()?;
    // A prefix ends with a sign, or is cut off where all names are capitals without one.
    while longest > 1 && !first[..longest].ends_with(['_', '.', '-', '/', ' ']) {
        longest -= 1;
        while !first.is_char_boundary(longest) {
            longest -= 1;
        }
    }
    if longest > 1 {
        return Some(first[..longest].to_owned());
    }
    let technical = named.iter().all(|header| {
        header.len() > 3 && header.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
    });
    let two = first.get(..2).filter(|two| named.iter().all(|header| header.starts_with(two)));
    two.filter(|_| technical).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::Meaning as M;
    use super::*;

    #[test]
    fn names_are_understood_whatever_their_case_decoration_and_joints() {
        let table: &[(&str, &[M], Option<u32>)] = &[
            ("Kundenr.", &[M::Customer, M::Number], None),
            ("kundenavn", &[M::Customer, M::Name], None),
            ("navn1", &[M::Name], Some(1)),
            ("CustName", &[M::Customer, M::Name], None),
            ("debitor_nr", &[M::Customer, M::Number], None),
            ("*ContactName", &[M::Contact, M::Name], None),
            ("POAddressLine1", &[M::Address, M::Line, M::Post], Some(1)),
            ("Default Address City", &[M::Main, M::Address, M::City], None),
            ("E-Mail", &[M::Email], None),
            ("e-postadresse", &[M::Email], None),
            ("Kontakt E-Mail", &[M::Contact, M::Email], None),
            ("A/C", &[M::Account], None),
            ("N° client", &[M::Number, M::Customer], None),
            ("Straße", &[M::Street], None),
            ("Telefonnummer", &[M::Phone], None),
            ("Rechnungsadresse", &[M::Address, M::Billing], None),
            ("Leveringspostnr", &[M::Delivery, M::Postcode], None),
            ("[orgno]", &[M::Organisation], None),
            ("=custNo", &[M::Customer, M::Number], None),
            ("Firmanavn", &[M::Company, M::Name], None),
            ("Asiakkaan nimi", &[M::Customer, M::Name], None),
            ("Code postal", &[M::Code, M::Post], None),
            ("Rabat %", &[M::Discount, M::Percent], None),
        ];
        for (header, meanings, index) in table {
            let name = Name::of(header);
            let expected: BTreeSet<M> = meanings.iter().copied().collect();
            assert_eq!((&name.meanings, name.index), (&expected, *index), "{header}: {name:?}");
        }
    }

    #[test]
    fn a_prefix_of_all_names_is_found() {
        let names = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(prefix(&names(&["CT_Num", "CT_Intitule", "CT_Ville", "CT_Pays"])).as_deref(), Some("CT_"));
        assert_eq!(prefix(&names(&["OKCUNO", "OKCUNM", "OKTOWN", "OKPONO"])).as_deref(), Some("OK"));
        assert_eq!(prefix(&names(&["Kundenr", "Kundenavn", "Kundeby", "Kundeland"])), None);
        assert_eq!(prefix(&names(&["Nr", "Navn", "By", "Land"])), None);
    }
}
