//! Tells a repetition from a new message by its `Idempotency-Key` (IETF HTTPAPI draft "The Idempotency-Key HTTP Header
//! Field"), before any work is done for it.
//!
//! A key is scoped to partner and contract. What was answered is answered again; a key that is being worked on is refused
//! here, and where several gateways share a journal, the journal's commit decides which of two came first. That is safe,
//! because nothing before the commit has an effect. A forwarded message is not kept, so keys mean nothing for it.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::digest;
use http::request::Parts;
use portgate_core::manifest::IdempotencyKey;
use portgate_core::message::Message;
use portgate_store::{Answer, KeptAnswer};
use sfv::{BareItem, Item, Parser};
use tokio::sync::OwnedSemaphorePermit;

use super::Surroundings;
use super::read::{Original, Received};
use crate::configuration::Contract;
use crate::refusal::Refusal;

/// The header field.
const FIELD: &str = "idempotency-key";

/// The longest key, in characters; a UUID has 36.
const KEY_CHARACTERS_MAX: usize = 255;

/// Proof that no answer is known for this message's key, and that nobody else is working on it here.
pub(crate) struct Fresh {
    pub(super) contract: Arc<Contract>,
    pub(super) place: OwnedSemaphorePermit,
    pub(super) message: Message,
    pub(super) original: Original,
    pub(super) key: Option<Key>,
    _made_here: (),
}

/// A key that this request works on until it is dropped.
pub(crate) struct Key {
    pub(super) text: String,
    /// Tells whether another request with this key is the same.
    pub(super) fingerprint: [u8; 32],
    _turn: Turn,
}

/// A new message, or one that was answered before.
pub(super) enum Deduplicated {
    Fresh(Box<Fresh>),
    Answered(Answer),
}

/// Looks the message's key up, if it has one.
pub(super) async fn deduplicate(
    around: &Surroundings<'_>,
    received: Received,
    head: &Parts,
) -> Result<Deduplicated, Refusal> {
    let Received { contract, place, message, original, .. } = received;
    let text = match contract.forward {
        Some(_) => None,
        None => key(head)?,
    };
    let Some(text) = text else {
        if contract.forward.is_none() && contract.declared.idempotency_key == IdempotencyKey::Required {
            return Err(Refusal::IdempotencyKeyMissing { contract: contract.name.clone() });
        }
        return Ok(Deduplicated::Fresh(Box::new(Fresh {
            contract,
            place,
            message,
            original,
            key: None,
            _made_here: (),
        })));
    };
    let turn = around.in_progress.begin(&message.partner, &contract.name, &text);
    let turn = turn.ok_or(Refusal::IdempotencyKeyInProgress)?;
    let fingerprint = fingerprint(&contract, &original);
    match around.journal.kept_answer(&message.partner, &contract.name, &text, fingerprint, around.now).await? {
        None => {
            let key = Some(Key { text, fingerprint, _turn: turn });
            Ok(Deduplicated::Fresh(Box::new(Fresh { contract, place, message, original, key, _made_here: () })))
        }
        Some(KeptAnswer::Replayed(answer)) => Ok(Deduplicated::Answered(answer)),
        Some(KeptAnswer::KeyReused) => Err(Refusal::IdempotencyKeyReused),
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

/// Version, media type and payload; the rest of a request may change from one attempt to the next.
fn fingerprint(contract: &Contract, original: &Original) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in [contract.version.as_bytes(), b"\0", original.content_type.as_bytes(), b"\0", &original.sha256] {
        context.update(part);
    }
    let mut fingerprint = [0; 32];
    fingerprint.copy_from_slice(context.finish().as_ref());
    fingerprint
}

/// The keys that are being worked on in this process: as many as there are requests in flight at most.
#[derive(Clone, Default)]
pub(crate) struct InProgress(Arc<Mutex<HashSet<Scope>>>);

/// Partner, contract and key.
type Scope = (String, String, String);

impl InProgress {
    /// Takes the key, unless somebody else has it.
    fn begin(&self, partner: &str, contract: &str, key: &str) -> Option<Turn> {
        let scope = (partner.to_owned(), contract.to_owned(), key.to_owned());
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
    fn a_key_is_one_s_turn_until_it_is_given_back() {
        let keys = InProgress::default();
        let turn = keys.begin("p", "c", "k").expect("free");
        assert!(keys.begin("p", "c", "k").is_none());
        assert!(keys.begin("q", "c", "k").is_some() && keys.begin("p", "d", "k").is_some());
        drop(turn);
        assert!(keys.begin("p", "c", "k").is_some());
    }
}
