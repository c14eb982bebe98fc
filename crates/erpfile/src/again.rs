//! Rows written as a file of their layout again, from their raw bytes: so that somebody can correct refused ones and
//! import them.
//!
//! Rows of text stand there as they did, below what stood above the first one. Those of XML and JSON documents get a
//! document that says the same, in plain ASCII; a workbook is for whoever can write one ([`raw_cells`]).

mod closing;

use crate::stage::{ERROR_MARK, parse_cells};
use crate::{Format, Layout, Shape};

pub use self::closing::Closing;

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
    closing: Closing<'f>,
    rows: u64,
}

impl<'f> Again<'f> {
    /// For a file whose columns are called `header`, where `head` stood above the first row and `line_end` behind each;
    /// both are for text only, as are `shapes`: those that its rows were read with ([`crate::Reader::with_shapes`]).
    pub fn new(
        format: &'f Format,
        header: &'f [String],
        head: &'f [u8],
        line_end: &'f [u8],
        shapes: &'f [Shape],
    ) -> Self {
        let closing = Closing::new(format, header, head, line_end, shapes);
        Self { format, header, head, line_end, closing, rows: 0 }
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
            _ => {
                self.closing.row(raw);
                [raw, self.line_end].concat()
            }
        }
    }

    /// What comes behind the rows. A trailer says their number and their total.
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
            _ => self.closing.line().map_or_else(Vec::new, |text| {
                let bytes = self.format.encoding.encode(&text).unwrap_or_default();
                [bytes.as_slice(), self.line_end].concat()
            }),
        }
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
mod tests;
