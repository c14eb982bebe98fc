//! Races: somebody swaps the file for a link, a directory, a FIFO, a device or another file, as fast as the machine
//! allows, while the product looks, claims, copies and archives. Whatever comes under the name: nothing but regular
//! files of the folder is opened, and what is copied is one of them, whole.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::ops::ControlFlow;
use std::os::unix::fs::{MetadataExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

use rustix::fs::inotify::{CreateFlags, ReadFlags, WatchFlags};
use rustix::fs::{CWD, FileType, Mode, RenameFlags, renameat_with};
use rustix::io::Errno;

use super::archive::{self, Delivery};
use super::claim::{ClaimError, claimed_name};
use super::local::LocalFolder;
use super::place::{Found, Kind, Look, Place, Sighting};
use super::spool::{self, SpoolError};
use super::testing::without_openat2;

const NAME: &str = "customers.txt";
const SECRET: &str = "the secret of another\n";

/// How many races, if the environment does not ask for more.
const RACES: i64 = 2_000;

/// A folder in which somebody swaps files, what lies outside of it, and a watch over everything that must never be
/// opened.
struct Arena {
    temp: tempfile::TempDir,
    /// The content of each regular file, by its inode.
    contents: HashMap<u64, String>,
    objects: usize,
    watch: Watch,
    /// The import whose claimed name the product has just now.
    import: AtomicI64,
    swaps: AtomicU64,
}

impl Arena {
    fn new() -> Self {
        // In memory where possible: the races wait for no disk then.
        let memory = Path::new("/dev/shm");
        let temp = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
        for folder in ["exchange", "stock", "outside", "outside/folder", "spool", "archive"] {
            fs::create_dir(temp.path().join(folder)).unwrap();
        }
        let watch = Watch::new();
        let mut arena = Self {
            temp,
            contents: HashMap::new(),
            objects: 0,
            watch,
            import: AtomicI64::new(0),
            swaps: AtomicU64::new(0),
        };
        arena.fill();
        arena
    }

    fn fill(&mut self) {
        let secret = self.path("outside/secret");
        fs::write(&secret, SECRET).unwrap();
        fs::write(self.path("outside/folder/customers.txt"), SECRET).unwrap();
        for path in [secret.clone(), self.path("outside"), self.path("outside/folder")] {
            self.watch.add(&path);
        }
        for target in [secret.as_path(), Path::new("../outside/secret"), &self.path("outside/folder")] {
            let link = self.object();
            symlink(target, link).unwrap();
        }
        for link in ["nowhere", ".", "/dev/null", "/proc/self/mem"] {
            let at = self.object();
            symlink(link, at).unwrap();
        }
        let directory = self.object();
        fs::create_dir(&directory).unwrap();
        fs::write(directory.join(NAME), SECRET).unwrap();
        self.watch.add(&directory);
        let fifo = self.object();
        rustix::fs::mknodat(CWD, &fifo, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        self.watch.add(&fifo);
        let socket = self.object();
        drop(UnixListener::bind(socket).unwrap());
        if rustix::process::geteuid().is_root() {
            let device = self.object();
            let null = rustix::fs::makedev(1, 3);
            rustix::fs::mknodat(CWD, &device, FileType::CharacterDevice, Mode::RUSR, null).unwrap();
            self.watch.add(&device);
        }
        for number in 0..8 {
            let path = self.object();
            // Of one size and time, so that only their identity tells them apart.
            let content = format!("number;name\n{number};Bager Ølund\n").repeat(50);
            fs::write(&path, &content).unwrap();
            let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000);
            File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
            self.contents.insert(fs::metadata(&path).unwrap().ino(), content);
        }
        fs::hard_link(self.stock(self.objects - 1), self.stock(self.objects)).unwrap();
        self.objects += 1;
    }

    fn path(&self, name: &str) -> PathBuf {
        self.temp.path().join(name)
    }

    fn stock(&self, slot: usize) -> PathBuf {
        self.path("stock").join(slot.to_string())
    }

    fn exchange(&self, name: &str) -> PathBuf {
        self.path("exchange").join(name)
    }

    /// The place of one more object.
    fn object(&mut self) -> PathBuf {
        self.objects += 1;
        self.stock(self.objects - 1)
    }

    /// Swaps until it is told to stop.
    fn swap(&self, stop: &AtomicBool) {
        let mut random = 0x2545_F491_4F6C_DD1D_u64;
        while !stop.load(Ordering::Relaxed) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let slot = self.stock(random as usize % self.objects);
            let import = self.import.load(Ordering::Relaxed);
            let target = match random >> 32 & 3 {
                0 if import > 0 => self.exchange(&claimed_name(NAME, import)),
                _ => self.exchange(NAME),
            };
            let swapped = match random >> 40 & 7 {
                0 => renameat_with(CWD, &target, CWD, &slot, RenameFlags::NOREPLACE),
                _ => match renameat_with(CWD, &slot, CWD, &target, RenameFlags::EXCHANGE) {
                    Err(Errno::NOENT) => renameat_with(CWD, &slot, CWD, &target, RenameFlags::NOREPLACE),
                    result => result,
                },
            };
            if swapped.is_ok() {
                self.swaps.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Gives whatever was claimed, or put under a claimed name, back to the one who swaps.
    fn give_back(&self) {
        self.import.store(0, Ordering::Relaxed);
        for entry in fs::read_dir(self.path("exchange")).unwrap() {
            let from = entry.unwrap().path();
            let put = |slot| renameat_with(CWD, &from, CWD, self.stock(slot), RenameFlags::NOREPLACE);
            if !from.ends_with(NAME) {
                // There is room for everything, but a slot can be taken the moment before.
                while from.symlink_metadata().is_ok() && !(0..self.objects).any(|slot| put(slot).is_ok()) {}
            }
        }
    }

    fn check(&self, sighting: &Sighting, content: &[u8]) {
        let expected = self.contents.get(&sighting.inode).expect("only files of the folder are seen");
        assert!(content == expected.as_bytes(), "the content is that of another file, or part of one");
    }
}

/// Counts what somebody opens or reads of the things that nobody may touch.
struct Watch(std::os::fd::OwnedFd);

impl Watch {
    fn new() -> Self {
        Self(rustix::fs::inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).unwrap())
    }

    fn add(&self, path: &Path) {
        let what = WatchFlags::OPEN | WatchFlags::ACCESS | WatchFlags::DONT_FOLLOW;
        rustix::fs::inotify::add_watch(&self.0, path, what).unwrap();
    }

    fn touched(&self) -> Option<ReadFlags> {
        let mut buffer = [std::mem::MaybeUninit::uninit(); 4096];
        let mut reader = rustix::fs::inotify::Reader::new(&self.0, &mut buffer);
        match reader.next() {
            Ok(event) => Some(event.events()),
            Err(Errno::AGAIN) => None,
            Err(error) => panic!("{error}"),
        }
    }
}

/// What came of the races.
#[derive(Debug, Default)]
struct Count {
    absent: u64,
    not_a_file: HashMap<&'static str, u64>,
    seen: u64,
    claimed: u64,
    name_taken: u64,
    swapped_at_the_claim: u64,
    spooled: u64,
    swapped_while_copied: u64,
}

impl Count {
    fn not_a_file(&mut self, kind: Kind) {
        let kind = match kind {
            Kind::Directory => "directory",
            Kind::SymbolicLink => "link",
            Kind::Fifo => "FIFO",
            Kind::Socket => "socket",
            Kind::Device => "device",
        };
        *self.not_a_file.entry(kind).or_default() += 1;
    }
}

/// One look, and if there is a file, its claim, copy and archive.
fn race(arena: &Arena, place: &LocalFolder, import: i64, count: &mut Count) {
    let (seen, file) = match place.look(NAME) {
        Look::Seen(sighting, file) => (sighting, file),
        Look::Absent => return count.absent += 1,
        Look::NotAFile(kind) => return count.not_a_file(kind),
        other => panic!("{other:?}"),
    };
    count.seen += 1;
    let mut content = [0; 4096];
    let length = file.read_at(0, &mut content).unwrap();
    arena.check(&seen, &content[..length]);
    arena.import.store(import, Ordering::Relaxed);
    let claim = match place.claim(NAME, import, &seen) {
        Ok(claim) => claim,
        Err(ClaimError::Changed { claimed: true, found: Found::Seen(_), name }) => {
            count.swapped_at_the_claim += 1;
            // It settles under its claimed name: the next look at it is what is copied.
            match place.look(&name) {
                Look::Seen(sighting, _) => super::claim::Claim { name, sighting },
                _ => return,
            }
        }
        Err(ClaimError::Changed { .. } | ClaimError::Gone { .. }) => {
            return count.swapped_at_the_claim += 1;
        }
        // The one who swaps put something under the claimed name first.
        Err(ClaimError::NameTaken { .. }) => return count.name_taken += 1,
        // The same, while the file was swapped away: a share may show such a name late, so it is looked at again.
        Err(ClaimError::Io { claimed: true, error, .. }) if error.kind() == ErrorKind::Other => {
            return count.name_taken += 1;
        }
        Err(error) => panic!("{error}"),
    };
    count.claimed += 1;
    let spool = arena.path("spool");
    let report = &mut |_, _| ControlFlow::Continue(());
    match spool::copy(place, &claim.name, &claim.sighting, &spool, import, report) {
        Ok((copy, _)) => {
            count.spooled += 1;
            let mut content = vec![0; usize::try_from(copy.len()).unwrap()];
            copy.read_at(0, &mut content).unwrap();
            arena.check(&claim.sighting, &content);
            let delivery =
                Delivery { name: NAME, import_id: import, at: "2026-11-22T19:07:41Z".parse().unwrap() };
            let archived = archive::archive(&copy, &arena.path("archive"), delivery).unwrap();
            arena.check(&claim.sighting, &fs::read(&archived).unwrap());
            fs::remove_file(archived).unwrap();
        }
        Err(SpoolError::Changed { .. }) => count.swapped_while_copied += 1,
        Err(error) => panic!("{error}"),
    }
}

fn races(way: &str, number: i64) {
    let arena = Arena::new();
    let place = LocalFolder::new(arena.path("exchange"));
    let (stop, mut count) = (AtomicBool::new(false), Count::default());
    /// Ends the other thread even if an assertion fails.
    struct Stop<'a>(&'a AtomicBool);
    impl Drop for Stop<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
    let started = std::time::Instant::now();
    std::thread::scope(|scope| {
        let _stop = Stop(&stop);
        scope.spawn(|| arena.swap(&stop));
        let mut before = 0;
        for import in 1..=number {
            // It is no race when nothing was swapped since the last one.
            while arena.swaps.load(Ordering::Relaxed) == before {
                std::thread::yield_now();
            }
            before = arena.swaps.load(Ordering::Relaxed);
            race(&arena, &place, import, &mut count);
            arena.give_back();
            assert_eq!(arena.watch.touched(), None, "race {import} touched what nobody may touch");
        }
    });
    eprintln!(
        "{way}: {number} races, {} swaps, {:.0?}; opened outside 0, secrets read 0; {count:?}",
        arena.swaps.load(Ordering::Relaxed),
        started.elapsed()
    );
    assert!(count.seen > 0 && count.spooled > 0 && !count.not_a_file.is_empty(), "{count:?}");
    assert!(fs::read_dir(arena.path("spool")).unwrap().next().is_none(), "nothing is left in the spool");
    // That the watch would have told.
    fs::read(arena.path("outside/secret")).unwrap();
    assert!(arena.watch.touched().is_some());
}

fn number() -> i64 {
    std::env::var("SERVICE_SUITE_RACES").ok().and_then(|number| number.parse().ok()).unwrap_or(RACES)
}

#[test]
fn swapping_the_file_leads_to_nothing_outside() {
    races("openat2", number());
}

#[test]
fn swapping_the_file_leads_to_nothing_outside_where_the_kernel_lacks_openat2() {
    for error in [libc::ENOSYS, libc::EPERM] {
        without_openat2(error, || races("openat", number() / 2));
    }
}
