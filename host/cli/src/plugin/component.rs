//! From a core module to the one file that a gateway takes: a component with its manifest inside.

use std::borrow::Cow;

use portgate_core::bom;
use portgate_core::manifest::{Manifest, SECTION};
use portgate_runtime::{Inspection, Unreadable, for_one_call, inspect_component};
use wasm_encoder::{ComponentSection, CustomSection};
use wit_component::ComponentEncoder;

/// Why a module does not become a plugin.
#[derive(Debug, thiserror::Error)]
pub(super) enum ComponentError {
    /// The module's exports or its metadata are not those of a world.
    #[error("cannot make a component of it: {0}. Does the crate say `portgate_sdk::export!(…);` once?")]
    Encode(String),
    /// The gateway would not take the result.
    #[error("the component does not fit its plugin.toml: {0}")]
    Unreadable(#[from] Unreadable),
    /// The code looks things up and the manifest names no table.
    #[error("the code looks things up in reference tables; name each under `[capabilities] tables` in plugin.toml")]
    UndeclaredTables,
    /// The code looks codes up and the manifest names no table of them.
    #[error(
        "the code looks partners' codes up; name each table as `agreement = {{ codes = [\"…\"] }}` of the contract in plugin.toml"
    )]
    UndeclaredCodes,
}

/// Makes the plugin file's bytes of a core module, its manifest and its bill of materials, and looks the result over as a gateway does.
pub(super) fn assemble(
    module: &[u8],
    manifest: &Manifest,
    bill: Option<&str>,
) -> Result<(Vec<u8>, Inspection), ComponentError> {
    let module = for_one_call(module).map_err(|error| ComponentError::Encode(error.to_string()))?;
    let encode = || ComponentEncoder::default().validate(true).module(&module)?.encode();
    let mut component = encode().map_err(|error| ComponentError::Encode(format!("{error:#}")))?;
    let json = serde_json::to_vec(manifest).expect("a manifest holds only strings, numbers and lists");
    CustomSection { name: Cow::Borrowed(SECTION), data: Cow::Owned(json) }.append_to_component(&mut component);
    if let Some(bill) = bill {
        let data = Cow::Borrowed(bill.as_bytes());
        CustomSection { name: Cow::Borrowed(bom::SECTION), data }.append_to_component(&mut component);
    }
    let inspection = inspect_component(&component)?;
    let imports = |interface: &str| inspection.imports.iter().any(|name| name.starts_with(interface));
    let looks_up = imports("portgate:connector/reference-data@") || imports("portgate:connector/names@");
    if looks_up && manifest.capabilities.tables.is_empty() {
        return Err(ComponentError::UndeclaredTables);
    }
    if imports("portgate:connector/codes@") && manifest.codes().is_empty() {
        return Err(ComponentError::UndeclaredCodes);
    }
    Ok((component, inspection))
}
