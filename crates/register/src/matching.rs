//! Which keys are the same, by what the format says does not count.

use std::borrow::Cow;

use erpfile::{Format, IgnoredInKey};

/// How the keys of a file are compared with those of the records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Matching {
    case: bool,
    zeros: bool,
    blanks: bool,
}

impl Matching {
    /// Of everything that a format may leave out of a key nothing counts: keys that any format takes for the same are the
    /// same by this.
    pub(crate) const LOOSEST: Matching = Matching { case: true, zeros: true, blanks: true };

    pub(crate) fn new(format: &Format) -> Matching {
        let ignored = |what| format.ignore_in_key.contains(&what);
        Matching {
            case: ignored(IgnoredInKey::Case),
            zeros: ignored(IgnoredInKey::Zeros),
            blanks: ignored(IgnoredInKey::Blanks),
        }
    }

    /// Whether only the same key is the same.
    pub(crate) fn is_exact(self) -> bool {
        self == Matching::default()
    }

    /// What is left of a key: equal for two keys exactly if they are the same.
    pub(crate) fn fold(self, key: &str) -> Cow<'_, str> {
        if self.is_exact() {
            return Cow::Borrowed(key);
        }
        let mut folded = key.to_owned();
        if self.blanks {
            folded.retain(|c| !c.is_whitespace());
        }
        if self.zeros {
            let rest = folded.trim_start_matches('0');
            // A key of zeros alone is the number 0.
            folded = if rest.is_empty() { "0".to_owned() } else { rest.to_owned() };
        }
        if self.case {
            // By way of the capitals, since several small letters can have the same one.
            folded = folded.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect();
        }
        Cow::Owned(folded)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn keys_that_are_the_same_by_any_format_are_the_same_by_the_loosest(
            key in "[0 aAßẞſİıKk\u{a0}]{0,6}", other in "[0 aAßẞſİıKk\u{a0}]{0,6}",
            (case, zeros, blanks) in any::<(bool, bool, bool)>(),
        ) {
            let format = Matching { case, zeros, blanks };
            let folded = format.fold(&key);
            for other in [other.as_str(), &folded, &key.to_uppercase(), &key.to_lowercase(), &format!("0{key}")] {
                if format.fold(other) == folded {
                    prop_assert_eq!(Matching::LOOSEST.fold(other), Matching::LOOSEST.fold(&key));
                }
            }
        }
    }

    #[test]
    fn what_does_not_count_is_left_out_of_keys() {
        use IgnoredInKey::{Blanks, Case, Zeros};
        let table: &[(&[IgnoredInKey], &str, &str, bool)] = &[
            (&[], "42", "42", true),
            (&[], "42", "042", false),
            (&[], "a", "A", false),
            (&[Zeros], "42", "00042", true),
            (&[Zeros], "0", "000", true),
            (&[Zeros], "420", "42", false),
            (&[Zeros], "K042", "K42", false),
            (&[Case], "æø-1", "ÆØ-1", true),
            (&[Case], "STRASSE", "straße", true),
            (&[Case], "42", "042", false),
            (&[Blanks], " 4 2\u{a0}", "42", true),
            (&[Blanks], "42", "4-2", false),
            (&[Zeros, Blanks], "0 0 42", "42", true),
            (&[Case, Zeros, Blanks], " 0k 7", "K7", true),
        ];
        for (ignored, one, other, same) in table {
            let format = Format { ignore_in_key: ignored.to_vec(), ..Format::default() };
            let matching = Matching::new(&format);
            assert_eq!(matching.fold(one) == matching.fold(other), *same, "{ignored:?} {one:?} {other:?}");
        }
    }
}
