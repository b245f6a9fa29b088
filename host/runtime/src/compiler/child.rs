//! The child's side: takes everything away from itself that compiling does not need, then compiles.

use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::sys::prctl::{set_dumpable, set_no_new_privs, set_pdeathsig};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::Signal;
use portgate_core::policy::Compilation;

use super::Compiler;
use crate::settings;

/// What is said when memory runs out: by the standard library before the process aborts, by the compiler, by the system.
pub(super) const OUT_OF_MEMORY: [&str; 3] = ["memory allocation of", "out of memory", "os error 12"];

/// The caps as they stand on the command line.
pub(super) struct ConfinedBy {
    memory_bytes: u64,
    cpu_seconds: u64,
}

impl From<&Compilation> for ConfinedBy {
    fn from(caps: &Compilation) -> Self {
        ConfinedBy { memory_bytes: caps.memory_bytes_max, cpu_seconds: caps.cpu_seconds_max.into() }
    }
}

impl ConfinedBy {
    pub(super) fn arguments(&self) -> [String; 2] {
        [self.memory_bytes.to_string(), self.cpu_seconds.to_string()]
    }
}

/// Compiles the component on standard input to standard output, within a memory of so many bytes and so many seconds on a
/// processor. For a process that does nothing else.
///
/// # Errors
///
/// Why it cannot be compiled, in one line.
pub fn compile_confined(memory_bytes: u64, cpu_seconds: u64) -> Result<(), String> {
    let confined = ConfinedBy { memory_bytes, cpu_seconds };
    if !confined.holds()? {
        // The limits must hold from the program's first instruction on, so that no memory was set aside before.
        return Err(confined.start_anew());
    }
    let said = |error: nix::Error| format!("the compiler cannot be confined: {error}");
    // No file can be opened any more, and no core of it is written.
    setrlimit(Resource::RLIMIT_NOFILE, 0, 0).map_err(said)?;
    set_dumpable(false).and_then(|()| set_no_new_privs()).map_err(said)?;
    set_pdeathsig(Signal::SIGKILL).map_err(said)?;
    compile(io::stdin().lock(), io::stdout().lock())
}

impl ConfinedBy {
    fn limits(&self) -> [(Resource, u64); 4] {
        [
            (Resource::RLIMIT_AS, self.memory_bytes),
            (Resource::RLIMIT_CPU, self.cpu_seconds),
            (Resource::RLIMIT_FSIZE, self.memory_bytes),
            (Resource::RLIMIT_CORE, 0),
        ]
    }

    /// Whether this process runs under these limits, or narrower ones, since it began.
    fn holds(&self) -> Result<bool, String> {
        let mut holds = true;
        for (resource, limit) in self.limits() {
            let (soft, _) = getrlimit(resource).map_err(|error| format!("limits cannot be read: {error}"))?;
            holds &= soft <= limit;
        }
        Ok(holds)
    }

    /// Sets the limits for good and starts this program once more under them. Comes back only if it cannot.
    fn start_anew(&self) -> String {
        for (resource, limit) in self.limits() {
            // A second between the two limits on processor time, so that the signal says which limit it was.
            let last = if resource == Resource::RLIMIT_CPU { limit.saturating_add(1) } else { limit };
            // A narrower one that holds already stays.
            let set = getrlimit(resource).and_then(|(_, hard)| setrlimit(resource, limit.min(hard), last.min(hard)));
            if let Err(error) = set {
                return format!("the compiler cannot be confined: {error}");
            }
        }
        let error =
            Command::new("/proc/self/exe").arg0("portgate").arg(Compiler::COMMAND).args(self.arguments()).exec();
        format!("the compiler cannot be started within its limits: {error}")
    }
}

fn compile(mut input: impl Read, mut output: impl Write) -> Result<(), String> {
    let mut component = Vec::new();
    input.read_to_end(&mut component).map_err(|error| format!("the component cannot be read: {error}"))?;
    let engine = wasmtime::Engine::new(&settings::compiling()).map_err(|error| format!("{error:#}"))?;
    let artefact = engine.precompile_component(&component).map_err(|error| format!("{error:#}"))?;
    output.write_all(&artefact).and_then(|()| output.flush()).map_err(|error| error.to_string())
}
