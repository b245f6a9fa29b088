//! Lists, and how they are asked for page by page.

use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Items of one page if the request does not say how many.
pub const PAGE: u32 = 100;
/// Items of one page at most.
pub const PAGE_MAX: u32 = 1_000;

/// A query of a list that comes in pages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PageOf{F}", transform = crate::without_null)]
pub struct Paged<F> {
    /// What is meant.
    #[serde(flatten)]
    pub filter: F,
    /// Where to go on: `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// How many items at most; 100 where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000))]
    pub limit: Option<NonZeroU32>,
}

impl<F> Paged<F> {
    /// The first page.
    pub fn first(filter: F) -> Self {
        Paged { filter, after: None, limit: None }
    }

    /// How many items at most.
    pub fn limit(&self) -> u32 {
        self.limit.map_or(PAGE, NonZeroU32::get)
    }
}

/// A query that asks for nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoQuery {}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PageOf{T}")]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// What goes into `after` of the next request; null on the last page.
    pub next: Option<String>,
}

/// A whole list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ListOf{T}")]
pub struct Items<T> {
    /// The items.
    pub items: Vec<T>,
}

/// The fields of a query with their texts, for a URL.
pub fn pairs<Q: Serialize>(query: &Q) -> Vec<(String, String)> {
    let Ok(Value::Object(fields)) = serde_json::to_value(query) else { return Vec::new() };
    let text = |value: Value| match value {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    };
    fields.into_iter().filter_map(|(name, value)| Some((name, text(value)?))).collect()
}

/// Several identifiers in one text.
pub(crate) mod commas {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(texts: &[String], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&texts.join(","))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
        let text = String::deserialize(from)?;
        Ok(text.split(',').map(|one| one.trim().to_owned()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DeliveryFilter, ExchangeFilter};

    #[test]
    fn a_query_is_read_as_it_was_written() {
        let filter = DeliveryFilter {
            id: vec!["a".to_owned(), "b".to_owned()],
            state: Some(portgate_core::state::DeliveryState::Dead),
            since: Some("2026-03-01T08:00:00Z".parse().expect("a time")),
            ..DeliveryFilter::default()
        };
        let query = Paged { filter, after: Some("x".to_owned()), limit: NonZeroU32::new(7) };
        let written = pairs(&query);
        let text = |name: &str| written.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_str());
        assert_eq!((text("id"), text("state"), text("limit")), (Some("a,b"), Some("dead"), Some("7")));
        assert_eq!((written.len(), text("since")), (5, Some("2026-03-01T08:00:00Z")));
        let value = serde_json::to_value(&query).expect("JSON");
        assert_eq!(serde_json::from_value::<Paged<DeliveryFilter>>(value).expect("the same"), query);
        assert_eq!(pairs(&Paged::first(ExchangeFilter::default())), []);
    }

    #[test]
    fn no_field_of_a_query_may_be_null() {
        let schema = schemars::schema_for!(Paged<DeliveryFilter>).to_value();
        let fields = schema["properties"].as_object().expect("fields");
        assert_eq!(fields.len(), 11, "{schema:#}");
        for (name, field) in fields {
            assert!(!field.to_string().contains("null"), "{name}: {field}");
        }
        assert!(schema.get("required").is_none(), "{schema:#}");
    }
}
