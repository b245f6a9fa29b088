//! The gateway itself: the chain of stages, problems, deliveries, quarantines, the operator API.

mod access;
mod approval;
mod audit;
mod bom;
mod certificates;
mod chain;
mod check;
mod clock;
mod configuration;
mod events;
mod gateway;
mod intake;
mod journal;
mod metrics;
mod nats;
mod observed;
mod operator;
mod outbound;
mod parked;
pub mod problem;
mod quarantine;
mod reading;
mod refusal;
mod refused;
mod reload;
mod server;
mod shed;
mod state;
mod strangers;
mod supervisor;
mod tasks;
mod throttle;
mod trace;

pub use check::check;
pub use configuration::{Folder, document_fields, signers};
pub use server::{Compiling, Server};
