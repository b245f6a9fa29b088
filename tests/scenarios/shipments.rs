//! What several messages say of one shipment is one shipment, whatever order they come in, whichever gateway they come to,
//! and whatever is restarted in between.

use bytes::Bytes;
use http::Method;
use portgate_store::testing::PostgresServer;
use portgate_tests::{Client, Gateway, Workshop, case, eventually};
use serde_json::Value;

/// What the ERP system tells of one delivery and of the article in it.
const IDOCS: [&str; 3] = ["idoc-delivery-with-handling-units", "idoc-invoice", "idoc-material"];

/// The ERP system's headers, with a key that the workshop's policies know from now on.
fn erp(workshop: &Workshop) -> Vec<(&'static str, String)> {
    let key = "the-erp-system-of-a-test-0123456789";
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, key.as_bytes());
    workshop.secret("erp.sha256", &hex::encode(hash));
    vec![("x-api-key", key.to_owned()), ("content-type", "application/xml".to_owned())]
}

async fn send(gateway: &Gateway, headers: &[(&'static str, String)], idoc: &str) {
    let body = case("erp-sap", idoc, "xml");
    let answer = Client::new(gateway.partner).post("/v1/messages/idoc/4.0", headers, body).await;
    assert_eq!(answer.status, 202, "{idoc}: {}", answer.json());
}

/// The shipment of this name, once it has so many documents and all that is known of its articles.
async fn shipment(workshop: &Workshop, gateway: &Gateway, name: &str, documents: usize, catalogue: usize) -> Value {
    let key = format!("Bearer {}", workshop.credentials.operator_key);
    eventually("the shipment", async || {
        let headers = [("authorization", key.clone())];
        let (client, path) = (Client::new(gateway.operator), format!("/v1/shipments/{name}"));
        let shown = client.send(Method::GET, &path, &headers, Bytes::new()).await.json();
        let count = |list: &str| shown["context"][list].as_array().map_or(0, Vec::len);
        let is_there = shown["current"] == true && count("documents") == documents && count("catalogue") == catalogue;
        if is_there { Ok(shown) } else { Err(shown) }
    })
    .await
}

/// Without what the ERP system does not date itself, every byte is the same.
#[tokio::test(flavor = "multi_thread")]
async fn an_erp_s_idocs_make_the_same_shipment_in_whatever_order_and_however_often_they_come() {
    let mut seen: Vec<(Value, Value)> = Vec::new();
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
        let workshop = Workshop::new();
        let headers = erp(&workshop);
        let mut gateway = workshop.start().await;
        for index in order {
            send(&gateway, &headers, IDOCS[index]).await;
        }
        // Both the journal and the shipment outlive the process; what comes again changes nothing.
        gateway.stopped().await;
        let gateway = workshop.start().await;
        send(&gateway, &headers, IDOCS[0]).await;
        let shown = shipment(&workshop, &gateway, "80000123", 3, 4).await;
        seen.push((shown["id"].clone(), shown["context"].clone()));
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0], seen[2]);
    let context = &seen[0].1;
    let kinds: Vec<&str> =
        context["documents"].as_array().into_iter().flatten().filter_map(|one| one["kind"].as_str()).collect();
    assert_eq!(kinds, ["commercial-invoice", "packing", "shipment"]);
    assert_eq!(context["documents"][0]["provenance"]["role"], "erp");
    let named = |scheme: &str| {
        let references = context["references"].as_array().into_iter().flatten();
        references.filter(|name| name["scheme"] == scheme).filter_map(|name| name["value"].as_str()).collect::<Vec<_>>()
    };
    assert_eq!((named("shipment"), named("invoice")), (vec!["80000123"], vec!["90000042"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_gateways_on_one_journal_put_one_shipment_together() {
    let Some(server) = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") else {
        eprintln!("left out: PostgreSQL is not installed");
        return;
    };
    let workshop = Workshop::new();
    workshop.keep_in(&server);
    let headers = erp(&workshop);
    let (mut first, second) = (workshop.start().await, workshop.start().await);
    send(&first, &headers, IDOCS[1]).await;
    send(&second, &headers, IDOCS[0]).await;
    let by_first = shipment(&workshop, &first, "80000123", 3, 0).await;
    first.stopped().await;
    send(&second, &headers, IDOCS[2]).await;
    let by_second = shipment(&workshop, &second, "90000042", 3, 4).await;
    assert_eq!(by_first["id"], by_second["id"], "whichever name it is asked by");
    assert_ne!(by_first["revision"], by_second["revision"]);
}
