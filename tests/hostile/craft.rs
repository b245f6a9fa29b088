//! Components made from WebAssembly text, for what no compiler would write: exact bytes at the boundary, odd sections,
//! foreign imports.

use portgate_core::manifest;
use serde_json::{Value, json};
use wasm_encoder::{ComponentSection, CustomSection};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// A plugin in WebAssembly text. As it is, its `decode` returns no documents; the fields say what is different.
pub(crate) struct Craft<'a> {
    /// The body of `decode`, which gets the place of the message and returns that of its result.
    pub(crate) decode: &'a str,
    /// The body of `cabi_realloc`, which the host asks for room for the arguments.
    pub(crate) realloc: &'a str,
    /// The memory, as text writes its limits.
    pub(crate) memory: &'a str,
    /// Anything else that a module can hold.
    pub(crate) more: &'a str,
    /// More of the world: imports that the module asks for.
    pub(crate) world: &'a str,
    /// Packages that this needs.
    pub(crate) packages: &'a str,
    /// The manifest, if any.
    pub(crate) manifest: Option<Value>,
}

/// The place of the result: all zero, which is no documents and no findings.
const NOTHING: &str = "(i32.const 1024)";

/// Hands out memory from the second page on.
const BUMP: &str = "(global.set $next (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
    (global.get $next)
    (global.set $next (i32.add (global.get $next) (local.get 3)))";

impl Default for Craft<'_> {
    fn default() -> Self {
        Craft {
            decode: NOTHING,
            realloc: BUMP,
            memory: "2",
            more: "",
            world: "",
            packages: "",
            manifest: Some(manifest("connector")),
        }
    }
}

impl Craft<'_> {
    /// The component of a connector.
    pub(crate) fn component(&self) -> Vec<u8> {
        let numbers = |count: usize| "i32 ".repeat(count);
        let module = format!(
            r#"(module
                {more}
                (memory (export "memory") {memory})
                (global $next (mut i32) (i32.const 65536))
                (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) {realloc})
                (func (export "decode") (param i32) (result i32) {decode})
                (func (export "encode") (param i32) (result i32) unreachable)
                (func (export "interpret") (param {p16}) (result i32) unreachable))"#,
            more = self.more,
            memory = self.memory,
            realloc = self.realloc,
            decode = self.decode,
            p16 = numbers(16),
        );
        let world = format!("world w {{ include portgate:connector/connector@1.0.0; {} }}", self.world);
        with_section(component(&module, &world, self.packages), self.manifest.as_ref())
    }
}

/// A manifest that fits [`Craft`].
pub(crate) fn manifest(world: &str) -> Value {
    json!({ "name": "crafted", "version": "1.0.0", "description": "Made for one test.", "world": world })
}

/// A component of this world, which is the text of one called `w`, around this module.
pub(crate) fn component(module: &str, world: &str, packages: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let contract = portgate_tests::repository().join("wit/connector/v1");
    resolve.push_dir(contract).expect("the project's contract");
    if !packages.is_empty() {
        resolve.push_str("packages.wit", packages).expect("packages that parse");
    }
    let package =
        resolve.push_str("world.wit", &format!("package test:crafted;\n{world}")).expect("a world that parses");
    let world = resolve.select_world(&[package], Some("w")).expect("the world is called `w`");
    let mut module = wat::parse_str(module).expect("module text");
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).expect("metadata");
    let encoder = ComponentEncoder::default();
    let mut encoder = encoder.validate(true).module(&module).expect("a module of this world");
    encoder.encode().unwrap_or_else(|error| panic!("the crafted module does not become a component: {error:?}"))
}

/// The component with a manifest after it.
pub(crate) fn with_section(mut component: Vec<u8>, manifest: Option<&Value>) -> Vec<u8> {
    if let Some(manifest) = manifest {
        let json = manifest.to_string().into_bytes();
        CustomSection { name: manifest::SECTION.into(), data: json.into() }.append_to_component(&mut component);
    }
    component
}

/// A component from component text, with a manifest.
pub(crate) fn from_text(component: &str) -> Vec<u8> {
    with_section(wat::parse_str(component).expect("component text"), Some(&manifest("connector")))
}
