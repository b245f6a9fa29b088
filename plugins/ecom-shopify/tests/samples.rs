//! Real payloads of shops, where they stand beside the checkout: none that is valid is refused.

use std::path::{Path, PathBuf};

use portgate_sdk::testkit::unlisted;
use portgate_sdk::{Connector, testkit};

#[test]
fn every_sample_of_a_shop_is_decoded() {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let folder = std::env::var_os("PORTGATE_SHARED").map_or_else(beside, PathBuf::from).join("samples");
    if !folder.is_dir() {
        eprintln!("left out: no folder {} with samples", folder.display());
        return;
    }
    println!("{:<80} {:<26} {:>9} {:>8}", "sample", "contract", "documents", "findings");
    let mut wrong = Vec::new();
    let (old, new) = ("2024-10", "2025-07");
    for (sample, contract, version, documents) in [
        ("shopify/draft_order.json", "shopify-order", old, 1),
        ("shopify/product.json", "shopify-product", old, 4),
        ("shopify/inventory_item.json", "shopify-inventory-item", old, 1),
        ("ecommerce/shopify-inventory-items/gadget-inc_2025-07_create.json", "shopify-inventory-item", old, 1),
        ("shopify/fulfillment.json", "shopify-fulfillment", new, 1),
        ("ecommerce/shopify-fulfillments/gadget-inc_2024-01_create.json", "shopify-fulfillment", new, 1),
        ("ecommerce/shopify-fulfillments/gadget-inc_2025-07_create.json", "shopify-fulfillment", new, 1),
        ("shopify/fulfillment_event.json", "shopify-fulfillment-event", new, 1),
        ("ecommerce/shopify-fulfillment-events/gadget-inc_2025-07_create.json", "shopify-fulfillment-event", new, 1),
        ("ecommerce/shopify-fulfillment-holds/gadget-inc_2025-07_released.json", "shopify-fulfillment-order", new, 1),
        ("ecommerce/shopify-fulfillment-orders/gadget-inc_2025-07_cancelled.json", "shopify-fulfillment-order", new, 2),
        (
            "ecommerce/shopify-fulfillment-orders/gadget-inc_2025-07_fulfillment_request_accepted.json",
            "shopify-fulfillment-order",
            new,
            1,
        ),
        (
            "ecommerce/shopify-fulfillment-orders/gadget-inc_2025-07_fulfillment_request_submitted.json",
            "shopify-fulfillment-order",
            new,
            1,
        ),
        (
            "ecommerce/shopify-fulfillment-orders/gadget-inc_2025-07_line_items_prepared_for_local_delivery.json",
            "shopify-fulfillment-order",
            new,
            1,
        ),
        (
            "ecommerce/shopify-fulfillment-orders/gadget-inc_2025-07_line_items_prepared_for_pickup.json",
            "shopify-fulfillment-order",
            new,
            1,
        ),
        ("ecommerce/shopify-fulfillment-orders/gadget-inc_2025-07_moved.json", "shopify-fulfillment-order", new, 2),
        (
            "ecommerce/shopify-fulfillment-orders/gadget-inc_2025-07_placed_on_hold.json",
            "shopify-fulfillment-order",
            new,
            2,
        ),
        (
            "ecommerce/shopify-fulfillment-orders/gadget-inc_2025-07_rescheduled.json",
            "shopify-fulfillment-order",
            new,
            1,
        ),
        ("shopify/refund.json", "shopify-refund", new, 1),
        ("ecommerce/shopify-refunds/gadget-inc_2024-01_create.json", "shopify-refund", new, 1),
        ("ecommerce/shopify-refunds/gadget-inc_2025-07_create.json", "shopify-refund", new, 1),
        ("ecommerce/shopify-orders/gadget-inc_2024-01_edited.json", "shopify-order-edit", new, 0),
        ("ecommerce/shopify-orders/gadget-inc_2025-07_edited.json", "shopify-order-edit", new, 0),
        ("ecommerce/shopify-orders/gadget-inc_captured_2025-04_2.json", "shopify-order-edit", new, 0),
    ] {
        let schema = contract.trim_start_matches("shopify-");
        let body = std::fs::read(folder.join(sample)).expect("the sample");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("schemas/{schema}.schema.json"));
        let schema = serde_json::from_slice(&std::fs::read(path).expect("the schema")).expect("JSON");
        let payload = serde_json::from_slice(&body).expect("JSON");
        if let Err(error) = jsonschema::validate(&schema, &payload) {
            panic!("{sample} at {}: {error}", error.instance_path());
        }
        let message = testkit::message(contract, version, "application/json", body);
        let (decoded, unread) =
            unlisted(env!("CARGO_MANIFEST_DIR"), (contract, version), || ecom_shopify::Shopify::decode(&message));
        let decoded = decoded.unwrap_or_else(|rejection| panic!("{sample}: {rejection}"));
        if !unread.is_empty() {
            wrong.push(format!("{sample} loses {unread:?}"));
        }
        println!("{sample:<80} {contract:<26} {:>9} {:>8}", decoded.documents.len(), decoded.findings.len());
        for finding in &decoded.findings {
            println!("  {finding}");
        }
        if decoded.documents.len() != documents {
            wrong.push(format!("{sample} becomes {} documents, not {documents}", decoded.documents.len()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
