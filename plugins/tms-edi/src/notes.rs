//! What one message says as it is found: documents, findings, and values made canonical, each with a finding at its place where
//! something is wrong with it.

use std::fmt::Display;

use portgate_sdk::canonical::{CanonicalDocument, Code, Country, Currency, Decimal, Reference, Text, Timestamp};
use portgate_sdk::time::{Moment, Time, TimeError, timestamp};
use portgate_sdk::{Decoded, Finding, Message, Rejection};

/// Collects what a message says.
pub(crate) struct Notes<'m> {
    /// The message.
    pub(crate) message: &'m Message,
    decoded: Decoded,
}

impl<'m> Notes<'m> {
    /// Nothing yet.
    pub(crate) fn of(message: &'m Message) -> Self {
        Notes { message, decoded: Decoded::new() }
    }

    /// Here begins a part of the message, such as a set; an error refuses it alone.
    pub(crate) fn part(&mut self, at: impl Display, reference: impl Into<String>) {
        self.decoded.part(at, reference);
    }

    /// What comes now is of the message as a whole.
    pub(crate) fn end_part(&mut self) {
        self.decoded.end_part();
    }

    /// Whether the part that is open is refused already.
    pub(crate) fn is_part_refused(&self) -> bool {
        self.decoded.is_part_refused()
    }

    /// Whether there are more documents than one message may have, so that reading the rest of it is of no use.
    pub(crate) fn are_overfull(&self) -> bool {
        self.decoded.is_overfull()
    }

    /// Whether nothing came of the message, and nothing says why.
    pub(crate) fn are_empty(&self) -> bool {
        self.decoded.documents.is_empty() && !self.decoded.is_rejected()
    }

    /// Adds a document.
    pub(crate) fn document(&mut self, document: &impl CanonicalDocument) {
        self.decoded.document(document);
    }

    /// The end: documents and findings, or the rejection.
    pub(crate) fn finish(self) -> Result<Decoded, Rejection> {
        self.decoded.finish()
    }

    /// What the agreement with the partner says under this name.
    pub(crate) fn setting(&self, name: &str) -> Option<&'m str> {
        self.message.agreement.as_ref().and_then(|agreement| agreement.setting(name))
    }

    /// Worth knowing.
    pub(crate) fn info(&mut self, code: &str, at: impl Display, detail: impl Into<String>) {
        self.finding(Finding::info(code, at, detail));
    }

    /// Probably wrong; the message is taken all the same.
    pub(crate) fn warning(&mut self, code: &str, at: impl Display, detail: impl Into<String>) {
        self.finding(Finding::warning(code, at, detail));
    }

    /// Notes a finding. What is said already is not said again.
    pub(crate) fn finding(&mut self, finding: impl Into<Finding>) {
        let finding = finding.into();
        if !self.decoded.noticed().contains(&finding) {
            self.decoded.finding(finding);
        }
    }

    /// Free text, which may be cut; a warning says so.
    pub(crate) fn text<const MAX: usize>(
        &mut self,
        at: impl Display,
        what: &str,
        text: Option<impl AsRef<str>>,
    ) -> Option<Text<MAX>> {
        self.decoded.free_text(at, what, text?.as_ref())
    }

    /// What identifies something and is never cut: where it is too long, the part is refused.
    pub(crate) fn id<const MAX: usize>(
        &mut self,
        at: impl Display,
        what: &str,
        text: Option<impl AsRef<str>>,
    ) -> Option<Text<MAX>> {
        self.decoded.identifier(at, what, text?.as_ref())
    }

    /// A reference, under the same rule.
    pub(crate) fn reference(&mut self, at: impl Display, scheme: &str, value: &str) -> Option<Reference> {
        self.decoded.reference(at, scheme, value)
    }

    /// A code as the partner writes it, of this list.
    pub(crate) fn code(&mut self, at: impl Display, list: &str, code: Option<impl AsRef<str>>) -> Option<Code> {
        let code = self.id(at, "code", code)?;
        Some(Code { code, code_list: Text::new(list).ok()?, source_code: None })
    }

    /// The same, where it matters that the code has not been mapped to a word of ours.
    pub(crate) fn unknown(&mut self, at: impl Display, list: &str, code: &str, becomes: &str) {
        let code: String = code.chars().take(64).collect();
        let detail = format!("The code `{code}` of {list} is not known; {becomes}. Add it to the connector.");
        self.warning("UNKNOWN-CODE", at, detail);
    }

    /// A number; a warning says where there is none, and nothing is taken.
    pub(crate) fn number(&mut self, at: impl Display, what: &str, text: Option<impl AsRef<str>>) -> Option<Decimal> {
        let text = text?;
        let text = text.as_ref().trim();
        if text.is_empty() {
            return None;
        }
        let number = Decimal::from_partner(text);
        if number.is_err() {
            self.warning("NUMBER", at, format!("The {what} is no number, or has too many digits; it is left out."));
        }
        number.ok()
    }

    /// A whole number that counts something; of `12.0` the point says nothing.
    pub(crate) fn count(&mut self, at: impl Display, what: &str, text: Option<impl AsRef<str>>) -> Option<u32> {
        let text = text?;
        let text = text.as_ref().trim();
        if text.is_empty() {
            return None;
        }
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let count = whole.parse().ok().filter(|_| fraction.bytes().all(|digit| digit == b'0'));
        if count.is_none() {
            self.warning("NUMBER", at, format!("The {what} is no whole number; it is left out."));
        }
        count
    }

    /// A country of two letters; another one is left out with a warning.
    pub(crate) fn country(&mut self, at: impl Display, text: Option<impl AsRef<str>>) -> Option<Country> {
        let text = text?;
        let text = text.as_ref().trim();
        let country = match text {
            "" => return None,
            "USA" => "US",
            "CAN" => "CA",
            "MEX" => "MX",
            other => other,
        };
        let country = Country::new(country);
        if country.is_err() {
            self.warning("COUNTRY", at, "The country is no code of two capital letters; it is left out.");
        }
        country.ok()
    }

    /// A currency of three letters.
    pub(crate) fn currency(&mut self, at: impl Display, text: Option<impl AsRef<str>>) -> Option<Currency> {
        let text = text?;
        let currency = Currency::new(text.as_ref().trim());
        if currency.is_err() {
            self.warning("CURRENCY", at, "The currency is no code of three capital letters; it is left out.");
        }
        currency.ok()
    }

    /// A time; of a period its beginning. Where only the day is given, it is the start of the day.
    pub(crate) fn time(&mut self, at: impl Display, time: Result<Time, TimeError>) -> Option<Timestamp> {
        match time {
            Ok(Time::Point(moment)) => self.moment(at, Ok(moment)),
            Ok(Time::Period(from, to)) => {
                let at = at.to_string();
                let detail = format!("The time is a period from {from} to {to}; it is taken as its beginning.");
                self.warning("PERIOD", &at, detail);
                self.moment(&at, Ok(from))
            }
            Err(error) => self.moment(at, Err(error)),
        }
    }

    /// The same of one that is a point.
    pub(crate) fn moment(&mut self, at: impl Display, moment: Result<Moment, TimeError>) -> Option<Timestamp> {
        let at = at.to_string();
        match moment.and_then(|moment| moment.instant()) {
            Ok(instant) => {
                // Days without a time of day, and times of the place, are what these messages mostly have.
                let is_usual = |code: &str| matches!(code, "time-day-only" | "time-local");
                for remark in instant.remarks.iter().filter(|remark| !is_usual(remark.code)) {
                    self.finding(Finding::remark(&at, remark));
                }
                Some(timestamp(&instant))
            }
            Err(error) => {
                self.warning("TIME", &at, format!("The time cannot be read and is left out: {error}."));
                None
            }
        }
    }

    /// Adds to a list of a document, as long as it has room. What it has no room for refuses the part, for nobody would miss it; of
    /// words the rest is left out, and a warning says so.
    pub(crate) fn push<T>(
        &mut self,
        at: impl Display,
        what: &str,
        most: usize,
        list: &mut Vec<T>,
        item: impl Into<Option<T>>,
    ) {
        let Some(item) = item.into() else { return };
        if list.len() == most {
            let detail = format!("There are more {what} than {most}, the most that a document has room for.");
            let finding = match what {
                "remarks" | "notes" | "properties of the line" => {
                    Finding::warning("TOO-MANY", at, detail + " The rest is left out.")
                }
                _ => Finding::error("TOO-MANY", at, detail),
            };
            self.finding(finding);
            return;
        }
        list.push(item);
    }
}
