//! HTTP/2: streams beyond the limit, streams taken back, silence.

use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use h2::client::SendRequest;
use h2::{Error, Reason};
use http::Request;
use portgate_http::connection::ConnectionLimits;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::listener::{GENEROUS, Listener, roomy};

/// A client that can do what no well-behaved one does.
pub(crate) async fn connect(listener: &Listener) -> SendRequest<Bytes> {
    let stream = TcpStream::connect(listener.address).await.expect("connected");
    // Its two small frames after each piece of an answer would otherwise wait for each other's acknowledgement.
    stream.set_nodelay(true).expect("a socket");
    let (client, connection) = h2::client::handshake(stream).await.expect("a handshake");
    tokio::spawn(connection);
    client.ready().await.expect("ready")
}

/// Begins a request; the future is its status, the answer taken in full.
pub(crate) fn get(client: &mut SendRequest<Bytes>, path: &str) -> impl Future<Output = Result<u16, Error>> + use<> {
    let request = Request::get(format!("http://gate{path}")).body(()).expect("a request");
    let sent = client.send_request(request, true);
    async move {
        let (head, mut body) = sent?.0.await?.into_parts();
        while let Some(piece) = body.data().await {
            let piece = piece?;
            body.flow_control().release_capacity(piece.len())?;
        }
        Ok(head.status.as_u16())
    }
}

#[tokio::test]
async fn prior_knowledge_is_understood_on_a_plain_listener() {
    let listener = Listener::start(roomy()).await;
    let mut client = connect(&listener).await;
    assert_eq!(get(&mut client, "/").await.unwrap(), 200);
    assert_eq!(get(&mut client, "/big").await.unwrap(), 200);
}

#[tokio::test]
async fn no_more_streams_run_than_are_allowed() {
    let listener = Listener::start(ConnectionLimits { streams_max: 4, ..roomy() }).await;
    let mut client = connect(&listener).await;
    // The client learns the limit with the first answer.
    assert_eq!(get(&mut client, "/").await.unwrap(), 200);
    let mut waiting = Vec::new();
    for _ in 0..4 {
        client = client.ready().await.unwrap();
        waiting.push(tokio::spawn(get(&mut client, "/wait")));
    }
    listener.until_begun(5).await;
    let fifth = tokio::spawn({
        let client = client.clone();
        async move {
            let mut client = client.ready().await?;
            get(&mut client, "/").await
        }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(listener.toy.begun.load(Ordering::SeqCst), 5, "the fifth stream waits for a place");
    listener.toy.gate.add_permits(4);
    for waiting in waiting {
        assert_eq!(waiting.await.unwrap().unwrap(), 200);
    }
    assert_eq!(fifth.await.unwrap().unwrap(), 200);
    assert_eq!(listener.toy.running_most.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn a_client_that_keeps_taking_requests_back_loses_its_connection() {
    taking_back(|| Request::get("http://gate/wait").body(()).unwrap(), true).await;
    // A handler whose body breaks off has an answer, which nobody asks for any more: it forgives nothing.
    taking_back(|| Request::post("http://gate/").body(()).unwrap(), false).await;
}

/// Takes such requests back one after the other, each once it has reached its handler.
async fn taking_back(request: impl Fn() -> Request<()>, is_whole: bool) {
    let listener = Listener::start(ConnectionLimits { abandoned_max: 50, ..roomy() }).await;
    let mut client = connect(&listener).await;
    let taking_back = async {
        for reset in 0.. {
            client = match client.clone().ready().await {
                Ok(client) => client,
                Err(_) => return reset,
            };
            let begun = listener.toy.begun.load(Ordering::SeqCst);
            let Ok((answer, mut stream)) = client.send_request(request(), is_whole) else { return reset };
            // Each has reached its handler before it is taken back, so no other limit than the budget can end this.
            while listener.toy.begun.load(Ordering::SeqCst) == begun {
                tokio::task::yield_now().await;
                if client.clone().ready().await.is_err() {
                    return reset;
                }
            }
            stream.send_reset(Reason::CANCEL);
            drop(answer);
        }
        unreachable!("the loop ends by returning")
    };
    let resets = timeout(GENEROUS, taking_back).await.expect("cut off in time");
    assert!((50..60).contains(&resets), "{resets}");
    listener.until(|toy| toy.running.load(Ordering::SeqCst) == 0).await;
    assert_eq!(listener.connect().await.get("/").await.status, 200, "others are served");
}

#[tokio::test]
async fn a_burst_of_resets_loses_its_connection() {
    let listener = Listener::start(ConnectionLimits { abandoned_max: 50, ..roomy() }).await;
    let mut client = connect(&listener).await;
    let flooding = async {
        loop {
            client = match client.clone().ready().await {
                Ok(client) => client,
                Err(_) => return,
            };
            let request = Request::get("http://gate/wait").body(()).unwrap();
            let Ok((_, mut stream)) = client.send_request(request, true) else { return };
            stream.send_reset(Reason::CANCEL);
            tokio::task::yield_now().await;
        }
    };
    timeout(GENEROUS, flooding).await.expect("cut off in time");
    assert_eq!(listener.connect().await.get("/").await.status, 200, "others are served");
}

#[tokio::test]
async fn a_stream_that_is_never_answered_ends() {
    let listener = Listener::start(ConnectionLimits { stream: Duration::from_millis(200), ..roomy() }).await;
    let mut client = connect(&listener).await;
    let request = Request::get("http://gate/wait").body(()).unwrap();
    let (answer, _) = client.send_request(request, true).unwrap();
    let ended = timeout(GENEROUS, answer).await.expect("ended in time");
    assert!(ended.is_err_and(|error| error.is_reset()), "the stream is reset");
    assert_eq!(get(&mut client, "/").await.unwrap(), 200, "the connection lives on");
}

#[tokio::test]
async fn a_stream_whose_answer_is_never_taken_ends() {
    let listener = Listener::start(ConnectionLimits { stream: Duration::from_millis(200), ..roomy() }).await;
    let mut client = connect(&listener).await;
    let request = Request::get("http://gate/big").body(()).unwrap();
    let mut body = client.send_request(request, true).unwrap().0.await.unwrap().into_body();
    let ended = async {
        // The window that these pieces took is never given back.
        while let Some(piece) = body.data().await {
            piece?;
        }
        Ok::<(), Error>(())
    };
    let ended = timeout(GENEROUS, ended).await.expect("ended in time");
    assert!(ended.is_err_and(|error| error.is_reset()), "the stream is reset");
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused_and_the_connection_lives_on() {
    let listener = Listener::start(ConnectionLimits { head_bytes_max: 1024, ..roomy() }).await;
    let mut client = connect(&listener).await;
    assert_eq!(get(&mut client, "/").await.unwrap(), 200);
    let request = Request::get("http://gate/").header("x-large", "x".repeat(2048)).body(()).unwrap();
    match client.send_request(request, true).unwrap().0.await {
        Ok(answer) => assert_eq!(answer.status().as_u16(), 431),
        Err(error) => assert!(error.is_reset(), "{error}"),
    }
    assert_eq!(get(&mut client, "/").await.unwrap(), 200);
}

#[tokio::test]
async fn a_connection_without_requests_is_wound_up_and_closed() {
    let first_byte = Duration::from_millis(200);
    let listener = Listener::start(ConnectionLimits { first_byte, head: first_byte, ..roomy() }).await;
    let stream = TcpStream::connect(listener.address).await.unwrap();
    let (mut client, connection) = h2::client::handshake(stream).await.unwrap();
    let connection = tokio::spawn(connection);
    assert_eq!(get(&mut client, "/").await.unwrap(), 200);
    // Its GOAWAY says no error.
    timeout(GENEROUS, connection).await.expect("closed in time").unwrap().unwrap();
}

#[tokio::test]
async fn a_panic_is_that_streams_500_and_nothing_else() {
    let listener = Listener::start(roomy()).await;
    let mut client = connect(&listener).await;
    assert_eq!(get(&mut client, "/panic").await.unwrap(), 500);
    assert_eq!(get(&mut client, "/").await.unwrap(), 200);
}

#[tokio::test]
async fn a_stream_that_breaks_a_rule_is_refused_alone() {
    let listener = Listener::start(roomy()).await;
    let mut client = connect(&listener).await;
    let request = Request::get("http://gate/").header("host", "other").body(()).unwrap();
    assert_eq!(client.send_request(request, true).unwrap().0.await.unwrap().status().as_u16(), 400);
    assert_eq!(get(&mut client, "/").await.unwrap(), 200);
}
