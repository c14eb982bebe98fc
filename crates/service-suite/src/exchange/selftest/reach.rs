//! Whether programs of other users, such as the ERP system, can put files into a folder.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::exchange::check::Check;
use crate::exchange::os;
use crate::exchange::selftest::REACH;

const OTHERS_PASS: u32 = 0o001;
const OTHERS_WRITE: u32 = 0o002;
const GROUP_PASS: u32 = 0o010;
const GROUP_WRITE: u32 = 0o020;
const STICKY: u32 = 0o1000;

/// Looks at the mode bits of a folder and of all folders above it.
pub(super) fn check(folder: &Path) -> Check {
    let Ok(folder) = folder.canonicalize() else {
        return Check::unknown(REACH, "the folder's place cannot be found out");
    };
    let shown = folder.display();
    let mut group_only = None;
    for part in folder.ancestors() {
        let Ok(found) = fs::metadata(part) else {
            return Check::unknown(REACH, format!("the mode of {} cannot be read", part.display()));
        };
        let mode = found.mode();
        if mode & OTHERS_PASS != 0 {
            continue;
        }
        let at =
            format!("{} has mode {:04o} and belongs to {}", part.display(), mode & 0o7777, owner(&found));
        if mode & GROUP_PASS == 0 {
            return Check::failed(
                REACH,
                format!(
                    "programs of other users cannot reach {shown}: {at}. If the ERP-system runs as another user, choose \
                     an exchange folder outside, such as /srv/exchange"
                ),
            );
        }
        group_only.get_or_insert((at, os::group_name(found.gid())));
    }
    if let Some((at, group)) = group_only {
        return Check::unknown(
            REACH,
            format!(
                "only programs of the group {group} can reach {shown}: {at}. Put the ERP-system's user into that group"
            ),
        );
    }
    match fs::metadata(&folder) {
        Ok(found) => writable(&folder, &found),
        Err(error) => Check::unknown(REACH, format!("the mode of {shown} cannot be read ({error})")),
    }
}

fn writable(folder: &Path, found: &fs::Metadata) -> Check {
    let mode = found.mode();
    let at = format!("{} has mode {:04o} and belongs to {}", folder.display(), mode & 0o7777, owner(found));
    let me = rustix::process::geteuid();
    if mode & STICKY != 0
        && mode & (OTHERS_WRITE | GROUP_WRITE) != 0
        && !me.is_root()
        && found.uid() != me.as_raw()
    {
        return Check::failed(
            REACH,
            format!(
                "this program cannot take the files that programs of other users put there: {at}, and in such a \
                 (sticky) folder only a file's owner may rename it. Remove the sticky bit (chmod -t)"
            ),
        );
    }
    if mode & OTHERS_WRITE != 0 {
        Check::passed(REACH, format!("programs of other users can put files there: {at}"))
    } else if mode & GROUP_WRITE != 0 {
        let group = os::group_name(found.gid());
        Check::passed(REACH, format!("programs of the group {group} can put files there: {at}"))
    } else {
        Check::failed(
            REACH,
            format!(
                "programs of other users cannot put files there: {at}. Give the ERP-system's user write permission, \
                 best by a common group (chgrp and chmod g+ws)"
            ),
        )
    }
}

fn owner(found: &fs::Metadata) -> String {
    os::user_name(found.uid())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::check::Outcome;
    use crate::exchange::testing::{as_nobody, mode, open_to_all};

    #[test]
    fn the_mode_of_a_folder_and_of_those_above_it_decides() {
        let temp = tempfile::tempdir().unwrap();
        let (data, folder) = (temp.path().join("data"), temp.path().join("data/exchange"));
        fs::create_dir_all(&folder).unwrap();
        mode(temp.path(), 0o755);
        for (above, itself, expected, words) in [
            (0o700, 0o777, Outcome::Failed, "data has mode 0700"),
            (0o750, 0o777, Outcome::Unknown, "only programs of the group"),
            (0o755, 0o700, Outcome::Failed, "exchange has mode 0700"),
            (0o755, 0o755, Outcome::Failed, "cannot put files there"),
            (0o755, 0o2775, Outcome::Passed, "programs of the group"),
            (0o755, 0o777, Outcome::Passed, "programs of other users can put files there"),
        ] {
            mode(&data, above);
            mode(&folder, itself);
            let check = check(&folder);
            assert_eq!(check.result, expected, "{check:?}");
            assert!(check.detail.contains(words), "{check:?}");
        }
    }

    #[test]
    fn a_sticky_folder_keeps_an_unprivileged_program_from_taking_files() {
        let temp = tempfile::tempdir().unwrap();
        mode(temp.path(), 0o1777);
        let told = as_nobody(|| check(temp.path()));
        if rustix::process::geteuid().is_root() {
            assert_eq!(told.result, Outcome::Failed);
            assert!(told.detail.contains("chmod -t"), "{told:?}");
        }
        open_to_all(temp.path());
        assert_eq!(as_nobody(|| check(temp.path())).result, Outcome::Passed);
    }
}
