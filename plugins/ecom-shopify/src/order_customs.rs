//! Where an order stands with customs is kept on the order in the shop, as two metafields: `customs.state`, one word that the
//! shop can filter by, and `customs.status`, all of the notification.
//!
//! Metafields, because a later notification replaces an earlier one in one request and touches nothing else. A note of the order is
//! one text, which belongs to the people of the shop and would be overwritten; tags are added and taken off one by one, so that an
//! old state would stay beside the new one.

use portgate_sdk::canonical::{Code, CustomsError, CustomsRequest, DeclarationStatus, Text, Timestamp};
use portgate_sdk::{Document, Finding, Pointer, Rejection, Request};
use serde::{Deserialize, Serialize};

use crate::graphql;

const QUERY: &str = "mutation metafieldsSet($metafields: [MetafieldsSetInput!]!) { \
    metafieldsSet(metafields: $metafields) { metafields { id key } userErrors { field message code } } }";

/// The kind of documents that is told, and the reference by which it names the order.
const KIND: &str = "customs-status";
const ORDER: &str = "shopify-order";

/// The namespace of both metafields.
const NAMESPACE: &str = "customs";

/// The most orders of one notification: the shop takes 25 metafields a request.
const ORDERS_MAX: usize = 12;

/// As much of a notification as is told. What policy withholds is not there.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct CustomsStatus {
    status: DeclarationStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<Code>,
    #[serde(skip_serializing_if = "Option::is_none")]
    occurred_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lrn: Option<Text<64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mrn: Option<Text<35>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    declaration_version: Option<Text<16>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    errors: Vec<CustomsError>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    requests: Vec<CustomsRequest>,
}

#[derive(Serialize)]
struct Variables {
    metafields: Vec<MetafieldsSetInput>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MetafieldsSetInput {
    owner_id: String,
    namespace: &'static str,
    key: &'static str,
    r#type: &'static str,
    value: String,
}

/// The request that keeps a notification on its orders.
pub(crate) fn encode(documents: &[Document]) -> Result<Request, Rejection> {
    let [document] = documents else {
        let detail = format!("The shop is told of one notification a request, not of {}.", documents.len());
        return Err(Finding::error("NOT-ONE-DOCUMENT", "", detail).into());
    };
    let at = Pointer::root().index(0);
    if document.kind != KIND {
        let detail = format!("The shop is told of notifications of customs here, not of a `{}`.", document.kind);
        return Err(Finding::error("NOT-A-CUSTOMS-STATUS", at, detail).into());
    }
    let list = at.key("references");
    let orders = document.refs.iter().filter(|name| &*name.scheme == ORDER);
    let orders: Vec<&str> = orders.map(|name| &*name.value).collect();
    if orders.is_empty() {
        let detail = "Nothing says which order of the shop it is of; tie it to one by the reference `shopify-order`.";
        return Err(Finding::error("NO-ORDER", list, detail).into());
    }
    if orders.len() > ORDERS_MAX {
        let detail = format!("It is of {} orders, and {ORDERS_MAX} are the most.", orders.len());
        return Err(Finding::error("TOO-MANY-ORDERS", list, detail).into());
    }
    if let Some(odd) = orders.iter().find(|order| order.parse::<u64>().is_err()) {
        let detail = format!("`{odd}` is no number of an order of the shop.");
        return Err(Finding::error("INVALID", list, detail).into());
    }
    let status: CustomsStatus = document.read()?;
    let not_written = |error: serde_json::Error| Finding::error("NOT-WRITTEN", &at, error.to_string());
    let whole = serde_json::to_string(&status).map_err(not_written)?;
    let word = serde_json::to_value(status.status).map_err(not_written)?;
    let word = word.as_str().unwrap_or_default();
    let metafields = orders.into_iter().flat_map(|order| {
        let metafield = |key, r#type, value: &str| MetafieldsSetInput {
            owner_id: format!("gid://shopify/Order/{order}"),
            namespace: NAMESPACE,
            key,
            r#type,
            value: value.to_owned(),
        };
        [metafield("state", "single_line_text_field", word), metafield("status", "json", &whole)]
    });
    graphql::request(QUERY, Variables { metafields: metafields.collect() })
}
