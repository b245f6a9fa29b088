//! What is kept of a message that was refused after its sender was proven.

use bytes::Bytes;
use jiff::Timestamp;
use portgate_core::finding::Finding;
use portgate_core::sha256::sha256;
use portgate_store::{ExchangeId, NewRefusal};

use super::Account;
use crate::intake::Incoming;
use crate::problem::Problem;
use crate::refusal::Refusal;
use crate::trace::RequestTrace;

impl Account {
    /// The message as a refused exchange, if it is to be kept: its sender and contract are known, and the fault is in the
    /// message or in how it was read. What is passed on to an upstream is never kept, and so it is not when it is refused; nor is a dry run.
    pub(crate) fn refused(
        &self,
        refusal: &Refusal,
        problem: &Problem,
        trace: &RequestTrace,
        now: Timestamp,
    ) -> Option<NewRefusal> {
        let (contract, sender) = (self.contract.as_ref()?, self.sender.as_ref()?);
        if self.dry_run || !refusal.is_of_the_message() || contract.forward.is_some() {
            return None;
        }
        let unread = || Incoming {
            partner: sender.to_string(),
            contract: contract.name.clone(),
            version: contract.version.clone(),
            content_type: String::new(),
            headers: Vec::new(),
            received_at: now,
            request_id: trace.id.clone(),
            trace: Some(trace.traceparent()),
            payload: Bytes::new(),
            sha256: sha256(b""),
            origin: None,
            gap: None,
        };
        let incoming = self.incoming.clone().unwrap_or_else(unread);
        let mut exchange = incoming.exchange(ExchangeId::new(now), &contract.plugin);
        if let Refusal::Rejected { parts, .. } = refusal {
            exchange.parts.clone_from(parts);
        }
        exchange.findings = Finding::counted(problem.findings.clone(), problem.findings_omitted);
        Some(NewRefusal {
            exchange,
            has_payload: self.incoming.is_some(),
            known_by: self.known_by.clone(),
            status: problem.kind.status.as_u16(),
            problem: problem.kind.slug.to_owned(),
            detail: problem.detail.clone(),
            now,
        })
    }
}
