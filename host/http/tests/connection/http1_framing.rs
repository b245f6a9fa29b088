//! Where an HTTP/1 request begins and ends: what is executed, held against a strict reading of the same bytes.

use super::recorder::{self, run};
use super::streams::{self, Dice};
use super::strict::{self, Request};

const HEAD: &str = "POST / HTTP/1.1\r\nHost: gate\r\n";
const CHUNKED: &str = "POST / HTTP/1.1\r\nHost: gate\r\nTransfer-Encoding: chunked\r\n\r\n";

/// What stands behind each attack. It is executed as its own request, or not at all.
const BEHIND: &str = "POST /behind HTTP/1.1\r\nHost: gate\r\nContent-Length: 6\r\n\r\nbehind";

fn behind() -> Request {
    Request { method: "POST".to_owned(), target: "/behind".to_owned(), body: b"behind".to_vec() }
}

fn first(body: &str) -> Request {
    Request { method: "POST".to_owned(), target: "/".to_owned(), body: body.as_bytes().to_vec() }
}

#[tokio::test(start_paused = true)]
async fn what_breaks_framing_is_refused_and_nothing_behind_it_is_executed() {
    let post = |framing: &str| format!("{HEAD}{framing}");
    let chunked = |body: &str| format!("{CHUNKED}{body}");
    let smuggled = "GET /smuggled HTTP/1.1\r\nHost: gate\r\n\r\n";
    for attack in [
        // Ends of lines.
        "GET / HTTP/1.1\nHost: gate\r\n\r\n".to_owned(),
        "GET / HTTP/1.1\r\nHost: gate\n\r\n".to_owned(),
        "GET / HTTP/1.1\r\nHost: gate\r\n\n".to_owned(),
        "GET / HTTP/1.1\r\nHost: gate\n\n".to_owned(),
        "GET / HTTP/1.1\r\nHost: gate\r\r\n\r\n".to_owned(),
        "GET / HTTP/1.1\rHost: gate\r\n\r\n".to_owned(),
        "GET / HTTP/1.1\r\nHost: gate\r\nX-A: b\rX-C: d\r\n\r\n".to_owned(),
        "\nGET / HTTP/1.1\r\nHost: gate\r\n\r\n".to_owned(),
        "\r\n\r\nGET / HTTP/1.1\r\nHost: gate\r\n\r\n".to_owned(),
        // Field lines.
        "GET / HTTP/1.1\r\nHost: gate\r\nX-A: b\r\n c\r\n\r\n".to_owned(),
        "GET / HTTP/1.1\r\n Host: gate\r\n\r\n".to_owned(),
        "GET / HTTP/1.1\r\nHost : gate\r\n\r\n".to_owned(),
        "GET / HTTP/1.1\r\nHost: gate\r\nX-A: \0\r\n\r\n".to_owned(),
        "GET / HTTP/1.1\r\nHost: gate\r\nX-A\r\n\r\n".to_owned(),
        "GET / HTTP/1.1\r\nHost: gate\r\n: b\r\n\r\n".to_owned(),
        "GET /#a HTTP/1.1\r\nHost: gate\r\n\r\n".to_owned(),
        // Lengths.
        post("Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"),
        post("Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"),
        post("Content-Length: 5, 5\r\n\r\nhello"),
        post("Content-Length: 05\r\n\r\nhello"),
        post("Content-Length: +5\r\n\r\nhello"),
        post("Content-Length:\t5\r\n\r\nhello"),
        post("Content-Length:\r\n\r\n"),
        post("Content-Length: 99999999999999999999\r\n\r\n"),
        // Codings.
        post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        post("Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
        post("Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello"),
        "POST / HTTP/1.0\r\nHost: gate\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
            .to_owned(),
        // Chunks.
        chunked("5 \r\nhello\r\n0\r\n\r\n"),
        chunked(" 5\r\nhello\r\n0\r\n\r\n"),
        chunked("+5\r\nhello\r\n0\r\n\r\n"),
        chunked("0x5\r\nhello\r\n0\r\n\r\n"),
        chunked("5_\r\nhello\r\n0\r\n\r\n"),
        chunked("000000005\r\nhello\r\n0\r\n\r\n"),
        chunked("ffffffffffffffff5\r\nhello\r\n0\r\n\r\n"),
        chunked("5\nhello\r\n0\r\n\r\n"),
        chunked("5\r\nhello\n0\r\n\r\n"),
        chunked("5\r\nhello0\r\n\r\n"),
        chunked("5\r\nhello!!\r\n0\r\n\r\n"),
        chunked("5;\r\nhello\r\n0\r\n\r\n"),
        chunked("5;a\nb\r\nhello\r\n0\r\n\r\n"),
        chunked("5;a=\"\r\nhello\r\n0\r\n\r\n\"\r\n"),
        chunked("5;\0\r\nhello\r\n0\r\n\r\n"),
        chunked(&format!("5;a={}\r\nhello\r\n0\r\n\r\n", "b".repeat(600))),
        chunked(&format!("{}0\r\n\r\n", format!("1;a={}\r\nx\r\n", "b".repeat(400)).repeat(30))),
        // Trailer sections. The first two had hyper take what follows for a part of the section.
        chunked("0\r\n\n"),
        chunked("0\r\nfoo: bar\n\r\n"),
        chunked("0\n\r\n"),
        chunked("0\r\n\r\r\n"),
        chunked("0\r\nfoo\r\n\r\n"),
        chunked("0\r\nfoo: bar\r\n baz\r\n\r\n"),
        chunked("0\r\nfoo : bar\r\n\r\n"),
        chunked("0\r\nfoo: \0\r\n\r\n"),
        chunked("0\r\nContent-Length: 5\r\n\r\n"),
        chunked("0\r\ntransfer-encoding: chunked\r\n\r\n"),
        chunked("0\r\nHOST: other\r\n\r\n"),
        chunked("0\r\nAuthorization: Bearer other\r\n\r\n"),
        chunked("0\r\nX-Api-Key: other\r\n\r\n"),
        chunked("0\r\nContent-Type: a/b\r\n\r\n"),
        chunked("0\r\nContent_Length: 5\r\n\r\n"),
        chunked("0\r\nX-Forwarded-For: other\r\n\r\n"),
        chunked(&format!("0\r\n{}\r\n", "X-Many: x\r\n".repeat(17))),
        chunked(&format!("0\r\nX-Large: {}\r\n\r\n", "x".repeat(3000))),
    ] {
        for behind in [BEHIND, smuggled] {
            let stream = format!("{attack}{behind}").into_bytes();
            // In one piece, in two, and byte by byte.
            let all: Vec<usize> = (1..stream.len()).take(400).collect();
            for cuts in [&[][..], &[attack.len()], &all] {
                let outcome = run(&stream, cuts).await;
                assert!(outcome.executed.is_empty(), "{attack:?}: {outcome:?}");
                assert!(outcome.closed, "{attack:?} leaves the connection open: {outcome:?}");
                assert_eq!(outcome.answers().matches("\r\ndate: ").count(), 1, "one answer to {attack:?}: {outcome:?}");
                assert!(outcome.answers().starts_with("HTTP/1.1 4"), "{attack:?}: {outcome:?}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_standard_allows_is_executed_and_so_is_what_follows() {
    let chunked = |body: &str| format!("{CHUNKED}{body}");
    for (good, body) in [
        (format!("{HEAD}\r\n"), ""),
        (format!("\r\n{HEAD}\r\n"), ""),
        (format!("{HEAD}Content-Length: 5\r\n\r\nhello"), "hello"),
        (format!("{HEAD}content-length:5 \r\n\r\nhello"), "hello"),
        (format!("{HEAD}Content-Length: 5\r\n\r\nhello\r\n"), "hello"),
        (format!("{HEAD}Content-Length: 0\r\n\r\n"), ""),
        (format!("{HEAD}Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello"), "hello"),
        (format!("{HEAD}Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 5\r\n\r\nhello"), "hello"),
        (chunked("0\r\n\r\n"), ""),
        (chunked("5\r\nhello\r\n0\r\n\r\n"), "hello"),
        (chunked("00000005\r\nhello\r\n000\r\n\r\n"), "hello"),
        (chunked("5;a;b=c;d=\"e;\\\" f\"\r\nhello\r\n0;a\r\n\r\n"), "hello"),
        (
            chunked("1\r\nh\r\nA\r\nello world\r\n0\r\nX-Sum: 1\r\nContent-Digest: sha-256=:AA==:\r\n\r\n"),
            "hello world",
        ),
    ] {
        let stream = format!("{good}{BEHIND}").into_bytes();
        let all: Vec<usize> = (1..stream.len()).collect();
        for cuts in [&[][..], &[good.len()], &all] {
            let outcome = run(&stream, cuts).await;
            assert_eq!(outcome.executed, [first(body), behind()], "{good:?}: {outcome:?}");
            assert!(!outcome.closed, "{good:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_before_the_breach_is_answered_and_the_breach_is_told_after_it() {
    let good = format!("{HEAD}Content-Length: 5\r\n\r\nhello");
    for (attack, said) in [
        ("GET / HTTP/1.1\nHost: gate\r\n\r\n", "a line does not end with CRLF"),
        ("POST / HTTP/1.1\r\nHost: gate\r\nContent-Length: 1, 1\r\n\r\n", "Content-Length is not there once"),
        ("POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "stands beside"),
        ("\u{16}\u{3}\u{1}\u{2}", "is malformed"),
    ] {
        let stream = format!("{good}{attack}{BEHIND}");
        for cuts in [&[][..], &[good.len()], &[good.len() - 1], &[good.len() + 1]] {
            let outcome = run(stream.as_bytes(), cuts).await;
            assert_eq!(outcome.executed, [first("hello")], "{attack:?}");
            assert!(outcome.closed, "{attack:?}");
            let answers = outcome.answers();
            let (answer, refusal) = answers.split_once("executed").expect("the first answer");
            assert!(answer.starts_with("HTTP/1.1 200"), "{outcome:?}");
            assert!(refusal.starts_with("HTTP/1.1 400") && refusal.contains(said), "{outcome:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn limits_hold_to_the_byte_however_the_bytes_come() {
    let limits = recorder::strict_limits();
    for (surplus, executed) in [(0, true), (1, false)] {
        let head = "POST / HTTP/1.1\r\nHost: gate\r\nX-Large: \r\n\r\n";
        let filler = "x".repeat(limits.section_bytes + surplus - head.len());
        let stream = head.replace("X-Large: ", &format!("X-Large: {filler}"));
        let fields = "X-Many: x\r\n".repeat(limits.fields - 1 + surplus);
        let many = format!("POST / HTTP/1.1\r\nHost: gate\r\n{fields}\r\n");
        for stream in [stream, many] {
            for cuts in [&[][..], &[10, 100], &[stream.len() - 1]] {
                let outcome = run(stream.as_bytes(), cuts).await;
                assert_eq!(outcome.executed.len(), usize::from(executed), "{outcome:?}");
                assert!(executed || outcome.answers().starts_with("HTTP/1.1 431"), "{outcome:?}");
            }
        }
    }
}

/// Whatever is executed is what a strict reader finds, and what no rule could refuse is executed.
#[tokio::test(start_paused = true)]
async fn random_streams_are_executed_as_a_strict_reader_reads_them() {
    const STREAMS: u64 = 8_000;
    let (mut executed, mut refused) = (0, 0);
    for seed in 0..STREAMS {
        let mut dice = Dice::new(seed);
        let stream = streams::stream(&mut dice);
        let cuts = streams::cuts(&mut dice, stream.len());
        let outcome = run(&stream, &cuts).await;
        let reading = strict::read(&stream, recorder::strict_limits());
        let told = || format!("seed {seed}: {}\ncut at {cuts:?}\n{reading:?}\n{outcome:?}", stream.escape_ascii());
        assert!(outcome.executed.len() <= reading.requests.len(), "more than there is: {}", told());
        assert!(outcome.executed.len() >= reading.plain, "less than there is: {}", told());
        for (seen, should) in outcome.executed.iter().zip(&reading.requests) {
            let same_target = seen.target == should.target || !should.target.starts_with('/');
            assert!(seen.method == should.method && seen.body == should.body && same_target, "another: {}", told());
        }
        executed += outcome.executed.len();
        refused += usize::from(outcome.closed);
    }
    // A generator that makes only good or only bad streams would show nothing.
    assert!(executed > 5_000 && refused > 2_000, "{executed} executed, {refused} connections refused");
}
