//! What a plugin is not granted of a document never enters its sandbox: it is neither in what it returns and logs nor
//! anywhere in its memory.

use portgate_core::delivery::Target;
use portgate_core::document::{Document, Reference};
use portgate_core::policy::PluginPolicy;
use portgate_runtime::{CallError, Plugin};

use crate::craft;
use crate::rig::{self, Rig};

/// A text that is nowhere else: if it is found, it came out of the document.
fn canary() -> String {
    let mut random = [0; 16];
    aws_lc_rs::rand::fill(&mut random).expect("random bytes");
    format!("canary-{}", hex::encode(random))
}

/// An order in which everything but its number and its item is secret.
fn order(canary: &str) -> Document {
    let secret = |place: &str| format!("{canary}-{place}");
    let body = serde_json::json!({
        "id": secret("id"),
        "orderNumber": "PO-1",
        "buyer": { "name": secret("buyer") },
        "lines": [{ "lineNo": secret("line"), "itemRef": "SKU-1" }],
        "references": [{ "scheme": "ucr", "value": "9GB1" }, { "scheme": "order", "value": secret("reference") }],
    });
    let reference = |scheme: &str, value: String| Reference { scheme: scheme.to_owned(), value };
    Document {
        kind: "order".to_owned(),
        key: secret("id"),
        refs: vec![reference("ucr", "9GB1".to_owned()), reference("order", secret("reference"))],
        body: body.to_string().into_bytes(),
    }
}

/// Lets the plugin read orders, whole.
fn reads_orders(policy: &mut PluginPolicy) {
    policy.grants.read = ["order".to_owned()].into();
    policy.limits.output_bytes_max = 8 << 20;
    policy.limits.cpu_ms_max = 5_000;
}

/// Lets the plugin read the number and the items of orders.
fn reads_a_little_of_orders(policy: &mut PluginPolicy) {
    reads_orders(policy);
    let fields = ["/orderNumber", "/lines/*/itemRef"].map(str::to_owned);
    policy.grants.fields = [("order".to_owned(), fields.into())].into();
    policy.grants.references = ["ucr".to_owned()].into();
}

/// Everything that a plugin has of a document: all of its memory, and all that it could log.
async fn everything(plugin: &Plugin, document: Document) -> Vec<u8> {
    let call = plugin.encode(vec![document], Target::new("everything", "1", "now")).await;
    let log = format!("{:?}", call.log).into_bytes();
    let request = call.outcome.expect("a result").expect("a request");
    [request.body, request.path.into_bytes(), log].concat()
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn what_is_not_granted_is_nowhere_in_the_memory_the_log_or_the_output() {
    let (rig, canary) = (Rig::new(), canary());
    let all = everything(&rig.hostile(reads_orders), order(&canary)).await;
    for place in ["id", "buyer", "line", "reference"] {
        assert!(holds(&all, &format!("{canary}-{place}")), "the test itself must be able to find {place}");
    }
    let granted = everything(&rig.hostile(reads_a_little_of_orders), order(&canary)).await;
    assert!(holds(&granted, r#"{"lines":[{"itemRef":"SKU-1"}],"orderNumber":"PO-1""#), "what is granted is there");
    assert!(holds(&granted, "9GB1"), "a granted reference is there");
    assert!(!holds(&granted, &canary), "what is not granted is there");
    assert!(!holds(&granted, &canary["canary-".len()..]), "a part of what is not granted is there");
}

#[tokio::test]
async fn rules_see_of_their_context_what_is_granted() {
    // Returns one finding whose detail is the document's text.
    let module = r#"(module
        (memory (export "memory") 2)
        (global $next (mut i32) (i32.const 65536))
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
            (global.set $next (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
            (global.get $next)
            (global.set $next (i32.add (global.get $next) (local.get 3))))
        (func (export "inspect") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
            (i32.store (i32.const 2068) (local.get 6))
            (i32.store (i32.const 2072) (local.get 7))
            (i32.store (i32.const 1024) (i32.const 2048))
            (i32.store (i32.const 1028) (i32.const 1))
            (i32.const 1024)))"#;
    let component = craft::component(module, "world w { include portgate:connector/rules@1.0.0; }", "");
    let wants_nothing = craft::with_section(component.clone(), Some(&craft::manifest("rules")));
    let mut manifest = craft::manifest("rules");
    manifest["capabilities"] = serde_json::json!({ "read": ["order"] });
    let component = craft::with_section(component, Some(&manifest));
    let (rig, canary) = (Rig::new(), canary());
    let mut policy = rig::policy();
    for (grant, expected) in [
        (reads_orders as fn(&mut PluginPolicy), String::from_utf8(order(&canary).body).expect("text")),
        (
            reads_a_little_of_orders,
            r#"{"lines":[{"itemRef":"SKU-1"}],"orderNumber":"PO-1","references":[{"scheme":"ucr","value":"9GB1"}]}"#
                .to_owned(),
        ),
    ] {
        grant(&mut policy);
        let plugin = rig.admit("crafted", &component, &policy).expect("a rule pack is admitted");
        let findings = plugin.inspect(order(&canary), "now".to_owned()).await.outcome.expect("findings");
        assert_eq!(findings.iter().map(|finding| finding.detail.as_str()).collect::<Vec<_>>(), [expected]);
    }
    let denied = rig.admit("crafted", &wants_nothing, &rig::policy()).expect("a rule pack is admitted");
    let denied = denied.inspect(order(&canary), "now".to_owned()).await.outcome;
    assert_eq!(denied, Err(CallError::ReadDenied { kind: "order".to_owned() }));
}

#[tokio::test]
async fn a_kind_that_is_not_granted_ends_the_call_before_it_begins() {
    let plugin = Rig::new().hostile(|_| ());
    let good = Document { kind: "document-ref".to_owned(), key: String::new(), refs: Vec::new(), body: b"{}".to_vec() };
    let documents = vec![good, order("text")];
    let call = plugin.encode(documents, Target::new("everything", "1", "now")).await;
    assert_eq!(call.outcome.expect_err("not granted"), CallError::ReadDenied { kind: "order".to_owned() });
    assert_eq!((call.log.len(), call.usage.memory_bytes_peak), (0, 0), "no sandbox was made");
}

#[tokio::test]
async fn what_fields_cannot_be_taken_out_of_is_not_given_at_all() {
    let plugin = Rig::new().hostile(reads_a_little_of_orders);
    let document = Document { body: b"no JSON".to_vec(), ..order("text") };
    let call = plugin.encode(vec![document], Target::new("everything", "1", "now")).await;
    assert_eq!(call.outcome.expect_err("no object"), CallError::ReadImpossible { kind: "order".to_owned() });
}
