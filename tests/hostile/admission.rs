//! What is refused before it is called, by name and before anything of it is compiled.

use portgate_runtime::{Distrust, Refusal, Unreadable};
use portgate_tests::plugins;
use serde_json::json;

use crate::craft::{self, Craft};
use crate::rig::{Rig, is_good, message, policy};

/// The refusal of this component, and the proof that it was never compiled.
#[track_caller]
fn refused(component: &[u8]) -> Refusal {
    let rig = Rig::new();
    let refusal = rig.admit("crafted", component, &policy()).expect_err("it was to be refused");
    assert!(rig.artefacts().is_empty(), "it was compiled");
    refusal
}

#[track_caller]
fn says(refusal: &Refusal, words: &[&str]) {
    let text = refusal.to_string();
    for word in words {
        assert!(text.contains(word), "`{word}` is missing from: {text}");
    }
}

#[test]
fn a_wasi_import_is_refused_by_name() {
    let component = Craft {
        world: "import wasi:cli/environment@0.2.6;",
        packages: "package wasi:cli@0.2.6; interface environment { initial-cwd: func() -> option<string>; }",
        more: r#"(import "wasi:cli/environment@0.2.6" "initial-cwd" (func (param i32)))"#,
        ..Craft::default()
    };
    says(&refused(&component.component()), &["`wasi:cli/environment@0.2.6`", "does not exist inside the sandbox"]);
}

#[test]
fn an_import_that_is_not_granted_is_refused_by_name() {
    let rig = Rig::new();
    let mut narrow = policy();
    narrow.grants.tables.clear();
    let refusal = rig.admit("hostile", &plugins::built("hostile"), &narrow).expect_err("tables are not granted");
    says(&refusal, &["`portgate:connector/reference-data@1.0.0`", "grants.tables", "`codes`"]);
    assert!(rig.artefacts().is_empty(), "it was compiled");
}

#[test]
fn an_import_that_the_manifest_does_not_declare_is_refused_by_name() {
    let component = Craft {
        more: r#"(import "portgate:connector/reference-data@1.0.0" "lookup" (func (param i32 i32 i32 i32 i32 i32 i32)))"#,
        ..Craft::default()
    };
    says(&refused(&component.component()), &["`portgate:connector/reference-data@1.0.0`", "manifest"]);
}

#[test]
fn a_kind_of_document_that_is_not_granted_is_refused_by_name() {
    let mut manifest = craft::manifest("connector");
    manifest["capabilities"] = json!({ "emit": ["order"] });
    let component = Craft { manifest: Some(manifest), ..Craft::default() }.component();
    says(&refused(&component), &["`order`", "grants.emit"]);
}

#[test]
fn a_component_of_another_world_is_refused_with_what_is_missing() {
    let module = r#"(module (func (export "greet") (result i32) (i32.const 7)))"#;
    let other = craft::component(module, "world w { export greet: func() -> u32; }", "");
    let refusal = refused(&craft::with_section(other.clone(), Some(&craft::manifest("connector"))));
    says(&refusal, &["`connector`", "`decode`", "`encode`", "`interpret`"]);
    says(&refused(&craft::with_section(other, Some(&craft::manifest("rules")))), &["`rules`", "`inspect`"]);
}

#[test]
fn a_connector_that_says_it_is_a_rule_pack_is_refused() {
    let component = Craft { manifest: Some(craft::manifest("rules")), ..Craft::default() }.component();
    says(&refused(&component), &["`rules`", "`inspect`"]);
}

#[test]
fn functions_of_another_shape_are_refused() {
    let module = r#"(module
        (func (export "decode") (result i32) (i32.const 7))
        (func (export "encode") (result i32) (i32.const 7))
        (func (export "interpret") (result i32) (i32.const 7)))"#;
    let world =
        "world w { export decode: func() -> u32; export encode: func() -> u32; export interpret: func() -> u32; }";
    let component = craft::with_section(craft::component(module, world, ""), Some(&craft::manifest("connector")));
    let refusal = Rig::new().admit("crafted", &component, &policy()).expect_err("the types are others");
    assert!(matches!(refusal, Refusal::Unfit(_)), "{refusal}");
}

#[test]
fn a_core_module_is_refused_with_what_to_do() {
    let refusal = refused(&wat::parse_str("(module)").expect("module text"));
    assert!(matches!(refusal, Refusal::Unreadable(Unreadable::CoreModule)), "{refusal}");
    says(&refusal, &["core module", "portgate plugin build"]);
}

#[test]
fn what_is_no_webassembly_is_refused() {
    for bytes in [&b""[..], b"MZ\x90\0", b"{\"name\":\"crafted\"}", &[0xff; 64]] {
        assert!(matches!(refused(bytes), Refusal::Unreadable(Unreadable::Else(_))), "{bytes:?}");
    }
    assert!(matches!(refused(b"\0asm"), Refusal::Unreadable(Unreadable::Invalid(_))), "it begins as WebAssembly does");
}

#[test]
fn a_file_that_was_cut_off_is_refused_wherever_it_ends() {
    let whole = Craft::default().component();
    let rig = Rig::new();
    for end in 0..whole.len() {
        let refusal = rig.admit("crafted", &whole[..end], &policy()).expect_err("a part is no plugin");
        assert!(matches!(refusal, Refusal::Unreadable(_)), "at {end}: {refusal}");
    }
    assert!(rig.artefacts().is_empty(), "a part was compiled");
}

#[tokio::test]
async fn a_file_with_a_wrong_byte_disturbs_nothing() {
    let rig = Rig::new();
    let good = rig.good();
    let whole = Craft::default().component();
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x41;
        // Some bytes are names that nobody reads; whatever is admitted still runs in a sandbox.
        if let Ok(plugin) = rig.admit("crafted", &damaged, &policy()) {
            plugin.decode(message("crafted")).await;
        }
    }
    is_good(&good.decode(message("good")).await);
}

#[test]
fn a_proposal_that_no_plugin_needs_is_refused() {
    let modules = [
        ("memory64", "(memory i64 1)"),
        ("multi-memory", "(memory 1) (memory 1)"),
        ("threads", "(memory 1 1 shared)"),
        ("tail calls", "(func $f (return_call $f))"),
        ("exceptions", "(tag)"),
        ("garbage collection", "(type (struct (field i32)))"),
        ("function references", "(func $f (param (ref func)))"),
        ("external references", "(table 1 externref)"),
        ("relaxed SIMD", "(func (param v128) (result v128) (i8x16.relaxed_swizzle (local.get 0) (local.get 0)))"),
        ("wide arithmetic", "(func (result i64 i64) (i64.mul_wide_u (i64.const 1) (i64.const 1)))"),
        ("custom page sizes", "(memory 1 (pagesize 1))"),
    ];
    for (proposal, module) in modules {
        let refusal = refused(&craft::from_text(&format!("(component (core module {module}))")));
        assert!(matches!(refusal, Refusal::Unreadable(Unreadable::Invalid(_))), "{proposal}: {refusal}");
    }
}

#[test]
fn a_manifest_that_is_missing_is_refused() {
    let refusal = refused(&Craft { manifest: None, ..Craft::default() }.component());
    assert!(matches!(refusal, Refusal::Unreadable(Unreadable::ManifestMissing)), "{refusal}");
}

#[test]
fn two_manifests_are_refused() {
    let component = craft::with_section(Craft::default().component(), Some(&craft::manifest("connector")));
    assert!(matches!(refused(&component), Refusal::Unreadable(Unreadable::ManifestRepeated)));
}

#[test]
fn a_manifest_with_a_mistake_is_refused_with_its_place() {
    let mut unknown = craft::manifest("connector");
    unknown["network"] = json!(true);
    let mut misnamed = craft::manifest("connector");
    misnamed["name"] = json!("../crafted");
    for (manifest, word) in [(unknown, "network"), (misnamed, "name"), (json!([]), ""), (json!({}), "")] {
        let refusal = refused(&Craft { manifest: Some(manifest), ..Craft::default() }.component());
        assert!(matches!(refusal, Refusal::Unreadable(Unreadable::ManifestInvalid(_))), "{refusal}");
        says(&refusal, &[word]);
    }
}

#[test]
fn a_component_of_another_name_is_refused() {
    let mut manifest = craft::manifest("connector");
    manifest["name"] = json!("another");
    let component = Craft { manifest: Some(manifest), ..Craft::default() }.component();
    says(&refused(&component), &["`another`", "`crafted`"]);
}

#[test]
fn a_component_that_is_not_the_pinned_one_is_refused() {
    let rig = Rig::new();
    let (one, other) = (Craft::default().component(), Craft { memory: "3", ..Craft::default() }.component());
    let mut pinned = policy();
    pinned.sha256 = Some(portgate_runtime::digest(&one));
    rig.admit("crafted", &one, &pinned).expect("the pinned one");
    let refusal = rig.admit("crafted", &other, &pinned).expect_err("another one");
    assert!(matches!(refusal, Refusal::Distrusted(Distrust::OtherDigest { .. })), "{refusal}");
}

#[test]
fn a_component_of_too_many_parts_is_refused() {
    let instances = "(core instance (instantiate $m))".repeat(20);
    let component = format!(
        r#"(component (core module $m (memory 1)) {instances}
            (core module $f (func (export "f") (result i32) (i32.const 7)))
            (core instance $i (instantiate $f))
            (func $f (result u32) (canon lift (core func $i "f")))
            (export "decode" (func $f)) (export "encode" (func $f)) (export "interpret" (func $f)))"#
    );
    let refusal = Rig::new().admit("crafted", &craft::from_text(&component), &policy()).expect_err("too many");
    assert!(matches!(refusal, Refusal::Uncompilable(_)), "{refusal}");
}
