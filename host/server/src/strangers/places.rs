//! The places of requests that are waited for, and the bytes that they hold.
//!
//! A table of the networks that have a place at the moment, so it is bounded by the number of places. What is needed is
//! taken from the network that has most of it, from its oldest request: whoever is slow gives way to whoever comes.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use portgate_http::connection::Network;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::Shed;

/// How long a request may keep its place from one of a network that has no fewer.
const PATIENCE: Duration = Duration::from_secs(1);

/// All places.
pub(super) struct Places {
    requests_max: usize,
    bytes_max: u64,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    next: u64,
    requests: usize,
    bytes: u64,
    networks: HashMap<Network, Share>,
}

/// What one network has; it has at least one request.
#[derive(Default)]
struct Share {
    bytes: u64,
    /// In the order in which they came.
    requests: BTreeMap<u64, Request>,
}

struct Request {
    since: Instant,
    bytes: u64,
    needed: Arc<Needed>,
}

/// Tells a request that its place is needed.
#[derive(Default)]
struct Needed {
    by: Mutex<Option<Shed>>,
    told: Notify,
}

/// One place, given back when it is dropped.
pub(super) struct Place<'p> {
    places: &'p Places,
    network: Network,
    id: u64,
    needed: Arc<Needed>,
}

impl Places {
    pub(super) fn new(requests_max: usize, bytes_max: u64) -> Self {
        Places { requests_max, bytes_max, taken: Mutex::default() }
    }

    /// A place for a request of this network; none where every other has as good a right to its own.
    pub(super) fn enter(&self, network: Network) -> Option<Place<'_>> {
        let mut taken = self.taken();
        if taken.requests >= self.requests_max {
            let (from, id) = taken.gives_way(network)?;
            taken.end(from, id, Shed::Request);
        }
        let id = taken.next;
        taken.next += 1;
        taken.requests += 1;
        let needed = Arc::<Needed>::default();
        let request = Request { since: Instant::now(), bytes: 0, needed: Arc::clone(&needed) };
        taken.networks.entry(network).or_default().requests.insert(id, request);
        Some(Place { places: self, network, id, needed })
    }

    /// Nothing here can leave the table half written, so a panic elsewhere does not make it wrong.
    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    /// Which request gives its place to one of this network.
    fn gives_way(&self, newcomer: Network) -> Option<(Network, u64)> {
        let own = self.networks.get(&newcomer).map_or(0, |share| share.requests.len());
        let first = |share: &Share| share.requests.first_key_value().map(|(id, _)| *id);
        let (network, share) =
            self.networks.iter().max_by_key(|(_, share)| (share.requests.len(), Reverse(first(share))))?;
        let (network, share) = match share.requests.len() > own {
            true => (network, share),
            false => self.networks.get_key_value(&newcomer)?,
        };
        let (id, oldest) = share.requests.first_key_value()?;
        let has_more = *network != newcomer && share.requests.len() > own + 1;
        (has_more || oldest.since.elapsed() >= PATIENCE).then_some((*network, *id))
    }

    /// The request that gives up its bytes: the oldest with any, of the network that has most.
    fn gives_up_bytes(&self) -> Option<(Network, u64)> {
        let (network, share) = self.networks.iter().max_by_key(|(_, share)| share.bytes)?;
        let (id, _) = share.requests.iter().find(|(_, request)| request.bytes > 0)?;
        Some((*network, *id))
    }

    fn end(&mut self, network: Network, id: u64, what: Shed) {
        if let Some(request) = self.remove(network, id) {
            *request.needed.by.lock().unwrap_or_else(PoisonError::into_inner) = Some(what);
            request.needed.told.notify_one();
        }
    }

    fn remove(&mut self, network: Network, id: u64) -> Option<Request> {
        let share = self.networks.get_mut(&network)?;
        let request = share.requests.remove(&id)?;
        share.bytes -= request.bytes;
        self.bytes -= request.bytes;
        self.requests -= 1;
        if share.requests.is_empty() {
            self.networks.remove(&network);
        }
        Some(request)
    }
}

impl Place<'_> {
    /// Counts further bytes. Where that makes too many, a request has to end for them, be it this one.
    pub(super) fn holds(&self, bytes: u64) {
        let mut taken = self.places.taken();
        let Taken { bytes: all, networks, .. } = &mut *taken;
        // One that has to end holds nothing any more.
        let Some(share) = networks.get_mut(&self.network) else { return };
        let Some(request) = share.requests.get_mut(&self.id) else { return };
        request.bytes += bytes;
        share.bytes += bytes;
        *all += bytes;
        while taken.bytes > self.places.bytes_max {
            let Some((network, id)) = taken.gives_up_bytes() else { return };
            taken.end(network, id, Shed::Bytes);
        }
    }

    /// Completes when somebody else needs the place, and says what of it.
    pub(super) async fn is_needed(&self) -> Shed {
        loop {
            self.needed.told.notified().await;
            if let Some(what) = *self.needed.by.lock().unwrap_or_else(PoisonError::into_inner) {
                return what;
            }
        }
    }

    pub(super) fn network(&self) -> Network {
        self.network
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.places.taken().remove(self.network, self.id);
    }
}

#[cfg(test)]
mod tests {
    use std::future::{Future, poll_fn};
    use std::pin::pin;
    use std::task::Poll;

    use tokio::time::advance;

    use super::*;

    fn network(last: u8) -> Network {
        Network::of([192, 0, 2, last].into())
    }

    async fn needed(place: &Place<'_>) -> Option<Shed> {
        let mut needed = pin!(place.is_needed());
        poll_fn(|context| {
            Poll::Ready(match needed.as_mut().poll(context) {
                Poll::Ready(what) => Some(what),
                Poll::Pending => None,
            })
        })
        .await
    }

    fn fill<'p>(places: &'p Places, from: &[u8]) -> Vec<Place<'p>> {
        from.iter().map(|from| places.enter(network(*from)).expect("a place")).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_most_gives_its_oldest_place_to_who_has_less() {
        let places = Places::new(4, 100);
        let held = fill(&places, &[1, 1, 1, 2]);
        let newcomer = places.enter(network(3)).expect("a place");
        assert_eq!(needed(&held[0]).await, Some(Shed::Request));
        for place in held.iter().skip(1).chain([&newcomer]) {
            assert_eq!(needed(place).await, None);
        }
        // Network 1 has two by now: as many as 3 would have.
        assert!(places.enter(network(3)).is_none());
        advance(PATIENCE).await;
        assert!(places.enter(network(3)).is_some(), "an old one gives way to an equal");
        assert_eq!(needed(&held[1]).await, Some(Shed::Request));
    }

    #[tokio::test(start_paused = true)]
    async fn a_network_that_has_most_makes_room_for_itself_with_what_is_old() {
        let places = Places::new(2, 100);
        let held = fill(&places, &[1, 1]);
        assert!(places.enter(network(1)).is_none(), "neither is old");
        advance(PATIENCE).await;
        assert!(places.enter(network(1)).is_some());
        assert_eq!(needed(&held[0]).await, Some(Shed::Request));
        assert_eq!(needed(&held[1]).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn fifty_networks_that_share_all_places_make_room_for_another() {
        let places = Places::new(100, 100);
        let held = fill(&places, &(0..100).map(|number| number % 50).collect::<Vec<_>>());
        for _ in 0..1000 {
            drop(places.enter(network(200)).expect("a place"));
        }
        assert!(
            held.len() == 100 && places.taken().requests == 99,
            "one place was enough for all that came one by one"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn bytes_are_given_up_by_who_holds_most() {
        let places = Places::new(10, 100);
        let held = fill(&places, &[1, 1, 1, 2]);
        held[1].holds(50);
        held[2].holds(20);
        held[3].holds(30);
        assert_eq!(needed(&held[1]).await, None);
        held[3].holds(1);
        assert_eq!(needed(&held[1]).await, Some(Shed::Bytes), "the oldest with any, of the network with most");
        assert_eq!(needed(&held[0]).await, None);
        assert_eq!(places.taken().bytes, 51);
        held[1].holds(1000);
        assert_eq!(places.taken().bytes, 51, "one that has to end counts no more");
        held[3].holds(60);
        assert_eq!(needed(&held[3]).await, Some(Shed::Bytes), "it holds most itself");
    }

    #[tokio::test]
    async fn everything_is_given_back() {
        let places = Places::new(10, 100);
        let held = fill(&places, &[1, 2, 2]);
        held.iter().for_each(|place| place.holds(10));
        drop(held);
        let taken = places.taken();
        assert!(taken.networks.is_empty() && taken.requests == 0 && taken.bytes == 0);
    }
}
