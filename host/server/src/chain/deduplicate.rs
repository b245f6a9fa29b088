//! Tells a repetition from a new message by what it is known by, before any work is done for it: by its
//! `Idempotency-Key` (IETF HTTPAPI draft "The Idempotency-Key HTTP Header Field"), and a signed webhook by its `webhook-id`.
//!
//! A key is scoped to partner and contract, an id to the partner, because the path is not part of what is signed. What was
//! answered is answered again; what is being worked on is refused here, and where several gateways share a journal, the
//! journal's commit decides which of two came first. That is safe, because nothing before the commit has an effect. For
//! the same reason a message that was refused leaves nothing: sent again it is judged anew.
//!
//! Where a message has both, it is known by either, and the id comes first: it is signed, so that no key beside it makes a
//! copy something new. A forwarded message is not kept, so keys mean nothing for it; its id does ([`super::forward`]).

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use http::request::Parts;
use jiff::{Timestamp, ToSpan};
use portgate_core::manifest::IdempotencyKey;
use portgate_core::sha256::Sha256;
use portgate_store::{Answer, KeptAnswer, RequestKey};
use sfv::{BareItem, Item, Parser};
use tokio::sync::OwnedSemaphorePermit;

use super::read::Received;
use super::{Account, Surroundings};
use crate::configuration::Contract;
use crate::intake::Incoming;
use crate::refusal::Refusal;

/// The header field.
const FIELD: &str = "idempotency-key";

/// The longest key, in characters; a UUID has 36.
const KEY_CHARACTERS_MAX: usize = 255;

/// Proof that no answer is known for this message, and that nobody else is working on it here.
pub(crate) struct Fresh {
    pub(super) carried: Box<Carried>,
    _made_here: (),
}

/// A message with what is held for it, as the stages from here on carry it.
pub(crate) struct Carried {
    pub(super) contract: Arc<Contract>,
    /// One of its partner's places.
    pub(super) place: OwnedSemaphorePermit,
    pub(super) incoming: Incoming,
    /// The `charset` that its `Content-Type` names.
    pub(super) charset: Option<String>,
    pub(super) keys: Keys,
}

/// What this request is known by, and works on until it is dropped.
pub(crate) struct Keys {
    /// None, where nothing would tell a repetition.
    pub(super) known_by: Vec<RequestKey>,
    /// Tells whether another request that is known by the same is the same.
    pub(super) fingerprint: [u8; 32],
    _turns: Vec<Turn>,
}

/// A new message, or one that was answered before.
pub(super) enum Deduplicated {
    Fresh(Fresh),
    Answered(Answer),
}

/// Looks up what the message is known by, if there is anything.
pub(super) async fn deduplicate(
    around: &Surroundings<'_>,
    received: Received,
    head: &Parts,
    account: &mut Account,
) -> Result<Deduplicated, Refusal> {
    let Received { contract, place, incoming, charset, webhook_id, .. } = received;
    let known_by = known_by(&contract, webhook_id, head)?;
    account.known_by.clone_from(&known_by);
    let turns = around.in_progress.begin(&incoming.partner, &known_by)?;
    let fingerprint = fingerprint(&incoming);
    if !known_by.is_empty()
        && let Some(kept) =
            around.state.journal.kept_answer(&incoming.partner, &known_by, fingerprint, around.now).await?
    {
        return Ok(Deduplicated::Answered(first_answer(kept)?));
    }
    let keys = Keys { known_by, fingerprint, _turns: turns };
    let carried = Box::new(Carried { contract, place, incoming, charset, keys });
    Ok(Deduplicated::Fresh(Fresh { carried, _made_here: () }))
}

/// What the first request was answered, or why this one gets no answer.
pub(super) fn first_answer(kept: KeptAnswer) -> Result<Answer, Refusal> {
    match kept {
        KeptAnswer::Replayed(answer) => Ok(answer),
        KeptAnswer::KeyReused(key) => Err(reused(&key)),
        KeptAnswer::Unanswered => Err(Refusal::WebhookIdTaken),
    }
}

/// Another request had this.
pub(super) fn reused(key: &RequestKey) -> Refusal {
    match key {
        RequestKey::Idempotency { .. } => Refusal::IdempotencyKeyReused,
        RequestKey::Webhook { .. } => Refusal::WebhookIdReused,
    }
}

/// Until when it is remembered what a request is known by.
pub(super) fn remembered_until(around: &Surroundings<'_>) -> Timestamp {
    let days = i64::from(around.configuration.policies.gateway.journal.idempotency_days);
    around.now.saturating_add((days * 24).hours()).unwrap_or(Timestamp::MAX)
}

/// What tells a repetition of this message: the id before the key.
fn known_by(contract: &Contract, webhook_id: Option<String>, head: &Parts) -> Result<Vec<RequestKey>, Refusal> {
    let key = match contract.forward {
        Some(_) => None,
        None => key(head)?,
    };
    let key = key.map(|key| RequestKey::Idempotency { contract: contract.name.clone(), key });
    let known_by: Vec<_> = webhook_id.map(|id| RequestKey::Webhook { id }).into_iter().chain(key).collect();
    let required = contract.forward.is_none() && contract.declared.idempotency_key == IdempotencyKey::Required;
    match required && known_by.is_empty() {
        true => Err(Refusal::IdempotencyKeyMissing { contract: contract.name.clone() }),
        false => Ok(known_by),
    }
}

/// The key: one Structured Field String (RFC 9651 §3.3.3).
fn key(head: &Parts) -> Result<Option<String>, Refusal> {
    let mut values = head.headers.get_all(FIELD).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let item: Option<Item> = match values.next() {
        None => Parser::new(value.as_bytes()).parse().ok(),
        Some(_) => None,
    };
    let text = item.and_then(|item| match item.bare_item {
        BareItem::String(text) => Some(text.as_str().to_owned()),
        _ => None,
    });
    match text.filter(|text| (1..=KEY_CHARACTERS_MAX).contains(&text.len())) {
        Some(text) => Ok(Some(text)),
        None => Err(Refusal::IdempotencyKeyMalformed),
    }
}

/// Contract, media type and payload; the rest of a request may change from one attempt to the next.
fn fingerprint(incoming: &Incoming) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in [&incoming.contract, &incoming.version, &incoming.content_type] {
        hash.bytes(part.as_bytes());
        hash.bytes(b"\0");
    }
    hash.bytes(&incoming.sha256);
    hash.digest()
}

/// What is being worked on in this process: as much as there are requests in flight at most.
#[derive(Clone, Default)]
pub(crate) struct InProgress(Arc<Mutex<HashSet<Scope>>>);

/// A partner's key.
type Scope = (String, RequestKey);

impl InProgress {
    /// Takes all of these, unless somebody else has one of them.
    fn begin(&self, partner: &str, known_by: &[RequestKey]) -> Result<Vec<Turn>, Refusal> {
        let turn = |key: &RequestKey| {
            self.take((partner.to_owned(), key.clone())).ok_or(match key {
                RequestKey::Idempotency { .. } => Refusal::IdempotencyKeyInProgress,
                RequestKey::Webhook { .. } => Refusal::WebhookIdInProgress,
            })
        };
        known_by.iter().map(turn).collect()
    }

    fn take(&self, scope: Scope) -> Option<Turn> {
        let mut scopes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        scopes.insert(scope.clone()).then(|| Turn { scopes: self.clone(), scope })
    }
}

/// Gives its key back when it is dropped.
struct Turn {
    scopes: InProgress,
    scope: Scope,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.scopes.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.scope);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(values: &[&str]) -> Result<Option<String>, Refusal> {
        let mut request = http::Request::builder();
        for value in values {
            request = request.header(FIELD, *value);
        }
        key(&request.body(()).expect("a head").into_parts().0)
    }

    #[test]
    fn a_key_is_one_structured_field_string() {
        assert_eq!(parsed(&[]).expect("no key"), None);
        assert_eq!(parsed(&["\"8e03978e-40d5\""]).expect("a key").as_deref(), Some("8e03978e-40d5"));
        assert_eq!(parsed(&["\"a\\\"b\";p=1"]).expect("a key").as_deref(), Some("a\"b"));
        for wrong in [&["8e03978e"][..], &["\"\""], &["\"a\", \"b\""], &["\"a\"", "\"a\""], &["\"a"], &["1"], &[""]] {
            assert!(matches!(parsed(wrong), Err(Refusal::IdempotencyKeyMalformed)), "{wrong:?}");
        }
        assert!(parsed(&[&format!("\"{}\"", "k".repeat(256))]).is_err());
    }

    /// The public vectors of structured fields, where the shared folder with the corpora exists. A key is an item that is
    /// a string; every other item is as wrong here as one that cannot be parsed.
    #[test]
    fn keys_are_read_as_the_vectors_of_structured_fields_have_it() {
        let shared = std::env::var_os("PORTGATE_SHARED").map(std::path::PathBuf::from);
        let shared = shared.unwrap_or_else(|| std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"));
        let folder = shared.join("corpora/structured-field-tests");
        if !folder.exists() {
            return println!("left out: there is no folder {}", folder.display());
        }
        let (mut keys, mut refused) = (0, 0);
        for file in ["string", "item", "number", "token", "binary", "boolean", "date", "display-string", "examples"] {
            let text = std::fs::read_to_string(folder.join(format!("{file}.json"))).expect("a file of vectors");
            let vectors: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            let items = vectors.as_array().expect("vectors").iter().filter(|vector| vector["header_type"] == "item");
            for vector in items {
                let values: Vec<&str> =
                    vector["raw"].as_array().expect("values").iter().flat_map(|raw| raw.as_str()).collect();
                let head = values.iter().try_fold(http::HeaderMap::new(), |mut headers, value| {
                    // As they come from the network; what no header can hold never gets this far.
                    headers.append(FIELD, http::HeaderValue::from_bytes(value.as_bytes()).ok()?);
                    Some(headers)
                });
                let read = head.map(|headers| {
                    let mut head = http::Request::new(()).into_parts().0;
                    head.headers = headers;
                    key(&head)
                });
                let expected = vector["expected"][0].as_str().filter(|_| vector["must_fail"] != true);
                // A field on two lines is one value to the standard; here a key that comes twice has no meaning. And a
                // key says something, in at most 255 characters.
                let expected =
                    expected.filter(|text| values.len() == 1 && (1..=KEY_CHARACTERS_MAX).contains(&text.len()));
                match (read, expected) {
                    (Some(Ok(Some(text))), Some(expected)) if text == expected => keys += 1,
                    (Some(Err(Refusal::IdempotencyKeyMalformed)) | None, None) => refused += 1,
                    (read, expected) => panic!("{}: {read:?} instead of {expected:?}", vector["name"]),
                }
            }
        }
        println!("{keys} keys, {refused} refused");
        assert!(keys >= 4 && refused >= 100, "the vectors have another form than this test reads");
    }

    #[test]
    fn what_a_request_is_known_by_is_its_turn_until_it_is_given_back() {
        let in_progress = InProgress::default();
        let key = |contract: &str| RequestKey::Idempotency { contract: contract.to_owned(), key: "k".to_owned() };
        let id = || RequestKey::Webhook { id: "k".to_owned() };
        let turns = in_progress.begin("p", &[id(), key("c")]).expect("free");
        assert!(matches!(in_progress.begin("p", &[key("c")]), Err(Refusal::IdempotencyKeyInProgress)));
        assert!(matches!(in_progress.begin("p", &[id()]), Err(Refusal::WebhookIdInProgress)));
        // Whoever gets one and not the other keeps neither.
        assert!(in_progress.begin("p", &[key("d"), id()]).is_err());
        assert!(in_progress.begin("q", &[id(), key("c")]).is_ok() && in_progress.begin("p", &[key("d")]).is_ok());
        drop(turns);
        assert!(in_progress.begin("p", &[id(), key("c")]).is_ok());
    }
}
