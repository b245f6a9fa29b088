//! The connector of a Shopify shop. In come its orders, draft orders, products and inventory items (REST Admin API 2024-10), its
//! fulfilments, fulfilment orders, events and refunds (webhooks 2025-07); out go fulfilments and the word of customs on an order
//! (GraphQL Admin API 2026-07). `plugins/ecom-shopify/README.md` says what becomes of what.
//!
//! Amounts stay exact, whether the shop writes them as strings or as numbers. What cannot be said in a canonical document, or
//! looks wrong, is a finding with its JSON Pointer. The connector asks nothing.

mod address;
mod change;
mod fields;
mod fulfillment;
mod fulfillment_create;
mod fulfillment_event;
mod fulfillment_order;
mod graphql;
mod inventory_item;
mod order;
mod order_customs;
mod order_edit;
mod order_line;
mod product;
mod refund;
mod scalar;
mod weight;
mod words;

use portgate_sdk::{Connector, Decoded, Document, Finding, Message, Outcome, Rejection, Request, Response, Target};

/// The connector. Everything it knows comes with each call, so there is nothing in it.
pub struct Shopify;

portgate_sdk::export!(Shopify);

impl Connector for Shopify {
    fn decode(message: &Message) -> Result<Decoded, Rejection> {
        match message.contract.as_str() {
            "shopify-order" => order::decode(message),
            "shopify-product" => product::decode(message),
            "shopify-inventory-item" => inventory_item::decode(message),
            "shopify-fulfillment" => fulfillment::decode(message),
            "shopify-fulfillment-order" => fulfillment_order::decode(message),
            "shopify-fulfillment-event" => fulfillment_event::decode(message),
            "shopify-refund" => refund::decode(message),
            "shopify-order-edit" => order_edit::decode(message),
            other => Err(unknown(other)),
        }
    }

    fn encode(documents: &[Document], target: &Target) -> Result<Request, Rejection> {
        match (target.contract.as_str(), target.version.as_str()) {
            ("shopify-fulfillment-create", graphql::VERSION) => fulfillment_create::encode(documents),
            ("shopify-order-customs", graphql::VERSION) => order_customs::encode(documents),
            _ => Err(unknown(&target.to_string())),
        }
    }

    fn interpret(_: &Request, got: &Response) -> Result<Outcome, Rejection> {
        Ok(graphql::read(got))
    }
}

fn unknown(contract: &str) -> Rejection {
    let detail = format!("This connector does not know `{contract}`; see the contracts of its manifest.");
    Finding::error("UNKNOWN-CONTRACT", "", detail).into()
}
