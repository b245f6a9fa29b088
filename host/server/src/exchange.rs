//! What the journal is told of an exchange besides its payload and documents: who decoded it, and the events (CloudEvents
//! 1.0) that listeners hear of it.
//!
//! | type | when | data |
//! |---|---|---|
//! | `portgate.exchange.accepted` | a message was committed | its contract and what came of it |
//! | `portgate.document.KIND` | for each of its documents | the document, under its canonical schema |
//! | `portgate.delivery.STATE` | a delivery came to an end, or waits for the partner's word | where it went |

use jiff::Timestamp;
use portgate_core::document::Document;
use portgate_core::policy::Webhook;
use portgate_runtime::Plugin;
use portgate_store::{ClaimedDelivery, EventId, NewEvent, NewExchange, PluginBuild, Settled};
use serde_json::json;

/// Exactly which plugin this is.
pub(crate) fn plugin_build(plugin: &Plugin) -> PluginBuild {
    let mut sha256 = [0; 32];
    // The runtime gives 64 hexadecimal digits.
    let _ = hex::decode_to_slice(plugin.digest(), &mut sha256);
    let manifest = plugin.manifest();
    PluginBuild { name: manifest.name.clone(), version: manifest.version.clone(), sha256 }
}

/// What is told when an exchange is accepted.
pub(crate) fn events(exchange: &NewExchange, documents: &[Document], now: Timestamp) -> Vec<NewEvent> {
    let listed: Vec<_> =
        documents.iter().map(|document| json!({ "kind": document.kind, "key": document.key })).collect();
    let data = json!({
        "exchange": exchange.id.to_string(),
        "contract": exchange.contract,
        "version": exchange.version,
        "documents": listed,
        "findings": exchange.findings.len(),
    });
    let event = |kind: String, subject: String, data: String| NewEvent {
        id: EventId::new(now),
        kind,
        subject,
        partner: exchange.partner.clone(),
        at: now,
        data,
    };
    let mut events = Vec::with_capacity(documents.len() + 1);
    events.push(event("portgate.exchange.accepted".to_owned(), exchange.id.to_string(), data.to_string()));
    events.extend(documents.iter().filter_map(|document| {
        let body = String::from_utf8(document.body.clone()).ok()?;
        Some(event(format!("portgate.document.{}", document.kind), document.key.clone(), body))
    }));
    events
}

/// What is told of a delivery whose attempt has ended so: nothing of one that is only tried again, and nothing of one that
/// told a webhook something, or there would be no end of it.
pub(crate) fn delivery_events(delivery: &ClaimedDelivery, settled: &Settled, now: Timestamp) -> Vec<NewEvent> {
    if Webhook::is(&delivery.destination) {
        return Vec::new();
    }
    let (state, class) = match settled {
        Settled::Retry { .. } => return Vec::new(),
        Settled::Delivered { .. } => ("delivered", None),
        Settled::Pending { .. } => ("awaiting", None),
        Settled::Dead { class, .. } => ("dead", Some(class.as_str())),
    };
    let data = json!({
        "delivery": delivery.claim.delivery.to_string(),
        "exchange": delivery.exchange.to_string(),
        "destination": delivery.destination,
        "contract": delivery.contract,
        "version": delivery.version,
        "class": class,
    });
    vec![NewEvent {
        id: EventId::new(now),
        kind: format!("portgate.delivery.{state}"),
        subject: delivery.claim.delivery.to_string(),
        partner: delivery.partner.clone(),
        at: now,
        data: data.to_string(),
    }]
}
