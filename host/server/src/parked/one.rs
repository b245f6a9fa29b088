//! One parked message: held against its contract, decoded, and kept as what it turns out to be.

use bytes::Bytes;
use portgate_core::document;
use portgate_core::finding::Finding;
use portgate_core::message::Message;
use portgate_core::quarantine::Standing;
use portgate_store::{
    Accepted, ExchangeId, Failure, JournalError, NewEvent, NewExchange, ParkedExchange, ParkedSettlement, TakenUp, Told,
};

use super::contract;
use crate::chain::{self, Witnesses};
use crate::clock::now;
use crate::configuration::{Configuration, Contract};
use crate::events::webhook;
use crate::exchange;
use crate::quarantine::{Ending, Subject};
use crate::refusal::Refusal;
use crate::state::State;

/// Whether the next message of the partner can be taken up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Go,
    Stop,
}

/// What a message is taken up with.
pub(super) struct TakeUp<'a> {
    pub(super) state: &'a State,
    pub(super) configuration: &'a Configuration,
    pub(super) of: Subject<'a>,
}

impl TakeUp<'_> {
    /// Takes one message up.
    pub(super) async fn one(&self, parked: ParkedExchange) -> Next {
        let Some(contract) = contract(self.configuration, &parked.contract, &parked.version) else {
            self.give_back(&parked).await;
            return Next::Stop;
        };
        let Ok(ticket) = self.state.quarantines.begin(&self.of, now()) else {
            self.give_back(&parked).await;
            return Next::Stop;
        };
        // Its plugin may have another schema for it than when it was parked, and nothing reaches a plugin unchecked.
        let content_type = parked.headers.iter().find(|(name, _)| name == "content-type");
        let charset = content_type.and_then(|(_, value)| portgate_charset::charset_of(value));
        if let Err(violations) = contract.checker.check(&parked.payload, charset) {
            drop(ticket);
            return self.reject(&parked, contract, violations.into_findings()).await;
        }
        let witnesses = Witnesses {
            metrics: &self.state.metrics,
            observed: &self.state.observed,
            audit: &self.state.audit,
            request: &parked.request_id,
            now: now(),
        };
        let decoded = chain::decode_message(self.configuration, &witnesses, contract, message(&parked)).await;
        let ending = Ending::of(&decoded);
        ticket.ended(&self.of, &ending);
        match (decoded, ending) {
            (Ok(decoded), _) => self.accept(&parked, contract, decoded).await,
            (Err(Refusal::Rejected { findings, omitted, .. }), _) => {
                self.reject(&parked, contract, Finding::counted(findings, omitted)).await
            }
            (Err(refusal @ Refusal::PayloadTooMuch { .. }), _) => {
                let problem = refusal.problem();
                let finding = Finding::error(problem.kind.slug, "", problem.detail);
                self.reject(&parked, contract, vec![finding]).await
            }
            (Err(refusal), Ending::Failed(detail)) => {
                tracing::warn!(request = parked.request_id, "{refusal}");
                self.fail(&parked, contract, detail).await
            }
            // It was not called: there was no place.
            (Err(_), Ending::Good | Ending::Silent) => {
                self.give_back(&parked).await;
                Next::Stop
            }
        }
    }

    /// Leaves a message as it is.
    pub(super) async fn give_back(&self, parked: &ParkedExchange) {
        let at = now();
        // Where that cannot be kept, its lease runs out.
        let _ = self.settle(parked, TakenUp::Again { at, failure: None }, "").await;
    }

    async fn accept(&self, parked: &ParkedExchange, contract: &Contract, decoded: document::Decoded) -> Next {
        let document::Decoded { documents, findings } = decoded;
        let exchange = new_exchange(parked, contract, findings);
        let acceptance = chain::acceptance(self.configuration, contract, exchange, documents, now());
        match self.settle(parked, TakenUp::Accepted(Box::new(acceptance)), "accepted").await {
            Ok(Accepted::DuplicateBusinessKey { exchange, same_payload }) => {
                self.reject(parked, contract, vec![duplicate(exchange, same_payload)]).await
            }
            Ok(_) => Next::Go,
            Err(_) => Next::Stop,
        }
    }

    async fn reject(&self, parked: &ParkedExchange, contract: &Contract, findings: Vec<Finding>) -> Next {
        let exchange = new_exchange(parked, contract, findings);
        let told = self.told(exchange::rejected_event(&exchange, now()));
        let NewExchange { plugin, findings, .. } = exchange;
        match self.settle(parked, TakenUp::Rejected { plugin, findings, told }, "rejected").await {
            Ok(_) => Next::Go,
            Err(_) => Next::Stop,
        }
    }

    async fn fail(&self, parked: &ParkedExchange, contract: &Contract, detail: String) -> Next {
        let (now, policy) = (now(), self.of.policy());
        let failure = Failure { build: self.of.build(), detail };
        let (settled, outcome) = if parked.failures.saturating_add(1) < policy.tries_max {
            let pause = jiff::SignedDuration::from_secs(i64::from(policy.pause_seconds));
            let at = now.saturating_add(pause).unwrap_or(jiff::Timestamp::MAX);
            (TakenUp::Again { at, failure: Some(failure) }, "again")
        } else {
            let exchange = new_exchange(parked, contract, Vec::new());
            tracing::error!(
                exchange = %parked.claim.exchange, partner = parked.partner, contract = parked.contract,
                "a parked exchange has failed: its plugin fails on it each time, and an operator must look"
            );
            let told = self.told(exchange::failed_event(&exchange, now));
            (TakenUp::Failed { failure, told }, "failed")
        };
        let kept = self.settle(parked, settled, outcome).await;
        match (kept, self.state.quarantines.standing(&self.of, now)) {
            (Ok(_), Standing::Closed) => Next::Go,
            _ => Next::Stop,
        }
    }

    async fn settle(
        &self,
        parked: &ParkedExchange,
        settled: TakenUp,
        outcome: &'static str,
    ) -> Result<Accepted, JournalError> {
        let settlement = ParkedSettlement { claim: parked.claim, now: now(), settled };
        let kept = self.state.journal.settle_parked(settlement).await;
        match &kept {
            Ok(Accepted::Committed) if !outcome.is_empty() => {
                self.state.metrics.quarantine.taken_up(&parked.partner, outcome);
            }
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(exchange = %parked.claim.exchange, %error, "what became of a parked exchange is not kept");
            }
        }
        kept
    }

    fn told(&self, event: NewEvent) -> Told {
        let (at, events) = (event.at, vec![event]);
        Told { deliveries: webhook::deliveries(&self.configuration.policies, &events, at), events }
    }
}

/// The message as it came.
fn message(parked: &ParkedExchange) -> Message {
    Message {
        partner: parked.partner.clone(),
        contract: parked.contract.clone(),
        version: parked.version.clone(),
        content_type: parked.content_type.clone(),
        headers: parked.headers.clone(),
        received_at: parked.received_at.to_string(),
        digest: hex::encode(parked.sha256),
        body: parked.payload.clone(),
    }
}

/// The exchange with what is known of it now. Its payload is in the journal already.
fn new_exchange(parked: &ParkedExchange, contract: &Contract, findings: Vec<Finding>) -> NewExchange {
    NewExchange {
        id: parked.claim.exchange,
        partner: parked.partner.clone(),
        contract: parked.contract.clone(),
        version: parked.version.clone(),
        content_type: parked.content_type.clone(),
        headers: parked.headers.clone(),
        received_at: parked.received_at,
        request_id: parked.request_id.clone(),
        trace: parked.trace.clone(),
        plugin: exchange::plugin_build(&contract.plugin),
        payload: Bytes::new(),
        sha256: parked.sha256,
        findings,
        origin: None,
    }
}

fn duplicate(exchange: ExchangeId, same_payload: bool) -> Finding {
    let how = if same_payload { "with the same payload" } else { "with another payload" };
    let detail = format!("This was submitted before, {how}, as /v1/exchanges/{exchange}.");
    Finding::error("duplicate-submission", "", detail)
}
