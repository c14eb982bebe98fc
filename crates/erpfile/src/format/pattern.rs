//! Which file names a format takes.

use super::Format;

/// Endings of files that programs still write or fetch and rename when they are whole.
const TEMPORARY_ENDINGS: &[&str] =
    &["~", ".part", ".partial", ".filepart", ".tmp", ".temp", ".crdownload", ".swp"];

impl Format {
    /// Whether a file of this name (without its folder) is one of this format's.
    ///
    /// Without a `*` the name must be exactly [`Format::filename`], case included. Each `*` stands for any
    /// characters or none; but names that begin with a dot, or that look temporary (`~`, `.part`,
    /// `.filepart`, `.tmp`, `.crdownload`, in any case), are never taken by a wildcard. A name
    /// with a control character in it is never taken.
    pub fn takes(&self, filename: &str) -> bool {
        // A control character in a name is a mistake or an attack: it could forge what a log or a terminal shows.
        if filename.is_empty() || filename.contains(|c: char| matches!(c, '/' | '\\') || c.is_control()) {
            return false;
        }
        if !self.filename.contains('*') {
            return self.filename == filename;
        }
        !looks_temporary(filename) && matches(&self.filename, filename)
    }

    /// Whether a file of this name would be one of this format's if its capital letters were small ones or the other way
    /// round: somebody should know, since it is never taken.
    pub fn takes_but_for_case(&self, filename: &str) -> bool {
        !self.takes(filename)
            && !looks_temporary(filename)
            && matches(&self.filename.to_lowercase(), &filename.to_lowercase())
    }
}

fn looks_temporary(filename: &str) -> bool {
    let lower = filename.to_lowercase();
    // A leading dot also covers `._name`, which macOS writes beside a file, and claimed deliveries; a
    // leading `~` is the lock that office programs put beside an open document.
    lower.starts_with(['.', '~']) || TEMPORARY_ENDINGS.iter().any(|ending| lower.ends_with(ending))
}

/// Whether `name` fits `pattern`, in which `*` stands for any characters: the first and last piece are anchored, those between are found in order.
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(last) = pieces.next_back() else { return pattern == name };
    let Some(mut rest) = name.strip_prefix(first).and_then(|rest| rest.strip_suffix(last)) else {
        return false;
    };
    for piece in pieces {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    true
}
