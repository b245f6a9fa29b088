//! What a partner can look up: one exchange of its own, the events of its own exchanges, and the shipments that its policy
//! lets it see.
//!
//! A reader proves who it is as a sender does, and reads at its rate. What belongs to another partner does not exist for
//! it.

mod shipments;

use std::sync::Arc;

use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response};
use jiff::SignedDuration;
use portgate_core::document::Part;
use portgate_core::policy::Webhook;
use portgate_core::sender;
use portgate_core::sha256::sha256;
use portgate_http::auth::{Credential, Signed, SignedAs};
use portgate_http::connection::{RequestBody, ResponseBody};
use portgate_store::{
    Cursor, Delivery, ExchangeId, ExchangeRecord, ExchangeState, KeptAnswer, RequestKey, State, TakenKey,
};
use serde_json::{Value, json};
use tokio::sync::OwnedSemaphorePermit;

use crate::chain::{Account, Surroundings};
use crate::configuration::Partner;
use crate::events::{OfPartner, Stream};
use crate::intake::Incoming;
use crate::refusal::Refusal;

pub(crate) use shipments::Shipments;

/// How long the id of a signed read is remembered: longer than any signature counts, which may lie an hour ahead for an hour.
const READ_REMEMBERED: SignedDuration = SignedDuration::from_hours(3);

/// What is read, by the beginnings of its paths.
const EXCHANGES: &str = "/v1/exchanges/";
const SHIPMENTS: &str = "/v1/shipments/";

/// Whether a path is of something that is read.
pub(crate) fn is_read(path: &str) -> bool {
    path == "/v1/events" || path.starts_with(EXCHANGES) || path.starts_with(SHIPMENTS)
}

/// Answers `GET` of an exchange, of events, and of shipments.
pub(crate) async fn read(
    around: &Surroundings<'_>,
    request: Request<RequestBody>,
    account: &mut Account,
) -> Result<Response<ResponseBody>, Refusal> {
    let (head, body) = request.into_parts();
    if head.method != Method::GET {
        return Err(Refusal::MethodNotAllowed { allow: "GET".into() });
    }
    // A read has no body, so none is waited for: whatever comes behind the head is thrown away.
    drop(body);
    let reader = authenticate(around, &head, account).await?;
    let _place = around.place()?;
    let path = head.uri.path();
    match (path.strip_prefix(EXCHANGES), path.strip_prefix(SHIPMENTS)) {
        (Some(id), _) => exchange(around, &reader, id).await,
        (_, Some(asked)) => shipments::read(around, reader, &head, asked).await,
        (None, None) => events(around, reader, &head).await,
    }
}

/// Who reads, with one of its places.
struct Reader {
    partner: Arc<Partner>,
    /// The partner, or the partner that tests: each sees what is its own.
    sender: Arc<str>,
    place: OwnedSemaphorePermit,
}

async fn authenticate(around: &Surroundings<'_>, head: &Parts, account: &mut Account) -> Result<Reader, Refusal> {
    let identity = match around.credential(head).await? {
        Credential::Proven(identity) => identity,
        Credential::Signed(signed) => {
            let signed = signed.for_reading()?;
            around.strangers.verify_at_once(around.peer.network(), signed, b"", around.now)?
        }
    };
    around.peer.prove();
    account.sender = Some(Arc::clone(&identity.sender));
    let partner = around.configuration.partners.get(identity.partner()).ok_or(Refusal::NotFound)?;
    let place = partner.throttle.admit(&partner.name, None, &mut account.allowances).await?;
    if let Some(Signed { by: SignedAs::Id(id), .. }) = identity.signed.clone() {
        take(around, &identity.sender, id, head).await?;
    }
    Ok(Reader { partner: Arc::clone(partner), sender: identity.sender, place })
}

/// Takes the id of a signed read. What is read is not kept to be given again, so a copy is refused: whoever has caught one
/// reads nothing with it.
async fn take(around: &Surroundings<'_>, sender: &str, id: String, head: &Parts) -> Result<(), Refusal> {
    let taken = TakenKey {
        partner: sender.to_owned(),
        key: RequestKey::Webhook { id },
        fingerprint: sha256(head.uri.to_string().as_bytes()),
        now: around.now,
        expires_at: around.now.saturating_add(READ_REMEMBERED).unwrap_or(around.now),
    };
    match around.state.journal.take_key(taken).await? {
        None => Ok(()),
        Some(KeptAnswer::KeyReused(_)) => Err(Refusal::WebhookIdReused),
        Some(KeptAnswer::Unanswered | KeptAnswer::Replayed(_)) => Err(Refusal::WebhookIdTaken),
    }
}

async fn exchange(around: &Surroundings<'_>, reader: &Reader, id: &str) -> Result<Response<ResponseBody>, Refusal> {
    let id: ExchangeId = id.parse().map_err(|_| Refusal::ExchangeUnknown)?;
    let record = around.state.journal.exchange(id).await?;
    let own = record.filter(|record| *record.exchange.partner == *reader.sender);
    let record = own.ok_or(Refusal::ExchangeUnknown)?;
    let mut shown = shown(around, &record);
    let incoming = Incoming::again(&record.exchange, Vec::new());
    if let Some(answer) = around.intake().told_since(&incoming, id).await? {
        let content_type = answer.headers.iter().find(|(name, _)| name == "content-type").map(|(_, value)| value);
        shown["acknowledgement"] =
            json!({ "contentType": content_type, "body": String::from_utf8_lossy(&answer.body) });
    }
    let body = serde_json::to_vec(&shown).expect("a value made here always serialises");
    Ok(answer(body.into(), "application/json"))
}

/// An exchange as its partner sees it. What other partners answered stays with them and the operator.
fn shown(around: &Surroundings<'_>, record: &ExchangeRecord) -> Value {
    let exchange = &record.exchange;
    let counting = record.documents.iter().filter(|document| document.superseded_by.is_none());
    let documents = counting.map(|document| {
        let body = document.body.as_deref().and_then(|body| serde_json::from_slice::<Value>(body).ok());
        json!({ "kind": document.kind, "key": document.key, "references": document.refs,
            "sha256": hex::encode(document.sha256), "document": body, "part": Part::named(&exchange.parts, document.part) })
    });
    let deliveries = to_partners(record).map(|delivery| {
        json!({ "id": delivery.id.to_string(), "destination": delivery.destination, "contract": delivery.contract,
            "version": delivery.version, "parts": delivery.parts, "state": delivery_state(around, delivery), "attempts": delivery.attempts.len(),
            "dueAt": (!is_settled(delivery.state)).then(|| delivery.due_at.to_string()),
            "settledAt": delivery.settled_at.map(|at| at.to_string()) })
    });
    json!({
        "exchange": exchange.id.to_string(),
        "test": sender::is_test(&exchange.partner),
        "state": state(record),
        "contract": exchange.contract,
        "version": exchange.version,
        "receivedAt": exchange.received_at.to_string(),
        "acceptedAt": exchange.accepted_at.to_string(),
        "sha256": hex::encode(exchange.sha256),
        "problem": record.refused.as_ref().map(|refused| json!({ "type": format!("/problems/{}", refused.problem),
            "status": refused.status, "detail": refused.detail })),
        "findings": exchange.findings,
        "acknowledgement": Value::Null,
        "parts": exchange.parts,
        "documents": documents.collect::<Vec<_>>(),
        "deliveries": deliveries.collect::<Vec<_>>(),
    })
}

/// Where the exchange as a whole is. Before it is decoded, or where it never is: `parked`, `rejected`, `failed`,
/// `discarded` or `refused`. Then `accepted` while something is still to go out, `exception` when something waits for a person, else
/// `completed`.
fn state(record: &ExchangeRecord) -> &'static str {
    if record.exchange.state != ExchangeState::Accepted {
        return record.exchange.state.as_str();
    }
    let any = |wanted: State| to_partners(record).any(|delivery| delivery.state == wanted);
    match () {
        () if any(State::Dead) => "exception",
        () if [State::Pending, State::Awaiting, State::Sent, State::Overdue].into_iter().any(any) => "accepted",
        () => "completed",
    }
}

/// The deliveries that the exchange was for. What its own webhook is told of it says nothing about how far it is.
fn to_partners(record: &ExchangeRecord) -> impl Iterator<Item = &Delivery> {
    record.deliveries.iter().filter(|delivery| !Webhook::is(&delivery.destination))
}

/// A delivery's state; one to a partner that is not delivered to at present is `held`.
fn delivery_state(around: &Surroundings<'_>, delivery: &Delivery) -> &'static str {
    let destination = around.configuration.destinations.get(&delivery.destination);
    match delivery.state {
        State::Pending | State::Awaiting if destination.is_none_or(|policy| !policy.delivery.enabled) => "held",
        state => state.as_str(),
    }
}

fn is_settled(state: State) -> bool {
    matches!(state, State::Delivered | State::Dead | State::Discarded)
}

/// What happens, from after `Last-Event-ID` on. Without one the reader hears what is new from now on; `?after=start`
/// begins with the oldest.
async fn events(around: &Surroundings<'_>, reader: Reader, head: &Parts) -> Result<Response<ResponseBody>, Refusal> {
    let state = around.state;
    let last = last_event_id(head)?;
    let after = match (last, head.uri.query()) {
        (Some(last), _) => state.event_ids.place(&reader.sender, &last).ok_or(Refusal::EventUnknown)?,
        (None, Some("after=start")) => Cursor::default(),
        (None, None) => state.journal.end_of_events(Some(&reader.sender)).await?,
        (None, Some(_)) => return Err(Refusal::NotFound),
    };
    let Reader { partner, sender, place } = reader;
    let told = OfPartner { journal: Arc::clone(&state.journal), ids: state.event_ids.clone(), sender, after };
    let stream = Stream {
        configuration: Arc::clone(&state.configuration),
        stopping: state.stopping.clone(),
        changes: state.journal.changes(),
        partner,
        place,
    };
    Ok(answer(stream.begin(told), "text/event-stream"))
}

/// Where a reader goes on, if it says so.
fn last_event_id(head: &Parts) -> Result<Option<String>, Refusal> {
    let mut named = head.headers.get_all("last-event-id").iter();
    match (named.next(), named.next()) {
        (Some(_), Some(_)) => Err(Refusal::EventUnknown),
        (last, _) => last.map(|last| last.to_str().map(str::to_owned).map_err(|_| Refusal::EventUnknown)).transpose(),
    }
}

fn answer(body: ResponseBody, media_type: &'static str) -> Response<ResponseBody> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
