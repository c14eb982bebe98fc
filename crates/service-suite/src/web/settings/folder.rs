//! The exchange folder as the settings look at it.

use std::io::Read;
use std::path::Path;

use register::settings::ErpSystem;

use crate::exchange::place::{Look, SourceReader, place};

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
        let mut bytes = Vec::new();
        SourceReader::new(file).take(limit as u64).read_to_end(&mut bytes).ok()?;
        (!bytes.is_empty()).then_some((name, bytes))
    })
}
