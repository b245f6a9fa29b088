//! When the certificates end that the gateway shows, trusts or sends: those of its listener, which are in memory, and those
//! that policies of deliveries name, which are read like secrets.
//!
//! Those of partners that are known by a hash are seen only when they are used, and are not among them.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use portgate_core::policy::Credential;
use portgate_http::secrets::Secrets;
use portgate_http::tls::TlsFiles;
use portgate_http::validity::{Validity, validities};

use crate::configuration::Configuration;

/// How long what was read counts: whoever asks again and again must not have files read each time.
const FRESH_FOR: Duration = Duration::from_secs(5);

/// The certificates of one file or secret.
#[derive(Clone)]
pub(crate) struct CertificateFile {
    /// Its path, or the reference that policies name it by.
    pub(crate) name: String,
    /// Its certificates, or why they cannot be told.
    pub(crate) certificates: Result<Vec<Validity>, String>,
}

/// Finds them out.
pub(crate) struct Certificates {
    listener: Option<Arc<TlsFiles>>,
    secrets: Secrets,
    read: Mutex<Option<(Instant, Vec<CertificateFile>)>>,
}

impl Certificates {
    pub(crate) fn new(listener: Option<Arc<TlsFiles>>, secrets: Secrets) -> Self {
        Certificates { listener, secrets, read: Mutex::default() }
    }

    /// All certificates of a configuration.
    pub(crate) async fn of(&self, configuration: &Configuration) -> Vec<CertificateFile> {
        let listener = self.listener.iter().flat_map(|files| files.validities());
        let in_use = |(path, certificates): (std::path::PathBuf, _)| CertificateFile {
            name: path.display().to_string(),
            certificates: Ok(certificates),
        };
        let mut found: Vec<CertificateFile> = listener.map(in_use).collect();
        found.extend(self.of_deliveries(configuration).await);
        found
    }

    async fn of_deliveries(&self, configuration: &Configuration) -> Vec<CertificateFile> {
        let fresh = self.read.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, found)) = fresh.filter(|(at, _)| at.elapsed() < FRESH_FOR) {
            return found;
        }
        let (references, secrets) = (references(configuration), self.secrets.clone());
        let reading = tokio::task::spawn_blocking(move || {
            references.into_iter().map(|name| read(&secrets, name)).collect::<Vec<CertificateFile>>()
        });
        let found = reading.await.unwrap_or_default();
        *self.read.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), found.clone()));
        found
    }
}

/// The secrets that hold certificates for deliveries.
fn references(configuration: &Configuration) -> BTreeSet<String> {
    let policies = configuration.destinations.values().map(|destination| &destination.delivery);
    let named = policies.flat_map(|policy| {
        let own = match &policy.credential {
            Some(Credential::ClientCertificate { certificate, .. }) => Some(certificate),
            _ => None,
        };
        policy.ca.iter().chain(own)
    });
    named.cloned().collect()
}

fn read(secrets: &Secrets, name: String) -> CertificateFile {
    let certificates = match secrets.resolve(&name) {
        Ok(secret) => validities(secret.bytes()).map_err(|error| format!("`{name}` {error}")),
        Err(error) => Err(error.to_string()),
    };
    CertificateFile { name, certificates }
}
