//! Stands in for the connector `ecom-shopify` until it is there: about its work, by no means its result.

use portgate_sdk::{Connector, Decoded, Document, Message, Rejection};
use serde::{Deserialize, Serialize};

/// Reads the order into structs and writes them under other names.
pub(crate) struct StandIn;

impl Connector for StandIn {
    fn decode(message: &Message) -> Result<Decoded, Rejection> {
        let order: Order = message.json()?;
        let key = order.name.clone();
        let body = serde_json::to_vec(&Canonical::from(order))?;
        let document = Document { kind: "order".to_owned(), key, refs: Vec::new(), body };
        Decoded { documents: vec![document], findings: Vec::new() }.finish()
    }
}

#[derive(Deserialize)]
struct Order {
    name: String,
    created_at: String,
    currency: String,
    subtotal_price: String,
    total_discounts: String,
    total_tax: String,
    total_price: String,
    shipping_address: Address,
    billing_address: Address,
    line_items: Vec<Line>,
}

#[derive(Deserialize, Serialize)]
struct Address {
    first_name: Option<String>,
    last_name: Option<String>,
    company: Option<String>,
    address1: String,
    address2: Option<String>,
    city: String,
    zip: String,
    province_code: Option<String>,
    country_code: String,
}

#[derive(Deserialize, Serialize)]
struct Line {
    id: serde_json::Number,
    sku: String,
    title: String,
    quantity: serde_json::Number,
    price: String,
    grams: serde_json::Number,
    total_discount: String,
    tax_lines: Vec<Tax>,
}

#[derive(Deserialize, Serialize)]
struct Tax {
    title: String,
    price: String,
    rate: serde_json::Number,
}

#[derive(Serialize)]
struct Canonical {
    kind: &'static str,
    id: String,
    placed_at: String,
    currency: String,
    goods: String,
    discounts: String,
    tax: String,
    total: String,
    ship_to: Address,
    bill_to: Address,
    lines: Vec<Line>,
}

impl From<Order> for Canonical {
    fn from(order: Order) -> Self {
        Canonical {
            kind: "order",
            id: order.name,
            placed_at: order.created_at,
            currency: order.currency,
            goods: order.subtotal_price,
            discounts: order.total_discounts,
            tax: order.total_tax,
            total: order.total_price,
            ship_to: order.shipping_address,
            bill_to: order.billing_address,
            lines: order.line_items,
        }
    }
}
