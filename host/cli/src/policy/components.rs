//! What the components of a policy folder say of themselves, as far as they are there.

use std::collections::BTreeMap;

use portgate_core::policy::Policies;
use portgate_core::review::Component;
use portgate_files::{Kind, Unreadable};
use portgate_runtime::inspect_component;
use portgate_server::Folder;

/// The component of one plugin, or why nothing is known of it.
pub(super) fn component(folder: &Folder, policies: &Policies, name: &str) -> Result<Component, String> {
    let policy = policies.plugins.get(name).ok_or_else(|| format!("there is no plugin `{name}`"))?;
    let path = folder.component(policies, name, policy);
    let bytes = portgate_files::read(&path, Kind::Component).map_err(|error| match error {
        Unreadable::NotThere => format!("{} is not there", path.display()),
        other => format!("{}: {other}", path.display()),
    })?;
    let inspection = inspect_component(&bytes).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(Component::from(&inspection))
}

/// The components of all plugins, and for those of which nothing is known why.
pub(super) fn components(
    folder: &Folder,
    policies: &Policies,
) -> (BTreeMap<String, Component>, BTreeMap<String, String>) {
    let (mut found, mut missing) = (BTreeMap::new(), BTreeMap::new());
    for name in policies.plugins.keys() {
        match component(folder, policies, name) {
            Ok(component) => drop(found.insert(name.clone(), component)),
            Err(why) => drop(missing.insert(name.clone(), why)),
        }
    }
    (found, missing)
}
