//! Files of every shape that offices make: are delimiter, header and the lines above it right?

use std::collections::BTreeMap;

use erpfile::Limits;
use erpfile::suggest::Sample;
use fastrand::Rng;
use register::suggest::propose;

use crate::customers::{Words, customers};
use crate::languages::LANGUAGES;
use crate::tally::{self, Tally};
use crate::writer::Writer;

/// The shapes.
const SHAPES: &[&str] = &[
    "plain",
    "titles above",
    "units below",
    "notes below",
    "total below",
    "no header",
    "two header lines",
    "comments above",
    "blank lines",
    "one row",
    "wide",
];

/// Measures `files` files of each shape.
pub(crate) fn measure(
    words: Words,
    seed: u64,
    files: usize,
    show: bool,
) -> anyhow::Result<BTreeMap<String, Tally>> {
    tally::each(
        SHAPES,
        |shape| shape,
        seed,
        files,
        |shape, rng| {
            let made = make(rng, shape, words);
            let proposal = propose(&Sample::new(made.text.clone().into_bytes(), true), Limits::default())?;
            let format = &proposal.format;
            let told = (format.delimiter.as_str(), format.skip_lines, format.header_lines);
            let right = told == (made.delimiter, made.above, made.header);
            if show && !right {
                println!(
                    "{shape}: {told:?} instead of {:?}\n{}",
                    (made.delimiter, made.above, made.header),
                    made.text.lines().take(6).collect::<Vec<_>>().join("\n")
                );
            }
            let asked = proposal.questions.iter().any(|question| question.key != "columns");
            Ok((right, !asked))
        },
    )
}

struct Made {
    text: String,
    delimiter: &'static str,
    above: u32,
    header: u32,
}

fn make(rng: &mut Rng, shape: &str, words: Words) -> Made {
    let language = &LANGUAGES[rng.usize(..LANGUAGES.len())];
    let delimiter = [";", ",", "\t", "|", ";", ";", "||", ", ", "^", "~"][rng.usize(..10)];
    let rows = if shape == "one row" { 1 } else { [2, 4, 8, 20, 60][rng.usize(..5)] };
    let mut names: Vec<String> = language.header.split('|').take(7).map(str::to_owned).collect();
    let extra = if shape == "wide" { 60 } else { rng.usize(..4) };
    let kinds: Vec<usize> = (0..extra).map(|_| rng.usize(..4)).collect();
    names.extend(
        kinds
            .iter()
            .enumerate()
            .map(|(at, kind)| format!("{} {}", ["Saldo", "Dato", "Status", "Felt"][*kind], at + 1)),
    );
    let writer = Writer::new(delimiter);
    let width = names.len();
    let mut lines: Vec<String> = Vec::new();
    let mut above = 0;
    if shape == "titles above" || shape == "comments above" {
        let sign = if shape == "comments above" { "# " } else { "" };
        for line in ["Customers, all of them", "Printed 22.11.2026", "Company: Nord & Syd"]
            .iter()
            .take(rng.usize(1..4))
        {
            let padded = if rng.bool() && !delimiter.contains(' ') && sign.is_empty() {
                delimiter.repeat(width - 1)
            } else {
                String::new()
            };
            lines.push(format!("{sign}{}{padded}", writer.cell(line)));
        }
        if rng.bool() && sign.is_empty() {
            lines.push(String::new());
        }
        above = u32::try_from(lines.len()).unwrap_or(0);
    }
    let mut header = 1;
    match shape {
        "no header" => header = 0,
        "two header lines" => {
            header = 2;
            let groups: Vec<String> = (0..width)
                .map(|at| {
                    ["Customer", "", "Address", "", "", "Contact", ""]
                        .get(at)
                        .copied()
                        .unwrap_or_default()
                        .to_owned()
                })
                .collect();
            lines.push(groups.join(delimiter));
            lines.push(names.join(delimiter));
        }
        _ => lines.push(writer.line(&names)),
    }
    if shape == "units below" {
        let units: Vec<String> = (0..width)
            .map(|at| {
                if at >= 7 {
                    ["DKK", "dd-mm-yyyy", "", ""][kinds[at - 7]].to_owned()
                } else if at == 0 {
                    "number".to_owned()
                } else {
                    "text".to_owned()
                }
            })
            .collect();
        lines.push(units.join(delimiter));
    }
    for (row, customer) in customers(rng, language, words, rows).into_iter().enumerate() {
        let mut cells = vec![
            customer.number,
            customer.name,
            customer.street,
            customer.postcode,
            customer.city,
            customer.phone,
            customer.email,
        ];
        for kind in &kinds {
            cells.push(match kind {
                0 => format!("{},{:02}", rng.u16(..9000), rng.u8(..99)),
                1 => format!("{:02}-{:02}-{}", rng.u8(1..29), rng.u8(1..13), rng.u16(2015..2026)),
                2 => ["A", "B", ""][rng.usize(..3)].to_owned(),
                _ => String::new(),
            });
        }
        lines.push(writer.line(&cells));
        if shape == "blank lines" && row % 3 == 1 {
            lines.push(String::new());
        }
    }
    if shape == "notes below" {
        lines.push(String::new());
        lines.push(writer.cell("Customers without an order since 2020 are left out."));
    }
    if shape == "total below" {
        let mut cells = vec!["Total".to_owned(), rows.to_string()];
        cells.resize(width, String::new());
        lines.push(cells.join(delimiter));
    }
    let end = ["\n", "\r\n"][rng.usize(..2)];
    Made { text: lines.join(end) + end, delimiter, above, header }
}
