//! What can be taken away: the file of an import, and its problems with the original lines.

use std::io::{Read, Write};

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use erpfile::Problem;
use register::imports::{self, ProblemFilter};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::import::entry;
use super::page::Visitor;
use super::show;
use super::site::Site;
use super::trouble::Trouble;

/// Bytes that go to the browser at once.
const PIECE: usize = 64 << 10;

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
    let path = import.kept_path.clone().ok_or_else(gone)?;
    let (file, size) = site
        .blocking(move |_| {
            let file = std::fs::File::open(path).map_err(|_| gone())?;
            let about = file.metadata().map_err(Trouble::internal)?;
            if about.is_file() { Ok((file, about.len())) } else { Err(gone()) }
        })
        .await?;
    let mut response = attachment(&import.file, "application/octet-stream", pieces(file));
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(size));
    Ok(response)
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

/// A file as a body, read piece by piece on a thread that may block.
fn pieces(mut file: std::fs::File) -> Body {
    let (sender, receiver) = mpsc::channel::<std::io::Result<Bytes>>(4);
    tokio::task::spawn_blocking(move || {
        let mut buffer = vec![0; PIECE];
        loop {
            let piece = match file.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => Ok(Bytes::copy_from_slice(&buffer[..read])),
                Err(error) => Err(error),
            };
            let failed = piece.is_err();
            // The browser has gone: there is nobody to read for.
            if sender.blocking_send(piece).is_err() || failed {
                break;
            }
        }
    });
    Body::from_stream(ReceiverStream::new(receiver))
}

/// All problems of an import, each with the line of the file as it stood there.
pub(crate) async fn problems(
    State(site): State<Site>,
    _: Visitor,
    Path(id): Path<i64>,
) -> Result<Response, Trouble> {
    let import = entry(&site, id).await?;
    let (sender, receiver) = mpsc::channel::<std::io::Result<Bytes>>(4);
    let format = import.format.clone();
    tokio::task::spawn_blocking(move || {
        let ended = sender.clone();
        let written = site.database.read(|c| {
            let encoding = register::settings::format(c, &format)?.map(|stored| stored.format.encoding);
            let mut table = Table::new(Pieces { sender, held: Vec::with_capacity(PIECE) });
            table.head();
            let whole = ProblemFilter { code: None, limit: 1000, cursor: None };
            // Problems of the file as a whole come first, and have no line.
            for problem in imports::problems(c, id, &whole)?.items.iter().take_while(|p| p.line.is_none()) {
                table.row(problem, "");
            }
            imports::each_refused(c, id, |_, raw, problems| {
                let line = encoding.map_or_else(
                    || String::from_utf8_lossy(raw).into_owned(),
                    |encoding| encoding.decode_lossy(raw),
                );
                problems.iter().for_each(|problem| table.row(problem, &line));
                Ok(!table.gone)
            })?;
            table.end();
            Ok::<_, register::db::DbError>(())
        });
        if let Err(error) = written {
            tracing::error!(%error, import = id, "the problems could not be written");
            let _ = ended.blocking_send(Err(std::io::Error::other("the problems could not be read")));
        }
    });
    let body = Body::from_stream(ReceiverStream::new(receiver));
    Ok(attachment(&format!("import-{id}-problems.csv"), "text/csv; charset=utf-8", body))
}

/// Collects what is written into pieces for the browser.
struct Pieces {
    sender: mpsc::Sender<std::io::Result<Bytes>>,
    held: Vec<u8>,
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.held.extend_from_slice(bytes);
        if self.held.len() >= PIECE {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        if self.held.is_empty() {
            return Ok(());
        }
        let piece = Bytes::from(std::mem::take(&mut self.held));
        self.sender.blocking_send(Ok(piece)).map_err(|_| std::io::ErrorKind::BrokenPipe.into())
    }
}

/// Problems as a table for spreadsheets.
struct Table<W: Write> {
    csv: csv::Writer<W>,
    gone: bool,
}

impl<W: Write> Table<W> {
    fn new(to: W) -> Self {
        Table { csv: csv::Writer::from_writer(to), gone: false }
    }

    fn put(&mut self, cells: &[&str]) {
        self.gone |= self.csv.write_record(cells).is_err();
    }

    fn head(&mut self) {
        self.put(&["line", "column", "field", "value", "code", "message", "hint", "original"]);
    }

    fn row(&mut self, problem: &Problem, original: &str) {
        let line = problem.line.map(|line| line.to_string()).unwrap_or_default();
        let column = problem.column.map(|column| column.to_string()).unwrap_or_default();
        let text = |value: &Option<String>| harmless(value.as_deref().unwrap_or_default());
        self.put(&[
            &line,
            &column,
            &text(&problem.field),
            &text(&problem.value),
            &problem.code,
            &harmless(&problem.message),
            &harmless(&problem.hint),
            &harmless(original),
        ]);
    }

    fn end(&mut self) {
        self.gone |= self.csv.flush().is_err();
    }
}

/// A text that a spreadsheet does not take for a formula.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '@', '+', '-', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
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
    fn original_lines_are_no_formulas() {
        let mut out = Vec::new();
        let mut table = Table::new(&mut out);
        let problem = Problem::new("not-a-number", "\"x\" is not a number.", "Mend it.")
            .at_line(7)
            .in_column(2)
            .in_field("balance")
            .with_value("=cmd|' /C calc'!A0");
        table.row(&problem, "=1;x,\"y\"");
        table.end();
        drop(table);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "7,2,balance,'=cmd|' /C calc'!A0,not-a-number,\"\"\"x\"\" is not a number.\",Mend it.,\"'=1;x,\"\"y\"\"\"\n"
        );
    }
}
