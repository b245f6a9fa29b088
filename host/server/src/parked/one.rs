//! One parked message: held against its contract, decoded, and kept as what it turns out to be.

use bytes::Bytes;
use http::StatusCode;
use jiff::{SignedDuration, Timestamp, ToSpan};
use portgate_core::document::{self, Part, Reply};
use portgate_core::finding::Finding;
use portgate_core::quarantine::Standing;
use portgate_store::{
    Accepted, Answer, Failure, Idempotency, JournalError, NewExchange, ParkedClaim, ParkedExchange, ParkedSettlement,
    Rejected, RequestKey, TakenUp, Told,
};

use crate::chain::answer;
use crate::clock::now;
use crate::configuration::{Configuration, Contract};
use crate::intake::{Incoming, Intake, Replying, duplicate};
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
        let (claim, failures, was_refused) = (parked.claim, parked.failures, parked.was_refused);
        let Some(contract) = self.configuration.contract(&parked.contract, &parked.version) else {
            self.give_back(claim).await;
            return Next::Stop;
        };
        let Ok(guard) = self.state.quarantines.begin(&self.of, now()) else {
            self.give_back(claim).await;
            return Next::Stop;
        };
        let mut taken = Taken { claim, failures, was_refused, contract, incoming: parked.into() };
        // Its plugin may have another schema for it than when it was parked, and nothing reaches a plugin unchecked.
        if let Err(violations) = taken.incoming.check(contract) {
            drop(guard);
            return self.reject(taken, violations.into_findings(), Vec::new()).await;
        }
        if let Err(findings) = self.intake().keeps_agreement(contract, &taken.incoming) {
            drop(guard);
            return self.reject(taken, findings, Vec::new()).await;
        }
        let replying = match self.intake().replying(contract, &taken.incoming).await {
            Ok(replying) => replying,
            Err(error) => {
                tracing::warn!(exchange = %claim.exchange, %error, "a parked exchange cannot be taken up");
                drop(guard);
                self.give_back(claim).await;
                return Next::Stop;
            }
        };
        let numbers = replying.as_ref().map(|replying| replying.numbering.numbers);
        let decoded = self.intake().decode(contract, &taken.incoming, numbers).await;
        let ending = Ending::of(&decoded);
        guard.ended(&self.of, &ending);
        match (decoded, ending) {
            (Ok(decoded), _) => self.accept(taken, decoded, replying).await,
            (Err(Refusal::Rejected { findings, omitted, parts, reply, .. }), _) => {
                let findings = Finding::counted(findings, omitted);
                match (reply, replying) {
                    // Of what was refused when it came its sender was told then.
                    (Some(reply), Some(replying)) if !taken.was_refused => {
                        self.reject_in_its_format(taken, findings, parts, &reply, replying).await
                    }
                    _ => self.reject(taken, findings, parts).await,
                }
            }
            (Err(refusal @ Refusal::PayloadTooMuch { .. }), _) => {
                let problem = refusal.problem();
                let finding = Finding::error(problem.kind.slug, "", problem.detail);
                self.reject(taken, vec![finding], Vec::new()).await
            }
            (Err(refusal), Ending::Failed(detail)) => {
                tracing::warn!(request = taken.incoming.request_id, "{refusal}");
                self.fail(taken, detail).await
            }
            // It was not called: there was no place.
            (Err(_), Ending::Good | Ending::Silent) => {
                self.give_back(claim).await;
                Next::Stop
            }
        }
    }

    /// Leaves a message as it is.
    pub(super) async fn give_back(&self, claim: ParkedClaim) {
        let at = now();
        // Where that cannot be kept, its lease runs out.
        let _ = self.settle(claim, TakenUp::Again { at, failure: None }, "").await;
    }

    async fn accept(&self, taken: Taken<'_>, mut decoded: document::Decoded, replying: Option<Replying<'_>>) -> Next {
        let Taken { claim, contract, .. } = taken;
        let business_key = contract.declared.business_key.as_ref();
        let reply = decoded.reply.take();
        let mut acceptance = match self.intake().accepted(taken.exchange(), decoded, business_key).await {
            Ok(acceptance) => acceptance,
            Err(error) => {
                tracing::warn!(exchange = %claim.exchange, %error, "a parked exchange cannot be taken up");
                self.give_back(claim).await;
                return Next::Stop;
            }
        };
        if let Err(error) = self.intake().follow(contract, &taken.incoming, &mut acceptance).await {
            tracing::warn!(exchange = %claim.exchange, %error, "a parked exchange cannot be taken up");
            self.give_back(claim).await;
            return Next::Stop;
        }
        let replied = reply.as_ref().zip(replying.as_ref());
        if let Some((reply, replying)) = replied {
            acceptance.deliveries.extend(replying.late(&taken.incoming, reply, now()));
            acceptance.numbering = Some(replying.numbering.clone());
        }
        acceptance.idempotency = self.known_as(&taken, replied, &acceptance.exchange);
        match self.settle(claim, TakenUp::Accepted(Box::new(acceptance)), "accepted").await {
            Ok(Accepted::Overtaken) => {
                self.give_back(claim).await;
                Next::Go
            }
            Ok(Accepted::DuplicateBusinessKey { exchange, same_payload }) => {
                self.reject(taken, vec![duplicate(exchange, same_payload)], Vec::new()).await
            }
            // Since it was refused, its number has gone to another interchange.
            Ok(Accepted::Replayed(_) | Accepted::KeyReused(_)) => {
                let problem = Refusal::ControlNumberReused.problem();
                self.reject(taken, vec![Finding::error(problem.kind.slug, "", problem.detail)], Vec::new()).await
            }
            Ok(_) => Next::Go,
            Err(_) => Next::Stop,
        }
    }

    async fn reject(&self, taken: Taken<'_>, findings: Vec<Finding>, parts: Vec<Part>) -> Next {
        let rejected = taken.told(TakenUp::Rejected(Box::new(self.rejected(&taken, findings, parts))));
        match self.settle(taken.claim, rejected, "rejected").await {
            Ok(_) => Next::Go,
            Err(_) => Next::Stop,
        }
    }

    /// The same, and the partner is told in its own format.
    async fn reject_in_its_format(
        &self,
        taken: Taken<'_>,
        findings: Vec<Finding>,
        parts: Vec<Part>,
        reply: &Reply,
        replying: Replying<'_>,
    ) -> Next {
        let mut rejected = self.rejected(&taken, findings, parts);
        rejected.told.deliveries.extend(replying.late(&taken.incoming, reply, now()));
        if replying.is_in_answer() {
            let answer = answer::in_its_format(StatusCode::UNPROCESSABLE_ENTITY, taken.claim.exchange, reply);
            let keys = vec![RequestKey::TakenUp { exchange: taken.claim.exchange }];
            rejected.idempotency = Some(self.remembered(&taken, keys, answer));
        }
        rejected.numbering = Some(replying.numbering.clone());
        match self.settle(taken.claim, TakenUp::Rejected(Box::new(rejected)), "rejected").await {
            Ok(Accepted::Overtaken) => {
                self.give_back(taken.claim).await;
                Next::Go
            }
            Ok(_) => Next::Go,
            Err(_) => Next::Stop,
        }
    }

    /// What is kept of one that is refused. An interchange gives its control number back, as any that is refused does.
    fn rejected(&self, taken: &Taken<'_>, findings: Vec<Finding>, parts: Vec<Part>) -> Rejected {
        let freed = self.intake().interchange_key(taken.contract, &taken.incoming);
        Rejected { freed, ..self.intake().rejected(taken.exchange(), findings, parts) }
    }

    /// What its sender is told from now on when it sends an accepted message again or asks: the reply, where that was to be
    /// part of the answer. An interchange that was refused before takes its control number only now.
    fn known_as(
        &self,
        taken: &Taken<'_>,
        replied: Option<(&Reply, &Replying<'_>)>,
        exchange: &NewExchange,
    ) -> Option<Idempotency> {
        let in_answer = replied.filter(|(_, replying)| replying.is_in_answer());
        let number = self.intake().interchange_key(taken.contract, &taken.incoming);
        let mut keys: Vec<RequestKey> = number.into_iter().collect();
        keys.extend(in_answer.map(|_| RequestKey::TakenUp { exchange: exchange.id }));
        let answer = match in_answer {
            Some((reply, _)) => answer::in_its_format(StatusCode::OK, exchange.id, reply),
            None => answer::taken_up(exchange.id, &exchange.findings, &exchange.parts),
        };
        (!keys.is_empty()).then(|| self.remembered(taken, keys, answer))
    }

    /// An answer that is remembered as long as anything is kept of the exchange.
    fn remembered(&self, taken: &Taken<'_>, keys: Vec<RequestKey>, answer: Answer) -> Idempotency {
        let days = i64::from(self.configuration.policies.gateway.journal.exchange_days);
        let expires_at = now().saturating_add((days * 24).hours()).unwrap_or(Timestamp::MAX);
        Idempotency { keys, fingerprint: taken.incoming.fingerprint(), answer, expires_at }
    }

    async fn fail(&self, taken: Taken<'_>, detail: String) -> Next {
        let (now, policy) = (now(), self.of.policy());
        let failure = Failure { build: self.of.build(), detail };
        // Nobody waits for what was refused before, so that it is in nobody's way.
        let tries_max = if taken.was_refused { 1 } else { policy.tries_max };
        let (settled, outcome) = if taken.failures.saturating_add(1) < tries_max {
            let pause = SignedDuration::from_secs(i64::from(policy.pause_seconds));
            let at = now.saturating_add(pause).unwrap_or(Timestamp::MAX);
            (TakenUp::Again { at, failure: Some(failure) }, "again")
        } else {
            let Incoming { partner, contract, .. } = &taken.incoming;
            tracing::error!(
                exchange = %taken.claim.exchange, partner, contract,
                "a parked exchange has failed: its plugin fails on it each time, and an operator must look"
            );
            (taken.told(self.intake().failed(&taken.exchange(), failure)), "failed")
        };
        let kept = self.settle(taken.claim, settled, outcome).await;
        match (kept, self.state.quarantines.standing(&self.of, now)) {
            (Ok(_), Standing::Closed) => Next::Go,
            _ => Next::Stop,
        }
    }

    async fn settle(
        &self,
        claim: ParkedClaim,
        settled: TakenUp,
        outcome: &'static str,
    ) -> Result<Accepted, JournalError> {
        let settlement = ParkedSettlement { claim, now: now(), settled };
        let kept = self.state.journal.settle_parked(settlement).await;
        match &kept {
            Ok(Accepted::Committed) if !outcome.is_empty() => {
                self.state.metrics.quarantine.taken_up(self.of.partner, outcome);
            }
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(exchange = %claim.exchange, %error, "what became of a parked exchange is not kept");
            }
        }
        kept
    }

    fn intake(&self) -> Intake<'_> {
        Intake { state: self.state, configuration: self.configuration, now: now() }
    }
}

/// A message that is being taken up.
struct Taken<'a> {
    claim: ParkedClaim,
    /// How often this build of its plugin has failed on it.
    failures: u32,
    /// It was refused when it came, and is run again.
    was_refused: bool,
    contract: &'a Contract,
    incoming: Incoming,
}

impl Taken<'_> {
    /// What becomes of it, with what is told of that: of what was refused when it came, nobody was told anything else.
    fn told(&self, mut taken_up: TakenUp) -> TakenUp {
        if self.was_refused {
            match &mut taken_up {
                TakenUp::Rejected(rejected) => rejected.told = Told::default(),
                TakenUp::Failed { told, .. } => *told = Told::default(),
                TakenUp::Accepted(_) | TakenUp::Again { .. } => {}
            }
        }
        taken_up
    }

    /// The exchange with what is known of it now. Its payload is in the journal already.
    fn exchange(&self) -> NewExchange {
        let incoming = Incoming { payload: Bytes::new(), ..self.incoming.clone() };
        incoming.exchange(self.claim.exchange, &self.contract.plugin)
    }
}
