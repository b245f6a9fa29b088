//! Hostile plugins, built from source: each is refused when it is loaded, or ends its own call with an error of its own
//! within its budget, and the very next call of a good plugin succeeds.
//!
//! `plugin` is a Rust crate that misbehaves on request, built by `make plugins`; what needs exact bytes is crafted from
//! WebAssembly text in `craft`. `trust`, `rollback` and `compile` are about who may place a plugin here and what it costs
//! to look at it. `gateway` shows the same over the network: which problem a partner is told.

mod admission;
mod boundary;
mod codes;
mod compile;
mod craft;
mod delivery;
mod fields;
mod forgetting;
mod gateway;
mod isolation;
mod kept;
mod misdeeds;
mod packs;
mod rig;
mod rollback;
mod trust;
