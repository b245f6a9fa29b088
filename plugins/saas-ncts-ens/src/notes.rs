//! The documents and findings of one message as they come, and the small reads that can fail with a finding.
//!
//! What identifies something is never cut: where it is too long the message is refused, and so it is where something is missing that
//! nothing can be made of a message without. Anything else that cannot be read is left out with a warning: customs has taken, or will
//! judge, the declaration, and its other parts are good.

use std::fmt;

use portgate_sdk::canonical::{CanonicalDocument, Country, Date, Decimal, Reference, Text, Timestamp};
use portgate_sdk::xml::Element;
use portgate_sdk::{Anomaly, Decoded, Pointer, Rejection, Severity};

/// The most references that a document has.
const REFERENCES_MAX: usize = 64;

/// How much of a value a finding repeats.
const SHOWN: usize = 32;

/// Collects what a message says.
#[derive(Default)]
pub(crate) struct Notes {
    decoded: Decoded,
}

/// The place of an element. Finding its line costs a pass over the text, so it is put into words only where it is needed.
struct At<'d>(Element<'d>);

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.location())
    }
}

impl Notes {
    /// Here begins one of several messages; an error refuses it alone.
    pub(crate) fn part(&mut self, message: Element<'_>, name: &str) {
        self.decoded.part(At(message), name);
    }

    /// Something that is not about an element.
    pub(crate) fn told(&mut self, severity: Severity, code: &str, at: &Pointer, detail: impl Into<String>) {
        self.decoded.note(severity, code, at, detail);
    }

    /// A name that something has in a scheme, which is not said by an element.
    pub(crate) fn named(&mut self, at: &Pointer, scheme: &str, name: &str) -> Option<Reference> {
        self.decoded.reference(at, scheme, name)
    }

    /// Adds a document.
    pub(crate) fn document(&mut self, document: &impl CanonicalDocument) {
        self.decoded.document(document);
    }

    /// What the reader read past.
    pub(crate) fn anomaly(&mut self, anomaly: Anomaly) {
        self.decoded.finding(anomaly);
    }

    /// Worth knowing.
    pub(crate) fn info(&mut self, code: &str, at: Element<'_>, detail: impl Into<String>) {
        self.decoded.note(Severity::Info, code, At(at), detail);
    }

    /// Probably wrong; the message is taken all the same.
    pub(crate) fn warning(&mut self, code: &str, at: Element<'_>, detail: impl Into<String>) {
        self.decoded.note(Severity::Warning, code, At(at), detail);
    }

    /// Wrong; the message is not taken.
    pub(crate) fn error(&mut self, code: &str, at: Element<'_>, detail: impl Into<String>) {
        self.decoded.note(Severity::Error, code, At(at), detail);
    }

    /// An element that must be there.
    pub(crate) fn required<'d>(&mut self, parent: Element<'d>, path: &str) -> Option<Element<'d>> {
        let found = parent.path(path);
        if found.is_none() {
            self.error("MISSING", parent, format!("`{path}` is missing; a message of this type has it."));
        }
        found
    }

    /// The text of an element that must be there and not be empty.
    pub(crate) fn required_text<const MAX: usize>(&mut self, parent: Element<'_>, path: &str) -> Option<Text<MAX>> {
        let element = self.required(parent, path)?;
        if element.text().is_none() {
            self.error("MISSING", element, format!("`{path}` is empty; a message of this type fills it."));
        }
        self.identifier(element)
    }

    /// The text at a path, if any. One that is too long is an error, for identifiers must not be cut.
    pub(crate) fn text<const MAX: usize>(&mut self, parent: Element<'_>, path: &str) -> Option<Text<MAX>> {
        self.identifier(parent.path(path)?)
    }

    fn identifier<const MAX: usize>(&mut self, element: Element<'_>) -> Option<Text<MAX>> {
        self.decoded.identifier(At(element), &format!("`{}`", element.name()), &element.text()?)
    }

    /// Free text at a path, which may be cut; a warning says so.
    pub(crate) fn words<const MAX: usize>(&mut self, parent: Element<'_>, path: &str) -> Option<Text<MAX>> {
        let element = parent.path(path)?;
        self.decoded.free_text(At(element), &format!("`{}`", element.name()), &element.text()?)
    }

    /// What a function makes of the text at a path; a warning where it makes nothing of it.
    pub(crate) fn read<T>(
        &mut self,
        parent: Element<'_>,
        path: &str,
        expected: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let element = parent.path(path)?;
        let text = element.text()?;
        let found = read(&text);
        if found.is_none() {
            let shown: String = text.chars().take(SHOWN).collect();
            self.warning("INVALID", element, format!("Expected {expected}, found `{shown}`; it is left out."));
        }
        found
    }

    /// A country.
    pub(crate) fn country(&mut self, parent: Element<'_>, path: &str) -> Option<Country> {
        self.read(parent, path, "two capital letters of a country", |text| Country::new(text).ok())
    }

    /// A decimal number.
    pub(crate) fn decimal(&mut self, parent: Element<'_>, path: &str) -> Option<Decimal> {
        self.read(parent, path, "a decimal number", |text| Decimal::from_partner(text).ok())
    }

    /// A number that counts.
    pub(crate) fn number(&mut self, parent: Element<'_>, path: &str) -> Option<u32> {
        self.read(parent, path, "a whole number", |text| text.parse().ok())
    }

    /// A number that something is known by, which nothing can be tied to without.
    pub(crate) fn required_number(&mut self, parent: Element<'_>, path: &str) -> Option<u32> {
        let element = self.required(parent, path)?;
        let number = element.text().and_then(|text| text.parse().ok());
        if number.is_none() {
            self.error("INVALID", element, format!("`{path}` is no whole number."));
        }
        number
    }

    /// `0` or `1`.
    pub(crate) fn flag(&mut self, parent: Element<'_>, path: &str) -> Option<bool> {
        self.read(parent, path, "0 or 1", |text| match text {
            "0" | "false" => Some(false),
            "1" | "true" => Some(true),
            _ => None,
        })
    }

    /// A day; the zone that XML Schema allows behind it says nothing more of a day.
    pub(crate) fn date(&mut self, parent: Element<'_>, path: &str) -> Option<Date> {
        self.read(parent, path, "a day such as 2026-03-01", |text| Date::new(text.get(..10)?).ok())
    }

    /// A time, local where it has no offset.
    pub(crate) fn time(&mut self, parent: Element<'_>, path: &str) -> Option<Timestamp> {
        self.read(parent, path, "a time such as 2026-03-01T08:15:00", |text| Timestamp::new(text).ok())
    }

    /// The end: documents and findings, or the rejection.
    pub(crate) fn finish(self) -> Result<Decoded, Rejection> {
        self.decoded.finish()
    }
}

/// The references of a document, each once and no more than it has room for.
pub(crate) fn references<'r>(named: impl IntoIterator<Item = (&'static str, Option<&'r str>)>) -> Vec<Reference> {
    let mut references: Vec<Reference> = Vec::new();
    for (scheme, value) in named {
        let Some(reference) = value.and_then(|value| Reference::new(scheme, value).ok()) else { continue };
        if references.len() < REFERENCES_MAX && !references.contains(&reference) {
            references.push(reference);
        }
    }
    references
}

/// A text that stands in this crate.
pub(crate) fn constant<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::new(text).expect("a constant of this crate is neither empty nor long")
}
