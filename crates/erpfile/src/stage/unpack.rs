//! Compressed files: gzip, and ZIP archives that hold one file.

use std::io::{self, BufReader, Read, Seek, Write};

use zip::ZipArchive;
use zip::result::ZipError;

use super::StageError;
use super::gzip::Members;
use crate::Limits;
use crate::limits::raise;
use crate::problem::{Damage, Problem, ReadError, code, size};

/// Bytes written at a time.
const BLOCK: usize = 64 << 10;

/// Below this many bytes it does not matter how much larger than its archive a file is.
const HARMLESS: u64 = 16 << 20;

/// The byte with which each compressed file of gzip begins.
pub(super) const GZIP: u8 = 0x1F;

pub(super) fn is_gzip(head: &[u8]) -> bool {
    head.starts_with(&[GZIP, 0x8B])
}

pub(super) fn is_zip(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}

/// Whether a file that begins with `head` is an archive whose first file is a workbook, and not a workbook itself.
pub(super) fn is_zip_of_workbook(head: &[u8]) -> bool {
    let length = |at: usize| Some(usize::from(u16::from_le_bytes([*head.get(at)?, *head.get(at + 1)?])));
    let name = length(26).and_then(|length| head.get(30..30 + length)).unwrap_or_default();
    let ends =
        |end: &[u8]| name.len() > end.len() && name[name.len() - end.len()..].eq_ignore_ascii_case(end);
    is_zip(head) && [&b".xlsx"[..], b".xlsm", b".xls"].into_iter().any(ends)
}

pub(super) fn unpack<R: Read + Seek>(
    mut source: R,
    limits: Limits,
    out: &mut dyn Write,
) -> Result<(), StageError> {
    let packed = length(&mut source)?;
    let mut head = [0; 4];
    let known = source.read(&mut head).map_err(ReadError::Io)?;
    source.rewind().map_err(ReadError::Io)?;
    if is_gzip(&head[..known]) {
        let mut content = Grown::new(Members::new(BufReader::new(source)), packed, limits);
        return content.copy(out);
    }
    let mut archive = ZipArchive::new(source).map_err(broken)?;
    let place = only_file(&mut archive, limits)?;
    let entry = archive.by_index(place).map_err(broken)?;
    let packed = entry.compressed_size();
    Grown::new(entry, packed, limits).copy(out)
}

/// The length of a source, which is at its start afterwards.
pub(super) fn length<R: Seek>(source: &mut R) -> Result<u64, ReadError> {
    let length = source.seek(io::SeekFrom::End(0))?;
    source.rewind()?;
    Ok(length)
}

/// The one file of an archive; what operating systems put beside it does not count.
fn only_file<R: Read + Seek>(archive: &mut ZipArchive<R>, limits: Limits) -> Result<usize, StageError> {
    if archive.len() > limits.entries {
        let message =
            format!("The archive holds {} files; at most {} are read.", archive.len(), limits.entries);
        let hint = raise("Let the ERP system write one file into an archive.", "entries");
        return Err(damage(code::ARCHIVE, message, hint).into());
    }
    let mut files = Vec::new();
    for place in 0..archive.len() {
        let entry = archive.by_index_raw(place).map_err(broken)?;
        let name = entry.name().map_err(broken)?.into_owned();
        let aside =
            name.starts_with("__MACOSX/") || name.rsplit('/').next().is_some_and(|n| n.starts_with('.'));
        if entry.is_dir() || aside {
            continue;
        }
        if entry.encrypted() {
            let message = format!("The file {name} in the archive is protected with a password.");
            return Err(
                damage(code::ARCHIVE, message, "Let the ERP system write it without a password.").into()
            );
        }
        files.push((place, name));
    }
    let has = |wanted: &str| files.iter().any(|(_, name)| name == wanted);
    if has("mimetype") && has("content.xml") {
        let message = "The file is an OpenDocument spreadsheet (.ods), which is not read.";
        let hint = "Let it be saved as an Excel workbook (.xlsx) or as CSV.";
        return Err(damage(code::ARCHIVE, message, hint).into());
    }
    match files.as_slice() {
        [(place, _)] => Ok(*place),
        [] => {
            Err(damage(code::ARCHIVE, "The archive holds no file.", "Let the ERP system write it again.")
                .into())
        }
        several => {
            let names: Vec<&str> = several.iter().take(10).map(|(_, name)| name.as_str()).collect();
            let message = format!(
                "The archive holds {} files ({}); nobody can tell which is meant.",
                several.len(),
                names.join(", ")
            );
            Err(damage(code::ARCHIVE, message, "Let the ERP system write an archive with one file.").into())
        }
    }
}

/// Reads what is unpacked, as long as it does not grow beyond the limits.
pub(super) struct Grown<R> {
    content: R,
    packed: u64,
    limits: Limits,
    length: u64,
}

impl<R: Read> Grown<R> {
    pub(super) fn new(content: R, packed: u64, limits: Limits) -> Self {
        Self { content, packed, limits, length: 0 }
    }

    /// Writes all of it.
    pub(super) fn copy(&mut self, out: &mut dyn Write) -> Result<(), StageError> {
        let mut block = vec![0; BLOCK];
        loop {
            let count = match self.content.read(&mut block) {
                Ok(0) => return Ok(()),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(unreadable(error)),
            };
            self.length += count as u64;
            self.check()?;
            out.write_all(&block[..count]).map_err(StageError::Write)?;
        }
    }

    fn check(&self) -> Result<(), Damage> {
        let Limits { unpacked, ratio, .. } = self.limits;
        let hint = |key: &str| raise("Check that it is the right file.", key);
        if self.length > unpacked {
            let most = size(usize::try_from(unpacked).unwrap_or(usize::MAX));
            return Err(damage(
                code::ARCHIVE,
                format!("The archive holds more than {most}, the most that is unpacked."),
                hint("unpacked"),
            ));
        }
        if self.length > HARMLESS && self.length / self.packed.max(1) > ratio {
            let message = format!(
                "The archive holds more than {ratio} times its own size: it may have been made to do harm."
            );
            return Err(damage(code::ARCHIVE, message, hint("ratio")));
        }
        Ok(())
    }
}

fn unreadable(error: io::Error) -> StageError {
    match error.kind() {
        io::ErrorKind::InvalidInput
        | io::ErrorKind::InvalidData
        | io::ErrorKind::UnexpectedEof
        | io::ErrorKind::Other => broken_because(&error.to_string()).into(),
        _ => ReadError::Io(error).into(),
    }
}

pub(super) fn broken(error: ZipError) -> StageError {
    match error {
        ZipError::Io(error) => unreadable(error),
        other => broken_because(&other.to_string()).into(),
    }
}

fn broken_because(why: &str) -> Damage {
    let message = format!("The archive is damaged or was cut off: {why}.");
    damage(code::ARCHIVE, message, "Let the ERP system write the file again.")
}

fn damage(code: &'static str, message: impl Into<String>, hint: impl Into<String>) -> Damage {
    Damage::from(Problem::new(code, message, hint))
}
