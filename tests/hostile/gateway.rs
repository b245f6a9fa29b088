//! The same over the network: each misdeed is told to the partner as a problem of its own, and the next request to a
//! good contract is served.

use std::fmt::Write;

use portgate_tests::{Client, Gateway, Workshop, plugins};

/// What a partner is told for each misdeed.
const PROBLEMS: &[(&str, u16, &str)] = &[
    ("endless-loop", 504, "plugin-too-slow"),
    ("memory-bomb", 500, "plugin-memory"),
    ("deep-recursion", 500, "plugin-failed"),
    ("trap", 500, "plugin-failed"),
    ("wild-pointer", 500, "plugin-failed"),
    ("panic", 500, "plugin-failed"),
    ("huge-output", 500, "plugin-output-too-large"),
    ("many-documents", 500, "plugin-output-too-large"),
    ("invalid-json", 500, "plugin-output-invalid"),
    ("breaks-schema", 500, "plugin-output-invalid"),
    ("kind-not-granted", 500, "plugin-output-invalid"),
    ("log-flood", 500, "plugin-log-flood"),
    ("lookup-flood", 500, "plugin-lookup-refused"),
    ("lookup-not-granted", 500, "plugin-lookup-refused"),
];

/// The project's gateway with the hostile plugin in the place of its own, and one partner that may use all of it.
async fn gate() -> (Workshop, Gateway, Client) {
    let workshop = Workshop::new();
    let policies = workshop.policies();
    for folder in ["plugins", "partners"] {
        std::fs::remove_dir_all(policies.join(folder)).expect("the project's own policies");
        std::fs::create_dir(policies.join(folder)).expect("an empty folder");
    }
    let components = workshop.path().join("components");
    std::fs::create_dir(&components).expect("a folder");
    std::fs::write(components.join("hostile.wasm"), plugins::built("hostile")).expect("the hostile plugin");
    std::fs::write(policies.join("codes.csv"), "key,value\nA,alpha\n").expect("a table");
    workshop.set("gateway.toml", "plugins", "\"../components\"");
    workshop.edit("gateway.toml", |text| {
        let own = text.split("[tables").next().unwrap_or_default();
        format!("{own}\n[tables.codes]\nfile = \"codes.csv\"\n")
    });
    let contracts: Vec<&str> = PROBLEMS.iter().map(|(name, ..)| *name).chain(["good"]).collect();
    let granted: Vec<String> = contracts.iter().map(|name| format!("\"{name}/1\"")).collect();
    workshop.edit("plugins/hostile.toml", |_| plugin_policy(&granted.join(", ")));
    workshop.edit("partners/acme.toml", |_| partner_policy(&contracts));
    workshop.edit("routes.toml", |_| String::new());
    workshop.edit("ceiling.toml", |text| text.replace("\nread = [", "\nread = [\"document-ref\", "));
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    (workshop, gateway, client)
}

fn plugin_policy(contracts: &str) -> String {
    format!(
        r#"
        signed_by = ["builder"]
        [limits]
        memory_bytes_max = 16_777_216
        table_elements_max = 5_000
        cpu_ms_max = 50
        wall_ms_max = 2_000
        output_bytes_max = 1_048_576
        documents_max = 100
        log_lines_max = 20
        log_bytes_max = 16_384
        lookups_max = 50
        calls_in_flight_max = 8
        [grants]
        contracts = [{contracts}]
        tables = ["codes"]
        emit = ["document-ref"]
        read = ["document-ref"]
        # Each misdeed is to be seen by itself.
        [quarantine]
        failures_max = 1_000
        "#
    )
}

fn partner_policy(contracts: &[&str]) -> String {
    let mut policy = String::from(
        r#"
        title = "A partner of a hostile plugin"
        [[authenticate]]
        kind = "api-key"
        sha256 = "file:web-shop.sha256"
        [limits]
        requests_per_second = 1_000
        burst = 1_000
        requests_in_flight_max = 16
        "#,
    );
    for name in contracts {
        writeln!(policy, "[[contracts]]\nname = \"{name}\"\nversions = [\"1\"]").expect("a string takes everything");
    }
    policy
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_misdeed_is_a_problem_of_its_own_and_the_next_request_is_served() {
    let (workshop, _gateway, client) = gate().await;
    let key = workshop.credentials.api_key.clone();
    let documents_please = ("prefer", "return=representation".to_owned());
    let headers = [("x-api-key", key), ("content-type", "application/octet-stream".to_owned()), documents_please];
    let path = |contract: &str| format!("/v1/messages/{contract}/1");
    for (misdeed, status, problem) in PROBLEMS {
        let answer = client.post(&path(misdeed), &headers, b"payload".to_vec()).await;
        assert_eq!(answer.status.as_u16(), *status, "{misdeed}: {}", answer.json());
        assert_eq!(answer.problem(), *problem, "{misdeed}: {}", answer.json());
        let next = client.post(&path("good"), &headers, b"payload".to_vec()).await;
        assert_eq!(next.status, 200, "after {misdeed}: {}", next.json());
        assert_eq!(next.json()["documents"][0]["kind"], "document-ref");
    }
}

#[tokio::test]
async fn what_a_plugin_said_stays_inside() {
    let (workshop, _gateway, client) = gate().await;
    let key = workshop.credentials.api_key.clone();
    let headers = [("x-api-key", key), ("content-type", "application/octet-stream".to_owned())];
    let answer = client.post("/v1/messages/panic/1", &headers, b"payload".to_vec()).await;
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    for inside in ["no such code", "panicked", "lib.rs", "hostile"] {
        assert!(!text.contains(inside), "the partner is told `{inside}`: {text}");
    }
}
