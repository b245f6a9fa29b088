//! Rule packs that fail: each says so of the shipments that it could not judge, and keeps neither another pack nor another
//! shipment from being judged.

use bytes::Bytes;
use http::Method;
use portgate_tests::{Client, Gateway, Workshop, eventually, plugins};
use serde_json::{Value, json};

use crate::craft::{component, with_section};

/// The customs desk's key.
const KEY: &str = "the-customs-desk-of-a-test-0123456789";

/// A rule pack that does this instead of judging.
fn pack(name: &str, body: &str) -> Vec<u8> {
    let module = format!(
        r#"(module
            (memory (export "memory") 2)
            (global $next (mut i32) (i32.const 65536))
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
                (local $end i32)
                (global.set $next (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
                (local.set $end (i32.add (global.get $next) (local.get 3)))
                (if (i32.gt_u (local.get $end) (i32.mul (memory.size) (i32.const 65536)))
                    (then (drop (memory.grow (i32.add (i32.shr_u (local.get 3) (i32.const 16)) (i32.const 1))))))
                (global.get $next)
                (global.set $next (local.get $end)))
            (func (export "inspect") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32) {body}))"#
    );
    let manifest = json!({
        "name": name, "version": "1.0.0", "description": "Made for one test.", "world": "rules",
        "capabilities": { "read": ["shipment-context", "customs-declaration"] },
    });
    with_section(component(&module, "world w { include portgate:connector/rules@1.0.0; }", ""), Some(&manifest))
}

/// A workshop in which these packs judge before the one for imports does.
fn workshop(packs: &[(&str, Vec<u8>)]) -> Workshop {
    let workshop = Workshop::new();
    let components = workshop.path().join("components");
    plugins::copy_all(&components);
    for (name, component) in packs {
        std::fs::write(components.join(format!("{name}.wasm")), plugins::signed(component)).expect("a component");
        workshop.edit(&format!("plugins/{name}.toml"), |_| {
            r#"
            signed_by = ["builder"]
            [limits]
            memory_bytes_max = 8_388_608
            table_elements_max = 100
            cpu_ms_max = 50
            wall_ms_max = 1_000
            output_bytes_max = 65_536
            documents_max = 1
            log_lines_max = 1
            log_bytes_max = 1_000
            lookups_max = 1
            calls_in_flight_max = 4
            [grants]
            read = ["shipment-context", "customs-declaration"]
            "#
            .to_owned()
        });
    }
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, KEY.as_bytes());
    workshop.secret("own-systems.sha256", &hex::encode(hash));
    workshop.set("gateway.toml", "plugins", "\"../components\"");
    workshop.edit("shipments.toml", |text| {
        let all = packs.iter().map(|(name, _)| *name);
        let named = all.map(|name| format!("[[pack]]\nplugin = \"{name}\"\n\n"));
        text.replacen("[[pack]]", &format!("{}[[pack]]", named.collect::<String>()), 1)
    });
    workshop.edit("partners/own-systems.toml", |text| {
        format!("{text}\n[[contracts]]\nname = \"customs-declaration\"\nversions = [\"1\"]\n")
    });
    workshop
}

/// Sends a declaration for import that says next to nothing, with so many items.
async fn declare(gateway: &Gateway, lrn: &str, items: usize) {
    let item = |no: usize| json!({ "no": no, "description": "x".repeat(500), "procedure": { "code": "4000", "additional": ["000"] } });
    let body = json!({
        "id": lrn, "version": "1", "lrn": lrn, "jurisdiction": "GB", "regime": "import", "typeCode": "IMA",
        "references": [{ "scheme": "lrn", "value": lrn }],
        "items": (1..=items).map(item).collect::<Vec<Value>>(),
    });
    let headers = [("x-api-key", KEY.to_owned()), ("content-type", "application/json".to_owned())];
    let path = "/v1/messages/customs-declaration/1";
    let answer = Client::new(gateway.partner).post(path, &headers, body.to_string().into_bytes()).await;
    assert_eq!(answer.status, 202, "{lrn}: {}", answer.json());
}

/// What the packs say of a shipment, each with its rule, once it was judged.
async fn findings(workshop: &Workshop, gateway: &Gateway, lrn: &str) -> Vec<Value> {
    let key = format!("Bearer {}", workshop.credentials.operator_key);
    let shown = eventually("the shipment", async || {
        let headers = [("authorization", key.clone())];
        let (client, path) = (Client::new(gateway.operator), format!("/v1/shipments/{lrn}"));
        let shown = client.send(Method::GET, &path, &headers, Bytes::new()).await.json();
        if shown["current"] == true && shown["found"].is_array() { Ok(shown) } else { Err(shown) }
    });
    shown.await["found"].as_array().expect("findings").clone()
}

fn of<'f>(findings: &'f [Value], pack: &str) -> Vec<&'f Value> {
    findings.iter().filter(|finding| finding["pack"] == pack).collect()
}

/// The pack failed, and the shipment says why.
fn failed(findings: &[Value], pack: &str, why: &str) {
    let said = of(findings, pack);
    assert_eq!(said.len(), 1, "{pack}: {findings:#?}");
    assert_eq!(said[0]["rule"], "PACK-FAILED", "{pack}");
    assert_eq!(said[0]["severity"], "error", "{pack}");
    let detail = said[0]["detail"].as_str().expect("a sentence");
    assert!(detail.contains(why), "{pack}: {detail}");
}

/// The pack for imports judged, and found what is missing.
fn judged(findings: &[Value]) {
    let rules: Vec<&str> = of(findings, "rules-uk-import").iter().filter_map(|one| one["rule"].as_str()).collect();
    assert!(rules.contains(&"UK15") && !rules.contains(&"PACK-FAILED"), "{findings:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pack_that_traps_or_never_ends_says_so_and_keeps_no_other_from_judging() {
    let packs =
        [("trapping", pack("trapping", "(unreachable)")), ("endless", pack("endless", "(loop (br 0)) (unreachable)"))];
    let workshop = workshop(&packs);
    let gateway = workshop.start().await;
    for lrn in ["ONE-SHIPMENT", "ANOTHER-SHIPMENT"] {
        declare(&gateway, lrn, 1).await;
    }
    for lrn in ["ONE-SHIPMENT", "ANOTHER-SHIPMENT"] {
        let findings = findings(&workshop, &gateway, lrn).await;
        failed(&findings, "trapping", "a trap");
        failed(&findings, "endless", "cpu_ms_max");
        judged(&findings);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_context_that_is_too_large_for_a_pack_says_so_and_smaller_ones_are_judged() {
    let nothing =
        "(i32.store (i32.const 1024) (i32.const 0)) (i32.store (i32.const 1028) (i32.const 0)) (i32.const 1024)";
    let workshop = workshop(&[("small", pack("small", nothing))]);
    workshop.set("plugins/small.toml", "memory_bytes_max", "393_216");
    let gateway = workshop.start().await;
    declare(&gateway, "A-LARGE-ONE", 999).await;
    declare(&gateway, "A-SMALL-ONE", 1).await;
    let large = findings(&workshop, &gateway, "A-LARGE-ONE").await;
    failed(&large, "small", "memory_bytes_max");
    judged(&large);
    let small = findings(&workshop, &gateway, "A-SMALL-ONE").await;
    assert_eq!(of(&small, "small"), Vec::<&Value>::new());
    judged(&small);
}
