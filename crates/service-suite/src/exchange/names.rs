//! Which names in a place are deliveries: the filename of a format, and names that never are.

/// A format's `filename`: an exact name, or one with `*` for any run of characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Pattern(String);

impl Pattern {
    /// A pattern as written in the settings. Case counts: `Customers.txt` is not `customers.txt`.
    pub(crate) fn new(filename: &str) -> Self {
        Self(filename.to_owned())
    }

    /// The one name that fits, if the pattern has no `*`.
    pub(crate) fn exact(&self) -> Option<&str> {
        (!self.0.contains('*')).then_some(self.0.as_str())
    }

    /// Whether a name fits. `*` fits neither hidden names (this program's own claims are such) nor names
    /// under which programs keep unfinished files; an exact name fits itself, whatever it looks like.
    pub(crate) fn matches(&self, name: &str) -> bool {
        match self.exact() {
            Some(exact) => exact == name,
            None => !is_unfinished(name) && glob(self.0.as_bytes(), name.as_bytes()),
        }
    }
}

/// Whether programs use such a name for a file that they have not finished, or for their own purposes:
/// hidden names (rsync's, macOS's `._` files), and those of editors, browsers and transfer programs.
pub(crate) fn is_unfinished(name: &str) -> bool {
    const ENDINGS: [&str; 8] =
        ["~", ".part", ".partial", ".filepart", ".tmp", ".temp", ".crdownload", ".swp"];
    let lower = name.to_lowercase();
    name.starts_with(['.', '~']) || ENDINGS.iter().any(|ending| lower.ends_with(ending))
}

/// Fits the pieces between the stars from left to right. With only stars as wild cards the leftmost fit of
/// each piece is as good as any, so there is nothing to go back for.
fn glob(pattern: &[u8], name: &[u8]) -> bool {
    let mut pieces = pattern.split(|byte| *byte == b'*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut pieces: Vec<&[u8]> = pieces.collect();
    let Some(last) = pieces.pop() else { return rest.is_empty() };
    for piece in pieces {
        if piece.is_empty() {
            continue;
        }
        let Some(at) = rest.windows(piece.len()).position(|window| window == piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_fits() {
        for (pattern, name, fits) in [
            ("customers.txt", "customers.txt", true),
            ("customers.txt", "Customers.txt", false),
            ("customers.txt", "customers.txt.part", false),
            ("customers-*.txt", "customers-1.txt", true),
            ("customers-*.txt", "customers-.txt", true),
            ("customers-*.txt", "customers-1.txt.tmp", false),
            ("customers-*.txt", "customers-Ærø.txt", true),
            ("customers-*.txt", "customers.txt", false),
            ("*.txt", "customers.txt", true),
            ("*.txt", ".customers.txt", false),
            ("*.txt*", ".customers.txt.7", false),
            ("*", "._customers.txt", false),
            ("*", "~$customers.txt", false),
            ("*", "customers.txt~", false),
            ("*", "customers.txt.FILEPART", false),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("*b*b*", "abcb", true),
            ("*b*b*", "abc", false),
            ("**.txt", "x.txt", true),
        ] {
            assert_eq!(Pattern::new(pattern).matches(name), fits, "{pattern} {name}");
        }
    }

    /// The definition, straight from the words: a star stands for any run.
    fn by_definition(pattern: &[u8], name: &[u8]) -> bool {
        match pattern.split_first() {
            None => name.is_empty(),
            Some((b'*', rest)) => (0..=name.len()).any(|run| by_definition(rest, &name[run..])),
            Some((byte, rest)) => name.first() == Some(byte) && by_definition(rest, &name[1..]),
        }
    }

    proptest! {
        #[test]
        fn the_pieces_fit_when_the_definition_does(pattern in "[ab*]{0,8}", name in "[ab]{0,10}") {
            prop_assert_eq!(glob(pattern.as_bytes(), name.as_bytes()), by_definition(pattern.as_bytes(), name.as_bytes()));
        }
    }
}
