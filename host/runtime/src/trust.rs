//! Who or what vouches for a component: the digest that its policy pins, a signer that its policy names, or both where
//! the policy names both. Decided before anything else of the component is read.

use jiff::civil::Date;
use portgate_core::policy::PluginPolicy;

use crate::signature::{BadSignatures, Signatures, Signers};

/// What vouched for a component.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vouched {
    /// Its digest is the pinned one.
    pub pinned: bool,
    /// The signers whose signatures it carries, of those that the policy names.
    pub signed_by: Vec<String>,
}

/// Why nothing vouches for a component.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    /// The policy does not say what would.
    #[error("its policy pins no digest (sha256) and names no signer (signed_by), so nothing vouches for it")]
    NothingNamed,
    /// It is not the file that the policy pins.
    #[error("its SHA-256 is {found}, but the policy pins {pinned} (sha256)")]
    OtherDigest {
        /// The digest of the file.
        found: String,
        /// The digest of the policy.
        pinned: String,
    },
    /// It carries no signature.
    #[error("it is not signed, but its policy asks for a signature by {} (signed_by); sign it with `portgate plugin sign`", named(.0))]
    Unsigned(Vec<String>),
    /// Its signatures cannot be read.
    #[error(transparent)]
    Unreadable(#[from] BadSignatures),
    /// It was changed after it was signed.
    #[error("its content is not what was signed: it was changed after it was signed")]
    OtherContent,
    /// The key has expired.
    #[error("it is signed by `{signer}`, whose key has expired on {on} (signers/{signer}.toml, expires_on)")]
    Expired {
        /// Whose key.
        signer: String,
        /// When.
        on: Date,
    },
    /// The signer is known, and not one that the policy trusts.
    #[error("it is signed by {}, but its policy asks for a signature by {} (signed_by)", named(.by), named(.trusted))]
    OtherSigner {
        /// Who signed it.
        by: Vec<String>,
        /// Who may.
        trusted: Vec<String>,
    },
    /// No key that is known made the signature.
    #[error(
        "none of its signatures holds by a key of {} (signed_by); the keys that they name are {}", named(.trusted),
        .key_ids.join(", ")
    )]
    UnknownKey {
        /// Who may sign it.
        trusted: Vec<String>,
        /// What the signatures say of their keys, which proves nothing.
        key_ids: Vec<String>,
    },
}

fn named(signers: &[String]) -> String {
    signers.iter().map(|signer| format!("`{signer}`")).collect::<Vec<_>>().join(" or ")
}

/// Finds out whether a component is vouched for as its policy asks.
///
/// # Errors
///
/// [`Distrust`], as exactly as it can be said.
pub fn vouch(component: &[u8], policy: &PluginPolicy, signers: &Signers, today: Date) -> Result<Vouched, Distrust> {
    let mut vouched = Vouched::default();
    if let Some(pinned) = &policy.sha256 {
        let found = crate::digest(component);
        if found != *pinned {
            return Err(Distrust::OtherDigest { found, pinned: pinned.clone() });
        }
        vouched.pinned = true;
    }
    if !policy.signed_by.is_empty() {
        vouched.signed_by = signed_by(component, policy, signers, today)?;
    }
    match vouched.pinned || !vouched.signed_by.is_empty() {
        true => Ok(vouched),
        false => Err(Distrust::NothingNamed),
    }
}

fn signed_by(component: &[u8], policy: &PluginPolicy, signers: &Signers, today: Date) -> Result<Vec<String>, Distrust> {
    let trusted = || policy.signed_by.iter().cloned().collect::<Vec<_>>();
    let signatures = Signatures::of(component)?;
    if signatures.is_empty() {
        return Err(Distrust::Unsigned(trusted()));
    }
    if !signatures.fit_the_content() {
        return Err(Distrust::OtherContent);
    }
    let by: Vec<_> = signers.iter().filter(|(_, signer)| signatures.by(&signer.key)).collect();
    let (named, others): (Vec<_>, Vec<_>) = by.into_iter().partition(|(name, _)| policy.signed_by.contains(*name));
    let expired = |signer: &crate::Signer| signer.expires_on.filter(|on| *on <= today);
    let valid: Vec<String> =
        named.iter().filter(|(_, signer)| expired(signer).is_none()).map(|(name, _)| (*name).clone()).collect();
    if !valid.is_empty() {
        return Ok(valid);
    }
    if let Some((signer, on)) = named.iter().find_map(|(name, signer)| Some(((*name).clone(), expired(signer)?))) {
        return Err(Distrust::Expired { signer, on });
    }
    match others.is_empty() {
        true => Err(Distrust::UnknownKey { trusted: trusted(), key_ids: signatures.key_ids() }),
        false => {
            let by = others.into_iter().map(|(name, _)| name.clone()).collect();
            Err(Distrust::OtherSigner { by, trusted: trusted() })
        }
    }
}
