//! Who leases tokens for this gateway: one task asks for all rates that need some, another says that the gateway is alive.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use portgate_store::{Bucket, SharedRates};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::timeout;

use super::alone::Alone;
use super::leased::{ANSWER_WAIT, Asking, Leased};
use super::{Rate, Throttle};

/// How often this gateway says that it is alive.
const ALIVE_EVERY: Duration = Duration::from_secs(1);
/// A gateway that has not said so for this long is not counted any more.
const ALIVE_WITHIN: Duration = Duration::from_secs(5);
/// Rates that are asked for at once.
const BATCH_MAX: usize = 256;

/// How rates are counted here.
#[derive(Clone, Debug)]
pub(crate) struct Rates(Option<Arc<Leasing>>);

impl Rates {
    /// By this process alone.
    pub(crate) fn alone() -> Self {
        Rates(None)
    }

    /// Together with all who share these, or alone where nobody can.
    pub(crate) fn with(shared: Option<Arc<dyn SharedRates>>) -> Self {
        Rates(shared.map(|shared| Arc::new(Leasing::new(shared))))
    }

    /// A throttle for this rate of a partner, over all contracts or for one.
    pub(crate) fn throttle(&self, rate: Rate, partner: &str, contract: Option<&str>) -> Throttle {
        match &self.0 {
            None => Throttle::Alone(Alone::new(rate)),
            Some(leasing) => {
                let leased = Arc::new(Leased::new(rate, Bucket::new(partner, contract), Arc::clone(&leasing.asking)));
                leasing.known().push(Arc::downgrade(&leased));
                Throttle::Leased(leased)
            }
        }
    }

    /// Meets the other gateways, so that the first request waits for no connection and the first share is no more than one.
    pub(crate) async fn meet(&self) {
        if let Some(leasing) = &self.0 {
            leasing.say_alive().await;
        }
    }

    /// Whether they are counted together with others.
    pub(crate) fn are_shared(&self) -> bool {
        self.0.is_some()
    }

    /// Leases what is asked for until it is dropped. Does nothing where rates are counted alone.
    pub(crate) async fn lease(&self) {
        if let Some(leasing) = &self.0 {
            tokio::join!(leasing.answer(), leasing.stay_alive());
        }
    }
}

/// What all leased rates of this process share.
pub(crate) struct Leasing {
    shared: Arc<dyn SharedRates>,
    asking: Arc<Asking>,
    /// For whoever answers. Each rate is in here once at most.
    asked: tokio::sync::Mutex<UnboundedReceiver<Arc<Leased>>>,
    known: Mutex<Vec<Weak<Leased>>>,
}

impl Leasing {
    fn new(shared: Arc<dyn SharedRates>) -> Self {
        let (asking, asked) = Asking::new();
        Leasing { shared, asking: Arc::new(asking), asked: asked.into(), known: Mutex::default() }
    }

    fn known(&self) -> MutexGuard<'_, Vec<Weak<Leased>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn answer(&self) {
        let mut asked = self.asked.lock().await;
        let mut rates = Vec::new();
        while asked.recv_many(&mut rates, BATCH_MAX).await > 0 {
            while !rates.is_empty() {
                rates.sort_by_key(|rate| rate.bucket());
                let mut different = std::mem::take(&mut rates);
                // Rates of before and after a reload have one bucket: they take turns.
                different.dedup_by(|one, before| {
                    let same = one.bucket() == before.bucket();
                    rates.extend(same.then(|| Arc::clone(one)));
                    same
                });
                self.answer_all(&different).await;
            }
        }
    }

    async fn answer_all(&self, rates: &[Arc<Leased>]) {
        let requests: Vec<_> = rates.iter().map(|rate| rate.request()).collect();
        match timeout(ANSWER_WAIT, self.shared.lease(&requests)).await {
            Ok(Ok(leases)) => {
                for ((rate, request), lease) in rates.iter().zip(&requests).zip(leases) {
                    rate.granted(request, lease);
                }
            }
            failed => {
                let why =
                    failed.map_or_else(|_| "no answer in time".to_owned(), |answer| format!("{:?}", answer.err()));
                tracing::debug!(why, "rates cannot be counted with the other gateways: each counts its share");
                for (rate, request) in rates.iter().zip(&requests) {
                    rate.unanswered(request.spent);
                }
            }
        }
    }

    /// Says that this gateway is alive, and hears how many are. Whether somebody has answered.
    async fn say_alive(&self) -> bool {
        let Ok(Ok(gateways)) = timeout(ALIVE_EVERY, self.shared.alive(ALIVE_WITHIN)).await else { return false };
        if self.asking.are_alive(gateways) != gateways {
            tracing::info!(gateways, "gateways count their partners' rates together");
        }
        true
    }

    async fn stay_alive(&self) {
        let mut heard = true;
        loop {
            match self.say_alive().await {
                true => {
                    if !std::mem::replace(&mut heard, true) {
                        tracing::info!("rates are counted with the other gateways again");
                    }
                    self.trim();
                }
                false if std::mem::replace(&mut heard, false) => tracing::warn!(
                    gateways = self.asking.gateways(),
                    "the journal does not answer: of each rate this gateway counts its share by itself"
                ),
                false => {}
            }
            tokio::time::sleep(ALIVE_EVERY).await;
        }
    }

    fn trim(&self) {
        let mut known = self.known();
        known.retain(|rate| rate.strong_count() > 0);
        let rates: Vec<_> = known.iter().filter_map(Weak::upgrade).collect();
        drop(known);
        for rate in rates {
            rate.trim(ALIVE_EVERY);
        }
    }
}

impl fmt::Debug for Leasing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Leasing").field("gateways", &self.asking.gateways()).finish_non_exhaustive()
    }
}
