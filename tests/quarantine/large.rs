//! What the size of a payload has caused is no misbehaviour: it is told to the partner by the budget's name, and neither
//! counts nor brings a plugin back.

use http::Method;
use portgate_core::manifest::Direction;
use portgate_tests::{Client, Workshop, eventually, hostile, plugins};

/// A sixteenth of the 65,536 bytes that a contract of the hostile plugin takes.
const SIXTEENTH: usize = 4_096;

/// Contracts that use up a budget, what a small payload is told for it, and the budget.
const EXHAUSTING: [(&str, &str, &str); 6] = [
    ("endless-loop", "plugin-too-slow", "limits.cpu_ms_max = 50"),
    ("memory-bomb", "plugin-memory", "limits.memory_bytes_max = 16777216"),
    ("huge-output", "plugin-output-too-large", "limits.output_bytes_max = 1048576"),
    ("many-documents", "plugin-output-too-large", "limits.documents_max = 100"),
    ("log-flood", "plugin-log-flood", "limits.log_lines_max = 20 or limits.log_bytes_max = 16384"),
    ("lookup-flood", "plugin-lookup-refused", "limits.lookups_max = 50"),
];

/// What no size explains.
const MISDEEDS: [(&str, &str); 6] = [
    ("trap", "plugin-failed"),
    ("panic", "plugin-failed"),
    ("deep-recursion", "plugin-failed"),
    ("lookup-not-granted", "plugin-lookup-refused"),
    ("breaks-schema", "plugin-output-invalid"),
    ("empty-rejection", "plugin-output-invalid"),
];

fn workshop(contract: &str) -> Workshop {
    let workshop = hostile::workshop(&[contract, "good"]);
    workshop.edit("plugins/hostile.toml", |text| {
        text.replace("failures_max = 1_000", "failures_max = 2\nwindow_seconds = 3_600\npause_seconds = 3_600")
    });
    workshop
}

fn headers(workshop: &Workshop) -> Vec<(&'static str, String)> {
    let key = workshop.credentials.api_key.clone();
    vec![("x-api-key", key), ("content-type", "application/octet-stream".to_owned())]
}

async fn state(client: &Client, workshop: &Workshop) -> String {
    let answer = client.post("/v1/messages/good/1", &headers(workshop), b"payload".to_vec()).await;
    assert_eq!(answer.status, 202, "{}", answer.json());
    answer.json()["state"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_large_payload_that_uses_up_a_budget_is_told_which_and_does_not_count() {
    for (contract, _, budget) in EXHAUSTING {
        let workshop = workshop(contract);
        let gateway = workshop.start().await;
        let client = Client::new(gateway.partner);
        for _ in 0..6 {
            let answer = client
                .post(&format!("/v1/messages/{contract}/1"), &headers(&workshop), vec![b'x'; SIXTEENTH + 1])
                .await;
            assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (413, "payload-too-much"), "{contract}");
            let detail = answer.json()["detail"].as_str().unwrap_or_default().to_owned();
            assert!(detail.contains(budget) && detail.contains("4097 bytes") && detail.contains("smaller"), "{detail}");
        }
        assert_eq!(state(&client, &workshop).await, "accepted", "{contract} did not count");
        assert_eq!(client.get("/problems/payload-too-much").await.status, 200, "it explains itself");
    }
}

#[tokio::test]
async fn a_small_payload_that_uses_up_a_budget_is_the_plugins_fault_and_counts() {
    for (contract, problem, _) in EXHAUSTING {
        let workshop = workshop(contract);
        let gateway = workshop.start().await;
        let client = Client::new(gateway.partner);
        for _ in 0..3 {
            let answer =
                client.post(&format!("/v1/messages/{contract}/1"), &headers(&workshop), vec![b'x'; SIXTEENTH]).await;
            assert_eq!(answer.problem(), problem, "{contract}");
        }
        assert_eq!(state(&client, &workshop).await, "parked", "{contract} has taken the plugin out");
    }
}

#[tokio::test]
async fn what_no_size_explains_counts_however_large_the_payload_is() {
    for (contract, problem) in MISDEEDS {
        let workshop = workshop(contract);
        let gateway = workshop.start().await;
        let client = Client::new(gateway.partner);
        for _ in 0..3 {
            let answer =
                client.post(&format!("/v1/messages/{contract}/1"), &headers(&workshop), vec![b'x'; 65_536]).await;
            assert_eq!(answer.problem(), problem, "{contract}");
        }
        assert_eq!(state(&client, &workshop).await, "parked", "{contract} has taken the plugin out");
    }
}

#[tokio::test]
async fn a_parked_payload_that_is_too_much_is_rejected_with_the_budget_and_holds_nothing_up() {
    let workshop = hostile::workshop(&["trap", "many-documents", "good"]);
    workshop.edit("plugins/hostile.toml", |text| {
        text.replace("failures_max = 1_000", "failures_max = 0\nwindow_seconds = 3_600\npause_seconds = 3_600")
    });
    let gateway = workshop.start().await;
    let (client, operator) = (Client::new(gateway.partner), Client::new(gateway.operator));
    let headers = headers(&workshop);
    assert_eq!(client.post("/v1/messages/trap/1", &headers, b"x".to_vec()).await.problem(), "plugin-failed");
    let large = client.post("/v1/messages/many-documents/1", &headers, vec![b'x'; 65_536]).await;
    let behind = client.post("/v1/messages/good/1", &headers, b"x".to_vec()).await;
    for answer in [&large, &behind] {
        assert_eq!((answer.status.as_u16(), &answer.json()["state"]), (202, &"parked".into()), "{}", answer.json());
    }
    let key = [("authorization", format!("Bearer {}", workshop.credentials.operator_key))];
    let lift = bytes::Bytes::from_static(br#"{"plugin":"hostile","partner":"acme","reason":"a test"}"#);
    let lifted = operator.send(Method::POST, "/v1/quarantines/lift", &key, lift).await;
    assert!(lifted.status.is_success(), "{}", lifted.json());
    let rejected = until(&client, &headers, large.header("location"), "rejected").await;
    let finding = &rejected["findings"][0];
    assert_eq!(finding["code"], "payload-too-much", "{rejected}");
    assert!(
        finding["detail"].as_str().is_some_and(|detail| detail.contains("limits.documents_max = 100")),
        "{rejected}"
    );
    until(&client, &headers, behind.header("location"), "completed").await;
}

/// A plugin that never ends renders documents as a contract of 1,000 bytes, of which they are a large part.
#[tokio::test]
async fn a_document_that_is_too_much_to_be_rendered_is_a_dead_letter_and_does_not_count() {
    let workshop = hostile::workshop(&["good"]);
    let component = plugins::with_manifest(&plugins::built("hostile"), |manifest| {
        let contract =
            manifest.contracts.iter_mut().find(|contract| contract.name == "endless-loop").expect("a contract");
        (contract.direction, contract.body_bytes_max) = (Direction::Encode, 1_000);
        manifest.version = "2.0.0".to_owned();
    });
    std::fs::write(workshop.path().join("components/hostile.wasm"), plugins::signed(&component)).expect("a component");
    let sink = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    hostile::deliver_to(&workshop, sink.local_addr().expect("an address"), "endless-loop");
    workshop.secret("sink.key", "a key");
    let strict = "failures_max = 0\nwindow_seconds = 3_600\npause_seconds = 3_600";
    let strict = [("failures_max = 1_000", strict), ("cpu_ms_max = 1_000", "cpu_ms_max = 50")];
    workshop.replace("plugins/hostile.toml", &strict);
    let gateway = workshop.start().await;
    let (client, operator) = (Client::new(gateway.partner), Client::new(gateway.operator));
    for number in 0..3 {
        let answer = client.post("/v1/messages/good/1", &headers(&workshop), format!("{number}").into_bytes()).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["state"]), (202, &"accepted".into()), "{}", answer.json());
    }
    let key = [("authorization", format!("Bearer {}", workshop.credentials.operator_key))];
    let get = async |path: &str| operator.send(Method::GET, path, &key, bytes::Bytes::new()).await.json();
    let dead = eventually("three deliveries are dead", async || {
        let dead = get("/v1/deliveries?state=dead&limit=10").await;
        if dead["items"].as_array().is_some_and(|items| items.len() == 3) { Ok(dead) } else { Err(dead) }
    })
    .await;
    let text = dead.to_string();
    assert!(text.matches("were too much for one call (limits.cpu_ms_max = 50)").count() >= 3, "{text}");
    assert_eq!(get("/v1/quarantines").await["items"].as_array().map(Vec::len), Some(0), "none counts");
}

async fn until(client: &Client, headers: &[(&'static str, String)], place: &str, state: &str) -> serde_json::Value {
    eventually(&format!("{place} is `{state}`"), async || {
        let seen = client.send(Method::GET, place, headers, bytes::Bytes::new()).await.json();
        if seen["state"] == state { Ok(seen) } else { Err(seen) }
    })
    .await
}
