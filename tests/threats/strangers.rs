//! Rows 37 to 39: whoever has not proven who they are, with all they can send, from one address and from fifty.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use http::Method;
use portgate_tests::process::GatewayProcess;
use portgate_tests::strangers::{Attack, Caller, Target, raise_descriptors, stranger, with_tls};
use portgate_tests::{Client, Workshop};
use rustls::RootCertStore;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::{sleep, timeout};

use crate::{EVENTS, NOTIFICATION, ORDER, bearer, events, json, notification, order};

/// Where the good partners are.
const ELSEWHERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 100));
/// Calls of each kind of good partner during an attack.
const CALLS: usize = 10;
/// What strangers may make the gateway hold beyond what it needs anyway: their bodies twice over, while a buffer grows,
/// and their connections.
const STRANGERS_BYTES_MAX: u64 = 256 << 20;
/// What the allocator may keep of it afterwards: pages of which a part is in use, which the next ones use again.
const KEPT_BYTES_MAX: u64 = 192 << 20;

/// One siege at a time: what two sets of attackers take from the machine is not what is looked at here.
static ALONE: Mutex<()> = Mutex::const_new(());

/// A gateway as a process of its own, with its partners.
struct Besieged {
    _alone: MutexGuard<'static, ()>,
    workshop: Workshop,
    gateway: GatewayProcess,
    target: Target,
    quiet_bytes: u64,
}

impl Besieged {
    async fn open(tls: bool, change: impl FnOnce(&Workshop)) -> Self {
        let alone = ALONE.lock().await;
        raise_descriptors();
        let workshop = Workshop::new();
        for partner in ["web-shop", "ocean-carrier", "customs-broker"] {
            workshop.edit(&format!("partners/{partner}.toml"), |text| {
                let generous = |line: &str| match line.split_once(" = ") {
                    Some((key @ ("requests_per_second" | "burst"), _)) => format!("{key} = 5000"),
                    _ => line.to_owned(),
                };
                text.lines().map(generous).collect::<Vec<_>>().join("\n")
            });
        }
        // What the attackers' own work takes from the machine is not what is looked at here.
        for file in ["ceiling", "plugins/ecom-shopify", "plugins/carrier-ocean", "plugins/broker-cds"] {
            workshop.set(&format!("{file}.toml"), "wall_ms_max", "20_000");
        }
        // So that silence ends for no other reason than that others need its place.
        workshop.set("gateway.toml", "first_byte_ms", "60_000");
        change(&workshop);
        let roots: Option<Arc<RootCertStore>> = tls.then(|| with_tls(&workshop));
        let gateway = GatewayProcess::start(&workshop);
        let target = Target { address: gateway.partner, tls: roots };
        let mut besieged = Besieged { _alone: alone, workshop, gateway, target, quiet_bytes: 0 };
        besieged.partners_are_served(ELSEWHERE).await;
        besieged.quiet_bytes = besieged.gateway.memory_bytes();
        besieged
    }

    /// Partners by API key, token and signature are served, each over a connection of its own and over one that it keeps.
    async fn partners_are_served(&self, from: IpAddr) {
        self.proven_by_head_are_served(from).await;
        for _ in 0..CALLS {
            let body = notification();
            let mut headers = self.workshop.credentials.webhook(&body);
            headers.push(("content-type", "application/xml".to_owned()));
            self.is_taken(from, NOTIFICATION, &headers, body).await;
        }
        // A signed read as well, which has no body that could be waited for.
        let headers = self.workshop.credentials.webhook(b"");
        let mut caller = self.caller(from).await;
        let read = caller.call(Method::GET, "/v1/exchanges/x", &headers, "").await.expect("an answer");
        assert_eq!(read.status, 404, "{}", read.body);
    }

    /// Those whose credential is in the head.
    async fn proven_by_head_are_served(&self, from: IpAddr) {
        let shop = vec![("x-api-key", self.workshop.credentials.api_key.clone()), json()];
        let carrier = bearer(&self.workshop.credentials.token());
        let mut kept = self.caller(from).await;
        for _ in 0..CALLS {
            self.is_taken(from, ORDER, &shop, order()).await;
            self.is_taken(from, EVENTS, &carrier, events()).await;
            let called = kept.call(Method::POST, ORDER, &shop, order()).await.expect("the connection is kept");
            assert_eq!(called.status, 202, "{}", called.body);
        }
    }

    async fn caller(&self, from: IpAddr) -> Caller {
        Caller::connect(&self.target, from).await.expect("a connection is accepted")
    }

    async fn is_taken(&self, from: IpAddr, path: &str, headers: &[(&str, String)], body: Vec<u8>) {
        let mut caller = self.caller(from).await;
        let called = caller.call(Method::POST, path, headers, body).await.expect("an answer");
        assert_eq!(called.status, 202, "{path}: {}", called.body);
    }

    /// During the attack all partners are served, operators too, and the gateway holds no more than it may; afterwards the
    /// next request is served and no more is held than before.
    async fn withstands(&self, attack: Attack, begun: usize) {
        attack.has_begun(begun).await;
        let mut most = self.gateway.memory_bytes();
        for _ in 0..2 {
            self.partners_are_served(ELSEWHERE).await;
            most = most.max(self.gateway.memory_bytes());
        }
        let alive = Client::new(self.gateway.operator).get("/readyz").await;
        assert_eq!(alive.status, 200, "the operator's listener");
        let held = most.saturating_sub(self.quiet_bytes);
        assert!(held < STRANGERS_BYTES_MAX, "{} MiB are held for strangers", held >> 20);
        drop(attack);
        self.partners_are_served(ELSEWHERE).await;
        let given_back = async {
            while self.gateway.memory_bytes() > self.quiet_bytes + KEPT_BYTES_MAX {
                sleep(Duration::from_millis(200)).await;
            }
        };
        let within = timeout(Duration::from_secs(60), given_back).await;
        assert!(within.is_ok(), "{} MiB stay", self.gateway.memory_bytes().saturating_sub(self.quiet_bytes) >> 20);
    }
}

/// Attacked from one address and from fifty, and over TLS from fifty.
async fn in_all_ways(change: impl Fn(&Workshop), attack: impl Fn(Target, usize) -> Attack, begun: usize) {
    for tls in [false, true] {
        let besieged = Besieged::open(tls, &change).await;
        let from: &[usize] = if tls { &[50] } else { &[1, 50] };
        for &addresses in from {
            besieged.withstands(attack(besieged.target.clone(), addresses), begun).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_37_reads_that_never_end_take_nobody_s_place() {
    let attack = |target, addresses| Attack::unfinished_reads(target, 36, 60, addresses);
    in_all_ways(|_| (), attack, 2160).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_37_slow_bodies_that_nobody_signed_make_room() {
    let attack = |target, addresses| Attack::slow_bodies(target, NOTIFICATION, 2_048, addresses);
    in_all_ways(|_| (), attack, 2_048).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_37_a_partner_behind_the_same_address_is_served_where_its_head_proves_it() {
    let besieged = Besieged::open(false, |_| ()).await;
    let strangers = stranger(0, 1);
    let reads = Attack::unfinished_reads(besieged.target.clone(), 36, 60, 1);
    let bodies = Attack::slow_bodies(besieged.target.clone(), NOTIFICATION, 1_024, 1);
    reads.has_begun(2160).await;
    bodies.has_begun(1_024).await;
    for _ in 0..3 {
        besieged.proven_by_head_are_served(strangers).await;
    }
}

/// The carrier's contract, which takes 2 MiB, may be signed with 64 secrets.
fn with_many_signers(workshop: &Workshop) {
    // With the partners of the demo that sign there are as many as there can be.
    let partners = std::fs::read_dir(workshop.policies().join("partners")).expect("the partners' policies");
    let texts = partners.map(|entry| std::fs::read_to_string(entry.expect("a file").path()).expect("a policy"));
    let signing = texts.filter(|text| text.contains("kind = \"hmac\"")).count();
    workshop.sign_by_many(64 - signing, "dcsa-track-trace", "2.2");
    workshop.edit("partners/customs-broker.toml", |text| {
        format!("{text}\n[[contracts]]\nname = \"dcsa-track-trace\"\nversions = [\"2.2\"]\n")
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_38_large_bodies_that_nobody_signed_are_not_hashed_for_long() {
    let attack = |target, addresses| Attack::junk_signatures(target, EVENTS, "signer-07", 2 << 20, 32, addresses);
    in_all_ways(with_many_signers, attack, 200).await;
}

#[tokio::test]
async fn row_38_a_signature_is_tried_with_the_secrets_of_those_who_may_send_the_contract() {
    let besieged = Besieged::open(false, with_many_signers).await;
    let signed = |body: &[u8]| {
        let mut headers = besieged.workshop.credentials.webhook(body);
        headers.push(json());
        headers
    };
    // Small enough to be tried with all 64; nobody need be named.
    besieged.is_taken(ELSEWHERE, EVENTS, &signed(&events()), events()).await;
    let spaced = |bytes: usize| [vec![b' '; bytes], events()].concat();
    let large = spaced(512 << 10);
    let mut caller = besieged.caller(ELSEWHERE).await;
    let refused = caller.call(Method::POST, EVENTS, &signed(&large), large.clone()).await.expect("an answer");
    assert_eq!(refused.status, 413, "{}", refused.body);
    assert!(refused.body["detail"].as_str().is_some_and(|detail| detail.contains("?from=")), "{}", refused.body);
    let named = format!("{EVENTS}?from=customs-broker");
    besieged.is_taken(ELSEWHERE, &named, &signed(&large), large).await;
    for (wrong, body) in [
        (format!("{EVENTS}?from=signer-01"), events()),
        (format!("{EVENTS}?from=nobody"), events()),
        (format!("{EVENTS}?from=ocean-carrier"), events()),
        (format!("{ORDER}?from=customs-broker"), order()),
        (ORDER.to_owned(), order()),
    ] {
        let mut caller = besieged.caller(ELSEWHERE).await;
        let refused = caller.call(Method::POST, &wrong, &signed(&body), body).await.expect("an answer");
        assert_eq!(refused.status, 401, "{wrong}: {}", refused.body);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_39_silent_connections_lock_nobody_out_and_hold_little() {
    let attack = |target, addresses| Attack::silence(target, 2_500, addresses);
    in_all_ways(|_| (), attack, 2_500).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_39_silent_connections_lock_no_operator_out() {
    let besieged = Besieged::open(false, |_| ()).await;
    let operators = Target { address: besieged.gateway.operator, tls: None };
    let attack = Attack::silence(operators, 2_500, 1);
    attack.has_begun(2_500).await;
    let key = format!("Bearer {}", besieged.workshop.credentials.operator_key);
    for _ in 0..CALLS {
        let client = Client::new(besieged.gateway.operator);
        let answer = client.send(Method::GET, "/v1/plugins", &[("authorization", key.clone())], "".into()).await;
        assert_eq!(answer.status, 200, "{}", answer.json());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_59_partners_are_served_while_strangers_ask_at_once_and_take_no_answers() {
    let attack = |target, addresses| Attack::hoarded_answers(target, 500, 64, addresses);
    in_all_ways(|_| (), attack, 32_000).await;
}
