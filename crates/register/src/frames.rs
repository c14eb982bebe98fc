//! Pieces of bytes written one after the other to a scratch file and read back, a bounded window at a time.

use std::fs::File;
use std::io::{self, ErrorKind};

/// Each piece has its length before it.
const LENGTH: usize = size_of::<u32>();

/// Bytes gathered before they are written.
const WRITE_BUFFER: usize = 128 << 10;

/// Where scratch files come from: each is empty, open for reading and writing, and gone when it is dropped.
pub trait Scratch: Send + Sync {
    /// A new scratch file.
    ///
    /// # Errors
    /// Whatever keeps the file from being made.
    fn file(&self) -> io::Result<File>;
}

/// A scratch file could not be made, written or read. A type of its own, so that it is never taken for a failure of the
/// file that is imported.
#[derive(Debug)]
pub(crate) struct ScratchError(pub(crate) io::Error);

impl From<io::Error> for ScratchError {
    fn from(error: io::Error) -> ScratchError {
        ScratchError(error)
    }
}

/// What working with scratch files comes to.
pub(crate) type ScratchResult<T> = Result<T, ScratchError>;

/// Writes pieces; the file is only asked for with the first full buffer.
pub(crate) struct Writer<'s> {
    scratch: &'s dyn Scratch,
    file: Option<File>,
    written: u64,
    buffer: Vec<u8>,
    pieces: u64,
}

impl<'s> Writer<'s> {
    pub(crate) fn new(scratch: &'s dyn Scratch) -> Writer<'s> {
        Writer { scratch, file: None, written: 0, buffer: Vec::new(), pieces: 0 }
    }

    /// Appends a piece that is the parts given, one after the other.
    pub(crate) fn push(&mut self, parts: &[&[u8]]) -> ScratchResult<()> {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        let length = u32::try_from(length).map_err(|_| io::Error::other("a piece of over 4 GiB"))?;
        self.buffer.extend_from_slice(&length.to_le_bytes());
        parts.iter().for_each(|part| self.buffer.extend_from_slice(part));
        self.pieces += 1;
        if self.buffer.len() >= WRITE_BUFFER { self.flush() } else { Ok(()) }
    }

    /// Where the next piece will begin.
    pub(crate) fn position(&self) -> u64 {
        self.written + self.buffer.len() as u64
    }

    fn flush(&mut self) -> ScratchResult<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(self.scratch.file()?),
        };
        write_all_at(file, &self.buffer, self.written)?;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    /// Ends the writing; what was little stays in memory.
    pub(crate) fn finish(mut self) -> ScratchResult<Pieces> {
        if self.file.is_some() && !self.buffer.is_empty() {
            self.flush()?;
        }
        let end = self.position();
        let kept = if self.file.is_some() { Vec::new() } else { self.buffer };
        Ok(Pieces { file: self.file, kept, end, count: self.pieces })
    }
}

/// Pieces that have been written, to be read any number of times.
pub(crate) struct Pieces {
    file: Option<File>,
    /// All of them, when they are too few for a file.
    kept: Vec<u8>,
    end: u64,
    count: u64,
}

impl Pieces {
    /// How many there are.
    pub(crate) fn len(&self) -> u64 {
        self.count
    }

    /// Reads them from the first on.
    pub(crate) fn reader(&self) -> Reader<'_> {
        self.range(0, self.end, WRITE_BUFFER)
    }

    /// Reads those that lie between two positions, through a window of about `window` bytes.
    pub(crate) fn range(&self, start: u64, end: u64, window: usize) -> Reader<'_> {
        Reader { pieces: self, window: Window::new(start, end, window) }
    }
}

/// Reads pieces in their order.
pub(crate) struct Reader<'p> {
    pieces: &'p Pieces,
    window: Window,
}

impl Reader<'_> {
    /// The next piece; `None` behind the last.
    pub(crate) fn next(&mut self) -> ScratchResult<Option<&[u8]>> {
        self.window.next(self.pieces)
    }
}

/// A place among pieces, and the bytes around it.
pub(crate) struct Window {
    buffer: Vec<u8>,
    /// Where in `buffer` the next piece begins.
    at: usize,
    /// Where in the file the bytes behind `buffer` begin.
    next: u64,
    end: u64,
    size: usize,
}

impl Window {
    pub(crate) fn new(start: u64, end: u64, size: usize) -> Window {
        Window { buffer: Vec::new(), at: 0, next: start, end, size }
    }

    pub(crate) fn next(&mut self, pieces: &Pieces) -> ScratchResult<Option<&[u8]>> {
        if self.at == self.buffer.len() && self.next == self.end {
            return Ok(None);
        }
        self.have(pieces, LENGTH)?;
        let mut length = [0; LENGTH];
        length.copy_from_slice(&self.buffer[self.at..self.at + LENGTH]);
        let length = u32::from_le_bytes(length) as usize;
        self.have(pieces, LENGTH + length)?;
        let start = self.at + LENGTH;
        self.at = start + length;
        Ok(Some(&self.buffer[start..self.at]))
    }

    /// Makes sure that `wanted` bytes from the place on are in the buffer.
    fn have(&mut self, pieces: &Pieces, wanted: usize) -> ScratchResult<()> {
        let there = self.buffer.len() - self.at;
        if there >= wanted {
            return Ok(());
        }
        self.buffer.drain(..self.at);
        self.at = 0;
        let left = usize::try_from(self.end - self.next).unwrap_or(usize::MAX);
        let more = (wanted - there).max(self.size).min(left);
        if more < wanted - there {
            return Err(io::Error::from(ErrorKind::UnexpectedEof).into());
        }
        self.buffer.resize(there + more, 0);
        match &pieces.file {
            Some(file) => read_exact_at(file, &mut self.buffer[there..], self.next)?,
            None => {
                let start = usize::try_from(self.next).unwrap_or(usize::MAX);
                self.buffer[there..].copy_from_slice(&pieces.kept[start..start + more]);
            }
        }
        self.next += more as u64;
        Ok(())
    }
}

#[cfg(unix)]
pub(crate) fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(unix)]
fn write_all_at(file: &File, buffer: &[u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, buffer, offset)
}

#[cfg(windows)]
pub(crate) fn read_exact_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, buffer, offset) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(read) => {
                buffer = &mut buffer[read..];
                offset += read as u64;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(windows)]
fn write_all_at(file: &File, mut buffer: &[u8], mut offset: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match std::os::windows::fs::FileExt::seek_write(file, buffer, offset) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => {
                buffer = &buffer[written..];
                offset += written as u64;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    /// Scratch files for tests, and how many were asked for.
    #[derive(Default)]
    pub(crate) struct Temporary(pub(crate) AtomicU32);

    impl Scratch for Temporary {
        fn file(&self) -> io::Result<File> {
            self.0.fetch_add(1, Ordering::Relaxed);
            tempfile::tempfile()
        }
    }

    #[test]
    fn pieces_come_back_as_they_were_written_whether_few_or_many() {
        for (count, files) in [(0, 0), (3, 0), (5000, 1)] {
            let scratch = Temporary::default();
            let mut writer = Writer::new(&scratch);
            let piece = |i: usize| vec![(i % 251) as u8; i % 97];
            for i in 0..count {
                writer.push(&[&piece(i), b"|", &[i as u8]]).unwrap();
            }
            let pieces = writer.finish().unwrap();
            assert_eq!((pieces.len(), scratch.0.load(Ordering::Relaxed)), (count as u64, files));
            for _ in 0..2 {
                let mut reader = pieces.reader();
                for i in 0..count {
                    let expected = [&piece(i)[..], b"|", &[i as u8]].concat();
                    assert_eq!(reader.next().unwrap(), Some(&expected[..]));
                }
                assert_eq!(reader.next().unwrap(), None);
            }
        }
    }
}
