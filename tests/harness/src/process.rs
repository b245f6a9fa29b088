//! A gateway as a process of its own, which can be killed as a power cut would end it.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::{Duration, Instant};

use memchr::memmem;
use serde_json::Value;

use crate::Workshop;

/// A running `portgate serve`; killed when it is dropped.
pub struct GatewayProcess {
    child: Child,
    /// The partner API.
    pub partner: SocketAddr,
    /// The operator API.
    pub operator: SocketAddr,
    log: Arc<Mutex<Vec<String>>>,
}

/// A program that was built beside the tests.
pub fn program(name: &str) -> PathBuf {
    let tests = std::env::current_exe().expect("a test knows its program");
    // Tests are in a folder below that of the programs, benchmarks are beside them.
    let folders = tests.ancestors().skip(1).take(2);
    let program = folders.map(|folder| folder.join(name)).find(|program| program.exists());
    program.unwrap_or_else(|| panic!("{name} is not there; run `make host` first (`make test` does)"))
}

/// The command that serves a workshop's policies, to be started by another program if `wrapper` names one.
fn command(workshop: &Workshop, wrapper: &[&str]) -> Command {
    let mut command = match wrapper.split_first() {
        None => Command::new(program("portgate")),
        Some((wrapper, arguments)) => {
            let mut command = Command::new(wrapper);
            command.args(arguments).arg(program("portgate"));
            command
        }
    };
    command.arg("serve").arg("--policies").arg(workshop.policies()).env("PORTGATE_LOG", "info");
    command
}

impl GatewayProcess {
    /// Starts it and waits until it listens. Panics when it does not within a minute, and says what it said.
    pub fn start(workshop: &Workshop) -> Self {
        Self::start_by(workshop, &[])
    }

    /// The same, started by another program with these arguments.
    pub fn start_by(workshop: &Workshop, wrapper: &[&str]) -> Self {
        Self::listening(command(workshop, wrapper))
    }

    /// The same, as another user where this one is root.
    pub fn start_as(workshop: &Workshop, user: Option<&str>) -> Self {
        let mut command = command(workshop, &[]);
        command.args(user.map(|user| ["--user", user]).into_iter().flatten());
        Self::listening(command)
    }

    /// The same, with everything logged that it can log, payloads as well.
    pub fn start_talkative(workshop: &Workshop) -> Self {
        Self::start_logging(workshop, "trace", &["--log-payloads"])
    }

    /// The same, with this filter for its log and these further arguments.
    pub fn start_logging(workshop: &Workshop, filter: &str, arguments: &[&str]) -> Self {
        let mut command = command(workshop, &[]);
        command.env("PORTGATE_LOG", filter).args(arguments);
        Self::listening(command)
    }

    /// Starts one that passes a point of its commits unharmed so often and then fails there, by `error` or `death`.
    pub fn start_failing(workshop: &Workshop, point: &str, after: u32, by: &str) -> Self {
        let mut command = Command::new(program("failing-gateway"));
        command.arg("--policies").arg(workshop.policies());
        command.env("PORTGATE_FAIL_AT", point).env("PORTGATE_FAIL_AFTER", after.to_string());
        command.env("PORTGATE_FAIL_BY", by);
        Self::listening(command)
    }

    /// Starts one that dies at a point; none where what was left undone has it come there before it listens.
    pub fn start_dying(workshop: &Workshop, point: &str) -> Option<Self> {
        let mut command = Command::new(program("failing-gateway"));
        command.arg("--policies").arg(workshop.policies());
        command.env("PORTGATE_FAIL_AT", point).env("PORTGATE_FAIL_AFTER", "1").env("PORTGATE_FAIL_BY", "death");
        match Self::started(command) {
            Ok(process) => Some(process),
            Err(log) if log.contains("reached") => None,
            Err(log) => panic!("the gateway did not start:\n{log}"),
        }
    }

    /// Starts one that fails at the points that this text names, in the form of the crate `fail`:
    /// `task::sealer=3*off->2*panic;task::nats=1*panic`.
    pub fn start_with_points(workshop: &Workshop, points: &str) -> Self {
        let mut command = Command::new(program("failing-gateway"));
        command.arg("--policies").arg(workshop.policies()).env("FAILPOINTS", points);
        Self::listening(command)
    }

    fn listening(command: Command) -> Self {
        Self::started(command).unwrap_or_else(|log| panic!("the gateway did not start:\n{log}"))
    }

    /// One that listens, or what one has logged that does not.
    fn started(mut command: Command) -> Result<Self, String> {
        let mut child = spawn(command.stderr(Stdio::piped()));
        let output = BufReader::new(child.stderr.take().expect("a pipe"));
        let log = Arc::new(Mutex::new(Vec::new()));
        let (addresses, listening) = mpsc::channel();
        std::thread::spawn({
            let log = Arc::clone(&log);
            // Goes on reading, so that the gateway never waits for its log to be read.
            move || {
                let mut listening = false;
                for line in output.lines().map_while(Result::ok) {
                    if !listening {
                        let json: Value = serde_json::from_str(&line).unwrap_or_default();
                        let address = |field: &str| json[field].as_str().and_then(|text| text.parse().ok());
                        if let (Some(partner), Some(operator)) = (address("partner"), address("operator")) {
                            listening = addresses.send((partner, operator)).is_ok();
                        }
                    }
                    lock(&log).push(line);
                }
            }
        });
        // The first start of all compiles every plugin.
        match listening.recv_timeout(Duration::from_secs(300)) {
            Ok((partner, operator)) => Ok(GatewayProcess { child, partner, operator, log }),
            Err(_) => {
                kill_group(&mut child);
                Err(lock(&log).join("\n"))
            }
        }
    }

    /// Whether a line of its log contains this text.
    pub fn said(&self, text: &str) -> bool {
        let text = memmem::Finder::new(text);
        lock(&self.log).iter().any(|line| text.find(line.as_bytes()).is_some())
    }

    /// Starts it and kills it after this time, wherever its start has come to.
    pub fn start_and_kill(workshop: &Workshop, after: Duration) {
        let mut child = spawn(command(workshop, &[]).stderr(Stdio::null()));
        std::thread::sleep(after);
        kill_group(&mut child);
    }

    /// Tells it to stop (SIGTERM). Whether it has ended well within this time.
    pub fn stop(&mut self, within: Duration) -> bool {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(told.is_ok_and(|told| told.success()), "it is running");
        let began = Instant::now();
        while began.elapsed() < within {
            if let Ok(Some(status)) = self.child.try_wait() {
                return status.success();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    }

    /// Kills it (SIGKILL): it gets no chance to finish anything.
    pub fn kill(mut self) {
        kill_group(&mut self.child);
    }

    /// A file below `/proc` that tells of it, such as `status`.
    pub fn proc(&self, file: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{file}", self.child.id())).expect("it is running")
    }

    /// Everything that it has logged.
    pub fn log(&self) -> String {
        lock(&self.log).join("\n")
    }

    /// How much memory it occupies now, without the files that the system keeps in memory for it.
    pub fn memory_bytes(&self) -> u64 {
        let status = self.proc("status");
        let resident =
            status.lines().find_map(|line| line.strip_prefix("RssAnon:")).expect("a running process has memory");
        let kibibytes: u64 = resident.trim().trim_end_matches(" kB").parse().expect("a number");
        kibibytes * 1024
    }
}

impl Drop for GatewayProcess {
    fn drop(&mut self) {
        kill_group(&mut self.child);
    }
}

/// In a process group of its own, so that a wrapper and what it runs end together.
fn spawn(command: &mut Command) -> Child {
    command.process_group(0).stdin(Stdio::null()).stdout(Stdio::null());
    command.spawn().expect("the gateway can be started")
}

fn lock(log: &Mutex<Vec<String>>) -> MutexGuard<'_, Vec<String>> {
    log.lock().unwrap_or_else(PoisonError::into_inner)
}

fn kill_group(child: &mut Child) {
    if matches!(child.try_wait(), Ok(None)) {
        let group = format!("-{}", child.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
    }
    let _ = child.wait();
}
