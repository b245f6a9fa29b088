//! Why a document was not read.

use roxmltree::Error;

use super::Options;
use crate::position::Position;

/// A document that is not read, with the place where it went wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail} (line {line}, column {column})")]
pub struct XmlError {
    /// A stable code, listed in the documentation of the module.
    pub code: &'static str,
    /// One sentence that a person can act on.
    pub detail: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

impl XmlError {
    /// The place as findings write it: `line:column`.
    pub fn location(&self) -> String {
        format!("{}:{}", self.line, self.column)
    }

    /// An error at an offset of the text.
    pub(super) fn at(code: &'static str, bytes: &[u8], offset: usize, detail: impl Into<String>) -> Self {
        let (line, column) = Position::of(bytes, offset);
        XmlError { code, detail: detail.into(), line, column }
    }

    /// What the tree found. Where it has no position of its own, the end of the text is where reading stopped.
    pub(super) fn from_tree(error: &Error, text: &str, options: &Options) -> Self {
        let code = match error {
            Error::DtdDetected => "xml-doctype",
            Error::NodesLimitReached => "xml-too-many-nodes",
            Error::AttributesLimitReached => "xml-too-many-attributes",
            Error::NamespacesLimitReached => "xml-too-many-namespaces",
            _ => "xml-not-well-formed",
        };
        let at_end = |detail: String| XmlError::at(code, text.as_bytes(), text.len(), detail);
        match error {
            Error::NodesLimitReached => at_end(too_many_nodes(options)),
            Error::DtdDetected => at_end(DOCTYPE.to_owned()),
            Error::UnexpectedEndOfStream | Error::UnclosedRootNode => {
                at_end("the document ends before its root element does".to_owned())
            }
            Error::NoRootNode => at_end("there is no root element".to_owned()),
            Error::AttributesLimitReached | Error::NamespacesLimitReached => at_end(error.to_string()),
            Error::UnknownEntityReference(name, pos) => XmlError {
                code,
                detail: format!(
                    "&{}; is not one of the five entities of XML; write the character itself",
                    shorten(name)
                ),
                line: pos.row,
                column: pos.col,
            },
            Error::UnexpectedCloseTag(expected, actual, pos) => XmlError {
                code,
                detail: format!("</{}> stands where </{}> is due", shorten(actual), shorten(expected)),
                line: pos.row,
                column: pos.col,
            },
            _ => {
                let pos = error.pos();
                let said = error.to_string();
                let said = said.replace(&format!(" at {pos}"), "");
                XmlError { code, detail: shorten(&said), line: pos.row, column: pos.col }
            }
        }
    }
}

pub(super) const DOCTYPE: &str = "document type declarations are not taken; send the document without <!DOCTYPE …>";

pub(super) fn too_many_nodes(options: &Options) -> String {
    format!("more than {} nodes, the limit; send it in smaller documents", options.nodes_max)
}

/// At most a line of what the input said, without characters that would break a log line.
fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(120).flat_map(char::escape_debug).collect();
    if text.chars().nth(120).is_some() {
        short.push('…');
    }
    short.replace("\\'", "'").replace("\\\"", "\"")
}
