//! Files whose structure is damaged: refused whole, with line, column and advice.

use super::*;
use crate::code;

type Place = (Option<u64>, Option<u32>);

fn check(bytes: &[u8], format: &Format, limits: Limits, code: &str, place: Place) -> Problem {
    let outcome = read_with(bytes, format, limits);
    let what = String::from_utf8_lossy(&bytes[..bytes.len().min(60)]).into_owned();
    let damage = outcome.damage.unwrap_or_else(|| panic!("{what:?} is not damaged"));
    assert_eq!((damage.code.as_ref(), (damage.line, damage.column)), (code, place), "{what:?}: {damage}");
    assert!(damage.message.ends_with('.') && damage.hint.ends_with('.'), "{damage}");
    damage
}

#[test]
fn structure_that_cannot_be_trusted_refuses_the_file() {
    let latin = encoded("windows-1252");
    let two = mapping(&["a", "b"]);
    let table: &[(&[u8], &Format, &str, Place)] = &[
        (b"", &format(), code::EMPTY, (None, None)),
        (b"", &encoded("utf-16"), code::EMPTY, (None, None)),
        (b"\xEF\xBB\xBF", &format(), code::EMPTY, (None, None)),
        (b"\n\n  \n", &format(), code::HEADER_MISSING, (Some(3), None)),
        (b"x\n", &Format { skip_lines: 3, ..format() }, code::HEADER_MISSING, (Some(1), None)),
        (b";;\n1;2\n", &two, code::COLUMN_MISSING, (Some(1), None)),
        // Binary.
        (b"PK\x03\x04 a workbook", &format(), code::BINARY, (None, None)),
        (b"%PDF-1.7", &latin, code::BINARY, (None, None)),
        (b"\x01\x02\x03\x04ab\x05\x06\n", &latin, code::BINARY, (None, None)),
        (b"a;b\n1;x\0y\n", &latin, code::NUL, (Some(2), Some(2))),
        (b"\0a;b\n", &latin, code::NUL, (Some(1), Some(1))),
        (b"a;b\n1;2\n3;\"x\ny\0\"\n", &format(), code::NUL, (Some(4), Some(2))),
        // Encoding.
        (b"a;b\n1;2\n3;\x81\n", &latin, code::UNDECODABLE, (Some(3), Some(2))),
        (b"a;b\xE5\n", &format(), code::UNDECODABLE, (Some(1), Some(2))),
        (b"a;b\n\xE5;2\n", &format(), code::UNDECODABLE, (Some(2), Some(1))),
        (b"a;b\n1;\"x\ny\xE5z\"\n", &format(), code::UNDECODABLE, (Some(3), Some(2))),
        (b"a;b\n1;\xC3\n", &format(), code::UNDECODABLE, (Some(2), Some(2))),
        (b"a;b\n1;\x80\n", &encoded("iso-8859-1"), code::UNDECODABLE, (Some(2), Some(2))),
        (b"a\0\n\0\x00\xD8\n\0", &encoded("utf-16le"), code::UNDECODABLE, (Some(2), Some(1))),
        (b"\xEF\xBB\xBFa;b\n", &latin, code::WRONG_ENCODING, (Some(1), None)),
        (b"\xFF\xFEa\0\n\0", &latin, code::WRONG_ENCODING, (Some(1), None)),
        (b"\xFE\xFF\0a", &format(), code::WRONG_ENCODING, (Some(1), None)),
        (b"a;b\n1;2\n", &encoded("utf-16"), code::WRONG_ENCODING, (Some(1), None)),
        (b"\0a\0;\0b\0\n", &encoded("utf-16"), code::WRONG_ENCODING, (Some(1), None)),
        (b"a\0;\0b\0\n\0", &encoded("utf-16be"), code::WRONG_ENCODING, (Some(1), None)),
        // Columns.
        (b"a;c\n", &two, code::COLUMN_MISSING, (Some(1), None)),
        (b"a;b\n", &positions(&[1, 3]), code::COLUMN_MISSING, (Some(1), None)),
        (b"1;2\n", &Format { header_lines: 0, ..positions(&[1, 3]) }, code::COLUMN_MISSING, (Some(1), None)),
        (b"b;a;b\n", &two, code::DUPLICATE_HEADER, (Some(1), Some(3))),
        (b"A;x; a ;b\n", &two, code::DUPLICATE_HEADER, (Some(1), Some(3))),
        (b"a,b\n1,2\n", &two, code::WRONG_DELIMITER, (Some(1), Some(1))),
        (b"a;\"b\"x\n", &format(), code::STRAY_QUOTE, (Some(1), Some(2))),
        // Quotes.
        (b"a;b\n1;2\n3;\"4\n5;6\n", &format(), code::QUOTE_NOT_CLOSED, (Some(3), Some(2))),
        (b"a;b\n\"1\n\";\"2\n5;6\n", &format(), code::QUOTE_NOT_CLOSED, (Some(3), Some(2))),
        (b"a;b\n3;\"4", &format(), code::QUOTE_NOT_CLOSED, (Some(2), Some(2))),
        (b"a;\"b\n", &format(), code::QUOTE_NOT_CLOSED, (Some(1), Some(2))),
        // Cut off.
        (b"a;b\n1;2\n3", &format(), code::INCOMPLETE_RECORD, (Some(3), None)),
        (b"a;b;c\n1;2;3\n\"x\ny\";2", &format(), code::INCOMPLETE_RECORD, (Some(3), None)),
        (b"a;b\n1;2\n3;\xC3", &format(), code::INCOMPLETE_RECORD, (Some(3), Some(2))),
        (b"a\0;\0b\0\n\0x", &encoded("utf-16le"), code::INCOMPLETE_RECORD, (Some(2), Some(1))),
        (b"a\0;\0b\0\n\0x\0;\0\x01\xD8", &encoded("utf-16le"), code::INCOMPLETE_RECORD, (Some(2), Some(2))),
        (b"1;2\n3", &headless(), code::INCOMPLETE_RECORD, (Some(2), None)),
        // The format.
        (b"a;b\n", &Format { delimiter: "".into(), ..format() }, code::FORMAT, (None, None)),
        (b"a;b\n", &Format { delimiter: ";;;".into(), ..format() }, code::FORMAT, (None, None)),
        (b"a;b\n", &Format { header_lines: 11, ..format() }, code::FORMAT, (None, None)),
    ];
    for (bytes, format, code, place) in table {
        check(bytes, format, Limits::default(), code, *place);
    }
}

#[test]
fn what_exceeds_a_limit_refuses_the_file() {
    let limits = Limits { line: 20, field: 10, columns: 4, ..Limits::default() };
    let table: &[(&str, &str, Place)] = &[
        ("a;b\n1;2345678901\n", "", (None, None)),
        ("a;b\n1;23456789012\n", code::CELL_TOO_LONG, (Some(2), Some(2))),
        ("a;b\n\"12345678901\";1\n", code::CELL_TOO_LONG, (Some(2), Some(1))),
        ("a;b\n1;ååååå\n", "", (None, None)),
        ("a;b\n1;åååååå\n", code::CELL_TOO_LONG, (Some(2), Some(2))),
        ("a;b;c\n123456;123456;123456\n", "", (None, None)),
        ("a;b;c\n123456;123456;1234567\n", code::LINE_TOO_LONG, (Some(2), None)),
        ("123456;123456;1234567\n", code::LINE_TOO_LONG, (Some(1), None)),
        ("a;b;c;d\n1;2;3;4\n", "", (None, None)),
        ("a;b;c;d;e\n", code::TOO_MANY_COLUMNS, (Some(1), None)),
        ("a;b\n1;2\n1;2;;;\n", code::TOO_MANY_COLUMNS, (Some(3), None)),
        ("a;b\n\"1\";\"2\";\"\";\"\";\"\"\n", code::TOO_MANY_COLUMNS, (Some(2), None)),
        ("a;b\n1;\"1234\n6789\n1\n\n", code::QUOTE_NOT_CLOSED, (Some(2), Some(2))),
        ("a;b;c\n1;2;3\n\"1234\n6789\";\"1234\n789\n1\n\n", code::QUOTE_NOT_CLOSED, (Some(4), Some(2))),
    ];
    for (text, code, place) in table {
        for end in ["\n", "\r\n"] {
            let bytes = text.as_bytes();
            match *code {
                "" => {
                    let bytes = text.replace('\n', end).into_bytes();
                    assert_eq!(read_with(&bytes, &format(), limits).damage, None, "{text:?}");
                }
                code => drop(check(bytes, &format(), limits, code, *place)),
            }
        }
    }
}

#[test]
fn a_file_has_no_more_rows_and_bytes_than_allowed() {
    let limits = Limits { rows: 2, ..Limits::default() };
    assert_eq!(read_with(b"a;b\n1;2\n3;4\n", &format(), limits).damage, None);
    check(b"a;b\n1;2\n\n3;4\n5;6\n", &format(), limits, code::TOO_MANY_ROWS, (Some(5), None));
    let limits = Limits { file: 2048, ..Limits::default() };
    assert!(limits.check_file(2048).is_ok());
    let damage = crate::prepare(vec![b'x'; 2049], &format(), limits).unwrap_err();
    assert_eq!(damage.0.code, code::FILE_TOO_LARGE);
    assert_eq!(damage.0.message, "The file has 2049 bytes; the most that is read is 2 KiB.");
}

#[test]
fn a_line_of_ten_megabytes_and_five_thousand_columns_are_refused_by_name() {
    let line = [b"a;b\n1;".as_slice(), &vec![b'x'; 10 << 20], b"\n"].concat();
    let damage = check(&line, &format(), Limits::default(), code::LINE_TOO_LONG, (Some(2), None));
    assert!(damage.message.contains("1 MiB"), "{damage}");
    let columns = vec!["c"; 5000].join(";");
    let damage =
        check(columns.as_bytes(), &format(), Limits::default(), code::TOO_MANY_COLUMNS, (Some(1), None));
    assert!(damage.message.contains("1000 columns"), "{damage}");
}

#[test]
fn rows_before_the_damage_are_read_first() {
    let outcome = read(b"a;b\n1;2\n3;4\n5;\xFF\n", &format());
    assert_eq!(outcome.cells(), [["1", "2"], ["3", "4"]]);
    assert!(outcome.damage.is_some());
}

/// The file, how it is read, and words that must be in message and hint.
#[test]
fn advice_names_what_was_found() {
    let two = mapping(&["Kundenr", "Navn"]);
    let latin = Format { encoding: "windows-1252".parse().unwrap(), ..two.clone() };
    type Words = &'static [&'static str];
    let table: &[(&[u8], &Format, Words, Words)] = &[
        (
            b"Kundenr,Navn,By\n",
            &two,
            &["only one column", "maps 2", "(;)"],
            &[", occurs 2 times", "delimiter to ,"],
        ),
        (b"Kundenr\tNavn\n", &two, &["only one"], &["tab occurs 1 time.", "delimiter to tab"]),
        (
            b"Kundenr|Navn,x|y\n",
            &two,
            &["only one"],
            &[", occurs 1 time, | occurs 2 times", "delimiter to |"],
        ),
        (b"Kundeliste\n", &two, &["only one"], &["None of ; , tab | occurs", "lines to skip"]),
        (b"sep=,\nKundenr,Navn\n", &two, &["only one"], &["lines to skip"]),
        (b"<?xml version=\"1.0\"?>\n", &two, &["only one"], &["XML"]),
        (
            b"Kundenr.;Navn;By\n",
            &two,
            &["\"Kundenr\" is not in", "3 columns: Kundenr. | Navn | By"],
            &["\"Kundenr.\""],
        ),
        (b"Nr;Name\n", &two, &["\"Kundenr\", \"Navn\" are not in"], &["Is \"Name\" meant"]),
        (b"Kundenr;Navn;By;Navn\n", &two, &["\"Navn\"", "2 (\"Navn\") and 4 (\"Navn\")"], &["position"]),
        (b"Kundenr;Navn\n1;\x81l\n", &latin, &["0x81", "offset 15", "windows-1252"], &["cp850"]),
        (b"Kundenr;Navn\n1;\xC3\x81\xC3\xA5\n", &latin, &["0x81"], &["utf-8"]),
        (b"Kundenr;Navn\n1;\xE5l\n", &two, &["0xE5", "offset 15", "utf-8"], &["windows-1252"]),
        (b"Kundenr;Navn\n1;\x86l\n", &two, &["0x86"], &["cp850"]),
        (b"Kundenr;Navn\n1;\xE2\x28\n", &two, &["The byte 0xE2"], &["windows-1252"]),
        (b"\xEF\xBB\xBFKundenr;Navn\n", &latin, &["windows-1252", "mark of utf-8"], &["encoding to utf-8"]),
        (b"\xFF\xFEK\0", &latin, &["mark of utf-16le"], &["encoding to utf-16le"]),
        (b"K\0u\0;\0N\0\n\0", &latin, &["NUL"], &["UTF-16"]),
        (b"Kundenr;Navn\n1;a\0b\n", &latin, &["NUL", "offset 16"], &["damaged"]),
        (b"Kundenr;Navn\n1;2\n3;\"4\n5;6\n", &two, &["line 3 in column 2", "line 4"], &["Close or remove"]),
        (b"Kundenr;Navn\n1;2\n3", &two, &["1 cell instead of 2", "cut off"], &["write the file again"]),
        (b"PK\x03\x04", &two, &["Excel"], &["CSV"]),
        (b"x\ny\n", &Format { skip_lines: 2, ..two.clone() }, &["ends after 2 lines"], &["lines to skip"]),
    ];
    for (bytes, format, message, hint) in table {
        let damage = read(bytes, format).damage.expect("damage");
        assert!(message.iter().all(|word| damage.message.contains(word)), "{damage}");
        assert!(hint.iter().all(|word| damage.hint.contains(word)), "{damage}");
    }
}

#[test]
fn the_value_shows_where_the_undecodable_bytes_are() {
    let damage = read(b"a;b\n1;Br\xF8d;x\n", &format()).damage.unwrap();
    assert_eq!(damage.value.as_deref(), Some("Br\u{FFFD}"));
}
