//! Read, map, check, compare, commit: from the spool into the register, or to a refusal of the whole file.

use erpfile::{Content, Missing, Problem};
use register::compare::{self, Job, Progress, Stop};
use register::counts::Counts;
use register::db::{Conn, DbResult};
use register::guard::{Delivery, Reason};
use register::imports::{self, Finish, Import, Step};
use register::layout::{self, Compared, Known};
use register::settings::{self, StoredFormat};
use register::{Register, commit, own_fields};

use super::by_hand::CheckCopy;
use super::grown::Overtaken;
use super::watch::{Stage, Watch};
use super::{Later, complete, guard};
use crate::app::App;
use crate::exchange::spool::SpoolFile;

/// A record that changed between compare and commit sends the import back to compare; after this many rounds something
/// keeps changing it, and the import waits.
const ROUNDS: u32 = 5;

/// Applies a spooled delivery in one transaction with its ledger entry, or refuses it whole.
pub(super) fn apply(app: &App, entry: &Import, watch: &dyn Watch) -> Result<(), Later> {
    let spool = match private_copy(app, entry)? {
        Ok(spool) => spool,
        // A file that was claimed is still there to be copied again.
        Err(_) if entry.identity.is_some() => {
            return Ok(app.db.write(|c| imports::requeue(c, entry.id, Step::Claimed, None))?);
        }
        Err(how) => return refuse(app, entry, &no_copy(&entry.file, how)),
    };
    let Some(register) = register::register(&entry.register) else {
        return refuse(app, entry, &no_such_register(&entry.register));
    };
    let Some(format) = app.db.read(|c| imports::format(c, entry))? else {
        return refuse(app, entry, &no_such_format(&entry.format));
    };
    let full = format.format.content == Content::Full;
    let ended = app.db.write(|c| {
        imports::check_turn(c, entry.id, register, full)?;
        if full && let Some(overtaken) = Overtaken::find(app, c, entry, register, true)? {
            imports::give_way(c, entry.id, &overtaken.superseded(), app.clock.now())?;
            return Ok(true);
        }
        imports::set_importing(c, entry.id)?;
        imports::set_format(c, entry.id, format.version, &format.mark)?;
        let earlier = imports::finish_if_same(c, entry.id, &format.format, app.clock.now())?;
        if let Some(earlier) = &earlier {
            imports::set_proof(c, entry.id, &complete::same_bytes(&entry.proof, earlier))?;
            if overtakes(entry, &format.format) {
                imports::supersede(c, entry.id, register, app.clock.now())?;
            }
        }
        Ok::<_, register::db::DbError>(earlier.is_some())
    })?;
    if ended {
        return Ok(());
    }
    tracing::info!(import = entry.id, file = entry.file, register = register.name, "importing");
    for _ in 0..ROUNDS {
        match round(app, entry, register, &format, &spool, watch) {
            Ok(()) => return Ok(()),
            Err(Stop::Stale) => {
                tracing::info!(import = entry.id, "a record changed meanwhile; comparing again")
            }
            Err(Stop::Damage(problem)) => return refuse(app, entry, &problem),
            Err(stop) => return Err(stop.into()),
        }
    }
    Err(Later::Failing("the same records are being changed by somebody else all the time".to_owned()))
}

/// The private copy of an import, or what became of it. That of one that was held may have lain there for weeks, and is
/// read through again.
fn private_copy(app: &App, entry: &Import) -> Result<Result<SpoolFile, &'static str>, Later> {
    let (folder, sha256) = (app.folder.spool(), entry.sha256.clone().unwrap_or_default());
    let was_held = app.db.read(|c| imports::held(c, entry))?.is_some();
    let copy = match was_held {
        true => SpoolFile::reopen(&folder, entry.id),
        false => SpoolFile::open(&folder, entry.id, sha256.clone()),
    };
    match copy {
        Ok(Some(copy)) if copy.sha256() == sha256 => Ok(Ok(copy)),
        Ok(Some(_)) => {
            tracing::warn!(import = entry.id, file = entry.file, "the private copy is damaged");
            Ok(Err("damaged"))
        }
        Ok(None) => Ok(Err("gone")),
        // Whoever copies the file again looks whether this copy can be read by then.
        Err(_) if was_held && entry.identity.is_some() => Ok(Err("not to be read")),
        Err(error) => Err(Later::failing("the private copy of the file cannot be opened", error)),
    }
}

fn round(
    app: &App,
    entry: &Import,
    register: &'static Register,
    format: &StoredFormat,
    spool: &SpoolFile,
    watch: &dyn Watch,
) -> Result<(), Stop> {
    let scratch = app.folder.scratch();
    let Circumstances { register, limits, known } =
        app.db.read(|c| Circumstances::of(c, entry.again_of, register, &format.format)).map_err(Stop::Db)?;
    let mut progress = |at: Progress| watch.tell(entry.id, Stage::Rows(at));
    let prepared = register::prepare(spool, &format.format, limits, &scratch, &mut progress)?;
    let spool = prepared.spool();
    let job = Job { register, format: &format.format, limits, spool, scratch: &scratch };
    let Compared { mut changes, drift, told } =
        layout::compare(&app.db, &job, known.as_ref(), &mut progress)?;
    let at = app.clock.now();
    let modified_at = entry.modified_at;
    let delivery = Delivery { register, format: &format.format, modified_at, drift: drift.as_ref() };
    if let Some(hold) = guard::stops(app, entry, delivery, &job, &changes, at)? {
        tracing::warn!(
            import = entry.id,
            file = entry.file,
            register = register.name,
            reason = hold.reasons.iter().map(|reason| reason.message.as_str()).collect::<Vec<_>>().join(" "),
            "held"
        );
        return Ok(app.db.write(|c| imports::hold(c, entry.id, &hold))?);
    }
    let proof = complete::read_whole(&entry.proof, &changes.counts, changes.trailer.as_deref());
    let full = format.format.content == Content::Full;
    let reasons: Vec<String> = left_untold(&format.format, &changes).into_iter().chain(told).collect();
    let reason = Some(reasons.join(" ")).filter(|reason| !reason.is_empty());
    let seen = Known::new(changes.layout.clone(), Some(entry.id), &format.format);
    let mut finish = |c: &register::db::Conn, counts: &Counts| {
        let finish = Finish {
            counts: *counts,
            full,
            same_as: None,
            reason: reason.clone(),
            proof: Some(proof.clone()),
        };
        // All rows are written by now, which may have taken minutes: only here is it the end of the import.
        let at = app.clock.now();
        imports::check_turn(c, entry.id, register, full)?;
        imports::finish_done(c, entry.id, &finish, at)?;
        if entry.again_of.is_none() {
            layout::note(c, &format.format.name, &seen)?;
        }
        if overtakes(entry, &format.format) { imports::supersede(c, entry.id, register, at) } else { Ok(()) }
    };
    commit::commit(&app.db, &job, &mut changes, entry.id, at, &mut finish, &mut progress)?;
    Ok(())
}

/// What decides, besides file and format, how a file is read and compared: as it is at one moment.
struct Circumstances {
    /// With its own fields.
    register: &'static Register,
    limits: erpfile::Limits,
    /// The layout that the file is expected to have; `None` when nobody minds, as with a file that a person wants once
    /// more.
    known: Option<Known>,
}

impl Circumstances {
    fn of(
        c: &Conn,
        again_of: Option<i64>,
        register: &'static Register,
        format: &erpfile::Format,
    ) -> DbResult<Circumstances> {
        let register = own_fields::in_effect(c, register)?;
        let expects = again_of.is_none() && settings::guards(c, register)?.layout;
        let known = if expects { layout::known(c, format)? } else { None };
        Ok(Circumstances { register, limits: settings::load(c)?.limits.reading(), known })
    }
}

/// Whether an import overtakes older ones of its kind that are held: an export of every record says newer what they say,
/// unless it is an old one that somebody wanted once more.
fn overtakes(entry: &Import, format: &erpfile::Format) -> bool {
    format.content == Content::Full && entry.again_of.is_none()
}

/// What is said where records that the file does not mention were not deactivated or listed, though the format asks for it.
fn left_untold(format: &erpfile::Format, changes: &compare::ChangeSet) -> Option<String> {
    let Counts { missing, refused, .. } = changes.counts;
    // What was done was done of all of them.
    let left = missing > 0 && changes.deactivated + changes.listed == 0;
    let done = match format.missing {
        Missing::Leave => return None,
        Missing::Deactivate => "deactivated",
        Missing::List => "listed",
    };
    left.then(|| {
        format!(
            "{missing} records are not in the file. They were not {done}, because {refused} rows could not be read and may \
             be of these."
        )
    })
}

/// What an import would do, and that nothing was changed.
pub(crate) struct Checked {
    /// The counts, the same as the import that follows; all zero when the file is refused.
    pub(crate) counts: Counts,
    /// The first changes, up to the number asked for.
    pub(crate) preview: Vec<compare::Preview>,
    /// The first problems, up to the number asked for.
    pub(crate) problems: Vec<Problem>,
    /// Why the whole file is refused.
    pub(crate) damage: Option<Problem>,
    /// Why the import would be held; empty when it would not.
    pub(crate) reasons: Vec<Reason>,
    /// Records that it would deactivate.
    pub(crate) deactivated: u64,
    /// What the checks of the format find in rows that it would take.
    pub(crate) warnings: u64,
}

impl Checked {
    /// The whole file would be refused.
    fn refused(problem: Problem) -> Checked {
        Checked {
            counts: Counts::default(),
            preview: Vec::new(),
            problems: vec![problem.clone()],
            damage: Some(problem),
            reasons: Vec::new(),
            deactivated: 0,
            warnings: 0,
        }
    }
}

/// Says what an import of a copied file would do, with up to `limit` changes and problems; changes nothing.
///
/// # Errors
/// [`Later`] when the file or the database cannot be read, or the watcher says stop.
pub(crate) fn check(
    app: &App,
    register: &'static Register,
    format: &erpfile::Format,
    copy: &CheckCopy,
    limit: usize,
    watch: &dyn Watch,
) -> Result<Checked, Later> {
    let scratch = app.folder.scratch();
    let Circumstances { register, limits, known } =
        app.db.read(|c| Circumstances::of(c, None, register, format))?;
    let mut progress = |at: Progress| watch.tell(0, Stage::Rows(at));
    let prepared = match register::prepare(&copy.file, format, limits, &scratch, &mut progress) {
        Ok(prepared) => prepared,
        Err(Stop::Damage(problem)) => return Ok(Checked::refused(*problem)),
        Err(stop) => return Err(stop.into()),
    };
    let job = Job { register, format, limits, spool: prepared.spool(), scratch: &scratch };
    match layout::compare(&app.db, &job, known.as_ref(), &mut progress) {
        Ok(Compared { changes, drift, .. }) => {
            let (preview, problems) = guard::preview(&changes, &job, limit)?;
            let delivery =
                Delivery { register, format, modified_at: copy.modified_at, drift: drift.as_ref() };
            let reasons = app.db.read(|c| guard::reasons(c, delivery, &changes))?;
            let (counts, deactivated, warnings) = (changes.counts, changes.deactivated, changes.warnings);
            Ok(Checked { counts, preview, problems, damage: None, reasons, deactivated, warnings })
        }
        Err(Stop::Damage(problem)) => Ok(Checked::refused(*problem)),
        Err(stop) => Err(stop.into()),
    }
}

/// Refuses the whole file: nothing of it was applied, and it goes to the refused folder with a report beside it.
pub(super) fn refuse(app: &App, entry: &Import, problem: &Problem) -> Result<(), Later> {
    let at = app.clock.now();
    Ok(app.db.write(|c| {
        let proof = imports::find(c, entry.id)?.map(|now| now.proof).unwrap_or_default();
        imports::set_proof(c, entry.id, &complete::refused(&proof, problem))?;
        imports::refuse(c, entry.id, &problem.message, Some(problem), at)
    })?)
}

fn no_copy(file: &str, how: &str) -> Problem {
    Problem::new(
        "file-gone",
        format!("The private copy of {file} in the data folder is {how}. Nothing of it was imported."),
        "Let the ERP system write the file again. Look after the disk, and let no other program touch the data folder.",
    )
}

fn no_such_register(name: &str) -> Problem {
    Problem::new(
        "unknown-register",
        format!("There is no register \"{name}\" in this version of the program."),
        "Import the file again with the version that took it.",
    )
}

fn no_such_format(name: &str) -> Problem {
    Problem::new(
        "unknown-format",
        format!("The format \"{name}\" no longer exists."),
        "Create the format under Main menu > Settings > ERP-system, and put the file into the exchange folder again.",
    )
}
