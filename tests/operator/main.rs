//! What operators see and do: the API with its permissions, and the commands around it.

mod access;
mod acts;
mod again;
mod approval;
mod audit;
mod bills;
mod check;
mod commands;
mod output;
mod policy;
mod routes;
mod sent;
mod status;
mod tables;
mod tools;

use bytes::Bytes;
use http::Method;
use portgate_tests::{Answer, Client, Gateway, Portal, Workshop, gate_out};

const EVENTS: &str = "/v1/messages/dcsa-track-trace/2.2";

/// A gateway whose portal this test has, and an operator of it.
struct Scene {
    workshop: Workshop,
    portal: Portal,
    gateway: Gateway,
}

impl Scene {
    async fn new(prepare: impl FnOnce(&Workshop)) -> Scene {
        let workshop = Workshop::new();
        let portal = Portal::start(&workshop).await;
        prepare(&workshop);
        let gateway = workshop.start().await;
        Scene { workshop, portal, gateway }
    }

    /// Sends one event of a container and gives back the exchange's id.
    async fn event(&self, number: usize) -> String {
        self.send(gate_out(number)).await
    }

    /// Sends events and gives back their exchange.
    async fn send(&self, events: impl Into<Vec<u8>>) -> String {
        let token = format!("Bearer {}", self.workshop.credentials.token());
        let headers = [("authorization", token), ("content-type", "application/json".to_owned())];
        let answer = Client::new(self.gateway.partner).post(EVENTS, &headers, events.into()).await;
        assert_eq!(answer.status, 202, "{:?}", answer.json());
        answer.header("location").trim_start_matches("/v1/exchanges/").to_owned()
    }

    /// Sends what breaks its contract and gives back the exchange that is kept of it.
    async fn refused(&self) -> String {
        let token = format!("Bearer {}", self.workshop.credentials.token());
        let headers = [("authorization", token), ("content-type", "application/json".to_owned())];
        let answer = Client::new(self.gateway.partner).post(EVENTS, &headers, b"{}".to_vec()).await;
        assert_eq!(answer.status, 422, "{}", answer.json());
        let instance = answer.json()["instance"].as_str().expect("an instance").to_owned();
        instance.trim_start_matches("/v1/exchanges/").to_owned()
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, &self.workshop.credentials.operator_key, "").await
    }

    async fn post(&self, path: &str, body: &str) -> Answer {
        self.ask(Method::POST, path, &self.workshop.credentials.operator_key, body).await
    }

    async fn ask(&self, method: Method, path: &str, key: &str, body: &str) -> Answer {
        let headers = [("authorization", format!("Bearer {key}"))];
        let body = Bytes::from(body.to_owned());
        Client::new(self.gateway.operator).send(method, path, &headers, body).await
    }

    /// Waits until so many deliveries are in this state.
    async fn until(&self, state: &str, deliveries: usize) -> Vec<serde_json::Value> {
        for _ in 0..600 {
            let found = self.get(&format!("/v1/deliveries?state={state}")).await.json()["items"].clone();
            let found = found.as_array().cloned().unwrap_or_default();
            if found.len() == deliveries {
                return found;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("there are not {deliveries} deliveries in state {state} within 30 seconds");
    }
}
