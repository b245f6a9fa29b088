//! From a host to the addresses that may be connected to.
//!
//! Every address that a name leads to is checked, and exactly the checked ones are connected to: nobody asks again in
//! between, so that a name which changes its mind (DNS rebinding) gains nothing. One forbidden address refuses the
//! whole name, because an honest one has none.

use std::net::{IpAddr, SocketAddr};

use async_trait::async_trait;
use portgate_core::address::{Reach, reach};
use portgate_core::policy::BaseUrl;

/// Addresses of one name that are looked at; more are left aside.
const ADDRESSES_MAX: usize = 8;

/// Looks names up.
#[async_trait]
pub trait Resolver: Send + Sync {
    /// The addresses of a name.
    async fn resolve(&self, host: &str) -> std::io::Result<Vec<IpAddr>>;
}

/// The system's resolver.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolver;

#[async_trait]
impl Resolver for SystemResolver {
    async fn resolve(&self, host: &str) -> std::io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect())
    }
}

/// Why a host may not be connected to.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// The name cannot be looked up.
    #[error("the host cannot be looked up: {0}")]
    LookUp(#[source] std::io::Error),
    /// The name has no address.
    #[error("the host has no address")]
    Nothing,
    /// An address is one that this partner's policy does not allow, or that none can.
    #[error("the host leads to {address}, {}", match reach {
        Reach::Never => "which is never connected to",
        _ => "in a private network; set delivery.private_addresses if that is meant",
    })]
    Forbidden {
        /// The address.
        address: IpAddr,
        /// Where it leads.
        reach: Reach,
    },
    /// `http` would carry everything in the clear over the Internet.
    #[error("the host leads to {0} on the Internet, where `http` is not spoken")]
    Clear(IpAddr),
}

/// The addresses that a base URL leads to, each of them checked.
///
/// # Errors
/// [`ResolveError`]: no address, or one that is forbidden.
pub async fn addresses(
    url: &BaseUrl,
    private_addresses: bool,
    resolver: &dyn Resolver,
) -> Result<Vec<SocketAddr>, ResolveError> {
    let mut found = match url.address() {
        Some(address) => vec![address],
        None => resolver.resolve(url.host()).await.map_err(ResolveError::LookUp)?,
    };
    found.truncate(ADDRESSES_MAX);
    if found.is_empty() {
        return Err(ResolveError::Nothing);
    }
    for address in &found {
        match reach(*address) {
            Reach::Public if url.is_https() => {}
            Reach::Public => return Err(ResolveError::Clear(*address)),
            Reach::Private if private_addresses => {}
            reach => return Err(ResolveError::Forbidden { address: *address, reach }),
        }
    }
    Ok(found.into_iter().map(|address| SocketAddr::new(address, url.port())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Names(&'static [&'static str]);

    #[async_trait]
    impl Resolver for Names {
        async fn resolve(&self, _: &str) -> std::io::Result<Vec<IpAddr>> {
            Ok(self.0.iter().map(|address| address.parse().expect("an address")).collect())
        }
    }

    async fn resolved(url: &str, private: bool, names: &'static [&'static str]) -> Result<Vec<SocketAddr>, String> {
        let url = BaseUrl::parse(url).expect("a base URL");
        addresses(&url, private, &Names(names)).await.map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn a_public_name_is_connected_to_at_its_own_addresses() {
        let found = resolved("https://api.example.com:8443", false, &["1.1.1.1", "2606:4700::1111"]).await;
        assert_eq!(found, Ok(vec!["1.1.1.1:8443".parse().expect("v4"), "[2606:4700::1111]:8443".parse().expect("v6")]));
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_refused_unless_allowed() {
        for inside in [&["127.0.0.1"], &["10.0.0.1"], &["fd00::1"], &["100.64.0.1"]] {
            let error = resolved("https://api.example.com", false, inside).await.expect_err("inside");
            assert!(error.contains("private network"), "{error}");
            assert!(resolved("https://api.example.com", true, inside).await.is_ok());
        }
        let error =
            resolved("https://api.example.com", false, &["1.1.1.1", "127.0.0.1"]).await.expect_err("one inside");
        assert!(error.contains("127.0.0.1"), "{error}");
    }

    #[tokio::test]
    async fn metadata_services_and_translated_addresses_are_never_connected_to() {
        for never in [&["169.254.169.254"], &["::ffff:127.0.0.1"], &["64:ff9b::7f00:1"], &["fe80::1"], &["0.0.0.0"]] {
            let error = resolved("https://api.example.com", true, never).await.expect_err("never");
            assert!(error.contains("never connected to"), "{error}");
        }
        assert!(resolved("https://169.254.169.254", true, &[]).await.is_err());
        assert!(resolved("https://api.example.com", true, &[]).await.is_err());
    }

    #[tokio::test]
    async fn nothing_goes_over_the_internet_in_the_clear() {
        assert!(resolved("http://erp.internal", true, &["10.0.0.1"]).await.is_ok());
        assert!(resolved("http://erp.internal", true, &["1.1.1.1"]).await.is_err());
    }
}
