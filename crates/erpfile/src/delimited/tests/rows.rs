//! Rows that are read, and rows that are refused while reading goes on.

use super::*;
use crate::code;

/// Each file with its cells; the header is `a;b`.
#[test]
fn cells_are_what_stands_between_delimiters_and_quotes() {
    let table: &[(&str, &[&[&str]])] = &[
        ("1;2\n", &[&["1", "2"]]),
        ("1;2", &[&["1", "2"]]),
        (" 1 ; 2 \n", &[&[" 1 ", " 2 "]]),
        (";\n", &[&["", ""]]),
        ("\"1\";\"2\"\n", &[&["1", "2"]]),
        ("\"\";\"\"\n", &[&["", ""]]),
        ("\"a;b\";\"c\"\"d\"\n", &[&["a;b", "c\"d"]]),
        ("\"\"\"\";\"\"\"\"\"\"\n", &[&["\"", "\"\""]]),
        ("\"a\"\"b\"\"c\";\"\"\"d\"\n3;4\n", &[&["a\"b\"c", "\"d"], &["3", "4"]]),
        ("\"a\nb\";2\n3;4\n", &[&["a\nb", "2"], &["3", "4"]]),
        ("\"a\r\n\r\nb\";2\r\n3;4\r\n", &[&["a\r\n\r\nb", "2"], &["3", "4"]]),
        ("1;\"x\n\"\"y\"\"\nz\"\n3;4\n", &[&["1", "x\n\"y\"\nz"], &["3", "4"]]),
        // A quote that is not the first character of its cell is text.
        ("1;17\" screen\n", &[&["1", "17\" screen"]]),
        ("1; \"x\"\n", &[&["1", " \"x\""]]),
        // Surplus cells that are empty are fine.
        ("1;2;\n3;4;;;\n", &[&["1", "2", ""], &["3", "4", "", "", ""]]),
        // A CR in a file whose lines end with LF is text.
        ("1;x\ry\n", &[&["1", "x\ry"]]),
        ("=cmd|' /C calc'!A0;<script>\n", &[&["=cmd|' /C calc'!A0", "<script>"]]),
    ];
    for (text, expected) in table {
        let outcome = read(format!("a;b\n{text}").as_bytes(), &format());
        assert_eq!(outcome.damage, None, "{text:?}");
        assert_eq!(outcome.cells(), *expected, "{text:?}");
        assert_eq!(outcome.problems(), [], "{text:?}");
    }
}

#[test]
fn every_line_end_is_understood_and_blank_lines_are_counted_but_passed_over() {
    for end in ["\n", "\r\n", "\r"] {
        let text = ["a;b", "", "1;2", "  ", "\"x", "y\";4", "", "5;6", ""].join(end);
        for label in ["utf-8", "windows-1252", "utf-16le", "utf-16be"] {
            let format = encoded(label);
            let bytes = format.encoding.encode(&text).unwrap();
            let outcome = read(&bytes, &format);
            assert_eq!(outcome.header, ["a", "b"], "{end:?} {label}");
            let joined = format!("x{end}y");
            assert_eq!(outcome.cells(), [["1", "2"], [&joined, "4"], ["5", "6"]], "{end:?} {label}");
            assert_eq!(outcome.lines(), [3, 5, 8], "{end:?} {label}");
            assert_eq!(outcome.damage, None);
        }
    }
}

#[test]
fn a_line_end_is_never_found_inside_another_character() {
    // U+0A0A, U+0D0A and U+0A0D hold the bytes of line ends.
    let text = "a;b\r\n\u{A0A};\u{D0A}\u{A0D}\r\n";
    for label in ["utf-16le", "utf-16be"] {
        let format = encoded(label);
        let outcome = read(&format.encoding.encode(text).unwrap(), &format);
        assert_eq!(outcome.cells(), [["\u{A0A}", "\u{D0A}\u{A0D}"]]);
    }
}

#[test]
fn the_end_mark_of_dos_is_no_row() {
    let outcome = read(b"a;b\r\n1;2\r\n\x1A", &encoded("cp850"));
    assert_eq!(outcome.cells(), [["1", "2"]]);
    assert_eq!(outcome.damage, None);
}

#[test]
fn a_header_alone_is_a_file_without_rows() {
    for text in ["a;b\n", "a;b", "a;b\r\n\r\n"] {
        let outcome = read(text.as_bytes(), &mapping(&["a", "b"]));
        assert_eq!((outcome.header.as_slice(), outcome.damage), (&["a".into(), "b".into()][..], None));
        assert!(outcome.rows.is_empty());
    }
    assert_eq!(read(b"\n", &headless()), Outcome::default());
}

#[test]
fn lines_above_the_header_are_skipped_unread() {
    let format = Format { skip_lines: 2, ..mapping(&["b"]) };
    let outcome = read(b"EXTF;700;\"never closed\n\xFF\x00\na;b\n1;2\n", &format);
    assert_eq!(outcome.header, ["a", "b"]);
    assert_eq!(outcome.columns, [1]);
    assert_eq!((outcome.lines(), outcome.cells()), (vec![4], vec![vec!["1", "2"]]));
}

#[test]
fn columns_are_found_exactly_or_else_ignoring_case_and_outer_blanks() {
    let header = "Kundenr; NAVN ;By;by;Ärende\n";
    for (name, index) in [("Kundenr", 0), ("kundenr", 0), ("Navn", 1), ("By", 2), ("by", 3), ("ÄRENDE ", 4)]
    {
        let outcome = read(header.as_bytes(), &mapping(&[name]));
        assert_eq!((outcome.columns, outcome.damage), (vec![index], None), "{name}");
    }
    assert_eq!(read(header.as_bytes(), &positions(&[5, 1])).columns, [4, 0]);
}

#[test]
fn signs_that_systems_put_around_names_do_not_matter() {
    let header = "*Kunde Nr;[quickid];=custNo;\u{feff}Rabat %;Rabat;Post\u{a0}nr\n";
    for (name, index) in [
        ("Kunde Nr", 0),
        ("KundeNr", 0),
        ("quickid", 1),
        ("CustNo", 2),
        ("=custNo", 2),
        ("rabat%", 3),
        ("Rabat", 4),
        ("Postnr", 5),
    ] {
        let outcome = read(header.as_bytes(), &mapping(&[name]));
        assert_eq!((outcome.columns, outcome.damage), (vec![index], None), "{name}");
    }
    let damage = |header: &str, name: &str| read(header.as_bytes(), &mapping(&[name])).damage.map(|d| d.code);
    assert_eq!(damage("Rabat %;Navn\n", "Rabat"), Some(code::COLUMN_MISSING.into()));
    assert_eq!(damage("*Navn;[Navn]\n", "Navn"), Some(code::DUPLICATE_HEADER.into()));
    assert_eq!(damage("**;Navn\n", "*"), Some(code::COLUMN_MISSING.into()));
}

#[test]
fn of_several_names_the_first_one_counts_and_joined_columns_are_all_needed() {
    let from = |names: &[&str]| names.iter().map(|name| ColumnFrom::Name((*name).into())).collect::<Vec<_>>();
    let column = |names: &[&str], join: Option<&str>| Column {
        from: from(names),
        join: join.map(str::to_owned),
        ..Column::new(ColumnFrom::Position(1), "name")
    };
    let read =
        |column: Column| read(b"Nr;Navn;Efternavn\n1;2;3\n", &Format { columns: vec![column], ..format() });
    assert_eq!(read(column(&["Fornavn", "Efternavn", "Navn"], None)).columns, [2]);
    assert_eq!(read(column(&["Efternavn", "Navn"], Some(" "))).columns, [2, 1]);
    assert!(read(column(&[], None)).columns.is_empty());
    let missing = |names: &[&str], join| read(column(names, join)).damage.unwrap().message;
    assert!(missing(&["Kunde", "Firma"], None).contains("The column \"Kunde\" or \"Firma\" is not in"));
    assert!(
        missing(&["Fornavn", "Navn", "By"], Some("")).contains("The columns \"Fornavn\", \"By\" are not in")
    );
}

#[test]
fn columns_that_the_format_does_not_map_may_share_a_name() {
    let outcome = read(b"Konto;Leerfeld;Leerfeld\n1;;\n", &mapping(&["Konto"]));
    assert_eq!((outcome.columns, outcome.damage), (vec![0], None));
}

#[test]
fn columns_without_a_name_at_the_end_may_be_left_out() {
    let text = b"a;b;;\n1;2\n1;2;\n1;2;;\n1;2;3\n1;2;3;4\n1;2;3;4;\n1;2;3;4;5\n1\n";
    let outcome = read(text, &format());
    assert_eq!(outcome.header, ["a", "b", "", ""]);
    assert_eq!(outcome.problems(), [(8, 5, code::TOO_MANY_CELLS), (9, 0, code::TOO_FEW_CELLS)]);
    // ... unless they are mapped.
    assert_eq!(read(text, &positions(&[3])).problems()[0], (2, 0, code::TOO_FEW_CELLS));
}

#[test]
fn a_last_row_without_line_end_is_complete_if_it_has_the_cells_of_the_others() {
    let damage = |text: &str| read(text.as_bytes(), &format()).damage.map(|damage| damage.code);
    assert_eq!(damage("a;b;\n1;2;\n3;4;"), None);
    assert_eq!(damage("a;b;\n1;2;\n3;4"), Some(code::INCOMPLETE_RECORD.into()));
    assert_eq!(damage("a;b;\n1;2\n3;4"), None);
    assert_eq!(damage("a;b;\n3;4"), Some(code::INCOMPLETE_RECORD.into()));
    assert_eq!(damage("a;b\n1;2;\n3;4"), None);
}

#[test]
fn without_a_header_the_first_row_says_how_many_cells_each_has() {
    let format = Format { header_lines: 0, ..positions(&[2]) };
    let outcome = read(b"\n1;2;3\n4;5\n6;7;8;9\n", &format);
    assert!(outcome.header.is_empty());
    assert_eq!(outcome.columns, [1]);
    assert_eq!(outcome.lines(), [2, 3, 4]);
    assert_eq!(outcome.problems(), [(3, 0, code::TOO_FEW_CELLS), (4, 4, code::TOO_MANY_CELLS)]);
    assert!(outcome.rows[1].problems[0].message.contains("the first row has 3"));
}

/// Rows below the header `a;b;c`, with line, column, code and value of each problem.
#[test]
fn a_row_that_cannot_be_taken_is_refused_alone() {
    type Expected = (u64, Option<u32>, &'static str, Option<&'static str>);
    let table: &[(&str, &[Expected], usize)] = &[
        ("1;2\n4;5;6\n", &[(2, None, code::TOO_FEW_CELLS, None)], 2),
        ("1;2;3;4\n4;5;6\n", &[(2, Some(4), code::TOO_MANY_CELLS, Some("4"))], 2),
        ("1;2;3;;5;6\n4;5;6\n", &[(2, Some(5), code::TOO_MANY_CELLS, Some("5"))], 2),
        ("1;\"Bob\" Smith;x\n4;5;6\n", &[(2, Some(2), code::STRAY_QUOTE, Some("\"Bob\" Smith"))], 2),
        ("\"A\"B;2;3\n4;5;6\n", &[(2, Some(1), code::STRAY_QUOTE, Some("\"A\"B"))], 2),
        ("1;2;\"3\" \n4;5;6\n", &[(2, Some(3), code::STRAY_QUOTE, Some("\"3\" "))], 2),
        // A quote that opens within a cell, and closes behind the delimiter.
        ("1\"Smed; Maler\";3\n4;5;6\n", &[(2, Some(1), code::STRAY_QUOTE, Some("1\"Smed"))], 2),
        ("1;Ole\"s;Bar\"\n4;5;6\n", &[(2, Some(2), code::STRAY_QUOTE, Some("Ole\"s"))], 2),
        // Two stray quotes are one problem, and a quote left open after one takes no further line.
        ("\"A\"B;\"C\"D;\"E\n4;5;6\n", &[(2, Some(1), code::STRAY_QUOTE, Some("\"A\"B"))], 2),
        // A quote left open, shown to be a stray one by the quotes of the next line.
        ("1;\"Bob;3\n\"4\";\"5\";\"6\"\n", &[(2, Some(2), code::STRAY_QUOTE, Some("\"Bob;3"))], 2),
        ("1;\"Bob\"\";3\n\"4\";\"5\";\"6\"\n", &[(2, Some(2), code::STRAY_QUOTE, Some("\"Bob\"\";3"))], 2),
        // ... or of one further below.
        (
            "1;\"Bob;3\n4;5;6\n7;\"x\"y;9\n",
            &[
                (2, Some(2), code::STRAY_QUOTE, Some("\"Bob;3")),
                (4, Some(2), code::STRAY_QUOTE, Some("\"x\"y")),
            ],
            3,
        ),
    ];
    for (text, expected, rows) in table {
        for end in ["\n", "\r\n"] {
            let text = format!("a;b;c\n{text}").replace('\n', end);
            let outcome = read(text.as_bytes(), &format());
            assert_eq!(outcome.damage, None, "{text:?}");
            let problems: Vec<_> = outcome
                .rows
                .iter()
                .flat_map(|row| &row.problems)
                .map(|p| (p.line.unwrap_or(0), p.column, p.code.as_ref(), p.value.as_deref()))
                .collect();
            assert_eq!(problems, *expected, "{text:?}");
            assert_eq!(outcome.rows.len(), *rows, "{text:?}");
        }
    }
}

#[test]
fn a_stray_quote_never_swallows_the_next_record() {
    let text = "a;b\n1;\"Ole\n2;\"Per\"\n3;\"Åse\"\n4;Ida\n";
    let outcome = read(text.as_bytes(), &format());
    assert_eq!(outcome.damage, None);
    assert_eq!(outcome.lines(), [2, 3, 4, 5]);
    assert_eq!(outcome.cells(), [["1", "\"Ole"], ["2", "Per"], ["3", "Åse"], ["4", "Ida"]]);
    assert_eq!(outcome.problems(), [(2, 2, code::STRAY_QUOTE)]);
    assert_eq!(outcome.rows[0].raw, b"1;\"Ole");
}

#[test]
fn without_a_quote_every_quote_is_text() {
    let format = Format { quote: String::new(), ..format() };
    let outcome = read(b"a;b\n\"1\";17\"\n\"2;3\n", &format);
    assert_eq!(outcome.cells(), [["\"1\"", "17\""], ["\"2", "3"]]);
    assert_eq!(outcome.problems(), []);
}

#[test]
fn another_quote_and_any_one_character_as_delimiter() {
    for delimiter in [",", "\t", "|", "^", "\u{1F}", "¤", "→"] {
        let format = Format { quote: "'".into(), delimiter: delimiter.into(), ..format() };
        let text = "a;b;c\n'1;''x''';\"2\";\n;;'l\nm'\n".replace(';', delimiter);
        let outcome = read(text.as_bytes(), &format);
        let first = format!("1{delimiter}'x'");
        assert_eq!(outcome.cells(), [[&first, "\"2\"", ""], ["", "", "l\nm"]], "{delimiter:?}");
        assert_eq!(outcome.problems(), []);
    }
}

#[test]
fn a_message_says_what_happened_and_what_to_do() {
    let outcome = read("a;b;c\n1;\"Bob\" Smith;x\n1;2\n1;2;3;4\n1;\"x\ny\"\n".as_bytes(), &format());
    let said: Vec<String> =
        outcome.rows.iter().flat_map(|row| &row.problems).map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "line 2, column 2: In column 2 text follows the closing quote (\"). A quote that belongs to the \
             text must be doubled (\"\") inside a quoted cell. If the file has no quoted cells, set the \
             format's quote to none.",
            "line 3: The row has 2 cells, the header has 3. A line break inside a value may have cut the row \
             in two, or a delimiter is missing.",
            "line 4, column 4: The row has 4 cells, the header has 3. A value probably contains the delimiter \
             (;) without quotes around the value.",
            "line 5: The row has 2 cells, the header has 3. The row goes on to line 6, since quotes hold it \
             together: one of them may be missing or too many.",
        ]
    );
}

#[test]
fn a_source_that_fails_once_can_be_read_on() {
    struct Flaky<'a>(&'a [u8], bool);
    impl Read for Flaky<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 { self.0.read(buffer) } else { Err(io::ErrorKind::TimedOut.into()) }
        }
    }
    // Longer than the head, so that rows are read after the first failure.
    let text = format!("a;b\n{}", "1;\"x\ny\"\n".repeat(40_000));
    let mut source = Flaky(text.as_bytes(), false);
    let mut rows = 0;
    let mut row = Row::default();
    let mut reader = Reader::new(&mut source, &format(), Limits::default()).unwrap();
    let mut failures = 0;
    loop {
        match reader.read(&mut row) {
            Ok(true) => {
                assert_eq!((row.line, row.cell(1)), (2 + 2 * rows, Some("x\ny")));
                rows += 1;
            }
            Ok(false) => break,
            Err(ReadError::Io(_)) => failures += 1,
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(rows, 40_000);
    assert!(failures > 0);
    assert_eq!(reader.position(), text.len() as u64);
}

/// Rows of all sizes, many times what is held in memory at once, and stray quotes among them.
#[test]
fn rows_are_whole_wherever_they_lie_in_a_long_file() {
    let mut text = "a;b;c\n".to_owned();
    let mut expected = Vec::new();
    let mut line = 2;
    for number in 0..700_usize {
        let long = "x".repeat(number * 7919 % 3000 * usize::from(number % 5 == 0) * 20);
        let first = number.to_string();
        if number % 7 == 3 {
            text += &format!("{first};\"stray{long};\n");
            expected.push((line, vec![first, format!("\"stray{long};")], false));
            line += 1;
        } else {
            text += &format!("{first};\"q{long}\n;\"\"\n\";\"{long}\"\n");
            expected.push((line, vec![first, format!("q{long}\n;\"\n"), long], true));
            line += 3;
        }
    }
    assert!(text.len() > 4 << 20);
    for most in [1 << 20, 5003] {
        let outcome = read_from(Chunks::new(text.as_bytes(), most), &format(), Limits::default());
        assert_eq!(outcome.damage, None);
        assert_eq!(outcome.rows.len(), expected.len());
        for (row, (line, cells, good)) in outcome.rows.iter().zip(&expected) {
            assert_eq!((row.line, row.problems.is_empty()), (*line, *good));
            assert!(row.cells == *cells, "line {line}");
        }
    }
}

#[test]
fn a_record_may_be_many_times_longer_than_what_is_read_at_once() {
    let cell = "y".repeat(60 << 10);
    let wide = format!("a;b\n1;2\n{}\n3;4\n", [cell.as_str(); 17].join(";"));
    let limits = Limits { line: 2 << 20, ..Limits::default() };
    let outcome = read_from(Chunks::new(wide.as_bytes(), 70_001), &format(), limits);
    assert_eq!(outcome.problems(), [(3, 3, code::TOO_MANY_CELLS)]);
    assert_eq!(outcome.rows[1].cells, [cell.as_str(); 17]);
    assert_eq!(outcome.rows[2].cells, ["3", "4"]);
}
