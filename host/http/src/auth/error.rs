//! Why a caller was not believed: precise for the log, careful towards the caller.
//!
//! `Display` is for the operator's log. [`AuthError::public_detail`] is for the caller and never says which issuers,
//! partners or keys exist here: everything that is decided before a signature is verified sounds the same. No text
//! repeats what the caller sent.

use super::Method;

/// What kind of failure it is, which decides what the caller should do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthFailure {
    /// The caller did not prove who it is; the same request will fail again.
    Unauthenticated,
    /// The gateway cannot tell at the moment; the same request may succeed later.
    Unavailable,
}

/// Why a caller was not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// No credential at all.
    #[error("no credential was presented")]
    Missing,
    /// More than one credential, or one that stands for more than one partner.
    #[error("the credentials are ambiguous: {what}")]
    Ambiguous {
        /// What there is too much of.
        what: &'static str,
    },
    /// A credential that breaks the rules of its kind.
    #[error("malformed {credential} credential: {what}")]
    Malformed {
        /// The kind of credential.
        credential: Method,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A token beyond the cap.
    #[error("the token has {bytes} bytes, more than {max}")]
    TokenTooLong {
        /// Its size.
        bytes: usize,
        /// The cap.
        max: usize,
    },
    /// A header parameter that would change what the token's parts mean.
    #[error("the token's header has `{name}`")]
    HeaderRefused {
        /// The parameter.
        name: &'static str,
    },
    /// An algorithm that is never taken, or not the one that the key is pinned to.
    #[error("the token's algorithm is refused: {what}")]
    AlgorithmRefused {
        /// Which of the two.
        what: &'static str,
    },
    /// Another `typ` than the partner's policy names (RFC 8725 §3.11).
    #[error("the token's `typ` is not `{wanted}`")]
    WrongType {
        /// What the policy names.
        wanted: String,
    },
    /// No partner has this `iss`.
    #[error("no partner has the token's issuer")]
    WrongIssuer,
    /// The issuer is known, its `sub` is not.
    #[error("no partner has the token's subject for its issuer")]
    UnknownSubject,
    /// Another claim is not what the partner's policy says it must be.
    #[error("the token's `{claim}` is not what the policy says")]
    WrongClaim {
        /// The claim that the policy names.
        claim: String,
    },
    /// Issuer and subject are known, the `aud` is another.
    #[error("the token is for another audience")]
    WrongAudience,
    /// No `kid`, and the key set has several keys.
    #[error("the token names no key, and its key set has several")]
    KeyIdMissing,
    /// A `kid` that the key set does not have, even when asked anew.
    #[error("the token's key is not in its key set")]
    UnknownKey,
    /// The signature does not verify.
    #[error("the {credential} signature does not verify")]
    BadSignature {
        /// The kind of credential.
        credential: Method,
    },
    /// There is no webhook secret with which the request could be signed.
    #[error("no partner that may send the contract, and that the request names, has a webhook secret")]
    NoSigner,
    /// `exp` has passed, or the certificate's last day.
    #[error("the {credential} credential expired {seconds_ago} s ago")]
    Expired {
        /// The kind of credential.
        credential: Method,
        /// How long ago, leeway not counted.
        seconds_ago: i64,
    },
    /// `nbf` or `iat` lies ahead.
    #[error("valid only in {seconds} s")]
    NotYetValid {
        /// How far ahead, leeway not counted.
        seconds: i64,
    },
    /// The token lives longer than any may.
    #[error("the token's lifetime is {seconds} s, more than {max} s")]
    LifetimeTooLong {
        /// From `nbf` or `iat`, whichever is earlier, to `exp`.
        seconds: i64,
        /// The cap.
        max: i64,
    },
    /// The token is bound to a key that the caller did not prove to hold (RFC 7800, RFC 8705).
    #[error("the token's binding does not hold: {what}")]
    BindingMismatch {
        /// Which part of it.
        what: &'static str,
    },
    /// No partner has this API key.
    #[error("no partner has this API key")]
    UnknownApiKey,
    /// No partner has this client certificate.
    #[error("no partner has this client certificate")]
    UnknownCertificate,
    /// A webhook signed too long ago, or too far ahead.
    #[error("the webhook's timestamp is {offset_seconds} s from now")]
    TimestampOutside {
        /// Its timestamp less the gateway's time.
        offset_seconds: i64,
        /// How far it may be.
        tolerance_seconds: i64,
    },
    /// There is no usable key set, so no token of this issuer can be judged.
    #[error("key set `{reference}` is unavailable: {reason}")]
    KeySetUnavailable {
        /// The key set as the policy names it.
        reference: String,
        /// What went wrong with it last.
        reason: String,
    },
}

impl AuthError {
    /// Whether the caller or the gateway is at fault.
    pub fn kind(&self) -> AuthFailure {
        match self {
            AuthError::KeySetUnavailable { .. } => AuthFailure::Unavailable,
            AuthError::Missing
            | AuthError::Ambiguous { .. }
            | AuthError::Malformed { .. }
            | AuthError::TokenTooLong { .. }
            | AuthError::HeaderRefused { .. }
            | AuthError::AlgorithmRefused { .. }
            | AuthError::WrongType { .. }
            | AuthError::WrongIssuer
            | AuthError::UnknownSubject
            | AuthError::WrongAudience
            | AuthError::WrongClaim { .. }
            | AuthError::KeyIdMissing
            | AuthError::UnknownKey
            | AuthError::BadSignature { .. }
            | AuthError::NoSigner
            | AuthError::Expired { .. }
            | AuthError::NotYetValid { .. }
            | AuthError::LifetimeTooLong { .. }
            | AuthError::BindingMismatch { .. }
            | AuthError::UnknownApiKey
            | AuthError::UnknownCertificate
            | AuthError::TimestampOutside { .. } => AuthFailure::Unauthenticated,
        }
    }

    /// What the caller may know, as one or two sentences that say what to do.
    pub fn public_detail(&self) -> String {
        match self {
            AuthError::Missing => {
                "No credential was presented. Send a bearer token, an API key or a signed webhook, or connect with a \
                 client certificate, as agreed with the gateway's operator."
                    .to_owned()
            }
            AuthError::Ambiguous { what } => format!("Present exactly one credential: {what}."),
            AuthError::Malformed { credential, what } => format!("The {} is malformed: {what}.", credential.credential()),
            AuthError::TokenTooLong { max, .. } => format!("The token is longer than {max} bytes."),
            AuthError::HeaderRefused { name } => format!("The token's header parameter `{name}` is not taken here."),
            AuthError::AlgorithmRefused { .. } => {
                "The token's algorithm is not taken here: it must be the one of its key, ES256, RS256 or EdDSA.".to_owned()
            }
            // One text for all that is decided on claims which nobody has vouched for yet.
            AuthError::WrongType { .. }
            | AuthError::WrongIssuer
            | AuthError::UnknownSubject
            | AuthError::WrongAudience
            | AuthError::WrongClaim { .. }
            | AuthError::KeyIdMissing
            | AuthError::UnknownKey => {
                "The token is not one that is taken here: check its typ, kid, iss, aud and sub with the gateway's operator."
                    .to_owned()
            }
            AuthError::BadSignature { .. } | AuthError::NoSigner => "The signature does not verify.".to_owned(),
            AuthError::Expired { .. } => "The credential has expired; get a new one.".to_owned(),
            AuthError::NotYetValid { .. } => {
                "The token is not valid yet; check the clock of the system that issued it.".to_owned()
            }
            AuthError::LifetimeTooLong { max, .. } => format!("The token lives longer than {max} seconds."),
            AuthError::BindingMismatch { .. } => {
                "The token is bound to another client certificate than this connection's.".to_owned()
            }
            AuthError::UnknownApiKey => "The API key is not one that is taken here.".to_owned(),
            AuthError::UnknownCertificate => "The client certificate is not one that is taken here.".to_owned(),
            AuthError::TimestampOutside { tolerance_seconds, .. } => format!(
                "The webhook's timestamp is more than {tolerance_seconds} seconds from now; check the clock, and sign each \
                 attempt anew."
            ),
            AuthError::KeySetUnavailable { .. } => "Tokens of this issuer cannot be checked right now.".to_owned(),
        }
    }

    /// The value of `WWW-Authenticate` (RFC 9110 §11.6.1, RFC 6750 §3), which every 401 carries. Bearer is the one
    /// registered scheme among the kinds of credential, so it is the one challenge; the error is named only to a caller
    /// who presented a token.
    pub fn www_authenticate(&self) -> &'static str {
        const PLAIN: &str = r#"Bearer realm="portgate""#;
        const INVALID_TOKEN: &str = r#"Bearer realm="portgate", error="invalid_token""#;
        match self {
            AuthError::Malformed { credential: Method::Jwt, .. }
            | AuthError::BadSignature { credential: Method::Jwt }
            | AuthError::Expired { credential: Method::Jwt, .. }
            | AuthError::TokenTooLong { .. }
            | AuthError::HeaderRefused { .. }
            | AuthError::AlgorithmRefused { .. }
            | AuthError::WrongType { .. }
            | AuthError::WrongIssuer
            | AuthError::UnknownSubject
            | AuthError::WrongAudience
            | AuthError::WrongClaim { .. }
            | AuthError::KeyIdMissing
            | AuthError::UnknownKey
            | AuthError::NotYetValid { .. }
            | AuthError::LifetimeTooLong { .. }
            | AuthError::BindingMismatch { .. } => INVALID_TOKEN,
            AuthError::Missing
            | AuthError::Ambiguous { .. }
            | AuthError::Malformed { credential: Method::ApiKey | Method::Hmac | Method::Mtls, .. }
            | AuthError::BadSignature { credential: Method::ApiKey | Method::Hmac | Method::Mtls }
            | AuthError::NoSigner
            | AuthError::Expired { credential: Method::ApiKey | Method::Hmac | Method::Mtls, .. }
            | AuthError::UnknownApiKey
            | AuthError::UnknownCertificate
            | AuthError::TimestampOutside { .. }
            | AuthError::KeySetUnavailable { .. } => PLAIN,
        }
    }
}
