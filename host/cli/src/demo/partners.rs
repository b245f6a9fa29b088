//! What the partners that are delivered to answer: each what the real one does, as far as the demo's day goes.

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};

use super::edi;

/// One answer.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: Vec<(&'static str, &'static str)>,
    pub(super) body: String,
}

impl Answer {
    fn new(status: StatusCode, content_type: &'static str, body: impl Into<String>) -> Self {
        Answer { status, headers: vec![("content-type", content_type)], body: body.into() }
    }

    fn json(status: StatusCode, body: &Value) -> Self {
        Answer::new(status, "application/json", body.to_string())
    }

    pub(super) fn empty(status: StatusCode) -> Self {
        Answer { status, headers: Vec::new(), body: String::new() }
    }
}

/// What this partner answers to such a request. A partner that is not known here takes everything without a word.
pub(super) fn answer(partner: &str, path: &str, body: &Bytes) -> Answer {
    let text = String::from_utf8_lossy(body);
    match partner {
        // Each answers a shipment with what its carriers would take for it.
        "easypost" => {
            let asked: Value = serde_json::from_slice(body).unwrap_or_default();
            let id = format!("shp_{}", asked["shipment"]["reference"].as_str().unwrap_or_default());
            Answer::json(
                StatusCode::CREATED,
                &json!({
                    "id": id, "object": "Shipment", "mode": "production", "status": "unknown",
                    "created_at": "2026-03-03T09:16:02Z", "updated_at": "2026-03-03T09:16:02Z",
                    "reference": asked["shipment"]["reference"], "tracking_code": null, "is_return": false, "messages": [],
                    "rates": [{ "id": "rate_1", "carrier": "AnyPost", "service": "International", "rate": "14.20",
                        "currency": "GBP" }],
                }),
            )
        }
        "shippo" => {
            let asked: Value = serde_json::from_slice(body).unwrap_or_default();
            Answer::json(
                StatusCode::CREATED,
                &json!({
                    "object_id": "5d1c0a", "object_created": "2026-03-03T09:16:02.120Z",
                    "object_owner": "shop@lampenhaus.example", "status": "SUCCESS", "test": false,
                    "metadata": asked["metadata"], "messages": [], "rates": [],
                }),
            )
        }
        "web-shop" => Answer::json(
            StatusCode::OK,
            &json!({
                "data": { "fulfillmentCreate": {
                    "fulfillment": { "id": "gid://shopify/Fulfillment/5100200301", "status": "SUCCESS" }, "userErrors": [] } },
                "extensions": { "cost": { "requestedQueryCost": 10, "actualQueryCost": 10 } },
            }),
        ),
        // The authority takes a declaration into a conversation, and says later what it makes of it.
        "hmrc-cds" => Answer {
            headers: vec![("x-conversation-id", "b2c3d4e5-0000-4000-8000-00000000cafe")],
            ..Answer::empty(StatusCode::ACCEPTED)
        },
        "customs-saas" if path.starts_with("/customs/transits/") => {
            let departure = "/customs/transits/movements/departures/6365135ba5e821ee";
            let links =
                json!({ "self": { "href": departure }, "messages": { "href": format!("{departure}/messages") } });
            Answer::json(StatusCode::ACCEPTED, &json!({ "_links": links }))
        }
        "customs-saas" => Answer::new(
            StatusCode::ACCEPTED,
            "application/xml",
            "<ns:SuccessResponse xmlns:ns=\"http://www.hmrc.gov.uk/successresponse/2\"><ns:ResponseData>\
             <CorrelationId>87491122139921</CorrelationId></ns:ResponseData></ns:SuccessResponse>",
        ),
        // It acknowledges tenders at once, status reports by a message of its own.
        "tms" if edi::element(&text, "ST", 1) == "204" => {
            Answer::new(StatusCode::OK, "application/edi-x12", edi::functional_acknowledgement(&text, "000000352"))
        }
        "haulier" => Answer::new(StatusCode::OK, "application/edifact", edi::control(&text)),
        // A batch is taken as a whole, and each request in it has an answer of its own.
        "erp" if path.ends_with("/$batch") => {
            let part = "--answers\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n\
                        HTTP/1.1 204 No Content\r\n\r\n\r\n";
            let parts = part.repeat(text.matches(" HTTP/1.1\r\n").count());
            Answer::new(StatusCode::ACCEPTED, "multipart/mixed; boundary=answers", format!("{parts}--answers--\r\n"))
        }
        // NetSuite answers a record that was put with nothing but where it is.
        "ledger" => Answer::empty(StatusCode::NO_CONTENT),
        "customer-portal" => Answer::json(StatusCode::OK, &json!({})),
        _ => Answer::empty(StatusCode::OK),
    }
}
