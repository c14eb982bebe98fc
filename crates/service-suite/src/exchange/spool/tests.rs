use std::fs::OpenOptions;
use std::os::unix::fs::PermissionsExt;

use sha2::{Digest, Sha256};

use super::super::hashing::BLOCK;
use super::*;
use crate::exchange::local::LocalFolder;
use crate::exchange::testing::{as_nobody, mode, open_to_all};
use crate::secrets::hex;

const CONTINUE: fn(u64, u64) -> ControlFlow<()> = |_, _| ControlFlow::Continue(());

struct Story {
    exchange: tempfile::TempDir,
    spool: tempfile::TempDir,
}

impl Story {
    fn new(content: &[u8]) -> Self {
        let story = Self { exchange: tempfile::tempdir().unwrap(), spool: tempfile::tempdir().unwrap() };
        fs::write(story.source(), content).unwrap();
        story
    }
    fn source(&self) -> PathBuf {
        self.exchange.path().join(".customers.txt.7")
    }
    fn sight(&self) -> Sighting {
        match LocalFolder::new(self.exchange.path()).look(".customers.txt.7") {
            Look::Seen(sighting, _) => sighting,
            other => panic!("{other:?}"),
        }
    }
    fn copy(&self, expected: &Sighting, report: Report<'_>) -> Result<(SpoolFile, Check), SpoolError> {
        let place = LocalFolder::new(self.exchange.path());
        copy(&place, ".customers.txt.7", expected, self.spool.path(), 7, report)
    }
    fn spooled(&self) -> Vec<String> {
        let entries = fs::read_dir(self.spool.path()).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

#[test]
fn the_copy_is_private_whole_and_hashed() {
    let content: Vec<u8> = (0..3 * BLOCK + 5).map(|i| (i % 251) as u8).collect();
    let story = Story::new(&content);
    let mut reports = Vec::new();
    let (copy, check) = story
        .copy(&story.sight(), &mut |done, total| {
            reports.push((done, total));
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(reports.len(), 4);
    assert_eq!(reports.last(), Some(&(content.len() as u64, content.len() as u64)));
    assert_eq!(check.check, "copy equals source");
    assert_eq!(copy.len(), content.len() as u64);
    assert_eq!(copy.sha256(), hex(&Sha256::digest(&content)));
    assert_eq!(fs::metadata(copy.path()).unwrap().permissions().mode() & 0o777, 0o600);
    let (mut one, mut two, mut piece) = (Vec::new(), Vec::new(), [0; 100]);
    let mut reader = copy.reader();
    reader.read_to_end(&mut one).unwrap();
    copy.reader().read_to_end(&mut two).unwrap();
    assert!(one == content && two == content);
    reader.seek(SeekFrom::End(-5)).unwrap();
    assert_eq!(reader.read(&mut piece).unwrap(), 5);
    copy.read_at(1_000, &mut piece).unwrap();
    assert_eq!(piece, content[1_000..1_100]);
    assert_eq!(copy.read_at(copy.len() - 50, &mut piece).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);

    let again = SpoolFile::reopen(story.spool.path(), 7).unwrap().unwrap();
    assert_eq!((again.len(), again.sha256()), (copy.len(), copy.sha256()));
    assert!(SpoolFile::reopen(story.spool.path(), 8).unwrap().is_none());
    assert!(leftovers(story.spool.path()).unwrap().is_empty(), "somebody is using it");
    drop((copy, again));
    assert_eq!(leftovers(story.spool.path()).unwrap(), [7]);
    discard(story.spool.path(), 7).unwrap();
    assert!(story.spooled().is_empty());
}

#[test]
fn whatever_happens_to_the_source_while_it_is_copied_is_noticed() {
    type Meddle = fn(&Path);
    let meddlings: [(&str, Meddle); 7] = [
        ("appended", |path| {
            OpenOptions::new().append(true).open(path).and_then(|mut f| f.write_all(b"more")).unwrap();
        }),
        ("truncated", |path| OpenOptions::new().write(true).open(path).and_then(|f| f.set_len(9)).unwrap()),
        ("emptied", |path| drop(File::create(path).unwrap())),
        ("removed", |path| fs::remove_file(path).unwrap()),
        ("replaced by the same", |path| {
            fs::copy(path, path.with_extension("new")).unwrap();
            rustix::fs::rename(path.with_extension("new"), path).unwrap();
        }),
        ("replaced by a directory", |path| {
            fs::remove_file(path).unwrap();
            fs::create_dir(path).unwrap();
        }),
        ("overwritten, its time put back", |path| {
            let old = fs::metadata(path).unwrap().modified().unwrap();
            let mut file = OpenOptions::new().write(true).open(path).unwrap();
            file.write_all(b"y").unwrap();
            file.set_modified(old).unwrap();
        }),
    ];
    for (what, meddle) in meddlings {
        let story = Story::new(&vec![b'x'; 2 * BLOCK]);
        let settled = wait_for_a_new_change_time(&story);
        let mut first = true;
        let result = story.copy(&settled, &mut |_, _| {
            if std::mem::take(&mut first) {
                meddle(&story.source());
            }
            ControlFlow::Continue(())
        });
        assert!(matches!(result, Err(SpoolError::Changed { .. })), "{what}: {result:?}");
        assert!(story.spooled().is_empty(), "{what}");
    }
}

/// The settled sighting, once the kernel's clock for files has moved on from it: some kernels move it in
/// steps of a few milliseconds, and a settled file is older than that.
fn wait_for_a_new_change_time(story: &Story) -> Sighting {
    let settled = story.sight();
    let probe = story.exchange.path().join("probe");
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(5);
    loop {
        use std::os::unix::fs::MetadataExt;
        fs::write(&probe, "x").unwrap();
        let now = fs::metadata(&probe).unwrap();
        if (now.ctime(), now.ctime_nsec() as u32) > (settled.changed.seconds, settled.changed.nanoseconds) {
            return settled;
        }
        assert!(std::time::Instant::now() < deadline);
    }
}

#[test]
fn a_file_that_is_not_the_settled_one_is_not_copied() {
    let story = Story::new(b"x");
    let mut other = story.sight();
    other.inode += 1;
    assert!(matches!(story.copy(&other, &mut CONTINUE.clone()), Err(SpoolError::Changed { .. })));
    let _writer = OpenOptions::new().append(true).open(story.source()).unwrap();
    assert!(matches!(story.copy(&story.sight(), &mut CONTINUE.clone()), Err(SpoolError::Changed { .. })));
    assert!(story.spooled().is_empty());
}

#[test]
fn cancelling_leaves_nothing() {
    let story = Story::new(b"x");
    let result = story.copy(&story.sight(), &mut |_, _| ControlFlow::Break(()));
    assert!(matches!(result, Err(SpoolError::Cancelled)));
    assert!(story.spooled().is_empty());
}

#[test]
fn what_an_earlier_try_left_is_replaced() {
    let story = Story::new(b"whole");
    fs::write(story.spool.path().join("7.partial"), "ha").unwrap();
    fs::write(story.spool.path().join("7"), "old").unwrap();
    assert_eq!(leftovers(story.spool.path()).unwrap(), [7]);
    let failed = story.copy(&story.sight(), &mut |_, _| ControlFlow::Break(()));
    assert!(matches!(failed, Err(SpoolError::Cancelled)));
    let whole = fs::read(story.spool.path().join("7")).unwrap();
    assert_eq!(
        (story.spooled(), &whole[..]),
        (vec!["7".to_owned()], &b"old"[..]),
        "the whole one stays until then"
    );
    let (copy, _) = story.copy(&story.sight(), &mut CONTINUE.clone()).unwrap();
    assert_eq!(fs::read(copy.path()).unwrap(), b"whole");
    assert_eq!(story.spooled(), ["7"]);
}

#[test]
fn a_spool_folder_that_cannot_be_written_is_named() {
    let story = Story::new(b"x");
    open_to_all(story.exchange.path());
    mode(&story.source(), 0o644);
    mode(story.spool.path(), 0o555);
    let error = as_nobody(|| {
        let place = LocalFolder::new(story.exchange.path());
        copy(&place, ".customers.txt.7", &story.sight(), story.spool.path(), 7, &mut CONTINUE.clone())
            .map(|_| ())
            .map_err(|error| error.to_string())
    });
    assert!(
        error.as_ref().unwrap_err().contains("7.partial cannot be written: Permission denied"),
        "{error:?}"
    );
}

#[test]
fn a_full_disk_is_told_with_its_figures_and_leaves_nothing() {
    // /dev/full stands for a disk without room.
    let error = File::options().write(true).open("/dev/full").unwrap().write_all(b"x").unwrap_err();
    let story = Story::new(b"x");
    let said = write_error(story.spool.path(), 7, 12_345, error);
    assert!(matches!(said, SpoolError::NoRoom { needed: 12_345, .. }), "{said:?}");
    assert!(said.to_string().contains("no room for the private copy of 12345 bytes"), "{said}");
}
