//! Workbooks whose parts are made up: made-up bytes are never a whole archive, so the archive is made here. Whatever the
//! parts say, they give rows that read the same however the prepared copy comes, or damage in words.

use std::io::{Cursor, Write};
use std::sync::Once;

use erpfile::{Format, Layout, Limits, prepare};
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::bytes::Choices;
use crate::{delimited, words};

/// A small machine: what a workbook may ask for would fill the fuzzer's memory otherwise.
const LIMITS: Limits = Limits {
    line: 4096,
    field: 512,
    columns: 40,
    file: 1 << 30,
    rows: 1 << 20,
    unpacked: 1 << 20,
    ratio: 50,
    entries: 20,
};

/// The parts that are the same in every workbook, which has one sheet.
const FIXED: &[(&str, &str)] = &[
    (
        "[Content_Types].xml",
        r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#,
    ),
    (
        "_rels/.rels",
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
    ),
    (
        "xl/workbook.xml",
        r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Sheet1" sheetId="1" r:id="r1"/></sheets></workbook>"#,
    ),
    (
        "xl/_rels/workbook.xml.rels",
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="r3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#,
    ),
];

/// The parts that are made up, in the order of the input.
const MADE_UP: &[&str] = &["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"];

/// One byte chooses the lines above the rows; the rest is the sheet, its shared texts and its styles, each behind a NUL.
pub fn check(input: &[u8]) {
    forgive_the_library();
    let mut choices = Choices(input);
    let lines = choices.byte();
    let format = Format {
        name: "any".into(),
        register: "customers".into(),
        layout: Layout::Excel,
        header_lines: u32::from(lines & 1),
        skip_lines: u32::from(lines >> 1) % 4,
        ..Format::default()
    };
    let book = workbook(choices.0);
    assert!(book.is_ok(), "the archive can be made: {book:?}");
    match prepare(book.unwrap_or_default(), &format, LIMITS) {
        Ok(prepared) => {
            let rows = delimited::read_every_way(&prepared, &format, LIMITS, 3);
            rows.check_places(&prepared, LIMITS);
        }
        Err(damage) => words::check(&damage.0),
    }
}

/// The library that reads workbooks calculates with what they say, and may overflow; the program catches that and takes
/// the workbook for damaged. A fuzzer would end before anything can be caught.
fn forgive_the_library() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let others = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !panic.location().is_some_and(|place| place.file().contains("calamine")) {
                others(panic);
            }
        }));
    });
}

fn workbook(parts: &[u8]) -> zip::result::ZipResult<Vec<u8>> {
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let fixed = FIXED.iter().map(|(name, content)| (*name, content.as_bytes()));
    let made_up = MADE_UP.iter().copied().zip(parts.split(|byte| *byte == 0));
    for (name, content) in fixed.chain(made_up) {
        zip.start_file(name, stored)?;
        zip.write_all(content)?;
    }
    Ok(zip.finish()?.into_inner())
}
