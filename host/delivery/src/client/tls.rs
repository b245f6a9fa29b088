//! TLS towards a partner: 1.2 and 1.3, the system's authorities or the policy's own, a client certificate where the
//! policy names one.

use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use crate::secret::Secret;

/// The PEM files of a client's TLS, as the policy's references lead to them.
#[derive(Clone, Default)]
pub struct TlsFiles {
    /// Authorities that are trusted instead of the system's.
    pub ca: Option<Secret>,
    /// Certificate chain and private key.
    pub client_certificate: Option<(Secret, Secret)>,
}

/// Why TLS cannot be set up. Nothing of a file's content is repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlsError {
    /// There is nobody to trust.
    #[error("the system has no certificate authorities; install `ca-certificates`, or name some in delivery.ca")]
    NoAuthorities,
    /// The file of authorities is no PEM with certificates.
    #[error("delivery.ca holds no usable certificate in PEM form")]
    Ca,
    /// The certificate chain is no PEM with certificates.
    #[error("delivery.credential.certificate holds no usable certificate in PEM form")]
    Certificate,
    /// The key is no PEM with a private key.
    #[error("delivery.credential.key holds no usable private key in PEM form")]
    Key,
    /// Certificate and key do not belong together.
    #[error("delivery.credential: the certificate and the key do not belong together, or are of an unknown kind")]
    Mismatch,
    /// The cryptography library refuses its own defaults.
    #[error("TLS cannot be set up: {0}")]
    Library(String),
}

/// The TLS of a client. Reads the system's authorities anew, so that a change of them needs no restart.
pub(super) fn config(files: &TlsFiles) -> Result<Arc<ClientConfig>, TlsError> {
    let mut roots = RootCertStore::empty();
    match &files.ca {
        Some(pem) => {
            for authority in certificates(pem).ok_or(TlsError::Ca)? {
                roots.add(authority).map_err(|_| TlsError::Ca)?;
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if roots.is_empty() {
                return Err(TlsError::NoAuthorities);
            }
        }
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| TlsError::Library(error.to_string()))?
        .with_root_certificates(roots);
    let mut config = match &files.client_certificate {
        None => config.with_no_client_auth(),
        Some((chain, key)) => {
            let chain = certificates(chain).ok_or(TlsError::Certificate)?;
            let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| TlsError::Key)?;
            config.with_client_auth_cert(chain, key).map_err(|_| TlsError::Mismatch)?
        }
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// At least one certificate.
fn certificates(pem: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    found.ok().filter(|found| !found.is_empty())
}
