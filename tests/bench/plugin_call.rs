//! What the sandbox costs: a plugin's call beside the same code run natively, and beside the same call when it notes what the
//! plugin leaves unread, in turns.
//!
//! `cargo bench -p portgate-bench --bench plugin_call`; the plugins must be built (`make plugins`). Each message is
//! decoded in a sandbox made for it, as the gateway does. The two sides take turns, so that a machine that is busy for a
//! while is busy for both, and the ratio is taken turn by turn; printed are the medians.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use portgate_core::policy::PluginPolicy;
use portgate_runtime::{Admission, Compiler, Engine, EngineConfig, Plugin, Tables, digest};
use portgate_sdk::Connector;
use portgate_server::Folder;

/// Turns of each side.
const TURNS: usize = 60;
/// Calls in a turn.
const CALLS: u32 = 300;

/// One message of a connector.
struct Payload {
    plugin: &'static str,
    contract: &'static str,
    version: &'static str,
    file: &'static str,
    native: fn(&portgate_sdk::Message) -> Result<portgate_sdk::Decoded, portgate_sdk::Rejection>,
}

const PAYLOADS: &[Payload] = &[Payload {
    plugin: "ecom-shopify",
    contract: "shopify-order",
    version: "2024-10",
    file: "tests/bench/payloads/shopify-order.json",
    native: ecom_shopify::Shopify::decode,
}];

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let repository = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    println!("{:<16} {:>7} {:>12} {:>12} {:>7} {:>12}", "payload", "bytes", "native", "sandbox", "ratio", "noting");
    for payload in PAYLOADS {
        let (plugin, _cache) = admit(&repository, payload.plugin);
        let body = std::fs::read(repository.join(payload.file)).expect("the payload");
        let bytes = body.len();
        let message = portgate_core::message::Message {
            partner: "bench".to_owned(),
            contract: payload.contract.to_owned(),
            version: payload.version.to_owned(),
            content_type: "application/json".to_owned(),
            headers: Vec::new(),
            received_at: "2026-03-01T08:15:00Z".to_owned(),
            digest: portgate_runtime::digest(&body),
            body,
            agreement: None,
            control_numbers: None,
        };
        let native_message = portgate_sdk::Message {
            partner: message.partner.clone(),
            contract: message.contract.clone(),
            version: message.version.clone(),
            content_type: message.content_type.clone(),
            headers: Vec::new(),
            received_at: message.received_at.clone(),
            digest: message.digest.clone(),
            body: message.body.clone(),
            agreement: None,
            control_numbers: None,
        };
        let mut natively = || {
            black_box((payload.native)(&black_box(native_message.clone())).expect("decoded"));
        };
        let mut sandboxed = || {
            let call = runtime.block_on(plugin.decode(black_box(message.clone())));
            black_box(call.outcome.expect("a call").expect("decoded"));
        };
        let mut noting = || {
            let call = runtime.block_on(plugin.decode_noting_unread(black_box(message.clone())));
            black_box(call.outcome.expect("a call").expect("decoded"));
        };
        let mut turns = Vec::with_capacity(TURNS);
        for _ in 0..TURNS + 2 {
            turns.push((micros(&mut natively), micros(&mut sandboxed), micros(&mut noting)));
        }
        // The first turns bring the caches up.
        let turns = turns.split_off(2);
        let native = median(turns.iter().map(|(native, ..)| *native).collect());
        let sandbox = median(turns.iter().map(|(_, sandbox, _)| *sandbox).collect());
        let ratio = median(turns.iter().map(|(native, sandbox, _)| sandbox / native).collect());
        let noted = median(turns.iter().map(|(.., noted)| *noted).collect());
        println!("{:<16} {bytes:>7} {native:>9.1} µs {sandbox:>9.1} µs {ratio:>7.2} {noted:>9.1} µs", payload.plugin);
    }
}

/// Microseconds of one call.
fn micros(call: &mut dyn FnMut()) -> f64 {
    let began = Instant::now();
    for _ in 0..CALLS {
        call();
    }
    began.elapsed().as_secs_f64() * 1e6 / f64::from(CALLS)
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// A connector under the project's own policy, and the folder of its cache.
fn admit(repository: &Path, name: &str) -> (Plugin, tempfile::TempDir) {
    let policies = Folder::new(repository.join("policies")).policies().expect("the project's policies");
    let cache = tempfile::tempdir().expect("a temporary folder");
    let engine = Engine::new(EngineConfig {
        cache: cache.path().join("cache"),
        calls_in_flight_max: policies.gateway.caps.requests_in_flight_max,
        memory_bytes_max: policies.ceiling.limits.memory_bytes_max,
        table_elements_max: policies.ceiling.limits.table_elements_max,
        compiler: Compiler::InProcess,
    });
    let component = std::fs::read(repository.join(format!("target/plugins/{name}.wasm"))).expect("run `make plugins`");
    let engine = engine.expect("the engine starts");
    let tables = Arc::new(Tables::default());
    let policy =
        PluginPolicy { sha256: Some(digest(&component)), signed_by: [].into(), ..policies.plugins[name].clone() };
    let plugin = engine.admit(&component, &Admission::pinned(name, &policy, &policies.ceiling, &tables));
    (plugin.expect("the connector is admitted"), cache)
}
