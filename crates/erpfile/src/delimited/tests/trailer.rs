//! Files whose last line says what the others hold.

use super::*;
use crate::{Trailer, code};

fn trailer() -> Trailer {
    Trailer {
        starts_with: "SLUT".into(),
        row_count: Some(2),
        total: Some(3),
        total_of: Some(ColumnFrom::Name("Saldo".into())),
    }
}

fn with(trailer: Trailer) -> Format {
    Format { trailer: Some(trailer), ..mapping(&["Nr", "Saldo"]) }
}

/// Only the number of rows, in a file without a header.
fn counted() -> Format {
    let trailer = Trailer { total: None, total_of: None, ..trailer() };
    Format { trailer: Some(trailer), ..headless() }
}

fn proof(bytes: &[u8], format: &Format) -> Result<(u64, String), Box<Problem>> {
    let outcome = read(bytes, format);
    if let Some(damage) = outcome.damage {
        return Err(Box::new(damage));
    }
    let mut reader = Reader::new(bytes, format, Limits::default()).unwrap();
    let mut row = Row::default();
    let mut rows = 0;
    while reader.read(&mut row).unwrap() {
        rows += 1;
    }
    assert_eq!(rows, outcome.rows.len() as u64);
    assert!(!reader.read(&mut row).unwrap(), "the end stays the end");
    Ok((rows, reader.trailer().unwrap().to_owned()))
}

#[test]
fn a_trailer_that_tells_the_truth_proves_the_file_and_is_no_row() {
    let table: &[(&str, u64)] = &[
        ("Nr;Navn;Saldo\n1;A;1,10\n2;B;-0,2\n3;C;\nSLUT;3;0,9\n", 3),
        // No line end, quotes, more cells than the header, blank lines after it, the end mark of DOS.
        ("Nr;Navn;Saldo\n1;A;1.000,10\nSLUT;1;1000,1", 1),
        ("Nr;Navn;Saldo\r\n1;A;5\r\n\"SLUT\";\"1\";\"5,00\";x;y\r\n\r\n \r\n", 1),
        ("Nr;Navn;Saldo\n1;A;5\nSLUTLINJE;1;5\n\u{1A}", 1),
        ("Nr;Navn;Saldo\nSLUT;0;0\n", 0),
        // A refused row is a row, and one with a missing cell adds nothing.
        ("Nr;Navn;Saldo\n1\n2;B;7\nSLUT;2;7\n", 2),
    ];
    for (text, rows) in table {
        let (read, proof) =
            proof(text.as_bytes(), &with(trailer())).unwrap_or_else(|p| panic!("{text:?}: {p}"));
        assert_eq!(read, *rows, "{text:?}");
        assert!(proof.contains(&format!("{rows} rows and a total of ")), "{proof}");
    }
    for (text, rows) in [("1;2\n3;4\nSLUT;2\n", 2), ("SLUT;0\n", 0), ("1;2\nSLUT;1", 1)] {
        assert_eq!(proof(text.as_bytes(), &counted()).unwrap().0, rows, "{text:?}");
    }
    let thousands: String = (0..1234).map(|n| format!("{n};x\n")).chain(["SLUT;1.234\n".into()]).collect();
    assert_eq!(proof(thousands.as_bytes(), &counted()).unwrap().0, 1234);
    let by_line = Trailer { starts_with: "SLUT;".into(), ..trailer() };
    let text = "Nr;Navn;Saldo\nSLUTSKO;A;5\nSLUT;1;5\n";
    assert_eq!(
        proof(text.as_bytes(), &with(by_line)).unwrap().0,
        1,
        "the line's beginning tells more than the cell's"
    );
}

#[test]
fn a_file_that_is_not_what_its_trailer_says_is_refused() {
    let header = "Nr;Navn;Saldo\n";
    let table: &[(&str, &str, u64, &str)] = &[
        // The writer crashed: between two rows, in the trailer, before the first row.
        ("1;A;5\n2;B;6\n", code::TRAILER_MISSING, 3, "after 2 rows"),
        ("", code::TRAILER_MISSING, 1, "after 0 rows"),
        ("1;A;5\nSLU", code::INCOMPLETE_RECORD, 3, "1 cell"),
        ("1;A;5\nSLUT", code::INCOMPLETE_RECORD, 3, "1 cell instead of 3"),
        ("1;A;5\nSLUT;1", code::INCOMPLETE_RECORD, 3, "2 cells instead of 3"),
        ("1;A;5\nSLUT;1;", code::TRAILER_UNREADABLE, 3, "\"\""),
        ("1;A;5\nSLUT;1\n", code::TRAILER_UNREADABLE, 3, "cell 3"),
        // It says something else.
        ("1;A;5\nSLUT;2;5\n", code::TRAILER_MISMATCH, 3, "says 2 rows, but the file has 1"),
        (
            "1;A;5\nSLUT;1;5,01\n",
            code::TRAILER_MISMATCH,
            3,
            "a total of 5,01, but the column Saldo adds up to 5.",
        ),
        ("1;A;0,1\n2;B;0,2\nSLUT;2;0,4\n", code::TRAILER_MISMATCH, 4, "adds up to 0,3."),
        // It cannot be read, or what it is of cannot.
        ("1;A;5\nSLUT;one;5\n", code::TRAILER_UNREADABLE, 3, "\"one\""),
        ("1;A;5\nSLUT;1;1.234\n", code::TRAILER_UNREADABLE, 3, "1.234"),
        ("1;A;x\nSLUT;1;0\n", code::TRAILER_UNREADABLE, 2, "on line 2 the column Saldo holds \"x\""),
        // More follows it.
        ("1;A;5\nSLUT;1;5\n2;B;6\n", code::TRAILER_MISPLACED, 3, "line 4"),
        ("1;A;5\nSLUT;1;5\nNr;Navn;Saldo\n2;B;6\nSLUT;1;6\n", code::TRAILER_MISPLACED, 3, "line 4"),
    ];
    for (rest, code, line, says) in table {
        for end in ["\n", "\r\n"] {
            let text = format!("{header}{rest}").replace('\n', end);
            let problem = proof(text.as_bytes(), &with(trailer())).expect_err(&text);
            assert_eq!((problem.code.as_ref(), problem.line), (*code, Some(*line)), "{text:?}: {problem}");
            assert!(problem.message.contains(says), "{text:?}: {problem}");
            assert!(problem.message.ends_with('.') && problem.hint.ends_with('.'), "{problem}");
        }
    }
    let problem = proof(b"Nr;Navn\n1;A\nSLUT;1;5\n", &with(trailer())).unwrap_err();
    assert_eq!(problem.code, code::COLUMN_MISSING, "the column of the total is looked for like any other");
}

#[test]
fn cut_off_anywhere_the_file_is_never_taken_for_whole() {
    let text = "Nr;Navn;Saldo\n10;\"A\nB\";1,10\n20;C;2\n\nSLUT;2;3,10\n";
    let whole = text.trim_end_matches('\n').len();
    for end in 0..whole {
        let half = &text[..end];
        // Without its last digit the total says the same.
        if half.ends_with("3,1") {
            continue;
        }
        assert!(proof(half.as_bytes(), &with(trailer())).is_err(), "{half:?}");
    }
    for end in whole..=text.len() {
        assert_eq!(proof(&text.as_bytes()[..end], &with(trailer())).unwrap().0, 2);
    }
}
