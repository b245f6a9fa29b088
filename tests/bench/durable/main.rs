//! What it costs that an acknowledged message is safe: durable accepts, beside the same chain without the commit and
//! beside the journal alone.
//!
//! The message is one DCSA event of 1,386 bytes: a token (ES256, remembered), a rate limit, the contract's schema, the
//! connector in its sandbox, one milestone, one delivery that is held, one event, 202. All of it is one
//! transaction, and each answer comes after the fsync that made it durable. `without commit` is the same program with a
//! journal that keeps nothing; `journal alone` is the acceptance that the gateway made of that message, given to the
//! journal again and again without any gateway around it.
//!
//! A gateway has one worker, with a core to itself. The threads of its journal run wherever there is time, as on any
//! machine with more than one core: that is, mostly on the other core, which they share with the load generator and
//! PostgreSQL. How it is where the journal has nothing but the worker's core is measured as well, at the highest load.
//! `durable numbers` measures deliveries instead, with control numbers and without ([`numbers`]); `durable` alone measures them
//! last. The variants are measured in turns. It judges nothing: it prints what it measured. Exit code 2: a program is missing.

mod child;
mod gateway;
mod numbers;
mod tap;

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use portgate_bench::cores::Cores;
use portgate_bench::failure::Failure;
use portgate_bench::identity::Identity;
use portgate_bench::load::{self, Load, Sample};
use portgate_bench::spread::Spread;
use portgate_bench::tools::Tools;
use portgate_store::testing::PostgresServer;

use crate::gateway::{Engine, Place, Room, Until};

/// The allocator that the gateway ships with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The contract's path.
const PATH: &str = "/v1/messages/dcsa-track-trace/2.2";

/// Durable accepts, beside the same chain without the commit and the journal alone.
#[derive(Parser)]
#[command(name = "durable")]
struct Options {
    #[command(subcommand)]
    task: Option<Task>,
    /// Rounds of each load; all variants are measured in each
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Seconds of one measurement
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Open connections, one load each
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16, 64])]
    connections: Vec<u32>,
    /// Exchanges in the journal at which the cost of one more is measured; none leaves that out
    #[arg(long, value_delimiter = ',', default_values_t = [1_000, 10_000, 100_000, 1_000_000])]
    exchanges: Vec<u64>,
    /// Gateways on one PostgreSQL database; none leaves that out
    #[arg(long, value_delimiter = ',', default_values_t = [1, 2, 3])]
    replicas: Vec<usize>,
    /// Deliveries of one measurement with control numbers, and of one without; 0 leaves both out
    #[arg(long, default_value_t = 5_000)]
    deliveries: u64,
}

#[derive(Subcommand)]
enum Task {
    /// What control numbers cost, and nothing else: deliveries with them and without
    Numbers,
    /// (what is measured)
    #[command(hide = true)]
    Serve(child::Serve),
    /// (the journal alone)
    #[command(hide = true)]
    Raw(child::Raw),
}

/// What all that is measured shares.
pub(crate) struct Setting<'a> {
    repository: &'a Path,
    /// A folder that is gone afterwards, on the disk whose fsync is measured.
    folder: &'a Path,
    tools: &'a Tools,
    cores: &'a Cores,
    identity: &'a Identity,
    token: &'a Path,
    payload: &'a Path,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let done = match &options.task {
        Some(Task::Serve(serve)) => child::serve(serve),
        Some(Task::Raw(raw)) => child::raw(raw),
        Some(Task::Numbers) | None => measure(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("durable: {failure}");
            failure.exit_code()
        }
    }
}

fn measure(options: &Options) -> Result<(), Failure> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    let (tools, _) = Tools::find(&[])?;
    // Beside the build, because a temporary folder may be in memory, where fsync costs nothing.
    let scratch = tempfile::Builder::new().prefix("durable-").tempdir_in(repository.join("target"))?;
    let identity = Identity::new()?;
    let (token, payload) = (scratch.path().join("token"), repository.join("tests/bench/payloads/dcsa-event.json"));
    std::fs::write(&token, &identity.token)?;
    let cores = Cores::available()?;
    let (repository, folder, tools, cores, identity) = (&*repository, scratch.path(), &tools, &cores, &identity);
    let setting = Setting { repository, folder, tools, cores, identity, token: &token, payload: &payload };
    if let Some(Task::Numbers) = options.task {
        return numbers::measure(&setting, options.rounds, options.deliveries);
    }
    println!(
        "One DCSA event ({} bytes) to one milestone, one held delivery, one event; 202 after the commit.\n\
         Gateway: 1 worker on core {}, its journal's threads on either; wrk and PostgreSQL on core {}. \
         {} rounds of {} s in turns, median (lowest to highest).",
        std::fs::metadata(&payload)?.len(),
        cores.measured,
        cores.load,
        options.rounds,
        options.seconds,
    );
    beside(&setting, options, Engine::Sqlite, Room::Machine, &options.connections)?;
    let highest = options.connections.iter().max().map(std::slice::from_ref).unwrap_or_default();
    beside(&setting, options, Engine::Sqlite, Room::OneCore, highest)?;
    growth(&setting, options)?;
    let tuning = [("shared_buffers", "512MB"), ("max_wal_size", "4GB"), ("max_connections", "200")];
    match PostgresServer::start(&tuning)? {
        None => println!("\nPostgreSQL is not installed and left out (apt-get install postgresql)"),
        Some(server) => {
            beside(&setting, options, Engine::Postgres(&server), Room::Machine, &options.connections)?;
            replicas(&setting, options, &server)?;
        }
    }
    match options.deliveries {
        0 => Ok(()),
        deliveries => numbers::measure(&setting, options.rounds, deliveries),
    }
}

/// The three variants beside each other.
fn beside(
    setting: &Setting,
    options: &Options,
    engine: Engine,
    room: Room,
    connections: &[u32],
) -> Result<(), Failure> {
    let name = match (engine, room) {
        (Engine::Sqlite, Room::Machine) => "SQLite",
        (Engine::Sqlite, Room::OneCore) => "SQLite, all on one core",
        (Engine::Postgres(_), _) => "PostgreSQL",
    };
    let slug: String = name.to_lowercase().chars().filter(char::is_ascii_alphabetic).collect();
    let places =
        ["durable", "forgetful", "alone"].map(|variant| Place::new(setting, engine, &format!("{slug}-{variant}")));
    let [durable, forgetful, alone] = places;
    let (durable, forgetful, alone) = (durable?, forgetful?, alone?);
    let (committing, forgetting) = (durable.serve(setting, room, true)?, forgetful.serve(setting, room, false)?);
    for &connections in connections {
        let load = load_of(setting, connections, options.seconds);
        let warm_up = Load { duration: Duration::from_secs(2), ..load.clone() };
        let run = |load: &Load, target| load::run(load, target, setting.tools, setting.cores);
        run(&warm_up, committing.target())?;
        run(&warm_up, forgetting.target())?;
        let mut rounds = Vec::new();
        for round in 0..options.rounds {
            eprintln!("  {name}, {connections} connections, round {} of {}", round + 1, options.rounds);
            rounds.push([
                run(&load, committing.target())?,
                run(&load, forgetting.target())?,
                alone.raw(setting, room, connections, Until::Seconds(options.seconds))?,
            ]);
        }
        println!("\n{name}, {connections} connection{}", if connections == 1 { "" } else { "s" });
        print!("{}", table(&["durable", "without commit", "journal alone"], &rounds));
        let ratio = |other: usize| {
            Spread::of(rounds.iter().map(|round| round[0].requests_per_second / round[other].requests_per_second))
                .show(2)
        };
        println!("  durable / without commit {}, durable / journal alone {}", ratio(1), ratio(2));
    }
    Ok(())
}

/// How the cost of one more exchange grows with the number of exchanges.
fn growth(setting: &Setting, options: &Options) -> Result<(), Failure> {
    let Some(connections) = options.connections.last().copied().filter(|_| !options.exchanges.is_empty()) else {
        return Ok(());
    };
    let place = Place::new(setting, Engine::Sqlite, "sqlite-growth")?;
    println!("\nSQLite, {connections} connections, with more and more exchanges in the journal");
    let (mut kept, mut first) = (0_u64, None);
    for &exchanges in &options.exchanges {
        eprintln!("  filling the journal up to {exchanges}");
        if exchanges > kept {
            place.raw(setting, Room::Machine, 64, Until::Exchanges(exchanges - kept))?;
            kept = exchanges;
        }
        let gateway = place.serve(setting, Room::Machine, true)?;
        let load = load_of(setting, connections, options.seconds);
        let mut samples = Vec::new();
        for _ in 0..options.rounds {
            let sample = load::run(&load, gateway.target(), setting.tools, setting.cores)?;
            kept += (sample.requests_per_second * options.seconds as f64) as u64;
            samples.push([sample]);
        }
        let cost = Spread::of(samples.iter().map(|[sample]| sample.processor_us));
        let before = *first.get_or_insert(cost.middle());
        print!("{}", table(&[&format!("{exchanges}")], &samples));
        println!("  processor time an exchange: {:.2} of that at the first size", cost.middle() / before);
    }
    Ok(())
}

/// Several gateways on one database, loaded one after the other's share at the same time.
fn replicas(setting: &Setting, options: &Options, server: &PostgresServer) -> Result<(), Failure> {
    for &replicas in &options.replicas {
        let url = server.database(&format!("replicas_{replicas}"))?;
        let places: Result<Vec<Place>, Failure> = (0..replicas)
            .map(|at| Place::with_journal(setting, Some(&url), &format!("replica-{replicas}-{at}")))
            .collect();
        let places = places?;
        let gateways: Result<Vec<_>, Failure> =
            places.iter().map(|place| place.serve(setting, Room::Machine, true)).collect();
        let gateways = gateways?;
        let connections = 64 / u32::try_from(replicas).unwrap_or(1).max(1);
        let load = load_of(setting, connections, options.seconds);
        let mut rounds = Vec::new();
        for _ in 0..options.rounds {
            let samples: Vec<Result<Sample, Failure>> = std::thread::scope(|scope| {
                let running: Vec<_> = gateways
                    .iter()
                    .map(|gateway| scope.spawn(|| load::run(&load, gateway.target(), setting.tools, setting.cores)))
                    .collect();
                running
                    .into_iter()
                    .map(|run| run.join().unwrap_or_else(|_| Err(Failure::step("a load", "it panicked"))))
                    .collect()
            });
            rounds.push([together(&samples.into_iter().collect::<Result<Vec<_>, _>>()?)]);
        }
        let gateways = match replicas {
            1 => "1 gateway, its worker".to_owned(),
            several => format!("{several} gateways, their workers"),
        };
        println!("\nPostgreSQL, {gateways} on core {}, {connections} connections each", setting.cores.measured);
        print!("{}", table(&["together"], &rounds));
    }
    Ok(())
}

/// Several samples of the same time as one: the rates add up, and the worst of the times counts.
fn together(samples: &[Sample]) -> Sample {
    let most = |of: fn(&Sample) -> f64| samples.iter().map(of).fold(0.0, f64::max);
    let requests_per_second = samples.iter().map(|sample| sample.requests_per_second).sum();
    Sample {
        requests_per_second,
        p50_us: most(|sample| sample.p50_us),
        p99_us: most(|sample| sample.p99_us),
        processor_us: samples.iter().map(|sample| sample.processor_us * sample.requests_per_second).sum::<f64>()
            / requests_per_second,
    }
}

fn load_of(setting: &Setting, connections: u32, seconds: u64) -> Load {
    let (token, payload): (PathBuf, PathBuf) = (setting.token.into(), setting.payload.into());
    Load { connections, duration: Duration::from_secs(seconds), token, payload }
}

fn table<const N: usize>(names: &[&str; N], rounds: &[[Sample; N]]) -> String {
    let mut text = String::new();
    _ = writeln!(text, "  {:<16}{:>26}{:>26}{:>28}{:>28}", "", "accepts/s", "p50 µs", "p99 µs", "processor µs/accept");
    for (index, name) in names.iter().enumerate() {
        let column =
            |of: fn(&Sample) -> f64, digits| Spread::of(rounds.iter().map(|round| of(&round[index]))).show(digits);
        _ = writeln!(
            text,
            "  {name:<16}{:>26}{:>26}{:>28}{:>28}",
            column(|sample| sample.requests_per_second, 0),
            column(|sample| sample.p50_us, 0),
            column(|sample| sample.p99_us, 0),
            column(|sample| sample.processor_us, 1),
        );
    }
    text
}
