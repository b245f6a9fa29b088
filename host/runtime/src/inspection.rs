//! Looks into a component without compiling or running any of it.

use portgate_core::manifest::{self, Manifest, World};
use wasmparser::{Encoding, Parser, Payload, Validator, WasmFeatures};

/// What a component file says of itself.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// The manifest it carries.
    pub manifest: Manifest,
    /// SHA-256, 64 lower-case hexadecimal digits.
    pub digest: String,
    /// Its size, in bytes.
    pub size: u64,
    /// The interfaces it imports, with their versions.
    pub imports: Vec<String>,
    /// The functions and interfaces it exports.
    pub exports: Vec<String>,
    /// Core modules inside.
    pub core_modules: u32,
    /// Linear memories that those define.
    pub memories: u32,
}

/// Why a file is no component that can be looked into.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is WebAssembly, but a core module.
    #[error("it is a core module, not a component; build it with `portgate plugin build`, which makes a component of it")]
    CoreModule,
    /// It is no WebAssembly, or broken.
    #[error("it is no valid component: {0}")]
    Invalid(String),
    /// The manifest is missing.
    #[error("it carries no manifest (custom section `{}`); build it with `portgate plugin build`", manifest::SECTION)]
    ManifestMissing,
    /// The manifest cannot be read.
    #[error("its manifest cannot be read: {0}")]
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
    let invalid = |error: wasmparser::BinaryReaderError| Unreadable::Invalid(error.to_string());
    let (mut imports, mut exports) = (Vec::new(), Vec::new());
    let (mut core_modules, mut memories) = (0, 0);
    let (mut depth, mut manifest) = (0_u32, None);
    for payload in Parser::new(0).parse_all(component) {
        match payload.map_err(invalid)? {
            Payload::Version { encoding: Encoding::Module, .. } if depth == 0 => return Err(Unreadable::CoreModule),
            Payload::ModuleSection { .. } => {
                depth += 1;
                core_modules += 1;
            }
            Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::MemorySection(section) => memories += section.count(),
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    imports.push(import.map_err(invalid)?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section {
                    exports.push(export.map_err(invalid)?.name.name.to_owned());
                }
            }
            Payload::CustomSection(section) if depth == 0 && section.name() == manifest::SECTION => {
                manifest = Some(section.data());
            }
            _ => {}
        }
    }
    Validator::new_with_features(features()).validate_all(component).map_err(invalid)?;
    let json = manifest.ok_or(Unreadable::ManifestMissing)?;
    let manifest: Manifest =
        serde_json::from_slice(json).map_err(|error| Unreadable::ManifestInvalid(error.to_string()))?;
    check_world(manifest.world, &exports)?;
    Ok(Inspection {
        manifest,
        digest: crate::digest(component),
        size: component.len() as u64,
        imports,
        exports,
        core_modules,
        memories,
    })
}

/// The proposals that a plugin may use; the engine has the same list.
fn features() -> WasmFeatures {
    WasmFeatures::WASM2 | WasmFeatures::COMPONENT_MODEL | WasmFeatures::EXTENDED_CONST
}

fn check_world(world: World, exports: &[String]) -> Result<(), Unreadable> {
    let (world, wanted): (_, &[&str]) = match world {
        World::Connector => ("connector", &["decode", "encode", "interpret"]),
        World::Rules => ("rules", &["inspect"]),
    };
    let missing = wanted.iter().filter(|name| !exports.iter().any(|export| export == *name));
    let missing: Vec<String> = missing.map(|name| format!("`{name}`")).collect();
    match missing.is_empty() {
        true => Ok(()),
        false => Err(Unreadable::OtherWorld { world, missing: missing.join(", ") }),
    }
}
