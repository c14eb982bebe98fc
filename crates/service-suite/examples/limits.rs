//! What no program that imports a file can be faster than: printed by `scripts/bench` beside what this one takes.
//!
//! `limits floor FILE COPY` copies a file with its SHA-256 and makes the copy durable; `limits parse FILE` reads its
//! records with the csv crate and does nothing with them. Both print the seconds that it took.

use std::error::Error;
use std::fs::File;
use std::io::{Read, Write};
use std::time::Instant;

use sha2::{Digest, Sha256};

const BLOCK: usize = 256 * 1024;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let begun = Instant::now();
    match args[..] {
        ["floor", from, to] => floor(from, to)?,
        ["parse", file] => parse(file)?,
        _ => return Err("usage: limits floor FILE COPY | limits parse FILE".into()),
    }
    writeln!(std::io::stdout(), "{:.4}", begun.elapsed().as_secs_f64())?;
    Ok(())
}

fn floor(from: &str, to: &str) -> Result<(), Box<dyn Error>> {
    let (mut from, mut to) = (File::open(from)?, File::create(to)?);
    let (mut block, mut hash) = (vec![0; BLOCK], Sha256::new());
    loop {
        let count = from.read(&mut block)?;
        if count == 0 {
            break;
        }
        hash.update(&block[..count]);
        to.write_all(&block[..count])?;
    }
    to.sync_all()?;
    std::hint::black_box(hash.finalize());
    Ok(())
}

fn parse(file: &str) -> Result<(), Box<dyn Error>> {
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').flexible(true).from_path(file)?;
    let mut record = csv::ByteRecord::new();
    while reader.read_byte_record(&mut record)? {
        std::hint::black_box(&record);
    }
    Ok(())
}
