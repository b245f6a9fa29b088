//! The documents and findings of one message, and the small reads that can fail with a finding at their place.

use portgate_sdk::canonical::{Code, Currency, Decimal, Invalid, Money, Reference, Text, Timestamp};
use portgate_sdk::{Decoded, Finding, Pointer};
use serde::Deserialize;
use serde_json::Value;

use crate::scalar::Scalar;

/// What the shop or one of its extensions keeps beside a thing.
#[derive(Deserialize)]
pub(crate) struct Meta {
    key: Option<String>,
    label: Option<String>,
    value: Option<Value>,
}

/// Reads the fields of one message.
pub(crate) struct Reader<'d> {
    pub(crate) decoded: &'d mut Decoded,
}

impl Reader<'_> {
    pub(crate) fn info(&mut self, code: &str, at: Pointer, detail: impl Into<String>) {
        self.decoded.finding(Finding::info(code, at, detail));
    }

    pub(crate) fn warning(&mut self, code: &str, at: Pointer, detail: impl Into<String>) {
        self.decoded.finding(Finding::warning(code, at, detail));
    }

    pub(crate) fn error(&mut self, code: &str, at: Pointer, detail: impl Into<String>) {
        self.decoded.finding(Finding::error(code, at, detail));
    }

    /// A field that must be there.
    pub(crate) fn required<T>(&mut self, at: &Pointer, name: &str, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.error("MISSING", at.clone(), format!("Give `{name}`."));
        }
        value
    }

    /// The id that the shop has given something; it counts from 1, and nought is none.
    pub(crate) fn id<const MAX: usize>(&mut self, at: Pointer, id: Option<&Scalar>) -> Option<Text<MAX>> {
        let id = id.map(Scalar::as_str).filter(|id| *id != "0")?;
        self.decoded.identifier(at, "id", id)
    }

    /// What identifies something, which must not be cut; an empty one is none.
    pub(crate) fn identifier<const MAX: usize>(
        &mut self,
        at: Pointer,
        what: &str,
        text: Option<&str>,
    ) -> Option<Text<MAX>> {
        self.decoded.identifier(at, what, text?)
    }

    /// Free text, which may be cut; a warning says so. An empty one is none.
    pub(crate) fn words<const MAX: usize>(&mut self, at: Pointer, what: &str, text: Option<&str>) -> Option<Text<MAX>> {
        self.decoded.free_text(at, what, text.map(str::trim).filter(|text| !text.is_empty())?)
    }

    /// What something is called elsewhere.
    pub(crate) fn reference(&mut self, at: Pointer, scheme: &str, name: Option<&str>) -> Option<Reference> {
        self.decoded.reference(at, scheme, name?)
    }

    /// An amount or a number; what is none is an error. An empty text is none.
    pub(crate) fn decimal(&mut self, at: Pointer, value: Option<&Scalar>) -> Option<Decimal> {
        let value = value.filter(|value| !value.as_str().is_empty())?;
        self.valid(at, value.decimal())
    }

    /// What has its shape; what has not is an error.
    pub(crate) fn valid<T>(&mut self, at: Pointer, value: Result<T, Invalid>) -> Option<T> {
        value.map_err(|error| self.decoded.finding(Finding::invalid(at, error))).ok()
    }

    /// An amount in the currency of all.
    pub(crate) fn money(&mut self, at: Pointer, value: Option<&Scalar>, currency: &Currency) -> Option<Money> {
        Some(Money { amount: self.decimal(at, value)?, currency: currency.clone() })
    }

    /// A time: in UTC, which the shop writes without its zone, else as the shop's own clock has it.
    pub(crate) fn time(&mut self, at: Pointer, utc: Option<&str>, local: Option<&str>) -> Option<Timestamp> {
        let said = |text: Option<&str>| text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let utc = said(utc).map(|time| if time.ends_with('Z') { time } else { format!("{time}Z") });
        let time = Timestamp::new(utc.or_else(|| said(local))?);
        if time.is_err() {
            self.warning("TIME-INVALID", at, "This is no time such as 2026-03-01T08:15:00; it is left out.");
        }
        time.ok()
    }

    /// A value under the name that it has in the shop.
    pub(crate) fn class(&mut self, at: Pointer, name: &str, value: Option<&str>) -> Option<Code> {
        let code = self.decoded.identifier(at, name, value?)?;
        Some(Code { code, code_list: Text::new(format!("WooCommerce {name}")).ok()?, source_code: None })
    }

    /// What is kept beside a thing: choices of the buyer, and what extensions of the shop say. What begins with `_` is the
    /// extensions' own. What is no short text or number is told.
    pub(crate) fn meta(&mut self, list: &Pointer, meta: Option<Vec<Meta>>) -> Vec<Code> {
        let mut found = Vec::new();
        for (index, Meta { key, label, value }) in meta.into_iter().flatten().enumerate() {
            let at = list.index(index);
            let name = label.or(key).unwrap_or_default();
            let text = match &value {
                Some(Value::String(text)) => text.trim().to_owned(),
                Some(Value::Number(number)) => number.to_string(),
                Some(Value::Bool(flag)) => flag.to_string(),
                Some(Value::Null) | None => continue,
                Some(_) => String::new(),
            };
            let code = Text::new(&*text).ok().zip(Text::new(name.trim()).ok());
            match code {
                Some((code, code_list)) => found.push(Code { code, code_list, source_code: None }),
                None if name.starts_with('_') => {}
                None => {
                    let name: String = name.chars().take(64).collect();
                    let detail = format!("`{name}` is no text of up to 64 characters; it stays in the message alone.");
                    self.info("META-NOT-KEPT", at, detail);
                }
            }
        }
        found
    }
}
