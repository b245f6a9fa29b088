//! The way out: what a plugin rendered is held against its policy, gets its credential and is sent; the answer is read
//! by the plugin and settled in the journal.
//!
//! A plugin never sees a credential and never reaches anything: it returns a request, and this crate decides whether it
//! may be sent ([`egress`]), what proves who the gateway is ([`credential`]), where its host may lead ([`resolve`]) and how long all of it may take ([`client`]). When to
//! try again ([`schedule`]) and when to leave a partner alone ([`breaker`]) are decided without I/O or clock. The
//! [`Deliverer`] does the work: one task a destination, so that a partner that is down slows nobody else.
//!
//! What this crate does not do: run plugins and know documents ([`connectors`] are somebody else's), or keep anything
//! (the queue is the journal, in its role [`Deliveries`](portgate_store::Deliveries)).

mod attempt;
pub mod breaker;
pub mod channel;
pub mod client;
pub mod clock;
pub mod connectors;
pub mod credential;
mod deliverer;
mod destination;
mod destination_task;
pub mod egress;
mod ledger;
pub mod resolve;
pub mod routing;
pub mod schedule;
mod scribe;
pub mod secret;
mod settings;
pub mod webhook;

pub use deliverer::Deliverer;
pub use ledger::Uses;
pub use scribe::Scribe;
pub use settings::Settings;

#[cfg(test)]
mod testing;
