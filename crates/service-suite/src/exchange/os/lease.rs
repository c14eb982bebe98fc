//! Asking whether a program of this machine has a file open for writing, by a read lease.
//!
//! A read lease (`fcntl(F_SETLEASE, F_RDLCK)`, Linux) is only granted on a file that nobody has open for
//! writing, counting memory maps that outlive the file descriptor. It is given back at once: while it is
//! held, the kernel makes a program that opens the file for writing wait (or, if it asked not to wait,
//! turns it away), and sends this process SIGIO.

#![allow(unsafe_code)]

use std::fs::File;
use std::io;

use crate::exchange::os::{FileSystem, file_system};
use crate::exchange::place::Writer;

/// Runs `look` on the open file, under a read lease if one is granted: then nobody writes while it looks,
/// and what it saw is the last word of all writers so far.
/// Tells on what kind of file system the file is, too.
pub(crate) fn look_without_writers<T>(file: &File, look: impl FnOnce(&File) -> T) -> (Writer, T, FileSystem) {
    let on = file_system(file);
    let (writer, seen) = imp::look_without_writers(file, &on, look);
    (writer, seen, on)
}

/// Whether this program may ask about files of other users too (the capability CAP_LEASE).
pub(crate) fn may_lease_files_of_others() -> bool {
    imp::may_lease_files_of_others()
}

#[cfg(target_os = "linux")]
mod imp {
    use std::os::fd::AsRawFd;
    use std::sync::OnceLock;

    use super::*;

    /// Makes sure that SIGIO, which announces that somebody wants a leased file, does not end the process. A handler
    /// that does nothing, rather than ignoring the signal, since ignoring would be inherited by programs that this one
    /// starts.
    fn install_signal_disposition() -> io::Result<()> {
        static INSTALLED: OnceLock<Result<(), i32>> = OnceLock::new();
        let result = INSTALLED.get_or_init(|| {
            extern "C" fn nothing(_: libc::c_int) {}
            // SAFETY: an all-zero sigaction is a valid value (no flags, an empty mask once sigemptyset ran).
            let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
            action.sa_sigaction = nothing as extern "C" fn(libc::c_int) as libc::sighandler_t;
            action.sa_flags = libc::SA_RESTART;
            // SAFETY: the mask belongs to the live local `action`; the handler does nothing, which is safe in
            // a signal handler, and lives as long as the program.
            let done = unsafe {
                libc::sigemptyset(&mut action.sa_mask);
                libc::sigaction(libc::SIGIO, &action, std::ptr::null_mut())
            };
            if done == 0 { Ok(()) } else { Err(io::Error::last_os_error().raw_os_error().unwrap_or(0)) }
        });
        result.map_err(io::Error::from_raw_os_error)
    }

    pub(super) fn look_without_writers<T>(
        file: &File,
        on: &FileSystem,
        look: impl FnOnce(&File) -> T,
    ) -> (Writer, T) {
        if let Err(error) = install_signal_disposition() {
            return (
                Writer::Unknown(format!("unknown here: the lease's signal cannot be handled ({error})")),
                look(file),
            );
        }
        match set_lease(file, libc::F_RDLCK) {
            Ok(()) => {
                let seen = look(file);
                // Giving back cannot fail for a lease just taken; closing the file would do it anyway.
                let _ = set_lease(file, libc::F_UNLCK);
                (nobody_on(on), seen)
            }
            Err(error) => (writer_by_error(on, &error), look(file)),
        }
    }

    pub(super) fn may_lease_files_of_others() -> bool {
        const CAP_LEASE: u32 = 28;
        // Of this thread, not of the process: that is what the kernel asks about.
        let status = std::fs::read_to_string("/proc/thread-self/status").unwrap_or_default();
        let effective = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
        let bits = effective.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok());
        bits.is_some_and(|bits| bits & (1 << CAP_LEASE) != 0)
    }

    fn set_lease(file: &File, kind: libc::c_int) -> io::Result<()> {
        // SAFETY: F_SETLEASE takes an int and touches no memory of ours; the descriptor is open.
        match unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETLEASE, kind) } {
            -1 => Err(io::Error::last_os_error()),
            _ => Ok(()),
        }
    }

    /// What a lease that was granted proves. FUSE and its like grant one without asking whoever keeps the files.
    pub(super) fn nobody_on(on: &FileSystem) -> Writer {
        if on.may_be_remote() { unknown_on(on) } else { Writer::None }
    }

    fn unknown_on(on: &FileSystem) -> Writer {
        Writer::Unknown(format!("unknown here: the file system ({}) does not say", on.name))
    }

    fn writer_by_error(on: &FileSystem, error: &io::Error) -> Writer {
        match error.raw_os_error() {
            // NFS and SMB clients also answer EAGAIN when the server has not delegated the file to them.
            Some(libc::EAGAIN) if !on.is_share() => Writer::Held,
            Some(libc::EACCES) => Writer::Unknown(
                "unknown here: only the file's owner, or a program with the capability CAP_LEASE, may ask"
                    .into(),
            ),
            _ => unknown_on(on),
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod imp {
    use super::*;

    pub(super) fn may_lease_files_of_others() -> bool {
        false
    }

    pub(super) fn look_without_writers<T>(
        file: &File,
        _: &FileSystem,
        look: impl FnOnce(&File) -> T,
    ) -> (Writer, T) {
        (Writer::Unknown("unknown here: this operating system does not say".into()), look(file))
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::fs::{self, OpenOptions};
    use std::io::Write;
    use std::path::Path;

    use super::*;
    use crate::exchange::local::LocalFolder;
    use crate::exchange::os::filesystem::by_magic;
    use crate::exchange::os::testing::Mapping;
    use crate::exchange::place::{Look, Place};
    use crate::exchange::testing::{as_nobody, open_to_all};

    fn writer(path: &Path) -> Writer {
        look_without_writers(&File::open(path).unwrap(), |_| ()).0
    }

    #[test]
    fn a_writer_is_seen_while_it_has_the_file_open_and_no_longer() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("customers.txt");
        let mut file = File::create(&path).unwrap();
        assert_eq!(writer(&path), Writer::Held);
        file.write_all(b"half").unwrap();
        assert_eq!(writer(&path), Writer::Held);
        drop(file);
        assert_eq!(writer(&path), Writer::None);
        let reader = File::open(&path).unwrap();
        assert_eq!(writer(&path), Writer::None, "reading is not writing");
        drop(reader);
    }

    #[test]
    fn a_lease_proves_something_only_on_a_disk_of_this_machine() {
        for (magic, proved) in
            [(0xEF53, true), (0x0102_1994, true), (0x6573_5546, false), (0x6969, false), (0x0102_1997, false)]
        {
            let writer = imp::nobody_on(&by_magic(magic));
            assert_eq!(writer == Writer::None, proved, "{magic:#x}: {writer:?}");
        }
    }

    #[test]
    fn a_memory_map_counts_as_writing_after_its_file_is_closed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("customers.txt");
        fs::write(&path, [b'x'; 4096]).unwrap();
        let file = OpenOptions::new().read(true).write(true).open(&path).unwrap();
        let map = Mapping::new(&file);
        drop(file);
        assert_eq!(writer(&path), Writer::Held);
        drop(map);
        assert_eq!(writer(&path), Writer::None);
    }

    #[test]
    fn a_writer_that_comes_during_the_lease_waits_and_its_signal_ends_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("customers.txt");
        fs::write(&path, "x").unwrap();
        let file = File::open(&path).unwrap();
        let other = path.clone();
        let (found, turned_away, _) = look_without_writers(&file, move |_| {
            use std::os::unix::fs::OpenOptionsExt;
            // Not waiting: the kernel turns this one away, and sends the signal all the same.
            OpenOptions::new().append(true).custom_flags(libc::O_NONBLOCK).open(other).unwrap_err()
        });
        assert_eq!(found, Writer::None);
        assert_eq!(turned_away.raw_os_error(), Some(libc::EAGAIN));
        fs::OpenOptions::new().append(true).open(&path).unwrap();
        assert_eq!(writer(&path), Writer::None, "the lease was given back");
    }

    #[test]
    fn a_file_that_a_server_keeps_for_its_client_is_busy_and_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("customers.txt");
        fs::write(&path, "x").unwrap();
        // Samba with `kernel oplocks` takes such a lease for a client that may keep written data on its own side. Asking
        // first also sees to it that the signal, which the server gets now, ends nobody.
        assert_eq!(writer(&path), Writer::None);
        let server = OpenOptions::new().read(true).write(true).open(&path).unwrap();
        // SAFETY: F_SETLEASE takes an int and touches no memory of ours; the descriptor is open.
        let leased = unsafe {
            use std::os::fd::AsRawFd;
            libc::fcntl(server.as_raw_fd(), libc::F_SETLEASE, libc::F_WRLCK)
        };
        assert_eq!(leased, 0);
        let look = || LocalFolder::new(folder.path()).look("customers.txt");
        // The kernel would let a program that waits do so for 45 seconds.
        let began = std::time::Instant::now();
        assert!(matches!(look(), Look::Busy(_)));
        assert!(began.elapsed() < std::time::Duration::from_secs(10));
        drop(server);
        assert!(matches!(look(), Look::Seen(sighting, _) if sighting.writer == Writer::None));
    }

    #[test]
    fn a_program_that_neither_owns_the_file_nor_may_lease_is_told_so() {
        let folder = tempfile::tempdir().unwrap();
        open_to_all(folder.path());
        let owned_by_root = as_nobody(|| writer(Path::new("/etc/passwd")));
        assert!(
            matches!(&owned_by_root, Writer::Unknown(reason) if reason.contains("CAP_LEASE")),
            "{owned_by_root:?}"
        );
        let own = as_nobody(|| {
            let path = folder.path().join("own.txt");
            fs::write(&path, "x").unwrap();
            writer(&path)
        });
        assert_eq!(own, Writer::None);
    }
}
