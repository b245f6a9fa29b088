//! Every case of the HTTP/1 probe corpus that the connection layer decides, sent byte by byte to a real listener.
//!
//! The corpus says for each case what an answer may be; [`Expected::read`] reads those words. Where an answer is only
//! tolerated, or where the corpus asks for something else than what is done here, [`EXPLAINED`] says what is done and
//! why; an explanation that is no longer needed fails the test.
//!
//! Each case is sent twice, the second time with a request behind it: where the case leaves the connection open, that request
//! is executed once, as itself; where it does not, never.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use portgate_http::connection::ConnectionLimits;
use serde::Deserialize;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::listener::{Listener, roomy};

#[derive(Deserialize)]
struct Case {
    id: String,
    category: String,
    expected: String,
    http_md: Vec<String>,
}

/// Cases that are not about connections: conditional requests, for which nothing here has entity tags.
const NOT_OURS: &[&str] = &["Capabilities"];

/// Case, what happens, why that is right.
const EXPLAINED: &[(&str, &str, &str)] = &[
    ("COMP-DATE-FORMAT", "200 open", "worded as a format: hyper writes IMF-fixdate, and our own answers do"),
    ("COMP-HTTP12-VERSION", "400 close", "only 1.0 and 1.1 are parsed; refusing an unknown minor version is safe"),
    ("COMP-NO-1XX-HTTP10", "200 close", "worded as a prohibition: no 100 is sent to HTTP/1.0"),
    ("COMP-NO-CL-IN-204", "200 open", "the handler here answers OPTIONS with 200, not with 204"),
    ("COMP-TRACE-SENSITIVE", "501 close", "worded as a prohibition: TRACE is not served, so nothing is echoed"),
    ("COMP-TRACE-WITH-BODY", "501 close", "TRACE is not served, with or without a body"),
    ("COMP-UPGRADE-INVALID-VER", "200 open", "an Upgrade is ignored, as RFC 9110 §7.8 allows; never a 101"),
    ("MAL-RANGE-OVERLAPPING", "200 open", "ranges are ignored, so none can be expensive"),
    ("SMUG-CL0-BODY-POISON", "200 405 open", "what follows an empty body is the next request, here of method XGET"),
    ("SMUG-EXPECT-100-CL-DESYNC", "200 200 open", "the body ends where its length says, and the next request begins"),
    ("SMUG-OPTIONS-CL-BODY-DESYNC", "200 200 open", "the body ends where its length says, and the next request begins"),
];

/// What a client sees of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    statuses: Vec<u16>,
    closed: bool,
}

impl std::fmt::Display for Seen {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for status in &self.statuses {
            write!(formatter, "{status} ")?;
        }
        formatter.write_str(if self.closed { "close" } else { "open" })
    }
}

/// What the corpus allows.
#[derive(Debug, Default)]
struct Expected {
    statuses: Vec<u16>,
    success: bool,
    close: bool,
    /// No answer and no end, for as long as a client would look.
    silence: bool,
    /// Any status but these.
    not: Vec<u16>,
}

impl Expected {
    /// Reads words such as "`400` or close", leaving out what is called a warning.
    fn read(words: &str) -> Expected {
        let mut expected = Expected::default();
        let any_but =
            words.starts_with("Not ") || words.starts_with("any non-") || words.starts_with("Any status except");
        let alternatives = words.replace(" or ", ",").replace(';', ",");
        for alternative in alternatives.split(',').filter(|alternative| !alternative.to_lowercase().contains("warn")) {
            let lower = alternative.to_lowercase();
            expected.success |= lower.contains("2xx");
            expected.silence |= lower.contains("timeout");
            expected.close |= lower.contains("close") || lower.contains("timeout") || lower.contains("drop");
            let numbers = lower.split(|letter: char| !letter.is_ascii_digit());
            let statuses = numbers.filter(|number| number.len() == 3).filter_map(|number| number.parse::<u16>().ok());
            if any_but { expected.not.extend(statuses) } else { expected.statuses.extend(statuses) }
        }
        expected
    }

    fn allows(&self, seen: &Seen) -> bool {
        match seen.statuses.first() {
            None => {
                if seen.closed {
                    self.close
                } else {
                    self.silence
                }
            }
            Some(status) if !self.not.is_empty() => !self.not.contains(status),
            Some(status) if (200..300).contains(status) => self.success || (self.close && seen.closed),
            Some(status) => self.statuses.contains(status) || (self.close && seen.closed),
        }
    }
}

/// The documentation's text form: line breaks are for reading, `\r\n` and the like are what is sent.
fn bytes_of(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut letters = text.chars().filter(|letter| *letter != '\n');
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        match letters.next() {
            Some('r') => bytes.push(b'\r'),
            Some('n') => bytes.push(b'\n'),
            Some('t') => bytes.push(b'\t'),
            Some('0') => bytes.push(0),
            Some('x') => {
                let digits: String = letters.by_ref().take(2).collect();
                bytes.push(u8::from_str_radix(&digits, 16).expect("two hexadecimal digits"));
            }
            other => {
                bytes.push(b'\\');
                other.inspect(|letter| bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()));
            }
        }
    }
    bytes
}

/// The bytes of a case; by hand where the corpus describes them in words.
fn bytes_to_send(case: &Case) -> Vec<u8> {
    let get = |head: &str| format!("GET / HTTP/1.1\r\nHost: localhost:8080\r\n{head}\r\n").into_bytes();
    let many = |count: usize, field: &dyn Fn(usize) -> String| (0..count).map(field).collect::<String>();
    match case.id.as_str() {
        "MAL-BINARY-GARBAGE" => (0..=255).rev().cycle().take(1024).collect(),
        "MAL-EMPTY-REQUEST" => Vec::new(),
        "MAL-CHUNK-EXT-64K" => {
            let extension = "a".repeat(65_536);
            format!("POST / HTTP/1.1\r\nHost: localhost:8080\r\nTransfer-Encoding: chunked\r\n\r\n5;ext={extension}\r\nhello\r\n0\r\n\r\n")
                .into_bytes()
        }
        "MAL-LONG-HEADER-NAME" => get(&format!("{}: val\r\n", "A".repeat(100_000))),
        "MAL-LONG-HEADER-VALUE" => get(&format!("X-Big: {}\r\n", "B".repeat(100_000))),
        "MAL-LONG-METHOD" => format!("{} / HTTP/1.1\r\nHost: localhost:8080\r\n\r\n", "A".repeat(100_000)).into_bytes(),
        "MAL-LONG-URL" => format!("GET /{} HTTP/1.1\r\nHost: localhost:8080\r\n\r\n", "A".repeat(100_000)).into_bytes(),
        "COMP-LONG-URL-OK" => {
            format!("GET /{} HTTP/1.1\r\nHost: localhost:8080\r\n\r\n", "a".repeat(7_900)).into_bytes()
        }
        "MAL-MANY-HEADERS" => get(&many(10_000, &|index| format!("X-H-{index}: value\r\n"))),
        "MAL-RANGE-OVERLAPPING" => get(&format!("Range: bytes={}0-\r\n", "0-,".repeat(999))),
        "COOK-MANY-PAIRS" => get(&format!("Cookie: {}end=1\r\n", many(999, &|index| format!("k{index}=v{index}; ")))),
        "COOK-OVERSIZED" => get(&format!("Cookie: big={}\r\n", "A".repeat(65_536))),
        "NORM-TAB-IN-NAME" => bytes_of(&case.http_md.concat().replace("[TAB]", "\\t")),
        "SMUG-CL-LEADING-ZEROS-OCTAL" => {
            let body = "A".repeat(200);
            format!("POST / HTTP/1.1\r\nHost: localhost:8080\r\nContent-Length: 0200\r\n\r\n{body}").into_bytes()
        }
        _ => {
            let text = case.http_md.concat();
            assert!(
                !text.contains("...") && !text.contains('{'),
                "{}: bytes in words need a hand translation",
                case.id
            );
            bytes_of(&text)
        }
    }
}

async fn send(listener: Arc<Listener>, bytes: Vec<u8>, is_head: bool) -> Seen {
    const QUIET: Duration = Duration::from_millis(1500);
    let mut client = listener.connect().await;
    client.expect_no_bodies(is_head);
    client.try_send(&bytes).await;
    let mut seen = Seen { statuses: Vec::new(), closed: false };
    loop {
        match client.try_answer_within(QUIET).await {
            Ok(Some(answer)) if answer.status == 100 => {}
            Ok(Some(answer)) => seen.statuses.push(answer.status),
            Ok(None) => {
                seen.closed = true;
                return seen;
            }
            Err(()) => return seen,
        }
    }
}

fn corpus() -> Option<Vec<Case>> {
    let shared = std::env::var_os("PORTGATE_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")));
    let text = std::fs::read_to_string(shared.join("corpora/http1/http11probe.json")).ok()?;
    Some(serde_json::from_str(&text).expect("the corpus is a list of cases"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_probe_is_answered_as_the_standard_allows() {
    let Some(cases) = corpus() else {
        println!("the corpus is not here: nothing was sent");
        return;
    };
    let moment = Duration::from_millis(400);
    let limits = ConnectionLimits { head: moment, connections_max: 256, ..roomy() };
    let listener = Arc::new(Listener::start_with(limits, moment, None).await);
    let mut explained: BTreeMap<_, _> = EXPLAINED.iter().map(|(id, seen, _)| (*id, *seen)).collect();
    let a_few = Arc::new(Semaphore::new(24));
    let mut probes = JoinSet::new();
    for case in cases.into_iter().filter(|case| !NOT_OURS.contains(&case.category.as_str())) {
        let (listener, a_few) = (Arc::clone(&listener), Arc::clone(&a_few));
        probes.spawn(async move {
            let _one_of_them = a_few.acquire().await;
            let bytes = bytes_to_send(&case);
            let is_head = bytes.starts_with(b"HEAD");
            let seen = send(Arc::clone(&listener), bytes.clone(), is_head).await;
            let path = format!("/behind-{}", case.id);
            let behind = format!("POST {path} HTTP/1.1\r\nHost: localhost:8080\r\nContent-Length: 6\r\n\r\nbehind");
            let both = [bytes.as_slice(), behind.as_bytes()].concat();
            send(Arc::clone(&listener), both, is_head).await;
            let executed = listener.toy.paths.lock().expect("no panic").iter().filter(|asked| **asked == path).count();
            // Where nothing was sent nothing stands before it; what is not answered is not over, or is HTTP/2.
            let should = usize::from(bytes.is_empty() || (!seen.closed && !seen.statuses.is_empty()));
            (case, seen, executed, should)
        });
    }
    let mut unexplained = Vec::new();
    let mut count = 0;
    for (case, seen, executed, should) in probes.join_all().await {
        count += 1;
        if executed != should {
            unexplained
                .push(format!("{}: saw {seen}, and the request behind it was executed {executed} times", case.id));
        }
        let allowed = Expected::read(&case.expected).allows(&seen);
        match (allowed, explained.remove(case.id.as_str())) {
            (true, None) => {}
            (false, Some(told)) if told == seen.to_string() => {}
            (_, told) => unexplained.push(format!(
                "{}: wanted {}, saw {seen}{}",
                case.id,
                case.expected,
                told.map(|told| format!(", explained is {told}")).unwrap_or_default()
            )),
        }
    }
    unexplained.sort();
    assert!(unexplained.is_empty(), "{} of {count}:\n{}", unexplained.len(), unexplained.join("\n"));
    assert!(explained.is_empty(), "explained, but not in the corpus: {explained:?}");
}
