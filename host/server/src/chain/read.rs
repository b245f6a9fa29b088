//! Reads the payload within its cap and deadlines.

use std::sync::Arc;

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use portgate_core::sha256::sha256;
use portgate_http::auth::Signed;
use portgate_http::body;
use tokio::sync::OwnedSemaphorePermit;

use super::authenticate::Payload;
use super::throttle::Throttled;
use super::{Account, Surroundings};
use crate::configuration::{Contract, Partner};
use crate::intake::Incoming;
use crate::refusal::Refusal;

/// Proof that the payload is here in full, within its contract's cap and of one of its media types.
pub(crate) struct Received {
    pub(super) contract: Arc<Contract>,
    pub(super) partner: Arc<Partner>,
    pub(super) place: OwnedSemaphorePermit,
    pub(super) incoming: Incoming,
    /// The `charset` that the `Content-Type` names.
    pub(super) charset: Option<String>,
    pub(super) signed: Option<Signed>,
    _made_here: (),
}

/// Reads the body, unless its signature had it read before.
pub(super) async fn read(
    around: &Surroundings<'_>,
    throttled: Throttled,
    head: &Parts,
    account: &mut Account,
) -> Result<Received, Refusal> {
    let Throttled { contract, partner, sender, payload, signed, place, .. } = throttled;
    let (content_type, charset) = media_type(&contract, &head.headers)?;
    let headers = declared(&contract, &head.headers)?;
    let body = match payload {
        Payload::Read(bytes) => bytes,
        Payload::Unread(body) => body::read(body, &around.configuration.body_limits(&contract), &head.headers).await?,
    };
    account.body_bytes = body.len() as u64;
    let sha256 = sha256(&body);
    let incoming = Incoming {
        partner: sender.to_string(),
        contract: contract.name.clone(),
        version: contract.version.clone(),
        content_type,
        headers,
        received_at: around.now,
        request_id: around.trace.id.clone(),
        trace: Some(around.trace.traceparent()),
        payload: body,
        sha256,
        origin: None,
        gap: None,
    };
    account.incoming = Some(incoming.clone());
    Ok(Received { contract, partner, place, incoming, charset, signed, _made_here: () })
}

/// The header fields that the contract declares, as far as they are there. Of two the plugin would see one, and somebody else
/// perhaps the other.
fn declared(contract: &Contract, headers: &HeaderMap) -> Result<Vec<(String, String)>, Refusal> {
    let mut found = Vec::new();
    for name in &contract.declared.headers {
        let mut values = headers.get_all(name.as_str()).iter();
        let Some(value) = values.next() else { continue };
        match (value.to_str(), values.next()) {
            (Ok(value), None) => found.push((name.clone(), value.to_owned())),
            _ => return Err(Refusal::FieldAmbiguous { name: name.clone() }),
        }
    }
    Ok(found)
}

/// The payload's media type without parameters, in lower case, if the contract takes it; and its charset.
fn media_type(contract: &Contract, headers: &HeaderMap) -> Result<(String, Option<String>), Refusal> {
    if let Some(coding) = body::content_coding(headers) {
        return Err(Refusal::ContentCoding { coding });
    }
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let got = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match contract.declared.media_types.contains(&got) {
        true => Ok((got, portgate_charset::charset_of(value).map(str::to_owned))),
        false => Err(Refusal::MediaType { got, taken: contract.declared.media_types.join(", ") }),
    }
}
