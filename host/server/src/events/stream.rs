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
use async_trait::async_trait;
use bytes::Bytes;
use portgate_http::connection::{ResponseBody, Shutdown};
use portgate_store::{Cursor, Event, Journal, JournalError};
use tokio::sync::{OwnedSemaphorePermit, mpsc, watch};
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
pub(super) const BATCH: u32 = 50;

/// What a stream tells.
#[async_trait]
pub(crate) trait Telling: Send + 'static {
    /// The id of the place up to which it has told, from which a reader goes on.
    fn place(&self) -> String;

    /// What there is behind that place.
    async fn news(&mut self) -> Result<News, JournalError>;
}

/// What there is to tell.
pub(crate) enum News {
    /// Nothing yet.
    None,
    /// This, as it is written.
    Some(String),
    /// Nothing any more: the reader may not see it.
    Over,
}

/// Writes one event down.
pub(super) fn write(text: &mut String, id: &str, kind: &str, data: &str) {
    // Writing to a String cannot fail.
    let _ = write!(text, "id: {id}\nevent: {kind}\ndata: {data}\n\n");
}

/// One reader, with one of its partner's places.
pub(crate) struct Stream {
    pub(crate) configuration: Arc<ArcSwap<Configuration>>,
    pub(crate) stopping: Shutdown,
    /// Says when it is worth a look.
    pub(crate) changes: watch::Receiver<u64>,
    pub(crate) partner: Arc<Partner>,
    pub(crate) place: OwnedSemaphorePermit,
}

impl Stream {
    /// The answer's body, with a task that feeds it until the stream ends or nobody reads it any more.
    pub(crate) fn begin(self, telling: impl Telling) -> ResponseBody {
        let (pieces, body) = mpsc::channel(1);
        tokio::spawn(async move {
            let stopping = self.stopping.clone();
            tokio::select! {
                () = self.tell(telling, &pieces) => {}
                () = stopping.begun() => {}
                () = sleep(LIFE) => {}
                () = pieces.closed() => {}
            }
        });
        ResponseBody::Coming(body)
    }

    async fn tell(mut self, mut telling: impl Telling, pieces: &mpsc::Sender<Bytes>) {
        // This id lets a reader resume from here even if it has received no event yet.
        let mut piece = format!("retry: 1000\nid: {}\n\n", telling.place());
        let mut quiet_until = Instant::now() + HEARTBEAT;
        while self.is_welcome() {
            if !piece.is_empty() {
                if pieces.send(std::mem::take(&mut piece).into()).await.is_err() {
                    return;
                }
                quiet_until = Instant::now() + HEARTBEAT;
            }
            self.changes.mark_unchanged();
            match telling.news().await {
                Ok(News::Some(written)) => piece = written,
                Ok(News::Over) => return,
                Err(error) => {
                    tracing::warn!(partner = &*self.partner.name, %error, "a stream of events ends");
                    return;
                }
                Ok(News::None) => tokio::select! {
                    changed = self.changes.changed() => match changed {
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
}

/// The events of a partner's own exchanges.
pub(crate) struct OfPartner {
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) ids: EventIds,
    /// The partner, or the partner that tests.
    pub(crate) sender: Arc<str>,
    pub(crate) after: Cursor,
}

#[async_trait]
impl Telling for OfPartner {
    fn place(&self) -> String {
        self.ids.id(&self.sender, self.after)
    }

    async fn news(&mut self) -> Result<News, JournalError> {
        let events = self.journal.events(Some(self.after), Some(&self.sender), BATCH).await?;
        let Some(last) = events.last() else { return Ok(News::None) };
        self.after = last.cursor;
        let mut text = String::new();
        for Event { cursor, event } in &events {
            write(&mut text, &self.ids.id(&self.sender, *cursor), &event.kind, &cloud_event::render(event));
        }
        Ok(News::Some(text))
    }
}
