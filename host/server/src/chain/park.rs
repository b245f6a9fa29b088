//! Parks a message whose plugin cannot be called for its partner now, or behind which others of the partner wait: it is
//! kept as it came, acknowledged, and decoded later ([`crate::parked`]).
//!
//! A forwarded message cannot be kept, so that its partner is told to come back.

use std::sync::Arc;

use portgate_core::message::Message;
use tokio::sync::OwnedSemaphorePermit;

use super::Surroundings;
use super::answer;
use super::check::Checked;
use super::commit::{self, Committed, How};
use super::deduplicate::Keys;
use super::read::Original;
use crate::configuration::Contract;
use crate::exchange;
use crate::quarantine::Ticket;
use crate::refusal::Refusal;

/// Proof that the plugin may be called for this message.
pub(crate) struct Admitted<'a> {
    pub(super) contract: Arc<Contract>,
    pub(super) place: OwnedSemaphorePermit,
    pub(super) message: Message,
    pub(super) original: Original,
    pub(super) keys: Keys,
    pub(super) ticket: Ticket<'a>,
    _made_here: (),
}

/// A message to be decoded now, or one that is kept for later.
pub(super) enum Admission<'a> {
    Admitted(Box<Admitted<'a>>),
    Parked(Committed),
}

/// Begins the plugin's call, or parks the message.
pub(super) async fn park<'a>(around: &Surroundings<'a>, checked: Checked) -> Result<Admission<'a>, Refusal> {
    let Checked { contract, place, message, original, keys, .. } = checked;
    let plugin = &contract.plugin.manifest().name;
    let waits = contract.forward.is_none() && around.state.quarantines.has_backlog(plugin, &message.partner);
    let of = around.configuration.subject(&contract.plugin, &message.partner);
    let begun = if waits { Err(around.now) } else { around.state.quarantines.begin(&of, around.now) };
    let until = match begun {
        Ok(ticket) => {
            let admitted = Admitted { contract, place, message, original, keys, ticket, _made_here: () };
            return Ok(Admission::Admitted(Box::new(admitted)));
        }
        Err(until) => until,
    };
    if contract.forward.is_some() {
        let wait = until.duration_since(around.now).as_secs();
        return Err(Refusal::PluginQuarantined {
            plugin: plugin.clone(),
            partner: message.partner,
            retry_after_seconds: u64::try_from(wait).unwrap_or_default().saturating_add(1),
        });
    }
    let _parking = around.state.quarantines.park(plugin, &message.partner);
    let exchange = commit::new_exchange(around, &contract, message.partner, original);
    let answer = answer::parked(exchange.id);
    let events = vec![exchange::parked_event(&exchange, around.now)];
    let undecoded = commit::undecoded(around, exchange, events);
    Ok(Admission::Parked(commit::keep(around, undecoded, &keys, answer, How::Parked).await?))
}
