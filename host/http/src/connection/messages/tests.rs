use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http_body_util::{BodyExt, Full};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::AsyncWriteExt;

use super::*;

#[expect(dead_code, reason = "the tests over a connection use all of it")]
#[path = "../../../tests/connection/streams.rs"]
mod streams;

fn limits() -> ConnectionLimits {
    let moment = Duration::from_secs(1);
    ConnectionLimits {
        connections_max: 1,
        streams_max: 1,
        abandoned_max: 1,
        head_bytes_max: 2048,
        headers_max: 16,
        first_byte: moment,
        head: moment,
        write_stall: moment,
        write_rate_bytes_per_second_min: 1,
        stream: moment,
        shutdown: moment,
    }
}

/// What was let through of a stream, how many heads and how many whole requests that was, and what was wrong.
#[derive(Debug, Default, PartialEq, Eq)]
struct Judged {
    good: usize,
    heads: usize,
    wholes: usize,
    violation: Option<FramingViolation>,
}

/// Judges a stream unit by unit, shown it in steps of so many bytes.
fn judged(stream: &[u8], step: usize) -> Judged {
    let mut messages = Messages::new(&limits());
    let mut judged = Judged::default();
    let mut shown = 0;
    while shown < stream.len() {
        shown = (shown + step).min(stream.len());
        loop {
            let in_head = matches!(messages.place, Place::Head(_));
            match messages.unit(&stream[judged.good..shown]) {
                Ok(None) => break,
                Ok(Some(length)) => {
                    judged.good += length;
                    judged.heads += usize::from(in_head);
                    judged.wholes += usize::from(matches!(messages.place, Place::Head(_)));
                    (messages.line, messages.searched) = (0, 0);
                }
                Err(violation) => {
                    judged.violation = Some(violation);
                    return judged;
                }
            }
        }
    }
    judged
}

#[test]
fn bytes_are_judged_alike_in_whatever_pieces_they_come() {
    for seed in 0..3_000 {
        let stream = streams::stream(&mut streams::Dice::new(seed));
        let whole = judged(&stream, stream.len());
        let (good, verdict) = Messages::new(&limits()).judge(&stream);
        assert_eq!((good, verdict.err()), (whole.good, whole.violation));
        for step in [1, 2, 3, 7, 64] {
            assert_eq!(judged(&stream, step), whole, "seed {seed}, {step} at a time: {}", stream.escape_ascii());
        }
    }
}

#[test]
fn each_byte_of_a_line_is_searched_once() {
    let mut messages = Messages::new(&limits());
    let head = format!("GET / HTTP/1.1\r\nX-Large: {}", "x".repeat(1000));
    for shown in 1..=head.len() {
        assert_eq!(messages.judge(&head.as_bytes()[..shown]), (0, Ok(())));
        assert_eq!(messages.searched, shown);
    }
}

/// hyper, with the settings that it has here and nothing between it and the bytes, finds as many requests in what is let
/// through as are meant, and takes nothing for a mistake.
#[tokio::test(start_paused = true)]
async fn hyper_cuts_what_is_let_through_at_the_same_places() {
    let mut requests = 0;
    for seed in 0..2_000 {
        let stream = streams::stream(&mut streams::Dice::new(seed + 500_000));
        let judged = judged(&stream, stream.len());
        let (begun, ended) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let service = service_fn({
            let (begun, ended) = (Arc::clone(&begun), Arc::clone(&ended));
            move |request: http::Request<hyper::body::Incoming>| {
                let (begun, ended) = (Arc::clone(&begun), Arc::clone(&ended));
                async move {
                    begun.fetch_add(1, Ordering::SeqCst);
                    if request.into_body().collect().await.is_ok() {
                        ended.fetch_add(1, Ordering::SeqCst);
                    }
                    Ok::<_, Infallible>(Response::new(Full::new(Bytes::new())))
                }
            }
        });
        let (mut client, server) = tokio::io::duplex(1 << 16);
        let serving = tokio::spawn(
            hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(None)
                .max_headers(16)
                .max_header_size(2048)
                .serve_connection(TokioIo::new(server), service),
        );
        let _ = client.write_all(&stream[..judged.good]).await;
        // The clock moves when nothing else does.
        tokio::time::sleep(Duration::from_millis(1)).await;
        drop(client);
        let _ = serving.await;
        let told = || format!("seed {seed}: {judged:?}: {}", stream.escape_ascii());
        let (begun, ended) = (begun.load(Ordering::SeqCst), ended.load(Ordering::SeqCst));
        // It ends a connection earlier where a request asks for that, or has a target that it cannot read.
        assert!(begun <= judged.heads && ended <= judged.wholes, "{begun} begun, {ended} ended, {}", told());
        let may_end = [b"onnection: ".as_slice(), b"HTTP/1.0", b"://", b"//"];
        let ends_early = may_end.iter().any(|words| stream.windows(words.len()).any(|window| window == *words));
        assert!(
            ends_early || (begun, ended) == (judged.heads, judged.wholes),
            "{begun} begun, {ended} ended, {}",
            told()
        );
        requests += ended;
    }
    assert!(requests > 1_500, "{requests}");
}
