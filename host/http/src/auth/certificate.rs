//! Client certificates: which partner one stands for, by its hash or by a DNS name in it.
//!
//! That the certificate is an authority's and its holder has the key is proven in the handshake; here it is only looked
//! up. DNS names are compared whole and without case; a wildcard, in a policy or a certificate, stands for nobody.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use portgate_core::sha256::sha256;
use x509_parser::extensions::GeneralName;

use super::{AuthError, Identity, Method};

/// The client certificate of a connection, as far as authentication needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerCertificate {
    /// SHA-256 of the certificate's DER form.
    pub sha256: [u8; 32],
    /// The DNS names of its subject alternative names, in lower case.
    pub san_dns: Vec<String>,
    /// The last second of its validity: a connection may outlive it.
    pub not_after: Timestamp,
}

/// A certificate that passed the handshake and still cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the client certificate cannot be read as X.509")]
pub struct UnreadableCertificate;

impl PeerCertificate {
    /// Reads the DER form of one certificate.
    ///
    /// # Errors
    ///
    /// [`UnreadableCertificate`] where it is not exactly one X.509 certificate.
    pub fn from_der(der: &[u8]) -> Result<Self, UnreadableCertificate> {
        let (rest, certificate) = x509_parser::parse_x509_certificate(der).map_err(|_| UnreadableCertificate)?;
        if !rest.is_empty() {
            return Err(UnreadableCertificate);
        }
        let names = certificate.subject_alternative_name().map_err(|_| UnreadableCertificate)?;
        let names = names.iter().flat_map(|extension| &extension.value.general_names);
        let san_dns = names.filter_map(|name| match name {
            GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
            _ => None,
        });
        let not_after = Timestamp::from_second(certificate.validity().not_after.timestamp());
        Ok(PeerCertificate {
            sha256: sha256(der),
            san_dns: san_dns.collect(),
            not_after: not_after.map_err(|_| UnreadableCertificate)?,
        })
    }
}

/// All partners' client certificates.
#[derive(Default)]
pub(super) struct Certificates {
    /// By hash; with a name that the certificate must have as well, where the policy says both.
    by_hash: HashMap<[u8; 32], (Arc<str>, Option<String>)>,
    by_name: HashMap<String, Arc<str>>,
}

impl Certificates {
    /// Adds a hash. If it is another's already, that sender's name comes back instead.
    pub(super) fn add_hash(
        &mut self,
        sha256: [u8; 32],
        name: Option<String>,
        sender: Arc<str>,
    ) -> Result<(), Arc<str>> {
        match self.by_hash.get(&sha256) {
            Some((other, _)) => Err(Arc::clone(other)),
            None => {
                self.by_hash.insert(sha256, (sender, name));
                Ok(())
            }
        }
    }

    /// Adds a name in lower case. If it is another's already, that sender's name comes back instead.
    pub(super) fn add_name(&mut self, name: String, sender: Arc<str>) -> Result<(), Arc<str>> {
        match self.by_name.get(&name) {
            Some(other) => Err(Arc::clone(other)),
            None => {
                self.by_name.insert(name, sender);
                Ok(())
            }
        }
    }

    /// The senders that a certificate stands for.
    pub(super) fn senders(&self, certificate: &PeerCertificate) -> Vec<Arc<str>> {
        let by_hash = self.by_hash.get(&certificate.sha256);
        let by_hash = by_hash.filter(|(_, name)| name.as_ref().is_none_or(|name| certificate.san_dns.contains(name)));
        let by_name = certificate.san_dns.iter().filter_map(|name| self.by_name.get(name));
        let senders: BTreeSet<Arc<str>> =
            by_hash.map(|(sender, _)| sender).into_iter().chain(by_name).cloned().collect();
        senders.into_iter().collect()
    }

    /// Says whose certificate this is, given the senders it stands for.
    pub(super) fn identify(
        certificate: &PeerCertificate,
        senders: &[Arc<str>],
        now: Timestamp,
    ) -> Result<Identity, AuthError> {
        let seconds_ago = now.as_second() - certificate.not_after.as_second();
        if seconds_ago > 0 {
            return Err(AuthError::Expired { credential: Method::Mtls, seconds_ago });
        }
        match senders {
            [] => Err(AuthError::UnknownCertificate),
            [sender] => {
                let (sender, expires) = (Arc::clone(sender), Some(certificate.not_after));
                Ok(Identity { sender, method: Method::Mtls, expires, signed: None })
            }
            [..] => Err(AuthError::Ambiguous { what: "the client certificate stands for several partners" }),
        }
    }
}
