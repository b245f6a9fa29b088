//! What the audit log is to be told of one attempt, kept from its beginning, so that nothing is missing where the attempt
//! is broken off. With the settlement it goes into the journal in one transaction; else it is handed over by itself.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use portgate_core::audit::{Actor, Entry, Kind, Subject};
use portgate_store::ClaimedDelivery;

use crate::connectors::{DestinationPolicy, Responder};

/// How often a credential left the gateway: in a request to the partner, or in one to the issuer of tokens.
#[derive(Debug, Default)]
pub struct Uses(AtomicU32);

impl Uses {
    pub(crate) fn count(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// How often.
    pub fn times(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The account of one attempt.
#[derive(Default)]
pub(crate) struct Ledger {
    pub(crate) uses: Uses,
    /// What the request was refused for: a kind of rule, and the reason.
    denied: Mutex<Option<(&'static str, String)>>,
    settled: AtomicBool,
}

impl Ledger {
    /// A request that may not be sent. The reason is our own: nothing of the request is in it.
    pub(crate) fn denied(&self, capability: &'static str, reason: &dyn std::fmt::Display) {
        let denied = Some((capability, reason.to_string()));
        *self.denied.lock().unwrap_or_else(PoisonError::into_inner) = denied;
    }

    /// The journal has it with the settlement.
    pub(crate) fn settled(&self) {
        self.settled.store(true, Ordering::Relaxed);
    }

    /// What is left to be told when the attempt is over.
    pub(crate) fn unsettled(
        &self,
        claimed: &ClaimedDelivery,
        destination: &DestinationPolicy,
        now: Timestamp,
    ) -> Vec<Entry> {
        match self.settled.load(Ordering::Relaxed) {
            true => Vec::new(),
            false => {
                let entries = self.entries(claimed, destination, now).into_iter();
                entries.map(|entry| entry.text("settled", "no: the claim was lost or the journal failed")).collect()
            }
        }
    }

    /// All of it as entries.
    pub(crate) fn entries(
        &self,
        claimed: &ClaimedDelivery,
        destination: &DestinationPolicy,
        now: Timestamp,
    ) -> Vec<Entry> {
        let policy = &destination.delivery;
        let actor = || match destination.responder {
            Responder::Plugin(_) => Actor::plugin(&policy.plugin),
            Responder::Webhook => Actor::gateway(),
        };
        let entry = |kind, subject| {
            let entry = Entry::new(now, kind, actor(), subject);
            let entry = entry.text("delivery", &claimed.claim.delivery.to_string());
            let entry = entry.text("exchange", &claimed.exchange.to_string());
            let entry = match claimed.companions.len() {
                0 => entry,
                others => entry.number("deliveries", 1 + others as u64),
            };
            entry.number("attempt", u64::from(claimed.attempt))
        };
        let mut entries = Vec::new();
        if let Some((capability, reason)) = self.denied.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            let denied = entry(Kind::CapabilityDenied, Subject::plugin(&policy.plugin));
            let denied = denied.text("capability", capability).text("reason", reason);
            entries.push(denied.text("destination", &claimed.destination));
        }
        if let (Some(credential), times @ 1..) = (&policy.credential, self.uses.times()) {
            let used = entry(Kind::CredentialUsed, Subject::partner(&claimed.destination));
            let used = used.text("credential", credential.kind()).number("times", u64::from(times));
            let used = used.texts("secrets", credential.secrets().into_iter().map(|(_, secret)| secret));
            entries.push(used.text("base_url", &policy.base_url).optional("token_url", credential.token_url()));
        }
        entries
    }
}
