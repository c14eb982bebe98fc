//! The sample beside the format editor: the beginning of a file that was uploaded, or of the one that lies in the
//! exchange folder.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::extract::Multipart;
use register::settings::ErpSystem;

use super::folder;
use super::form::Sent;
use crate::secrets::hex;
use crate::web::site::Site;
use crate::web::trouble::Trouble;
use crate::web::upload;

/// How much of a file is kept as a sample; the rest is not needed to see how it is laid out.
const TEXT: usize = 256 << 10;

/// The same of a workbook, a document or a compressed file, which is read as a whole.
const WHOLE: usize = 8 << 20;

/// The most bytes that the fields of the editor's form may have together, the sample left out. How many fields there are
/// depends on what is declared.
const LONGEST_FORM: usize = 2 << 20;

/// How long an uploaded sample is kept.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// A sample.
pub(super) struct Sample {
    /// What the file is called.
    pub(super) name: String,
    /// Whether it was uploaded, and does not lie in the exchange folder.
    pub(super) uploaded: bool,
    /// Its beginning.
    pub(super) bytes: Vec<u8>,
}

impl Sample {
    /// Whether the file may be longer than what was kept of it.
    pub(super) fn is_cut(&self) -> bool {
        self.bytes.len() >= size(&self.bytes)
    }

    /// The uploaded sample of this name, or else the file in the exchange folder.
    pub(super) fn find(
        site: &Site,
        erp: &ErpSystem,
        uploaded: (&str, &str),
        filename: &str,
    ) -> Option<Sample> {
        let kept = path(&site.uploads, uploaded.0).and_then(|path| std::fs::read(path).ok());
        if let Some(bytes) = kept {
            return Some(Sample { name: uploaded.1.to_owned(), uploaded: true, bytes });
        }
        let (name, bytes) = folder::sample(erp, &site.data, filename, size)?;
        Some(Sample { name, uploaded: false, bytes })
    }
}

/// How much is kept of a file that begins so.
fn size(head: &[u8]) -> usize {
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    let document = [b"PK\x03\x04".as_slice(), b"\x1F\x8B", b"\xD0\xCF\x11\xE0", b"<", b"{", b"["];
    if document.iter().any(|start| text.starts_with(start)) { WHOLE } else { TEXT }
}

/// Where an uploaded sample lies; `None` for a name that is none of ours.
fn path(uploads: &Path, name: &str) -> Option<PathBuf> {
    let ours = name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    ours.then(|| uploads.join(format!("sample-{name}")))
}

/// Reads the editor's form with the sample that may be in it; the sample's name goes into the form's own fields.
pub(super) async fn read_form(site: &Site, mut form: Multipart) -> Result<Sent, Trouble> {
    let unreadable = |_| Trouble::unusable("The form did not arrive whole. Go back and send it again.");
    let (mut sent, mut length) = (Sent::new(), 0);
    while let Some(mut field) = form.next_field().await.map_err(unreadable)? {
        let name = field.name().unwrap_or_default().to_owned();
        if name != "sample-file" {
            let value = upload::value(field).await?;
            length += name.len() + value.len();
            if length > LONGEST_FORM {
                return Err(Trouble::unusable("What the form holds is too long. Shorten it."));
            }
            sent.insert(name, value);
            continue;
        }
        let file = field.file_name().unwrap_or_default().to_owned();
        let mut bytes = Vec::new();
        // What comes after the beginning is taken and forgotten, so that the browser is not cut off.
        while let Some(piece) = field.chunk().await.map_err(unreadable)? {
            let room = size(if bytes.is_empty() { &piece } else { &bytes }).saturating_sub(bytes.len());
            bytes.extend_from_slice(&piece[..piece.len().min(room)]);
        }
        if !bytes.is_empty() {
            let kept = hex(&site.random_bytes());
            let (uploads, name) = (site.uploads.clone(), kept.clone());
            site.blocking(move |_| keep(&uploads, &name, &bytes).map_err(Trouble::internal)).await?;
            sent.insert("sample".into(), kept);
            sent.insert("sample-name".into(), file.rsplit(['/', '\\']).next().unwrap_or_default().to_owned());
        }
    }
    Ok(sent)
}

/// Keeps a sample, and lets go of old ones.
fn keep(uploads: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    for entry in std::fs::read_dir(uploads)?.flatten() {
        let old = entry
            .metadata()
            .and_then(|about| about.modified())
            .is_ok_and(|at| at.elapsed().is_ok_and(|age| age > KEPT));
        if old && entry.file_name().to_string_lossy().starts_with("sample-") {
            // Another page may have been quicker.
            let _ = std::fs::remove_file(entry.path());
        }
    }
    let path = path(uploads, name).ok_or(std::io::ErrorKind::InvalidInput)?;
    std::fs::File::create_new(path)?.write_all(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_found_by_names_of_ours_only() {
        let folder = tempfile::tempdir().unwrap();
        let name = "0123456789abcdef0123456789abcdef";
        keep(folder.path(), name, b"a;b\n").unwrap();
        assert_eq!(std::fs::read(path(folder.path(), name).unwrap()).unwrap(), b"a;b\n");
        assert_eq!(path(folder.path(), "../../etc/passwd"), None);
        assert_eq!(path(folder.path(), ""), None);
    }
}
