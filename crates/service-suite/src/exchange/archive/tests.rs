use std::fs::OpenOptions;
use std::os::unix::fs::MetadataExt;

use super::*;
use crate::exchange::local::LocalFolder;
use crate::exchange::spool;
use crate::exchange::testing::{as_nobody, mode};

const SHA256_OF_X: &str = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";

fn delivery(name: &str) -> Delivery<'_> {
    Delivery { name, import_id: 17, at: "2026-11-22T19:07:41.5Z".parse().unwrap() }
}

fn spooled(folder: &Path, content: &str) -> SpoolFile {
    let mut copy = spool::Spooling::create(folder, 17, 0).unwrap();
    copy.write(content.as_bytes()).unwrap();
    let mut hashing = Hashing::default();
    let block = content.as_bytes().to_vec();
    hashing.add(block, content.len());
    copy.finish(hashing.finish().unwrap()).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A folder for the spool and one for the archive: on one file system, or on two where the machine has
/// a second one.
fn folders() -> Vec<(tempfile::TempDir, tempfile::TempDir)> {
    let here = || tempfile::tempdir().unwrap();
    let mut pairs = vec![(here(), here())];
    let second = tempfile::tempdir_in("/dev/shm").ok();
    pairs.extend(
        second.filter(|dir| device(dir.path()) != device(pairs[0].0.path())).map(|dir| (here(), dir)),
    );
    pairs
}

fn device(path: &Path) -> u64 {
    fs::metadata(path).unwrap().dev()
}

#[test]
fn names_in_the_archive() {
    for (name, expected) in [
        ("customers.txt", "customers.20261122-190741.17.txt"),
        ("customers", "customers.20261122-190741.17"),
        ("kunder.2026.csv", "kunder.2026.20261122-190741.17.csv"),
        (".txt", ".txt.20261122-190741.17"),
    ] {
        assert_eq!(delivery(name).file_name(1), expected);
    }
    assert_eq!(delivery("customers.txt").file_name(2), "customers.20261122-190741.17-2.txt");
    let long = format!("{}.{}", "Ø".repeat(90), "x".repeat(70));
    let name = delivery(&long).file_name(1);
    assert!(name.len() + ".report.txt".len() + ".".len() + ".partial".len() <= 255, "{name}");
}

#[test]
fn a_delivery_is_moved_into_the_archive_and_moving_it_again_finds_it_done() {
    for (spool, archive_folder) in folders() {
        let (spool, folder) = (spool.path(), archive_folder.path());
        let file = spooled(spool, "x");
        let path = archive(&file, folder, delivery("customers.txt")).unwrap();
        assert_eq!(path, folder.join("customers.20261122-190741.17.txt"));
        assert_eq!(fs::read(&path).unwrap(), b"x");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert!(names(spool).is_empty());

        assert_eq!(archived(folder, delivery("customers.txt"), SHA256_OF_X).unwrap(), Some(path.clone()));
        assert_eq!(archived(folder, delivery("other.txt"), SHA256_OF_X).unwrap(), None);
        let again = spooled(spool, "x");
        assert_eq!(archive(&again, folder, delivery("customers.txt")).unwrap(), path);
        assert!(names(spool).is_empty());
        assert_eq!(names(folder), ["customers.20261122-190741.17.txt"]);
    }
}

#[test]
fn a_file_of_other_content_under_the_name_stays() {
    for (spool, archive_folder) in folders() {
        let folder = archive_folder.path();
        fs::write(folder.join("customers.20261122-190741.17.txt"), "of another").unwrap();
        fs::create_dir(folder.join("customers.20261122-190741.17-2.txt")).unwrap();
        fs::write(folder.join(".customers.20261122-190741.17-3.txt.partial"), "left by a crash").unwrap();
        let path = archive(&spooled(spool.path(), "x"), folder, delivery("customers.txt")).unwrap();
        assert_eq!(path, folder.join("customers.20261122-190741.17-3.txt"));
        assert_eq!(fs::read(folder.join("customers.20261122-190741.17.txt")).unwrap(), b"of another");
    }
}

#[test]
fn a_spool_file_that_went_bad_is_not_archived() {
    let (spool, archive_folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = spooled(spool.path(), "x");
    fs::write(file.path(), "y").unwrap();
    let error = archive(&file, archive_folder.path(), delivery("customers.txt")).unwrap_err();
    assert!(matches!(error, ArchiveError::Damaged { .. }), "{error:?}");
    assert!(names(archive_folder.path()).is_empty());
}

#[test]
fn a_refused_delivery_has_its_report_beside_it() {
    for (spool, refused) in folders() {
        for text in ["line 7: the quote is never closed", "line 7: the quote is never closed, again"] {
            let file = spooled(spool.path(), "x");
            let path = archive(&file, refused.path(), delivery("customers.txt")).unwrap();
            write_report(refused.path(), &path, text).unwrap();
            let name = "customers.20261122-190741.17.txt";
            assert_eq!(names(refused.path()), [name, &format!("{name}.report.txt")]);
            assert_eq!(fs::read_to_string(refused.path().join(format!("{name}.report.txt"))).unwrap(), text);
        }
    }
}

#[test]
fn an_archive_that_cannot_be_written_keeps_the_spool_and_says_so() {
    let (spool, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = spooled(spool.path(), "x");
    let missing = archive(&file, &folder.path().join("missing"), delivery("customers.txt")).unwrap_err();
    assert!(matches!(missing, ArchiveError::Folder { .. }), "{missing:?}");
    mode(folder.path(), 0o555);
    mode(spool.path(), 0o755);
    let error = as_nobody(|| archive(&file, folder.path(), delivery("customers.txt")).unwrap_err());
    assert!(error.to_string().contains("Permission denied"), "{error}");
    assert_eq!(names(spool.path()), ["17"]);
}

#[test]
fn only_what_was_read_is_removed_from_the_exchange_folder() {
    let temp = tempfile::tempdir().unwrap();
    let (place, path) = (LocalFolder::new(temp.path()), temp.path().join(".customers.txt.17"));
    let look = || match place.look(".customers.txt.17") {
        Look::Seen(sighting, _) => sighting,
        other => panic!("{other:?}"),
    };
    let remove =
        |expected: Option<&Sighting>| remove_source(&place, ".customers.txt.17", expected, SHA256_OF_X);
    fs::write(&path, "x").unwrap();
    remove(Some(&look())).unwrap();
    assert!(!path.exists());
    remove(None).unwrap();

    fs::write(&path, "x").unwrap();
    let read = look();
    mode(&path, 0o640);
    remove(Some(&read)).unwrap();
    assert!(!path.exists(), "another mode, the same content");

    fs::write(&path, "x").unwrap();
    remove(None).unwrap();
    assert!(!path.exists(), "known by its content after a restart");

    fs::write(&path, "x and more").unwrap();
    assert!(matches!(remove(None), Err(RemoveError::Changed { .. })));
    fs::write(&path, "x").unwrap();
    let mut writer = OpenOptions::new().append(true).open(&path).unwrap();
    for expected in [None, Some(&look())] {
        assert!(matches!(remove(expected), Err(RemoveError::InUse { .. })), "nothing was written yet");
    }
    writer.write_all(b" and more").unwrap();
    drop(writer);
    assert!(matches!(remove(None), Err(RemoveError::Changed { .. })));
    assert!(path.exists());
}

#[test]
fn a_name_in_the_archive_that_may_not_last_is_given_anew_by_the_next_try() {
    use crate::exchange::disk::trial;
    let (spool, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = spooled(spool.path(), "x");
    trial::set(Some(std::rc::Rc::new(|call| match call {
        trial::Call::SyncFolder(_) => Err(io::Error::from_raw_os_error(libc::EIO)),
        _ => Ok(()),
    })));
    let error = archive(&file, folder.path(), delivery("customers.txt")).unwrap_err();
    trial::set(None);
    assert!(matches!(error, ArchiveError::Write { .. }), "{error:?}");
    assert_eq!((names(spool.path()).len(), names(folder.path()).len()), (1, 0));
    archive(&file, folder.path(), delivery("customers.txt")).unwrap();
    assert_eq!((names(spool.path()).len(), names(folder.path()).len()), (0, 1));
}

/// Somebody who may write to the archive guesses the names, and puts there what leads elsewhere.
#[test]
fn what_was_planted_under_a_name_is_neither_followed_nor_replaced() {
    use std::os::unix::fs::FileTypeExt;
    use std::os::unix::fs::symlink;
    for (spool, archive_folder) in folders() {
        let outside = tempfile::tempdir().unwrap();
        let secret = outside.path().join("secret");
        fs::write(&secret, "x").unwrap();
        let planted = |copy| archive_folder.path().join(delivery("customers.txt").file_name(copy));
        symlink(&secret, planted(1)).unwrap();
        let fifo = rustix::fs::FileType::Fifo;
        rustix::fs::mknodat(rustix::fs::CWD, planted(2), fifo, rustix::fs::Mode::RUSR, 0).unwrap();
        symlink(outside.path(), planted(3)).unwrap();
        fs::create_dir(planted(4)).unwrap();
        symlink(outside.path().join("made"), planted(5)).unwrap();
        fs::write(planted(6), "of another").unwrap();
        let partial = partial_name(&delivery("customers.txt").file_name(7));
        symlink(&secret, archive_folder.path().join(partial)).unwrap();

        let copy = spooled(spool.path(), "x");
        let path = archive(&copy, archive_folder.path(), delivery("customers.txt")).unwrap();
        assert_eq!(path, planted(7), "the first name under which nothing was planted");
        assert_eq!(fs::read(&path).unwrap(), b"x");
        assert!(fs::symlink_metadata(planted(2)).unwrap().file_type().is_fifo());
        assert_eq!(fs::read(planted(6)).unwrap(), b"of another");
        assert_eq!(names(outside.path()), ["secret"]);
        assert_eq!(fs::read(&secret).unwrap(), b"x");
        // What slips in after the look at the name is not followed either, nor waited for.
        for copy in [1, 2, 3, 4] {
            assert!(disk::open(&planted(copy)).is_err());
        }
    }
}
