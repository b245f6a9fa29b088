//! The documents and findings of one message as they come, and the small reads that can fail with a finding.
//!
//! What identifies something is never cut: where it is too long, or there is more of it than a document has room for, the message is
//! refused. Anything else that cannot be read is left out with a warning.

use std::fmt::Display;

use portgate_sdk::canonical::{
    CanonicalDocument, Code, Country, Currency, Date, Decimal, Reference, Text, Timestamp, UnLocode,
};
use portgate_sdk::{Decoded, Finding, Pointer, Rejection};
use serde_json::Number;

/// The most references that a document has.
const REFERENCES_MAX: usize = 64;

/// Collects what a message says.
#[derive(Default)]
pub(crate) struct Notes {
    decoded: Decoded,
}

impl Notes {
    /// Adds a document.
    pub(crate) fn document(&mut self, document: &impl CanonicalDocument) {
        self.decoded.document(document);
    }

    /// Worth knowing.
    pub(crate) fn info(&mut self, code: &str, at: impl Display, detail: impl Into<String>) {
        self.decoded.finding(Finding::info(code, at, detail));
    }

    /// Probably wrong; the message is taken all the same.
    pub(crate) fn warning(&mut self, code: &str, at: impl Display, detail: impl Into<String>) {
        self.decoded.finding(Finding::warning(code, at, detail));
    }

    /// Wrong; the message is not taken.
    pub(crate) fn error(&mut self, code: &str, at: impl Display, detail: impl Into<String>) {
        self.decoded.finding(Finding::error(code, at, detail));
    }

    /// Something without which nothing can be made of the message.
    pub(crate) fn missing(&mut self, at: &Pointer, field: &str) {
        self.error(
            "MISSING",
            at.key(field),
            format!("`{field}` is missing or empty; a message of this contract has it."),
        );
    }

    /// What identifies something.
    pub(crate) fn id<const MAX: usize>(&mut self, at: &Pointer, field: &str, text: Option<&str>) -> Option<Text<MAX>> {
        self.decoded.identifier(at.key(field), &format!("`{field}`"), text?)
    }

    /// What identifies something, and must be there.
    pub(crate) fn needed<const MAX: usize>(
        &mut self,
        at: &Pointer,
        field: &str,
        text: Option<&str>,
    ) -> Option<Text<MAX>> {
        let said = text.is_some_and(|text| !text.trim().is_empty());
        if !said {
            self.missing(at, field);
        }
        self.id(at, field, text)
    }

    /// Words, which may be cut; a warning says so.
    pub(crate) fn words<const MAX: usize>(
        &mut self,
        at: &Pointer,
        field: &str,
        text: Option<&str>,
    ) -> Option<Text<MAX>> {
        self.decoded.free_text(at.key(field), &format!("`{field}`"), text?)
    }

    /// Lines of words.
    pub(crate) fn lines<const MAX: usize>(
        &mut self,
        at: &Pointer,
        field: &str,
        lines: Option<Vec<String>>,
        most: usize,
    ) -> Vec<Text<MAX>> {
        let list = at.key(field);
        let lines = lines.unwrap_or_default();
        self.few(&list, lines.len(), most);
        let texts = lines.iter().enumerate().take(most);
        texts.filter_map(|(index, line)| self.decoded.free_text(list.index(index), "line", line)).collect()
    }

    /// Each of a list that identifies something.
    pub(crate) fn ids<const MAX: usize>(
        &mut self,
        at: &Pointer,
        field: &str,
        texts: Option<Vec<String>>,
        most: usize,
    ) -> Vec<Text<MAX>> {
        let list = at.key(field);
        let texts = texts.unwrap_or_default();
        self.few(&list, texts.len(), most);
        let texts = texts.iter().enumerate().take(most);
        texts.filter_map(|(index, text)| self.decoded.identifier(list.index(index), "value", text)).collect()
    }

    /// An error where there are more of something than a document has room for.
    pub(crate) fn few(&mut self, at: &Pointer, found: usize, most: usize) {
        if found > most {
            self.error("TOO-MANY", at, format!("There are {found} of them, and a document has room for {most}."));
        }
    }

    /// A code of a list.
    pub(crate) fn code(&mut self, at: &Pointer, field: &str, list: &str, code: Option<&str>) -> Option<Code> {
        let code = self.id(at, field, code)?;
        Some(Code { code, code_list: Text::new(list).ok()?, source_code: None })
    }

    /// A value under the name that it has there, for which there is no field.
    pub(crate) fn kept(&mut self, at: &Pointer, field: &str, value: Option<impl Display>) -> Option<Code> {
        self.code(at, field, field, value.map(|value| value.to_string()).as_deref())
    }

    /// A reference.
    pub(crate) fn reference(&mut self, at: impl Display, scheme: &str, value: &str) -> Option<Reference> {
        self.decoded.reference(at, scheme, value)
    }

    /// A day.
    pub(crate) fn day(&mut self, at: &Pointer, field: &str, text: Option<&str>) -> Option<Date> {
        let text = text.map(str::trim).filter(|text| !text.is_empty())?;
        // Some write the day with its midnight.
        let day = text.get(..10).filter(|_| text.get(10..11).is_none_or(|next| next == "T")).unwrap_or(text);
        self.read(at, field, "a day such as 2026-03-01", Date::new(day).ok())
    }

    /// A moment.
    pub(crate) fn time(&mut self, at: &Pointer, field: &str, text: Option<&str>) -> Option<Timestamp> {
        let text = text.map(str::trim).filter(|text| !text.is_empty())?;
        self.read(at, field, "a time such as 2026-03-01T08:15:00Z", Timestamp::new(text).ok())
    }

    /// A country.
    pub(crate) fn country(&mut self, at: &Pointer, field: &str, text: Option<&str>) -> Option<Country> {
        let text = text.map(str::trim).filter(|text| !text.is_empty())?;
        self.read(at, field, "two capital letters of a country", Country::new(text).ok())
    }

    /// A UN/LOCODE.
    pub(crate) fn un_locode(&mut self, at: &Pointer, field: &str, text: Option<&str>) -> Option<UnLocode> {
        let text = text.map(str::trim).filter(|text| !text.is_empty())?;
        self.read(at, field, "a UN/LOCODE such as GBFXT", UnLocode::new(text).ok())
    }

    /// A currency.
    pub(crate) fn currency(&mut self, at: &Pointer, field: &str, text: Option<&str>) -> Option<Currency> {
        let text = text.map(str::trim).filter(|text| !text.is_empty())?;
        self.read(at, field, "a currency such as GBP", Currency::new(text).ok())
    }

    /// A number, exact.
    pub(crate) fn number(&mut self, at: &Pointer, field: &str, number: Option<&Number>) -> Option<Decimal> {
        let number = number?;
        self.read(
            at,
            field,
            "a number of at most 18 digits and 10 behind the point",
            Decimal::from_json_number(number).ok(),
        )
    }

    /// A whole number from nought.
    pub(crate) fn count(&mut self, at: &Pointer, field: &str, number: Option<&Number>) -> Option<u32> {
        let number = self.number(at, field, number)?;
        self.read(at, field, "a whole number", number.normalised().to_string().parse().ok())
    }

    /// What was read of a value; a warning where nothing was.
    fn read<T>(&mut self, at: &Pointer, field: &str, expected: &str, read: Option<T>) -> Option<T> {
        if read.is_none() {
            self.warning("INVALID", at.key(field), format!("Expected {expected}; the value is left out."));
        }
        read
    }

    /// References without repetitions, as many as a document has room for.
    pub(crate) fn joined(&mut self, references: Vec<Reference>) -> Vec<Reference> {
        let mut joined: Vec<Reference> = Vec::new();
        for reference in references {
            if !joined.contains(&reference) {
                joined.push(reference);
            }
        }
        if joined.len() > REFERENCES_MAX {
            let detail = format!(
                "The document is tied to {} names and found by the first {REFERENCES_MAX}; all of them are in it.",
                joined.len()
            );
            self.info("MORE-REFERENCES", "", detail);
            joined.truncate(REFERENCES_MAX);
        }
        joined
    }

    /// The end of a `decode`.
    pub(crate) fn finish(self) -> Result<Decoded, Rejection> {
        self.decoded.finish()
    }
}
