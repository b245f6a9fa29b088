//! Secrets as this crate needs them: looked up by their reference at each use, so that a changed one counts at once.

use std::sync::Arc;

use portgate_core::sha256::sha256;
use zeroize::Zeroizing;

/// A secret's content: overwritten when dropped.
pub type Secret = Zeroizing<Vec<u8>>;

/// Where secrets are looked up. May read a file: it is called where blocking does no harm.
pub trait SecretSource: Send + Sync {
    /// The content of the secret that a reference names, `file:NAME` or `env:NAME`.
    ///
    /// # Errors
    /// Why there is none, naming the reference and nothing of any content.
    fn secret(&self, reference: &str) -> Result<Secret, String>;
}

/// Looks a secret up without blocking the caller's thread.
pub(crate) async fn look_up(secrets: &Arc<dyn SecretSource>, reference: &str) -> Result<Secret, String> {
    let (secrets, reference) = (Arc::clone(secrets), reference.to_owned());
    let found = tokio::task::spawn_blocking(move || secrets.secret(&reference)).await;
    found.unwrap_or_else(|_| Err("looking a secret up was broken off".to_owned()))
}

/// Tells two contents apart without keeping either.
pub(crate) fn digest(content: &[u8]) -> [u8; 32] {
    sha256(content)
}
