//! The exchange folder as the settings look at it.

use std::io::Read;
use std::path::Path;

use register::settings::ErpSystem;

use crate::exchange::place::{Look, SourceReader, place};

/// Bytes from which it can be told what a file is.
const HEAD: u64 = 1 << 10;

/// The beginning of the file that now lies in the exchange folder under this name or pattern,
/// with its name: as many bytes as `size` says of how it begins. Only read, never taken; what is no ordinary file is not opened.
pub(super) fn sample(
    erp: &ErpSystem,
    data: &Path,
    filename: &str,
    size: fn(&[u8]) -> usize,
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
        let mut reader = SourceReader::new(file);
        reader.by_ref().take(HEAD).read_to_end(&mut bytes).ok()?;
        let rest = (size(&bytes) as u64).saturating_sub(HEAD);
        reader.take(rest).read_to_end(&mut bytes).ok()?;
        (!bytes.is_empty()).then_some((name, bytes))
    })
}

/// The names of files that now lie in the exchange folder, at most `most`; hidden ones are not told.
pub(super) fn files(erp: &ErpSystem, data: &Path, most: usize) -> Vec<String> {
    let Some(place) = place(&erp.exchange_path(data).to_string_lossy()) else { return Vec::new() };
    let Ok(listing) = place.list(&|name| !name.starts_with('.')) else { return Vec::new() };
    let files = listing.names.into_iter().filter(|name| matches!(place.look(name), Look::Seen(..)));
    files.take(most).collect()
}
