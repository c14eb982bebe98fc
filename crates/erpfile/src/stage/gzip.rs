//! gzip: one compressed file, or several one after the other, which are one file when unpacked.

use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;

use super::unpack::GZIP;

/// Reads what is unpacked.
pub(super) struct Members<R> {
    /// `None` after the last one.
    current: Option<GzDecoder<R>>,
}

impl<R: BufRead> Members<R> {
    pub(super) fn new(source: R) -> Self {
        Self { current: Some(GzDecoder::new(source)) }
    }
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.current {
            let count = member.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            let Some(member) = self.current.take() else { break };
            let mut source = member.into_inner();
            if source.fill_buf()?.first() == Some(&GZIP) {
                self.current = Some(GzDecoder::new(source));
            } else {
                only_zeros(source)?;
            }
        }
        Ok(0)
    }
}

/// Passes over the zeros with which tapes and some file servers fill a file up. (RFC 1952 says nothing of what may follow.)
fn only_zeros(mut source: impl BufRead) -> io::Result<()> {
    loop {
        let rest = source.fill_buf()?;
        if rest.iter().any(|byte| *byte != 0) {
            let message = "something else stands behind the end of what is compressed";
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        match rest.len() {
            0 => return Ok(()),
            count => source.consume(count),
        }
    }
}
