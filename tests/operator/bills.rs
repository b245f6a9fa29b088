//! Bills of materials keep the published schema of CycloneDX 1.6, and a plugin without one is said to have none.

use portgate_tests::plugins;
use serde_json::Value;

use crate::Scene;

const SCHEMA: &str = include_str!("cyclonedx/bom-1.6.schema.json");
const LICENCES: &str = include_str!("cyclonedx/spdx.schema.json");
const SIGNATURES: &str = include_str!("cyclonedx/jsf-0.82.schema.json");

/// The name of the custom section that a bill stands in.
const SECTION: &[u8] = portgate_core::bom::SECTION.as_bytes();

/// What a bill is held against. The two schemas beside it are found by their `$id`, wherever they stand.
fn validator() -> jsonschema::Validator {
    let read = |text: &str| serde_json::from_str::<Value>(text).expect("a schema is JSON");
    let mut schema = read(SCHEMA);
    schema["definitions"]["spdx"] = read(LICENCES);
    schema["definitions"]["jsf"] = read(SIGNATURES);
    jsonschema::validator_for(&schema).expect("the schema compiles")
}

fn mistakes(validator: &jsonschema::Validator, bill: &Value) -> Vec<String> {
    validator.iter_errors(bill).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_gateway_s_bill_and_those_of_its_plugins_keep_the_schema_of_cyclonedx() {
    let scene = Scene::new(|_| {}).await;
    let validator = validator();
    let plugins = scene.get("/v1/plugins").await.json();
    let names = plugins["items"].as_array().expect("plugins").iter().filter_map(|plugin| plugin["name"].as_str());
    let paths: Vec<String> = names.map(|name| format!("/v1/plugins/{name}/bom")).collect();
    assert_eq!(paths.len(), plugins::names().len(), "{plugins}");
    for path in paths.iter().map(String::as_str).chain(["/v1/bom"]) {
        let bill = scene.get(path).await.json();
        assert_eq!(mistakes(&validator, &bill), Vec::<String>::new(), "{path}");
        assert!(bill["components"].as_array().is_some_and(|parts| parts.len() > 10), "{path}");
        // The schema sees what is wrong.
        let mut wrong = bill.clone();
        wrong["components"][0]["hashes"][0]["content"] = "no digest".into();
        wrong["components"][1]["type"] = "crate".into();
        assert_eq!(mistakes(&validator, &wrong).len(), 2, "{path}: {:?}", mistakes(&validator, &wrong));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plugin_that_carries_no_bill_is_not_called_unknown() {
    let scene = Scene::new(|workshop| {
        // Under another name its section is not the one that is looked for.
        let mut component = plugins::built("customer-portal");
        let places: Vec<usize> =
            (0..component.len() - SECTION.len()).filter(|at| component[*at..].starts_with(SECTION)).collect();
        assert_eq!(places.len(), 1, "it carries one");
        component[places[0]] = b'x';
        let folder = workshop.path().join("components");
        plugins::copy_all(&folder);
        std::fs::write(folder.join("customer-portal.wasm"), &component).expect("a plugin");
        workshop.set("gateway.toml", "plugins", "\"../components\"");
        let digest = hex::encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &component));
        workshop.edit("plugins/customer-portal.toml", |text| {
            let unsigned = |line: &&str| !line.starts_with("signed_by");
            let rest: Vec<&str> = text.lines().filter(unsigned).collect();
            format!("sha256 = \"{digest}\"\n{}\n", rest.join("\n"))
        });
    })
    .await;
    let answer = scene.get("/v1/plugins/customer-portal/bom").await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (404, "bom-unknown"), "{}", answer.json());
    assert_eq!(scene.get("/v1/plugins/carrier-ocean/bom").await.status, 200);
}
