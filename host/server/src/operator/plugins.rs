//! Which plugins the gateway calls, what each was seen to use, what each and the gateway are made of.

use jiff::{Timestamp, ToSpan};
use portgate_operator::{Items, NoQuery, Plugin, PluginUses, Since};

use super::answer::{CycloneDx, Json};
use super::route::Call;
use crate::clock::now;
use crate::refusal::Refusal;

/// How far back is looked where nothing is said, in days.
const DAYS: i64 = 30;

pub(super) async fn list(call: Call, query: Since) -> Result<Json<Items<Plugin>>, Refusal> {
    let since = since(query);
    let configuration = call.state.configuration.load_full();
    let mut items = Vec::new();
    for (name, plugin) in &configuration.plugins {
        let uses = call.state.observed.of(name, since, &configuration, &*call.state.journal).await?;
        let current = uses.iter().find(|used| used.current);
        items.push(Plugin {
            name: name.clone(),
            version: plugin.manifest().version.clone(),
            description: plugin.manifest().description.clone(),
            sha256: plugin.digest().to_owned(),
            watched_since: current.map(|used| used.since),
            calls: current.map(|used| used.calls),
        });
    }
    Ok(Json(Items { items }))
}

pub(super) async fn uses(call: Call, query: Since) -> Result<Json<PluginUses>, Refusal> {
    let configuration = call.state.configuration.load_full();
    let plugin = call.named;
    let items = call.state.observed.of(&plugin, since(query), &configuration, &*call.state.journal).await?;
    // A plugin that is gone can still be asked about; one that never was cannot.
    if items.is_empty() && !configuration.plugins.contains_key(&plugin) {
        return Err(Refusal::PluginUnknown { plugin });
    }
    Ok(Json(PluginUses { plugin, items }))
}

/// What a plugin's author says that it is made of.
pub(super) async fn bom(call: Call, _: NoQuery) -> Result<CycloneDx, Refusal> {
    let configuration = call.state.configuration.load();
    let plugin = call.named;
    match configuration.plugins.get(&plugin).map(|plugin| plugin.inspection().bom.clone()) {
        Some(Some(bom)) => Ok(CycloneDx(bom.into())),
        Some(None) => Err(Refusal::BomUnknown { plugin }),
        None => Err(Refusal::PluginUnknown { plugin }),
    }
}

/// What this gateway is made of.
pub(super) async fn bom_of_the_gateway(_: Call, _: NoQuery) -> Result<CycloneDx, Refusal> {
    Ok(CycloneDx(crate::bom::of_this_gateway(now()).to_string().into()))
}

fn since(query: Since) -> Timestamp {
    let days_ago = || Timestamp::now().saturating_sub((DAYS * 24).hours()).unwrap_or(Timestamp::MIN);
    query.since.unwrap_or_else(days_ago)
}
