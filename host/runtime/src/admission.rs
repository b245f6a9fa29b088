//! The decision whether a component becomes a plugin, in the order in which it costs least to be wrong: size, who vouches
//! for it, what it is, whether its version goes back, and what it wants against what it may have. Nothing is compiled here.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use portgate_core::admission::{self, Admitted, Setback, Version};
use portgate_core::capability;
use portgate_core::policy::{Ceiling, PluginPolicy, Rollback};

use crate::inspection::{Inspection, inspected};
use crate::refusal::Refusal;
use crate::signature::Signers;
use crate::tables::Tables;
use crate::trust::{Vouched, vouch};

/// No component that a person reviews is larger than this; a Python interpreter is about 40 MB.
const COMPONENT_BYTES_MAX: u64 = 64 << 20;

/// Everything that decides on a component.
#[derive(Clone, Copy)]
pub struct Admission<'a> {
    /// The plugin's name, which is that of its policy.
    pub name: &'a str,
    /// Its policy.
    pub policy: &'a PluginPolicy,
    /// What no policy may exceed.
    pub ceiling: &'a Ceiling,
    /// The reference tables that there are.
    pub tables: &'a Arc<Tables>,
    /// The signers that there are; the policy names those that count.
    pub signers: &'a Signers,
    /// The highest version of the plugin that was ever admitted.
    pub before: Option<&'a Admitted>,
    /// The day, in UTC.
    pub today: Date,
}

/// Why a component was admitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grounds {
    /// What vouched for it.
    pub vouched: Vouched,
    /// The override that its version needed, if it did.
    pub rollback: Option<Rollback>,
}

impl<'a> Admission<'a> {
    /// An admission by a pinned digest, of a plugin that was never admitted before.
    pub fn pinned(name: &'a str, policy: &'a PluginPolicy, ceiling: &'a Ceiling, tables: &'a Arc<Tables>) -> Self {
        static NOBODY: Signers = BTreeMap::new();
        Admission { name, policy, ceiling, tables, signers: &NOBODY, before: None, today: Date::MAX }
    }

    /// Looks a component over.
    ///
    /// # Errors
    ///
    /// The first [`Refusal`]; of capabilities, all.
    pub(crate) fn look_over(&self, component: &[u8]) -> Result<(Arc<Inspection>, Grounds), Refusal> {
        let bytes = component.len() as u64;
        if bytes > COMPONENT_BYTES_MAX {
            return Err(Refusal::TooLarge { bytes, bytes_max: COMPONENT_BYTES_MAX });
        }
        let vouched = vouch(component, self.policy, self.signers, self.today)?;
        let inspection = inspected(component)?;
        if inspection.manifest.name != self.name {
            let (found, expected) = (inspection.manifest.name.clone(), self.name.to_owned());
            return Err(Refusal::OtherPlugin { found, expected });
        }
        let rollback = self.comes_after(&inspection)?.cloned();
        let excess = capability::compare(&inspection.manifest, &inspection.imports, self.policy, self.ceiling);
        if !excess.is_empty() {
            return Err(Refusal::Excess(excess));
        }
        if let Some(absent) = self.policy.grants.tables.iter().find(|table| !self.tables.contains(table)) {
            return Err(Refusal::NoSuchTable(absent.clone()));
        }
        Ok((inspection, Grounds { vouched, rollback }))
    }

    fn comes_after(&self, inspection: &Inspection) -> Result<Option<&'a Rollback>, Setback> {
        let version = inspection.version();
        admission::check(&version, &inspection.content_sha256, self.policy, self.ceiling, self.before)
    }
}

impl Inspection {
    /// The manifest's version.
    pub fn version(&self) -> Version {
        // A manifest whose version is none was refused when it was read.
        Version::parse(&self.manifest.version).unwrap_or(Version::new(0, 0, 0))
    }
}
