//! The HTTP server of the gateway: connections, tokens, the chain of stages, problems, the operator API.

mod approval;
mod audit;
pub mod auth;
pub mod body;
mod bom;
mod chain;
mod configuration;
pub mod connection;
mod events;
mod exchange;
mod gateway;
mod journal;
mod metrics;
mod observed;
mod operator;
mod outbound;
mod parked;
pub mod problem;
mod quarantine;
mod reading;
mod refusal;
mod reload;
pub mod secrets;
mod server;
mod strangers;
mod throttle;
pub mod tls;
mod trace;
mod trailer_fields;

/// The target of log events that can quote what a partner sent or a plugin wrote. Like everything that is not the gateway's
/// own, the program leaves them out below `info` unless it is told to log payloads.
pub const PAYLOAD: &str = "payload";

pub use configuration::{Folder, document_fields, signers};
pub use server::{Compiling, Server, check};
