#![doc = include_str!("../README.md")]
#![cfg_attr(not(test), deny(clippy::unwrap_used))]

extern crate self as portgate_sdk;

pub mod agreement;
#[doc(hidden)]
pub mod boundary;
pub mod codes;
mod context;
mod decoded;
mod delivery;
mod document;
pub mod edi;
mod finding;
mod json;
mod judgement;
pub mod log;
#[cfg(target_arch = "wasm32")]
mod memory;
mod message;
pub mod names;
mod panic;
mod part;
mod plugin;
mod pointer;
pub mod reference;
pub mod territory;
#[cfg(not(target_arch = "wasm32"))]
pub mod testkit;
pub mod time;
pub mod xml;

pub use context::{Context, Placed};
pub use decoded::{Decoded, Yields};
pub use delivery::{FollowUp, Outcome, Place, Request, Response, Target, Verdict};
pub use document::Document;
pub use finding::{Finding, Mistake, Rejection, Severity};
pub use judgement::{Composition, Judge, Judgement};
pub use message::{Header, Message};
pub use part::{Part, PartVerdict, Reply};
pub use plugin::{Composer, Connector, Rules};
pub use pointer::Pointer;
pub use portgate_acknowledgements as acknowledgement;
pub use portgate_canonical as canonical;
pub use portgate_readers::Anomaly;

pub use edi::{edifact, x12};
