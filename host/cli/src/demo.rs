//! `portgate demo`: the gateway at work, seen from outside.
//!
//! It makes credentials for the partners of `policies/`, starts `portgate serve` as a process of its own and sends it
//! real-format messages over the network as partners would, right ones and wrong ones. Every step says beforehand what
//! should come back; the demo succeeds only if all of it did.

mod acknowledgements;
mod client;
mod credentials;
mod durability;
mod gateway;
mod receiver;
mod script;
mod upstream;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use tokio::signal::unix::{Signal, SignalKind, signal};

use client::Client;
use credentials::Credentials;
use gateway::GatewayProcess;
use receiver::Receiver;

#[derive(Args)]
pub(crate) struct Options {
    /// The policy folder
    #[arg(long, default_value = "policies", env = "PORTGATE_POLICIES")]
    policies: PathBuf,
    /// Leave the gateway up until Ctrl-C instead of sending anything
    #[arg(long)]
    stay: bool,
}

/// Runs the demo, or prepares it and stays.
pub(crate) fn run(options: &Options) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&format!("the runtime cannot start: {error}")),
    };
    match runtime.block_on(act(options)) {
        Ok(code) => code,
        Err(problem) => failed(&problem),
    }
}

async fn act(options: &Options) -> Result<ExitCode, String> {
    let mut interruption = Interruption::expect().map_err(|error| format!("signals cannot be taken: {error}"))?;
    let settings = gateway::Settings::read(&options.policies)?;
    let credentials = Credentials::make(&settings.secrets, &options.policies)?;
    let _upstream = upstream::start(settings.upstream).await?;
    let portal = Receiver::start("portal", settings.portal, credentials.portal_key.clone()).await?;
    let tms = Receiver::start("tms", settings.tms, credentials.tms_key.clone()).await?;
    let mut gateway = GatewayProcess::start(&options.policies, &settings).await?;
    let scene = Scene { options, settings: &settings, credentials: &credentials, portal: &portal, tms: &tms };
    let shown = tokio::select! {
        shown = scene.show(&mut gateway) => Ok(shown),
        code = interruption.code() => Err(code),
    };
    // Whatever the show ended with, the gateway ends with it, and has ended when the demo is over.
    let stopped = gateway.stop().await;
    match shown {
        Ok(shown) => Ok(if shown? && stopped.map(|()| true)? { ExitCode::SUCCESS } else { ExitCode::FAILURE }),
        // A gateway that was still starting has ended by the signal; nobody waits for more.
        Err(code) => Ok(code),
    }
}

/// What the demo is played with.
struct Scene<'a> {
    options: &'a Options,
    settings: &'a gateway::Settings,
    credentials: &'a Credentials,
    portal: &'a Receiver,
    tms: &'a Receiver,
}

impl Scene<'_> {
    /// Plays all acts, or stays as long as the gateway does; true if everything went as it should.
    async fn show(&self, gateway: &mut GatewayProcess) -> Result<bool, String> {
        gateway.listening(self.settings).await?;
        let client = Client::new(self.settings.partner);
        if self.options.stay {
            println!(
                "\nThe gateway is up at http://{} (operator: http://{}).",
                self.settings.partner, self.settings.operator
            );
            println!("Try it:\n");
            for step in script::steps().iter().filter(|step| step.expected == 200) {
                println!("# {}\n{}\n", step.title, client.curl(step, self.credentials));
            }
            println!("Ctrl-C stops it.");
            return gateway.ended().await.map(|()| true);
        }
        self.portal.set_down(true);
        let played = script::play(&client, self.credentials).await;
        let kept = self.nothing_is_lost(gateway, &played.exchanges).await?;
        let acknowledged = self.partners_acknowledge().await?;
        Ok(played.ok && kept && acknowledged)
    }
}

/// The signals by which a terminal or a supervisor ends the demo. What else ends it, such as SIGKILL, leaves it no time; the
/// gateway then sees its input end.
struct Interruption {
    interrupt: Signal,
    terminate: Signal,
}

impl Interruption {
    /// From now on the signals are waited for instead of ending the process.
    fn expect() -> std::io::Result<Self> {
        Ok(Interruption { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Waits for one of them, and gives the exit code by which shells know it.
    async fn code(&mut self) -> ExitCode {
        let kind = tokio::select! {
            _ = self.interrupt.recv() => SignalKind::interrupt(),
            _ = self.terminate.recv() => SignalKind::terminate(),
        };
        ExitCode::from(u8::try_from(128 + kind.as_raw_value()).unwrap_or(u8::MAX))
    }
}

fn failed(problem: &str) -> ExitCode {
    eprintln!("portgate demo: {problem}");
    ExitCode::FAILURE
}
