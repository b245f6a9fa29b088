//! What a plugin's own tests need, outside the sandbox: the stand-ins for the host, and the runner for the case folders.
//! Not there when the crate is built for WebAssembly.

pub(crate) mod doubles;

pub use doubles::{Line, Row, logged, provide};
