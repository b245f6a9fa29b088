//! Every file of the web shops, Shopify and WooCommerce. What is no message of the connector is held against a contract all the same.

use super::table::Fate::{NoMessage, Nothing, Refused, Taken};
use super::table::{Row, Table, hold};

const ORDER: &str = "shopify-order/2024-10";
const PRODUCT: &str = "shopify-product/2024-10";
const ITEM: &str = "shopify-inventory-item/2024-10";
const FULFILMENT: &str = "shopify-fulfillment/2025-07";
const FULFILMENT_ORDER: &str = "shopify-fulfillment-order/2025-07";
const EVENT: &str = "shopify-fulfillment-event/2025-07";
const REFUND: &str = "shopify-refund/2025-07";
const EDIT: &str = "shopify-order-edit/2025-07";

/// What one collection has put in the place of every value.
const PLACEHOLDERS: &str = "its amounts, codes and times are placeholders";

const OF_SHOPS: &[Row] = &[
    ("shopify/checkouts", ORDER, NoMessage("carts that nobody has bought yet")),
    ("shopify/draft_order", ORDER, Taken("order", 1)),
    ("shopify/fulfillment_event", EVENT, Taken("milestone", 1)),
    ("shopify/fulfillment.json", FULFILMENT, Taken("fulfilment", 1)),
    ("shopify/inventory_item", ITEM, Taken("item", 1)),
    ("shopify/order_risk", ORDER, NoMessage("what the shop thinks of the risk of an order")),
    ("shopify/product", PRODUCT, Taken("item", 4)),
    ("shopify/refund", REFUND, Taken("commercial-invoice", 1)),
    ("shopify-draft-orders/", ORDER, NoMessage("that a draft was deleted: its id alone")),
    ("shopify-fulfillment-events/", EVENT, Taken("milestone", 1)),
    ("shopify-fulfillment-holds/", FULFILMENT_ORDER, Taken("milestone", 1)),
    ("shopify-fulfillment-orders/gadget-inc_2025-07_cancelled", FULFILMENT_ORDER, Taken("fulfilment", 2)),
    ("shopify-fulfillment-orders/gadget-inc_2025-07_moved", FULFILMENT_ORDER, Taken("fulfilment", 2)),
    ("shopify-fulfillment-orders/gadget-inc_2025-07_placed_on_hold", FULFILMENT_ORDER, Taken("fulfilment", 2)),
    ("shopify-fulfillment-orders/", FULFILMENT_ORDER, Taken("fulfilment", 1)),
    ("shopify-fulfillments/gadget-inc_captured", FULFILMENT, NoMessage(PLACEHOLDERS)),
    ("shopify-fulfillments/", FULFILMENT, Taken("fulfilment", 1)),
    ("shopify-inventory-items/gadget-inc_captured", ITEM, NoMessage(PLACEHOLDERS)),
    ("shopify-inventory-items/", ITEM, Taken("item", 1)),
    ("shopify-inventory-levels/", ITEM, NoMessage("how much of an item there is at a place")),
    ("shopify-inventory-shipments/", FULFILMENT_ORDER, NoMessage("goods on their way between places of the shop")),
    ("shopify-inventory-transfers/", FULFILMENT_ORDER, NoMessage("goods to be moved between places of the shop")),
    ("shopify-locations/", FULFILMENT, NoMessage("a place of the shop")),
    ("shopify-order-transactions/", REFUND, NoMessage("a payment")),
    ("shopify-orders/gadget-inc_2024-01_edited", EDIT, Nothing("ORDER-EDITED")),
    ("shopify-orders/gadget-inc_2025-07_edited", EDIT, Nothing("ORDER-EDITED")),
    ("shopify-orders/gadget-inc_captured_2025-04_2", EDIT, Nothing("ORDER-EDITED")),
    ("shopify-orders/gadget-inc_captured_2025-04_3", ORDER, NoMessage("what the shop thinks of the risk of an order")),
    ("shopify-orders/gadget-inc_captured", ORDER, NoMessage(PLACEHOLDERS)),
    ("shopify-refunds/gadget-inc_captured", REFUND, NoMessage(PLACEHOLDERS)),
    ("shopify-refunds/", REFUND, Taken("commercial-invoice", 1)),
    ("shopify-reverse-fulfillment-orders/", FULFILMENT_ORDER, NoMessage("what has become of goods that came back")),
    ("shopify-schemas/", ORDER, NoMessage("the schema of a message")),
];

const OF_WOOCOMMERCE: &[Row] = &[
    ("woocommerce/order_1", "woo-order/3", Taken("order", 1)),
    ("woocommerce/order_3", "woo-order/3", Taken("order", 2)),
    // Which currency it is in, only an agreement says.
    ("woocommerce-refund/", "woo-refund/3", Refused("NO-CURRENCY")),
];

pub(crate) const SHOPS: Table =
    Table { plugin: "ecom-shopify", paths: &["shopify/", "ecommerce/shopify-"], rows: OF_SHOPS };

pub(crate) const SHOPS_OF_WOOCOMMERCE: Table =
    Table { plugin: "ecom-woocommerce", paths: &["woocommerce/", "ecommerce/woocommerce-"], rows: OF_WOOCOMMERCE };

#[tokio::test]
async fn every_file_of_the_shops_has_its_row() {
    hold(&SHOPS).await;
}

#[tokio::test]
async fn every_file_of_woocommerce_has_its_row() {
    hold(&SHOPS_OF_WOOCOMMERCE).await;
}
