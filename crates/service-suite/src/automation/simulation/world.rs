//! Everything around the program: time, the exchange folder, what fails and when, and where the program is ended.
//!
//! The program runs in one thread. Each of its calls into the world is a point: time passes there, what the ERP system
//! does by then happens, the call may fail, and the program may be ended. All of it is drawn from the seed.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::client::Client;
use super::files::Files;
use super::op::Op;
use crate::clock::Clock;

/// What the wall clock shows when the simulation begins.
pub(super) const START: Timestamp = Timestamp::constant(1_795_348_800, 0);

/// What can go wrong. To add one: a line here, one in [`Fault::ALL`], and the question for it where it strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The exchange folder fails any call with an I/O error.
    FolderIo,
    /// Handles of the exchange folder are stale.
    FolderStale,
    /// Files of the exchange folder cannot be opened.
    FolderDenied,
    /// Nothing can be renamed or removed in the exchange folder.
    FolderReadOnly,
    /// The exchange folder has no room, not even for a rename.
    FolderFull,
    /// The exchange folder is not there.
    FolderGone,
    /// The share is not mounted: an empty folder of another device.
    FolderUnmounted,
    /// The share's server renames or removes a file, and its answer gets lost.
    FolderAnswerLost,
    /// Another program keeps the file to itself.
    FolderBusy,
    /// Calls into the exchange folder take many seconds.
    FolderSlow,
    /// The data disk fails any call with an I/O error.
    DiskIo,
    /// The data disk is full.
    DiskFull,
    /// The data disk fails to make things durable.
    DiskSync,
    /// The ledger and the register cannot be written.
    Database,
}

impl Fault {
    pub(super) const ALL: [Fault; 14] = [
        Fault::FolderIo,
        Fault::FolderStale,
        Fault::FolderDenied,
        Fault::FolderReadOnly,
        Fault::FolderFull,
        Fault::FolderGone,
        Fault::FolderUnmounted,
        Fault::FolderAnswerLost,
        Fault::FolderBusy,
        Fault::FolderSlow,
        Fault::DiskIo,
        Fault::DiskFull,
        Fault::DiskSync,
        Fault::Database,
    ];

    /// Whether it strikes the data disk.
    pub(super) fn is_of_disk(self) -> bool {
        matches!(self, Fault::DiskIo | Fault::DiskFull | Fault::DiskSync)
    }

    /// Whether it is so or not for a while, rather than striking at single calls.
    pub(super) fn is_state(self) -> bool {
        use Fault::{Database, FolderDenied, FolderGone, FolderReadOnly, FolderUnmounted};
        matches!(self, FolderDenied | FolderGone | FolderReadOnly | FolderUnmounted | Database)
    }
}

/// A call into the folder may take this long for no other reason than to be overtaken.
const OVERTAKEN_WITHIN: Duration = Duration::from_secs(20);

/// For how long something may go wrong, and how often it then does.
#[derive(Clone, Debug)]
pub(super) struct Window {
    pub(super) fault: Fault,
    pub(super) from: Duration,
    pub(super) until: Duration,
    pub(super) chance: f64,
}

/// Where the program calls into the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    Folder,
    /// While a file of the folder is being copied.
    Copying,
    Disk,
    Clock,
}

/// What happened in a run, for the figures at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Happened {
    pub(super) deliveries: u64,
    pub(super) imports: u64,
    pub(super) refused: u64,
    pub(super) faults: BTreeMap<String, u64>,
    pub(super) crashes: u64,
    pub(super) power_cuts: u64,
    pub(super) held: u64,
    pub(super) approved: u64,
    pub(super) discarded: u64,
    pub(super) superseded: u64,
    pub(super) undone: u64,
    pub(super) by_hand: u64,
    pub(super) again: u64,
    pub(super) edited: u64,
}

pub(super) struct World(Mutex<Inside>);

pub(super) struct Inside {
    pub(super) rng: fastrand::Rng,
    /// What people do is drawn by itself, so that the rest of a seed is the same without them.
    pub(super) people: fastrand::Rng,
    /// How seldom somebody comes to decide about what is held, in calls into the folder.
    pub(super) seldom: u32,
    /// How long it may take to open a private copy, as if it were large and its disk slow: an import lasts so long.
    pub(super) lasts: Duration,
    pub(super) now: Duration,
    /// What the wall clock shows beyond the time that passed, in seconds; people and time servers change it.
    wall: i64,
    pub(super) files: Files,
    pub(super) client: Client,
    pub(super) windows: Vec<Window>,
    /// What the ERP system and the wall clock do, and when.
    pub(super) agenda: BTreeMap<(Duration, u64), Event>,
    /// The files that the ERP system has open.
    pub(super) slots: BTreeMap<u32, (u64, bool)>,
    /// From here on nothing fails any more.
    pub(super) calm: Duration,
    /// How likely the program is ended at a point; clock readings count for less.
    pub(super) crash: f64,
    pub(super) crashed: bool,
    /// When the program was ended.
    ends: Vec<Duration>,
    /// Whether the look-out is taking a file, for which the worker waits.
    pub(super) claiming: bool,
    /// The database, of which a copy is kept as it is when the program ends.
    pub(super) database: PathBuf,
    /// Whether a program of this machine writes the files, so that a lease tells of it.
    pub(super) writers_known: bool,
    /// The calls that lasted until something else happened, from when and until when.
    pub(super) overtaken: Vec<Range<Duration>>,
    /// When each import's private copy got its name.
    pub(super) spooled: BTreeMap<i64, Duration>,
    /// The hashes of everything that is durable in the archive or the refused folder.
    pub(super) kept: BTreeSet<String>,
    /// Whether everything is to be kept, so that nothing may be removed before it is.
    pub(super) keeps_all: bool,
    pub(super) happened: Happened,
    /// Something that must never happen, as seen at the moment when it did.
    pub(super) broken: Option<String>,
    history: Option<Vec<String>>,
}

pub(super) enum Event {
    Erp(Op),
    /// Somebody sets the clock by so many seconds.
    Wall(i64),
    /// The exchange folder is mounted anew.
    MountedAnew,
}

/// What unwinds the program when it is ended in the middle.
struct Ended;

impl World {
    pub(super) fn new(seed: u64, database: PathBuf, tell: bool) -> Arc<World> {
        Arc::new(World(Mutex::new(Inside {
            rng: fastrand::Rng::with_seed(seed),
            people: fastrand::Rng::with_seed(!seed),
            seldom: 1,
            lasts: Duration::ZERO,
            now: Duration::from_secs(1),
            wall: 0,
            files: Files::new(),
            client: Client::default(),
            windows: Vec::new(),
            agenda: BTreeMap::new(),
            slots: BTreeMap::new(),
            calm: Duration::ZERO,
            crash: 0.0,
            crashed: false,
            ends: Vec::new(),
            claiming: false,
            database,
            writers_known: true,
            overtaken: Vec::new(),
            spooled: BTreeMap::new(),
            kept: BTreeSet::new(),
            keeps_all: false,
            happened: Happened::default(),
            broken: None,
            history: tell.then(Vec::new),
        })))
    }

    pub(super) fn with<T>(&self, work: impl FnOnce(&mut Inside) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A line of the history, for whoever replays a seed.
    pub(super) fn tell(&self, line: impl FnOnce() -> String) {
        self.with(|world| world.tell(line));
    }

    pub(super) fn history(&self) -> Vec<String> {
        self.with(|world| world.history.clone().unwrap_or_default())
    }

    /// The program calls into the world: time passes, and the program may be ended here.
    ///
    /// # Errors
    /// After its end, while it is being unwound: nothing that it still tries has any effect.
    pub(super) fn point(&self, at: At, what: impl FnOnce() -> String) -> io::Result<()> {
        let ends = self.with(|world| {
            if world.crashed {
                return true;
            }
            let latency = world.latency(at);
            world.advance(world.now + latency);
            let chance = if at == At::Clock { world.crash / 20.0 } else { world.crash };
            if world.now < world.calm && chance > 0.0 && world.rng.f64() < chance {
                world.end(&what());
            }
            world.crashed
        });
        match ends {
            false => Ok(()),
            true if std::thread::panicking() => Err(io::Error::other("the program has ended")),
            true => std::panic::resume_unwind(Box::new(Ended)),
        }
    }
}

impl Inside {
    pub(super) fn tell(&mut self, line: impl FnOnce() -> String) {
        let now = self.now;
        if let Some(history) = &mut self.history {
            history.push(format!("{:>12.6} {}", now.as_secs_f64(), line()));
        }
    }

    /// Notes that a promise is broken; the first one counts.
    pub(super) fn broken(&mut self, what: String) {
        self.tell(|| format!("BROKEN: {what}"));
        self.broken.get_or_insert(what);
    }

    fn latency(&mut self, at: At) -> Duration {
        let most = match at {
            At::Clock => return Duration::ZERO,
            At::Disk => 300,
            At::Folder | At::Copying if self.fails(Fault::FolderSlow) => 12_000_000,
            // Or just as long as it takes to be overtaken by what happens next: that is where mistakes hide.
            At::Folder if self.rng.u8(0..40) == 0 => return self.until_overtaken(),
            At::Copying if self.rng.u8(0..8) == 0 => return self.until_overtaken(),
            At::Folder | At::Copying => 3_000,
        };
        Duration::from_micros(self.rng.u64(1..most))
    }

    /// How long it takes until the ERP system acts next, or something begins or ceases to fail, unless that is far away.
    fn until_overtaken(&mut self) -> Duration {
        let edges = self.windows.iter().flat_map(|window| [window.from, window.until]);
        let next = edges.chain(self.agenda.keys().map(|(at, _)| *at)).filter(|at| *at > self.now).min();
        let wait = next.map(|at| at.saturating_sub(self.now)).filter(|wait| *wait < OVERTAKEN_WITHIN);
        let lasts = wait.unwrap_or_default() + Duration::from_micros(self.rng.u64(1..500));
        self.overtaken.push(self.now..self.now + lasts);
        lasts
    }

    /// Lets time pass; what is due by then happens on its way.
    pub(super) fn advance(&mut self, until: Duration) {
        while let Some(entry) = self.agenda.first_entry().filter(|entry| entry.key().0 <= until) {
            let ((at, _), event) = entry.remove_entry();
            // No two things happen at the same moment.
            self.now = self.now.max(at) + Duration::from_nanos(1);
            self.files.now = self.now;
            match event {
                Event::Erp(op) => op.happen(self),
                Event::Wall(seconds) => {
                    self.tell(|| format!("the clock is set by {seconds} s"));
                    self.wall += seconds;
                }
                Event::MountedAnew => self.mount_anew(),
            }
        }
        self.now = self.now.max(until) + Duration::from_nanos(1);
        self.files.now = self.now;
    }

    /// The exchange folder is mounted anew, which gives its file system another number for good.
    pub(super) fn mount_anew(&mut self) {
        self.files.device += 1;
        self.client.forget_all();
        *self.happened.faults.entry("MountedAnew".to_owned()).or_default() += 1;
        self.tell(|| "the exchange folder is mounted anew".to_owned());
    }

    /// Whether the exchange folder was mounted anew.
    pub(super) fn mounted_anew(&self) -> bool {
        self.happened.faults.contains_key("MountedAnew")
    }

    /// Whether anything was wrong in this time.
    pub(super) fn disturbed(&self, time: &Range<Duration>) -> bool {
        self.windows.iter().any(|window| window.from < time.end && time.start < window.until)
            || self.ends.iter().any(|end| time.contains(end))
    }

    /// Whether this goes wrong now.
    pub(super) fn fails(&mut self, fault: Fault) -> bool {
        let now = self.now;
        let window = self.windows.iter().find(|w| w.fault == fault && (w.from..w.until).contains(&now));
        let Some(chance) = window.map(|window| window.chance) else { return false };
        let fails = self.rng.f64() < chance;
        if fails {
            *self.happened.faults.entry(format!("{fault:?}")).or_default() += 1;
            self.tell(|| format!("fault: {fault:?}"));
        }
        fails
    }

    /// Ends the program here: the database stays as it is at this moment.
    fn end(&mut self, what: &str) {
        self.tell(|| format!("the program is ended: {what}"));
        self.crashed = true;
        self.ends.push(self.now);
        self.happened.crashes += 1;
        let kept = kept(&self.database);
        for suffix in ["", "-wal"] {
            let with = |path: &PathBuf| PathBuf::from(format!("{}{suffix}", path.display()));
            match std::fs::copy(with(&self.database), with(&kept)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => panic!("{error}"),
                _ => {}
            }
        }
    }
}

/// Where the database is kept as it was when the program ended.
pub(super) fn kept(database: &std::path::Path) -> PathBuf {
    database.with_extension("kept")
}

/// The world's clock, as the program knows it.
pub(super) struct VirtualClock {
    pub(super) world: Arc<World>,
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        let _ = self.world.point(At::Clock, || "reading the clock".to_owned());
        self.world.with(|world| {
            let passed = SignedDuration::try_from(world.now).unwrap() + SignedDuration::from_secs(world.wall);
            START.checked_add(passed).unwrap()
        })
    }

    fn monotonic(&self) -> Duration {
        let _ = self.world.point(At::Clock, || "reading the monotonic clock".to_owned());
        self.world.with(|world| world.now)
    }

    fn pause(&self, time: Duration) {
        super::program::pause(&self.world, time);
    }

    fn random(&self, bytes: &mut [u8]) -> io::Result<()> {
        self.world.with(|world| world.rng.fill(bytes));
        Ok(())
    }
}
