//! Who is calling: what the credential proves, never what the path says.
//!
//! A signed webhook is signed over its body, so for that one kind of credential the body is read here, as a stranger's:
//! only where a partner that may send the contract could have signed it, and within what [`crate::strangers`] has for
//! it. For every other kind it stays unread until the caller is permitted and counted.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use portgate_http::auth::{AuthError, Credential, Identity, Method};
use portgate_http::connection::RequestBody;

use super::route::Routed;
use super::{Account, Surroundings};
use crate::configuration::{Contract, Partner};
use crate::refusal::Refusal;

/// Proof that the caller is who it says.
pub(crate) struct Authenticated {
    pub(super) contract: Arc<Contract>,
    pub(super) identity: Identity,
    pub(super) payload: Payload,
    _made_here: (),
}

/// The body, read already or not yet.
pub(super) enum Payload {
    Unread(RequestBody),
    Read(Bytes),
}

/// Finds and checks the one credential that the request presents.
pub(super) async fn authenticate(
    around: &Surroundings<'_>,
    routed: Routed,
    head: &Parts,
    body: RequestBody,
    account: &mut Account,
) -> Result<Authenticated, Refusal> {
    let contract = routed.contract;
    let credential = around.credential(head).await?;
    let (identity, payload) = match credential {
        Credential::Proven(identity) => (identity, Payload::Unread(body)),
        Credential::Signed(signed) => {
            let named = signer_named(head.uri.query())?;
            let signed = signed.among(|partner| {
                let may_send = |partner: &Arc<Partner>| partner.may_send(&contract.name, &contract.version);
                named.as_deref().is_none_or(|named| named == partner)
                    && around.configuration.partners.get(partner).is_some_and(may_send)
            })?;
            let (network, limits) = (around.peer.network(), around.configuration.body_limits(&contract));
            let reading = around.strangers.read_signed(network, signed, body, &limits, &head.headers, around.now);
            let (identity, bytes) = reading.await?;
            (identity, Payload::Read(bytes))
        }
    };
    around.peer.prove();
    account.sender = Some(Arc::clone(&identity.sender));
    Ok(Authenticated { contract, identity, payload, _made_here: () })
}

/// The partner that `?from=` names. It proves nothing: it only says whose secrets a signature is tried with.
fn signer_named(query: Option<&str>) -> Result<Option<Cow<'_, str>>, AuthError> {
    let fields = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let mut named = fields.filter(|(name, _)| name == "from").map(|(_, partner)| partner);
    match (named.next(), named.next()) {
        (named, None) => Ok(named),
        (_, Some(_)) => Err(AuthError::Malformed { credential: Method::Hmac, what: "`from` is in the URL twice" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signer_is_named_once_or_not_at_all() {
        assert_eq!(signer_named(None), Ok(None));
        assert_eq!(signer_named(Some("to=x&from=customs-broker")).unwrap().as_deref(), Some("customs-broker"));
        assert!(signer_named(Some("from=a&from=a")).is_err());
    }
}
