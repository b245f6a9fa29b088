//! Makes the exchange real: one transaction of the journal holds the payload, its documents, the deliveries that follow,
//! the key's answer and what is told to listeners. Only after it does the partner hear of a success.
//!
//! A message that is decoded later is kept the same way, without what is not known yet.

use std::time::Instant;

use portgate_store::{Acceptance, Accepted, Answer, ExchangeId, Idempotency};

use super::Surroundings;
use super::answer::{self, Preference};
use super::decode::Decoded;
use super::deduplicate::{self, Carried, Keys};
use crate::refusal::Refusal;

/// Proof that the exchange is on the disk, with the answer that says so.
pub(crate) struct Committed {
    pub(super) answer: Answer,
    _made_here: (),
}

/// What is kept: an exchange with all that came of it, or one that is still to be decoded.
#[derive(Clone, Copy)]
pub(super) enum How {
    Decoded,
    Parked,
}

/// Commits, unless the journal knows the message already.
pub(super) async fn commit(
    around: &Surroundings<'_>,
    decoded: Decoded,
    preference: Preference,
) -> Result<Committed, Refusal> {
    let Decoded { carried, decoded, .. } = decoded;
    // The place is given back when all is done.
    let Carried { contract, incoming, keys, place: _place, .. } = *carried;
    let exchange = incoming.exchange(ExchangeId::new(around.now), &contract.plugin);
    let answer = answer::prepare(exchange.id, &decoded, preference);
    let acceptance = around.intake().accepted(exchange, decoded, contract.declared.business_key.as_ref());
    keep(around, acceptance, &keys, answer, How::Decoded).await
}

/// Has the journal keep it, with the answer that a repetition of its keys will get.
pub(super) async fn keep(
    around: &Surroundings<'_>,
    mut acceptance: Acceptance,
    keys: &Keys,
    answer: Answer,
    how: How,
) -> Result<Committed, Refusal> {
    acceptance.idempotency = (!keys.known_by.is_empty()).then(|| Idempotency {
        keys: keys.known_by.clone(),
        fingerprint: keys.fingerprint,
        answer: answer.clone(),
        expires_at: keys.remembered_until,
    });
    let began = Instant::now();
    let accepted = match how {
        How::Decoded => around.state.intake.accept(acceptance).await?,
        How::Parked => around.state.intake.park(acceptance).await?,
    };
    around.state.metrics.commit(began.elapsed());
    match accepted {
        Accepted::Committed => Ok(Committed { answer, _made_here: () }),
        Accepted::Replayed(answer) => Ok(Committed { answer, _made_here: () }),
        Accepted::KeyReused(key) => Err(deduplicate::reused(&key)),
        Accepted::Unanswered => Err(Refusal::WebhookIdTaken),
        Accepted::DuplicateBusinessKey { exchange, same_payload } => {
            Ok(Committed { answer: known(exchange, same_payload)?, _made_here: () })
        }
    }
}

/// The answer to a message whose business key this exchange has already.
pub(super) fn known(exchange: ExchangeId, same_payload: bool) -> Result<Answer, Refusal> {
    match same_payload {
        true => Ok(answer::known(exchange)),
        false => Err(Refusal::DuplicateSubmission { exchange: exchange.to_string() }),
    }
}
