//! Takes up what was parked ([`crate::chain`]): as soon as a plugin may be called for a partner again, that partner's
//! messages are decoded in their order, each in its turn, and become exchanges like any other.
//!
//! One task works on each plugin and partner. While the plugin is being tried it takes one message and sees how that goes;
//! a message that the plugin fails on waits behind the others and is given up after some tries, for a person to look at.
//! Several gateways on one journal keep out of each other's way by its claims.

mod one;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use portgate_core::quarantine::Standing;
use portgate_http::connection::Shutdown;
use portgate_store::{JournalError, ParkedContract, ParkedRequest};
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::Instant;

use crate::clock::now;
use crate::quarantine::Pair;
use crate::state::State;
use one::{Next, TakeUp};

/// How long nothing is looked for without a sign of something new: the end of a pause gives none.
const LOOK: Duration = Duration::from_millis(500);
/// The shortest time between two looks, so that a stream of parked messages does not mean one look each.
const PAUSE: Duration = Duration::from_millis(20);
/// How many are claimed at once while the plugin works.
const BATCH: u32 = 16;
/// How long a claim holds beside what its calls can take.
const LEASE: Duration = Duration::from_secs(60);

/// Takes up what is parked until the gateway stops.
pub(crate) struct TakingUp {
    state: Arc<State>,
    worker: String,
    /// Each gives back whether it found anything.
    tasks: JoinSet<bool>,
    running: BTreeMap<Pair, Id>,
}

impl TakingUp {
    /// Looks at what is parked, and takes nothing up before it runs.
    pub(crate) async fn begin(state: Arc<State>, worker: String) -> Self {
        let begun = TakingUp { state, worker, tasks: JoinSet::new(), running: BTreeMap::new() };
        if let Err(error) = begun.look().await {
            tracing::warn!(%error, "what is parked cannot be read");
        }
        begun
    }

    /// Works until it is told to stop, then finishes what is under way. Where it was broken off it can be run again.
    pub(crate) async fn run(&mut self, stop: Shutdown) {
        let mut next_look = Instant::now();
        loop {
            tokio::select! {
                () = stop.begun() => break,
                () = self.state.quarantines.changed() => {}
                () = tokio::time::sleep_until(next_look) => {}
                Some(ended) = self.tasks.join_next_with_id() => if !self.ended(ended) {
                    // It found nothing, and another look would find the same.
                    continue;
                },
            }
            match self.look().await {
                Ok(waiting) => self.see_to(waiting),
                Err(error) => tracing::warn!(%error, "what is parked cannot be read"),
            }
            next_look = Instant::now() + LOOK;
            tokio::time::sleep(PAUSE).await;
        }
        while let Some(ended) = self.tasks.join_next_with_id().await {
            self.ended(ended);
        }
    }

    /// Whose messages can be taken up, as far as the journal knows.
    async fn look(&self) -> Result<BTreeSet<Pair>, JournalError> {
        let (now, quarantines) = (now(), &self.state.quarantines);
        let configuration = self.state.configuration.load_full();
        quarantines.tidy(&configuration, now);
        let before = quarantines.glance();
        let parked = self.state.journal.parked(now).await?;
        let pair = |parked: ParkedContract| {
            // What nobody decodes any more waits until somebody does.
            let contract = configuration.contract(&parked.contract, &parked.version)?;
            Some(Pair { plugin: contract.plugin.manifest().name.clone(), partner: parked.partner })
        };
        let waiting = parked.into_iter().filter_map(pair).collect();
        quarantines.looked(&before, &waiting);
        Ok(waiting)
    }

    /// Sees to it that there is a task for each pair.
    fn see_to(&mut self, waiting: BTreeSet<Pair>) {
        for pair in waiting.into_iter().filter(|pair| !self.running.contains_key(pair)).collect::<Vec<_>>() {
            let task = self.tasks.spawn(work(Arc::clone(&self.state), pair.clone(), self.worker.clone()));
            self.running.insert(pair, task.id());
        }
    }

    /// Whether the task found anything.
    fn ended(&mut self, ended: Result<(Id, bool), JoinError>) -> bool {
        let (id, found) = match &ended {
            Ok((id, found)) => (*id, *found),
            Err(error) => (error.id(), false),
        };
        if let Err(error) = ended {
            tracing::error!(%error, "taking up parked exchanges broke off");
        }
        self.running.retain(|_, running| *running != id);
        found
    }
}

/// Takes up what is parked of one partner for one plugin, until nothing is left or the plugin is out. Gives back whether
/// there was anything.
async fn work(state: Arc<State>, pair: Pair, worker: String) -> bool {
    let mut found = false;
    while !state.stopping.has_begun() {
        let configuration = state.configuration.load_full();
        let Some(plugin) = configuration.plugins.get(&pair.plugin) else { break };
        let of = configuration.subject(plugin, &pair.partner);
        let limit = match state.quarantines.standing(&of, now()) {
            Standing::Closed => BATCH,
            Standing::HalfOpen { probing: false, .. } => 1,
            Standing::HalfOpen { .. } | Standing::Open { .. } => break,
        };
        let contracts = configuration.contracts.values().flatten();
        let contracts = contracts.filter(|contract| contract.plugin.manifest().name == pair.plugin);
        let wall_ms = configuration.policies.plugins.get(&pair.plugin).map_or(0, |policy| policy.limits.wall_ms_max);
        let request = ParkedRequest {
            partner: pair.partner.clone(),
            contracts: contracts.map(|contract| (contract.name.clone(), contract.version.clone())).collect(),
            build: of.build(),
            worker: worker.clone(),
            now: now(),
            // To wait for a place and to be called, for each.
            lease: LEASE + Duration::from_millis(wall_ms.saturating_mul(2 * u64::from(limit))),
            limit,
        };
        let claimed = match state.journal.claim_parked(request).await {
            Ok(claimed) if claimed.is_empty() => break,
            Ok(claimed) => claimed,
            Err(error) => {
                tracing::warn!(partner = pair.partner, plugin = pair.plugin, %error, "parked exchanges cannot be claimed");
                break;
            }
        };
        found = true;
        let take_up = TakeUp { state: &state, configuration: &configuration, of };
        let mut claimed = claimed.into_iter();
        let mut next = Next::Go;
        while let (Next::Go, false) = (next, state.stopping.has_begun())
            && let Some(parked) = claimed.next()
        {
            next = take_up.one(parked).await;
        }
        for parked in claimed {
            take_up.give_back(parked.claim).await;
        }
        if next == Next::Stop {
            break;
        }
    }
    found
}
