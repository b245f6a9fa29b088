//! What happens, told to whoever listens, as CloudEvents: to partners as they read ([`stream`]) and to a message broker
//! ([`nats`]). Webhooks are deliveries like any other, so [`webhook`] only writes them.

mod cloud_event;
mod stream;

pub(crate) use stream::Stream;
