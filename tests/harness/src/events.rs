//! A partner's reader of server-sent events, one at a time.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use serde_json::Value;

use crate::Client;

/// One event, as it came.
#[derive(Clone, Debug)]
pub struct StreamedEvent {
    /// The place to go on after.
    pub id: String,
    /// The type.
    pub kind: String,
    /// The CloudEvent.
    pub event: Value,
}

/// A stream that is being read.
pub struct EventStream {
    body: Incoming,
    text: String,
    /// The last place that the stream named, with an event or without.
    pub last: String,
}

impl Client {
    /// Opens a stream of events. Panics when it is refused.
    pub async fn events(&self, path: &str, headers: &[(&str, String)]) -> EventStream {
        let response = self.open(Method::GET, path, headers, Full::new(Bytes::new())).await.expect("an answer");
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        EventStream { body: response.into_body(), text: String::new(), last: String::new() }
    }
}

impl EventStream {
    /// The next event; nothing when the stream has ended, or none came for a time.
    pub async fn next_within(&mut self, wait: Duration) -> Option<StreamedEvent> {
        let next = async {
            loop {
                while let Some((block, rest)) = self.text.split_once("\n\n") {
                    let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
                    self.last = field("id").unwrap_or(&self.last).to_owned();
                    let event = (field("event").zip(field("data"))).map(|(kind, data)| StreamedEvent {
                        id: self.last.clone(),
                        kind: kind.to_owned(),
                        event: serde_json::from_str(data).expect("a CloudEvent on one line"),
                    });
                    self.text = rest.to_owned();
                    if event.is_some() {
                        return event;
                    }
                }
                let piece = self.body.frame().await?.ok()?.into_data().ok()?;
                self.text.push_str(std::str::from_utf8(&piece).expect("events are text in whole pieces"));
            }
        };
        tokio::time::timeout(wait, next).await.ok().flatten()
    }

    /// The next event. Panics when none comes.
    pub async fn next(&mut self) -> StreamedEvent {
        self.next_within(Duration::from_secs(20)).await.expect("an event within 20 seconds")
    }

    /// Waits until the stream ends, and gives back how many events came before.
    pub async fn end(&mut self) -> usize {
        let mut events = 0;
        while self.next_within(Duration::from_secs(20)).await.is_some() {
            events += 1;
        }
        let ended = tokio::time::timeout(Duration::from_secs(1), self.body.frame()).await;
        assert!(!matches!(ended, Err(_) | Ok(Some(Ok(_)))), "the stream goes on");
        events
    }
}
