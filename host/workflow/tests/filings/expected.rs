//! What customs is asked it must answer, each time anew.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use serde_json::json;

use super::contracts;
use crate::bed::Bed;

/// The expectations of the shipment by name and what began them, a delivery as such, and whether each is met.
async fn expectations(bed: &Bed) -> BTreeMap<String, bool> {
    let kept = bed.filing().await;
    let all = bed.journal.expectations(kept.shipment).await.expect("they are read");
    let named = |of: &str| of.replace(&kept.filing.lrn, "LRN");
    let of = |of: &str| if of.contains(&kept.filing.lrn) { named(of) } else { "a delivery".to_owned() };
    all.iter()
        .map(|one| (format!("{} {}", one.expected.name, of(&one.expected.of)), one.expected.met.is_some()))
        .collect()
}

async fn overdue(bed: &Bed) -> Vec<String> {
    bed.worker(&bed.journal, "one").mind_the_clock().await.expect("the journal answers");
    bed.works().await;
    let open = bed.wanted("").await.into_iter().map(|kept| kept.known.cause.to_string());
    open.filter_map(|cause| Some(cause.strip_prefix("expectation:")?.split('/').next()?.to_owned())).collect()
}

fn told(of: &[(&str, bool)]) -> BTreeMap<String, bool> {
    of.iter().map(|(of, is_met)| ((*of).to_owned(), *is_met)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_amendment_that_customs_does_not_answer_wants_a_person_though_the_declaration_was_answered() {
    for bed in Bed::each().await {
        bed.setting.is_whole.store(true, Ordering::SeqCst);
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        assert_eq!(contracts(&bed.broker_takes().await), ["declaration"]);
        bed.customs("N1", "ACCEPTED", json!({ "mrn": "MRN1" })).await;
        bed.works().await;
        assert_eq!(expectations(&bed).await, told(&[("answer LRN", true)]));
        bed.setting.passes(60);
        bed.ships(2, 3, "60.00").await;
        bed.works().await;
        assert_eq!(contracts(&bed.broker_takes().await), ["amendment"]);
        bed.works().await;
        let open = told(&[("answer LRN", true), ("answer LRN/2", false), ("taken a delivery", false)]);
        assert_eq!(expectations(&bed).await, open);
        let bed = bed.restarted().await;
        assert_eq!(overdue(&bed).await, [""; 0], "there is time");
        bed.setting.passes(300);
        let mut late = overdue(&bed).await;
        late.sort();
        assert_eq!(late, ["answer", "taken"]);
        let bed = bed.restarted().await;
        let mut still = overdue(&bed).await;
        still.sort();
        assert_eq!(still, late, "a restart calls nobody twice and forgets nobody");
        bed.customs("N2", "AMENDED", json!({ "mrn": "MRN1" })).await;
        bed.works().await;
        let met = told(&[("answer LRN", true), ("answer LRN/2", true), ("taken a delivery", true)]);
        assert_eq!(expectations(&bed).await, met);
        assert_eq!(overdue(&bed).await, [""; 0], "late as it is, it is an answer");
    }
}
