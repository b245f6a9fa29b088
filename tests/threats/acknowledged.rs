//! Acknowledgements and interchanges that are not what they say.

use portgate_tests::edi::{REPORTS, acknowledgement, arrived, reports, start_tms};
use portgate_tests::{Answer, Client, Workshop, eventually};
use serde_json::Value;

fn report(number: u64, bill: &str) -> String {
    reports(number, &[&arrived(1, bill)])
}

#[tokio::test]
async fn row_60_an_acknowledgement_counts_once_and_for_its_own_partner_and_an_interchange_once() {
    let workshop = Workshop::new();
    let tms = start_tms(&workshop).await;
    // A carrier that would like to acknowledge what others were sent, with the same identifiers.
    workshop.edit("partners/ocean-carrier.toml", |text| {
        format!("{text}{REPORTS}\n[[contracts]]\nname = \"x12-acknowledgement\"\nversions = [\"1\"]\n")
    });
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    let carrier = [
        ("authorization", format!("Bearer {}", workshop.credentials.token())),
        ("content-type", "application/edi-x12".to_owned()),
    ];
    let system =
        [("x-api-key", workshop.credentials.tms_key.clone()), ("content-type", "application/edi-x12".to_owned())];
    let send = async |contract: &str, headers: &[(&str, String)], body: String| -> Answer {
        client.post(&format!("/v1/messages/{contract}"), headers, body.into_bytes()).await
    };

    // A test where production was agreed has no effect.
    let test = send("x12-315/4010", &carrier, report(1, "OLNE1").replacen("*0*P*", "*0*T*", 1)).await;
    assert_eq!(test.problem(), "not-agreed");
    let taken = send("x12-315/4010", &carrier, report(1, "OLNE1")).await;
    assert_eq!(taken.status, 202, "{}", taken.json());
    let again = send("x12-315/4010", &carrier, report(1, "OLNE1")).await;
    assert_eq!((again.status, &again.body), (taken.status, &taken.body));
    let other = send("x12-315/4010", &carrier, report(1, "OLNE2")).await;
    assert_eq!(other.problem(), "control-number-reused");

    let place = taken.header("location").to_owned();
    let delivery = async || -> Value {
        let exchange = client.send(http::Method::GET, &place, &carrier[..1], Default::default()).await.json();
        exchange["deliveries"][0].clone()
    };
    eventually("it is sent", async || {
        let delivery = delivery().await;
        if delivery["state"] == "sent" { Ok(()) } else { Err(delivery) }
    })
    .await;
    let codes = async |who: &[(&str, String)], body: String| -> Vec<String> {
        let said = send("x12-acknowledgement/1", who, body).await;
        assert_eq!(said.status, 202, "{}", said.json());
        let kept = client.send(http::Method::GET, said.header("location"), &who[..1], Default::default()).await.json();
        let findings = kept["findings"].as_array().cloned().unwrap_or_default();
        findings.iter().filter_map(|finding| Some(finding["code"].as_str()?.to_owned())).collect()
    };
    // Of another partner's numbers, and of such as were never used.
    assert_eq!(codes(&carrier, acknowledgement(7, 1, 1, 'R')).await, ["acknowledgement-of-nothing"]);
    assert_eq!(codes(&system, acknowledgement(7, 2, 2, 'R')).await, ["acknowledgement-of-nothing"]);
    assert_eq!(delivery().await["state"], "sent");
    assert!(codes(&system, acknowledgement(8, 1, 1, 'A')).await.is_empty());
    assert_eq!(codes(&system, acknowledgement(9, 1, 1, 'A')).await, ["acknowledgement-repeated"]);
    assert_eq!(codes(&system, acknowledgement(10, 1, 1, 'R')).await, ["acknowledgement-contradicts"]);
    assert_eq!(delivery().await["state"], "delivered");
    assert_eq!(tms.requests(), 1, "none of it had another effect");
}
