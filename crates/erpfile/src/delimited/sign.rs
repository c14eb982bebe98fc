//! A sign between or around cells.

use memchr::{memchr, memmem};

/// A delimiter, a quote or an escape. Nearly always it is a single byte, and then as quick as one.
#[derive(Clone, Debug)]
pub(super) struct Sign {
    pub(super) text: String,
    /// Its first byte; 0 when there is no such sign.
    pub(super) first: u8,
}

impl Sign {
    pub(super) fn new(text: &str) -> Self {
        Self { text: text.to_owned(), first: text.bytes().next().unwrap_or_default() }
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// Where it stands first; nowhere when there is no such sign.
    #[inline]
    pub(super) fn find(&self, text: &str) -> Option<usize> {
        match self.len() {
            0 => None,
            1 => memchr(self.first, text.as_bytes()),
            _ => memmem::find(text.as_bytes(), self.text.as_bytes()),
        }
    }

    /// Whether a text begins with it; never when there is no such sign.
    #[inline]
    pub(super) fn begins(&self, text: &str) -> bool {
        match (self.len(), text.as_bytes().first()) {
            (1.., Some(first)) if *first == self.first => self.len() == 1 || text.starts_with(&self.text),
            _ => false,
        }
    }
}
