//! The exchange folder as the settings look at it.

use std::path::Path;

use register::settings::{Complaint, ErpSystem};

use super::complaint;
use crate::exchange::containment::{Folders, overlaps};
use crate::exchange::place::{Look, place};

/// What is wrong with these folders together: none may be inside another.
pub(super) fn conflicts(data: &Path, erp: &ErpSystem) -> Vec<Complaint> {
    let folders = Folders {
        data,
        exchange: &erp.exchange_path(data),
        archive: &erp.archive_path(data),
        refused: &erp.refused_path(data),
    };
    let all = overlaps(folders);
    all.iter()
        .map(|overlap| complaint(&format!("erp-system.{}", overlap.key), &overlap.to_string(), ""))
        .collect()
}

/// The beginning, at most `limit` bytes, of the file that now lies in the exchange folder under this name or pattern,
/// with its name. Only read, never taken; what is no ordinary file is not opened.
pub(super) fn sample(
    erp: &ErpSystem,
    data: &Path,
    filename: &str,
    limit: usize,
) -> Option<(String, Vec<u8>)> {
    if filename.is_empty() {
        return None;
    }
    let place = place(&erp.exchange_path(data).to_string_lossy())?;
    let wanted = erpfile::Format { filename: filename.to_owned(), ..erpfile::Format::default() };
    let names = place.list(&|name| wanted.takes(name)).ok()?.names;
    names.into_iter().find_map(|name| {
        let Look::Seen(_, file) = place.look(&name) else { return None };
        let mut bytes = vec![0; limit];
        let mut read = 0;
        while read < limit {
            match file.read_at(read as u64, &mut bytes[read..]) {
                Ok(0) => break,
                Ok(more) => read += more,
                Err(_) => return None,
            }
        }
        bytes.truncate(read);
        (read > 0).then_some((name, bytes))
    })
}
