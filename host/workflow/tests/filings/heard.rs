//! Only who speaks for customs moves a filing; what anybody else says of it is seen by a person.

use std::sync::atomic::Ordering;

use portgate_core::filing::FilingState;
use serde_json::json;

use crate::bed::Bed;

/// Why a person is called for the filing.
async fn called(bed: &Bed) -> Vec<String> {
    let open = bed.wanted(&bed.filing().await.filing.lrn).await;
    open.iter()
        .flat_map(|one| &one.known.findings)
        .map(|finding| format!("{}: {}", finding.rule, finding.detail))
        .collect()
}

async fn state(bed: &Bed) -> FilingState {
    bed.works().await;
    bed.filing().await.filing.state
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_of_customs_moves_a_filing_only_where_its_partner_speaks_for_customs() {
    for bed in Bed::each().await {
        bed.setting.is_whole.store(true, Ordering::SeqCst);
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        assert_eq!(bed.broker_takes().await.len(), 1);
        bed.customs_by("saas", "X-1", "RELEASED", json!({ "mrn": "24NL9" })).await;
        assert_eq!(state(&bed).await, FilingState::Submitted);
        let open = called(&bed).await;
        assert!(open.len() == 1 && open[0].starts_with("UNHEARD: `saas` says by `X-1` that"), "{open:#?}");
        assert_eq!(bed.filing().await.filing.mrn, None);
        // A refusal of theirs has nothing filed anew, not even of other facts.
        bed.customs_by("saas", "X-2", "REJECTED", json!({})).await;
        bed.ships(2, 3, "60.00").await;
        assert_eq!(state(&bed).await, FilingState::AmendmentPending);
        assert_eq!(bed.broker_takes().await, []);
        assert_eq!(called(&bed).await.len(), 2);
        // Nor is a word of customs lost under one that has its name and is later.
        bed.customs("N-1", "ACCEPTED", json!({ "mrn": "24GB1" })).await;
        bed.works().await;
        bed.customs_by("saas", "N-1", "REJECTED", json!({})).await;
        assert_eq!(state(&bed).await, FilingState::AmendmentPending);
        let kept = bed.filing().await.filing;
        assert_eq!((kept.number, kept.mrn.as_deref()), (1, Some("24GB1")));
        let taken = bed.broker_takes().await;
        assert_eq!(taken.iter().map(|(contract, _)| contract.as_str()).collect::<Vec<_>>(), ["amendment"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_partner_has_said_of_customs_counts_once_policy_lets_it_speak_for_customs() {
    for bed in Bed::each().await {
        bed.setting.is_whole.store(true, Ordering::SeqCst);
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        assert_eq!(bed.broker_takes().await.len(), 1);
        bed.customs_by("saas", "X-1", "ACCEPTED", json!({ "mrn": "24GB1" })).await;
        assert_eq!(state(&bed).await, FilingState::Submitted);
        assert_eq!(called(&bed).await.len(), 1);
        bed.setting.policy(|filing| filing.answers = ["saas".to_owned()].into());
        let bed = bed.restarted().await;
        bed.customs("N-1", "RELEASED", json!({ "mrn": "24GB1" })).await;
        assert_eq!(state(&bed).await, FilingState::Released);
        assert!(called(&bed).await.is_empty());
        assert_eq!(bed.filing().await.filing.mrn.as_deref(), Some("24GB1"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_sent_a_declaration_speaks_of_it_though_the_next_goes_elsewhere() {
    for bed in Bed::each().await {
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        assert_eq!(bed.broker_takes().await.len(), 1);
        bed.setting.policy(|filing| filing.to = "another".to_owned());
        let bed = bed.restarted().await;
        bed.customs("N-1", "ACCEPTED", json!({ "mrn": "24GB1" })).await;
        assert_eq!(state(&bed).await, FilingState::Accepted);
    }
}
