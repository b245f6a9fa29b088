//! Control numbers under `kill -9`: what a partner gets is numbered one after the other, and what it gets twice is the same
//! bytes.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use portgate_store::testing::PostgresServer;
use portgate_tests::process::GatewayProcess;
use portgate_tests::{Client, Portal, Workshop};

use crate::keep_in;

/// How often the gateway is killed on each engine.
const KILLS: u64 = 24;
/// How long deliveries may take once everything is well. With several gateways what the last one had under way waits until its
/// lease has run out.
const PATIENCE: Duration = Duration::from_secs(180);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_is_killed_at_any_moment_uses_no_control_number_twice_and_leaves_none_out() {
    torment(&Workshop::new()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nor_does_one_whose_journal_is_in_postgresql() {
    let Some(server) = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") else {
        return println!("left out: PostgreSQL is not installed");
    };
    let workshop = Workshop::new();
    keep_in(&server, &workshop);
    torment(&workshop).await;
}

async fn torment(workshop: &Workshop) {
    let tms = Portal::listen(workshop).await;
    send_to(workshop, &tms);
    let seed = u64::from(std::process::id());
    println!("{KILLS} kills, seed {seed}");
    let mut random = seed;
    let mut taken = 0;
    for kill in 0..KILLS {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // A partner that is away now and then, so that something is rendered and waits.
        tms.answer(if kill % 3 == 0 { 503 } else { 200 });
        let gateway = GatewayProcess::start(workshop);
        let client = Client::new(gateway.partner);
        for _ in 0..4 {
            if report(&client, workshop, taken + 1).await {
                taken += 1;
            }
        }
        tokio::time::sleep(Duration::from_millis((random >> 33) % 250)).await;
        gateway.kill();
    }
    tms.answer(200);
    let _gateway = GatewayProcess::start(workshop);
    let deadline = Instant::now() + PATIENCE;
    let numbered = loop {
        let mut numbered: BTreeMap<u64, Vec<u8>> = BTreeMap::new();
        for received in tms.received() {
            let number = String::from_utf8_lossy(&received.body[90..99]).parse().expect("ISA13");
            let first = numbered.entry(number).or_insert_with(|| received.body.to_vec());
            assert_eq!(*first, received.body, "other bytes under {number}");
        }
        let there = tms.received().iter().filter(|received| received.status == 200).count();
        if numbered.len() as u64 >= taken && there as u64 >= taken {
            break numbered;
        }
        assert!(Instant::now() < deadline, "{there} of {taken} are there, {} numbers", numbered.len());
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    assert_eq!(numbered.keys().copied().collect::<Vec<_>>(), (1..=taken).collect::<Vec<_>>());
}

/// Sends milestones on to a partner that is written to under control numbers.
fn send_to(workshop: &Workshop, tms: &Portal) {
    let here = tms.address().to_string();
    for file in ["plugins/tms-edi.toml", "partners/tms.toml", "ceiling.toml"] {
        workshop.edit(file, |text| text.replace("127.0.0.1:8484", &here));
    }
    workshop.edit("partners/tms.toml", |text| {
        let text = text.replacen("settings = {", "settings = { scac = \"OLNE\",", 1);
        text.replace("delays_seconds = [5, 15,", "delays_seconds = [1, 1, 1, 1, 1, 5, 15,")
            .replace("in_flight_max = 2", "in_flight_max = 4")
    });
    workshop.secret("tms.key", &workshop.credentials.portal_key);
    workshop.edit("routes.toml", |text| {
        let kept = text.split("[[deliver]]").next().unwrap_or_default();
        format!(
            "{kept}[[deliver]]\ndocument = \"milestone\"\nto = \"tms\"\ncontract = \"x12-214\"\nversion = \"4010\"\n"
        )
    });
}

/// Reports that a vessel has arrived; true where it is taken. The same number again is the same report.
async fn report(client: &Client, workshop: &Workshop, number: u64) -> bool {
    let body = format!(
        "ISA*00*          *00*          *ZZ*OCEANLINE      *ZZ*IMPORTER       *260301*0815*U*00401*{number:09}*0*P*>~\
         GS*QO*OCEANDEPT*IMPDEPT*20260301*0815*{number}*X*004010~ST*315*0001~\
         B4***VA*20260228*0430**CSQU*305438*L*45G1*GBFXT*UN*3~N9*BM*OLNE{number}~SE*4*0001~GE*1*{number}~IEA*1*{number:09}~"
    );
    let headers = [
        ("authorization", format!("Bearer {}", workshop.credentials.token())),
        ("content-type", "application/edi-x12".to_owned()),
        ("idempotency-key", format!("\"report-{number}\"")),
    ];
    let path = "/v1/messages/x12-315/4010";
    let answer = client.try_send(http::Method::POST, path, &headers, body.into()).await;
    answer.is_some_and(|answer| answer.status == 202)
}
