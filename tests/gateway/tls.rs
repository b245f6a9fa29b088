//! TLS over the whole gateway: partners known by their certificate, HTTP/2, certificates taken up when they change.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use portgate_files::own;
use portgate_tests::{Workshop, eventually};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{AlertDescription, ClientConfig, RootCertStore};
use serde_json::Value;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::{ORDER, order};

const PARTNER: &str = "orders.shop.example";

/// An authority whose certificates the listener and its partners use.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no name is a good list of names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        Authority(CertifiedIssuer::self_signed(params, key).expect("an authority"))
    }

    fn issue(&self, name: &str) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new([name.to_owned()]).expect("a name");
        (params.signed_by(&key, &self.0).expect("a certificate"), key)
    }

    /// Writes a certificate of the listener into the policy folder; returns it.
    fn equip(&self, workshop: &Workshop) -> CertificateDer<'static> {
        let (certificate, key) = self.issue("localhost");
        let folder = workshop.policies().join("tls");
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join("partners.pem"), self.0.pem()).expect("a file");
        own::replace(&folder.join("key.pem"), key.serialize_pem().as_bytes()).expect("a file");
        std::fs::write(folder.join("chain.pem"), certificate.pem()).expect("a file");
        certificate.der().clone()
    }

    /// Connects as a client that trusts this authority and shows this certificate, or none.
    async fn connect(
        &self,
        to: SocketAddr,
        identity: Option<(rcgen::Certificate, KeyPair)>,
    ) -> std::io::Result<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).expect("an authority");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider).with_protocol_versions(&[&rustls::version::TLS13]);
        let builder = builder.expect("TLS 1.3").with_root_certificates(roots);
        let mut config = match identity {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => {
                let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
                builder.with_client_auth_cert(vec![certificate.der().clone()], key).expect("a certificate of that key")
            }
        };
        config.alpn_protocols = vec![b"h2".to_vec()];
        let stream = TcpStream::connect(to).await?;
        let host = ServerName::try_from("localhost").expect("a name");
        TlsConnector::from(Arc::new(config)).connect(host, stream).await
    }

    /// Sends an order over HTTP/2 with a certificate, or without; returns the answer and the listener's certificate.
    async fn send(&self, to: SocketAddr, name: Option<&str>) -> Result<(StatusCode, Value, Vec<u8>), String> {
        let identity = name.map(|name| self.issue(name));
        let stream = self.connect(to, identity).await.map_err(|error| error.to_string())?;
        let (_, session) = stream.get_ref();
        let listener = session.peer_certificates().expect("the listener has a certificate")[0].to_vec();
        assert_eq!(session.alpn_protocol(), Some(&b"h2"[..]));
        let handshake = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await;
        let (mut sender, connection) = handshake.map_err(|error| error.to_string())?;
        tokio::spawn(connection);
        let request = Request::post(format!("https://localhost{ORDER}"))
            .header("content-type", "application/json")
            .header("prefer", "return=representation");
        let request = request.body(Full::new(Bytes::from(order()))).expect("a request");
        let response = sender.send_request(request).await.map_err(|error| error.to_string())?;
        let status = response.status();
        let body = response.into_body().collect().await.map_err(|error| error.to_string())?.to_bytes();
        Ok((status, serde_json::from_slice(&body).unwrap_or_default(), listener))
    }
}

/// The project's policies with TLS, and the web shop known by its certificate's name.
fn workshop() -> Workshop {
    let workshop = Workshop::new();
    workshop.edit("gateway.toml", |text| {
        let tls = "[tls]\ncertificate = \"tls/chain.pem\"\nkey = \"tls/key.pem\"\nclient_ca = \"tls/partners.pem\"\n\n";
        text.replacen("[deadlines]", &format!("{tls}[deadlines]"), 1)
    });
    workshop.edit("partners/web-shop.toml", |text| {
        text.replacen("kind = \"api-key\"\nsha256 = \"file:web-shop.sha256\"", &by_certificate(), 1)
    });
    workshop
}

fn by_certificate() -> String {
    format!("kind = \"mtls\"\nsan_dns = \"{PARTNER}\"")
}

#[tokio::test]
async fn a_partner_is_known_by_its_certificate_and_another_s_is_refused() {
    let (workshop, authority) = (workshop(), Authority::new());
    authority.equip(&workshop);
    let gateway = workshop.start().await;
    let (status, answer, _) = authority.send(gateway.partner, Some(PARTNER)).await.expect("an answer");
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["documents"][0]["document"]["source"]["system"], "web-shop");
    for stranger in [Some("somebody.else.example"), None] {
        let (status, answer, _) = authority.send(gateway.partner, stranger).await.expect("an answer");
        assert_eq!(
            (status.as_u16(), answer["type"].as_str()),
            (401, Some("/problems/unauthenticated")),
            "{stranger:?}"
        );
    }
    let foreign = Authority::new().issue(PARTNER);
    // In TLS 1.3 the client is done before the listener has judged its certificate.
    let refused = match authority.connect(gateway.partner, Some(foreign)).await {
        Ok(mut stream) => stream.read_u8().await.map(drop),
        Err(error) => Err(error),
    };
    // Both authorities have the same name, so that it is the signature which does not hold (RFC 8446 §6.2).
    let refused = refused.expect_err("the right name, vouched for by another authority").to_string();
    assert_eq!(refused, rustls::Error::AlertReceived(AlertDescription::DecryptError).to_string());
    let (status, ..) = authority.send(gateway.partner, Some(PARTNER)).await.expect("an answer");
    assert_eq!(status, 200);
}

#[tokio::test]
async fn a_new_certificate_is_taken_up_and_a_broken_one_is_not() {
    let (workshop, authority) = (workshop(), Authority::new());
    let first = authority.equip(&workshop);
    let gateway = workshop.start().await;
    let (.., seen) = authority.send(gateway.partner, Some(PARTNER)).await.expect("an answer");
    assert_eq!(seen, first.to_vec());
    std::fs::write(workshop.policies().join("tls/chain.pem"), "no certificate").expect("a file");
    tokio::time::sleep(Duration::from_secs(3)).await;
    let (.., seen) = authority.send(gateway.partner, Some(PARTNER)).await.expect("an answer");
    assert_eq!(seen, first.to_vec(), "the last good certificate stays");
    let second = authority.equip(&workshop);
    eventually("the new certificate is taken up", async || {
        let (.., seen) = authority.send(gateway.partner, Some(PARTNER)).await.expect("an answer");
        if seen == second.to_vec() { Ok(()) } else { Err("the one before") }
    })
    .await;
}
