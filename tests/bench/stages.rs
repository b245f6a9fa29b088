//! Each stage of the chain by itself, and a plugin's call beside the same code run natively.
//!
//! `cargo bench -p portgate-bench --bench stages`; the plugins must be built (`make plugins`). The payload is
//! `payloads/shopify-order.json`, 2.6 kB.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use portgate_core::contract::{ContractChecker, JsonLimits};
use portgate_core::document_schemas::DocumentSchemas;
use portgate_core::message::Message;
use portgate_core::policy::PluginPolicy;
use portgate_files::own;
use portgate_http::auth::testing::{SigningKey, api_key, claims, key_set};
use portgate_http::auth::{Authenticator, KeySets};
use portgate_http::secrets::Secrets;
use portgate_runtime::{Admission, Compiler, Engine, EngineConfig, Plugin, Tables, digest};
use portgate_sdk::Connector;
use portgate_server::Folder;

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn payload() -> Vec<u8> {
    std::fs::read(repository().join("tests/bench/payloads/shopify-order.json")).expect("the payload")
}

fn message(body: Vec<u8>) -> Message {
    Message {
        partner: "bench".to_owned(),
        contract: "shopify-order".to_owned(),
        version: "2024-10".to_owned(),
        content_type: "application/json".to_owned(),
        headers: Vec::new(),
        received_at: "2026-03-01T08:15:00Z".to_owned(),
        digest: portgate_runtime::digest(&body),
        body,
        agreement: None,
        control_numbers: None,
    }
}

/// The Shopify connector under the project's own policy, and the folder of its cache.
fn plugin() -> (Plugin, tempfile::TempDir) {
    let policies = Folder::new(repository().join("policies")).policies().expect("the project's policies");
    let cache = tempfile::tempdir().expect("a temporary folder");
    let engine = Engine::new(EngineConfig {
        cache: cache.path().join("cache"),
        calls_in_flight_max: policies.gateway.caps.requests_in_flight_max,
        memory_bytes_max: policies.ceiling.limits.memory_bytes_max,
        table_elements_max: policies.ceiling.limits.table_elements_max,
        compiler: Compiler::InProcess,
    });
    let component =
        std::fs::read(repository().join("target/plugins/ecom-shopify.wasm")).expect("run `make plugins` first");
    let policy = policies.plugins["ecom-shopify"].clone();
    let policy = PluginPolicy { sha256: Some(digest(&component)), signed_by: [].into(), ..policy };
    let tables = Arc::new(Tables::default());
    let admission = Admission::pinned("ecom-shopify", &policy, &policies.ceiling, &tables);
    let admitted = engine.expect("the engine starts").admit(&component, &admission);
    (admitted.expect("the connector is admitted"), cache)
}

fn stages(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (plugin, _cache) = plugin();
    let body = payload();

    let contract =
        plugin.manifest().contracts.iter().find(|contract| contract.name == "shopify-order").expect("the order");
    let checker = ContractChecker::new(contract, &JsonLimits { depth_max: 64, findings_max: 100 }).expect("a schema");
    checker.check(&body, None).expect("the payload keeps its contract");
    criterion.bench_function("check the contract: strict JSON and schema", |bench| {
        bench.iter(|| checker.check(&body, None).expect("the payload keeps its contract"));
    });

    criterion.bench_function("digest: SHA-256 of the payload", |bench| bench.iter(|| portgate_runtime::digest(&body)));

    let decoded = runtime.block_on(plugin.decode(message(body.clone()))).outcome.expect("a call").expect("decoded");
    let native_message = portgate_sdk::Message {
        partner: "bench".to_owned(),
        contract: "shopify-order".to_owned(),
        version: "2024-10".to_owned(),
        content_type: "application/json".to_owned(),
        headers: Vec::new(),
        received_at: "2026-03-01T08:15:00Z".to_owned(),
        digest: portgate_runtime::digest(&body),
        body: body.clone(),
        agreement: None,
        control_numbers: None,
    };
    let native = ecom_shopify::Shopify::decode(&native_message).expect("decoded");
    assert_eq!(native.documents[0].body, decoded.documents[0].body, "native and sandboxed code do the same");
    let mut group = criterion.benchmark_group("decode one order");
    group.bench_function("natively", |bench| {
        bench.iter(|| ecom_shopify::Shopify::decode(&native_message).expect("decoded"));
    });
    group.bench_function("in a fresh sandbox", |bench| {
        let message = message(body.clone());
        bench.iter(|| runtime.block_on(plugin.decode(message.clone())).outcome.expect("a call").expect("decoded"));
    });
    group.finish();

    let texts = portgate_canonical::SCHEMA_TEXTS.iter();
    let schemas = texts.map(|(kind, text)| (*kind, serde_json::from_str(text).expect("a schema is JSON")));
    let documents = DocumentSchemas::new(schemas).expect("the canonical schemas compile");
    criterion.bench_function("check the document against its canonical schema", |bench| {
        bench.iter(|| documents.check("order", &decoded.documents[0].body).expect("a valid order"));
    });

    authentication(criterion, &runtime);
}

fn authentication(criterion: &mut Criterion, runtime: &tokio::runtime::Runtime) {
    let private = tempfile::Builder::new().permissions(PermissionsExt::from_mode(0o700)).tempdir();
    let folder = private.expect("a temporary folder");
    let signing = SigningKey::es256("bench-1");
    let (key, key_sha256) = api_key();
    let key_set = key_set(&[&signing]).to_string();
    own::replace(&folder.path().join("bench.jwks.json"), key_set.as_bytes()).expect("a key set");
    let limits = serde_json::json!({ "requests_per_second": 1000, "burst": 1000, "requests_in_flight_max": 10 });
    let jwt = serde_json::json!({ "kind": "jwt", "issuer": "urn:i", "audience": "urn:a", "subject": "s", "jwks": "file:bench.jwks.json" });
    let partner = |authenticate: serde_json::Value| {
        let policy =
            serde_json::json!({ "title": "t", "authenticate": [authenticate], "limits": limits, "contracts": [] });
        serde_json::from_value(policy).expect("a partner's policy")
    };
    let partners = [
        ("token".to_owned(), partner(jwt)),
        ("key".to_owned(), partner(serde_json::json!({ "kind": "api-key", "sha256": key_sha256 }))),
    ];
    let secrets = Secrets::open(folder.path());
    let key_sets = KeySets::new(Secrets::open(folder.path()));
    let authenticator = Authenticator::new(&partners.into(), &secrets, &key_sets).expect("an authenticator");
    let now = jiff::Timestamp::now();
    let token = signing.token(&claims("urn:i", "urn:a", "s", now));
    let head = |name: &str, value: String| {
        http::Request::builder().header(name, value).body(()).expect("a head").into_parts().0
    };
    let heads = [
        ("authenticate by a token that is remembered", head("authorization", format!("Bearer {token}"))),
        ("authenticate by API key", head("x-api-key", key)),
    ];
    for (name, head) in heads {
        criterion.bench_function(name, |bench| {
            bench.iter(|| runtime.block_on(authenticator.authenticate(&head, None, now)).expect("authenticated"));
        });
    }
}

criterion_group!(benches, stages);
criterion_main!(benches);
