//! What belongs to the refused rows of an import besides their bytes, so that they can be written as a file again.

use std::io;

use erpfile::Format;

use crate::changes::ChangeSet;
use crate::db::{Conn, DbError, DbResult};
use crate::job::{Job, Stop};

/// The most bytes above the first row that are kept as they stood there; of more, only what the rows need.
const MOST: u64 = 1 << 20;

/// The file that refused rows come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedFile {
    /// What stood above the first row, or of very much the part that the rows need. Empty for workbooks and documents.
    pub head: Vec<u8>,
    /// What ends a line.
    pub line_end: Vec<u8>,
    /// The names of the columns; empty when there were none.
    pub header: Vec<String>,
    /// How the file was read.
    pub format: Format,
}

/// Notes it for an import with refused rows.
pub(crate) fn add_refused_file(c: &Conn, import: i64, job: &Job<'_>, set: &ChangeSet) -> Result<(), Stop> {
    let file = of(job, set)?;
    let json = |error: serde_json::Error| DbError::Invalid(format!("refused rows cannot be noted: {error}"));
    c.execute(
        "INSERT INTO refused_files (import_id, head, line_end, header, format) VALUES (?1, ?2, ?3, ?4, ?5)",
        &[
            import.into(),
            file.head.as_slice().into(),
            file.line_end.as_slice().into(),
            serde_json::to_string(&file.header).map_err(json)?.as_str().into(),
            serde_json::to_string(&file.format).map_err(json)?.as_str().into(),
        ],
    )?;
    Ok(())
}

fn of(job: &Job<'_>, set: &ChangeSet) -> io::Result<RefusedFile> {
    let (mut head, mut line_end) = (Vec::new(), Vec::new());
    if let Some(first) = set.first.filter(|_| !erpfile::is_staged(job.format.layout)) {
        if first.offset <= MOST {
            head.resize(usize::try_from(first.offset).unwrap_or_default(), 0);
            job.spool.read_at(0, &mut head)?;
        } else {
            head.clone_from(&set.least_head);
        }
        let end = first.offset + u64::from(first.length);
        let left = usize::try_from(job.spool.len().saturating_sub(end)).unwrap_or(usize::MAX);
        let mut behind = vec![0; left.min(8)];
        job.spool.read_at(end, &mut behind)?;
        let ends = ["\r\n", "\n", "\r"].into_iter().filter_map(|end| job.format.encoding.encode(end).ok());
        line_end = ends.into_iter().find(|end| behind.starts_with(end)).unwrap_or_default();
    }
    if line_end.is_empty() {
        line_end = job.format.encoding.encode("\n").unwrap_or_default();
    }
    Ok(RefusedFile { head, line_end, header: set.header.clone(), format: job.format.clone() })
}

/// What is noted of an import; `None` when no row of it was refused, or an earlier version imported it.
///
/// # Errors
/// [`DbError::Invalid`] when a later version noted what this one does not know.
pub fn refused_file(c: &Conn, import: i64) -> DbResult<Option<RefusedFile>> {
    let json = |error: serde_json::Error| DbError::Invalid(format!("refused rows cannot be read: {error}"));
    c.first(
        "SELECT head, line_end, header, format FROM refused_files WHERE import_id = ?1",
        &[import.into()],
        |row| {
            Ok(RefusedFile {
                head: row.blob_ref(0)?.unwrap_or_default().to_vec(),
                line_end: row.blob_ref(1)?.unwrap_or_default().to_vec(),
                header: serde_json::from_str(&row.text(2)?).map_err(json)?,
                format: serde_json::from_str(&row.text(3)?).map_err(json)?,
            })
        },
    )
}
