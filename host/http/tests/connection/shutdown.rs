//! The orderly end: what is in flight finishes, nothing new begins.

use std::time::Duration;

use portgate_http::connection::{ConnectionLimits, Report};
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::http2;
use super::listener::{GENEROUS, Listener, roomy};

#[tokio::test]
async fn a_request_in_flight_is_finished_and_no_new_one_begins() {
    let listener = Listener::start(roomy()).await;
    let mut waiting = listener.connect().await;
    waiting.send("GET /wait HTTP/1.1\r\nHost: gate\r\n\r\n").await;
    let mut idle = listener.connect().await;
    assert_eq!(idle.get("/").await.status, 200);
    listener.until_begun(2).await;

    listener.shutdown.begin();
    assert!(idle.ends().await, "between two requests a connection ends at once");
    let refused = async {
        while TcpStream::connect(listener.address).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(GENEROUS, refused).await.expect("the listener is closed");

    listener.toy.gate.add_permits(1);
    let answer = waiting.answer().await;
    assert_eq!(answer.status, 200);
    assert!(answer.head.contains("connection: close"), "{}", answer.head);
    assert!(waiting.ends().await);
    assert_eq!(listener.report().await.aborted, 0);
}

#[tokio::test]
async fn a_request_that_does_not_finish_in_time_is_cut_off_and_counted() {
    let listener = Listener::start(ConnectionLimits { shutdown: Duration::from_millis(200), ..roomy() }).await;
    let mut waiting = listener.connect().await;
    waiting.send("GET /wait HTTP/1.1\r\nHost: gate\r\n\r\n").await;
    listener.until_begun(1).await;
    let began = Instant::now();
    listener.shutdown.begin();
    assert_eq!(listener.report().await, Report { finished: 0, aborted: 1 });
    assert!(began.elapsed() >= Duration::from_millis(200));
    assert!(waiting.ends().await);
}

#[tokio::test]
async fn a_stream_in_flight_is_finished_after_goaway() {
    let listener = Listener::start(roomy()).await;
    let mut client = http2::connect(&listener).await;
    let waiting = tokio::spawn(http2::get(&mut client, "/wait"));
    listener.until_begun(1).await;
    listener.shutdown.begin();
    listener.toy.gate.add_permits(1);
    assert_eq!(waiting.await.expect("no panic").expect("answered"), 200);
    assert_eq!(listener.report().await, Report { finished: 1, aborted: 0 });
}

#[tokio::test]
async fn silent_connections_do_not_hold_up_the_end() {
    let listener = Listener::start(roomy()).await;
    let silent = listener.connect().await;
    let idle = http2::connect(&listener).await;
    assert_eq!(listener.connect().await.get("/").await.status, 200, "the two before were accepted");
    let began = Instant::now();
    listener.shutdown.begin();
    assert_eq!(listener.report().await.aborted, 0);
    assert!(began.elapsed() < GENEROUS / 2);
    drop((silent, idle));
}
