//! The connector of a WooCommerce shop: its orders become canonical orders, its refunds credit notes (REST API `wc/v3`, as webhooks
//! send them or as the API answers them; orders of the legacy API as well). `plugins/ecom-woocommerce/README.md` says what becomes
//! of what.
//!
//! Amounts stay exact, whether the shop writes them as text or as numbers. What a canonical document has no field for is told in a
//! finding with its JSON Pointer. The connector asks nothing.

mod order;
mod party;
mod reader;
mod refund;
mod scalar;

use portgate_sdk::{Connector, Decoded, Finding, Message, Rejection};

/// The connector. Everything it knows comes with each call, so there is nothing in it.
pub struct WooCommerce;

portgate_sdk::export!(WooCommerce);

impl Connector for WooCommerce {
    fn decode(message: &Message) -> Result<Decoded, Rejection> {
        match (message.contract.as_str(), message.version.as_str()) {
            ("woo-order", "3") => order::decode(message),
            ("woo-refund", "3") => refund::decode(message),
            (name, version) => {
                let detail =
                    format!("This connector does not know `{name}/{version}`; see the contracts of its manifest.");
                Err(Finding::error("UNKNOWN-CONTRACT", "", detail).into())
            }
        }
    }
}
