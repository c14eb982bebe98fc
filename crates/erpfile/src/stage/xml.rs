//! XML documents. Prefixes of namespaces are left out of names; entities other than those of XML itself are refused,
//! so nothing can grow.

use std::io::{BufRead, Read, Seek};

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};

use super::StageError;
use super::tally::{Count, Tally, from_io};
use super::tree::{self, Each, Names, Values};
use super::utf8::Utf8;
use crate::encoding::Encoding;
use crate::problem::{Damage, Problem, code};
use crate::{Format, Limits};

/// How many elements a message lists.
const LISTED: usize = 12;

/// How deep elements may lie in each other.
const DEEPEST: usize = 256;

/// Tells of each element that the format's `record` names: a path from the root (`/list/customer`), or only its end
/// (`customer`).
pub(super) fn each_record<R: Read + Seek>(
    source: &mut R,
    format: &Format,
    limits: Limits,
    each: Each<'_>,
) -> Result<(), StageError> {
    let text = Utf8::new(source, format.encoding, declared).map_err(StageError::Read)?;
    let (tally, count) = Tally::new(text, limits.line);
    let mut document = Document {
        reader: Reader::from_reader(tally),
        count,
        record: Record::new(&format.record),
        above: Vec::new(),
        open: Vec::new(),
        seen: Vec::new(),
        found: false,
        limits,
    };
    document.read(each)?;
    if document.found { Ok(()) } else { Err(tree::no_record(&format.record, &document.seen).into()) }
}

/// Which elements are records.
struct Record {
    parts: Vec<String>,
    from_root: bool,
}

impl Record {
    fn new(path: &str) -> Self {
        let parts = tree::parts(path).into_iter().map(str::to_owned).collect();
        Self { parts, from_root: path.trim_start().starts_with('/') && !path.trim_start().starts_with("//") }
    }

    /// Whether the element of these names, from the root on, is one.
    fn is(&self, names: &[String]) -> bool {
        let fits = !self.parts.is_empty() && names.ends_with(&self.parts);
        fits && (!self.from_root || names.len() == self.parts.len())
    }
}

/// An element of a record that is being read.
struct Element {
    path: String,
    names: Names,
    text: String,
    is_leaf: bool,
}

struct Document<R> {
    reader: Reader<Tally<R>>,
    count: Count,
    record: Record,
    /// The names of the open elements outside a record.
    above: Vec<String>,
    /// The open elements of a record.
    open: Vec<Element>,
    /// The elements outside records, for a message.
    seen: Vec<String>,
    found: bool,
    limits: Limits,
}

impl<R: BufRead> Document<R> {
    fn read(&mut self, each: Each<'_>) -> Result<(), StageError> {
        let mut buffer = Vec::new();
        let (mut line, mut values) = (0, Values::new(self.limits));
        loop {
            buffer.clear();
            if self.open.is_empty() {
                self.count.restart(0);
                line = self.count.line();
            }
            let event = self.reader.read_event_into(&mut buffer).map_err(|error| {
                let line = self.count.line();
                match error {
                    quick_xml::Error::Io(error) => match std::sync::Arc::try_unwrap(error) {
                        Ok(error) => from_io(error),
                        Err(error) => from_io(std::io::Error::new(error.kind(), error.to_string())),
                    },
                    other => malformed(line, &other.to_string()).into(),
                }
            })?;
            self.count.check()?;
            let here = self.count.line();
            match event {
                Event::Eof => break,
                Event::Start(start) => {
                    begin(&mut self.above, &mut self.open, &self.record, &start, &mut values, here)?
                }
                Event::Empty(start) => {
                    begin(&mut self.above, &mut self.open, &self.record, &start, &mut values, here)?;
                    self.end(line, &mut values, each)?;
                }
                Event::End(_) => self.end(line, &mut values, each)?,
                Event::Text(text) => self.text(&text.xml10_content()),
                Event::CData(text) => self.text(&text.xml10_content()),
                Event::GeneralRef(entity) => match entity.resolve_char_ref() {
                    Ok(Some(c)) => self.text(c.encode_utf8(&mut [0; 4])),
                    Ok(None) => match resolve_predefined_entity(&entity) {
                        Some(text) => self.text(text),
                        None => return Err(malformed(here, &format!("the entity &{};", &*entity)).into()),
                    },
                    Err(error) => return Err(malformed(here, &error.to_string()).into()),
                },
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::DocType(_) => {}
            }
        }
        let unclosed =
            self.open.last().map(|element| element.path.clone()).or_else(|| self.above.last().cloned());
        match unclosed {
            Some(name) => Err(cut_off(self.count.line(), &name).into()),
            None => Ok(()),
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(element) = self.open.last_mut() {
            element.text.push_str(text);
        }
    }

    /// An element ends; if it is a record, it is told.
    fn end(&mut self, line: u64, values: &mut Values, each: Each<'_>) -> Result<(), StageError> {
        let Some(element) = self.open.pop() else {
            // Outside records the reader itself sees to it that ends have beginnings.
            let path = format!("/{}", self.above.join("/"));
            if self.seen.len() < LISTED && !self.seen.contains(&path) {
                self.seen.push(path);
            }
            self.above.pop();
            return Ok(());
        };
        // What stands in a record itself, beside its elements, is a column that is called by a dot.
        let path = if element.path.is_empty() { ".".to_owned() } else { element.path };
        let text = if element.is_leaf && path != "." { element.text } else { element.text.trim().to_owned() };
        if element.is_leaf && path != "." || !text.is_empty() {
            values.push(path, text, line)?;
        }
        if self.open.is_empty() {
            self.above.pop();
            self.found = true;
            each(line, std::mem::replace(values, Values::new(self.limits)))?;
        }
        Ok(())
    }
}

/// An element begins: one of a record, a record, or one above them.
fn begin(
    above: &mut Vec<String>,
    open: &mut Vec<Element>,
    record: &Record,
    start: &BytesStart<'_>,
    values: &mut Values,
    line: u64,
) -> Result<(), StageError> {
    let name = start.local_name().as_ref().to_owned();
    if above.len() + open.len() >= DEEPEST {
        return Err(malformed(line, &format!("more than {DEEPEST} elements lie in each other")).into());
    }
    let path = match open.last_mut() {
        Some(parent) => {
            parent.is_leaf = false;
            parent.names.path(&parent.path, &name)
        }
        None => {
            above.push(name);
            if !record.is(above) {
                return Ok(());
            }
            String::new()
        }
    };
    tree::check_path(&path, line)?;
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| malformed(line, &error.to_string()))?;
        if attribute.key.as_namespace_binding().is_some() {
            continue;
        }
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|error| malformed(line, &error.to_string()))?;
        let join = if path.is_empty() { "" } else { "/" };
        values.push(
            format!("{path}{join}@{}", attribute.key.local_name().as_ref()),
            value.into_owned(),
            line,
        )?;
    }
    open.push(Element { path, names: Names::default(), text: String::new(), is_leaf: true });
    Ok(())
}

/// The encoding that the document's declaration names.
fn declared(head: &[u8]) -> Result<Option<Encoding>, Damage> {
    let head = &head[..head.len().min(256)];
    let Some(end) = memchr::memmem::find(head, b"?>") else { return Ok(None) };
    let Some(at) = memchr::memmem::find(&head[..end], b"encoding") else { return Ok(None) };
    let rest = String::from_utf8_lossy(&head[at + b"encoding".len()..end]);
    let Some(label) = rest.split(['"', '\'']).nth(1) else { return Ok(None) };
    label.parse().map(Some).map_err(|_| {
        let message = format!("The document says that its encoding is \"{label}\", which is not known.");
        let hint = "Let the ERP system write UTF-8.";
        Damage::from(Problem::new(code::WRONG_ENCODING, message, hint).at_line(1).with_value(label))
    })
}

fn malformed(line: u64, why: &str) -> Damage {
    let message = format!("The document is not well-formed XML: {why}.");
    let hint = "Let the ERP system write the file again; if it is refused again, its export is at fault.";
    Damage::from(Problem::new(code::MALFORMED, message, hint).at_line(line))
}

fn cut_off(line: u64, name: &str) -> Damage {
    let message = format!("The document ends before the element {name} does: the file was probably cut off.");
    Damage::from(
        Problem::new(code::INCOMPLETE_RECORD, message, "Let the ERP system write the file again.")
            .at_line(line),
    )
}
