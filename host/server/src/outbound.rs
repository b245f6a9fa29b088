//! What the deliverer needs of the gateway: the policies and plugins of the moment, secrets, and the way on for what a
//! partner's answer yields.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use portgate_core::agreement::Acknowledgement;
use portgate_core::audit::Entry;
use portgate_core::codes::{AwaitedCodes, only_awaited};
use portgate_core::delivery::{Outcome, Request, Response, Target};
use portgate_core::document::{Decoded, Rejection};
use portgate_core::finding::Finding;
use portgate_core::interchange::Kinds;
use portgate_core::quarantine::Standing;
use portgate_core::sender;
use portgate_core::sha256::sha256;
use portgate_delivery::breaker::SendLimit;
use portgate_delivery::connectors::{
    Attempted, Connectors, DestinationPolicy, Numbers, PluginError, Rendering, Responder, Snapshot, Yielded,
};
use portgate_delivery::secret::{Secret, SecretSource};
use portgate_http::log::PAYLOAD;
use portgate_http::secrets::Secrets;
use portgate_runtime::{Call, CallError, Plugin};
use portgate_store::{
    Acceptance, Batching, ClaimedDelivery, ExchangeId, JournalError, NewDelivery, NewEvent, Numbering, Settled, Told,
};

use crate::audit;
use crate::clock::now;
use crate::configuration::{Agreed, Configuration};
use crate::intake::{Incoming, Intake, rendered_otherwise};
use crate::observed::{Ended, Function};
use crate::quarantine::{CallGuard, Consequence, Ending, Size, Subject};
use crate::state::State;

/// The gateway as the deliverer sees it.
pub(crate) struct Outbound {
    pub(crate) state: Arc<State>,
}

#[async_trait]
impl Connectors for Outbound {
    fn current(&self) -> Arc<dyn Snapshot> {
        Arc::new(Current { configuration: self.state.configuration.load_full(), state: Arc::clone(&self.state) })
    }

    fn attempted(&self, attempt: &Attempted<'_>) {
        self.state.metrics.attempt(attempt);
        if let Some(sent) = &attempt.sent
            && let Some(plugin) = self.state.configuration.load().plugins.get(sent.plugin)
        {
            self.state.observed.sent(plugin, sent);
        }
    }

    async fn note(&self, entries: Vec<Entry>) {
        self.state.audit.note(entries).await;
    }
}

/// One configuration, as long as an attempt takes.
struct Current {
    configuration: Arc<Configuration>,
    state: Arc<State>,
}

impl Current {
    fn plugin(&self, name: &str) -> Result<&Plugin, PluginError> {
        let missing = || PluginError::Missing { plugin: name.to_owned() };
        self.configuration.plugins.get(name).ok_or_else(missing)
    }

    /// Holds what a plugin rendered against the contract that it is rendered as, so that a plugin's mistake stays here.
    fn keeps_contract(&self, request: Request, contract: &str, version: &str) -> Result<Request, Rejection> {
        let checker = self.configuration.rendered.get(&format!("{contract}/{version}"));
        let content_type = request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let charset = content_type.and_then(|(_, value)| portgate_charset::charset_of(value));
        match checker.map_or(Ok(()), |checker| checker.check_rendered(&request.body, charset)) {
            Ok(()) => Ok(request),
            Err(violations) => Err(Rejection::of(violations.into_findings())),
        }
    }

    /// What the plugin returned. Where it is not a value, the call is at its end, and what it says of the plugin is told.
    async fn returned<'t, T>(
        &self,
        of: &Subject<'_>,
        during: &str,
        size: Size,
        guard: CallGuard<'t>,
        call: Call<T>,
    ) -> Result<(T, CallGuard<'t>), PluginError> {
        let plugin = &of.plugin.manifest().name;
        self.state.metrics.plugin_call(plugin, &call.usage);
        for line in &call.log {
            // What a plugin writes may quote a document.
            tracing::debug!(target: PAYLOAD, plugin, level = ?line.level, "{}", line.text);
        }
        let error = match call.outcome {
            Ok(value) => return Ok((value, guard)),
            Err(error) => error,
        };
        if let Some(entry) = audit::denied(&self.configuration, plugin, &error, now()) {
            self.state.audit.note(vec![entry.text("during", during)]).await;
        }
        if let Some(budget) = size.used_up(&error, of.plugin.limits()) {
            let detail = format!("{} bytes were too much for one call ({budget})", size.bytes);
            return Err(PluginError::Failed { plugin: plugin.clone(), detail });
        }
        let quarantined = match Ending::of_error(&error) {
            Ending::Failed(detail) => misbehaved(of, guard, &detail),
            Ending::Good | Ending::Silent => None,
        };
        Err(quarantined.unwrap_or_else(|| match error {
            CallError::Overloaded => PluginError::Busy { plugin: plugin.clone() },
            error => PluginError::Failed { plugin: plugin.clone(), detail: error.without_its_words() },
        }))
    }

    /// What takes in the documents of an answer.
    fn intake(&self, now: Timestamp) -> Intake<'_> {
        Intake { state: &self.state, configuration: &self.configuration, now }
    }
}

/// Tells that the plugin has misbehaved. Gives the error where it is in quarantine for its destination by now, so that
/// what it failed on waits for its return.
fn misbehaved(of: &Subject<'_>, guard: CallGuard<'_>, detail: &str) -> Option<PluginError> {
    match guard.failed(of, detail) {
        Consequence::Tolerated => None,
        Consequence::Quarantined => {
            Some(PluginError::Quarantined { plugin: of.plugin.manifest().name.clone(), detail: detail.to_owned() })
        }
    }
}

#[async_trait]
impl Snapshot for Current {
    fn destination(&self, name: &str) -> Option<&DestinationPolicy> {
        self.configuration.destinations.get(name)
    }

    fn send_limit(&self, destination: &str, now: Timestamp) -> SendLimit {
        let Some(policy) = self.configuration.destinations.get(destination) else { return SendLimit::Everything };
        let plugin = match policy.responder {
            Responder::Plugin(_) => self.configuration.plugins.get(&policy.delivery.plugin),
            Responder::Webhook => None,
        };
        let Some(plugin) = plugin else { return SendLimit::Everything };
        match self.state.quarantines.standing(&self.configuration.subject(plugin, destination), now) {
            Standing::Closed => SendLimit::Everything,
            Standing::Open { until, .. } => SendLimit::NothingUntil(until),
            Standing::HalfOpen { probing, .. } => SendLimit::Probes(u32::from(!probing)),
        }
    }

    fn answer_bytes(&self) -> u64 {
        u64::from(self.configuration.policies.gateway.journal.answer_bytes)
    }

    async fn numbers(
        &self,
        destination: &str,
        contract: &str,
        version: &str,
        messages: u32,
    ) -> Result<Option<Numbers>, JournalError> {
        let Agreed::By(agreement) = self.configuration.agreed_out(destination, contract, version) else {
            return Ok(None);
        };
        let turn = self.state.numbering.next(destination, &agreement.name).await;
        let after = self.state.journal.last_numbers(destination, &agreement.name).await?;
        let numbering = Numbering {
            partner: destination.to_owned(),
            agreement: agreement.name.clone(),
            after,
            numbers: after.next(messages),
            kinds: Kinds::default(),
        };
        Ok(Some(Numbers { numbering, turn: Box::new(turn) }))
    }

    fn batching(&self, destination: &str) -> Vec<Batching> {
        let agreed = self.configuration.batched(destination).map(|(agreement, batching)| Batching {
            contract: agreement.contract.clone(),
            version: agreement.version.clone(),
            documents: batching.documents,
            bytes: batching.bytes,
        });
        agreed.collect()
    }

    fn acknowledge_by(&self, delivery: &ClaimedDelivery, now: Timestamp) -> Option<Timestamp> {
        let ClaimedDelivery { destination, contract, version, .. } = delivery;
        let Agreed::By(agreement) = self.configuration.agreed_out(destination, contract, version) else { return None };
        if agreement.acknowledgement == Acknowledgement::None {
            return None;
        }
        let within = SignedDuration::from_secs(i64::from(agreement.acknowledge_within_seconds));
        Some(now.saturating_add(within).unwrap_or(Timestamp::MAX))
    }

    async fn encode(&self, rendering: Rendering<'_>) -> Result<Result<Request, Rejection>, PluginError> {
        let Rendering { destination, plugin, documents, contract, version, now, control_numbers, permits } = rendering;
        let of = self.configuration.subject(self.plugin(plugin)?, destination);
        let begun = self.state.quarantines.begin(&of, Timestamp::now());
        let guard = begun.map_err(|_| PluginError::Withheld { plugin: plugin.to_owned() })?;
        let read: Vec<String> = documents.iter().map(|document| document.kind.clone()).collect();
        let declared = of.plugin.manifest().contracts.iter();
        let declared = declared.filter(|declared| declared.name == contract && declared.version == version);
        let size = Size {
            bytes: documents.iter().map(|document| document.body.len() as u64).sum(),
            bytes_max: declared.map(|declared| declared.body_bytes_max).next().unwrap_or(u64::MAX),
        };
        let agreement = match self.configuration.agreed_out(destination, contract, version) {
            Agreed::By(agreement) => Some(agreement),
            Agreed::Nothing | Agreed::OtherMode => None,
        };
        let told = agreement.map(|agreement| self.state.codes.given(destination, agreement.told()));
        let target = Target { agreement: told, control_numbers, ..Target::new(contract, version, now) };
        let mut call = of.plugin.encode(documents, target).await;
        let awaited = std::mem::take(&mut call.awaited);
        self.state.observed.call(
            of.plugin,
            &Ended {
                function: Function::Encode,
                contract: Some((contract, version)),
                usage: &call.usage,
                error: call.outcome.as_ref().err(),
                emitted: &[],
                read: &read,
            },
        );
        let (rendered, guard) = self.returned(&of, "encode", size, guard, call).await?;
        let request = match rendered {
            Ok(request) => request,
            Err(Rejection { findings, .. }) if !awaited.is_empty() && only_awaited(&findings) => {
                guard.succeeded();
                let agreement = agreement.map(|agreement| agreement.name.clone()).unwrap_or_default();
                let awaits = AwaitedCodes { partner: destination.to_owned(), agreement, codes: awaited };
                return Err(PluginError::AwaitsCodes { plugin: plugin.to_owned(), awaits, findings });
            }
            Err(rejection) => {
                guard.succeeded();
                return Ok(Err(rejection));
            }
        };
        let kept = self.keeps_contract(request, contract, version).and_then(|request| {
            let wrong = agreement.map(|agreement| rendered_otherwise(agreement, &request.body, control_numbers));
            match wrong.filter(|wrong| !wrong.is_empty()) {
                Some(wrong) => Err(Rejection::of(wrong)),
                None => Ok(request),
            }
        });
        let request = match kept {
            Ok(request) => request,
            Err(rejection) => {
                let quarantined = misbehaved(&of, guard, "what it rendered breaks its contract");
                return quarantined.map_or(Ok(Err(rejection)), Err);
            }
        };
        if let Err(detail) = permits(&request) {
            let quarantined = misbehaved(&of, guard, &detail);
            return Err(quarantined.unwrap_or(PluginError::Denied { plugin: plugin.to_owned(), detail }));
        }
        guard.succeeded();
        Ok(Ok(request))
    }

    async fn interpret(
        &self,
        destination: &str,
        plugin: &str,
        sent: Request,
        got: Response,
    ) -> Result<Result<Outcome, Rejection>, PluginError> {
        let of = self.configuration.subject(self.plugin(plugin)?, destination);
        let guard = self.state.quarantines.begin_regardless(&of, Timestamp::now());
        let response_bytes_max = self.destination(destination).map(|policy| policy.delivery.limits.response_bytes_max);
        let size = Size { bytes: got.body.len() as u64, bytes_max: response_bytes_max.unwrap_or(u64::MAX) };
        let call = of.plugin.interpret(sent, got).await;
        let emitted = call.outcome.as_ref().ok().and_then(|read| read.as_ref().ok());
        self.state.observed.call(
            of.plugin,
            &Ended {
                function: Function::Interpret,
                contract: None,
                usage: &call.usage,
                error: call.outcome.as_ref().err(),
                emitted: emitted.map_or(&[], |outcome| &outcome.documents),
                read: &[],
            },
        );
        let (read, guard) = self.returned(&of, "interpret", size, guard, call).await?;
        let documents = read.as_ref().map(|outcome| outcome.documents.as_slice()).unwrap_or_default();
        // Where it is tolerated, `accept` says so again, with all that is wrong.
        if self.intake(now()).violations(documents).next().is_some() {
            let quarantined = misbehaved(&of, guard, "a document that it read from an answer breaks its schema");
            return quarantined.map_or(Ok(read), Err);
        }
        guard.succeeded();
        Ok(read)
    }

    async fn accept(&self, yielded: Yielded<'_>) -> Result<Result<Acceptance, Vec<Finding>>, JournalError> {
        let Yielded { delivery, plugin, answer, documents, findings, now } = yielded;
        let intake = self.intake(now);
        let plugin = match self.plugin(plugin) {
            Ok(plugin) => plugin,
            Err(error) => return Ok(Err(vec![Finding::error("plugin-missing", "", error.to_string())])),
        };
        let wrong: Vec<Finding> = intake.violations(documents).flat_map(|(_, wrong)| wrong.findings).collect();
        if !wrong.is_empty() {
            return Ok(Err(wrong));
        }
        let content_type = answer.headers.iter().find(|(name, _)| name == "content-type");
        let incoming = Incoming {
            partner: sender::as_of(&delivery.destination, &delivery.partner),
            contract: delivery.contract.clone(),
            version: delivery.version.clone(),
            content_type: content_type.map(|(_, value)| value.clone()).unwrap_or_default(),
            headers: Vec::new(),
            received_at: answer.received_at.parse().unwrap_or(now),
            request_id: delivery.claim.delivery.to_string(),
            trace: delivery.trace.clone(),
            payload: answer.body.clone().into(),
            sha256: sha256(&answer.body),
            origin: Some(delivery.claim.delivery),
            gap: None,
        };
        let decoded = Decoded { documents: documents.to_vec(), findings: findings.to_vec(), ..Decoded::default() };
        intake.accepted(incoming.exchange(ExchangeId::new(now), plugin), decoded, None).await.map(Ok)
    }

    fn events(
        &self,
        delivery: &ClaimedDelivery,
        settled: &Settled,
        now: Timestamp,
    ) -> (Vec<NewEvent>, Vec<NewDelivery>) {
        let Told { events, deliveries } = self.intake(now).settled(delivery, settled);
        (events, deliveries)
    }
}

/// The policies' secrets, as the deliverer looks them up.
pub(crate) struct DeliverySecrets(pub(crate) Secrets);

impl SecretSource for DeliverySecrets {
    fn secret(&self, reference: &str) -> Result<Secret, String> {
        let secret = self.0.resolve(reference).map_err(|error| error.to_string())?;
        Ok(Secret::new(secret.bytes().to_vec()))
    }
}
