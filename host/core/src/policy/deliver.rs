//! `[[deliver]]` of `routes.toml`: which documents go to which partner, and in which order.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::document::Reference;

/// One kind of document goes to one partner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deliver {
    /// The kind of document.
    pub document: String,
    /// The partner that it came from; any where it is not given.
    #[serde(default)]
    pub from: Option<String>,
    /// The partner that it goes to.
    pub to: String,
    /// The contract that the destination's plugin renders it as.
    pub contract: String,
    /// The contract's version.
    pub version: String,
    /// The scheme of a reference, such as `container` or `mrn`: deliveries to this partner whose documents share it go
    /// out one after the other, in the order they came. Without it, or where a document has no such reference, they go
    /// out in any order.
    #[serde(default)]
    #[schemars(regex(pattern = r"^[a-z][a-z0-9-]{0,62}$"))]
    pub ordered_by: Option<String>,
    /// Fields of the document with the texts that each may have, such as `when = { status = ["RELEASED"] }`; the
    /// document goes out where all fit.
    #[serde(default)]
    pub when: BTreeMap<String, BTreeSet<String>>,
}

impl Deliver {
    /// Whether a document of this kind, from this partner and with this body, takes the route.
    pub fn takes(&self, kind: &str, from: &str, body: &Value) -> bool {
        let fits = |(field, texts): (&String, &BTreeSet<String>)| {
            body.get(field).and_then(Value::as_str).is_some_and(|text| texts.contains(text))
        };
        self.document == kind && self.from.as_ref().is_none_or(|only| only == from) && self.when.iter().all(fits)
    }

    /// Whether every document that takes the other route would go to the same partner as the same message by this one.
    pub fn covers(&self, other: &Deliver) -> bool {
        let Deliver { document, from, to, contract, version, ordered_by: _, when } = self;
        let message =
            (document, to, contract, version) == (&other.document, &other.to, &other.contract, &other.version);
        let narrower = |(field, texts): (&String, &BTreeSet<String>)| {
            other.when.get(field).is_some_and(|narrower| narrower.is_subset(texts))
        };
        message && (from.is_none() || *from == other.from) && when.iter().all(narrower)
    }

    /// The lane in which a document with these references waits for those before it, if it waits for any.
    pub fn lane(&self, refs: &[Reference]) -> Option<String> {
        let scheme = self.ordered_by.as_ref()?;
        let reference = refs.iter().find(|reference| reference.scheme == *scheme)?;
        Some(format!("{scheme}/{}", reference.value))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn route(extra: Value) -> Deliver {
        let mut route = json!({ "document": "milestone", "to": "erp", "contract": "event", "version": "1" });
        let extra = extra.as_object().cloned().unwrap_or_default();
        route.as_object_mut().expect("an object").extend(extra);
        serde_json::from_value(route).expect("a route")
    }

    #[test]
    fn a_route_takes_what_fits_all_its_conditions() {
        let route = route(json!({ "from": "carrier", "when": { "status": ["ARRIVED", "LEFT"], "mode": ["SEA"] } }));
        let arrived = json!({ "status": "ARRIVED", "mode": "SEA" });
        assert!(route.takes("milestone", "carrier", &arrived));
        assert!(!route.takes("order", "carrier", &arrived));
        assert!(!route.takes("milestone", "broker", &arrived));
        assert!(!route.takes("milestone", "carrier", &json!({ "status": "ARRIVED" })));
        assert!(!route.takes("milestone", "carrier", &json!({ "status": ["ARRIVED"], "mode": "SEA" })));
        assert!(!route.takes("milestone", "carrier", &json!([])));
    }

    #[test]
    fn a_route_covers_those_that_take_less_on_the_same_way() {
        let wide = route(json!({ "when": { "status": ["ARRIVED", "LEFT"] } }));
        let narrow = route(json!({ "from": "carrier", "when": { "status": ["LEFT"], "mode": ["SEA"] } }));
        assert!(wide.covers(&wide) && wide.covers(&narrow) && !narrow.covers(&wide));
        assert!(!wide.covers(&route(json!({}))) && route(json!({})).covers(&wide));
        assert!(!wide.covers(&route(json!({ "to": "portal", "when": { "status": ["LEFT"] } }))));
    }

    #[test]
    fn documents_that_share_the_reference_share_a_lane() {
        let refs = [Reference { scheme: "container".to_owned(), value: "MSCU1".to_owned() }];
        let ordered = route(json!({ "ordered_by": "container" }));
        assert_eq!(ordered.lane(&refs).as_deref(), Some("container/MSCU1"));
        assert_eq!(ordered.lane(&[]), None);
        assert_eq!(route(json!({})).lane(&refs), None);
    }
}
