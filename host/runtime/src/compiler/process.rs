//! The parent's side: starts the process, waits until its time is over at the latest, and says how it ended.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use portgate_core::policy::Compilation;

use super::Compiler;
use super::child::{ConfinedBy, OUT_OF_MEMORY};
use crate::refusal::{Overrun, Refusal};

/// How often the process is looked after.
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// The most that is read of what it complains about.
const COMPLAINT_BYTES_MAX: u64 = 2_000;

/// Compiles in a process of its own. Everything goes through files without a name, so that neither side waits for the
/// other to read, and a killed process leaves nothing behind.
pub(super) fn compile(program: &Path, caps: &Compilation, component: &[u8], folder: &Path) -> Result<Vec<u8>, Refusal> {
    let failed = |error: io::Error| Refusal::Compiler(error.to_string());
    let mut input = tempfile::tempfile_in(folder).map_err(failed)?;
    input.write_all(component).and_then(|()| input.rewind()).map_err(failed)?;
    let (mut output, mut complaint) =
        (tempfile::tempfile_in(folder).map_err(failed)?, tempfile::tempfile_in(folder).map_err(failed)?);
    let started = start(program, caps, input, &output, &complaint);
    let mut child = started.map_err(|error| Refusal::Compiler(format!("{}: {error}", program.display())))?;
    let deadline = Instant::now() + Duration::from_secs(caps.wall_seconds_max.into());
    let Some(status) = wait(&mut child, deadline).map_err(failed)? else {
        return Err(Refusal::Overrun(Overrun::Clock(caps.wall_seconds_max)));
    };
    if status.success() {
        let mut artefact = Vec::new();
        output.rewind().and_then(|()| output.read_to_end(&mut artefact)).map_err(failed)?;
        return Ok(artefact);
    }
    let mut said = Vec::new();
    complaint.rewind().and_then(|()| complaint.take(COMPLAINT_BYTES_MAX).read_to_end(&mut said)).map_err(failed)?;
    Err(meaning(status, String::from_utf8_lossy(&said).trim(), caps))
}

fn start(program: &Path, caps: &Compilation, input: File, output: &File, complaint: &File) -> io::Result<Child> {
    let mut command = Command::new(program);
    command.arg0("portgate").arg(Compiler::COMMAND).args(ConfinedBy::from(caps).arguments());
    command.env_clear().current_dir("/");
    command.stdin(input).stdout(Stdio::from(output.try_clone()?)).stderr(Stdio::from(complaint.try_clone()?));
    command.spawn()
}

/// Waits until the process has ended, or kills it when its time is over.
fn wait(child: &mut Child, deadline: Instant) -> io::Result<Option<ExitStatus>> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= deadline {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(LOOK_EVERY);
    }
}

fn meaning(status: ExitStatus, said: &str, caps: &Compilation) -> Refusal {
    let signal = status.signal().and_then(|signal| Signal::try_from(signal).ok());
    match signal {
        Some(Signal::SIGXCPU) => Refusal::Overrun(Overrun::Processor(caps.cpu_seconds_max)),
        // The artefact is a file; it is no larger than the memory that it was made in.
        Some(Signal::SIGXFSZ) => Refusal::Overrun(Overrun::Memory(caps.memory_bytes_max)),
        _ if OUT_OF_MEMORY.iter().any(|words| said.contains(words)) => {
            Refusal::Overrun(Overrun::Memory(caps.memory_bytes_max))
        }
        Some(signal) => Refusal::Uncompilable(format!("the compiler ended by {signal}; {said}")),
        None if said.is_empty() => Refusal::Compiler(format!("the compiler ended with {status}")),
        None => Refusal::Uncompilable(said.to_owned()),
    }
}
