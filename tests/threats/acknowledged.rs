//! Acknowledgements and interchanges that are not what they say.

use portgate_tests::{Answer, Client, Portal, Workshop, eventually};
use serde_json::Value;

/// What was agreed on the carrier's status reports.
const REPORTS: &str = r#"
[[agreements]]
name = "reports-in"
contract = "x12-315"
version = "4010"
direction = "in"
ours = [{ qualifier = "ZZ", value = "IMPORTER" }]
theirs = [{ qualifier = "ZZ", value = "OCEANLINE" }]
"#;

/// An interchange with one set.
fn interchange(parties: &str, number: u32, indicator: char, kind: &str, set: &str) -> Vec<u8> {
    format!(
        "ISA*00*          *00*          *{parties}*260301*0815*U*00401*{number:09}*0*{indicator}*>~\
         GS*{kind}*A*B*20260301*0815*{number}*X*004010~{set}GE*1*{number}~IEA*1*{number:09}~"
    )
    .into_bytes()
}

fn report(number: u32, indicator: char, bill: &str) -> Vec<u8> {
    let set = format!("ST*315*0001~B4***VA*20260228*0430**CSQU*305438*L*45G1*GBFXT*UN*3~N9*BM*{bill}~SE*4*0001~");
    interchange("ZZ*OCEANLINE      *ZZ*IMPORTER       ", number, indicator, "QO", &set)
}

/// What the transport management system says of a group of ours.
fn functional(number: u32, group: u64, verdict: char) -> Vec<u8> {
    let accepted = u8::from(verdict == 'A');
    let set = format!("ST*997*0001~AK1*QM*{group}~AK9*{verdict}*1*1*{accepted}~SE*4*0001~");
    interchange("02*LDGT           *ZZ*PORTGATEDEMO   ", number, 'P', "FA", &set)
}

#[tokio::test]
async fn row_60_an_acknowledgement_counts_once_and_for_its_own_partner_and_an_interchange_once() {
    let workshop = Workshop::new();
    let tms = Portal::listen(&workshop).await;
    let here = tms.address().to_string();
    for file in ["plugins/tms-edi.toml", "partners/tms.toml", "ceiling.toml"] {
        workshop.edit(file, |text| text.replace("127.0.0.1:8484", &here));
    }
    workshop.edit("partners/tms.toml", |text| {
        let text = text.replacen("settings = {", "settings = { scac = \"OLNE\",", 1);
        text.replacen("name = \"status-out\"", "name = \"status-out\"\nacknowledgement = \"apart\"", 1)
    });
    workshop.secret("tms.key", &workshop.credentials.portal_key);
    // A carrier that would like to acknowledge what others were sent, with the same identifiers.
    workshop.edit("partners/ocean-carrier.toml", |text| {
        format!("{text}{REPORTS}\n[[contracts]]\nname = \"x12-acknowledgement\"\nversions = [\"1\"]\n")
    });
    workshop.edit("routes.toml", |text| {
        let kept = text.split("[[deliver]]").next().unwrap_or_default();
        format!(
            "{kept}[[deliver]]\ndocument = \"milestone\"\nto = \"tms\"\ncontract = \"x12-214\"\nversion = \"4010\"\n"
        )
    });
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    let carrier = [
        ("authorization", format!("Bearer {}", workshop.credentials.token())),
        ("content-type", "application/edi-x12".to_owned()),
    ];
    let system =
        [("x-api-key", workshop.credentials.tms_key.clone()), ("content-type", "application/edi-x12".to_owned())];
    let send = async |contract: &str, headers: &[(&str, String)], body: Vec<u8>| -> Answer {
        client.post(&format!("/v1/messages/{contract}"), headers, body).await
    };

    // A test where production was agreed has no effect.
    let test = send("x12-315/4010", &carrier, report(1, 'T', "OLNE1")).await;
    assert_eq!(test.problem(), "not-agreed");
    let taken = send("x12-315/4010", &carrier, report(1, 'P', "OLNE1")).await;
    assert_eq!(taken.status, 202, "{}", taken.json());
    let again = send("x12-315/4010", &carrier, report(1, 'P', "OLNE1")).await;
    assert_eq!((again.status, &again.body), (taken.status, &taken.body));
    let other = send("x12-315/4010", &carrier, report(1, 'P', "OLNE2")).await;
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
    let codes = async |who: &[(&str, String)], body: Vec<u8>| -> Vec<String> {
        let said = send("x12-acknowledgement/1", who, body).await;
        assert_eq!(said.status, 202, "{}", said.json());
        let kept = client.send(http::Method::GET, said.header("location"), &who[..1], Default::default()).await.json();
        let findings = kept["findings"].as_array().cloned().unwrap_or_default();
        findings.iter().filter_map(|finding| Some(finding["code"].as_str()?.to_owned())).collect()
    };
    // Of another partner's numbers, and of such as were never used.
    assert_eq!(codes(&carrier, functional(7, 1, 'R')).await, ["acknowledgement-of-nothing"]);
    assert_eq!(codes(&system, functional(7, 2, 'R')).await, ["acknowledgement-of-nothing"]);
    assert_eq!(delivery().await["state"], "sent");
    assert!(codes(&system, functional(8, 1, 'A')).await.is_empty());
    assert_eq!(codes(&system, functional(9, 1, 'A')).await, ["acknowledgement-repeated"]);
    assert_eq!(codes(&system, functional(10, 1, 'R')).await, ["acknowledgement-contradicts"]);
    assert_eq!(delivery().await["state"], "delivered");
    assert_eq!(tms.requests(), 1, "none of it had another effect");
}
