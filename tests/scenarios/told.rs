//! Customs clears a shipment, and the ERP system whose delivery it is reads that in it: told by the gateway itself, once and in
//! order, whatever gateway does it.

use bytes::Bytes;
use http::Method;
use portgate_store::testing::PostgresServer;
use portgate_tests::{Client, Portal, Workshop, case, eventually};
use serde_json::{Value, json};

use super::filings::{Day, notification};

/// Who is told what.
const TELL: &str = r#"
[[filing.tell]]
to = "erp"
contract = "s4-text"
version = "2"
of = ["accepted", "held", "rejected", "released", "cleared", "cancelled"]
"#;

/// The ERP system, which takes what it is told.
async fn erp_system(workshop: &Workshop) -> Portal {
    let system = Portal::listen(workshop).await;
    for file in ["plugins/erp-sap.toml", "partners/erp.toml", "ceiling.toml"] {
        workshop.edit(file, |text| text.replace("127.0.0.1:8488", &system.address().to_string()));
    }
    workshop.secret("erp.key", &workshop.credentials.portal_key);
    system
}

/// The first word of each text that the ERP system was told of its delivery, under the numbers of customs.
fn texts(system: &Portal, lrn: &str) -> Vec<String> {
    let text = |body: &Bytes| {
        let body = String::from_utf8_lossy(body).into_owned();
        let words = body.split("\"TextElementText\":\"").nth(1).unwrap_or_default();
        let names = ["DeliveryDocument='80000123'", "MRN 26GB0000000000AAA1", &format!("LRN {lrn}")];
        assert!(names.iter().all(|name| body.contains(name)), "{names:?} are not all in {body}");
        words.split(' ').next().unwrap_or_default().to_owned()
    };
    let received = system.received();
    received.iter().filter(|one| one.path.ends_with("/$batch")).map(|one| text(&one.body)).collect()
}

async fn a_delivery_is_cleared(workshop: Workshop, replicas: usize) {
    let day = Day::new(workshop).await;
    let system = erp_system(&day.workshop).await;
    day.workshop.edit("filings.toml", |text| format!("{text}{TELL}"));
    let mut gateways = Vec::new();
    for _ in 0..replicas {
        gateways.push(day.workshop.start().await);
    }
    let client = Client::new(gateways[0].partner);
    let answer = client.post("/v1/messages/idoc/4.0", &day.erp, case("erp-sap", "idoc-material", "xml")).await;
    assert_eq!(answer.status, 202, "{}", answer.json());
    day.tells(&gateways[0], 1, 2).await;
    let filing = day.filing(&gateways[0], |filing| filing["state"] == "submitted").await;
    let lrn = filing["lrn"].as_str().expect("a reference number").to_owned();
    eventually("customs has it", async || match day.declared().len() {
        1 => Ok(()),
        count => Err(count),
    })
    .await;
    assert_eq!(texts(&system, &lrn), Vec::<String>::new(), "customs has said nothing");
    day.customs_says(&gateways[0], notification("01", &lrn, "ACC-1", 10)).await;
    let is_told =
        |count: usize| move |filing: &Value| filing["told"].as_array().is_some_and(|told| told.len() == count);
    day.filing(&gateways[0], is_told(1)).await;
    // Whoever comes after the gateway that told it tells it to nobody again.
    gateways.remove(0).stopped().await;
    gateways.push(day.workshop.start().await);
    day.customs_says(&gateways[0], notification("05", &lrn, "CTL-1", 20)).await;
    day.filing(&gateways[0], is_told(2)).await;
    let last = gateways.len() - 1;
    day.customs_says(&gateways[last], notification("09", &lrn, "CLE-1", 30)).await;
    let filing = day.filing(&gateways[0], |filing| filing["state"] == "cleared" && is_told(3)(filing)).await;
    let headers = [("authorization", format!("Bearer {}", day.workshop.credentials.operator_key))];
    let operator = Client::new(gateways[0].operator);
    let ask = async |path: String| operator.send(Method::GET, &path, &headers, Bytes::new()).await.json();
    let whole = ["ACCEPTED", "CONTROL", "CLEARED"];
    eventually("the ERP system has all of it", async || match texts(&system, &lrn) {
        texts if texts == whole => Ok(()),
        texts => {
            let received: Vec<String> =
                system.received().into_iter().map(|one| format!("{} {}", one.status, one.path)).collect();
            let deliveries = ask("/v1/deliveries?destination=erp".to_owned()).await;
            Err(format!("{texts:?} of {received:?}: {deliveries:#}"))
        }
    })
    .await;
    // Operators see whom it was told, and that the gateway itself has said so.
    let told = filing["told"].as_array().expect("what was told");
    let places: Vec<&Value> = told.iter().map(|told| &told["atCustoms"]).collect();
    assert_eq!(places, ["accepted", "held", "cleared"]);
    for told in told {
        let exchange = ask(format!("/v1/exchanges/{}", told["exchange"].as_str().expect("an exchange"))).await;
        assert_eq!((&exchange["partner"], &exchange["contract"]), (&json!("portgate"), &json!("customs-status")));
        let delivery = ask(format!("/v1/deliveries/{}", told["delivery"].as_str().expect("a delivery"))).await;
        assert_eq!(
            (&delivery["destination"], &delivery["state"]),
            (&json!("erp"), &json!("delivered")),
            "{delivery:#}"
        );
    }
    let shipment = ask("/v1/shipments/80000123".to_owned()).await;
    assert_eq!(shipment["filings"][0]["told"], filing["told"]);
    let documents = shipment["context"]["documents"].as_array().expect("documents").iter();
    let by: Vec<&Value> = documents
        .filter(|document| document["kind"] == "customs-status")
        .map(|document| &document["provenance"]["system"])
        .collect();
    assert!(by.len() == 3 && by.iter().all(|by| *by != "portgate"), "what was told is no word of customs: {by:?}");
    // Nobody tells any of it again.
    for mut gateway in gateways {
        gateway.stopped().await;
    }
    let gateway = day.workshop.start().await;
    let again = day.filing(&gateway, |filing| filing["state"] == "cleared").await;
    assert_eq!(again["told"], filing["told"]);
    assert_eq!(texts(&system, &lrn), whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_erp_system_reads_in_its_delivery_what_customs_has_said_in_a_file() {
    a_delivery_is_cleared(Workshop::new(), 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_erp_system_reads_in_its_delivery_what_customs_has_said_on_a_server_with_two_gateways() {
    let Some(server) = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") else {
        eprintln!("left out: PostgreSQL is not installed");
        return;
    };
    let workshop = Workshop::new();
    workshop.keep_in(&server);
    a_delivery_is_cleared(workshop, 2).await;
}
