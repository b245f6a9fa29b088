//! TLS on the partner listener: certificate, key and client authorities from files that can change while it runs.
//!
//! TLS 1.2 and 1.3 by rustls with its safe defaults, HTTP/2 and HTTP/1.1 by ALPN. Where client authorities are given,
//! a client may present a certificate of theirs; one that does not hold ends the handshake, none at all is left to the
//! caller's policy. A failed reload leaves what was loaded last; connections that are open keep what they began with.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use portgate_files::{Guard, Kind, Unreadable, read, read_secret};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use zeroize::Zeroizing;

use crate::validity::{Validity, validities};

/// What was wrong with a file of the TLS settings.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// It cannot be read.
    #[error("{}: cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Unreadable,
    },
    /// It is not the PEM file it should be.
    #[error("{}: {wanted} was not found: {detail}", path.display())]
    NotPem {
        /// The file.
        path: PathBuf,
        /// What should be in it.
        wanted: &'static str,
        /// What the reader said.
        detail: String,
    },
    /// Certificate and key cannot be used, or do not belong together.
    #[error("{} and {}: {source}; the first certificate of the chain must be the one of this key", certificate.display(), key.display())]
    Pair {
        /// The file with the certificate chain.
        certificate: PathBuf,
        /// The file with the key.
        key: PathBuf,
        /// What the library said.
        source: rustls::Error,
    },
    /// The client authorities cannot be used.
    #[error("{}: {detail}", path.display())]
    ClientAuthorities {
        /// The file.
        path: PathBuf,
        /// What the library said.
        detail: String,
    },
}

/// The TLS settings of a listener, and the files they come from.
#[derive(Debug)]
pub struct TlsFiles {
    certificate: PathBuf,
    key: PathBuf,
    client_ca: Option<PathBuf>,
    /// How the key must be kept.
    guard: Guard,
    config: ArcSwap<ServerConfig>,
    loaded: Mutex<Contents>,
}

/// The bytes of all files, read together so that what is compared is what is used.
#[derive(PartialEq, Eq)]
struct Contents {
    certificate: Vec<u8>,
    key: Zeroizing<Vec<u8>>,
    client_ca: Option<Vec<u8>>,
}

/// Never shows the key.
impl std::fmt::Debug for Contents {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Contents")
    }
}

impl TlsFiles {
    /// Loads the certificate chain, the private key and, if clients may present certificates, their authorities; all
    /// in PEM.
    ///
    /// # Errors
    ///
    /// [`TlsError`], naming the file and what is wrong with it.
    pub fn load(
        certificate: &Path,
        key: &Path,
        client_ca: Option<&Path>,
        guard: Guard,
    ) -> Result<Arc<TlsFiles>, TlsError> {
        let contents = read_all(certificate, key, client_ca, guard)?;
        let config = build(certificate, key, client_ca, &contents)?;
        Ok(Arc::new(TlsFiles {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            client_ca: client_ca.map(Path::to_owned),
            guard,
            config: ArcSwap::from_pointee(config),
            loaded: Mutex::new(contents),
        }))
    }

    /// Reads the files again; `true` if they had changed and new connections now use them.
    ///
    /// # Errors
    ///
    /// [`TlsError`]; the settings that were loaded before stay in use. While a certificate and its key are being
    /// replaced one after the other this is a passing state: call it again at the next look.
    pub fn reload(&self) -> Result<bool, TlsError> {
        let client_ca = self.client_ca.as_deref();
        let contents = read_all(&self.certificate, &self.key, client_ca, self.guard)?;
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if *loaded == contents {
            return Ok(false);
        }
        self.config.store(Arc::new(build(&self.certificate, &self.key, client_ca, &contents)?));
        *loaded = contents;
        Ok(true)
    }

    /// The ends of the certificates that are in use: those of the chain, and of the client authorities; each file by its
    /// path.
    pub fn validities(&self) -> Vec<(PathBuf, Vec<Validity>)> {
        let loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        let authorities = self.client_ca.as_ref().zip(loaded.client_ca.as_ref());
        let files = [(&self.certificate, &loaded.certificate)].into_iter().chain(authorities);
        // What could not be read is not in use.
        files.map(|(path, pem)| (path.clone(), validities(pem).unwrap_or_default())).collect()
    }

    /// The settings for the next connection.
    pub(crate) fn current(&self) -> Arc<ServerConfig> {
        self.config.load_full()
    }
}

fn read_all(certificate: &Path, key: &Path, client_ca: Option<&Path>, guard: Guard) -> Result<Contents, TlsError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        |source| TlsError::Unreadable { path, source }
    };
    let certificates = |path: &Path| read(path, Kind::Certificates).map_err(failed(path));
    Ok(Contents {
        certificate: certificates(certificate)?,
        key: read_secret(key, Kind::Key, guard).map_err(failed(key))?,
        client_ca: client_ca.map(certificates).transpose()?,
    })
}

fn build(
    certificate: &Path,
    key: &Path,
    client_ca: Option<&Path>,
    contents: &Contents,
) -> Result<ServerConfig, TlsError> {
    let chain = certificates(certificate, &contents.certificate)?;
    let private_key = PrivateKeyDer::from_pem_slice(&contents.key).map_err(|error| TlsError::NotPem {
        path: key.to_owned(),
        wanted: "a private key (PKCS#8, PKCS#1 or SEC1)",
        detail: error.to_string(),
    })?;
    let pair = |source| TlsError::Pair { certificate: certificate.to_owned(), key: key.to_owned(), source };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(pair)?;
    let builder = match (client_ca, &contents.client_ca) {
        (Some(path), Some(pem)) => {
            let refused = |detail: String| TlsError::ClientAuthorities { path: path.to_owned(), detail };
            let mut authorities = RootCertStore::empty();
            for authority in certificates(path, pem)? {
                authorities.add(authority).map_err(|error| refused(error.to_string()))?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(authorities), provider)
                .allow_unauthenticated()
                .build()
                .map_err(|error| refused(error.to_string()))?;
            builder.with_client_cert_verifier(verifier)
        }
        _ => builder.with_no_client_auth(),
    };
    let mut config = builder.with_single_cert(chain, private_key).map_err(pair)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// All certificates of a PEM file, of which there must be one.
fn certificates(path: &Path, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let refused = |detail: String| TlsError::NotPem { path: path.to_owned(), wanted: "a certificate", detail };
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match found.map_err(|error| refused(error.to_string()))? {
        empty if empty.is_empty() => Err(refused("the file holds no CERTIFICATE section".to_owned())),
        found => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use rcgen::generate_simple_self_signed;
    use tempfile::TempDir;

    use super::*;

    struct Folder(TempDir);

    impl Folder {
        fn new() -> Folder {
            let folder = Folder(tempfile::tempdir().unwrap());
            folder.renew();
            folder
        }

        fn renew(&self) {
            let made = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
            std::fs::write(self.path("certificate.pem"), made.cert.pem()).unwrap();
            std::fs::write(self.path("key.pem"), made.signing_key.serialize_pem()).unwrap();
            std::fs::set_permissions(self.path("key.pem"), PermissionsExt::from_mode(0o600)).unwrap();
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        fn load(&self) -> Result<Arc<TlsFiles>, TlsError> {
            TlsFiles::load(&self.path("certificate.pem"), &self.path("key.pem"), None, Guard::OwnerAlone)
        }
    }

    #[test]
    fn unchanged_files_are_not_loaded_again() {
        let folder = Folder::new();
        let files = folder.load().unwrap();
        let before = files.current();
        assert!(!files.reload().unwrap());
        assert!(Arc::ptr_eq(&before, &files.current()));
        folder.renew();
        assert!(files.reload().unwrap());
        assert!(!Arc::ptr_eq(&before, &files.current()));
    }

    #[test]
    fn a_failed_reload_keeps_the_last_good_settings_and_names_the_file() {
        let folder = Folder::new();
        let files = folder.load().unwrap();
        let before = files.current();
        std::fs::write(folder.path("certificate.pem"), "not a certificate").unwrap();
        assert!(files.reload().unwrap_err().to_string().contains("certificate.pem"));
        std::fs::remove_file(folder.path("key.pem")).unwrap();
        assert!(files.reload().unwrap_err().to_string().contains("key.pem: cannot be read"));
        // A pipe that nobody writes to would be waited for for ever.
        std::fs::remove_file(folder.path("certificate.pem")).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(folder.path("certificate.pem")).status().unwrap().success());
        assert!(files.reload().unwrap_err().to_string().contains("certificate.pem: cannot be read: it is a pipe"));
        assert!(Arc::ptr_eq(&before, &files.current()));
    }

    #[test]
    fn a_key_of_another_certificate_is_refused() {
        let (one, other) = (Folder::new(), Folder::new());
        let error =
            TlsFiles::load(&one.path("certificate.pem"), &other.path("key.pem"), None, Guard::OwnerAlone).unwrap_err();
        assert!(matches!(error, TlsError::Pair { .. }), "{error}");
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let folder = Folder::new();
        std::fs::set_permissions(folder.path("key.pem"), PermissionsExt::from_mode(0o640)).unwrap();
        let error = folder.load().unwrap_err().to_string();
        assert!(error.contains("key.pem: cannot be read") && error.contains("chmod 600"), "{error}");
        assert!(TlsFiles::load(&folder.path("certificate.pem"), &folder.path("key.pem"), None, Guard::Mounted).is_ok());
    }

    #[test]
    fn a_key_file_without_a_key_is_refused() {
        let folder = Folder::new();
        std::fs::set_permissions(folder.path("certificate.pem"), PermissionsExt::from_mode(0o600)).unwrap();
        let error =
            TlsFiles::load(&folder.path("certificate.pem"), &folder.path("certificate.pem"), None, Guard::OwnerAlone)
                .unwrap_err();
        assert!(error.to_string().contains("a private key"), "{error}");
    }

    #[test]
    fn client_authorities_without_a_certificate_are_refused() {
        let folder = Folder::new();
        let (certificate, key) = (folder.path("certificate.pem"), folder.path("key.pem"));
        let error = TlsFiles::load(&certificate, &key, Some(&key), Guard::OwnerAlone).unwrap_err();
        assert!(error.to_string().contains("no CERTIFICATE section"), "{error}");
    }

    #[test]
    fn the_key_does_not_show_in_debug_output() {
        let folder = Folder::new();
        let key = std::fs::read(folder.path("key.pem")).unwrap();
        let shown = format!("{:?}", folder.load().unwrap().loaded);
        assert!(shown.len() < key.len() && !shown.contains("["), "{shown}");
    }
}
