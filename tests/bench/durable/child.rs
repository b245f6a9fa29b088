//! What runs in a process of its own, on a core of its own: a gateway, or its journal alone.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use portgate_bench::failure::Failure;
use portgate_server::{Compiling, Folder, Server};
use portgate_store::{Acceptance, Accepted, DeliveryId, EventId, ExchangeId, Intake};

use crate::PATH;
use crate::tap::Tap;

/// A gateway as it ships, or with a tap that keeps nothing.
#[derive(clap::Args)]
pub(crate) struct Serve {
    #[arg(long)]
    policies: PathBuf,
    #[arg(long)]
    without_commit: bool,
}

/// The journal alone: one real acceptance of the gateway, again and again with other identifiers.
#[derive(clap::Args)]
pub(crate) struct Raw {
    #[arg(long)]
    policies: PathBuf,
    #[arg(long)]
    token: PathBuf,
    #[arg(long)]
    payload: PathBuf,
    /// How many wait for a commit at the same time
    #[arg(long)]
    connections: usize,
    #[arg(long, default_value_t = u64::MAX)]
    seconds: u64,
    /// How many exchanges at most
    #[arg(long, default_value_t = u64::MAX)]
    exchanges: u64,
}

/// One worker, like the gateway that is compared with other gateways.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

pub(crate) fn serve(options: &Serve) -> Result<(), Failure> {
    runtime()?.block_on(async {
        let tap = |intake| match options.without_commit {
            true => Tap::new(intake, false),
            false => intake,
        };
        let server = Server::start_with(Folder::new(&options.policies), Compiling::Here, tap).await.map_err(refused)?;
        server.run_until(std::future::pending()).await;
        Ok(())
    })
}

pub(crate) fn raw(options: &Raw) -> Result<(), Failure> {
    runtime()?.block_on(async {
        let mut tapped = None;
        let server = Server::start_with(Folder::new(&options.policies), Compiling::Here, |intake| {
            let tap = Tap::new(intake, true);
            tapped = Some(Arc::clone(&tap));
            tap
        });
        let server = server.await.map_err(refused)?;
        let address = server.partner_address();
        tokio::spawn(server.run_until(std::future::pending()));
        let (token, payload) = (std::fs::read_to_string(&options.token)?, std::fs::read(&options.payload)?);
        let posted = tokio::task::spawn_blocking(move || post(address, &token, &payload)).await;
        posted.map_err(|error| Failure::step("the first message", error.to_string()))??;
        let tap = tapped.ok_or_else(|| Failure::step("the journal", "it was not opened"))?;
        let first = tap.first.get().ok_or_else(|| Failure::step("the first message", "it was not accepted"))?;
        measure(&tap.intake, first, options).await
    })
}

fn refused(mistakes: Vec<portgate_core::policy::Mistake>) -> Failure {
    let mistakes: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    Failure::step("starting the gateway", mistakes.join("\n"))
}

/// Sends one message and wants it accepted.
fn post(address: SocketAddr, token: &str, payload: &[u8]) -> Result<(), Failure> {
    let mut stream = TcpStream::connect(address)?;
    let head = format!(
        "POST {PATH} HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        payload.len()
    );
    stream.write_all(&[head.as_bytes(), payload].concat())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    match answer.starts_with("HTTP/1.1 202") {
        true => Ok(()),
        false => Err(Failure::step("the first message", answer)),
    }
}

/// Prints `RESULT exchanges microseconds p50 p99 processor-microseconds`.
async fn measure(intake: &Arc<dyn Intake>, first: &Acceptance, options: &Raw) -> Result<(), Failure> {
    let (count, begin) = (Arc::new(AtomicU64::new(0)), Instant::now());
    let processor = processor_microseconds()?;
    let long_enough = Duration::from_secs(options.seconds.min(86_400));
    let workers = (0..options.connections).map(|_| {
        let (intake, count, first, most) = (Arc::clone(intake), Arc::clone(&count), first.clone(), options.exchanges);
        tokio::spawn(async move {
            let mut took = Vec::new();
            while begin.elapsed() < long_enough {
                let number = count.fetch_add(1, Ordering::Relaxed);
                if number >= most {
                    break;
                }
                let started = Instant::now();
                match intake.accept(another(&first, number)).await {
                    Ok(Accepted::Committed) => took.push(started.elapsed().as_micros() as u64),
                    other => return Err(Failure::step("the journal", format!("{other:?}"))),
                }
            }
            Ok(took)
        })
    });
    let mut took = Vec::new();
    for worker in workers.collect::<Vec<_>>() {
        took.extend(worker.await.map_err(|error| Failure::step("the journal", error.to_string()))??);
    }
    let (elapsed, processor) = (begin.elapsed().as_micros(), processor_microseconds()? - processor);
    took.sort_unstable();
    let at = |percent: usize| took.get(took.len() * percent / 100).copied().unwrap_or_default();
    println!("RESULT {} {elapsed} {} {} {processor}", took.len(), at(50), at(99));
    Ok(())
}

/// The same message as another would be: other identifiers, other keys, other references.
fn another(first: &Acceptance, number: u64) -> Acceptance {
    let now = Timestamp::now();
    let mut acceptance = first.clone();
    acceptance.now = now;
    acceptance.exchange.id = ExchangeId::new(now);
    acceptance.exchange.received_at = now;
    for document in &mut acceptance.documents {
        document.key = format!("{}-{number}", document.key);
        for reference in &mut document.refs {
            reference.value = format!("{}-{number}", reference.value);
        }
    }
    for delivery in &mut acceptance.deliveries {
        delivery.id = DeliveryId::new(now);
    }
    for event in &mut acceptance.events {
        event.id = EventId::new(now);
        event.subject = acceptance.exchange.id.to_string();
        event.at = now;
    }
    acceptance
}

/// This process's processor time so far, to a hundredth of a second.
fn processor_microseconds() -> Result<u64, Failure> {
    Ok((portgate_bench::process::processor_seconds(std::process::id())? * 1e6) as u64)
}
