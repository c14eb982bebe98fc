//! Private copies that were read back while they were made: each block right after it was written, and it was what had
//! been written. Such a copy need not be read through again before it is archived, unless it has lain for long.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Bytes from which on it is worth the trouble: a smaller copy is read through again in no time.
const LEAST: u64 = 1 << 20;

/// For how long it counts.
const FRESH: Duration = Duration::from_secs(3600);

/// So many copies are remembered; one that was forgotten is read through again.
const MOST: usize = 64;

/// The copies of this process that were read back.
static COPIES: Mutex<Vec<Copy>> = Mutex::new(Vec::new());

/// A copy as it was when it was whole.
struct Copy {
    is: Identity,
    at: Instant,
}

/// Another file, or one that was written to since, has another one.
#[derive(Debug, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
    length: u64,
    modified: (i64, i64),
}

impl Identity {
    fn of(file: &Metadata) -> Identity {
        Identity {
            device: file.dev(),
            inode: file.ino(),
            length: file.len(),
            modified: (file.mtime(), file.mtime_nsec()),
        }
    }
}

/// Reads back what is written to one file.
#[derive(Debug, Default)]
pub(super) struct ReadBack {
    /// What was read; `None` when the copy is to be read through later.
    read: Option<Vec<u8>>,
}

impl ReadBack {
    /// For a copy of so many bytes.
    pub(super) fn of(expected: u64) -> ReadBack {
        ReadBack { read: (expected >= LEAST).then(Vec::new) }
    }

    /// `bytes` were written at a byte offset.
    ///
    /// # Errors
    /// When they cannot be read, or are others.
    pub(super) fn written(&mut self, file: &File, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let Some(read) = &mut self.read else { return Ok(()) };
        read.resize(bytes.len(), 0);
        file.read_exact_at(read, offset)?;
        if read == bytes {
            return Ok(());
        }
        Err(io::Error::other("it does not read back as it was written; the disk may be failing"))
    }

    /// All was written, and this is the whole copy.
    pub(super) fn finish(self, file: &File) {
        // Where it cannot be looked at, it is read through later.
        let (Some(_), Ok(now)) = (self.read, file.metadata()) else { return };
        let mut copies = COPIES.lock().unwrap_or_else(PoisonError::into_inner);
        copies.retain(|copy| copy.at.elapsed() < FRESH);
        if copies.len() >= MOST {
            copies.remove(0);
        }
        copies.push(Copy { is: Identity::of(&now), at: Instant::now() });
    }
}

/// Whether this process has read the file back a short while ago, and it was not written to since.
pub(super) fn was_read_back(file: &File) -> bool {
    let Ok(now) = file.metadata() else { return false };
    let now = Identity::of(&now);
    let copies = COPIES.lock().unwrap_or_else(PoisonError::into_inner);
    copies.iter().any(|copy| copy.is == now && copy.at.elapsed() < FRESH)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: usize = 1 << 19;

    /// A file of three blocks, one of which the disk has changed before it is read back.
    fn copied(expected: u64, changed: Option<usize>) -> io::Result<File> {
        let file = tempfile::tempfile()?;
        let mut read_back = ReadBack::of(expected);
        for block in 0..3 {
            let (offset, bytes) = ((block * BLOCK) as u64, vec![block as u8; BLOCK]);
            file.write_all_at(&bytes, offset)?;
            if changed == Some(block) {
                file.write_all_at(b"x", offset + 77)?;
            }
            read_back.written(&file, offset, &bytes)?;
        }
        read_back.finish(&file);
        Ok(file)
    }

    #[test]
    fn a_copy_that_reads_back_as_it_was_written_is_known_until_it_is_written_to() {
        let whole = 3 * BLOCK as u64;
        let file = copied(whole, None).unwrap();
        assert!(was_read_back(&file));
        assert!(!was_read_back(&copied(0, None).unwrap()), "a small one is read through later");
        assert!(!was_read_back(&tempfile::tempfile().unwrap()));
        file.write_all_at(b"more", whole).unwrap();
        assert!(!was_read_back(&file));
    }

    #[test]
    fn a_block_that_does_not_read_back_is_an_error_wherever_it_lies() {
        for block in 0..3 {
            let error = copied(3 * BLOCK as u64, Some(block)).unwrap_err();
            assert!(error.to_string().contains("the disk may be failing"), "{error}");
        }
    }
}
