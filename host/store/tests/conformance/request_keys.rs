//! Claims about what requests are known by when they come again.

use std::sync::Arc;

use portgate_store::{Acceptance, Accepted, Answer, Idempotency, KeptAnswer, RequestKey, TakenKey};

use crate::bed::{Bed, answer, idempotency, later, message, request_key, start, webhook_id};

/// A message that is known by these.
fn known_by(keys: &[RequestKey], fingerprint: u8) -> Acceptance {
    let mut given = message(start());
    given.idempotency = Some(Idempotency { keys: keys.to_vec(), ..idempotency("", fingerprint, start()) });
    given
}

fn taken(key: RequestKey, fingerprint: u8) -> TakenKey {
    let expires_at = idempotency("", fingerprint, start()).expires_at;
    TakenKey { partner: "carrier".to_owned(), key, fingerprint: [fingerprint; 32], now: start(), expires_at }
}

pub(crate) async fn a_webhook_is_known_by_its_id_whatever_its_contract(bed: Bed) {
    bed.accept(known_by(&[webhook_id("msg_1")], 1)).await;
    let mut elsewhere = known_by(&[webhook_id("msg_1")], 2);
    elsewhere.exchange.contract = "orders".to_owned();
    assert_eq!(bed.journal.accept(elsewhere).await, Ok(Accepted::KeyReused(webhook_id("msg_1"))));
    assert_eq!(bed.journal.accept(known_by(&[webhook_id("msg_1")], 1)).await, Ok(Accepted::Replayed(answer())));
    let mut of_another = known_by(&[webhook_id("msg_1")], 1);
    of_another.exchange.partner = "broker".to_owned();
    bed.accept(of_another).await;
    // An `Idempotency-Key` of the same text is another key.
    bed.accept(known_by(&[request_key("events", "msg_1")], 1)).await;
}

pub(crate) async fn a_message_with_a_key_and_an_id_is_known_by_either(bed: Bed) {
    let both = [webhook_id("msg_1"), request_key("events", "key")];
    bed.accept(known_by(&both, 1)).await;
    for keys in [&both[..], &both[..1], &both[1..], &[webhook_id("msg_2"), both[1].clone()]] {
        assert_eq!(bed.journal.accept(known_by(keys, 1)).await, Ok(Accepted::Replayed(answer())), "{keys:?}");
    }
    // A new id beside a known key was not kept, because nothing was.
    assert_eq!(bed.kept(webhook_id("msg_2"), 1, later(1)).await, None);
    // A key that another request had is refused, whichever of the two it is.
    bed.accept(known_by(&[request_key("events", "other")], 2)).await;
    let mixed = [both[0].clone(), request_key("events", "other")];
    assert_eq!(bed.journal.accept(known_by(&mixed, 1)).await, Ok(Accepted::KeyReused(mixed[1].clone())));
    assert_eq!(bed.journal.accept(known_by(&mixed, 2)).await, Ok(Accepted::KeyReused(mixed[0].clone())));
}

pub(crate) async fn a_parked_webhook_is_known_by_its_id(bed: Bed) {
    let undecoded = || {
        let mut given = known_by(&[webhook_id("msg_1")], 1);
        given.documents.clear();
        given
    };
    assert_eq!(bed.journal.park(undecoded()).await, Ok(Accepted::Committed));
    assert_eq!(bed.journal.park(undecoded()).await, Ok(Accepted::Replayed(answer())));
    assert_eq!(bed.journal.accept(known_by(&[webhook_id("msg_1")], 1)).await, Ok(Accepted::Replayed(answer())));
}

pub(crate) async fn a_taken_key_has_no_answer_until_one_is_kept(bed: Bed) {
    let key = webhook_id("msg_1");
    assert_eq!(bed.journal.take_key(taken(key.clone(), 1)).await, Ok(None));
    assert_eq!(bed.journal.take_key(taken(key.clone(), 1)).await, Ok(Some(KeptAnswer::Unanswered)));
    assert_eq!(bed.kept(key.clone(), 1, later(1)).await, Some(KeptAnswer::Unanswered));
    assert_eq!(bed.kept(key.clone(), 2, later(1)).await, Some(KeptAnswer::KeyReused(key.clone())));
    bed.journal.keep_answer("carrier", &key, answer()).await.expect("it works");
    assert_eq!(bed.journal.take_key(taken(key.clone(), 1)).await, Ok(Some(KeptAnswer::Replayed(answer()))));
    assert_eq!(bed.journal.take_key(taken(key.clone(), 2)).await, Ok(Some(KeptAnswer::KeyReused(key.clone()))));
    // The first answer stays, and is not given back.
    let other = Answer { status: 200, ..answer() };
    bed.journal.keep_answer("carrier", &key, other).await.expect("it works");
    bed.journal.give_key_back("carrier", &key).await.expect("it works");
    assert_eq!(bed.kept(key, 1, later(1)).await, Some(KeptAnswer::Replayed(answer())));
}

pub(crate) async fn a_key_that_was_given_back_is_free_again(bed: Bed) {
    let key = webhook_id("msg_1");
    assert_eq!(bed.journal.take_key(taken(key.clone(), 1)).await, Ok(None));
    bed.journal.give_key_back("broker", &key).await.expect("it works");
    assert_eq!(bed.kept(key.clone(), 1, later(1)).await, Some(KeptAnswer::Unanswered), "another partner's is another");
    bed.journal.give_key_back("carrier", &key).await.expect("it works");
    assert_eq!(bed.journal.take_key(taken(key, 2)).await, Ok(None));
}

pub(crate) async fn a_taken_key_keeps_others_from_what_it_stands_for(bed: Bed) {
    let key = webhook_id("msg_1");
    assert_eq!(bed.journal.take_key(taken(key.clone(), 1)).await, Ok(None));
    let same = known_by(std::slice::from_ref(&key), 1);
    assert_eq!(bed.journal.accept(same).await, Ok(Accepted::Unanswered));
    let other = known_by(std::slice::from_ref(&key), 2);
    assert_eq!(bed.journal.accept(other).await, Ok(Accepted::KeyReused(key)));
}

pub(crate) async fn many_that_take_one_key_at_once_have_one_that_has_it(bed: Bed) {
    let journals = bed.gateways().await;
    let taking: Vec<_> = (0..200)
        .map(|number| {
            let journal = Arc::clone(&journals[number % journals.len()]);
            tokio::spawn(async move { journal.take_key(taken(webhook_id("msg_1"), 1)).await })
        })
        .collect();
    let mut had = 0;
    for took in taking {
        match took.await.expect("no panic").expect("no error") {
            None => had += 1,
            Some(kept) => assert_eq!(kept, KeptAnswer::Unanswered),
        }
    }
    assert_eq!(had, 1);
}

pub(crate) async fn a_webhook_at_two_gateways_at_once_is_accepted_once(bed: Bed) {
    let journals = bed.gateways().await;
    for round in 0..50 {
        let id = webhook_id(&format!("msg_{round}"));
        let accepting: Vec<_> = (0..4)
            .map(|number| {
                let journal = Arc::clone(&journals[number % journals.len()]);
                let given = known_by(std::slice::from_ref(&id), 1);
                tokio::spawn(async move { journal.accept(given).await })
            })
            .collect();
        let mut committed = 0;
        for accepted in accepting {
            match accepted.await.expect("no panic").expect("no error") {
                Accepted::Committed => committed += 1,
                other => assert_eq!(other, Accepted::Replayed(answer())),
            }
        }
        assert_eq!(committed, 1);
    }
}

pub(crate) async fn ids_are_forgotten_when_they_have_expired(bed: Bed) {
    let (message, read) = (webhook_id("msg_1"), webhook_id("msg_2"));
    bed.accept(known_by(std::slice::from_ref(&message), 1)).await;
    let read = TakenKey { expires_at: later(3_600), ..taken(read, 1) };
    assert_eq!(bed.journal.take_key(read.clone()).await, Ok(None));
    assert_eq!(bed.journal.forget_keys(later(3_599), 10).await, Ok(0));
    assert_eq!(bed.journal.forget_keys(later(3_600), 10).await, Ok(1));
    assert_eq!(bed.kept(message.clone(), 1, later(3_600)).await, Some(KeptAnswer::Replayed(answer())));
    assert_eq!(bed.journal.forget_keys(later(7 * 24 * 3_600), 10).await, Ok(1));
    assert_eq!(bed.kept(message, 1, later(3_600)).await, None);
    // One that has expired and was not forgotten yet is free as well.
    assert_eq!(bed.journal.take_key(read.clone()).await, Ok(None));
    assert_eq!(bed.journal.take_key(TakenKey { now: later(3_600), ..read }).await, Ok(None));
}

pub(crate) async fn what_is_known_is_known_after_a_restart(bed: Bed) {
    let (message, taken_one) = (webhook_id("msg_1"), webhook_id("msg_2"));
    bed.accept(known_by(std::slice::from_ref(&message), 1)).await;
    assert_eq!(bed.journal.take_key(taken(taken_one.clone(), 1)).await, Ok(None));
    let bed = bed.reopened().await;
    assert_eq!(bed.journal.accept(known_by(&[message], 1)).await, Ok(Accepted::Replayed(answer())));
    assert_eq!(bed.journal.take_key(taken(taken_one, 1)).await, Ok(Some(KeptAnswer::Unanswered)));
}
