//! Codes that nobody has written down, and plugins that say so.

use http::Method;
use portgate_tests::{Answer, Client, Workshop, hostile};
use serde_json::Value;

const CONTRACTS: [&str; 4] = ["claims-code-awaited", "unknown-codes", "absurd-code", "code"];

/// An agreement on messages of a contract, with a table of codes for which they wait.
fn agreement(contract: &str) -> String {
    format!(
        r#"
        [[agreements]]
        name = "{contract}"
        contract = "{contract}"
        version = "1"
        direction = "in"
        ours = [{{ value = "US" }}]
        theirs = [{{ value = "THEM" }}]
        codes = [{{ table = "carrier", unknown = "park" }}]
        "#
    )
}

async fn send(client: &Client, workshop: &Workshop, contract: &str, body: &str) -> Answer {
    let headers =
        [("x-api-key", workshop.credentials.api_key.clone()), ("content-type", "application/octet-stream".to_owned())];
    client.post(&format!("/v1/messages/{contract}/1"), &headers, body.as_bytes().to_vec()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_61_a_part_waits_for_a_code_only_where_the_gateway_said_so_and_for_no_more_than_it_keeps() {
    let workshop = hostile::workshop(&CONTRACTS);
    let agreements: String = CONTRACTS.map(agreement).concat();
    workshop.edit("partners/acme.toml", |text| format!("{text}{agreements}"));
    // Another partner, with the same names for everything.
    workshop.edit("partners/other.toml", |_| {
        let contracts: String =
            CONTRACTS.map(|name| format!("[[contracts]]\nname = \"{name}\"\nversions = [\"1\"]\n")).concat();
        let limits = "[limits]\nrequests_per_second = 1\nburst = 1\nrequests_in_flight_max = 1\n";
        let key = format!("[[authenticate]]\nkind = \"api-key\"\nsha256 = \"{}\"\n", "5f".repeat(32));
        format!("title = \"Another\"\n{key}{limits}{contracts}{agreements}")
    });
    workshop.set("plugins/hostile.toml", "lookups_max", "10_000").set("plugins/hostile.toml", "cpu_ms_max", "1_000");
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    let key = [
        ("authorization", format!("Bearer {}", workshop.credentials.operator_key)),
        ("content-type", "application/json".to_owned()),
    ];
    let operators = Client::new(gateway.operator);

    // Another partner's table knows the code, and it is no code of this one.
    let codes = serde_json::json!({ "partner": "other", "agreement": "code", "table": "carrier", "reason": "a test",
        "codes": [{ "theirs": "A", "ours": "theirs-alone" }] });
    let added = operators.post("/v1/codes", &key, codes.to_string().into_bytes()).await;
    assert_eq!(added.status, 200);
    let answer = send(&client, &workshop, "code", "A").await;
    assert!(!String::from_utf8_lossy(&answer.body).contains("theirs-alone"));

    let claims = send(&client, &workshop, "claims-code-awaited", "").await;
    assert_eq!((claims.status.as_u16(), claims.problem().as_str()), (422, "payload-rejected"));
    let absurd = send(&client, &workshop, "absurd-code", "").await;
    assert_eq!(absurd.status, 422, "nobody could write it down, so nothing waits for it");
    let waiting = send(&client, &workshop, "unknown-codes", "9000").await;
    assert_eq!(
        (waiting.status.as_u16(), waiting.json()["state"].as_str().map(str::to_owned)),
        (202, Some("awaits-code".to_owned()))
    );
    let awaited = operators.send(Method::GET, "/v1/codes/awaited", &key, Default::default()).await.json();
    let kept = awaited["items"].as_array().map_or(0, Vec::len);
    assert!((1..=300).contains(&kept), "{kept} codes are kept");
    assert!(awaited["items"].as_array().into_iter().flatten().all(|one: &Value| one["partner"] == "acme"));
}
