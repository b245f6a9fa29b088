//! A gateway's policies around the hostile plugin: it stands in the place of the project's own connectors, with one partner
//! that may use all of it.

use std::fmt::Write;

use crate::{Workshop, plugins};

/// The policies, with these contracts of the hostile plugin (version 1 of each) granted to it and to the partner `acme`, who
/// holds the web shop's key.
pub fn workshop(contracts: &[&str]) -> Workshop {
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
    workshop.edit("plugins/hostile.toml", |_| plugin_policy(contracts));
    workshop.edit("partners/acme.toml", |_| partner_policy(contracts));
    workshop.edit("routes.toml", |_| String::new());
    // Nothing of the demo's partners and rule packs is here.
    std::fs::remove_file(policies.join("shipments.toml")).expect("no shipments are made");
    std::fs::remove_file(policies.join("exceptions.toml")).expect("nobody is wanted");
    std::fs::remove_file(policies.join("costs.toml")).expect("nothing is reckoned");
    std::fs::remove_file(policies.join("filings.toml")).expect("nothing is declared");
    workshop
}

/// Has every document that the plugin emits rendered by it as one of its contracts and sent there, with a credential that
/// is the content of the secret `sink.key`. The partner is called `sink`.
pub fn deliver_to(workshop: &Workshop, address: std::net::SocketAddr, contract: &str) {
    workshop
        .edit("ceiling.toml", |text| text.replace("base_urls = [", &format!("base_urls = [\"http://{address}\", ")));
    workshop.edit("plugins/hostile.toml", |text| {
        let text = text.replacen("contracts = [", &format!("contracts = [\"{contract}/1\", "), 1);
        format!("{text}\n[egress]\nbase_urls = [\"http://{address}\"]\nmethods = [\"POST\"]\npaths = [\"/at/*\"]\n")
    });
    // All of its memory may go out.
    workshop.set("plugins/hostile.toml", "output_bytes_max", "8_388_608").set(
        "plugins/hostile.toml",
        "cpu_ms_max",
        "1_000",
    );
    workshop.edit("partners/sink.toml", |_| {
        format!(
            r#"
            title = "Where documents go"
            contracts = []
            [limits]
            requests_per_second = 1
            burst = 1
            requests_in_flight_max = 1
            [delivery]
            plugin = "hostile"
            base_url = "http://{address}"
            private_addresses = true
            [delivery.credential]
            kind = "api-key"
            value = "file:sink.key"
            [delivery.limits]
            connect_timeout_ms = 2_000
            timeout_ms = 5_000
            response_bytes_max = 65_536
            in_flight_max = 4
            requests_per_second = 200
            burst = 50
            follow_ups_max = 10
            [delivery.retry]
            delays_seconds = [1, 1, 1]
            "#
        )
    });
    workshop.edit("routes.toml", |_| {
        format!("[[deliver]]\ndocument = \"document-ref\"\nto = \"sink\"\ncontract = \"{contract}\"\nversion = \"1\"\n")
    });
}

fn plugin_policy(contracts: &[&str]) -> String {
    let granted: Vec<String> = contracts.iter().map(|name| format!("\"{name}/1\"")).collect();
    let granted = granted.join(", ");
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
        contracts = [{granted}]
        tables = ["codes"]
        codes = ["carrier"]
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
