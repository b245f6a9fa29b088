//! From a message to its acceptance, whichever way the message came: a partner has sent it ([`crate::chain`]), it was parked
//! and is taken up ([`crate::parked`]), or a partner has answered a delivery with it ([`crate::outbound`]).
//!
//! What its plugin makes of it, what is kept of it, which events are told of it and which deliveries the routes and the
//! webhooks ask for is worked out here. The caller has the journal keep it, and answers for it.

mod business_key;
mod decode;
mod events;
mod webhook;

use bytes::Bytes;
use jiff::Timestamp;
use portgate_core::document::{self, Part};
use portgate_core::finding::Finding;
use portgate_core::manifest::BusinessKey as Declared;
use portgate_core::message::Message;
use portgate_core::sender;
use portgate_delivery::routing;
use portgate_runtime::Plugin;
use portgate_store::{
    Acceptance, BusinessKey, ClaimedDelivery, DeliveryId, ExchangeId, Failure, NewEvent, NewExchange, ParkedExchange,
    PluginBuild, Settled, TakenUp, Told,
};

use crate::configuration::Configuration;
use crate::state::State;
use business_key::business_key;

/// Takes messages in under one configuration.
#[derive(Clone, Copy)]
pub(crate) struct Intake<'a> {
    pub(crate) state: &'a State,
    pub(crate) configuration: &'a Configuration,
    pub(crate) now: Timestamp,
}

/// A message as it came.
#[derive(Clone)]
pub(crate) struct Incoming {
    /// The partner that sent it, or the partner that tests.
    pub(crate) partner: String,
    /// The contract's name and version.
    pub(crate) contract: String,
    pub(crate) version: String,
    /// The media type, without parameters.
    pub(crate) content_type: String,
    /// The header fields that the contract declares.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) received_at: Timestamp,
    /// What names its request in logs and problems.
    pub(crate) request_id: String,
    /// The trace (W3C `traceparent`) that it belongs to.
    pub(crate) trace: Option<String>,
    pub(crate) payload: Bytes,
    pub(crate) sha256: [u8; 32],
    /// The delivery that it answers, where no partner sent it by itself.
    pub(crate) origin: Option<DeliveryId>,
}

impl Incoming {
    /// The message as its plugin is given it.
    fn message(&self) -> Message {
        Message {
            partner: sender::partner(&self.partner).to_owned(),
            contract: self.contract.clone(),
            version: self.version.clone(),
            content_type: self.content_type.clone(),
            headers: self.headers.clone(),
            received_at: self.received_at.to_string(),
            digest: hex::encode(self.sha256),
            body: self.payload.to_vec(),
            agreement: None,
            control_numbers: None,
        }
    }

    /// The message as an exchange, of which nothing has been noticed yet.
    pub(crate) fn exchange(self, id: ExchangeId, plugin: &Plugin) -> NewExchange {
        NewExchange {
            id,
            partner: self.partner,
            contract: self.contract,
            version: self.version,
            content_type: self.content_type,
            headers: self.headers,
            received_at: self.received_at,
            request_id: self.request_id,
            trace: self.trace,
            plugin: build_of(plugin),
            payload: self.payload,
            sha256: self.sha256,
            findings: Vec::new(),
            parts: Vec::new(),
            origin: self.origin,
        }
    }
}

impl From<ParkedExchange> for Incoming {
    fn from(parked: ParkedExchange) -> Self {
        Incoming {
            partner: parked.partner,
            contract: parked.contract,
            version: parked.version,
            content_type: parked.content_type,
            headers: parked.headers,
            received_at: parked.received_at,
            request_id: parked.request_id,
            trace: parked.trace,
            payload: parked.payload.into(),
            sha256: parked.sha256,
            origin: None,
        }
    }
}

impl Intake<'_> {
    /// The exchange with its documents and all that follows from them. `declared` are the fields of the contract's
    /// business key, where it has one.
    pub(crate) fn accepted(
        &self,
        mut exchange: NewExchange,
        decoded: document::Decoded,
        declared: Option<&Declared>,
    ) -> Acceptance {
        let document::Decoded { documents, findings, parts, reply: _, unread: _ } = decoded;
        (exchange.findings, exchange.parts) = (findings, parts);
        let key = declared.and_then(|declared| business_key(declared, &documents));
        let business_key = key.map(|key| BusinessKey { key, fingerprint: exchange.sha256 });
        let mut deliveries = routing::deliveries(&self.configuration.policies, &exchange.partner, &documents, self.now);
        let told = self.told(events::accepted(&exchange, &documents, self.now));
        deliveries.extend(told.deliveries);
        Acceptance {
            exchange,
            documents,
            deliveries,
            idempotency: None,
            business_key,
            events: told.events,
            now: self.now,
        }
    }

    /// The exchange as it came, to be decoded later.
    pub(crate) fn parked(&self, exchange: NewExchange) -> Acceptance {
        let Told { events, deliveries } = self.told(vec![events::parked(&exchange, self.now)]);
        Acceptance {
            exchange,
            documents: Vec::new(),
            deliveries,
            idempotency: None,
            business_key: None,
            events,
            now: self.now,
        }
    }

    /// What becomes of a parked exchange that cannot be accepted, and why.
    pub(crate) fn rejected(&self, mut exchange: NewExchange, findings: Vec<Finding>, parts: Vec<Part>) -> TakenUp {
        exchange.findings = findings;
        let told = self.told(vec![events::rejected(&exchange, self.now)]);
        TakenUp::Rejected { plugin: exchange.plugin, findings: exchange.findings, parts, told }
    }

    /// What becomes of a parked exchange that its plugin has failed on too often.
    pub(crate) fn failed(&self, exchange: &NewExchange, failure: Failure) -> TakenUp {
        TakenUp::Failed { failure, told: self.told(vec![events::failed(exchange, self.now)]) }
    }

    /// What is told of a delivery whose attempt has ended so.
    pub(crate) fn settled(&self, delivery: &ClaimedDelivery, settled: &Settled) -> Told {
        self.told(events::settled(delivery, settled, self.now))
    }

    /// Events, with the deliveries that tell them to webhooks.
    fn told(&self, events: Vec<NewEvent>) -> Told {
        Told { deliveries: webhook::deliveries(&self.configuration.policies, &events, self.now), events }
    }
}

/// Exactly which plugin this is.
fn build_of(plugin: &Plugin) -> PluginBuild {
    let mut sha256 = [0; 32];
    // The runtime gives 64 hexadecimal digits.
    let _ = hex::decode_to_slice(plugin.digest(), &mut sha256);
    let manifest = plugin.manifest();
    PluginBuild { name: manifest.name.clone(), version: manifest.version.clone(), sha256 }
}
