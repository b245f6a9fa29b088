//! The decisions of the gateway, as pure functions and the types they speak in.
//!
//! Nothing here does I/O, reads a clock, an environment variable or a random source, or knows of tokio, hyper or
//! wasmtime: what a decision needs is an argument. That is what lets each be tested by itself and replayed.

pub mod address;
pub mod admission;
pub mod agreement;
pub mod approval;
pub mod audit;
pub mod bom;
pub mod calendar;
pub mod capability;
mod checked_toml;
pub mod codes;
pub mod contract;
pub mod delivery;
pub mod document;
pub mod document_fields;
pub mod document_schemas;
pub mod exception;
pub mod expectation;
mod field_pattern;
pub mod filing;
pub mod finding;
mod header;
pub mod interchange;
pub mod judgement;
pub mod lifecycle;
pub mod manifest;
pub mod message;
mod mistake;
pub mod policy;
pub mod projection;
pub mod quarantine;
pub mod reconciliation;
pub mod reference;
pub mod review;
pub mod sender;
pub mod sha256;
pub mod shipment;
pub mod state;
pub mod unread;

/// Strict JSON, and schemas held against it.
pub use portgate_json as json;
use portgate_json::excerpt;
