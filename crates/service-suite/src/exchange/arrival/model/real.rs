//! The model's writers with real files: the looks are those of a real folder, only the clock is not real.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, UNIX_EPOCH};

use proptest::prelude::*;

use super::{Action, action};
use crate::exchange::arrival::{Arrival, Verdict};
use crate::exchange::local::LocalFolder;

use crate::exchange::place::{Observation, Place};

struct Real {
    folder: PathBuf,
    path: PathBuf,
    /// Files open for writing, with the inode that each belongs to.
    writers: Vec<(u64, File)>,
    extra: u32,
}

impl Real {
    fn identity(&self) -> Option<(u64, u64, i64, i64, i64, i64)> {
        let found = fs::metadata(&self.path).ok()?;
        Some((
            found.ino(),
            found.size(),
            found.mtime(),
            found.mtime_nsec(),
            found.ctime(),
            found.ctime_nsec(),
        ))
    }

    fn held(&self) -> bool {
        fs::metadata(&self.path)
            .is_ok_and(|found| self.writers.iter().any(|(inode, _)| *inode == found.ino()))
    }

    fn other_path(&mut self) -> PathBuf {
        self.extra += 1;
        self.folder.join(format!("other-{}", self.extra))
    }

    /// Does it, and says whether the file changed.
    fn apply(&mut self, action: &Action) -> bool {
        let before = self.identity();
        let old_time = fs::metadata(&self.path).and_then(|found| found.modified()).ok();
        let append = |path: &Path, text: &[u8]| {
            OpenOptions::new()
                .append(true)
                .create(true)
                .open(path)
                .and_then(|mut f| f.write_all(text))
                .unwrap();
        };
        let edit = |path: &Path| OpenOptions::new().write(true).open(path).unwrap();
        match action {
            Action::Append(more) => append(&self.path, &vec![b'x'; usize::from(*more)]),
            Action::Delete if before.is_some() => fs::remove_file(&self.path).unwrap(),
            Action::Close => drop(self.writers.pop()),
            _ if before.is_none() => {}
            Action::Truncate => edit(&self.path).set_len(before.map_or(0, |found| found.1 / 2)).unwrap(),
            Action::OverwriteKeepingTime => {
                let mut file = edit(&self.path);
                file.write_all(&vec![b'y'; before.map_or(0, |found| found.1 as usize)]).unwrap();
                file.set_modified(old_time.unwrap()).unwrap();
            }
            Action::ReplaceByRename { same_size_and_time } => {
                let new = self.other_path();
                append(&new, &vec![b'z'; before.map_or(0, |found| found.1 as usize)]);
                if *same_size_and_time {
                    edit(&new).set_modified(old_time.unwrap()).unwrap();
                }
                rustix::fs::rename(&new, &self.path).unwrap();
            }
            Action::Touch(seconds) => {
                let time = UNIX_EPOCH + Duration::from_secs(seconds.unsigned_abs() % 4_000_000_000);
                edit(&self.path).set_modified(time).unwrap();
            }
            Action::HardLink => {
                let other = self.other_path();
                fs::hard_link(&self.path, other).unwrap();
            }
            Action::Preallocate => {
                let how = rustix::fs::FallocateFlags::empty();
                rustix::fs::fallocate(edit(&self.path), how, 0, 4096).unwrap();
            }
            Action::Open => {
                let file = OpenOptions::new().append(true).open(&self.path).unwrap();
                self.writers.push((file.metadata().unwrap().ino(), file));
                return false;
            }
            _ => return false,
        }
        if matches!(action, Action::Close) {
            return false;
        }
        // Older kernels move a file's times in steps of some milliseconds: wait for the next step, so
        // that the change is one that can be seen.
        let deadline = Instant::now() + Duration::from_secs(5);
        while before.is_some() && self.identity() == before {
            assert!(Instant::now() < deadline, "the change time does not move");
            let permissions = fs::metadata(&self.path).unwrap().permissions();
            fs::set_permissions(&self.path, permissions).unwrap();
        }
        true
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn real_files_settle_only_when_quiet_and_closed(
        actions in proptest::collection::vec(action(), 1..60),
    ) {
        let settle = Duration::from_secs(10);
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("customers.txt");
        let mut real = Real { folder: temp.path().to_owned(), path, writers: Vec::new(), extra: 0 };
        let place = LocalFolder::new(temp.path());
        let mut arrival = Arrival::new(settle);
        let (mut now, mut changed_at) = (Duration::ZERO, Duration::ZERO);
        let look = |arrival: &mut Arrival, now| {
            arrival.see(Observation { began: now, ended: now, found: place.look("customers.txt").found() })
        };
        for action in &actions {
            match action {
                Action::Wait(time) => now += 10 * Duration::from_millis(u64::from(*time)),
                Action::Look { .. } | Action::BlindLook(_) => {
                    if let Verdict::Settled(_) = look(&mut arrival, now) {
                        prop_assert!(!real.held());
                        prop_assert!(now - changed_at >= settle);
                    }
                }
                other => {
                    if real.apply(other) {
                        changed_at = now;
                    }
                }
            }
        }
        real.writers.clear();
        real.apply(&Action::Append(1));
        look(&mut arrival, now);
        prop_assert!(matches!(look(&mut arrival, now + settle), Verdict::Settled(_)));
    }
}
