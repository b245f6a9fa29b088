//! What is executed, held against llhttp, the parser of Node.js, in its strict mode: an independent reader as one may stand
//! before or behind a gateway. It runs in Python, as the package httptools, where that is installed.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::recorder::{self, run};
use super::streams::{self, Dice};
use super::strict::{self, Request};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/connection/llhttp.py");

/// What llhttp sees of a stream: the requests that ended, and whether it refuses what follows.
type Seen = (Vec<Request>, bool);

/// Asks llhttp about each of these streams; nothing where it is not installed.
fn llhttp(streams: &[Vec<u8>]) -> Option<Vec<Seen>> {
    let installed = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/services/bin/python"));
    let has_it = |python: &PathBuf| {
        let status = Command::new(python).args(["-c", "import httptools"]).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    };
    let Some(python) = [installed, PathBuf::from("python3")].into_iter().find(has_it) else {
        println!("left out: the Python package httptools is not installed; `tests/services` installs it");
        return None;
    };
    let mut process = Command::new(python)
        .args(["-I", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python starts");
    let mut input = process.stdin.take().expect("its input");
    let lines: String = streams.iter().flat_map(|stream| [hex::encode(stream), "\n".to_owned()]).collect();
    let writing = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = process.wait_with_output().expect("python ends");
    writing.join().expect("no panic").expect("python takes all of it");
    let text = String::from_utf8(output.stdout).expect("text");
    let seen: Vec<Seen> = text.lines().map(seen).collect();
    assert_eq!(seen.len(), streams.len(), "an answer for each stream");
    Some(seen)
}

fn seen(line: &str) -> Seen {
    let (requests, refused): (Vec<[String; 3]>, bool) = serde_json::from_str(line).expect("an answer");
    let bytes = |digits: &str| hex::decode(digits).expect("digits");
    let requests = requests.into_iter().map(|[method, target, body]| Request {
        method,
        target: String::from_utf8_lossy(&bytes(&target)).into_owned(),
        body: bytes(&body),
    });
    (requests.collect(), refused)
}

const HEAD: &str = "POST /a HTTP/1.1\r\nHost: gate\r\n";
const BEHIND: &str = "POST /b HTTP/1.1\r\nHost: gate\r\nContent-Length: 1\r\n\r\nb";

/// Where the two differ: the framing or the head of a first request, how many of it and the one behind it llhttp sees, how many
/// are executed here, and why.
const EXPLAINED: &[(&str, usize, usize, &str)] = &[
    (
        "\r\n\r\nPOST /a HTTP/1.1\r\nHost: gate\r\n\r\n",
        2,
        0,
        "one empty line may come before a request, RFC 9112 §2.2; llhttp skips any number",
    ),
    ("\nPOST /a HTTP/1.1\r\nHost: gate\r\n\r\n", 2, 0, "a bare LF ends no line"),
    ("POST /a#b HTTP/1.1\r\nHost: gate\r\n\r\n", 2, 0, "a target has no fragment, RFC 9112 §3.2"),
    ("POST  /a HTTP/1.1\r\nHost: gate\r\n\r\n", 2, 0, "one space stands between method and target, RFC 9112 §3"),
    ("Content-Length: 01\r\n\r\nx", 2, 0, "some read a leading zero as octal"),
    ("Content-Length:\t1\r\n\r\nx", 2, 0, "not everybody takes a tab for white space"),
    ("Content-Length: 1\t\r\n\r\nx", 2, 0, "not everybody takes a tab for white space"),
    ("Transfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n", 2, 0, "not everybody takes a tab for white space"),
    ("Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 2, 0, "no other coding is undone here"),
    (
        "POST /a HTTP/1.0\r\nHost: gate\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        2,
        0,
        "HTTP/1.0 has no transfer codings, RFC 9112 §6.1",
    ),
    ("Transfer-Encoding: chunked\r\n\r\n000000001\r\nx\r\n0\r\n\r\n", 2, 0, "a size has at most eight digits"),
    (
        "Transfer-Encoding: chunked\r\n\r\n1;a=\r\nx\r\n0\r\n\r\n",
        2,
        0,
        "an extension's value is not empty, RFC 9112 §7.1.1",
    ),
    (
        "Transfer-Encoding: chunked\r\n\r\n0\r\nHost: other\r\n\r\n",
        2,
        0,
        "a field that routes has no place in a trailer section",
    ),
    ("Content_Length: 3\r\n\r\n", 2, 0, "a lenient reader could take it for a length"),
    ("GET /a HTTP/1.1\r\nHost: gate\r\nContent-Length: 1\r\n\r\nx", 2, 0, "a GET has no content here"),
    ("FOO /a HTTP/1.1\r\nHost: gate\r\n\r\n", 0, 2, "llhttp knows a list of methods; here the handler decides"),
    ("post /a HTTP/1.1\r\nHost: gate\r\n\r\n", 0, 2, "llhttp knows a list of methods; here the handler decides"),
    (
        "Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
        1,
        2,
        "llhttp gives up where another protocol could begin; here an Upgrade is ignored, RFC 9110 §7.8",
    ),
    ("Proxy-Connection: close\r\n\r\n", 1, 2, "llhttp takes it for Connection; no standard knows it"),
];

#[tokio::test(start_paused = true)]
async fn each_difference_to_llhttp_is_explained() {
    let stream = |first: &str| {
        let whole = first.contains(" HTTP/1.");
        format!("{}{first}{BEHIND}", if whole { "" } else { HEAD }).into_bytes()
    };
    let streams: Vec<_> = EXPLAINED.iter().map(|(first, ..)| stream(first)).collect();
    let Some(seen) = llhttp(&streams) else { return };
    for ((stream, (requests, _)), (_, theirs, ours, why)) in streams.iter().zip(seen).zip(EXPLAINED) {
        let executed = run(stream, &[]).await.executed;
        assert_eq!((requests.len(), executed.len()), (*theirs, *ours), "{why}: {}", stream.escape_ascii());
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_executed_of_random_streams_is_what_llhttp_sees() {
    const STREAMS: u64 = 8_000;
    let streams: Vec<_> = (0..STREAMS).map(|seed| streams::stream(&mut Dice::new(seed + 1_000_000))).collect();
    let Some(seen) = llhttp(&streams) else { return };
    let (mut both, mut ours_alone, mut theirs_alone) = (0, 0, 0);
    for (stream, (requests, refused)) in streams.iter().zip(&seen) {
        let executed = run(stream, &[]).await.executed;
        for (index, request) in executed.iter().enumerate() {
            match requests.get(index) {
                Some(theirs) => {
                    let same_target = request.target == theirs.target || !theirs.target.starts_with('/');
                    assert!(
                        request.method == theirs.method && request.body == theirs.body && same_target,
                        "{request:?} here, {theirs:?} there: {}",
                        stream.escape_ascii()
                    );
                    both += 1;
                }
                // It has refused what its list of methods does not hold, and nothing else that is executed here.
                None => {
                    let is_known =
                        |request: &Request| ["GET", "POST", "PUT", "HEAD"].contains(&request.method.as_str());
                    let explained = *refused && executed[requests.len()..].iter().any(|request| !is_known(request));
                    assert!(explained, "{request:?} is executed here alone: {}", stream.escape_ascii());
                    ours_alone += 1;
                    break;
                }
            }
        }
        theirs_alone += requests.len().saturating_sub(executed.len());
        // What llhttp takes and this does not, a strict reader refuses too, or a rule beyond framing does.
        let plain = strict::read(stream, recorder::strict_limits()).plain;
        assert!(executed.len() >= plain, "{}", stream.escape_ascii());
    }
    println!("{both} requests by both, {ours_alone} here alone, {theirs_alone} by llhttp alone");
    assert!(both > 4_000, "{both}");
}
