//! The goods issue of outbound deliveries: `PostGoodsIssue` of `API_OUTBOUND_DELIVERY_SRV`, one for each document that says that
//! goods have gone out.

use portgate_sdk::{Document, Rejection, Request, Target};
use serde::Deserialize;

use super::batch::{Operation, request};
use super::{About, error, made, no_delivery, other_kind};

/// The service, unless the agreement says something else.
/// The semicolon before its version is encoded: the gateway lets none go out in a path.
const SERVICE: &str = "/sap/opu/odata/sap/API_OUTBOUND_DELIVERY_SRV%3Bv=0002";

/// What a warehouse has done, as far as it says whether goods went out.
#[derive(Deserialize)]
struct Advice {
    event: Option<String>,
}

pub(crate) fn encode(documents: &[Document], target: &Target) -> Result<Request, Rejection> {
    let mut findings = Vec::new();
    let mut operations = Vec::new();
    for (index, document) in documents.iter().enumerate() {
        if !matches!(document.kind.as_str(), "shipment" | "packing" | "warehouse-advice") {
            findings.push(other_kind(index, document, target));
            continue;
        }
        if document.kind == "warehouse-advice" {
            let advice: Advice = document.read()?;
            if advice.event.as_deref().is_some_and(|event| event != "shipped") {
                let detail = "The warehouse has shipped nothing here; goods are issued where they went out.";
                findings.push(error(index, "event", "NOT-SHIPPED", detail));
                continue;
            }
        }
        match About::read(document)?.delivery() {
            Some(delivery) => operations.push(Operation {
                method: "POST",
                path: format!("PostGoodsIssue?DeliveryDocument='{delivery}'"),
                is_change: true,
                body: None,
            }),
            None => findings.push(no_delivery(index)),
        }
    }
    let service = super::setting(target, "service").unwrap_or(SERVICE);
    made(request(service, &operations), findings)
}
