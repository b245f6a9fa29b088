//! Until when certificates are valid.

use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// The end of one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validity {
    /// Its subject, as RFC 4514 writes it.
    pub subject: String,
    /// The last second at which it is valid.
    pub not_after: Timestamp,
}

/// There is no certificate in a file that should have one, or one that cannot be read as X.509.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("holds no certificate that can be read")]
pub struct NoCertificate;

/// The ends of all certificates of a PEM file, in their order.
///
/// # Errors
///
/// [`NoCertificate`]
pub fn validities(pem: &[u8]) -> Result<Vec<Validity>, NoCertificate> {
    let validity = |der: CertificateDer<'_>| {
        let (_, certificate) = x509_parser::parse_x509_certificate(&der).map_err(|_| NoCertificate)?;
        let not_after = Timestamp::from_second(certificate.validity().not_after.timestamp());
        Ok(Validity {
            subject: certificate.subject().to_string(),
            // An end that no calendar has is one that nobody lives to see.
            not_after: not_after.unwrap_or(Timestamp::MAX),
        })
    };
    let found = CertificateDer::pem_slice_iter(pem).map(|der| validity(der.map_err(|_| NoCertificate)?));
    match found.collect::<Result<Vec<_>, _>>()? {
        none if none.is_empty() => Err(NoCertificate),
        found => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;

    fn pem(name: &str, year: i32) -> String {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.not_after = date_time_ymd(year, 3, 1);
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().pem()
    }

    #[test]
    fn each_certificate_of_a_file_has_its_end() {
        let found = validities((pem("one", 2031) + &pem("other", 2030)).as_bytes()).unwrap();
        let told: Vec<_> = found.iter().map(|one| (one.subject.contains("one"), one.not_after.to_string())).collect();
        assert_eq!(
            told,
            [(true, "2031-03-01T00:00:00Z".to_owned()), (false, "2030-03-01T00:00:00Z".to_owned())],
            "{found:?}"
        );
    }

    #[test]
    fn what_holds_none_says_so() {
        for bad in ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            assert_eq!(validities(bad.as_bytes()), Err(NoCertificate), "{bad}");
        }
    }
}
