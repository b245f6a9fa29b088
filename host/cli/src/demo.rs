//! `portgate demo`: a day at the gateway, seen from outside.
//!
//! It makes credentials for the partners of `policies/`, plays those that are delivered to, starts `portgate serve` as a process of
//! its own and has every partner do over the network what it would do on such a day, right things and wrong ones. Each part says
//! what should come of it; the demo succeeds only if all of it did.

mod client;
mod credentials;
mod edi;
mod gateway;
mod message;
mod partners;
mod parts;
mod receiver;
mod stage;
mod timeline;
mod upstream;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use clap::builder::PossibleValuesParser;
use jiff::Timestamp;
use tokio::process::Command;
use tokio::signal::unix::{Signal, SignalKind, signal};

use client::Client;
use credentials::Credentials;
use gateway::GatewayProcess;
use message::{Message, Run};
use parts::{PARTS, Part};
use receiver::{Proof, Receiver};
use stage::Stage;
use timeline::Timeline;

#[derive(Args)]
pub(crate) struct Options {
    /// The policy folder
    #[arg(long, default_value = "policies", env = "PORTGATE_POLICIES")]
    policies: PathBuf,
    /// Play this part alone
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(PARTS.map(|part| part.name)))]
    only: Option<String>,
    /// List the parts and do nothing
    #[arg(long, conflicts_with = "only")]
    list: bool,
    /// Leave the gateway up until Ctrl-C instead of sending anything
    #[arg(long, conflicts_with_all = ["only", "list"])]
    stay: bool,
}

/// Runs the demo, or prepares it and stays.
pub(crate) fn run(options: &Options) -> ExitCode {
    if options.list {
        for part in PARTS {
            println!("{:<16} {}", part.name, part.title);
        }
        return ExitCode::SUCCESS;
    }
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
    let mut receivers = BTreeMap::new();
    for (partner, destination) in &settings.destinations {
        let value = credentials.shared(&destination.secret).unwrap_or_default().to_owned();
        let proof = Proof { header: destination.header.clone(), value };
        receivers.insert(partner.clone(), Receiver::start(partner, destination.address, proof).await?);
    }
    let mut gateway = GatewayProcess::start(&options.policies, &settings).await?;
    let stage = Stage {
        policies: &options.policies,
        settings: &settings,
        credentials: &credentials,
        receivers: &receivers,
        gateway: &mut gateway,
        client: Client::new(settings.partner, settings.operator),
        run: Run::fresh(),
        timeline: Timeline::default(),
        killed: Vec::new(),
    };
    let shown = tokio::select! {
        shown = show(stage, options) => Ok(shown),
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

/// Plays the parts, or stays as long as the gateway does; true if everything went as it should.
async fn show(mut stage: Stage<'_>, options: &Options) -> Result<bool, String> {
    stage.gateway.listening(stage.settings).await?;
    if options.stay {
        try_it(&stage)?;
        return stage.gateway.ended().await.map(|()| true);
    }
    let (began, since) = (Instant::now(), Timestamp::now());
    let chosen = |part: &&&Part| options.only.as_deref().is_none_or(|only| only == part.name);
    let mut failures = Vec::new();
    for part in PARTS.iter().filter(chosen) {
        Timeline::chapter(part.title);
        if let Err(problem) = (part.play)(&mut stage).await {
            failures.push(format!("{}: {problem}", part.name));
        }
    }
    println!("\nHow well it went\n");
    failures.extend(kpis(&stage, since).await.err());
    let Timeline { taken, refused, delivered, plugins } = &stage.timeline;
    println!(
        "\n{taken} messages were taken and {refused} refused, {delivered} deliveries went out, by {} of {} connectors, in {:.1} s.",
        plugins.len(),
        stage.settings.connectors.len(),
        began.elapsed().as_secs_f64()
    );
    let idle: Vec<&str> =
        stage.settings.connectors.iter().filter(|name| !plugins.contains(*name)).map(|name| &**name).collect();
    if options.only.is_none() && failures.is_empty() && !idle.is_empty() {
        failures.push(format!("nothing of the day was for {}", idle.join(", ")));
    }
    match failures.as_slice() {
        [] => println!("Everything went as it should."),
        failures => println!("This did not:\n  {}", failures.join("\n  ")),
    }
    Ok(failures.is_empty())
}

/// Has `portgate kpi` say how well things went since then, in all and on each lane.
async fn kpis(stage: &Stage<'_>, since: Timestamp) -> Result<(), String> {
    figures(stage, since, &[]).await?;
    println!();
    figures(stage, since, &["--by", "lane"]).await
}

async fn figures(stage: &Stage<'_>, since: Timestamp, by: &[&str]) -> Result<(), String> {
    let broken = |error: std::io::Error| format!("the figures cannot be asked for: {error}");
    let mut kpi = Command::new(std::env::current_exe().map_err(broken)?);
    kpi.args(["kpi", "--from", &since.to_string()]).args(by);
    kpi.env("PORTGATE_OPERATOR", format!("http://{}", stage.settings.operator));
    kpi.env("PORTGATE_OPERATOR_KEY", &stage.credentials.operator_key);
    let output = kpi.output().await.map_err(broken)?;
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        println!("  {line}");
    }
    if output.status.success() {
        Ok(())
    } else {
        Err(format!("`portgate kpi`: {}", String::from_utf8_lossy(&output.stderr).trim()))
    }
}

/// Says how to send what partners send on such a day.
fn try_it(stage: &Stage<'_>) -> Result<(), String> {
    let settings = stage.settings;
    println!("\nThe gateway is up at http://{} (operator: http://{}).", settings.partner, settings.operator);
    println!("Try it:\n");
    for message in PARTS.iter().flat_map(|part| part.messages) {
        let Message { from, what, file, payload, .. } = message;
        let file = stage.credentials.keep(file, &stage.run.fill(payload))?;
        let line = stage.client.curl(message, &file.display().to_string(), stage.credentials);
        println!("# {}: {what}\n{line}\n", from.who());
    }
    println!("Ctrl-C stops it.");
    Ok(())
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
