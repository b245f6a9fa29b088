//! Nothing that was acknowledged is lost, and nothing takes effect twice: the gateway's own process is killed at any
//! moment, its disk fails or fills up, and the books must balance afterwards.
//!
//! `PORTGATE_KILLS` sets how often the gateway is killed on each engine, `PORTGATE_SEED` repeats a run.

mod backlog;
mod border;
mod broker;
mod crossing;
mod disk;
mod failpoints;
mod joining;
mod kill;
mod ledger;
mod numbers;
mod random;
mod replicas;

use portgate_store::testing::PostgresServer;
use portgate_tests::{Portal, Workshop};

/// A workshop whose rates are no obstacle, and its portal.
async fn unhurried() -> (Workshop, Portal) {
    let workshop = Workshop::new();
    let portal = Portal::start(&workshop).await;
    for (key, value) in [("requests_per_second", "10_000"), ("burst", "10_000")] {
        workshop.set("partners/ocean-carrier.toml", key, value);
        workshop.set("partners/customer-portal.toml", key, value);
    }
    workshop.set("partners/ocean-carrier.toml", "requests_in_flight_max", "64");
    workshop.set("partners/customer-portal.toml", "delays_seconds", &format!("{:?}", [1; 60]));
    workshop.set("partners/customer-portal.toml", "open_seconds", "1");
    workshop.set("partners/customer-portal.toml", "in_flight_max", "32");
    (workshop, portal)
}

/// Has the workshop's journal kept in a new database of this server.
fn keep_in(server: &PostgresServer, workshop: &Workshop) {
    workshop.keep_in(server);
}
