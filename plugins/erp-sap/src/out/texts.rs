//! What happened to a delivery or an order, as a text of it or in a field of its own: milestones and what customs says.
//!
//! | setting of the agreement | what it says |
//! |---|---|
//! | `text` | the id of the text, `TX01` of the delivery where it is left out |
//! | `language` | its language, `EN` where it is left out |
//! | `method` | `POST` makes the text; `PATCH` changes one that is there always |
//! | `field` | a field of the delivery instead, such as `YY1_CustomsStatus_DLH`, which gets the status alone |

use portgate_sdk::canonical::{Classifier, Code, DeclarationStatus, Location, MilestoneCode, Text, Timestamp};
use portgate_sdk::{Document, Finding, Rejection, Request, Target};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::batch::{Operation, request};
use super::{About, error, made, no_delivery, other_kind, setting};

/// A semicolon in a path is cut off by some servers with all that follows it, so the gateway lets none go out: it is encoded.
const DELIVERIES: &str = "/sap/opu/odata/sap/API_OUTBOUND_DELIVERY_SRV%3Bv=0002";
const ORDERS: &str = "/sap/opu/odata/sap/API_SALES_ORDER_SRV";

/// As much as is said of what happened. What policy withholds is not there.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Happened {
    code: Option<Value>,
    classifier: Option<Classifier>,
    occurred_at: Option<Timestamp>,
    location: Option<Location>,
    #[serde(default)]
    remarks: Vec<Text<512>>,
    status: Option<DeclarationStatus>,
    mrn: Option<Text<35>>,
    lrn: Option<Text<64>>,
    #[serde(default)]
    errors: Vec<Value>,
}

pub(crate) fn encode(documents: &[Document], target: &Target) -> Result<Request, Rejection> {
    let mut findings: Vec<Finding> = Vec::new();
    let (mut of_deliveries, mut of_orders) = (Vec::new(), Vec::new());
    for (index, document) in documents.iter().enumerate() {
        if !matches!(document.kind.as_str(), "milestone" | "customs-status") {
            findings.push(other_kind(index, document, target));
            continue;
        }
        let (about, happened): (About, Happened) = (About::read(document)?, document.read()?);
        match (about.delivery(), about.sales_order()) {
            (Some(delivery), _) => of_deliveries.push(of_delivery(&delivery, &happened, target)),
            (None, Some(order)) => of_orders.push(of_order(&order, &happened, target)),
            (None, None) => findings.push(no_delivery(index)),
        }
    }
    let (service, operations) = match (of_deliveries.is_empty(), of_orders.is_empty()) {
        (_, true) => (DELIVERIES, of_deliveries),
        (true, false) => (ORDERS, of_orders),
        (false, false) => {
            let detail = "Some are about deliveries and others about orders, which are two services; send them apart.";
            findings.push(error(0, "", "TWO-SERVICES", detail));
            (DELIVERIES, of_deliveries)
        }
    };
    made(request(service, &operations), findings)
}

fn of_delivery(delivery: &str, happened: &Happened, target: &Target) -> Operation {
    let text = setting(target, "text").unwrap_or("TX01");
    let language = setting(target, "language").unwrap_or("EN");
    if let Some(field) = setting(target, "field") {
        let mut body = serde_json::Map::new();
        body.insert(field.to_owned(), happened.word().into());
        let path = format!("A_OutbDeliveryHeader('{delivery}')");
        return Operation { method: "PATCH", path, is_change: true, body: Some(Value::Object(body)) };
    }
    let words = happened.words();
    if setting(target, "method") == Some("PATCH") {
        let key = format!("DeliveryDocument='{delivery}',TextElement='{text}',Language='{language}'");
        let body = Some(json!({ "TextElementText": words }));
        return Operation { method: "PATCH", path: format!("A_OutbDeliveryHeaderText({key})"), is_change: true, body };
    }
    let body = json!({
        "DeliveryDocument": delivery, "TextElement": text, "Language": language, "TextElementText": words,
    });
    Operation { method: "POST", path: "A_OutbDeliveryHeaderText".to_owned(), is_change: false, body: Some(body) }
}

fn of_order(order: &str, happened: &Happened, target: &Target) -> Operation {
    let text = setting(target, "text").unwrap_or("TX01");
    let language = setting(target, "language").unwrap_or("EN");
    let words = happened.words();
    if setting(target, "method") == Some("PATCH") {
        let key = format!("SalesOrder='{order}',Language='{language}',LongTextID='{text}'");
        let body = Some(json!({ "LongText": words }));
        return Operation { method: "PATCH", path: format!("A_SalesOrderText({key})"), is_change: true, body };
    }
    let body = json!({ "SalesOrder": order, "Language": language, "LongTextID": text, "LongText": words });
    Operation { method: "POST", path: "A_SalesOrderText".to_owned(), is_change: false, body: Some(body) }
}

impl Happened {
    /// The status in one word.
    fn word(&self) -> String {
        match (&self.status, &self.code) {
            (Some(status), _) => named(status),
            (None, Some(Value::String(code))) => code.clone(),
            (None, _) => named(&MilestoneCode::Unmapped),
        }
    }

    /// What happened, in a line: `RELEASED 2026-03-05T09:00:00Z, MRN 26GB…, Felixstowe. Remark`.
    fn words(&self) -> String {
        let mut said = self.word();
        if let Some(classifier) = self.classifier.filter(|classifier| *classifier != Classifier::Act) {
            said.push_str(&format!(" ({})", named(&classifier)));
        }
        if let Some(at) = &self.occurred_at {
            said.push_str(&format!(" {}", at.as_str()));
        }
        for (name, number) in [("MRN", self.mrn.as_deref()), ("LRN", self.lrn.as_deref())] {
            said.extend(number.map(|number| format!(", {name} {number}")));
        }
        let place = self.location.as_ref();
        let name = place.and_then(|place| place.name.as_deref().or(place.un_locode.as_ref().map(|code| code.as_str())));
        said.extend(name.map(|name| format!(", {name}")));
        if let Some(Ok(code)) = self.code.clone().map(serde_json::from_value::<Code>) {
            said.push_str(&format!(" ({} {})", code.code_list, code.code));
        }
        for error in &self.errors {
            let text = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            said.push_str(&format!("\n{} {}", text("code"), text("text")));
        }
        for remark in &self.remarks {
            said.push_str(&format!("\n{remark}"));
        }
        said
    }
}

/// The word that a value has in canonical documents.
fn named(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
