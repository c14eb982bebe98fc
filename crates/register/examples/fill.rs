//! Fills a register with made-up customers and measures: the first import, the next night's file, the same file again,
//! and the pages of the list (times of the processor).
//!
//! `cargo run --release -p register --example fill -- FOLDER ROWS [shuffled] [once|pages]`

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use erpfile::{Column, ColumnFrom, Format, Limits};
use register::compare::{Job, Scratch, Spool, compare};
use register::records::{Query, list};
use register::{CUSTOMERS, commit, open};

struct Copy {
    path: PathBuf,
    file: Mutex<File>,
    length: u64,
}

impl Spool for Copy {
    fn reader(&self) -> io::Result<Box<dyn Read + Send + '_>> {
        Ok(Box::new(File::open(&self.path)?))
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<()> {
        let mut file = self.file.lock().map_err(|_| io::Error::other("poisoned"))?;
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(buf)
    }

    fn len(&self) -> u64 {
        self.length
    }
}

struct Folder(PathBuf);

impl Scratch for Folder {
    fn file(&self) -> io::Result<File> {
        tempfile::tempfile_in(&self.0)
    }
}

const COLUMNS: [(&str, &str); 14] = [
    ("Kundenr", "number"),
    ("Navn", "name"),
    ("Adresse", "address1"),
    ("Adresse 2", "address2"),
    ("Postnr", "postcode"),
    ("By", "city"),
    ("Land", "country"),
    ("Telefon", "phone"),
    ("E-mail", "email"),
    ("CVR", "tax_number"),
    ("Kontakt", "contact"),
    ("Kreditmax", "credit_limit"),
    ("Saldo", "balance"),
    ("Oprettet", "created_on"),
];

/// A number that looks random and is the same in every run.
fn mix(i: u64, salt: u64) -> u64 {
    let mut x = i.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ salt.wrapping_mul(0xD134_2543_DE82_EF95);
    x ^= x >> 29;
    x = x.wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x ^ (x >> 32)
}

fn pick<'a>(list: &[&'a str], number: u64) -> &'a str {
    list[usize::try_from(number).unwrap_or(0) % list.len()]
}

const FIRST: [&str; 16] = [
    "Bager",
    "Murer",
    "Tømrer",
    "Frisør",
    "Øens",
    "Café",
    "Hotel",
    "Bygge",
    "Gård",
    "Låse",
    "Værksted",
    "Malermester",
    "Elektriker",
    "Skole",
    "Blomster",
    "Kør",
];
const LAST: [&str; 20] = [
    "Ølund",
    "Jensen",
    "Åberg",
    "Müller",
    "Sørensen",
    "Hansen",
    "Nygård",
    "Østergaard",
    "Lindström",
    "Weiß",
    "Dahl",
    "Krogh",
    "Virtanen",
    "Bjørnson",
    "Schäfer",
    "Thomsen",
    "Holm",
    "Lund",
    "Kjær",
    "Þórsson",
];
const CITY: [&str; 12] = [
    "Århus",
    "København",
    "Oslo",
    "Malmö",
    "Göteborg",
    "Hamburg",
    "Tromsø",
    "Helsinki",
    "Vejle",
    "Ribe",
    "Lübeck",
    "Nykøbing Mors",
];

fn row(out: &mut impl Write, i: u64, night: u64) -> io::Result<()> {
    let changed = night > 0 && mix(i, 77).is_multiple_of(200);
    let (a, b) = (pick(&FIRST, mix(i, 1)), pick(&LAST, mix(i, 2)));
    let city = pick(&CITY, mix(i, 3));
    let kind = pick(&["A/S", "ApS", "AB", "GmbH & Co. \"\"KG\"\"", "AS"], mix(i, 4));
    let quote = if kind.len() > 4 { "\"" } else { "" };
    writeln!(
        out,
        "{};{quote}{a} {b} {} {kind}{quote};{b}vej {};{};{:04};{city};{};+45 {} {} {} {};post{i}@{}.example;DK{};{} {b};{},00;{},{:02};{:02}-{:02}-20{:02}",
        1_000_000 + i,
        mix(i, 5) % 1000,
        mix(i, 6) % 200,
        if mix(i, 7).is_multiple_of(4) { "2. sal tv." } else { "" },
        1000 + mix(i, 8) % 9000,
        pick(&["DK", "NO", "SE", "DE", "FI"], mix(i, 9)),
        20 + mix(i, 10) % 79,
        10 + mix(i, 11) % 89,
        10 + mix(i, 12) % 89,
        10 + mix(i, 13) % 89,
        pick(&["firma", "kontor", "butik"], mix(i, 14)),
        10_000_000 + mix(i, 15) % 89_999_999,
        pick(&["Anna", "Søren", "Jürgen", "Åse"], mix(i, 16)),
        (mix(i, 17) % 100) * 1000,
        mix(i, 18) % 100_000,
        (mix(i, 19) + u64::from(changed)) % 100,
        1 + mix(i, 20) % 28,
        1 + mix(i, 21) % 12,
        mix(i, 22) % 27,
    )
}

fn write(path: &Path, rows: u64, night: u64, shuffled: bool) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    writeln!(out, "{}", COLUMNS.map(|(name, _)| name).join(";"))?;
    let bits = 64 - rows.leading_zeros();
    let all = if shuffled { 1 << bits } else { rows };
    for i in 0..all {
        // Multiplying by an odd number permutes the numbers below a power of two.
        let i = if shuffled { i.wrapping_mul(0x9E37_79B1) & (all - 1) } else { i };
        if i < rows {
            row(&mut out, i, night)?;
        }
    }
    out.flush()
}

/// The processor time of this thread: unlike the clock, it does not count what other programs take.
fn cpu() -> Duration {
    let times = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(times.split_whitespace().next().and_then(|ns| ns.parse().ok()).unwrap_or(0))
}

fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok()).unwrap_or(0) / 1024
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let folder = PathBuf::from(args.next().ok_or("a folder, please")?);
    let rows: u64 = args.next().ok_or("a number of rows, please")?.parse()?;
    let rest: Vec<String> = args.collect();
    let is = |word: &str| rest.iter().any(|arg| arg == word);
    let (shuffled, once) = (is("shuffled"), is("once"));
    let mut out = io::stdout().lock();
    let format = Format {
        name: "ERP customers".into(),
        register: "customers".into(),
        date_format: "%d-%m-%Y".into(),
        columns: COLUMNS
            .iter()
            .map(|(from, field)| Column::new(ColumnFrom::Name((*from).into()), *field))
            .collect(),
        ..Format::default()
    };
    if is("pages") {
        return pages(&open(&folder.join("fill.db"))?, rows, &mut out);
    }
    let database = open(&folder.join("fill.db"))?;
    if let Ok(sql) = std::env::var("FILL_SQL") {
        database.write(|c| c.batch(&sql))?;
    }
    let scratch = Folder(folder.clone());
    for (night, what) in [(0, "first load"), (1, "next night"), (1, "the same again")] {
        let path = folder.join("customers.txt");
        write(&path, rows, night, shuffled)?;
        let file = File::open(&path)?;
        let length = file.metadata()?.len();
        let spool = Copy { path: path.clone(), file: Mutex::new(file), length };
        let job = Job {
            register: &CUSTOMERS,
            format: &format,
            limits: Limits::default(),
            spool: &spool,
            scratch: &scratch,
        };
        let mut report = |_| ControlFlow::Continue(());
        let (start, begun) = (Instant::now(), cpu());
        let mut set = compare(&database, &job, &mut report)?;
        let (compared, compared_cpu) = (start.elapsed(), cpu() - begun);
        let at = "2026-11-22T00:00:00Z".parse()?;
        commit::commit(&database, &job, &mut set, 1, at, &mut |_, _| Ok(()), &mut report)?;
        let (all, all_cpu) = (start.elapsed(), cpu() - begun);
        writeln!(
            out,
            "{what}: {} MB, compare {compared:.2?} (processor {compared_cpu:.2?}), commit {:.2?} (processor {:.2?}), \
             peak {} MB, {:?}",
            length >> 20,
            all - compared,
            all_cpu - compared_cpu,
            peak_mb(),
            set.counts
        )?;
        if once {
            return Ok(());
        }
    }
    pages(&database, rows, &mut out)?;
    Ok(())
}

fn pages(
    database: &register::db::Database,
    rows: u64,
    out: &mut impl Write,
) -> Result<(), Box<dyn std::error::Error>> {
    let number = (1_000_000 + rows * 2 / 3).to_string();
    let texts = [
        "",
        "b",
        "ø",
        "ba",
        "bag",
        "bager",
        "bager ol",
        "bager ølund",
        "x",
        "jens",
        "aarhus",
        "oslo",
        "hamb",
        "vejle 77",
        "1",
        "9",
        "10",
        "16",
        "166",
        "1666",
        "86",
        "8612",
        "post",
        "post9",
        "post99",
        "anna lund",
        "thorsson 55",
        &number[..3],
        &number[..5],
        &number,
        "nomatch",
        "dk",
        "a",
        "as",
        "kg",
        "mail post123456",
    ];
    let mut all = Vec::new();
    let only = std::env::var("FILL_TEXT").ok();
    for text in texts.into_iter().filter(|text| only.as_deref().is_none_or(|only| only == *text)) {
        let mut worst = (0.0, "", false);
        let mut total = 0.0;
        for sort in CUSTOMERS.sorts {
            for descending in [false, true] {
                let mut cursor = None;
                for _ in 0..3 {
                    let query = Query {
                        text: text.to_owned(),
                        sort: Some((*sort).to_owned()),
                        descending,
                        limit: 50,
                        cursor: cursor.clone(),
                    };
                    let start = cpu();
                    let page = database.read(|c| list(c, &CUSTOMERS, &query))?;
                    let took = (cpu() - start).as_secs_f64() * 1000.0;
                    all.push(took);
                    total += took;
                    if took > worst.0 {
                        worst = (took, sort, descending);
                    }
                    cursor = page.next;
                    if cursor.is_none() {
                        break;
                    }
                }
            }
        }
        writeln!(
            out,
            "{text:>20}: {:.1} ms worst ({} {}), {total:.1} ms together",
            worst.0, worst.1, worst.2
        )?;
    }
    all.sort_by(f64::total_cmp);
    let at = |percent: usize| all[(all.len() - 1) * percent / 100];
    writeln!(
        out,
        "{} pages: p50 {:.1} ms, p95 {:.1} ms, worst {:.1} ms",
        all.len(),
        at(50),
        at(95),
        at(100)
    )?;
    Ok(())
}
