//! From the bytes of a Shopify order to the bytes of the canonical order, by the connector that Portgate runs.
//!
//! What only a gateway knows is made up here and costs nothing, in the peer's favour: no digest is computed and no clock
//! is asked.

use ecom_shopify::Shopify;
use portgate_sdk::{Connector, Message};

/// The canonical order of a Shopify order, both as JSON.
///
/// # Errors
///
/// What the connector finds wrong, or a number of documents other than one.
pub(crate) fn canonical_order(body: Vec<u8>) -> Result<Vec<u8>, String> {
    let message = Message {
        partner: "bench".to_owned(),
        contract: "shopify-order".to_owned(),
        version: "2024-10".to_owned(),
        content_type: "application/json".to_owned(),
        headers: Vec::new(),
        received_at: "2026-03-01T08:15:00Z".to_owned(),
        digest: "0".repeat(64),
        body,
        agreement: None,
        control_numbers: None,
    };
    let decoded = Shopify::decode(&message).map_err(|rejection| {
        let details = rejection.findings.iter().map(|finding| format!("{}: {}", finding.location, finding.detail));
        details.collect::<Vec<_>>().join("\n")
    })?;
    match <[_; 1]>::try_from(decoded.documents) {
        Ok([document]) => Ok(document.body),
        Err(documents) => Err(format!("one document was expected, not {}", documents.len())),
    }
}
