//! Forward routes: the one document of a message goes to an internal system, whose answer returns to the partner.
//!
//! Nothing of the message is kept and nothing is tried again: the caller sees the internal system's own answer. The request
//! that goes out is made anew from the document; no byte or header of the partner's request is passed through, but for the
//! trace.
//!
//! What is known by an id is passed on once: a signed webhook, by what is signed of it, and a message with its sender's own id.
//! Each is taken in the journal before the upstream is asked, and kept with the answer where that is a success. What the upstream refused or never saw has had no effect, so that the id is given back and the
//! message judged anew when it comes again. Where nobody knows, because the upstream gave no answer in time or the gateway
//! ended, the id stays taken: a copy is refused rather than passed on a second time.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use jiff::Timestamp;
use portgate_core::sender;
use portgate_store::{Answer, Journal, JournalError, KeptAnswer, RequestKey, TakenKey};

use super::decode::Decoded;
use super::deduplicate::{Carried, Keys};
use super::{Surroundings, answer, deduplicate};
use crate::refusal::Refusal;

/// The longest answer that is kept to be given again. After a longer one copies are refused.
const KEPT_BYTES_MAX: usize = 64 * 1024;

/// Kept-alive connections to the upstreams.
pub(crate) struct Upstreams {
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Upstreams {
    pub(crate) fn new() -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(Duration::from_secs(5)));
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(30))
            .build(connector);
        Upstreams { client }
    }
}

/// A request to an upstream, with the limits of its answer.
struct Outgoing {
    client: Client<HttpConnector, Full<Bytes>>,
    request: Request<Full<Bytes>>,
    answer_bytes_max: u64,
    after_ms: u64,
}

/// What came of a request.
struct Sent {
    answer: Result<Response<Bytes>, Refusal>,
    /// Whether the upstream can have seen it.
    seen: bool,
}

/// Sends the document and reads the answer within the policy's deadline and cap, a signed webhook's once.
pub(super) async fn forward(
    around: &Surroundings<'_>,
    upstream: Uri,
    decoded: Decoded<'_>,
) -> Result<Response<Bytes>, Refusal> {
    let outgoing = outgoing(around, upstream, &decoded)?;
    let Carried { incoming, keys, place, .. } = *decoded.carried;
    let sender = incoming.partner;
    if keys.known_by.is_empty() {
        return outgoing.send().await.answer;
    }
    let now = around.now;
    let journal = Arc::clone(&around.state.journal);
    // By itself: what is taken is passed on and noted also where the caller hangs up, and holds its place until then.
    let passed_on = tokio::spawn(async move {
        let _held = place;
        if let Some(kept) = take(&*journal, &sender, &keys, now).await? {
            return Ok(answer::give(deduplicate::first_answer(kept)?));
        }
        let sent = outgoing.send().await;
        for key in &keys.known_by {
            if let Err(error) = note(&*journal, &sender, key, &sent).await {
                tracing::warn!(%error, "what became of a forwarded message is not noted; copies of it are refused");
            }
        }
        sent.answer
    });
    passed_on.await.unwrap_or(Err(Refusal::Panicked))
}

/// Takes all that the message is known by, or nothing of it where another has one of these.
async fn take(
    journal: &dyn Journal,
    sender: &str,
    keys: &Keys,
    now: Timestamp,
) -> Result<Option<KeptAnswer>, JournalError> {
    for (taken_before, key) in keys.known_by.iter().enumerate() {
        let taken = TakenKey {
            partner: sender.to_owned(),
            key: key.clone(),
            fingerprint: keys.fingerprint,
            now,
            expires_at: keys.remembered_until,
        };
        if let Some(kept) = journal.take_key(taken).await? {
            for key in &keys.known_by[..taken_before] {
                journal.give_key_back(sender, key).await?;
            }
            return Ok(Some(kept));
        }
    }
    Ok(None)
}

/// Keeps the answer of a success, gives the id back where there was no effect, and leaves it taken where nobody knows.
async fn note(journal: &dyn Journal, partner: &str, key: &RequestKey, sent: &Sent) -> Result<(), JournalError> {
    match &sent.answer {
        Ok(response) if response.status().is_success() => match kept(response) {
            Some(answer) => journal.keep_answer(partner, key, answer).await,
            None => Ok(()),
        },
        Ok(_) => journal.give_key_back(partner, key).await,
        Err(_) if !sent.seen => journal.give_key_back(partner, key).await,
        Err(_) => Ok(()),
    }
}

/// The answer as it can be given again; nothing where it is too long for that.
fn kept(response: &Response<Bytes>) -> Option<Answer> {
    let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let headers = content_type.map(|value| (CONTENT_TYPE.as_str().to_owned(), value.to_owned()));
    let body = Some(response.body().clone()).filter(|body| body.len() <= KEPT_BYTES_MAX)?;
    Some(Answer { status: response.status().as_u16(), headers: headers.into_iter().collect(), body })
}

fn outgoing(around: &Surroundings<'_>, upstream: Uri, decoded: &Decoded) -> Result<Outgoing, Refusal> {
    let [document] = decoded.decoded.documents.as_slice() else {
        return Err(Refusal::NotOneDocument { documents: decoded.decoded.documents.len() });
    };
    let request = Request::builder()
        .method(Method::POST)
        .uri(upstream)
        .header(CONTENT_TYPE, "application/json")
        .header("traceparent", around.trace.traceparent())
        .header("x-request-id", &around.trace.id)
        .header("portgate-partner", sender::partner(&decoded.carried.incoming.partner))
        .header("portgate-document", &document.kind)
        .body(Full::new(Bytes::copy_from_slice(&document.body)))
        .map_err(|error| failed(&error))?;
    let gateway = &around.configuration.policies.gateway;
    Ok(Outgoing {
        client: around.upstreams.client.clone(),
        request,
        answer_bytes_max: gateway.caps.body_bytes_max,
        after_ms: gateway.deadlines.upstream_ms,
    })
}

impl Outgoing {
    async fn send(self) -> Sent {
        let Outgoing { client, request, answer_bytes_max, after_ms } = self;
        let mut seen = true;
        let exchange = async {
            let response = client.request(request).await.map_err(|error| {
                seen = !error.is_connect();
                failed(&error)
            })?;
            let (head, body) = response.into_parts();
            let cap = usize::try_from(answer_bytes_max).unwrap_or(usize::MAX);
            let body = Limited::new(body, cap).collect().await.map_err(|error| failed(&*error))?;
            let mut answer = Response::new(body.to_bytes());
            *answer.status_mut() = head.status;
            if let Some(content_type) = head.headers.get(CONTENT_TYPE) {
                answer.headers_mut().insert(CONTENT_TYPE, content_type.clone());
            }
            answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            Ok(answer)
        };
        let answer = tokio::time::timeout(Duration::from_millis(after_ms), exchange).await;
        Sent { answer: answer.unwrap_or(Err(Refusal::UpstreamTooSlow { after_ms })), seen }
    }
}

/// The error with its causes, for the log; the partner is told only that there was no usable answer.
fn failed(error: &dyn std::error::Error) -> Refusal {
    let mut detail = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        detail.push_str(": ");
        detail.push_str(&error.to_string());
        cause = error.source();
    }
    Refusal::UpstreamFailed { detail }
}
