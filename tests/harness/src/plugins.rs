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

/// The names of the project's plugins, those that its policies name.
pub fn names() -> Vec<String> {
    let files = std::fs::read_dir(crate::repository().join("policies/plugins")).expect("the plugins' policies");
    let stem = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.expect("a file").path().file_stem().map(std::ffi::OsStr::to_owned)
    };
    let mut names: Vec<String> = files.filter_map(stem).filter_map(|name| name.into_string().ok()).collect();
    names.sort();
    names
}

/// Puts all of the project's plugins into a folder, which is made where it is not there.
pub fn copy_all(folder: &std::path::Path) {
    std::fs::create_dir_all(folder).expect("a folder");
    for name in names() {
        std::fs::write(folder.join(format!("{name}.wasm")), built(&name)).expect("a component");
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
    let (mut manifest, mut end, mut changed) = (None, 8, component[..8].to_vec());
    while end < component.len() {
        let (start, content) = (end, section_content(component, end));
        end = content.end;
        let name = wasmparser::CustomSectionReader::new(wasmparser::BinaryReader::new(&component[content], 0));
        match name {
            Ok(section) if component[start] == 0 && section.name() == manifest::SECTION => {
                manifest = Some(section.data());
            }
            _ => changed.extend_from_slice(&component[start..end]),
        }
    }
    let mut manifest: Manifest = serde_json::from_slice(manifest.expect("a manifest section")).expect("a manifest");
    change(&mut manifest);
    let json = serde_json::to_vec(&manifest).expect("a manifest serialises");
    let section = wasm_encoder::CustomSection { name: manifest::SECTION.into(), data: json.into() };
    wasm_encoder::ComponentSection::append_to_component(&section, &mut changed);
    changed
}

/// The component with a function more, which nobody calls, in which each of so many variables lives through each of so
/// many loops. With 400 that is 7 kB, on which a compiler works for a minute; with 1,500 it is 25 kB, for which it wants
/// gigabytes.
pub fn with_bomb(component: &[u8], size: usize) -> Vec<u8> {
    let counted: String =
        (0..size).map(|at| format!("(local.set {at} (i64.add (local.get {at}) (i64.const 1)))")).collect();
    let again = "(br_if 0 (i32.wrap_i64 (local.get 0))) end ".repeat(size);
    let (variables, loops) = ("i64 ".repeat(size), "loop ".repeat(size));
    let module = format!("(module (func (local {variables}) {loops} {counted} {again}))");
    let module = wat::parse_str(module).expect("module text");
    let mut bomb = component.to_vec();
    let section = wasm_encoder::RawSection { id: CORE_MODULE, data: &module };
    wasm_encoder::Section::append_to(&section, &mut bomb);
    bomb
}

/// Where things lie in the memory of a plugin that a linker has made.
#[derive(Debug)]
pub struct Placement {
    /// Bytes of the stack, which grows down to the beginning of the memory.
    pub stack_bytes: u64,
    /// Where the data begins.
    pub data: u64,
    /// Bytes that the memory begins with.
    pub memory_bytes: u64,
    /// Where in the component the number is that the stack begins with.
    stack_pointer: std::ops::Range<usize>,
}

impl Placement {
    /// By the core module of the component that has a memory: its first global is the stack pointer.
    pub fn of(component: &[u8]) -> Placement {
        use wasmparser::{DataKind, Operator, Payload};
        let (mut memory, mut stack, mut data) = (None, None, None);
        for payload in wasmparser::Parser::new(0).parse_all(component) {
            match payload.expect("a valid component") {
                Payload::MemorySection(memories) => {
                    memory = memories.into_iter().next().map(|memory| memory.expect("a memory").initial << 16);
                }
                Payload::GlobalSection(globals) if memory.is_some() && stack.is_none() => {
                    let pointer = globals.into_iter().next().expect("a global").expect("a global");
                    let mut reader = pointer.init_expr.get_operators_reader();
                    let start = reader.original_position() + 1;
                    let Ok(Operator::I32Const { value }) = reader.read() else { panic!("a number") };
                    assert!(pointer.ty.mutable, "a stack pointer moves");
                    stack = Some((u64::try_from(value).expect("a place"), start..reader.original_position()));
                }
                Payload::DataSection(segments) if data.is_none() => {
                    let starts = segments.into_iter().filter_map(|segment| match segment.expect("data").kind {
                        DataKind::Active { offset_expr, .. } => match offset_expr.get_operators_reader().read() {
                            Ok(Operator::I32Const { value }) => u64::try_from(value).ok(),
                            _ => None,
                        },
                        DataKind::Passive => None,
                    });
                    data = starts.min();
                }
                _ => {}
            }
        }
        let (stack_bytes, stack_pointer) = stack.expect("a stack pointer");
        let (data, memory_bytes) = (data.expect("data"), memory.expect("a memory"));
        Placement { stack_bytes, data, memory_bytes, stack_pointer }
    }
}

/// The component with a smaller stack: it begins with fewer bytes before the end of the memory.
pub fn with_stack(component: &[u8], bytes: u64) -> Vec<u8> {
    let Placement { stack_bytes, stack_pointer, .. } = Placement::of(component);
    assert!(bytes <= stack_bytes, "the data lies behind the stack");
    let (mut changed, last) = (component.to_vec(), stack_pointer.len() - 1);
    // A number in as many bytes as before, seven bits in each; the last leaves room for the sign.
    for (at, byte) in changed[stack_pointer].iter_mut().enumerate() {
        let seven = (bytes >> (7 * at) & 0x7f) as u8;
        *byte = if at < last { seven | 0x80 } else { seven };
    }
    assert_eq!(Placement::of(&changed).stack_bytes, bytes);
    changed
}

/// The identifier of a component's section that holds a core module.
const CORE_MODULE: u8 = 1;

/// Where the content of the top-level section lies that starts there.
fn section_content(component: &[u8], start: usize) -> std::ops::Range<usize> {
    let (mut size, mut shift, mut next) = (0_usize, 0, start + 1);
    loop {
        let byte = component[next];
        size |= usize::from(byte & 0x7f) << shift;
        (shift, next) = (shift + 7, next + 1);
        if byte & 0x80 == 0 {
            return next..next + size;
        }
    }
}
