//! `portgate check` names every mistake of every file in one run, whatever else is wrong.

use std::process::{Command, Output};

use portgate_tests::{Workshop, plugins, process};

use crate::commands::said;

fn check(workshop: &Workshop) -> Output {
    let mut command = Command::new(process::program("portgate"));
    command.arg("check").arg("--policies").arg(workshop.policies()).current_dir(workshop.path());
    command.output().expect("portgate runs")
}

#[test]
fn policies_without_a_mistake_are_said_to_have_none_and_what_goes_nowhere_is_named() {
    let workshop = Workshop::new();
    let checked = check(&workshop);
    assert!(checked.status.success(), "{}", said(&checked));
    let text = said(&checked);
    // One line says what there is, and each remark has one of its own.
    let mut lines = text.lines();
    assert!(lines.next().is_some_and(|first| first.starts_with("No mistakes") && first.ends_with("forward routes.")));
    let remarks: Vec<&str> = lines.collect();
    let begun = ["  No route takes ", "  Signed plugins may come again "];
    assert!(remarks.iter().all(|remark| begun.iter().any(|begun| remark.starts_with(begun))), "{text}");
    let of_the_shop = "`item`, `order`, which `ecom-shopify` may make of what `web-shop` sends";
    assert_eq!(remarks.iter().filter(|remark| remark.contains(of_the_shop)).count(), 1, "{text}");
    assert!(!text.contains("takes nothing"), "{text}");

    workshop.edit("routes.toml", |text| {
        text.replace("document = \"milestone\"\nto", "document = \"milestone\"\nfrom = \"customs-broker\"\nto")
    });
    let text = said(&check(&workshop));
    assert!(text.contains("`milestone`, `shipment`, which `carrier-ocean` may make of what `ocean-carrier`"), "{text}");
    assert!(
        text.contains("The route of `milestone` from `customs-broker` to `customer-portal` takes nothing"),
        "{text}"
    );
}

#[test]
fn every_mistake_of_every_file_is_named_in_one_run() {
    let workshop = Workshop::new();
    let partner = |name: &str| format!("partners/{name}.toml");
    workshop.edit(&partner("web-shop"), |text| text.replace("burst = 200", "burts = 200"));
    workshop.edit(&partner("customer-portal"), |text| text.replace("file:customer-portal.key", "file:nowhere.key"));
    workshop.edit(&partner("customs-broker"), |text| text.replace("file:customs-broker.whsec", "file:gone.whsec"));
    workshop.edit("plugins/ecom-shopify.toml", |text| {
        text.replace("\"order\", \"item\"", "\"ordr\", \"item\"").replace("cpu_ms_max = 250", "cpu_ms_max = 90_000")
    });
    workshop.edit("plugins/broker-cds.toml", |text| text.replace("[limits]", "file = \"gone.wasm\"\n[limits]"));
    workshop.edit("routes.toml", |text| text.replace("\"milestone\"", "\"millestone\""));
    workshop.edit("gateway.toml", |text| text.replace("dms-error-codes.csv", "dms-error-cods.csv"));
    std::fs::write(workshop.policies().join("partners/broken.toml"), b"title = \"\xff\"").expect("a file");
    let checked = check(&workshop);
    let text = said(&checked);
    assert!(!checked.status.success(), "{text}");
    for (file, words) in [
        ("partners/web-shop.toml:", "did you mean `burst`?"),
        ("partners/customer-portal.toml:", "delivery.credential.value: `file:nowhere.key`"),
        ("partners/customs-broker.toml", "`file:gone.whsec`"),
        ("partners/broken.toml", "not UTF-8"),
        ("plugins/ecom-shopify.toml:", "there is no kind of document called `ordr`; did you mean `order`?"),
        ("plugins/ecom-shopify.toml:", "is over the ceiling"),
        ("plugins/broker-cds.toml", "gone.wasm"),
        ("routes.toml:", "there is no kind of document called `millestone`; did you mean `milestone`?"),
        ("dms-error-cods.csv", "cannot be read"),
    ] {
        let named = text.lines().any(|line| line.contains(file) && line.contains(words));
        assert!(named, "{file} {words}: {text}");
    }
    // A partner whose file is wrong is not reported as missing.
    assert!(!text.contains("there is no partner"), "{text}");
}

#[test]
fn a_secret_that_is_only_needed_for_deliveries_is_missed_with_its_key_and_line() {
    let workshop = Workshop::new();
    workshop.edit("partners/customer-portal.toml", |text| {
        let webhook = "\n[webhook]\nurl = \"http://127.0.0.1:8483/events\"\nprivate_addresses = true\n\
                       secret = \"file:no-such.whsec\"\n[webhook.limits]\nconnect_timeout_ms = 1\ntimeout_ms = 2\n\
                       in_flight_max = 1\nrequests_per_second = 1\nburst = 1\n";
        format!("{}{webhook}", text.replace("file:customer-portal.key", "env:PORTGATE_NO_SUCH_VARIABLE"))
    });
    let text = said(&check(&workshop));
    let line = |key: &str| text.lines().find(|line| line.contains(key)).map(str::to_owned).unwrap_or_default();
    for (key, reference) in
        [("delivery.credential.value", "`env:PORTGATE_NO_SUCH_VARIABLE`"), ("webhook.secret", "`file:no-such.whsec`")]
    {
        let found = line(key);
        assert!(found.contains(reference) && found.contains("deliveries would wait for it"), "{key}: {text}");
        let place = found.split("customer-portal.toml:").nth(1).unwrap_or_default();
        assert!(place.starts_with(|digit: char| digit.is_ascii_digit()), "{key} has a line: {found}");
    }
}

#[test]
fn a_component_with_an_unknown_keyword_or_media_type_is_refused_with_what_was_meant() {
    let workshop = Workshop::new();
    let folder = workshop.path().join("plugins");
    plugins::copy_all(&folder);
    workshop.set("gateway.toml", "plugins", "\"../plugins\"");
    let wrong = plugins::with_manifest(&plugins::built("ecom-shopify"), |manifest| {
        manifest.contracts[0].media_types = vec!["application/jsn".to_owned()];
        let schema = manifest.contracts[0].schema.as_mut().expect("a schema");
        schema["requierd"] = serde_json::json!(["id"]);
    });
    std::fs::write(folder.join("ecom-shopify.wasm"), plugins::signed(&wrong)).expect("a component");
    let text = said(&check(&workshop));
    assert!(text.contains("there is no media type `application/jsn`; did you mean `application/json`?"), "{text}");
    assert!(text.contains("there is no keyword `requierd`; did you mean `required`?"), "{text}");
}
