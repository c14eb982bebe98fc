//! The private copy of a delivery. Only the spool is read; what the ERP system writes later cannot change it.
//!
//! A spool file is named by its import and only gets that name when it is whole and durable: what is found
//! after a crash under that name can be used, and anything else is a leftover to be removed.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::check::Check;
use super::disk::{self, Draft};
use super::hashing::Hashing;
use super::os;
use super::place::{Found, Look, Place, Sighting, Writer};
use super::read_back::{self, ReadBack};

/// What copying adds to the proof of completeness.
pub(crate) const COPY: &str = "copy equals source";

/// Told after each block: bytes done and bytes in all. Break gives up; no partial copy stays behind.
pub(crate) type Report<'a> = &'a mut dyn FnMut(u64, u64) -> ControlFlow<()>;

/// Why there is no private copy.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SpoolError {
    /// The source is not what it was, before or after copying. Let it settle again.
    #[error("{name} changed while it was being copied")]
    Changed {
        /// Its name in the place.
        name: String,
        /// What is there now.
        found: Found,
    },
    /// The source cannot be read.
    #[error("{name} cannot be read from byte {offset} on: {error}")]
    Read {
        /// Its name in the place.
        name: String,
        /// Where reading failed, in bytes from the start.
        offset: u64,
        /// What the place said.
        error: io::Error,
    },
    /// There is no room for the copy.
    #[error(
        "no room for the private copy of {needed} bytes in {}: {left}. Make room, or move the data \
         folder to a larger disk", folder.display()
    )]
    NoRoom {
        /// The spool folder.
        folder: PathBuf,
        /// Bytes that the whole copy needs.
        needed: u64,
        /// What is left.
        left: String,
    },
    /// The copy cannot be written or made durable.
    #[error("the private copy {} cannot be written: {error}", path.display())]
    Write {
        /// The spool file.
        path: PathBuf,
        /// What the file system said.
        error: io::Error,
    },
    /// The report said to give up.
    #[error("copying was cancelled")]
    Cancelled,
}

/// A whole, durable private copy. It stays readable for as long as this value lives, also when the file
/// is renamed into the archive.
#[derive(Debug)]
pub(crate) struct SpoolFile {
    file: File,
    path: PathBuf,
    len: u64,
    sha256: String,
}

impl SpoolFile {
    /// A reader from the start. Readers do not disturb each other.
    pub(crate) fn reader(&self) -> SpoolReader<'_> {
        SpoolReader { file: &self.file, position: 0, len: self.len }
    }

    /// Fills the buffer from a byte offset; [`io::ErrorKind::UnexpectedEof`] past the end.
    pub(crate) fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let (mut offset, mut buffer) = (offset, buffer);
        while !buffer.is_empty() {
            match disk::read_at(&self.file, buffer, offset)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                count => (offset, buffer) = (offset + count as u64, &mut buffer[count..]),
            }
        }
        Ok(())
    }

    /// Bytes.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// Where it is, or was before it was archived.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The SHA-256 of the content, 64 hexadecimal digits in lower case.
    pub(crate) fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The open file, for checks by the archive.
    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// The copy made earlier for an import, whose hash the ledger knows: a spool file has its name only once it is
    /// whole and durable, and nothing but this program can write to it. `None` if there is none.
    pub(crate) fn open(folder: &Path, import_id: i64, sha256: String) -> io::Result<Option<Self>> {
        let path = folder.join(import_id.to_string());
        let Some(file) = disk::open(&path)? else { return Ok(None) };
        Ok(Some(Self { len: file.metadata()?.len(), file, path, sha256 }))
    }

    /// The copy made earlier for an import, read through again for its hash. `None` if there is none.
    pub(crate) fn reopen(folder: &Path, import_id: i64) -> io::Result<Option<Self>> {
        let path = folder.join(import_id.to_string());
        let Some(file) = disk::open(&path)? else { return Ok(None) };
        let (len, sha256) = hash(&file)?;
        Ok(Some(Self { file, path, len, sha256 }))
    }
}

impl register::compare::Spool for SpoolFile {
    fn reader(&self) -> io::Result<Box<dyn Read + Send + '_>> {
        Ok(Box::new(SpoolFile::reader(self)))
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        SpoolFile::read_at(self, offset, buffer)
    }

    fn len(&self) -> u64 {
        self.len
    }
}

/// Reads a spool file from its own position.
#[derive(Debug)]
pub(crate) struct SpoolReader<'a> {
    file: &'a File,
    position: u64,
    len: u64,
}

impl Read for SpoolReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = disk::read_at(self.file, buffer, self.position)?;
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for SpoolReader<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
            SeekFrom::End(offset) => self.len.checked_add_signed(offset),
        };
        self.position = position.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.position)
    }
}

/// The length and SHA-256 of an open file, read from its start.
pub(super) fn hash(file: &File) -> io::Result<(u64, String)> {
    let (mut hashing, mut block, mut offset) = (Hashing::default(), Hashing::block(), 0);
    loop {
        match disk::read_at(file, &mut block, offset)? {
            0 => return Ok((offset, hashing.finish()?)),
            count => {
                block = hashing.add(block, count);
                offset += count as u64;
            }
        }
    }
}

/// After so many bytes the disk is given what was written since, so that there is little left to wait for at the end.
const WRITEBACK: u64 = 8 << 20;

/// A private copy in the making, whole once finished. Dropped before that, it leaves nothing behind.
#[derive(Debug)]
pub(crate) struct Spooling {
    draft: Draft,
    folder: PathBuf,
    import_id: i64,
    len: u64,
    expected: u64,
    is_read_back: bool,
}

impl Spooling {
    /// Begins the copy for an import. A whole one that an earlier try has left stays until this one takes its place: it
    /// may be the only copy there is by then. `expected` bytes are what it will need; it is only used to say so when room
    /// runs out.
    pub(crate) fn create(folder: &Path, import_id: i64, expected: u64) -> Result<Self, SpoolError> {
        // Whoever cleans up leaves it alone as long as this process lives and has it open.
        let draft = Draft::create_locked(folder, &partial_name(import_id));
        let draft = draft.map_err(|error| write_error(folder, import_id, expected, error))?;
        let folder = folder.to_owned();
        Ok(Self { draft, folder, import_id, len: 0, expected, is_read_back: false })
    }

    /// Before the first byte: hashes what will be written, and reads it back where that is worth it. Its
    /// [`Hashing::finish`] has to have succeeded before [`Spooling::finish`].
    pub(super) fn hashing(&mut self) -> Hashing {
        let read_back = ReadBack::of(self.draft.file(), self.expected);
        self.is_read_back = read_back.is_some();
        Hashing::of_copy(read_back)
    }

    /// Adds bytes at the end.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), SpoolError> {
        let needed = self.expected.max(self.len);
        self.draft
            .write_all(bytes)
            .map_err(|error| write_error(&self.folder, self.import_id, needed, error))?;
        let before = self.len;
        self.len += bytes.len() as u64;
        if before / WRITEBACK < self.len / WRITEBACK {
            os::start_writeback(self.draft.file());
        }
        Ok(())
    }

    /// Bytes so far.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// Makes the copy durable and gives it its name. `sha256` is that of what was written.
    pub(crate) fn finish(self, sha256: String) -> Result<SpoolFile, SpoolError> {
        let Self { draft, folder, import_id, len, is_read_back, .. } = self;
        let name = import_id.to_string();
        let file = draft
            .make_durable()
            .and_then(|whole| whole.replace(&name))
            .map_err(|error| write_error(&folder, import_id, len, error))?;
        if is_read_back {
            read_back::remember(&file);
        }
        Ok(SpoolFile { file, path: folder.join(name), len, sha256 })
    }
}

fn partial_name(import_id: i64) -> String {
    format!("{import_id}.partial")
}

fn write_error(folder: &Path, import_id: i64, needed: u64, error: io::Error) -> SpoolError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            let left = os::space(folder).map_or_else(|error| error.to_string(), |space| space.left());
            SpoolError::NoRoom { folder: folder.to_owned(), needed, left }
        }
        _ => SpoolError::Write { path: folder.join(partial_name(import_id)), error },
    }
}

/// Copies the file `name` of a place (a claimed delivery) into the spool folder, and proves that it is the
/// file that `expected` describes, before and after. Gives the copy and what it adds to the proof of
/// completeness.
pub(crate) fn copy(
    place: &dyn Place,
    name: &str,
    expected: &Sighting,
    folder: &Path,
    import_id: i64,
    report: Report<'_>,
) -> Result<(SpoolFile, Check), SpoolError> {
    let changed = |found| SpoolError::Changed { name: name.to_owned(), found };
    let unreadable = |offset, error| SpoolError::Read { name: name.to_owned(), offset, error };
    let source = match place.look(name) {
        Look::Seen(sighting, source) if is_same(&sighting, expected) => source,
        Look::Unreadable(error) => {
            return Err(unreadable(0, error));
        }
        other => return Err(changed(other.found())),
    };
    let mut spooling = Spooling::create(folder, import_id, expected.size)?;
    let (mut hashing, mut block) = (spooling.hashing(), Hashing::block());
    while spooling.len() <= expected.size {
        let offset = spooling.len();
        let count = source.read_at(offset, &mut block).map_err(|error| unreadable(offset, error))?;
        if count == 0 {
            break;
        }
        spooling.write(&block[..count])?;
        block = hashing.add(block, count);
        if report(spooling.len(), expected.size).is_break() {
            return Err(SpoolError::Cancelled);
        }
    }
    // By its name and so newly opened, since a share's client asks its server only then; the file that was
    // read is the same one as long as its identity is.
    match place.look(name) {
        Look::Seen(sighting, _) if is_same(&sighting, expected) && spooling.len() == expected.size => {}
        other => return Err(changed(other.found())),
    }
    let sha256 = hashing.finish().map_err(|error| write_error(folder, import_id, expected.size, error))?;
    let copy = spooling.finish(sha256)?;
    let check = equals_source(&copy);
    Ok((copy, check))
}

/// What a whole copy adds to the proof of completeness: it has its name only since the file was looked at again.
pub(crate) fn equals_source(copy: &SpoolFile) -> Check {
    let detail =
        format!("{} bytes copied; the file was the same before and after, SHA-256 {}", copy.len, copy.sha256);
    Check::passed(COPY, detail)
}

fn is_same(now: &Sighting, expected: &Sighting) -> bool {
    now.difference(expected).is_none() && now.writer != Writer::Held
}

/// Whether some process is making or reading this copy now.
pub(crate) fn is_held(path: &Path) -> bool {
    File::open(path).is_ok_and(|file| matches!(file.try_lock(), Err(fs::TryLockError::WouldBlock)))
}

/// Makes the names of the private copies durable: an earlier try may have named one and failed at just that.
pub(crate) fn make_names_durable(folder: &Path) -> io::Result<()> {
    disk::sync_folder(&os::open_folder(folder)?)
}

/// Gives a whole copy the number of its import, durably; never in place of another.
pub(crate) fn rename(folder: &Path, from: i64, to: i64) -> io::Result<()> {
    discard(folder, to)?;
    let dir = os::open_folder(folder)?;
    disk::rename((&dir, &from.to_string()), (&dir, &to.to_string()))?;
    disk::sync_folder(&dir)
}

/// Removes what an import has in the spool folder, whole or partial. Finding nothing is success.
pub(crate) fn discard(folder: &Path, import_id: i64) -> io::Result<()> {
    for name in [import_id.to_string(), partial_name(import_id)] {
        disk::remove(&folder.join(name))?;
    }
    Ok(())
}

/// The same, but what a process holds stays: a copy that had just been begun may have looked like a leftover.
pub(crate) fn discard_leftover(folder: &Path, import_id: i64) -> io::Result<()> {
    for name in [import_id.to_string(), partial_name(import_id)] {
        let path = folder.join(name);
        let Some(file) = disk::open(&path)? else { continue };
        match file.try_lock() {
            // The lock is kept until the name is gone; who waits for it makes another file (see `Draft::create_locked`).
            Ok(()) => disk::remove(&path)?,
            Err(fs::TryLockError::WouldBlock) => {}
            Err(fs::TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(())
}

/// The imports that have something in the spool folder, whole or partial, that no process holds; for the clean-up at
/// start.
pub(crate) fn leftovers(folder: &Path) -> io::Result<Vec<i64>> {
    let mut imports = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|_| !is_held(&entry.path())) else { continue };
        imports.extend(name.strip_suffix(".partial").unwrap_or(name).parse::<i64>());
    }
    imports.sort_unstable();
    imports.dedup();
    Ok(imports)
}

#[cfg(test)]
mod tests;
