//! The limits of the connection layer, taken from the gateway's policy.

use std::time::Duration;

use portgate_core::policy::{Caps, Deadlines};

/// What one listener and each of its connections may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// Open connections; at least one. One over which nobody was proven makes room for the next.
    pub connections_max: usize,
    /// Concurrent HTTP/2 streams of one connection.
    pub streams_max: u32,
    /// HTTP/2 requests of one connection that the client took back before they were answered, less those answered;
    /// one more ends the connection.
    pub abandoned_max: u32,
    /// A request's head, in bytes.
    pub head_bytes_max: u32,
    /// Header fields of a request.
    pub headers_max: u32,
    /// From the accepted connection, or the last answer, to the first byte of a request.
    pub first_byte: Duration,
    /// From the first byte to the end of the head; also the TLS handshake, and the reply to an HTTP/2 ping.
    pub head: Duration,
    /// How long bytes for the client may wait without it taking any.
    pub write_stall: Duration,
    /// While bytes wait, the client must take at least this many in a second, in the mean.
    pub write_rate_bytes_per_second_min: u64,
    /// The whole life of an HTTP/2 stream, the answer's way included.
    pub stream: Duration,
    /// How long requests in flight may go on after the signal to stop.
    pub shutdown: Duration,
}

/// A client may always take back this many requests, however few streams it may have.
const ABANDONED_ALWAYS_FORGIVEN: u32 = 100;

impl ConnectionLimits {
    /// The limits that the policy sets. An answer has the same time and minimum rate as a request's body.
    pub fn new(deadlines: &Deadlines, caps: &Caps) -> ConnectionLimits {
        ConnectionLimits {
            connections_max: usize::try_from(caps.connections_max).unwrap_or(usize::MAX),
            streams_max: caps.streams_per_connection_max,
            abandoned_max: caps.streams_per_connection_max.max(ABANDONED_ALWAYS_FORGIVEN),
            head_bytes_max: caps.head_bytes_max,
            headers_max: caps.headers_max,
            first_byte: Duration::from_millis(deadlines.first_byte_ms),
            head: Duration::from_millis(deadlines.head_ms),
            write_stall: Duration::from_millis(deadlines.body_ms),
            write_rate_bytes_per_second_min: deadlines.body_rate_bytes_per_second_min,
            stream: Duration::from_millis(deadlines.request_ms.saturating_add(deadlines.body_ms)),
            shutdown: Duration::from_millis(deadlines.shutdown_ms),
        }
    }
}
