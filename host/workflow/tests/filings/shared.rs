//! The invoice of an order that was split: each shipment declares what it ships of it, and nobody declares anything twice.

use std::collections::BTreeMap;

use portgate_core::filing::FilingState;
use serde_json::{Value, json};

use super::bed::Bed;

async fn ships(bed: &Bed, number: u32, version: u32, pieces: Option<&str>) {
    let (id, ucr) = (format!("S-{number}"), format!("ucr:UCR-{number}"));
    let line = |pieces| json!({ "lineNo": "1", "sku": "BEAN", "quantity": { "value": pieces, "unit": "C62" } });
    let lines: Vec<Value> = pieces.into_iter().map(line).collect();
    let said = json!({ "shipmentId": id, "packageCount": 3, "lines": lines });
    bed.says("erp", "shipment", &id, version, &[&ucr, "order:ORDER-1"], said).await;
}

async fn invoices(bed: &Bed) {
    let money = json!({ "amount": "100.00", "currency": "GBP" });
    let invoice = json!({
        "number": "INV-1", "issueDate": "2026-03-03", "typeCode": { "code": "380", "codeList": "UNTDID 1001" },
        "currency": "GBP", "totals": { "payable": money },
        "lines": [{ "lineNo": "1", "sku": "BEAN", "quantity": { "value": "10", "unit": "C62" }, "lineNet": money }],
    });
    bed.says("erp", "commercial-invoice", "INV-1", 1, &["order:ORDER-1"], invoice).await;
}

/// What customs has of each declaration in the end: the value that was declared last, by local reference number.
fn declared(taken: &[(String, Value)]) -> Vec<&str> {
    let mut last = BTreeMap::new();
    for (_, declaration) in taken {
        last.insert(
            declaration["lrn"].as_str().unwrap_or_default(),
            declaration["invoiceTotal"]["amount"].as_str().unwrap_or_default(),
        );
    }
    let mut values: Vec<&str> = last.into_values().collect();
    values.sort_unstable();
    values
}

#[tokio::test(flavor = "multi_thread")]
async fn each_shipment_of_a_split_order_declares_its_part_of_the_invoice_and_amends_it_with_the_others_news() {
    for bed in Bed::each().await {
        ships(&bed, 1, 1, Some("6")).await;
        ships(&bed, 2, 1, Some("3")).await;
        invoices(&bed).await;
        bed.works().await;
        let bed = bed.restarted().await;
        bed.works().await;
        let mut taken = bed.broker_takes().await;
        assert_eq!(declared(&taken), ["30.00", "60.00"], "{taken:#?}");
        assert_eq!(taken.len(), 2, "each declares once");
        for (at, kept) in bed.filings().await.into_iter().enumerate() {
            let lrn = kept.filing.lrn;
            let said = json!({
                "status": "ACCEPTED", "code": { "code": "ACCEPTED", "codeList": "test" }, "lrn": lrn, "mrn": format!("26GB{at}"),
                "occurredAt": { "value": bed.now().to_string() },
            });
            bed.says("broker", "customs-status", &format!("C{at}"), 1, &[&format!("lrn:{lrn}")], said).await;
        }
        bed.works().await;
        // Nobody says anything new of the first, and nothing of it is sent again.
        ships(&bed, 2, 2, Some("4")).await;
        bed.works().await;
        taken.extend(bed.broker_takes().await);
        assert_eq!(declared(&taken), ["40.00", "60.00"], "{taken:#?}");
        assert_eq!(taken.len(), 3, "one has changed: {taken:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_of_which_nobody_can_say_whose_it_is_is_declared_by_nobody() {
    for bed in Bed::each().await {
        ships(&bed, 1, 1, Some("6")).await;
        ships(&bed, 2, 1, None).await;
        invoices(&bed).await;
        bed.works().await;
        assert_eq!(bed.broker_takes().await, []);
        let filings = bed.filings().await;
        assert_eq!(filings.len(), 2);
        for kept in filings {
            assert_eq!(kept.filing.state, FilingState::Blocked);
            let rules: Vec<&str> = kept.filing.findings.iter().map(|finding| finding.rule.as_str()).collect();
            assert_eq!(rules, ["INVOICE-SHARED"]);
        }
        ships(&bed, 2, 2, Some("4")).await;
        bed.works().await;
        let taken = bed.broker_takes().await;
        assert_eq!(declared(&taken), ["40.00", "60.00"], "{taken:#?}");
        assert_eq!(taken.len(), 2);
    }
}
