//! Makes the exchange real: one transaction of the journal holds the payload, its documents, the deliveries that follow,
//! the key's answer and what is told to listeners. Only after it does the partner hear of a success.

use http::StatusCode;
use portgate_store::ExchangeId;

use super::Surroundings;
use super::answer::{self, Preference};
use super::decode::Decoded;
use super::deduplicate::Carried;
use super::keep::{Committed, How, keep};
use super::refuse::NUMBERS_TRIES;
use crate::refusal::Refusal;

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
