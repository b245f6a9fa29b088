//! The threat model of `SECURITY.md`, row by row: each test is one attack over the real entry points, named after its row,
//! and shows that the next honest request is served. What stands behind an answer is tested in more detail elsewhere.

mod acknowledged;
mod codes;
mod files;
mod framing;
mod locked;
mod logged;
mod mistakes;
mod operator;
mod partner;
mod plugin;
mod process;
mod reloads;
mod sent;
mod several;
mod shipments;
mod signatures;
mod strangers;
mod supply_chain;
mod tests_and_dry_runs;

use portgate_tests::{Client, Gateway, Workshop, case};

const ORDER: &str = "/v1/messages/shopify-order/2024-10";
const EVENTS: &str = "/v1/messages/dcsa-track-trace/2.2";
const NOTIFICATION: &str = "/v1/messages/dms-notification/3.6";

type Headers = Vec<(&'static str, String)>;

/// A gateway with the project's policies, a partner that attacks it and one that is honest.
struct Gate {
    workshop: Workshop,
    gateway: Gateway,
    client: Client,
}

impl Gate {
    async fn open() -> Self {
        Self::open_with(|_| ()).await
    }

    async fn open_with(change: impl FnOnce(&Workshop)) -> Self {
        let workshop = Workshop::new();
        change(&workshop);
        Self::of(workshop).await
    }

    async fn of(workshop: Workshop) -> Self {
        let gateway = workshop.start().await;
        let client = Client::new(gateway.partner);
        Gate { workshop, gateway, client }
    }

    fn shop(&self) -> Headers {
        vec![("x-api-key", self.workshop.credentials.api_key.clone()), json()]
    }

    /// A message that breaks no rule is taken.
    async fn is_open(&self) {
        let answer = self.client.post(ORDER, &self.shop(), order()).await;
        assert_eq!(answer.status, 202, "an honest message is refused: {}", answer.json());
    }
}

fn bearer(token: &str) -> Headers {
    vec![("authorization", format!("Bearer {token}")), json()]
}

fn json() -> (&'static str, String) {
    ("content-type", "application/json".to_owned())
}

fn order() -> Vec<u8> {
    case("ecom-shopify", "order", "json")
}

fn events() -> Vec<u8> {
    case("carrier-ocean", "dcsa-2-2-events", "json")
}

fn notification() -> Vec<u8> {
    case("broker-cds", "tax-assessed", "xml")
}
