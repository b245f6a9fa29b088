//! A partner of the demo that is delivered to: takes what comes, knows each delivery by its id, and can be down.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use jiff::Timestamp;
use tokio::net::TcpListener;

use super::partners::{self, Answer};
use super::timeline;

/// How the gateway proves to a partner who it is: the header and what stands in it.
pub(crate) struct Proof {
    pub(crate) header: String,
    pub(crate) value: String,
}

/// One that listens until the demo ends.
pub(crate) struct Receiver(Arc<Mutex<State>>);

/// One request that was taken.
#[derive(Clone)]
pub(crate) struct Taken {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) body: String,
    /// The status that it was answered.
    pub(crate) status: u16,
    /// When it was: more than once where it was sent again.
    at: Vec<Timestamp>,
}

struct State {
    partner: String,
    proof: Proof,
    down: bool,
    refused: usize,
    /// What was taken, by the id of its delivery.
    taken: BTreeMap<String, Taken>,
}

impl Receiver {
    /// Starts it; it takes only what proves that the gateway sends it.
    pub(crate) async fn start(partner: &str, address: SocketAddr, proof: Proof) -> Result<Self, String> {
        let listener = TcpListener::bind(address).await.map_err(|error| format!("{partner} {address}: {error}"))?;
        let state = State { partner: partner.to_owned(), proof, down: false, refused: 0, taken: BTreeMap::new() };
        let receiver = Receiver(Arc::new(Mutex::new(state)));
        let shared = Arc::clone(&receiver.0);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&shared);
                let service = service_fn(move |request| {
                    let state = Arc::clone(&state);
                    async move { Ok::<_, Infallible>(take(request, &state).await) }
                });
                let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                tokio::spawn(async move {
                    // A connection that breaks is the gateway's to report.
                    let _ = builder.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Ok(receiver)
    }

    /// Whether it answers 503 from now on.
    pub(crate) fn set_down(&self, down: bool) {
        self.lock().down = down;
    }

    /// How many requests it has refused while it was down.
    pub(crate) fn refused(&self) -> usize {
        self.lock().refused
    }

    /// What it has taken of this delivery.
    pub(crate) fn taken(&self, delivery: &str) -> Option<Taken> {
        self.lock().taken.get(delivery).cloned()
    }

    /// What it has taken that says this, each delivery once, in their order.
    pub(crate) fn that_say(&self, said: &str) -> Vec<Taken> {
        self.lock().taken.values().filter(|taken| taken.body.contains(said)).cloned().collect()
    }

    /// What it has taken more than once from one gateway, and when; a gateway ends where it was killed.
    pub(crate) fn twice(&self, killed: &[Timestamp]) -> Vec<String> {
        let between = |pair: &[Timestamp]| killed.iter().any(|at| pair.first() < Some(at) && Some(at) < pair.last());
        let state = self.lock();
        let twice = state.taken.values().filter(|taken| !taken.at.windows(2).all(between));
        let shown = |taken: &Taken| {
            let times: Vec<String> = taken.at.iter().map(timeline::time_of_day).collect();
            format!("{} {} at {}", taken.method, taken.path, times.join(" and "))
        };
        twice.map(shown).collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn take(request: Request<Incoming>, state: &Mutex<State>) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    // It must arrive whole.
    let body = body.collect().await.map(|body| body.to_bytes());
    let field = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    let answer = match body {
        _ if field(&state.proof.header) != state.proof.value => Answer::empty(StatusCode::UNAUTHORIZED),
        Ok(body) if !state.down => {
            let path = head.uri.path_and_query().map_or_else(String::new, ToString::to_string);
            let answer = partners::answer(&state.partner, &path, &body);
            let taken = Taken {
                method: head.method.to_string(),
                path,
                body: String::from_utf8_lossy(&body).into_owned(),
                status: answer.status.as_u16(),
                at: Vec::new(),
            };
            let id = field("idempotency-key").trim_matches('"').to_owned();
            state.taken.entry(id).or_insert(taken).at.push(Timestamp::now());
            answer
        }
        _ => {
            state.refused += 1;
            Answer::empty(StatusCode::SERVICE_UNAVAILABLE)
        }
    };
    let mut response = Response::new(Full::new(Bytes::from(answer.body)));
    *response.status_mut() = answer.status;
    for (name, value) in answer.headers {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
