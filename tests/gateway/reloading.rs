//! Changed files are taken up without a restart and without a dropped request.

use std::time::Duration;

use portgate_tests::credentials::Credentials;
use portgate_tests::{Answer, Client, Portal, Workshop, eventually, plugins};

use crate::{EVENTS, ORDER, carrier, events, order, shop};

/// Sends orders until `done` says so; every one of them must be answered.
async fn until(workshop: &Workshop, client: &Client, done: impl Fn(&Answer) -> bool) -> Answer {
    eventually("the change is taken up", async || {
        let answer = client.post(ORDER, &shop(workshop), order()).await;
        if done(&answer) { Ok(answer) } else { Err(format!("{} {}", answer.status, answer.json())) }
    })
    .await
}

#[tokio::test]
async fn a_changed_policy_is_taken_up() {
    let workshop = Workshop::new();
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    assert_eq!(client.post(ORDER, &shop(&workshop), order()).await.status, 200);
    let good = std::fs::read_to_string(workshop.policies().join("partners/web-shop.toml")).expect("a policy");
    workshop.edit("partners/web-shop.toml", |text| {
        text.replace("name = \"shopify-order\"", "name = \"shopify-product\"").replacen(
            "name = \"shopify-product\"\nversions = [\"2024-10\"]\nrequests_per_second = 5\nburst = 5",
            "name = \"shopify-order\"\nversions = [\"1\"]",
            1,
        )
    });
    // The edit above would name a version that no plugin serves, so it must be refused and the old policy stay.
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(client.post(ORDER, &shop(&workshop), order()).await.status, 200);
    workshop.edit("partners/web-shop.toml", |_| good);
    workshop.set("partners/web-shop.toml", "burst", "77");
    let answer = until(&workshop, &client, |answer| answer.header("ratelimit-policy").contains("q=77")).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn changed_secrets_are_taken_up_by_who_comes_and_by_what_goes_out() {
    let workshop = Workshop::new();
    let portal = Portal::start(&workshop).await;
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    // Each document goes to the portal.
    let carried = async || {
        let answer = client.post(EVENTS, &carrier(&workshop), events()).await;
        assert_eq!(answer.status, 200);
        answer.json()["documents"].as_array().expect("documents").len()
    };
    let before = carried().await;
    portal.has_taken(before).await;

    let new = Credentials::make(&workshop.path().join("new-secrets"));
    workshop.secret("customer-portal.key", &new.portal_key);
    let hash = std::fs::read_to_string(workshop.path().join("new-secrets/web-shop.sha256")).expect("a hash");
    workshop.secret("web-shop.sha256", &hash);
    until(&workshop, &client, |answer| answer.status == 401).await;
    let key = vec![("x-api-key", new.api_key.clone()), ("content-type", "application/json".to_owned())];
    assert_eq!(client.post(ORDER, &key, order()).await.status, 202, "the new key counts instead of the old one");
    portal.change_key(&new.portal_key);
    let after = carried().await;
    portal.has_taken(before + after).await;
    assert!(portal.received().iter().all(|request| request.status == 200), "{:?}", portal.received());
}

#[tokio::test]
async fn a_broken_policy_leaves_the_last_good_state_standing() {
    let workshop = Workshop::new();
    let gateway = workshop.start().await;
    let (client, operator) = (Client::new(gateway.partner), Client::new(gateway.operator));
    workshop.edit("partners/web-shop.toml", |text| text.replace("burst = 200", "burts = 200"));
    operator.counts("portgate_reloads_total{result=\"refused\"} 1").await;
    assert_eq!(client.post(ORDER, &shop(&workshop), order()).await.status, 200);
}

#[tokio::test]
async fn a_plugin_is_exchanged_under_load_without_a_dropped_request_and_a_corrupt_one_is_refused() {
    let workshop = Workshop::new();
    let folder = workshop.path().join("plugins");
    plugins::copy_all(&folder);
    workshop.set("gateway.toml", "plugins", "\"../plugins\"");
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    let component = folder.join("ecom-shopify.wasm");

    std::fs::write(&component, b"\0asm but nothing more").expect("a corrupt component");
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(client.post(ORDER, &shop(&workshop), order()).await.status, 200, "the last good plugin stays");

    let next = plugins::with_manifest(&plugins::built("ecom-shopify"), |manifest| {
        let contract =
            manifest.contracts.iter_mut().find(|contract| contract.name == "shopify-order").expect("the order");
        contract.deprecated_on = Some("2020-01-01".parse().expect("a date"));
    });
    std::fs::write(&component, plugins::signed(&next)).expect("the next version");
    let answer = until(&workshop, &client, |answer| {
        assert_eq!(answer.status, 200, "a request was dropped: {}", answer.json());
        !answer.header("deprecation").is_empty()
    })
    .await;
    assert_eq!(answer.status, 200);
}
