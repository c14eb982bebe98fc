//! A file that a program writes through memory.

#![allow(unsafe_code)]

use std::fs::File;
use std::os::fd::AsRawFd;

/// A shared, writable mapping of the first page of a file; it outlives the open file.
pub(crate) struct Mapping(*mut libc::c_void);

const LENGTH: usize = 4096;

impl Mapping {
    /// Maps an open file.
    pub(crate) fn new(file: &File) -> Self {
        // SAFETY: a fresh shared mapping of an open file at an address of the kernel's choice.
        let map = unsafe {
            let protection = libc::PROT_READ | libc::PROT_WRITE;
            libc::mmap(std::ptr::null_mut(), LENGTH, protection, libc::MAP_SHARED, file.as_raw_fd(), 0)
        };
        assert_ne!(map, libc::MAP_FAILED);
        Self(map)
    }

    /// Writes into the file, within its length.
    pub(crate) fn write(&self, at: usize, bytes: &[u8]) {
        assert!(at + bytes.len() <= LENGTH);
        // SAFETY: within the mapping, which nobody else in this process knows.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.0.cast::<u8>().add(at), bytes.len()) };
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: the mapping made above, which nobody uses any more.
        assert_eq!(unsafe { libc::munmap(self.0, LENGTH) }, 0);
    }
}
