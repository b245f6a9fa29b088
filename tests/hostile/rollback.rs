//! Supply chain: a plugin whose version goes back, at the engine and over a gateway whose journal remembers.

use std::path::PathBuf;

use portgate_core::admission::{Admitted, Setback, Version};
use portgate_core::policy::{PluginPolicy, Rollback};
use portgate_runtime::{Admission, Refusal, digest};
use portgate_tests::{Client, Gateway, Workshop, plugins};
use serde_json::json;

use crate::craft::{self, Craft};
use crate::rig::{Rig, ceiling, policy};

fn component(version: &str) -> Vec<u8> {
    let mut manifest = craft::manifest("connector");
    manifest["version"] = json!(version);
    Craft { manifest: Some(manifest), ..Craft::default() }.component()
}

fn admit(component: &[u8], policy: &PluginPolicy) -> Result<Option<Rollback>, Refusal> {
    let (rig, ceiling) = (Rig::new(), ceiling());
    let pinned = PluginPolicy { sha256: Some(digest(component)), ..policy.clone() };
    let at = "2026-02-01T08:00:00Z".parse().expect("a time");
    let before = Admitted { version: Version::new(1, 1, 0), content_sha256: [7; 32], at };
    let admission = Admission { before: Some(&before), ..rig.admission(&pinned, &ceiling) };
    let admitted = rig.decide(component, &admission);
    match admitted {
        Ok(plugin) => Ok(plugin.grounds().rollback.clone()),
        Err(refusal) => {
            assert!(rig.kept().is_empty(), "it was compiled");
            Err(refusal)
        }
    }
}

#[test]
fn a_version_that_goes_back_is_refused_before_it_is_compiled_and_an_override_is_for_one_version() {
    assert_eq!(admit(&component("1.1.1"), &policy()).expect("it goes on"), None);
    let refusal = admit(&component("1.0.0"), &policy()).expect_err("it goes back");
    assert!(matches!(refusal, Refusal::Setback(Setback::Lower { .. })), "{refusal}");
    let rollback = Rollback { to: "1.0.0".to_owned(), by: "Ada".to_owned(), reason: "1.1.0 loses seals".to_owned() };
    let overridden = PluginPolicy { rollback: Some(rollback.clone()), ..policy() };
    assert_eq!(admit(&component("1.0.0"), &overridden).expect("it is named"), Some(rollback));
    assert!(admit(&component("1.0.1"), &overridden).is_err());
}

/// A gateway's folder in which the web shop's connector can be exchanged.
struct Shop {
    workshop: Workshop,
    component: PathBuf,
}

impl Shop {
    fn new() -> Self {
        let workshop = Workshop::new();
        let folder = workshop.path().join("plugins");
        plugins::copy_all(&folder);
        workshop.set("gateway.toml", "plugins", "\"../plugins\"").set("ceiling.toml", "rebuilds", "false");
        Shop { workshop, component: folder.join("ecom-shopify.wasm") }
    }

    /// Puts a signed build of this version in the connector's place.
    fn put(&self, version: &str, description: &str) {
        let build = plugins::with_manifest(&plugins::built("ecom-shopify"), |manifest| {
            (manifest.version, manifest.description) = (version.to_owned(), description.to_owned());
        });
        std::fs::write(&self.component, plugins::signed(&build)).expect("a component");
    }

    fn name_override(&self, to: &str) {
        self.workshop.edit("plugins/ecom-shopify.toml", |text| {
            let own = text.split("[rollback]").next().unwrap_or_default();
            format!("{own}[rollback]\nto = \"{to}\"\nby = \"Ada\"\nreason = \"the newer one loses orders\"\n")
        });
    }

    async fn runs(&self) {
        let mut gateway = self.workshop.start().await;
        assert_eq!(gateway.stopped().await, 0);
    }

    async fn is_refused_with(&self, words: &str) {
        let said = self.workshop.refused().await;
        assert!(said.contains("plugins/ecom-shopify.toml") && said.contains(words), "{said}");
    }
}

#[tokio::test]
async fn a_gateway_remembers_the_highest_version_over_restarts() {
    let shop = Shop::new();
    shop.put("9.1.0", "The build that runs.");
    shop.runs().await;
    shop.runs().await;
    shop.put("9.0.0", "An older build.");
    shop.is_refused_with("version 9.0.0 is lower than 9.1.0").await;
    shop.put("9.1.0", "Another build.");
    shop.is_refused_with("version 9.1.0 was admitted on").await;
    shop.put("9.2.0", "A newer build.");
    shop.runs().await;
    shop.put("9.1.0", "The build that runs.");
    shop.is_refused_with("version 9.1.0 is lower than 9.2.0").await;
}

#[tokio::test]
async fn an_override_lets_one_version_back_as_long_as_it_is_there() {
    let shop = Shop::new();
    shop.put("9.1.0", "The build that runs.");
    shop.runs().await;
    shop.name_override("9.0.0");
    shop.put("9.0.0", "An older build.");
    shop.runs().await;
    shop.put("8.0.0", "A still older build.");
    shop.is_refused_with("version 8.0.0 is lower than 9.1.0").await;
    // The highest version is still the highest.
    shop.name_override("8.0.0");
    shop.put("9.0.0", "An older build.");
    shop.is_refused_with("version 9.0.0 is lower than 9.1.0").await;
}

async fn reloads(gateway: &Gateway, result: &str) {
    Client::new(gateway.operator).counts(&format!("portgate_reloads_total{{result=\"{result}\"}} 1")).await;
}

#[tokio::test]
async fn what_a_reload_admits_is_remembered_and_what_goes_back_is_not_taken_up() {
    let shop = Shop::new();
    shop.put("9.1.0", "The build that runs.");
    let mut gateway = shop.workshop.start().await;
    shop.put("9.2.0", "A newer build.");
    reloads(&gateway, "taken").await;
    shop.put("9.1.0", "The build that ran.");
    reloads(&gateway, "refused").await;
    gateway.stopped().await;
    shop.is_refused_with("version 9.1.0 is lower than 9.2.0").await;
}
