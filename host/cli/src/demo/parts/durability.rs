//! A partner that is down, a gateway that is killed, and nothing that is lost.

use std::time::{Duration, Instant};

use super::{Part, Playing, customs, ocean};
use crate::demo::message::Run;
use crate::demo::stage::{Sent, Stage, shown};
use crate::demo::timeline::Timeline;

/// How long the portal may take until it has everything.
const PATIENCE: Duration = Duration::from_secs(60);

const PORTAL: &str = "customer-portal";

pub(super) const PART: Part =
    Part { name: "durability", title: "The portal is down, and the gateway is killed", messages: &[], play };

fn play<'a>(stage: &'a mut Stage<'_>) -> Playing<'a> {
    Box::pin(async move {
        // News of another declaration and another voyage.
        stage.run = Run::fresh();
        stage.receiver(PORTAL)?.set_down(true);
        let assessed =
            stage.sends(&customs::ASSESSED, &["customs-status", "landed-cost-event", "landed-cost-event"]).await?;
        let arrived = stage.sends(&ocean::ARRIVED, &["milestone"; 2]).await?;
        let mut waiting = Vec::new();
        for Sent { place, .. } in [&assessed, &arrived] {
            waiting.extend(stage.deliveries(place, Some(PORTAL)).await?);
        }
        let began = Instant::now();
        while stage.receiver(PORTAL)?.refused() == 0 && began.elapsed() < PATIENCE {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let refused = stage.receiver(PORTAL)?.refused();
        Timeline::note(true, &format!("{} deliveries wait; the portal has refused {refused} attempts", waiting.len()));
        stage.loses_its_gateway().await?;
        stage.receiver(PORTAL)?.set_down(false);
        let back = Instant::now();
        Timeline::note(true, "the portal is back");
        while !waiting.iter().all(|delivery| stage.received(PORTAL, delivery).is_some()) {
            if back.elapsed() > PATIENCE {
                return Err(format!("after {} s the portal does not have everything", PATIENCE.as_secs()));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let took = back.elapsed();
        for sent in [&assessed, &arrived] {
            stage.comes_to(sent, PORTAL, "what had waited", "delivered").await?;
        }
        // What was under way when a gateway was killed comes again, under the same key. Nothing else does.
        let (twice, all) = (stage.receiver(PORTAL)?.twice(&stage.killed), waiting.len());
        let ok = twice.is_empty() && all == 5;
        Timeline::note(ok, &format!("{} later it has all {all}, {} of them twice", shown(took), twice.len()));
        stage.timeline.delivered += all;
        if ok { Ok(()) } else { Err(format!("{all} of 5 waited, and these came twice: {}", twice.join("; "))) }
    })
}
