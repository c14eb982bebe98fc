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

/// Which folder a place is, by the numbers of its file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FolderIdentity {
    /// The number of the file system; it may get another one when the machine starts or the share is mounted.
    pub(crate) device: u64,
    /// The number of the folder in it; 0 where that may be another one at the next look.
    pub(crate) inode: u64,
}

impl FolderIdentity {
    /// Whether this folder, which stands on `ground`, is another one than an `earlier` one at the same path. Where
    /// folders keep no numbers, what is mounted there is believed to be what was mounted before.
    pub(crate) fn is_another_than(&self, earlier: &Self, ground: &Ground) -> bool {
        if self.inode != 0 && earlier.inode != 0 {
            return self.inode != earlier.inode;
        }
        self.device != earlier.device && !ground.is_a_mount()
    }
}

/// What is to be told when the folder is not as it was; `how` ends the sentence that begins with the folder.
pub(crate) fn ask_for_share(folder: &str, how: &str) -> String {
    format!(
        "the exchange folder {folder} {how}; is the share mounted? If it is to be so from now on, press Save under \
         Settings > ERP-system"
    )
}

impl Ground {
    /// Whether something is mounted here. The empty folder below a share that is not mounted is no mount.
    pub(crate) fn is_a_mount(&self) -> bool {
        self.mounted || self.may_be_remote
    }

    /// What seems to be missing under the folder, which stood on `before`: the end of a sentence for [`ask_for_share`].
    pub(crate) fn lost_since(&self, before: &Ground) -> Option<String> {
        if before.mounted && !self.mounted {
            Some(format!("was a mounted share ({}), and is an ordinary folder now", before.file_system))
        } else if before.may_be_remote && !self.may_be_remote {
            Some(format!("was on {}, and is on {} now", before.file_system, self.file_system))
        } else {
            None
        }
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
            let said = now.lost_since(&before);
            match lost {
                Some(words) => assert!(said.clone().unwrap_or_default().contains(words), "{said:?}"),
                None => assert_eq!(said, None),
            }
        }
    }

    #[test]
    fn a_folder_keeps_its_number_and_its_file_system_does_not() {
        let folder = |device, inode| FolderIdentity { device, inode };
        let (disk, share) = (ground(false, "ext4", false), ground(true, "SMB/CIFS", true));
        for (what, before, now, on, another) in [
            ("as it was", folder(7, 12), folder(7, 12), &disk, false),
            ("the disk has another number", folder(7, 12), folder(8, 12), &disk, false),
            ("put in its place on the same disk", folder(7, 12), folder(7, 13), &disk, true),
            ("what lay below the mount", folder(7, 2), folder(8, 13), &disk, true),
            ("a share without numbers, as it was", folder(7, 0), folder(7, 0), &share, false),
            ("mounted anew", folder(7, 0), folder(9, 0), &share, false),
            ("not mounted", folder(7, 0), folder(8, 13), &disk, true),
        ] {
            assert_eq!(now.is_another_than(&before, on), another, "{what}");
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
