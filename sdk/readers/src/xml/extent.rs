//! Measures a document before a tree is made of it: where the root element ends, and whether depth, nodes, attributes
//! and namespaces stay within their limits. So nothing large is ever allocated for a document that is refused, and
//! text behind the root element can be told from the document.
//!
//! It follows the markup, and looks at characters and at references to them, which the tree does not refuse in every
//! case. Whether names and other references are right is left to the tree, which sees every byte that this lets through.

use memchr::{memchr, memchr_iter, memchr3, memmem};

use super::error::{DOCTYPE, too_many_nodes};
use super::{Options, TrailingText, XmlError, characters};
use crate::Anomaly;
use crate::position::Position;

/// Attributes of one element, namespace declarations included. The tree compares each with each.
const ATTRIBUTES_MAX: usize = 256;

/// Namespace declarations in force at one place. The tree copies them into every element that adds one.
const NAMESPACES_MAX: usize = 64;

/// Equals signs in the whole document for each node that it may have: the tree reserves room for as many attributes.
const EQUALS_SIGNS_PER_NODE: usize = 4;

/// How much of the text is the document.
pub(super) fn measure(text: &str, options: &Options, anomalies: &mut Vec<Anomaly>) -> Result<usize, XmlError> {
    let bytes = text.as_bytes();
    let nodes_max = options.nodes_max as usize;
    // A node has at most two tags; the tree reserves room by these counts before it looks any closer.
    if memchr_iter(b'<', bytes).nth(nodes_max.saturating_mul(2)).is_some() {
        return Err(XmlError::at("xml-too-many-nodes", bytes, bytes.len(), too_many_nodes(options)));
    }
    if let Some(at) = memchr_iter(b'=', bytes).nth(nodes_max.saturating_mul(EQUALS_SIGNS_PER_NODE)) {
        let detail = "there are too many attributes, or equals signs, in this document";
        return Err(XmlError::at("xml-too-many-attributes", bytes, at, detail));
    }

    let mut markup = Markup { bytes, at: 0, options, namespaces: Vec::new() };
    loop {
        match markup.step()? {
            Step::Inside => {}
            Step::RootEnded => break,
            Step::InputEnded => {
                let detail = match markup.namespaces.len() {
                    0 => "there is no root element".to_owned(),
                    open => format!("the document ends while {open} elements are still open"),
                };
                return Err(XmlError::at("xml-not-well-formed", bytes, bytes.len(), detail));
            }
        }
    }
    let end = behind_root(bytes, markup.at, options, anomalies)?;
    characters::check_text(&bytes[..end])?;
    Ok(end)
}

/// Comments and processing instructions may follow the root element. Whatever else does is cut off or refused.
fn behind_root(
    bytes: &[u8],
    root_end: usize,
    options: &Options,
    anomalies: &mut Vec<Anomaly>,
) -> Result<usize, XmlError> {
    let mut at = root_end;
    loop {
        at += bytes[at..].iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count();
        let rest = &bytes[at..];
        let end = match rest {
            [] => return Ok(bytes.len()),
            [b'<', b'!', b'-', b'-', ..] => memmem::find(&rest[4..], b"-->").map(|found| 4 + found + 3),
            [b'<', b'?', ..] => memmem::find(rest, b"?>").map(|found| found + 2),
            [b'<', first, ..] if first.is_ascii_alphabetic() || *first >= 0x80 || *first == b'_' => {
                let detail = "a second root element begins here; send one document at a time";
                return Err(XmlError::at("xml-second-root", bytes, at, detail));
            }
            _ => None,
        };
        match end {
            Some(length) => at += length,
            None => break,
        }
    }
    match options.trailing_text {
        TrailingText::Refuse => Err(XmlError::at(
            "xml-trailing-text",
            bytes,
            at,
            "there is text behind the root element; send nothing after it",
        )),
        TrailingText::Warn => {
            let (line, column) = Position::of(bytes, at);
            let detail = format!("{} bytes of text behind the root element were cut off", bytes.len() - at);
            anomalies.push(Anomaly { code: "xml-trailing-text", location: format!("{line}:{column}"), detail });
            Ok(at)
        }
    }
}

enum Step {
    Inside,
    RootEnded,
    InputEnded,
}

struct Markup<'t> {
    bytes: &'t [u8],
    at: usize,
    options: &'t Options,
    /// How many namespace declarations are in force in each open element.
    namespaces: Vec<usize>,
}

impl Markup<'_> {
    /// Reads on to the end of the next piece of markup.
    fn step(&mut self) -> Result<Step, XmlError> {
        let Some(start) = memchr(b'<', &self.bytes[self.at..]).map(|found| self.at + found) else {
            return Ok(Step::InputEnded);
        };
        characters::check_references(self.bytes, self.at, start)?;
        let rest = &self.bytes[start..];
        if rest.starts_with(b"<!--") {
            self.behind(start, 4, b"-->", "comment")?;
        } else if rest.starts_with(b"<![CDATA[") {
            self.behind(start, 9, b"]]>", "CDATA section")?;
        } else if rest.starts_with(b"<?") {
            self.behind(start, 2, b"?>", "processing instruction")?;
        } else if rest.starts_with(b"<!") {
            let (code, detail) = match rest.get(2..9) {
                Some(name) if name.eq_ignore_ascii_case(b"DOCTYPE") => ("xml-doctype", DOCTYPE),
                _ => ("xml-not-well-formed", "<! begins neither a comment nor a CDATA section"),
            };
            return Err(XmlError::at(code, self.bytes, start, detail));
        } else if rest.starts_with(b"</") {
            self.behind(start, 2, b">", "end tag")?;
            self.namespaces.pop();
            return Ok(if self.namespaces.is_empty() { Step::RootEnded } else { Step::Inside });
        } else {
            return self.start_tag(start);
        }
        Ok(Step::Inside)
    }

    /// Moves behind what closes a piece of markup.
    fn behind(&mut self, start: usize, skip: usize, close: &[u8], what: &str) -> Result<(), XmlError> {
        match memmem::find(&self.bytes[start + skip..], close) {
            Some(found) => self.at = start + skip + found + close.len(),
            None => {
                let detail = format!("this {what} does not end");
                return Err(XmlError::at("xml-not-well-formed", self.bytes, start, detail));
            }
        }
        Ok(())
    }

    fn start_tag(&mut self, start: usize) -> Result<Step, XmlError> {
        let mut at = start + 1;
        let mut attributes = 0;
        let mut namespaces = self.namespaces.last().copied().unwrap_or_default();
        let unended = || XmlError::at("xml-not-well-formed", self.bytes, start, "this tag does not end");
        loop {
            let found = at + memchr3(b'"', b'\'', b'>', &self.bytes[at..]).ok_or_else(unended)?;
            if self.bytes[found] == b'>' {
                let is_empty = self.bytes[found - 1] == b'/';
                self.at = found + 1;
                if self.namespaces.len() >= self.options.depth_max {
                    let detail =
                        format!("elements are nested deeper than {} levels, the limit", self.options.depth_max);
                    return Err(XmlError::at("xml-too-deep", self.bytes, start, detail));
                }
                return Ok(match is_empty {
                    true if self.namespaces.is_empty() => Step::RootEnded,
                    true => Step::Inside,
                    false => {
                        self.namespaces.push(namespaces);
                        Step::Inside
                    }
                });
            }
            attributes += 1;
            if memmem::find(&self.bytes[at..found], b"xmlns").is_some() {
                namespaces += 1;
            }
            if attributes > ATTRIBUTES_MAX {
                let detail = format!("an element has more than {ATTRIBUTES_MAX} attributes, the limit");
                return Err(XmlError::at("xml-too-many-attributes", self.bytes, start, detail));
            }
            if namespaces > NAMESPACES_MAX {
                let detail = format!("more than {NAMESPACES_MAX} namespace declarations are in force here, the limit");
                return Err(XmlError::at("xml-too-many-namespaces", self.bytes, start, detail));
            }
            let value = found + 1;
            let end = value + memchr(self.bytes[found], &self.bytes[value..]).ok_or_else(unended)?;
            characters::check_references(self.bytes, value, end)?;
            at = end + 1;
        }
    }
}
