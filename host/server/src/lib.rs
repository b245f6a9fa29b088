//! The HTTP server of the gateway: connections, tokens, the chain of stages, problems, the operator API.

pub mod body;
pub mod tls;
