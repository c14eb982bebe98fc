//! What holds for every file.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;
use crate::encoding::tests::alphabet;
use crate::{Encoding, LineEnds, code};

#[derive(Clone, Debug)]
struct Written {
    encoding: Encoding,
    delimiter: char,
    end: &'static str,
    always_quoted: bool,
    mark: bool,
    last_end: bool,
    chunk: usize,
    width: usize,
    rows: Vec<Vec<String>>,
}

impl Written {
    fn format(&self) -> Format {
        Format { encoding: self.encoding, delimiter: self.delimiter.to_string(), ..format() }
    }

    /// The file as the csv crate writes it, header `c0`, `c1` ... first.
    fn bytes(&self) -> Vec<u8> {
        let terminator = match self.end {
            "\r\n" => csv::Terminator::CRLF,
            other => csv::Terminator::Any(other.as_bytes()[0]),
        };
        let style = if self.always_quoted { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary };
        let mut writer = csv::WriterBuilder::new()
            .delimiter(self.delimiter as u8)
            .terminator(terminator)
            .quote_style(style)
            .from_writer(Vec::new());
        writer.write_record((0..self.width).map(|index| format!("c{index}"))).unwrap();
        for row in &self.rows {
            writer.write_record(row).unwrap();
        }
        let mut text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        if !self.last_end {
            text.truncate(text.len() - self.end.len());
        }
        let mark = if self.mark && self.encoding.label().starts_with("utf") { "\u{FEFF}" } else { "" };
        self.encoding.encode(&format!("{mark}{text}")).unwrap()
    }
}

fn written() -> impl Strategy<Value = Written> {
    let shape = (
        select(Encoding::ALL),
        select(&[';', ',', '\t', '|'][..]),
        select(&["\n", "\r\n", "\r"][..]),
        any::<[bool; 3]>(),
        prop_oneof![1..9_usize, Just(1 << 20)],
        2..6_usize,
    );
    shape.prop_flat_map(|(encoding, delimiter, end, [always_quoted, mark, last_end], chunk, width)| {
        let mut chars: Vec<char> = "abc 12;,|\t\"\"\n\r".chars().chain(alphabet(encoding)).collect();
        if end == "\r" {
            // A file whose lines end with CR alone is known by its having no LF.
            chars.retain(|c| *c != '\n');
        }
        let cell = prop::collection::vec(select(chars), 0..8).prop_map(String::from_iter);
        let rows = prop::collection::vec(prop::collection::vec(cell, width), 0..6);
        rows.prop_map(move |rows| Written {
            encoding,
            delimiter,
            end,
            always_quoted,
            mark,
            last_end,
            chunk,
            width,
            rows,
        })
    })
}

/// A file in a dialect of its own.
#[derive(Clone, Debug)]
struct InDialect {
    delimiter: &'static str,
    quote: &'static str,
    escape: &'static str,
    line_ends: LineEnds,
    end: &'static str,
    chunk: usize,
    rows: Vec<Vec<String>>,
}

impl InDialect {
    fn format(&self) -> Format {
        Format {
            delimiter: self.delimiter.into(),
            quote: self.quote.into(),
            escape: self.escape.into(),
            line_ends: self.line_ends,
            ..format()
        }
    }

    /// A cell as it is written: plain where that is possible, or else in quotes, or else with escapes.
    fn written(&self, cell: &str) -> String {
        let special = |c: char| {
            matches!(c, '\r' | '\n')
                || [self.delimiter, self.quote, self.escape].iter().any(|sign| sign.contains(c))
        };
        let escaped = |what: &dyn Fn(char) -> bool| -> String {
            let one = |c: char| if what(c) { format!("{}{c}", self.escape) } else { c.to_string() };
            cell.chars().map(one).collect()
        };
        if !cell.contains(special) {
            cell.to_owned()
        } else if self.quote.is_empty() {
            // The first character is enough to take a delimiter apart.
            escaped(&|c| matches!(c, '\r' | '\n') || self.delimiter.starts_with(c) || self.escape.contains(c))
        } else if self.escape.is_empty() {
            format!("{0}{1}{0}", self.quote, cell.replace(self.quote, &self.quote.repeat(2)))
        } else {
            let inner = |c: char| self.quote.contains(c) || self.escape.contains(c);
            format!("{0}{1}{0}", self.quote, escaped(&inner))
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let width = self.rows.first().map_or(2, Vec::len);
        let header: Vec<String> = (0..width).map(|index| format!("Hoved{index}")).collect();
        let line = |row: &Vec<String>| {
            let cells: Vec<String> = row.iter().map(|cell| self.written(cell)).collect();
            format!("{}{}", cells.join(self.delimiter), self.end)
        };
        [&header].into_iter().chain(&self.rows).map(line).collect::<String>().into_bytes()
    }
}

fn in_dialect() -> impl Strategy<Value = InDialect> {
    let signs = (
        select(&[";", ",", "\t", "|", "¤", ", ", "||", "::", "; ", "~|"][..]),
        select(&["\"", "'", "«", ""][..]),
        select(&["", "\\", "^"][..]),
    );
    let ends = select(&[(LineEnds::Auto, "\n"), (LineEnds::Auto, "\r\n"), (LineEnds::Any, "\r")][..]);
    let chunk = prop_oneof![1..9_usize, Just(1 << 20)];
    (signs, ends, chunk, 2..5_usize).prop_flat_map(
        |((delimiter, quote, escape), (line_ends, end), chunk, width)| {
            let mut chars: Vec<char> = "ab c1ø;,|~:\t'\"«\\^\n\r".chars().collect();
            if quote.is_empty() && escape.is_empty() {
                // There is no way to write these.
                chars.retain(|c| !matches!(c, '\r' | '\n') && !delimiter.contains(*c));
            }
            if quote.is_empty() && line_ends == LineEnds::Auto {
                // Before an LF that ends the line, a CR is part of the line end.
                chars.retain(|c| *c != '\r');
            }
            let cell = prop::collection::vec(select(chars), 0..7).prop_map(String::from_iter);
            let rows = prop::collection::vec(prop::collection::vec(cell, width), 0..6);
            rows.prop_map(move |rows| InDialect { delimiter, quote, escape, line_ends, end, chunk, rows })
        },
    )
}

/// Bytes that mean something to a reader of delimited files, and some that do not.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let telling = select(&b"\"\"\"\";;;;\n\n\n\r\r,\t ab\0\x1A\xEF\xBB\xBF\xFF\xFE\xD8\xC3\xE5\x81"[..]);
    const LINES: &[&[u8]] = &[b"a;b\n", b"1;2\n", b"\"x\";\"y\"\n", b"\"\"\"", b"\r\n", b"a\0;\0\n\0"];
    let lines = select(LINES);
    prop_oneof![
        2 => prop::collection::vec(telling, 0..80),
        1 => prop::collection::vec(any::<u8>(), 0..80),
        4 => prop::collection::vec(lines, 0..12).prop_map(|lines| lines.concat()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_back(written in written()) {
        let bytes = written.bytes();
        let source = Chunks::new(&bytes, written.chunk);
        let outcome = read_from(source, &written.format(), Limits::default());
        prop_assert_eq!(&outcome.damage, &None);
        prop_assert_eq!(outcome.header.len(), written.width);
        prop_assert_eq!(outcome.problems(), []);
        prop_assert_eq!(outcome.cells(), written.rows.clone());
        let counted = if written.end == "\r" { '\r' } else { '\n' };
        let mut line = 2;
        for row in &outcome.rows {
            prop_assert_eq!(row.line, line);
            line += 1 + row.cells.iter().map(|cell| cell.matches(counted).count() as u64).sum::<u64>();
            let from = row.offset as usize;
            prop_assert_eq!(&row.raw, &bytes[from..from + row.raw.len()]);
        }
    }

    #[test]
    fn the_csv_crate_reads_the_same_cells(
        parts in prop::collection::vec(select(&["a", "b", ";", ";", "\n", "\r\n", "\"", "\"\"", "\";\"", "\"\n\""][..]), 1..40)
    ) {
        let text = parts.concat();
        let outcome = read(text.as_bytes(), &headless());
        let stray = outcome.problems().iter().any(|(_, _, code)| *code == code::STRAY_QUOTE);
        if outcome.damage.is_none() && !stray {
            let mut reader = csv::ReaderBuilder::new()
                .delimiter(b';').has_headers(false).flexible(true).from_reader(text.as_bytes());
            let expected: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
            let expected: Vec<Vec<&str>> = expected.iter().map(|record| record.iter().collect()).collect();
            prop_assert_eq!(outcome.cells(), expected);
        }
    }

    #[test]
    fn no_bytes_are_too_strange_and_chunks_make_no_difference(
        bytes in hostile(),
        encoding in select(Encoding::ALL),
        small in any::<bool>(),
        header_lines in 0..2_u32,
        skip_lines in 0..2_u32,
        names in subsequence(vec!["a", "b"], 0..=2),
        chunk in 1..5_usize,
        (header_first, in_encoding) in any::<(bool, bool)>(),
    ) {
        let limits = if small { Limits { line: 30, field: 8, columns: 4, ..Limits::default() } } else { Limits::default() };
        let bytes = if header_first { [b"a;b\n", bytes.as_slice()].concat() } else { bytes };
        let text: String = bytes.iter().copied().map(char::from).collect();
        let bytes = if in_encoding { encoding.encode(&text).unwrap_or(bytes) } else { bytes };
        let format = if header_lines == 0 { positions(&[1, 2][..names.len()]) } else { mapping(&names) };
        let format = Format { encoding, header_lines, skip_lines, ..format };
        let whole = read_with(&bytes, &format, limits);
        prop_assert_eq!(&read_from(Chunks::new(&bytes, chunk), &format, limits), &whole);
        for row in &whole.rows {
            let from = row.offset as usize;
            prop_assert_eq!(&row.raw, &bytes[from..from + row.raw.len()]);
            prop_assert!(row.raw.len() <= limits.line && row.cells.len() <= limits.columns);
            prop_assert!(row.cells.iter().all(|cell| cell.len() <= limits.field + 1));
        }
    }

    #[test]
    fn a_record_parser_never_panics_on_bytes_of_other_files(
        bytes in hostile(),
        encoding in select(Encoding::ALL),
        small in any::<bool>(),
    ) {
        let limits = if small { Limits { line: 9, field: 5, columns: 3, ..Limits::default() } } else { Limits::default() };
        let format = Format { encoding, ..format() };
        let header = encoding.encode("a;b\r\n").unwrap();
        let mut parser = Reader::new(header.as_slice(), &format, limits).unwrap().record_parser();
        let mut row = Row::default();
        if parser.parse(&bytes, 7, &mut row).is_ok() {
            prop_assert_eq!((row.line, row.raw()), (7, bytes.as_slice()));
        }
    }

    #[test]
    fn rows_of_any_dialect_are_read_back(file in in_dialect()) {
        let (bytes, format) = (file.bytes(), file.format());
        prop_assert_eq!(format.complaints(), []);
        let outcome = read_from(Chunks::new(&bytes, file.chunk), &format, Limits::default());
        prop_assert_eq!(&outcome.damage, &None);
        prop_assert_eq!(outcome.problems(), []);
        prop_assert_eq!(outcome.cells(), file.rows);
    }

    #[test]
    fn one_quote_too_many_or_too_few_costs_no_other_row(
        // Without the letters of the columns' names: a line that names them again begins a second table.
        cells in prop::collection::vec(("[a-m]{0,3}", "[a-m]{1,3}", "[a-m]{1,3}"), 2..8),
        place in any::<prop::sample::Index>(),
        too_few in any::<bool>(),
    ) {
        let line = |(a, b, c): &(String, String, String)| format!("\"{a}\";\"{b}\";\"{c}\"\n");
        let header = "Nr;Navn;By\n";
        let good: String = cells.iter().map(line).collect();
        let quotes: Vec<usize> = good.match_indices('"').map(|(at, _)| at).collect();
        let at = if too_few { quotes[place.index(quotes.len())] } else { place.index(good.len() + 1) };
        let hit = good[..at].matches('\n').count();
        let (change, rest) = if too_few { ("", &good[at + 1..]) } else { ("\"", &good[at..]) };
        let text = format!("{header}{}{change}{rest}", &good[..at]);
        let outcome = read(text.as_bytes(), &format());
        match outcome.damage {
            Some(damage) => {
                // Only a quote that stays open to the end of the file takes it along.
                prop_assert_eq!(damage.code.as_ref(), code::QUOTE_NOT_CLOSED);
                prop_assert_eq!(damage.line, Some(hit as u64 + 2));
            }
            None => {
                let expected: Vec<_> = cells.iter().map(|(a, b, c)| vec![a.as_str(), b, c]).collect();
                for (row, expected) in outcome.cells().iter().zip(&expected).enumerate()
                    .filter_map(|(index, pair)| (index != hit).then_some(pair))
                {
                    prop_assert_eq!(row, expected);
                }
                prop_assert!(outcome.problems().iter().all(|p| p.0 == hit as u64 + 2));
                prop_assert!(outcome.rows.len() >= cells.len());
            }
        }
    }
}
