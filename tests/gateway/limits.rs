//! Rates and places: each limit is reached, and the gateway works on.

use portgate_tests::{Client, Workshop, eventually};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::{EVENTS, ORDER, carrier, events, order, shop};

#[tokio::test]
async fn a_partner_over_its_rate_gets_429_and_another_partner_does_not() {
    let workshop = Workshop::new();
    workshop.set("partners/web-shop.toml", "requests_per_second", "1");
    workshop.edit("partners/web-shop.toml", |text| {
        text.replacen("burst = 200", "burst = 3", 1).replace("burst = 5", "burst = 1")
    });
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    let mut statuses = Vec::new();
    for _ in 0..8 {
        statuses.push(client.post(ORDER, &shop(&workshop), order()).await.status.as_u16());
    }
    assert_eq!(&statuses[..3], [200, 200, 200]);
    assert!(statuses.contains(&429), "{statuses:?}");
    let refused = loop {
        let answer = client.post(ORDER, &shop(&workshop), order()).await;
        if answer.status == 429 {
            break answer;
        }
    };
    assert_eq!(refused.problem(), "rate-limited");
    assert!(refused.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds >= 1));
    assert!(refused.header("ratelimit").starts_with("\"partner\";r=0"), "{}", refused.header("ratelimit"));
    assert_eq!(client.post(EVENTS, &carrier(&workshop), events()).await.status, 200);
}

#[tokio::test]
async fn a_contract_s_own_rate_holds_beside_the_partner_s() {
    let workshop = Workshop::new();
    workshop.edit("partners/ocean-carrier.toml", |text| {
        text.replace(
            "requests_per_second = 50 # below the partner's own rate\nburst = 50",
            "requests_per_second = 1\nburst = 1",
        )
    });
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    let first = client.post(EVENTS, &carrier(&workshop), events()).await;
    assert_eq!(first.header("ratelimit-policy"), "\"partner\";q=400;w=2, \"contract\";q=1;w=1");
    let mut refused = first;
    for _ in 0..50 {
        refused = client.post(EVENTS, &carrier(&workshop), events()).await;
        if refused.status == 429 {
            break;
        }
    }
    assert_eq!(refused.problem(), "rate-limited");
    assert!(refused.json()["detail"].as_str().is_some_and(|detail| detail.contains("contract")));
}

#[tokio::test]
async fn a_gateway_at_its_limit_sheds_with_503_and_recovers() {
    let workshop = Workshop::new();
    workshop.set("gateway.toml", "requests_in_flight_max", "1");
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    // A request whose body does not come keeps the only place.
    let mut slow = TcpStream::connect(gateway.partner).await.expect("a connection");
    let key = &workshop.credentials.api_key;
    let head = format!(
        "POST {ORDER} HTTP/1.1\r\nhost: gate\r\nx-api-key: {key}\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n"
    );
    slow.write_all(head.as_bytes()).await.expect("a head");
    let busy = loop {
        let answer = client.post(ORDER, &shop(&workshop), order()).await;
        if answer.status == 503 {
            break answer;
        }
        assert_eq!(answer.status, 200, "{}", answer.json());
    };
    assert_eq!(busy.problem(), "gateway-busy");
    assert!(!busy.header("retry-after").is_empty());
    drop(slow);
    eventually("the place is given back", async || {
        let answer = client.post(ORDER, &shop(&workshop), order()).await;
        if answer.status == 200 { Ok(()) } else { Err(answer.json()) }
    })
    .await;
}
