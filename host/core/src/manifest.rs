//! The manifest of a plugin: what its author says of it (`plugin.toml`), as it travels inside the component file.
//!
//! `portgate plugin build` checks `plugin.toml`, replaces each schema's file name by the schema itself and embeds the
//! result as JSON in the custom section [`SECTION`], so that a plugin is one file and one digest covers all of it.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod media_types;
mod read;

pub use crate::contract::{AgreementUse, BusinessKey, Contract, Direction, Format, IdempotencyKey, Yields};
pub use crate::mistake::Mistake;

/// The name of the component's custom section that holds the manifest as JSON.
pub const SECTION: &str = "portgate:manifest@1";

/// Which of the worlds of `wit/connector/v1` a plugin is built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum World {
    /// Translates between a partner's formats and canonical documents.
    Connector,
    /// Judges the assembled state of a shipment.
    Rules,
    /// Makes the declaration that a regime wants of the assembled state of a shipment.
    Composer,
}

/// What a plugin's author says of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub struct Manifest {
    /// The plugin's name: lower-case letters, digits and hyphens, starting with a letter.
    #[schemars(regex(pattern = r"^[a-z][a-z0-9-]{0,62}$"))]
    pub name: String,
    /// Its version, by Semantic Versioning 2.0.0.
    #[schemars(regex(pattern = r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$"))]
    pub version: String,
    /// One sentence on what it does.
    pub description: String,
    /// The world it is built for.
    pub world: World,
    /// The contracts it decodes or encodes.
    #[serde(default)]
    pub contracts: Vec<Contract>,
    /// What it needs from the host and wants to emit; the policy must grant each.
    #[serde(default)]
    pub capabilities: Capabilities,
    /// Fields of its contracts that it does not read, on purpose. Its tests fail for any other that it does not read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ignored: Vec<Ignored>,
}

impl Manifest {
    /// The tables of partners' codes that it looks up, over all its contracts.
    pub fn codes(&self) -> BTreeSet<String> {
        self.contracts.iter().flat_map(|contract| contract.agreement.codes.iter().cloned()).collect()
    }
}

/// A field that a connector does not read, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ignored {
    /// The contract that has it, `name` or `name/version`; every contract of the plugin where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<String>,
    /// The field, with all in it: `/lines/*/sku` in JSON, `/Order/Line/@id` in XML, `NAD/3/1` in EDI. `*` stands for any
    /// one step, `**/` at its beginning for any way to it; `**` alone for a message that goes past the SDK's readers.
    #[schemars(length(min = 1, max = 200))]
    pub path: String,
    /// Why nothing is lost by that, in a sentence.
    #[schemars(length(min = 1))]
    pub why: String,
}

/// What a plugin needs from the host and wants to emit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "snake_case", default)]
pub struct Capabilities {
    /// Reference tables it looks things up in.
    pub tables: BTreeSet<String>,
    /// Kinds of canonical documents it emits.
    pub emit: BTreeSet<String>,
    /// Kinds of canonical documents it is given.
    pub read: BTreeSet<String>,
}
