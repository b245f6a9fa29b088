//! What control numbers cost: the same deliveries to the same receiver, under an agreement and without one.
//!
//! The journal is filled with deliveries that are held, and then the gateway is started with its destination open. Each is
//! claimed, rendered by its plugin, kept, sent, answered 200 at once and settled. Under an agreement the numbers that come next
//! are read, the plugin is given them, and they are taken in the transaction that keeps the rendering: so two renderings of one
//! agreement wait for each other, in one gateway and in several.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use portgate_bench::failure::Failure;
use portgate_bench::spread::Spread;
use portgate_store::testing::PostgresServer;

use crate::Setting;
use crate::gateway::{Engine, Place, Room, Until};

/// How long nothing may come before the measurement is given up.
const PATIENCE: Duration = Duration::from_secs(60);

/// One measurement.
struct Sample {
    deliveries_per_second: f64,
    processor_us: f64,
}

/// Measures so many deliveries in each round, on both engines where PostgreSQL is installed.
pub(crate) fn measure(setting: &Setting, rounds: usize, deliveries: u64) -> Result<(), Failure> {
    beside(setting, "SQLite", Engine::Sqlite, rounds, deliveries)?;
    match PostgresServer::start(&[("max_connections", "200")])? {
        None => println!("\nPostgreSQL is not installed and left out (apt-get install postgresql)"),
        Some(server) => beside(setting, "PostgreSQL", Engine::Postgres(&server), rounds, deliveries)?,
    }
    Ok(())
}

fn beside(setting: &Setting, name: &str, engine: Engine, rounds: usize, deliveries: u64) -> Result<(), Failure> {
    let (mut without, mut under) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        eprintln!("  {name}, {deliveries} deliveries, round {} of {rounds}", round + 1);
        for (samples, is_agreed) in [(&mut without, false), (&mut under, true)] {
            let place = format!("{}_numbers_{round}_{is_agreed}", name.to_lowercase());
            samples.push(one(setting, engine, &place, deliveries, is_agreed)?);
        }
    }
    println!("\n{name}, {deliveries} deliveries, 16 at the same time at most");
    println!("  {:<26}{:>28}{:>30}", "", "deliveries/s", "processor µs/delivery");
    for (variant, samples) in [("without an agreement", &without), ("under control numbers", &under)] {
        let rates = Spread::of(samples.iter().map(|sample| sample.deliveries_per_second));
        let costs = Spread::of(samples.iter().map(|sample| sample.processor_us));
        println!("  {variant:<26}{:>28}{:>30}", rates.show(0), costs.show(0));
    }
    let ratios =
        without.iter().zip(&under).map(|(without, under)| under.deliveries_per_second / without.deliveries_per_second);
    println!("  under control numbers / without {}", Spread::of(ratios).show(2));
    Ok(())
}

fn one(setting: &Setting, engine: Engine, name: &str, deliveries: u64, is_agreed: bool) -> Result<Sample, Failure> {
    let mut place = Place::new(setting, engine, name)?;
    place.raw(setting, Room::Machine, 16, Until::Exchanges(deliveries))?;
    let (address, taken) = receiver()?;
    place.open(setting, address, is_agreed)?;
    let gateway = place.serve(setting, Room::Machine, true)?;
    let next = || {
        let late = |_| Failure::step("the deliveries", format!("none for a minute\n{}", gateway.last_words()));
        taken.recv_timeout(PATIENCE).map_err(late)
    };
    let (began, processor) = (next()?, gateway.processor_seconds()?);
    let mut ended = began;
    for _ in 1..deliveries {
        ended = next()?;
    }
    let processor = gateway.processor_seconds()? - processor;
    let deliveries = deliveries as f64;
    let seconds = ended.duration_since(began).as_secs_f64();
    Ok(Sample { deliveries_per_second: deliveries / seconds, processor_us: processor * 1e6 / deliveries })
}

/// A partner that takes everything, until the measurement ends: where it listens, and when each request came.
fn receiver() -> Result<(SocketAddr, Receiver<Instant>), Failure> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let (told, taken) = channel();
    std::thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            let told = told.clone();
            // A connection that breaks is the gateway's to report.
            std::thread::spawn(move || drop(take(&stream, &told)));
        }
    });
    Ok((address, taken))
}

/// Answers what comes over a connection.
fn take(stream: &TcpStream, told: &Sender<Instant>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let (mut requests, mut answers) = (BufReader::new(stream), stream);
    loop {
        let (mut line, mut length) = (String::new(), 0);
        while requests.read_line(&mut line)? > 2 {
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or_default();
            }
            line.clear();
        }
        if line.is_empty() {
            return Ok(());
        }
        std::io::copy(&mut requests.by_ref().take(length), &mut std::io::sink())?;
        // Whoever measures has gone when this cannot be told.
        let _ = told.send(Instant::now());
        answers.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}")?;
    }
}
