//! Takes a file that a browser sends, however long, a piece at a time.

use std::io::Write;
use std::path::PathBuf;

use axum::extract::Multipart;
use axum::extract::multipart::Field;
use axum::http::StatusCode;
use tokio::sync::mpsc;

use super::show;
use super::site::Site;
use super::trouble::Trouble;
use crate::secrets::hex;

/// A file that has arrived, and the fields of the form before it.
pub(crate) struct Arrived {
    /// The name of the format that was chosen; `None` for the default one.
    pub(crate) format: Option<String>,
    /// Whether it was said that only some of the records are in the file.
    pub(crate) changes_only: bool,
    /// Where the file lies, in the folder for uploads.
    pub(crate) path: PathBuf,
    /// What it was called on the sender's machine, without folders.
    pub(crate) file: String,
}

/// The longest value of a field that is no file.
const LONGEST_VALUE: usize = 64 << 10;

/// A field that is no file, as text.
pub(crate) async fn value(mut field: Field<'_>) -> Result<String, Trouble> {
    let mut bytes = Vec::new();
    while let Some(piece) = field.chunk().await.map_err(cut_off)? {
        bytes.extend_from_slice(&piece);
        if bytes.len() > LONGEST_VALUE {
            return Err(Trouble::unusable("One of the fields is too long. Go back and shorten it."));
        }
    }
    String::from_utf8(bytes)
        .map_err(|_| Trouble::unusable("One of the fields is no text. Go back and correct it."))
}

/// Reads a form with one file of at most `limit` bytes. What does not arrive whole is removed again.
pub(crate) async fn receive(site: &Site, mut form: Multipart, limit: u64) -> Result<Arrived, Trouble> {
    let (mut format, mut changes_only) = (None, false);
    while let Some(field) = form.next_field().await.map_err(cut_off)? {
        match field.name() {
            Some("format") => {
                let chosen = value(field).await?;
                format = Some(chosen).filter(|name| !name.is_empty());
            }
            Some("changes_only") => changes_only = value(field).await? == "on",
            Some("file") => {
                let file = field.file_name().unwrap_or_default();
                let file = file.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
                if file.is_empty() {
                    break;
                }
                let path = store(site, field, limit).await?;
                return Ok(Arrived { format, changes_only, path, file });
            }
            _ => {}
        }
    }
    Err(Trouble::unusable("No file was chosen. Go back, choose one, and send it again."))
}

fn cut_off(error: impl std::fmt::Display) -> Trouble {
    tracing::warn!(%error, "an upload ended early");
    Trouble::unusable("The file did not arrive whole; nothing of it was used. Go back and send it again.")
}

async fn store(site: &Site, mut field: Field<'_>, limit: u64) -> Result<PathBuf, Trouble> {
    let path = site.uploads.join(format!("upload-{}", hex(&site.random_bytes())));
    let (sender, mut receiver) = mpsc::channel::<axum::body::Bytes>(4);
    let to = path.clone();
    // Writing blocks, receiving must not: a thread writes what the browser sends.
    let writing = tokio::task::spawn_blocking(move || -> std::io::Result<()> {
        let mut file = std::fs::File::create_new(to)?;
        while let Some(piece) = receiver.blocking_recv() {
            file.write_all(&piece)?;
        }
        file.sync_all()
    });
    let mut received = 0_u64;
    let arrived = loop {
        match field.chunk().await {
            Ok(Some(piece)) => {
                received += piece.len() as u64;
                if received > limit {
                    break Err(too_large(limit));
                }
                // The writer has stopped: why, it says itself.
                if sender.send(piece).await.is_err() {
                    break Ok(());
                }
            }
            Ok(None) => break Ok(()),
            Err(error) => break Err(cut_off(error)),
        }
    };
    drop(sender);
    let written = writing.await.map_err(Trouble::internal)?;
    let result = arrived.and_then(|()| {
        written.map_err(|error| match error.kind() {
            std::io::ErrorKind::StorageFull => Trouble::disk_full(),
            _ => Trouble::internal(error),
        })
    });
    match result {
        Ok(()) => Ok(path),
        Err(trouble) => {
            let leftover = path.clone();
            site.blocking(move |_| {
                // It may not even have been created.
                let _ = std::fs::remove_file(leftover);
                Ok(())
            })
            .await?;
            Err(trouble)
        }
    }
}

fn too_large(limit: u64) -> Trouble {
    Trouble::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "That file is too large",
        format!(
            "Files of up to {} can be sent in the browser. Put larger ones into the exchange folder; they are read \
             from there whatever their size.",
            show::bytes(&limit)
        ),
    )
}
