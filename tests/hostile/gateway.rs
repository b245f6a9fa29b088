//! The same over the network: each misdeed is told to the partner as a problem of its own, and the next request to a
//! good contract is served.

use portgate_tests::{Client, Gateway, Workshop, eventually, hostile};

/// What a partner is told for each misdeed.
const PROBLEMS: &[(&str, u16, &str)] = &[
    ("endless-loop", 504, "plugin-too-slow"),
    ("memory-bomb", 500, "plugin-memory"),
    ("deep-recursion", 500, "plugin-failed"),
    ("trap", 500, "plugin-failed"),
    ("wild-pointer", 500, "plugin-failed"),
    ("panic", 500, "plugin-failed"),
    ("huge-output", 500, "plugin-output-too-large"),
    ("many-documents", 500, "plugin-output-too-large"),
    ("invalid-json", 500, "plugin-output-invalid"),
    ("breaks-schema", 500, "plugin-output-invalid"),
    ("kind-not-granted", 500, "plugin-output-invalid"),
    ("log-flood", 500, "plugin-log-flood"),
    ("lookup-flood", 500, "plugin-lookup-refused"),
    ("lookup-not-granted", 500, "plugin-lookup-refused"),
];

/// The project's gateway with the hostile plugin in the place of its own, and one partner that may use all of it.
async fn gate() -> (Workshop, Gateway, Client) {
    let contracts: Vec<&str> = PROBLEMS.iter().map(|(name, ..)| *name).chain(["good"]).collect();
    let workshop = hostile::workshop(&contracts);
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    (workshop, gateway, client)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_misdeed_is_a_problem_of_its_own_and_the_next_request_is_served() {
    let (workshop, _gateway, client) = gate().await;
    let key = workshop.credentials.api_key.clone();
    let documents_please = ("prefer", "return=representation".to_owned());
    let headers = [("x-api-key", key), ("content-type", "application/octet-stream".to_owned()), documents_please];
    let path = |contract: &str| format!("/v1/messages/{contract}/1");
    for (misdeed, status, problem) in PROBLEMS {
        let answer = client.post(&path(misdeed), &headers, b"payload".to_vec()).await;
        assert_eq!(answer.status.as_u16(), *status, "{misdeed}: {}", answer.json());
        assert_eq!(answer.problem(), *problem, "{misdeed}: {}", answer.json());
        let next = client.post(&path("good"), &headers, b"payload".to_vec()).await;
        assert_eq!(next.status, 200, "after {misdeed}: {}", next.json());
        assert_eq!(next.json()["documents"][0]["kind"], "document-ref");
    }
}

#[tokio::test]
async fn what_a_plugin_said_stays_inside() {
    let (workshop, _gateway, client) = gate().await;
    let key = workshop.credentials.api_key.clone();
    let headers = [("x-api-key", key), ("content-type", "application/octet-stream".to_owned())];
    let answer = client.post("/v1/messages/panic/1", &headers, b"payload".to_vec()).await;
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    for inside in ["no such code", "panicked", "lib.rs", "hostile"] {
        assert!(!text.contains(inside), "the partner is told `{inside}`: {text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_plugin_was_denied_is_in_the_audit_log_in_the_gateway_s_words() {
    let (workshop, gateway, client) = gate().await;
    let headers =
        [("x-api-key", workshop.credentials.api_key.clone()), ("content-type", "application/octet-stream".to_owned())];
    for contract in ["trap", "kind-not-granted", "lookup-not-granted"] {
        client.post(&format!("/v1/messages/{contract}/1"), &headers, b"payload".to_vec()).await;
    }
    let operator = Client::new(gateway.operator);
    let headers = [("authorization", format!("Bearer {}", workshop.credentials.operator_key))];
    let path = "/v1/audit?kind=capability-denied&order=oldest";
    // The denials are in the journal; a moment later they have their places in the audit log.
    let denied = eventually("both denials have their places", async || {
        let answer = operator.send(http::Method::GET, path, &headers, bytes::Bytes::new()).await.json();
        let denied = answer["items"].as_array().cloned().unwrap_or_default();
        if denied.len() >= 2 { Ok(denied) } else { Err(answer) }
    })
    .await;
    let told = |entry: &serde_json::Value| {
        let detail = |member: &str| entry["detail"][member].as_str().unwrap_or_default().to_owned();
        (detail("capability"), detail("wanted"), detail("contract"))
    };
    let expected = [
        ("emit", "customs-status", "kind-not-granted/1"),
        // There is a table of this name nowhere, so the name is the plugin's own.
        ("tables", "a table that does not exist", "lookup-not-granted/1"),
    ];
    let expected =
        expected.map(|(capability, wanted, contract)| (capability.to_owned(), wanted.to_owned(), contract.to_owned()));
    assert_eq!(denied.iter().map(told).collect::<Vec<_>>(), expected, "a trap is no denial");
    assert!(denied.iter().all(|entry| entry["actor"] == "plugin:hostile"), "{denied:?}");
}
