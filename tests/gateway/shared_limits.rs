//! Rates that several gateways on one PostgreSQL database count together: in sum never more than the limit and one lease,
//! and never much less, however the calls are spread.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Method;
use portgate_store::testing::PostgresServer;
use portgate_tests::{Client, Gateway, Workshop};

/// No exchange has it: a look-up that is counted and costs little.
const NOWHERE: &str = "/v1/exchanges/00000000-0000-7000-8000-000000000000";

/// Gateways on one database with this limit for the web shop.
struct Several {
    server: PostgresServer,
    workshop: Workshop,
    gateways: Vec<Gateway>,
}

impl Several {
    async fn start(gateways: usize, per_second: u32, burst: u32) -> Option<Self> {
        let Some(server) = PostgresServer::start(&[]).expect("PostgreSQL starts where it is installed") else {
            println!("left out: PostgreSQL is not installed");
            return None;
        };
        let workshop = Workshop::new();
        workshop.keep_in(&server);
        limit(&workshop, per_second, burst);
        let mut several = Several { server, workshop, gateways: Vec::new() };
        for _ in 0..gateways {
            several.gateways.push(several.workshop.start().await);
        }
        // This is long enough for each to hear of all the others.
        tokio::time::sleep(Duration::from_secs(3)).await;
        Some(several)
    }

    /// Calls these gateways as fast as they answer, by so many callers each, and gives back how many calls were let in.
    async fn flood(&self, gateways: std::ops::Range<usize>, callers: usize, time: Duration) -> Flood {
        let key = self.workshop.credentials.api_key.clone();
        let began = Instant::now();
        let calling = self.gateways[gateways].iter().flat_map(|gateway| {
            let client = Client::new(gateway.partner);
            (0..callers).map(move |_| client.clone())
        });
        let calling = calling.map(|client| {
            let headers = [("x-api-key", key.clone())];
            tokio::spawn(async move {
                let mut counts = (0_u32, 0_u32);
                while began.elapsed() < time {
                    let answer = client.send(Method::GET, NOWHERE, &headers, Bytes::new()).await;
                    match answer.status.as_u16() {
                        429 => {
                            assert!(answer.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds >= 1));
                            counts.1 += 1;
                        }
                        // The call was let in; what the journal then says is another matter.
                        404 | 503 => counts.0 += 1,
                        other => panic!("{other}: {}", answer.json()),
                    }
                }
                counts
            })
        });
        let mut flood = Flood { passed: 0, refused: 0, seconds: 0.0 };
        for one in calling.collect::<Vec<_>>() {
            let (passed, refused) = one.await.expect("a caller does not panic");
            flood.passed += passed;
            flood.refused += refused;
        }
        flood.seconds = began.elapsed().as_secs_f64();
        flood
    }
}

fn limit(workshop: &Workshop, per_second: u32, burst: u32) {
    // Of its contracts as well, whose rates may not be above it.
    workshop.set("partners/web-shop.toml", "requests_per_second", &per_second.to_string());
    workshop.set("partners/web-shop.toml", "burst", &burst.to_string());
}

#[derive(Debug)]
struct Flood {
    passed: u32,
    refused: u32,
    seconds: f64,
}

impl Flood {
    /// At most the limit and one lease, which is what the rate gives in a fifth of a second; and most of the limit.
    #[track_caller]
    fn keeps(&self, per_second: f64, burst: f64) {
        let limit = burst + per_second * self.seconds;
        let (most, least) = ((limit + per_second / 5.0).floor(), limit * 0.85 - 1.0);
        println!("{self:?}: {least:.0} to {most:.0}");
        assert!(f64::from(self.passed) <= most, "{self:?}, at most {most}");
        assert!(f64::from(self.passed) >= least, "{self:?}, at least {least}");
        assert!(self.refused > 0, "{self:?}: it was no flood");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_gateways_that_are_flooded_let_in_one_limit() {
    let Some(several) = Several::start(2, 50, 20).await else { return };
    several.flood(0..2, 3, Duration::from_secs(4)).await.keeps(50.0, 20.0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_gateways_that_are_flooded_let_in_one_limit_and_one_alone_gets_all_of_it() {
    let Some(several) = Several::start(3, 50, 20).await else { return };
    several.flood(0..3, 2, Duration::from_secs(4)).await.keeps(50.0, 20.0);
    // The bucket is empty, and all that comes into it is for the one that is called.
    several.flood(1..2, 4, Duration::from_secs(4)).await.keeps(50.0, 0.0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_of_one_a_second_is_one_a_second_in_sum() {
    let Some(several) = Several::start(3, 1, 1).await else { return };
    several.flood(0..3, 1, Duration::from_secs(6)).await.keeps(1.0, 1.0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gateways_whose_database_dies_let_in_their_shares_and_no_more() {
    let Some(several) = Several::start(2, 50, 20).await else { return };
    several.flood(0..2, 3, Duration::from_secs(2)).await.keeps(50.0, 20.0);
    several.server.crash().expect("the server is ended");
    // What was leased is spent, and then each has half of the rate.
    several.flood(0..2, 3, Duration::from_secs(4)).await.keeps(50.0, 0.0);
    let alone = several.flood(0..1, 3, Duration::from_secs(3)).await;
    alone.keeps(25.0, 0.0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_that_a_reload_changes_holds_for_all_of_them() {
    let Some(several) = Several::start(2, 50, 20).await else { return };
    several.flood(0..2, 3, Duration::from_secs(1)).await.keeps(50.0, 20.0);
    limit(&several.workshop, 5, 2);
    for gateway in &several.gateways {
        let client = Client::new(gateway.partner);
        let headers = [("x-api-key", several.workshop.credentials.api_key.clone())];
        let deadline = Instant::now() + Duration::from_secs(30);
        while client.send(Method::GET, NOWHERE, &headers, Bytes::new()).await.header("ratelimit-policy")
            != "\"partner\";q=2;w=1"
        {
            assert!(Instant::now() < deadline, "the new limit is not taken up");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    several.flood(0..2, 3, Duration::from_secs(4)).await.keeps(5.0, 2.0);
}
