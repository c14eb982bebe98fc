//! What only some operating systems offer, behind one seam. Where it is missing, the answer is the
//! portable one, or "unknown here"; it is never guessed. The only unsafe code of the program is here.

mod filesystem;
mod lease;
mod open;
mod rename;
#[cfg(test)]
pub(crate) mod testing;
mod writeback;

pub(crate) use filesystem::{FileSystem, file_system, group_name, is_mount_point, space, user_name};
pub(crate) use lease::{look_without_writers, may_lease_files_of_others};
pub(crate) use open::{Opened, lists, open_beneath, open_folder, sync_folder};
pub(crate) use rename::{rename_away, rename_no_replace};
pub(crate) use writeback::start_writeback;
