//! Looks into a component without compiling or running any of it.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};

use portgate_core::bom;
use portgate_core::manifest::{self, Manifest, World};
use portgate_core::review::Component;
use wasmparser::{
    BinaryReaderError, ComponentTypeRef, Encoding, Instance, Parser, Payload, TypeBounds, Validator, WasmFeatures,
};

use crate::signature::{BadSignatures, Signatures};

/// What a component file says of itself.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// The manifest it carries.
    pub manifest: Manifest,
    /// SHA-256, 64 lower-case hexadecimal digits.
    pub digest: String,
    /// SHA-256 of the content, signatures left out: the same however often a build is signed.
    pub content_sha256: [u8; 32],
    /// Its size, in bytes.
    pub size: u64,
    /// The bill of materials that it carries (JSON), as its author's tools wrote it; nobody has held it against the code.
    pub bom: Option<String>,
    /// The interfaces it imports, with their versions.
    pub imports: Vec<String>,
    /// The functions and interfaces it exports.
    pub exports: Vec<String>,
    /// Core modules inside.
    pub core_modules: u32,
    /// Instances that it makes of those.
    pub core_instances: u32,
    /// Linear memories that those define.
    pub memories: u32,
}

impl From<&Inspection> for Component {
    fn from(inspection: &Inspection) -> Self {
        Component {
            manifest: inspection.manifest.clone(),
            imports: inspection.imports.clone(),
            digest: inspection.digest.clone(),
        }
    }
}

/// Why a file is no component that can be looked into.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is WebAssembly, but a core module.
    #[error(
        "it is a core module, not a component; build it with `portgate plugin build`, which makes a component of it"
    )]
    CoreModule,
    /// It is something else.
    #[error("it is no component: it is {0}")]
    Else(String),
    /// It is WebAssembly, and broken.
    #[error("it is no valid component: {0}")]
    Invalid(String),
    /// Its signatures cannot be read.
    #[error(transparent)]
    Signatures(#[from] BadSignatures),
    /// The manifest is missing.
    #[error("it carries no manifest (custom section `{}`); build it with `portgate plugin build`", manifest::SECTION)]
    ManifestMissing,
    /// There is more than one manifest, and which of them holds is anybody's guess.
    #[error("it carries more than one manifest (custom section `{}`)", manifest::SECTION)]
    ManifestRepeated,
    /// The manifest cannot be read.
    #[error("its manifest is wrong: {0}")]
    ManifestInvalid(String),
    /// It does not export what its world asks for.
    #[error("its manifest names the world `{world}`, but it does not export {missing}")]
    OtherWorld {
        /// The world that the manifest names.
        world: &'static str,
        /// The functions that are missing.
        missing: String,
    },
}

/// Validates a component and reads what it says of itself.
///
/// # Errors
///
/// [`Unreadable`], which says what the file is instead.
pub fn inspect_component(component: &[u8]) -> Result<Inspection, Unreadable> {
    if let Some(other) = crate::sniff::other_than_wasm(component) {
        return Err(Unreadable::Else(other));
    }
    let outline = Outline::read(component)?;
    Validator::new_with_features(proposals()).validate_all(component).map_err(invalid)?;
    let json = match outline.manifests.as_slice() {
        [] => return Err(Unreadable::ManifestMissing),
        [json] => *json,
        _ => return Err(Unreadable::ManifestRepeated),
    };
    let manifest = Manifest::from_json(json).map_err(|mistakes| {
        Unreadable::ManifestInvalid(mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
    })?;
    check_world(manifest.world, &outline.exports)?;
    let content_sha256 = *Signatures::of(component)?.content_sha256();
    let bom = match outline.boms.as_slice() {
        // Of several, nobody knows which one was meant.
        [bom] if bom.len() <= bom::BYTES_MAX => std::str::from_utf8(bom).ok().map(str::to_owned),
        _ => None,
    };
    let Outline { imports, exports, core_modules, core_instances, memories, .. } = outline;
    Ok(Inspection {
        manifest,
        digest: crate::digest(component),
        content_sha256,
        size: component.len() as u64,
        bom,
        imports,
        exports,
        core_modules,
        core_instances,
        memories,
    })
}

/// The same, of a component that is in use already as it was then: policies are read anew more often than plugins change.
pub(crate) fn inspected(component: &[u8]) -> Result<Arc<Inspection>, Unreadable> {
    static IN_USE: LazyLock<Mutex<HashMap<String, Weak<Inspection>>>> = LazyLock::new(Mutex::default);
    let in_use = || IN_USE.lock().unwrap_or_else(PoisonError::into_inner);
    let digest = crate::digest(component);
    if let Some(known) = in_use().get(&digest).and_then(Weak::upgrade) {
        return Ok(known);
    }
    let inspection = Arc::new(inspect_component(component)?);
    let mut in_use = in_use();
    in_use.retain(|_, known| known.strong_count() > 0);
    in_use.insert(digest, Arc::downgrade(&inspection));
    Ok(inspection)
}

/// The proposals that a plugin may use; the engine has the same list, and its tests hold the two together.
pub(crate) fn proposals() -> WasmFeatures {
    let without_gc = WasmFeatures::WASM2.difference(WasmFeatures::GC_TYPES);
    without_gc | WasmFeatures::EXTENDED_CONST | WasmFeatures::COMPONENT_MODEL
}

/// The parts of a component that matter here, as they stand in the file.
#[derive(Default)]
struct Outline<'a> {
    manifests: Vec<&'a [u8]>,
    boms: Vec<&'a [u8]>,
    imports: Vec<String>,
    exports: Vec<String>,
    core_modules: u32,
    core_instances: u32,
    memories: u32,
}

impl<'a> Outline<'a> {
    fn read(component: &'a [u8]) -> Result<Self, Unreadable> {
        let mut outline = Outline::default();
        let mut depth = 0_u32;
        for payload in Parser::new(0).parse_all(component) {
            let payload = payload.map_err(invalid)?;
            match &payload {
                Payload::Version { encoding: Encoding::Module, .. } if depth == 0 => {
                    return Err(Unreadable::CoreModule);
                }
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                _ => {}
            }
            outline.note(payload, depth).map_err(invalid)?;
        }
        Ok(outline)
    }

    fn note(&mut self, payload: Payload<'a>, depth: u32) -> Result<(), BinaryReaderError> {
        match payload {
            Payload::ModuleSection { .. } => self.core_modules += 1,
            Payload::InstanceSection(section) => {
                for instance in section {
                    self.core_instances += u32::from(matches!(instance?, Instance::Instantiate { .. }));
                }
            }
            Payload::MemorySection(section) => self.memories = self.memories.saturating_add(section.count()),
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    let import = import?;
                    // `use types.{…}` of a world repeats those types as imports of their own: names without function.
                    if !matches!(import.ty, ComponentTypeRef::Type(TypeBounds::Eq(_))) {
                        self.imports.push(import.name.name.to_owned());
                    }
                }
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section {
                    self.exports.push(export?.name.name.to_owned());
                }
            }
            Payload::CustomSection(section) if depth == 0 && section.name() == bom::SECTION => {
                self.boms.push(section.data());
            }
            Payload::CustomSection(section) if depth == 0 && section.name() == manifest::SECTION => {
                self.manifests.push(section.data());
            }
            _ => {}
        }
        Ok(())
    }
}

fn invalid(error: BinaryReaderError) -> Unreadable {
    Unreadable::Invalid(error.to_string())
}

fn check_world(world: World, exports: &[String]) -> Result<(), Unreadable> {
    let (world, wanted): (_, &[&str]) = match world {
        World::Connector => ("connector", &["decode", "encode", "interpret"]),
        World::Rules => ("rules", &["inspect"]),
        World::Composer => ("composer", &["compose"]),
    };
    let missing = wanted.iter().filter(|name| !exports.iter().any(|export| export == *name));
    let missing: Vec<String> = missing.map(|name| format!("`{name}`")).collect();
    match missing.is_empty() {
        true => Ok(()),
        false => Err(Unreadable::OtherWorld { world, missing: missing.join(", ") }),
    }
}
