//! A disk of its own for a folder, small enough to be filled.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

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
        self.mount(&format!("remount,{options}"))
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.0
    }

    fn mount(&self, options: &str) -> anyhow::Result<()> {
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(&self.0);
        let status = command.status().context("mount cannot be started")?;
        ensure!(status.success(), "a disk with {options} cannot be mounted on {}", self.0.display());
        Ok(())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Even while somebody uses it: nobody must find it later.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
