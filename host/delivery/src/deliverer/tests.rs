use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::{Request, Response};
use portgate_core::agreement::LastNumbers;
use portgate_core::finding::Finding;
use portgate_core::policy::{Breaker, DeliveryLimits, DeliveryPolicy, Retry};
use portgate_store::{DeadClass, Deliveries, Settled};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::*;
use crate::breaker::SendLimit;
use crate::clock::SystemClock;
use crate::connectors::Connectors;

use crate::resolve::SystemResolver;
use crate::schedule::Random;
use crate::testing::gateway::Gateway;
use crate::testing::memory::{MemoryQueue, queue, until};
use crate::testing::{Peer, Vault, answer, policy};

/// Tries again at once.
struct AtOnce;

impl Random for AtOnce {
    fn up_to(&self, _: u64) -> u64 {
        0
    }
}

struct Worker {
    queue: Arc<MemoryQueue>,
    gateway: Arc<Gateway>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Worker {
    fn start(partners: &[(&str, DeliveryPolicy)]) -> Worker {
        Worker::start_with(queue(), partners)
    }

    fn start_with(queue: Arc<MemoryQueue>, partners: &[(&str, DeliveryPolicy)]) -> Worker {
        let gateway = Gateway::with(partners);
        let settings = Settings {
            queue: Arc::clone(&queue) as Arc<dyn Deliveries>,
            worker: "worker".to_owned(),
            connectors: Arc::clone(&gateway) as Arc<dyn Connectors>,
            secrets: Vault::with(&[("file:s", b"hunter2")]),
            resolver: Arc::new(SystemResolver),
            clock: Arc::new(SystemClock),
            random: Arc::new(AtOnce),
        };
        let (stop, stopped) = oneshot::channel();
        let mut deliverer = Deliverer::new(settings);
        let told = async {
            let _ = stopped.await;
        };
        let task = tokio::spawn(async move { deliverer.run(told).await });
        Worker { queue, gateway, stop: Some(stop), task }
    }

    /// Adds a delivery and waits for its end.
    async fn deliver(&self, destination: &str, kind: &str) -> (usize, Settled) {
        let number = self.queue.add(destination, kind, None);
        until("an end", || self.queue.rows()[number].end().is_some()).await;
        let end = self.queue.rows()[number].end().cloned().expect("an end");
        (number, end)
    }

    fn ended(&self) -> usize {
        self.queue.rows().iter().filter(|row| row.end().is_some()).count()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn dead(end: Settled) -> (DeadClass, Vec<String>) {
    let Settled::Dead { class, findings } = end else { panic!("not dead: {end:?}") };
    (class, findings.into_iter().map(|finding| finding.code).collect())
}

/// Answers each request with the next of these statuses, the last one ever after; notes id and body of each.
async fn peer(answers: &'static [(u16, &'static str)]) -> (Peer, Arc<Mutex<Vec<(String, String)>>>) {
    let (count, seen) = (AtomicUsize::new(0), Arc::new(Mutex::new(Vec::new())));
    let noted = Arc::clone(&seen);
    let peer = Peer::http(move |request: Request<Bytes>| {
        let id = request.headers().get("webhook-id").map(|id| id.to_str().expect("ASCII").to_owned());
        let body = String::from_utf8(request.body().to_vec()).expect("text");
        noted.lock().expect("no panic").push((id.unwrap_or_default(), body));
        let index = count.fetch_add(1, Ordering::SeqCst).min(answers.len() - 1);
        answer(answers[index].0, answers[index].1)
    })
    .await;
    (peer, seen)
}

#[tokio::test]
async fn every_attempt_sends_the_same_bytes_under_the_same_id() {
    let (peer, seen) = peer(&[(503, ""), (500, ""), (429, ""), (200, "")]).await;
    let worker = Worker::start(&[("shop", policy(&peer.url()))]);
    let (number, end) = worker.deliver("shop", "order").await;
    assert!(matches!(end, Settled::Delivered { .. }), "{end:?}");
    let seen = seen.lock().expect("no panic").clone();
    assert_eq!(seen.len(), 4);
    assert!(seen.iter().all(|attempt| *attempt == seen[0] && attempt.0 == worker.queue.id(number)), "{seen:?}");
    let rows = worker.queue.rows();
    let settlements = &rows[number].settlements;
    assert!(settlements.iter().all(|settlement| settlement.events.len() == 1), "each end is told");
    let statuses: Vec<_> = settlements.iter().map(|settlement| settlement.status).collect();
    assert_eq!(statuses, [Some(503), Some(500), Some(429), Some(200)]);
}

#[tokio::test]
async fn a_webhook_is_told_without_a_plugin_until_it_has_taken_the_event() {
    let (peer, seen) = peer(&[(500, ""), (302, ""), (404, ""), (429, ""), (204, "")]).await;
    let worker = Worker::start(&[]);
    worker.gateway.webhook("shop/webhook", policy(&format!("{}/hooks/portgate", peer.url())));
    let number = worker.queue.add_request("shop/webhook", crate::webhook::request("{\"id\":\"1\"}".to_owned()));
    until("an end", || worker.queue.rows()[number].end().is_some()).await;
    assert!(matches!(worker.queue.rows()[number].end(), Some(Settled::Delivered { .. })));
    let seen = seen.lock().expect("no panic").clone();
    assert_eq!(seen.len(), 5);
    assert!(seen.iter().all(|attempt| *attempt == (worker.queue.id(number), "{\"id\":\"1\"}".to_owned())), "{seen:?}");
}

#[tokio::test]
async fn a_webhook_that_is_gone_is_not_asked_again() {
    let (peer, seen) = peer(&[(410, "")]).await;
    let worker = Worker::start(&[]);
    worker.gateway.webhook("shop/webhook", policy(&peer.url()));
    let number = worker.queue.add_request("shop/webhook", crate::webhook::request("{}".to_owned()));
    until("an end", || worker.queue.rows()[number].end().is_some()).await;
    let end = worker.queue.rows()[number].end().cloned().expect("an end");
    assert_eq!(dead(end), (DeadClass::Theirs, vec!["webhook-gone".to_owned()]));
    assert_eq!(seen.lock().expect("no panic").len(), 1);
}

#[tokio::test]
async fn what_the_partner_refuses_is_a_dead_letter_of_theirs() {
    let (peer, seen) = peer(&[(422, "")]).await;
    let worker = Worker::start(&[("shop", policy(&peer.url()))]);
    let (_, end) = worker.deliver("shop", "order").await;
    assert_eq!(dead(end), (DeadClass::Theirs, vec!["refused".to_owned()]));
    assert_eq!(seen.lock().expect("no panic").len(), 1);
}

#[tokio::test]
async fn what_the_plugin_cannot_render_is_a_dead_letter_of_ours_and_nothing_is_sent() {
    let (peer, seen) = peer(&[(200, "")]).await;
    let worker = Worker::start(&[("shop", policy(&peer.url()))]);
    for (kind, code) in
        [("trap", "delivery-plugin-failed"), ("incomplete", "incomplete"), ("outside", "delivery-not-permitted")]
    {
        let (_, end) = worker.deliver("shop", kind).await;
        assert_eq!(dead(end), (DeadClass::Ours, vec![code.to_owned()]), "{kind}");
    }
    assert!(seen.lock().expect("no panic").is_empty());
    assert!(matches!(worker.deliver("shop", "order").await.1, Settled::Delivered { .. }), "the lane goes on");
}

#[tokio::test]
async fn what_the_plugin_cannot_read_is_a_dead_letter_of_ours() {
    for (body, code) in [("trap", "delivery-plugin-failed"), ("strange", "strange"), ("wrong", "schema-type")] {
        let peer = Peer::http(move |_| answer(200, body)).await;
        let worker = Worker::start(&[("shop", policy(&peer.url()))]);
        let (number, end) = worker.deliver("shop", "order").await;
        assert_eq!(dead(end), (DeadClass::Ours, vec![code.to_owned()]), "{body}");
        assert_eq!(worker.queue.rows()[number].settlements.len(), 1, "never sent again for it");
    }
}

#[tokio::test]
async fn attempts_end_with_the_schedule() {
    let (peer, seen) = peer(&[(503, "")]).await;
    let retry = Retry { delays_seconds: vec![1, 1], ..Retry::default() };
    let breaker = Breaker { failures: 100, ..Breaker::default() };
    let worker = Worker::start(&[("shop", DeliveryPolicy { retry, breaker, ..policy(&peer.url()) })]);
    let (_, end) = worker.deliver("shop", "order").await;
    assert_eq!(dead(end), (DeadClass::Theirs, vec!["delivery-attempts-exhausted".to_owned()]));
    assert_eq!(seen.lock().expect("no panic").len(), 3);
}

#[tokio::test]
async fn a_pending_delivery_is_asked_about_until_its_end() {
    let (peer, seen) = peer(&[(202, ""), (202, ""), (503, ""), (200, "status")]).await;
    let worker = Worker::start(&[("shop", policy(&peer.url()))]);
    let (number, end) = worker.deliver("shop", "order").await;
    assert!(matches!(end, Settled::Delivered { .. }), "{end:?}");
    let bodies: Vec<bool> = seen.lock().expect("no panic").iter().map(|(_, body)| body.is_empty()).collect();
    assert_eq!(bodies, [false, true, true, true], "the order is sent once");
    let rows = worker.queue.rows();
    let yielded = rows[number].settlements.last().and_then(|last| last.yielded.clone()).expect("documents");
    assert_eq!((yielded.documents[0].kind.as_str(), &*yielded.exchange.payload), ("status", &b"status"[..]));
}

#[tokio::test]
async fn asking_ends_with_the_policys_follow_ups() {
    let (peer, seen) = peer(&[(202, "")]).await;
    let limits = DeliveryLimits { follow_ups_max: 1, ..policy("http://127.0.0.1").limits };
    let worker = Worker::start(&[("shop", DeliveryPolicy { limits, ..policy(&peer.url()) })]);
    let (_, end) = worker.deliver("shop", "order").await;
    assert_eq!(dead(end), (DeadClass::Theirs, vec!["delivery-still-pending".to_owned()]));
    assert_eq!(seen.lock().expect("no panic").len(), 2);
}

#[tokio::test]
async fn what_was_taken_and_may_not_be_asked_about_is_delivered_with_a_finding() {
    let codes = |findings: Vec<Finding>| findings.into_iter().map(|finding| finding.code).collect::<Vec<_>>();
    let (peer, seen) = peer(&[(203, "outside")]).await;
    let worker = Worker::start(&[("shop", policy(&peer.url()))]);
    let (_, end) = worker.deliver("shop", "order").await;
    let Settled::Delivered { findings } = end else { panic!("it was taken: {end:?}") };
    assert_eq!(codes(findings), ["odd", "delivery-follow-up-not-permitted"]);
    assert_eq!(seen.lock().expect("no panic").len(), 1, "nothing is asked");
}

#[tokio::test]
async fn what_was_not_taken_and_may_not_be_asked_about_is_a_dead_letter_of_ours() {
    let (peer, _) = peer(&[(500, "outside")]).await;
    let worker = Worker::start(&[("shop", policy(&peer.url()))]);
    let (_, end) = worker.deliver("shop", "order").await;
    assert_eq!(dead(end), (DeadClass::Ours, vec!["delivery-not-permitted".to_owned()]));
}

#[tokio::test]
async fn pending_without_a_way_to_ask_is_a_dead_letter_of_ours() {
    let (peer, _) = peer(&[(204, "")]).await;
    let worker = Worker::start(&[("shop", policy(&peer.url()))]);
    assert_eq!(
        dead(worker.deliver("shop", "order").await.1),
        (DeadClass::Ours, vec!["delivery-without-follow-up".to_owned()])
    );
}

#[tokio::test]
async fn a_partner_that_is_down_costs_a_few_requests_and_slows_nobody() {
    let (down, seen) = peer(&[(503, "")]).await;
    let (well, _) = peer(&[(200, "")]).await;
    let queue = queue();
    for _ in 0..20_000 {
        queue.add("down", "order", None);
    }
    let worker = Worker::start_with(queue, &[("down", policy(&down.url())), ("well", policy(&well.url()))]);
    until("the breaker opens", || seen.lock().expect("no panic").len() >= 5).await;
    let began = std::time::Instant::now();
    for _ in 0..50 {
        assert!(matches!(worker.deliver("well", "order").await.1, Settled::Delivered { .. }));
    }
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    // Five failures open the breaker; those in flight beside the fifth were claimed before.
    assert!(seen.lock().expect("no panic").len() <= 5 + 4, "{}", seen.lock().expect("no panic").len());
    assert!(worker.queue.claims.load(Ordering::SeqCst) <= 9 + 50, "what is not sent is not claimed");
}

#[tokio::test]
async fn a_disabled_partner_parks_its_deliveries_and_drains_when_it_is_back() {
    let (peer, seen) = peer(&[(200, "")]).await;
    let held = DeliveryPolicy { enabled: false, ..policy(&peer.url()) };
    let worker = Worker::start(&[("shop", held), ("other", policy(&peer.url()))]);
    for _ in 0..20 {
        worker.queue.add("shop", "order", None);
        worker.queue.add("nobody", "order", None);
    }
    worker.deliver("other", "order").await;
    assert_eq!(seen.lock().expect("no panic").len(), 1);
    worker.gateway.partner("shop", policy(&peer.url()));
    until("drained", || worker.ended() == 21).await;
    worker.gateway.partner("nobody", policy(&peer.url()));
    until("drained", || worker.ended() == 41).await;
}

#[tokio::test]
async fn a_drain_keeps_to_the_partners_rate() {
    let (peer, _) = peer(&[(200, "")]).await;
    let limits = DeliveryLimits { requests_per_second: 20, burst: 5, ..policy("http://127.0.0.1").limits };
    let queue = queue();
    for _ in 0..15 {
        queue.add("shop", "order", None);
    }
    let began = std::time::Instant::now();
    let worker = Worker::start_with(queue, &[("shop", DeliveryPolicy { limits, ..policy(&peer.url()) })]);
    until("drained", || worker.ended() == 15).await;
    assert!(began.elapsed() >= Duration::from_millis(450), "{:?}", began.elapsed());
}

#[tokio::test]
async fn no_more_than_the_policys_requests_are_under_way() {
    let (under_way, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let highest = Arc::clone(&most);
    let peer = Peer::raw(move |mut stream| {
        let (under_way, most) = (Arc::clone(&under_way), Arc::clone(&highest));
        async move {
            use tokio::io::{AsyncReadExt, AsyncWriteExt};
            let mut request = [0; 1024];
            while stream.read(&mut request).await.is_ok_and(|read| read > 0) {
                most.fetch_max(under_way.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(20)).await;
                under_way.fetch_sub(1, Ordering::SeqCst);
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
            }
        }
    })
    .await;
    let queue = queue();
    for _ in 0..30 {
        queue.add("shop", "order", None);
    }
    let worker = Worker::start_with(queue, &[("shop", policy(&peer.url()))]);
    until("delivered", || worker.ended() == 30).await;
    assert_eq!(most.swap(0, Ordering::SeqCst), 4);
    worker.gateway.limit("shop", SendLimit::Probes(1));
    for _ in 0..10 {
        worker.queue.add("shop", "order", None);
    }
    until("delivered", || worker.ended() == 40).await;
    assert_eq!(most.load(Ordering::SeqCst), 1, "one at a time while its plugin is on trial");
}

#[tokio::test]
async fn while_its_plugin_is_in_quarantine_a_destination_s_deliveries_wait_untouched() {
    let (peer, seen) = peer(&[(200, "")]).await;
    let worker = Worker::start(&[("shop", policy(&peer.url())), ("other", policy(&peer.url()))]);
    worker.gateway.limit("shop", SendLimit::NothingUntil(jiff::Timestamp::MAX));
    for _ in 0..20 {
        worker.queue.add("shop", "order", None);
    }
    worker.deliver("other", "order").await;
    assert_eq!((worker.queue.claims.load(Ordering::SeqCst), seen.lock().expect("no panic").len()), (1, 1));
    worker.gateway.limit("shop", SendLimit::Everything);
    until("delivered", || worker.ended() == 21).await;
}

#[tokio::test]
async fn what_was_claimed_when_its_plugin_went_into_quarantine_is_given_back_untouched() {
    let (peer, seen) = peer(&[(200, "")]).await;
    let worker = Worker::start(&[("shop", policy(&peer.url()))]);
    worker.queue.add("shop", "withheld", None);
    until("claimed again", || worker.queue.claims.load(Ordering::SeqCst) >= 3).await;
    assert!(worker.queue.rows()[0].settlements.is_empty(), "no attempt is counted");
    assert!(seen.lock().expect("no panic").is_empty());
}

#[tokio::test]
async fn what_fails_while_its_plugin_is_in_quarantine_is_tried_again_over_the_schedule() {
    let (peer, _) = peer(&[(200, "")]).await;
    let retry = Retry { delays_seconds: vec![1, 1], ..Retry::default() };
    let worker = Worker::start(&[("shop", DeliveryPolicy { retry, ..policy(&peer.url()) })]);
    let (number, end) = worker.deliver("shop", "relapse").await;
    assert_eq!(dead(end), (DeadClass::Ours, vec!["delivery-attempts-exhausted".to_owned()]));
    assert_eq!(worker.queue.rows()[number].settlements.len(), 3);
    assert!(matches!(worker.deliver("shop", "order").await.1, Settled::Delivered { .. }));
}

#[tokio::test]
async fn deliveries_of_one_lane_go_out_in_their_order() {
    let (peer, seen) = peer(&[(200, ""), (503, ""), (200, "")]).await;
    let queue = queue();
    for number in 0..40 {
        queue.add("shop", "order", Some(if number % 2 == 0 { "even" } else { "odd" }));
    }
    let worker = Worker::start_with(queue, &[("shop", policy(&peer.url()))]);
    until("delivered", || worker.ended() == 40).await;
    let ids: Vec<String> = (0..40).map(|number| worker.queue.id(number)).collect();
    for parity in [0, 1] {
        let seen = seen.lock().expect("no panic");
        let numbers = seen.iter().map(|(id, _)| ids.iter().position(|other| other == id).expect("a delivery's id"));
        let mut lane: Vec<usize> = numbers.filter(|number| number % 2 == parity).collect();
        lane.dedup();
        assert!(lane.is_sorted() && lane.len() == 20, "{lane:?}");
    }
}

#[tokio::test]
async fn a_stop_finishes_what_is_under_way_and_begins_nothing() {
    let (arrived, go) = (Arc::new(tokio::sync::Notify::new()), Arc::new(tokio::sync::Notify::new()));
    let peer = {
        let (arrived, go) = (Arc::clone(&arrived), Arc::clone(&go));
        Peer::raw(move |mut stream| {
            let (arrived, go) = (Arc::clone(&arrived), Arc::clone(&go));
            async move {
                use tokio::io::{AsyncReadExt, AsyncWriteExt};
                let mut request = [0; 1024];
                let _ = stream.read(&mut request).await;
                arrived.notify_one();
                go.notified().await;
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
            }
        })
        .await
    };
    let limits = DeliveryLimits { in_flight_max: 1, ..policy("http://127.0.0.1").limits };
    let mut worker = Worker::start(&[("shop", DeliveryPolicy { limits, ..policy(&peer.url()) })]);
    worker.queue.add("shop", "order", None);
    arrived.notified().await;
    worker.queue.add("shop", "order", None);
    let _ = worker.stop.take().expect("not stopped yet").send(());
    go.notify_one();
    (&mut worker.task).await.expect("no panic");
    let ends: Vec<bool> = worker.queue.rows().iter().map(|row| row.end().is_some()).collect();
    assert_eq!(ends, [true, false]);
}

#[tokio::test]
async fn a_worker_that_lost_its_lease_settles_nothing() {
    let queue = queue();
    let taken = Arc::clone(&queue);
    let peer = Peer::http(move |_| {
        taken.take(0);
        Response::new(Bytes::new())
    })
    .await;
    let worker = Worker::start_with(Arc::clone(&queue), &[("shop", policy(&peer.url()))]);
    worker.queue.add("shop", "order", None);
    until("asked", || peer.connections() == 1).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(worker.queue.rows()[0].settlements.is_empty());
}

#[tokio::test]
async fn a_changed_policy_counts_for_what_is_still_waiting() {
    let (old, _) = peer(&[(503, "")]).await;
    let (new, seen) = peer(&[(200, "")]).await;
    let worker = Worker::start(&[("shop", policy(&old.url()))]);
    for _ in 0..20 {
        worker.queue.add("shop", "order", None);
    }
    until("the old one was asked", || old.connections() > 0).await;
    worker.gateway.partner("shop", policy(&new.url()));
    until("delivered", || worker.ended() == 20).await;
    assert_eq!(seen.lock().expect("no panic").len(), 20);
}

/// The audit entries of a delivery's settlements: kind, actor, subject, detail.
fn audited(entries: &[portgate_core::audit::Entry]) -> Vec<(&'static str, String, String, String)> {
    let told = |entry: &portgate_core::audit::Entry| {
        (entry.kind().as_str(), entry.actor().to_owned(), entry.subject().to_owned(), entry.detail())
    };
    entries.iter().map(told).collect()
}

fn with_key(url: &str) -> DeliveryPolicy {
    let credential =
        portgate_core::policy::Credential::ApiKey { header: "x-key".to_owned(), value: "file:s".to_owned() };
    DeliveryPolicy { credential: Some(credential), ..policy(url) }
}

#[tokio::test]
async fn a_credential_s_use_is_audited_with_each_settlement_and_never_shows_it() {
    let (peer, _) = peer(&[(503, ""), (200, "")]).await;
    let worker = Worker::start(&[("shop", with_key(&peer.url()))]);
    let (number, _) = worker.deliver("shop", "order").await;
    let rows = worker.queue.rows();
    let delivery = rows[number].settlements[0].claim.delivery.to_string();
    for (settlement, attempt) in rows[number].settlements.iter().zip(1..) {
        let told = audited(&settlement.audit);
        assert_eq!(told.len(), 1, "{told:?}");
        let (kind, actor, subject, detail) = &told[0];
        assert_eq!((*kind, &**actor, &**subject), ("credential-used", "plugin:shop", "partner:shop"));
        for part in [
            "\"credential\":\"api-key\"",
            "\"secrets\":[\"file:s\"]",
            "\"times\":1",
            &format!("\"attempt\":{attempt}"),
            &delivery,
        ] {
            assert!(detail.contains(part), "{part} in {detail}");
        }
        assert!(!detail.contains("hunter2"), "{detail}");
    }
    assert_eq!(rows[number].settlements.len(), 2);
    assert!(worker.gateway.noted.lock().expect("no panic").is_empty(), "the settlements have it");
}

#[tokio::test]
async fn a_request_that_may_not_be_sent_is_audited() {
    let (peer, _) = peer(&[(200, "")]).await;
    let worker = Worker::start(&[("shop", with_key(&peer.url()))]);
    let (number, _) = worker.deliver("shop", "outside").await;
    let rows = worker.queue.rows();
    let told = audited(&rows[number].settlements[0].audit);
    assert_eq!(told.len(), 1, "no credential was used: {told:?}");
    let (kind, actor, subject, detail) = &told[0];
    assert_eq!((*kind, &**actor, &**subject), ("capability-denied", "plugin:shop", "plugin:shop"));
    assert!(detail.contains("no pattern of egress.paths fits the path"), "{detail}");
}

#[tokio::test]
async fn a_credential_s_use_is_audited_even_where_the_settlement_is_lost() {
    let queue = queue();
    let taken = Arc::clone(&queue);
    let peer = Peer::http(move |_| {
        taken.take(0);
        answer(200, "")
    })
    .await;
    let worker = Worker::start_with(queue, &[("shop", with_key(&peer.url()))]);
    worker.queue.add("shop", "order", None);
    until("it is noted", || !worker.gateway.noted.lock().expect("no panic").is_empty()).await;
    let told = audited(&worker.gateway.noted.lock().expect("no panic"));
    assert_eq!(told[0].0, "credential-used");
    assert!(told[0].3.contains("\"settled\":\"no"), "{told:?}");
}

#[tokio::test]
async fn what_was_rendered_under_numbers_that_others_have_used_is_rendered_anew_and_is_sent_until_it_is_acknowledged() {
    let (peer, seen) = peer(&[(200, "")]).await;
    let worker = Worker::start(&[("shop", policy(&peer.url()))]);
    // Another gateway has used the first numbers, which this one does not know at first.
    *worker.queue.last_numbers.lock().expect("no panic") = LastNumbers::default().next(1).last();
    worker.gateway.agree("shop", LastNumbers::default());
    let (_, end) = worker.deliver("shop", "order").await;
    assert!(matches!(end, Settled::Sent { .. }), "{end:?}");
    let seen = seen.lock().expect("no panic").clone();
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert!(seen[0].1.ends_with(" under 2"), "{seen:?}");
}
