//! Mounting the share, and taking it away.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use fuser::{BackgroundSession, Config, MountOption, SessionACL};
use rustix::mount::{UnmountFlags, unmount};

use super::behaviour::{Behaviour, Weather};
use super::file_system::{Client, Share};
use super::nodes::Nodes;

/// Calls that may hang at the same time without keeping back others.
const THREADS: usize = 12;

/// A share that can be mounted and unmounted again and again; unmounted when it is dropped.
pub(super) struct Mount {
    backing: PathBuf,
    point: PathBuf,
    behaviour: Behaviour,
    mounted: Option<(BackgroundSession, Arc<Client>)>,
}

impl Mount {
    /// Mounts `backing` at `point`; both are folders.
    ///
    /// # Errors
    /// When this machine does not let a FUSE file system be mounted.
    pub(super) fn new(backing: &Path, point: &Path, behaviour: Behaviour) -> anyhow::Result<Mount> {
        let mut mount =
            Mount { backing: backing.to_owned(), point: point.to_owned(), behaviour, mounted: None };
        mount.mount()?;
        Ok(mount)
    }

    /// Mounts it anew after [`Mount::unmount`]: another mount, with another device number.
    pub(super) fn mount(&mut self) -> anyhow::Result<()> {
        let client = Arc::new(Client {
            behaviour: self.behaviour.clone(),
            weather: Weather::default(),
            nodes: Nodes::new(&self.backing).into(),
        });
        let mut config = Config::default();
        config.mount_options =
            vec![MountOption::FSName("share".into()), MountOption::NoSuid, MountOption::NoDev];
        config.acl = SessionACL::All;
        config.n_threads = Some(THREADS);
        let session = fuser::spawn_mount(
            Share::new(&self.backing, Arc::clone(&client)),
            &self.point,
            &config,
        )
        .with_context(|| {
            format!(
                "a FUSE file system cannot be mounted at {}. This needs /dev/fuse and the right to mount: \
                         run it as root, in a container with --device /dev/fuse --cap-add SYS_ADMIN",
                self.point.display()
            )
        })?;
        self.mounted = Some((session, client));
        Ok(())
    }

    /// The faults of the moment.
    ///
    /// # Errors
    /// When the share is not mounted.
    pub(super) fn weather(&self) -> anyhow::Result<&Weather> {
        Ok(&self.client()?.weather)
    }

    /// The server was started anew: all that is open, and every remembered name, is stale.
    ///
    /// # Errors
    /// When the share is not mounted.
    pub(super) fn server_restarted(&self) -> anyhow::Result<()> {
        self.client()?.nodes().server_restarted();
        Ok(())
    }

    fn client(&self) -> anyhow::Result<&Client> {
        let (_, client) = self.mounted.as_ref().context("the share is not mounted")?;
        Ok(client)
    }

    /// Takes the mount away; what is left is the empty folder below it. Calls that hang come back.
    ///
    /// # Errors
    /// When the kernel refuses.
    pub(super) fn unmount(&mut self) -> io::Result<()> {
        let Some((session, client)) = self.mounted.take() else { return Ok(()) };
        client.weather.clear();
        unmount(&self.point, UnmountFlags::DETACH)?;
        // Its threads end when the last program has closed what it had open there.
        drop(session);
        Ok(())
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        if let Err(error) = self.unmount() {
            eprintln!("the share stays mounted at {}: {error}", self.point.display());
        }
    }
}
