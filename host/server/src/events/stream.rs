//! Server-sent events (HTML Standard §9.2): a partner reads what concerns it as it happens, and goes on after
//! `Last-Event-ID` where it was cut off.
//!
//! A stream is a request in flight: it holds one of its partner's places until it ends. It ends with the gateway, when the
//! partner's policy changes, and after a while in any case, because who reads proved who it is only when it began; a
//! client of the standard then connects again by itself.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use bytes::Bytes;
use portgate_http::connection::{ResponseBody, Shutdown};
use portgate_store::{Cursor, Event, Journal};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::{Instant, sleep, sleep_until};

use super::cloud_event;
use super::id::EventIds;
use crate::configuration::{Configuration, Partner};

/// How long a stream goes on at most.
const LIFE: Duration = Duration::from_secs(15 * 60);
/// A sign of life after so long without an event: proxies and clients give up on a silent connection.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Between two looks at the journal, so that one reader costs the same however much happens.
const PAUSE: Duration = Duration::from_millis(20);
/// Events that are read at once. What one reader makes this process hold is bounded by two times as many.
const BATCH: u32 = 50;

/// One reader with its place among the events.
pub(crate) struct Stream {
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) configuration: Arc<ArcSwap<Configuration>>,
    pub(crate) stopping: Shutdown,
    pub(crate) ids: EventIds,
    pub(crate) partner: Arc<Partner>,
    /// The partner, or the partner that tests.
    pub(crate) sender: Arc<str>,
    pub(crate) after: Cursor,
    pub(crate) place: OwnedSemaphorePermit,
}

impl Stream {
    /// The answer's body, with a task that feeds it until the stream ends or nobody reads it any more.
    pub(crate) fn begin(self) -> ResponseBody {
        let (pieces, body) = mpsc::channel(1);
        tokio::spawn(async move {
            let stopping = self.stopping.clone();
            tokio::select! {
                () = self.tell(&pieces) => {}
                () = stopping.begun() => {}
                () = sleep(LIFE) => {}
                () = pieces.closed() => {}
            }
        });
        ResponseBody::Coming(body)
    }

    async fn tell(mut self, pieces: &mpsc::Sender<Bytes>) {
        let mut changes = self.journal.changes();
        // This id lets a reader resume from here even if it has received no event yet.
        let mut piece = format!("retry: 1000\nid: {}\n\n", self.ids.id(&self.sender, self.after));
        let mut quiet_until = Instant::now() + HEARTBEAT;
        while self.is_welcome() {
            if !piece.is_empty() {
                if pieces.send(std::mem::take(&mut piece).into()).await.is_err() {
                    return;
                }
                quiet_until = Instant::now() + HEARTBEAT;
            }
            changes.mark_unchanged();
            let events = match self.journal.events(Some(self.after), Some(&self.sender), BATCH).await {
                Ok(events) => events,
                Err(error) => {
                    tracing::warn!(partner = &*self.partner.name, %error, "a stream of events ends");
                    return;
                }
            };
            match events.last() {
                Some(last) => {
                    self.after = last.cursor;
                    piece = self.written(&events);
                }
                None => tokio::select! {
                    changed = changes.changed() => match changed {
                        Ok(()) => sleep(PAUSE).await,
                        // The journal has been closed.
                        Err(_) => return,
                    },
                    () = sleep_until(quiet_until) => piece.push_str(":\n\n"),
                },
            }
        }
        drop(self.place);
    }

    /// Whether the partner is still the one that was let in.
    fn is_welcome(&self) -> bool {
        let configuration = self.configuration.load();
        configuration.partners.get(&*self.partner.name).is_some_and(|now| now.has_the_policy_of(&self.partner))
    }

    fn written(&self, events: &[Event]) -> String {
        let mut text = String::new();
        for Event { cursor, event } in events {
            let (id, data) = (self.ids.id(&self.sender, *cursor), cloud_event::render(event));
            // Writing to a String cannot fail.
            let _ = write!(text, "id: {id}\nevent: {}\ndata: {data}\n\n", event.kind);
        }
        text
    }
}
