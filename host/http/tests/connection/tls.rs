//! TLS: versions, protocols by ALPN, certificates replaced while connections are open, certificates of clients.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use portgate_files::{Guard, own};
use portgate_http::connection::ConnectionLimits;
use portgate_http::tls::TlsFiles;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{AlertDescription, ClientConfig, ProtocolVersion, RootCertStore, SupportedProtocolVersion};
use tempfile::TempDir;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::listener::{Client, GENEROUS, Listener, roomy};

/// An authority, and a folder with what it issued to the listener.
struct Authority {
    folder: TempDir,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Authority {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let authority = Authority { folder: tempfile::tempdir().unwrap(), issuer };
        std::fs::write(authority.path("authority.pem"), authority.issuer.pem()).unwrap();
        authority.issue_to_listener();
        authority
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn issue(&self, name: &str) -> (CertificateDer<'static>, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        (params.signed_by(&key, &self.issuer).unwrap().der().clone(), key)
    }

    /// Writes a new certificate and key; returns the certificate.
    fn issue_to_listener(&self) -> CertificateDer<'static> {
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new(["localhost".to_owned()]).unwrap().signed_by(&key, &self.issuer).unwrap();
        std::fs::write(self.path("certificate.pem"), certificate.pem()).unwrap();
        own::replace(&self.path("key.pem"), key.serialize_pem().as_bytes()).unwrap();
        certificate.der().clone()
    }

    fn files(&self, client_certificates: bool) -> Arc<TlsFiles> {
        let authority = self.path("authority.pem");
        let client_ca = client_certificates.then_some(authority.as_path());
        TlsFiles::load(&self.path("certificate.pem"), &self.path("key.pem"), client_ca, Guard::OwnerAlone).unwrap()
    }

    /// A client that trusts this authority.
    fn client(
        &self,
        versions: &[&'static SupportedProtocolVersion],
        protocols: &[&str],
        identity: Option<(CertificateDer<'static>, KeyPair)>,
    ) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider).with_protocol_versions(versions).unwrap();
        let builder = builder.with_root_certificates(roots);
        let mut config = match identity {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => {
                let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
                builder.with_client_auth_cert(vec![certificate], key).unwrap()
            }
        };
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        TlsConnector::from(Arc::new(config))
    }
}

async fn connect(listener: &Listener, connector: &TlsConnector) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(listener.address).await?;
    connector.connect(ServerName::try_from("localhost").expect("a name"), stream).await
}

const BOTH: &[&SupportedProtocolVersion] = &[&rustls::version::TLS12, &rustls::version::TLS13];

#[tokio::test]
async fn tls_1_2_and_1_3_are_spoken() {
    let authority = Authority::new();
    let listener = Listener::start_with(roomy(), GENEROUS, Some(authority.files(false))).await;
    for (version, name) in
        [(&rustls::version::TLS12, ProtocolVersion::TLSv1_2), (&rustls::version::TLS13, ProtocolVersion::TLSv1_3)]
    {
        let stream = connect(&listener, &authority.client(&[version], &[], None)).await.unwrap();
        assert_eq!(stream.get_ref().1.protocol_version(), Some(name));
        assert_eq!(Client::over(stream).get("/").await.status, 200);
    }
}

#[tokio::test]
async fn alpn_chooses_the_protocol() {
    let authority = Authority::new();
    let listener = Listener::start_with(roomy(), GENEROUS, Some(authority.files(false))).await;
    let stream = connect(&listener, &authority.client(BOTH, &["http/1.1"], None)).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"http/1.1".as_slice()));
    assert_eq!(Client::over(stream).get("/").await.status, 200);

    let stream = connect(&listener, &authority.client(BOTH, &["h2", "http/1.1"], None)).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
    let (mut client, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    assert_eq!(super::http2::get(&mut client, "/").await.unwrap(), 200);

    let other = connect(&listener, &authority.client(BOTH, &["spdy/3"], None)).await;
    assert_eq!(alert(other.map(drop)), AlertDescription::NoApplicationProtocol);
}

/// The alert with which the listener ended a connection.
fn alert(ended: std::io::Result<()>) -> AlertDescription {
    let error = ended.expect_err("the listener ends it");
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::AlertReceived(alert)) => *alert,
        _ => panic!("no alert, but {error}"),
    }
}

#[tokio::test]
async fn a_new_certificate_is_used_for_new_connections_and_open_ones_go_on() {
    let authority = Authority::new();
    let files = authority.files(false);
    let listener = Listener::start_with(roomy(), GENEROUS, Some(Arc::clone(&files))).await;
    let connector = authority.client(BOTH, &[], None);
    let mut open = Client::over(connect(&listener, &connector).await.unwrap());
    assert_eq!(open.get("/").await.status, 200);

    let renewed = authority.issue_to_listener();
    assert!(files.reload().unwrap());
    let stream = connect(&listener, &authority.client(BOTH, &[], None)).await.unwrap();
    assert_eq!(stream.get_ref().1.peer_certificates().unwrap()[0], renewed);
    assert_eq!(Client::over(stream).get("/").await.status, 200);
    assert_eq!(open.get("/").await.status, 200);

    std::fs::write(authority.path("certificate.pem"), "no certificate").unwrap();
    assert!(files.reload().is_err());
    let stream = connect(&listener, &authority.client(BOTH, &[], None)).await.unwrap();
    assert_eq!(stream.get_ref().1.peer_certificates().unwrap()[0], renewed);
}

#[tokio::test]
async fn a_clients_certificate_is_seen_by_the_handler() {
    let authority = Authority::new();
    let listener = Listener::start_with(roomy(), GENEROUS, Some(authority.files(true))).await;
    let (certificate, key) = authority.issue("broker.example");
    let expected = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &certificate);
    let connector = authority.client(BOTH, &[], Some((certificate, key)));
    // The second time the session is resumed, and the certificate is still known.
    for _ in 0..2 {
        let stream = connect(&listener, &connector).await.unwrap();
        let answer = Client::over(stream).get("/who").await;
        assert_eq!(answer.body, hex::encode(expected).into_bytes());
    }
    let without = connect(&listener, &authority.client(BOTH, &[], None)).await.unwrap();
    assert_eq!(Client::over(without).get("/who").await.body, b"nobody");
}

#[tokio::test]
async fn a_certificate_of_another_authority_ends_the_handshake() {
    let (authority, other) = (Authority::new(), Authority::new());
    let listener = Listener::start_with(roomy(), GENEROUS, Some(authority.files(true))).await;
    for version in BOTH {
        let connector = authority.client(&[version], &[], Some(other.issue("broker.example")));
        // In TLS 1.3 the client is done before the listener has judged its certificate.
        let ended = match connect(&listener, &connector).await {
            Ok(mut stream) => stream.read_u8().await.map(drop),
            Err(error) => Err(error),
        };
        // Both authorities have the same name, so that it is the signature which does not hold (RFC 8446 §6.2).
        assert_eq!(alert(ended), AlertDescription::DecryptError, "{version:?}");
    }
}

#[tokio::test]
async fn a_handshake_that_does_not_end_is_cut_off() {
    let authority = Authority::new();
    let limits = ConnectionLimits { head: Duration::from_millis(200), ..roomy() };
    let listener = Listener::start_with(limits, GENEROUS, Some(authority.files(false))).await;
    let mut client = listener.connect().await;
    client.send([22, 3, 1, 0, 200]).await;
    assert!(client.ends().await);
}

#[tokio::test]
async fn plain_http_on_a_tls_listener_is_not_answered() {
    let authority = Authority::new();
    let listener = Listener::start_with(roomy(), GENEROUS, Some(authority.files(false))).await;
    let mut client = listener.connect().await;
    client.send("GET / HTTP/1.1\r\nHost: gate\r\n\r\n").await;
    // At most a TLS alert comes back.
    assert!(client.answer_within(GENEROUS).await.is_none());
}

#[tokio::test]
async fn framing_is_as_strict_over_tls() {
    let authority = Authority::new();
    let listener = Listener::start_with(roomy(), GENEROUS, Some(authority.files(false))).await;
    let chunked = "POST /first HTTP/1.1\r\nHost: gate\r\nTransfer-Encoding: chunked\r\n\r\n";
    let behind = "GET /behind HTTP/1.1\r\nHost: gate\r\n\r\n";
    for attack in [
        "GET /first HTTP/1.1\nHost: gate\r\n\r\n".to_owned(),
        "POST /first HTTP/1.1\r\nHost: gate\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n".to_owned(),
        format!("{chunked}0\r\n\n"),
        format!("{chunked}0\r\nfoo: bar\n\r\n"),
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
    ] {
        let stream = connect(&listener, &authority.client(BOTH, &["http/1.1"], None)).await.unwrap();
        let mut client = Client::over(stream);
        client.send(format!("{attack}{behind}")).await;
        assert_eq!(client.answer().await.status, 400, "{attack:?}");
        assert!(client.ends().await, "{attack:?}");
    }
    assert!(!listener.toy.paths.lock().expect("no panic").iter().any(|path| path == "/behind"));
}
