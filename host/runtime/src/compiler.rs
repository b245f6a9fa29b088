//! Where components are turned into native code. The compiler is the first that works through a plugin's every byte, and
//! code can be written to keep it busy for ever or to fill the memory. So a gateway compiles in a process of its own, whose
//! memory and time are capped and which has nothing that could be taken: no environment, no open file but its input and
//! output, no secret. Tools and tests, whose user wrote the plugin, compile in their own process.
//!
//! What comes back is native code, trusted as far as the compiler is; the key of the cache never goes to that process.

use std::path::{Path, PathBuf};

use portgate_core::policy::Compilation;

use crate::refusal::Refusal;

mod child;
mod process;

pub use child::compile_confined;

/// Where components are compiled.
#[derive(Clone, Debug)]
pub enum Compiler {
    /// In this process, and without caps.
    InProcess,
    /// In a process of its own, within caps.
    Process {
        /// The program, by its absolute path. Its command [`Compiler::COMMAND`] must end in [`compile_confined`].
        program: PathBuf,
        /// What one component may take.
        caps: Compilation,
    },
}

impl Compiler {
    /// The command by which a program compiles for its parent.
    pub const COMMAND: &str = "compile-component";

    /// Native code for a component; `folder` is for temporary files that nobody else should see.
    pub(crate) fn compile(&self, wasm: &wasmtime::Engine, component: &[u8], folder: &Path) -> Result<Vec<u8>, Refusal> {
        match self {
            Compiler::InProcess => {
                let compiled = wasm.precompile_component(component);
                compiled.map_err(|error| Refusal::Uncompilable(format!("{error:#}")))
            }
            Compiler::Process { program, caps } => process::compile(program, caps, component, folder),
        }
    }
}
