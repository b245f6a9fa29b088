//! A partner of the demo that is delivered to: takes what comes, knows each delivery by its id, and can be down.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;

/// One that listens until the demo ends.
pub(crate) struct Receiver(Arc<Mutex<State>>);

struct State {
    key: String,
    down: bool,
    refused: usize,
    /// How often each delivery was taken.
    taken: BTreeMap<String, usize>,
    /// What was taken last.
    last: Bytes,
}

impl Receiver {
    /// Starts it; it takes only what shows this key.
    pub(crate) async fn start(name: &str, address: SocketAddr, key: String) -> Result<Self, String> {
        let listener = TcpListener::bind(address).await.map_err(|error| format!("{name} {address}: {error}"))?;
        let state = State { key, down: false, refused: 0, taken: BTreeMap::new(), last: Bytes::new() };
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

    /// How often each delivery was taken.
    pub(crate) fn taken(&self) -> BTreeMap<String, usize> {
        self.lock().taken.clone()
    }

    /// The text of what it took last.
    pub(crate) fn last(&self) -> String {
        String::from_utf8_lossy(&self.lock().last).into_owned()
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
    let status = match body {
        _ if field("x-api-key") != state.key => StatusCode::UNAUTHORIZED,
        Ok(body) if !state.down => {
            state.last = body;
            let id = field("idempotency-key").trim_matches('"').to_owned();
            *state.taken.entry(id).or_default() += 1;
            StatusCode::OK
        }
        _ => {
            state.refused += 1;
            StatusCode::SERVICE_UNAVAILABLE
        }
    };
    let mut response = Response::new(Full::new(Bytes::from_static(b"{}")));
    *response.status_mut() = status;
    response
}
