//! Thousands of files with hostile names lie in the exchange folder: those that the format takes are imported once, the
//! others are left alone, and neither log nor pages nor archive are steered by a name.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use fastrand::Rng;
use installation::{Served, names, until};

use super::arena::{Outside, customer, settings};
use super::names::{CLASSES, is_taken};
use crate::Common;
use crate::bench::Bench;
use crate::check::{Finding, Kind};
use crate::evidence::unfinished;
use crate::figures::Figures;

/// How long the program is watched with nothing to do but the files that it leaves alone.
const IDLE: Duration = Duration::from_secs(5);

/// The most of a processor that looking at them may take.
const MOST_IDLE: f64 = 0.5;

/// More often than so nothing is said with the same words: it is said when it begins.
const OFTEN: u32 = 3;

/// What somebody put into the folder.
struct Put {
    name: Vec<u8>,
    number: String,
}

impl Put {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.name).into_owned()
    }
}

/// Runs it.
pub(super) fn run(common: &Common, seed: u64, count: u32, figures: &mut Figures) -> anyhow::Result<()> {
    let mut bench = Bench::new(common, "names", &[], Duration::from_millis(100), &[])?;
    let folders = bench.installation.folders.clone();
    let parent = folders.exchange.parent().context("the exchange folder lies somewhere")?.to_owned();
    let outside = Outside::make(&parent)?;
    let (taken, left) = put(&folders.exchange, &outside, seed, count)?;
    bench.installation.apply(&settings(&folders, "100ms", "*.txt"))?;
    let log = bench.installation.log.clone().context("the bench keeps the log")?;
    fs::write(&log, "")?;
    let around = around(&parent)?;
    let (begun, mut served) = (Instant::now(), bench.installation.serve(&[])?);
    let limit = Duration::from_secs(60) + Duration::from_millis(500) * count;
    let imported = until("the files to be imported", limit, || {
        Ok(names(&folders.archive).len() >= taken.len() && names(&folders.spool()).is_empty())
    });
    let took = begun.elapsed();
    // The entry of the last one is finished a moment after its file is archived.
    let _ =
        until("every import to have its outcome", Duration::from_secs(60), || Ok(unfinished(&folders)? == 0));
    let idle = idle(&served)?;
    let mut wrong = Wrong(Vec::new());
    if let Err(error) = imported {
        wrong.lost(format!("{error}: {} of {}", names(&folders.archive).len(), taken.len()));
    }
    let page = page(&bench, &mut served)?;
    wrong.say(page.contains("<img src=x") || page.contains("<script>alert"), || {
        "a page holds a name as markup".into()
    });
    wrong.say(!page.contains("/imports/"), || format!("no list of imports: {page}"));
    wrong.say(idle > MOST_IDLE, || format!("the files left alone take {:.0} % of a processor", idle * 100.0));
    wrong.say(served.get("/health/live")? != 200, || "the program is not live".into());
    served.terminate()?;

    check_ledger(&bench, &taken, &mut wrong)?;
    check_register(&bench, &taken, &mut wrong)?;
    check_folders(&bench, &taken, &left, &mut wrong)?;
    let lines = check_log(&log, &mut wrong)?;
    let touched = outside.touched()?;
    wrong.say(touched > 0, || format!("{touched} things outside were touched"));
    wrong.say(around != self::around(&parent)?, || "something was made beside the folders".into());
    wrong.say(!outside.try_watch()?, || "the watch over what lies outside does not work".into());

    figures.add("hostile names", taken.len() + left.len());
    figures.add("classes of names", CLASSES.len());
    figures.add("taken, imported once", taken.len());
    figures.add("left alone", left.len());
    figures.add("imported in", format!("{:.0} s", took.as_secs_f64()));
    figures.add("processor while they lie there", format!("{:.1} %", idle * 100.0));
    figures.add("lines of the log", lines);
    if !wrong.0.is_empty() {
        figures.broken(bench.keep("hostile names".into(), wrong.0));
    }
    Ok(())
}

/// Puts the files, and a few things that are no files; gives those that must be taken, and those that must stay.
fn put(folder: &Path, outside: &Outside, seed: u64, count: u32) -> anyhow::Result<(Vec<Put>, Vec<Put>)> {
    let mut rng = Rng::with_seed(seed);
    let (mut taken, mut left) = (Vec::new(), Vec::new());
    for number in 0..count {
        let (class, make) = CLASSES[number as usize % CLASSES.len()];
        let name = make(&mut rng, number);
        let path = folder.join(OsString::from_vec(name.clone()));
        anyhow::ensure!(!path.try_exists()?, "the class {class} makes a name twice: {path:?}");
        let put = Put { name, number: number.to_string() };
        if rng.u32(..50) == 0 {
            // No file at all, whatever it is called.
            std::os::unix::fs::symlink(outside.secret(), &path).with_context(|| format!("{path:?}"))?;
            left.push(put);
            continue;
        }
        fs::write(&path, customer(&put.number)).with_context(|| format!("{class}: {path:?}"))?;
        if is_taken(&put.name) { taken.push(put) } else { left.push(put) }
    }
    Ok((taken, left))
}

/// What is wrong, so far.
struct Wrong(Vec<Finding>);

impl Wrong {
    /// The most sentences of one run: thousands of names would say the same.
    const MOST: usize = 50;

    fn say(&mut self, is_wrong: bool, sentence: impl FnOnce() -> String) {
        if is_wrong && self.0.len() < Self::MOST {
            self.0.push(Finding { kind: Kind::Wrong, sentence: sentence() });
        }
    }

    fn lost(&mut self, sentence: String) {
        self.0.push(Finding { kind: Kind::Lost, sentence });
    }
}

fn check_ledger(bench: &Bench, taken: &[Put], wrong: &mut Wrong) -> anyhow::Result<()> {
    let mut imports: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for import in bench.installation.imports()? {
        let text = |key: &str| import[key].as_str().unwrap_or_default().to_owned();
        imports.entry(text("file")).or_default().push(text("state"));
    }
    for put in taken {
        let states = imports.remove(&put.text()).unwrap_or_default();
        wrong.say(states != ["done"], || format!("{:?} has the imports {states:?}", put.text()));
    }
    wrong.say(!imports.is_empty(), || format!("imported, but not to be taken: {imports:?}"));
    Ok(())
}

fn check_register(bench: &Bench, taken: &[Put], wrong: &mut Wrong) -> anyhow::Result<()> {
    let records = bench.installation.records("customers")?;
    let found: BTreeSet<&str> = records.iter().filter_map(|record| record["number"].as_str()).collect();
    let expected: BTreeSet<&str> = taken.iter().map(|put| put.number.as_str()).collect();
    let odd: Vec<_> = found.symmetric_difference(&expected).take(5).collect();
    wrong.say(!odd.is_empty(), || format!("the register differs: {odd:?}"));
    Ok(())
}

/// What was taken lies in the archive, under harmless names; what was left lies where it was, as it was.
fn check_folders(bench: &Bench, taken: &[Put], left: &[Put], wrong: &mut Wrong) -> anyhow::Result<()> {
    let folders = &bench.installation.folders;
    let mut archived: BTreeMap<Vec<u8>, u32> = BTreeMap::new();
    for entry in fs::read_dir(&folders.archive)? {
        let entry = entry?;
        let name = entry.file_name();
        let safe = name
            .to_str()
            .is_some_and(|name| !name.starts_with(['.', '~']) && !name.chars().any(char::is_control));
        wrong.say(!safe, || format!("the archive holds {name:?}"));
        *archived.entry(fs::read(entry.path())?).or_default() += 1;
    }
    for put in taken {
        let copies = archived.remove(customer(&put.number).as_bytes()).unwrap_or_default();
        wrong.say(copies != 1, || format!("{:?} is archived {copies} times", put.text()));
    }
    wrong.say(!archived.is_empty(), || {
        format!("{} files in the archive that were not to be taken", archived.len())
    });
    let mut there: BTreeSet<Vec<u8>> = BTreeSet::new();
    for entry in fs::read_dir(&folders.exchange)? {
        there.insert(entry?.file_name().as_bytes().to_vec());
    }
    for put in left {
        let path = folders.exchange.join(OsString::from_vec(put.name.clone()));
        wrong.say(!there.remove(&put.name), || format!("{:?} was to be left alone and is gone", put.text()));
        let as_it_was =
            path.is_symlink() || fs::read(&path).is_ok_and(|bytes| bytes == customer(&put.number).as_bytes());
        wrong.say(!as_it_was, || format!("{:?} was changed", put.text()));
    }
    let others: Vec<_> = there.iter().take(5).map(|name| String::from_utf8_lossy(name)).collect();
    wrong.say(!others.is_empty(), || format!("still or newly in the exchange folder: {others:?}"));
    wrong.say(!names(&folders.refused).is_empty(), || format!("refused: {:?}", names(&folders.refused)));
    Ok(())
}

/// Each line is one that the program wrote: it begins with a time, has no control character, and is not said again and
/// again.
fn check_log(log: &Path, wrong: &mut Wrong) -> anyhow::Result<usize> {
    let log = String::from_utf8(fs::read(log)?).context("the log is text")?;
    for line in log.lines() {
        let time = line.get(..20).is_some_and(|time| time.starts_with("20") && time.contains('T'));
        wrong.say(!time || line.contains(char::is_control), || format!("a line of the log: {line:?}"));
        wrong.say(line.contains("all is lost") && !line.contains("file="), || {
            format!("a forged line: {line:?}")
        });
    }
    let mut often: BTreeMap<&str, u32> = BTreeMap::new();
    for line in log.lines() {
        *often.entry(line.split_once(' ').map_or(line, |(_, said)| said)).or_default() += 1;
    }
    for (said, count) in often.iter().filter(|(_, count)| **count > OFTEN) {
        wrong.say(true, || format!("said {count} times: {said}"));
    }
    Ok(log.lines().count())
}

/// Which part of a processor the program takes.
fn idle(served: &Served) -> anyhow::Result<f64> {
    let used = || -> anyhow::Result<u64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", served.id()))?;
        let fields: Vec<&str> =
            stat.rsplit_once(')').context("a name in brackets")?.1.split_whitespace().collect();
        // Ticks in user mode and in the kernel, a hundred a second.
        Ok(fields[11].parse::<u64>()? + fields[12].parse::<u64>()?)
    };
    let before = used()?;
    // What the program does while nothing happens is measured over this time.
    std::thread::sleep(IDLE);
    Ok((used()? - before) as f64 / 100.0 / IDLE.as_secs_f64())
}

/// The list of imports, as somebody who is signed in sees it.
fn page(bench: &Bench, served: &mut Served) -> anyhow::Result<String> {
    let said = bench.installation.run(&["user", "add", "Anna", "--role", "viewer"])?.ok()?;
    let link = said.out.split_whitespace().find_map(|word| word.split_once("/choose-password/"));
    let (_, secret) = link.with_context(|| format!("no link: {said:?}"))?;
    let host = served.address()?.trim_start_matches("http://").trim_end_matches('/').to_owned();
    let form = "password=brisk+otter+paddles&again=brisk+otter+paddles";
    let head = format!(
        "POST /choose-password/{secret} HTTP/1.0\r\nhost: {host}\r\ncontent-length: {}\r\n\
         content-type: application/x-www-form-urlencoded\r\n\r\n{form}",
        form.len()
    );
    let answer = ask(&host, &head)?;
    let cookie = answer.split("session=").nth(1).and_then(|rest| rest.split(';').next());
    let cookie = cookie.with_context(|| format!("nobody is signed in: {answer}"))?;
    ask(&host, &format!("GET /imports HTTP/1.0\r\nhost: {host}\r\ncookie: session={cookie}\r\n\r\n"))
}

fn ask(host: &str, request: &str) -> anyhow::Result<String> {
    let mut connection = TcpStream::connect(host)?;
    connection.write_all(request.as_bytes())?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    Ok(answer)
}

fn around(parent: &Path) -> anyhow::Result<BTreeSet<OsString>> {
    Ok(fs::read_dir(parent)?.map(|entry| Ok(entry?.file_name())).collect::<std::io::Result<_>>()?)
}
