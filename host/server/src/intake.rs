//! From a message to its acceptance, whichever way the message came: a partner has sent it ([`crate::chain`]), it was parked
//! and is taken up ([`crate::parked`]), or a partner has answered a delivery with it ([`crate::outbound`]).
//!
//! What its plugin makes of it, what is kept of it, which events are told of it and which deliveries the routes and the
//! webhooks ask for is worked out here. The caller has the journal keep it, and answers for it.

mod acknowledge;
mod agreement;
mod awaits;
mod business_key;
mod correction;
mod decode;
mod events;
mod own;
mod reply;
mod webhook;

use bytes::Bytes;
use jiff::Timestamp;
use portgate_core::agreement::{Agreement, ControlNumbers};
use portgate_core::codes::AwaitedCodes;
use portgate_core::contract::{Gap, Violations};
use portgate_core::document::{self, Document, Part};
use portgate_core::finding::Finding;
use portgate_core::manifest::BusinessKey as Declared;
use portgate_core::message::Message;
use portgate_core::sender;
use portgate_core::sha256::Sha256;
use portgate_delivery::routing;
use portgate_runtime::Plugin;
use portgate_store::{
    Acceptance, BusinessKey, ClaimedDelivery, DeliveryId, Exchange, ExchangeId, Failure, JournalError, KeptDocument,
    NewDelivery, NewEvent, NewExchange, ParkedExchange, PluginBuild, Rejected, Rerun, SentUnder, Settled, TakenUp,
    Told,
};

use crate::configuration::{Configuration, Contract};
use crate::refusal::Refusal;
use crate::state::State;
use acknowledge::Said;
pub(crate) use agreement::rendered_otherwise;
use business_key::business_key;
pub(crate) use correction::Correcting;
pub(crate) use reply::Replying;

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
    /// The first byte that is no text, where its check has passed over one.
    pub(crate) gap: Option<Gap>,
}

impl Incoming {
    /// The message as its plugin is given it.
    fn message(&self, agreement: Option<Agreement>, control_numbers: Option<ControlNumbers>) -> Message {
        Message {
            partner: sender::partner(&self.partner).to_owned(),
            contract: self.contract.clone(),
            version: self.version.clone(),
            content_type: self.content_type.clone(),
            headers: self.headers.clone(),
            received_at: self.received_at.to_string(),
            digest: hex::encode(self.sha256),
            body: self.payload.to_vec(),
            agreement,
            control_numbers,
        }
    }

    /// Tells whether another request is the same: contract, media type and payload; the rest of a request may change from one
    /// attempt to the next.
    pub(crate) fn fingerprint(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        for part in [&self.contract, &self.version, &self.content_type] {
            hash.bytes(part.as_bytes());
            hash.bytes(b"\0");
        }
        hash.bytes(&self.sha256);
        hash.digest()
    }

    /// Holds it against its contract as that is now.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub(crate) fn check(&mut self, contract: &Contract) -> Result<(), Violations> {
        let content_type = self.headers.iter().find(|(name, _)| name == "content-type");
        let charset = content_type.and_then(|(_, value)| portgate_charset::charset_of(value));
        self.gap = contract.checker.check(&self.payload, charset)?;
        Ok(())
    }

    /// A message that is kept, as it came.
    pub(crate) fn again(exchange: &Exchange, payload: Vec<u8>) -> Incoming {
        Incoming {
            partner: exchange.partner.clone(),
            contract: exchange.contract.clone(),
            version: exchange.version.clone(),
            content_type: exchange.content_type.clone(),
            headers: exchange.headers.clone(),
            received_at: exchange.received_at,
            request_id: exchange.request_id.clone(),
            trace: exchange.trace.clone(),
            payload: payload.into(),
            sha256: exchange.sha256,
            origin: exchange.origin,
            gap: None,
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
            gap: None,
        }
    }
}

/// What a message that is kept is today.
pub(crate) struct Mapped {
    /// The exchange, by today's plugin, with what that notices and the parts that it takes it in.
    pub(crate) exchange: NewExchange,
    pub(crate) documents: Vec<Document>,
    pub(crate) business_key: Option<BusinessKey>,
    /// By today's routes, each of one document.
    pub(crate) deliveries: Vec<NewDelivery>,
    /// The codes that some of it waits for.
    pub(crate) awaits: AwaitedCodes,
}

/// Why a message that is kept is nothing today.
pub(crate) struct NotMapped {
    /// By which build.
    pub(crate) plugin: PluginBuild,
    pub(crate) findings: Vec<Finding>,
    /// The parts that it was read in.
    pub(crate) parts: Vec<Part>,
    /// Whether the message is at fault, so that another try would find the same.
    pub(crate) is_of_the_message: bool,
}

/// What is wrong with a message whose business key another has.
pub(crate) fn duplicate(exchange: ExchangeId, same_payload: bool) -> Finding {
    let how = if same_payload { "with the same payload" } else { "with another payload" };
    let detail = format!("This was submitted before, {how}, as /v1/exchanges/{exchange}.");
    Finding::error("duplicate-submission", "", detail)
}

impl Intake<'_> {
    /// What today's plugin and routes make of a message that is kept; of an exchange nothing is changed, and no quarantine
    /// counts the call.
    ///
    /// # Errors
    ///
    /// Why it would be refused today, and by which build.
    pub(crate) async fn map_again(
        &self,
        contract: &Contract,
        mut incoming: Incoming,
        id: ExchangeId,
    ) -> Result<Mapped, NotMapped> {
        let plugin = || build_of(&contract.plugin);
        let refused = |findings| NotMapped { plugin: plugin(), findings, parts: Vec::new(), is_of_the_message: true };
        incoming.check(contract).map_err(|violations| refused(violations.into_findings()))?;
        self.keeps_agreement(contract, &incoming).map_err(refused)?;
        let decoded = self.decode(contract, &incoming, None).await.map_err(|refusal| match refusal {
            Refusal::Rejected { findings, omitted, parts, .. } => {
                let findings = Finding::counted(findings, omitted);
                NotMapped { plugin: plugin(), findings, parts, is_of_the_message: true }
            }
            refusal => {
                let problem = refusal.problem();
                let findings = vec![Finding::error(problem.kind.slug, "", problem.detail)];
                let is_of_the_message = matches!(refusal, Refusal::PayloadTooMuch { .. });
                NotMapped { plugin: plugin(), findings, parts: Vec::new(), is_of_the_message }
            }
        })?;
        let document::Decoded { documents, findings, parts, reply: _, unread: _, awaits } = decoded;
        let exchange = NewExchange { findings, parts, ..incoming.exchange(id, &contract.plugin) };
        let key = contract.declared.business_key.as_ref().and_then(|declared| business_key(declared, &documents));
        let business_key = key.map(|key| BusinessKey { key, fingerprint: exchange.sha256 });
        let deliveries = self.routed(&exchange, &documents);
        Ok(Mapped { exchange, documents, business_key, deliveries, awaits })
    }

    /// What is told of an exchange that was mapped again: its new documents, and those that are there no more.
    pub(crate) fn mapped_again(&self, exchange: &NewExchange, rerun: &Rerun, gone: &[&KeptDocument]) -> Told {
        self.told(events::rerun(exchange, rerun, gone, self.now))
    }

    /// The exchange with its documents and all that follows from them: what they say of deliveries, and what goes out.
    /// `declared` are the fields of the contract's business key, where it has one.
    ///
    /// # Errors
    ///
    /// The journal does not say what they acknowledge.
    pub(crate) async fn accepted(
        &self,
        mut exchange: NewExchange,
        decoded: document::Decoded,
        declared: Option<&Declared>,
    ) -> Result<Acceptance, JournalError> {
        let document::Decoded { documents, findings, parts, reply: _, unread: _, awaits } = decoded;
        (exchange.findings, exchange.parts) = (findings, parts);
        let Said { acknowledgements, findings } = self.said(&exchange.partner, &documents).await?;
        exchange.findings.extend(findings);
        let key = declared.and_then(|declared| business_key(declared, &documents));
        let business_key = key.map(|key| BusinessKey { key, fingerprint: exchange.sha256 });
        let mut deliveries = self.routed(&exchange, &documents);
        let mut told = events::accepted(&exchange, &documents, self.now);
        if !awaits.is_empty() {
            told.push(events::awaits_code(&exchange, self.now));
        }
        let told = self.told(told);
        deliveries.extend(told.deliveries);
        Ok(Acceptance {
            exchange,
            documents,
            deliveries,
            idempotency: None,
            business_key,
            events: told.events,
            numbering: None,
            received: None,
            acknowledgements,
            awaits,
            now: self.now,
        })
    }

    /// The deliveries of its documents by today's routes.
    fn routed(&self, exchange: &NewExchange, documents: &[Document]) -> Vec<NewDelivery> {
        routing::deliveries(&self.configuration.policies, &exchange.partner, documents, &exchange.parts, self.now)
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
            numbering: None,
            received: None,
            acknowledgements: Vec::new(),
            awaits: AwaitedCodes::default(),
            now: self.now,
        }
    }

    /// What becomes of a parked exchange that cannot be accepted, and why.
    pub(crate) fn rejected(&self, mut exchange: NewExchange, findings: Vec<Finding>, parts: Vec<Part>) -> Rejected {
        exchange.findings = findings;
        let told = self.told(vec![events::rejected(&exchange, self.now)]);
        let NewExchange { partner, plugin, findings, .. } = exchange;
        Rejected { partner, plugin, findings, parts, told, numbering: None, idempotency: None, freed: None }
    }

    /// What becomes of a parked exchange that its plugin has failed on too often.
    pub(crate) fn failed(&self, exchange: &NewExchange, failure: Failure) -> TakenUp {
        TakenUp::Failed { failure, told: self.told(vec![events::failed(exchange, self.now)]) }
    }

    /// What is told of an exchange that waited for a code and is refused after all: as a whole, or a part of it.
    pub(crate) fn refused_after_all(
        &self,
        exchange: &Exchange,
        plugin: &Plugin,
        (findings, parts): (&[Finding], &[Part]),
        is_rejected: bool,
    ) -> Told {
        let again = Incoming::again(exchange, Vec::new()).exchange(exchange.id, plugin);
        let exchange = NewExchange { findings: findings.to_vec(), parts: parts.to_vec(), ..again };
        self.told(vec![events::refused_after_all(&exchange, is_rejected, self.now)])
    }

    /// What is told of a delivery whose attempt has ended so.
    pub(crate) fn settled(&self, delivery: &ClaimedDelivery, settled: &Settled) -> Told {
        self.told(events::settled(delivery, settled, self.now))
    }

    /// What is told of a delivery whose acknowledgement has not come in time.
    pub(crate) fn overdue(&self, sent: &SentUnder) -> Told {
        self.told(vec![events::overdue(sent, self.now)])
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
