//! What a connector says of a message: documents and findings as they come, within what one message may yield.

use std::fmt::Display;

use portgate_canonical::{CanonicalDocument, Reference, Text};

use crate::document::Document;
use crate::finding::{Finding, Rejection, Severity};
use crate::part::{Part, PartVerdict, Reply};

/// Findings that are kept, besides the first that refuses each part; more help nobody, and each costs room that the policy
/// bounds.
const FINDINGS_MAX: usize = 100;

/// What a document, a reference and a part cost beside their text when they cross the boundary.
const DOCUMENT_BYTES: usize = 128;
const REFERENCE_BYTES: usize = 64;
const PART_BYTES: usize = 64;

/// What one message may yield: the terms of its contract, `yields` in `plugin.toml`. The gateway is checked to have room
/// for it, so a plugin that keeps within it is never cut off for what a partner's batch holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Yields {
    /// Documents.
    pub documents_max: usize,
    /// Bytes of all of them.
    pub output_bytes_max: usize,
}

impl Default for Yields {
    /// What a contract's terms are where `plugin.toml` says nothing: 5,000 documents and 6 MiB.
    fn default() -> Self {
        Yields { documents_max: 5_000, output_bytes_max: 6 << 20 }
    }
}

/// What a message says, in canonical words: collect documents and findings as they come, then [`finish`](Self::finish).
///
/// A message of several parts, such as the sets of an interchange, is taken part by part: say where each begins
/// ([`part`](Self::part)), and what is found and made from there on is the part's. An error refuses its part alone, and the
/// others go on; if every part is refused, the message is.
///
/// ```
/// use portgate_sdk::{Decoded, Finding, PartVerdict};
///
/// let mut decoded = Decoded::new();
/// for (number, day) in [("0001", "20260301"), ("0002", "20260231")] {
///     decoded.part(format!("set {number}"), number);
///     if day == "20260231" {
///         decoded.finding(Finding::error("TIME", "B4-04", "There is no such day."));
///     }
/// }
/// let decoded = decoded.finish()?;
/// assert_eq!(decoded.parts.iter().map(|part| part.verdict).collect::<Vec<_>>(), [PartVerdict::Accepted, PartVerdict::Refused]);
/// # Ok::<(), portgate_sdk::Rejection>(())
/// ```
///
/// It is bounded, so that no message, however large, makes a plugin exceed its policy. One that yields more than
/// [`Yields`] is refused with a finding that says how much the most is. Of many findings the first are kept and the others
/// counted, which a last finding says; an error always rejects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    /// The documents, in the order they are to take effect.
    pub documents: Vec<Document>,
    /// What was noticed of the message as a whole; none of severity error or blocking once finished.
    pub findings: Vec<Finding>,
    /// The parts so far, each with what was noticed of it; empty where a message is taken as a whole.
    pub parts: Vec<Part>,
    /// What the partner is told in its own format, such as a functional acknowledgement.
    pub reply: Option<Reply>,
    yields: Yields,
    open: Option<Open>,
    bytes: usize,
    overfull: Option<Term>,
    rejects: bool,
    findings_kept: usize,
    findings_omitted: usize,
}

/// What there was when the last of the parts began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Open {
    documents: usize,
    bytes: usize,
    refused: bool,
}

/// Which of its terms a message exceeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Term {
    Documents,
    OutputBytes,
}

impl Decoded {
    /// Nothing yet, within what a message may yield where `plugin.toml` does not say otherwise.
    pub fn new() -> Self {
        Decoded::default()
    }

    /// Nothing yet, within the `yields` that `plugin.toml` states for the contract.
    pub fn within(yields: Yields) -> Self {
        Decoded { yields, ..Decoded::default() }
    }

    /// Adds a document. Once there is one too many, none is added any more, and [`finish`](Self::finish) rejects.
    pub fn document<D: CanonicalDocument>(&mut self, document: &D) -> &mut Self {
        if self.overfull.is_none() {
            self.add(Document::of(document));
        }
        self
    }

    fn add(&mut self, document: Document) {
        let refs = document.refs.iter();
        let refs: usize = refs.map(|name| REFERENCE_BYTES + name.scheme.len() + name.value.len()).sum();
        self.bytes += DOCUMENT_BYTES + document.kind.len() + document.key.len() + document.body.len() + refs;
        if self.documents.len() >= self.yields.documents_max {
            self.overfull = Some(Term::Documents);
        }
        self.measure();
        if self.overfull.is_none() {
            self.documents.push(document);
        }
    }

    fn measure(&mut self) {
        if self.overfull.is_none() && self.bytes > self.yields.output_bytes_max {
            self.overfull = Some(Term::OutputBytes);
        }
    }

    /// Here begins a part, such as a set of an interchange, and the one before it ends: `location` is where, as findings write
    /// it, `reference` the partner's name for it, such as a control number. What is added from here on is of this part; an
    /// error refuses it with all its documents and leaves the others as they are.
    pub fn part(&mut self, location: impl Display, reference: impl Into<String>) -> &mut Self {
        self.end_part();
        let (location, reference) = (location.to_string(), reference.into());
        if self.overfull.is_none() {
            self.bytes += PART_BYTES + location.len() + reference.len();
            if self.parts.len() >= self.yields.documents_max {
                self.overfull = Some(Term::Documents);
            }
            self.measure();
        }
        self.open = Some(Open { documents: self.documents.len(), bytes: self.bytes, refused: false });
        let verdict = PartVerdict::Accepted;
        self.parts.push(Part { location, reference, verdict, documents: 0, findings: Vec::new() });
        self
    }

    /// The last part is over: what is added from here on is of the message as a whole.
    pub fn end_part(&mut self) -> &mut Self {
        let (Some(open), Some(part)) = (self.open.take(), self.parts.last_mut()) else { return self };
        if open.refused {
            part.verdict = PartVerdict::Refused;
            self.documents.truncate(open.documents);
            self.bytes = open.bytes;
        }
        part.documents = (self.documents.len() - open.documents) as u32;
        self
    }

    /// What was noticed of the part that is open, or of the message as a whole where none is.
    pub fn noticed(&self) -> &[Finding] {
        match (self.open, self.parts.last()) {
            (Some(_), Some(part)) => &part.findings,
            _ => &self.findings,
        }
    }

    /// Whether an error was noticed of the part that is open, so that it is refused.
    pub fn is_part_refused(&self) -> bool {
        self.open.is_some_and(|open| open.refused)
    }

    /// Whether the message yields too much and is refused, so that reading the rest of it is of no use.
    pub fn is_overfull(&self) -> bool {
        self.overfull.is_some()
    }

    /// Whether a finding rejects the message, or one of its parts, already.
    pub fn is_rejected(&self) -> bool {
        let refused = self.parts.iter().any(|part| part.verdict == PartVerdict::Refused);
        self.rejects || refused || self.is_part_refused() || self.is_overfull()
    }

    /// Notes a finding. One of severity error or blocking makes [`finish`](Self::finish) reject the message, or the part that
    /// is open, so that a partner learns of every mistake at once and not of one a try.
    pub fn finding(&mut self, finding: impl Into<Finding>) -> &mut Self {
        let finding = finding.into();
        if self.has_room(finding.severity) {
            self.keep(finding);
        }
        self
    }

    fn keep(&mut self, finding: Finding) {
        match (self.open, self.parts.last_mut()) {
            (Some(_), Some(part)) => {
                self.bytes += finding.code.len() + finding.location.len() + finding.detail.len();
                part.findings.push(finding);
                self.measure();
            }
            _ => self.findings.push(finding),
        }
    }

    /// Notes a finding whose place costs something to find: `at` is put into words only where the finding is kept.
    pub fn note(&mut self, severity: Severity, code: &str, at: impl Display, detail: impl Into<String>) -> &mut Self {
        if self.has_room(severity) {
            self.keep(Finding::new(severity, code, at, detail));
        }
        self
    }

    /// Whether a finding is kept; one that is not is counted.
    fn has_room(&mut self, severity: Severity) -> bool {
        let rejects = match &mut self.open {
            Some(open) => &mut open.refused,
            None => &mut self.rejects,
        };
        let first_that_rejects = severity.rejects() && !*rejects;
        *rejects |= severity.rejects();
        // One place is for the finding that counts the others, and one for the first that rejects the message.
        let room = FINDINGS_MAX - 1 - usize::from(!self.rejects);
        let kept = self.findings_kept < room || first_that_rejects;
        self.findings_kept += usize::from(kept);
        self.findings_omitted += usize::from(!kept);
        kept
    }

    /// Free text, such as a name or a description: where it is longer than its field it is cut, and a warning `TEXT-CUT`
    /// at its place says so. `what` is what it is called, such as `description`. None where there is nothing but white
    /// space.
    pub fn free_text<const MAX: usize>(&mut self, at: impl Display, what: &str, text: &str) -> Option<Text<MAX>> {
        let cut = Text::cut(text)?;
        if let Some(lost) = cut.lost {
            self.finding(Finding::cut(at, what, lost));
        }
        Some(cut.text)
    }

    /// What identifies something, such as a number, a code or a key. It is never cut, for then it would name something
    /// else: where it is longer than its field, an error `TOO-LONG` at its place refuses the message. None also where there
    /// is nothing but white space.
    pub fn identifier<const MAX: usize>(&mut self, at: impl Display, what: &str, text: &str) -> Option<Text<MAX>> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let identifier = Text::new(text);
        if identifier.is_err() {
            self.finding(Finding::too_long(at, what, text.chars().count(), MAX));
        }
        identifier.ok()
    }

    /// A reference, under the rule for [identifiers](Self::identifier). A container number gets its one form.
    pub fn reference(&mut self, at: impl Display, scheme: &str, value: &str) -> Option<Reference> {
        let at = at.to_string();
        let value: Text<128> = self.identifier(&at, "reference", value)?;
        let scheme: Text<64> = self.identifier(&at, "kind of the reference", scheme)?;
        Reference::new(&scheme, &value).ok()
    }

    /// The end of a `decode`: the documents, unless a finding forbids them, every part is refused, or they are too many.
    ///
    /// # Errors
    ///
    /// All findings, when one of the message as a whole is of severity error or blocking, or one of each part.
    pub fn finish(mut self) -> Result<Decoded, Rejection> {
        self.end_part();
        if self.overfull.is_some() {
            // Nothing is taken, and saying so of each part would be too much as well.
            self.parts.clear();
        }
        let Yields { documents_max, output_bytes_max } = self.yields;
        let most = match self.overfull {
            Some(Term::Documents) => Some(("TOO-MANY-DOCUMENTS", format!("{documents_max} documents"))),
            Some(Term::OutputBytes) => Some(("TOO-MUCH-OUTPUT", format!("{output_bytes_max} bytes of documents"))),
            None => None,
        };
        if let Some((code, most)) = most {
            let detail = format!("The message yields more than {most}, the most for one; send it in several messages.");
            self.finding(Finding::error(code, "", detail));
        }
        if self.findings_omitted > 0 {
            let detail = format!("{} more findings are left out; mend these first.", self.findings_omitted);
            self.findings.push(Finding::info("MORE-FINDINGS", "", detail));
        }
        let refused = |part: &Part| part.verdict == PartVerdict::Refused;
        let nothing_left = !self.parts.is_empty() && self.parts.iter().all(refused);
        match self.rejects || nothing_left {
            true => Err(Rejection { findings: self.findings, parts: self.parts, reply: self.reply }),
            false => Ok(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use portgate_canonical::SCHEMA_TEXTS;
    use serde::Serialize;

    use super::*;

    #[derive(Serialize)]
    struct Parcel {
        id: String,
    }

    impl CanonicalDocument for Parcel {
        const KIND: &'static str = SCHEMA_TEXTS[0].0;

        fn key(&self) -> String {
            self.id.clone()
        }

        fn references(&self) -> &[Reference] {
            &[]
        }
    }

    fn parcels(yields: Yields, count: usize) -> Result<Decoded, Rejection> {
        let mut decoded = Decoded::within(yields);
        for number in 0..count {
            decoded.document(&Parcel { id: number.to_string() });
        }
        assert_eq!(decoded.is_overfull(), decoded.clone().finish().is_err());
        decoded.finish()
    }

    #[test]
    fn a_warning_lets_the_documents_through_and_an_error_does_not() {
        let mut decoded = Decoded::new();
        decoded.finding(Finding::warning("W", "", "Odd."));
        assert_eq!(decoded.clone().finish().unwrap().findings.len(), 1);
        decoded.finding(Finding::error("E", "", "Wrong."));
        assert_eq!(decoded.finish().unwrap_err().findings.len(), 2);
    }

    #[test]
    fn a_message_that_yields_more_than_its_contract_says_is_refused_with_the_most() {
        let terms = Yields { documents_max: 3, output_bytes_max: 1_000 };
        assert_eq!(parcels(terms, 3).expect("just enough").documents.len(), 3);
        let refused = parcels(terms, 4).expect_err("one too many");
        assert_eq!(refused.findings[0].code, "TOO-MANY-DOCUMENTS");
        assert!(refused.findings[0].detail.contains("more than 3 documents"), "{refused}");
        let terms = Yields { documents_max: 1_000, output_bytes_max: 1_000 };
        let refused = parcels(terms, 1_000).expect_err("too many bytes");
        assert_eq!(refused.findings[0].code, "TOO-MUCH-OUTPUT");
    }

    #[test]
    fn of_many_findings_the_first_are_kept_and_the_others_are_counted() {
        for (warnings, errors) in
            [(99, 0), (100, 0), (10_000, 0), (10_000, 1), (10_000, 300), (0, 100), (0, 101), (99, 1)]
        {
            let mut decoded = Decoded::new();
            for _ in 0..warnings {
                decoded.finding(Finding::warning("W", "", "Odd."));
            }
            for _ in 0..errors {
                decoded.finding(Finding::error("E", "", "Wrong."));
            }
            let finished = decoded.finish();
            assert_eq!(finished.is_err(), errors > 0, "{warnings} and {errors}");
            let findings = finished.map_or_else(|rejection| rejection.findings, |decoded| decoded.findings);
            assert!(findings.len() <= FINDINGS_MAX, "{warnings} and {errors}: {}", findings.len());
            assert!(errors == 0 || findings.iter().any(|finding| finding.code == "E"), "the error is among them");
            let more = findings.last().filter(|last| last.code == "MORE-FINDINGS");
            let counted = more.and_then(|more| more.detail.split(' ').next()?.parse::<usize>().ok());
            let kept = findings.len() - usize::from(more.is_some());
            assert_eq!(kept + counted.unwrap_or_default(), warnings + errors, "every finding is kept or counted");
        }
    }

    /// A parcel in each part, with an error in those that are named.
    fn parts(count: usize, broken: &[usize]) -> Decoded {
        let mut decoded = Decoded::new();
        for number in 0..count {
            decoded.part(format!("set {number}"), number.to_string());
            decoded.document(&Parcel { id: number.to_string() });
            if broken.contains(&number) {
                decoded.finding(Finding::error("E", format!("segment {number}"), "Wrong."));
            }
        }
        decoded
    }

    #[test]
    fn an_error_refuses_its_part_with_its_documents_and_the_others_go_on() {
        let mut decoded = parts(4, &[0, 2]);
        decoded.end_part().finding(Finding::warning("COUNT", "", "Miscounted.")).document(&Parcel { id: "all".into() });
        let decoded = decoded.finish().expect("two parts are fine");
        let keys: Vec<&str> = decoded.documents.iter().map(|document| document.key.as_str()).collect();
        assert_eq!(keys, ["1", "3", "all"]);
        let verdicts: Vec<_> =
            decoded.parts.iter().map(|part| (part.verdict, part.documents, part.findings.len())).collect();
        let (taken, refused) = ((PartVerdict::Accepted, 1, 0), (PartVerdict::Refused, 0, 1));
        assert_eq!(verdicts, [refused, taken, refused, taken]);
        assert_eq!(decoded.findings.len(), 1);
    }

    #[test]
    fn a_message_of_which_every_part_is_refused_is_rejected_with_what_is_wrong_with_each() {
        let rejection = parts(2, &[0, 1]).finish().unwrap_err();
        assert_eq!(rejection.to_string(), "error E at segment 0: Wrong.; error E at segment 1: Wrong.");
        let mut decoded = parts(2, &[1]);
        decoded.end_part().finding(Finding::error("E", "", "Wrong as a whole."));
        let rejection = decoded.finish().unwrap_err();
        assert_eq!((rejection.findings.len(), rejection.parts.len()), (1, 2));
    }

    #[test]
    fn each_refused_part_says_why_however_many_there_are_and_more_than_may_be_said_is_refused() {
        let all: Vec<usize> = (0..500).collect();
        let rejection = parts(500, &all).finish().unwrap_err();
        assert!(rejection.parts.iter().all(|part| part.findings.len() == 1));
        let mut decoded = Decoded::within(Yields { documents_max: 10, output_bytes_max: 1_000 });
        for number in 0..500 {
            decoded.part(number, "").finding(Finding::error("E", "", "Wrong."));
        }
        assert!(decoded.is_overfull());
        let rejection = decoded.finish().unwrap_err();
        assert!(rejection.parts.is_empty());
        assert!(rejection.findings.iter().any(|finding| finding.code.starts_with("TOO-M")), "{rejection}");
    }

    #[test]
    fn free_text_is_cut_with_a_warning_and_what_identifies_is_refused() {
        let mut decoded = Decoded::new();
        assert_eq!(decoded.free_text::<4>("/name", "name", " abcd ").as_deref(), Some("abcd"));
        assert_eq!(decoded.free_text::<4>("/name", "name", "  "), None);
        assert_eq!(decoded.identifier::<4>("/id", "id", " äöüß ").as_deref(), Some("äöüß"));
        assert_eq!(decoded.identifier::<4>("/id", "id", " "), None);
        assert!(decoded.findings.is_empty(), "nothing is lost so far");
        assert_eq!(decoded.free_text::<4>("/name", "name", "abcdef").as_deref(), Some("abcd"));
        assert_eq!(
            decoded.findings[0].to_string(),
            "warning TEXT-CUT at /name: The name has 6 characters and is cut to 4."
        );
        assert!(!decoded.is_rejected());
        assert_eq!(decoded.identifier::<4>("/id", "id", "äöüßa"), None);
        assert_eq!(
            decoded.findings[1].to_string(),
            "error TOO-LONG at /id: The id has 5 characters, and 4 are the most; it says which is meant, so it is not cut."
        );
        assert!(decoded.is_rejected() && decoded.clone().finish().is_err());
        assert!(decoded.reference("/ref", "order", &"x".repeat(129)).is_none());
        assert!(decoded.reference("/ref", &"x".repeat(65), "1").is_none());
        assert!(decoded.reference("/ref", "order", &"x".repeat(128)).is_some());
        assert_eq!(decoded.findings.len(), 4);
    }
}
