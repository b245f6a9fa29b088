//! The books: what was sent under which key, what was acknowledged, and what must be true in the end.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, StatusCode};
use portgate_tests::{Answer, Client, Portal, Workshop};

const EVENTS: &str = "/v1/messages/dcsa-track-trace/2.2";

/// How long deliveries may take once everything is well.
const PATIENCE: Duration = Duration::from_secs(120);

/// How long to wait for further messages to be acknowledged.
const GROWTH: Duration = Duration::from_secs(10);

/// What was sent, by number; each has a key of its own.
#[derive(Default)]
pub(crate) struct Ledger {
    entries: Mutex<BTreeMap<usize, Option<Acknowledged>>>,
    lost: AtomicUsize,
}

/// The acknowledgement of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Acknowledged {
    place: String,
    body: Bytes,
}

impl Ledger {
    /// The number of a message that was never sent.
    pub(crate) fn open(&self) -> usize {
        let mut entries = self.lock();
        let number = entries.len();
        entries.insert(number, None);
        number
    }

    /// Messages whose acknowledgement never came.
    pub(crate) fn unanswered(&self) -> Vec<usize> {
        self.lock().iter().filter(|(_, answer)| answer.is_none()).map(|(number, _)| *number).collect()
    }

    /// How many were acknowledged.
    pub(crate) fn acknowledged(&self) -> usize {
        self.lock().values().flatten().count()
    }

    /// Waits until so many more are acknowledged; not for long, because a gateway may have nothing to take.
    pub(crate) async fn grown(&self, by: usize) {
        let (wanted, until) = (self.acknowledged() + by, Instant::now() + GROWTH);
        while self.acknowledged() < wanted && Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// The ids of the exchanges that were acknowledged.
    pub(crate) fn exchanges(&self) -> BTreeSet<String> {
        let id = |place: &str| place.trim_start_matches("/v1/exchanges/").to_owned();
        self.lock().values().flatten().map(|entry| id(&entry.place)).collect()
    }

    /// How many requests got no answer, because the gateway was gone.
    pub(crate) fn lost(&self) -> usize {
        self.lost.load(Ordering::Relaxed)
    }

    /// Sends a message under its key; true if it was acknowledged. A second acknowledgement must be the first one again.
    pub(crate) async fn send(&self, client: &Client, workshop: &Workshop, number: usize) -> bool {
        let key = format!("message-{number}");
        let Some(answer) = Self::post(client, workshop, &key, event(number)).await else {
            self.lost.fetch_add(1, Ordering::Relaxed);
            return false;
        };
        match answer.status {
            StatusCode::ACCEPTED => self.acknowledge(number, &answer),
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::CONFLICT => return false,
            // While its database fails, a gateway counts its share of a rate, and nothing of that is saved up.
            StatusCode::TOO_MANY_REQUESTS => return false,
            // A failpoint is an error that the gateway does not know.
            StatusCode::INTERNAL_SERVER_ERROR => return false,
            other => panic!("message {number} was answered {other}: {:?}", answer.json()),
        }
        true
    }

    /// Sends a message under a key; nothing where no answer came.
    pub(crate) async fn post(client: &Client, workshop: &Workshop, key: &str, message: Bytes) -> Option<Answer> {
        let headers = [carrier(workshop), json(), ("idempotency-key", format!("\"{key}\""))];
        client.try_send(Method::POST, EVENTS, &headers, message).await
    }

    fn acknowledge(&self, number: usize, answer: &Answer) {
        let now = Acknowledged { place: answer.header("location").to_owned(), body: answer.body.clone() };
        assert!(now.place.starts_with("/v1/exchanges/"), "{now:?}");
        let mut entries = self.lock();
        let entry = entries.get_mut(&number).expect("it was opened");
        match entry {
            Some(before) => assert_eq!(*before, now, "message {number} was acknowledged twice, and differently"),
            None => *entry = Some(now),
        }
    }

    /// Balances the books: every acknowledged message is an exchange, its delivery is in exactly one state, which in the
    /// end is delivered, and the portal saw one effect for each and nothing else.
    pub(crate) async fn balance(&self, client: &Client, workshop: &Workshop, portal: &Portal) {
        portal.answer(200);
        for number in self.unanswered() {
            assert!(self.send(client, workshop, number).await, "message {number} is not taken though all is well");
        }
        let all = self.lock().len();
        for number in (0..all).step_by(17) {
            assert!(self.send(client, workshop, number).await, "message {number} is not answered again");
        }
        let entries = self.lock().clone();
        let places: BTreeSet<&String> = entries.values().flatten().map(|entry| &entry.place).collect();
        assert_eq!(places.len(), entries.len(), "each message is an exchange of its own");
        let mut delivered = BTreeSet::new();
        let deadline = Instant::now() + PATIENCE;
        for place in places {
            delivered.insert(delivery(client, workshop, place, deadline).await);
        }
        assert_eq!(delivered.len(), entries.len(), "each exchange has a delivery of its own");
        let taken = portal.taken();
        assert_eq!(taken.keys().cloned().collect::<BTreeSet<_>>(), delivered, "the portal's effects");
        for (id, bodies) in &taken {
            assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "delivery {id} was not always the same bytes");
        }
        let again = taken.values().filter(|bodies| bodies.len() > 1).count();
        println!("{} messages acknowledged, {} effects, {again} sent more than once", entries.len(), taken.len());
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<usize, Option<Acknowledged>>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits until the one delivery of an exchange is delivered; its id.
async fn delivery(client: &Client, workshop: &Workshop, place: &str, deadline: Instant) -> String {
    loop {
        let answer = client.try_send(Method::GET, place, &[carrier(workshop)], Bytes::new()).await;
        let answer = answer.expect("an answer");
        assert_eq!(answer.status, StatusCode::OK, "{place} was acknowledged and is not there");
        let json = answer.json();
        let deliveries = json["deliveries"].as_array().map(Vec::as_slice).unwrap_or_default();
        let [delivery] = deliveries else { panic!("{place} has {} deliveries", deliveries.len()) };
        match delivery["state"].as_str() {
            Some("delivered") => return delivery["id"].as_str().expect("an id").to_owned(),
            Some("dead" | "discarded") => panic!("{place}: {delivery}"),
            _ if Instant::now() > deadline => panic!("{place} is still not delivered: {delivery}"),
            _ => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

fn carrier(workshop: &Workshop) -> (&'static str, String) {
    ("authorization", format!("Bearer {}", workshop.credentials.token()))
}

fn json() -> (&'static str, String) {
    ("content-type", "application/json".to_owned())
}

/// An event that no other message has. Many containers, since after a death the lanes in which something was on its way
/// wait until its lease has run out.
pub(crate) fn event(number: usize) -> Bytes {
    let event = serde_json::json!([{
        "eventID": format!("event-{number}"),
        "eventType": "EQUIPMENT",
        "eventClassifierCode": "ACT",
        "eventDateTime": "2026-03-01T08:00:00Z",
        "eventCreatedDateTime": "2026-03-02T00:00:00Z",
        "equipmentEventTypeCode": "GTOT",
        // Without a check digit, which is allowed.
        "equipmentReference": format!("LDGU{:06}", number % 1_000),
    }]);
    Bytes::from(event.to_string())
}
