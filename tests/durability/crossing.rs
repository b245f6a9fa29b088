//! The whole way of a shipment across a border under `kill -9`: documents are joined, put together, judged, declared, amended and
//! reckoned by gateways that die at random and at every step. In the end there is of each shipment one context, one filing, and
//! of each cost one accrual; nothing is declared twice and nothing is lost.
//!
//! In a file one gateway is killed and started again; in PostgreSQL it is one of three.

use std::time::{Duration, Instant};

use portgate_store::testing::PostgresServer;
use portgate_tests::Client;
use portgate_tests::process::GatewayProcess;

use crate::border::{Border, PATIENCE, When};
use crate::random::{Random, seed};

/// How long gateways are killed at random.
const TORMENT: Duration = Duration::from_secs(25);

/// How long it is until a second shipment begins where a step is not taken for the first one, and so much longer until each after that:
/// many at once would keep the gateway from what they are to bring about, and all of them have to come to their end.
const EVERY: Duration = Duration::from_millis(500);

/// Every step of the workflow: between the parts of the work on a shipment, and between the statements of its transactions.
const STEPS: [&str; 24] = [
    "journal::join::thing",
    "journal::join::shipments",
    "workflow::claimed",
    "workflow::folded",
    "workflow::inspected",
    "workflow::composed",
    "workflow::accrued",
    "journal::fold::kept",
    "journal::fold::people",
    "journal::fold::context",
    "journal::fold::made",
    "journal::fold::filing",
    "journal::fold::withdrawn",
    "journal::fold::filings",
    "journal::render::request",
    "journal::settle::state",
    "journal::settle::again",
    "journal::commit",
    "journal::committed",
    "journal::expectation::due",
    "journal::exception::escalated",
    "journal::exception::act",
    "journal::filing::order",
    "journal::seal::entries",
];

/// Those that are taken only while customs does not answer: a declaration is changed before it leaves, something is tried again, and
/// what is awaited is late.
const UNANSWERED: [&str; 5] = [
    "journal::fold::withdrawn",
    "journal::settle::again",
    "journal::expectation::due",
    "journal::exception::escalated",
    "journal::exception::act",
];
/// The one that needs a declaration that has surely not left.
const NOT_LEFT: &str = "journal::fold::withdrawn";
/// Those that an operator takes.
const OPERATED: [&str; 3] = ["journal::exception::act", "journal::filing::order", "journal::seal::entries"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_is_killed_at_random_declares_and_accrues_each_shipment_once() {
    torment(Border::new().await, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_do_three_of_which_one_is_killed_at_random() {
    let Some(server) = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") else {
        return println!("left out: PostgreSQL is not installed");
    };
    let border = Border::new().await;
    border.workshop.keep_in(&server);
    torment(border, 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_dies_at_each_step_of_the_workflow_does_the_same() {
    die_at_every_step(Border::new().await, 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_do_three_of_which_one_dies_at_each_step() {
    let Some(server) = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") else {
        return println!("left out: PostgreSQL is not installed");
    };
    let border = Border::new().await;
    border.workshop.keep_in(&server);
    die_at_every_step(border, 2).await;
}

/// What everybody does meanwhile: they tell one of the gateways what they have to tell.
async fn tell(border: &mut Border, gateways: &[GatewayProcess], random: &mut Random) {
    let one = &gateways[usize::try_from(random.below(gateways.len() as u64)).unwrap_or(0)];
    border.tell(&Client::new(one.partner), random).await;
    tokio::time::sleep(Duration::from_millis(20)).await;
}

async fn torment(mut border: Border, replicas: usize) {
    let mut random = Random(seed());
    let mut gateways: Vec<GatewayProcess> = (0..replicas).map(|_| GatewayProcess::start(&border.workshop)).collect();
    let (began, mut kills) = (Instant::now(), 0);
    while began.elapsed() < TORMENT {
        (0..2).for_each(|_| border.begin());
        border.is_open(random.below(4) > 0, random.below(4) > 0);
        let until = Instant::now() + Duration::from_millis(200 + random.below(1_500));
        while Instant::now() < until {
            tell(&mut border, &gateways, &mut random).await;
        }
        let victim = usize::try_from(random.below(replicas as u64)).unwrap_or(0);
        gateways.remove(victim).kill();
        kills += 1;
        gateways.push(GatewayProcess::start(&border.workshop));
    }
    println!("{kills} kills");
    end(border, &gateways, &mut random).await;
}

async fn die_at_every_step(mut border: Border, others: usize) {
    let mut random = Random(seed());
    let others: Vec<GatewayProcess> = (0..others).map(|_| GatewayProcess::start(&border.workshop)).collect();
    for point in STEPS {
        let Some(dying) = GatewayProcess::start_dying(&border.workshop, point) else { continue };
        let began = Instant::now();
        let alone = std::slice::from_ref(&dying);
        let (is_unanswered, operator) = (UNANSWERED.contains(&point), Client::new(dying.operator));
        border.is_open(!is_unanswered, true);
        if point == NOT_LEFT {
            border.customs_leaves().await;
        }
        let (mut begun, mut next) = (0, Duration::ZERO);
        while !dying.said("reached") {
            if !border.has_news() && began.elapsed() >= next {
                border.begin_corrected(if is_unanswered { When::Made } else { When::Declared });
                begun += 1;
                next = began.elapsed() + EVERY * begun;
            }
            tell(&mut border, alone, &mut random).await;
            if OPERATED.contains(&point) {
                border.operates(&operator).await;
            }
            assert!(began.elapsed() < PATIENCE, "{point} is never reached");
        }
        println!("{point} after {} s", began.elapsed().as_secs());
        dying.kill();
        if point == NOT_LEFT {
            border.customs_comes_back().await;
        }
    }
    let gateways = if others.is_empty() { vec![GatewayProcess::start(&border.workshop)] } else { others };
    end(border, &gateways, &mut random).await;
}

/// Everybody comes to an end, and the books are balanced.
async fn end(mut border: Border, gateways: &[GatewayProcess], random: &mut Random) {
    border.is_open(true, true);
    let began = Instant::now();
    // What the dead had claimed is taken up, declared and amended, and customs answers that.
    while !border.is_settled() {
        tell(&mut border, gateways, random).await;
        if began.elapsed() > PATIENCE {
            let open = border.what_is_open(&Client::new(gateways[0].operator)).await.unwrap_or_default();
            panic!("{} messages are never told; {open}", border.untold());
        }
    }
    println!("all is told {} s after the last kill", began.elapsed().as_secs());
    border.balance(&Client::new(gateways[0].operator)).await;
}
