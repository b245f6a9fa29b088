//! Contracts on their way out.

use portgate_tests::{Client, Workshop, plugins};

use crate::{ORDER, order, shop};

/// A gateway whose Shopify order contract has these lifecycle dates.
async fn with_dates(
    deprecated_on: Option<&str>,
    sunset_on: Option<&str>,
) -> (Workshop, portgate_tests::Gateway, Client) {
    let workshop = Workshop::new();
    let folder = workshop.path().join("plugins");
    plugins::copy_all(&folder);
    let component = plugins::with_manifest(&plugins::built("ecom-shopify"), |manifest| {
        let contract =
            manifest.contracts.iter_mut().find(|contract| contract.name == "shopify-order").expect("the order");
        contract.deprecated_on = deprecated_on.map(|day| day.parse().expect("a date"));
        contract.sunset_on = sunset_on.map(|day| day.parse().expect("a date"));
    });
    std::fs::write(folder.join("ecom-shopify.wasm"), plugins::signed(&component)).expect("a component");
    workshop.set("gateway.toml", "plugins", "\"../plugins\"");
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    (workshop, gateway, client)
}

#[tokio::test]
async fn a_deprecated_version_is_served_and_says_so() {
    let (workshop, _gateway, client) = with_dates(Some("2020-01-01"), Some("2999-12-31")).await;
    let answer = client.post(ORDER, &shop(&workshop), order()).await;
    assert_eq!(answer.status, 200, "{}", answer.json());
    assert_eq!(answer.header("deprecation"), "@1577836800");
    assert_eq!(answer.header("sunset"), "Tue, 31 Dec 2999 00:00:00 GMT");
}

#[tokio::test]
async fn a_version_past_its_sunset_is_gone() {
    let (workshop, _gateway, client) = with_dates(Some("2020-01-01"), Some("2021-01-01")).await;
    let answer = client.post(ORDER, &shop(&workshop), order()).await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (410, "version-sunset"));
    assert!(!answer.header("sunset").is_empty());
}

#[tokio::test]
async fn a_current_version_carries_neither_header() {
    let (workshop, _gateway, client) = with_dates(None, None).await;
    let answer = client.post(ORDER, &shop(&workshop), order()).await;
    assert_eq!((answer.status.as_u16(), answer.header("deprecation"), answer.header("sunset")), (200, "", ""));
}
