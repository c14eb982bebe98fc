//! What an administrator set: the ERP system's folders, limits, formats and which automations are active.
//!
//! [`Settings`] is the whole document, with exactly the keys of the settings file and of the API. Showing it and
//! applying what was shown changes nothing.

use std::path::{Path, PathBuf};
use std::time::Duration;

use erpfile::Format;
use serde::{Deserialize, Serialize};

use crate::own_fields::OwnField;
use crate::words::words;

mod check;
mod folders;
mod formats;
mod guards;
mod notifications;
pub(crate) mod own_fields;
mod store;
#[cfg(test)]
mod tests;
mod values;

pub use check::{Complaint, activation_complaints, complaints, format_complaints};
pub use erpfile::{duration_text, parse_duration};
pub use folders::{Accepted, accept_folder, accepted, forget_accepted, set_stands_on, stood_on};
pub use formats::{StoredFormat, default_format, delete_format, format, formats, mark, save_format};
pub use guards::{Guards, guards};
pub use notifications::{Notifications, Security};
pub use own_fields::own_fields;
pub use store::{SaveError, SaveOutcome, load, save, set_automation, version};
pub use values::KeepArchive;

/// Everything that an administrator set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Settings {
    /// Where files come from and where they go.
    pub erp_system: ErpSystem,
    /// How much a file may ask of this machine.
    pub limits: Limits,
    /// Fields that registers have here and not everywhere, in the order in which they are shown.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub own_fields: Vec<OwnField>,
    /// Who is told by e-mail when a person should look.
    #[serde(skip_serializing_if = "Notifications::is_default")]
    pub notifications: Notifications,
    /// The formats, in the order in which they are shown.
    pub formats: Vec<Format>,
    /// The automations; one that is not mentioned stays as it is.
    pub automations: Vec<AutomationSetting>,
}

/// The ERP system that writes the files, and the folders that they go through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct ErpSystem {
    /// What people call it. Default "ERP".
    pub name: String,
    /// Where it puts its files; `None` is the folder `exchange` in the data folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exchange_folder: Option<String>,
    /// How long a file must be unchanged before it is taken, 1 ms to 24 hours. Default 10 s.
    #[serde(with = "values::settle")]
    pub settle: Duration,
    /// What becomes of a file after its import. Default: it is archived.
    pub after_import: AfterImport,
    /// Where files go after their import; `None` is the folder `archive` in the data folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archive_folder: Option<String>,
    /// Where files go that were refused; `None` is the folder `refused` in the data folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused_folder: Option<String>,
    /// How long archived files are kept. Default: for ever.
    pub keep_archive: KeepArchive,
}

impl Default for ErpSystem {
    fn default() -> Self {
        ErpSystem {
            name: "ERP".into(),
            exchange_folder: None,
            settle: Duration::from_secs(10),
            after_import: AfterImport::Archive,
            archive_folder: None,
            refused_folder: None,
            keep_archive: KeepArchive::Forever,
        }
    }
}

impl ErpSystem {
    /// The exchange folder in effect.
    pub fn exchange_path(&self, data: &Path) -> PathBuf {
        effective(self.exchange_folder.as_ref(), data, EXCHANGE)
    }

    /// The archive folder in effect.
    pub fn archive_path(&self, data: &Path) -> PathBuf {
        effective(self.archive_folder.as_ref(), data, ARCHIVE)
    }

    /// The folder for refused files in effect.
    pub fn refused_path(&self, data: &Path) -> PathBuf {
        effective(self.refused_folder.as_ref(), data, REFUSED)
    }
}

const EXCHANGE: &str = "exchange";
const ARCHIVE: &str = "archive";
const REFUSED: &str = "refused";

fn effective(folder: Option<&String>, data: &Path, default: &str) -> PathBuf {
    folder.map_or_else(|| default_folder(data, default), PathBuf::from)
}

fn default_folder(data: &Path, name: &str) -> PathBuf {
    // Absolute, so that what is shown can be applied from anywhere.
    std::path::absolute(data).unwrap_or_else(|_| data.to_owned()).join(name)
}

/// What becomes of a file after its import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AfterImport {
    /// It goes to the archive folder.
    Archive,
    /// It is deleted.
    Delete,
    /// It stays where it is.
    Leave,
}

words!(AfterImport, "choice for after-import", { Archive = "archive", Delete = "delete", Leave = "leave" });

/// How much a file may ask of this machine; a file that asks for more is refused, never cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Limits {
    /// The longest line (record), in bytes. Default 1 MiB.
    pub line: u64,
    /// The longest field (cell), in bytes. Default 64 KiB.
    pub field: u64,
    /// The most columns. Default 1,000.
    pub columns: u64,
    /// The largest file, in bytes. Default 16 GiB.
    pub file: u64,
    /// The most rows of a file. Default 100 million.
    pub rows: u64,
    /// The largest file that can be uploaded in the browser, in bytes. Default 4 GiB.
    pub upload: u64,
    /// The most bytes that are unpacked from one compressed file. Default 4 GiB.
    pub unpacked: u64,
    /// How many times its own size a compressed file may hold. Default 200.
    pub ratio: u64,
    /// The most files in one archive. Default 1,000.
    pub entries: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            line: 1 << 20,
            field: 64 << 10,
            columns: 1000,
            file: 16 << 30,
            rows: 100_000_000,
            upload: 4 << 30,
            unpacked: 4 << 30,
            ratio: 200,
            entries: 1000,
        }
    }
}

impl Limits {
    /// The limits that hold while a file is read.
    pub fn reading(&self) -> erpfile::Limits {
        let size = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
        erpfile::Limits {
            line: size(self.line),
            field: size(self.field),
            columns: size(self.columns),
            file: self.file,
            rows: self.rows,
            unpacked: self.unpacked,
            ratio: self.ratio,
            entries: size(self.entries),
        }
    }
}

/// Whether an automation is active.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct AutomationSetting {
    /// The automation's name, e.g. `customers-from-erp`.
    pub name: String,
    /// Whether it takes files.
    pub active: bool,
    /// What it holds for a person; `None` leaves that as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guards: Option<Guards>,
}

impl Settings {
    /// The same settings with every folder written out, for showing.
    pub fn with_defaults(&self, data: &Path) -> Settings {
        let mut shown = self.clone();
        for (folder, name) in shown.folders() {
            folder.get_or_insert_with(|| default_folder(data, name).to_string_lossy().into_owned());
        }
        shown
    }

    /// The same settings with the folders that are the default ones left out, for storing: the inverse of
    /// [`Settings::with_defaults`]. So a data folder that is moved takes its default folders along.
    pub fn without_defaults(&self, data: &Path) -> Settings {
        let mut stored = self.clone();
        for (folder, name) in stored.folders() {
            folder.take_if(|path| Path::new(path) == default_folder(data, name));
        }
        stored
    }

    /// These settings changed by a document that may leave things out: a section or key that it does not mention stays
    /// as it is, a list that it mentions is replaced.
    ///
    /// # Errors
    /// A sentence that names the key, when the document does not fit.
    pub fn changed_by(&self, document: serde_json::Value) -> Result<Settings, String> {
        let mut whole = serde_json::to_value(self).map_err(|e| e.to_string())?;
        overlay(&mut whole, document);
        serde_json::from_value(whole).map_err(|e| e.to_string())
    }

    fn folders(&mut self) -> [(&mut Option<String>, &'static str); 3] {
        let erp = &mut self.erp_system;
        [
            (&mut erp.exchange_folder, EXCHANGE),
            (&mut erp.archive_folder, ARCHIVE),
            (&mut erp.refused_folder, REFUSED),
        ]
    }
}

fn overlay(under: &mut serde_json::Value, over: serde_json::Value) {
    match (under, over) {
        (serde_json::Value::Object(under), serde_json::Value::Object(over)) => {
            for (key, value) in over {
                overlay(under.entry(key).or_insert(serde_json::Value::Null), value);
            }
        }
        (under, over) => *under = over,
    }
}
