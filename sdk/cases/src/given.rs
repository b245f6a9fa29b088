//! What a case gives a plugin: a partner's message, documents to render, a partner's answer, or the context of a shipment.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::answer::Reference;
use crate::settings::Composition;

/// What a case gives a plugin, and so which of its functions it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// A message for `decode`.
    Message {
        /// The payload, byte for byte.
        body: Vec<u8>,
        /// Its SHA-256, 64 lower-case hexadecimal digits.
        digest: String,
    },
    /// Documents for `encode`.
    Documents(Vec<Document>),
    /// A partner's answer for `interpret`.
    Response(Response),
    /// A context for `inspect`, or for `compose` where the case says what is to be made of it.
    Context {
        /// The context.
        body: Value,
        /// What is to be made of it.
        composition: Option<Composition>,
    },
}

/// A document of `documents.json`. Kind and body must be given; key and references are those of the body where they are not.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// The kind.
    pub kind: String,
    /// The key.
    #[serde(default)]
    key: Option<String>,
    /// The references.
    #[serde(default)]
    refs: Option<Vec<Reference>>,
    /// The body.
    pub body: Value,
}

impl Document {
    /// The key: what the body has as `id` where the case does not say.
    pub fn key(&self) -> String {
        let id = || self.body["id"].as_str().unwrap_or_default().to_owned();
        self.key.clone().unwrap_or_else(id)
    }

    /// The references: what the body has as `references` where the case does not say.
    pub fn refs(&self) -> Vec<Reference> {
        let text = |reference: &Value, name: &str| reference[name].as_str().map(str::to_owned);
        let named = |reference: &Value| {
            Some(Reference { scheme: text(reference, "scheme")?, value: text(reference, "value")? })
        };
        let references = || self.body["references"].as_array().into_iter().flatten().filter_map(named).collect();
        self.refs.clone().unwrap_or_else(references)
    }
}

/// `response.json`: a partner's answer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The headers that the plugin is shown, names in lower case.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The body: a text as it is, anything else as JSON; none where it is left out.
    #[serde(default)]
    body: Option<Value>,
}

impl Response {
    /// The body, byte for byte.
    pub fn body(&self) -> Vec<u8> {
        match &self.body {
            None => Vec::new(),
            Some(Value::String(text)) => text.clone().into_bytes(),
            Some(other) => other.to_string().into_bytes(),
        }
    }
}
