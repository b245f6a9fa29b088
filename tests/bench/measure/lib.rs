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

use crate::failure::Failure;

/// A loopback address that nobody listens on at this moment.
///
/// # Errors
///
/// When there is none.
pub fn free_address() -> Result<SocketAddr, Failure> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}
