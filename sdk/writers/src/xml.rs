//! XML 1.0 as partners' schemas want it: UTF-8, elements in the order in which they are written.
//!
//! ```
//! use portgate_writers::{Value, number, xml};
//!
//! let mut writer = xml::Writer::new("Declaration");
//! let mut declaration = writer.root();
//! declaration.attribute("xmlns", "urn:example:declaration");
//! declaration.leaf("FunctionalReferenceID", "LRN & 7".within(1..=35));
//! let mut agent = declaration.group("Agent");
//! agent.leaf("ID", None::<&str>);
//! drop(agent);
//! declaration.child("InvoiceAmount").with("currencyID", "GBP").text(number("100.00"));
//! drop(declaration);
//! let text = String::from_utf8(writer.finish()?.bytes)?;
//! let expected = r#"<?xml version="1.0" encoding="UTF-8"?>
//! <Declaration xmlns="urn:example:declaration"><FunctionalReferenceID>LRN &amp; 7</FunctionalReferenceID><InvoiceAmount currencyID="GBP">100.00</InvoiceAmount></Declaration>
//! "#;
//! assert_eq!(text, expected);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! There are three ways to an element. [`ElementWriter::leaf`] writes one with a value, and nothing where there is no value.
//! [`ElementWriter::child`] writes one in any case. [`ElementWriter::group`] is written when something in it is, so that what holds
//! optional things need not know whether there are any. An element ends when its variable does, and the borrow checker keeps
//! an author from writing into one while another inside of it is open.
//!
//! Names and prefixes are the author's, written as they are; a prefix is declared by an attribute like any other.
//!
//! | fault | when |
//! |---|---|
//! | `xml-character` | a value holds a character that XML 1.0 does not have, such as a control character |
//! | `xml-length` | a value is shorter or longer than [`Value::within`] says |
//! | `xml-number` | a [`number`](crate::number) is none |
//! | `xml-name` | a name of an element or attribute is none |
//! | `xml-attribute-order` | an attribute comes twice, or after what is inside of its element |
//! | `xml-too-deep`, `xml-too-long` | a limit: 64 levels, and the bytes of [`Writer::bytes_max`] |
//! | `xml-more` | how many faults there are beyond the first hundred |

use std::collections::BTreeMap;

use crate::error::{Fault, Kept, WriteError, shown};
use crate::output::is_number;
use crate::{BYTES_MAX, Value, Written};

/// The deepest nesting that the reader takes.
const DEPTH_MAX: usize = 64;

/// A document that is being written.
#[derive(Debug)]
pub struct Writer {
    text: String,
    open: Vec<Open>,
    faults: Kept<Fault>,
    bytes_max: usize,
    is_full: bool,
}

/// An element that is being written.
#[derive(Debug)]
struct Open {
    name: String,
    /// Which one of its name it is among its siblings, from 1.
    number: usize,
    progress: Progress,
    attributes: Vec<String>,
    /// How often each name was used inside of it.
    children: BTreeMap<String, usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    /// Nothing of it is written, and nothing will be unless something in it is.
    Nothing,
    /// Its start tag is written up to where attributes can follow.
    Tag,
    /// Something inside of it is written.
    Content,
}

impl Writer {
    /// A document whose root has this name.
    pub fn new(root: &str) -> Self {
        let mut writer = Writer {
            text: String::new(),
            open: Vec::new(),
            faults: Kept::default(),
            bytes_max: BYTES_MAX,
            is_full: false,
        };
        writer.push("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        writer.begin(root, 1);
        writer.start();
        writer
    }

    /// The longest document, in bytes; 16 MiB unless it is said.
    #[must_use]
    pub fn bytes_max(self, bytes_max: usize) -> Self {
        Writer { bytes_max, ..self }
    }

    /// The root, to be written into.
    pub fn root(&mut self) -> ElementWriter<'_> {
        ElementWriter { writer: self, depth: 1 }
    }

    /// The document.
    ///
    /// # Errors
    /// Everything that was wrong, each with the path of its element: see the [module](self)'s table.
    pub fn finish(mut self) -> Result<Written, WriteError> {
        self.end(0);
        self.push("\n");
        let mut faults = self.faults.first;
        if self.faults.more > 0 {
            let detail = format!("{} more mistakes like those before", self.faults.more);
            faults.push(Fault { code: "xml-more", location: String::new(), detail });
        }
        match faults.is_empty() {
            true => Ok(Written { bytes: self.text.into_bytes(), anomalies: Vec::new() }),
            false => Err(WriteError { faults }),
        }
    }

    fn begin(&mut self, name: &str, number: usize) {
        let (attributes, children) = (Vec::new(), BTreeMap::new());
        self.open.push(Open { name: name.to_owned(), number, progress: Progress::Nothing, attributes, children });
        if !is_name(name) {
            self.fault("xml-name", "it is no name of XML with at most one prefix".into());
        }
        if self.open.len() == DEPTH_MAX + 1 {
            self.fault("xml-too-deep", format!("more than {DEPTH_MAX} levels, the most that is read"));
        }
    }

    /// Writes the start tags of all elements that are open, so that an attribute can follow.
    fn start(&mut self) {
        for index in 0..self.open.len() {
            if self.open[index].progress != Progress::Nothing {
                continue;
            }
            if let Some(outer) = index.checked_sub(1) {
                self.fill(outer);
            }
            let name = std::mem::take(&mut self.open[index].name);
            self.push("<");
            self.push(&name);
            self.open[index].name = name;
            self.open[index].progress = Progress::Tag;
        }
    }

    /// Ends the start tag of an element, since something inside of it follows.
    fn fill(&mut self, index: usize) {
        if self.open[index].progress == Progress::Tag {
            self.push(">");
            self.open[index].progress = Progress::Content;
        }
    }

    /// Ends all elements that are deeper.
    fn end(&mut self, depth: usize) {
        while self.open.len() > depth {
            let Some(open) = self.open.pop() else { return };
            match open.progress {
                Progress::Nothing => {}
                Progress::Tag => self.push("/>"),
                Progress::Content => {
                    self.push("</");
                    self.push(&open.name);
                    self.push(">");
                }
            }
        }
    }

    fn text(&mut self, value: &dyn Value) {
        let text = self.checked(value);
        if text.is_empty() {
            return;
        }
        self.start();
        self.fill(self.open.len() - 1);
        self.escaped(&text, false);
    }

    fn attribute(&mut self, name: &str, value: &dyn Value) {
        let text = self.checked(value);
        if text.is_empty() {
            return;
        }
        self.start();
        let Some(open) = self.open.last_mut() else { return };
        let is_late = open.progress == Progress::Content || open.attributes.iter().any(|before| before == name);
        open.attributes.push(name.to_owned());
        if !is_name(name) {
            return self.fault("xml-name", "an attribute's name is no name of XML".into());
        }
        if is_late {
            return self.fault("xml-attribute-order", format!("the attribute {name} comes twice or too late"));
        }
        self.push(" ");
        self.push(name);
        self.push("=\"");
        self.escaped(&text, true);
        self.push("\"");
    }

    /// The text of a value, with what is wrong with it told.
    fn checked(&mut self, value: &dyn Value) -> String {
        let text = value.text().into_owned();
        if let Some(length) = value.length() {
            let (characters, unit) = match value.is_number() {
                true => (text.bytes().filter(u8::is_ascii_digit).count(), "digits"),
                false => (text.chars().count(), "characters"),
            };
            if !length.contains(&characters) {
                let (least, most) = (length.start(), length.end());
                self.fault("xml-length", format!("it has {characters} {unit}, and {least} to {most} are allowed"));
            }
        }
        if value.is_number() && !text.is_empty() && !is_number(&text) {
            self.fault("xml-number", "it is no number of digits with at most one point between them".into());
        }
        if let Some(c) = text.chars().find(|c| !is_character(*c)) {
            self.fault("xml-character", format!("{} is no character of XML 1.0", shown(c)));
        }
        text
    }

    fn escaped(&mut self, text: &str, is_attribute: bool) {
        let mut written = 0;
        for (at, c) in text.char_indices() {
            let escape = match c {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                // A reader makes line ends one and the same, and blanks of them in attributes (XML 1.0, 2.11 and 3.3.3).
                '\r' => "&#13;",
                '"' if is_attribute => "&quot;",
                '\n' if is_attribute => "&#10;",
                '\t' if is_attribute => "&#9;",
                _ => continue,
            };
            self.push(&text[written..at]);
            self.push(escape);
            written = at + c.len_utf8();
        }
        self.push(&text[written..]);
    }

    fn push(&mut self, text: &str) {
        if self.is_full {
            return;
        }
        if self.text.len() + text.len() > self.bytes_max {
            self.is_full = true;
            let detail = format!("the document is longer than {} bytes; send it in parts", self.bytes_max);
            return self.fault("xml-too-long", detail);
        }
        self.text.push_str(text);
    }

    fn fault(&mut self, code: &'static str, detail: String) {
        let location = self.location();
        self.faults.push(Fault { code, location, detail });
    }

    /// The path of the element that is being written, as readers show it: `/Declaration/GoodsShipment/Item[2]`.
    fn location(&self) -> String {
        let mut path = String::new();
        for open in &self.open {
            let name = open.name.rsplit(':').next().unwrap_or_default();
            path += &format!("/{}", name.escape_debug());
            if open.number > 1 {
                path += &format!("[{}]", open.number);
            }
        }
        path
    }
}

/// An element that is being written; it ends when this is dropped.
#[derive(Debug)]
pub struct ElementWriter<'w> {
    writer: &'w mut Writer,
    depth: usize,
}

impl ElementWriter<'_> {
    /// An attribute, which is left out where the value is empty.
    pub fn attribute(&mut self, name: &str, value: impl Value) {
        self.writer.attribute(name, &value);
    }

    /// The same, to be written in one line: `child("Amount").with("currencyID", "GBP").text("7")`.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Value) -> Self {
        self.attribute(name, value);
        self
    }

    /// The element's text.
    pub fn text(&mut self, value: impl Value) {
        self.writer.text(&value);
    }

    /// An element inside of this one, which is written even if it stays empty.
    pub fn child(&mut self, name: &str) -> ElementWriter<'_> {
        let mut child = self.group(name);
        child.writer.start();
        child.depth = child.writer.open.len();
        child
    }

    /// An element inside of this one, which is written if something in it is.
    pub fn group(&mut self, name: &str) -> ElementWriter<'_> {
        let mut number = 1;
        if let Some(open) = self.writer.open.last_mut() {
            let count = open.children.entry(name.to_owned()).or_default();
            *count += 1;
            number = *count;
        }
        self.writer.begin(name, number);
        let depth = self.writer.open.len();
        ElementWriter { writer: self.writer, depth }
    }

    /// An element with a text, which is left out where the value is empty.
    pub fn leaf(&mut self, name: &str, value: impl Value) {
        self.group(name).text(value);
    }

    /// Says that something is wrong here: the document is not finished.
    pub fn fault(&mut self, code: &'static str, detail: impl Into<String>) {
        self.writer.fault(code, detail.into());
    }
}

impl Drop for ElementWriter<'_> {
    fn drop(&mut self) {
        if self.depth > 1 {
            self.writer.end(self.depth - 1);
        }
    }
}

/// Whether it is a name without or with one prefix, in ASCII, as every published schema has them.
fn is_name(name: &str) -> bool {
    let is_part = |part: &str| {
        let begins = part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        begins && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
    };
    match name.split_once(':') {
        Some((prefix, local)) => is_part(prefix) && is_part(local),
        None => is_part(name),
    }
}

/// Whether XML 1.0 has the character (production 2).
fn is_character(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use portgate_readers::xml::{Document, Options};

    use super::*;
    use crate::number;

    fn faults(write: impl FnOnce(&mut ElementWriter<'_>)) -> Vec<String> {
        let mut writer = Writer::new("r:Root");
        write(&mut writer.root());
        writer.finish().expect_err("a fault").faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_written_is_read_as_what_it_was() {
        let values = ["a & b < c > \"d\" 'e'", "line\nline\ttab", "carriage\rreturn", "Ünïcode €\u{10348}", "]]>"];
        let mut writer = Writer::new("Root");
        let mut root = writer.root();
        for value in values {
            let mut child = root.child("Value").with("same", value);
            child.text(value);
        }
        drop(root);
        let written = writer.finish().unwrap();
        let document = Document::parse(&written.bytes, &Options::default()).unwrap();
        let read: Vec<_> = document.root().children("Value").collect();
        assert_eq!(read.len(), values.len());
        for (element, value) in read.iter().zip(values) {
            assert_eq!((element.attribute("same"), element.text().as_deref()), (Some(value), Some(value)));
        }
    }

    #[test]
    fn a_group_is_written_with_what_is_in_it_and_not_without() {
        let mut writer = Writer::new("Root");
        let mut root = writer.root();
        let mut empty = root.group("Empty");
        empty.group("Emptier").leaf("Nothing", "");
        drop(empty);
        root.group("Full").group("Fuller").leaf("Something", 7);
        root.child("Kept");
        drop(root);
        let text = String::from_utf8(writer.finish().unwrap().bytes).unwrap();
        assert!(
            text.ends_with("<Root><Full><Fuller><Something>7</Something></Fuller></Full><Kept/></Root>\n"),
            "{text}"
        );
    }

    #[test]
    fn a_fault_names_the_path_of_its_element() {
        let told = faults(|root| {
            root.child("m:Item").leaf("ID", "1");
            root.child("m:Item").leaf("ID", "12345".within(1..=3));
            root.leaf("Weight", number("1e3"));
            root.leaf("Note", "bell\u{7}");
            root.child("2nd");
            let mut late = root.child("Late");
            late.text("text");
            late.attribute("after", "text");
            drop(late);
            root.group("Own").fault("own-code", "not so");
        });
        assert_eq!(
            told,
            [
                "xml-length at /Root/Item[2]/ID: it has 5 characters, and 1 to 3 are allowed",
                "xml-number at /Root/Weight: it is no number of digits with at most one point between them",
                "xml-character at /Root/Note: U+0007 is no character of XML 1.0",
                "xml-name at /Root/2nd: it is no name of XML with at most one prefix",
                "xml-attribute-order at /Root/Late: the attribute after comes twice or too late",
                "own-code at /Root/Own: not so",
            ]
        );
    }

    #[test]
    fn limits_are_faults_and_nothing_grows_beyond_them() {
        fn deeper(element: &mut ElementWriter<'_>, levels: usize) {
            match levels {
                0 => element.text("deep"),
                levels => deeper(&mut element.child("Level"), levels - 1),
            }
        }
        assert!(faults(|root| deeper(root, 64)).iter().any(|fault| fault.starts_with("xml-too-deep")));
        let mut writer = Writer::new("Root").bytes_max(1_000);
        let mut root = writer.root();
        for _ in 0..1_000 {
            root.leaf("Value", "0123456789");
        }
        drop(root);
        assert!(writer.text.len() <= 1_000);
        let told = writer.finish().unwrap_err().to_string();
        assert!(told.contains("xml-too-long") && told.contains("longer than 1000 bytes"), "{told}");
        let mut many = faults(|root| (0..150).for_each(|_| root.leaf("Value", "\u{1}")));
        assert_eq!(
            (many.len(), many.pop().as_deref()),
            (101, Some("xml-more at : 50 more mistakes like those before"))
        );
    }
}
