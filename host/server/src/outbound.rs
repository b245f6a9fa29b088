//! What the deliverer needs of the gateway: the policies and plugins of the moment, secrets, and the way on for what a
//! partner's answer yields.

use std::sync::Arc;

use async_trait::async_trait;
use aws_lc_rs::digest;
use jiff::Timestamp;
use portgate_core::audit::Entry;
use portgate_core::delivery::{Outcome, Request, Response};
use portgate_core::document::{Document, Rejection};
use portgate_core::finding::Finding;
use portgate_delivery::connectors::{Attempted, Connectors, DestinationPolicy, Moment, PluginError, Yielded};
use portgate_delivery::routing;
use portgate_delivery::secret::{Secret, SecretSource};
use portgate_runtime::{Call, CallError, Plugin};
use portgate_store::{Acceptance, ClaimedDelivery, ExchangeId, NewDelivery, NewEvent, NewExchange, Settled};

use crate::audit;
use crate::configuration::Configuration;
use crate::events::webhook;
use crate::exchange;
use crate::gateway::{Gateway, now};
use crate::observed::{Ended, Function};
use crate::secrets::Secrets;

/// The gateway as the deliverer sees it.
pub(crate) struct Outbound {
    pub(crate) gateway: Arc<Gateway>,
}

#[async_trait]
impl Connectors for Outbound {
    fn current(&self) -> Arc<dyn Moment> {
        Arc::new(Current { configuration: self.gateway.configuration.load_full(), gateway: Arc::clone(&self.gateway) })
    }

    fn attempted(&self, attempt: &Attempted<'_>) {
        self.gateway.metrics.attempt(attempt);
        if let Some(sent) = &attempt.sent
            && let Some(plugin) = self.gateway.configuration.load().plugins.get(sent.plugin)
        {
            self.gateway.observed.sent(plugin, sent);
        }
    }

    async fn note(&self, entries: Vec<Entry>) {
        self.gateway.audit.note(entries).await;
    }
}

/// One configuration, as long as an attempt takes.
struct Current {
    configuration: Arc<Configuration>,
    gateway: Arc<Gateway>,
}

impl Current {
    fn plugin(&self, name: &str) -> Result<&Plugin, PluginError> {
        let missing = || PluginError::Failed { plugin: name.to_owned(), detail: "there is no such plugin".to_owned() };
        self.configuration.plugins.get(name).ok_or_else(missing)
    }

    /// Holds what a plugin rendered against the contract that it is rendered as, so that a plugin's mistake stays here.
    fn keeps_contract(&self, request: Request, contract: &str, version: &str) -> Result<Request, Rejection> {
        let checker = self.configuration.rendered.get(&format!("{contract}/{version}"));
        match checker.map_or(Ok(()), |checker| checker.check(&request.body)) {
            Ok(()) => Ok(request),
            Err(violations) => Err(Rejection { findings: violations.findings }),
        }
    }

    async fn ended<T>(&self, plugin: &str, during: &str, call: Call<T>) -> Result<T, PluginError> {
        self.gateway.metrics.plugin_call(plugin, &call.usage);
        for line in &call.log {
            // What a plugin writes may quote a document, so it stays at debug.
            tracing::debug!(plugin, level = ?line.level, "{}", line.text);
        }
        if let Err(error) = &call.outcome
            && let Some(entry) = audit::denied(&self.configuration, plugin, error, now())
        {
            self.gateway.audit.note(vec![entry.text("during", during)]).await;
        }
        call.outcome.map_err(|error| match error {
            CallError::Overloaded => PluginError::Busy { plugin: plugin.to_owned() },
            error => PluginError::Failed { plugin: plugin.to_owned(), detail: error.to_string() },
        })
    }
}

#[async_trait]
impl Moment for Current {
    fn destination(&self, name: &str) -> Option<&DestinationPolicy> {
        self.configuration.destinations.get(name)
    }

    async fn encode(
        &self,
        plugin: &str,
        documents: Vec<Document>,
        contract: &str,
        version: &str,
        now: String,
    ) -> Result<Result<Request, Rejection>, PluginError> {
        let read: Vec<String> = documents.iter().map(|document| document.kind.clone()).collect();
        let called = self.plugin(plugin)?;
        let call = called.encode(documents, contract.to_owned(), version.to_owned(), now).await;
        self.gateway.observed.call(
            called,
            &Ended {
                function: Function::Encode,
                contract: Some((contract, version)),
                usage: &call.usage,
                error: call.outcome.as_ref().err(),
                emitted: &[],
                read: &read,
            },
        );
        let rendered = self.ended(plugin, "encode", call).await?;
        Ok(rendered.and_then(|request| self.keeps_contract(request, contract, version)))
    }

    async fn interpret(
        &self,
        plugin: &str,
        sent: Request,
        got: Response,
    ) -> Result<Result<Outcome, Rejection>, PluginError> {
        let called = self.plugin(plugin)?;
        let call = called.interpret(sent, got).await;
        let emitted = call.outcome.as_ref().ok().and_then(|read| read.as_ref().ok());
        self.gateway.observed.call(
            called,
            &Ended {
                function: Function::Interpret,
                contract: None,
                usage: &call.usage,
                error: call.outcome.as_ref().err(),
                emitted: emitted.map_or(&[], |outcome| &outcome.documents),
                read: &[],
            },
        );
        self.ended(plugin, "interpret", call).await
    }

    fn accept(&self, yielded: Yielded<'_>) -> Result<Acceptance, Vec<Finding>> {
        let Yielded { delivery, plugin, answer, documents, findings, now } = yielded;
        let mut wrong = Vec::new();
        for document in documents {
            if let Err(violations) = self.configuration.documents.check(&document.kind, &document.body) {
                wrong.extend(violations.findings);
            }
        }
        let plugin = match self.plugin(plugin) {
            Ok(plugin) if wrong.is_empty() => exchange::plugin_build(plugin),
            Ok(_) => return Err(wrong),
            Err(error) => return Err(vec![Finding::error("plugin-missing", "", error.to_string())]),
        };
        let content_type = answer.headers.iter().find(|(name, _)| name == "content-type");
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(digest::digest(&digest::SHA256, &answer.body).as_ref());
        let exchange = NewExchange {
            id: ExchangeId::new(now),
            partner: delivery.destination.clone(),
            contract: delivery.contract.clone(),
            version: delivery.version.clone(),
            content_type: content_type.map(|(_, value)| value.clone()).unwrap_or_default(),
            headers: Vec::new(),
            received_at: answer.received_at.parse().unwrap_or(now),
            request_id: delivery.claim.delivery.to_string(),
            trace: delivery.trace.clone(),
            plugin,
            payload: answer.body.clone().into(),
            sha256,
            findings: findings.to_vec(),
            origin: Some(delivery.claim.delivery),
        };
        let policies = &self.configuration.policies;
        let events = exchange::events(&exchange, documents, now);
        let mut deliveries = routing::deliveries(&policies.routes, &delivery.destination, documents, now);
        deliveries.extend(webhook::deliveries(policies, &events, now));
        Ok(Acceptance {
            deliveries,
            events,
            exchange,
            documents: documents.to_vec(),
            idempotency: None,
            business_key: None,
            now,
        })
    }

    fn events(
        &self,
        delivery: &ClaimedDelivery,
        settled: &Settled,
        now: Timestamp,
    ) -> (Vec<NewEvent>, Vec<NewDelivery>) {
        let events = exchange::delivery_events(delivery, settled, now);
        let deliveries = webhook::deliveries(&self.configuration.policies, &events, now);
        (events, deliveries)
    }
}

impl SecretSource for Secrets {
    fn secret(&self, reference: &str) -> Result<Secret, String> {
        let secret = self.resolve(reference).map_err(|error| error.to_string())?;
        Ok(Secret::new(secret.bytes().to_vec()))
    }
}
