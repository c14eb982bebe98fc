//! What the tests of this module share.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::place::{FileTime, Place, Sighting, Writer};

thread_local! {
    static PLACES: RefCell<BTreeMap<String, Arc<dyn Place>>> = const { RefCell::new(BTreeMap::new()) };
}

/// The place that a test of this thread put at this address.
pub(super) fn place(address: &str) -> Option<Arc<dyn Place>> {
    PLACES.with(|places| places.borrow().get(address).cloned())
}

/// Puts a place at an address, for this thread.
pub(crate) fn put_place(address: &str, place: Arc<dyn Place>) {
    PLACES.with(|places| places.borrow_mut().insert(address.to_owned(), place));
}

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

/// Runs `body` in a thread in which the kernel answers `openat2` with this error: `ENOSYS` as kernels before 5.6 do,
/// or `EPERM` as the filters of some containers do.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
pub(crate) fn without_openat2<T: Send>(error: i32, body: impl FnOnce() -> T + Send) -> T {
    const NUMBER: u32 = 0;
    let step = |code: u32, if_not: u8, k: u32| libc::sock_filter { code: code as u16, jt: 0, jf: if_not, k };
    let mut steps = [
        step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, NUMBER),
        step(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 1, libc::SYS_openat2 as u32),
        step(libc::BPF_RET | libc::BPF_K, 0, libc::SECCOMP_RET_ERRNO | error as u32),
        step(libc::BPF_RET | libc::BPF_K, 0, libc::SECCOMP_RET_ALLOW),
    ];
    let length = steps.len() as u16;
    std::thread::scope(|scope| {
        let thread = scope.spawn(move || {
            let program = libc::sock_fprog { len: length, filter: steps.as_mut_ptr() };
            // SAFETY: the filter and its steps live until the calls return, and hold for this thread and those that it
            // starts.
            let done = unsafe {
                libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
                    && libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, 0, &raw const program)
                        == 0
            };
            assert!(done, "this thread cannot have a filter: {}", std::io::Error::last_os_error());
            let asked = rustix::fs::openat2(
                rustix::fs::CWD,
                ".",
                rustix::fs::OFlags::PATH,
                rustix::fs::Mode::empty(),
                rustix::fs::ResolveFlags::empty(),
            );
            assert_eq!(asked.err().map(|error| error.raw_os_error()), Some(error));
            body()
        });
        match thread.join() {
            Ok(value) => value,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}
