//! What the first bytes of a file say of its encoding.

use super::{Decoder, Encoding, Scheme};
use crate::problem::{Damage, Problem, code};

/// Byte order marks and the encodings they announce.
const MARKS: &[(&[u8], &str)] =
    &[(&[0xEF, 0xBB, 0xBF], "utf-8"), (&[0xFF, 0xFE], "utf-16le"), (&[0xFE, 0xFF], "utf-16be")];

/// The encoding whose byte order mark `head` begins with.
pub(crate) fn marked(head: &[u8]) -> Option<Encoding> {
    let (_, label) = MARKS.iter().find(|(mark, _)| head.starts_with(mark))?;
    label.parse().ok()
}

/// How many bytes the byte order mark takes that `head` begins with.
pub(crate) fn length(head: &[u8]) -> usize {
    MARKS.iter().find(|(mark, _)| head.starts_with(mark)).map_or(0, |(mark, _)| mark.len())
}

/// The decoder for a file that begins with `head`, and how many bytes its byte order mark takes.
///
/// UTF-8 and UTF-16 may have their own mark. UTF-16 that has none is little endian if the text looks so:
/// delimiters, digits and line ends are ASCII, so that most NUL bytes lie in the upper halves.
///
/// # Errors
/// A mark of another encoding; UTF-16 without a mark that does not look like it.
pub(crate) fn start(encoding: Encoding, head: &[u8]) -> Result<(Decoder, usize), Damage> {
    let mark = MARKS.iter().find(|(mark, _)| head.starts_with(mark));
    let (length, marked) = mark.map_or((0, None), |(mark, label)| (mark.len(), Some(*label)));
    let decoder = match (encoding.0.scheme, marked) {
        (Scheme::Utf8, None | Some("utf-8")) => Decoder::Utf8,
        (Scheme::Utf16 | Scheme::Utf16Le, Some("utf-16le")) => Decoder::Utf16Le,
        (Scheme::Utf16 | Scheme::Utf16Be, Some("utf-16be")) => Decoder::Utf16Be,
        (Scheme::Utf16 | Scheme::Utf16Le, None) => unmarked(encoding, head, Decoder::Utf16Le)?,
        (Scheme::Utf16Be, None) => unmarked(encoding, head, Decoder::Utf16Be)?,
        (Scheme::Single(source), None) => Decoder::Single(source.table()),
        (_, Some(label)) => return Err(contradiction(encoding, label)),
    };
    Ok((decoder, length))
}

fn unmarked(encoding: Encoding, head: &[u8], expected: Decoder) -> Result<Decoder, Damage> {
    let (pairs, _) = head.as_chunks::<2>();
    let little = pairs.iter().filter(|pair| pair[1] == 0).count();
    let big = pairs.iter().filter(|pair| pair[0] == 0).count();
    let fits = match expected {
        Decoder::Utf16Be => big > little,
        _ => little > big,
    };
    if fits {
        return Ok(expected);
    }
    let message = format!("The format says {encoding}, but the file does not look like it.");
    let hint = if big > little {
        "Set the format's encoding to utf-16be."
    } else if little > big {
        "Set the format's encoding to utf-16le."
    } else {
        "Set the format's encoding to utf-8, or to windows-1252 if that is refused too."
    };
    Err(Damage::from(Problem::new(code::WRONG_ENCODING, message, hint).at_line(1)))
}

fn contradiction(encoding: Encoding, label: &str) -> Damage {
    let message = format!("The format says {encoding}, but the file begins with the mark of {label}.");
    let hint = format!("Set the format's encoding to {label}.");
    Damage::from(Problem::new(code::WRONG_ENCODING, message, hint).at_line(1))
}
