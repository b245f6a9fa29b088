//! How plugins lie in their memory, as `portgate plugin build` places them, and whether their stack is large enough. The
//! host sets a memory back from its beginning on after each call, so that room which nobody uses costs every call.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use portgate_cases::Given;
use portgate_core::contract::{Contract, ContractChecker, Format, JsonLimits};
use portgate_core::delivery::{Request, Response, Target};
use portgate_core::document::Document;
use portgate_core::message::Message;
use portgate_core::policy::PluginPolicy;
use portgate_runtime::{Admission, Call, CallError, Compiler, Engine, EngineConfig, Plugin, Tables, digest};
use portgate_server::Folder;
use portgate_tests::plugins::{self, Placement};
use portgate_tests::{repository, samples};
use serde_json::Value;

/// What the engine sets back by writing over it rather than by giving it to the system.
const RESIDENT_BYTES: u64 = 1 << 20;

/// What a connector has of stack beside that, where it was compiled quickly.
const QUICK_KIB: u64 = 64;

const NOW: &str = "2026-03-01T08:15:00Z";

#[test]
fn stack_data_and_heap_lie_close_together() {
    for name in plugins::names() {
        let placement = Placement::of(&plugins::built(&name));
        // The contracts of connectors say how deep their messages are, which a context has nobody to say of.
        let kib = match &*name {
            "own-systems" => 96,
            "screen-csl" => 256,
            name if name.starts_with("rules-") || name.starts_with("composer-") => 256,
            _ => 64,
        };
        let more_kib = if placement.stack_bytes == (kib + QUICK_KIB) << 10 { QUICK_KIB } else { 0 };
        assert_eq!(placement.stack_bytes, (kib + more_kib) << 10, "{name}: {placement:?}");
        assert!(placement.data < placement.stack_bytes + 4_096, "{name} has a hole before its data: {placement:?}");
        // Two have the tables by which names in other scripts are read in Latin letters.
        let most = match &*name {
            "screen-csl" => 960,
            "rules-core" => 1_024,
            _ => 640,
        };
        let memory_bytes = placement.memory_bytes - (more_kib << 10);
        assert!(memory_bytes <= most << 10, "{name} begins with more than it needs: {placement:?}");
        assert!(memory_bytes <= RESIDENT_BYTES, "each call of {name} gives something back: {placement:?}");
    }
}

/// An engine for connectors with whatever stack.
struct Narrow {
    engine: Engine,
    folder: Folder,
    tables: Arc<Tables>,
}

impl Narrow {
    fn new() -> Self {
        let folder = Folder::new(repository().join("policies"));
        let policies = folder.policies().expect("the project's policies hold no mistake");
        let engine = Engine::new(EngineConfig {
            // Half of them are those that every other test has compiled.
            cache: plugins::folder().with_file_name("plugin-cache"),
            calls_in_flight_max: 2,
            memory_bytes_max: policies.ceiling.limits.memory_bytes_max,
            table_elements_max: policies.ceiling.limits.table_elements_max,
            compiler: Compiler::InProcess,
        });
        let mut tables = Tables::default();
        for (name, table) in &policies.gateway.tables {
            tables.add(name, &std::fs::read(folder.resolve(&table.file)).expect("a table")).expect("a valid table");
        }
        Narrow { engine: engine.expect("the engine starts"), folder, tables: Arc::new(tables) }
    }

    /// A connector with half the stack that it was built with.
    fn halved(&self, name: &str) -> Plugin {
        let built = plugins::built(name);
        self.admit(name, plugins::with_stack(&built, Placement::of(&built).stack_bytes / 2))
    }

    fn admit(&self, name: &str, component: Vec<u8>) -> Plugin {
        let policies = self.folder.policies().expect("the project's policies hold no mistake");
        let policy = policies.plugins[name].clone();
        let pinned = PluginPolicy { sha256: Some(digest(&component)), signed_by: [].into(), ..policy };
        let admission = Admission::pinned(name, &pinned, &policies.ceiling, &self.tables);
        self.engine.admit(&component, &admission).expect("admitted")
    }
}

/// The levels of nesting that a gateway lets through where a contract does not say less.
const DEPTH_MAX: u32 = 64;

/// Everything at hand that goes deep and that a gateway lets through: each payload of its cases and of the samples as each of
/// its contracts of that form, and nested lists and elements half as deep as that.
fn messages(plugin: &Plugin, name: &str) -> Vec<Message> {
    let mut bodies: Vec<Vec<u8>> = samples::files(&repository().join(format!("plugins/{name}/cases")))
        .into_iter()
        .chain(samples::shared().into_iter().flat_map(|shared| samples::files(&shared.join("samples"))))
        .filter(|path| path.file_name().is_none_or(|name| name != "expected.json" && name != "case.toml"))
        .map(|path| std::fs::read(path).expect("a payload"))
        .filter(|body| body.len() < 256 << 10)
        .collect();
    bodies.push(format!("{}{}", "<a>".repeat(64), "</a>".repeat(64)).into_bytes());
    // What is wrong with a message but its depth does not matter, and some schemas are long.
    let contracts: Vec<Contract> =
        plugin.manifest().contracts.iter().map(|contract| Contract { schema: None, ..contract.clone() }).collect();
    let depths: BTreeSet<u32> = contracts.iter().map(|contract| contract.depth_max.unwrap_or(DEPTH_MAX) / 2).collect();
    for depth in depths.into_iter().map(|depth| depth as usize) {
        bodies.push(format!("{}{}", "[".repeat(depth), "]".repeat(depth)).into_bytes());
        bodies.push(format!("{}1{}", r#"{"order":"#.repeat(depth), "}".repeat(depth)).into_bytes());
        let note = depth - 3;
        bodies.push(
            format!(r#"{{"note_attributes":[{{"value":{}1{}}}]}}"#, "[".repeat(note), "]".repeat(note)).into_bytes(),
        );
    }
    let as_each = |body: Vec<u8>| {
        let of_form = contracts.clone().into_iter().filter(|contract| is_of_form(contract.format, &body));
        let let_through = of_form.filter(|contract| is_let_through(contract, &body));
        let let_through: Vec<Contract> = let_through.collect();
        let_through.into_iter().map(move |contract| Message {
            partner: "corpus".to_owned(),
            contract: contract.name,
            version: contract.version,
            content_type: contract.media_types.first().cloned().unwrap_or_default(),
            headers: Vec::new(),
            received_at: NOW.to_owned(),
            digest: digest(&body),
            body: body.clone(),
            agreement: None,
            control_numbers: None,
        })
    };
    bodies.into_iter().flat_map(as_each).collect()
}

/// Whether a payload begins as one of this form does.
fn is_of_form(format: Format, body: &[u8]) -> bool {
    let begins = body.trim_ascii_start().first().copied().unwrap_or_default();
    match format {
        Format::Json => matches!(begins, b'{' | b'['),
        Format::Xml => matches!(begins, b'<' | 0xEF),
        Format::Edi => begins.is_ascii_uppercase(),
        Format::Bytes => true,
    }
}

/// Whether a payload is not nested too deep for a contract; what else is wrong with it does not matter.
fn is_let_through(contract: &Contract, body: &[u8]) -> bool {
    let limits = JsonLimits { depth_max: DEPTH_MAX, findings_max: 1 };
    let checker = ContractChecker::new(contract, &limits).expect("no schema");
    !checker.check(body, None).is_err_and(|wrong| wrong.findings[0].detail.contains("nested deeper"))
}

/// Whether a call ended for want of stack, or might have.
fn trapped<T>(call: &Call<T>) -> bool {
    matches!(call.outcome, Err(CallError::StackOverflow | CallError::Trapped { .. } | CallError::Panicked { .. }))
}

/// Of all documents of one kind that have the same members the longest: the others go the same way through an encoder.
#[derive(Default)]
struct Shapes(BTreeMap<(String, BTreeSet<String>), Document>);

impl Shapes {
    fn add(&mut self, document: Document) {
        let body: Value = serde_json::from_slice(&document.body).expect("a document is JSON");
        let mut members = BTreeSet::new();
        places(&body, String::new(), &mut members);
        let known = self.0.entry((document.kind.clone(), members)).or_insert_with(|| document.clone());
        if known.body.len() < document.body.len() {
            *known = document;
        }
    }
}

/// Where a document has something, whatever place that has in a list.
fn places(value: &Value, at: String, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(all) => all.iter().for_each(|value| places(value, format!("{at}/*"), found)),
        Value::Object(all) => all.iter().for_each(|(name, value)| places(value, format!("{at}/{name}"), found)),
        _ => {}
    }
    found.insert(at);
}

/// Does something for each connector, for two at a time.
async fn for_each<T, F>(act: impl Fn(String) -> F + Clone + Send + 'static) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send,
{
    // Rule packs and composers read no messages.
    let mut names = plugins::names();
    names.retain(|name| !name.starts_with("rules-") && !name.starts_with("composer-"));
    let names = Arc::new(Mutex::new(names));
    let next = |names: &Mutex<Vec<String>>| names.lock().expect("nobody has panicked").pop();
    let workers = (0..2).map(|_| {
        let (names, act) = (Arc::clone(&names), act.clone());
        tokio::spawn(async move {
            let mut done = Vec::new();
            while let Some(name) = next(&names) {
                done.push(act(name).await);
            }
            done
        })
    });
    let mut done = Vec::new();
    for worker in workers.collect::<Vec<_>>() {
        done.extend(worker.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic())));
    }
    done
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_of_its_stack_is_enough_for_every_connector() {
    let narrow = Arc::new(Narrow::new());
    let decoding = Arc::clone(&narrow);
    let decoded = for_each(move |name| {
        let narrow = Arc::clone(&decoding);
        async move {
            let mut shapes = Shapes::default();
            let plugin = narrow.halved(&name);
            let messages = messages(&plugin, &name);
            let calls = messages.len();
            for message in messages {
                let what = format!("{name}, {} bytes as {}", message.body.len(), message.contract);
                let call = plugin.decode(message).await;
                assert!(!trapped(&call), "{what}: {:?}", call.outcome);
                let documents = call.outcome.into_iter().flatten().flat_map(|decoded| decoded.documents);
                documents.for_each(|document| shapes.add(document));
            }
            println!("{name}: {calls} messages decoded on half a stack");
            shapes
        }
    });
    let mut shapes = Shapes::default();
    decoded.await.into_iter().flat_map(|shapes| shapes.0.into_values()).for_each(|document| shapes.add(document));
    let shapes: Arc<Vec<Document>> = Arc::new(shapes.0.into_values().collect());
    let documents = Arc::clone(&shapes);
    let encoded = for_each(move |name| {
        let (narrow, documents) = (Arc::clone(&narrow), Arc::clone(&documents));
        async move {
            let plugin = narrow.halved(&name);
            let mut calls = 0;
            for contract in plugin.manifest().contracts.clone() {
                for document in documents.iter() {
                    let target = Target::new(&contract.name, &contract.version, NOW);
                    let call = plugin.encode(vec![document.clone()], target).await;
                    assert!(!trapped(&call), "{name}, {} as {}: {:?}", document.kind, contract.name, call.outcome);
                    calls += usize::from(matches!(call.outcome, Ok(Ok(_))));
                }
            }
            calls
        }
    });
    let calls: usize = encoded.await.into_iter().sum();
    println!("{calls} messages of {} shapes encoded on half a stack", shapes.len());
    assert!(calls > 0, "nothing was encoded");
}

/// Answers that are nested, a little and more than any reader follows: nobody has said how deep a partner's answer may be.
fn deep_answers() -> Vec<Vec<u8>> {
    let nested = |depth: usize| {
        let around =
            |open: &str, inner: &str, close: &str| format!("{}{inner}{}", open.repeat(depth), close.repeat(depth));
        [
            around("[", "", "]"),
            around(r#"{"error":"#, "1", "}"),
            around(r#"{"errors":[{"message":"#, "1", "}]}"),
            format!(r#"{{"error":{{"innererror":{{"errordetails":{}}}}}}}"#, around("[", "", "]")),
            format!(r#"{{"id":1,"errors":{}}}"#, around(r#"{"a":["#, "", "]}")),
            around("<Error>", "", "</Error>"),
            format!("<a><Error><Text>{}</Text></Error></a>", around("<a>", "1", "</a>")),
        ]
    };
    [8, 30, 60, 62, 120, 126, 1_000].into_iter().flat_map(nested).map(String::into_bytes).collect()
}

#[tokio::test]
async fn an_answer_that_is_nested_deep_ends_no_connector() {
    let narrow = Narrow::new();
    let mut calls = 0;
    for name in plugins::names() {
        let plugin = narrow.admit(&name, plugins::built(&name));
        let (cases, _) = portgate_cases::load(&repository().join("plugins").join(&name)).expect("the cases");
        for case in cases.iter().filter(|case| matches!(case.given, Given::Response(_))) {
            let portgate_cases::Request { method, path, headers, body } = case.sent().expect("what was sent");
            let sent = Request { method, path, headers, body };
            for (body, status) in
                deep_answers().into_iter().flat_map(|body| [200, 400, 500].map(|status| (body.clone(), status)))
            {
                let what =
                    format!("{name}, {}: {status} {}", case.name, String::from_utf8_lossy(&body[..40.min(body.len())]));
                let got = Response { status, headers: Vec::new(), received_at: NOW.to_owned(), body };
                let call = plugin.interpret(sent.clone(), got).await;
                assert!(!trapped(&call), "{what}: {:?}", call.outcome);
                calls += 1;
            }
        }
    }
    println!("{calls} answers were read");
    assert!(calls > 0, "no answer was read");
}
