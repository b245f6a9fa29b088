//! Has the journal keep a message in one transaction, unless it knows its keys already.

use std::time::Instant;

use portgate_store::{Acceptance, Accepted, Answer, ExchangeId, Idempotency};

use super::Surroundings;
use super::answer;
use super::deduplicate::{self, Keys};
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
