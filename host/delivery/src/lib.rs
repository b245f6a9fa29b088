//! The way out: what a plugin rendered is held against its policy, gets its credential and is sent; the answer is read
//! by the plugin and settled in the journal.
//!
//! A plugin never sees a credential and never reaches anything: it returns a request, and this crate decides whether it
//! may be sent ([`egress`]), what proves who the gateway is ([`credential`]), where its host may lead ([`resolve`]) and how long all of it may take ([`client`]). When to
//! try again ([`schedule`]) and when to leave a partner alone ([`breaker`]) are decided without I/O or clock.

pub mod breaker;
pub mod channel;
pub mod client;
pub mod clock;
pub mod credential;
pub mod egress;
pub mod resolve;
pub mod schedule;
pub mod secret;

#[cfg(test)]
mod testing;
