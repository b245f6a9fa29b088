//! Rows 32 and 33: an operator who lets a plugin do too much, and one who sends everything again.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use portgate_tests::{Portal, Workshop, eventually, gate_out};
use serde_json::Value;

use crate::operator::said;
use crate::{EVENTS, Gate, bearer};

impl Gate {
    /// Waits until the audit log has so many entries of this kind, and gives the last.
    async fn told(&self, kind: &str, times: usize) -> Value {
        eventually(&format!("{kind} is in the audit log {times} times"), async || {
            let found = self.ask(&format!("/v1/audit?kind={kind}&order=oldest")).await.json()["items"].clone();
            found.get(times - 1).cloned().ok_or(found)
        })
        .await
    }

    /// The ids of the deliveries in a state, once there are so many.
    async fn until(&self, state: &str, deliveries: usize) -> BTreeSet<String> {
        eventually(&format!("{deliveries} deliveries are in state {state}"), async || {
            let found = self.ask(&format!("/v1/deliveries?state={state}")).await.json()["items"].clone();
            let ids = found.as_array().into_iter().flatten().filter_map(|one| Some(one["id"].as_str()?.to_owned()));
            let ids: BTreeSet<String> = ids.collect();
            if ids.len() == deliveries { Ok(ids) } else { Err(found) }
        })
        .await
    }

    async fn event(&self, number: usize) {
        let token = bearer(&self.workshop.credentials.token());
        let answer = self.client.post(EVENTS, &token, gate_out(number)).await;
        assert_eq!(answer.status, 202, "{:?}", answer.json());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_32_no_policy_exceeds_the_ceiling_and_what_a_change_widens_is_said_before_it_runs() {
    let gate = Gate::open().await;
    let policy = "plugins/ecom-shopify.toml";
    let before = std::fs::read_to_string(gate.workshop.policies().join(policy)).expect("a policy");
    gate.workshop.copy_policies("old");
    let too_wide = [
        ("emit = [\"order\",", "emit = [\"shipment-context\", \"order\",", "grants.emit"),
        ("cpu_ms_max = 250", "cpu_ms_max = 5_000", "limits.cpu_ms_max"),
        ("memory_bytes_max = 33_554_432", "memory_bytes_max = 335_544_320", "limits.memory_bytes_max"),
    ];
    for (times, (narrow, wide, key)) in (1..).zip(too_wide) {
        gate.workshop.edit(policy, |text| text.replace(narrow, wide));
        let refused = gate.portgate(&["policy", "check", "--policies", "policies"]).await;
        assert!(!refused.status.success() && said(&refused).contains(key), "{key}: {}", said(&refused));
        assert!(said(&refused).contains(policy), "the file is named: {}", said(&refused));
        // The running gateway goes on with what it has, and says so.
        let refused = gate.told("policy-refused", times).await;
        assert_eq!(refused["actor"], "gateway", "{refused}");
        assert!(refused.to_string().contains(key), "{key}: {refused}");
        gate.is_open().await;
        gate.workshop.edit(policy, |_| before.clone());
    }

    // Within the ceiling, and still more than before: told in words and by the exit code, without anything running.
    gate.workshop.edit(policy, |text| text.replace("cpu_ms_max = 250", "cpu_ms_max = 500"));
    let wider = gate.portgate(&["policy", "diff", "old", "policies"]).await;
    assert_eq!(wider.status.code(), Some(1), "{}", said(&wider));
    assert!(said(&wider).contains("Widens") && said(&wider).contains("cpu_ms_max"), "{}", said(&wider));
    gate.workshop.edit(policy, |text| text.replace("cpu_ms_max = 500", "cpu_ms_max = 40"));
    let narrower = gate.portgate(&["policy", "diff", "old", "policies"]).await;
    assert_eq!(narrower.status.code(), Some(0), "{}", said(&narrower));
    gate.is_open().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_33_a_whole_dead_letter_queue_is_shown_first_and_goes_out_at_its_rate_under_the_same_ids() {
    let workshop = Workshop::new();
    let portal = Portal::start(&workshop).await;
    let gate = Gate::of(workshop).await;
    portal.answer(422);
    for number in 0..7 {
        gate.event(number).await;
    }
    let dead = gate.until("dead", 7).await;
    portal.answer(200);

    // Nothing goes out before somebody has seen what would and has said yes; without a filter not even that is asked.
    let retry = ["delivery", "retry", "--state", "dead", "--reason", "the portal is mended"];
    let preview = gate.portgate(&retry).await;
    assert!(!preview.status.success() && said(&preview).contains("nobody said yes"), "{}", said(&preview));
    assert!(said(&preview).contains('7') && said(&preview).contains("customer-portal"), "{}", said(&preview));
    let everything = gate.portgate(&["delivery", "retry", "--reason", "no filter", "--yes"]).await;
    assert!(!everything.status.success() && said(&everything).contains("--all"), "{}", said(&everything));
    assert_eq!(gate.until("dead", 7).await, dead);
    assert!(portal.taken().is_empty());

    let began = Instant::now();
    let done = gate.portgate(&[&retry[..], &["--yes", "--rate", "3"]].concat()).await;
    assert!(done.status.success() && said(&done).contains("retry: 7 deliveries"), "{}", said(&done));
    assert_eq!(gate.until("delivered", 7).await, dead, "the same ids");
    // The first at once, the seventh two seconds later.
    assert!(began.elapsed() >= Duration::from_millis(1_900), "{:?}", began.elapsed());
    assert_eq!(portal.taken().into_keys().collect::<BTreeSet<_>>(), dead);
    let act = gate.told("operator-act", 1).await;
    assert_eq!(act["actor"], "operator:on-call", "{act}");
    gate.is_open().await;
}
