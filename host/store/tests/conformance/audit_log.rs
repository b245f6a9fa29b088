//! Claims about the audit log: what is written with what, and that the chain holds whoever writes.

use std::time::Duration;

use portgate_core::audit::{
    Actor, AuditKey, Broken, Entry, GENESIS, Kind, Sealed, SignedHead, Subject, Verified, Verifier,
};
use portgate_store::{
    ActKind, AuditFilter, AuditOrder, DeadClass, Filter, JournalError, Operator, Settled, State, open,
};

use crate::bed::{Bed, delivered, delivery, later, message, message_for, settlement, start};

fn key() -> AuditKey {
    AuditKey::from_seed(&[1; 32]).expect("a key")
}

fn entry(number: i64) -> Entry {
    let entry = Entry::new(later(number), Kind::CapabilityDenied, Actor::plugin("p"), Subject::plugin("p"));
    entry.text("reason", &format!("reason \"{number}\"")).texts("tables", ["a", "b"]).number("count", 7)
}

async fn sealed(bed: &Bed) -> Option<SignedHead> {
    let mut head = None;
    // A clock's time, finer than what is kept.
    let now = later(1_000) + jiff::SignedDuration::from_nanos(123_456_789);
    while let Some(newest) = bed.journal.seal(&key(), now, 1_000).await.expect("it seals") {
        head = Some(newest);
    }
    head
}

/// Every sealed entry, page by page.
async fn log(bed: &Bed) -> Vec<Sealed> {
    let mut log: Vec<Sealed> = Vec::new();
    loop {
        let after = log.last().map(|last| last.number);
        let filter = AuditFilter::default();
        let page = bed.journal.audit_entries(&filter, AuditOrder::Oldest, after, 70).await.expect("it reads");
        if page.is_empty() {
            return log;
        }
        log.extend(page);
    }
}

fn verify(log: &[Sealed], head: SignedHead) -> Result<Verified, Broken> {
    let mut verifier = Verifier::new(head, key().public())?;
    log.iter().for_each(|sealed| verifier.line(&sealed.line()));
    verifier.finish()
}

pub(crate) async fn entries_are_sealed_in_their_order_and_read_back(bed: Bed) {
    assert_eq!(bed.journal.audit_head().await, Ok(None));
    assert_eq!(sealed(&bed).await, None, "there is nothing to seal");
    bed.journal.audit((1..=3).map(entry).collect()).await.expect("it is kept");
    assert_eq!(log(&bed).await, [], "nothing is sealed yet");
    let waiting = bed.journal.unsealed().await.expect("it reads").expect("three wait");
    assert_eq!((waiting.count, waiting.oldest), (3, later(1)));
    let head = sealed(&bed).await.expect("a head");
    assert_eq!(bed.journal.unsealed().await, Ok(None));
    assert_eq!(bed.journal.audit_head().await, Ok(Some(head.clone())));
    let log = log(&bed).await;
    let mut previous = GENESIS;
    for (sealed, number) in log.iter().zip(1..) {
        assert_eq!(*sealed, entry(number).sealed(number as u64, previous));
        previous = sealed.hash();
    }
    let to_the_microsecond = later(1_000) + jiff::SignedDuration::from_micros(123_456);
    assert_eq!((head.head.number, head.head.hash, head.head.at), (3, previous, to_the_microsecond));
    assert!(key().public().has_signed(&head));
}

pub(crate) async fn many_entries_are_sealed_in_steps_and_verified(bed: Bed) {
    // Not a multiple of what one statement takes.
    bed.journal.audit((1..=217).map(entry).collect()).await.expect("they are kept");
    let first = bed.journal.seal(&key(), later(1_000), 100).await.expect("it seals").expect("a head");
    assert_eq!(first.head.number, 100);
    bed.journal.audit(vec![entry(218)]).await.expect("it is kept");
    let head = sealed(&bed).await.expect("a head");
    let log = log(&bed).await;
    assert_eq!(verify(&log, head).map(|verified| verified.entries), Ok(218));
    assert_eq!(verify(&log, first).map(|verified| verified.newer), Ok(118), "an older head proves its part");
}

pub(crate) async fn entries_are_found_by_kind_actor_subject_and_time(bed: Bed) {
    let at =
        |second, kind, actor: &str, subject: Subject| Entry::new(later(second), kind, Actor::operator(actor), subject);
    let entries = vec![
        at(1, Kind::PolicyChanged, "ada", Subject::policy("ceiling.toml")),
        at(2, Kind::PayloadRead, "ada", Subject::exchange("1")),
        at(3, Kind::PolicyChanged, "eve", Subject::policy("routes.toml")),
        at(4, Kind::PolicyChanged, "ada", Subject::policy("ceiling.toml")),
    ];
    bed.journal.audit(entries).await.expect("they are kept");
    sealed(&bed).await;
    let found = async |filter: AuditFilter, order, after, limit| {
        let found = bed.journal.audit_entries(&filter, order, after, limit).await.expect("it reads");
        found.into_iter().map(|sealed| sealed.number).collect::<Vec<_>>()
    };
    let (old, new) = (AuditOrder::Oldest, AuditOrder::Newest);
    let none = AuditFilter::default;
    assert_eq!(found(none(), old, None, 10).await, [1, 2, 3, 4]);
    assert_eq!(found(none(), new, None, 3).await, [4, 3, 2]);
    assert_eq!(found(none(), new, Some(2), 10).await, [1]);
    assert_eq!(found(none(), old, Some(2), 10).await, [3, 4]);
    let kind = Some(Kind::PolicyChanged);
    assert_eq!(found(AuditFilter { kind, ..none() }, old, None, 10).await, [1, 3, 4]);
    assert_eq!(found(AuditFilter { actor: Some("operator:ada".to_owned()), ..none() }, old, None, 10).await, [1, 2, 4]);
    let subject = Some("policy:ceiling.toml".to_owned());
    assert_eq!(found(AuditFilter { subject, since: Some(later(2)), ..none() }, old, None, 10).await, [4]);
    assert_eq!(found(AuditFilter { until: Some(later(3)), ..none() }, old, None, 10).await, [1, 2]);
    let latest = bed.journal.audit_latest(Kind::PolicyChanged).await.expect("it reads");
    assert_eq!(latest.iter().map(|sealed| sealed.number).collect::<Vec<_>>(), [3, 4]);
    let counts = bed.journal.audit_counts(&AuditFilter { kind, ..none() }).await.expect("it reads");
    let counts: Vec<_> = counts.iter().map(|one| (&*one.actor, &*one.subject, one.count, one.last_at)).collect();
    assert_eq!(
        counts,
        [("operator:ada", "policy:ceiling.toml", 2, later(4)), ("operator:eve", "policy:routes.toml", 1, later(3)),]
    );
}

pub(crate) async fn entries_of_a_settlement_are_kept_with_it_or_not_at_all(bed: Bed) {
    let (given, _) = message_for("erp", None, start());
    bed.accept(given).await;
    let claimed = bed.claim_one("erp", start()).await;
    let mut settled = settlement(claimed.claim, later(1), delivered());
    settled.audit = vec![entry(1)];
    bed.journal.settle(settled.clone()).await.expect("the claim holds");
    assert_eq!(bed.journal.settle(settled).await, Err(JournalError::LeaseLost));
    sealed(&bed).await;
    assert_eq!(log(&bed).await, [entry(1).sealed(1, GENESIS)]);
}

pub(crate) async fn an_act_is_in_the_log_with_its_beginning_its_end_and_every_delivery_that_was_discarded(bed: Bed) {
    let mut given = message(start());
    given.deliveries = (0..3).map(|_| delivery("erp", None, start())).collect();
    let mut ids: Vec<String> = given.deliveries.iter().map(|delivery| delivery.id.to_string()).collect();
    bed.accept(given).await;
    let claimed = bed.claim_one("erp", start()).await;
    let dead = Settled::Dead { class: DeadClass::Theirs, findings: Vec::new() };
    bed.settle(claimed.claim, later(1), dead).await;
    let by = Operator { name: "ada".to_owned(), reason: "they have closed".to_owned() };
    let filter = Filter { state: Some(State::Pending), ..Filter::default() };
    assert_eq!(bed.journal.act(ActKind::Discard, &filter, &by, later(2)).await.map(|acted| acted.changed), Ok(2));
    sealed(&bed).await;
    let log = log(&bed).await;
    let detail = |index: usize| serde_json::from_str::<serde_json::Value>(&log[index].detail).expect("JSON");
    assert!(log.iter().all(|sealed| sealed.actor == "operator:ada"));
    let kinds: Vec<&str> = log.iter().map(|sealed| &*sealed.kind).collect();
    assert_eq!(kinds, ["operator-act", "delivery-discarded", "delivery-discarded", "operator-act"]);
    let (begun, ended) = (detail(0), detail(3));
    assert_eq!((&begun["act"], &begun["stage"]), (&"discard".into(), &"begun".into()));
    assert_eq!((&begun["reason"], &begun["filter"]), (&by.reason.into(), &r#"{"state":"pending"}"#.into()));
    assert_eq!((&ended["stage"], &ended["changed"]), (&"ended".into(), &2.into()));
    let claimed = claimed.claim.delivery.to_string();
    ids.retain(|id| *id != claimed);
    let discarded: Vec<&str> = log[1..3].iter().filter_map(|one| one.subject.strip_prefix("delivery:")).collect();
    assert_eq!(discarded, ids);
    assert_eq!(detail(1)["destination"], "erp");
}

pub(crate) async fn the_database_itself_refuses_to_change_or_remove_an_entry(bed: Bed) {
    bed.journal.audit(vec![entry(1), entry(2)]).await.expect("they are kept");
    sealed(&bed).await;
    let statements = ["UPDATE audit SET actor = 'gateway'", "DELETE FROM audit WHERE number = 2"];
    for statement in statements {
        let refused = bed.run(statement).await.expect_err("it is refused");
        assert!(refused.contains("entries of the audit log are never"), "{refused}");
    }
    assert_eq!(log(&bed).await.len(), 2);
}

pub(crate) async fn what_is_altered_behind_the_journal_s_back_is_found_at_its_number(bed: Bed) {
    bed.journal.audit((1..=9).map(entry).collect()).await.expect("they are kept");
    let head = sealed(&bed).await.expect("a head");
    bed.disarm().await;
    bed.run("UPDATE audit SET actor = 'gateway' WHERE number = 4").await.expect("it is changed");
    assert_eq!(
        verify(&log(&bed).await, head.clone()).map_err(|broken| broken.to_string()),
        Err("altered: entry number 4".to_owned())
    );
    bed.run("UPDATE audit SET actor = 'plugin:p' WHERE number = 4").await.expect("it is changed back");
    assert!(verify(&log(&bed).await, head.clone()).is_ok());
    bed.run("UPDATE audit SET at = 9223372036854775807 WHERE number = 5").await.expect("it is changed");
    assert_eq!(
        verify(&log(&bed).await, head.clone()).map_err(|broken| broken.to_string()),
        Err("altered: entry number 5".to_owned())
    );
    bed.run("DELETE FROM audit WHERE number = 5").await.expect("it is removed");
    assert_eq!(verify(&log(&bed).await, head.clone()), Err(Broken::Removed { after: 4, until: 5 }));
    // The chain goes on from what the head says, so what is missing stays missing.
    bed.journal.audit(vec![entry(10)]).await.expect("it is kept");
    let newer = sealed(&bed).await.expect("a head");
    assert_eq!(newer.head.number, 10);
    assert_eq!(verify(&log(&bed).await, newer), Err(Broken::Removed { after: 4, until: 5 }));
}

pub(crate) async fn writers_and_sealers_at_once_make_one_chain(bed: Bed) {
    // SQLite belongs to one gateway; several can share a PostgreSQL database.
    let second = open(&bed.settings).await.ok();
    let journals = [Some(bed.journal.clone()), second.clone()];
    let mut tasks = tokio::task::JoinSet::new();
    for journal in journals.into_iter().flatten() {
        for writer in 0..4 {
            let writing = journal.clone();
            tasks.spawn(async move {
                for number in 0..40 {
                    writing.audit(vec![entry(writer * 1_000 + number), entry(number)]).await.expect("it is kept");
                }
            });
        }
        tasks.spawn(async move {
            for _ in 0..40 {
                journal.seal(&key(), later(2_000), 25).await.expect("it seals");
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended.expect("no panic");
    }
    sealed(&bed).await;
    let head = bed.journal.audit_head().await.expect("it reads").expect("a head");
    let expected = if second.is_some() { 640 } else { 320 };
    assert_eq!(verify(&log(&bed).await, head).map(|verified| verified.entries), Ok(expected));
}
