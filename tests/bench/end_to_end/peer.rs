//! One of the two that are compared.

use std::net::SocketAddr;

use portgate_bench::load::Target;
use portgate_bench::process::Process;

/// The contract's path, the same on both.
pub(crate) const PATH: &str = "/v1/messages/shopify-order/2024-10";

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Name {
    /// Portgate's forward route.
    Portgate,
    /// Envoy with the Wasm filter.
    Envoy,
}

/// A running peer.
pub(crate) struct Peer {
    pub(crate) name: Name,
    pub(crate) version: String,
    pub(crate) address: SocketAddr,
    pub(crate) process: Process,
}

impl Peer {
    /// What is loaded.
    pub(crate) fn target(&self) -> Target<'_> {
        let name = match self.name {
            Name::Portgate => "Portgate",
            Name::Envoy => "Envoy",
        };
        Target { name, address: self.address, path: PATH, process: &self.process }
    }
}

impl std::fmt::Display for Peer {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.target().name)
    }
}
