//! A gateway as a process of its own, which can be killed as a power cut would end it.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::Value;

use crate::Workshop;

/// A running `portgate serve`; killed when it is dropped.
pub struct GatewayProcess {
    child: Child,
    /// The partner API.
    pub partner: SocketAddr,
    /// The operator API.
    pub operator: SocketAddr,
}

/// The gateway's program, beside the tests.
pub fn program() -> PathBuf {
    let tests = std::env::current_exe().expect("a test knows its program");
    let program = tests.parent().and_then(std::path::Path::parent).expect("a target folder").join("portgate");
    assert!(program.exists(), "{} is not there; run `make host` first (`make test` does)", program.display());
    program
}

/// The command that serves a workshop's policies, to be started by another program if `wrapper` names one.
fn command(workshop: &Workshop, wrapper: &[&str]) -> Command {
    let mut command = match wrapper.split_first() {
        None => Command::new(program()),
        Some((wrapper, arguments)) => {
            let mut command = Command::new(wrapper);
            command.args(arguments).arg(program());
            command
        }
    };
    command.arg("serve").arg("--policies").arg(workshop.policies()).args(["--log", "info"]);
    // A group of its own, so that a wrapper and what it runs end together.
    command.process_group(0).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

impl GatewayProcess {
    /// Starts it and waits until it listens. Panics when it does not within a minute, and says what it said.
    pub fn start(workshop: &Workshop) -> Self {
        Self::start_by(workshop, &[])
    }

    /// The same, started by another program with these arguments.
    pub fn start_by(workshop: &Workshop, wrapper: &[&str]) -> Self {
        let mut child = command(workshop, wrapper).spawn().expect("the gateway can be started");
        let output = BufReader::new(child.stderr.take().expect("a pipe"));
        let (lines, said) = mpsc::channel();
        // Goes on reading, so that the gateway never waits for its log to be read.
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let _ = lines.send(line);
            }
        });
        let mut before = Vec::new();
        while let Ok(line) = said.recv_timeout(Duration::from_secs(60)) {
            let json: Value = serde_json::from_str(&line).unwrap_or_default();
            let address = |field: &str| json[field].as_str().and_then(|text| text.parse().ok());
            if let (Some(partner), Some(operator)) = (address("partner"), address("operator")) {
                return GatewayProcess { child, partner, operator };
            }
            before.push(line);
        }
        kill_group(&mut child);
        panic!("the gateway did not start:\n{}", before.join("\n"));
    }

    /// Starts it and kills it after this time, wherever its start has come to.
    pub fn start_and_kill(workshop: &Workshop, after: Duration) {
        let mut child = command(workshop, &[]).stderr(Stdio::null()).spawn().expect("the gateway can be started");
        std::thread::sleep(after);
        kill_group(&mut child);
    }

    /// Kills it (SIGKILL): it gets no chance to finish anything.
    pub fn kill(mut self) {
        kill_group(&mut self.child);
    }

    /// Its process identifier.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for GatewayProcess {
    fn drop(&mut self) {
        kill_group(&mut self.child);
    }
}

fn kill_group(child: &mut Child) {
    if matches!(child.try_wait(), Ok(None)) {
        let group = format!("-{}", child.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
    }
    let _ = child.wait();
}
