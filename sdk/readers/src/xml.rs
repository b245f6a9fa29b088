//! XML as partners send it, read strictly: no DTD, no entities beyond the five of the standard, nothing ever expanded
//! or fetched, a cap on depth, nodes, attributes and namespaces.
//!
//! ```
//! use portgate_readers::xml::{Document, Options};
//!
//! let text = br#"<r:Response xmlns:r="urn:x"><r:Error><r:Code> CDS12077
//! </r:Code></r:Error></r:Response>"#;
//! let document = Document::parse(text, &Options::default())?;
//! let code = document.root().path("Error/Code").unwrap();
//! assert_eq!(code.text().as_deref(), Some("CDS12077"));
//! assert_eq!(code.location(), "1:38 /Response/Error/Code");
//! # Ok::<(), portgate_readers::xml::XmlError>(())
//! ```
//!
//! UTF-8 is read in place; UTF-16 and what the WHATWG Encoding Standard has beside it is converted, where a byte order
//! mark, the `charset` of the `Content-Type` or the XML declaration names it, in this order (RFC 7303 §3;
//! `portgate-charset` decides). Names are matched without their namespace unless one is asked for, because partners bind
//! and leave out prefixes as they please. The tree itself is `roxmltree`'s; this module decides what may reach it.
//!
//! | error | when |
//! |---|---|
//! | `xml-encoding` | an encoding that is not read, or bytes that are not what is announced |
//! | `xml-doctype` | there is a document type declaration |
//! | `xml-not-well-formed` | a rule of XML 1.0 or of its namespaces is broken, such as a reference that names no character |
//! | `xml-trailing-text` | text stands behind the root element, and [`Options::trailing_text`] refuses it |
//! | `xml-second-root` | another element stands behind the root element |
//! | `xml-too-deep`, `xml-too-many-nodes`, `xml-too-many-attributes`, `xml-too-many-namespaces` | a limit |
//!
//! | anomaly | when |
//! |---|---|
//! | `xml-trailing-text` | text behind the root element was cut off |
//! | `xml-encoding` | what is announced cannot be, and it is plain what is meant: two announcements contradict each other, UTF-8 comes under another name, Windows-1252 as ISO-8859-1 |

use std::borrow::Cow;

use portgate_charset::{Text, Undecodable};
use portgate_unread::Marks;
use self_cell::self_cell;

use crate::Anomaly;

mod characters;
mod element;
mod encoding;
mod error;
mod extent;
mod unread;

pub use element::Element;
pub use error::XmlError;

/// What to do with text behind the root element. Real customs notifications carry logged HTTP headers there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrailingText {
    /// Refuse the document, as XML 1.0 demands.
    Refuse,
    /// Cut it off and report it among [`Document::anomalies`].
    Warn,
}

/// How a document is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// What to do with text behind the root element.
    pub trailing_text: TrailingText,
    /// How deep elements may be nested, the root being 1.
    pub depth_max: usize,
    /// Elements, texts, comments and processing instructions in the whole document.
    pub nodes_max: u32,
}

impl Default for Options {
    /// Strict about trailing text, 64 levels, 100 000 nodes.
    fn default() -> Self {
        Options { trailing_text: TrailingText::Refuse, depth_max: 64, nodes_max: 100_000 }
    }
}

type Tree<'t> = roxmltree::Document<'t>;

self_cell!(
    /// The decoded text and the tree that points into it.
    struct Parsed<'i> {
        owner: Cow<'i, str>,
        #[covariant]
        dependent: Tree,
    }
);

/// A document after reading. Everything it returns borrows from it.
pub struct Document<'i> {
    parsed: Parsed<'i>,
    anomalies: Vec<Anomaly>,
    /// What was looked at, where somebody wants to know.
    seen: Option<Seen>,
}

/// Which elements' texts and which attributes were looked at.
#[derive(Debug)]
struct Seen {
    /// By the element's number in the tree.
    texts: Marks,
    /// By the number of the element's first attribute in the document, and from there on in their order.
    attributes: Marks,
    first_attributes: Vec<u32>,
}

impl<'i> Document<'i> {
    /// Reads a whole document that came without a `Content-Type`, or with one that names no `charset`; nothing of `bytes`
    /// is copied when it is UTF-8.
    ///
    /// # Errors
    /// It is not well-formed, not in an encoding this reads, or exceeds a limit: see the [module](self)'s table.
    pub fn parse(bytes: &'i [u8], options: &Options) -> Result<Self, XmlError> {
        Document::parse_as(bytes, None, options)
    }

    /// The same with the `charset` of the `Content-Type`, where it names one (RFC 7303 §3).
    ///
    /// # Errors
    /// Those of [`Self::parse`].
    pub fn parse_as(bytes: &'i [u8], charset: Option<&str>, options: &Options) -> Result<Self, XmlError> {
        Document::of(portgate_charset::xml(bytes, charset), options)
    }

    /// The same of a document that is UTF-8 by agreement, for plugins that read no other: they are smaller by the tables of
    /// the other sets, which every call pays for.
    ///
    /// # Errors
    /// Those of [`Self::parse`]; each byte that is not UTF-8 is in no encoding that this reads.
    pub fn parse_in_utf_8(bytes: &'i [u8], charset: Option<&str>, options: &Options) -> Result<Self, XmlError> {
        Document::of(portgate_charset::xml_in_utf_8(bytes, charset), options)
    }

    fn of(decoded: Result<Text<'i>, Undecodable>, options: &Options) -> Result<Self, XmlError> {
        let mut anomalies = Vec::new();
        let mut text = encoding::noted(decoded, &mut anomalies)?;
        let extent = extent::measure(&text, options, &mut anomalies)?;
        match &mut text {
            Cow::Borrowed(text) => *text = &text[..extent],
            Cow::Owned(text) => text.truncate(extent),
        }
        let parsed = Parsed::try_new(text, |text| {
            let parsing =
                roxmltree::ParsingOptions { allow_dtd: false, nodes_limit: options.nodes_max, entity_resolver: None };
            Tree::parse_with_options(text, parsing).map_err(|error| XmlError::from_tree(&error, text, options))
        })?;
        let seen = portgate_unread::begin().then(|| unread::nothing_seen(parsed.borrow_dependent()));
        Ok(Document { parsed, anomalies, seen })
    }

    /// The root element.
    pub fn root(&self) -> Element<'_> {
        Element::new(self.parsed.borrow_dependent().root_element(), self.seen.as_ref())
    }

    /// What was wrong and read all the same.
    pub fn anomalies(&self) -> &[Anomaly] {
        &self.anomalies
    }
}

/// Notes what nobody has looked at, where somebody wants to know.
impl Drop for Document<'_> {
    fn drop(&mut self) {
        if let Some(seen) = &self.seen {
            unread::note_unread(self.parsed.borrow_dependent(), seen);
        }
    }
}

/// The root's name, for logs; not the content, which may be personal data.
impl std::fmt::Debug for Document<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Document").field("root", &self.root()).field("anomalies", &self.anomalies).finish()
    }
}

#[cfg(test)]
mod tests;
