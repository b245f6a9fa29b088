//! Reads the payload within its cap and deadlines, and makes it the message that a plugin is given.

use std::sync::Arc;

use aws_lc_rs::digest;
use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use portgate_core::message::Message;
use portgate_http::body;
use tokio::sync::OwnedSemaphorePermit;

use super::authenticate::Payload;
use super::throttle::Throttled;
use super::{Account, Surroundings};
use crate::configuration::Contract;
use crate::refusal::Refusal;

/// Proof that the payload is here in full, within its contract's cap and of one of its media types.
pub(crate) struct Received {
    pub(super) contract: Arc<Contract>,
    pub(super) place: OwnedSemaphorePermit,
    pub(super) message: Message,
    pub(super) original: Original,
    pub(super) webhook_id: Option<String>,
    _made_here: (),
}

/// What the journal keeps of the message itself, which the plugin consumes.
pub(crate) struct Original {
    pub(super) payload: Bytes,
    pub(super) sha256: [u8; 32],
    pub(super) content_type: String,
    /// The `charset` that the `Content-Type` names.
    pub(super) charset: Option<String>,
    pub(super) headers: Vec<(String, String)>,
}

/// Reads the body, unless its signature had it read before.
pub(super) async fn read(
    around: &Surroundings<'_>,
    throttled: Throttled,
    head: &Parts,
    account: &mut Account,
) -> Result<Received, Refusal> {
    let Throttled { contract, partner, payload, webhook_id, place, .. } = throttled;
    let (content_type, charset) = media_type(&contract, &head.headers)?;
    let headers = declared(&contract, &head.headers)?;
    let body = match payload {
        Payload::Read(bytes) => bytes,
        Payload::Unread(body) => body::read(body, &around.configuration.body_limits(&contract), &head.headers).await?,
    };
    account.body_bytes = body.len() as u64;
    let mut sha256 = [0; 32];
    sha256.copy_from_slice(digest::digest(&digest::SHA256, &body).as_ref());
    let original = Original { payload: body, sha256, content_type, charset, headers };
    let message = Message {
        partner: partner.name.to_string(),
        contract: contract.name.clone(),
        version: contract.version.clone(),
        content_type: original.content_type.clone(),
        headers: original.headers.clone(),
        received_at: around.now.to_string(),
        digest: hex::encode(sha256),
        body: original.payload.to_vec(),
    };
    Ok(Received { contract, place, message, original, webhook_id, _made_here: () })
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
