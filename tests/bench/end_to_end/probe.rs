//! Before measuring: do both do the job, and the same one?
//!
//! For this an upstream of our own stands where nginx will: it keeps what it is sent. What is compared is what arrived
//! there, as JSON values, without the two fields that only Portgate can fill: the digest of the raw message and the
//! time it was recorded.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;

use portgate_bench::failure::Failure;

use crate::Setting;
use crate::peer::{PATH, Peer};

const PATIENCE: Duration = Duration::from_secs(10);
/// Fields of the canonical order that depend on who received the message, and when.
const DIFFERENT: [&str; 2] = ["/source/recordedAt", "/source/rawRef"];

/// Checks that every peer refuses a forged token and a missing one, and that all send the upstream the same document.
///
/// # Errors
///
/// The first difference, in words.
pub(crate) fn same_job(peers: &[Peer], setting: &Setting, payload: &[u8]) -> Result<(), Failure> {
    let (received, recorder) = record(setting.upstream, peers.len())?;
    let mut documents: Vec<(String, Value)> = Vec::new();
    for peer in peers {
        for (token, why) in [("", "no token"), (setting.identity.forged.as_str(), "a forged token")] {
            let status = post(peer.address, token, payload)?;
            if status != 401 {
                return Err(Failure::Different(format!("{peer} answered {status} to {why}; 401 was expected")));
            }
        }
        let status = post(peer.address, &setting.identity.token, payload)?;
        if status != 200 {
            let words = peer.process.last_words();
            return Err(Failure::Different(format!("{peer} answered {status} to a good order\n{words}")));
        }
        let document = received
            .recv_timeout(PATIENCE)
            .map_err(|_| Failure::Different(format!("{peer} answered 200, yet the upstream got nothing")))?;
        documents.push((peer.to_string(), without_what_differs(&document, peer)?));
    }
    recorder.join().map_err(|_| Failure::step("the recording upstream", "it panicked"))??;
    if let [(name, first), rest @ ..] = &documents[..] {
        if serde_json::from_slice::<Value>(payload).is_ok_and(|sent| sent == *first) {
            return Err(Failure::Different(format!("{name} forwarded the order as it came")));
        }
        if let Some((other_name, other)) = rest.iter().find(|(_, other)| other != first) {
            return Err(Failure::Different(format!("{name} sent\n{first}\nand {other_name} sent\n{other}")));
        }
    }
    Ok(())
}

fn without_what_differs(document: &[u8], peer: &Peer) -> Result<Value, Failure> {
    let mut value: Value = serde_json::from_slice(document)
        .map_err(|error| Failure::Different(format!("{peer} sent the upstream what is no JSON: {error}")))?;
    for pointer in DIFFERENT {
        if let Some(field) = value.pointer_mut(pointer) {
            *field = Value::Null;
        }
    }
    Ok(value)
}

/// Posts `payload` and returns the answer's status.
fn post(address: SocketAddr, token: &str, payload: &[u8]) -> Result<u16, Failure> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let authorization = if token.is_empty() { String::new() } else { format!("Authorization: Bearer {token}\r\n") };
    write!(
        stream,
        "POST {PATH} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: application/json\r\n\
         {authorization}Content-Length: {}\r\n\r\n",
        payload.len()
    )?;
    // A server may refuse before it has read everything.
    let _ = stream.write_all(payload);
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
    status.ok_or_else(|| Failure::step(format!("asking {address}"), format!("no status in {line:?}")))
}

type Recorder = JoinHandle<Result<(), std::io::Error>>;

/// An upstream that takes `count` requests, each on a connection of its own, and hands on their bodies.
fn record(address: SocketAddr, count: usize) -> Result<(Receiver<Vec<u8>>, Recorder), Failure> {
    let listener = TcpListener::bind(address)?;
    let (sender, receiver) = channel();
    let recorder = std::thread::spawn(move || {
        let mut left = count;
        while left > 0 {
            let (stream, _) = listener.accept()?;
            stream.set_read_timeout(Some(PATIENCE))?;
            let mut reader = BufReader::new(stream);
            // A peer may open a connection without using it.
            let Some(body) = read_body(&mut reader)? else { continue };
            let answer = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
            reader.get_mut().write_all(answer.as_bytes())?;
            left -= 1;
            if sender.send(body).is_err() {
                break;
            }
        }
        Ok(())
    });
    Ok((receiver, recorder))
}

/// The body of a request that has a `Content-Length`; none where the connection ends before a request.
fn read_body(reader: &mut impl BufRead) -> Result<Option<Vec<u8>>, std::io::Error> {
    let mut length = None;
    let mut line = String::new();
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok();
        }
    }
    let length: usize = length.ok_or_else(|| std::io::Error::other("the upstream was sent a body without a length"))?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some(body))
}
