//! A stand-in for the connector `ecom-shopify`.

use serde::{Deserialize, Serialize};

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

/// The canonical order of a Shopify order, both as JSON.
pub(crate) fn canonical_order(body: Vec<u8>) -> Result<Vec<u8>, String> {
    let order: Order = serde_json::from_slice(&body).map_err(|error| error.to_string())?;
    let canonical = Canonical {
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
    };
    serde_json::to_vec(&canonical).map_err(|error| error.to_string())
}
