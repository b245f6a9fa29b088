//! Parks a message whose plugin cannot be called for its partner now, or behind which others of the partner wait: it is
//! kept as it came, acknowledged, and decoded later ([`crate::parked`]).
//!
//! A forwarded message cannot be kept, so that its partner is told to come back.

use portgate_core::sender;
use portgate_store::ExchangeId;

use super::Surroundings;
use super::answer;
use super::check::Checked;
use super::deduplicate::Carried;
use super::keep::{Committed, How, keep};
use crate::quarantine::CallGuard;
use crate::refusal::Refusal;

/// Proof that the plugin may be called for this message.
pub(crate) struct Callable<'a> {
    pub(super) carried: Box<Carried>,
    pub(super) guard: CallGuard<'a>,
    _made_here: (),
}

/// A message to be decoded now, or one that is kept for later.
pub(super) enum MaybeParked<'a> {
    Callable(Callable<'a>),
    Parked(Committed),
}

/// Begins the plugin's call, or parks the message.
pub(super) async fn park<'a>(around: &Surroundings<'a>, checked: Checked) -> Result<MaybeParked<'a>, Refusal> {
    let Checked { carried, .. } = checked;
    let Carried { contract, incoming, .. } = &*carried;
    let plugin = &contract.plugin.manifest().name;
    let waits = contract.forward.is_none() && around.state.quarantines.has_backlog(plugin, &incoming.partner);
    let of = around.configuration.subject(&contract.plugin, &incoming.partner);
    let begun = if waits { Err(around.now) } else { around.state.quarantines.begin(&of, around.now) };
    let until = match begun {
        Ok(guard) => return Ok(MaybeParked::Callable(Callable { carried, guard, _made_here: () })),
        Err(until) => until,
    };
    if contract.forward.is_some() {
        let wait = until.duration_since(around.now).as_secs();
        return Err(Refusal::PluginQuarantined {
            plugin: plugin.clone(),
            partner: sender::partner(&incoming.partner).to_owned(),
            retry_after_seconds: u64::try_from(wait).unwrap_or_default().saturating_add(1),
        });
    }
    let _parking = around.state.quarantines.park(plugin, &incoming.partner);
    // The place is given back when all is done.
    let Carried { contract, incoming, keys, place: _place, .. } = *carried;
    let exchange = incoming.exchange(ExchangeId::new(around.now), &contract.plugin);
    let answer = answer::parked(exchange.id);
    let parked = around.intake().parked(exchange);
    let committed = keep(around, parked, &keys, answer, How::Parked).await?;
    // It has no control numbers that could have gone to something else.
    committed.map(MaybeParked::Parked).ok_or(Refusal::NumbersTaken)
}
