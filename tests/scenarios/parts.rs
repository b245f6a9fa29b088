//! Messages of several parts: a broken set of an interchange is refused and named, and the others are taken.

use bytes::Bytes;
use http::Method;
use portgate_tests::{Answer, Client, Portal, Workshop, eventually};
use serde_json::json;

use crate::webhooks::each_journal;
use crate::{EVENTS, carrier, with};

const STATUS: &str = "/v1/messages/x12-315/4010";

/// A set 315 of one departure, by its number; what is left out of it makes it broken.
fn set(number: usize, left_out: &str) -> String {
    let set = format!(
        "ST*315*{number:04}~B4***VD*20260228*0430**CSQU*305438*L*45G1*GBFXT*UN*3~N9*BM*OLNE26{number:06}~\
         R4*5*UN*GBFXT*FELIXSTOWE*GB~SE*5*{number:04}~"
    );
    assert!(left_out.is_empty() || set.contains(left_out), "{left_out}");
    set.replace(left_out, "")
}

fn interchange(sets: &[String]) -> Vec<u8> {
    let (count, sets) = (sets.len(), sets.concat());
    format!(
        "ISA*00*          *00*          *ZZ*OCEANLINE      *ZZ*IMPORTER       *260301*0815*U*00401*000000041*0*P*>~\
         GS*QO*OCEANLINE*IMPORTER*20260301*0815*41*X*004010~{sets}GE*{count}*41~IEA*1*000000041~"
    )
    .into_bytes()
}

fn edi(workshop: &Workshop) -> Vec<(&'static str, String)> {
    vec![carrier(workshop)[0].clone(), ("content-type", "application/edi-x12".to_owned())]
}

async fn read(client: &Client, path: &str, headers: &[(&str, String)]) -> Answer {
    client.send(Method::GET, path, headers, Bytes::new()).await
}

fn verdicts(answer: &serde_json::Value) -> Vec<(String, String, u64)> {
    let parts = answer["parts"].as_array().unwrap_or_else(|| panic!("no parts: {answer}"));
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    let one = |part: &serde_json::Value| {
        (text(&part["reference"]), text(&part["verdict"]), part["documents"].as_u64().expect("a number"))
    };
    parts.iter().map(one).collect()
}

fn part(reference: &str, verdict: &str, documents: u64) -> (String, String, u64) {
    (reference.to_owned(), verdict.to_owned(), documents)
}

#[tokio::test]
async fn a_broken_set_is_named_and_its_siblings_go_on() {
    for (workshop, _server) in each_journal() {
        let portal = Portal::start(&workshop).await;
        portal.answer(503);
        let mut gateway = workshop.start().await;
        let client = Client::new(gateway.partner);
        // No time; what stands between two sets' segments is no segment at all; a byte is no character.
        let words = set(4, "").replace("N9*BM*", "WORDS OF SOMEBODY~N9*BM*");
        let noise = set(5, "").replace("FELIXSTOWE", "FELI@STOWE");
        let mut body = interchange(&[set(1, ""), set(2, "20260228*0430"), set(3, ""), words, noise]);
        body.iter_mut().filter(|byte| **byte == b'@').for_each(|byte| *byte = 0x81);
        let answer = client.post(STATUS, &edi(&workshop), body).await;
        assert_eq!(answer.status, 202, "{}", answer.json());
        let expected = [
            part("0001", "accepted", 1),
            part("0002", "refused", 0),
            part("0003", "accepted", 1),
            part("0004", "refused", 0),
            part("0005", "refused", 0),
        ];
        assert_eq!(verdicts(&answer.json()), expected);
        assert_eq!(answer.json()["parts"][1]["findings"][0]["severity"], "error", "{}", answer.json());
        assert_eq!(answer.json()["parts"][3]["findings"][0]["code"], "edi-segment-tag", "{}", answer.json());
        assert_eq!(answer.json()["parts"][4]["findings"][0]["code"], "edi-encoding", "{}", answer.json());
        let place = answer.header("location").to_owned();
        // A gateway that starts anew knows as much.
        gateway.stopped().await;
        gateway = workshop.start().await;
        let client = Client::new(gateway.partner);
        let kept = read(&client, &place, &edi(&workshop)).await.json();
        assert_eq!(verdicts(&kept), expected, "{kept}");
        let of: Vec<_> = kept["documents"].as_array().expect("documents").iter().map(|one| &one["part"]).collect();
        assert_eq!(of, [&json!("0001"), &json!("0003")]);
        let key = [("authorization", format!("Bearer {}", workshop.credentials.operator_key))];
        let operators = Client::new(gateway.operator);
        let shown = read(&operators, &place, &key).await.json();
        assert_eq!((verdicts(&shown), &shown["partsRefused"]), (expected.to_vec(), &json!(3)), "{shown}");
        assert_eq!(shown["documents"][1]["part"], "0003", "{shown}");
        let listed = read(&operators, "/v1/exchanges", &key).await.json();
        assert_eq!(listed["items"][0]["partsRefused"], 3, "{listed}");
        // What goes out says as well which of them it came of.
        let delivered = |record: &serde_json::Value| -> Vec<_> {
            let deliveries = record["deliveries"].as_array().expect("deliveries").iter();
            deliveries.map(|one| (one["id"].as_str().expect("an id").to_owned(), one["parts"].clone())).collect()
        };
        let parts = |record| delivered(record).into_iter().map(|(_, parts)| parts).collect::<Vec<_>>();
        assert_eq!((parts(&kept), parts(&shown)), (vec![json!(["0001"]), json!(["0003"])], parts(&kept)), "{kept}");
        let (second, _) = delivered(&shown).pop().expect("two deliveries");
        let record = read(&operators, &format!("/v1/deliveries/{second}"), &key).await.json();
        let listed = read(&operators, &format!("/v1/deliveries?id={second}"), &key).await.json();
        assert_eq!((&record["parts"], &listed["items"][0]["parts"]), (&json!(["0003"]), &json!(["0003"])));
        let mut events = client.events("/v1/events?after=start", &edi(&workshop)[..1]).await;
        portal.answer(200);
        let told = eventually("what is delivered is told", async || {
            let event = events.next_within(std::time::Duration::from_secs(60)).await.expect("an event");
            match event.kind == "portgate.delivery.delivered" && event.event["data"]["delivery"] == *second {
                true => Ok(event.event["data"]["parts"].clone()),
                false => Err(event.event),
            }
        })
        .await;
        assert_eq!(told, json!(["0003"]));
        gateway.stopped().await;
    }
}

#[tokio::test]
async fn an_interchange_of_which_every_set_is_broken_is_refused_with_what_is_wrong_with_each() {
    for (workshop, _server) in each_journal() {
        let mut gateway = workshop.start().await;
        let client = Client::new(gateway.partner);
        let answer = client.post(STATUS, &edi(&workshop), interchange(&[set(1, "20260228*0430"), set(2, "VD")])).await;
        assert_eq!(answer.problem(), "payload-rejected");
        assert_eq!(answer.json()["findings"].as_array().map(Vec::len), Some(2), "{}", answer.json());
        let place = answer.json()["instance"].as_str().expect("a place").to_owned();
        let kept = read(&client, &place, &edi(&workshop)).await.json();
        assert_eq!(verdicts(&kept), [part("0001", "refused", 0), part("0002", "refused", 0)], "{kept}");
        gateway.stopped().await;
    }
}

#[tokio::test]
async fn where_policy_says_all_or_nothing_one_broken_set_refuses_the_interchange() {
    for (workshop, _server) in each_journal() {
        workshop.replace("partners/ocean-carrier.toml", &[("# all_or_nothing = true", "all_or_nothing = true")]);
        let mut gateway = workshop.start().await;
        let client = Client::new(gateway.partner);
        let answer = client.post(STATUS, &edi(&workshop), interchange(&[set(1, ""), set(2, "20260228*0430")])).await;
        assert_eq!(answer.problem(), "payload-rejected");
        assert_eq!(answer.json()["findings"][0]["code"], "all-or-nothing", "{}", answer.json());
        let place = answer.json()["instance"].as_str().expect("a place").to_owned();
        let kept = read(&client, &place, &edi(&workshop)).await.json();
        assert_eq!(verdicts(&kept), [part("0001", "refused", 0), part("0002", "refused", 0)], "{kept}");
        let whole = client.post(STATUS, &edi(&workshop), interchange(&[set(1, ""), set(2, "")])).await;
        assert_eq!(whole.status, 202, "{}", whole.json());
        gateway.stopped().await;
    }
}

#[tokio::test]
async fn the_events_of_a_list_are_taken_one_by_one_and_documents_say_which_they_are_of() {
    for (workshop, _server) in each_journal() {
        let mut gateway = workshop.start().await;
        let client = Client::new(gateway.partner);
        let event = |number: usize| {
            json!({ "eventID": format!("event-{number}"), "eventType": "EQUIPMENT", "eventClassifierCode": "ACT",
                "eventDateTime": "2026-03-01T00:00:00Z", "eventCreatedDateTime": "2026-03-02T00:00:00Z", "equipmentEventTypeCode": "GTOT",
                "equipmentReference": "CSQU3054383" })
        };
        // An id that another event has.
        let list = json!([event(1), event(1), event(3)]);
        let headers = with(carrier(&workshop), "prefer", "return=representation");
        let answer = client.post(EVENTS, &headers, list.to_string().into_bytes()).await;
        assert_eq!(answer.status, 200, "{}", answer.json());
        let expected = [part("event-1", "accepted", 1), part("event-1", "refused", 0), part("event-3", "accepted", 1)];
        assert_eq!(verdicts(&answer.json()), expected);
        assert_eq!(answer.json()["parts"][1]["location"], "/1");
        gateway.stopped().await;
    }
}
