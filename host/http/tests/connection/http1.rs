//! HTTP/1.1: clients that are silent, slow, greedy or careless.

use std::time::Duration;

use portgate_http::connection::ConnectionLimits;
use tokio::time::Instant;

use super::listener::{BIG_BYTES, GENEROUS, Listener, roomy};

const SHORT: Duration = Duration::from_millis(200);

#[tokio::test]
async fn a_silent_connection_is_closed_at_the_first_byte_deadline() {
    let listener = Listener::start(ConnectionLimits { first_byte: SHORT, ..roomy() }).await;
    let began = Instant::now();
    let mut client = listener.connect().await;
    assert!(client.ends().await);
    assert!(began.elapsed() >= SHORT && began.elapsed() < GENEROUS / 2, "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_connection_that_falls_silent_between_requests_is_closed() {
    let listener = Listener::start(ConnectionLimits { first_byte: SHORT, ..roomy() }).await;
    let mut client = listener.connect().await;
    assert_eq!(client.get("/").await.status, 200);
    assert_eq!(client.get("/").await.status, 200);
    assert!(client.ends().await);
}

#[tokio::test]
async fn a_head_that_does_not_end_is_answered_408_and_closed() {
    let listener = Listener::start(ConnectionLimits { head: SHORT, ..roomy() }).await;
    let mut client = listener.connect().await;
    let began = Instant::now();
    client.send("GET / HTTP/1.1\r\n").await;
    let trickle = async {
        loop {
            tokio::time::sleep(SHORT / 10).await;
            client.try_send(b"X-More: more\r\n").await;
            if began.elapsed() > SHORT * 2 {
                break;
            }
        }
    };
    trickle.await;
    // The bytes that came too late may turn the end into a reset that overtakes the answer.
    if let Some(answer) = client.answer_within(GENEROUS).await {
        assert_eq!(answer.status, 408, "{answer:?}");
    }
    assert!(client.ends().await);
    assert_eq!(listener.connect().await.get("/").await.status, 200);
}

#[tokio::test]
async fn a_head_that_stops_is_told_why() {
    let listener = Listener::start(ConnectionLimits { head: SHORT, ..roomy() }).await;
    let mut client = listener.connect().await;
    client.send("GET / HTTP/1.1\r\nHost: gate").await;
    let answer = client.answer().await;
    assert_eq!(answer.status, 408);
    assert!(answer.head.contains("application/problem+json"), "{}", answer.head);
    assert!(client.ends().await);
}

#[tokio::test]
async fn a_body_that_stops_ends_at_its_deadline() {
    let listener = Listener::start_with(roomy(), SHORT, None).await;
    let mut client = listener.connect().await;
    client.send("POST / HTTP/1.1\r\nHost: gate\r\nContent-Length: 10\r\n\r\n123").await;
    assert_eq!(client.answer().await.status, 408);
    assert!(client.ends().await, "what else comes could be body or request");
}

#[tokio::test]
async fn a_client_that_does_not_take_its_answer_is_cut_off() {
    let limits = ConnectionLimits { connections_max: 1, write_stall: SHORT, ..roomy() };
    let listener = Listener::start(limits).await;
    let mut greedy = listener.connect().await;
    greedy.send("GET /big HTTP/1.1\r\nHost: gate\r\nAuthorization: yes\r\n\r\n").await;
    listener.until_begun(1).await;
    // There is one place, so that this is answered proves that the other was cut off.
    let mut next = listener.connect().await;
    assert_eq!(next.get("/").await.status, 200);
    assert!(greedy.answer_within(GENEROUS).await.is_none(), "not all of the answer was sent");
}

#[tokio::test]
async fn a_client_that_takes_its_answer_gets_all_of_it() {
    let listener = Listener::start(ConnectionLimits { write_stall: SHORT, first_byte: SHORT, ..roomy() }).await;
    assert_eq!(listener.connect().await.get("/big").await.body.len(), BIG_BYTES);
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_while_all_are_at_work_for_somebody_who_was_proven() {
    let listener = Listener::start(ConnectionLimits { connections_max: 1, ..roomy() }).await;
    let mut first = listener.connect().await;
    first.send("GET /wait HTTP/1.1\r\nHost: gate\r\nAuthorization: yes\r\n\r\n").await;
    listener.until_begun(1).await;
    let mut second = listener.connect().await;
    second.send("GET / HTTP/1.1\r\nHost: gate\r\n\r\n").await;
    assert!(second.try_answer_within(SHORT).await.is_err(), "there was no place for it");
    listener.toy.gate.add_permits(1);
    assert_eq!(first.answer().await.status, 200);
    assert_eq!(second.answer().await.status, 200, "the first one is idle by now");
}

#[tokio::test]
async fn a_stranger_s_connection_makes_room_for_the_next_and_one_of_somebody_proven_stays() {
    let listener = Listener::start(ConnectionLimits { connections_max: 2, ..roomy() }).await;
    let mut known = listener.connect().await;
    known.send("GET / HTTP/1.1\r\nHost: gate\r\nAuthorization: yes\r\n\r\n").await;
    assert_eq!(known.answer().await.status, 200);
    let mut silent = listener.connect().await;
    for _ in 0..20 {
        let mut next = listener.connect().await;
        assert_eq!(next.get("/").await.status, 200);
        assert!(silent.ends().await, "it made room");
        silent = next;
    }
    assert_eq!(known.get("/").await.status, 200);
}

#[tokio::test]
async fn a_head_that_is_too_large_is_answered_431_with_a_document() {
    let listener = Listener::start(ConnectionLimits { head_bytes_max: 1024, ..roomy() }).await;
    let mut client = listener.connect().await;
    client.send(format!("GET / HTTP/1.1\r\nHost: gate\r\nX-Large: {}\r\n\r\n", "x".repeat(1024))).await;
    let answer = client.answer().await;
    assert_eq!(answer.status, 431);
    assert!(answer.head.contains("application/problem+json") && answer.head.contains("date: "), "{}", answer.head);
    assert!(answer.body.starts_with(b"refused: "));
    assert!(client.ends().await);
}

#[tokio::test]
async fn a_head_with_too_many_fields_is_answered_431() {
    let listener = Listener::start(ConnectionLimits { headers_max: 8, ..roomy() }).await;
    let mut client = listener.connect().await;
    client.send(format!("GET / HTTP/1.1\r\nHost: gate\r\n{}\r\n", "X-Many: x\r\n".repeat(8))).await;
    assert_eq!(client.answer().await.status, 431);
}

#[tokio::test]
async fn a_malformed_head_after_a_good_request_gets_a_document_too() {
    let listener = Listener::start(roomy()).await;
    let mut client = listener.connect().await;
    assert_eq!(client.get("/").await.status, 200);
    client.send("GET / HTTP/1.1\r\nHost : gate\r\n\r\n").await;
    let answer = client.answer().await;
    assert_eq!((answer.status, answer.body.starts_with(b"refused: ")), (400, true), "{answer:?}");
    assert!(client.ends().await);
}

#[tokio::test]
async fn a_refused_request_closes_its_connection() {
    let listener = Listener::start(roomy()).await;
    let mut client = listener.connect().await;
    client.send("GET / HTTP/1.1\r\nHost: gate\r\nHost: gate\r\n\r\nGET / HTTP/1.1\r\nHost: gate\r\n\r\n").await;
    let answer = client.answer().await;
    assert_eq!(answer.status, 400);
    assert!(answer.head.contains("connection: close"), "{}", answer.head);
    assert!(client.ends().await, "the second request is not answered");
}

#[tokio::test]
async fn requests_that_come_at_once_are_answered_in_order() {
    let listener = Listener::start(roomy()).await;
    let mut client = listener.connect().await;
    let post = |body: &str| format!("POST / HTTP/1.1\r\nHost: gate\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    client.send(post("first") + &post("second")).await;
    assert_eq!(client.answer().await.body, b"first");
    assert_eq!(client.answer().await.body, b"second");
}

#[tokio::test]
async fn a_panic_is_that_requests_500_and_nothing_else() {
    let listener = Listener::start(roomy()).await;
    let mut client = listener.connect().await;
    let answer = client.get("/panic").await;
    assert_eq!((answer.status, answer.body.as_slice()), (500, b"panicked".as_slice()));
    assert_eq!(client.get("/").await.status, 200, "on the same connection");
    assert_eq!(listener.connect().await.get("/").await.status, 200, "on another one");
}

#[tokio::test]
async fn a_client_that_expects_to_continue_is_told_to_only_when_its_body_is_read() {
    let listener = Listener::start(roomy()).await;
    let expecting = |length: usize| {
        format!("POST / HTTP/1.1\r\nHost: gate\r\nExpect: 100-continue\r\nContent-Length: {length}\r\n\r\n")
    };
    let mut client = listener.connect().await;
    client.send(expecting(5)).await;
    assert_eq!(client.answer().await.status, 100);
    client.send("hello").await;
    assert_eq!(client.answer().await.status, 200);
    let mut client = listener.connect().await;
    client.send(expecting(2 << 20)).await;
    assert_eq!(client.answer().await.status, 413);
}

#[tokio::test]
async fn a_handler_is_dropped_when_its_client_goes_away() {
    use std::sync::atomic::Ordering;
    let listener = Listener::start(roomy()).await;
    let mut client = listener.connect().await;
    client.send("GET /wait HTTP/1.1\r\nHost: gate\r\n\r\n").await;
    listener.until_begun(1).await;
    drop(client);
    listener.until(|toy| toy.running.load(Ordering::SeqCst) == 0).await;
}
