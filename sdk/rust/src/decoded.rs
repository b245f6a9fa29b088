//! What a connector says of a message: documents and findings as they come, within what one message may yield.

use std::fmt::Display;

use portgate_canonical::{CanonicalDocument, Reference, Text};

use crate::document::Document;
use crate::finding::{Finding, Rejection, Severity};

/// Findings that are kept; more help nobody, and each costs room that the policy bounds.
const FINDINGS_MAX: usize = 100;

/// What a document and a reference cost beside their text when they cross the boundary.
const DOCUMENT_BYTES: usize = 128;
const REFERENCE_BYTES: usize = 64;

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
/// It is bounded, so that no message, however large, makes a plugin exceed its policy. One that yields more than
/// [`Yields`] is refused with a finding that says how much the most is. Of many findings the first are kept and the others
/// counted, which a last finding says; an error always rejects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    /// The documents, in the order they are to take effect.
    pub documents: Vec<Document>,
    /// What was noticed on the way; none of severity error or blocking once finished.
    pub findings: Vec<Finding>,
    yields: Yields,
    bytes: usize,
    overfull: Option<Term>,
    rejects: bool,
    findings_omitted: usize,
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
        } else if self.bytes > self.yields.output_bytes_max {
            self.overfull = Some(Term::OutputBytes);
        } else {
            self.documents.push(document);
        }
    }

    /// Whether the message yields too much and is refused, so that reading the rest of it is of no use.
    pub fn is_overfull(&self) -> bool {
        self.overfull.is_some()
    }

    /// Whether a finding rejects the message already.
    pub fn is_rejected(&self) -> bool {
        self.rejects || self.is_overfull()
    }

    /// Notes a finding. One of severity error or blocking makes [`finish`](Self::finish) reject the message, so that a
    /// partner learns of every mistake at once and not of one a try.
    pub fn finding(&mut self, finding: impl Into<Finding>) -> &mut Self {
        let finding = finding.into();
        if self.has_room(finding.severity) {
            self.findings.push(finding);
        }
        self
    }

    /// Notes a finding whose place costs something to find: `at` is put into words only where the finding is kept.
    pub fn note(&mut self, severity: Severity, code: &str, at: impl Display, detail: impl Into<String>) -> &mut Self {
        if self.has_room(severity) {
            self.findings.push(Finding::new(severity, code, at, detail));
        }
        self
    }

    /// Whether a finding is kept; one that is not is counted.
    fn has_room(&mut self, severity: Severity) -> bool {
        let first_that_rejects = severity.rejects() && !self.rejects;
        self.rejects |= severity.rejects();
        // One place is for the finding that counts the others, and one for the first that rejects.
        let room = FINDINGS_MAX - 1 - usize::from(!self.rejects);
        let kept = self.findings.len() < room || first_that_rejects;
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

    /// The end of a `decode`: the documents, unless a finding forbids them or they are too many.
    ///
    /// # Errors
    ///
    /// All findings, when one of them is of severity error or blocking.
    pub fn finish(mut self) -> Result<Decoded, Rejection> {
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
        match self.rejects {
            true => Err(Rejection { findings: self.findings }),
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
