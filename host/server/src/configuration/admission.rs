//! Admits the plugins of a configuration: reads each component, hands the engine everything that decides on it, and says
//! of each in one place what came of it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use portgate_core::admission::Admitted;
use portgate_core::policy::{Mistake, PluginPolicy, Policies};
use portgate_files::Kind;
use portgate_runtime::{Admission, Plugin, Signer, Signers, Tables, VerifyingKey};

use super::folder::Folder;
use super::{Configuration, SharedResources};

/// How long before its end a key is warned of: a gateway whose plugin no key vouches for any more does not start.
const EXPIRES_SOON: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A plugin that was not admitted.
pub(crate) struct RefusedPlugin {
    pub(crate) name: String,
    pub(crate) problem: String,
    /// Of its component, where there is one.
    pub(crate) sha256: Option<String>,
}

/// What decides on the plugins of one configuration.
pub(super) struct Gate<'a> {
    pub(super) folder: &'a Folder,
    pub(super) policies: &'a Policies,
    pub(super) shared: &'a SharedResources,
    pub(super) tables: &'a Arc<Tables>,
    pub(super) signers: &'a Signers,
    /// The highest versions that were ever admitted, by plugin.
    pub(super) before: &'a BTreeMap<String, Admitted>,
    pub(super) last: Option<&'a Configuration>,
    pub(super) now: Timestamp,
}

impl Gate<'_> {
    /// Admits a plugin, or says why not.
    pub(super) fn admit(&self, name: &str, policy: &PluginPolicy) -> Result<Plugin, RefusedPlugin> {
        let refused = |problem: String, sha256| RefusedPlugin { name: name.to_owned(), problem, sha256 };
        let path = self.folder.component(self.policies, name, policy);
        let component = portgate_files::read(&path, Kind::Component).map_err(|error| {
            let shown = path.display();
            refused(format!("component `{shown}` cannot be read: {error}; build it with `portgate plugin build`"), None)
        })?;
        if let Some(before) = self.unchanged(name, policy, &component) {
            return Ok(before.clone());
        }
        let admission = Admission {
            name,
            policy,
            ceiling: &self.policies.ceiling,
            tables: self.tables,
            signers: self.signers,
            before: self.before.get(name),
            today: TimeZone::UTC.to_datetime(self.now).date(),
        };
        match self.shared.engine.admit(&component, &admission) {
            Ok(plugin) => {
                self.tell_admitted(&plugin, policy);
                Ok(plugin)
            }
            Err(refusal) => {
                tracing::warn!(plugin = name, "plugin refused: {refusal}");
                Err(refused(refusal.to_string(), Some(portgate_runtime::digest(&component))))
            }
        }
    }

    /// The plugin as it is, where nothing that decides on it has changed: the same bytes under the same rules with the
    /// same tables are the same plugin.
    fn unchanged(&self, name: &str, policy: &PluginPolicy, component: &[u8]) -> Option<&Plugin> {
        let last = self.last?;
        let before = last.plugins.get(name)?;
        let same_rules = last.policies.plugins.get(name) == Some(policy)
            && last.policies.ceiling == self.policies.ceiling
            && last.signers == *self.signers
            && Arc::ptr_eq(&last.tables, self.tables);
        (same_rules && before.digest() == portgate_runtime::digest(component)).then_some(before)
    }

    fn tell_admitted(&self, plugin: &Plugin, policy: &PluginPolicy) {
        let (manifest, grounds) = (plugin.manifest(), plugin.grounds());
        let (name, version) = (manifest.name.as_str(), manifest.version.as_str());
        let signed_by = grounds.vouched.signed_by.join(", ");
        let pinned = grounds.vouched.pinned;
        tracing::info!(plugin = name, version, sha256 = plugin.digest(), signed_by, pinned, "plugin admitted");
        match (&grounds.rollback, &policy.rollback) {
            (Some(rollback), _) => tracing::warn!(
                plugin = name,
                version,
                by = rollback.by,
                reason = rollback.reason,
                "admitted although its version goes back, because its policy names an override"
            ),
            (None, Some(rollback)) => tracing::warn!(
                plugin = name,
                version,
                to = rollback.to,
                "its policy names an override that it does not need; remove it, lest that version comes back by itself"
            ),
            (None, None) => {}
        }
        let soon = TimeZone::UTC.to_datetime(self.now.saturating_add(EXPIRES_SOON).unwrap_or(Timestamp::MAX)).date();
        for signer in &grounds.vouched.signed_by {
            if let Some(on) = self.signers.get(signer).and_then(|signer| signer.expires_on).filter(|on| *on <= soon) {
                tracing::warn!(plugin = name, signer, %on, "the key that vouches for it expires soon");
            }
        }
    }
}

/// What the journal keeps of plugins that are about to be used.
pub(crate) fn to_keep(plugins: &BTreeMap<String, Plugin>, now: Timestamp) -> BTreeMap<String, Admitted> {
    let kept = |plugin: &Plugin| {
        let inspection = plugin.inspection();
        Admitted { version: inspection.version(), content_sha256: inspection.content_sha256, at: now }
    };
    plugins.iter().map(|(name, plugin)| (name.clone(), kept(plugin))).collect()
}

/// The keys of the signers of a policy folder.
///
/// # Errors
///
/// Each key that is none, or that cannot be read.
pub fn signers(folder: &Folder, policies: &Policies) -> Result<Signers, Vec<Mistake>> {
    let (mut signers, mut mistakes) = (Signers::new(), Vec::new());
    for (name, policy) in &policies.signers {
        let wrong = |problem: String| Mistake::whole_file(format!("signers/{name}.toml"), problem, None);
        let text = match (&policy.public_key, &policy.public_key_file) {
            (Some(key), _) => Ok(key.clone()),
            (None, file) => {
                let path = folder.resolve(file.as_deref().unwrap_or_default());
                portgate_files::text(&path, Kind::Key).map_err(|error| {
                    format!(
                        "public_key_file: {} cannot be read: {error}; `portgate plugin keygen` makes keys",
                        path.display()
                    )
                })
            }
        };
        match text.and_then(|text| VerifyingKey::parse(&text).map_err(|error| format!("public_key: {error}"))) {
            Ok(key) => {
                signers.insert(name.clone(), Signer { key, expires_on: policy.expires_on });
            }
            Err(problem) => mistakes.push(wrong(problem)),
        }
    }
    match mistakes.is_empty() {
        true => Ok(signers),
        false => Err(mistakes),
    }
}

/// Where the components are.
pub(super) fn component_paths<'a>(folder: &'a Folder, policies: &'a Policies) -> impl Iterator<Item = PathBuf> + 'a {
    policies.plugins.iter().map(|(name, policy)| folder.component(policies, name, policy))
}

/// The files of keys that do not stand in the policies, as the policies name them and where they are.
pub(super) fn key_files<'a>(
    folder: &'a Folder,
    policies: &'a Policies,
) -> impl Iterator<Item = (String, PathBuf)> + 'a {
    let files = policies.signers.values().filter_map(|signer| signer.public_key_file.as_ref());
    files.map(|file| (file.clone(), folder.resolve(file)))
}
