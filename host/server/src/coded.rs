//! Goes on with what waited for codes, once they are there: deliveries are due, and exchanges are mapped again
//! ([`crate::rerun`]), in the order in which their sender sent them, by one gateway at a time.

use std::time::Duration;

use jiff::SignedDuration;
use portgate_core::document::{Part, PartVerdict};
use portgate_store::{ClaimId, CodedExchange, JournalError, RefusedAfterAll, RerunEnd};

use crate::clock::now;
use crate::configuration::Configuration;
use crate::intake::Intake;
use crate::refusal::Refusal;
use crate::rerun::{self, Plan};
use crate::state::State;

/// How often it is looked what has become known.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How many deliveries and exchanges are taken up at once.
const STEP: u32 = 16;
/// How long nobody else may have an exchange that is taken up.
const LEASE: Duration = Duration::from_secs(60);
/// How long one rests that could not be mapped for a reason which is not its own, such as a plugin in quarantine.
const REST: SignedDuration = SignedDuration::from_secs(5);
/// How often one is planned anew because something of it has changed meanwhile.
const TRIES: u32 = 5;

/// Goes on with what waited, until the task is dropped.
pub(crate) async fn go_on(state: &State, worker: &str) {
    loop {
        match step(state, worker).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "it is not known which codes are there that something waits for"),
        }
        let _ = tokio::time::timeout(LOOK_EVERY, state.codes.addition()).await;
    }
}

/// Takes up what it finds. Gives back whether there may be more.
async fn step(state: &State, worker: &str) -> Result<bool, JournalError> {
    state.codes.refresh(&*state.journal).await?;
    let claimed = state.journal.claim_coded(worker, now(), LEASE, STEP).await?;
    let deliveries = state.journal.release_coded(now(), STEP).await?;
    for delivery in &deliveries {
        tracing::info!(delivery = %delivery.delivery, "a delivery goes on: the codes are there that it waited for");
    }
    if !claimed.is_empty() {
        // What was claimed may wait for codes that were added after the first look.
        state.codes.refresh(&*state.journal).await?;
    }
    let more = claimed.len() == STEP as usize || deliveries.len() == STEP as usize;
    for coded in claimed {
        let exchange = coded.exchange;
        if let Err(error) = one(state, coded).await {
            tracing::warn!(%exchange, %error, "an exchange that waited for a code cannot go on");
        }
    }
    Ok(more)
}

async fn one(state: &State, coded: CodedExchange) -> Result<(), JournalError> {
    let CodedExchange { exchange, claim, added } = coded;
    for _ in 0..TRIES {
        let configuration = state.configuration.load_full();
        let plan = match rerun::plan(state, &configuration, exchange).await {
            Ok(plan) => plan,
            Err(Refusal::Journal(error)) => return Err(error),
            // It rests: its plugin is in quarantine, or nobody decodes its contract now.
            Err(_) => break,
        };
        match plan {
            Plan { done: Some(done), .. } => match rerun::carry_out_unseen(state, done, &added).await? {
                RerunEnd::Done => {
                    tracing::info!(%exchange, "an exchange has gone on: a code is there that it waited for");
                    return Ok(());
                }
                RerunEnd::Outdated => {}
                RerunEnd::BeingSent(_) => break,
            },
            plan @ Plan { done: None, is_of_the_message: true, .. } => {
                return refused_after_all(state, &configuration, claim, plan).await;
            }
            // Its plugin has failed on it.
            Plan { done: None, is_of_the_message: false, .. } => break,
        }
    }
    let at = now().saturating_add(REST).unwrap_or(jiff::Timestamp::MAX);
    state.journal.give_back_coded(exchange, claim, at).await
}

/// Keeps that today's plugin refuses a message of which something waited for a code. What of it was taken before stays.
async fn refused_after_all(
    state: &State,
    configuration: &Configuration,
    claim: ClaimId,
    plan: Plan,
) -> Result<(), JournalError> {
    let Plan { exchange: id, plugin, findings, parts_before, .. } = plan;
    let (record, now) = (state.journal.exchange(id).await?, now());
    let contract =
        record.as_ref().and_then(|record| configuration.contract(&record.exchange.contract, &record.exchange.version));
    let (Some(record), Some(contract)) = (&record, contract) else { return Ok(()) };
    let refused = |part: Part| match part.awaits_code() {
        true => Part { verdict: PartVerdict::Refused, ..part },
        false => part,
    };
    let parts: Vec<Part> = parts_before.into_iter().map(refused).collect();
    let is_rejected = !parts.iter().any(|part| part.verdict == PartVerdict::Accepted);
    let intake = Intake { state, configuration, now };
    let told = intake.refused_after_all(&record.exchange, &contract.plugin, (&findings, &parts), is_rejected);
    tracing::warn!(exchange = %id, "an exchange that waited for a code is refused after all");
    let refused = RefusedAfterAll { exchange: id, claim, plugin, findings, parts, is_rejected, told, now };
    state.journal.refuse_coded(refused).await
}
