//! Plugins as `make plugins` builds them.

use std::path::PathBuf;

use portgate_core::manifest::{self, Manifest};
use portgate_runtime::SigningKey;

/// The folder of built components: `target/plugins`, or where `PORTGATE_PLUGINS` says.
pub fn folder() -> PathBuf {
    match std::env::var_os("PORTGATE_PLUGINS") {
        Some(folder) => folder.into(),
        None => crate::repository().join("target/plugins").canonicalize().unwrap_or_else(|_| {
            panic!("there is no folder target/plugins; run `make plugins` first (`make test` does)")
        }),
    }
}

/// The component of this plugin.
pub fn built(name: &str) -> Vec<u8> {
    let path = folder().join(format!("{name}.wasm"));
    std::fs::read(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; run `make plugins` first (`make test` does)", path.display()))
}

/// The file of the public key that `make plugins` signed them for; policies/signers/builder.toml trusts it.
pub fn public_key() -> PathBuf {
    folder().with_file_name("demo").join("builder.key.pub")
}

/// The component with a signature by the key that `make plugins` signs with.
pub fn signed(component: &[u8]) -> Vec<u8> {
    let path = public_key().with_extension("");
    let pem = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; run `make plugins` first (`make test` does)", path.display()));
    SigningKey::parse(&pem).expect("a signing key").sign(component).expect("a component that can be signed")
}

/// The same component with another manifest: what its author could have built.
pub fn with_manifest(component: &[u8], change: impl FnOnce(&mut Manifest)) -> Vec<u8> {
    let start = last_section(component);
    let mut sections = wasmparser::Parser::new(0).parse_all(component);
    let json = sections.find_map(|payload| match payload.expect("a built component parses") {
        wasmparser::Payload::CustomSection(section) if section.name() == manifest::SECTION => Some(section.data()),
        _ => None,
    });
    let mut manifest: Manifest = serde_json::from_slice(json.expect("a manifest section")).expect("a manifest");
    change(&mut manifest);
    let json = serde_json::to_vec(&manifest).expect("a manifest serialises");
    let mut changed = component[..start].to_vec();
    let section = wasm_encoder::CustomSection { name: manifest::SECTION.into(), data: json.into() };
    wasm_encoder::ComponentSection::append_to_component(&section, &mut changed);
    changed
}

/// Where the last top-level section of a component starts, its id byte included: `plugin build` puts the manifest there.
fn last_section(component: &[u8]) -> usize {
    let mut at = 8;
    loop {
        let (mut size, mut shift, mut next) = (0_usize, 0, at + 1);
        loop {
            let byte = component[next];
            size |= usize::from(byte & 0x7f) << shift;
            (shift, next) = (shift + 7, next + 1);
            if byte & 0x80 == 0 {
                break;
            }
        }
        if next + size == component.len() {
            return at;
        }
        at = next + size;
    }
}
