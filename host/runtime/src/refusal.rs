//! Why a component is not admitted.

use std::fmt;

use portgate_core::admission::Setback;
use portgate_core::capability::Excess;

use crate::inspection::Unreadable;
use crate::trust::Distrust;

/// Why a component is not admitted. Found before a byte of it is compiled, the last five excepted.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The file is larger than any component may be.
    #[error("the component has {bytes} bytes; at most {bytes_max} are taken")]
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The most.
        bytes_max: u64,
    },
    /// Nothing that its policy names vouches for it.
    #[error("the component is refused: {0}")]
    Distrusted(#[from] Distrust),
    /// It cannot be looked into.
    #[error("the component is refused: {0}")]
    Unreadable(#[from] Unreadable),
    /// It carries another plugin's manifest.
    #[error("the component is the plugin `{found}`, but the policy is for `{expected}`")]
    OtherPlugin {
        /// The manifest's name.
        found: String,
        /// The policy's name.
        expected: String,
    },
    /// Its version goes back.
    #[error("the component is refused: {0}")]
    Setback(#[from] Setback),
    /// It wants or uses what it may not have.
    #[error("the component is refused: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Excess(Vec<Excess>),
    /// It needs a table that there is not.
    #[error("the plugin wants the reference table `{0}`, which gateway.toml does not define (tables)")]
    NoSuchTable(String),
    /// Compiling it takes more than it may.
    #[error("the component is refused: compiling it takes more than {0}")]
    Overrun(Overrun),
    /// The process that compiles cannot be run.
    #[error("the component could not be compiled: {0}")]
    Compiler(String),
    /// The engine cannot compile it or give it a sandbox.
    #[error("the component cannot be compiled: {0}")]
    Uncompilable(String),
    /// Its functions have other parameters or results than those of its world.
    #[error("the component does not fit its world, rebuild it with this version's SDK: {0}")]
    Unfit(String),
    /// The cache cannot be written.
    #[error("the cache of compiled components cannot be used: {0}")]
    Cache(std::io::Error),
}

/// The resource of which a component took more than it may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Overrun {
    /// Bytes of memory.
    Memory(u64),
    /// Seconds on a processor.
    Processor(u32),
    /// Seconds on the clock.
    Clock(u32),
}

impl fmt::Display for Overrun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let from = |key: &str| format!("(gateway.toml, compilation.{key})");
        match self {
            Overrun::Memory(bytes) => write!(f, "{bytes} bytes of memory {}", from("memory_bytes_max")),
            Overrun::Processor(seconds) => write!(f, "{seconds} s on a processor {}", from("cpu_seconds_max")),
            Overrun::Clock(seconds) => write!(f, "{seconds} s {}", from("wall_seconds_max")),
        }
    }
}
