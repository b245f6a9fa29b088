//! Strangers that take all they can get of a gateway, from one address or from many, and a partner's call beside them.
//!
//! Each attack goes on until it is dropped: what the gateway ends is begun anew.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use rustls::RootCertStore;
use rustls::pki_types::ServerName;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpSocket;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsConnector;

use crate::{Workshop, credentials};

/// Longer than an attack may make anybody wait.
const PATIENCE: Duration = Duration::from_secs(20);

/// A connection of either kind.
pub trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Wire for S {}

/// The gateway that is attacked.
#[derive(Clone)]
pub struct Target {
    /// Its partner API.
    pub address: SocketAddr,
    /// What its certificate is verified with; none where it speaks plain HTTP.
    pub tls: Option<Arc<RootCertStore>>,
}

impl Target {
    /// Connects from this address; `protocol` is what is negotiated over TLS.
    ///
    /// # Errors
    ///
    /// What the system or the handshake says.
    pub async fn connect(&self, from: IpAddr, protocol: &[u8]) -> io::Result<Box<dyn Wire>> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::new(from, 0))?;
        let stream = timeout(PATIENCE, socket.connect(self.address)).await??;
        stream.set_nodelay(true)?;
        let Some(roots) = &self.tls else { return Ok(Box::new(stream)) };
        let config = rustls::ClientConfig::builder().with_root_certificates(Arc::clone(roots));
        let mut config = config.with_no_client_auth();
        config.alpn_protocols = vec![protocol.to_vec()];
        let host = ServerName::try_from("localhost").expect("a name");
        let connecting = TlsConnector::from(Arc::new(config)).connect(host, stream);
        Ok(Box::new(timeout(PATIENCE, connecting).await??))
    }
}

/// Has the workshop's gateway speak TLS; what its certificate is verified with comes back.
pub fn with_tls(workshop: &Workshop) -> Arc<RootCertStore> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let folder = workshop.policies().join("tls");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("chain.pem"), made.cert.pem()).expect("a certificate");
    let key = made.signing_key.serialize_pem();
    portgate_files::own::replace(&folder.join("key.pem"), key.as_bytes()).expect("a key");
    workshop.edit("gateway.toml", |text| {
        let tls = "[tls]\ncertificate = \"tls/chain.pem\"\nkey = \"tls/key.pem\"\n\n";
        text.replacen("[deadlines]", &format!("{tls}[deadlines]"), 1)
    });
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).expect("a certificate");
    Arc::new(roots)
}

/// Lets this process have as many connections as the system ever would.
pub fn raise_descriptors() {
    let limits = getrlimit(Resource::RLIMIT_NOFILE);
    let raised = limits.and_then(|(_, most)| setrlimit(Resource::RLIMIT_NOFILE, most, most));
    raised.expect("more open files");
}

/// An answer to a partner's call.
#[derive(Debug)]
pub struct Called {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Value,
    /// From the first byte sent to the last one received.
    pub took: Duration,
}

/// A partner's connection over HTTP/1.
pub struct Caller {
    sender: http1::SendRequest<Full<Bytes>>,
}

impl Caller {
    /// Connects from this address.
    ///
    /// # Errors
    ///
    /// Why there is no connection.
    pub async fn connect(target: &Target, from: IpAddr) -> io::Result<Caller> {
        let stream = target.connect(from, b"http/1.1").await?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
        tokio::spawn(connection);
        Ok(Caller { sender })
    }

    /// Sends one request and takes the answer.
    ///
    /// # Errors
    ///
    /// Why there is none.
    pub async fn call(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, String)],
        body: impl Into<Bytes>,
    ) -> io::Result<Called> {
        let began = Instant::now();
        let mut request = Request::builder().method(method).uri(path).header("host", "localhost");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let request = request.body(Full::new(body.into())).expect("a request");
        let calling = async {
            self.sender.ready().await?;
            let (head, body) = self.sender.send_request(request).await?.into_parts();
            Ok::<_, hyper::Error>((head.status.as_u16(), body.collect().await?.to_bytes()))
        };
        let (status, body) = timeout(PATIENCE, calling).await?.map_err(io::Error::other)?;
        let body = serde_json::from_slice(&body).unwrap_or_default();
        Ok(Called { status, body, took: began.elapsed() })
    }
}

/// The address of a stranger: the first, where there is one only, is 127.0.0.2.
pub fn stranger(number: usize, addresses: usize) -> IpAddr {
    let last = u8::try_from(2 + number % addresses).expect("fewer than 254 addresses");
    [127, 0, 0, last].into()
}

/// The fields of a webhook that nobody signed.
pub fn junk_signature() -> [(&'static str, String); 3] {
    [
        ("webhook-id", format!("msg_{}", hex::encode(credentials::random::<8>()))),
        ("webhook-timestamp", jiff::Timestamp::now().as_second().to_string()),
        ("webhook-signature", format!("v1,{}", STANDARD.encode(credentials::random::<32>()))),
    ]
}

/// An attack that goes on.
pub struct Attack {
    begun: Arc<AtomicUsize>,
    _tasks: JoinSet<()>,
}

impl Attack {
    /// Has so many strangers do something again and again, from so many addresses.
    fn by<F: Future<Output = io::Result<()>> + Send + 'static>(
        strangers: usize,
        addresses: usize,
        does: impl Fn(IpAddr, usize, Arc<AtomicUsize>) -> F + Clone + Send + 'static,
    ) -> Attack {
        let (begun, mut tasks) = (Arc::new(AtomicUsize::new(0)), JoinSet::new());
        for number in 0..strangers {
            let (does, begun) = (does.clone(), Arc::clone(&begun));
            tasks.spawn(async move {
                loop {
                    // The end of its connection is what a stranger expects.
                    let _ = does(stranger(number, addresses), number, Arc::clone(&begun)).await;
                    sleep(Duration::from_millis(500)).await;
                }
            });
        }
        Attack { begun, _tasks: tasks }
    }

    /// Waits until so much of it has begun.
    pub async fn has_begun(&self, count: usize) {
        let begun = async {
            while self.begun.load(Relaxed) < count {
                sleep(Duration::from_millis(20)).await;
            }
        };
        let within = timeout(Duration::from_secs(60), begun).await;
        assert!(within.is_ok(), "only {} of {count} began", self.begun.load(Relaxed));
    }

    /// HTTP/2 connections with streams that read an exchange under a junk signature and never end.
    pub fn unfinished_reads(target: Target, connections: usize, streams: usize, addresses: usize) -> Attack {
        Attack::by(connections, addresses, move |from, _, begun| {
            let target = target.clone();
            async move {
                let stream = target.connect(from, b"h2").await?;
                let (client, connection) = h2::client::handshake(stream).await.map_err(io::Error::other)?;
                let mut tasks = JoinSet::new();
                tasks.spawn(async move { drop(connection.await) });
                for _ in 0..streams {
                    let (client, begun) = (client.clone(), Arc::clone(&begun));
                    tasks.spawn(async move {
                        loop {
                            let Ok(mut client) = client.clone().ready().await else { return };
                            let mut request = Request::get("https://localhost/v1/exchanges/x");
                            for (name, value) in junk_signature() {
                                request = request.header(name, value);
                            }
                            let request = request.body(()).expect("a request");
                            let Ok((answer, _unfinished)) = client.send_request(request, false) else { return };
                            begun.fetch_add(1, Relaxed);
                            let _ = answer.await;
                            sleep(Duration::from_secs(1)).await;
                        }
                    });
                }
                // Ends when the connection has ended for all of them.
                while tasks.join_next().await.is_some() {}
                Ok(())
            }
        })
    }

    /// HTTP/2 connections that ask for what they are refused and take none of the answers: their window is empty.
    pub fn hoarded_answers(target: Target, connections: usize, streams: usize, addresses: usize) -> Attack {
        Attack::by(connections, addresses, move |from, _, begun| {
            let target = target.clone();
            async move {
                let stream = target.connect(from, b"h2").await?;
                let building = h2::client::Builder::new().initial_window_size(0).handshake::<_, Bytes>(stream);
                let (mut client, connection) = building.await.map_err(io::Error::other)?;
                let asking = async {
                    let mut answers = Vec::new();
                    for _ in 0..streams {
                        client = client.ready().await?;
                        let request = Request::get("https://localhost/v1/exchanges/x").body(()).expect("a request");
                        answers.push(client.send_request(request, true)?);
                        begun.fetch_add(1, Relaxed);
                    }
                    std::future::pending::<Result<(), h2::Error>>().await
                };
                tokio::select! {
                    ended = connection => ended.map_err(io::Error::other),
                    ended = asking => ended.map_err(io::Error::other),
                }
            }
        })
    }

    /// HTTP/1 connections with a webhook that nobody signed, whose body comes slowly. One in four sends as fast as the
    /// gateway wants it.
    pub fn slow_bodies(target: Target, path: &'static str, connections: usize, addresses: usize) -> Attack {
        Attack::by(connections, addresses, move |from, number, begun| {
            let target = target.clone();
            async move {
                let mut stream = target.connect(from, b"http/1.1").await?;
                stream.write_all(head(path, "content-length: 1000000\r\n").as_bytes()).await?;
                begun.fetch_add(1, Relaxed);
                let bytes_per_second = if number.is_multiple_of(4) { 10_000 } else { 600 };
                let piece = vec![b'x'; bytes_per_second / 4];
                let mut answer = [0; 1];
                loop {
                    stream.write_all(&piece).await?;
                    // An answer ends the request.
                    if timeout(Duration::from_millis(250), stream.read(&mut answer)).await.is_ok() {
                        return Ok(());
                    }
                }
            }
        })
    }

    /// Connections that say nothing, half a head, or nothing after the preface of HTTP/2. Over TLS the first two do not
    /// even begin or end the handshake.
    pub fn silence(target: Target, connections: usize, addresses: usize) -> Attack {
        let plain = Target { tls: None, ..target.clone() };
        Attack::by(connections, addresses, move |from, number, begun| {
            let (target, plain) = (target.clone(), plain.clone());
            async move {
                let mut stream = match number % 3 {
                    0 => plain.connect(from, b"").await?,
                    1 => {
                        let mut stream = plain.connect(from, b"").await?;
                        // The beginning of a head, or of a ClientHello (RFC 8446 §5.1, §4).
                        let half: &[u8] = if target.tls.is_some() { &[22, 3, 1, 1, 0, 1, 0] } else { b"POST /v1/mess" };
                        stream.write_all(half).await?;
                        stream
                    }
                    _ => {
                        let mut stream = target.connect(from, b"h2").await?;
                        stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await?;
                        stream
                    }
                };
                begun.fetch_add(1, Relaxed);
                let mut said = [0; 1024];
                while stream.read(&mut said).await? > 0 {}
                Ok(())
            }
        })
    }

    /// HTTP/1 connections that send webhooks of `bytes` that nobody signed as fast as they can. Every other one names a
    /// partner.
    pub fn junk_signatures(
        target: Target,
        path: &'static str,
        named: &'static str,
        bytes: usize,
        connections: usize,
        addresses: usize,
    ) -> Attack {
        let body = Bytes::from(vec![b'x'; bytes]);
        Attack::by(connections, addresses, move |from, number, begun| {
            let (target, body) = (target.clone(), body.clone());
            async move {
                let path = if number.is_multiple_of(2) { format!("{path}?from={named}") } else { path.to_owned() };
                let mut caller = Caller::connect(&target, from).await?;
                loop {
                    begun.fetch_add(1, Relaxed);
                    let mut headers = junk_signature().to_vec();
                    headers.push(("content-type", "application/json".to_owned()));
                    let called = caller.call(Method::POST, &path, &headers, body.clone()).await?;
                    assert_ne!(called.status, 202, "nobody signed this");
                    // A gateway that has refused is left alone as long as it asks for.
                    if called.status == 503 {
                        sleep(Duration::from_millis(100)).await;
                    }
                }
            }
        })
    }
}

/// The head of a webhook that nobody signed.
fn head(path: &str, framing: &str) -> String {
    let fields: String = junk_signature().iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    format!("POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/xml\r\n{fields}{framing}\r\n")
}
