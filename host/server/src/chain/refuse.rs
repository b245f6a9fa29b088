//! What is kept of a message that was refused after its sender was proven, and how the sender is told in its own format.

use bytes::Bytes;
use jiff::Timestamp;
use portgate_core::finding::Finding;
use portgate_core::sha256::sha256;
use portgate_store::{Answer, AnsweredRefusal, ExchangeId, Idempotency, NewRefusal, RefusalEnd, RequestKey};

use super::answer::{self, location};
use super::deduplicate::{Carried, first_answer};
use super::{Account, Surroundings};
use crate::intake::{Incoming, Replying};
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

/// How often a message is decoded anew because the control numbers of its reply have gone to something else, which only
/// other gateways can do.
pub(super) const NUMBERS_TRIES: u32 = 20;

/// Keeps a message that its plugin has refused in the partner's own format together with what it says, so that the same
/// bytes are refused so again. What was refused otherwise is given back as it is.
pub(super) async fn in_its_format<'a>(
    around: &Surroundings<'a>,
    account: &Account,
    carried: &Carried,
    mut refusal: Refusal,
    mut replying: Replying<'a>,
) -> Refusal {
    let Carried { contract, incoming, keys, .. } = carried;
    let bytes_per_day = around.configuration.policies.gateway.journal.refused_bytes_per_day();
    for _ in 0..NUMBERS_TRIES {
        let Refusal::Rejected { reply: Some(reply), .. } = &refusal else { return refusal };
        let problem = refusal.problem();
        let Some(kept) = account.refused(&refusal, &problem, around.trace, around.now) else { return refusal };
        let place = location(kept.exchange.id);
        let answer = match replying.is_in_answer() {
            true => answer::in_its_format(problem.kind.status, kept.exchange.id, reply),
            false => Answer {
                status: kept.status,
                headers: vec![
                    ("content-type".to_owned(), "application/problem+json".to_owned()),
                    ("location".to_owned(), place.clone()),
                ],
                body: problem.render(&place).into_body(),
            },
        };
        let answered = AnsweredRefusal {
            deliveries: replying.apart(incoming, reply, around.now).into_iter().collect(),
            numbering: replying.numbering.clone(),
            idempotency: Idempotency {
                keys: vec![RequestKey::RefusedInterchange { fingerprint: keys.fingerprint }],
                fingerprint: keys.fingerprint,
                answer: answer.clone(),
                expires_at: keys.remembered_until,
            },
            refusal: kept,
        };
        match around.state.journal.keep_answered(answered, bytes_per_day).await {
            Ok(RefusalEnd::Kept(_)) => return Refusal::Answered { refusal: Box::new(refusal), answer },
            Ok(RefusalEnd::Known(kept)) => {
                return match first_answer(kept) {
                    Ok(answer) => Refusal::Answered { refusal: Box::new(refusal), answer },
                    Err(refusal) => refusal,
                };
            }
            Ok(RefusalEnd::Overtaken) => {}
            Err(error) => return Refusal::Journal(error),
        }
        // The turn is given back before the next is waited for.
        drop(replying);
        replying = match around.intake().replying(contract, incoming).await {
            Ok(Some(replying)) => replying,
            Ok(None) => return refusal,
            Err(error) => return Refusal::Journal(error),
        };
        refusal = match around.intake().decode(contract, incoming, Some(replying.numbering.numbers)).await {
            Ok(_) => return Refusal::NumbersTaken,
            Err(refusal) => refusal,
        };
    }
    Refusal::NumbersTaken
}
