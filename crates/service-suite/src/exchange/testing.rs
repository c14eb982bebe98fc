//! What the tests of this module share.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use super::place::{FileTime, Sighting, Writer};

/// Runs `body` as a user without any privilege, in a thread of its own: credentials belong to a thread in
/// Linux. Whoever runs the tests as such a user already needs no change.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
pub(crate) fn as_nobody<T: Send>(body: impl FnOnce() -> T + Send) -> T {
    const NOBODY: libc::c_long = 65_534;
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            if rustix::process::geteuid().is_root() {
                // SAFETY: raw calls that change the credentials of this thread only and touch no memory;
                // the C library, whose own calls would change all threads, is passed by on purpose.
                let done = unsafe {
                    libc::syscall(libc::SYS_setgroups, 0, std::ptr::null::<libc::gid_t>()) == 0
                        && libc::syscall(libc::SYS_setresgid, NOBODY, NOBODY, NOBODY) == 0
                        && libc::syscall(libc::SYS_setresuid, NOBODY, NOBODY, NOBODY) == 0
                };
                assert!(done, "this thread cannot become nobody: {}", std::io::Error::last_os_error());
            }
            body()
        });
        match thread.join() {
            Ok(value) => value,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// Lets every user do everything in a folder.
pub(crate) fn open_to_all(folder: &Path) {
    mode(folder, 0o777);
}

/// Sets the mode bits of a file or folder.
pub(crate) fn mode(path: &Path, bits: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(bits)).unwrap();
}

/// A sighting of a plain file of this size, for tests that need one.
pub(crate) fn sighting(size: u64) -> Sighting {
    let time = FileTime { seconds: 1_700_000_000, nanoseconds: 0 };
    Sighting { size, modified: time, changed: time, device: 1, inode: 100, writer: Writer::None }
}

/// Seconds, for short tables.
pub(crate) fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}
