//! Rows 62 to 65: a partner that looks shipments up.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Method;
use portgate_tests::{Answer, Client, Gateway, Workshop, case, eventually};

use crate::{Gate, Headers};

/// What the desk's API shows of a shipment to who has a document in it.
const READS: &str = "\n[shipments]\nread = [\"shipment\"]\nreferences = [\"shipment\", \"sap-delivery\"]\n";
/// A name of the shipment that there is.
const NAME: &str = "80000123";

/// A partner's API key, which the workshop's policies know from now on.
fn keyed(workshop: &Workshop, secret: &str) -> Headers {
    let key = format!("the-key-of-{secret}-in-a-test-0123456789");
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, key.as_bytes());
    workshop.secret(&format!("{secret}.sha256"), &hex::encode(hash));
    vec![("x-api-key", key)]
}

fn with(headers: &Headers, name: &'static str, value: &str) -> Headers {
    headers.iter().cloned().chain([(name, value.to_owned())]).collect()
}

/// A shipment of the ERP system, which may look it up; a warehouse that may look up its own and has none; a portal that may look up
/// all; and a system that may look up nothing.
struct Scene {
    gate: Gate,
    id: String,
    erp: Headers,
    warehouse: Headers,
    portal: Headers,
    nobody: Headers,
}

impl Scene {
    async fn set() -> Self {
        Self::set_with(|_| ()).await
    }

    async fn set_with(change: impl FnOnce(&Workshop)) -> Self {
        let workshop = Workshop::new();
        workshop.erp_sees_nothing();
        let [erp, warehouse, portal, nobody] =
            ["erp", "warehouse", "customer-portal-reader", "tms"].map(|name| keyed(&workshop, name));
        for partner in ["erp", "warehouse"] {
            workshop.edit(&format!("partners/{partner}.toml"), |text| format!("{text}{READS}"));
            workshop.set(&format!("partners/{partner}.toml"), "requests_per_second", "2_000");
            workshop.set(&format!("partners/{partner}.toml"), "burst", "2_000");
        }
        change(&workshop);
        let gate = Gate::of(workshop).await;
        let sender = with(&erp, "content-type", "application/xml");
        let idoc = case("erp-sap", "idoc-delivery-with-handling-units", "xml");
        let answer = gate.client.post("/v1/messages/idoc/4.0", &sender, idoc).await;
        assert_eq!(answer.status, 202, "{}", answer.json());
        let id = eventually("the shipment", async || {
            let seen = get(&gate.gateway, &portal, &format!("/v1/shipments/{NAME}")).await;
            let id = seen.json()["shipments"][0]["id"].as_str().map(str::to_owned);
            let is_there = seen.status == 200 && seen.json()["shipments"][0]["current"] == true;
            id.filter(|_| is_there).ok_or(seen.status)
        })
        .await;
        Scene { gate, id, erp, warehouse, portal, nobody }
    }

    async fn get(&self, headers: &Headers, path: &str) -> Answer {
        get(&self.gate.gateway, headers, path).await
    }

    /// Who may see the shipment does.
    async fn is_open(&self) {
        let seen = self.get(&self.erp, &format!("/v1/shipments/{NAME}")).await;
        assert_eq!((seen.status.as_u16(), &seen.json()["shipments"][0]["id"]), (200, &self.id.as_str().into()));
    }
}

async fn get(gateway: &Gateway, headers: &Headers, path: &str) -> Answer {
    Client::new(gateway.partner).send(Method::GET, path, headers, Bytes::new()).await
}

/// An answer without what tells one request from another: the name that was asked, the request's id, the day's time and how many
/// more it may ask.
fn plain(answer: &Answer, asked: &str) -> String {
    let mut headers: Vec<String> = answer
        .headers
        .iter()
        .filter(|(name, _)| !["date", "x-request-id", "content-length", "ratelimit"].contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {value:?}"))
        .collect();
    headers.sort();
    let mut body = answer.json();
    for own in ["instance", "requestId"] {
        if let Some(body) = body.as_object_mut() {
            body.remove(own);
        }
    }
    let body = body.to_string().replace(asked, "ASKED");
    format!("{} {headers:?} {}", answer.status, body)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_62_what_is_another_partner_s_is_answered_as_what_there_is_not() {
    let scene = Scene::set().await;
    let (id, unknown) = (scene.id.as_str(), "3c61b0a4-0000-8000-8000-000000000001");
    let pairs = [
        // Another's, by a name of its schemes and by its id; and names and ids of nothing, as long.
        (NAME, "80000999"),
        (id, unknown),
    ];
    for (reader, headers) in [("warehouse", &scene.warehouse), ("who may look up nothing", &scene.nobody)] {
        for (others, nothing) in pairs {
            for behind in ["", "/events", "/events?after=start"] {
                let theirs = scene.get(headers, &format!("/v1/shipments/{others}{behind}")).await;
                let none = scene.get(headers, &format!("/v1/shipments/{nothing}{behind}")).await;
                assert_eq!((theirs.status.as_u16(), theirs.problem()), (404, "shipment-unknown".to_owned()));
                assert_eq!(plain(&theirs, others), plain(&none, nothing), "{reader}, {others}{behind}");
            }
        }
    }
    // Nor by whether it has changed.
    let tag = scene.get(&scene.erp, &format!("/v1/shipments/{id}")).await.header("etag").to_owned();
    for known in [tag.as_str(), "*"] {
        let asked = with(&scene.warehouse, "if-none-match", known);
        assert_eq!(scene.get(&asked, &format!("/v1/shipments/{id}")).await.status, 404);
    }
    // Nor by how long it takes: one after the other, so that whatever else the machine does is done to both.
    let client = Client::new(scene.gate.gateway.partner);
    let mut took: [Vec<Duration>; 2] = Default::default();
    for _ in 0..150 {
        for (which, asked) in [id, unknown].into_iter().enumerate() {
            let began = Instant::now();
            client.send(Method::GET, &format!("/v1/shipments/{asked}"), &scene.warehouse, Bytes::new()).await;
            took[which].push(began.elapsed());
        }
    }
    let [theirs, none] = took.map(|mut times| {
        times.sort();
        times[times.len() / 2]
    });
    eprintln!("another's takes {theirs:?}, what there is not {none:?}");
    assert!(theirs < none * 2 && none < theirs * 2, "{theirs:?} and {none:?}");
    scene.is_open().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_63_a_name_is_one_value_whatever_stands_in_it_and_nothing_comes_with_it_that_is_not_granted() {
    let scene = Scene::set().await;
    let long = "9".repeat(6_000);
    let names = [
        "'%20OR%20'1'='1",
        "80000123'--",
        "%2580000123",
        "%",
        "_0000123",
        "8000012%25",
        "*",
        "%ff%fe",
        "..%2f..%2fexchanges",
        "80000123%2fevents",
        "80000123/events/events",
        "80000123/",
        "events",
        "%22%7D%5D,%22shipments%22:[%7B%22id%22:%22x",
        "%3Cscript%3Ealert(1)%3C/script%3E",
        "$1",
        "%E2%80%AE32100008",
        &long,
    ];
    // What holds a control character is no path.
    for name in ["80000123%00", "%0d%0aset-cookie:%20a=b"] {
        let answer = scene.get(&scene.erp, &format!("/v1/shipments/{name}")).await;
        assert_eq!((answer.status.as_u16(), answer.problem()), (400, "malformed-request".to_owned()), "{name}");
        assert!(!answer.headers.contains_key("set-cookie"), "{name}");
    }
    for name in names {
        for headers in [&scene.erp, &scene.portal] {
            let answer = scene.get(headers, &format!("/v1/shipments/{name}")).await;
            assert_eq!((answer.status.as_u16(), answer.problem()), (404, "shipment-unknown".to_owned()), "{name}");
            assert_eq!(answer.header("content-type"), "application/problem+json", "{name}");
            assert!(!answer.headers.contains_key("set-cookie"), "{name}");
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            assert!(answer.body.len() < 1_000, "{name} is answered with {} bytes", answer.body.len());
            assert!(!text.chars().any(|sign| sign.is_control() || sign == '\u{202e}'), "{name}: {text}");
            assert_eq!(answer.json().as_object().map(|body| body.contains_key("shipments")), Some(false), "{name}");
        }
    }
    for query in ["?after=0", "?after=start&after=start", "?from=1", "?nextPageToken=", "?nextPageToken=%27"] {
        let answer = scene.get(&scene.erp, &format!("/v1/shipments/{NAME}/events{query}")).await;
        assert!(answer.status.is_client_error(), "{query}: {}", answer.status);
    }
    // Of what it may see, only what is granted: by any of its representations.
    let invoice = case("erp-sap", "idoc-invoice", "xml");
    let sender = with(&scene.erp, "content-type", "application/xml");
    assert_eq!(scene.gate.client.post("/v1/messages/idoc/4.0", &sender, invoice).await.status, 202);
    let path = format!("/v1/shipments/{}", scene.id);
    let operator = vec![("authorization", format!("Bearer {}", scene.gate.workshop.credentials.operator_key))];
    eventually("the invoice", async || {
        let operators = Client::new(scene.gate.gateway.operator);
        let seen = operators.send(Method::GET, &path, &operator, Bytes::new()).await.json();
        let is_there = seen["documents"].to_string().contains("commercial-invoice") && seen["current"] == true;
        if is_there { Ok(()) } else { Err(seen) }
    })
    .await;
    let mut told = vec![scene.get(&scene.erp, &path).await.json().to_string()];
    let events = format!("{path}/events");
    let epcis = scene.get(&with(&scene.erp, "accept", "application/ld+json"), &events).await;
    told.push(epcis.json().to_string());
    let mut stream = scene.gate.client.events(&format!("{events}?after=start"), &scene.erp).await;
    while let Some(event) = stream.next_within(Duration::from_secs(2)).await {
        told.push(format!("{} {}", event.kind, event.event));
    }
    assert!(told.len() > 3 && told[0].contains("\"shipment\""), "{told:?}");
    for text in &told {
        for kept in ["commercial-invoice", "90000042", "unitPrice", "packing"] {
            assert!(!text.contains(kept), "{kept} in {text}");
        }
    }
    scene.is_open().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_64_a_place_in_a_feed_counts_for_whom_it_was_given_and_a_feed_ends_with_the_right_to_it() {
    let scene = Scene::set_with(|workshop| {
        workshop.set("partners/erp.toml", "requests_in_flight_max", "20");
    })
    .await;
    let path = format!("/v1/shipments/{}/events", scene.id);
    let client = &scene.gate.client;
    let mut stream = client.events(&format!("{path}?after=start"), &scene.erp).await;
    let first = stream.next().await.id;
    let mut of_portal = client.events(&format!("{path}?after=start"), &scene.portal).await;
    let portals = of_portal.next().await.id;
    let mut of_exchanges = client.events("/v1/events?after=start", &scene.erp).await;
    let general = of_exchanges.next().await.id;
    let flipped: String = first.chars().rev().collect();
    for (what, forged) in [
        ("another reader's", portals.as_str()),
        ("of the reader's other feed", general.as_str()),
        ("changed", flipped.as_str()),
        ("a number", "1"),
        ("nothing", ""),
        ("endless", &"A".repeat(4_000)),
    ] {
        let answer = scene.get(&with(&scene.erp, "last-event-id", forged), &path).await;
        assert_eq!((answer.status.as_u16(), answer.problem()), (400, "event-unknown".to_owned()), "{what}");
        let asked = with(&scene.erp, "accept", "application/ld+json");
        let answer = scene.get(&asked, &format!("{path}?nextPageToken={forged}")).await;
        assert_eq!((answer.status.as_u16(), answer.problem()), (400, "event-unknown".to_owned()), "{what}, as a page");
    }
    let twice = with(&with(&scene.erp, "last-event-id", &first), "last-event-id", &first);
    assert_eq!(scene.get(&twice, &path).await.problem(), "event-unknown");
    // The honest place goes on behind it.
    let mut again = client.events(&path, &with(&scene.erp, "last-event-id", &first)).await;
    assert_ne!(again.next().await.id, first);
    // What it may look up is taken from it: all its feeds end, and it is told nothing any more.
    scene.gate.workshop.edit("partners/erp.toml", |text| text.replace(READS.trim_end(), ""));
    stream.end().await;
    again.end().await;
    eventually("the right is gone", async || {
        let answer = scene.get(&scene.erp, &path).await;
        if answer.problem() == "shipment-unknown" { Ok(()) } else { Err(answer.status) }
    })
    .await;
    let resumed = scene.get(&with(&scene.erp, "last-event-id", &first), &path).await;
    assert_eq!(resumed.problem(), "shipment-unknown");
    // The other reader's goes on.
    assert_eq!(scene.get(&scene.portal, &format!("/v1/shipments/{NAME}")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_65_who_asks_too_often_or_reads_too_many_feeds_waits_alone() {
    let scene = Scene::set_with(|workshop| {
        workshop.set("partners/warehouse.toml", "requests_per_second", "1");
        workshop.set("partners/warehouse.toml", "burst", "5");
        workshop.set("partners/erp.toml", "requests_in_flight_max", "3");
    })
    .await;
    let mut answers = Vec::new();
    for _ in 0..20 {
        answers.push(scene.get(&scene.warehouse, "/v1/shipments/80000999").await);
    }
    let refused: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 429).collect();
    assert!(refused.len() >= 10, "{} of 20 guesses are answered", 20 - refused.len());
    assert!(
        refused.iter().all(|answer| answer.problem() == "rate-limited" && answer.headers.contains_key("retry-after"))
    );
    // Feeds hold their reader's places, and nobody else's.
    let path = format!("/v1/shipments/{}/events?after=start", scene.id);
    let mut feeds = Vec::new();
    for _ in 0..3 {
        let mut feed = scene.gate.client.events(&path, &scene.erp).await;
        feed.next().await;
        feeds.push(feed);
    }
    let one_more = scene.get(&scene.erp, &path).await;
    assert!([429, 503].contains(&one_more.status.as_u16()), "{}", one_more.status);
    assert_eq!(scene.get(&scene.portal, &format!("/v1/shipments/{NAME}")).await.status, 200);
    drop(feeds);
    eventually("places are free again", async || {
        let answer = scene.get(&scene.erp, &format!("/v1/shipments/{NAME}")).await;
        if answer.status == 200 { Ok(()) } else { Err(answer.status) }
    })
    .await;
    scene.is_open().await;
}
