//! Real payloads of shops, where they stand beside the checkout: none that is valid is refused.

use std::path::{Path, PathBuf};

use portgate_sdk::testkit::unlisted;
use portgate_sdk::{Connector, Message};

#[test]
fn every_sample_of_a_shop_is_decoded() {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let folder = std::env::var_os("PORTGATE_SHARED").map_or_else(beside, PathBuf::from).join("samples/shopify");
    if !folder.is_dir() {
        eprintln!("left out: no folder {} with samples", folder.display());
        return;
    }
    println!("{:<22} {:<24} {:>9} {:>8}", "sample", "contract", "documents", "findings");
    for (sample, contract, schema, documents) in [
        ("draft_order.json", "shopify-order", "order", 1),
        ("product.json", "shopify-product", "product", 4),
        ("inventory_item.json", "shopify-inventory-item", "inventory-item", 1),
    ] {
        let body = std::fs::read(folder.join(sample)).expect("the sample");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("schemas/{schema}.schema.json"));
        let schema = serde_json::from_slice(&std::fs::read(path).expect("the schema")).expect("JSON");
        let payload = serde_json::from_slice(&body).expect("JSON");
        if let Err(error) = jsonschema::validate(&schema, &payload) {
            panic!("{sample} at {}: {error}", error.instance_path());
        }
        let message = Message {
            partner: "web-shop".to_owned(),
            contract: contract.to_owned(),
            version: "2024-10".to_owned(),
            content_type: "application/json".to_owned(),
            headers: Vec::new(),
            received_at: "2026-03-01T08:15:00Z".to_owned(),
            digest: "0".repeat(64),
            body,
            agreement: None,
            control_numbers: None,
        };
        let (decoded, unread) =
            unlisted(env!("CARGO_MANIFEST_DIR"), (contract, "2024-10"), || ecom_shopify::Shopify::decode(&message));
        let decoded = decoded.unwrap_or_else(|rejection| panic!("{sample}: {rejection}"));
        assert!(unread.is_empty(), "{sample} loses {unread:?}");
        println!("{sample:<22} {contract:<24} {:>9} {:>8}", decoded.documents.len(), decoded.findings.len());
        for finding in &decoded.findings {
            println!("  {finding}");
        }
        assert_eq!(decoded.documents.len(), documents, "{sample}");
    }
}
