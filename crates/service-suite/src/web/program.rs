//! What the pages ask of the rest of the program. The automation loop and the importer implement these; the pages know
//! nothing of how.

use std::path::{Path, PathBuf};

use erpfile::Problem;
use tokio::sync::watch;

use crate::automation::status::{LastCounts, Status};

/// The automations, as Main menu > Automation shows and switches them.
pub trait Automations: Send + Sync {
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

    /// How far a running import has come; `None` when it does not run.
    fn progress(&self, import: i64) -> Option<Progress>;
}

/// How far something long has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being done ("Reading", "Comparing", "Committing").
    pub phase: String,
    /// How much of the whole is done, 0 to 100.
    pub percent: u8,
}

/// Why the program did not do what it was asked.
#[derive(Debug)]
pub enum Refused {
    /// Something must be mended first.
    Obstacles(Vec<Obstacle>),
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
pub struct Obstacle {
    /// What is missing, as a sentence.
    pub message: String,
    /// The address of the page where it is mended.
    pub link: String,
    /// That page's name ("Settings > ERP-system").
    pub page: String,
}

/// Importing a file by hand: look first, import then.
pub trait Imports: Send + Sync {
    /// Takes over an uploaded file and begins to find out what it would do, in the background, changing nothing.
    /// Gives the name under which [`Imports::look`] finds the result. Blocks only shortly.
    fn check(&self, upload: Upload) -> Result<String, Refused>;

    /// What is known of a check; `None` when there is none of that name (any more).
    fn look(&self, check: &str) -> Option<Check>;

    /// Checks the same file again in another format; gives the new check's name.
    fn check_again(&self, check: &str, format: &str) -> Result<String, Refused>;

    /// Imports the file of a check, in the background; gives the import's id.
    fn import(&self, check: &str, by: &str) -> Result<i64, Refused>;
}

/// A file that somebody sent, lying in the data folder; whoever takes it over removes it in the end.
#[derive(Clone, Debug)]
pub struct Upload {
    /// The register that it is for.
    pub register: String,
    /// The name of the format to read it in; `None` for the register's default format.
    pub format: Option<String>,
    /// Where it lies.
    pub path: PathBuf,
    /// What it was called on the sender's machine: text, not a path.
    pub file: String,
    /// Who sent it.
    pub by: String,
}

/// A check of a file by hand.
#[derive(Clone, Debug)]
pub struct Check {
    /// What was sent.
    pub upload: Upload,
    /// The name of the format that is used.
    pub format: String,
    /// How far it is.
    pub state: CheckState,
}

/// How far a check by hand is.
#[derive(Clone, Debug)]
pub enum CheckState {
    /// It runs.
    Running(Progress),
    /// It is known what the file would do.
    Known(Box<Outlook>),
    /// The file would be refused as a whole, for this reason.
    Refused(Box<Problem>),
    /// It could not be found out; the sentence says why.
    Failed(String),
}

/// What a file would do.
#[derive(Clone, Debug, Default)]
pub struct Outlook {
    /// Rows read, and what becomes of them.
    pub counts: LastCounts,
    /// The first records that would be created or updated.
    pub changes: Vec<WouldChange>,
    /// The first problems of refused rows.
    pub problems: Vec<Problem>,
}

/// A record that a file would create or update.
#[derive(Clone, Debug)]
pub struct WouldChange {
    /// The line of the file.
    pub line: u64,
    /// The record's key.
    pub number: String,
    /// Whether the record is new.
    pub created: bool,
    /// The fields that would change: name, old and new value.
    pub fields: Vec<(String, Option<String>, Option<String>)>,
}

/// The exchange folder, as the settings and the format editor look at it.
pub trait Folders: Send + Sync {
    /// Looks closely at a folder that is, or may become, the exchange folder: exists, can create, rename and delete,
    /// file system, notifications, clock offset, free space, reachable for other programs. Blocks for up to some
    /// seconds.
    fn test(&self, folder: &Path) -> Vec<FolderCheck>;

    /// The beginning (at most `limit` bytes) of the file that now lies in the exchange folder under this name or
    /// pattern, with its name; `None` when there is none. Reads only. Blocks.
    fn sample(&self, filename: &str, limit: usize) -> Option<(String, Vec<u8>)>;
}

/// One answer about a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderCheck {
    /// What was looked at ("Can create files").
    pub title: String,
    /// Yes, no, or cannot be told here.
    pub passed: Option<bool>,
    /// What was found, as a sentence.
    pub detail: String,
}
