//! Functional acknowledgements over the network: what a partner is told of its interchanges in its own format, and what it
//! says of those that it is sent.

use http::Method;
use portgate_store::testing::PostgresServer;
use portgate_tests::edi::{
    REPORTS, acknowledgement, application_acknowledgement, arrived, control_numbers, reports, start_tms, without_status,
};
use portgate_tests::{Answer, Client, Portal, Workshop, eventually};
use serde_json::Value;

use crate::{bearer, carrier};

const STATUS: &str = "/v1/messages/x12-315/4010";

/// The interchange of this number with a set that can be taken, and the one with a set that cannot.
fn good(number: u64) -> String {
    reports(number, &[&arrived(1, BILL)])
}

fn bad(number: u64) -> String {
    reports(number, &[&without_status(1, "OLNE260045872")])
}

const BILL: &str = "OLNE260045871";

async fn report(client: &Client, workshop: &Workshop, body: &str) -> Answer {
    let headers = [
        ("authorization", format!("Bearer {}", workshop.credentials.token())),
        ("content-type", "application/edi-x12".to_owned()),
    ];
    client.post(STATUS, &headers, body.as_bytes().to_vec()).await
}

fn text(answer: &Answer) -> String {
    String::from_utf8_lossy(&answer.body).replace(['\r', '\n'], "")
}

#[tokio::test]
async fn an_interchange_is_acknowledged_in_the_answer_with_a_verdict_for_each_set() {
    let workshop = Workshop::new();
    workshop.edit("partners/ocean-carrier.toml", |text| format!("{text}{REPORTS}acknowledgement = \"in-answer\"\n"));
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    for (number, sets, status, verdicts) in [
        (41, &[&*arrived(1, BILL)][..], 200, &["AK1*QO*41~", "AK9*A*1*1*1"][..]),
        (
            42,
            &[&arrived(1, BILL), &without_status(2, "X")],
            200,
            &["AK2*315*0002~", "AK3*B4*2", "AK5*R*", "AK9*P*2*2*1"],
        ),
        (43, &[&without_status(1, "X")], 422, &["AK3*B4*2", "AK5*R*", "AK9*R*1*1*0"]),
    ] {
        let answer = report(&client, &workshop, &reports(number, sets)).await;
        let said = text(&answer);
        assert_eq!(answer.status, status, "{said}");
        assert_eq!(answer.header("content-type"), "application/edi-x12");
        for verdict in verdicts {
            assert!(said.contains(verdict), "{verdict}: {said}");
        }
        // Ours are the numbers, one after the other, and the parties the other way round.
        let ours = number - 40;
        assert_eq!(control_numbers(&said), (ours, ours, ours), "{said}");
        assert!(said.contains("*ZZ*IMPORTER       *ZZ*OCEANLINE      *"), "{said}");
        let place = answer.header("location").to_owned();
        let token = bearer(&workshop.credentials.token());
        let kept = client.send(Method::GET, &place, &token[..1], Default::default()).await.json();
        let state = if status == 422 { "refused" } else { "accepted" };
        assert_eq!(kept["state"], state, "{kept}");
        assert_eq!(kept["parts"].as_array().map(Vec::len), Some(sets.len()), "{kept}");
    }
    // Each group is acknowledged by itself, under a number of its own.
    let second = arrived(1, "OLNE260045874");
    let second = format!("GS*QO*OCEANDEPT*IMPDEPT*20260301*0815*45*X*004010~{second}GE*1*45~IEA*2*");
    let two = good(44).replacen("IEA*1*", &second, 1);
    let said = text(&report(&client, &workshop, &two).await);
    assert!(said.contains("AK1*QO*44~") && said.contains("AK1*QO*45~"), "{said}");
    assert!(said.contains("ST*997*0004~") && said.contains("ST*997*0005~"), "{said}");
    let next = text(&report(&client, &workshop, &good(46)).await);
    assert_eq!(control_numbers(&next), (5, 5, 6), "{next}");
}

#[tokio::test]
async fn a_repeated_interchange_is_acknowledged_as_the_first_and_another_under_its_number_is_refused() {
    let workshop = Workshop::new();
    let portal = Portal::start(&workshop).await;
    workshop.edit("partners/ocean-carrier.toml", |text| format!("{text}{REPORTS}acknowledgement = \"in-answer\"\n"));
    let mut gateway = workshop.start().await;
    let mut client = Client::new(gateway.partner);
    let (taken, refused) = (good(41), bad(42));
    let first = [report(&client, &workshop, &taken).await, report(&client, &workshop, &refused).await];
    portal.has_taken(1).await;
    for restarted in [false, true] {
        if restarted {
            gateway.tell_to_stop();
            gateway.stopped().await;
            gateway = workshop.start().await;
            client = Client::new(gateway.partner);
        }
        for (body, first) in [(&taken, &first[0]), (&refused, &first[1])] {
            let again = report(&client, &workshop, body).await;
            assert_eq!((again.status, text(&again)), (first.status, text(first)), "restarted: {restarted}");
            assert_eq!(again.header("location"), first.header("location"));
        }
        let other = report(&client, &workshop, &taken.replace("OLNE260045871", "OLNE260045873")).await;
        assert_eq!((other.status.as_u16(), other.problem().as_str()), (422, "control-number-reused"));
    }
    // What was refused was not taken, so that its number is free.
    let mended = report(&client, &workshop, &good(42)).await;
    assert_eq!(mended.status, 200, "{}", text(&mended));
    assert_eq!(control_numbers(&text(&mended)).0, 3, "the repetitions have used up no number");
    portal.has_taken(2).await;
    assert_eq!(portal.taken().len(), 2, "and had no effect");
    let _ = &gateway;
}

#[tokio::test]
async fn missing_interchanges_are_told_and_refuse_nothing() {
    let workshop = Workshop::new();
    workshop.edit("partners/ocean-carrier.toml", |text| format!("{text}{REPORTS}"));
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    for (number, gap) in [(40, None), (41, None), (44, Some("42 to 43")), (42, None), (45, Some("43 to 44"))] {
        let answer = report(&client, &workshop, &good(number)).await;
        assert_eq!(answer.status, 202, "{}", answer.json());
        let findings = answer.json()["findings"].clone();
        let token = bearer(&workshop.credentials.token());
        let kept = client.send(Method::GET, answer.header("location"), &token[..1], Default::default()).await.json();
        let told: Vec<&str> = kept["findings"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|finding| finding["code"] == "control-number-gap")
            .filter_map(|finding| finding["detail"].as_str())
            .collect();
        match gap {
            Some(gap) => assert!(told.len() == 1 && told[0].contains(gap), "{number}: {kept} {findings}"),
            None => assert!(told.is_empty(), "{number}: {kept}"),
        }
    }
}

#[tokio::test]
async fn acknowledgements_apart_go_out_in_order_and_once_more_for_a_repetition() {
    let workshop = Workshop::new();
    let portal = Portal::start(&workshop).await;
    // The carrier takes acknowledgements where the portal listens: what it answers is read by the same plugin.
    let delivery =
        std::fs::read_to_string(workshop.policies().join("partners/customer-portal.toml")).expect("a policy");
    let delivery = delivery[delivery.find("[delivery]").expect("a destination")..].to_owned();
    workshop.edit("partners/ocean-carrier.toml", |text| {
        // In the place of its own.
        let text = text.split("[delivery]").next().unwrap_or_default();
        format!(
            "{text}{REPORTS}acknowledgement = \"apart\"\nacknowledgement_path = \"/documents/acknowledgement\"\n\n{delivery}"
        )
    });
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    for (body, status) in [(good(41), 202), (bad(42), 422), (good(43), 202)] {
        let answer = report(&client, &workshop, &body).await;
        assert_eq!(answer.status, status, "{}", answer.json());
    }
    let acknowledgements = || {
        let received = portal.received().into_iter().filter(|one| one.method == Method::POST && one.status == 200);
        received.map(|one| String::from_utf8_lossy(&one.body).into_owned()).collect::<Vec<_>>()
    };
    let come = async |count: usize| {
        eventually(&format!("{count} acknowledgements"), async || {
            let come = acknowledgements();
            if come.len() >= count { Ok(come) } else { Err(format!("{:?}", portal.received())) }
        })
        .await
    };
    let first = come(3).await;
    let groups: Vec<bool> =
        [41, 42, 43].iter().zip(&first).map(|(group, said)| said.contains(&format!("AK1*QO*{group}~"))).collect();
    assert_eq!(groups, [true; 3], "{first:?}");
    assert_eq!(first.iter().map(|said| control_numbers(said).0).collect::<Vec<_>>(), [1, 2, 3]);
    // Who sends it again has perhaps not got the acknowledgement.
    let again = report(&client, &workshop, &bad(42)).await;
    assert_eq!(again.status, 422);
    let all = come(4).await;
    assert_eq!(all[3], first[1], "the same bytes");
}

#[tokio::test]
async fn replies_are_numbered_one_after_the_other_by_all_gateways_of_a_journal() {
    let Some(server) = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") else {
        return println!("left out: PostgreSQL is not installed");
    };
    let workshop = std::sync::Arc::new(Workshop::new());
    workshop.keep_in(&server);
    workshop.edit("partners/ocean-carrier.toml", |text| format!("{text}{REPORTS}acknowledgement = \"in-answer\"\n"));
    let gateways = [workshop.start().await, workshop.start().await, workshop.start().await];
    let mut sending = tokio::task::JoinSet::new();
    for number in 0..60_u64 {
        let (client, workshop) = (Client::new(gateways[number as usize % 3].partner), std::sync::Arc::clone(&workshop));
        let body = if number % 5 == 0 { bad(number + 1) } else { good(number + 1) };
        sending.spawn(async move {
            loop {
                let answer = report(&client, &workshop, &body).await;
                match answer.status.as_u16() {
                    200 | 422 => return control_numbers(&text(&answer)),
                    // Others took every number that it was to be given, or all places.
                    429 | 503 => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
                    _ => panic!("{}", text(&answer)),
                }
            }
        });
    }
    let mut given = sending.join_all().await;
    given.sort_unstable();
    let expected: Vec<_> = (1..=60).map(|number| (number, number, number)).collect();
    assert_eq!(given, expected);
}

async fn acknowledge(client: &Client, workshop: &Workshop, body: String) -> Value {
    let (contract, format) = match body.starts_with("UNB") {
        true => ("edifact-acknowledgement", "application/edifact"),
        false => ("x12-acknowledgement", "application/edi-x12"),
    };
    let headers = [("x-api-key", workshop.credentials.tms_key.clone()), ("content-type", format.to_owned())];
    let answer = client.post(&format!("/v1/messages/{contract}/1"), &headers, body.into_bytes()).await;
    assert_eq!(answer.status, 202, "{}", answer.json());
    let place = answer.header("location").to_owned();
    client.send(Method::GET, &place, &headers[..1], Default::default()).await.json()
}

fn codes(exchange: &Value) -> Vec<&str> {
    exchange["findings"].as_array().into_iter().flatten().filter_map(|finding| finding["code"].as_str()).collect()
}

/// Has the carrier report that a vessel arrived, and waits until the transport management system has what it is told. The
/// place of the exchange, and what came.
async fn told(client: &Client, workshop: &Workshop, tms: &Portal, number: u64) -> (String, String) {
    let before = tms.requests();
    let taken = report(client, workshop, &good(number)).await;
    assert_eq!(taken.status, 202, "{}", taken.json());
    let come = eventually("the status is there", async || match tms.received().get(before) {
        Some(received) => Ok(String::from_utf8_lossy(&received.body).into_owned()),
        None => {
            let place = taken.header("location");
            let exchange = client.send(Method::GET, place, &carrier(workshop)[..1], Default::default()).await;
            Err(exchange.json()["deliveries"].clone())
        }
    })
    .await;
    (taken.header("location").to_owned(), come)
}

async fn delivery_is(client: &Client, workshop: &Workshop, place: &str, state: &str) -> Value {
    eventually(&format!("the delivery is {state}"), async || {
        let exchange = client.send(Method::GET, place, &carrier(workshop)[..1], Default::default()).await.json();
        let delivery = exchange["deliveries"][0].clone();
        if delivery["state"] == state { Ok(delivery) } else { Err(exchange) }
    })
    .await
}

#[tokio::test]
async fn what_a_partner_was_sent_is_done_when_it_says_so_and_each_word_counts_once() {
    let workshop = Workshop::new();
    let tms = start_tms(&workshop).await;
    let mut gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    let (accepted, come) = told(&client, &workshop, &tms, 1).await;
    assert_eq!(control_numbers(&come), (1, 1, 1), "{come}");
    assert!(come.contains("*ZZ*PORTGATEDEMO   *02*LDGT           *"), "{come}");
    delivery_is(&client, &workshop, &accepted, "sent").await;
    let (refused, come) = told(&client, &workshop, &tms, 2).await;
    assert_eq!(control_numbers(&come), (2, 2, 2), "{come}");
    delivery_is(&client, &workshop, &refused, "sent").await;

    let nothing = acknowledge(&client, &workshop, acknowledgement(1, 99, 1, 'A')).await;
    assert_eq!(codes(&nothing), ["acknowledgement-of-nothing"], "{nothing}");
    let done = acknowledge(&client, &workshop, acknowledgement(2, 1, 1, 'A')).await;
    assert!(codes(&done).is_empty(), "{done}");
    delivery_is(&client, &workshop, &accepted, "delivered").await;
    acknowledge(&client, &workshop, acknowledgement(3, 2, 2, 'R')).await;
    let dead = delivery_is(&client, &workshop, &refused, "dead").await;
    assert!(dead.to_string().contains('7'), "the partner's own finding: {dead}");

    gateway.tell_to_stop();
    gateway.stopped().await;
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    for (number, group, verdict, code) in [
        (4, 1, 'A', "acknowledgement-repeated"),
        (5, 1, 'R', "acknowledgement-contradicts"),
        (6, 2, 'R', "acknowledgement-repeated"),
        (7, 2, 'A', "acknowledgement-contradicts"),
    ] {
        let said = acknowledge(&client, &workshop, acknowledgement(number, group, group, verdict)).await;
        assert_eq!(codes(&said), [code], "{said}");
    }
    delivery_is(&client, &workshop, &accepted, "delivered").await;
    delivery_is(&client, &workshop, &refused, "dead").await;
}

#[tokio::test]
async fn an_acknowledgement_that_comes_with_the_answer_settles_at_once() {
    let workshop = Workshop::new();
    let tms = start_tms(&workshop).await;
    tms.say(&[("content-type", "application/edi-x12")], &acknowledgement(1, 1, 1, 'A'));
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    let (place, _) = told(&client, &workshop, &tms, 1).await;
    delivery_is(&client, &workshop, &place, "delivered").await;
}

#[tokio::test]
async fn what_is_sent_again_has_the_same_bytes_and_numbers_and_the_next_has_the_next() {
    let workshop = Workshop::new();
    let tms = start_tms(&workshop).await;
    workshop.edit("partners/tms.toml", |text| text.replace("delays_seconds = [5,", "delays_seconds = [1, 1, 1, 5,"));
    tms.answer(503);
    let mut gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    let (first, come) = told(&client, &workshop, &tms, 1).await;
    gateway.tell_to_stop();
    gateway.stopped().await;
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    tms.answer(200);
    delivery_is(&client, &workshop, &first, "sent").await;
    assert!(tms.requests() >= 2 && tms.received().iter().all(|one| one.body == come), "{:?}", tms.received());
    let (_, next) = told(&client, &workshop, &tms, 2).await;
    assert_eq!(control_numbers(&next), (2, 2, 2), "{next}");
}

/// Applications call a message by what it is about.
async fn is_acknowledged_by_what_it_is_about(server: Option<&PostgresServer>) {
    let workshop = Workshop::new();
    if let Some(server) = server {
        workshop.keep_in(server);
    }
    let tms = start_tms(&workshop).await;
    let mut gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    let mut places = Vec::new();
    for (number, bill) in [(1, "OLNE1"), (2, "OLNE2"), (3, "OLNE2"), (4, "OLNE4")] {
        let taken = report(&client, &workshop, &reports(number, &[&arrived(1, bill)])).await;
        places.push(taken.header("location").to_owned());
        tms.has_taken(places.len()).await;
    }
    for place in &places {
        delivery_is(&client, &workshop, place, "sent").await;
    }
    gateway.tell_to_stop();
    gateway.stopped().await;
    let gateway = workshop.start().await;
    let client = Client::new(gateway.partner);
    for (number, segments, code) in [
        // Two deliveries are about this bill; none is about this order; a container is in all of them.
        (1, "BGM++77'RFF+BM:OLNE2'", "acknowledgement-ambiguous"),
        (2, "BGM++78'RFF+ON:OLNE1'", "acknowledgement-of-nothing"),
        (3, "BGM+313+79'RFF+BM:OLNE3'ERC+12'", "acknowledgement-of-nothing"),
        // Who names a number means that number, whatever else is said; a bill is none, though it may look like one.
        (4, "BGM+313+80'RFF+ACW:99'RFF+BM:OLNE1'ERC+12'", "acknowledgement-of-nothing"),
        (5, "BGM+313+81'RFF+BM:1'ERC+12'", "acknowledgement-of-nothing"),
    ] {
        let said = acknowledge(&client, &workshop, application_acknowledgement(number, segments)).await;
        assert_eq!(codes(&said), [code], "{segments}: {said}");
    }
    for place in &places {
        delivery_is(&client, &workshop, place, "sent").await;
    }
    for (number, segments, place, state) in [
        (6, "BGM++0109094405'DTM+137:202605041310:203'RFF+BM:OLNE1'", 0, "delivered"),
        (7, "BGM+313+82'RFF+ACW:2'RFF+BM:OLNE2'ERC+12'", 1, "dead"),
        (8, "BGM++83'RFF+BM:OLNE4'ERC+12'FTX+AAO+++Unknown vessel'", 3, "dead"),
    ] {
        let said = acknowledge(&client, &workshop, application_acknowledgement(number, segments)).await;
        assert!(codes(&said).is_empty(), "{segments}: {said}");
        delivery_is(&client, &workshop, &places[place], state).await;
    }
    let again = application_acknowledgement(9, "BGM+313+84'RFF+BM:OLNE1'ERC+12'");
    assert_eq!(codes(&acknowledge(&client, &workshop, again).await), ["acknowledgement-contradicts"]);
    delivery_is(&client, &workshop, &places[0], "delivered").await;
    delivery_is(&client, &workshop, &places[2], "sent").await;
}

#[tokio::test]
async fn an_application_that_names_no_number_means_the_one_delivery_that_is_about_what_it_names() {
    is_acknowledged_by_what_it_is_about(None).await;
    match PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") {
        Some(server) => is_acknowledged_by_what_it_is_about(Some(&server)).await,
        None => println!("left out: PostgreSQL is not installed"),
    }
}
