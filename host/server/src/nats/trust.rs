//! Whether an acknowledgement of the broker means what the gateway needs it to mean: the event is on a disk.
//!
//! JetStream acknowledges before it has synced, unless its `sync_interval` is `always`; so every server that keeps the
//! stream is asked for its settings, at its monitoring address. A client's own connection cannot see them.

use std::time::Duration;

use async_nats::jetstream::stream::{Config, StorageType};
use bytes::Bytes;
use http::StatusCode;
use http_body_util::{BodyExt, Empty, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;

/// For one server to tell its settings.
const TIMEOUT: Duration = Duration::from_secs(5);
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// Why a server or stream is not used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Distrust {
    #[error(
        "the server `{server}` acknowledges what is not yet on its disk: set `sync_interval: always` in its `jetstream`"
    )]
    NotSynced { server: String },
    #[error("the server `{server}` has no JetStream")]
    NoJetStream { server: String },
    #[error("the server `{server}` keeps the stream, and none of nats.monitoring is its address")]
    Unmonitored { server: String },
    #[error("the stream `{stream}` {problem}")]
    Stream { stream: String, problem: &'static str },
    #[error("{address} does not tell the server's settings: {problem}")]
    Silent { address: String, problem: String },
}

impl Distrust {
    /// Whether the settings are known and wrong.
    pub(super) fn is_settings(&self) -> bool {
        !matches!(self, Distrust::Silent { .. })
    }
}

/// What a server's `/varz` says of it, as far as it matters here.
#[derive(Deserialize)]
struct Server {
    server_id: String,
    server_name: String,
    #[serde(default)]
    jetstream: JetStream,
}

#[derive(Default, Deserialize)]
struct JetStream {
    #[serde(default)]
    config: Option<JetStreamConfig>,
}

#[derive(Deserialize)]
struct JetStreamConfig {
    #[serde(default)]
    sync_always: bool,
}

/// Checks the server with the id `connected` and, in a cluster, every server that keeps the stream instead.
pub(super) async fn check(monitoring: &[String], connected: &str, keepers: &[String]) -> Result<(), Distrust> {
    let (mut servers, mut silent) = (Vec::new(), None);
    for address in monitoring {
        match server(address).await {
            Ok(server) => servers.push(server),
            Err(problem) => silent = Some(Distrust::Silent { address: address.clone(), problem }),
        }
    }
    match judge(&servers, connected, keepers) {
        // The one that is missing may be the very one that did not answer.
        Err(Distrust::Unmonitored { server }) => Err(silent.unwrap_or(Distrust::Unmonitored { server })),
        judged => judged,
    }
}

fn judge(servers: &[Server], connected: &str, keepers: &[String]) -> Result<(), Distrust> {
    let one = |server: Option<&Server>, wanted: &str| {
        let server = server.ok_or_else(|| Distrust::Unmonitored { server: wanted.to_owned() })?;
        match &server.jetstream.config {
            Some(JetStreamConfig { sync_always: true }) => Ok(()),
            Some(JetStreamConfig { sync_always: false }) => {
                Err(Distrust::NotSynced { server: server.server_name.clone() })
            }
            None => Err(Distrust::NoJetStream { server: server.server_name.clone() }),
        }
    };
    match keepers {
        [] => one(servers.iter().find(|server| server.server_id == connected), connected),
        keepers => keepers
            .iter()
            .try_for_each(|keeper| one(servers.iter().find(|server| server.server_name == *keeper), keeper)),
    }
}

async fn server(address: &str) -> Result<Server, String> {
    let asked = async {
        let client: Client<_, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build(HttpConnector::new());
        let url = format!("{}/varz", address.trim_end_matches('/'));
        let url = url.parse().map_err(|_| "it is no URL".to_owned())?;
        let answer = client.get(url).await.map_err(|error| error.to_string())?;
        if answer.status() != StatusCode::OK {
            return Err(format!("it answers {}", answer.status()));
        }
        let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await;
        let body = body.map_err(|error| error.to_string())?.to_bytes();
        serde_json::from_slice(&body).map_err(|_| "it is no monitoring address of a NATS server".to_owned())
    };
    tokio::time::timeout(TIMEOUT, asked).await.unwrap_or_else(|_| Err("no answer in time".to_owned()))
}

/// Checks the settings of a stream that others may have made.
pub(super) fn check_stream(config: &Config, subject: &str, known_again_for_min: Duration) -> Result<(), Distrust> {
    let wrong = |problem| Err(Distrust::Stream { stream: config.name.clone(), problem });
    if config.storage != StorageType::File {
        return wrong("is kept in memory; its storage must be files");
    }
    if config.no_ack {
        return wrong("acknowledges nothing; set its no_ack to false");
    }
    if config.duplicate_window < known_again_for_min {
        return wrong("knows a message again for less than two minutes; raise its duplicate_window");
    }
    if !config.subjects.iter().any(|taken| takes(taken, subject)) {
        return wrong("does not take what is below nats.subject; add `<subject>.>` to its subjects");
    }
    Ok(())
}

/// Whether a stream's subject takes everything below another.
fn takes(taken: &str, subject: &str) -> bool {
    let mut wanted = subject.split('.');
    for token in taken.split('.') {
        match (token, wanted.next()) {
            (">", _) => return true,
            ("*", Some(_)) => {}
            (token, Some(wanted)) if token == wanted => {}
            _ => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        Config {
            name: "S".to_owned(),
            subjects: vec!["portgate.events.>".to_owned()],
            duplicate_window: Duration::from_secs(120),
            ..Config::default()
        }
    }

    fn server(name: &str, sync_always: Option<bool>) -> Server {
        let config = sync_always.map(|sync_always| JetStreamConfig { sync_always });
        Server { server_id: format!("id-{name}"), server_name: name.to_owned(), jetstream: JetStream { config } }
    }

    #[test]
    fn every_server_that_keeps_the_stream_must_sync_and_be_seen() {
        let servers = [server("a", Some(true)), server("b", Some(false)), server("c", None)];
        let keepers = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let named = |name: &str| name.to_owned();
        assert_eq!(judge(&servers, "id-a", &[]), Ok(()));
        assert_eq!(judge(&servers, "id-b", &[]), Err(Distrust::NotSynced { server: named("b") }));
        assert_eq!(judge(&servers, "id-c", &[]), Err(Distrust::NoJetStream { server: named("c") }));
        assert_eq!(judge(&servers, "id-d", &[]), Err(Distrust::Unmonitored { server: named("id-d") }));
        assert_eq!(judge(&servers, "id-b", &keepers(&["a"])), Ok(()), "b keeps nothing");
        assert_eq!(judge(&servers, "id-a", &keepers(&["a", "b"])), Err(Distrust::NotSynced { server: named("b") }));
        assert_eq!(judge(&servers, "id-a", &keepers(&["a", "d"])), Err(Distrust::Unmonitored { server: named("d") }));
    }

    #[test]
    fn a_stream_must_keep_what_it_takes() {
        let check = |config: &Config| check_stream(config, "portgate.events", Duration::from_secs(120)).is_ok();
        assert!(check(&config()));
        assert!(!check(&Config { storage: StorageType::Memory, ..config() }));
        assert!(!check(&Config { no_ack: true, ..config() }));
        assert!(!check(&Config { duplicate_window: Duration::from_secs(119), ..config() }));
        assert!(!check(&Config { subjects: vec!["portgate.other.>".to_owned()], ..config() }));
    }

    #[test]
    fn a_subject_is_taken_only_with_everything_below_it() {
        for (taken, wanted) in [
            (">", true),
            ("a.>", true),
            ("a.b.>", true),
            ("*.b.>", true),
            ("a.b", false),
            ("a.b.*", false),
            ("a.b.c.>", false),
            ("b.>", false),
        ] {
            assert_eq!(takes(taken, "a.b"), wanted, "{taken}");
        }
    }
}
