//! What happens, told to whoever listens, as CloudEvents: to partners as they read, to their webhooks, and to a message
//! broker of the company's own.

pub(crate) mod cloud_event;
mod id;
mod shipment;
mod stream;

pub(crate) use id::{EventIds, KEY_PURPOSE};
pub(crate) use shipment::{OfShipment, place_of};
pub(crate) use stream::{OfPartner, Stream};
