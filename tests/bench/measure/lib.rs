//! What the benchmarks of whole servers share: cores and programs of the machine, servers of a run, the load, and figures.

pub mod cores;
pub mod failure;
pub mod identity;
pub mod load;
pub mod process;
pub mod spread;
pub mod template;
pub mod tools;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;

use portgate_files::own;

use crate::failure::Failure;

/// A loopback address that nobody listens on at this moment.
///
/// # Errors
///
/// When there is none.
pub fn free_address() -> Result<SocketAddr, Failure> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

/// Writes a secret that policies in this folder can name as `file:NAME`.
///
/// # Errors
///
/// When it cannot be written.
pub fn secret(policies: &Path, name: &str, content: &[u8]) -> Result<(), Failure> {
    let written = own::replace(&policies.join("secrets").join(name), content);
    written.map_err(|error| Failure::step("writing a secret", error.to_string()))
}
