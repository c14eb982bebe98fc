//! Private copies that were read back while they were made: each block right after it was written, and it was what had
//! been written. Such a copy need not be read through again before it is archived, unless it has lain for long.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::sync::{Arc, Mutex, PoisonError};
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

/// Reads back what is written to one file, from its start on.
#[derive(Debug, Clone)]
pub(super) struct ReadBack {
    file: Arc<File>,
    offset: u64,
    read: Vec<u8>,
}

impl ReadBack {
    /// For a file in which there will be so many bytes; `None` when it is to be read through later.
    pub(super) fn of(file: &File, expected: u64) -> Option<ReadBack> {
        let file = (expected >= LEAST).then(|| file.try_clone().ok()).flatten()?;
        Some(ReadBack { file: Arc::new(file), offset: 0, read: Vec::new() })
    }

    /// `bytes` were written behind those before.
    ///
    /// # Errors
    /// When they cannot be read, or are others.
    pub(super) fn written(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.read.resize(bytes.len(), 0);
        self.file.read_exact_at(&mut self.read, self.offset)?;
        self.offset += bytes.len() as u64;
        if self.read == bytes {
            return Ok(());
        }
        Err(io::Error::other("it does not read back as it was written; the disk may be failing"))
    }
}

/// All of a file was read back, and nothing will be written to it any more.
pub(super) fn remember(file: &File) {
    // Where it cannot be looked at, it is read through later.
    let Ok(now) = file.metadata() else { return };
    let mut copies = COPIES.lock().unwrap_or_else(PoisonError::into_inner);
    copies.retain(|copy| copy.at.elapsed() < FRESH);
    if copies.len() >= MOST {
        copies.remove(0);
    }
    copies.push(Copy { is: Identity::of(&now), at: Instant::now() });
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
        let mut read_back = ReadBack::of(&file, expected);
        for block in 0..3 {
            let (offset, bytes) = ((block * BLOCK) as u64, vec![block as u8; BLOCK]);
            file.write_all_at(&bytes, offset)?;
            if changed == Some(block) {
                file.write_all_at(b"x", offset + 77)?;
            }
            if let Some(read_back) = &mut read_back {
                read_back.written(&bytes)?;
            }
        }
        if read_back.is_some() {
            remember(&file);
        }
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
