//! `[nats]` of `gateway.toml`: the company's own message broker, which is told of every event.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A NATS JetStream stream that every event is published to. What it has acknowledged is on its disk: a server whose
/// JetStream does not have `sync_interval: always` is not used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Nats {
    /// A secret, `file:NAME` or `env:NAME`, with the servers' URLs, separated by commas: `nats://host:4222` or
    /// `tls://host:4222`, with user and password where the server wants them.
    pub url: String,
    /// A secret with a credentials file (JWT and seed), where the server wants one.
    #[serde(default)]
    pub credentials: Option<String>,
    /// Where each server that keeps the stream is monitored, such as `http://10.0.0.5:8222`: its settings are read there.
    #[schemars(length(min = 1))]
    pub monitoring: Vec<String>,
    /// The stream. It is made where there is none: in files, for the subjects `<subject>.>`.
    #[schemars(regex(pattern = r"^[A-Za-z0-9_-]{1,64}$"))]
    pub stream: String,
    /// What the subject of each event begins with: `<subject>.<partner>.<type>`.
    #[schemars(regex(pattern = r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$"))]
    pub subject: String,
    /// On how many servers a stream is kept that is made here.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 5))]
    pub replicas: u32,
    /// Days that a stream which is made here keeps an event.
    #[schemars(range(min = 1, max = 36_500))]
    pub keep_days: u32,
}

fn one() -> u32 {
    1
}
