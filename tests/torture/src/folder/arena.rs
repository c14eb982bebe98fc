//! What lies outside of the exchange folder, and a watch over everything that nobody may open.

use std::fs;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
use rustix::io::Errno;

/// The key of the customer in the files that lie outside.
pub(super) const SECRET: &str = "SECRET";

/// A folder with a secret, and the watch.
pub(super) struct Outside {
    pub(super) folder: PathBuf,
    watch: OwnedFd,
}

impl Outside {
    /// Makes it in a folder.
    pub(super) fn make(parent: &Path) -> anyhow::Result<Outside> {
        let folder = parent.join("outside");
        fs::create_dir_all(folder.join("below"))?;
        let watch = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
        let outside = Outside { folder, watch };
        for file in [outside.secret(), outside.folder.join("below/customers.txt")] {
            fs::write(&file, customer(SECRET))?;
            outside.forbid(&file)?;
        }
        outside.forbid(&outside.folder)?;
        outside.forbid(&outside.folder.join("below"))?;
        Ok(outside)
    }

    /// The file that links lead to.
    pub(super) fn secret(&self) -> PathBuf {
        self.folder.join("secret")
    }

    /// Watches one more thing that nobody may open, read, change or add to.
    pub(super) fn forbid(&self, path: &Path) -> anyhow::Result<()> {
        let what = WatchFlags::OPEN
            | WatchFlags::ACCESS
            | WatchFlags::MODIFY
            | WatchFlags::CREATE
            | WatchFlags::DELETE;
        inotify::add_watch(&self.watch, path, what | WatchFlags::DONT_FOLLOW)?;
        Ok(())
    }

    /// How often something of it was touched since the last time this was asked.
    pub(super) fn touched(&self) -> anyhow::Result<u64> {
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut reader = inotify::Reader::new(&self.watch, &mut buffer);
        let mut count = 0;
        loop {
            match reader.next() {
                // A folder that is only listed by nobody is not touched; "ignored" means that a watched thing is gone.
                Ok(event) if event.events().bits() & inotify::ReadFlags::IGNORED.bits() != 0 => {}
                Ok(_) => count += 1,
                Err(Errno::AGAIN) => return Ok(count),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// That the watch works: opening the secret is told.
    pub(super) fn try_watch(&self) -> anyhow::Result<bool> {
        fs::read(self.secret())?;
        Ok(self.touched()? > 0)
    }
}

/// A file of one customer.
pub(super) fn customer(number: &str) -> String {
    format!("number;name\n{number};Customer {number}\n")
}

/// The settings of an installation that takes customers from files of these names.
pub(super) fn settings(folders: &installation::Folders, settle: &str, filename: &str) -> String {
    format!(
        "[erp-system]\nsettle = \"{settle}\"\n{}\n[[formats]]\nname = \"Customers\"\nregister = \"customers\"\n\
         default = true\nfilename = \"{filename}\"\ncolumns = [{{ from = \"number\", field = \"number\" }}, \
         {{ from = \"name\", field = \"name\" }}]\n\n[[automations]]\nname = \"customers-from-erp\"\nactive = true\n",
        folders.settings()
    )
}
