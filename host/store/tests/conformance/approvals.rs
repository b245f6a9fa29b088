//! Claims about what is accepted under the two-person rule.

use std::sync::Arc;
use std::time::Duration;

use portgate_core::audit::{Actor, AuditKey, Entry, Kind, Subject};
use portgate_store::{AcceptedState, Approval, Approved, AuditFilter, AuditOrder, Operator, open};

use crate::bed::{Bed, later, start};

fn state(digest: u8) -> AcceptedState {
    let state = format!("{{\"policies\":{digest}}}");
    AcceptedState { digest: [digest; 32], required: true, state, approvals: Vec::new(), at: start() }
}

fn entry(kind: Kind) -> Vec<Entry> {
    vec![Entry::new(start(), kind, Actor::gateway(), Subject::change("one"))]
}

fn person(name: &str) -> Operator {
    Operator { name: name.to_owned(), reason: format!("{name} has looked at it") }
}

async fn accepts(bed: &Bed, digest: u8, before: Option<u8>) -> bool {
    let accepted = bed.journal.accept_state(state(digest), before.map(|digest| [digest; 32]), Vec::new()).await;
    accepted.expect("it answers")
}

async fn waits(bed: &Bed, digest: u8, against: u8) -> bool {
    let changes = "[\"more\"]".to_owned();
    let entries = entry(Kind::ChangeWaits);
    bed.journal.keep_pending([digest; 32], [against; 32], changes, start(), entries).await.expect("it answers")
}

async fn approve(bed: &Bed, digest: u8, name: &str, seconds: i64) -> Approved {
    bed.journal.approve_change([digest; 32], &person(name), later(seconds)).await.expect("it answers")
}

/// Kind and actor of every entry of the audit log.
async fn log(bed: &Bed) -> Vec<(String, String)> {
    let key = AuditKey::from_pem(&AuditKey::pem_of(&[7; 32])).expect("a key");
    while bed.journal.seal(&key, later(60), 100).await.expect("it seals").is_some() {}
    let entries = bed.journal.audit_entries(&AuditFilter::default(), AuditOrder::Oldest, None, 100).await;
    entries.expect("it reads").into_iter().map(|entry| (entry.kind, entry.actor)).collect()
}

pub(crate) async fn a_state_is_accepted_only_in_the_place_of_the_one_that_it_was_measured_by(bed: Bed) {
    assert_eq!(bed.journal.accepted_state().await, Ok(None));
    assert!(!accepts(&bed, 1, Some(9)).await, "nothing was accepted");
    assert!(accepts(&bed, 1, None).await);
    assert!(!accepts(&bed, 2, None).await, "something is accepted");
    assert!(!accepts(&bed, 2, Some(9)).await, "another one is accepted");
    assert_eq!(bed.journal.accepted_state().await, Ok(Some(state(1))));
    let approvals = ["ada", "eve"].map(|name| {
        let Operator { name: operator, reason } = person(name);
        Approval { operator, reason, at: later(1) }
    });
    let approved = AcceptedState { approvals: approvals.to_vec(), required: false, at: later(2), ..state(2) };
    assert_eq!(bed.journal.accept_state(approved.clone(), Some([1; 32]), Vec::new()).await, Ok(true));
    assert_eq!(bed.journal.accepted_state().await, Ok(Some(approved)));
}

pub(crate) async fn a_person_counts_once_and_the_log_has_every_name(bed: Bed) {
    accepts(&bed, 1, None).await;
    assert_eq!(approve(&bed, 2, "ada", 1).await, Approved::Unknown);
    assert!(waits(&bed, 2, 1).await);
    assert!(!waits(&bed, 2, 1).await, "it waits already");
    assert!(!waits(&bed, 3, 9).await, "it was measured by something else");
    assert_eq!(approve(&bed, 2, "ada", 1).await, Approved::Counts(1));
    assert_eq!(approve(&bed, 2, "ada", 2).await, Approved::Again(1));
    assert_eq!(approve(&bed, 2, "eve", 3).await, Approved::Counts(2));
    let pending = bed.journal.pending_changes().await.expect("it reads");
    assert_eq!(pending.len(), 1);
    assert_eq!(
        (pending[0].digest, pending[0].changes.as_str(), pending[0].first_seen),
        ([2; 32], "[\"more\"]", start())
    );
    let approvals: Vec<_> = pending[0].approvals.iter().map(|one| (one.operator.as_str(), one.at)).collect();
    assert_eq!(approvals, [("ada", later(1)), ("eve", later(3))]);
    let told = [("change-waits", "gateway"), ("change-proposed", "operator:ada"), ("change-approved", "operator:eve")];
    assert_eq!(log(&bed).await, told.map(|(kind, actor)| (kind.to_owned(), actor.to_owned())));
}

pub(crate) async fn what_waits_is_forgotten_with_its_approvals_when_something_else_is_accepted(bed: Bed) {
    accepts(&bed, 1, None).await;
    waits(&bed, 2, 1).await;
    waits(&bed, 3, 1).await;
    approve(&bed, 2, "ada", 1).await;
    approve(&bed, 3, "ada", 1).await;
    let withdrawn = bed.journal.withdraw_change([3; 32], entry(Kind::ChangeRejected)).await;
    assert_eq!((withdrawn, bed.journal.withdraw_change([3; 32], Vec::new()).await), (Ok(true), Ok(false)));
    assert_eq!(bed.journal.pending_changes().await.expect("it reads").len(), 1);
    accepts(&bed, 4, Some(1)).await;
    assert_eq!(bed.journal.pending_changes().await, Ok(Vec::new()));
    assert!(waits(&bed, 2, 4).await);
    assert_eq!(approve(&bed, 2, "eve", 2).await, Approved::Counts(1), "the word for another change does not count");
}

pub(crate) async fn gateways_that_accept_at_once_accept_one(bed: Bed) {
    accepts(&bed, 1, None).await;
    let journals = bed.gateways().await;
    let mut gateways = tokio::task::JoinSet::new();
    for digest in 2..10 {
        let journal = Arc::clone(&journals[usize::from(digest) % journals.len()]);
        let entries = entry(Kind::ChangeAccepted);
        gateways.spawn(async move { (digest, journal.accept_state(state(digest), Some([1; 32]), entries).await) });
    }
    let mut accepted = Vec::new();
    while let Some(ended) = gateways.join_next().await {
        let (digest, result) = ended.expect("no panic");
        if result.expect("it answers") {
            accepted.push(digest);
        }
    }
    assert_eq!(accepted.len(), 1, "{accepted:?}");
    assert_eq!(bed.journal.accepted_state().await, Ok(Some(state(accepted[0]))));
    assert_eq!(log(&bed).await.len(), 1);
}

pub(crate) async fn what_is_accepted_and_what_waits_is_there_after_a_restart(mut bed: Bed) {
    accepts(&bed, 1, None).await;
    waits(&bed, 2, 1).await;
    approve(&bed, 2, "ada", 1).await;
    bed.journal.close(Duration::from_secs(10)).await;
    bed.journal = open(&bed.settings).await.expect("it opens again");
    assert_eq!(bed.journal.accepted_state().await, Ok(Some(state(1))));
    assert_eq!(approve(&bed, 2, "ada", 2).await, Approved::Again(1));
    assert_eq!(approve(&bed, 2, "eve", 3).await, Approved::Counts(2));
}
