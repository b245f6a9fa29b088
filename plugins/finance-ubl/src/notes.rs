//! The documents and findings of one message as they come, and the small reads that can fail with a finding.

use std::fmt::{self, Display};

use portgate_sdk::canonical::{
    CanonicalDocument, Code, Country, Currency, Date, Decimal, Invalid, Money, Quantity, Reference, Text, Unit,
};
use portgate_sdk::xml::Element;
use portgate_sdk::{Decoded, Finding, Rejection, Severity};

/// Collects what a message says.
#[derive(Default)]
pub(crate) struct Notes {
    decoded: Decoded,
    /// The currency of amounts that name none.
    currency: Option<Currency>,
}

/// The place of an element. Finding its line costs a pass over the text, so it is put into words only where it is needed.
pub(crate) struct At<'d>(pub(crate) Element<'d>);

impl Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.location())
    }
}

impl Notes {
    /// Here begins a part of the message, such as a set; an error refuses it alone.
    pub(crate) fn part(&mut self, at: impl Display, reference: impl Into<String>) {
        self.decoded.part(at, reference);
        self.currency = None;
    }

    /// What comes now is of the message as a whole.
    pub(crate) fn end_part(&mut self) {
        self.decoded.end_part();
    }

    /// Whether the part that is open is refused already.
    pub(crate) fn is_part_refused(&self) -> bool {
        self.decoded.is_part_refused()
    }

    /// Whether there are more documents than one message may yield, so that reading the rest of it is of no use.
    pub(crate) fn are_overfull(&self) -> bool {
        self.decoded.is_overfull()
    }

    /// Whether nothing has come of the message so far, and nothing was refused.
    pub(crate) fn are_empty(&self) -> bool {
        self.decoded.documents.is_empty() && !self.decoded.is_rejected()
    }

    /// Adds a document.
    pub(crate) fn document(&mut self, document: &impl CanonicalDocument) {
        self.decoded.document(document);
    }

    /// Notes a finding.
    pub(crate) fn finding(&mut self, finding: impl Into<Finding>) {
        self.decoded.finding(finding);
    }

    /// Notes a finding whose place costs something to find.
    pub(crate) fn note(&mut self, severity: Severity, code: &str, at: impl Display, detail: impl Into<String>) {
        self.decoded.note(severity, code, at, detail);
    }

    /// Probably wrong; the message is taken all the same.
    pub(crate) fn warning(&mut self, code: &str, at: impl Display, detail: impl Into<String>) {
        self.note(Severity::Warning, code, at, detail);
    }

    /// Wrong; the message, or its part, is not taken.
    pub(crate) fn error(&mut self, code: &str, at: impl Display, detail: impl Into<String>) {
        self.note(Severity::Error, code, at, detail);
    }

    /// The end: documents and findings, or the rejection.
    pub(crate) fn finish(self) -> Result<Decoded, Rejection> {
        self.decoded.finish()
    }

    /// The currency of amounts that name none.
    pub(crate) fn amounts_are_in(&mut self, currency: Option<Currency>) {
        self.currency = currency;
    }

    /// Free text at a place, which may be cut; a warning says so.
    pub(crate) fn free_text<const MAX: usize>(
        &mut self,
        at: impl Display,
        what: &str,
        text: &str,
    ) -> Option<Text<MAX>> {
        self.decoded.free_text(at, what, text)
    }

    /// What identifies something, which must not be cut: where it is too long, the message is refused.
    pub(crate) fn identifier<const MAX: usize>(
        &mut self,
        at: impl Display,
        what: &str,
        text: &str,
    ) -> Option<Text<MAX>> {
        self.decoded.identifier(at, what, text)
    }

    /// A reference, under the rule for identifiers.
    pub(crate) fn reference_at(&mut self, at: impl Display, scheme: &str, value: &str) -> Option<Reference> {
        match value.trim().is_empty() {
            true => None,
            false => self.decoded.reference(at, scheme, value),
        }
    }

    /// A number that a partner wrote; what is none is an error.
    pub(crate) fn number(&mut self, at: impl Display, text: &str) -> Option<Decimal> {
        self.valid(at, Decimal::from_partner(text))
    }

    /// A value, or an error that says what was expected.
    pub(crate) fn valid<T>(&mut self, at: impl Display, value: Result<T, Invalid>) -> Option<T> {
        match value {
            Ok(value) => Some(value),
            Err(error) => {
                self.finding(Finding::invalid(at, error));
                None
            }
        }
    }

    /// An amount in the currency that it names, or else in that of the document.
    pub(crate) fn amount(&mut self, at: impl Display, amount: Decimal, currency: Option<Currency>) -> Option<Money> {
        let currency = currency.or_else(|| self.currency.clone());
        if currency.is_none() {
            self.error("NO-CURRENCY", at, "Neither the amount nor the document says in which currency it is.");
        }
        currency.map(|currency| Money { amount, currency })
    }

    /// A country by its two letters; others are told and left out.
    pub(crate) fn country_code(&mut self, at: impl Display, text: &str) -> Option<Country> {
        let country = Country::new(text.trim().to_ascii_uppercase()).ok();
        if country.is_none() {
            let detail = format!("`{}` is no country of two letters (ISO 3166-1) and is left out.", short(text));
            self.warning("COUNTRY", at, detail);
        }
        country
    }

    /// A unit of UNECE Recommendation 20; another text is told, and pieces are taken.
    pub(crate) fn unit_code(&mut self, at: impl Display, text: Option<&str>) -> Unit {
        let known = text.and_then(|text| Unit::new(text.trim().to_ascii_uppercase()).ok());
        known.unwrap_or_else(|| {
            let detail = match text {
                Some(text) => format!("`{}` is no unit of UNECE Recommendation 20; pieces are taken.", short(text)),
                None => "The quantity has no unit; pieces are taken.".to_owned(),
            };
            self.warning("UNIT", at, detail);
            Quantity::pieces(Decimal::ZERO).unit
        })
    }
}

/// The reads of XML. What is not there is nothing, and no finding: whether it must be there is for the rules to say.
impl Notes {
    /// What identifies something.
    pub(crate) fn id<const MAX: usize>(&mut self, element: Option<Element<'_>>) -> Option<Text<MAX>> {
        let element = element?;
        self.decoded.identifier(At(element), &format!("`{}`", element.name()), &element.text()?)
    }

    /// Free text.
    pub(crate) fn words<const MAX: usize>(&mut self, element: Option<Element<'_>>) -> Option<Text<MAX>> {
        let element = element?;
        self.decoded.free_text(At(element), &format!("text of `{}`", element.name()), &element.text()?)
    }

    /// A number.
    pub(crate) fn decimal(&mut self, element: Option<Element<'_>>) -> Option<Decimal> {
        let element = element?;
        self.number(At(element), &element.text()?)
    }

    /// An amount with its `currencyID`.
    pub(crate) fn money(&mut self, element: Option<Element<'_>>) -> Option<Money> {
        let element = element?;
        let amount = self.decimal(Some(element))?;
        let currency = element.attribute("currencyID").filter(|currency| !currency.trim().is_empty());
        let currency = currency.and_then(|currency| self.valid(At(element), Currency::new(currency.trim())));
        self.amount(At(element), amount, currency)
    }

    /// A currency.
    pub(crate) fn currency(&mut self, element: Option<Element<'_>>) -> Option<Currency> {
        let element = element?;
        let text = element.text()?;
        self.valid(At(element), Currency::new(&*text))
    }

    /// A day `YYYY-MM-DD`; an offset behind it, as `xs:date` allows, changes nothing of the day.
    pub(crate) fn date(&mut self, element: Option<Element<'_>>) -> Option<Date> {
        let element = element?;
        let text = element.text()?;
        let day = text.get(..10).filter(|_| is_offset(&text[10..])).unwrap_or(&text);
        self.valid(At(element), Date::new(day))
    }

    /// A country.
    pub(crate) fn country(&mut self, element: Option<Element<'_>>) -> Option<Country> {
        let element = element?;
        self.country_code(At(element), &element.text()?)
    }

    /// A code of a list.
    pub(crate) fn code(&mut self, element: Option<Element<'_>>, list: &str) -> Option<Code> {
        let element = element?;
        Some(code(self.id(Some(element))?, list))
    }

    /// A reference of a scheme.
    pub(crate) fn reference(&mut self, element: Option<Element<'_>>, scheme: &str) -> Option<Reference> {
        let element = element?;
        self.decoded.reference(At(element), scheme, &element.text()?)
    }
}

fn is_offset(text: &str) -> bool {
    text.is_empty() || text == "Z" || (text.len() == 6 && text.starts_with(['+', '-']))
}

/// A code of a list.
pub(crate) fn code(code: Text<64>, list: &str) -> Code {
    Code { code, code_list: text(list), source_code: None }
}

/// A constant as text.
pub(crate) fn text<const MAX: usize>(constant: &str) -> Text<MAX> {
    Text::new(constant).expect("a constant of this crate is neither empty nor long")
}

/// As much of a value as a finding repeats.
pub(crate) fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(32).collect()
}

/// The currency that an element names, if it is one.
pub(crate) fn currency_of(element: Element<'_>) -> Option<Currency> {
    Currency::new(&*element.text()?).ok()
}
