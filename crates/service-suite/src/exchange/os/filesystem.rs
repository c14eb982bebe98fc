//! What kind of file system something lies on, how much room it has, and who users and groups are.

use std::borrow::Cow;
use std::io;
use std::os::fd::AsFd;
use std::path::Path;

/// The kind of a file system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileSystem {
    /// Its name as administrators know it: "ext4", "NFS".
    pub(crate) name: Cow<'static, str>,
    reach: Reach,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// A disk or memory of this machine.
    Here,
    /// Files of another machine, whose programs write unseen from here.
    Share,
    /// Either.
    Anywhere,
}

impl FileSystem {
    /// Surely a share of another machine.
    pub(crate) fn is_share(&self) -> bool {
        self.reach == Reach::Share
    }

    /// Whether a file keeps its number for as long as it exists. SMB, FUSE and their like may make numbers up, and give the
    /// same file another one at the next look.
    pub(crate) fn numbers_files(&self) -> bool {
        self.reach != Reach::Anywhere && self.name != SMB
    }

    /// Programs of other machines may write here without this one noticing.
    pub(crate) fn may_be_remote(&self) -> bool {
        self.reach != Reach::Here
    }
}

/// Shares of Windows and Samba.
const SMB: &str = "SMB/CIFS";

/// Room on a file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Space {
    /// Bytes that this program may still write.
    pub(crate) free: u64,
    /// All bytes of the file system.
    pub(crate) total: u64,
    /// Files that may still be made, where the file system limits them.
    pub(crate) free_files: Option<u64>,
}

impl Space {
    /// What is left, for people: bytes, or that there is no room for another file however small.
    pub(crate) fn left(&self) -> String {
        match self.free_files {
            Some(0) => "no further file can be made on that disk (no inodes are free)".to_owned(),
            _ => format!("{} bytes are free", self.free),
        }
    }
}

/// The room on the file system that holds a path.
pub(crate) fn space(path: &Path) -> io::Result<Space> {
    let found = rustix::fs::statvfs(path)?;
    Ok(Space {
        free: found.f_bavail.saturating_mul(found.f_frsize),
        total: found.f_blocks.saturating_mul(found.f_frsize),
        free_files: (found.f_files > 0).then_some(found.f_favail),
    })
}

/// The kind of file system on which an open file or folder lies.
#[cfg(target_os = "linux")]
pub(crate) fn file_system(open: impl AsFd) -> FileSystem {
    match rustix::fs::fstatfs(open) {
        // The magic number's 32 bits arrive sign-extended or not, depending on the machine.
        Ok(found) => by_magic(found.f_type as u32),
        Err(_) => FileSystem { name: "unknown".into(), reach: Reach::Anywhere },
    }
}

/// The kind of file system on which an open file or folder lies.
#[cfg(not(target_os = "linux"))]
pub(crate) fn file_system(_: impl AsFd) -> FileSystem {
    FileSystem { name: "unknown".into(), reach: Reach::Anywhere }
}

/// Whether a file system is mounted at an open folder.
pub(crate) fn is_mount_point(folder: impl AsFd) -> io::Result<bool> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{AtFlags, StatxAttributes, StatxFlags, statx};
        // Also true of a folder of the same file system that is mounted a second time; kernels before 5.8 do not say.
        if let Ok(found) = statx(&folder, "", AtFlags::EMPTY_PATH, StatxFlags::empty())
            && found.stx_attributes_mask.contains(StatxAttributes::MOUNT_ROOT)
        {
            return Ok(found.stx_attributes.contains(StatxAttributes::MOUNT_ROOT));
        }
    }
    let above = rustix::fs::statat(&folder, "..", rustix::fs::AtFlags::empty())?;
    Ok(rustix::fs::fstat(&folder)?.st_dev != above.st_dev)
}

/// The numbers of `statfs(2)` and of the kernel's linux/magic.h.
#[cfg(target_os = "linux")]
pub(super) fn by_magic(magic: u32) -> FileSystem {
    use Reach::{Anywhere, Here, Share};
    let (name, reach) = match magic {
        0x0000_EF53 => ("ext4", Here),
        0x5846_5342 => ("XFS", Here),
        0x9123_683E => ("Btrfs", Here),
        0x2FC1_2FC1 => ("ZFS", Here),
        0xF2F5_2010 => ("F2FS", Here),
        0xCA45_1A4E => ("bcachefs", Here),
        0x0102_1994 => ("tmpfs", Here),
        0x8584_58F6 => ("ramfs", Here),
        0x794C_7630 => ("overlay", Here),
        0x0000_4D44 => ("FAT", Here),
        0x2011_BAB0 => ("exFAT", Here),
        0x7366_746E => ("NTFS", Here),
        0x0000_F15F => ("eCryptfs", Here),
        0x0000_6969 => ("NFS", Share),
        0x0000_517B | 0xFF53_4D42 | 0xFE53_4D42 => (SMB, Share),
        0x00C3_6400 => ("Ceph", Share),
        0x5346_414F | 0x6B41_4653 => ("AFS", Share),
        0x7461_636F => ("OCFS2", Share),
        0x0116_1970 => ("GFS2", Share),
        0x6573_5546 => ("FUSE", Anywhere),
        0x0102_1997 => ("9P", Anywhere),
        0x786F_4256 => ("VirtualBox shared folder", Anywhere),
        0xBACB_ACBC => ("VMware shared folder", Anywhere),
        other => return FileSystem { name: format!("type 0x{other:08x}").into(), reach: Anywhere },
    };
    FileSystem { name: name.into(), reach }
}

/// A user's name for people, or the number where there is no name.
pub(crate) fn user_name(uid: u32) -> String {
    name_in("/etc/passwd", uid)
}

/// A group's name for people, or the number where there is no name.
pub(crate) fn group_name(gid: u32) -> String {
    name_in("/etc/group", gid)
}

/// Read from the files, not asked of the system's name service, which may be a slow network directory.
fn name_in(file: &str, id: u32) -> String {
    let wanted = id.to_string();
    std::fs::read_to_string(file)
        .ok()
        .and_then(|text| {
            text.lines().find_map(|line| {
                let mut fields = line.split(':');
                let (name, number) = (fields.next()?, fields.nth(1)?);
                (number == wanted).then(|| name.to_owned())
            })
        })
        .unwrap_or(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_told_from_a_disk() {
        assert_eq!(by_magic(0xEF53).name, "ext4");
        assert!(!by_magic(0xEF53).may_be_remote());
        assert!(by_magic(0x6969).is_share());
        assert!(by_magic(0xFF53_4D42).is_share());
        assert!(!by_magic(0x6573_5546).is_share());
        assert!(by_magic(0x6573_5546).may_be_remote());
        assert_eq!(by_magic(0x1234).name, "type 0x00001234");
    }

    #[test]
    fn numbers_that_may_be_made_up_are_not_relied_on() {
        for (magic, steady) in
            [(0xEF53, true), (0x0102_1994, true), (0x6969, true), (0xFF53_4D42, false), (0x6573_5546, false)]
        {
            assert_eq!(by_magic(magic).numbers_files(), steady, "{magic:#x}");
        }
    }

    #[test]
    fn the_root_folder_has_an_owner_a_type_and_room() {
        assert_eq!(user_name(0), "root");
        assert_eq!(user_name(4_000_000_000), "4000000000");
        let room = space(Path::new("/")).unwrap();
        assert!(room.free <= room.total);
        assert!(!file_system(std::fs::File::open("/").unwrap()).name.is_empty());
    }
}
