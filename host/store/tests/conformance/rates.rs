//! Claims about rates that several gateways count together.

use std::sync::Arc;
use std::time::{Duration, Instant};

use portgate_store::{Bucket, LeaseRequest, SharedRates};

use crate::bed::Bed;

fn request(partner: &str, tokens: u32, per_second: u64, burst: u32) -> LeaseRequest {
    let interval = Duration::from_nanos(1_000_000_000 / per_second);
    LeaseRequest { bucket: Bucket::new(partner, None), tokens, spent: 0, interval, burst, ahead: 0 }
}

async fn tokens(rates: &Arc<dyn SharedRates>, request: LeaseRequest) -> u32 {
    rates.lease(&[request]).await.expect("it leases")[0].tokens
}

/// The rates of two gateways at one database.
async fn two(name: &str) -> Option<(Bed, [Arc<dyn SharedRates>; 2])> {
    let bed = Bed::postgres(name).await?;
    let another = bed.another_gateway().await.expect("a second one");
    let rates =
        [bed.journal.shared_rates().expect("they are shared"), another.shared_rates().expect("they are shared")];
    Some((bed, rates))
}

#[tokio::test]
async fn a_file_is_one_gateway_s_and_shares_nothing() {
    assert!(Bed::sqlite().await.journal.shared_rates().is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_gateways_that_take_all_they_can_get_have_the_burst_and_the_rate_together() {
    let Some((_bed, rates)) = two("rates_together").await else { return };
    let began = Instant::now();
    let taking = rates.map(|rates| {
        tokio::spawn(async move {
            let mut taken = 0;
            while began.elapsed() < Duration::from_secs(2) {
                taken += tokens(&rates, request("carrier", 7, 500, 100)).await;
            }
            taken
        })
    });
    let mut taken = 0;
    for one in taking {
        taken += one.await.expect("no panic");
    }
    let most = 100.0 + 500.0 * began.elapsed().as_secs_f64();
    assert!(f64::from(taken) <= most, "{taken} of {most} at most");
    assert!(taken >= 1_000, "{taken}: what is there is given out");
}

#[tokio::test]
async fn buckets_are_their_partners_own_and_leased_in_the_order_that_they_are_asked_for() {
    let Some((_bed, [one, another])) = two("rates_apart").await else { return };
    let ask = [request("z", 9, 1, 9), request("a", 4, 1, 9), request("m", 20, 1, 9)];
    let leases = one.lease(&ask).await.expect("it leases");
    assert_eq!(leases.iter().map(|lease| lease.tokens).collect::<Vec<_>>(), [9, 4, 9]);
    let leases = another.lease(&ask).await.expect("it leases");
    assert_eq!(leases.iter().map(|lease| lease.tokens).collect::<Vec<_>>(), [0, 4, 0]);
    assert!(leases[0].full_in > Duration::from_secs(7), "{leases:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gateways_that_ask_for_the_same_buckets_in_any_order_do_not_stand_in_each_other_s_way() {
    let Some((_bed, rates)) = two("rates_order").await else { return };
    let names: Vec<String> = (0..40).map(|number| format!("partner-{number}")).collect();
    let asking = rates.into_iter().enumerate().map(|(number, rates)| {
        let mut asked: Vec<_> = names.iter().map(|name| request(name, 1, 1, 1_000)).collect();
        if number == 1 {
            asked.reverse();
        }
        tokio::spawn(async move {
            for _ in 0..100 {
                rates.lease(&asked).await.expect("nobody is in the way");
            }
        })
    });
    for one in asking.collect::<Vec<_>>() {
        one.await.expect("no panic");
    }
}

#[tokio::test]
async fn gateways_that_are_alive_are_counted_and_those_that_left_or_fell_silent_are_not() {
    let Some((bed, [one, another])) = two("rates_alive").await else { return };
    let within = Duration::from_secs(60);
    assert_eq!(one.alive(within).await, Ok(1));
    assert_eq!(another.alive(within).await, Ok(2));
    assert_eq!(one.alive(within).await, Ok(2));
    assert_eq!(one.alive(Duration::ZERO).await, Ok(1), "who has been silent for longer is forgotten");
    assert_eq!(another.alive(within).await, Ok(2));
    bed.journal.close(Duration::from_secs(10)).await;
    assert_eq!(another.alive(within).await, Ok(1), "who leaves says so");
    drop(one);
}

#[tokio::test]
async fn a_server_that_is_gone_gives_no_tokens() {
    let Some((bed, [one, another])) = two("rates_gone").await else { return };
    assert_eq!(tokens(&one, request("carrier", 1, 1, 5)).await, 1);
    bed.run("ALTER TABLE rates RENAME TO gone").await.expect("it works");
    assert!(another.lease(&[request("carrier", 1, 1, 5)]).await.is_err());
    bed.run("ALTER TABLE gone RENAME TO rates").await.expect("it works");
    assert_eq!(tokens(&another, request("carrier", 9, 1, 5)).await, 4);
}
