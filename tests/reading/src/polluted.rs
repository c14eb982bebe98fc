//! Delimited files that something went wrong with, or that were written in an odd way: is every cell in its place?

use std::collections::BTreeMap;

use fastrand::Rng;

use crate::customers::{Words, customers};
use crate::languages::LANGUAGES;
use crate::tally::{self, Tally};
use crate::unaided::{Read, read, trimmed};
use crate::writer::Writer;

/// What happened to the files.
const POLLUTIONS: &[&str] = &[
    "apostrophe quotes",
    "blank lines",
    "comma and blank between cells",
    "CR alone as line end",
    "delimiter missing in a row",
    "delimiter of two characters",
    "delimiter too many in a row",
    "empty file",
    "every cell quoted",
    "header alone",
    "header of three lines",
    "header of two lines",
    "line break in a quoted cell",
    "lines above",
    "line ends mixed",
    "no escape of quotes in quotes",
    "no header",
    "no line end at the end",
    "one column",
    "one row",
    "other delimiter in a row",
    "quote missing at the end of a cell",
    "quotes escaped with a backslash",
    "quotes inside of text",
    "quote too many at the beginning of a cell",
    "second table, as wide",
    "second table, narrower",
    "second table, wider",
    "tabs between cells",
    "trailing delimiters",
    "two line ends at the end",
];

/// Measures `files` files of each pollution.
pub(crate) fn measure(
    words: Words,
    seed: u64,
    files: usize,
    show: bool,
) -> anyhow::Result<BTreeMap<String, Tally>> {
    tally::each(
        POLLUTIONS,
        |pollution| pollution,
        seed,
        files,
        |pollution, rng| {
            let made = pollute(rng, pollution, words);
            let read = read(&made.text);
            let wrong = made.wrong(&read);
            if show && let Some(wrong) = &wrong {
                let start = made.text.replace('\r', "␍").lines().take(9).collect::<Vec<_>>().join("\n");
                println!("{pollution}: {wrong} ({})\n{start}\n", if read.told { "told" } else { "not told" });
            }
            Ok((wrong.is_none(), !read.told))
        },
    )
}

/// A file and what stands in it.
#[derive(Default)]
struct Made {
    text: String,
    /// The names of the columns, when they stand in one line.
    header: Vec<String>,
    header_lines: u32,
    rows: Vec<Vec<String>>,
    /// The row that something happened to, so that refusing it is right, too.
    damaged: Option<usize>,
    /// What is no part of the table must be told of.
    left_out: bool,
}

impl Made {
    /// What of a reading is not as it should be.
    fn wrong(&self, read: &Read) -> Option<String> {
        if self.text.trim().is_empty() {
            return read.refused.is_none().then(|| "an empty file was read".to_owned());
        }
        if let Some(why) = &read.refused {
            return Some(format!("not read: {why}"));
        }
        // Lines of titles above the names may be taken for titles or for a part of the header: the rows are the same.
        if (read.header_lines == 0) != (self.header_lines == 0) {
            return Some(format!("{} header lines instead of {}", read.header_lines, self.header_lines));
        }
        if self.header_lines == 1 && trimmed(&read.header) != trimmed(&self.header) {
            return Some(format!("the header is {:?}", read.header));
        }
        if read.rows.len() != self.rows.len() {
            return Some(format!("{} rows instead of {}", read.rows.len(), self.rows.len()));
        }
        if self.left_out && !read.left_out {
            return Some("nothing is said of what was left out".to_owned());
        }
        let mut rows = read.rows.iter().zip(&self.rows).enumerate();
        rows.find_map(|(at, (read, row))| match read {
            None if self.damaged == Some(at) => None,
            None => Some(format!("row {} is refused", at + 1)),
            Some(cells) if trimmed(cells) == trimmed(row) => None,
            Some(cells) => Some(format!("row {} is {cells:?} instead of {row:?}", at + 1)),
        })
    }
}

fn pollute(rng: &mut Rng, pollution: &str, words: Words) -> Made {
    let language = &LANGUAGES[rng.usize(..LANGUAGES.len())];
    let mut writer = Writer::new([";", ",", ";", "|"][rng.usize(..4)]);
    let names: Vec<String> = language.header.split('|').take(8).map(str::to_owned).collect();
    let count = if pollution == "one row" { 1 } else { [3, 8, 20, 60][rng.usize(..4)] };
    let mut rows: Vec<Vec<String>> = customers(rng, language, words, count)
        .into_iter()
        .map(|it| vec![it.number, it.name, it.street, it.postcode, it.city, it.phone, it.email, it.person])
        .collect();
    let at = rng.usize(..rows.len());
    let mut made = Made { header: names.clone(), header_lines: 1, ..Made::default() };
    let mut end = ["\n", "\r\n"][rng.usize(..2)];
    match pollution {
        "apostrophe quotes" => (writer.quote, writer.escape) = ('\'', "'"),
        "comma and blank between cells" => writer.delimiter = ", ",
        "delimiter of two characters" => writer.delimiter = ["||", "::", "~|", "##", ";;"][rng.usize(..5)],
        "tabs between cells" => writer.delimiter = "\t",
        "every cell quoted" => writer.every = true,
        "quotes escaped with a backslash" => writer.escape = "\\",
        "no escape of quotes in quotes" => writer.escape = "",
        "CR alone as line end" => end = "\r",
        _ => {}
    }
    if matches!(
        pollution,
        "apostrophe quotes" | "quotes escaped with a backslash" | "no escape of quotes in quotes" | "one row"
    ) || rng.u8(..3) == 0
    {
        // Names that need quotes.
        for row in rows.iter_mut().step_by(1 + rng.usize(..3)) {
            row[1] = format!("{}{} {}", row[1], writer.delimiter.trim_end(), row[7]);
        }
    }
    if matches!(pollution, "quotes escaped with a backslash" | "no escape of quotes in quotes") {
        for row in rows.iter_mut().step_by(2) {
            row[1] = format!("{} {1}{2}{1} {3}", row[1], writer.quote, row[7], row[4]);
        }
    }
    if pollution == "line break in a quoted cell" {
        rows[at][2] = format!("{}\n{}", rows[at][2], rows[at][7]);
    }
    if pollution == "one column" {
        made.header.truncate(1);
        for row in &mut rows {
            row.truncate(1);
        }
    }
    let mut lines: Vec<String> = rows.iter().map(|row| writer.line(row)).collect();
    let mut head = vec![writer.line(&made.header)];
    match pollution {
        "empty file" => {
            return Made { text: ["", "\n", "\r\n\r\n"][rng.usize(..3)].to_owned(), ..Made::default() };
        }
        "header alone" => (rows, lines) = (Vec::new(), Vec::new()),
        "header of two lines" | "header of three lines" => {
            made.header_lines = if pollution == "header of two lines" { 2 } else { 3 };
            let group = |texts: [&str; 8]| writer.line(&texts.map(str::to_owned));
            head.insert(0, group(["Customer", "", "Address", "", "", "Contact", "", ""]));
            if made.header_lines == 3 {
                head.insert(0, group(["Master data", "", "", "", "", "Other", "", ""]));
            }
        }
        "lines above" => {
            let above = ["Customers, all of them", "Printed 22.11.2026", "", "Company: Nord & Syd"];
            for line in above.iter().take(rng.usize(1..5)).rev() {
                head.insert(0, writer.cell(line));
            }
        }
        "no header" => (made.header_lines, head) = (0, Vec::new()),
        "trailing delimiters" => {
            let which = rng.u8(..3);
            if which != 1 {
                head[0].push_str(writer.delimiter);
            }
            if which != 2 {
                lines.iter_mut().for_each(|line| line.push_str(writer.delimiter));
            }
        }
        "blank lines" => {
            for _ in 0..rng.usize(1..4) {
                lines.insert(rng.usize(..=lines.len()), String::new());
            }
        }
        "delimiter missing in a row"
        | "delimiter too many in a row"
        | "other delimiter in a row"
        | "quotes inside of text"
        | "quote too many at the beginning of a cell"
        | "quote missing at the end of a cell" => {
            made.damaged = Some(at);
            let cells: Vec<String> = rows[at].iter().map(|cell| writer.cell(cell)).collect();
            let cell = rng.usize(..7);
            let mut line = |cells: &[String]| lines[at] = cells.join(writer.delimiter);
            match pollution {
                "delimiter missing in a row" => {
                    let mut cells = cells;
                    let next = cells.remove(cell + 1);
                    cells[cell].push_str(&next);
                    line(&cells);
                }
                "delimiter too many in a row" => {
                    let mut cells = cells;
                    cells.insert(cell + 1, String::new());
                    line(&cells);
                }
                "other delimiter in a row" => {
                    let other = if writer.delimiter == ";" { "," } else { ";" };
                    lines[at] = cells.join(other);
                }
                "quotes inside of text" => {
                    made.damaged = None;
                    let (name, person) = (rows[at][2].clone(), rows[at][7].clone());
                    rows[at][2] = format!("{name} \"{person}\" 5\"");
                    let mut cells = cells;
                    cells[2] = rows[at][2].clone();
                    line(&cells);
                }
                "quote too many at the beginning of a cell" => {
                    // It is text: nothing says that it is not.
                    rows[at][cell].insert(0, '"');
                    let mut cells = cells;
                    cells[cell].insert(0, '"');
                    line(&cells);
                }
                _ => {
                    let mut cells = cells;
                    rows[at][4].insert(0, '"');
                    cells[4].clone_from(&rows[at][4]);
                    line(&cells);
                }
            }
        }
        _ => {}
    }
    if pollution.starts_with("second table") {
        made.left_out = true;
        let width = match pollution {
            "second table, narrower" => 4,
            "second table, wider" => 12,
            _ => 8,
        };
        lines.push(String::new());
        let title = |at: usize| {
            format!("{} {}", ["Order", "Item", "Status", "Depot"][at % 4], ["A", "B", "C"][at / 4])
        };
        lines.push(writer.line(&(0..width).map(title).collect::<Vec<_>>()));
        for row in 0..rng.usize(2..9) {
            let cells: Vec<String> =
                (0..width).map(|at| format!("{}{}", ["O", "I", "open", "D"][at % 4], row + at)).collect();
            lines.push(writer.line(&cells));
        }
    }
    head.append(&mut lines);
    let mut text = String::new();
    for line in &head {
        text.push_str(line);
        text.push_str(if pollution == "line ends mixed" { ["\n", "\r\n"][rng.usize(..2)] } else { end });
    }
    match pollution {
        "no line end at the end" => text.truncate(text.trim_end_matches(['\r', '\n']).len()),
        "two line ends at the end" => text.push_str(end),
        _ => {}
    }
    Made { text, rows, ..made }
}
