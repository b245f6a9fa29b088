//! What a good partner feels of strangers who take all they can: its calls while nobody else is there, and under each attack
//! of `tests/threats/strangers.rs`.
//!
//! The partner sends orders at a steady pace over one connection, from an address of its own. Gateway and partner have the
//! first core to themselves; the attackers and who reads the gateway's log have the second, so that what their work costs is
//! not in the figures (where there is one core only, it is). It does not judge: it prints what it measured. The gateway is
//! the `portgate` beside this program.

use std::net::IpAddr;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use clap::Parser;
use http::Method;
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::{Pid, gettid};
use portgate_tests::process::GatewayProcess;
use portgate_tests::strangers::{Attack, Caller, Target, raise_descriptors, with_tls};
use portgate_tests::{Workshop, case};
use tokio::runtime::Handle;
use tokio::time::sleep;

const ORDER: &str = "/v1/messages/shopify-order/2024-10";
const EVENTS: &str = "/v1/messages/dcsa-track-trace/2.2";
const NOTIFICATION: &str = "/v1/messages/dms-notification/3.6";
const ELSEWHERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 100));

/// Measures a good partner's calls while strangers attack.
#[derive(Parser)]
#[command(name = "strangers")]
struct Options {
    /// Calls of each measurement
    #[arg(long, default_value_t = 1_000)]
    calls: usize,
    /// Calls in a second
    #[arg(long, default_value_t = 100)]
    per_second: u32,
    /// Addresses that the strangers come from
    #[arg(long, value_delimiter = ',', default_values_t = [1, 50])]
    addresses: Vec<usize>,
    /// Attacks whose names hold this; all of them where it is not said
    #[arg(long, default_value = "")]
    attack: String,
    /// Say when the slowest calls began
    #[arg(long)]
    when: bool,
    /// Speak TLS
    #[arg(long)]
    tls: bool,
}

/// What the calls of one measurement took.
struct Sample {
    refused: usize,
    p50: Duration,
    p99: Duration,
    most: Duration,
    /// When the slowest hundredth of the calls began, counted from the first call.
    slowest: Vec<Duration>,
}

/// The cores that this process could use when it began.
static CORES: LazyLock<Vec<usize>> = LazyLock::new(|| {
    let allowed = sched_getaffinity(Pid::from_raw(0)).expect("the cores of the process");
    (0..CpuSet::count()).filter(|core| allowed.is_set(*core).unwrap_or(false)).collect()
});

fn main() {
    let options = Options::parse();
    LazyLock::force(&CORES);
    raise_descriptors();
    let mut attackers = tokio::runtime::Builder::new_multi_thread();
    attackers.worker_threads(1).enable_all().on_thread_start(|| stay_on(1));
    let attackers = attackers.build().expect("the attackers' runtime");
    // Whatever this thread starts, the gateway included, runs on the same core.
    stay_on(0);
    let partner = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("the partner's runtime");
    partner.block_on(measure(&options, attackers.handle()));
}

/// Keeps this thread on the first or second core.
fn stay_on(nth: usize) {
    keep_on(nth, Pid::from_raw(0));
}

/// Keeps all other threads of this process on the second core.
fn keep_others_away() {
    for thread in std::fs::read_dir("/proc/self/task").expect("the threads of this process") {
        let thread = thread.expect("a thread").file_name().into_string().expect("a number");
        let thread = Pid::from_raw(thread.parse().expect("a number"));
        if thread != gettid() {
            keep_on(1, thread);
        }
    }
}

/// Where there is one core only, all stay together.
fn keep_on(nth: usize, thread: Pid) {
    if let Some(core) = CORES.get(nth) {
        let mut only = CpuSet::new();
        only.set(*core).expect("a core that there is");
        sched_setaffinity(thread, &only).expect("a core that may be used");
    }
}

async fn measure(options: &Options, attackers: &Handle) {
    let workshop = workshop();
    let tls = options.tls.then(|| with_tls(&workshop));
    let gateway = GatewayProcess::start(&workshop);
    keep_others_away();
    let target = Target { address: gateway.partner, tls };
    let measured = async |what: &str, addresses: usize| {
        let before = gateway.memory_bytes();
        let sample = sample(&target, &workshop, options).await;
        let (millis, mib) = (|time: Duration| time.as_secs_f64() * 1e3, |bytes: u64| bytes >> 20);
        println!(
            "{what:<28} {addresses:>9} {:>8} {:>8.2} {:>8.2} {:>8.2} {:>6} MiB",
            sample.refused,
            millis(sample.p50),
            millis(sample.p99),
            millis(sample.most),
            mib(before.max(gateway.memory_bytes())),
        );
        if options.when {
            println!("  the slowest began after {:.2?}", sample.slowest);
        }
    };
    println!(
        "{:<28} {:>9} {:>8} {:>8} {:>8} {:>8} {:>10}",
        "attack", "addresses", "refused", "p50 ms", "p99 ms", "most ms", "RSS"
    );
    sample(&target, &workshop, options).await;
    for addresses in options.addresses.iter().copied() {
        for (what, attack, begun) in attacks().into_iter().filter(|(what, ..)| what.contains(&options.attack)) {
            measured("nobody else", 0).await;
            let attack = {
                let _their_runtime = attackers.enter();
                attack(target.clone(), addresses)
            };
            attack.has_begun(begun).await;
            measured(what, addresses).await;
            drop(attack);
            sleep(Duration::from_secs(3)).await;
        }
    }
    measured("nobody any more", 0).await;
}

type Begin = fn(Target, usize) -> Attack;

fn attacks() -> [(&'static str, Begin, usize); 5] {
    [
        ("2160 unfinished reads", |target, addresses| Attack::unfinished_reads(target, 36, 60, addresses), 2_160),
        ("2048 slow bodies", |target, addresses| Attack::slow_bodies(target, NOTIFICATION, 2_048, addresses), 2_048),
        ("2500 silent connections", |target, addresses| Attack::silence(target, 2_500, addresses), 2_500),
        ("32000 answers not taken", |target, addresses| Attack::hoarded_answers(target, 500, 64, addresses), 10_000),
        (
            "32 x 2 MiB, 64 secrets",
            |target, addresses| Attack::junk_signatures(target, EVENTS, "signer-07", 2 << 20, 32, addresses),
            100,
        ),
    ]
}

/// The project's policies with 64 partners that sign, and rates that nobody meets.
fn workshop() -> Workshop {
    let workshop = Workshop::new();
    workshop.edit("partners/web-shop.toml", |text| {
        let generous = |line: &str| match line.split_once(" = ") {
            Some((key @ ("requests_per_second" | "burst"), _)) => format!("{key} = 100000"),
            _ => line.to_owned(),
        };
        text.lines().map(generous).collect::<Vec<_>>().join("\n")
    });
    workshop.sign_by_many(61, "dcsa-track-trace", "2.2");
    workshop
}

async fn sample(target: &Target, workshop: &Workshop, options: &Options) -> Sample {
    let headers =
        [("x-api-key", workshop.credentials.api_key.clone()), ("content-type", "application/json".to_owned())];
    let order = case("ecom-shopify", "order", "json");
    let mut caller = Caller::connect(target, ELSEWHERE).await.expect("a connection");
    // How long each call took, and when it began.
    let (mut calls, mut refused) = (Vec::new(), 0);
    let began = Instant::now();
    for number in 0..options.calls {
        let due = Duration::from_secs(1) * u32::try_from(number).expect("a count") / options.per_second;
        sleep(due.saturating_sub(began.elapsed())).await;
        let at = began.elapsed();
        match caller.call(Method::POST, ORDER, &headers, order.clone()).await {
            Ok(called) => {
                if called.status != 202 {
                    println!("  call {number}: {}", called.status);
                    refused += 1;
                }
                calls.push((called.took, at));
            }
            Err(error) => {
                println!("  call {number}: {error}");
                refused += 1;
                caller = Caller::connect(target, ELSEWHERE).await.expect("a connection");
            }
        }
    }
    calls.sort_unstable();
    let of = |part: f64| ((calls.len() - 1) as f64 * part) as usize;
    let mut slowest: Vec<Duration> = calls[of(0.99)..].iter().map(|(_, at)| *at).collect();
    slowest.sort_unstable();
    Sample { refused, p50: calls[of(0.5)].0, p99: calls[of(0.99)].0, most: calls[of(1.0)].0, slowest }
}
