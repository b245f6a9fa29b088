//! One connection to the broker, from the look at its servers' settings until it breaks.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use async_nats::jetstream::Context;
use async_nats::jetstream::context::{ContextBuilder, PublishError};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::{Config, StorageType};
use async_nats::{ConnectOptions, Event as ConnectionEvent, ServerAddr};
use portgate_core::policy::Nats;
use portgate_core::sender;
use portgate_http::secrets::Secrets;
use portgate_store::{Event, NewEvent};
use tokio::sync::Notify;

use super::{NatsError, trust};
use crate::events::cloud_event;

/// To connect, and for one request to the stream.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How long a stream that is made here knows a message id again: longer than a gateway is likely to be down between a
/// publication and the note of it.
const KNOWN_AGAIN_FOR: Duration = Duration::from_secs(24 * 3600);
/// What a stream that others made must know a message id again for.
const KNOWN_AGAIN_FOR_MIN: Duration = Duration::from_secs(120);
const DAY: Duration = Duration::from_secs(24 * 3600);
/// What a message's headers take of the size that a server allows, in bytes, generously.
const HEADER_BYTES_MAX: usize = 512;

/// The text of a secret, looked up where waiting for a file does no harm.
async fn text_of(secrets: &Secrets, reference: &str) -> Result<String, NatsError> {
    let (secrets, named) = (secrets.clone(), reference.to_owned());
    let secret = tokio::task::spawn_blocking(move || secrets.resolve(&named)).await;
    let secret = secret.map_err(|_| NatsError::SecretText(reference.to_owned()))??;
    secret.text().map(str::to_owned).ok_or_else(|| NatsError::SecretText(reference.to_owned()))
}

/// A connection whose servers keep what they acknowledge.
pub(super) struct Session {
    context: Context,
    subject: String,
    server: String,
    broken: Arc<Notify>,
    payload_bytes_max: usize,
}

impl Session {
    pub(super) async fn open(settings: &Nats, secrets: &Secrets) -> Result<Session, NatsError> {
        let addresses = text_of(secrets, &settings.url).await?;
        let addresses: Result<Vec<ServerAddr>, _> = addresses.split(',').map(|url| url.trim().parse()).collect();
        // The parser's own words could quote a password.
        let addresses = addresses.map_err(|_| NatsError::Url(settings.url.clone()))?;
        let broken = Arc::new(Notify::new());
        let notify = Arc::clone(&broken);
        let connected = Arc::new(AtomicBool::new(false));
        let is_connected = Arc::clone(&connected);
        let mut options = ConnectOptions::new()
            .name("portgate")
            .connection_timeout(TIMEOUT)
            .request_timeout(Some(TIMEOUT))
            // A connection that broke is given up and not mended: what waits in it could overtake what was lost.
            .reconnect_delay_callback(move |_| if connected.load(Relaxed) { DAY } else { Duration::ZERO })
            .event_callback(move |event| {
                let notify = Arc::clone(&notify);
                async move {
                    if matches!(event, ConnectionEvent::Disconnected | ConnectionEvent::Closed) {
                        notify.notify_one();
                    }
                }
            });
        if let Some(reference) = &settings.credentials {
            let credentials = text_of(secrets, reference).await?;
            options = options.credentials(&credentials).map_err(|_| NatsError::Credentials(reference.clone()))?;
        }
        let client = options.connect(addresses).await.map_err(|error| NatsError::Connect(error.to_string()))?;
        is_connected.store(true, Relaxed);
        let info = client.server_info();
        let context = ContextBuilder::new().timeout(TIMEOUT).ack_timeout(TIMEOUT).build(client);
        let keepers = keepers(&context, settings).await?;
        trust::check(&settings.monitoring, &info.server_id, &keepers).await?;
        Ok(Session {
            context,
            subject: settings.subject.clone(),
            server: info.server_name,
            broken,
            payload_bytes_max: info.max_payload,
        })
    }

    /// The name of the server that is connected.
    pub(super) fn server(&self) -> &str {
        &self.server
    }

    /// Completes when the connection has broken.
    pub(super) async fn broken(&self) {
        self.broken.notified().await;
    }

    /// Publishes in this order, and is done when the stream has all of them.
    pub(super) async fn publish(&self, events: &[Event]) -> Result<(), NatsError> {
        let all = async {
            let mut acknowledgements = Vec::with_capacity(events.len());
            // Who listens there takes what it hears for real.
            for Event { event, .. } in events.iter().filter(|listed| !sender::is_test(&listed.event.partner)) {
                let message = PublishMessage::build()
                    .message_id(event.id.to_string())
                    .header("content-type", "application/cloudevents+json")
                    .payload(self.payload(event).into());
                let subject = format!("{}.{}.{}", self.subject, event.partner, event.kind);
                acknowledgements.push(self.context.send_publish(subject, message).await.map_err(not_taken)?);
            }
            for acknowledgement in acknowledgements {
                acknowledgement.await.map_err(not_taken)?;
            }
            Ok(())
        };
        tokio::select! {
            published = all => published,
            () = self.broken() => Err(NatsError::Disconnected),
        }
    }

    /// The event; without its data where it is more than a server takes, so that it does not stand in the way of all that
    /// follow.
    fn payload(&self, event: &NewEvent) -> String {
        let whole = cloud_event::render(event);
        match whole.len() + HEADER_BYTES_MAX > self.payload_bytes_max {
            true => cloud_event::render_without_data(event),
            false => whole,
        }
    }
}

fn not_taken(error: PublishError) -> NatsError {
    NatsError::Publish(error.to_string())
}

/// Makes sure that there is a stream that keeps what it takes, and names the servers that keep it; none where the server
/// is not in a cluster.
async fn keepers(context: &Context, settings: &Nats) -> Result<Vec<String>, NatsError> {
    let unusable = |problem: String| NatsError::Stream { stream: settings.stream.clone(), problem };
    let wanted = Config {
        name: settings.stream.clone(),
        subjects: vec![format!("{}.>", settings.subject)],
        storage: StorageType::File,
        num_replicas: settings.replicas as usize,
        max_age: DAY * settings.keep_days,
        duplicate_window: KNOWN_AGAIN_FOR,
        description: Some("Events of Portgate, as CloudEvents".to_owned()),
        ..Config::default()
    };
    let mut stream = context.get_or_create_stream(wanted).await.map_err(|error| unusable(error.to_string()))?;
    let info = stream.info().await.map_err(|error| unusable(error.to_string()))?;
    trust::check_stream(&info.config, &settings.subject, KNOWN_AGAIN_FOR_MIN)?;
    let cluster = info.cluster.iter().filter(|cluster| cluster.name.is_some());
    let names = cluster.flat_map(|cluster| {
        let replicas = cluster.replicas.iter().map(|peer| peer.name.clone());
        cluster.leader.iter().cloned().chain(replicas)
    });
    Ok(names.collect())
}
