//! `portgate demo`: the gateway at work, seen from outside.
//!
//! It makes credentials for the partners of `policies/`, starts `portgate serve` as a process of its own and sends it
//! real-format messages over the network as partners would, right ones and wrong ones. Every step says beforehand what
//! should come back; the demo succeeds only if all of it did.

mod client;
mod credentials;
mod durability;
mod gateway;
mod portal;
mod script;
mod upstream;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use client::Client;
use credentials::Credentials;
use gateway::GatewayProcess;
use portal::Portal;

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
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => failed(&problem),
    }
}

async fn act(options: &Options) -> Result<bool, String> {
    let settings = gateway::Settings::read(&options.policies)?;
    let credentials = Credentials::make(&settings.secrets)?;
    let _upstream = upstream::start(settings.upstream).await?;
    let portal = Portal::start(settings.portal, credentials.portal_key.clone()).await?;
    let mut gateway = GatewayProcess::start(&options.policies, &settings).await?;
    let client = Client::new(settings.partner);
    if options.stay {
        println!("\nThe gateway is up at http://{} (operator: http://{}).", settings.partner, settings.operator);
        println!("Try it:\n");
        for step in script::steps().iter().filter(|step| step.expected == 200) {
            println!("# {}\n{}\n", step.title, client.curl(step, &credentials));
        }
        println!("Ctrl-C stops it.");
        return gateway.wait().await.map(|()| true);
    }
    portal.set_down(true);
    let played = script::play(&client, &credentials).await;
    let scene = durability::Scene { options, settings: &settings, credentials: &credentials, portal: &portal };
    let kept = scene.play(&mut gateway, &played.exchanges).await?;
    gateway.stop().await?;
    Ok(played.ok && kept)
}

fn failed(problem: &str) -> ExitCode {
    eprintln!("portgate demo: {problem}");
    ExitCode::FAILURE
}
