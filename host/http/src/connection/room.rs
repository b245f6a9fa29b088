//! The places for open connections.
//!
//! A newcomer finds one as long as any other can do without its own: first the connections over which nobody was proven
//! yet, of the network that has most of them the one that has been silent longest; then, where all were proven, those
//! that carry no request at the moment. So silence, however many clients keep it, locks nobody out.
//!
//! Over HTTP/2 one connection carries many requests, and a client that takes no answers makes each of them stay. Those of
//! connections over which nobody was proven are bounded together: beyond it the network that has most loses the connections
//! that carry most.

use std::collections::{BinaryHeap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout};

use super::Network;

/// How many connections are ended at once, as a part of all: to choose one costs a look at all of them.
const ENDED_AT_ONCE: usize = 64;
/// How often it is looked whether a proven connection has become idle.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How many requests connections may carry over which nobody was proven: so many for each place, in the mean. The first
/// request that is answered proves who sent it, so such a connection seldom carries a second one.
const UNPROVEN_REQUESTS_PER_PLACE: usize = 1;
/// Connections are never ended for fewer such requests than this, however few places there are, because one busy client
/// begins with so many.
const UNPROVEN_REQUESTS_ALWAYS_FORGIVEN: usize = 1024;
/// How often connections are ended for that: it costs a look at all of them.
const RELIEVED_EVERY: Duration = Duration::from_millis(1);

/// The places of one listener.
#[derive(Debug)]
pub(super) struct Room {
    places: usize,
    opened: Instant,
    taken: Mutex<Taken>,
    left: Notify,
    /// Requests in flight that began while nobody was proven over their connections.
    unproven_requests: AtomicUsize,
    /// When connections were last ended because there were too many.
    relieved: Mutex<Option<Instant>>,
}

#[derive(Debug, Default)]
struct Taken {
    next: u64,
    places: HashMap<u64, Entry>,
}

#[derive(Debug)]
struct Entry {
    standing: Arc<Standing>,
    /// What ends it; none while it is being opened.
    task: Option<AbortHandle>,
}

/// What a connection has shown of itself.
#[derive(Debug)]
pub(super) struct Standing {
    network: Network,
    room: Weak<Room>,
    opened: Instant,
    proven: AtomicBool,
    in_flight: AtomicU32,
    /// When a request last began or ended, in milliseconds since the listener was opened.
    moved_ms: AtomicU64,
}

impl Standing {
    fn new(room: &Arc<Room>, network: Network) -> Self {
        let standing = Standing {
            network,
            room: Arc::downgrade(room),
            opened: room.opened,
            proven: AtomicBool::new(false),
            in_flight: AtomicU32::new(0),
            moved_ms: AtomicU64::new(0),
        };
        standing.moves();
        standing
    }

    /// Somebody was proven over it.
    pub(super) fn prove(&self) {
        // Read first: most requests come over a connection that is proven, and a write would be seen by all threads.
        if !self.is_proven() {
            self.proven.store(true, Relaxed);
        }
    }

    /// A request has begun. It ends when the guard is dropped.
    pub(super) fn request_began(self: &Arc<Self>) -> Carrying {
        self.in_flight.fetch_add(1, Relaxed);
        self.moves();
        let unproven_in = if self.is_proven() { None } else { self.room.upgrade() };
        if let Some(room) = &unproven_in {
            room.unproven_requests.fetch_add(1, Relaxed);
            room.relieve();
        }
        Carrying { standing: Arc::clone(self), unproven_in }
    }

    pub(super) fn network(&self) -> Network {
        self.network
    }

    pub(super) fn is_proven(&self) -> bool {
        self.proven.load(Relaxed)
    }

    fn moves(&self) {
        let moved = u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.moved_ms.store(moved, Relaxed);
    }

    fn is_idle(&self) -> bool {
        self.in_flight.load(Relaxed) == 0
    }
}

/// A request that a connection carries.
#[derive(Debug)]
pub(super) struct Carrying {
    standing: Arc<Standing>,
    /// The room that counts it among those of nobody proven.
    unproven_in: Option<Arc<Room>>,
}

impl Drop for Carrying {
    fn drop(&mut self) {
        self.standing.in_flight.fetch_sub(1, Relaxed);
        self.standing.moves();
        if let Some(room) = &self.unproven_in {
            room.unproven_requests.fetch_sub(1, Relaxed);
        }
    }
}

/// A connection's place, given back when it is dropped.
pub(super) struct Place {
    room: Arc<Room>,
    id: u64,
    pub(super) standing: Arc<Standing>,
}

impl Room {
    pub(super) fn new(places: usize) -> Arc<Room> {
        Arc::new(Room {
            places: places.max(1),
            opened: Instant::now(),
            taken: Mutex::default(),
            left: Notify::new(),
            unproven_requests: AtomicUsize::new(0),
            relieved: Mutex::default(),
        })
    }

    /// A place for a client of this network, and how many connections had to end for it. Waits only where every place is
    /// at work for somebody who was proven.
    pub(super) async fn place(self: &Arc<Self>, network: Network) -> (Place, usize) {
        loop {
            if let Some(found) = self.find(network) {
                return found;
            }
            // Nothing reports that a connection has become idle, so this looks for one.
            let _ = timeout(LOOK_EVERY, self.left.notified()).await;
        }
    }

    fn find(self: &Arc<Self>, network: Network) -> Option<(Place, usize)> {
        let mut taken = self.taken();
        let mut ended = 0;
        if taken.places.len() >= self.places {
            ended = taken.make_room((self.places / ENDED_AT_ONCE).max(1), Some(network));
            if ended == 0 {
                return None;
            }
        }
        let id = taken.next;
        taken.next += 1;
        let standing = Arc::new(Standing::new(self, network));
        taken.places.insert(id, Entry { standing: Arc::clone(&standing), task: None });
        Some((Place { room: Arc::clone(self), id, standing }, ended))
    }

    /// Ends a connection although there are places, because the system has no more to give. Says how many it ended.
    pub(super) fn make_room(&self) -> usize {
        self.taken().make_room(1, None)
    }

    /// Ends connections where those over which nobody was proven carry too many requests.
    fn relieve(&self) {
        let most = self.places.saturating_mul(UNPROVEN_REQUESTS_PER_PLACE).max(UNPROVEN_REQUESTS_ALWAYS_FORGIVEN);
        if self.unproven_requests.load(Relaxed) <= most {
            return;
        }
        // While one thread ends connections, the others do not.
        let Ok(mut relieved) = self.relieved.try_lock() else { return };
        if relieved.is_none_or(|relieved| relieved.elapsed() >= RELIEVED_EVERY) {
            *relieved = Some(Instant::now());
            self.taken().end_busiest(most);
        }
    }

    /// From now on this is what ends the connection of that place, should others need it.
    pub(super) fn ends_by(&self, id: u64, task: AbortHandle) {
        if let Some(entry) = self.taken().places.get_mut(&id) {
            entry.task = Some(task);
        }
    }

    /// Nothing here can leave the table half written, so a panic elsewhere does not make it wrong.
    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    /// Ends connections over which nobody was proven until the others carry no more requests than this: of the network
    /// that carries most those that carry most. Those that were ended before are not counted, though it may take a while
    /// until their requests are gone.
    fn end_busiest(&mut self, requests_max: usize) {
        let mut networks: HashMap<Network, (usize, Vec<(usize, u64)>)> = HashMap::new();
        let mut carried = 0;
        for (id, entry) in self.places.iter().filter(|(_, entry)| entry.task.is_some() && !entry.standing.is_proven()) {
            let requests = entry.standing.in_flight.load(Relaxed) as usize;
            let (all, connections) = networks.entry(entry.standing.network).or_default();
            *all += requests;
            carried += requests;
            connections.push((requests, *id));
        }
        networks.values_mut().for_each(|(_, connections)| connections.sort_unstable());
        let mut by_count: BinaryHeap<(usize, Network)> =
            networks.iter().map(|(network, (all, _))| (*all, *network)).collect();
        while carried > requests_max {
            let Some((all, network)) = by_count.pop() else { return };
            let busiest = networks.get_mut(&network).and_then(|(_, connections)| connections.pop());
            let Some((requests, id)) = busiest else { continue };
            if let Some(task) = self.places.remove(&id).and_then(|entry| entry.task) {
                task.abort();
            }
            carried -= requests;
            by_count.push((all - requests, network));
        }
    }

    /// Ends up to `wanted` connections over which nobody was proven, or else one that is idle.
    fn make_room(&mut self, wanted: usize, newcomer: Option<Network>) -> usize {
        let unproven = self.end(wanted, newcomer, |standing| !standing.is_proven());
        if unproven > 0 { unproven } else { self.end(1, newcomer, Standing::is_idle) }
    }

    /// Each time the network with most of those that can end gives up the one that moved least lately. The newcomer
    /// counts as one of its network.
    fn end(&mut self, wanted: usize, newcomer: Option<Network>, can_end: impl Fn(&Standing) -> bool) -> usize {
        let mut networks: HashMap<Network, Vec<(u64, u64)>> = HashMap::new();
        for (id, entry) in self.places.iter().filter(|(_, entry)| entry.task.is_some() && can_end(&entry.standing)) {
            networks.entry(entry.standing.network).or_default().push((entry.standing.moved_ms.load(Relaxed), *id));
        }
        for connections in networks.values_mut() {
            connections.sort_unstable_by(|one, other| other.cmp(one));
        }
        let counts = networks.iter().map(|(network, connections)| {
            let own = usize::from(Some(*network) == newcomer);
            (connections.len() + own, *network)
        });
        let mut by_count: BinaryHeap<(usize, Network)> = counts.collect();
        let mut ended = 0;
        while let Some((most, network)) = by_count.pop().filter(|_| ended < wanted) {
            let Some((_, id)) = networks.get_mut(&network).and_then(Vec::pop) else { continue };
            if let Some(task) = self.places.remove(&id).and_then(|entry| entry.task) {
                task.abort();
                ended += 1;
            }
            by_count.push((most - 1, network));
        }
        ended
    }
}

impl Place {
    pub(super) fn id(&self) -> u64 {
        self.id
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // A connection that was told to end is no candidate any more.
        if self.room.taken().places.remove(&self.id).is_some() {
            self.room.left.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::task::JoinHandle;
    use tokio::time::advance;

    use super::*;

    fn network(last: u8) -> Network {
        Network::of([192, 0, 2, last].into())
    }

    /// A connection that goes on until it is ended.
    struct Connection {
        place: Place,
        task: JoinHandle<()>,
    }

    async fn connect(room: &Arc<Room>, from: u8) -> Connection {
        let (place, _) = timeout(Duration::from_secs(60), room.place(network(from))).await.expect("a place");
        let task = tokio::spawn(std::future::pending());
        room.ends_by(place.id(), task.abort_handle());
        // No two of them have moved at the same time.
        advance(Duration::from_millis(2)).await;
        Connection { place, task }
    }

    async fn ended(connections: &[Connection]) -> Vec<usize> {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        let ended = connections.iter().enumerate().filter(|(_, connection)| connection.task.is_finished());
        ended.map(|(index, _)| index).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn the_network_with_most_gives_up_the_one_that_was_silent_longest() {
        let room = Room::new(4);
        let mut connections = Vec::new();
        for from in [1, 1, 2, 1] {
            connections.push(connect(&room, from).await);
        }
        drop(connections[0].place.standing.request_began());
        advance(Duration::from_millis(2)).await;
        connections.push(connect(&room, 3).await);
        assert_eq!(ended(&connections).await, [1], "the first one has moved since");
        connections.push(connect(&room, 4).await);
        assert_eq!(ended(&connections).await, [1, 3]);
        assert_eq!(room.taken().places.len(), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn a_newcomer_counts_for_its_own_network() {
        let room = Room::new(2);
        let mut connections = vec![connect(&room, 1).await, connect(&room, 2).await];
        connections.push(connect(&room, 2).await);
        assert_eq!(ended(&connections).await, [1]);
    }

    #[tokio::test(start_paused = true)]
    async fn over_whom_somebody_was_proven_stays_while_others_can_go_and_while_it_is_at_work() {
        let room = Room::new(2);
        let mut connections = vec![connect(&room, 1).await, connect(&room, 2).await];
        connections[0].place.standing.prove();
        let at_work = connections[0].place.standing.request_began();
        connections.push(connect(&room, 3).await);
        assert_eq!(ended(&connections).await, [1]);
        connections[2].place.standing.prove();
        connections.push(connect(&room, 4).await);
        assert_eq!(ended(&connections).await, [1, 2], "proven, but idle");
        connections[3].place.standing.prove();
        let _also_at_work = connections[3].place.standing.request_began();
        assert!(timeout(Duration::from_secs(5), room.place(network(5))).await.is_err(), "both are at work");
        drop(at_work);
        connections.push(connect(&room, 5).await);
        assert_eq!(ended(&connections).await, [0, 1, 2]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_place_that_is_left_is_free() {
        let room = Room::new(1);
        let first = connect(&room, 1).await;
        first.place.standing.prove();
        let _at_work = first.place.standing.request_began();
        let waiting = tokio::spawn({
            let room = Arc::clone(&room);
            async move { room.place(network(2)).await.1 }
        });
        advance(Duration::from_millis(1)).await;
        drop(first.place);
        assert_eq!(waiting.await.expect("no panic"), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn requests_of_nobody_proven_are_bounded_over_all_connections() {
        let room = Room::new(8);
        let mut connections = Vec::new();
        for from in [1, 1, 1, 2] {
            connections.push(connect(&room, from).await);
        }
        let requests = |connection: &Connection, count: usize| -> Vec<Carrying> {
            (0..count).map(|_| connection.place.standing.request_began()).collect()
        };
        let _carried = [(0, 300), (1, 500), (2, 224)].map(|(index, count)| requests(&connections[index], count));
        assert!(ended(&connections).await.is_empty());
        connections[3].place.standing.prove();
        let _proven = requests(&connections[3], 5_000);
        assert!(ended(&connections).await.is_empty(), "what a partner sends does not count");
        let _one_more = requests(&connections[2], 1);
        assert_eq!(ended(&connections).await, [1], "the network that carries most loses what carries most");
        // Its requests are still here, and yet nobody else has to go for them.
        advance(RELIEVED_EVERY).await;
        let _another = requests(&connections[0], 1);
        assert_eq!(ended(&connections).await, [1]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_large_room_is_looked_through_once_for_many_newcomers() {
        let room = Room::new(640);
        let mut connections = Vec::new();
        for _ in 0..640 {
            connections.push(connect(&room, 1).await);
        }
        let (_place, ended) = room.place(network(2)).await;
        assert_eq!((ended, room.taken().places.len()), (10, 631));
    }
}
