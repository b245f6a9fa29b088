//! A server of this run: started on its core, awaited, asked for its processor time, and ended with the run.

use std::fs::File;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::failure::Failure;
use crate::tools::Tools;

const START_MAX: Duration = Duration::from_secs(60);
/// The kernel counts processor time in these, on every architecture that matters here (USER_HZ).
const TICKS_PER_SECOND: f64 = 100.0;

/// A running server. Dropping it ends it.
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `program` on `cores`, a list such as `0` or `0,1`; what it prints goes to `<name>.log` in `folder`. Returns
    /// once it listens.
    ///
    /// # Errors
    ///
    /// When it ends, or does not listen within a minute; with the end of what it printed.
    pub fn start(
        name: &str,
        program: &Path,
        arguments: &[&str],
        tools: &Tools,
        cores: &str,
        folder: &Path,
        listens_on: SocketAddr,
    ) -> Result<Process, Failure> {
        let log = folder.join(format!("{name}.log"));
        let output = File::create(&log)?;
        // taskset becomes the program, so the child is the program itself.
        let child = Command::new(&tools.taskset)
            .args(["--cpu-list", cores])
            .arg(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()?;
        let mut process = Process { name: name.to_owned(), child, log };
        process.wait_until_it_listens(listens_on)?;
        Ok(process)
    }

    /// Keeps its first thread to one core; the others stay as they are.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub fn keep_first_thread_on(&self, core: u32, tools: &Tools) -> Result<(), Failure> {
        let (core, first) = (core.to_string(), self.child.id().to_string());
        let output = Command::new(&tools.taskset).args(["--cpu-list", "--pid", &core, &first]).output()?;
        match output.status.success() {
            true => Ok(()),
            false => Err(Failure::step("taskset", String::from_utf8_lossy(&output.stderr))),
        }
    }

    fn wait_until_it_listens(&mut self, address: SocketAddr) -> Result<(), Failure> {
        let start = Instant::now();
        while TcpStream::connect(address).is_err() {
            let ended = self.child.try_wait()?.map(|status| format!("it ended ({status})"));
            let late = (start.elapsed() > START_MAX).then(|| format!("not listening on {address} after a minute"));
            if let Some(reason) = ended.or(late) {
                return Err(Failure::step(
                    format!("starting {}", self.name),
                    format!("{reason}\n{}", self.last_words()),
                ));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// The end of what it printed.
    pub fn last_words(&self) -> String {
        let text = std::fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
    }

    /// Processor time of all its threads so far, in seconds, to a hundredth.
    ///
    /// # Errors
    ///
    /// When it is gone.
    pub fn processor_seconds(&self) -> Result<f64, Failure> {
        processor_seconds(self.child.id())
    }
}

/// Processor time of a process so far, in seconds, to a hundredth.
///
/// # Errors
///
/// When there is no such process.
pub fn processor_seconds(id: u32) -> Result<f64, Failure> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
    // proc_pid_stat(5): fields 14 and 15; the name, field 2, stands in brackets and may hold blanks.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks: u64 = fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Ok(ticks as f64 / TICKS_PER_SECOND)
}

impl Drop for Process {
    fn drop(&mut self) {
        // It holds nothing worth keeping, and may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
