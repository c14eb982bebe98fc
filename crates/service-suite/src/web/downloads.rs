//! What can be taken away: the file of an import, its refused rows, and its problems with the original lines.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek};

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use register::db::DbError;

use super::import::entry;
use super::page::Visitor;
use super::site::Site;
use super::trouble::Trouble;
use super::{pieces, show};
use crate::export::{Kind, Unfit};
use crate::import::is_kept_whole;
use crate::refused::{self, Wanted};
use crate::text::sentence;

/// About how many bytes go to the browser at once.
const PIECE: usize = 256 << 10;

/// The media type of a file that is nothing but a file here.
pub(super) const FILE: &str = "application/octet-stream";

/// The file of an import, from where it was put away.
pub(crate) async fn file(
    State(site): State<Site>,
    _: Visitor,
    Path(id): Path<i64>,
) -> Result<Response, Trouble> {
    let import = entry(&site, id).await?;
    let gone = move || {
        Trouble::not_found(format!("The file of import {id} is no longer kept."))
            .or_go(format!("/imports/{id}"), format!("Import {id}"))
    };
    let path = site.data.join(import.kept_path.as_deref().ok_or_else(gone)?);
    let (file, size) = site
        .blocking(move |site| {
            let file = File::open(site.data.join(path)).map_err(|_| gone())?;
            let about = file.metadata().map_err(Trouble::internal)?;
            if about.is_file() { Ok((file, about.len())) } else { Err(gone()) }
        })
        .await?;
    // What is left of a damaged copy is not to be taken for the file.
    let name = if is_kept_whole(&import) { import.file.clone() } else { format!("{}.damaged", import.file) };
    Ok(sized(&name, FILE, site, file, size))
}

/// An answer that the browser saves instead of showing.
fn attachment(name: &str, kind: &'static str, body: Body) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_DISPOSITION, disposition(name));
    response
}

/// The header that names a download (RFC 6266): the name in UTF-8, and for old programs one of plain letters.
fn disposition(name: &str) -> HeaderValue {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "-_. ()".contains(c) { c } else { '_' })
        .collect();
    let text = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", show::segment(name));
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("attachment"))
}

/// The refused rows of an import, as a file that can be corrected and imported again.
pub(crate) async fn refused(site: State<Site>, _: Visitor, id: Path<i64>) -> Result<Response, Trouble> {
    taken_out(site.0, id.0, Wanted::Rows).await
}

/// All problems of an import, each with the line of the file as it stood there.
pub(crate) async fn problems(site: State<Site>, _: Visitor, id: Path<i64>) -> Result<Response, Trouble> {
    taken_out(site.0, id.0, Wanted::Problems(Kind::Csv)).await
}

/// The same as a workbook.
pub(crate) async fn problems_excel(
    site: State<Site>,
    _: Visitor,
    id: Path<i64>,
) -> Result<Response, Trouble> {
    taken_out(site.0, id.0, Wanted::Problems(Kind::Excel)).await
}

/// The same as JSON.
pub(crate) async fn problems_json(site: State<Site>, _: Visitor, id: Path<i64>) -> Result<Response, Trouble> {
    taken_out(site.0, id.0, Wanted::Problems(Kind::Json)).await
}

async fn taken_out(site: Site, id: i64, wanted: Wanted) -> Result<Response, Trouble> {
    let import = entry(&site, id).await?;
    let (name, kind) = match wanted {
        Wanted::Rows => (refused::name(&import), FILE),
        Wanted::Problems(kind) => (format!("import-{id}-problems.{}", kind.ending()), kind.media_type()),
    };
    // Written whole before it is sent: a browser that sleeps holds no transaction, and one that fails gets a page.
    let (file, size) = site
        .blocking(move |site| {
            let mut file = tempfile::tempfile_in(&site.uploads).map_err(Trouble::internal)?;
            let out = BufWriter::new(&file);
            site.database.read(|c| Ok::<_, DbError>(refused::write(c, id, wanted, out)))?.map_err(
                |error| not_written(&error).or_go(format!("/imports/{id}"), format!("Import {id}")),
            )?;
            let size = file.stream_position().map_err(Trouble::internal)?;
            file.rewind().map_err(Trouble::internal)?;
            Ok((file, size))
        })
        .await?;
    Ok(sized(&name, kind, site, file, size))
}

/// Why rows could not be written.
fn not_written(error: &anyhow::Error) -> Trouble {
    if error.is::<refused::Nothing>() {
        return Trouble::not_found(sentence(&error.to_string()));
    }
    if error.is::<Unfit>() {
        return Trouble::unusable(sentence(&error.to_string()));
    }
    let full = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::StorageFull)
    };
    match error.chain().any(full) {
        true => Trouble::disk_full(),
        false => Trouble::internal(format!("{error:#}")),
    }
}

/// A file as a download whose length is known.
pub(super) fn sized(name: &str, kind: &'static str, site: Site, file: File, size: u64) -> Response {
    let body = pieces::body(site, move |_| {
        let mut piece = Vec::with_capacity(PIECE);
        (&file).take(PIECE as u64).read_to_end(&mut piece).map_err(Trouble::internal)?;
        Ok(piece)
    });
    let mut response = attachment(name, kind, body);
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(size));
    response
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use super::*;

    #[test]
    fn a_download_keeps_its_name_and_nothing_else() {
        for (name, header) in [
            ("customers.txt", "attachment; filename=\"customers.txt\"; filename*=UTF-8''customers.txt"),
            (
                "køb \"1\".txt",
                "attachment; filename=\"k_b _1_.txt\"; filename*=UTF-8''k%C3%B8b%20%221%22.txt",
            ),
            ("../../etc/passwd", "attachment; filename=\"passwd\"; filename*=UTF-8''passwd"),
            ("a\r\nX: y", "attachment; filename=\"a__X_ y\"; filename*=UTF-8''a%0D%0AX%3A%20y"),
        ] {
            assert_eq!(disposition(name).to_str().unwrap(), header);
        }
    }

    #[test]
    fn why_there_is_no_download_is_told_by_what_kept_it() {
        let full = io::Error::from(io::ErrorKind::StorageFull);
        for (error, status) in [
            (refused::Nothing { import: 7 }.into(), StatusCode::NOT_FOUND),
            (Unfit("an Excel sheet holds 1 row".into()).into(), StatusCode::BAD_REQUEST),
            (anyhow::Error::new(full).context("writing"), StatusCode::INSUFFICIENT_STORAGE),
            (anyhow::anyhow!("no such table"), StatusCode::INTERNAL_SERVER_ERROR),
        ] {
            assert_eq!(not_written(&error).status, status, "{error:#}");
        }
    }
}
