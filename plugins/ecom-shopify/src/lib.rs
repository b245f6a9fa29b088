//! The connector of a Shopify shop: its orders, draft orders, products and inventory items (REST Admin API 2024-10).
//!
//! Orders become canonical orders; each variant with a SKU, and each inventory item, becomes a canonical item. Amounts
//! stay exact, whether the shop writes them as strings or as numbers. What cannot be said in a canonical document, or
//! looks wrong, is a finding with its JSON Pointer. The connector asks nothing and logs nothing.

mod address;
mod change;
mod fields;
mod inventory_item;
mod order;
mod order_line;
mod product;
mod scalar;
mod weight;
mod words;

use portgate_sdk::{Connector, Decoded, Finding, Message, Rejection};

/// The connector. Everything it knows comes with each call, so there is nothing in it.
pub struct Shopify;

portgate_sdk::export!(Shopify);

impl Connector for Shopify {
    fn decode(message: &Message) -> Result<Decoded, Rejection> {
        match message.contract.as_str() {
            "shopify-order" => order::decode(message),
            "shopify-product" => product::decode(message),
            "shopify-inventory-item" => inventory_item::decode(message),
            other => {
                let detail = format!("This connector does not decode `{other}`; see the contracts of its manifest.");
                Err(Finding::error("UNKNOWN-CONTRACT", "", detail).into())
            }
        }
    }
}
