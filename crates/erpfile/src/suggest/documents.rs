//! Workbooks, XML and JSON documents: where their records are.

use std::collections::HashMap;
use std::io::Cursor;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::sample::{Enough, Sample, SampleError};
use super::{Suggestion, finish, read};
use crate::stage::{parse_cells, sheets, stage};
use crate::{DecimalSeparator, Encoding, Format, Layout, Limits};

/// Sheets that are looked at.
const SHEETS: usize = 12;

/// How deep a document is looked into.
const DEEPEST: usize = 32;

/// Whether a file that begins so is looked at as a whole.
pub(super) fn is_read_whole(head: &[u8]) -> bool {
    let packed = head.starts_with(b"PK") || head.starts_with(b"\x1F\x8B") || is_old_workbook(head);
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    packed || text.starts_with(b"<") || text.starts_with(b"{") || text.starts_with(b"[")
}

fn is_old_workbook(head: &[u8]) -> bool {
    head.starts_with(b"\xD0\xCF\x11\xE0")
}

/// Whether a file is a workbook: an old one by its signature, a new one by the parts that the archive names.
pub(super) fn is_workbook(bytes: &[u8]) -> bool {
    let names_part = |part: &[u8]| memchr::memmem::find(bytes, part).is_some();
    is_old_workbook(bytes)
        || bytes.starts_with(b"PK") && (names_part(b"xl/workbook") || names_part(b"xl/worksheets"))
}

/// The layout of a text that is a document; `None` for lines.
pub(super) fn layout(text: &str) -> Option<Layout> {
    let start = text.trim_start();
    let mut chars = start.chars();
    match (chars.next(), chars.find(|c| !c.is_whitespace())) {
        (Some('<'), Some(c)) if c == '?' || c == '!' || c.is_alphabetic() => Some(Layout::Xml),
        (Some('{'), Some('"' | '}')) | (Some('['), Some('{' | ']')) => Some(Layout::Json),
        _ => None,
    }
}

/// The encoding that an XML document declares.
pub(super) fn declared(head: &[u8]) -> Option<Encoding> {
    let start = head.get(..head.len().min(200)).unwrap_or_default();
    if !start.trim_ascii_start().starts_with(b"<?xml") {
        return None;
    }
    let start = String::from_utf8_lossy(start);
    let declaration = start.split_once("?>")?.0;
    let value = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    value[1..].split_once(quote)?.0.parse().ok()
}

/// What an XML or a JSON document is.
pub(super) fn document(
    layout: Layout,
    sample: &Sample,
    encoding: Encoding,
    text: &str,
    names: &dyn Fn(&str) -> bool,
    limits: Limits,
) -> Result<Suggestion, SampleError> {
    if layout == Layout::Xml {
        refuse_pages(text)?;
    }
    let record = if layout == Layout::Xml { xml_record(text, names) } else { json_record(text) };
    let Some(record) = record else {
        let message = format!("The file is {}, but no list of records was found in it.", layout.title());
        return Err(SampleError::new(message, "Set up the format by hand, and say where the records are."));
    };
    // JSON writes a point; what is read of its numbers is written as the format says.
    let decimal_separator = DecimalSeparator::Point;
    let format = Format { layout, encoding, record, decimal_separator, ..Format::default() };
    let mut rows = staged(&sample.head, &format, limits)?;
    let header = if rows.is_empty() { Vec::new() } else { rows.remove(0).1 };
    Ok(read(format, header, rows.into_iter().map(|(_, cells)| cells).collect(), 1.0))
}

/// Refuses what is XML only by its signs: tables of web pages and of Excel 2003, which many programs write under the name
/// of a workbook. They leave out cells, so that values would stand in columns that are not theirs.
fn refuse_pages(text: &str) -> Result<(), SampleError> {
    let names =
        text.split('<').skip(1).map(|tag| tag.split([' ', '>', '/', '\r', '\n']).next().unwrap_or_default());
    let mut names = names.filter(|name| !name.starts_with(['?', '!']) && !name.is_empty());
    let root = names.next().unwrap_or_default();
    let what = if ["html", "head", "body", "table"].iter().any(|page| root.eq_ignore_ascii_case(page)) {
        "a web page (HTML)"
    } else if root.ends_with("Workbook") && text.contains("urn:schemas-microsoft-com:office:spreadsheet") {
        "an XML spreadsheet of Excel 2003"
    } else {
        return Ok(());
    };
    Err(SampleError::new(
        format!("The file is {what}, which is not read here, whatever it is called."),
        "Let the ERP system write a text file (CSV) or an Excel workbook (.xlsx), or save it as one in a spreadsheet.",
    ))
}

/// What a workbook is: the first of its sheets that has a table whose columns have known names, or else the first one
/// with a table.
pub(super) fn workbook(
    sample: &Sample,
    names: &dyn Fn(&str) -> bool,
    limits: Limits,
) -> Result<Suggestion, SampleError> {
    let damaged = |damage: crate::Damage| SampleError::new(damage.0.message.clone(), damage.0.hint.clone());
    let sheets = sheets(Cursor::new(&sample.head), limits).map_err(damaged)?;
    let mut best: Option<(usize, Suggestion)> = None;
    for (place, sheet) in sheets.iter().take(SHEETS).enumerate() {
        let mut format = Format { layout: Layout::Excel, header_lines: 0, ..Format::default() };
        if place > 0 {
            format.sheet.clone_from(sheet);
        }
        let rows = staged(&sample.head, &format, limits)?;
        if rows.is_empty() {
            continue;
        }
        let widest = rows.iter().map(|(_, cells)| cells.len()).max().unwrap_or(0);
        let even = |(line, mut cells): (u64, Vec<String>)| {
            cells.resize(widest, String::new());
            (line, cells)
        };
        let suggestion = finish(format, rows.into_iter().map(even).collect(), "", 1.0, names);
        let known = suggestion.header.iter().filter(|name| names(name)).count();
        if best.as_ref().is_none_or(|(most, _)| known > *most) {
            best = Some((known, suggestion));
        }
    }
    match best {
        Some((_, suggestion)) => Ok(suggestion),
        None => Err(SampleError::new("The workbook has no rows.", "Let the ERP system write it again.")),
    }
}

/// The first rows of a sheet as they are staged, each with its line.
fn staged(bytes: &[u8], format: &Format, limits: Limits) -> Result<Vec<(u64, Vec<String>)>, SampleError> {
    let mut out = Enough::new();
    out.filled_by(|out| stage(Cursor::new(bytes), format, limits, out))?;
    let text = String::from_utf8_lossy(&out.bytes);
    let record = |line: &str| {
        let (number, cells) = line.split_once('\t')?;
        let cells = parse_cells(cells)?.into_iter().map(|cell| cell.into_owned()).collect();
        Some((number.parse().ok()?, cells))
    };
    // The first line of a workbook names its sheets.
    let first = usize::from(format.layout == Layout::Excel);
    Ok(text.lines().skip(first).map_while(record).take(super::ROWS + 100).collect())
}

/// The path of the elements that are records: those that repeat and hold the most values with known names.
fn xml_record(text: &str, names: &dyn Fn(&str) -> bool) -> Option<String> {
    #[derive(Default)]
    struct Seen {
        times: usize,
        children: HashMap<String, usize>,
        order: usize,
    }
    let mut seen: HashMap<String, Seen> = HashMap::new();
    let mut path: Vec<String> = Vec::new();
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    let mut open = |path: &[String], element: &BytesStart<'_>| {
        let local = element.local_name().as_ref().to_owned();
        let above = format!("/{}", path.join("/"));
        if let Some(parent) = seen.get_mut(&above) {
            *parent.children.entry(local.clone()).or_default() += 1;
        }
        let own = if path.is_empty() { format!("/{local}") } else { format!("{above}/{local}") };
        let order = seen.len();
        let entry = seen.entry(own).or_insert_with(|| Seen { order, ..Seen::default() });
        entry.times += 1;
        for attribute in element.attributes().flatten() {
            let name = attribute.key.local_name().as_ref().to_owned();
            *entry.children.entry(name).or_default() += 1;
        }
        local
    };
    loop {
        match reader.read_event() {
            Ok(Event::Start(element)) if path.len() < DEEPEST => path.push(open(&path, &element)),
            Ok(Event::Empty(element)) => drop(open(&path, &element)),
            Ok(Event::End(_)) => drop(path.pop()),
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    let score = |(own, seen): &(&String, &Seen)| {
        let known = seen.children.keys().filter(|name| names(name)).count();
        let depth = own.matches('/').count();
        let repeats = usize::from(seen.times > 1);
        (known > 0, repeats, known.min(3), usize::MAX - depth, seen.times, usize::MAX - seen.order)
    };
    let records = seen.iter().filter(|(_, seen)| seen.children.len() > 1);
    records.max_by_key(score).map(|(own, _)| own.clone())
}

/// The keys that lead to the array with the most objects; empty for the document itself and for JSON lines.
fn json_record(text: &str) -> Option<String> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    // For each open bracket: whether it is an array, and the key that leads to it.
    let mut open: Vec<(bool, String)> = Vec::new();
    let (mut key, mut last) = (String::new(), String::new());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                last.clear();
                let mut escaped = false;
                for c in chars.by_ref() {
                    match c {
                        _ if escaped => escaped = false,
                        '\\' => escaped = true,
                        '"' => break,
                        c => last.push(c),
                    }
                }
            }
            ':' => key.clone_from(&last),
            '{' | '[' => {
                let in_array = open.last().is_none_or(|(array, _)| *array);
                let arrays = open.iter().filter(|(array, _)| *array).count();
                if c == '{' && in_array && arrays < 2 {
                    let keys: Vec<&str> =
                        open.iter().map(|(_, key)| key.as_str()).filter(|key| !key.is_empty()).collect();
                    let path = keys.join("/");
                    match counts.iter_mut().find(|(other, _)| *other == path) {
                        Some((_, count)) => *count += 1,
                        None => counts.push((path, 1)),
                    }
                }
                if open.len() >= DEEPEST {
                    return None;
                }
                open.push((c == '[', std::mem::take(&mut key)));
            }
            '}' | ']' => drop(open.pop()),
            ',' => key.clear(),
            _ => {}
        }
    }
    // A document that is one object is no record where it holds an array of them.
    let inner = counts.iter().any(|(path, _)| !path.is_empty());
    let outer = |(path, count): &&(String, usize)| !(path.is_empty() && *count == 1 && inner);
    counts.iter().filter(outer).rev().max_by_key(|(_, count)| *count).map(|(path, _)| path.clone())
}
