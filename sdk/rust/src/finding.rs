//! Findings and rejections: how a plugin says what is wrong with a message, and where.
//!
//! A finding is a product that a person reads: a stable code, a place, and one sentence on what to do. Whatever stops a
//! plugin, be it the partner's mistake or its own reader's, becomes a finding, so `?` works on every reader's error.

use std::fmt;

use portgate_acknowledgements::{ElementMistake, SegmentMistake};
use portgate_canonical::{Invalid, Lost};
use portgate_readers::Anomaly;
use portgate_readers::edifact::EdiError;
use portgate_readers::time::Remark;
use portgate_readers::xml::XmlError;
use portgate_writers::{Fault, WriteError};

use crate::part::{Part, Reply};

/// How much a finding matters, from least to most. The set is closed: it never grows within version 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Probably wrong, taken all the same.
    Warning,
    /// Wrong: the message or document is not taken.
    Error,
    /// Nothing may go on until a person has decided.
    Blocking,
}

impl Severity {
    /// Whether a message with a finding of this severity must be rejected.
    pub fn rejects(self) -> bool {
        self >= Severity::Error
    }

    /// The word for it: `info`, `warning`, `error` or `blocking`.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
            Severity::Blocking => "blocking",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing that is wrong, or worth knowing, with the place where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// A stable code: the partner's own where there is one.
    pub code: String,
    /// How much it matters.
    pub severity: Severity,
    /// Where: a JSON Pointer (RFC 6901, see [`Pointer`](crate::Pointer)), `line:column /path` for XML, `segment N TAG`
    /// for EDI, with `, element E` and `, component C` behind it where one is meant; empty for the whole message.
    pub location: String,
    /// One sentence that a person can act on.
    pub detail: String,
    /// What an acknowledgement of EDI says of it, where its code does not say that by itself.
    pub(crate) mistake: Option<Mistake>,
}

/// What is wrong with a message of EDI, as its acknowledgement says it; see [`Finding::because`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// The element at the finding's place is wrong in this way.
    Element(ElementMistake),
    /// The segment at the finding's place is wrong in this way.
    Segment(SegmentMistake),
    /// A segment of this tag is missing behind the one at the finding's place.
    MissingSegment(&'static str),
    /// Messages of this type are not taken.
    Unsupported,
}

impl From<ElementMistake> for Mistake {
    fn from(mistake: ElementMistake) -> Self {
        Mistake::Element(mistake)
    }
}

impl From<SegmentMistake> for Mistake {
    fn from(mistake: SegmentMistake) -> Self {
        Mistake::Segment(mistake)
    }
}

impl Finding {
    /// A finding of the given severity. `location` takes anything that says a place: a string, a
    /// [`Pointer`](crate::Pointer), a reader's position.
    pub fn new(
        severity: Severity,
        code: impl Into<String>,
        location: impl fmt::Display,
        detail: impl Into<String>,
    ) -> Self {
        Finding { code: code.into(), severity, location: location.to_string(), detail: detail.into(), mistake: None }
    }

    /// Worth knowing.
    pub fn info(code: impl Into<String>, location: impl fmt::Display, detail: impl Into<String>) -> Self {
        Finding::new(Severity::Info, code, location, detail)
    }

    /// Probably wrong; the message is taken all the same.
    pub fn warning(code: impl Into<String>, location: impl fmt::Display, detail: impl Into<String>) -> Self {
        Finding::new(Severity::Warning, code, location, detail)
    }

    /// Wrong; the message is not taken.
    pub fn error(code: impl Into<String>, location: impl fmt::Display, detail: impl Into<String>) -> Self {
        Finding::new(Severity::Error, code, location, detail)
    }

    /// Nothing may go on until a person has decided.
    pub fn blocking(code: impl Into<String>, location: impl fmt::Display, detail: impl Into<String>) -> Self {
        Finding::new(Severity::Blocking, code, location, detail)
    }

    /// The same, for an acknowledgement of EDI that says why a message is refused (`x12::reply`, `edifact::reply`). Where this is
    /// left out, the code says it: `MISSING`, `TOO-LONG` and `TIME` are what they are called, any other is a value that is not
    /// taken.
    #[must_use]
    pub fn because(self, mistake: impl Into<Mistake>) -> Self {
        Finding { mistake: Some(mistake.into()), ..self }
    }

    /// A value at `location` that the canonical type does not take, such as a date that is none. Code `INVALID`.
    pub fn invalid(location: impl fmt::Display, error: Invalid) -> Self {
        Finding::error("INVALID", location, format!("Expected {}.", error.expected))
    }

    /// Free text that was cut: a warning `TEXT-CUT` with both lengths. `what` is what the text is called.
    pub fn cut(location: impl fmt::Display, what: &str, lost: Lost) -> Self {
        let Lost { characters, kept } = lost;
        Finding::warning("TEXT-CUT", location, format!("The {what} has {characters} characters and is cut to {kept}."))
    }

    /// Something that identifies and is longer than what is taken: an error `TOO-LONG`.
    pub fn too_long(location: impl fmt::Display, what: &str, characters: usize, most: usize) -> Self {
        let detail = format!(
            "The {what} has {characters} characters, and {most} are the most; it says which is meant, so it is not cut."
        );
        Finding::error("TOO-LONG", location, detail)
    }
    /// What had to be assumed to read a time: a warning where the value may be wrong because of it.
    pub fn remark(location: impl fmt::Display, remark: &Remark) -> Self {
        let severity = if remark.severe { Severity::Warning } else { Severity::Info };
        Finding::new(severity, remark.code, location, format!("{}.", capital(&remark.detail)))
    }
}

/// A sentence with a capital letter at its start.
fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.severity, self.code)?;
        if !self.location.is_empty() {
            write!(f, " at {}", self.location)?;
        }
        write!(f, ": {}", self.detail)
    }
}

/// The text is not JSON, or not the JSON that the struct wants. Code `JSON`, located `line:column`.
impl From<serde_json::Error> for Finding {
    fn from(error: serde_json::Error) -> Self {
        let location = format!("{}:{}", error.line(), error.column());
        let text = error.to_string();
        let position = format!(" at line {} column {}", error.line(), error.column());
        let detail = match text.strip_suffix(position.as_str()).unwrap_or(&text) {
            // The parser's words for an escape of one surrogate (RFC 8259 §7) without the other.
            "lone leading surrogate in hex escape" | "unexpected end of hex escape" => HALF_A_CHARACTER,
            detail => detail,
        };
        Finding::error("JSON", if error.line() == 0 { "" } else { &location }, detail)
    }
}

const HALF_A_CHARACTER: &str = "A string holds half a character, such as half an emoji: one \\u escape of a pair without \
                                the other. Send both, or the character itself.";

/// The text is not XML that the reader takes. The reader's code, located `line:column`.
impl From<XmlError> for Finding {
    fn from(error: XmlError) -> Self {
        Finding::error(error.code, error.location(), error.detail)
    }
}

/// The text is not EDIFACT or X12. The reader's code, located by segment, line and column.
impl From<EdiError> for Finding {
    fn from(error: EdiError) -> Self {
        Finding::error(error.code, error.location(), error.detail)
    }
}

/// What a writer could not write: an error, located by segment, element and component of what was to be written.
impl From<Fault> for Finding {
    fn from(fault: Fault) -> Self {
        Finding::error(fault.code, fault.location, format!("{}.", capital(&fault.detail)))
    }
}

/// Everything that a writer could not write.
impl From<WriteError> for Rejection {
    fn from(error: WriteError) -> Self {
        Rejection::new(error.faults.into_iter().map(Finding::from).collect())
    }
}

/// What a reader read past, or a writer had to replace: a warning.
impl From<Anomaly> for Finding {
    fn from(anomaly: Anomaly) -> Self {
        Finding::warning(anomaly.code, anomaly.location, anomaly.detail)
    }
}

/// Why a plugin cannot take a message, or cannot make one: at least one finding of severity error or blocking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// What is wrong with the message as a whole; other findings may stand beside.
    pub findings: Vec<Finding>,
    /// The parts that it was read in, with what is wrong with each.
    pub parts: Vec<Part>,
    /// What the partner is told in its own format.
    pub reply: Option<Reply>,
}

impl Rejection {
    /// A rejection for several reasons at once.
    pub fn new(findings: Vec<Finding>) -> Self {
        Rejection { findings, parts: Vec::new(), reply: None }
    }

    /// All that was found: of the message as a whole, then of each part.
    pub fn all_findings(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().chain(self.parts.iter().flat_map(|part| &part.findings))
    }
}

/// Anything that is a finding is a rejection too: `Err(Finding::error(…))?` and `reader.read()?` both work where a
/// `Result<_, Rejection>` is returned.
impl<F: Into<Finding>> From<F> for Rejection {
    fn from(finding: F) -> Self {
        Rejection::new(vec![finding.into()])
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, finding) in self.all_findings().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            finding.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Rejection {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_json_error_names_its_line_and_column_once() {
        let error = serde_json::from_str::<Vec<u8>>("[1,\n \"two\"]").unwrap_err();
        let finding = Finding::from(error);
        assert_eq!(finding.code, "JSON");
        assert_eq!(finding.location, "2:6");
        assert_eq!(finding.detail, "invalid type: string \"two\", expected u8");
    }

    #[test]
    fn half_an_emoji_is_called_that() {
        for json in [r#"["a\ud83d"]"#, r#"["\ud83d x"]"#, r#"["\ude00"]"#, r#"["\ud83d\u0041"]"#] {
            let finding = Finding::from(serde_json::from_str::<Vec<String>>(json).unwrap_err());
            assert!(finding.detail.contains("half an emoji"), "{json}: {finding}");
            assert!(finding.location.starts_with("1:"), "{json}: {finding}");
        }
        assert!(serde_json::from_str::<Vec<String>>(r#"["\ud83d\ude00"]"#).is_ok());
    }

    #[test]
    fn a_finding_becomes_a_rejection_with_a_question_mark() {
        fn refuse() -> Result<(), Rejection> {
            Err(Finding::error("NO-DATE", "/date", "Give a date."))?
        }
        assert_eq!(refuse().unwrap_err().to_string(), "error NO-DATE at /date: Give a date.");
    }

    #[test]
    fn only_error_and_blocking_reject() {
        assert!(!Severity::Info.rejects() && !Severity::Warning.rejects());
        assert!(Severity::Error.rejects() && Severity::Blocking.rejects());
    }
}
