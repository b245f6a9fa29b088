//! Telling a webhook of an event (Standard Webhooks): what is sent is known when the event happens, and of the answer only
//! the status means anything. No plugin has a part in it.

use portgate_core::delivery::Request;

/// What is sent: one CloudEvent. The policy says where it goes, at each attempt anew.
pub fn request(cloud_event: String) -> Request {
    Request {
        method: "POST".to_owned(),
        path: String::new(),
        headers: vec![("content-type".to_owned(), "application/cloudevents+json".to_owned())],
        body: cloud_event.into_bytes(),
    }
}

/// What a receiver's status means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// It has the event.
    Taken,
    /// It wants no more of them.
    Gone,
    /// Not this time.
    Again,
}

/// 2xx has taken it, 410 never will, and everything else is a failure that may pass.
pub(crate) fn told(status: u16) -> Told {
    match status {
        200..=299 => Told::Taken,
        410 => Told::Gone,
        _ => Told::Again,
    }
}
