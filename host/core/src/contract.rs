//! Holds a payload against its contract before any plugin sees it.
//!
//! A [`ContractChecker`] is made once, when a configuration is loaded; checking compiles nothing. JSON is checked in
//! full, and everything that is wrong is reported at once. Of XML and EDI only that is checked which no plugin should
//! have to think of: that the bytes are text in the character set that they are announced in (which the SDK's readers
//! decide by the same code), and what it begins with. A reader that knows the partner's dialect does the rest inside the
//! sandbox.

use portgate_charset::Undecodable;

use crate::finding::Finding;
pub use crate::json::JsonLimits;
use crate::json::{self, JsonError};
pub use portgate_charset::charset_of;

mod declared;
mod explain;
mod schema;
mod unknown_keywords;

pub use declared::{AgreementUse, BusinessKey, Contract, Direction, Format, IdempotencyKey, Yields};
pub(crate) use explain::detail;
pub use schema::Schema;
pub(crate) use unknown_keywords::unknown_keywords;

/// What is wrong with one payload: the first findings, and how many more there were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violations {
    /// In the order of the payload's checks; never empty.
    pub findings: Vec<Finding>,
    /// Findings beyond the limit, which were only counted.
    pub more: u64,
}

impl Violations {
    fn one(finding: Finding) -> Self {
        Violations { findings: vec![finding], more: 0 }
    }

    /// The findings, with one behind them that counts those beyond the limit.
    pub fn into_findings(self) -> Vec<Finding> {
        Finding::counted(self.findings, self.more)
    }

    /// Whether the payload could not be read at all, as opposed to being readable and wrong.
    pub fn is_malformed(&self) -> bool {
        self.findings.iter().any(|finding| !finding.code.starts_with("schema-"))
    }
}

impl From<JsonError> for Violations {
    fn from(error: JsonError) -> Self {
        let detail = error.to_string();
        Violations::one(Finding::error(error.code, error.pointer, detail))
    }
}

/// Checks payloads of one contract.
#[derive(Debug)]
pub struct ContractChecker {
    limits: JsonLimits,
    kind: Kind,
    /// Whether the plugin is shown the `Content-Type`, and so its charset.
    shows_charset: bool,
}

#[derive(Debug)]
enum Kind {
    Json(Option<Box<Schema>>),
    Xml,
    Edi,
    Bytes,
}

impl ContractChecker {
    /// Prepares everything that checking needs.
    ///
    /// # Errors
    /// Why the contract's schema cannot be used: it is no JSON Schema 2020-12, it refers to something outside itself, a
    /// pattern does not work in linear time, or it is given for a format other than JSON.
    pub fn new(contract: &Contract, limits: &JsonLimits) -> Result<Self, String> {
        let kind = match (contract.format, &contract.schema) {
            (Format::Json, Some(schema)) => Kind::Json(Some(Box::new(Schema::compile(schema)?))),
            (Format::Json, None) => Kind::Json(None),
            (_, Some(_)) => return Err("a schema is given, but only the format `json` is checked with one".to_owned()),
            (Format::Xml, None) => Kind::Xml,
            (Format::Edi, None) => Kind::Edi,
            (Format::Bytes, None) => Kind::Bytes,
        };
        let shows_charset = contract.headers.iter().any(|header| header == "content-type");
        let depth_max = contract.depth_max.map_or(limits.depth_max, |own| own.min(limits.depth_max));
        Ok(ContractChecker { limits: JsonLimits { depth_max, ..*limits }, kind, shows_charset })
    }

    /// Checks one payload that came, with the `charset` of its `Content-Type` where that has one. Gives the first byte that is no
    /// text, where it has passed over a few of EDI.
    ///
    /// # Errors
    /// Everything that is wrong with it. Codes are stable: `json-…` and `text-…` where it cannot be read, `schema-…`
    /// where it can and breaks the schema.
    pub fn check(&self, body: &[u8], charset: Option<&str>) -> Result<Option<Gap>, Violations> {
        match &self.kind {
            // A mark in front of JSON means nothing (RFC 8259 §8.1).
            Kind::Json(schema) => self.json(schema.as_deref(), portgate_charset::without_mark(body))?,
            Kind::Xml => self.xml(body, charset).map_err(Violations::one)?,
            Kind::Edi => {
                let (text, gaps) =
                    portgate_charset::edi_past_gaps(body).map_err(|wrong| Violations::one(undecodable(wrong)))?;
                edi(&text.text).map_err(Violations::one)?;
                return Ok(gaps.into_iter().next().map(undecodable).map(Gap));
            }
            Kind::Bytes => {}
        }
        Ok(None)
    }

    /// Checks one payload that goes out: the same, but nobody may put a byte order mark in front of JSON.
    ///
    /// # Errors
    /// As for [`Self::check`].
    pub fn check_rendered(&self, body: &[u8], charset: Option<&str>) -> Result<(), Violations> {
        match &self.kind {
            Kind::Json(schema) => self.json(schema.as_deref(), body),
            Kind::Xml => {
                xml(&portgate_charset::xml(body, charset).map_err(|wrong| Violations::one(undecodable(wrong)))?.text)
                    .map_err(Violations::one)
            }
            Kind::Edi => {
                let text = portgate_charset::edi(body).map_err(|wrong| Violations::one(undecodable(wrong)))?.text;
                edi(&text).map_err(Violations::one)
            }
            Kind::Bytes => Ok(()),
        }
    }

    fn json(&self, schema: Option<&Schema>, body: &[u8]) -> Result<(), Violations> {
        match schema {
            Some(schema) => schema.check(body, &self.limits),
            None => Ok(json::check(body, &self.limits)?),
        }
    }

    /// XML as its plugin reads it: a charset that the plugin is not shown must change nothing.
    fn xml(&self, body: &[u8], charset: Option<&str>) -> Result<(), Finding> {
        let text = portgate_charset::xml(body, charset).map_err(undecodable)?.text;
        if charset.is_some()
            && !self.shows_charset
            && !portgate_charset::xml(body, None).is_ok_and(|as_read| as_read.text == text)
        {
            let detail =
                "the Content-Type names another charset than the document itself; say it in the XML declaration";
            return Err(Finding::error("text-encoding", "1:1", detail));
        }
        xml(&text)
    }
}

/// The first byte of an EDI payload that is no text, of a few that a check has passed over: it is for the plugin to refuse the
/// part around each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap(pub Finding);

/// Bytes that are no text in the character set that they are announced in.
fn undecodable(wrong: Undecodable) -> Finding {
    let Undecodable { line, column, detail, .. } = wrong;
    Finding::error("text-encoding", format!("{line}:{column}"), detail)
}

fn xml(document: &str) -> Result<(), Finding> {
    let body = document.as_bytes();
    let text = text(body)?;
    if text.first() != Some(&b'<') {
        return Err(Finding::error("text-not-xml", "1:1", "does not start like XML: the first character must be `<`"));
    }
    match doctype(body) {
        Some(at) => {
            let detail = "holds a document type declaration; leave it out, entities and DTDs are never read";
            Err(Finding::error("text-doctype", place(body, at), detail))
        }
        None => Ok(()),
    }
}

fn edi(interchange: &str) -> Result<(), Finding> {
    match text(interchange.as_bytes())?.first() {
        Some(first) if first.is_ascii_alphabetic() => Ok(()),
        _ => Err(Finding::error(
            "text-not-edi",
            "segment 1",
            "does not start like EDI: the first character must be a letter, as in `UNA`, `UNB` or `ISA`",
        )),
    }
}

/// The payload without leading white space, refused where it holds a NUL.
fn text(body: &[u8]) -> Result<&[u8], Finding> {
    if let Some(at) = memchr::memchr(0, body) {
        let detail = "holds a NUL character, which no text has";
        return Err(Finding::error("text-nul", place(body, at), detail));
    }
    let text = body.trim_ascii_start();
    match text.is_empty() {
        true => Err(Finding::error("text-empty", "", "the payload is empty")),
        false => Ok(text),
    }
}

/// `line:column` of a byte, both from 1, the column in bytes.
fn place(body: &[u8], at: usize) -> String {
    let before = &body[..at];
    let line_start = memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1);
    format!("{}:{}", memchr::memchr_iter(b'\n', before).count() + 1, at - line_start + 1)
}

/// Where a document type declaration begins, in any case of letters. What comments, CDATA sections and processing
/// instructions hold is text and declares nothing (XML 1.0 §2.4 to §2.7); one that does not end holds all of the rest.
fn doctype(body: &[u8]) -> Option<usize> {
    const TEXT: [(&[u8], &[u8]); 3] = [(b"<!--", b"-->"), (b"<![CDATA[", b"]]>"), (b"<?", b"?>")];
    const DOCTYPE: &[u8] = b"<!doctype";
    let mut at = 0;
    loop {
        at += memchr::memchr(b'<', &body[at..])?;
        let rest = &body[at..];
        if rest.get(..DOCTYPE.len()).is_some_and(|start| start.eq_ignore_ascii_case(DOCTYPE)) {
            return Some(at);
        }
        at += match TEXT.iter().find(|(open, _)| rest.starts_with(open)) {
            Some((open, close)) => open.len() + memchr::memmem::find(&rest[open.len()..], close)? + close.len(),
            None => 1,
        };
    }
}

#[cfg(test)]
mod tests;
