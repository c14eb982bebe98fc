//! A sample of a file: its beginning, and some parts from further on.

use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};

use crate::stage::StageError;
use crate::{Damage, Encoding, Limits, ReadError};

/// The bytes of the beginning of a text.
const HEAD: usize = 256 << 10;

/// The parts taken from further on in a text, and the bytes of each.
const PARTS: u64 = 8;
const PART: usize = 16 << 10;

/// The most bytes of a workbook, a document or an archive, which are read as a whole.
const WHOLE: u64 = 64 << 20;

/// The bytes that are unpacked of an archive or staged of a document.
const ENOUGH: usize = 2 << 20;

/// What is looked at of a file.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    /// Its beginning, or all of it.
    pub(super) head: Vec<u8>,
    /// Parts from further on, in whole lines.
    pub(super) parts: Vec<u8>,
    /// Whether the beginning is all of it.
    pub(super) whole: bool,
}

/// Why nothing can be said of a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} {hint}")]
pub struct SampleError {
    /// What is wrong, as a sentence.
    pub message: String,
    /// What to do next, as a sentence.
    pub hint: String,
}

impl SampleError {
    pub(super) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }
}

impl Sample {
    /// A sample that is there already: the beginning of a file, `whole` when that is all of it.
    pub fn new(head: Vec<u8>, whole: bool) -> Self {
        Self { head, parts: Vec::new(), whole }
    }

    /// Takes a sample of a file: 256 KiB from its beginning and up to 128 KiB from further on, or all of it (up to 64 MiB)
    /// when it is a workbook, a document or compressed.
    ///
    /// # Errors
    /// When reading fails.
    pub fn take<R: Read + Seek>(mut source: R) -> io::Result<Self> {
        let length = source.seek(SeekFrom::End(0))?;
        source.rewind()?;
        let mut head = Vec::new();
        source.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
        if super::documents::is_read_whole(&head) {
            source.by_ref().take(WHOLE - HEAD as u64).read_to_end(&mut head)?;
        }
        let whole = head.len() as u64 >= length;
        let mut sample = Self { head, parts: Vec::new(), whole };
        if !whole && sample.head.len() == HEAD {
            sample.take_parts(source, length)?;
        }
        Ok(sample)
    }

    fn take_parts<R: Read + Seek>(&mut self, mut source: R, length: u64) -> io::Result<()> {
        let rest = length - HEAD as u64;
        for part in 1..=PARTS {
            // An even place, so that two-byte characters stay whole.
            let at = (HEAD as u64 + rest / PARTS * part).saturating_sub(PART as u64) & !1;
            source.seek(SeekFrom::Start(at.max(HEAD as u64)))?;
            let mut bytes = Vec::new();
            source.by_ref().take(PART as u64).read_to_end(&mut bytes)?;
            let ends: Vec<usize> = memchr::memchr_iter(b'\n', &bytes).collect();
            if let (Some(first), Some(last)) = (ends.first(), ends.last())
                && first < last
            {
                self.parts.extend_from_slice(&bytes[first + 1..=*last]);
            }
        }
        Ok(())
    }

    /// The beginning and the parts behind each other, for what does not mind where they join.
    pub(super) fn joined(&self) -> Vec<u8> {
        let mut bytes = self.head.clone();
        if !self.whole {
            let end = memchr::memrchr(b'\n', &bytes).map_or(bytes.len(), |at| at + 1);
            bytes.truncate(end);
        }
        bytes.extend_from_slice(&self.parts);
        bytes
    }

    /// The beginning as text, without the line that is cut off. Line ends are LF.
    ///
    /// # Errors
    /// Where there are bytes that no text has, or that mean nothing in the encoding.
    pub(super) fn text(&self, encoding: Encoding) -> Result<String, SampleError> {
        let head = encoding.without_mark(&self.head);
        let mut text = String::new();
        let is_utf16 = encoding.label().starts_with("utf-16");
        if let Some(at) = memchr::memchr(0, head).filter(|_| !is_utf16) {
            let before: String = head[..at].iter().map(|byte| char::from(*byte)).collect();
            return Err(zero_byte(&before));
        }
        if let Err(unknown) = encoding.decode_into(head, &mut text)
            // The cut may have gone through a character.
            && (self.whole || !unknown.cut)
        {
            let bytes = head.get(unknown.at..).unwrap_or_default();
            let bytes: Vec<String> =
                bytes.iter().take(unknown.len.min(4)).map(|byte| format!("{byte:02X}")).collect();
            return Err(SampleError::new(
                format!(
                    "Line {} holds bytes ({}) that mean nothing in {}: the file is damaged or was cut off.",
                    lines(&text),
                    bytes.join(" "),
                    encoding.title()
                ),
                "Let the ERP system write the file again.",
            ));
        }
        if let Some(at) = text.find('\0') {
            return Err(zero_byte(&text[..at]));
        }
        if !text.contains('\n') {
            text = text.replace('\r', "\n");
        }
        if !self.whole
            && let Some(end) = text.rfind('\n')
        {
            text.truncate(end + 1);
        }
        // The end-of-file character of DOS.
        if let Some(end) = text.strip_suffix('\u{1a}') {
            text.truncate(end.len());
        }
        Ok(text)
    }
}

/// What a zero byte behind this text says.
fn zero_byte(before: &str) -> SampleError {
    SampleError::new(
        format!("Line {} holds a zero byte, which no text has.", lines(before)),
        "Let the ERP system write a text file (CSV), an Excel workbook, XML or JSON; if it does, the file was damaged on \
         its way: let it be written again.",
    )
}

/// The line on which what comes behind a text stands.
fn lines(text: &str) -> usize {
    let ends = text.matches('\n').count();
    1 + if ends == 0 { text.matches('\r').count() } else { ends }
}

/// A sample of what is compressed in another one.
pub(super) fn unpacked(
    sample: &Sample,
    limits: Limits,
    unpack: impl FnOnce(Cursor<&[u8]>, &mut dyn Write) -> Result<(), StageError>,
) -> Result<Sample, SampleError> {
    let _ = limits;
    let mut out = Enough::new();
    let whole = out.filled_by(|out| unpack(Cursor::new(&sample.head), out))?;
    Ok(Sample { head: out.bytes, parts: Vec::new(), whole })
}

/// Takes what is written until that is enough.
pub(super) struct Enough {
    pub(super) bytes: Vec<u8>,
}

impl Enough {
    pub(super) fn new() -> Self {
        Self { bytes: Vec::new() }
    }

    /// Lets `write` fill it; whether all that was to be written has come.
    pub(super) fn filled_by(
        &mut self,
        write: impl FnOnce(&mut dyn Write) -> Result<(), StageError>,
    ) -> Result<bool, SampleError> {
        match write(self) {
            Ok(()) => Ok(true),
            Err(StageError::Write(_)) => Ok(false),
            Err(StageError::Read(_)) if !self.bytes.is_empty() => Ok(false),
            Err(StageError::Read(error)) => Err(match error {
                ReadError::Damage(Damage(problem)) => SampleError::new(
                    problem.line.map(|line| format!("line {line}: ")).unwrap_or_default() + &problem.message,
                    problem.hint,
                ),
                ReadError::Io(_) => SampleError::new(error.to_string(), "Try it again."),
            }),
        }
    }
}

impl Write for Enough {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() >= ENOUGH {
            return Err(io::Error::other("enough"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
