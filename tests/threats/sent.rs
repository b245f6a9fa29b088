//! Row 57: what partners answer, kept and shown.

use portgate_tests::{Client, Portal, Workshop, eventually};
use serde_json::Value;

use crate::{EVENTS, Gate, bearer, events};

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
