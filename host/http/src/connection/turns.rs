//! Whose turn it is to be worked for, among those over whose connections nobody was proven.
//!
//! The runtime takes tasks as they come. A thousand strangers who all have something to say would stand before each step
//! of a partner's call, of which there are several. So their tasks wait here. As many of them as there are workers are let
//! out at a time, each for one step, and that only when the worker has done what else there was to do and looked at its
//! sockets, or has done as much in between as the runtime lets it do at a time. So a partner's step waits for one of theirs,
//! however many they are, and partners at work without a pause do not lock them out. The networks take turns too, so that
//! a newcomer waits for networks and not for connections.

use std::collections::{HashMap, VecDeque};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Poll, Waker};

use tokio::runtime::Handle;
use tokio::task::yield_now;

use super::Network;
use super::room::Standing;

/// The turns of one listener's strangers.
#[derive(Debug)]
pub(super) struct Turns {
    queue: Mutex<Queue>,
}

#[derive(Debug)]
struct Queue {
    /// Turns that nobody has.
    free: usize,
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
        Arc::new(Turns {
            queue: Mutex::new(Queue { free: turns.max(1), waiting: HashMap::new(), networks: VecDeque::new() }),
        })
    }

    /// Runs `task`: in turns until somebody is proven over the connection that it belongs to, and then as it comes.
    pub(super) async fn take<F: Future>(self: Arc<Self>, standing: Arc<Standing>, task: F) -> F::Output {
        let mut task = pin!(task);
        let mut place = Queued { turns: self, wish: None };
        poll_fn(|context| {
            if standing.is_proven() {
                place.leave();
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
            let _turn = Turn(&place.turns);
            task.as_mut().poll(context)
        })
        .await
    }

    /// Gives a turn to the next who waits, if somebody does.
    fn pass_on(&self) {
        let next = self.queue().pass_on();
        if let Some(next) = next {
            next.wake();
        }
    }

    /// Nothing here can leave the queue half written, so a panic elsewhere does not make it wrong.
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn enter(&mut self, network: Network, waker: &Waker) -> Arc<Wish> {
        if self.free > 0 {
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
        while let Some(network) = self.networks.pop_front() {
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

/// A turn that is taken. It ends when this is dropped.
struct Turn<'a>(&'a Turns);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.pass_on();
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
