//! What the pages ask of the rest of the program. The automation loop and the importer implement these; the pages know
//! nothing of how.

use std::path::PathBuf;

use erpfile::Problem;
use jiff::Timestamp;
use register::compare::PreviewKind;
use tokio::sync::watch;

use super::settings;
use crate::automation::activation::Place;
use crate::automation::status::{LastCounts, Status};

/// The automations, as Main menu > Automation shows and switches them.
pub(crate) trait Automations: Send + Sync {
    /// What each automation is doing now, in the order of the registers.
    fn statuses(&self) -> Vec<Status>;

    /// The same, with news: a new value for every change that people should see, at most a few in a second. The
    /// sender goes away when the program stops.
    fn subscribe(&self) -> watch::Receiver<Vec<Status>>;

    /// Activates an automation after checking that it can work. Blocks.
    ///
    /// # Errors
    /// [`Refused::Obstacles`] with everything that is missing.
    fn activate(&self, name: &str, by: &str) -> Result<(), Refused>;

    /// Deactivates an automation; an import that runs is finished. Blocks.
    fn deactivate(&self, name: &str, by: &str) -> Result<(), Refused>;

    /// Makes what failed be tried again now instead of when it would: the look at the folder, the import, putting files
    /// away. Blocks shortly.
    fn retry(&self, name: &str, by: &str) -> Result<(), Refused>;

    /// How far a running import has come; `None` when it does not run.
    fn progress(&self, import: i64) -> Option<Progress>;
}

/// How far something long has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Progress {
    /// What is being done ("Reading", "Comparing", "Committing").
    pub(crate) phase: String,
    /// How much of the whole is done, 0 to 100.
    pub(crate) percent: u8,
}

/// Why the program did not do what it was asked.
#[derive(Debug)]
pub(crate) enum Refused {
    /// Something must be mended first.
    Obstacles(Vec<Obstacle>),
    /// It does not go together with how things are; the sentences say how.
    Unfitting(String),
    /// Something went wrong that the person asking cannot mend.
    Failed(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Refused {
    fn from(error: E) -> Self {
        Refused::Failed(error.into())
    }
}

/// Something that must be mended first, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Obstacle {
    /// What is missing, as a sentence.
    pub(crate) message: String,
    /// The address of the page where it is mended.
    pub(crate) link: String,
    /// That page's name ("Settings > ERP-system").
    pub(crate) page: &'static str,
}

impl Obstacle {
    /// An obstacle that is mended at this place of the settings.
    pub(crate) fn at(place: &Place, message: String) -> Obstacle {
        let link = match place {
            Place::ErpSystem => "/settings/erp-system".to_owned(),
            Place::Formats => "/settings/formats".to_owned(),
            Place::Format(name) => settings::formats::address(name),
        };
        Obstacle { message, link, page: place.words() }
    }
}

/// Looking what a file would do, and importing by hand.
pub(crate) trait Imports: Send + Sync {
    /// Takes over an uploaded file and begins to find out what it would do, in the background, changing nothing.
    /// Gives the name under which [`Imports::look`] finds the result. Blocks only shortly.
    fn check(&self, upload: Upload, by: &str) -> Result<String, Refused>;

    /// The same for a private copy of a file that waits to be imported, which is not touched. While such a look of the
    /// same person runs, that one is given. Blocks while the exchange folder is looked at.
    fn preview(&self, of: &Waits, by: &str) -> Result<String, Refused>;

    /// What is known of a check; `None` when there is none of that name (any more).
    fn look(&self, check: &str) -> Option<Check>;

    /// The checks that a person has begun, the newest first, with their names; without those that were cancelled or begun
    /// again.
    fn begun(&self, by: &str) -> Vec<(String, Check)>;

    /// Checks the same file again, an uploaded one in another format if one is named, and perhaps as one in which only some
    /// of the records are; gives the new check's name.
    fn check_again(
        &self,
        check: &str,
        format: Option<&str>,
        changes_only: bool,
        by: &str,
    ) -> Result<String, Refused>;

    /// Ends a check that still runs; one that has ended stays as it is.
    fn cancel(&self, check: &str);

    /// Imports the uploaded file of a check, in the background; gives the import's id.
    fn import(&self, check: &str, by: &str) -> Result<i64, Refused>;

    /// Makes an import once more from its kept bytes, in the background; gives the new import's id. `last` is the newest
    /// such import that the person knew of: when there is a newer one, that one is given and nothing else is done.
    /// Blocks while the file is copied.
    fn again(&self, import: i64, last: Option<i64>, by: &str) -> Result<i64, Refused>;

    /// Takes back what an import did. Blocks until it is done, which may be long; [`Automations::progress`] tells how far
    /// it has come.
    fn undo(&self, import: i64, by: &str) -> Result<(), Refused>;
}

/// A file that somebody sent, lying in the data folder; whoever takes it over removes it in the end.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    /// The register that it is for.
    pub(crate) register: String,
    /// The name of the format to read it in; `None` for the register's default format.
    pub(crate) format: Option<String>,
    /// Whether only some of the records are in it, whatever the format says.
    pub(crate) changes_only: bool,
    /// Where it lies.
    pub(crate) path: PathBuf,
    /// What it was called on the sender's machine: text, not a path.
    pub(crate) file: String,
}

/// Which file that waits is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Waits {
    /// The one that the automation of the register of this name comes to next.
    Next(String),
    /// The one of an import that has no outcome yet.
    Import(i64),
}

/// Where the file of a check came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Somebody sent it.
    Sent,
    /// It lies in the exchange folder.
    ExchangeFolder,
    /// It is the file of an import that has no outcome yet.
    Import(i64),
}

/// A look at what a file would do.
#[derive(Clone, Debug)]
pub(crate) struct Check {
    /// The register that it is for.
    pub(crate) register: String,
    /// What the file is called.
    pub(crate) file: String,
    /// Where it came from.
    pub(crate) source: Source,
    /// The name of the format that is used.
    pub(crate) format: String,
    /// Of a file that was sent, and whose format says that all records are in it: whether that was denied.
    pub(crate) changes_only: Option<bool>,
    /// When it began.
    pub(crate) at: Timestamp,
    /// How far it is.
    pub(crate) state: CheckState,
}

/// How far a check is.
#[derive(Clone, Debug)]
pub(crate) enum CheckState {
    /// It waits until others have ended; so many come before it.
    Queued(usize),
    /// It runs.
    Running(Progress),
    /// It is known what the file would do.
    Known(Box<Outlook>),
    /// The file would be refused as a whole, for this reason.
    Refused(Box<Problem>),
    /// It could not be found out; the sentence says why.
    Failed(String),
    /// Somebody did not want to know any more.
    Cancelled,
}

impl CheckState {
    /// Whether its end is still to come.
    pub(crate) fn goes_on(&self) -> bool {
        matches!(self, CheckState::Queued(_) | CheckState::Running(_))
    }
}

/// What a file would do.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outlook {
    /// Rows read, and what becomes of them.
    pub(crate) counts: LastCounts,
    /// The first records of each kind that would be changed.
    pub(crate) changes: Vec<WouldChange>,
    /// The first problems of refused rows.
    pub(crate) problems: Vec<Problem>,
    /// Records that would be deactivated, since the file does not mention them.
    pub(crate) deactivated: u64,
    /// What the checks of the format find in rows that would be taken.
    pub(crate) warnings: u64,
    /// Why the import would be held for a person, in sentences; empty when it would not.
    pub(crate) reasons: Vec<String>,
}

/// A record that a file would create, update or deactivate.
#[derive(Clone, Debug)]
pub(crate) struct WouldChange {
    /// The line of the file; `None` for a record that the file does not mention.
    pub(crate) line: Option<u64>,
    /// The record's key.
    pub(crate) number: String,
    /// What would happen to it.
    pub(crate) kind: PreviewKind,
    /// The fields that would change: name, old and new value.
    pub(crate) fields: Vec<(String, Option<String>, Option<String>)>,
}
