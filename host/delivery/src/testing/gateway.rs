//! The rest of a gateway, for tests of the worker: policies that a test changes, and a plugin that does what the kind
//! of a document says.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jiff::Timestamp;
use portgate_core::agreement::LastNumbers;
use portgate_core::audit::Entry;
use portgate_core::delivery::{FollowUp, Outcome, Request, Response, Verdict};
use portgate_core::document::{Document, Rejection};
use portgate_core::finding::Finding;
use portgate_core::policy::{DeliveryPolicy, Egress, Method};
use portgate_store::{
    Acceptance, Batching, ClaimedDelivery, EventData, EventId, ExchangeId, JournalError, NewDelivery, NewEvent,
    NewExchange, Numbering, PluginBuild, Settled,
};

use crate::breaker::SendLimit;
use crate::connectors::{
    Attempted, Connectors, DestinationPolicy, Numbers, PluginError, Rendering, Responder, Snapshot, Yielded,
};

/// Policies that a test changes.
#[derive(Default)]
pub(crate) struct Gateway {
    policies: Mutex<Arc<Policies>>,
    /// Audit entries that no settlement took along.
    pub(crate) noted: Mutex<Vec<Entry>>,
}

#[derive(Clone, Default)]
struct Policies {
    destinations: BTreeMap<String, DestinationPolicy>,
    /// What the plugin of a destination may be called for, where that is not everything.
    send_limits: BTreeMap<String, SendLimit>,
    /// The control numbers that are said to have been used last, of destinations with an agreement; the second time it is
    /// always 1.
    after: BTreeMap<String, Arc<Mutex<LastNumbers>>>,
}

impl Gateway {
    /// Destinations by name, with the same egress for the plugin of each.
    pub(crate) fn with(destinations: &[(&str, DeliveryPolicy)]) -> Arc<Gateway> {
        let gateway = Gateway::default();
        for (name, delivery) in destinations {
            gateway.partner(name, delivery.clone());
        }
        Arc::new(gateway)
    }

    /// Sets one partner's policy.
    pub(crate) fn partner(&self, name: &str, delivery: DeliveryPolicy) {
        let egress = Egress {
            base_urls: Default::default(),
            methods: [Method::Get, Method::Post].into(),
            paths: ["/orders".to_owned(), "/status".to_owned()].into(),
            query: Default::default(),
        };
        self.set(name, DestinationPolicy { delivery, responder: Responder::Plugin(Some(egress)) });
    }

    /// Makes a destination a webhook.
    pub(crate) fn webhook(&self, name: &str, delivery: DeliveryPolicy) {
        self.set(name, DestinationPolicy { delivery, responder: Responder::Webhook });
    }

    /// Makes an agreement with a destination, of which the first reading of its control numbers says that these were used
    /// last.
    pub(crate) fn agree(&self, name: &str, after: LastNumbers) {
        self.change(|policies| drop(policies.after.insert(name.to_owned(), Arc::new(Mutex::new(after)))));
    }

    /// Says what a destination's plugin may be called for.
    pub(crate) fn limit(&self, name: &str, send_limit: SendLimit) {
        self.change(|policies| {
            policies.send_limits.insert(name.to_owned(), send_limit);
        });
    }

    fn set(&self, name: &str, policy: DestinationPolicy) {
        self.change(|policies| drop(policies.destinations.insert(name.to_owned(), policy)));
    }

    fn change(&self, change: impl FnOnce(&mut Policies)) {
        let mut policies = self.policies.lock().expect("no panic");
        let mut changed = Policies::clone(&policies);
        change(&mut changed);
        *policies = Arc::new(changed);
    }
}

#[async_trait]
impl Connectors for Gateway {
    fn current(&self) -> Arc<dyn Snapshot> {
        let policies: Arc<Policies> = Arc::clone(&self.policies.lock().expect("no panic"));
        policies
    }

    fn attempted(&self, _: &Attempted<'_>) {}

    async fn note(&self, entries: Vec<Entry>) {
        self.noted.lock().expect("no panic").extend(entries);
    }
}

fn findings(code: &str) -> Vec<Finding> {
    vec![Finding::error(code, "", "because")]
}

#[async_trait]
impl Snapshot for Policies {
    fn destination(&self, name: &str) -> Option<&DestinationPolicy> {
        self.destinations.get(name)
    }

    fn send_limit(&self, destination: &str, _: Timestamp) -> SendLimit {
        self.send_limits.get(destination).copied().unwrap_or(SendLimit::Everything)
    }

    fn answer_bytes(&self) -> u64 {
        100
    }

    async fn numbers(
        &self,
        destination: &str,
        _: &str,
        _: &str,
        messages: u32,
    ) -> Result<Option<Numbers>, JournalError> {
        let Some(after) = self.after.get(destination) else { return Ok(None) };
        let after = std::mem::replace(&mut *after.lock().expect("no panic"), LastNumbers::default().next(1).last());
        let numbering = Numbering {
            partner: destination.to_owned(),
            agreement: "orders".to_owned(),
            after,
            numbers: after.next(messages),
            kinds: Default::default(),
        };
        Ok(Some(Numbers { numbering, turn: Box::new(()) }))
    }

    fn batching(&self, _: &str) -> Vec<Batching> {
        Vec::new()
    }

    fn acknowledge_by(&self, delivery: &ClaimedDelivery, now: Timestamp) -> Option<Timestamp> {
        self.after.contains_key(&delivery.destination).then_some(now)
    }

    async fn encode(&self, rendering: Rendering<'_>) -> Result<Result<Request, Rejection>, PluginError> {
        let Rendering { plugin, documents, now, permits, control_numbers, .. } = rendering;
        let (document, plugin) = (&documents[0], plugin.to_owned());
        let path = if document.kind == "outside" { "/admin" } else { "/orders" };
        // The time of rendering is in the body, so that rendering twice would show.
        let number = control_numbers.map(|numbers| format!(" under {}", numbers.interchange)).unwrap_or_default();
        let body = format!("{} {} {now}{number}", document.kind, document.key).into_bytes();
        let request = Request { method: "POST".to_owned(), path: path.to_owned(), headers: Vec::new(), body };
        match document.kind.as_str() {
            "trap" => Err(PluginError::Failed { plugin, detail: "a trap".to_owned() }),
            "withheld" => Err(PluginError::Withheld { plugin }),
            "relapse" => Err(PluginError::Quarantined { plugin, detail: "a trap".to_owned() }),
            "incomplete" => Ok(Err(Rejection::of(findings("incomplete")))),
            _ => match permits(&request) {
                Ok(()) => Ok(Ok(request)),
                Err(detail) => Err(PluginError::Denied { plugin, detail }),
            },
        }
    }

    async fn interpret(
        &self,
        _: &str,
        plugin: &str,
        _: Request,
        got: Response,
    ) -> Result<Result<Outcome, Rejection>, PluginError> {
        let outcome =
            |verdict, findings| Outcome { verdict, documents: Vec::new(), findings, next: None, unread: Vec::new() };
        let document = |kind: &str| Document {
            kind: kind.to_owned(),
            key: "1".to_owned(),
            refs: Vec::new(),
            body: got.body.clone(),
        };
        let ask =
            Request { method: "GET".to_owned(), path: "/status".to_owned(), headers: Vec::new(), body: Vec::new() };
        match (got.status, got.body.as_slice()) {
            (_, b"trap") => Err(PluginError::Failed { plugin: plugin.to_owned(), detail: "a trap".to_owned() }),
            (_, b"strange") => Ok(Err(Rejection::of(findings("strange")))),
            (200, b"status") => {
                Ok(Ok(Outcome { documents: vec![document("status")], ..outcome(Verdict::Accepted, vec![]) }))
            }
            (200, b"wrong") => {
                Ok(Ok(Outcome { documents: vec![document("wrong")], ..outcome(Verdict::Accepted, vec![]) }))
            }
            (200, _) => Ok(Ok(outcome(Verdict::Accepted, Vec::new()))),
            (202, _) => {
                let next = Some(FollowUp { request: ask, after_seconds: 0 });
                Ok(Ok(Outcome { next, ..outcome(Verdict::Pending, Vec::new()) }))
            }
            (203 | 500, b"outside") => {
                let request = Request { path: "/admin".to_owned(), ..ask };
                let next = Some(FollowUp { request, after_seconds: 0 });
                Ok(Ok(Outcome { next, ..outcome(Verdict::Pending, findings("odd")) }))
            }
            (204, _) => Ok(Ok(outcome(Verdict::Pending, Vec::new()))),
            (500, _) => Ok(Ok(outcome(Verdict::Retry, Vec::new()))),
            _ => Ok(Ok(outcome(Verdict::Rejected, findings("refused")))),
        }
    }

    async fn accept(&self, yielded: Yielded<'_>) -> Result<Result<Acceptance, Vec<Finding>>, JournalError> {
        let Yielded { delivery, plugin, answer, documents, now, .. } = yielded;
        if documents.iter().any(|document| document.kind == "wrong") {
            return Ok(Err(findings("schema-type")));
        }
        let exchange = NewExchange {
            id: ExchangeId::new(now),
            partner: delivery.destination.clone(),
            contract: delivery.contract.clone(),
            version: delivery.version.clone(),
            content_type: "text/plain".to_owned(),
            headers: answer.headers.clone(),
            received_at: now,
            request_id: String::new(),
            trace: delivery.trace.clone(),
            plugin: PluginBuild { name: plugin.to_owned(), version: "1.0.0".to_owned(), sha256: [0; 32] },
            payload: answer.body.clone().into(),
            sha256: [0; 32],
            findings: Vec::new(),
            parts: Vec::new(),
            origin: Some(delivery.claim.delivery),
        };
        Ok(Ok(Acceptance {
            exchange,
            documents: documents.to_vec(),
            deliveries: Vec::new(),
            idempotency: None,
            business_key: None,
            events: Vec::new(),
            numbering: None,
            received: None,
            acknowledgements: Vec::new(),
            awaits: Default::default(),
            now,
        }))
    }

    fn events(&self, delivery: &ClaimedDelivery, _: &Settled, now: Timestamp) -> (Vec<NewEvent>, Vec<NewDelivery>) {
        let told = NewEvent {
            id: EventId::new(now),
            kind: "attempt".to_owned(),
            subject: delivery.claim.delivery.to_string(),
            partner: delivery.partner.clone(),
            at: now,
            data: EventData::Own("{}".to_owned()),
        };
        (vec![told], Vec::new())
    }
}
