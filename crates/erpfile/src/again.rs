//! Rows written as a file of their layout again, from their raw bytes: so that somebody can correct refused ones and
//! import them.
//!
//! Rows of text stand there as they did, below what stood above the first one. Those of XML and JSON documents get a
//! document that says the same, in plain ASCII; a workbook is for whoever can write one ([`raw_cells`]).

use crate::stage::{ERROR_MARK, parse_cells};
use crate::{Format, Layout};

/// The cells of a row of a workbook or a document, from its raw bytes; `None` for bytes that are none.
pub fn raw_cells(raw: &[u8]) -> Option<Vec<String>> {
    let cells = parse_cells(std::str::from_utf8(raw).ok()?)?;
    Some(cells.iter().map(|cell| cell.strip_prefix(ERROR_MARK).unwrap_or(cell).to_owned()).collect())
}

/// Writes rows of delimited text, fixed width, XML or JSON.
#[derive(Debug)]
pub struct Again<'f> {
    format: &'f Format,
    header: &'f [String],
    head: &'f [u8],
    line_end: &'f [u8],
    rows: u64,
}

impl<'f> Again<'f> {
    /// For a file whose columns are called `header`, where `head` stood above the first row and `line_end` behind each;
    /// both are for text only.
    pub fn new(format: &'f Format, header: &'f [String], head: &'f [u8], line_end: &'f [u8]) -> Self {
        Self { format, header, head, line_end, rows: 0 }
    }

    /// What comes before the rows.
    pub fn begin(&self) -> Vec<u8> {
        match self.format.layout {
            Layout::Xml => {
                self.ascii(&self.elements().0.iter().map(|name| format!("<{name}>\n")).collect::<String>())
            }
            Layout::Json => {
                let keys = crate::stage::path_parts(&self.format.record);
                let keys = keys.iter().map(|key| format!("{{{}:", json_text(key)));
                self.ascii(&format!("{}[\n", keys.collect::<String>()))
            }
            _ => self.head.to_vec(),
        }
    }

    /// A row; nothing for bytes that are none.
    pub fn row(&mut self, raw: &[u8]) -> Vec<u8> {
        let first = self.rows == 0;
        self.rows += 1;
        let node = || raw_cells(raw).map(|cells| Node::of(self.header, &cells)).unwrap_or_default();
        match self.format.layout {
            Layout::Xml => {
                let mut text = String::new();
                node().xml(&self.elements().1, &mut text);
                text.push('\n');
                self.ascii(&text)
            }
            Layout::Json => {
                let mut text = if first { String::new() } else { ",\n".to_owned() };
                node().json(&mut text);
                self.ascii(&text)
            }
            _ => [raw, self.line_end].concat(),
        }
    }

    /// What comes behind the rows. The trailer of a format says their number; a total has to be put right by hand.
    pub fn end(&self) -> Vec<u8> {
        match self.format.layout {
            Layout::Xml => {
                let above = self.elements().0;
                self.ascii(&above.iter().rev().map(|name| format!("</{name}>\n")).collect::<String>())
            }
            Layout::Json => {
                let keys = crate::stage::path_parts(&self.format.record).len();
                self.ascii(&format!("\n]{}\n", "}".repeat(keys)))
            }
            _ => self.trailer().map_or_else(Vec::new, |text| {
                let bytes = self.format.encoding.encode(&text).unwrap_or_default();
                [bytes.as_slice(), self.line_end].concat()
            }),
        }
    }

    fn trailer(&self) -> Option<String> {
        let trailer = self.format.trailer.as_ref()?;
        let place = |position: u32| usize::try_from(position).map_or(0, |at| at.saturating_sub(1));
        let mut cells =
            vec![String::new(); trailer.row_count.max(trailer.total).map_or(1, |last| place(last) + 1)];
        cells[0].clone_from(&trailer.starts_with);
        if let Some(at) = trailer.total {
            cells[place(at)].push('0');
        }
        if let Some(at) = trailer.row_count {
            cells[place(at)].push_str(&self.rows.to_string());
        }
        if self.format.layout != Layout::FixedWidth {
            return Some(cells.join(&self.format.delimiter));
        }
        let mut line = String::new();
        for (range, cell) in self.format.cells.iter().zip(&cells) {
            let start = usize::try_from(range.first.saturating_sub(1)).unwrap_or_default();
            line.extend(std::iter::repeat_n(' ', start.saturating_sub(line.chars().count())));
            line.push_str(cell);
        }
        Some(line)
    }

    /// The elements above a record, and the record's own name.
    fn elements(&self) -> (Vec<String>, String) {
        let record = self.format.record.trim();
        let mut parts: Vec<String> =
            crate::stage::path_parts(record).into_iter().map(str::to_owned).collect();
        let name = parts.pop().unwrap_or_else(|| "record".to_owned());
        if parts.is_empty() && (!record.starts_with('/') || record.starts_with("//")) {
            // A document has one element around all others.
            parts.push("refused".to_owned());
        }
        (parts, name)
    }

    fn ascii(&self, text: &str) -> Vec<u8> {
        self.format.encoding.encode(text).unwrap_or_else(|_| text.as_bytes().to_vec())
    }
}

/// A value of a document and what lies in it.
#[derive(Debug, Default)]
struct Node {
    text: String,
    attributes: Vec<(String, String)>,
    children: Vec<(String, Node)>,
}

impl Node {
    /// The record whose columns have these paths and values.
    fn of(header: &[String], cells: &[String]) -> Node {
        let mut record = Node::default();
        for (path, value) in header.iter().zip(cells).filter(|(_, value)| !value.is_empty()) {
            let mut node = &mut record;
            let (inner, last) = path.rsplit_once('/').map_or(("", path.as_str()), |parts| parts);
            let attribute = last.strip_prefix('@');
            let steps = if attribute.is_some() { inner } else { path };
            for step in steps.split('/').filter(|step| !step.is_empty() && *step != ".") {
                node = node.child(step);
            }
            match attribute {
                Some(name) => node.attributes.push((name.to_owned(), value.clone())),
                None => node.text.push_str(value),
            }
        }
        record
    }

    /// The part called `step`: `phone`, or `phone[2]` for the second one of that name.
    fn child(&mut self, step: &str) -> &mut Node {
        let numbered = step.strip_suffix(']').and_then(|rest| rest.rsplit_once('['));
        let numbered = numbered.and_then(|(name, count)| Some((name, count.parse::<usize>().ok()?)));
        let (name, count) = numbered.filter(|(_, count)| (2..=100_000).contains(count)).unwrap_or((step, 1));
        let places = |node: &Node| -> Vec<usize> {
            (0..node.children.len()).filter(|at| node.children[*at].0 == name).collect()
        };
        let mut there = places(self);
        while there.len() < count {
            self.children.push((name.to_owned(), Node::default()));
            there.push(self.children.len() - 1);
        }
        &mut self.children[there[count - 1]].1
    }

    fn xml(&self, name: &str, out: &mut String) {
        out.push('<');
        out.push_str(name);
        for (attribute, value) in &self.attributes {
            out.push_str(&format!(" {attribute}=\"{}\"", xml_text(value)));
        }
        out.push('>');
        out.push_str(&xml_text(&self.text));
        for (name, child) in &self.children {
            child.xml(name, out);
        }
        out.push_str(&format!("</{name}>"));
    }

    fn json(&self, out: &mut String) {
        if self.children.is_empty() && self.attributes.is_empty() && !self.text.is_empty() {
            out.push_str(&json_text(&self.text));
            return;
        }
        out.push('{');
        let mut told: Vec<&str> = Vec::new();
        // What XML calls an attribute is in JSON a key that begins so.
        for (name, value) in &self.attributes {
            if out.ends_with('"') {
                out.push(',');
            }
            out.push_str(&format!("{}:{}", json_text(&format!("@{name}")), json_text(value)));
        }
        for (name, _) in &self.children {
            if told.contains(&name.as_str()) {
                continue;
            }
            if !told.is_empty() || !self.attributes.is_empty() {
                out.push(',');
            }
            told.push(name);
            let same: Vec<&Node> =
                self.children.iter().filter(|(other, _)| other == name).map(|(_, node)| node).collect();
            out.push_str(&format!("{}:", json_text(name)));
            match same.as_slice() {
                [only] => only.json(out),
                several => {
                    out.push('[');
                    for (number, node) in several.iter().enumerate() {
                        if number > 0 {
                            out.push(',');
                        }
                        if node.children.is_empty() {
                            out.push_str(&json_text(&node.text))
                        } else {
                            node.json(out)
                        }
                    }
                    out.push(']');
                }
            }
        }
        out.push('}');
    }
}

/// Text of an element or attribute in ASCII, so that every encoding has it.
fn xml_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ' '..='~' if !"<>&\"'".contains(c) => out.push(c),
            c => out.push_str(&format!("&#{};", u32::from(c))),
        }
    }
    out
}

/// A JSON string in ASCII.
fn json_text(text: &str) -> String {
    let mut out = String::from("\"");
    for unit in text.encode_utf16() {
        match char::from_u32(u32::from(unit)) {
            Some(c @ ' '..='~') if c != '"' && c != '\\' => out.push(c),
            _ => out.push_str(&format!("\\u{unit:04x}")),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Column, ColumnFrom, Limits, Reader, Row};

    /// The rows of a file, each with the names of its columns and its raw bytes.
    fn rows(format: &Format, file: &[u8]) -> (Vec<String>, Vec<Vec<u8>>, u64) {
        let bytes = crate::stage::prepare(file.to_vec(), format, Limits::default()).unwrap();
        let mut reader = Reader::new(bytes.as_slice(), format, Limits::default()).unwrap();
        let (mut row, mut raws, mut first) = (Row::default(), Vec::new(), None);
        while reader.read(&mut row).unwrap() {
            assert!(row.problems.is_empty(), "{:?}", row.problems);
            first.get_or_insert(row.offset);
            raws.push(row.raw().to_vec());
        }
        (reader.header().to_vec(), raws, first.unwrap())
    }

    /// What a row says: the names and values of its cells that are not empty.
    fn said(header: &[String], raw: &[u8]) -> Vec<(String, String)> {
        let cells = raw_cells(raw).unwrap();
        header.iter().cloned().zip(cells).filter(|(_, value)| !value.is_empty()).collect()
    }

    #[test]
    fn documents_say_the_same_again_in_any_encoding() {
        let xml = "<list><k id='1'><n>Ægir &amp; \"søn\" &lt;x&gt;</n><t>1</t><t>2</t><a x='y'><c> By </c></a></k>\
                   <k id='2'><n>B</n><t/><t>4</t>løs</k></list>";
        let json = r#"{"data":{"list":[{"@id":"1","n":"Ægir \"søn\" \\ \ud83d\ude00","t":["1",2.5],"a":{"c":" By "}},
                       {"n":"B","t":["",4],"a":[{"c":"x"},{"c":"y"}],"b":null}]}}"#;
        for (layout, record, text) in
            [(Layout::Xml, "/list/k", xml), (Layout::Xml, "k", xml), (Layout::Json, "data/list", json)]
        {
            for encoding in ["utf-8", "utf-16le", "windows-1252"] {
                let format = Format {
                    layout,
                    record: record.into(),
                    encoding: encoding.parse().unwrap(),
                    columns: vec![Column::new(ColumnFrom::Name("n".into()), "number")],
                    ..Format::default()
                };
                let source = Format { encoding: "utf-8".parse().unwrap(), ..format.clone() };
                let (header, raws, _) = rows(&source, text.as_bytes());
                let mut again = Again::new(&format, &header, b"", b"");
                let mut file = again.begin();
                raws.iter().for_each(|raw| file.extend(again.row(raw)));
                file.extend(again.end());
                let (header_again, raws_again, _) = rows(&format, &file);
                let all = |header: &[String], raws: &[Vec<u8>]| -> Vec<Vec<(String, String)>> {
                    raws.iter()
                        .map(|raw| {
                            let mut said = said(header, raw);
                            said.sort();
                            said
                        })
                        .collect()
                };
                assert_eq!(
                    all(&header_again, &raws_again),
                    all(&header, &raws),
                    "{layout:?} {record} {encoding}"
                );
            }
        }
    }

    #[test]
    fn text_stands_there_as_it_did_below_what_stood_above_it() {
        let format = Format {
            skip_lines: 1,
            trailer: Some(crate::Trailer {
                starts_with: "SLUT".into(),
                row_count: Some(2),
                total: None,
                total_of: None,
            }),
            columns: vec![Column::new(ColumnFrom::Name("Nr".into()), "number")],
            ..Format::default()
        };
        let file = b"\xef\xbb\xbfExport of today\r\nNr;Navn\r\n1;\"A\r\nB\"\r\n2;C\r\nSLUT;2\r\n";
        let (header, raws, first) = rows(&format, file);
        let head = &file[..usize::try_from(first).unwrap()];
        let mut again = Again::new(&format, &header, head, b"\r\n");
        let mut written = again.begin();
        written.extend(again.row(&raws[0]));
        written.extend(again.end());
        assert_eq!(written, b"\xef\xbb\xbfExport of today\r\nNr;Navn\r\n1;\"A\r\nB\"\r\nSLUT;1\r\n");
        assert_eq!(rows(&format, &written).1, raws[..1]);
    }
}
