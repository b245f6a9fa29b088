//! Rows 24 and 35: plugins that somebody places beside a running gateway. None of them is taken up, and the plugin that was
//! there before goes on serving.

use std::path::PathBuf;

use portgate_runtime::SigningKey;
use portgate_tests::process::GatewayProcess;
use portgate_tests::{Client, Workshop, plugins};

use crate::{ORDER, json, order};

/// A running gateway, and the place of the connector that an attacker can write to.
struct Place {
    workshop: Workshop,
    gateway: GatewayProcess,
    component: PathBuf,
}

impl Place {
    fn open() -> Self {
        let workshop = Workshop::new();
        let folder = workshop.path().join("components");
        plugins::copy_all(&folder);
        workshop.set("gateway.toml", "plugins", "\"../components\"").set("ceiling.toml", "rebuilds", "false");
        // Enough for an honest plugin in a program that was not optimised, on any machine.
        workshop.set("gateway.toml", "memory_bytes_max", "1_073_741_824");
        let gateway = GatewayProcess::start(&workshop);
        Place { component: folder.join("ecom-shopify.wasm"), workshop, gateway }
    }

    /// Places a component, which is refused in these words, and sends an honest order.
    async fn refuses(&self, component: &[u8], words: &str) {
        std::fs::write(&self.component, component).expect("a component");
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(120);
        while !self.gateway.said(words) {
            assert!(std::time::Instant::now() < deadline, "the gateway did not say `{words}` within two minutes");
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        let headers = [("x-api-key", self.workshop.credentials.api_key.clone()), json()];
        let answer = Client::new(self.gateway.partner).post(ORDER, &headers, order()).await;
        assert_eq!(answer.status, 202, "after `{words}`: {}", answer.json());
    }
}

#[tokio::test]
async fn row_24_a_compile_bomb_is_refused_within_its_budget() {
    let place = Place::open();
    let next =
        plugins::with_manifest(&plugins::built("ecom-shopify"), |manifest| manifest.version = "99.0.0".to_owned());
    let bomb = plugins::signed(&plugins::with_bomb(&next, 1_500));
    place.refuses(&bomb, "compiling it takes more than 1073741824 bytes of memory").await;
}

#[tokio::test]
async fn row_35_an_unsigned_a_swapped_and_a_rolled_back_plugin_are_refused() {
    let place = Place::open();
    let built = plugins::built("ecom-shopify");
    let version = |version: &str| plugins::with_manifest(&built, |manifest| manifest.version = version.to_owned());
    let stranger = SigningKey::generate();
    let strange = stranger.sign(&version("99.0.0")).expect("it is signed");
    let by_stranger = format!("the keys that they name are {}", stranger.verifying_key().id());
    place.refuses(&strange, &by_stranger).await;
    place.refuses(&version("99.0.0"), "it was changed after it was signed").await;
    place.refuses(&plugins::signed(&version("0.0.1")), "version 0.0.1 is lower than").await;
}
