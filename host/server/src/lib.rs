//! The HTTP server of the gateway: connections, tokens, the chain of stages, problems, the operator API.

pub mod auth;
pub mod body;
pub mod connection;
pub mod secrets;
pub mod tls;
