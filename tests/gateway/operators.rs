//! What operators see.

use crate::{ORDER, gate, order, shop};
use portgate_tests::Client;

#[tokio::test]
async fn health_and_metrics_are_on_the_operator_listener_alone() {
    let (workshop, gateway, client) = gate().await;
    let operator = Client::new(gateway.operator);
    assert_eq!(operator.get("/livez").await.status, 200);
    assert_eq!(operator.get("/readyz").await.status, 200);
    for path in ["/livez", "/readyz", "/metrics"] {
        assert_eq!(client.get(path).await.problem(), "not-found", "{path}");
    }
    client.post(ORDER, &shop(&workshop), order()).await;
    let metrics = String::from_utf8_lossy(&operator.get("/metrics").await.body).into_owned();
    let line = "portgate_requests_total{contract=\"shopify-order\",partner=\"web-shop\",outcome=\"ok\"} 1";
    assert!(metrics.contains(line), "{metrics}");
    assert!(metrics.contains("portgate_plugin_call_seconds_count{plugin=\"ecom-shopify\"} 1"), "{metrics}");
}

#[tokio::test]
async fn names_that_a_caller_makes_up_never_become_metrics() {
    let (workshop, gateway, client) = gate().await;
    client.post("/v1/messages/made-up/9", &shop(&workshop), order()).await;
    let metrics = String::from_utf8_lossy(&Client::new(gateway.operator).get("/metrics").await.body).into_owned();
    assert!(!metrics.contains("made-up"), "{metrics}");
    assert!(metrics.contains("outcome=\"contract-unknown\"} 1"), "{metrics}");
}

#[tokio::test]
async fn a_gateway_that_is_told_to_stop_stops() {
    let (workshop, mut gateway, client) = gate().await;
    assert_eq!(client.post(ORDER, &shop(&workshop), order()).await.status, 200);
    assert_eq!(gateway.stopped().await, 0);
    assert!(tokio::net::TcpStream::connect(gateway.partner).await.is_err());
}
