//! The records of a register as a file: those that the list shows now, in its order.

use std::io::{BufWriter, Seek};

use axum::extract::{Query, State};
use axum::response::Response;
use register::Register;
use serde::Deserialize;

use super::downloads::{self, sized};
use super::list;
use super::page::Visitor;
use super::site::Site;
use super::trouble::Trouble;
use crate::export::{self, InFormat, Kind, Style};
use crate::folders::DataFolder;
use crate::text::sentence;

/// What begins the wish for a file of a format; its name follows.
pub(super) const FORMAT: &str = "format:";

/// Which records are wanted, and how.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    q: String,
    sort: Option<String>,
    #[serde(default)]
    down: bool,
    /// `csv`, `xlsx`, `json`, or [`FORMAT`] with the name of a format.
    #[serde(rename = "as")]
    kind: String,
}

/// The records as a download. It is written whole before it is sent: so it shows one moment, a browser that sleeps holds
/// no transaction, and one that fails gets a page.
pub(crate) async fn download(
    register: &'static Register,
    State(site): State<Site>,
    _: Visitor,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Trouble> {
    let list = list::Wanted { q: wanted.q, sort: wanted.sort, down: wanted.down, from: None };
    let back = list.address(register);
    let cannot = move |message: String| {
        Trouble::conflict("It cannot be exported like that", sentence(&message)).or_go(back, register.title)
    };
    let register = site.register(register).await?;
    let query = list.query();
    if let Some(format) = wanted.kind.strip_prefix(FORMAT).map(str::to_owned) {
        let none = format!("there is no format \"{format}\" for {}", register.name);
        let made = site
            .blocking(move |site| {
                let scratch = DataFolder::scratch_in(&site.data);
                let exported = export::in_format(&site.database, register, &format, &query, &scratch);
                match exported {
                    Ok(Some(InFormat { file, name, .. })) => {
                        let size = file.metadata().map_err(Trouble::internal)?.len();
                        Ok((file, size, name))
                    }
                    Ok(None) => Err(cannot(none)),
                    Err(error) => Err(cannot(format!("{error:#}"))),
                }
            })
            .await?;
        let (file, size, name) = made;
        return Ok(sized(&name, downloads::FILE, site, file, size));
    }
    let Some(kind) = Kind::of(&format!(".{}", wanted.kind)) else {
        return Err(cannot(format!("\"{}\" is no kind of file that is known here", wanted.kind)));
    };
    let (file, size) = site
        .blocking(move |site| {
            let mut file = tempfile::tempfile_in(&site.uploads).map_err(Trouble::internal)?;
            export::write_records(
                &site.database,
                register,
                &query,
                kind,
                Style::default(),
                BufWriter::new(&file),
            )
            .map_err(|error| cannot(format!("{error:#}")))?;
            let size = file.stream_position().map_err(Trouble::internal)?;
            file.rewind().map_err(Trouble::internal)?;
            Ok((file, size))
        })
        .await?;
    Ok(sized(&format!("{}.{}", register.name, kind.ending()), kind.media_type(), site, file, size))
}
