//! What does not grow with the file.

use super::*;

/// The same row over and over, never in memory as a whole.
struct Repeated {
    left: usize,
    at: usize,
}

const LINE: &[u8] = b"4711;Bager \xD8lund;Storegade 12;8000;Aarhus C;+45 86 12 34 56\n";

impl Read for Repeated {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = buffer.len().min(self.left);
        for byte in &mut buffer[..count] {
            *byte = LINE[self.at];
            self.at = (self.at + 1) % LINE.len();
        }
        self.left -= count;
        Ok(count)
    }
}

#[test]
fn a_row_is_reused_without_growing() {
    let lines = 20_000;
    let format = Format { header_lines: 0, ..encoded("windows-1252") };
    let source = Repeated { left: lines * LINE.len(), at: 0 };
    let mut reader = Reader::new(source, &format, Limits::default()).unwrap();
    let mut row = Row::default();
    assert!(reader.read(&mut row).unwrap());
    let before = (row.raw.capacity(), row.text.capacity(), row.cells.capacity());
    let mut count = 1;
    while reader.read(&mut row).unwrap() {
        count += 1;
        assert_eq!(row.cell(1), Some("Bager Ølund"));
    }
    assert_eq!(count, lines);
    assert_eq!((row.raw.capacity(), row.text.capacity(), row.cells.capacity()), before);
}
