//! What a file is: a sample of it is looked at, and then its rows are counted as the proposal would read them.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, Write};
use std::path::Path;

use anyhow::{Context, bail};
use erpfile::suggest::{Question, Sample};
use erpfile::{Format, Limits, Problem, ReadError, Reader, Row, Shape, StageError};
use register::mapping;
use register::own_fields::{self, OwnField};
use register::settings::{self, Settings};
use register::suggest::{Proposal, propose};

use crate::config::{CommonOptions, Config, ServeOptions};

/// A proposal for a whole file, and what came of reading it so.
pub(crate) struct Suggested {
    pub(crate) proposal: Proposal,
    /// How many rows it has; `None` when it cannot be read to its end by the proposal.
    pub(crate) rows: Option<u64>,
}

/// The settings of the data folder, where there is one: a file can be looked at without.
///
/// # Errors
/// When the configuration cannot be used, or the database cannot be read.
pub(crate) fn settings_if_any(common: &CommonOptions) -> anyhow::Result<Settings> {
    let config = Config::load(common, &ServeOptions::default())?;
    if !config.database.is_file() {
        return Ok(Settings::default());
    }
    let database = config.database.display();
    let db = register::open(&config.database);
    Ok(db.with_context(|| format!("the database {database} cannot be opened"))?.read(settings::load)?)
}

/// Says what the file at `path` is. Its bytes are read, and never changed.
///
/// # Errors
/// A sentence when the file cannot be read, or nothing can be said of it.
pub(crate) fn suggest(path: &Path, settings: &Settings) -> anyhow::Result<Suggested> {
    let mut file = open(path)?;
    let limits = settings.limits.reading();
    let mut proposal = sampled(&mut file, path, limits)?;
    proposal.add_own_fields(&settings.own_fields);
    let rows = match count(file, &proposal.format, settings) {
        Ok(rows) => Some(rows),
        Err(Stopped::Damage(damage)) => {
            let why = format!("{} {}", damage.message, damage.hint);
            proposal.questions.push(Question {
                key: "layout",
                sentence: format!("Read in this way, the file would be refused: {why}"),
                choices: Vec::new(),
            });
            None
        }
        Err(Stopped::Other(error)) => return Err(error.context(cannot_be_read(path))),
    };
    Ok(Suggested { proposal, rows })
}

/// Opens a file that somebody named.
///
/// # Errors
/// When it cannot be read, or is no file.
pub(crate) fn open(path: &Path) -> anyhow::Result<File> {
    // Looked at before it is opened: opening a pipe would wait for its writer.
    if !std::fs::metadata(path).with_context(|| cannot_be_read(path))?.is_file() {
        bail!("{} is no file", path.display());
    }
    File::open(path).with_context(|| cannot_be_read(path))
}

/// Says what a file is from a sample of it.
///
/// # Errors
/// A sentence when the file cannot be read, or nothing can be said of it.
pub(crate) fn sampled(file: &mut File, path: &Path, limits: Limits) -> anyhow::Result<Proposal> {
    let sample = Sample::take(file).with_context(|| cannot_be_read(path))?;
    propose(&sample, limits).with_context(|| format!("{}: nothing can be said", path.display()))
}

pub(crate) fn cannot_be_read(path: &Path) -> String {
    format!("{} cannot be read", path.display())
}

/// Why a file was not read to its end.
pub(crate) enum Stopped {
    /// It cannot be read so.
    Damage(Box<Problem>),
    Other(anyhow::Error),
}

impl From<std::io::Error> for Stopped {
    fn from(error: std::io::Error) -> Self {
        Stopped::Other(error.into())
    }
}

impl From<ReadError> for Stopped {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Damage(damage) => Stopped::Damage(damage.0),
            ReadError::Io(error) => Stopped::Other(error.into()),
        }
    }
}

impl From<StageError> for Stopped {
    fn from(error: StageError) -> Self {
        match error {
            StageError::Read(error) => error.into(),
            StageError::Write(error) => Stopped::Other(error.into()),
        }
    }
}

/// How many rows a file has.
fn count(file: File, format: &Format, settings: &Settings) -> Result<u64, Stopped> {
    let limits = settings.limits.reading();
    let file = readable(file, format, limits)?;
    let shapes = shapes(format, &settings.own_fields);
    let mut reader = Reader::with_shapes(BufReader::new(file), format, limits, &shapes)?;
    let mut row = Row::default();
    let mut rows = 0;
    while reader.read(&mut row)? {
        rows += 1;
    }
    Ok(rows)
}

/// What the values of each column look like, as far as the fields say so, which an import puts rows right by.
pub(crate) fn shapes(format: &Format, own: &[OwnField]) -> Vec<Shape> {
    let of = register::register(&format.register).map(|of| own_fields::with(of, own));
    of.map(|of| mapping::shapes(of, format)).unwrap_or_default()
}

/// A file as it can be read record by record: it, or what was made of it on a scratch file.
///
/// # Errors
/// [`Stopped::Damage`] when it cannot be read by `format`.
pub(crate) fn readable(mut file: File, format: &Format, limits: Limits) -> Result<File, Stopped> {
    limits.check_file(file.metadata()?.len()).map_err(|damage| Stopped::Damage(damage.0))?;
    file.rewind()?;
    let mut head = [0; erpfile::PACKED_HEAD];
    let known = file.read(&mut head)?;
    file.rewind()?;
    if erpfile::is_packed(&head[..known], format.layout) {
        file = anew(|out| erpfile::unpack(BufReader::new(&file), limits, out))?;
    }
    if erpfile::is_staged(format.layout) {
        file = anew(|out| erpfile::stage(BufReader::new(&file), format, limits, out))?;
    }
    Ok(file)
}

/// A scratch file with what `write` makes of a file.
fn anew(write: impl FnOnce(&mut dyn Write) -> Result<(), StageError>) -> Result<File, Stopped> {
    let mut out = BufWriter::new(tempfile::tempfile()?);
    write(&mut out)?;
    let mut file = out.into_inner().map_err(|error| error.into_error())?;
    file.rewind()?;
    Ok(file)
}
