//! Having the disk work on a large file while it is still being written.

#![allow(unsafe_code)]

use std::fs::File;

/// Has the kernel begin to write to the disk what was written to the file so far, and does not wait for it: making the file
/// durable then takes less time. It promises nothing by itself, and where it cannot be done nothing is lost: since it waits for
/// nothing, it takes no error of the disk away from the fsync that follows (sync_file_range(2)).
#[cfg(target_os = "linux")]
pub(crate) fn start_writeback(file: &File) {
    use std::os::fd::AsRawFd;
    // SAFETY: it touches no memory of ours; the descriptor is open. From byte 0, and 0 bytes, mean the whole file.
    let _ = unsafe { libc::sync_file_range(file.as_raw_fd(), 0, 0, libc::SYNC_FILE_RANGE_WRITE) };
}

/// Nothing; see above.
#[cfg(not(target_os = "linux"))]
pub(crate) fn start_writeback(_: &File) {}
