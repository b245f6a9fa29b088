//! What was sent to a partner, and what it answered, as operators see it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use portgate_core::delivery as core;
use portgate_core::policy::DeliveryPolicy;
use portgate_delivery::credential;
use portgate_operator as shown;
use portgate_store as store;

/// With what is sent and what was said in each attempt; what is in bodies only where the operator may see payloads.
pub(in crate::operator) fn delivery_record(
    record: store::DeliveryRecord,
    policy: Option<&DeliveryPolicy>,
    with_bodies: bool,
) -> shown::DeliveryRecord {
    let store::DeliveryRecord { mut delivery, request, question, redacted_at } = record;
    let attempts = std::mem::take(&mut delivery.attempts);
    let mut delivery = super::delivery(delivery);
    delivery.attempts = attempts.into_iter().map(|one| attempt(one, with_bodies)).collect();
    let sent = |request| self::request(request, policy, with_bodies);
    shown::DeliveryRecord { delivery, request: request.map(sent), question: question.map(sent), redacted_at }
}

pub(super) fn attempt(attempt: store::Attempt, with_bodies: bool) -> shown::Attempt {
    let store::Attempt { number, started_at, ended_at, status, verdict, detail, transcript } = attempt;
    let milliseconds = u64::try_from(ended_at.duration_since(started_at).as_millis()).unwrap_or_default();
    let transcript = transcript.map(|said| self::transcript(said, with_bodies));
    shown::Attempt { number, started_at, ended_at, status, verdict, milliseconds, detail, transcript }
}

fn request(request: core::Request, policy: Option<&DeliveryPolicy>, with_bodies: bool) -> shown::DeliveryRequest {
    let own = policy.and_then(|policy| credential::header(policy.credential.as_ref()));
    let set = request.headers.into_iter().map(|(name, value)| (name, Some(value)));
    let headers = set.chain(own.map(|name| (name.to_owned(), None)));
    shown::DeliveryRequest {
        method: request.method,
        url: policy.map_or("", |policy| policy.base_url.trim_end_matches('/')).to_owned() + &request.path,
        headers: headers.map(field).collect(),
        body: body(&request.body, request.body.len() as u64, with_bodies),
    }
}

fn transcript(transcript: core::Transcript, with_bodies: bool) -> shown::Transcript {
    let core::Transcript { sent: core::SentHead { method, url, headers }, answer } = transcript;
    let answer = answer.map(|core::KeptAnswer { head: core::AnswerHead { status, headers }, body: kept }| {
        let body = kept.map(|(kept, bytes)| body(&kept, bytes, with_bodies));
        shown::PartnerAnswer { status, headers: headers.into_iter().map(field).collect(), body }
    });
    shown::Transcript { method, url, headers: headers.into_iter().map(field).collect(), answer }
}

fn field((name, value): (String, Option<String>)) -> shown::HeaderField {
    shown::HeaderField { name, value }
}

/// A body that had so many bytes, of which these are kept.
fn body(kept: &[u8], bytes: u64, with_bodies: bool) -> shown::Body {
    let cut = bytes > kept.len() as u64;
    let (mut text, mut base64) = (None, None);
    match text_of(kept, cut).filter(|_| with_bodies) {
        Some(said) => text = Some(said.to_owned()),
        None => base64 = with_bodies.then(|| STANDARD.encode(kept)),
    }
    shown::Body { bytes, cut, text, base64 }
}

/// As text. Where it was cut, the cut may have gone through a character.
fn text_of(kept: &[u8], cut: bool) -> Option<&str> {
    match std::str::from_utf8(kept) {
        Ok(text) => Some(text),
        Err(error) if cut && error.error_len().is_none() => std::str::from_utf8(&kept[..error.valid_up_to()]).ok(),
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_text_where_it_is_and_nothing_without_the_permission() {
        let shown = |kept: &[u8], bytes, with_bodies| {
            let body = body(kept, bytes, with_bodies);
            (body.cut, body.text, body.base64)
        };
        assert_eq!(shown(b"{}", 2, true), (false, Some("{}".to_owned()), None));
        assert_eq!(shown(b"{}", 2, false), (false, None, None));
        assert_eq!(shown(&[0xff, 0], 2, true), (false, None, Some("/wA=".to_owned())));
        assert_eq!(shown(&[0xff, 0], 2, false), (false, None, None));
        // The cut goes through an ü.
        assert_eq!(shown(b"f\xc3", 9, true), (true, Some("f".to_owned()), None));
        assert_eq!(shown(b"f\xc3", 2, true), (false, None, Some("ZsM=".to_owned())));
    }
}
