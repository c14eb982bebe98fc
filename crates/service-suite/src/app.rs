//! What the program is made of while it runs: configuration, data folder, databases, clock; and who starts what.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use register::db::Database;
use register::settings::{AfterImport, Settings};

use crate::clock::{Clock, SystemClock};
use crate::config::{CommonOptions, Config, ServeOptions};
use crate::folders::DataFolder;
use crate::logging;

/// The parts that every command and every thread of the program shares.
pub(crate) struct App {
    /// What the program was told from outside.
    pub(crate) config: Config,
    /// The data folder.
    pub(crate) folder: DataFolder,
    /// Registers, settings, people and the ledger.
    pub(crate) db: Database,
    /// Sessions and live progress.
    pub(crate) live: Database,
    /// Time and randomness.
    pub(crate) clock: Arc<dyn Clock>,
}

impl App {
    /// Opens the data folder and the databases, creating what is missing, and starts logging.
    ///
    /// # Errors
    /// When the configuration cannot be used, or the folder or a database cannot be opened.
    pub(crate) fn open(common: &CommonOptions, serve: &ServeOptions) -> anyhow::Result<Arc<App>> {
        let config = Config::load(common, serve)?;
        logging::start(&config)?;
        let folder = DataFolder::open(&config.data, &config.database)?;
        let db = register::open(&config.database)
            .with_context(|| format!("the database {} cannot be opened", config.database.display()))?;
        let live_path = folder.path().join("live.db");
        let live = register::open_live(&live_path)
            .with_context(|| format!("the database {} cannot be opened", live_path.display()))?;
        Ok(Arc::new(App { config, folder, db, live, clock: Arc::new(SystemClock::new()) }))
    }

    /// The same for a command that does its work and ends: it tells its result itself, so only warnings are logged.
    ///
    /// # Errors
    /// As [`App::open`].
    pub(crate) fn for_command(common: &CommonOptions) -> anyhow::Result<Arc<App>> {
        let mut common = common.clone();
        common.log.get_or_insert_with(|| "warn".to_owned());
        App::open(&common, &ServeOptions::default())
    }

    /// A program of its own on a data folder, for a story without processes; it logs nothing.
    #[cfg(test)]
    pub(crate) fn on(data: &std::path::Path) -> App {
        let common = CommonOptions { data: Some(data.to_owned()), ..CommonOptions::default() };
        let config = Config::load(&common, &ServeOptions::default()).unwrap();
        App {
            folder: DataFolder::open(&config.data, &config.database).unwrap(),
            db: register::open(&config.database).unwrap(),
            live: register::open_live(&config.data.join("live.db")).unwrap(),
            clock: Arc::new(SystemClock::new()),
            config,
        }
    }

    /// The settings as they are in force now, folders resolved.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(crate) fn settings(&self) -> anyhow::Result<Effective> {
        let settings = self.db.read(register::settings::load)?;
        Ok(Effective::new(settings, &self.folder))
    }

    /// A random number, for spreading tries in time; without randomness they are only spread less well.
    pub(crate) fn chance(&self) -> u64 {
        let mut bytes = [0_u8; 8];
        let _ = self.clock.random(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    /// The address under which people reach the pages, without a slash at the end: the one that was named, or where
    /// `serve` runs or last ran, or where it would.
    pub(crate) fn base_url(&self) -> String {
        let told = || std::fs::read_to_string(self.folder.address()).ok().map(|text| text.trim().to_owned());
        self.config.public_url.clone().or_else(told).unwrap_or_else(|| {
            format!("http://{}", self.config.listen.unwrap_or(crate::config::DEFAULT_LISTEN))
        })
    }
}

/// The settings with every folder known: what was left to the default lies inside the data folder.
#[derive(Clone, Debug)]
pub(crate) struct Effective {
    /// The settings as they were saved.
    pub(crate) settings: Settings,
    /// Where the ERP system puts its files.
    pub(crate) exchange: PathBuf,
    /// Where a finished delivery's bytes go.
    pub(crate) archive: PathBuf,
    /// Where a refused file and its report go.
    pub(crate) refused: PathBuf,
}

impl Effective {
    /// Resolves the folders of `settings` against the data folder.
    pub(crate) fn new(settings: Settings, folder: &DataFolder) -> Effective {
        Effective {
            exchange: settings.erp_system.exchange_path(folder.path()),
            archive: settings.erp_system.archive_path(folder.path()),
            refused: settings.erp_system.refused_path(folder.path()),
            settings,
        }
    }

    /// Whether the automation of this name is active.
    pub(crate) fn is_active(&self, automation: &str) -> bool {
        self.settings.automations.iter().any(|a| a.name == automation && a.active)
    }

    /// How long a file must stay unchanged before it is read.
    pub(crate) fn settle(&self) -> Duration {
        self.settings.erp_system.settle
    }

    /// What happens to the source after its import.
    pub(crate) fn after_import(&self) -> AfterImport {
        self.settings.erp_system.after_import
    }
}

#[cfg(test)]
mod tests {
    use register::db::{DbError, Migration, Outlasts};

    use super::*;
    use crate::exchange::testing::{as_nobody, mode, open_to_all};

    #[test]
    fn a_database_that_could_not_be_written_to_for_a_moment_is_written_to_afterwards() {
        const THINGS: Migration =
            Migration { number: 1, name: "things", sql: "CREATE TABLE things (id INTEGER PRIMARY KEY)" };
        let folder = tempfile::tempdir().unwrap();
        open_to_all(folder.path());
        let path = folder.path().join("test.db");
        let open = || Database::open(&path, &[THINGS], Outlasts::PowerCut);
        let insert =
            |database: &Database| database.write(|c| c.execute("INSERT INTO things DEFAULT VALUES", &[]));
        // Somebody has it open all the time, so that its other files stay.
        let root = open().unwrap();
        insert(&root).unwrap();
        let files = ["test.db", "test.db-wal", "test.db-shm"].map(|name| folder.path().join(name));
        files.iter().for_each(|file| mode(file, 0o666));
        // What cannot be opened for writing is opened for reading, which SQLite tells nobody.
        mode(&files[1], 0o444);
        let database = as_nobody(|| {
            let database = open().unwrap();
            assert!(matches!(insert(&database), Err(DbError::Disk(_))));
            database
        });
        mode(&files[1], 0o666);
        as_nobody(|| insert(&database)).unwrap();
        let count = |c: &register::db::Conn| c.first("SELECT count(*) FROM things", &[], |row| row.int(0));
        assert_eq!(root.read(count).unwrap(), Some(2));
    }
}
