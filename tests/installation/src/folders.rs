//! Where the files of an installation lie, and what lies there.

use std::path::{Path, PathBuf};

/// The folders of an installation. They may be on different file systems.
#[derive(Clone, Debug)]
pub struct Folders {
    /// The data folder.
    pub data: PathBuf,
    /// Where the ERP system puts its files.
    pub exchange: PathBuf,
    /// Where finished files go.
    pub archive: PathBuf,
    /// Where refused files go.
    pub refused: PathBuf,
}

impl Folders {
    /// The data folder with the others inside, where they are unless somebody sets them otherwise.
    pub fn inside(data: impl Into<PathBuf>) -> Folders {
        let data = data.into();
        Folders {
            exchange: data.join("exchange"),
            archive: data.join("archive"),
            refused: data.join("refused"),
            data,
        }
    }

    /// Four folders beside one another in `parent`.
    pub fn beside(parent: &Path) -> Folders {
        Folders {
            data: parent.join("data"),
            exchange: parent.join("exchange"),
            archive: parent.join("archive"),
            refused: parent.join("refused"),
        }
    }

    /// Creates the folders that are not there.
    ///
    /// # Errors
    /// When one cannot be created.
    pub fn create(&self) -> std::io::Result<()> {
        [&self.data, &self.exchange, &self.archive, &self.refused]
            .into_iter()
            .try_for_each(std::fs::create_dir_all)
    }

    /// The keys of the settings' group `[erp-system]` that name these folders, a line each.
    pub fn settings(&self) -> String {
        let line = |key: &str, path: &Path| format!("{key} = {:?}\n", path.display().to_string());
        line("exchange-folder", &self.exchange)
            + &line("archive-folder", &self.archive)
            + &line("refused-folder", &self.refused)
    }

    /// The private copies that are being read.
    pub fn spool(&self) -> PathBuf {
        self.data.join("spool")
    }

    /// The database with register, history and ledger.
    pub fn database(&self) -> PathBuf {
        self.data.join("service-suite.db")
    }

    /// The database with what is of the moment.
    pub fn live_database(&self) -> PathBuf {
        self.data.join("live.db")
    }
}

/// The names in a folder, sorted; none when it is not there.
pub fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
