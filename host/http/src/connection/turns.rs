//! Whose turn it is to be worked for, among those over whose connections nobody was proven.
//!
//! The runtime takes tasks as they come. A thousand strangers who all have something to say would stand before each step
//! of a partner's call, of which there are several. So their tasks wait here. As many of them as there are workers are let
//! out at a time, each for one step, and that only when the worker has done what else there was to do and looked at its
//! sockets, or has done as much in between as the runtime lets it do at a time. So a partner's step waits for one of theirs,
//! however many they are, and partners at work without a pause do not lock them out. The networks take turns too, so that
//! a newcomer waits for networks and not for connections.
//!
//! A call has several steps, and one of a stranger before each of them adds up. So while partners are worked for, all
//! strangers together have a quarter of the workers' time ([`Allowance`]), less than a millisecond at a stretch: then they pause.

use std::collections::{HashMap, VecDeque};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Poll, Waker};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::task::yield_now;
use tokio::time::sleep;

use super::Network;
use super::room::Standing;

/// What strangers have of the workers' time while partners are worked for.
const SHARE: f64 = 0.25;

/// How much of their share strangers can have saved, for each worker: so much follows one another, and a third more, which
/// they earn meanwhile.
const STRETCH: Duration = Duration::from_micros(500);

/// The longest pause, whatever a turn took.
const PAUSE_MAX: Duration = Duration::from_millis(20);

/// Partners are worked for until nothing was done for any of them for so long.
const PARTNERS_REST_AFTER: Duration = Duration::from_millis(10);

/// The turns of one listener's strangers.
#[derive(Debug)]
pub(super) struct Turns {
    workers: usize,
    began: Instant,
    /// When a partner was last worked for, in microseconds since `began`; zero if none ever was.
    partners_at: AtomicU64,
    queue: Mutex<Queue>,
}

#[derive(Debug)]
struct Queue {
    /// Turns that nobody has.
    free: usize,
    /// Nobody gets a turn until the pause is over.
    is_paused: bool,
    allowance: Allowance,
    /// Who waits, by network. A network without anybody is not here.
    waiting: HashMap<Network, VecDeque<Weak<Wish>>>,
    /// The networks of `waiting`, the one whose turn is next first.
    networks: VecDeque<Network>,
}

/// A task that waits for its turn. Changes only under the lock of the queue that it is in.
#[derive(Debug)]
struct Wish(Mutex<Answer>);

#[derive(Debug)]
enum Answer {
    Waits(Waker),
    /// It has a turn, and others who have something to do come first.
    Granted,
    /// It has a turn, and the others were let by.
    Due,
}

impl Turns {
    /// As many as the runtime has workers.
    pub(super) fn of_this_runtime() -> Arc<Turns> {
        Turns::at_once(Handle::current().metrics().num_workers())
    }

    fn at_once(turns: usize) -> Arc<Turns> {
        let (workers, began) = (turns.max(1), Instant::now());
        let queue = Queue {
            free: workers,
            is_paused: false,
            allowance: Allowance::new(workers, began),
            waiting: HashMap::new(),
            networks: VecDeque::new(),
        };
        Arc::new(Turns { workers, began, partners_at: AtomicU64::new(0), queue: Mutex::new(queue) })
    }

    /// Runs `task`: in turns until somebody is proven over the connection that it belongs to, and then as it comes.
    pub(super) async fn take<F: Future>(self: Arc<Self>, standing: Arc<Standing>, task: F) -> F::Output {
        let mut task = pin!(task);
        let mut place = Queued { turns: self, wish: None };
        poll_fn(|context| {
            if standing.is_proven() {
                place.leave();
                place.turns.work_for_partner();
                return task.as_mut().poll(context);
            }
            match place.ask(standing.network(), context.waker()) {
                Asked::Wait => return Poll::Pending,
                Asked::LetOthersBy => {
                    // Once polled, this wakes the task when the worker has nothing else to do.
                    let _ = pin!(yield_now()).poll(context);
                    return Poll::Pending;
                }
                Asked::Go => {}
            }
            let _turn = Turn { turns: &place.turns, began: Instant::now() };
            task.as_mut().poll(context)
        })
        .await
    }

    /// Ends a turn, and gives it to the next who waits, if somebody does and strangers have some of their share left.
    fn end_turn(self: &Arc<Self>, began: Instant) {
        let now = Instant::now();
        let mut queue = self.queue();
        let pause = queue.allowance.spend(now.saturating_duration_since(began), now);
        let begins = !queue.is_paused && !pause.is_zero() && self.are_partners_worked_for(now);
        queue.is_paused |= begins;
        let next = queue.pass_on();
        drop(queue);
        if let Some(next) = next {
            next.wake();
        }
        if begins {
            let turns = Arc::clone(self);
            let pausing = async move {
                sleep(pause).await;
                turns.end_pause();
            };
            // Without a runtime nobody waits any more.
            if let Ok(runtime) = Handle::try_current() {
                runtime.spawn(pausing);
            }
        }
    }

    fn end_pause(&self) {
        let mut next = Vec::with_capacity(self.workers);
        {
            let mut queue = self.queue();
            queue.is_paused = false;
            for _ in 0..std::mem::take(&mut queue.free) {
                next.extend(queue.pass_on());
            }
        }
        next.into_iter().for_each(Waker::wake);
    }

    fn work_for_partner(&self) {
        let at = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.partners_at.store(at.max(1), Ordering::Relaxed);
    }

    fn are_partners_worked_for(&self, now: Instant) -> bool {
        let at = Duration::from_micros(self.partners_at.load(Ordering::Relaxed));
        !at.is_zero() && now.saturating_duration_since(self.began + at) < PARTNERS_REST_AFTER
    }

    /// Nothing here can leave the queue half written, so a panic elsewhere does not make it wrong.
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn enter(&mut self, network: Network, waker: &Waker) -> Arc<Wish> {
        if self.free > 0 && !self.is_paused {
            self.free -= 1;
            return Arc::new(Wish(Mutex::new(Answer::Granted)));
        }
        let wish = Arc::new(Wish(Mutex::new(Answer::Waits(waker.clone()))));
        let of_network = self.waiting.entry(network).or_default();
        if of_network.is_empty() {
            self.networks.push_back(network);
        }
        of_network.push_back(Arc::downgrade(&wish));
        wish
    }

    /// The one to be woken, or none where the turn is free now.
    fn pass_on(&mut self) -> Option<Waker> {
        while !self.is_paused
            && let Some(network) = self.networks.pop_front()
        {
            let Some(of_network) = self.waiting.get_mut(&network) else { continue };
            // Who has gone in the meantime is passed over.
            let next = std::iter::from_fn(|| of_network.pop_front()).find_map(|wish| wish.upgrade());
            if of_network.is_empty() {
                self.waiting.remove(&network);
            } else {
                self.networks.push_back(network);
            }
            if let Some(wish) = next
                && let Answer::Waits(waker) = std::mem::replace(&mut *wish.answer(), Answer::Granted)
            {
                return Some(waker);
            }
        }
        self.free += 1;
        None
    }
}

impl Wish {
    fn answer(&self) -> MutexGuard<'_, Answer> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is left of the strangers' share.
#[derive(Debug)]
struct Allowance {
    workers: f64,
    /// In seconds of the workers' time; below zero more was used than there was.
    left: f64,
    at: Instant,
}

impl Allowance {
    fn new(workers: usize, now: Instant) -> Allowance {
        let workers = workers as f64;
        Allowance { workers, left: STRETCH.as_secs_f64() * workers, at: now }
    }

    /// Takes what a turn took, and says how long the others come first now: not at all where some is left.
    fn spend(&mut self, took: Duration, now: Instant) -> Duration {
        let (full, rate) = (STRETCH.as_secs_f64() * self.workers, SHARE * self.workers);
        let earned = now.saturating_duration_since(self.at).as_secs_f64() * rate;
        self.at = now;
        self.left = (self.left + earned).min(full) - took.as_secs_f64();
        if self.left > 0.0 {
            return Duration::ZERO;
        }
        // No turn is paid for longer than the longest pause.
        self.left = self.left.max(full - PAUSE_MAX.as_secs_f64() * rate);
        Duration::from_secs_f64((full - self.left) / rate).min(PAUSE_MAX)
    }
}

/// A turn that is taken. It ends when this is dropped.
struct Turn<'a> {
    turns: &'a Arc<Turns>,
    began: Instant,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.turns.end_turn(self.began);
    }
}

/// What a task that asks for its turn may do.
enum Asked {
    Wait,
    LetOthersBy,
    Go,
}

/// Where one task stands in the queue.
struct Queued {
    turns: Arc<Turns>,
    wish: Option<Arc<Wish>>,
}

impl Queued {
    /// What the task may do now. Where it has to wait `waker` is woken when it is granted its turn.
    fn ask(&mut self, network: Network, waker: &Waker) -> Asked {
        let mut queue = self.turns.queue();
        let wish = self.wish.get_or_insert_with(|| queue.enter(network, waker));
        match &mut *wish.answer() {
            Answer::Waits(known) => {
                known.clone_from(waker);
                return Asked::Wait;
            }
            granted @ Answer::Granted => {
                *granted = Answer::Due;
                return Asked::LetOthersBy;
            }
            Answer::Due => {}
        }
        self.wish = None;
        Asked::Go
    }

    /// Does without a turn. One that was granted meanwhile goes to the next.
    fn leave(&mut self) {
        let Some(wish) = self.wish.take() else { return };
        let next = {
            let mut queue = self.turns.queue();
            let waits = matches!(&*wish.answer(), Answer::Waits(_));
            if waits { None } else { queue.pass_on() }
        };
        if let Some(next) = next {
            next.wake();
        }
    }
}

impl Drop for Queued {
    fn drop(&mut self) {
        self.leave();
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::Mutex as StdMutex;

    use tokio::task::JoinHandle;

    use super::*;
    use crate::connection::room::{Place, Room};

    /// Strangers and partners of one gateway, and who of them was worked for, step by step.
    struct Gateway {
        room: Arc<Room>,
        turns: Arc<Turns>,
        steps: Arc<StdMutex<Vec<&'static str>>>,
    }

    impl Gateway {
        fn new() -> Gateway {
            Gateway { room: Room::new(10_000), turns: Turns::at_once(1), steps: Arc::default() }
        }

        async fn connect(&self, from: u8) -> Place {
            self.room.place(Network::of([192, 0, 2, from].into())).await.0
        }

        /// A connection that always has something to do, for so many steps.
        async fn busy(&self, name: &'static str, from: u8, steps: usize) -> (Place, JoinHandle<()>) {
            let place = self.connect(from).await;
            let done = Arc::clone(&self.steps);
            let task = async move {
                for _ in 0..steps {
                    done.lock().expect("no panic").push(name);
                    yield_now().await;
                }
            };
            let task = tokio::spawn(Arc::clone(&self.turns).take(Arc::clone(&place.standing), task));
            (place, task)
        }

        fn steps(&self) -> Vec<&'static str> {
            self.steps.lock().expect("no panic").clone()
        }
    }

    #[tokio::test]
    async fn a_partner_s_step_waits_for_a_few_strangers_however_many_have_something_to_do() {
        let gateway = Gateway::new();
        let mut strangers = Vec::new();
        for _ in 0..1_000 {
            strangers.push(gateway.busy("stranger", 1, 10).await);
        }
        let (place, partner) = gateway.busy("partner", 2, 10).await;
        place.standing.prove();
        partner.await.expect("no panic");
        let before = gateway.steps().iter().filter(|name| **name == "stranger").count();
        assert!(before <= 20, "{before} steps of strangers before ten of a partner");
        for (_, stranger) in strangers {
            stranger.await.expect("no panic");
        }
        assert_eq!(gateway.steps().len(), 10_010, "everybody is worked for in the end");
    }

    #[test]
    fn strangers_have_a_quarter_of_the_time_and_little_at_a_stretch() {
        const MILLISECOND: Duration = Duration::from_millis(1);
        for (workers, step) in [(1, 20), (1, 350), (8, 350)] {
            let step = Duration::from_micros(step);
            let began = Instant::now();
            let mut allowance = Allowance::new(workers, began);
            let (mut now, mut used, mut stretch) = (began, Duration::ZERO, Duration::ZERO);
            while now < began + 1_000 * MILLISECOND {
                // Each worker has a turn at the same time.
                now += step;
                let pause = (0..workers).fold(Duration::ZERO, |_, _| allowance.spend(step, now));
                used += step;
                stretch += step;
                if !pause.is_zero() {
                    assert!(stretch <= STRETCH * 4 / 3 + 2 * step, "{stretch:?} at a stretch");
                    assert!((MILLISECOND..10 * MILLISECOND).contains(&pause), "{pause:?}");
                    now += pause;
                    stretch = Duration::ZERO;
                }
            }
            assert!((220..=260).contains(&used.as_millis()), "{used:?} of a second with steps of {step:?}");
        }
    }

    #[test]
    fn one_long_step_is_not_paid_for_longer_than_the_longest_pause() {
        let began = Instant::now();
        let mut allowance = Allowance::new(1, began);
        assert_eq!(allowance.spend(Duration::from_secs(5), began + Duration::from_secs(5)), PAUSE_MAX);
        assert_eq!(allowance.spend(Duration::ZERO, began + Duration::from_secs(5) + PAUSE_MAX), Duration::ZERO);
    }

    #[tokio::test]
    async fn whoever_waits_for_the_end_of_a_pause_has_its_turn_then() {
        let gateway = Gateway::new();
        let (partner_place, partner) = gateway.busy("partner", 2, 1).await;
        partner_place.standing.prove();
        partner.await.expect("no panic");
        // More than the strangers have, right behind a partner's step.
        gateway.turns.end_turn(Instant::now() - Duration::from_millis(5));
        gateway.turns.queue().free -= 1;
        assert!(gateway.turns.queue().is_paused);
        let (_first_place, first) = gateway.busy("first", 1, 3).await;
        let (_second_place, second) = gateway.busy("second", 3, 3).await;
        yield_now().await;
        assert_eq!(gateway.steps(), ["partner"]);
        first.await.expect("no panic");
        second.await.expect("no panic");
        assert_eq!(gateway.steps().len(), 7);
        assert_eq!(gateway.turns.queue().free, 1);
    }

    #[tokio::test]
    async fn a_newcomer_waits_for_networks_and_not_for_connections() {
        let gateway = Gateway::new();
        let mut crowd = Vec::new();
        for _ in 0..100 {
            crowd.push(gateway.busy("crowd", 1, 5).await);
        }
        yield_now().await;
        let (_place, newcomer) = gateway.busy("newcomer", 2, 5).await;
        newcomer.await.expect("no panic");
        let before = gateway.steps().iter().filter(|name| **name == "crowd").count();
        assert!((1..=20).contains(&before), "{before} steps of the crowd before five of the newcomer");
    }

    #[tokio::test]
    async fn who_goes_away_takes_no_turn_along() {
        let gateway = Gateway::new();
        let idle = gateway.connect(1).await;
        let waiting =
            |place: &Place| tokio::spawn(Arc::clone(&gateway.turns).take(Arc::clone(&place.standing), pending::<()>()));
        let tasks: Vec<_> = (0..50).map(|_| waiting(&idle)).collect();
        // Each is ended at another point of its way: before it asks for a turn, while it waits, when it has one.
        for (steps, task) in tasks.iter().enumerate() {
            if steps.is_multiple_of(7) {
                yield_now().await;
            }
            task.abort();
        }
        let (_place, last) = gateway.busy("last", 2, 3).await;
        last.await.expect("no panic");
        assert_eq!(gateway.steps(), ["last"; 3]);
        let queue = gateway.turns.queue();
        assert_eq!((queue.free, queue.waiting.len(), queue.networks.len()), (1, 0, 0));
    }

    #[tokio::test]
    async fn a_panic_ends_the_turn() {
        let gateway = Gateway::new();
        let place = gateway.connect(1).await;
        let panics = async { panic!("of the test") };
        let ended = tokio::spawn(Arc::clone(&gateway.turns).take(Arc::clone(&place.standing), panics)).await;
        assert!(ended.is_err());
        let (_place, next) = gateway.busy("next", 2, 1).await;
        next.await.expect("no panic");
    }

    #[tokio::test]
    async fn who_is_proven_while_waiting_gives_the_turn_to_the_next() {
        let gateway = Gateway::new();
        let (place, proven) = gateway.busy("proven", 1, 2).await;
        let (_next, next) = gateway.busy("next", 1, 2).await;
        yield_now().await;
        place.standing.prove();
        proven.await.expect("no panic");
        next.await.expect("no panic");
        assert_eq!(gateway.turns.queue().free, 1);
    }
}
