//! A rate that all gateways of a journal count together: this gateway's lease of it.
//!
//! The tokens are in a bucket that the gateways share. This one takes some ahead and spends them in memory, so that a
//! request waits for nobody while there are some; before they are spent the next are asked for in the background. A request
//! that finds none waits for the answer, a moment at most. The bucket gives out what the rate allows and a tenth of a second
//! ahead, and all gateways together hold another tenth of a second's tokens at most: that fifth is one lease, and as much as
//! can be spent beyond the rate. A rate below ten a second is leased token by token, so that there is nothing beyond it.
//!
//! While nobody answers, the gateway counts its share of the rate by itself: one of as many as gateways were alive when it
//! last heard of them. What it spends then is told to the bucket as soon as it can be reached.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use portgate_store::{Bucket, Lease, LeaseRequest};
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, timeout_at};

use super::alone::Alone;
use super::{Allowance, Rate, whole_seconds};

/// How long a request waits for tokens at most, and how long after that the bucket is not asked again.
pub(super) const ANSWER_WAIT: Duration = Duration::from_secs(1);
/// How long a bucket that had too little is not asked again, so that a flood costs the database nothing.
const EMPTY_PAUSE: Duration = Duration::from_millis(20);
/// Which part of a second's tokens is leased ahead, and which part all gateways hold together.
const PART_OF_A_SECOND: u32 = 10;

/// Whom this gateway's rates have their buckets asked by.
#[derive(Debug)]
pub(super) struct Asking {
    asked: UnboundedSender<Arc<Leased>>,
    /// Gateways that are alive, as far as this one knows.
    gateways: AtomicU32,
}

impl Asking {
    /// One alone, whose rates are asked for at the other end.
    pub(super) fn new() -> (Self, UnboundedReceiver<Arc<Leased>>) {
        let (asked, asking) = unbounded_channel();
        (Asking { asked, gateways: AtomicU32::new(1) }, asking)
    }

    /// How many gateways are alive, this one among them.
    pub(super) fn gateways(&self) -> u32 {
        self.gateways.load(Ordering::Relaxed).max(1)
    }

    /// Keeps how many gateways are alive, and gives back how many it knew of.
    pub(super) fn are_alive(&self, gateways: u32) -> u32 {
        self.gateways.swap(gateways, Ordering::Relaxed)
    }

    /// Has this rate's bucket asked.
    fn ask(&self, rate: Arc<Leased>) {
        // Where nobody answers any more, whoever waits counts its share.
        let _ = self.asked.send(rate);
    }
}

/// One rate, as this gateway has leased it.
#[derive(Debug)]
pub(crate) struct Leased {
    rate: Rate,
    bucket: Bucket,
    asking: Arc<Asking>,
    state: Mutex<State>,
    /// Wakes those who wait, with each answer and where none comes.
    answered: Notify,
}

#[derive(Debug)]
struct State {
    /// At hand.
    tokens: u32,
    /// When this was last of use.
    used_at: Instant,
    /// Requests that wait for a token.
    waiting: u32,
    /// Whether the bucket is being asked.
    asking: bool,
    /// Until when the bucket need not be asked, because it has nothing.
    empty_until: Instant,
    /// When it may be asked again after nobody has answered.
    again_at: Instant,
    /// When the bucket is full again, as far as this gateway knows.
    full_at: Instant,
    /// This gateway's share, while nobody answers.
    share: Option<Alone>,
    /// Spent of the share, and not told yet.
    spent: u32,
}

/// What becomes of a request.
enum Counted {
    Now(Result<Allowance, (Allowance, u64)>),
    Wait,
}

impl Leased {
    pub(super) fn new(rate: Rate, bucket: Bucket, asking: Arc<Asking>) -> Self {
        let now = Instant::now();
        let state = State {
            tokens: 0,
            used_at: now,
            waiting: 0,
            asking: false,
            empty_until: now,
            again_at: now,
            full_at: now,
            share: None,
            spent: 0,
        };
        Leased { rate, bucket, asking, state: Mutex::new(state), answered: Notify::new() }
    }

    pub(super) fn bucket(&self) -> Bucket {
        self.bucket
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts one request, or says in how many seconds the next one may come.
    pub(super) async fn check(self: &Arc<Self>) -> Result<Allowance, (Allowance, u64)> {
        let until = Instant::now() + ANSWER_WAIT;
        loop {
            // The waiter is registered before the check, so that it does not miss an answer that comes in between.
            let answered = self.answered.notified();
            if let Counted::Now(counted) = self.count(Instant::now()) {
                return counted;
            }
            if timeout_at(until, answered).await.is_err() {
                self.unanswered(0);
                return self.count_share(&mut self.state(), Instant::now());
            }
        }
    }

    fn count(self: &Arc<Self>, now: Instant) -> Counted {
        let mut state = self.state();
        state.used_at = now;
        if state.tokens > 0 {
            state.tokens -= 1;
            if state.tokens < self.at_hand().div_ceil(2) && state.share.is_none() && state.empty_until <= now {
                self.ask(&mut state);
            }
            return Counted::Now(Ok(self.allowance(&state, now)));
        }
        if state.share.is_some() {
            if state.again_at <= now {
                self.ask(&mut state);
            }
            return Counted::Now(self.count_share(&mut state, now));
        }
        if now < state.empty_until {
            return Counted::Now(Err((self.rate.allowance(0), whole_seconds(state.empty_until - now))));
        }
        state.waiting = state.waiting.saturating_add(1);
        self.ask(&mut state);
        Counted::Wait
    }

    /// Counts a request against the share. Where there is none any more, an answer has come this very moment: the next
    /// request is counted by it, and this one is refused rather than counted by nobody.
    fn count_share(&self, state: &mut State, now: Instant) -> Result<Allowance, (Allowance, u64)> {
        state.used_at = now;
        let Some(share) = &state.share else { return Err((self.rate.allowance(0), 1)) };
        let counted = share.check();
        if counted.is_ok() {
            state.spent = state.spent.saturating_add(1);
        }
        counted
    }

    fn ask(self: &Arc<Self>, state: &mut State) {
        if !std::mem::replace(&mut state.asking, true) {
            self.asking.ask(Arc::clone(self));
        }
    }

    /// What is left as far as this gateway knows: what it has at hand, and what it has heard of the bucket.
    fn allowance(&self, state: &State, now: Instant) -> Allowance {
        let lacking = state.full_at.saturating_duration_since(now).as_nanos().div_ceil(self.rate.interval().as_nanos());
        let lacking = u32::try_from(lacking).unwrap_or(u32::MAX);
        self.rate.allowance(self.rate.burst.saturating_sub(lacking).saturating_add(state.tokens))
    }

    /// Tokens that this gateway keeps at hand: its part of what all may hold.
    fn at_hand(&self) -> u32 {
        self.rate.per_second / PART_OF_A_SECOND / self.asking.gateways()
    }

    /// What the bucket is asked for: what those who wait need, and as much as is kept at hand.
    pub(super) fn request(&self) -> LeaseRequest {
        let mut state = self.state();
        let tokens = state.waiting.saturating_add(self.at_hand()).saturating_sub(state.tokens);
        LeaseRequest {
            bucket: self.bucket,
            tokens,
            spent: std::mem::take(&mut state.spent),
            interval: self.rate.interval(),
            burst: self.rate.burst,
            ahead: self.rate.per_second / PART_OF_A_SECOND,
        }
    }

    /// The bucket has answered.
    pub(super) fn granted(&self, request: &LeaseRequest, lease: Lease) {
        let now = Instant::now();
        let mut state = self.state();
        // Those who began to wait in the meantime ask again.
        (state.asking, state.waiting, state.share) = (false, 0, None);
        state.tokens = state.tokens.saturating_add(lease.tokens);
        state.full_at = now + lease.full_in;
        if lease.tokens < request.tokens {
            let room = self.rate.interval().saturating_mul(request.burst.saturating_add(request.ahead));
            let next = (lease.full_in + self.rate.interval()).saturating_sub(room);
            state.empty_until = now + next.max(EMPTY_PAUSE);
        }
        drop(state);
        self.answered.notify_waiters();
    }

    /// Nobody has answered, after so much had been told as spent.
    pub(super) fn unanswered(&self, spent: u32) {
        let mut state = self.state();
        (state.asking, state.waiting) = (false, 0);
        state.spent = state.spent.saturating_add(spent);
        state.again_at = Instant::now() + ANSWER_WAIT;
        if state.share.is_none() {
            state.share = Some(Alone::share(self.rate, self.asking.gateways()));
        }
        drop(state);
        self.answered.notify_waiters();
    }

    /// Once a second while the journal answers: gives up what is at hand beyond what may be, because more gateways are alive
    /// by now or somebody who waited has left. Not while it is of use: then somebody may be about to take it.
    pub(super) fn trim(&self, quiet: Duration) {
        let mut state = self.state();
        if !state.asking && state.used_at.elapsed() >= quiet {
            state.tokens = state.tokens.min(self.at_hand());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

    use async_trait::async_trait;
    use portgate_store::{JournalError, SharedRates};
    use tokio::time::{advance, sleep};

    use super::super::{Rates, Throttle};
    use super::*;

    /// A store with so many tokens, which answers after a moment, or not at all.
    #[derive(Default)]
    struct Store {
        tokens: AtomicU32,
        asked: AtomicU32,
        spent: AtomicU32,
        gateways: AtomicU32,
        away: AtomicBool,
        hangs: AtomicBool,
    }

    #[async_trait]
    impl SharedRates for Store {
        async fn lease(&self, requests: &[LeaseRequest]) -> Result<Vec<Lease>, JournalError> {
            self.answers().await?;
            sleep(Duration::from_millis(2)).await;
            let lease = |request: &LeaseRequest| {
                self.asked.fetch_add(1, Relaxed);
                self.spent.fetch_add(request.spent, Relaxed);
                let tokens = self.tokens.load(Relaxed).min(request.tokens);
                self.tokens.fetch_sub(tokens, Relaxed);
                let lacking = (request.burst + request.ahead).saturating_sub(self.tokens.load(Relaxed));
                Lease { tokens, full_in: request.interval * lacking }
            };
            Ok(requests.iter().map(lease).collect())
        }

        async fn alive(&self, _: Duration) -> Result<u32, JournalError> {
            self.answers().await?;
            Ok(self.gateways.load(Relaxed).max(1))
        }
    }

    impl Store {
        fn with(tokens: u32, gateways: u32) -> Arc<Store> {
            Arc::new(Store { tokens: tokens.into(), gateways: gateways.into(), ..Store::default() })
        }

        async fn answers(&self) -> Result<(), JournalError> {
            if self.hangs.load(Relaxed) {
                std::future::pending::<()>().await;
            }
            match self.away.load(Relaxed) {
                true => Err(JournalError::Unreachable("it is away".to_owned())),
                false => Ok(()),
            }
        }
    }

    /// A rate that is leased from this store, by a gateway that has heard how many are alive.
    async fn leased(store: &Arc<Store>, per_second: u32, burst: u32) -> Throttle {
        let rates = Rates::with(Some(Arc::clone(store) as Arc<dyn SharedRates>));
        let leasing = rates.clone();
        tokio::spawn(async move { leasing.lease().await });
        sleep(Duration::from_millis(10)).await;
        rates.throttle(Rate::new("partner", per_second, burst), "acme", None)
    }

    async fn passed(throttle: &Throttle, requests: u32) -> u32 {
        let mut passed = 0;
        for _ in 0..requests {
            passed += u32::from(throttle.check().await.is_ok());
        }
        passed
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_passes_than_the_bucket_gives_and_a_flood_asks_seldom() {
        let store = Store::with(30, 2);
        let throttle = leased(&store, 100, 30).await;
        assert_eq!(passed(&throttle, 10_000).await, 30);
        let asked = store.asked.load(Relaxed);
        assert_eq!(passed(&throttle, 10_000).await, 0);
        assert_eq!(store.asked.load(Relaxed), asked, "a bucket that is known to be empty is not asked");
        let (allowance, seconds) = throttle.check().await.unwrap_err();
        assert_eq!((allowance.remaining, seconds), (0, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_waits_for_nobody_while_there_are_tokens() {
        let store = Store::with(1_000, 1);
        let throttle = leased(&store, 1_000, 1_000).await;
        assert!(throttle.check().await.is_ok());
        // Those at hand are renewed before they are spent.
        for _ in 0..500 {
            let began = Instant::now();
            assert!(throttle.check().await.is_ok());
            assert_eq!(began.elapsed(), Duration::ZERO);
            advance(Duration::from_millis(1)).await;
        }
        let asked = store.asked.load(Relaxed);
        assert!((2..=25).contains(&asked), "{asked} leases for 501 requests");
    }

    #[tokio::test(start_paused = true)]
    async fn many_that_wait_are_served_by_one_lease() {
        let store = Store::with(60, 1);
        let throttle = Arc::new(leased(&store, 1, 100).await);
        let waiting = (0..100).map(|_| {
            let throttle = Arc::clone(&throttle);
            tokio::spawn(async move { throttle.check().await.is_ok() })
        });
        let mut passed = 0;
        for one in waiting.collect::<Vec<_>>() {
            passed += u32::from(one.await.expect("no panic"));
        }
        assert_eq!((passed, store.asked.load(Relaxed)), (60, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_kept_at_hand_is_shared_out_among_those_alive() {
        for (gateways, at_hand) in [(1, 10), (2, 5), (3, 3), (20, 0)] {
            let store = Store::with(1_000, gateways);
            let throttle = leased(&store, 100, 1_000).await;
            assert!(throttle.check().await.is_ok());
            assert_eq!(1_000 - store.tokens.load(Relaxed), 1 + at_hand);
        }
    }

    #[tokio::test]
    async fn while_nobody_answers_a_share_is_counted_and_told_afterwards() {
        let store = Store::with(1_000, 4);
        let throttle = leased(&store, 400, 400).await;
        assert!(throttle.check().await.is_ok());
        store.away.store(true, Relaxed);
        let (began, mut passed) = (std::time::Instant::now(), 0);
        while began.elapsed() < Duration::from_millis(1_500) {
            passed += u32::from(throttle.check().await.is_ok());
            sleep(Duration::from_micros(200)).await;
        }
        // Ten were at hand. A hundred a second are its share, of which nothing is saved up.
        let share = passed - 10;
        let most = began.elapsed().as_secs_f64() * 100.0 + 1.0;
        assert!(f64::from(share) <= most && share >= 50, "{share} of {most}");
        store.away.store(false, Relaxed);
        let until = std::time::Instant::now() + Duration::from_secs(10);
        while store.spent.load(Relaxed) == 0 && std::time::Instant::now() < until {
            let _ = throttle.check().await;
            sleep(Duration::from_millis(1)).await;
        }
        assert!(store.spent.load(Relaxed) >= share, "what was spent is told");
    }

    #[tokio::test]
    async fn a_store_that_hangs_holds_a_request_up_once() {
        let store = Store::with(1_000, 1);
        store.hangs.store(true, Relaxed);
        let throttle = leased(&store, 100, 100).await;
        let began = std::time::Instant::now();
        let _ = throttle.check().await;
        assert!((ANSWER_WAIT..ANSWER_WAIT * 8).contains(&began.elapsed()), "{:?}", began.elapsed());
        let began = std::time::Instant::now();
        assert!(passed(&throttle, 1_000).await <= 100);
        assert!(began.elapsed() < ANSWER_WAIT, "{:?}", began.elapsed());
    }
}
