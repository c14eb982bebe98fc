//! Hints that something happened in a folder. They bring the next look forward, and may tell that a file was renamed
//! where its times do not; the scan decides, and works without them. So failing to watch is never fatal; it is a state
//! to show.

use std::collections::HashMap;
use std::fmt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind, RenameMode};
use notify::{RecommendedWatcher, RecursiveMode, Watcher};

use super::arrival::News;

/// Called from another thread for each hint; it should only wake somebody up.
pub(crate) type LookNow = Arc<dyn Fn() + Send + Sync>;

/// Whether hints come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WatchState {
    /// They come for what this machine does in the folder; shares of other machines give none of theirs.
    Watching,
    /// They do not, for this reason; changes are noticed by the scan.
    NotWatching(String),
}

impl fmt::Display for WatchState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Watching => f.write_str("change notifications arrive"),
            Self::NotWatching(why) => {
                write!(f, "no change notifications ({why}); the folder is looked through instead")
            }
        }
    }
}

/// What was told of the names of a folder since somebody last asked.
type Told = Arc<Mutex<HashMap<String, News>>>;

/// So many names are remembered between two looks; of more nothing is known, as where nothing is told at all.
const REMEMBERED: usize = 10_000;

/// The watch on one folder.
pub(crate) struct Hints {
    folder: PathBuf,
    look_now: LookNow,
    watch: Option<Watch>,
    state: WatchState,
    told: Told,
}

struct Watch {
    _watcher: RecommendedWatcher,
    device_and_inode: (u64, u64),
    lost: Arc<AtomicBool>,
}

impl fmt::Debug for Hints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hints")
            .field("folder", &self.folder)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl Hints {
    /// Watches a folder if it can be watched now; otherwise the next [`Hints::refresh`] tries again.
    pub(crate) fn new(folder: impl Into<PathBuf>, look_now: LookNow) -> Self {
        let state = WatchState::NotWatching("not yet tried".into());
        let told = Told::default();
        let mut hints = Self { folder: folder.into(), look_now, watch: None, state, told };
        hints.refresh();
        hints
    }

    /// What was told of the names in the folder since the last call. Nothing of a name means nothing: notifications
    /// get lost, and what other machines do on a share is never told.
    pub(crate) fn news(&self) -> HashMap<String, News> {
        std::mem::take(&mut *self.told.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether hints come, as of the last refresh.
    pub(crate) fn state(&self) -> &WatchState {
        &self.state
    }

    /// Watches anew if the folder went, came back, or is another one by now. Cheap; call it at every scan.
    /// A new watch begins with a hint, since nobody knows what happened before it.
    pub(crate) fn refresh(&mut self) -> &WatchState {
        match std::fs::metadata(&self.folder) {
            Ok(folder) => {
                let identity = (folder.dev(), folder.ino());
                let is_good =
                    |watch: &Watch| watch.device_and_inode == identity && !watch.lost.load(Ordering::Acquire);
                if !self.watch.as_ref().is_some_and(is_good) {
                    self.watch_anew(identity);
                }
            }
            Err(error) => {
                self.watch = None;
                self.state = WatchState::NotWatching(error.to_string());
            }
        }
        &self.state
    }

    fn watch_anew(&mut self, device_and_inode: (u64, u64)) {
        self.watch = None;
        let lost = Arc::new(AtomicBool::new(false));
        let (folder, look_now, is_lost) =
            (self.folder.clone(), Arc::clone(&self.look_now), Arc::clone(&lost));
        let told_of = Arc::clone(&self.told);
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            let told = match &event {
                Ok(event) => {
                    if ends_the_watch(event, &folder) {
                        is_lost.store(true, Ordering::Release);
                    }
                    remember(event, &told_of);
                    is_a_hint(event)
                }
                Err(_) => {
                    is_lost.store(true, Ordering::Release);
                    true
                }
            };
            if told {
                look_now();
            }
        });
        let watching = watcher.and_then(|mut watcher| {
            watcher.watch(&self.folder, RecursiveMode::NonRecursive)?;
            Ok(watcher)
        });
        match watching {
            Ok(watcher) => {
                self.watch = Some(Watch { _watcher: watcher, device_and_inode, lost });
                self.state = WatchState::Watching;
                (self.look_now)();
            }
            Err(error) => self.state = WatchState::NotWatching(error.to_string()),
        }
    }
}

/// Opening and reading is what this program does at every look: taken for hints, its looks would hint at
/// further looks for ever. An overflow of the queue is a hint like any other.
fn is_a_hint(event: &notify::Event) -> bool {
    match event.kind {
        EventKind::Access(kind) => kind == AccessKind::Close(AccessMode::Write),
        _ => true,
    }
}

/// Remembers a rename to a name and a write to it, whichever came last.
fn remember(event: &notify::Event, told: &Told) {
    let (path, news) = match event.kind {
        EventKind::Modify(ModifyKind::Name(RenameMode::To | RenameMode::Both)) => {
            (event.paths.last(), News::Renamed)
        }
        EventKind::Modify(ModifyKind::Data(_)) => (event.paths.last(), News::Written),
        _ => return,
    };
    let name = path.and_then(|path| path.file_name()?.to_str());
    let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(name) = name.filter(|name| told.len() < REMEMBERED || told.contains_key(*name)) {
        told.insert(name.to_owned(), news);
    }
}

/// The folder itself was removed or renamed: a folder that comes back under the name is not watched, even
/// if it happens to get the same number.
fn ends_the_watch(event: &notify::Event, folder: &Path) -> bool {
    matches!(event.kind, EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_)))
        && event.paths.iter().any(|path| path == folder)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::mpsc::{Receiver, channel};
    use std::time::{Duration, Instant};

    use super::*;

    fn watch(folder: &Path) -> (Hints, Receiver<()>) {
        let (sender, hints) = channel();
        let sender = std::sync::Mutex::new(sender);
        let look_now: LookNow = Arc::new(move || {
            let _ = sender.lock().unwrap().send(());
        });
        (Hints::new(folder, look_now), hints)
    }

    fn hint(hints: &Receiver<()>) {
        hints.recv_timeout(Duration::from_secs(10)).expect("a hint");
    }

    fn drain(hints: &Receiver<()>) {
        while hints.try_recv().is_ok() {}
    }

    #[test]
    fn a_new_watch_and_each_change_hint() {
        let temp = tempfile::tempdir().unwrap();
        let (watch, hints) = watch(temp.path());
        assert_eq!(*watch.state(), WatchState::Watching);
        hint(&hints);
        for content in ["x", "xy"] {
            drain(&hints);
            fs::write(temp.path().join("customers.txt"), content).unwrap();
            hint(&hints);
        }
    }

    #[test]
    fn what_happened_to_a_name_last_is_told_once() {
        let temp = tempfile::tempdir().unwrap();
        let path = |name: &str| temp.path().join(name);
        let (watch, hints) = watch(temp.path());
        hint(&hints);
        fs::write(path("written"), "x").unwrap();
        fs::write(path("a.part"), "x").unwrap();
        rustix::fs::rename(path("a.part"), path("renamed")).unwrap();
        fs::write(path("b.part"), "x").unwrap();
        rustix::fs::rename(path("b.part"), path("rewritten")).unwrap();
        fs::write(path("rewritten"), "xyz").unwrap();
        // The last of all.
        fs::write(path("end"), "x").unwrap();
        let mut told = HashMap::new();
        let deadline = Instant::now() + Duration::from_secs(10);
        while !told.contains_key("end") {
            assert!(Instant::now() < deadline, "{told:?}");
            let _ = hints.recv_timeout(Duration::from_millis(20));
            told.extend(watch.news());
        }
        let said = |name: &str| told.get(name).copied();
        assert_eq!(said("renamed"), Some(News::Renamed));
        assert_eq!((said("written"), said("rewritten")), (Some(News::Written), Some(News::Written)));
        assert_eq!(watch.news(), HashMap::new());
    }

    #[test]
    fn looking_is_no_hint_and_an_overflow_is_one() {
        use notify::event::{CreateKind, Event, Flag};
        for (kind, expected) in [
            (EventKind::Access(AccessKind::Open(AccessMode::Any)), false),
            (EventKind::Access(AccessKind::Read), false),
            (EventKind::Access(AccessKind::Close(AccessMode::Read)), false),
            (EventKind::Access(AccessKind::Close(AccessMode::Write)), true),
            (EventKind::Create(CreateKind::File), true),
            (EventKind::Modify(ModifyKind::Any), true),
        ] {
            assert_eq!(is_a_hint(&Event::new(kind)), expected, "{kind:?}");
        }
        assert!(is_a_hint(&Event::new(EventKind::Other).set_flag(Flag::Rescan)));
    }

    #[test]
    fn a_folder_that_goes_and_comes_back_is_watched_again() {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path().join("exchange");
        let (mut watch, hints) = watch(&folder);
        assert!(matches!(watch.state(), WatchState::NotWatching(_)));
        // The second way gives the loop no chance to notice that the folder was gone; many file systems
        // then give the new folder the number of the old one.
        for noticed in [true, false, true, false] {
            fs::create_dir(&folder).unwrap();
            let deadline = Instant::now() + Duration::from_secs(10);
            // The news that the old folder went may still be on its way.
            loop {
                assert!(Instant::now() < deadline, "no hint from the new folder");
                assert_eq!(*watch.refresh(), WatchState::Watching);
                drain(&hints);
                fs::write(folder.join("customers.txt"), "x").unwrap();
                if hints.recv_timeout(Duration::from_millis(100)).is_ok() {
                    break;
                }
            }
            fs::remove_dir_all(&folder).unwrap();
            if noticed {
                assert!(matches!(watch.refresh(), WatchState::NotWatching(_)));
            }
        }
    }

    #[test]
    fn what_cannot_be_watched_is_told() {
        let (watch, _hints) = watch(Path::new("/nowhere/at/all"));
        assert!(watch.state().to_string().contains("No such file or directory"), "{}", watch.state());
    }
}
