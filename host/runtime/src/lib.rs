//! The sandbox: the only crate that knows the WebAssembly engine.
//!
//! [`Engine::admit`] looks a component over before a byte of it is compiled: who vouches for it, its manifest, whether its
//! version goes back, what it imports and exports against what its policy grants and the ceiling allows. What is admitted
//! is a [`Plugin`], compiled once, in a process of its own where the [`Compiler`] is one, and kept in an authenticated
//! cache. Every call of a plugin runs in a store and an instance of its own that are
//! thrown away afterwards, under limits on memory, tables, processor time, clock time, output, log and look-ups. No
//! WASI is linked: there is nothing to turn off.
//!
//! What this crate does not do: decide about policies (`portgate-core` does), check documents against their schemas
//! (whoever called does), or touch the network.

mod admission;
mod bindings;
mod cache;
mod call;
mod compiler;
mod connector;
mod engine;
mod host;
mod inspection;
mod limiter;
mod one_call;
mod output;
mod plugin;
mod processor;
mod refusal;
mod sandbox;
mod settings;
mod signature;
mod sniff;
mod tables;
mod trust;

pub use admission::{Admission, Grounds};
pub use call::{Call, CallError, LogLevel, LogLine, Usage};
pub use compiler::{Compiler, compile_confined};
pub use engine::{Engine, EngineConfig, EngineError};
pub use inspection::{Inspection, Unreadable, inspect_component};
pub use one_call::{UnreadableModule, for_one_call};
pub use plugin::{Plugin, Shown};
pub use portgate_core::reference::TableError;
pub use refusal::{Overrun, Refusal};
pub use signature::{BadKey, BadSignatures, Signatures, Signer, Signers, SigningKey, Unsignable, VerifyingKey};
pub use tables::Tables;
pub use trust::{Distrust, Vouched, vouch};

/// SHA-256 of a component, as 64 lower-case hexadecimal digits: what policies pin.
pub fn digest(component: &[u8]) -> String {
    portgate_core::sha256::sha256_hex(component)
}
