//! What a place stands on. A share that is not mounted looks like an empty folder; only a memory of what it was before
//! tells the two apart.

use serde::{Deserialize, Serialize};

/// What a place stands on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ground {
    /// Whether a file system is mounted at this very folder.
    pub(crate) mounted: bool,
    /// The kind of file system, as administrators know it.
    pub(crate) file_system: String,
    /// Whether it may be a share of another machine.
    pub(crate) may_be_remote: bool,
}

impl Ground {
    /// Whether something is mounted here. The empty folder below a share that is not mounted is no mount.
    pub(crate) fn is_a_mount(&self) -> bool {
        self.mounted || self.may_be_remote
    }

    /// What seems to be missing under the folder, which stood on `before`: a sentence without its end, and what to do.
    pub(crate) fn lost_since(&self, before: &Ground, folder: &str) -> Option<String> {
        let was = if before.mounted && !self.mounted {
            format!("was a mounted share ({}), and is an ordinary folder now", before.file_system)
        } else if before.may_be_remote && !self.may_be_remote {
            format!("was on {}, and is on {} now", before.file_system, self.file_system)
        } else {
            return None;
        };
        Some(format!(
            "the exchange folder {folder} {was}; is the share mounted? If it is to be so from now on, press Save under \
             Settings > ERP-system"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::local::LocalFolder;
    use crate::exchange::place::Place;

    fn ground(mounted: bool, file_system: &str, may_be_remote: bool) -> Ground {
        Ground { mounted, file_system: file_system.to_owned(), may_be_remote }
    }

    #[test]
    fn only_less_than_before_is_a_loss() {
        let disk = || ground(false, "ext4", false);
        for (before, now, lost) in [
            (disk(), disk(), None),
            (disk(), ground(true, "NFS", true), None),
            (ground(true, "NFS", true), ground(true, "NFS", true), None),
            (
                ground(true, "NFS", true),
                disk(),
                Some("was a mounted share (NFS), and is an ordinary folder now"),
            ),
            (ground(true, "tmpfs", false), disk(), Some("was a mounted share (tmpfs)")),
            (ground(true, "tmpfs", false), ground(true, "XFS", false), None),
            (ground(false, "SMB/CIFS", true), disk(), Some("was on SMB/CIFS, and is on ext4 now")),
            (ground(false, "ext4", false), ground(false, "XFS", false), None),
        ] {
            let said = now.lost_since(&before, "/srv/exchange");
            match lost {
                Some(words) => {
                    let said = said.unwrap_or_default();
                    assert!(said.contains(words) && said.contains("is the share mounted?"), "{said}");
                }
                None => assert_eq!(said, None),
            }
        }
    }

    #[test]
    fn a_mount_point_is_told_from_an_ordinary_folder() {
        assert!(LocalFolder::new("/proc").ground().unwrap().mounted);
        let folder = tempfile::tempdir().unwrap();
        let below = LocalFolder::new(folder.path()).ground().unwrap();
        assert!(!below.mounted && !below.file_system.is_empty(), "{below:?}");
        assert!(LocalFolder::new(folder.path().join("missing")).ground().is_err());
    }
}
