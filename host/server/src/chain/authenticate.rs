//! Who is calling: what the credential proves, never what the path says.
//!
//! A signed webhook is signed over its body, so for that one kind of credential the body is read here, within the
//! contract's cap and deadlines; for every other kind it stays unread until the caller is permitted and counted.

use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;

use super::route::Routed;
use super::{Account, Surroundings};
use crate::auth::{Credential, Identity};
use crate::body;
use crate::configuration::Contract;
use crate::connection::RequestBody;
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
    let authenticator = &around.configuration.authenticator;
    let credential = authenticator.authenticate(head, around.peer.certificate.as_ref(), around.now).await?;
    let (identity, payload) = match credential {
        Credential::Proven(identity) => (identity, Payload::Unread(body)),
        Credential::Signed(signed) => {
            let bytes = body::read(body, &around.configuration.body_limits(&contract), &head.headers).await?;
            (signed.verify(&bytes, around.now)?, Payload::Read(bytes))
        }
    };
    account.partner = Some(Arc::clone(&identity.partner));
    Ok(Authenticated { contract, identity, payload, _made_here: () })
}
