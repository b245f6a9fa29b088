//! What one call leaves to others: nothing, neither data nor a machine that is too busy.

use std::time::{Duration, Instant};

use portgate_runtime::CallError;

use crate::rig::{Rig, error, is_good, message, remark};

#[tokio::test]
async fn a_call_sees_nothing_of_earlier_calls() {
    let rig = Rig::with_calls(1);
    let hostile = rig.hostile(|_| ());
    let first = remark(&hostile.decode(message("residue")).await).to_owned();
    assert!(first.starts_with("earlier calls: 0,"), "{first}");
    for _ in 0..20 {
        assert_eq!(remark(&hostile.decode(message("residue")).await), first);
    }
}

#[tokio::test]
async fn a_call_sees_nothing_of_another_plugin() {
    let rig = Rig::with_calls(1);
    let (hostile, good) = (rig.hostile(|_| ()), rig.good());
    let first = remark(&good.decode(message("residue")).await).to_owned();
    for _ in 0..5 {
        hostile.decode(message("residue")).await;
        hostile.decode(message("memory-bomb")).await;
        assert_eq!(remark(&good.decode(message("residue")).await), first);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_endless_loops_do_not_hold_up_a_good_plugin() {
    let rig = Rig::with_calls(128);
    let hostile = rig.hostile(|policy| {
        policy.limits.calls_in_flight_max = 100;
        policy.limits.cpu_ms_max = 100;
        policy.limits.wall_ms_max = 60_000;
    });
    let good = rig.good();
    let loops: Vec<_> = (0..100)
        .map(|_| {
            let hostile = hostile.clone();
            tokio::spawn(async move { hostile.decode(message("endless-loop")).await })
        })
        .collect();
    let began = Instant::now();
    let mut served = 0;
    while !loops.iter().all(|running| running.is_finished()) && served < 10 {
        is_good(&good.decode(message("good")).await);
        tokio::task::yield_now().await;
        served += 1;
    }
    assert!(served > 0, "the loops were over before anything could be tried");
    assert!(began.elapsed() < Duration::from_secs(30), "{served} calls took {:?}", began.elapsed());
    for running in loops {
        assert_eq!(error(&running.await.expect("no panic")), CallError::CpuExceeded);
    }
}

#[tokio::test]
async fn a_call_waits_for_a_place_no_longer_than_its_time_on_the_clock() {
    let rig = Rig::new();
    let hostile = rig.hostile(|policy| {
        policy.limits.calls_in_flight_max = 1;
        policy.limits.cpu_ms_max = 5_000;
        policy.limits.wall_ms_max = 200;
    });
    let (first, second) = tokio::join!(hostile.decode(message("endless-loop")), hostile.decode(message("good")));
    assert_eq!(error(&first), CallError::WallExceeded);
    // The second came first in line when the first ended, or was told that there was no place; it never went astray.
    if second.outcome.is_err() {
        assert_eq!(error(&second), CallError::Overloaded);
    }
    is_good(&hostile.decode(message("good")).await);
}

#[tokio::test]
async fn plugins_share_the_pool_and_wait_for_it() {
    let rig = Rig::with_calls(1);
    let (hostile, good) = (rig.hostile(|_| ()), rig.good());
    let (looped, served) = tokio::join!(hostile.decode(message("endless-loop")), good.decode(message("good")));
    assert_eq!(error(&looped), CallError::CpuExceeded);
    is_good(&served);
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_any_more_gives_its_place_back() {
    let rig = Rig::with_calls(1);
    let hostile = rig.hostile(|policy| policy.limits.cpu_ms_max = 5_000);
    let running = hostile.decode(message("endless-loop"));
    tokio::time::timeout(Duration::from_millis(20), running).await.expect_err("it runs for five seconds");
    is_good(&hostile.decode(message("good")).await);
}

#[tokio::test]
async fn a_second_start_finds_the_component_compiled() {
    let rig = Rig::new();
    rig.hostile(|_| ());
    let before = rig.artefacts();
    assert_eq!(before.len(), 1);
    let again = rig.restarted();
    is_good(&again.hostile(|_| ()).decode(message("good")).await);
    assert_eq!(again.artefacts(), before, "it was compiled once more");
}

#[tokio::test]
async fn an_artefact_that_was_tampered_with_is_made_anew() {
    let rig = Rig::new();
    rig.hostile(|_| ());
    let [(path, _)] = &rig.artefacts()[..] else { panic!("one artefact") };
    let compiled = std::fs::read(path).expect("the artefact");
    let mut changed = compiled.clone();
    changed[compiled.len() / 2] ^= 0x10;
    std::fs::write(path, &changed).expect("a changed artefact");
    is_good(&rig.restarted().hostile(|_| ()).decode(message("good")).await);
    assert_eq!(std::fs::read(path).expect("the new artefact"), compiled);
}

#[tokio::test]
async fn artefacts_that_were_swapped_are_made_anew() {
    let rig = Rig::new();
    rig.hostile(|_| ());
    rig.good();
    let [(one, _), (other, _)] = &rig.artefacts()[..] else { panic!("two artefacts") };
    for extension in ["cwasm", "tag"] {
        let (one, other) = (one.with_extension(extension), other.with_extension(extension));
        let (first, second) = (std::fs::read(&one).expect("a file"), std::fs::read(&other).expect("a file"));
        std::fs::write(&one, second).expect("the other's file");
        std::fs::write(&other, first).expect("the other's file");
    }
    let swapped = rig.artefacts();
    let again = rig.restarted();
    is_good(&again.hostile(|_| ()).decode(message("good")).await);
    is_good(&again.good().decode(message("good")).await);
    assert!(swapped.iter().all(|artefact| !again.artefacts().contains(artefact)), "a swapped artefact was used");
}
