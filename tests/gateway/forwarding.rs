//! Forward routes: the document goes to an internal system, whose answer returns to the partner.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use portgate_tests::{Client, Workshop, case};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::shop;

const ITEM: &str = "/v1/messages/shopify-inventory-item/2024-10";

#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<(HeaderMap, Value)>>>);

/// An internal system that answers with this status and remembers what it was sent; status 0 never answers.
async fn upstream(status: u16) -> (SocketAddr, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let seen = Seen::default();
    let remembered = seen.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let remembered = remembered.clone();
            let service = service_fn(move |request: Request<Incoming>| {
                let remembered = remembered.clone();
                async move {
                    let (head, body) = request.into_parts();
                    let bytes = body.collect().await.expect("a body").to_bytes();
                    let json = serde_json::from_slice(&bytes).unwrap_or_default();
                    remembered.0.lock().expect("a lock").push((head.headers, json));
                    if status == 0 {
                        std::future::pending::<()>().await;
                    }
                    let mut response = Response::new(Full::new(Bytes::from_static(b"{\"taken\":true}")));
                    *response.status_mut() = http::StatusCode::from_u16(status).expect("a status");
                    response.headers_mut().insert("content-type", http::HeaderValue::from_static("application/json"));
                    Ok::<_, Infallible>(response)
                }
            });
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    (address, seen)
}

async fn gate_to(address: SocketAddr, upstream_ms: &str) -> (Workshop, portgate_tests::Gateway, Client) {
    let workshop = Workshop::new();
    workshop.edit("routes.toml", |text| text.replace("127.0.0.1:8482", &address.to_string()));
    workshop.set("gateway.toml", "upstream_ms", upstream_ms);
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    (workshop, gateway, client)
}

#[tokio::test]
async fn the_document_reaches_the_upstream_and_its_answer_the_partner() {
    let (address, seen) = upstream(201).await;
    let (workshop, _gateway, client) = gate_to(address, "5000").await;
    let mut headers = shop(&workshop);
    headers.push(("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned()));
    let answer = client.post(ITEM, &headers, case("ecom-shopify", "inventory-item", "json")).await;
    assert_eq!(answer.status, 201, "{}", answer.json());
    assert_eq!(answer.json()["taken"], true);
    let seen = seen.0.lock().expect("a lock").clone();
    let (headers, document) = &seen[0];
    assert!(document["sku"].is_string(), "{document}");
    assert_eq!(headers["portgate-partner"], "web-shop");
    assert!(headers["traceparent"].to_str().unwrap().starts_with("00-0af7651916cd43dd8448eb211c80319c-"));
    assert!(!headers.contains_key("x-api-key"), "the partner's credential stays at the gate");
}

#[tokio::test]
async fn an_upstream_that_is_down_is_a_502_and_one_that_is_silent_a_504() {
    let item = case("ecom-shopify", "inventory-item", "json");
    let nobody: SocketAddr = {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        listener.local_addr().expect("an address")
    };
    let (workshop, _gateway, client) = gate_to(nobody, "5000").await;
    let answer = client.post(ITEM, &shop(&workshop), item.clone()).await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (502, "upstream-unreachable"));
    assert!(!String::from_utf8_lossy(&answer.body).contains(&nobody.to_string()), "an internal address leaks");

    let (silent, _) = upstream(0).await;
    let (workshop, _gateway, client) = gate_to(silent, "300").await;
    let answer = client.post(ITEM, &shop(&workshop), item).await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (504, "upstream-too-slow"));
}

#[tokio::test]
async fn the_upstream_s_own_refusal_returns_as_it_is() {
    let (address, _) = upstream(409).await;
    let (workshop, _gateway, client) = gate_to(address, "5000").await;
    let answer = client.post(ITEM, &shop(&workshop), case("ecom-shopify", "inventory-item", "json")).await;
    assert_eq!(answer.status, 409);
}
