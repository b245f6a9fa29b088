//! Documents that go out together, as one interchange, by agreement: each is acknowledged by itself, and one that cannot be
//! rendered holds none of the others up.

use http::Method;
use portgate_store::testing::PostgresServer;
use portgate_tests::edi::{arrived, reports, start_tms};
use portgate_tests::{Client, Portal, Workshop, eventually};
use serde_json::Value;

use crate::carrier;

const STATUS: &str = "/v1/messages/x12-315/4010";
const ACKNOWLEDGEMENT: &str = "/v1/messages/x12-acknowledgement/1";

/// Has the milestones for the transport management system go out together.
fn batch(workshop: &Workshop, batching: &str) {
    let with = format!("name = \"status-out\"\nbatching = {batching}");
    workshop.edit("partners/tms.toml", |text| text.replacen("name = \"status-out\"", &with, 1));
}

/// Has the carrier report something. The place of the exchange.
async fn report(client: &Client, workshop: &Workshop, body: String) -> String {
    let headers = [
        ("authorization", format!("Bearer {}", workshop.credentials.token())),
        ("content-type", "application/edi-x12".to_owned()),
    ];
    let answer = client.post(STATUS, &headers, body.into_bytes()).await;
    assert_eq!(answer.status, 202, "{}", answer.json());
    answer.header("location").to_owned()
}

async fn exchange(client: &Client, workshop: &Workshop, place: &str) -> Value {
    client.send(Method::GET, place, &carrier(workshop)[..1], Default::default()).await.json()
}

/// Where the deliveries of an exchange are.
fn states(exchange: &Value) -> Vec<&str> {
    let deliveries = exchange["deliveries"].as_array().into_iter().flatten();
    deliveries.filter_map(|delivery| delivery["state"].as_str()).collect()
}

/// Waits until the deliveries of an exchange are there.
async fn are(client: &Client, workshop: &Workshop, place: &str, expected: &[&str]) -> Value {
    eventually(&format!("they are {expected:?}"), async || {
        let exchange = exchange(client, workshop, place).await;
        if states(&exchange) == expected { Ok(exchange) } else { Err(exchange) }
    })
    .await
}

/// The interchanges that the transport management system has, as soon as there are so many.
async fn come(tms: &Portal, count: usize) -> Vec<String> {
    eventually("the interchanges are there", async || {
        let received = tms.received();
        let texts = received.iter().map(|one| String::from_utf8_lossy(&one.body).into_owned()).collect::<Vec<_>>();
        if texts.len() >= count { Ok(texts) } else { Err(format!("{texts:?}")) }
    })
    .await
}

/// The numbers of the sets of an interchange, and the bills of lading that they name.
fn sets(interchange: &str) -> Vec<(u64, String)> {
    let segments = interchange.split('~').map(|segment| segment.trim().split('*').collect::<Vec<_>>());
    let mut sets: Vec<(u64, String)> = Vec::new();
    for segment in segments {
        match (segment[0], sets.last_mut()) {
            ("ST", _) => sets.push((segment[2].parse().expect("a number"), String::new())),
            ("L11", Some((_, bill))) if segment.get(2) == Some(&"BM") => *bill = segment[1].to_owned(),
            _ => {}
        }
    }
    sets
}

/// What the system says of the sets of the first group: accepted, or not.
fn verdicts(verdicts: &[(u64, char)]) -> String {
    let details: String = verdicts.iter().map(|(set, verdict)| format!("AK2*214*{set:04}~AK5*{verdict}~")).collect();
    let (sets, accepted) = (verdicts.len(), verdicts.iter().filter(|(_, verdict)| *verdict == 'A').count());
    let segments = 4 + 2 * sets;
    format!(
        "ISA*00*          *00*          *02*LDGT           *ZZ*PORTGATEDEMO   *260301*0900*U*00401*000000001*0*P*>~\
         GS*FA*LDGT*PORTGATEDEMO*20260301*0900*1*X*004010~ST*997*0001~AK1*QM*1~{details}\
         AK9*P*{sets}*{sets}*{accepted}~SE*{segments}*0001~GE*1*1~IEA*1*000000001~"
    )
}

async fn acknowledge(client: &Client, workshop: &Workshop, body: String) {
    let headers =
        [("x-api-key", workshop.credentials.tms_key.clone()), ("content-type", "application/edi-x12".to_owned())];
    let answer = client.post(ACKNOWLEDGEMENT, &headers, body.into_bytes()).await;
    assert_eq!(answer.status, 202, "{}", answer.json());
}

/// Three reports, over a restart and where there is another over two gateways, are one interchange.
async fn three_go_together(workshop: &Workshop, has_another: bool) {
    let tms = start_tms(workshop).await;
    batch(workshop, "{ seconds = 3600, documents = 3 }");
    let mut gateway = workshop.start().await;
    let mut client = Client::new(gateway.partner);
    let first = report(&client, workshop, reports(1, &[&arrived(1, "BILL1"), &arrived(2, "BILL2")])).await;
    let waiting = exchange(&client, workshop, &first).await;
    assert_eq!((states(&waiting), tms.requests()), (vec!["pending"; 2], 0));
    let _another;
    let other;
    if has_another {
        _another = workshop.start().await;
        other = Client::new(_another.partner);
    } else {
        gateway.tell_to_stop();
        gateway.stopped().await;
        gateway = workshop.start().await;
        client = Client::new(gateway.partner);
        other = Client::new(gateway.partner);
    }
    let second = report(&other, workshop, reports(2, &[&arrived(1, "BILL3")])).await;
    let interchange = come(&tms, 1).await.remove(0);
    let bills = ["BILL1", "BILL2", "BILL3"].map(str::to_owned);
    assert_eq!(sets(&interchange), (1..).zip(bills).collect::<Vec<_>>(), "{interchange}");
    assert!(interchange.contains("GE*3*1~"), "{interchange}");
    are(&client, workshop, &first, &["sent"; 2]).await;
    are(&other, workshop, &second, &["sent"]).await;
    acknowledge(&client, workshop, verdicts(&[(1, 'A'), (2, 'R'), (3, 'A')])).await;
    are(&client, workshop, &first, &["delivered", "dead"]).await;
    are(&other, workshop, &second, &["delivered"]).await;
    assert_eq!(tms.requests(), 1);
}

#[tokio::test]
async fn what_is_agreed_to_go_together_is_one_interchange_and_each_of_it_is_acknowledged_by_itself() {
    three_go_together(&Workshop::new(), false).await;
}

#[tokio::test]
async fn so_is_what_comes_in_over_two_gateways() {
    let Some(server) = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") else {
        return println!("left out: PostgreSQL is not installed");
    };
    let workshop = Workshop::new();
    workshop.keep_in(&server);
    three_go_together(&workshop, true).await;
}

/// What the system says of the whole: of a group by its 997, or of an interchange by its `TA1`.
fn of_the_whole(number: u32, group: &str, envelope: &str) -> String {
    let sets = match group {
        "" => String::new(),
        said => format!(
            "GS*FA*LDGT*PORTGATEDEMO*20260301*0900*{number}*X*004010~ST*997*0001~AK1*QM*{said}~SE*4*0001~GE*1*{number}~"
        ),
    };
    let groups = usize::from(!group.is_empty());
    format!(
        "ISA*00*          *00*          *02*LDGT           *ZZ*PORTGATEDEMO   *260301*0900*U*00401*{number:09}*0*P*>~\
         {envelope}{sets}IEA*{groups}*{number:09}~"
    )
}

#[tokio::test]
async fn a_word_about_the_whole_interchange_is_about_each_of_it_and_counts_once() {
    let workshop = Workshop::new();
    let tms = start_tms(&workshop).await;
    batch(&workshop, "{ seconds = 3600, documents = 2 }");
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    let mut places = Vec::new();
    for number in 1..=2 {
        let bills = [format!("BILL{number}1"), format!("BILL{number}2")];
        let sets = [arrived(1, &bills[0]), arrived(2, &bills[1])];
        let place = report(&client, &workshop, reports(number, &[&sets[0], &sets[1]])).await;
        are(&client, &workshop, &place, &["sent"; 2]).await;
        places.push(place);
    }
    let come = come(&tms, 2).await;
    let made = come[1].split('*').collect::<Vec<_>>();
    let refused = format!("TA1*{}*{}*{}*R*006~", made[13], made[9], made[10]);
    acknowledge(&client, &workshop, of_the_whole(1, "1~AK9*A*2*2*2", "")).await;
    acknowledge(&client, &workshop, of_the_whole(2, "", &refused)).await;
    are(&client, &workshop, &places[0], &["delivered"; 2]).await;
    are(&client, &workshop, &places[1], &["dead"; 2]).await;
    // What it says of one of them afterwards comes too late.
    acknowledge(&client, &workshop, verdicts(&[(1, 'R')]).replace("000000001", "000000003")).await;
    are(&client, &workshop, &places[0], &["delivered"; 2]).await;
}

#[tokio::test]
async fn whoever_waited_long_enough_goes_with_those_that_are_there() {
    let workshop = Workshop::new();
    let tms = start_tms(&workshop).await;
    batch(&workshop, "{ seconds = 1 }");
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    let sets_of_all: Vec<String> = (1..=40).map(|set| arrived(set, &format!("BILL{set}"))).collect();
    let given: Vec<&str> = sets_of_all.iter().map(String::as_str).collect();
    let place = report(&client, &workshop, reports(1, &given)).await;
    are(&client, &workshop, &place, &["sent"; 40]).await;
    let come = come(&tms, 1).await;
    assert_eq!((come.len(), sets(&come[0]).len()), (1, 40));
    // The partner is away for a while: what is sent again is the same, and what came meanwhile goes by itself.
    tms.answer(503);
    workshop.edit("partners/tms.toml", |text| text.replace("delays_seconds = [5,", "delays_seconds = [1, 1, 1, 5,"));
    let second = report(&client, &workshop, reports(2, &[&arrived(1, "BILL41"), &arrived(2, "BILL42")])).await;
    self::come(&tms, 2).await;
    let third = report(&client, &workshop, reports(3, &[&arrived(1, "BILL43")])).await;
    tms.answer(200);
    are(&client, &workshop, &second, &["sent"; 2]).await;
    are(&client, &workshop, &third, &["sent"]).await;
    let numbered: std::collections::BTreeSet<Vec<(u64, String)>> =
        tms.received().iter().map(|one| sets(&String::from_utf8_lossy(&one.body))).collect();
    assert_eq!(numbered.iter().map(Vec::len).collect::<Vec<_>>(), [40, 2, 1], "{numbered:?}");
}

#[tokio::test]
async fn one_that_cannot_be_rendered_is_a_dead_letter_and_the_others_go_without_it() {
    let workshop = Workshop::new();
    let tms = start_tms(&workshop).await;
    batch(&workshop, "{ seconds = 3600, documents = 3 }");
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    // That a carrier has released something X12 214 has no code for.
    let released = arrived(2, "BILL2").replace("***VA*", "***CR*");
    let place = report(&client, &workshop, reports(1, &[&arrived(1, "BILL1"), &released, &arrived(3, "BILL3")])).await;
    are(&client, &workshop, &place, &["sent", "dead", "sent"]).await;
    let come = come(&tms, 2).await;
    let bills: Vec<String> = come.iter().flat_map(|one| sets(one)).map(|(_, bill)| bill).collect();
    assert_eq!(bills.len(), 2);
    assert!(bills.contains(&"BILL1".to_owned()) && bills.contains(&"BILL3".to_owned()), "{come:?}");
}
