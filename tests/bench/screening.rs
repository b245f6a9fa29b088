//! How long one party takes against all lists: a table of as many names as the public lists have together.
//!
//! `cargo bench -p portgate-bench --bench screening`; the plugins must be built (`make plugins`). The names are made up: words of
//! syllables, two to four in a name, one to four names in an entry. Asked for are names of the table with a letter changed, and
//! names that are in none; each is a message of its own, screened in a sandbox made for it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use portgate_core::message::Message;
use portgate_core::policy::PluginPolicy;
use portgate_names::{Entry, Lists, Source};
use portgate_runtime::{Admission, Compiler, Engine, EngineConfig, Tables, digest};
use portgate_server::Folder;
use serde_json::json;

/// The US, EU and UN lists have some 25,000 entries together.
const ENTRIES: usize = 25_000;
const CALLS: usize = 400;

/// A generator whose numbers are the same in each run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % sides
    }

    fn word(&mut self) -> String {
        let (begins, vowels, ends) = (
            ["k", "m", "s", "al", "b", "r", "sh", "t", "v", "h", "d", "l", "y", "z"],
            ["a", "i", "u", "o", "e"],
            ["", "n", "r", "d", "m", "l", "s"],
        );
        let syllables = 2 + self.roll(2);
        (0..syllables).map(|_| [begins[self.roll(14)], vowels[self.roll(5)], ends[self.roll(7)]].concat()).collect()
    }

    /// Most words of names are common ones: a few hundred of them make up half of all.
    fn name(&mut self, common: &[String]) -> String {
        let words = 2 + self.roll(3);
        let word =
            |dice: &mut Dice| if dice.roll(2) == 0 { common[dice.roll(common.len())].clone() } else { dice.word() };
        (0..words).map(|_| word(self)).collect::<Vec<_>>().join(" ")
    }
}

fn main() {
    let mut dice = Dice(7);
    let common: Vec<String> = (0..300).map(|_| dice.word()).collect();
    let entry = |id: usize, dice: &mut Dice| {
        let names = 1 + dice.roll(4);
        let names = (0..names).map(|_| dice.name(&common)).collect();
        Entry { list: "all".into(), id: id.to_string(), names, from: None, to: None, about: None }
    };
    let entries: Vec<Entry> = (0..ENTRIES).map(|id| entry(id, &mut dice)).collect();
    let names: Vec<String> = entries.iter().flat_map(|entry| entry.names.clone()).collect();
    let source = Source { id: "all".into(), name: "All".into(), version: "1".into(), date: "2026-03-01".into() };
    let began = Instant::now();
    let file = Lists::new(vec![source], entries).write();
    let mut tables = Tables::default();
    tables.add("denied-parties", file.as_bytes()).expect("a table");
    println!(
        "{} names of {ENTRIES} entries, {} KiB, read and indexed twice in {:.1} s",
        names.len(),
        file.len() / 1024,
        began.elapsed().as_secs_f64()
    );

    let repository = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let policies = Folder::new(repository.join("policies")).policies().expect("the project's policies");
    let cache = tempfile::tempdir().expect("a temporary folder");
    let engine = Engine::new(EngineConfig {
        cache: cache.path().join("cache"),
        calls_in_flight_max: 4,
        memory_bytes_max: policies.ceiling.limits.memory_bytes_max,
        table_elements_max: policies.ceiling.limits.table_elements_max,
        compiler: Compiler::InProcess,
    });
    let component = std::fs::read(repository.join("target/plugins/screen-csl.wasm")).expect("run `make plugins`");
    let policy = PluginPolicy {
        sha256: Some(digest(&component)),
        signed_by: [].into(),
        ..policies.plugins["screen-csl"].clone()
    };
    let tables = Arc::new(tables);
    let admission = Admission::pinned("screen-csl", &policy, &policies.ceiling, &tables);
    let plugin = engine.expect("the engine starts").admit(&component, &admission).expect("the connector is admitted");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    for (what, is_listed) in [("a listed party, one letter changed", true), ("a party that is not listed", false)] {
        let mut took: Vec<f64> = Vec::with_capacity(CALLS);
        for _ in 0..CALLS {
            let name = match is_listed {
                true => {
                    let mut name = names[dice.roll(names.len())].clone();
                    name.replace_range(2..3, "x");
                    name
                }
                false => dice.name(&common),
            };
            let body =
                json!({ "id": "bench", "parties": [{ "role": "buyer", "name": name }] }).to_string().into_bytes();
            let message = Message {
                partner: "bench".to_owned(),
                contract: "screening-request".to_owned(),
                version: "1".to_owned(),
                content_type: "application/json".to_owned(),
                headers: Vec::new(),
                received_at: "2026-03-01T08:15:00Z".to_owned(),
                digest: digest(&body),
                body,
                agreement: None,
                control_numbers: None,
            };
            let began = Instant::now();
            let call = runtime.block_on(plugin.decode(message));
            took.push(began.elapsed().as_secs_f64() * 1e3);
            assert_eq!(call.outcome.expect("a call").expect("screened").documents.len(), 1);
        }
        took.sort_by(f64::total_cmp);
        println!(
            "{what:<36} median {:.2} ms, p99 {:.2} ms, most {:.2} ms",
            took[CALLS / 2],
            took[CALLS * 99 / 100],
            took[CALLS - 1]
        );
    }
}
