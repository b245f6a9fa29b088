//! What is to be declared is declared once, on current facts, and customs hears of every change: the workflow on a real journal
//! of each engine.

#[allow(dead_code, reason = "the tests of failures use the rest of it")]
mod bed;
mod called;
mod expected;
mod heard;
mod left_out;
mod shared;
mod told;
mod tried;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;

use portgate_core::filing::{Awaited, FilingState, OnChange, Standing};
use portgate_core::judgement::ShipmentFinding;
use portgate_store::{FilingDeed, JournalSettings, Settled, Work, open};
use serde_json::{Value, json};

use bed::{Bed, RULE, STALE, invoice};

fn contracts(taken: &[(String, Value)]) -> Vec<&str> {
    taken.iter().map(|(contract, _)| contract.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declaration_is_filed_once_over_restarts_and_by_whichever_gateway() {
    for bed in Bed::each().await {
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        let mut bed = bed.restarted().await;
        bed.works().await;
        if let JournalSettings::Postgres { .. } = &bed.settings {
            // Two gateways at the same time, with something to do for both.
            let other = open(&bed.settings).await.expect("it opens");
            bed.says("wms", "packing", "P-1", 1, &["ucr:UCR-1"], json!({})).await;
            tokio::join!(bed.works(), bed.works_on(&other));
        }
        let taken = bed.broker_takes().await;
        assert_eq!(contracts(&taken), ["declaration"]);
        let kept = bed.filing().await;
        let declaration = &taken[0].1;
        assert_eq!(declaration["lrn"], json!(kept.filing.lrn));
        assert_eq!((&declaration["version"], &declaration["totalPackages"]), (&json!("1"), &json!(4)));
        assert_eq!(kept.filing.state, FilingState::Submitted);
        // It is part of its shipment, and begins none of its own though declarations of others do.
        let found = bed.journal.shipments_named(false, None, kept.filing.lrn.clone(), 10).await.expect("they are read");
        assert_eq!(found.iter().map(|one| one.id).collect::<Vec<_>>(), [kept.shipment]);
        bed.works().await;
        assert_eq!(bed.filing().await.deliveries.values().copied().collect::<Vec<_>>(), [Standing::Taken]);
        bed = bed.restarted().await;
        bed.works().await;
        assert_eq!(bed.broker_takes().await, [], "nothing is filed twice");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_split_before_anything_was_sent_is_declared_as_it_is_then() {
    for bed in Bed::each().await {
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        bed.ships(2, 3, "60.00").await;
        bed.works().await;
        let taken = bed.broker_takes().await;
        assert_eq!(contracts(&taken), ["declaration"], "customs hears of it once");
        let declared = (&taken[0].1["totalPackages"], &taken[0].1["invoiceTotal"]["amount"]);
        assert_eq!(declared, (&json!(3), &json!("60.00")));
        let steps = bed.filing().await.filing.steps;
        // Each document of the change may have been looked at by itself: all but the last were replaced.
        assert!(steps.len() >= 2);
        assert_eq!(steps.iter().filter(|step| !step.replaced).count(), 1);
        assert_eq!(steps.iter().map(|step| step.lrn.as_str()).collect::<BTreeSet<_>>().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_split_after_it_was_sent_is_amended_with_what_changed() {
    for bed in Bed::each().await {
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        assert_eq!(contracts(&bed.broker_takes().await), ["declaration"]);
        bed.ships(2, 3, "60.00").await;
        bed.works().await;
        assert_eq!(bed.broker_takes().await, [], "customs has not accepted it yet");
        let kept = bed.filing().await;
        assert_eq!(kept.filing.state, FilingState::AmendmentPending);
        assert_eq!(kept.filing.pending.len(), 2, "{:?}", kept.filing.pending);
        bed.customs("N-1", "ACCEPTED", json!({ "mrn": "24GB1" })).await;
        bed.works().await;
        let taken = bed.broker_takes().await;
        assert_eq!(contracts(&taken), ["amendment"]);
        assert_eq!((&taken[0].1["mrn"], &taken[0].1["version"]), (&json!("24GB1"), &json!("2")));
        let kept = bed.filing().await;
        let changed: Vec<(&str, Option<&Value>, Option<&Value>)> = kept.filing.steps[1]
            .differences
            .iter()
            .map(|one| (one.field.as_str(), one.before.as_ref(), one.after.as_ref()))
            .collect();
        assert_eq!(
            changed,
            [
                ("/invoiceTotal/amount", Some(&json!("100.00")), Some(&json!("60.00"))),
                ("/totalPackages", Some(&json!(4)), Some(&json!(3))),
            ]
        );
        bed.customs("N-2", "REQUEST_OUTCOME", json!({ "granted": true })).await;
        bed.customs("N-3", "RELEASED", json!({ "mrn": "24GB1" })).await;
        bed.works().await;
        let kept = bed.filing().await;
        assert_eq!((kept.filing.state, kept.filing.mrn.as_deref()), (FilingState::Released, Some("24GB1")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejection_says_what_customs_said_and_a_corrected_one_is_filed_under_another_number() {
    for bed in Bed::each().await {
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        bed.broker_takes().await;
        let errors = json!([{
            "code": "CDS12056", "text": "Relation error", "pointer": "42A[1]/109", "field": "/invoiceTotal",
        }]);
        bed.customs("N-1", "REJECTED", json!({ "errors": errors })).await;
        bed.works().await;
        let rejected = bed.filing().await.filing;
        assert!(rejected.state == FilingState::Rejected && rejected.state.wants_person());
        let fault = &rejected.faults[0];
        assert_eq!((fault.code.as_str(), fault.pointer.as_str()), ("CDS12056", "42A[1]/109"));
        // Whoever corrects it sees which field that is, and what was declared there.
        let declared = rejected.wanted("import").expect("a person").findings.remove(0).fields.remove(0);
        assert_eq!((declared.kind.as_str(), declared.field.as_str()), ("customs-declaration", "/invoiceTotal"));
        assert_eq!(declared.value.as_deref(), Some(r#"{"amount":"100.00","currency":"USD"}"#));
        assert_eq!(bed.broker_takes().await, [], "the same is not filed again");
        bed.ships(2, 4, "120.00").await;
        bed.works().await;
        let taken = bed.broker_takes().await;
        assert_eq!(contracts(&taken), ["declaration"]);
        let kept = bed.filing().await.filing;
        assert_eq!((kept.state, kept.number), (FilingState::Submitted, 2));
        assert_eq!(taken[0].1["lrn"], json!(kept.lrn));
        assert_ne!(kept.lrn, rejected.lrn);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finding_blocks_a_filing_until_it_is_gone_or_an_operator_says_so() {
    for released in [false, true] {
        for bed in Bed::each().await {
            bed.ships(1, 4, "100.00").await;
            let mut wrong = invoice("90.00");
            wrong["notes"] = json!([{ "text": "The total is not the sum." }]);
            bed.invoices(2, wrong).await;
            bed.works().await;
            let kept = bed.filing().await.filing;
            let rules: Vec<&str> = kept.findings.iter().map(|finding| finding.rule.as_str()).collect();
            assert_eq!((kept.state, rules), (FilingState::Blocked, vec![RULE]));
            assert_eq!(bed.broker_takes().await, []);
            match released {
                true => bed.orders(FilingDeed::Release).await,
                false => bed.invoices(3, invoice("100.00")).await,
            }
            bed.works().await;
            let taken = bed.broker_takes().await;
            assert_eq!(contracts(&taken), ["declaration"]);
            let total = if released { "90.00" } else { "100.00" };
            assert_eq!(taken[0].1["invoiceTotal"]["amount"], json!(total));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_automatic_waits_for_a_release_which_counts_for_what_was_looked_at() {
    for bed in Bed::each().await {
        bed.setting.policy(|filing| filing.automatic = false);
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        assert_eq!(bed.filing().await.filing.state, FilingState::Ready);
        // The release and a change cross: what is filed then is nothing that nobody has seen.
        bed.orders(FilingDeed::Release).await;
        bed.ships(2, 5, "100.00").await;
        bed.works().await;
        assert_eq!(bed.filing().await.filing.state, FilingState::Ready);
        assert_eq!(bed.broker_takes().await, []);
        bed.orders(FilingDeed::Release).await;
        bed.works().await;
        let taken = bed.broker_takes().await;
        assert_eq!(taken[0].1["totalPackages"], json!(5));
        assert_eq!(bed.filing().await.released, None, "a release is used once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_and_a_composer_that_traps_leave_a_draft_and_hold_nobody_else() {
    for bed in Bed::each().await {
        bed.says("erp", "shipment", "S-1", 1, &["ucr:UCR-1"], json!({ "packageCount": 4 })).await;
        bed.works().await;
        assert_eq!(bed.filings().await.len(), 0, "no invoice yet");
        bed.invoices(1, json!({ "number": "INV-1" })).await;
        bed.works().await;
        let kept = bed.filing().await.filing;
        assert_eq!((kept.state, kept.findings[0].rule.as_str()), (FilingState::Draft, "C1"));
        bed.setting.traps.store(true, Ordering::SeqCst);
        bed.invoices(2, invoice("100.00")).await;
        bed.works().await;
        let kept = bed.filing().await.filing;
        assert_eq!((kept.state, kept.findings[0].rule.as_str()), (FilingState::Draft, "COMPOSER-FAILED"));
        let shipment = bed.journal.shipments_named(false, None, "UCR-1".to_owned(), 2).await.expect("it is read");
        assert!(shipment[0].is_current, "the shipment itself goes on");
        bed.setting.traps.store(false, Ordering::SeqCst);
        bed.says("wms", "packing", "P-1", 1, &["ucr:UCR-1"], json!({})).await;
        bed.works().await;
        assert_eq!(contracts(&bed.broker_takes().await), ["declaration"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_in_several_messages_makes_one_amendment_where_policy_waits_for_all_of_them() {
    for bed in Bed::each().await {
        bed.setting.policy(|filing| filing.settle = Some("10 minutes".parse().expect("a time")));
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        assert_eq!(contracts(&bed.broker_takes().await), ["declaration"], "what is new is told at once");
        bed.customs("N-1", "ACCEPTED", json!({ "mrn": "24GB1" })).await;
        bed.works().await;
        // The order is split: first the shipment says so, and some time later the invoice.
        bed.says("erp", "shipment", "S-1", 2, &["ucr:UCR-1"], json!({ "packageCount": 3 })).await;
        bed.works().await;
        assert_eq!(bed.broker_takes().await, [], "half of a change is none");
        assert_eq!(bed.filing().await.filing.state, FilingState::AmendmentPending);
        bed.setting.passes(300);
        bed.invoices(2, invoice("60.00")).await;
        bed.works().await;
        assert_eq!(bed.broker_takes().await, [], "it has changed again");
        // Nothing comes any more; whoever lives then sends it.
        let bed = bed.restarted().await;
        bed.setting.passes(700);
        bed.works().await;
        let taken = bed.broker_takes().await;
        assert_eq!(contracts(&taken), ["amendment"]);
        let declared = (&taken[0].1["totalPackages"], &taken[0].1["invoiceTotal"]["amount"]);
        assert_eq!(declared, (&json!(3), &json!("60.00")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_composer_that_traps_is_tried_again_and_what_waits_on_the_same_facts_goes_on() {
    for bed in Bed::each().await {
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        // It traps while the declaration waits, and something else of the shipment changes: nobody knows what to declare of that.
        bed.setting.traps.store(true, Ordering::SeqCst);
        bed.ships(2, 3, "60.00").await;
        bed.works().await;
        assert_eq!(bed.broker_takes().await, [], "stale facts are not declared");
        let kept = bed.filing().await.filing;
        assert_eq!((kept.state, kept.findings[0].rule.as_str()), (FilingState::Draft, "COMPOSER-FAILED"));
        assert!(kept.wanted("import").is_some_and(|wanted| wanted.detail.contains("cannot write")), "somebody is told");
        // It is mended, and nothing else happens: the filing goes on by itself.
        bed.setting.traps.store(false, Ordering::SeqCst);
        bed.setting.passes(3_600);
        bed.works().await;
        let taken = bed.broker_takes().await;
        assert_eq!(contracts(&taken), ["declaration"]);
        assert_eq!(taken[0].1["totalPackages"], json!(3));
        assert!(bed.filing().await.filing.wanted("import").is_none());
    }
    for bed in Bed::each().await {
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        // An operator has it looked at again, the facts are the same, and the composer traps: what waits was made of these facts.
        bed.setting.traps.store(true, Ordering::SeqCst);
        bed.orders(FilingDeed::Release).await;
        bed.works().await;
        assert_eq!(bed.filing().await.filing.findings[0].rule, "COMPOSER-FAILED");
        assert_eq!(contracts(&bed.broker_takes().await), ["declaration"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_pack_that_traps_is_called_again_and_the_filing_goes_on() {
    for bed in Bed::each().await {
        bed.setting.pack_traps.store(true, Ordering::SeqCst);
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        let kept = bed.filing().await.filing;
        assert_eq!((kept.state, kept.findings[0].rule.as_str()), (FilingState::Blocked, "PACK-FAILED"));
        assert_eq!(bed.broker_takes().await, []);
        bed.setting.pack_traps.store(false, Ordering::SeqCst);
        bed.setting.passes(3_600);
        bed.works().await;
        assert_eq!(contracts(&bed.broker_takes().await), ["declaration"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_operator_discards_is_seen_at_once_and_wants_somebody() {
    for bed in Bed::each().await {
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        bed.discards().await;
        bed.works().await;
        let kept = bed.filing().await.filing;
        assert_eq!(kept.state, FilingState::Undelivered);
        assert!(kept.wanted("import").is_some());
        bed.orders(FilingDeed::Release).await;
        bed.works().await;
        assert_eq!(contracts(&bed.broker_takes().await), ["declaration"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_customs_does_not_give_in_time_wants_somebody_until_it_comes() {
    for bed in Bed::each().await {
        let within = [("answered", "30 minutes"), ("released", "2 days")];
        let expect = within.map(|(what, within)| (what.parse().expect("a word"), within.parse().expect("a time")));
        bed.setting.policy(|filing| filing.expect = expect.into());
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        bed.broker_takes().await;
        bed.works().await;
        assert!(bed.filing().await.filing.wanted("import").is_none());
        // Nothing comes, and the clock alone says that it is late, whoever lives then.
        let bed = bed.restarted().await;
        bed.setting.passes(1_900);
        bed.works().await;
        let kept = bed.filing().await.filing;
        assert_eq!(kept.overdue, [Awaited::Answered]);
        assert!(kept.wanted("import").is_some_and(|wanted| wanted.detail.contains("answered")));
        bed.customs("N-1", "ACCEPTED", json!({ "mrn": "24GB1" })).await;
        bed.works().await;
        assert!(bed.filing().await.filing.wanted("import").is_none());
        bed.setting.passes(3 * 24 * 3_600);
        bed.works().await;
        assert_eq!(bed.filing().await.filing.overdue, [Awaited::Released]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_broker_refuses_waits_for_a_person_and_goes_again_when_it_is_released() {
    for bed in Bed::each().await {
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        bed.broker_refuses().await;
        bed.works().await;
        let kept = bed.filing().await.filing;
        assert!(kept.state == FilingState::Undelivered && kept.state.wants_person());
        bed.orders(FilingDeed::Release).await;
        bed.works().await;
        assert_eq!(contracts(&bed.broker_takes().await), ["declaration"]);
        assert_eq!(bed.filing().await.filing.steps.len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_operator_cancels_is_never_sent_or_cancelled_at_customs() {
    for bed in Bed::each().await {
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        bed.orders(FilingDeed::Cancel).await;
        bed.works().await;
        assert_eq!(bed.filing().await.filing.state, FilingState::Cancelled);
        assert_eq!(bed.broker_takes().await, [], "it had not left");
        bed.orders(FilingDeed::Release).await;
        bed.works().await;
        assert_eq!(contracts(&bed.broker_takes().await), ["declaration"]);
        bed.customs("N-1", "ACCEPTED", json!({ "mrn": "24GB1" })).await;
        bed.works().await;
        bed.orders(FilingDeed::Cancel).await;
        bed.works().await;
        let taken = bed.broker_takes().await;
        assert_eq!(contracts(&taken), ["cancellation"]);
        assert_eq!((&taken[0].1["typeCode"], &taken[0].1["mrn"]), (&json!("INV"), &json!("24GB1")));
        bed.customs("N-2", "INVALIDATED", json!({})).await;
        bed.works().await;
        assert_eq!(bed.filing().await.filing.state, FilingState::Cancelled);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_by_policy_stops_for_a_person_or_is_cancelled_and_filed_anew() {
    for bed in Bed::each().await {
        bed.setting.policy(|filing| filing.on_change = OnChange::Stop);
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        bed.broker_takes().await;
        bed.customs("N-1", "ACCEPTED", json!({ "mrn": "24GB1" })).await;
        bed.ships(2, 3, "60.00").await;
        bed.works().await;
        assert_eq!(bed.filing().await.filing.state, FilingState::Stopped);
        assert_eq!(bed.broker_takes().await, []);
        bed.setting.policy(|filing| filing.on_change = OnChange::CancelAndRefile);
        bed.says("wms", "packing", "P-1", 1, &["ucr:UCR-1"], json!({})).await;
        bed.works().await;
        assert_eq!(contracts(&bed.broker_takes().await), ["cancellation"]);
        bed.customs("N-2", "REQUEST_OUTCOME", json!({ "granted": true })).await;
        bed.works().await;
        let taken = bed.broker_takes().await;
        assert_eq!(contracts(&taken), ["declaration"]);
        assert_eq!(taken[0].1["totalPackages"], json!(3));
        assert_eq!(bed.filing().await.filing.number, 2);
    }
}

/// What stands on both sides of each finding that a declaration is stale.
async fn stale(bed: &Bed) -> Vec<(String, String)> {
    let open = bed.wanted(&format!("rules/{STALE}")).await;
    let said = |place: usize, finding: &ShipmentFinding| finding.fields[place].value.clone().unwrap_or_default();
    open.iter().flat_map(|kept| &kept.known.findings).map(|finding| (said(0, finding), said(1, finding))).collect()
}

fn pair(declared: &str, invoiced: &str) -> Vec<(String, String)> {
    vec![(format!("{declared:?}"), format!("{invoiced:?}"))]
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_held_to_a_declaration_that_was_filed_anew_and_people_see_that_it_was_made() {
    for bed in Bed::each().await {
        bed.setting.is_whole.store(true, Ordering::SeqCst);
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        bed.broker_takes().await;
        let first = bed.filing().await.filing.lrn;
        bed.customs("N-1", "ACCEPTED", json!({ "mrn": "24GB1" })).await;
        bed.setting.policy(|filing| filing.on_change = OnChange::Stop);
        bed.ships(2, 4, "120.00").await;
        bed.works().await;
        assert_eq!(stale(&bed).await, pair("100.00", "120.00"), "it stands, and says something else");
        bed.setting.policy(|filing| filing.on_change = OnChange::CancelAndRefile);
        bed.says("wms", "packing", "P-1", 1, &["ucr:UCR-1"], json!({})).await;
        bed.works().await;
        assert_eq!(contracts(&bed.broker_takes().await), ["cancellation"]);
        bed.customs("N-2", "REQUEST_OUTCOME", json!({ "granted": true })).await;
        let bed = bed.restarted().await;
        bed.works().await;
        assert_eq!(contracts(&bed.broker_takes().await), ["declaration"]);
        let second = bed.filing().await.filing.lrn;
        bed.customs("N-3", "ACCEPTED", json!({ "mrn": "24GB2" })).await;
        bed.works().await;
        assert_eq!(stale(&bed).await, [], "what was cancelled is held against nothing");
        assert_eq!(bed.wanted("").await.len(), 0);
        // People see all that was declared, by whom and when.
        let context = bed.context().await;
        let declared = |lrn: &str| {
            let all = context["documents"].as_array().into_iter().flatten();
            all.filter(|one| one["id"] == lrn && one["provenance"]["system"] == "portgate").count()
        };
        assert_eq!((declared(&first), declared(&second)), (1, 1), "{context:#}");
        // And the one that stands is held against what is known as before.
        bed.setting.policy(|filing| filing.on_change = OnChange::Stop);
        bed.invoices(3, invoice("130.00")).await;
        bed.works().await;
        assert_eq!(stale(&bed).await, pair("120.00", "130.00"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_customs_has_is_judged_and_not_what_it_refused_or_what_never_left() {
    for bed in Bed::each().await {
        bed.setting.is_whole.store(true, Ordering::SeqCst);
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        bed.broker_takes().await;
        bed.customs("N-1", "ACCEPTED", json!({ "mrn": "24GB1" })).await;
        bed.invoices(2, invoice("60.00")).await;
        bed.works().await;
        assert_eq!(contracts(&bed.broker_takes().await), ["amendment"]);
        assert_eq!(stale(&bed).await, [], "it has been told");
        bed.customs("N-2", "REQUEST_OUTCOME", json!({ "granted": false })).await;
        bed.works().await;
        assert_eq!(stale(&bed).await, pair("100.00", "60.00"), "customs has what it had");
        bed.invoices(3, invoice("100.00")).await;
        bed.works().await;
        assert_eq!(bed.filing().await.filing.state, FilingState::Accepted);
        assert_eq!(stale(&bed).await, [], "and that is right again");
        // A change that waits is withdrawn before it leaves: nobody knows the packages any more.
        bed.invoices(4, invoice("70.00")).await;
        bed.works().await;
        assert_eq!(stale(&bed).await, []);
        bed.says("erp", "shipment", "S-1", 2, &["ucr:UCR-1"], json!({})).await;
        bed.works().await;
        assert_eq!(bed.broker_takes().await, []);
        assert_eq!(stale(&bed).await, pair("100.00", "70.00"), "customs has what it had");
    }
    for bed in Bed::each().await {
        bed.setting.is_whole.store(true, Ordering::SeqCst);
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        // Withdrawn before it has left, because of the very change that it would be held against.
        bed.says("erp", "shipment", "S-1", 2, &["ucr:UCR-1"], json!({})).await;
        bed.invoices(2, invoice("60.00")).await;
        bed.works().await;
        assert_eq!(bed.filing().await.filing.state, FilingState::Draft);
        assert_eq!(bed.broker_takes().await, []);
        assert_eq!(stale(&bed).await, [], "nothing was declared");
    }
}

/// What finance has of each code after all that it is told now.
async fn posted(bed: &Bed, net: &mut BTreeMap<String, i64>) {
    let pence = |money: &Value| -> i64 {
        let text = money["amount"].as_str().expect("an amount");
        text.replace('.', "").parse().expect("nought, or with two digits")
    };
    loop {
        let claimed = bed.claim_for("ledger").await;
        if claimed.is_empty() {
            return net.retain(|_, balance| *balance != 0);
        }
        for delivery in claimed {
            let Work::Render(documents) = &delivery.work else { panic!("{delivery:?}") };
            let cost: Value = serde_json::from_slice(&documents[0].body).expect("JSON");
            let replaced: i64 =
                cost["replaces"].as_array().into_iter().flatten().map(|one| pence(&one["amount"])).sum();
            *net.entry(cost["code"]["code"].as_str().expect("a code").to_owned()).or_default() +=
                pence(&cost["amount"]) - replaced;
            bed.settle(&delivery, "delivered", Settled::Delivered { findings: Vec::new() }).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_customs_levied_on_a_declaration_that_is_cancelled_is_taken_back_and_on_its_successor_is_told() {
    for bed in Bed::each().await {
        bed.setting.is_whole.store(true, Ordering::SeqCst);
        let levied = async |bed: &Bed, mrn: &str, amount: &str| {
            let tax = json!({
                "kind": "assessed", "costType": "duty", "code": { "code": "A00", "codeList": "tax type" },
                "amount": { "amount": amount, "currency": "GBP" }, "occurredAt": { "value": bed.now().to_string() },
                "sourceRef": format!("{mrn}/A00"), "declarationMrn": mrn,
            });
            bed.says("broker", "landed-cost-event", &format!("{mrn}/A00"), 1, &["ucr:UCR-1"], tax).await;
        };
        let mut finance = BTreeMap::new();
        let of = |pence: i64| BTreeMap::from([("A00".to_owned(), pence)]);
        bed.ships(1, 4, "100.00").await;
        bed.works().await;
        bed.broker_takes().await;
        let first = bed.filing().await.filing.lrn;
        bed.customs("N-1", "ACCEPTED", json!({ "mrn": "24GB1" })).await;
        levied(&bed, "24GB1", "5.00").await;
        bed.works().await;
        posted(&bed, &mut finance).await;
        assert_eq!(finance, of(500));
        bed.setting.policy(|filing| filing.on_change = OnChange::CancelAndRefile);
        bed.ships(2, 4, "120.00").await;
        bed.works().await;
        assert_eq!(contracts(&bed.broker_takes().await), ["cancellation"]);
        posted(&bed, &mut finance).await;
        assert_eq!(finance, of(500), "it stands until customs has cancelled it");
        bed.customs("N-2", "REQUEST_OUTCOME", json!({ "granted": true })).await;
        bed.works().await;
        posted(&bed, &mut finance).await;
        assert_eq!(finance, BTreeMap::new(), "nothing is owed on it");
        let bed = bed.restarted().await;
        bed.works().await;
        assert_eq!(contracts(&bed.broker_takes().await), ["declaration"]);
        bed.customs("N-3", "ACCEPTED", json!({ "mrn": "24GB2" })).await;
        levied(&bed, "24GB2", "6.00").await;
        bed.works().await;
        posted(&bed, &mut finance).await;
        assert_eq!(finance, of(600));
        // Whoever reckons costs for people does so by what stands.
        let kept = bed.filings().await;
        let documents = bed.journal.shipment_documents(kept[0].shipment).await.expect("they are read");
        let context = serde_json::from_value(bed.context().await).expect("a context");
        let stands = bed.stands(context, &documents, &kept);
        assert!(stands.withdrawn.contains(&first) && !stands.withdrawn.contains(&kept[0].filing.lrn));
        let declared = stands.context.documents.iter().filter(|one| &*one.kind == "customs-declaration");
        assert_eq!(declared.map(|one| one.id.to_string()).collect::<Vec<_>>(), [kept[0].filing.lrn.clone()]);
    }
}
