//! Every event to a NATS JetStream stream, as a CloudEvent in structured mode (CloudEvents NATS Protocol Binding 1.0).
//!
//! The journal is the outbox: the publisher reads it from the place that it has kept there, publishes, waits for the
//! stream's acknowledgements and only then moves the place on. What was published twice, because the gateway ended in
//! between or because several gateways share the journal, has the same message id, and the stream keeps it once.
//!
//! One connection is one session: when it breaks, what was not acknowledged on it is published anew on the next, so that
//! nothing overtakes on the way. While there is no server that can be trusted ([`trust`]) the events wait in the journal.

mod session;
mod trust;

use std::sync::Arc;
use std::time::Duration;

use portgate_core::audit::{Actor, Entry, Kind, Subject};
use portgate_core::policy::Nats;
use portgate_http::secrets::{SecretError, Secrets};
use portgate_store::{Cursor, JournalError};

use self::session::Session;
use crate::clock::now;
use crate::state::State;

/// The name that the publisher's place is kept under.
const CONSUMER: &str = "nats";
/// Events that are published at once, before their acknowledgements are waited for.
const BATCH: u32 = 200;
/// Between two tries to reach a server, at first and at most.
const PAUSE_MIN: Duration = Duration::from_millis(250);
const PAUSE_MAX: Duration = Duration::from_secs(15);
/// How long a session goes on before the servers' settings are looked at again.
const TRUST_FOR: Duration = Duration::from_secs(60);

/// Why events cannot be published at the moment.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NatsError {
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error("the secret `{0}` is no text")]
    SecretText(String),
    #[error("the secret `{0}` holds no credentials file")]
    Credentials(String),
    #[error("the secret `{0}` holds no URL of a server")]
    Url(String),
    #[error("no connection: {0}")]
    Connect(String),
    /// A server whose acknowledgement would promise too much.
    #[error(transparent)]
    Distrusted(#[from] trust::Distrust),
    #[error("the stream `{stream}` cannot be used: {problem}")]
    Stream { stream: String, problem: String },
    #[error("an event was not taken: {0}")]
    Publish(String),
    #[error("the connection broke")]
    Disconnected,
    #[error("the journal: {0}")]
    Journal(#[from] JournalError),
}

impl NatsError {
    /// Whether a person has to change something, while everything else may pass by itself.
    pub(crate) fn is_settings(&self) -> bool {
        matches!(self, NatsError::Distrusted(distrust) if distrust.is_settings())
    }
}

/// Publishes what there is and what comes.
pub(crate) struct Publisher {
    pub(crate) settings: Nats,
    pub(crate) secrets: Secrets,
    pub(crate) state: Arc<State>,
}

/// Looks at the servers once, before the gateway takes anything: settings that break the promise end the start. A server
/// that cannot be reached does not, since events can wait.
///
/// # Errors
///
/// What is wrong with the servers' or the stream's settings.
pub(crate) async fn check(settings: &Nats, secrets: &Secrets) -> Result<(), NatsError> {
    match Session::open(settings, secrets).await {
        Err(error) if error.is_settings() => Err(error),
        Err(error) => {
            tracing::warn!(%error, "the message broker is not reached; its events wait");
            Ok(())
        }
        Ok(_) => Ok(()),
    }
}

impl Publisher {
    /// Publishes until it is dropped. What it has published and not noted yet is published again, and known by its id.
    pub(crate) async fn run(&self) {
        let mut pause = PAUSE_MIN;
        let mut told = String::new();
        loop {
            let error = match Session::open(&self.settings, &self.secrets).await {
                Ok(session) => {
                    if !told.is_empty() {
                        tracing::info!(server = session.server(), "events are published again");
                        told.clear();
                    }
                    pause = PAUSE_MIN;
                    self.state.audit.note(vec![self.credential_used(session.server())]).await;
                    match tokio::time::timeout(TRUST_FOR, self.publish(&session)).await {
                        // It is opened anew, which looks at the settings again.
                        Err(_) => continue,
                        Ok(Ok(never)) => match never {},
                        Ok(Err(error)) => error,
                    }
                }
                Err(error) => error,
            };
            let text = error.to_string();
            if text != told {
                tracing::warn!(%error, "events are not published; they wait in the journal");
                told = text;
            }
            self.state.metrics.events_unpublished.inc();
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    fn credential_used(&self, server: &str) -> Entry {
        let secrets = std::iter::once(&self.settings.url).chain(&self.settings.credentials);
        let entry = Entry::new(now(), Kind::CredentialUsed, Actor::gateway(), Subject::broker());
        entry.texts("secrets", secrets).text("server", server)
    }

    /// Publishes everything there is and everything that comes.
    async fn publish(&self, session: &Session) -> Result<std::convert::Infallible, NatsError> {
        let mut changes = self.state.journal.changes();
        let mut place = Cursor::default();
        loop {
            changes.mark_unchanged();
            // Another gateway on the same journal may have come further.
            place = place.max(self.state.journal.position(CONSUMER).await?.unwrap_or_default());
            let events = self.state.journal.events(Some(place), None, BATCH).await?;
            let Some(last) = events.last().map(|event| event.cursor) else {
                tokio::select! {
                    changed = changes.changed() => changed.map_err(|_| NatsError::Disconnected)?,
                    () = session.broken() => return Err(NatsError::Disconnected),
                }
                continue;
            };
            session.publish(&events).await?;
            self.state.journal.advance(CONSUMER, last).await?;
            self.state.metrics.events_published.inc_by(events.len() as u64);
            place = last;
        }
    }
}
