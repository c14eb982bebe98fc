//! The ways in which ERP systems write a file, and what each does to the file of the day before.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use anyhow::bail;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

use crate::erp::Delivery;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Under its own name, in chunks with pauses; what lies there is overwritten.
    InPlace,
    /// Under its own name with all of its size at once, then filled in chunks with pauses; what lies there is overwritten.
    Fill,
    /// Under another name, then renamed; what lies there is replaced.
    Replace,
}

/// What became of the delivery before, if it still lay under the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Before {
    /// It did not: it was taken, or there was none.
    Gone,
    /// It was replaced before anybody had taken it: nobody may have it.
    Replaced,
    /// It was overwritten while somebody may have been taking it: it may have been applied before.
    Overwritten,
}

/// Writes a delivery under `name`, in `chunks` pieces with a pause behind each.
///
/// # Errors
/// When the folder does not let it.
pub(crate) fn write(
    folder: &Path,
    name: &str,
    delivery: &Delivery,
    way: Way,
    chunks: usize,
    pause: Duration,
) -> anyhow::Result<Before> {
    let path = folder.join(name);
    let beside = folder.join(format!("{name}.new"));
    let target = if way == Way::Replace { &beside } else { &path };
    let mut file = OpenOptions::new().create(true).write(true).truncate(false).open(target)?;
    let overwritten = file.metadata()?.len() > 0;
    file.set_len(0)?;
    if way == Way::Fill {
        file.set_len(delivery.bytes.len() as u64)?;
    }
    for chunk in delivery.bytes.chunks(delivery.bytes.len().div_ceil(chunks.max(1)).max(1)) {
        file.write_all(chunk)?;
        // The pauses are those of the ERP system.
        std::thread::sleep(pause);
    }
    drop(file);
    match way {
        Way::InPlace | Way::Fill if overwritten => Ok(Before::Overwritten),
        Way::InPlace | Way::Fill => Ok(Before::Gone),
        Way::Replace => replace(&beside, &path),
    }
}

/// Renames as an ERP system does, replacing what is there; by exchanging the two, so that it is known for certain whether
/// something was there.
fn replace(from: &Path, to: &Path) -> anyhow::Result<Before> {
    loop {
        match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
            Ok(()) => return Ok(Before::Gone),
            Err(Errno::EXIST) => {}
            Err(error) => bail!("{} cannot be renamed: {error}", from.display()),
        }
        match renameat_with(CWD, from, CWD, to, RenameFlags::EXCHANGE) {
            Ok(()) => {
                std::fs::remove_file(from)?;
                return Ok(Before::Replaced);
            }
            // It was taken just now.
            Err(Errno::NOENT) => {}
            Err(error) => bail!("{} cannot be renamed: {error}", from.display()),
        }
    }
}
