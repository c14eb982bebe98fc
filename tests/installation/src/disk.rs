//! A disk of its own for a folder, small enough to be filled.

use std::ffi::CString;
use std::path::{Path, PathBuf};

use anyhow::Context;
use rustix::mount::{MountFlags, UnmountFlags, mount, mount_remount, unmount};

/// A file system in memory under a folder; it goes, with all that is on it, when this is dropped.
#[derive(Debug)]
pub struct Disk(PathBuf);

impl Disk {
    /// Mounts one, creating the folder; needs the right to mount. `options` as `mount -o` takes them for tmpfs:
    /// `size=64k`, `nr_inodes=10`.
    ///
    /// # Errors
    /// When it cannot be mounted.
    pub fn under(folder: impl Into<PathBuf>, options: &str) -> anyhow::Result<Disk> {
        let disk = Disk(folder.into());
        std::fs::create_dir_all(&disk.0)?;
        disk.mount(options)?;
        Ok(disk)
    }

    /// Gives it another size or another number of inodes.
    ///
    /// # Errors
    /// When it holds more than that already.
    pub fn resize(&self, options: &str) -> anyhow::Result<()> {
        let data = CString::new(options)?;
        mount_remount(&self.0, MountFlags::empty(), data.as_c_str()).with_context(|| self.cannot(options))
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.0
    }

    fn mount(&self, options: &str) -> anyhow::Result<()> {
        let data = CString::new(options)?;
        mount("tmpfs", &self.0, "tmpfs", MountFlags::empty(), data.as_c_str())
            .with_context(|| self.cannot(options))
    }

    fn cannot(&self, options: &str) -> String {
        format!("a disk with {options} cannot be mounted on {}", self.0.display())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Even while somebody uses it: nobody must find it later.
        let _ = unmount(&self.0, UnmountFlags::DETACH);
    }
}
