//! Documents of one lamp: what is invoiced, shipped, classified and declared of it.

use serde_json::{Value, json};

/// When all of it was recorded.
pub(crate) const RECORDED: &str = "2026-03-01T08:00:00Z";

pub(crate) fn document(kind: &str, id: &str, required: Value, said: Value) -> (String, Value) {
    let mut body = json!({
        "id": id, "version": "1",
        "source": { "system": "erp", "recordedAt": { "value": RECORDED }, "rawRef": "0".repeat(64) },
    });
    for (name, value) in [required, said].iter().flat_map(|part| part.as_object().expect("fields")) {
        body[name] = value.clone();
    }
    (kind.to_owned(), body)
}

/// An invoice of the lamp under these six digits.
pub(crate) fn invoice(hs6: &str) -> (String, Value) {
    let one = json!({ "amount": "1", "currency": "GBP" });
    let required = json!({
        "number": "I", "issueDate": "2026-02-20", "typeCode": { "code": "380", "codeList": "UNTDID 1001" },
        "currency": "GBP", "totals": { "payable": one },
    });
    let line = json!({ "lineNo": "1", "sku": "LAMP", "quantity": { "value": "1", "unit": "C62" }, "lineNet": one, "hs6": hs6 });
    document("commercial-invoice", "I", required, json!({ "lines": [line] }))
}

pub(crate) fn to(country: &str) -> (String, Value) {
    document("shipment", "S", json!({ "shipmentId": "S" }), json!({ "countryOfDestination": country }))
}

pub(crate) fn coded(id: &str, jurisdiction: &str, code: &str, said: Value) -> (String, Value) {
    let required = json!({ "sku": "LAMP", "jurisdiction": jurisdiction, "nomenclature": "SAP STAWN", "code": code });
    document("item-classification", id, required, said)
}

pub(crate) fn declared(said: Value) -> (String, Value) {
    let required = json!({ "lrn": "L", "jurisdiction": "GB", "regime": "import", "acceptedAt": { "value": "2026-03-05T00:00:00Z" } });
    document("customs-declaration", "L", required, said)
}
