//! Files: how those that are configured are read, and how the gateway's own are kept for their owner alone.
//!
//! A configured file can be anything: a pipe that nobody writes to, a device, a link to nothing, a file on a mount that
//! does not answer any more. So there is one way to read one ([`read()`]): only a plain file is, opened without blocking, up
//! to the size of its [`Kind`], and on a thread that is left behind when the file system does not answer in time
//! ([`apart()`]). A secret must also be its owner's alone ([`read_secret`]).
//!
//! What the gateway writes itself is made for its owner alone whatever the umask is, and checked before it is used ([`own`]).

mod apart;
mod kind;
pub mod locks;
pub mod own;
mod read;
mod secrecy;

pub use apart::{Unanswered, apart, apart_later};
pub use kind::Kind;
pub use read::{Unreadable, plain, read, read_secret, read_secret_of_folder, text, text_of};
pub use secrecy::{Guard, TooOpen};
