//! Rows 57 and 58: what partners answer, kept and shown; and what is sent again.

use portgate_tests::{Client, Portal, Workshop, eventually};
use serde_json::{Value, json};

use crate::{EVENTS, Gate, ORDER, bearer, events, order};

#[tokio::test]
async fn row_58_what_a_receiver_has_is_not_sent_again_by_a_slip_nor_twice_nor_otherwise_than_shown() {
    let workshop = Workshop::new();
    let portal = Portal::start(&workshop).await;
    let gate = Gate::of(workshop).await;
    let token = bearer(&gate.workshop.credentials.token());
    let accepted = gate.client.post(EVENTS, &token, events()).await;
    let exchange = accepted.json()["exchange"].as_str().expect("an exchange").to_owned();
    portal.has_taken(4).await;
    let operators = Client::new(gate.gateway.operator);
    let key = [("authorization", format!("Bearer {}", gate.workshop.credentials.operator_key))];
    let post =
        async |path: &str, body: Value| operators.send(http::Method::POST, path, &key, body.to_string().into()).await;
    let get = async |path: &str| operators.send(http::Method::GET, path, &key, bytes::Bytes::new()).await.json();
    eventually("all are settled", async || {
        let listed = get("/v1/deliveries?state=delivered").await;
        if listed["items"].as_array().map(Vec::len) == Some(4) { Ok(()) } else { Err(listed) }
    })
    .await;
    let counted = get("/v1/deliveries/count").await;
    let last = counted["items"].as_array().and_then(|all| all.iter().find(|one| one["state"] == "delivered"));
    let last = last.unwrap_or_else(|| panic!("{counted}"))["lastSettledAt"].clone();
    // Everything, said without thinking: nothing of what is delivered moves, with whatever else is said beside it.
    let reason = "everything once more";
    for body in [
        json!({ "filter": {}, "reason": reason }),
        json!({ "filter": {}, "reason": reason, "newIds": true }),
        json!({ "filter": {}, "reason": reason, "confirmDelivered": { "count": 3, "lastSettledAt": last } }),
        json!({ "filter": {}, "reason": reason, "confirmDelivered": { "count": 4 }, "newIds": true }),
    ] {
        let answer = post("/v1/deliveries/resend", body.clone()).await;
        let untouched = answer.problem() == "resend-unconfirmed" || answer.json()["resent"] == json!([]);
        assert!(untouched, "{body}: {}", answer.json());
    }
    assert_eq!(post("/v1/deliveries/retry", json!({ "filter": {}, "reason": reason })).await.json()["changed"], 0);
    let ordered = gate.client.post(ORDER, &gate.shop(), order()).await.json();
    let ordered = ordered["exchange"].as_str().expect("an exchange").to_owned();
    for difference in ["", "00", &"0".repeat(64)] {
        let body = json!({ "reason": reason, "difference": difference });
        // One that was taken in parts, and one that was taken as a whole.
        for id in [&exchange, &ordered] {
            let answer = post(&format!("/v1/exchanges/{id}/rerun"), body.clone()).await;
            assert_eq!(answer.problem(), "rerun-outdated", "nobody has seen that");
        }
    }
    assert_eq!(portal.requests(), 4, "nothing was sent");
    // Two operators who mean the same at the same moment: one has it done.
    let all = json!({ "filter": {}, "reason": reason, "confirmDelivered": { "count": 4, "lastSettledAt": last } });
    let (one, other) =
        tokio::join!(post("/v1/deliveries/resend", all.clone()), post("/v1/deliveries/resend", all.clone()));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{} {}", one.json(), other.json());
    eventually("each is sent once more", async || {
        let times: Vec<usize> = portal.taken().values().map(Vec::len).collect();
        if times == [2, 2, 2, 2] { Ok(()) } else { Err(format!("{times:?}")) }
    })
    .await;
    // Nothing is sent again either once all of it has been: the confirmation was for what was there before.
    assert_eq!(post("/v1/deliveries/resend", all).await.problem(), "resend-unconfirmed");
    gate.is_open().await;
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|some| some == text.as_bytes())
}

fn value<'a>(fields: &'a Value, name: &str) -> &'a Value {
    let mut fields = fields.as_array().expect("fields").iter();
    &fields.find(|field| field["name"] == name).unwrap_or_else(|| panic!("no field `{name}`"))["value"]
}

#[tokio::test]
async fn row_57_no_credential_of_an_answer_is_kept_nor_one_that_it_repeats() {
    const SESSION: &str = "made-for-this-test";
    let workshop = Workshop::new();
    let portal = Portal::start(&workshop).await;
    let mut gate = Gate::of(workshop).await;
    let key = gate.workshop.credentials.portal_key.clone();
    portal.say(
        &[
            ("set-cookie", &format!("session={SESSION}")),
            ("x-new-key", SESSION),
            ("authentication-info", SESSION),
            ("x-request-id", &format!("for {key}")),
        ],
        &format!("you sent x-api-key: {key}"),
    );
    let token = bearer(&gate.workshop.credentials.token());
    assert_eq!(gate.client.post(EVENTS, &token, events()).await.status, 202);
    portal.has_taken(4).await;
    let operators = Client::new(gate.gateway.operator);
    let authorization = [("authorization", format!("Bearer {}", gate.workshop.credentials.operator_key))];
    let get =
        async |path: &str| operators.send(http::Method::GET, path, &authorization, bytes::Bytes::new()).await.json();
    let delivered = eventually("a delivery is settled", async || {
        let listed = get("/v1/deliveries?state=delivered").await;
        listed["items"][0]["id"].as_str().map(str::to_owned).ok_or(listed)
    })
    .await;
    let answer = get(&format!("/v1/deliveries/{delivered}")).await["attempts"][0]["transcript"]["answer"].clone();
    for name in ["set-cookie", "x-new-key", "authentication-info"] {
        assert_eq!(value(&answer["headers"], name), &Value::Null, "{name}");
    }
    assert_eq!(value(&answer["headers"], "x-request-id"), "for [withheld]");
    assert_eq!(answer["body"]["text"], "you sent x-api-key: [withheld]");
    gate.is_open().await;
    gate.gateway.stopped().await;
    // What is not in the file yet is in its log.
    let files = ["journal.sqlite", "journal.sqlite-wal"].map(|name| std::fs::read(gate.workshop.path().join(name)));
    let journal = files.into_iter().flatten().collect::<Vec<_>>().concat();
    assert!(contains(&journal, "[withheld]"), "this is where it would be");
    for secret in [&key, SESSION] {
        assert!(!contains(&journal, secret), "it is nowhere in the journal");
    }
}
