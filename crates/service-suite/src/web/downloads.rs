//! What can be taken away: the file of an import, and its problems with the original lines.

use std::borrow::Cow;
use std::io::{Read, Write};

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use erpfile::Problem;
use register::db::{Conn, DbResult};
use register::imports::{self, ProblemFilter};

use super::import::entry;
use super::page::Visitor;
use super::site::Site;
use super::trouble::Trouble;
use super::{pieces, show};
use crate::export::harmless;

/// About how many bytes go to the browser at once.
const PIECE: usize = 256 << 10;

/// About how many bytes a problem takes without its original line.
const ABOUT_A_PROBLEM: usize = 100;

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
            let file = std::fs::File::open(site.data.join(path)).map_err(|_| gone())?;
            let about = file.metadata().map_err(Trouble::internal)?;
            if about.is_file() { Ok((file, about.len())) } else { Err(gone()) }
        })
        .await?;
    let body = pieces::body(site, move |_| {
        let mut piece = Vec::with_capacity(PIECE);
        (&file).take(PIECE as u64).read_to_end(&mut piece).map_err(Trouble::internal)?;
        Ok(piece)
    });
    let mut response = attachment(&import.file, "application/octet-stream", body);
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

/// All problems of an import, each with the line of the file as it stood there.
pub(crate) async fn problems(
    State(site): State<Site>,
    _: Visitor,
    Path(id): Path<i64>,
) -> Result<Response, Trouble> {
    let import = entry(&site, id).await?;
    let mut state = Problems { import: id, format: import.format.clone(), place: Place::Begin };
    let body = pieces::body(site, move |site| Ok(site.database.read(|c| state.next(c))?));
    Ok(attachment(&format!("import-{id}-problems.csv"), "text/csv; charset=utf-8", body))
}

/// The problems of an import on their way to a browser.
struct Problems {
    import: i64,
    format: String,
    place: Place,
}

/// How far they have come.
enum Place {
    /// Nothing is written.
    Begin,
    /// The refused rows up to this line are written.
    After(u64),
    /// All is written.
    End,
}

impl Problems {
    /// The next piece, of one moment of the register; empty at the end.
    fn next(&mut self, c: &Conn) -> DbResult<Vec<u8>> {
        let mut piece = Vec::with_capacity(PIECE);
        let mut table = Table::new(&mut piece);
        let after = match self.place {
            Place::End => return Ok(Vec::new()),
            Place::After(line) => line,
            Place::Begin => {
                table.head();
                let whole = ProblemFilter { code: None, limit: 1000, cursor: None };
                // Problems of the file as a whole come first, and have no line.
                for problem in
                    imports::problems(c, self.import, &whole)?.items.iter().take_while(|p| p.line.is_none())
                {
                    table.row(problem, "");
                }
                0
            }
        };
        let encoding = register::settings::format(c, &self.format)?.map(|stored| stored.format.encoding);
        let mut written = 0;
        self.place = Place::End;
        imports::each_refused(c, self.import, after, |line, raw, problems| {
            let original = encoding.map_or_else(
                || String::from_utf8_lossy(raw).into_owned(),
                |encoding| encoding.decode_lossy(raw),
            );
            for problem in problems {
                table.row(problem, &original);
                written += original.len() + ABOUT_A_PROBLEM;
            }
            let full = written >= PIECE;
            if full {
                self.place = Place::After(line);
            }
            Ok(!full)
        })?;
        drop(table);
        Ok(piece)
    }
}

/// Problems as a table for spreadsheets.
struct Table<W: Write>(csv::Writer<W>);

impl<W: Write> Table<W> {
    fn new(to: W) -> Self {
        Table(csv::Writer::from_writer(to))
    }

    fn put(&mut self, cells: &[&str]) {
        // Memory takes what is written to it.
        let _ = self.0.write_record(cells);
    }

    fn head(&mut self) {
        self.put(&["line", "column", "field", "value", "code", "message", "hint", "original"]);
    }

    fn row(&mut self, problem: &Problem, original: &str) {
        let line = problem.line.map(|line| line.to_string()).unwrap_or_default();
        let column = problem.column.map(|column| column.to_string()).unwrap_or_default();
        fn text(value: &Option<String>) -> Cow<'_, str> {
            harmless(value.as_deref().unwrap_or_default())
        }
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
    fn original_lines_are_no_formulas_and_numbers_stay_numbers() {
        let mut out = Vec::new();
        let mut table = Table::new(&mut out);
        let problem = Problem::new("not-a-number", "\"x\" is not a number.", "Mend it.")
            .at_line(7)
            .in_column(2)
            .in_field("balance")
            .with_value("=cmd|' /C calc'!A0");
        table.row(&problem, "=1;x,\"y\"");
        table.row(&problem.clone().with_value("-1.250,50"), "+45 12 34 56 78");
        drop(table);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "7,2,balance,'=cmd|' /C calc'!A0,not-a-number,\"\"\"x\"\" is not a number.\",Mend it.,\"'=1;x,\"\"y\"\"\"\n\
             7,2,balance,\"-1.250,50\",not-a-number,\"\"\"x\"\" is not a number.\",Mend it.,+45 12 34 56 78\n"
        );
    }
}
