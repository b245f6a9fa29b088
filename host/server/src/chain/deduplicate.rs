//! Tells a repetition from a new message by what it is known by, before any work is done for it: by what is signed of it, by
//! the sender's own id of it, and by its `Idempotency-Key` (IETF HTTPAPI draft "The Idempotency-Key HTTP Header Field").
//!
//! Of a signed webhook this is the id that is signed, or where none is, the body (and the time, if its partner's policy says
//! so): what the signature does not cover, whoever has caught the message can change. It is scoped to the partner, because the
//! path is not part of what most signatures cover; keys and ids that nobody has signed are scoped to partner and contract. What
//! was answered is answered again; what is being worked on is refused here, and where several gateways share a journal, the
//! journal's commit decides which of two came first. That is safe, because nothing before the commit has an effect. For
//! the same reason a message that was refused leaves nothing: sent again it is judged anew.
//!
//! Where a message has several, it is known by any of them, and what is signed comes first, so that no key beside it makes a
//! copy something new. A forwarded message is not kept, so `Idempotency-Key` means nothing for it; ids do ([`super::forward`]).

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use http::request::Parts;
use http::{HeaderName, HeaderValue};
use jiff::{Timestamp, ToSpan};
use portgate_core::manifest::IdempotencyKey;
use portgate_core::sha256::sha256;
use portgate_http::auth::{Signed, SignedAs};
use portgate_store::{Answer, KeptAnswer, RequestKey};
use sfv::{BareItem, Item, Parser};
use tokio::sync::OwnedSemaphorePermit;

use super::read::Received;
use super::{Account, Surroundings, answer};
use crate::configuration::{Contract, Partner};
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
    /// Until when both are remembered.
    pub(super) remembered_until: Timestamp,
    _turns: Vec<Turn>,
}

/// A new message, or one that was answered before.
pub(super) enum Deduplicated {
    Fresh(Fresh),
    Answered(Answer),
}

/// Looks up what the message is known by, if there is anything, and keeps others that are known by the same from being worked
/// on meanwhile.
pub(super) async fn deduplicate(
    around: &Surroundings<'_>,
    received: Received,
    head: &Parts,
    account: &mut Account,
) -> Result<Deduplicated, Refusal> {
    let sent_again = received.contract.clone();
    let known = known_before(around, received, head, |sender, known_by| {
        account.known_by = known_by.to_vec();
        around.in_progress.begin(sender, known_by)
    })
    .await?;
    if let (Deduplicated::Answered(answer), Some(sender)) = (&known, &account.sender)
        && around.intake().acknowledges_apart(&sent_again, sender)
        && let Some(exchange) = answer::exchange(answer)
    {
        // Who sends it again has perhaps not got what was said of it.
        around.state.journal.acknowledge_again(exchange, around.now).await?;
    }
    Ok(known)
}

/// The same, and in nobody's way.
pub(super) async fn look_up(
    around: &Surroundings<'_>,
    received: Received,
    head: &Parts,
) -> Result<Deduplicated, Refusal> {
    known_before(around, received, head, |_, _| Ok(Vec::new())).await
}

async fn known_before(
    around: &Surroundings<'_>,
    received: Received,
    head: &Parts,
    begin: impl FnOnce(&str, &[RequestKey]) -> Result<Vec<Turn>, Refusal>,
) -> Result<Deduplicated, Refusal> {
    let Received { contract, partner, place, incoming, charset, signed, .. } = received;
    let counts_for_ever = signed.as_ref().is_some_and(|signed| signed.counts_for_ever);
    let fingerprint = incoming.fingerprint();
    let mut known_by = known_by(&contract, &partner, signed, &incoming, head)?;
    let interchange = around.intake().interchange_key(&contract, &incoming).filter(|_| contract.forward.is_none());
    // Its number may come again as long as anything is kept of it.
    let counts_for_ever = counts_for_ever || interchange.is_some();
    if let Some(interchange) = interchange {
        known_by.extend([interchange, RequestKey::RefusedInterchange { fingerprint }]);
    }
    let turns = begin(&incoming.partner, &known_by)?;
    if !known_by.is_empty()
        && let Some(kept) =
            around.state.journal.kept_answer(&incoming.partner, &known_by, fingerprint, around.now).await?
    {
        let answer = first_answer(kept)?;
        // What was parked when it came first has perhaps been acknowledged since.
        let since = match answer::exchange(&answer) {
            Some(exchange) => around.intake().told_since(&incoming, exchange).await?,
            None => None,
        };
        return Ok(Deduplicated::Answered(since.unwrap_or(answer)));
    }
    let remembered_until = remembered_until(around, counts_for_ever);
    let keys = Keys { known_by, fingerprint, remembered_until, _turns: turns };
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
        RequestKey::Webhook { .. } | RequestKey::Message { .. } => Refusal::WebhookIdReused,
        RequestKey::Content { .. } => Refusal::SignedBodyReused,
        RequestKey::Interchange { .. } | RequestKey::RefusedInterchange { .. } | RequestKey::TakenUp { .. } => {
            Refusal::ControlNumberReused
        }
    }
}

/// Until when it is remembered what a request is known by: where its signature covers no time and so counts for ever, as
/// long as anything is kept of it.
fn remembered_until(around: &Surroundings<'_>, counts_for_ever: bool) -> Timestamp {
    let journal = &around.configuration.policies.gateway.journal;
    let days = i64::from(if counts_for_ever { journal.exchange_days } else { journal.idempotency_days });
    around.now.saturating_add((days * 24).hours()).unwrap_or(Timestamp::MAX)
}

/// What tells a repetition of this message: what is signed before the sender's id, and that before the key.
fn known_by(
    contract: &Contract,
    partner: &Partner,
    signed: Option<Signed>,
    incoming: &Incoming,
    head: &Parts,
) -> Result<Vec<RequestKey>, Refusal> {
    let id_header = partner.id_header(&contract.name).or(contract.declared.id_header.as_deref());
    let id_header = id_header.or_else(|| signed.as_ref()?.id_header.as_ref().map(HeaderName::as_str));
    let id = id_header.map(|name| message_id(head, name)).transpose()?.flatten();
    let key = match contract.forward {
        Some(_) => None,
        None => key(head)?,
    };
    let signed = signed.map(|signed| match signed.by {
        SignedAs::Id(id) => RequestKey::Webhook { id },
        SignedAs::Body => RequestKey::Content { sha256: incoming.sha256 },
        SignedAs::BodyAt(time) => RequestKey::Content { sha256: sha256(&[&incoming.sha256, time.as_bytes()].concat()) },
    });
    let id = id.map(|id| RequestKey::Message { contract: contract.name.clone(), id });
    let key = key.map(|key| RequestKey::Idempotency { contract: contract.name.clone(), key });
    let known_by: Vec<_> = [signed, id, key].into_iter().flatten().collect();
    let required = contract.forward.is_none() && contract.declared.idempotency_key == IdempotencyKey::Required;
    match required && known_by.is_empty() {
        true => Err(Refusal::IdempotencyKeyMissing { contract: contract.name.clone() }),
        false => Ok(known_by),
    }
}

/// The sender's own id of the message, where it is there.
fn message_id(head: &Parts, name: &str) -> Result<Option<String>, Refusal> {
    let mut values = head.headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.to_str().ok().filter(|text| (1..=KEY_CHARACTERS_MAX).contains(&text.len()));
    match (text, values.next()) {
        (Some(text), None) => Ok(Some(text.to_owned())),
        _ => Err(Refusal::MessageIdMalformed { name: name.to_owned() }),
    }
}

/// The key: one Structured Field String (RFC 9651 §3.3.3), or its text without the quotation marks, as most clients write it.
fn key(head: &Parts) -> Result<Option<String>, Refusal> {
    let mut values = head.headers.get_all(FIELD).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let text = match values.next() {
        None => quoted(value).or_else(|| bare(value)),
        Some(_) => None,
    };
    match text.filter(|text| (1..=KEY_CHARACTERS_MAX).contains(&text.len())) {
        Some(text) => Ok(Some(text)),
        None => Err(Refusal::IdempotencyKeyMalformed),
    }
}

fn quoted(value: &HeaderValue) -> Option<String> {
    let item: Item = Parser::new(value.as_bytes()).parse().ok()?;
    match item.bare_item {
        BareItem::String(text) => Some(text.as_str().to_owned()),
        _ => None,
    }
}

/// A text in which nothing can be taken for a quotation mark, a list or a parameter.
fn bare(value: &HeaderValue) -> Option<String> {
    let text = value.to_str().ok()?;
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"\"\\,;".contains(&byte);
    text.bytes().all(plain).then(|| text.to_owned())
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
                RequestKey::Webhook { .. } | RequestKey::Message { .. } | RequestKey::Content { .. } => {
                    Refusal::WebhookIdInProgress
                }
                RequestKey::Interchange { .. } | RequestKey::RefusedInterchange { .. } | RequestKey::TakenUp { .. } => {
                    Refusal::InterchangeInProgress
                }
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
    fn a_key_is_one_structured_field_string_or_its_text_without_the_quotation_marks() {
        assert_eq!(parsed(&[]).expect("no key"), None);
        for written in ["\"8e03978e-40d5\"", "8e03978e-40d5"] {
            assert_eq!(parsed(&[written]).expect("a key").as_deref(), Some("8e03978e-40d5"), "{written}");
        }
        for bare in ["1", "order:17/a", "YWI+Yw==", "?1", "a'b"] {
            assert_eq!(parsed(&[bare]).expect("a key").as_deref(), Some(bare));
        }
        assert_eq!(parsed(&["\"a\\\"b\";p=1"]).expect("a key").as_deref(), Some("a\"b"));
        for wrong in [
            &["\"\""][..],
            &["\"a\", \"b\""],
            &["\"a\"", "\"a\""],
            &["a", "a"],
            &["\"a"],
            &["a\""],
            &["a, b"],
            &["a,b"],
            &["a;b"],
            &["a b"],
            &["a\\b"],
            &["\"a\"b"],
            &[""],
        ] {
            assert!(matches!(parsed(wrong), Err(Refusal::IdempotencyKeyMalformed)), "{wrong:?}");
        }
        for long in [format!("\"{}\"", "k".repeat(256)), "k".repeat(256)] {
            assert!(parsed(&[&long]).is_err());
        }
    }

    /// The public vectors of structured fields, where the shared folder with the corpora exists. A key is an item that is
    /// a string, or a plain text; every other item is as wrong here as one that cannot be parsed.
    #[test]
    fn keys_are_read_as_the_vectors_of_structured_fields_have_it() {
        let shared = std::env::var_os("PORTGATE_SHARED").map(std::path::PathBuf::from);
        let shared = shared.unwrap_or_else(|| std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"));
        let folder = shared.join("corpora/structured-field-tests");
        if !folder.exists() {
            return println!("left out: there is no folder {}", folder.display());
        }
        let (mut keys, mut bare, mut refused) = (0, 0, 0);
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
                    // Without quotation marks it is what it says, whatever a structured field would be there.
                    (Some(Ok(Some(text))), None)
                        if values == [text.as_str()] && !text.contains(['"', ',', ';', ' ']) =>
                    {
                        bare += 1;
                    }
                    (Some(Err(Refusal::IdempotencyKeyMalformed)) | None, None) => refused += 1,
                    (read, expected) => panic!("{}: {read:?} instead of {expected:?}", vector["name"]),
                }
            }
        }
        println!("{keys} keys, {bare} without quotation marks, {refused} refused");
        assert!(keys >= 4 && bare >= 60 && refused >= 40, "the vectors have another form than this test reads");
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
