//! `portgate serve`: the gateway as a process.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use nix::sys::signal::{Signal, kill};
use nix::sys::stat::{Mode, umask};
use nix::unistd::Pid;
use portgate_http::log::PAYLOAD;
use portgate_server::{Folder, Server};

use crate::{compile, descriptors, logging, privileges};

/// How long threads that are still at work when the gateway has stopped may go on.
const LEFT_BEHIND_WAIT: Duration = Duration::from_secs(1);

#[derive(Args)]
pub(crate) struct Options {
    /// The policy folder
    #[arg(long, default_value = "policies", env = "PORTGATE_POLICIES")]
    policies: PathBuf,
    /// Threads that carry requests; all processors where it is not given
    #[arg(long, env = "PORTGATE_WORKERS")]
    workers: Option<usize>,
    /// The user to run as, where it is started as root
    #[arg(long, env = "PORTGATE_USER")]
    user: Option<String>,
    /// What is logged, such as `info` or `warn,portgate_server=debug`
    #[arg(long, default_value = "info", env = "PORTGATE_LOG")]
    log: String,
    /// Also log what can hold payloads and personal data, as far as --log asks for it: libraries below `info` (the database's
    /// driver writes the parameters of its statements), what plugins write, the texts of panics. For a test system
    #[arg(long, env = "PORTGATE_LOG_PAYLOADS")]
    log_payloads: bool,
    /// Stop when standard input ends. Whoever starts a gateway for itself holds the other end of a pipe: the system closes it
    /// whatever ends the starter
    #[arg(long)]
    until_input_ends: bool,
}

/// Serves until SIGTERM, SIGINT or what the options add, then lets requests in flight finish.
pub(crate) fn run(options: &Options) -> ExitCode {
    let is_root = match privileges::give_up(options.user.as_deref()) {
        Ok(is_root) => is_root,
        Err(kept) => return complain(&kept.to_string()),
    };
    // Whatever is made, SQLite's files included, is for its owner alone.
    umask(Mode::from_bits_truncate(0o077));
    if let Err(problem) = logging::begin(&options.log, options.log_payloads) {
        return complain(&problem);
    }
    descriptors::raise();
    if options.until_input_ends {
        end_with_input();
    }
    if is_root {
        tracing::warn!("the gateway runs as root, which it has no use for; --user NAME makes it somebody else");
    }
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "a panic: this is a bug, please report it");
        // A panic's text may quote what a partner sent.
        tracing::debug!(target: PAYLOAD, "{panic}");
    }));
    let mut builder = match options.workers {
        // One worker needs no thread of its own, and spares every request the way between threads.
        Some(1) => tokio::runtime::Builder::new_current_thread(),
        workers => {
            let mut builder = tokio::runtime::Builder::new_multi_thread();
            if let Some(workers) = workers {
                builder.worker_threads(workers);
            }
            builder
        }
    };
    let runtime = match builder.enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return complain(&format!("the runtime cannot start: {error}")),
    };
    let code = runtime.block_on(async {
        let server = match Server::start(Folder::new(&options.policies), compile::by_this_program()).await {
            Ok(server) => server,
            Err(errors) => {
                errors.iter().for_each(|error| eprintln!("portgate: {}/{error}", options.policies.display()));
                return ExitCode::FAILURE;
            }
        };
        if let Err(kept) = privileges::close_memory() {
            return complain(&kept.to_string());
        }
        tracing::info!(partner = %server.partner_address(), operator = %server.operator_address(), "listening");
        // From here on a signal ends it in good order: before the first request is served, not some time after.
        let stopped = stop_signal();
        let unfinished = server.run_until(stopped).await;
        tracing::info!(unfinished, "stopped");
        ExitCode::SUCCESS
    });
    // Nobody waits for a thread that is stuck in a file system which does not answer.
    runtime.shutdown_timeout(LEFT_BEHIND_WAIT);
    code
}

/// Has the process told to stop when its standard input ends. The signal does what is right at each time: it ends a
/// start at once, and a running gateway in good order.
fn end_with_input() {
    std::thread::spawn(|| {
        // Whatever comes on the input is discarded. An input that cannot be read has ended as well.
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        if let Err(error) = kill(Pid::this(), Signal::SIGTERM) {
            tracing::error!(%error, "standard input has ended, but the gateway cannot be told to stop");
        }
    });
}

/// Takes SIGTERM and SIGINT from now on; completes at the first of them.
fn stop_signal() -> impl Future<Output = ()> + Send {
    use tokio::signal::unix::{SignalKind, signal};
    let taken = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    async move {
        match taken {
            (Ok(mut terminate), Ok(mut interrupt)) => {
                tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
            }
            // Without signal handlers the process is ended by the system's default, which is to end at once.
            _ => std::future::pending().await,
        }
    }
}

fn complain(text: &str) -> ExitCode {
    eprintln!("portgate: {text}");
    ExitCode::FAILURE
}
