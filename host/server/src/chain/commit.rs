//! Makes the exchange real: one transaction of the journal holds the payload, its documents, the deliveries that follow,
//! the key's answer and what is told to listeners. Only after it does the partner hear of a success.
//!
//! A message that is decoded later is kept the same way, without what is not known yet.

use std::time::Instant;

use http::StatusCode;
use portgate_store::{Acceptance, Accepted, Answer, ExchangeId, Idempotency};

use super::Surroundings;
use super::answer::{self, Preference};
use super::decode::Decoded;
use super::deduplicate::{self, Carried, Keys};
use super::refuse::NUMBERS_TRIES;
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

/// Commits, unless the journal knows the message already. Where the control numbers of its reply, or what it acknowledges,
/// have gone to something else meanwhile, it is decoded anew.
pub(super) async fn commit(
    around: &Surroundings<'_>,
    decoded: Decoded<'_>,
    preference: Preference,
) -> Result<Committed, Refusal> {
    let Decoded { carried, mut decoded, mut replying, .. } = decoded;
    // The place is given back when all is done.
    let Carried { contract, incoming, keys, place: _place, .. } = *carried;
    let intake = around.intake();
    for _ in 0..NUMBERS_TRIES {
        let exchange = incoming.clone().exchange(ExchangeId::new(around.now), &contract.plugin);
        let reply = decoded.reply.take();
        let answer = match (&reply, &replying) {
            (Some(reply), Some(replying)) if replying.is_in_answer() => {
                answer::in_its_format(StatusCode::OK, exchange.id, reply)
            }
            _ => answer::prepare(exchange.id, &decoded, preference),
        };
        let mut acceptance = intake.accepted(exchange, decoded, contract.declared.business_key.as_ref()).await?;
        intake.follow(&contract, &incoming, &mut acceptance).await?;
        if let (Some(reply), Some(replying)) = (&reply, &replying) {
            acceptance.deliveries.extend(replying.apart(&incoming, reply, around.now));
            acceptance.numbering = Some(replying.numbering.clone());
        }
        if let Some(committed) = keep(around, acceptance, &keys, answer, How::Decoded).await? {
            return Ok(committed);
        }
        // The turn is given back before the next is waited for.
        drop(replying);
        replying = intake.replying(&contract, &incoming).await?;
        let numbers = replying.as_ref().map(|replying| replying.numbering.numbers);
        decoded = intake.decode(&contract, &incoming, numbers).await?;
    }
    Err(Refusal::NumbersTaken)
}

/// Has the journal keep it, with the answer that a repetition of its keys will get. Nothing, where it has to be worked out
/// anew.
pub(super) async fn keep(
    around: &Surroundings<'_>,
    mut acceptance: Acceptance,
    keys: &Keys,
    answer: Answer,
    how: How,
) -> Result<Option<Committed>, Refusal> {
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
    let answer = match accepted {
        Accepted::Committed => answer,
        Accepted::Replayed(answer) => answer,
        Accepted::KeyReused(key) => return Err(deduplicate::reused(&key)),
        Accepted::Unanswered => return Err(Refusal::WebhookIdTaken),
        Accepted::DuplicateBusinessKey { exchange, same_payload } => known(exchange, same_payload)?,
        Accepted::Overtaken => return Ok(None),
    };
    Ok(Some(Committed { answer, _made_here: () }))
}

/// The answer to a message whose business key this exchange has already.
pub(super) fn known(exchange: ExchangeId, same_payload: bool) -> Result<Answer, Refusal> {
    match same_payload {
        true => Ok(answer::known(exchange)),
        false => Err(Refusal::DuplicateSubmission { exchange: exchange.to_string() }),
    }
}
