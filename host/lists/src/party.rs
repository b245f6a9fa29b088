//! What every list says of a party, whatever its format.

use portgate_names::Entry;
use serde::Serialize;

/// A listed party.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Party {
    pub(crate) id: String,
    /// The main name first.
    pub(crate) names: Vec<String>,
    /// The day from which it is listed, where the list says so.
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
    pub(crate) about: About,
}

/// What a table hands on of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct About {
    /// `individual`, `entity`, `vessel` or `aircraft`, where the list says so.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<&'static str>,
    /// The publisher's own list, where it publishes several as one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) list: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) programs: Vec<String>,
    /// Countries of addresses, citizenship or flag, as they are written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) countries: Vec<String>,
    /// Days or years of birth, as they are written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) born: Vec<String>,
}

impl Party {
    /// The same without what is empty or there twice; none where it has no name.
    pub(crate) fn tidy(mut self) -> Option<Self> {
        let About { kind: _, list: _, programs, countries, born } = &mut self.about;
        for texts in [&mut self.names, programs, countries, born] {
            let mut kept: Vec<String> = Vec::new();
            for text in texts.drain(..) {
                let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
                if !text.is_empty() && !kept.contains(&text) {
                    kept.push(text);
                }
            }
            *texts = kept;
        }
        (!self.names.is_empty()).then_some(self)
    }

    /// The entry of a table.
    pub(crate) fn entry(self, list: &str) -> Entry {
        let Party { id, names, from, to, about } = self;
        let about = match about == About::default() {
            true => None,
            false => serde_json::value::to_raw_value(&about).ok(),
        };
        Entry { list: list.to_owned(), id, names, from, to, about }
    }
}

/// The kind of a word for it, in any list.
pub(crate) fn kind(word: &str) -> Option<&'static str> {
    match word.trim().to_ascii_lowercase().as_str() {
        "individual" | "person" | "p" => Some("individual"),
        "entity" | "enterprise" | "e" => Some("entity"),
        "vessel" => Some("vessel"),
        "aircraft" => Some("aircraft"),
        _ => None,
    }
}
