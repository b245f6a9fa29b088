//! A canonical fulfilment that is done, by a warehouse or a carrier, is told to the shop: `fulfillmentCreate` of its GraphQL API,
//! with the numbers by which the buyer follows the parcels.
//!
//! The shop fulfils requests (fulfilment orders), line by line, and knows them by their numbers; who has fulfilled one was given
//! them with it. A fulfilment that names its request and no line has fulfilled all of it.

use portgate_sdk::canonical::{FulfilmentLine, FulfilmentParcel, FulfilmentStatus, Text};
use portgate_sdk::{Document, Finding, Pointer, Rejection, Request, log};
use serde::{Deserialize, Serialize};

use crate::graphql;
use crate::scalar::number_of;

const QUERY: &str = "mutation fulfillmentCreate($fulfillment: FulfillmentInput!, $message: String) { \
    fulfillmentCreate(fulfillment: $fulfillment, message: $message) { fulfillment { id status } \
    userErrors { field message } } }";

/// The kind of documents that is told, and the reference by which it may name its request.
const KIND: &str = "fulfilment";
const REQUEST: &str = "shopify-fulfillment-order";

/// As much of a fulfilment as is told. What policy withholds is not there.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fulfilment {
    status: Option<FulfilmentStatus>,
    request_ref: Option<Text<64>>,
    carrier_name: Option<Text<128>>,
    #[serde(default)]
    lines: Vec<FulfilmentLine>,
    #[serde(default)]
    parcels: Vec<FulfilmentParcel>,
    #[serde(default)]
    remarks: Vec<Text<512>>,
}

#[derive(Serialize)]
struct Variables {
    fulfillment: FulfillmentInput,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FulfillmentInput {
    line_items_by_fulfillment_order: [OfOneOrder; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking_info: Option<TrackingInfo>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OfOneOrder {
    fulfillment_order_id: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fulfillment_order_line_items: Vec<OfOneLine>,
}

#[derive(Serialize)]
struct OfOneLine {
    id: String,
    quantity: u32,
}

/// One parcel's number and address, or those of several: the shop takes one or the other.
#[derive(Default, Serialize)]
struct TrackingInfo {
    #[serde(skip_serializing_if = "Option::is_none")]
    company: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    numbers: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    urls: Vec<String>,
}

/// The request that tells of the fulfilment of a document.
pub(crate) fn encode(documents: &[Document]) -> Result<Request, Rejection> {
    let [document] = documents else {
        let detail = format!("The shop is told of one fulfilment a request, not of {}.", documents.len());
        return Err(Finding::error("NOT-ONE-DOCUMENT", "", detail).into());
    };
    let at = Pointer::root().index(0);
    if document.kind != KIND {
        let detail = format!("The shop is told of fulfilments here, not of a `{}`.", document.kind);
        return Err(Finding::error("NOT-A-FULFILMENT", at, detail).into());
    }
    let fulfilment: Fulfilment = document.read()?;
    let mut findings = Vec::new();
    if fulfilment.status != Some(FulfilmentStatus::Fulfilled) {
        let detail = "Only a fulfilment that is done (`FULFILLED`) is told to the shop.";
        findings.push(Finding::error("NOT-FULFILLED", at.key("status"), detail));
    }
    let referred = document.refs.iter().find(|name| &*name.scheme == REQUEST).map(|name| name.value.to_string());
    let request = fulfilment.request_ref.as_ref().map(ToString::to_string).or(referred);
    let place = at.key("requestRef");
    let request = match request {
        Some(request) => number(&request, "FulfillmentOrder", place, &mut findings),
        None => {
            findings.push(Finding::error(
                "MISSING",
                place,
                "Name the fulfilment order of the shop that was fulfilled.",
            ));
            None
        }
    };
    let list = at.key("lines");
    let lines = fulfilment.lines.iter().enumerate();
    let lines: Vec<OfOneLine> = lines.filter_map(|(index, one)| line(one, list.index(index), &mut findings)).collect();
    if lines.is_empty() && !fulfilment.lines.is_empty() && findings.is_empty() {
        findings.push(Finding::error("NOTHING-SENT", list, "Nothing of any line was sent."));
    }
    let (Some(request), true) = (request, findings.is_empty()) else { return Err(Rejection::new(findings)) };
    let fulfillment = FulfillmentInput {
        line_items_by_fulfillment_order: [OfOneOrder {
            fulfillment_order_id: format!("gid://shopify/FulfillmentOrder/{request}"),
            fulfillment_order_line_items: lines,
        }],
        tracking_info: TrackingInfo::of(fulfilment.carrier_name, fulfilment.parcels),
    };
    let remarks: Vec<&str> = fulfilment.remarks.iter().map(|remark| &**remark).collect();
    let message = (!remarks.is_empty()).then(|| remarks.join("\n"));
    graphql::request(QUERY, Variables { fulfillment, message })
}

/// A line of the request, of which so many pieces were sent; none where none were.
fn line(line: &FulfilmentLine, at: Pointer, findings: &mut Vec<Finding>) -> Option<OfOneLine> {
    let quantity = line.quantity.value;
    if quantity.is_zero() {
        log::info(format!("Nothing of the line at {at} was sent; the shop is not told of it."));
        return None;
    }
    let id = match &line.request_line {
        Some(id) => number(id, "FulfillmentOrderLineItem", at.key("requestLine"), findings),
        None => {
            let detail = "Name the line of the fulfilment order; the shop knows it by that alone.";
            findings.push(Finding::error("MISSING", at.key("requestLine"), detail));
            None
        }
    };
    let pieces = quantity.normalised().to_string().parse().ok();
    if pieces.is_none() {
        let detail = format!("The shop counts whole pieces, not {quantity}.");
        findings.push(Finding::error("NOT-PIECES", at.key("quantity"), detail));
    }
    Some(OfOneLine { id: format!("gid://shopify/FulfillmentOrderLineItem/{}", id?), quantity: pieces? })
}

/// The shop's number of a thing of this kind: alone, at the end of its global id, or as this connector marks its fulfilment orders.
fn number(name: &str, kind: &str, at: Pointer, findings: &mut Vec<Finding>) -> Option<u64> {
    let number = number_of(name.strip_prefix("order-").unwrap_or(name), kind);
    if number.is_none() {
        let detail = format!("`{name}` is no number of a {kind} of the shop, alone or at the end of its global id.");
        findings.push(Finding::error("INVALID", at, detail));
    }
    number
}

impl TrackingInfo {
    /// None where there is nothing to follow. Addresses go with numbers, and only where every parcel has both.
    fn of(carrier: Option<Text<128>>, parcels: Vec<FulfilmentParcel>) -> Option<Self> {
        let numbers: Vec<String> =
            parcels.iter().filter_map(|parcel| Some(parcel.tracking_number.as_ref()?.to_string())).collect();
        let urls: Vec<String> =
            parcels.iter().filter_map(|parcel| Some(parcel.tracking_url.as_ref()?.to_string())).collect();
        let all = numbers.len() == parcels.len() && urls.len() == parcels.len();
        if !all && !urls.is_empty() {
            log::info("Not every parcel has a number and an address; the shop is told the numbers alone.");
        }
        let urls = if all { urls } else { Vec::new() };
        let company = carrier.map(|carrier| carrier.to_string());
        let info = match numbers.len() {
            1 => TrackingInfo {
                company,
                number: numbers.into_iter().next(),
                url: urls.into_iter().next(),
                ..TrackingInfo::default()
            },
            _ => TrackingInfo { company, numbers, urls, ..TrackingInfo::default() },
        };
        let is_something = info.company.is_some() || info.number.is_some() || !info.numbers.is_empty();
        is_something.then_some(info)
    }
}
