//! Portgate's side of HTTP: what listens, frames, authenticates and bounds a connection. What a request means is not
//! decided here.
//!
//! [`connection`] gives whoever answers only requests whose framing is beyond doubt, [`body`] reads their bodies within
//! limits, [`auth`] says which partner a credential proves, with what [`secrets`] and [`tls`] read from files.

pub mod auth;
pub mod body;
pub mod connection;
pub mod log;
pub mod secrets;
pub mod tls;
mod trailer_fields;
pub mod validity;
