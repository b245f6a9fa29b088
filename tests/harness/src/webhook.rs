//! A partner's receiver of webhooks, which believes only what is signed with its secret (Standard Webhooks).

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::Workshop;
use crate::credentials::random;

/// A receiver that listens on loopback until it is dropped.
pub struct Webhook {
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

struct State {
    key: Vec<u8>,
    status: u16,
    told: Vec<Told>,
}

/// One event that came, signed as it should be.
#[derive(Clone, Debug)]
pub struct Told {
    /// The message's id.
    pub id: String,
    /// The media type.
    pub content_type: String,
    /// How many signatures it carried.
    pub signatures: usize,
    /// The CloudEvent.
    pub event: Value,
    /// What it was answered.
    pub status: u16,
}

impl Webhook {
    /// Starts one that takes everything, and has `partner` told of what concerns it there: its policy's `[webhook]`, with
    /// `more` lines in it.
    pub async fn start(workshop: &Workshop, partner: &str, more: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let key = random::<32>().to_vec();
        workshop.secret("webhook.whsec", &format!("whsec_{}", STANDARD.encode(&key)));
        workshop.edit("ceiling.toml", |text| {
            text.replace("base_urls = [", &format!("base_urls = [\"http://{address}\", "))
        });
        workshop.edit(&format!("partners/{partner}.toml"), |text| {
            format!(
                "{text}\n[webhook]\nurl = \"http://{address}/hooks/portgate\"\nsecret = \"file:webhook.whsec\"\n\
                 private_addresses = true\n{more}\n\
                 [webhook.limits]\nconnect_timeout_ms = 2_000\ntimeout_ms = 5_000\nin_flight_max = 8\n\
                 requests_per_second = 1_000\nburst = 1_000\n\
                 [webhook.retry]\ndelays_seconds = {:?}\n[webhook.breaker]\nfailures = 100\n",
                [1; 20]
            )
        });
        let state = Arc::new(Mutex::new(State { key, status: 204, told: Vec::new() }));
        let task = tokio::spawn(serve(listener, Arc::clone(&state)));
        Webhook { state, task }
    }

    /// From now on answers this status.
    pub fn answer(&self, status: u16) {
        self.lock().status = status;
    }

    /// Believes another secret from now on, and gives it back as policies want it.
    pub fn change_secret(&self) -> String {
        let key = random::<32>().to_vec();
        self.lock().key.clone_from(&key);
        format!("whsec_{}", STANDARD.encode(key))
    }

    /// Every event that came, in its order, whatever it was answered.
    pub fn told(&self) -> Vec<Told> {
        self.lock().told.clone()
    }

    /// Waits until something holds of what came.
    pub async fn until(&self, what: &str, holds: impl Fn(&[Told]) -> bool) -> Vec<Told> {
        crate::eventually(what, async || {
            let told = self.told();
            if holds(&told) { Ok(told) } else { Err(format!("{told:#?}")) }
        })
        .await
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Webhook {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, state: Arc<Mutex<State>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let state = Arc::clone(&state);
        let service = service_fn(move |request: Request<Incoming>| {
            let state = Arc::clone(&state);
            async move { Ok::<_, Infallible>(answer(request, &state).await) }
        });
        tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn answer(request: Request<Incoming>, state: &Mutex<State>) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let field = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (id, second, signatures) = (field("webhook-id"), field("webhook-timestamp"), field("webhook-signature"));
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    let key = hmac::Key::new(hmac::HMAC_SHA256, &state.key);
    let signed = [format!("{id}.{second}.").as_bytes(), &body].concat();
    let holds = |signature: &str| {
        let signature = signature.strip_prefix("v1,").and_then(|signature| STANDARD.decode(signature).ok());
        signature.is_some_and(|signature| hmac::verify(&key, &signed, &signature).is_ok())
    };
    let status = match signatures.split(' ').any(holds) {
        true => state.status,
        false => 401,
    };
    if status != 401 {
        let told = Told {
            id: id.to_owned(),
            content_type: field("content-type").to_owned(),
            signatures: signatures.split(' ').count(),
            event: serde_json::from_slice(&body).expect("a CloudEvent"),
            status,
        };
        state.told.push(told);
    }
    let mut response = Response::new(Full::new(Bytes::new()));
    *response.status_mut() = StatusCode::from_u16(status).expect("a status of a test");
    response
}
