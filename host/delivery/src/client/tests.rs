use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::Response;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;
use crate::resolve::SystemResolver;
use crate::testing::{Authority, Peer, answer, policy};

fn target(url: &str) -> Target {
    Target::new(BaseUrl::parse(url).expect("a base URL"), true, &policy(url).limits)
}

fn client(target: Target) -> Client {
    Client::new(target, &TlsFiles::default(), Arc::new(SystemResolver)).expect("a client")
}

async fn get(client: &Client) -> Result<Answer, SendError> {
    client.send(http::Method::GET, "/orders?page=1", HeaderMap::new(), Bytes::new()).await
}

/// Reads a request, as far as it comes in one piece.
async fn asked(stream: &mut TcpStream) {
    let mut request = [0; 512];
    let _ = stream.read(&mut request).await;
}

/// A client that trusts one authority.
fn trusting(target: Target, ca: &Authority, client_certificate: Option<(&Authority, &str)>) -> Client {
    let client_certificate = client_certificate.map(|(authority, name)| authority.issue(name));
    let files = TlsFiles { ca: Some(ca.pem()), client_certificate };
    Client::new(target, &files, Arc::new(SystemResolver)).expect("a client")
}

#[tokio::test]
async fn a_request_goes_below_the_base_url_and_connections_are_used_again() {
    let peer = Peer::http(|request| {
        let seen = format!("{} {} {:?}", request.method(), request.uri(), request.headers()["host"]);
        Response::new(Bytes::from(seen))
    })
    .await;
    let client = client(target(&format!("{}/v1", peer.url())));
    for _ in 0..3 {
        let answer = get(&client).await.expect("an answer");
        assert_eq!(answer.body, format!("GET /v1/orders?page=1 {:?}", peer.address.to_string()));
    }
    assert_eq!(peer.connections(), 1);
}

#[tokio::test]
async fn a_tarpit_ends_with_the_deadline() {
    for pieces in [&[][..], &["HTTP/1.1 200 OK\r\n"][..], &["HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n", "a"][..]] {
        let peer = Peer::raw(move |mut stream| async move {
            asked(&mut stream).await;
            for piece in pieces {
                let _ = stream.write_all(piece.as_bytes()).await;
            }
            let mut sink = Vec::new();
            let _ = stream.read_to_end(&mut sink).await;
        })
        .await;
        let client = client(Target { timeout: Duration::from_millis(200), ..target(&peer.url()) });
        assert!(matches!(get(&client).await, Err(SendError::Timeout(_))), "{pieces:?}");
    }
}

#[tokio::test]
async fn an_endless_answer_is_cut_off_at_its_cap() {
    for head in
        ["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n"]
    {
        let peer = Peer::raw(move |mut stream| async move {
            asked(&mut stream).await;
            let _ = stream.write_all(head.as_bytes()).await;
            let piece = format!("400\r\n{}\r\n", "a".repeat(0x400));
            while stream.write_all(piece.as_bytes()).await.is_ok() {}
        })
        .await;
        let failed = get(&client(target(&peer.url()))).await;
        assert!(matches!(failed, Err(SendError::TooLarge(1000))), "{failed:?}");
    }
}

#[tokio::test]
async fn an_endless_head_is_cut_off() {
    let peer = Peer::raw(|mut stream| async move {
        asked(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n").await;
        while stream.write_all(b"x-a: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n").await.is_ok() {}
    })
    .await;
    let failed = get(&client(target(&peer.url()))).await;
    assert!(matches!(failed, Err(SendError::Broken(_))), "{failed:?}");
}

#[tokio::test]
async fn a_redirect_is_a_failure_and_nobody_follows_it() {
    let asked = Arc::new(AtomicUsize::new(0));
    let elsewhere = Peer::http({
        let asked = Arc::clone(&asked);
        move |_| {
            asked.fetch_add(1, Ordering::SeqCst);
            answer(200, "")
        }
    })
    .await;
    let location = elsewhere.url();
    let peer = Peer::http(move |_| {
        let mut redirect = answer(307, "");
        redirect.headers_mut().insert("location", location.parse().expect("a header"));
        redirect
    })
    .await;
    assert!(matches!(get(&client(target(&peer.url()))).await, Err(SendError::Redirect(status)) if status == 307));
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn what_is_no_http_or_breaks_off_is_an_error() {
    for bytes in
        ["", "hello\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc", "HTTP/1.1 200 OK\r\nx y\r\n\r\n"]
    {
        let peer = Peer::raw(move |mut stream| async move {
            asked(&mut stream).await;
            let _ = stream.write_all(bytes.as_bytes()).await;
        })
        .await;
        let failed = get(&client(target(&peer.url()))).await;
        assert!(matches!(failed, Err(SendError::Broken(_))), "{bytes:?}: {failed:?}");
    }
}

#[tokio::test]
async fn nobody_listening_is_said() {
    let peer = Peer::http(|_| answer(200, "")).await;
    let url = peer.url();
    drop(peer);
    let failed = get(&client(target(&url))).await.expect_err("nobody listens");
    assert!(matches!(failed, SendError::Connect(ConnectError::Unreachable { .. })), "{failed:?}");
}

#[tokio::test]
async fn an_answer_is_not_decompressed() {
    let peer = Peer::http(|request| {
        assert!(!request.headers().contains_key("accept-encoding"));
        let mut compressed = answer(200, "\x1f\x7b not really");
        compressed.headers_mut().insert("content-encoding", "gzip".parse().expect("a header"));
        compressed
    })
    .await;
    let answer = get(&client(target(&peer.url()))).await.expect("an answer");
    assert_eq!(answer.body, "\x1f\x7b not really");
}

#[tokio::test]
async fn a_server_is_trusted_by_the_policys_authority_and_its_name_alone() {
    let (authority, other) = (Authority::new(), Authority::new());
    let peer = Peer::https(authority.server("127.0.0.1", None), |_| answer(200, "hello")).await;
    let url = format!("https://{}", peer.address);
    let trusted = trusting(target(&url), &authority, None);
    assert_eq!(get(&trusted).await.expect("an answer").body, "hello");
    for distrusting in [trusting(target(&url), &other, None), client(target(&url))] {
        let failed = get(&distrusting).await;
        assert!(matches!(failed, Err(SendError::Connect(ConnectError::Tls(_)))), "{failed:?}");
    }
    let peer = Peer::https(authority.server("other.example", None), |_| answer(200, "hello")).await;
    let failed = get(&trusting(target(&format!("https://{}", peer.address)), &authority, None)).await;
    assert!(matches!(failed, Err(SendError::Connect(ConnectError::Tls(_)))), "{failed:?}");
}

#[tokio::test]
async fn a_server_that_wants_a_certificate_gets_the_policys() {
    let (authority, clients) = (Authority::new(), Authority::new());
    let peer = Peer::https(authority.server("127.0.0.1", Some(&clients)), |_| answer(200, "hello")).await;
    let target = target(&format!("https://{}", peer.address));
    let known = trusting(target.clone(), &authority, Some((&clients, "portgate.example")));
    assert_eq!(get(&known).await.expect("an answer").body, "hello");
    assert!(get(&trusting(target.clone(), &authority, None)).await.is_err());
    assert!(get(&trusting(target, &authority, Some((&authority, "portgate.example")))).await.is_err());
}

#[tokio::test]
async fn a_name_that_leads_to_this_machine_is_refused_unless_allowed() {
    let peer = Peer::http(|_| answer(200, "inside")).await;
    let url = format!("http://localhost:{}", peer.address.port());
    let failed = get(&client(Target { private_addresses: false, ..target(&url) })).await.expect_err("private");
    assert!(failed.to_string().contains("private network"), "{failed}");
    assert_eq!(peer.connections(), 0);
    let allowed = client(Target { private_addresses: true, ..target(&url) });
    // Where `localhost` has several addresses, the one that answers is found.
    assert_eq!(get(&allowed).await.expect("an answer").body, "inside");
}

/// Answers honestly first and with this machine's address ever after.
struct Rebinding(AtomicUsize);

#[async_trait::async_trait]
impl Resolver for Rebinding {
    async fn resolve(&self, _: &str) -> std::io::Result<Vec<IpAddr>> {
        let inside = self.0.fetch_add(1, Ordering::SeqCst) > 0;
        Ok(vec![if inside { [127, 0, 0, 1] } else { [127, 0, 0, 2] }.into()])
    }
}

#[tokio::test]
async fn a_name_is_looked_up_once_for_each_connection() {
    let peer = Peer::http(|_| answer(200, "inside")).await;
    let resolver = Arc::new(Rebinding(AtomicUsize::new(0)));
    let url = format!("http://rebinding.example:{}", peer.address.port());
    let client = Client::new(target(&url), &TlsFiles::default(), resolver.clone()).expect("a client");
    // The checked address has no listener, and the other one is not asked for.
    let failed = get(&client).await.expect_err("nobody listens there");
    assert!(failed.to_string().contains("127.0.0.2"), "{failed}");
    assert_eq!((resolver.0.load(Ordering::SeqCst), peer.connections()), (1, 0));
}

#[test]
fn files_that_are_no_certificates_are_named_and_not_shown() {
    let authority = Authority::new();
    let (certificate, key) = authority.issue("a.example");
    let (_, other_key) = authority.issue("b.example");
    let nonsense = || zeroize::Zeroizing::new(b"hunter2".to_vec());
    let made = |ca: Option<crate::secret::Secret>, client_certificate| {
        tls::config(&TlsFiles { ca, client_certificate }).map(|_| ()).map_err(|error| error.to_string())
    };
    assert_eq!(made(Some(authority.pem()), Some((certificate.clone(), key.clone()))), Ok(()));
    for failed in [
        made(Some(nonsense()), None),
        made(Some(authority.pem()), Some((nonsense(), key))),
        made(Some(authority.pem()), Some((certificate.clone(), nonsense()))),
        made(Some(authority.pem()), Some((certificate, other_key))),
    ] {
        let error = failed.expect_err("unusable");
        assert!(error.contains("delivery.") && !error.contains("hunter2"), "{error}");
    }
}
