//! The customer portal of the demo: takes documents by `PUT`, knows each delivery by its id, and can be down.

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

/// A portal that listens until the demo ends.
pub(crate) struct Portal(Arc<Mutex<State>>);

struct State {
    key: String,
    down: bool,
    refused: usize,
    /// How often each delivery was taken.
    taken: BTreeMap<String, usize>,
}

impl Portal {
    /// Starts it; it takes only what shows this key.
    pub(crate) async fn start(address: SocketAddr, key: String) -> Result<Self, String> {
        let listener = TcpListener::bind(address).await.map_err(|error| format!("portal {address}: {error}"))?;
        let state = State { key, down: false, refused: 0, taken: BTreeMap::new() };
        let portal = Portal(Arc::new(Mutex::new(state)));
        let shared = Arc::clone(&portal.0);
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
        Ok(portal)
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

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn take(request: Request<Incoming>, state: &Mutex<State>) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    // The body's content is not looked at here, but it must arrive whole.
    let whole = body.collect().await.is_ok();
    let field = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    let status = match () {
        () if field("x-api-key") != state.key => StatusCode::UNAUTHORIZED,
        () if state.down || !whole => {
            state.refused += 1;
            StatusCode::SERVICE_UNAVAILABLE
        }
        () => {
            let id = field("idempotency-key").trim_matches('"').to_owned();
            *state.taken.entry(id).or_default() += 1;
            StatusCode::OK
        }
    };
    let mut response = Response::new(Full::new(Bytes::from_static(b"{}")));
    *response.status_mut() = status;
    response
}
