//! Partners for tests: servers on loopback that behave, or do not, and secrets made at run time.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use portgate_core::policy::{Breaker, DeliveryLimits, DeliveryPolicy, Retry};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use zeroize::Zeroizing;

use crate::clock::Clock;
use crate::secret::{Secret, SecretSource};

pub(crate) mod gateway;
pub(crate) mod memory;

/// A server on loopback.
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    connections: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Peer {
    /// Hands every connection to `handle`.
    pub(crate) async fn raw<F, T>(handle: F) -> Peer
    where
        F: Fn(TcpStream) -> T + Send + 'static,
        T: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port on loopback");
        let address = listener.local_addr().expect("an address");
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&connections);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(handle(stream));
            }
        });
        Peer { address, connections, task }
    }

    /// Answers every request.
    pub(crate) async fn http(answer: impl Fn(Request<Bytes>) -> Response<Bytes> + Send + Sync + 'static) -> Peer {
        let answer = Arc::new(answer);
        Peer::raw(move |stream| serve(stream, Arc::clone(&answer))).await
    }

    /// The same over TLS.
    pub(crate) async fn https(
        config: ServerConfig,
        answer: impl Fn(Request<Bytes>) -> Response<Bytes> + Send + Sync + 'static,
    ) -> Peer {
        let (answer, acceptor) = (Arc::new(answer), TlsAcceptor::from(Arc::new(config)));
        Peer::raw(move |stream| {
            let (answer, acceptor) = (Arc::clone(&answer), acceptor.clone());
            async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    serve(stream, answer).await;
                }
            }
        })
        .await
    }

    /// How many connections were made.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Its URL without TLS.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve<S, A>(stream: S, answer: Arc<A>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    A: Fn(Request<Bytes>) -> Response<Bytes> + Send + Sync + 'static,
{
    let service = hyper::service::service_fn(move |request: Request<hyper::body::Incoming>| {
        let answer = Arc::clone(&answer);
        async move {
            let (head, body) = request.into_parts();
            let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
            Ok::<_, Infallible>(answer(Request::from_parts(head, body)).map(Full::new))
        }
    });
    // A client that goes away early is part of some tests.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

/// An answer with this status and body.
pub(crate) fn answer(status: u16, body: &'static str) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::from_static(body.as_bytes()));
    *answer.status_mut() = http::StatusCode::from_u16(status).expect("a status");
    answer
}

/// An authority of its own for each test.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new() -> Authority {
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority");
        Authority { issuer }
    }

    pub(crate) fn pem(&self) -> Secret {
        Zeroizing::new(self.issuer.pem().into_bytes())
    }

    /// Certificate and key for a name, in PEM form.
    pub(crate) fn issue(&self, name: &str) -> (Secret, Secret) {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec![name.to_owned()]).expect("parameters");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        (Zeroizing::new(certificate.pem().into_bytes()), Zeroizing::new(key.serialize_pem().into_bytes()))
    }

    /// A server for a name; with `clients`, one that wants a certificate of that authority.
    pub(crate) fn server(&self, name: &str, clients: Option<&Authority>) -> ServerConfig {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec![name.to_owned()]).expect("parameters");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .expect("versions");
        let config = match clients {
            None => config.with_no_client_auth(),
            Some(clients) => {
                let mut roots = RootCertStore::empty();
                roots.add(clients.issuer.der().clone()).expect("an authority");
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                config.with_client_cert_verifier(verifier.build().expect("a verifier"))
            }
        };
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
        config.with_single_cert(vec![certificate.der().clone()], key).expect("a server's TLS")
    }
}

/// Secrets that a test can change.
#[derive(Default)]
pub(crate) struct Vault(Mutex<BTreeMap<String, Vec<u8>>>);

impl Vault {
    pub(crate) fn with(secrets: &[(&str, &[u8])]) -> Arc<Vault> {
        let vault = Vault::default();
        for (reference, content) in secrets {
            vault.set(reference, content);
        }
        Arc::new(vault)
    }

    pub(crate) fn set(&self, reference: &str, content: &[u8]) {
        self.0.lock().expect("no panic").insert(reference.to_owned(), content.to_vec());
    }
}

impl SecretSource for Vault {
    fn secret(&self, reference: &str) -> Result<Secret, String> {
        let secrets = self.0.lock().expect("no panic");
        let content = secrets.get(reference).ok_or_else(|| format!("`{reference}`: is not there"))?;
        Ok(Zeroizing::new(content.clone()))
    }
}

/// A clock that a test moves.
pub(crate) struct TestClock(Mutex<Timestamp>);

impl TestClock {
    pub(crate) fn new() -> Arc<TestClock> {
        Arc::new(TestClock(Mutex::new("2026-03-01T08:00:00Z".parse().expect("an instant"))))
    }

    pub(crate) fn pass(&self, seconds: i64) {
        let mut now = self.0.lock().expect("no panic");
        *now += jiff::SignedDuration::from_secs(seconds);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().expect("no panic")
    }
}

/// A policy for a server on loopback, with limits that no honest answer of these tests reaches.
pub(crate) fn policy(base_url: &str) -> DeliveryPolicy {
    DeliveryPolicy {
        plugin: "shop".to_owned(),
        base_url: base_url.to_owned(),
        enabled: true,
        test: false,
        credential: None,
        private_addresses: true,
        ca: None,
        response_headers: Default::default(),
        limits: DeliveryLimits {
            connect_timeout_ms: 5_000,
            timeout_ms: 10_000,
            response_bytes_max: 1_000,
            in_flight_max: 4,
            requests_per_second: 1_000,
            burst: 1_000,
            follow_ups_max: 3,
        },
        retry: Retry::default(),
        breaker: Breaker::default(),
    }
}
