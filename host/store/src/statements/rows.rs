//! What an acceptance puts into the tables.

use std::borrow::Cow;

use jiff::Timestamp;
use portgate_core::delivery::Request;
use portgate_core::document::{Document, Part};
use portgate_core::sha256::sha256;

use super::event::kept;
use super::key::{business_hash, request_hash};
use super::table::table;
use super::value::{Param, lane_name};
use crate::acceptance::{Acceptance, Answer, BusinessKey, Idempotency, NewDelivery, NewExchange};
use crate::event::NewEvent;
use crate::id::{DeliveryId, ExchangeId};
use crate::refused::NewRefusal;

/// The message itself.
pub(crate) struct ExchangeRow<'a> {
    exchange: &'a NewExchange,
    now: Timestamp,
    business: Option<&'a BusinessKey>,
    business_hash: Option<[u8; 16]>,
    payload: Option<&'a [u8]>,
}

table! {
    exchanges(row: ExchangeRow<'_>) {
        id: Id = Param::Id(row.exchange.id.0),
        partner: Text = Param::text(&row.exchange.partner),
        contract: Text = Param::text(&row.exchange.contract),
        version: Text = Param::text(&row.exchange.version),
        content_type: Text = Param::text(&row.exchange.content_type),
        headers: Text = Param::json(&row.exchange.headers),
        received_at: Int = Param::time(row.exchange.received_at),
        accepted_at: Int = Param::time(row.now),
        request_id: Text = Param::text(&row.exchange.request_id),
        trace: Text = Param::optional(row.exchange.trace.as_deref(), Param::text),
        plugin_name: Text = Param::text(&row.exchange.plugin.name),
        plugin_version: Text = Param::text(&row.exchange.plugin.version),
        plugin_sha256: Bytes = Param::Bytes(&row.exchange.plugin.sha256),
        sha256: Bytes = Param::Bytes(&row.exchange.sha256),
        findings: Text = Param::json(&row.exchange.findings),
        parts: Text = Param::list(&row.exchange.parts),
        origin: Id = Param::optional(row.exchange.origin, |origin| Param::Id(origin.0)),
        business_key: Text = Param::optional(row.business, |business| Param::text(&business.key)),
        business_hash: Bytes = Param::optional(row.business_hash.as_ref(), |hash| Param::Bytes(hash)),
        business_fingerprint: Bytes = Param::optional(row.business, |business| Param::Bytes(&business.fingerprint)),
        payload: Bytes = Param::optional(row.payload, Param::Bytes),
    }
}

impl<'a> ExchangeRow<'a> {
    pub(crate) fn of(acceptance: &'a Acceptance) -> Self {
        let (exchange, business) = (&acceptance.exchange, acceptance.business_key.as_ref());
        let hash = |business: &BusinessKey| business_hash(&exchange.partner, &exchange.contract, &business.key);
        let (now, payload) = (acceptance.now, Some(&exchange.payload[..]));
        ExchangeRow { exchange, now, business, business_hash: business.map(hash), payload }
    }

    /// One that was refused, with its payload or without.
    pub(crate) fn refused(exchange: &'a NewExchange, now: Timestamp, payload: Option<&'a [u8]>) -> Self {
        ExchangeRow { exchange, now, business: None, business_hash: None, payload }
    }
}

/// Why it was refused, and what it takes of its partner's budget of that day.
pub(crate) struct RefusalRow<'a> {
    pub(crate) refusal: &'a NewRefusal,
    pub(crate) day: i64,
    pub(crate) bytes: u64,
}

table! {
    refusals(row: RefusalRow<'_>) {
        exchange: Id = Param::Id(row.refusal.exchange.id.0),
        partner: Text = Param::text(&row.refusal.exchange.partner),
        day: Int = Param::Int(row.day),
        bytes: Int = Param::count(row.bytes),
        status: Int = Param::count(row.refusal.status),
        problem: Text = Param::text(&row.refusal.problem),
        detail: Text = Param::text(&row.refusal.detail),
    }
}

/// One of its documents.
pub(crate) struct DocumentRow<'a> {
    exchange: ExchangeId,
    position: u32,
    document: &'a Document,
    sha256: [u8; 32],
    part: Option<u32>,
}

table! {
    documents(row: DocumentRow<'_>) {
        exchange: Id = Param::Id(row.exchange.0),
        position: Int = Param::count(row.position),
        kind: Text = Param::text(&row.document.kind),
        key: Text = Param::text(&row.document.key),
        refs: Text = Param::json(&row.document.refs),
        sha256: Bytes = Param::Bytes(&row.sha256),
        body: Bytes = Param::Bytes(&row.document.body),
        part: Int = Param::optional(row.part, Param::count),
    }
}

impl<'a> DocumentRow<'a> {
    /// Those of a message, in the order of its parts.
    pub(crate) fn all(
        exchange: ExchangeId,
        documents: &'a [Document],
        parts: &'a [Part],
    ) -> impl Iterator<Item = Self> + Send {
        (0..)
            .zip(documents)
            .zip(Part::numbers(parts))
            .map(move |((position, document), part)| Self { part, ..Self::whole(exchange, position, document) })
    }

    /// One of the whole message.
    pub(crate) fn whole(exchange: ExchangeId, position: u32, document: &'a Document) -> Self {
        DocumentRow { exchange, position, document, sha256: sha256(&document.body), part: None }
    }
}

/// One of its deliveries.
pub(crate) struct DeliveryRow<'a> {
    exchange: ExchangeId,
    delivery: &'a NewDelivery,
    pub(crate) lane: Option<Cow<'a, str>>,
    now: Timestamp,
    /// When its time comes.
    pub(crate) due_at: Timestamp,
    /// Nothing where it has to wait for its turn in the lane.
    pub(crate) claimable_at: Option<Timestamp>,
}

table! {
    deliveries(row: DeliveryRow<'_>) {
        id: Id = Param::Id(row.delivery.id.0),
        exchange: Id = Param::Id(row.exchange.0),
        destination: Text = Param::text(&row.delivery.destination),
        contract: Text = Param::text(&row.delivery.contract),
        version: Text = Param::text(&row.delivery.version),
        documents: Text = Param::json(&row.delivery.documents),
        parts: Text = Param::list(&row.delivery.parts),
        lane: Text = Param::optional(row.lane.as_deref(), Param::text),
        state: Text = Param::text("pending"),
        findings: Text = Param::text("[]"),
        created_at: Int = Param::time(row.now),
        due_at: Int = Param::time(row.due_at),
        claimable_at: Int = Param::optional(row.claimable_at, Param::time),
        attempts: Int = Param::Int(0),
        tries: Int = Param::Int(0),
        follow_ups: Int = Param::Int(0),
        batch_bytes: Int = Param::optional(row.delivery.batched.as_ref(), |batched| Param::count(batched.bytes)),
    }
}

impl<'a> DeliveryRow<'a> {
    /// The row of a delivery that has its turn.
    pub(crate) fn of(exchange: ExchangeId, delivery: &'a NewDelivery, now: Timestamp) -> Self {
        let lane = delivery.lane.as_deref().map(lane_name);
        let due_at = delivery.batched.as_ref().map_or(now, |batched| batched.until);
        DeliveryRow { exchange, delivery, lane, now, due_at, claimable_at: Some(due_at) }
    }

    /// The destination and the lane, where there is one.
    pub(crate) fn place_in_lane(&self) -> Option<(&str, &str)> {
        Some((&self.delivery.destination, self.lane.as_deref()?))
    }
}

/// What is sent, or asked with.
pub(crate) struct RequestRow<'a> {
    pub(crate) delivery: DeliveryId,
    pub(crate) purpose: &'static str,
    pub(crate) request: &'a Request,
}

table! {
    requests(row: RequestRow<'_>) {
        delivery: Id = Param::Id(row.delivery.0),
        purpose: Text = Param::text(row.purpose),
        method: Text = Param::text(&row.request.method),
        path: Text = Param::text(&row.request.path),
        headers: Text = Param::json(&row.request.headers),
        body: Bytes = Param::Bytes(&row.request.body),
    }
}

impl<'a> RequestRow<'a> {
    /// What a new delivery sends, where it is known already.
    pub(crate) fn known(delivery: &'a NewDelivery) -> Option<Self> {
        let request = delivery.request.as_ref()?;
        Some(RequestRow { delivery: delivery.id, purpose: "send", request })
    }
}

/// One of the keys that a request is known by, with what it was answered, if it was yet.
pub(crate) struct AnswerRow<'a> {
    pub(crate) hash: [u8; 16],
    pub(crate) exchange: Option<ExchangeId>,
    pub(crate) fingerprint: &'a [u8; 32],
    pub(crate) expires_at: Timestamp,
    pub(crate) answer: Option<&'a Answer>,
}

table! {
    answers(row: AnswerRow<'_>) {
        hash: Bytes = Param::Bytes(&row.hash),
        exchange: Id = Param::optional(row.exchange, |exchange| Param::Id(exchange.0)),
        fingerprint: Bytes = Param::Bytes(row.fingerprint),
        expires_at: Int = Param::time(row.expires_at),
        status: Int = Param::optional(row.answer, |answer| Param::count(answer.status)),
        headers: Text = Param::optional(row.answer, |answer| Param::json(&answer.headers)),
        body: Bytes = Param::optional(row.answer, |answer| Param::Bytes(&answer.body)),
    }
}

impl<'a> AnswerRow<'a> {
    /// One for each key of a message.
    pub(crate) fn all(
        partner: &'a str,
        exchange: ExchangeId,
        known: &'a Idempotency,
    ) -> impl Iterator<Item = Self> + Send {
        known.keys.iter().map(move |key| AnswerRow {
            hash: request_hash(partner, key),
            exchange: Some(exchange),
            fingerprint: &known.fingerprint,
            expires_at: known.expires_at,
            answer: Some(&known.answer),
        })
    }
}

/// What exchanges are found by, of a whole transaction.
pub(crate) struct GatheredRow {
    pub(crate) entries: Vec<u8>,
}

table! {
    names_gathered(row: GatheredRow) {
        entries: Bytes = Param::Bytes(&row.entries),
    }
}

table! {
    events(event: NewEvent) {
        id: Id = Param::Id(event.id.0),
        kind: Text = Param::text(&event.kind),
        subject: Text = Param::text(&event.subject),
        partner: Text = Param::text(&event.partner),
        at: Int = Param::time(event.at),
        data: Text = Param::text(kept(&event.data).0),
        exchange: Id = Param::optional(kept(&event.data).1, |(exchange, _)| Param::Id(exchange.0)),
        position: Int = Param::optional(kept(&event.data).1, |(_, position)| Param::count(position)),
    }
}
