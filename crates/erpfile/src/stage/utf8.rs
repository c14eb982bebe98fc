//! Any encoding as UTF-8, strictly, while it is read.

use std::io::{self, BufRead, Read};

use crate::delimited::undecodable_at;
use crate::encoding::{self, Decoder, Encoding};
use crate::problem::{Damage, ReadError};

/// Bytes read at a time.
const BLOCK: usize = 64 << 10;

/// Reads a source as UTF-8. A byte that means nothing is an error that holds the [`Damage`].
pub(super) struct Utf8<R> {
    input: R,
    encoding: Encoding,
    decoder: Decoder,
    /// Bytes read and not decoded yet.
    bytes: Vec<u8>,
    text: String,
    /// How much of the text has been taken.
    at: usize,
    line: u64,
    /// Where [`Self::bytes`] begins in the source.
    offset: u64,
    ended: bool,
}

impl<R: Read> Utf8<R> {
    /// For a text in `encoding`, unless it names another one itself: by a byte order mark, or where `declared` finds
    /// its label in the first bytes.
    ///
    /// # Errors
    /// A mark of another encoding than is declared, or a failing source.
    pub(super) fn new(
        mut input: R,
        encoding: Encoding,
        declared: impl FnOnce(&[u8]) -> Result<Option<Encoding>, Damage>,
    ) -> Result<Self, ReadError> {
        let mut bytes = Vec::with_capacity(BLOCK);
        let ended = input.by_ref().take(BLOCK as u64).read_to_end(&mut bytes)? < BLOCK;
        let encoding = match encoding::marked(&bytes) {
            Some(marked) => marked,
            None => declared(&bytes)?.unwrap_or(encoding),
        };
        let (decoder, mark) = encoding::start(encoding, &bytes)?;
        bytes.drain(..mark);
        let mut text = Self {
            input,
            encoding,
            decoder,
            bytes,
            text: String::new(),
            at: 0,
            line: 1,
            offset: mark as u64,
            ended,
        };
        text.decode()?;
        Ok(text)
    }

    /// Decodes what has been read, but for the beginning of a character at its end.
    fn decode(&mut self) -> Result<(), Damage> {
        self.text.clear();
        self.at = 0;
        let taken = match self.decoder.decode(&self.bytes, &mut self.text) {
            Ok(()) => self.bytes.len(),
            Err(unknown) if unknown.cut && !self.ended => unknown.at,
            Err(unknown) => {
                let line = self.line + memchr::memchr_iter(b'\n', self.text.as_bytes()).count() as u64;
                return Err(undecodable_at(
                    self.encoding,
                    &self.bytes,
                    &unknown,
                    line,
                    self.offset,
                    self.ended,
                ));
            }
        };
        self.line += memchr::memchr_iter(b'\n', self.text.as_bytes()).count() as u64;
        self.offset += taken as u64;
        self.bytes.drain(..taken);
        Ok(())
    }
}

impl<R: Read> BufRead for Utf8<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.at == self.text.len() && !(self.ended && self.bytes.is_empty()) {
            let before = self.bytes.len();
            self.input.by_ref().take(BLOCK as u64).read_to_end(&mut self.bytes)?;
            self.ended = self.bytes.len() == before;
            self.decode().map_err(io::Error::other)?;
        }
        Ok(&self.text.as_bytes()[self.at..])
    }

    fn consume(&mut self, amount: usize) {
        self.at = (self.at + amount).min(self.text.len());
    }
}

impl<R: Read> Read for Utf8<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let buffer = self.fill_buf()?;
        let count = buffer.len().min(into.len());
        into[..count].copy_from_slice(&buffer[..count]);
        self.consume(count);
        Ok(count)
    }
}
