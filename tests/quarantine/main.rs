//! A plugin that misbehaves for one partner is taken out for that partner alone; what is sent to it in the meantime is
//! kept, and nothing of it is lost, whatever ends first: the pause, the gateway or the plugin.
//!
//! `hostile` is the plugin: its contract `moody` traps where the payload begins with `trap`, refuses `reject`, and traps
//! with every payload while the table `codes` says so. No test waits for a time: pauses are either an hour, and never end,
//! or a second, and what comes after them is waited for.

mod acknowledged;
mod agreed;
mod in_parts;
mod inbound;
mod large;
mod operators;
mod outbound;
mod refused;
mod several;
mod taking_up;
mod tasks;

use std::time::Duration;

use aws_lc_rs::digest;
use bytes::Bytes;
use http::Method;
use portgate_tests::{Answer, Client, Gateway, Portal, Workshop, eventually, plugins};
use serde_json::Value;

const MOODY: &str = "/v1/messages/moody/1";
/// A contract of another plugin, whose component is another build of the same program. The quarantine does not concern
/// it.
const CALM: &str = "/v1/messages/lookup/1";
const FORWARDED: &str = "/v1/messages/good/1";

/// A pause that never ends within a test, and one that is waited for.
const FOR_EVER: u32 = 3_600;
const A_SECOND: u32 = 1;

/// The policies of a test: two partners that send to the moody plugin, and one that it sends to.
struct Scene {
    workshop: Workshop,
    portal: Portal,
}

impl Scene {
    /// Two failures are tolerated, and the third takes the plugin out for so many seconds.
    async fn new(pause_seconds: u32) -> Scene {
        let workshop = Workshop::new();
        let policies = workshop.policies();
        for folder in ["plugins", "partners"] {
            std::fs::remove_dir_all(policies.join(folder)).expect("the project's own policies");
            std::fs::create_dir(policies.join(folder)).expect("an empty folder");
        }
        // Nothing of the demo's partners and rule packs is here.
        std::fs::remove_file(policies.join("shipments.toml")).expect("no shipments are made");
        std::fs::remove_file(policies.join("exceptions.toml")).expect("nobody is wanted");
        std::fs::remove_file(policies.join("costs.toml")).expect("nothing is reckoned");
        std::fs::remove_file(policies.join("filings.toml")).expect("nothing is declared");
        std::fs::create_dir(workshop.path().join("components")).expect("a folder");
        workshop.set("gateway.toml", "plugins", "\"../components\"");
        workshop.edit("gateway.toml", |text| {
            let own = text.split("[tables").next().unwrap_or_default();
            format!("{own}\n[tables.codes]\nfile = \"codes.csv\"\n")
        });
        let scene = Scene { portal: Portal::listen(&workshop).await, workshop };
        let address = scene.portal.address();
        scene.mood("good");
        scene.build("1.0.0");
        let other = plugins::with_manifest(&plugins::built("hostile"), |manifest| manifest.name = "other".to_owned());
        scene.component("other", &other);
        let workshop = &scene.workshop;
        let base_urls = format!("base_urls = [\"http://{address}\", ");
        workshop.replace("ceiling.toml", &[("base_urls = [", &base_urls)]);
        let egress = format!(
            "[egress]\nbase_urls = [\"http://{address}\"]\nmethods = [\"PUT\"]\npaths = [\"/documents/*\"]\nquery = [\"key\"]\n"
        );
        workshop.edit("plugins/hostile.toml", |_| {
            format!(
                "{}{egress}{}",
                plugin("\"moody/1\", \"moody-out/1\", \"good/1\", \"in-parts/1\""),
                quarantine(pause_seconds)
            )
        });
        workshop.edit("plugins/other.toml", |_| plugin("\"lookup/1\""));
        for name in ["acme", "zeta"] {
            workshop.edit(&format!("partners/{name}.toml"), |_| partner(&scene.key(name)));
        }
        workshop.edit("partners/portal.toml", |_| receiver(&address.to_string()));
        workshop.edit("routes.toml", |_| {
            format!(
                "[[forward]]\ncontract = \"good\"\nversion = \"1\"\nupstream = \"http://{address}/upstream\"\n\
                 [[deliver]]\ndocument = \"document-ref\"\nto = \"portal\"\ncontract = \"moody-out\"\nversion = \"1\"\n"
            )
        });
        scene
    }

    /// What the table says of the mood.
    fn mood(&self, mood: &str) {
        std::fs::write(self.workshop.policies().join("codes.csv"), format!("key,value\nA,{mood}\n")).expect("a table");
    }

    /// Builds the plugin anew.
    fn build(&self, version: &str) {
        let component = plugins::with_manifest(&plugins::built("hostile"), |manifest| {
            manifest.version = version.to_owned();
        });
        self.component("hostile", &component);
    }

    fn component(&self, name: &str, component: &[u8]) {
        let folder = self.workshop.path().join("components");
        let half = folder.join(format!("{name}.half"));
        std::fs::write(&half, plugins::signed(component)).expect("a component");
        std::fs::rename(half, folder.join(format!("{name}.wasm"))).expect("a component");
    }

    /// A partner's key.
    fn key(&self, partner: &str) -> String {
        format!("{}-{partner}", self.workshop.credentials.api_key)
    }

    fn headers(&self, partner: &str) -> Vec<(&'static str, String)> {
        vec![("x-api-key", self.key(partner)), ("content-type", "application/octet-stream".to_owned())]
    }

    async fn start(&self) -> At<'_> {
        let gateway = self.workshop.start().await;
        At { scene: self, client: Client::new(gateway.partner), operator: Client::new(gateway.operator), gateway }
    }
}

/// A gateway of the scene.
struct At<'a> {
    scene: &'a Scene,
    client: Client,
    operator: Client,
    gateway: Gateway,
}

impl At<'_> {
    /// One partner sends a payload.
    async fn send(&self, partner: &str, path: &str, payload: &str) -> Answer {
        self.client.post(path, &self.scene.headers(partner), payload.to_owned().into_bytes()).await
    }

    async fn send_with(&self, partner: &str, payload: &str, name: &'static str, value: &str) -> Answer {
        let mut headers = self.scene.headers(partner);
        headers.push((name, value.to_owned()));
        self.client.post(MOODY, &headers, payload.to_owned().into_bytes()).await
    }

    /// Sends what makes the plugin trap, until it is out for the partner. Each is told so itself.
    async fn take_out(&self, partner: &str) {
        for number in 0..3 {
            let answer = self.send(partner, MOODY, &format!("trap {number}")).await;
            assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (500, "plugin-failed"));
        }
    }

    /// Sends a message that is parked, and gives back the place of its exchange.
    async fn park(&self, partner: &str, payload: &str) -> String {
        let answer = self.send(partner, MOODY, payload).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["state"]), (202, &"parked".into()), "{}", answer.json());
        answer.header("location").to_owned()
    }

    /// Sends good messages until one is decoded at once: what was parked before them is taken up first. Gives back how many.
    async fn until_served(&self, partner: &str) -> usize {
        let mut number = 0;
        eventually(&format!("a message of {partner} is decoded at once"), async || {
            number += 1;
            let answer = self.send(partner, MOODY, &format!("is it {number}?")).await;
            assert_eq!(answer.status, 202, "{}", answer.json());
            if answer.json()["state"] == "accepted" { Ok(number) } else { Err(answer.json()) }
        })
        .await
    }

    /// What a partner sees of an exchange.
    async fn exchange(&self, partner: &str, place: &str) -> Value {
        self.client.send(Method::GET, place, &self.scene.headers(partner), Bytes::new()).await.json()
    }

    /// Waits until an exchange is in this state, and gives it back.
    async fn until(&self, partner: &str, place: &str, state: &str) -> Value {
        eventually(&format!("{place} is `{state}`"), async || {
            let seen = self.exchange(partner, place).await;
            if seen["state"] == state { Ok(seen) } else { Err(seen) }
        })
        .await
    }

    /// The exchanges of a partner's events of this kind, in their order, as soon as there are so many.
    async fn told(&self, partner: &str, kind: &str, count: usize) -> Vec<String> {
        let mut events = self.client.events("/v1/events?after=start", &self.scene.headers(partner)).await;
        let mut told = Vec::new();
        while told.len() < count {
            let event = events.next_within(Duration::from_secs(60)).await.expect("an event within a minute");
            if event.kind == kind {
                told.push(format!("/v1/exchanges/{}", event.event["data"]["exchange"].as_str().expect("an exchange")));
            }
        }
        told
    }

    async fn get(&self, path: &str) -> Answer {
        self.operate(Method::GET, path, "").await
    }

    async fn operate(&self, method: Method, path: &str, body: &str) -> Answer {
        let headers = [("authorization", format!("Bearer {}", self.scene.workshop.credentials.operator_key))];
        self.operator.send(method, path, &headers, Bytes::from(body.to_owned())).await
    }

    /// Waits until the metrics have this line.
    async fn until_counted(&self, line: &str) {
        self.operator.counts(line).await;
    }

    /// Waits until the files as they are now were taken up.
    async fn reloaded(&self, times: u32) {
        self.until_counted(&format!("portgate_reloads_total{{result=\"taken\"}} {times}")).await;
    }

    /// How many deliveries are in this state.
    async fn deliveries(&self, state: &str) -> usize {
        let found = self.get(&format!("/v1/deliveries?state={state}&limit=1000")).await.json();
        found["items"].as_array().map_or(0, Vec::len)
    }

    async fn until_deliveries(&self, state: &str, count: usize) {
        eventually(&format!("{count} deliveries are `{state}`"), async || {
            let found = self.deliveries(state).await;
            if found == count { Ok(()) } else { Err(found) }
        })
        .await;
    }
}

fn quarantine(pause_seconds: u32) -> String {
    format!(
        "[quarantine]\nfailures_max = 2\nwindow_seconds = 3_600\npause_seconds = {pause_seconds}\n\
         pause_seconds_max = {pause_seconds}\ntries_max = 2\n"
    )
}

fn plugin(contracts: &str) -> String {
    format!(
        r#"
        signed_by = ["builder"]
        [limits]
        memory_bytes_max = 16_777_216
        table_elements_max = 5_000
        cpu_ms_max = 500
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
        codes = ["carrier"]
        emit = ["document-ref"]
        read = ["document-ref"]
        "#
    )
}

fn partner(key: &str) -> String {
    let hash = hex::encode(digest::digest(&digest::SHA256, key.as_bytes()));
    let mut policy = format!(
        r#"
        title = "A partner that sends"
        [[authenticate]]
        kind = "api-key"
        sha256 = "{hash}"
        [limits]
        requests_per_second = 1_000
        burst = 1_000
        requests_in_flight_max = 16
        "#
    );
    for contract in ["moody", "lookup", "good", "in-parts"] {
        policy.push_str(&format!("[[contracts]]\nname = \"{contract}\"\nversions = [\"1\"]\n"));
    }
    policy
}

fn receiver(address: &str) -> String {
    format!(
        r#"
        title = "A partner that is sent to"
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
        value = "file:customer-portal.key"
        [delivery.limits]
        connect_timeout_ms = 2_000
        timeout_ms = 5_000
        response_bytes_max = 65_536
        in_flight_max = 4
        requests_per_second = 200
        burst = 50
        follow_ups_max = 10
        [delivery.retry]
        delays_seconds = [{delays}]
        "#,
        delays = ["1"; 100].join(", ")
    )
}
