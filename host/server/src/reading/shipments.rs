//! What a partner can look up of shipments: those that its policy lets it see, and in them what it grants.
//!
//! A shipment that it may not see is answered exactly as one that there is not; and it finds shipments by names of those
//! schemes alone that it may be shown, so that no guess tells it a name which is kept from it.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LINK};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use percent_encoding::percent_decode_str;
use portgate_core::document::Document;
use portgate_core::sha256::sha256_hex;
use portgate_http::connection::ResponseBody;
use portgate_store::{Cursor, KeptShipment, ShipmentEvent, ShipmentNews, ShipmentViewer};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Reader, answer, last_event_id};
use crate::chain::Surroundings;
use crate::events::{OfShipment, Stream, place_of};
use crate::refusal::Refusal;
use crate::sight::Sight;

/// Shipments that are listed of one name, at most.
const LISTED_MAX: u32 = 50;
/// What is told of a shipment that one page of EPCIS looks at.
const PAGE: u32 = 100;
/// The media type of EPCIS documents in JSON-LD.
const EPCIS: &str = "application/ld+json";

/// Shipments as a partner sees them.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Shipments {
    /// One with its context, or several without.
    shipments: Vec<Shown>,
}

/// A shipment as a partner sees it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Shipment")]
struct Shown {
    /// What it is called, and stays: another name of it may lead here later.
    id: String,
    /// What the gateway calls the state of its context; nothing before it was put together first.
    revision: Option<String>,
    /// Whether the context has all documents that have come.
    current: bool,
    /// When its first document came.
    #[schemars(extend("format" = "date-time"))]
    opened_at: String,
    /// When its last one came.
    #[schemars(extend("format" = "date-time"))]
    changed_at: String,
    /// When it was closed; nothing while it is open.
    closed_at: Option<String>,
    /// What is known of it (canonical kind `shipment-context`), as far as the partner may see it. Not where several are listed: each is
    /// read by its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Map<String, Value>>")]
    context: Option<Box<RawValue>>,
}

impl Shown {
    fn new(kept: KeptShipment, sight: Option<&Sight>) -> Shown {
        let context = sight.zip(kept.context).and_then(|(sight, context)| {
            let (kind, key) = ("shipment-context".to_owned(), kept.id.to_string());
            let context = Document { kind, key, refs: Vec::new(), body: context.into_bytes() };
            let text = String::from_utf8(sight.of_document(context)?.body).ok()?;
            RawValue::from_string(text).ok()
        });
        Shown {
            id: kept.id.to_string(),
            revision: kept.revision,
            current: kept.is_current,
            opened_at: kept.opened_at.to_string(),
            changed_at: kept.changed_at.to_string(),
            closed_at: kept.closed_at.map(|at| at.to_string()),
            context,
        }
    }
}

/// Answers `GET /v1/shipments/{reference}` and `GET /v1/shipments/{id}/events`.
pub(super) async fn read(
    around: &Surroundings<'_>,
    reader: Reader,
    head: &Parts,
    asked: &str,
) -> Result<Response<ResponseBody>, Refusal> {
    let (named, wants_events) = match asked.strip_suffix("/events") {
        Some(named) => (named, true),
        None => (asked, false),
    };
    // A name can have any sign in it.
    let name = percent_decode_str(named).decode_utf8_lossy().into_owned();
    let Some(sight) = reader.partner.sight.clone() else { return Err(Refusal::ShipmentUnknown { reference: name }) };
    let found = find(around, &sight.viewer(&reader.sender), &name).await?;
    match (wants_events, <[KeptShipment; 1]>::try_from(found)) {
        (_, Err(found)) if found.is_empty() => Err(Refusal::ShipmentUnknown { reference: name }),
        (true, Err(_)) => Err(Refusal::ShipmentAmbiguous { reference: name }),
        (true, Ok([shipment])) => events(around, reader, sight, head, &shipment).await,
        (false, Ok([shipment])) => shown(vec![Shown::new(shipment, Some(&sight))], &head.headers),
        (false, Err(found)) => shown(found.into_iter().map(|kept| Shown::new(kept, None)).collect(), &head.headers),
    }
}

async fn find(around: &Surroundings<'_>, viewer: &ShipmentViewer, name: &str) -> Result<Vec<KeptShipment>, Refusal> {
    let journal = &around.state.journal;
    if let Ok(id) = name.parse::<Uuid>()
        && let Some(kept) = journal.shipment_seen(viewer, id).await?
    {
        return Ok(vec![kept]);
    }
    Ok(journal.shipments_seen(viewer, name.to_owned(), LISTED_MAX).await?)
}

/// The answer, with a tag after what it says: the same revision is shown in another way once a policy has changed.
fn shown(shipments: Vec<Shown>, asked: &HeaderMap) -> Result<Response<ResponseBody>, Refusal> {
    let revision = match &*shipments {
        [Shown { revision: Some(revision), current: true, .. }] => format!("{revision}."),
        _ => String::new(),
    };
    let body = serde_json::to_vec(&Shipments { shipments }).expect("texts and JSON always serialise");
    let digest = sha256_hex(&body);
    let tag = format!("\"{revision}{}\"", digest.get(..16).unwrap_or_default());
    // The comparison is the weak one (RFC 9110 §13.1.2).
    let listed = asked.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let is_known = listed.flat_map(|list| list.split(',')).any(|known| {
        let known = known.trim();
        known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag
    });
    let mut response = Response::new(ResponseBody::from(if is_known { Bytes::new() } else { body.into() }));
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    match is_known {
        true => *response.status_mut() = StatusCode::NOT_MODIFIED,
        false => drop(response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"))),
    }
    Ok(response)
}

/// What is told of one shipment: as server-sent events, or, where EPCIS is wanted, page by page.
async fn events(
    around: &Surroundings<'_>,
    reader: Reader,
    sight: Arc<Sight>,
    head: &Parts,
    shipment: &KeptShipment,
) -> Result<Response<ResponseBody>, Refusal> {
    let state = around.state;
    let after = match (last_event_id(head)?, query(head)?) {
        (Some(last), _) | (None, Asked { after: Some(last), .. }) => {
            let place = state.event_ids.place(&place_of(&reader.sender), &last);
            Some(place.ok_or(Refusal::EventUnknown)?)
        }
        (None, Asked { from_start: true, .. }) => Some(Cursor::default()),
        (None, Asked { .. }) => None,
    };
    if wants_epcis(&head.headers) {
        return epcis(around, &reader, &sight, shipment, after.unwrap_or_default()).await;
    }
    let after = match after {
        Some(after) => after,
        None => state.journal.end_of_shipment_events(shipment.id).await?,
    };
    let told = OfShipment {
        journal: Arc::clone(&state.journal),
        ids: state.event_ids.clone(),
        sight,
        sender: Arc::clone(&reader.sender),
        shipment: shipment.id.as_uuid(),
        after,
    };
    let Reader { partner, sender: _, place } = reader;
    let stream = Stream {
        configuration: Arc::clone(&state.configuration),
        stopping: state.stopping.clone(),
        changes: state.journal.changes(),
        partner,
        place,
    };
    Ok(answer(stream.begin(told), "text/event-stream"))
}

/// What a reader asks for behind the question mark.
#[derive(Default)]
struct Asked {
    after: Option<String>,
    from_start: bool,
}

fn query(head: &Parts) -> Result<Asked, Refusal> {
    let Some(query) = head.uri.query() else { return Ok(Asked::default()) };
    match query.split_once('=') {
        Some(("after", "start")) => Ok(Asked { after: None, from_start: true }),
        // What the link to the next page has, by the name that the standard gives it.
        Some(("nextPageToken", token)) => Ok(Asked { after: Some(token.to_owned()), from_start: false }),
        _ => Err(Refusal::NotFound),
    }
}

/// Whether the client takes EPCIS and did not name server-sent events before it.
fn wants_epcis(headers: &HeaderMap) -> bool {
    let listed = headers.get_all(http::header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let types = listed.flat_map(|list| list.split(',')).map(|one| one.split(';').next().unwrap_or_default().trim());
    let mut known = types.filter(|one| [EPCIS, "application/json", "text/event-stream"].contains(one));
    known.next().is_some_and(|first| first != "text/event-stream")
}

/// One page of the events in EPCIS: what the documents tell that the reader may see, as far as it may see them.
async fn epcis(
    around: &Surroundings<'_>,
    reader: &Reader,
    sight: &Sight,
    shipment: &KeptShipment,
    after: Cursor,
) -> Result<Response<ResponseBody>, Refusal> {
    let told = around.state.journal.shipment_events(shipment.id, after, PAGE).await?;
    let next = (told.len() == PAGE as usize).then(|| told.last().map(|last| last.cursor)).flatten();
    let of_documents = told.into_iter().filter_map(|ShipmentEvent { news, .. }| match news {
        ShipmentNews::Document { document, .. } => sight.of_document(document),
        ShipmentNews::Revision(_) | ShipmentNews::Gone => None,
    });
    // A document tells of nothing where it is of no kind that has events, or where too little of it may be seen.
    let events: Vec<portgate_epcis::Event> = of_documents
        .filter_map(|document| portgate_epcis::events(&document.kind, &document.body).ok())
        .flatten()
        .collect();
    let document = portgate_epcis::query_document(&events, &around.now.to_string());
    let body = serde_json::to_vec(&document).expect("a value made here always serialises");
    let mut response = answer(Bytes::from(body).into(), EPCIS);
    response.headers_mut().insert("gs1-epcis-version", HeaderValue::from_static("2.0"));
    if let Some(next) = next {
        let token = around.state.event_ids.id(&place_of(&reader.sender), next);
        let link = format!("</v1/shipments/{}/events?nextPageToken={token}>; rel=\"next\"", shipment.id);
        if let Ok(link) = HeaderValue::from_str(&link) {
            response.headers_mut().insert(LINK, link);
        }
    }
    Ok(response)
}
