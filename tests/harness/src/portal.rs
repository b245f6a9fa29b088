//! A customer portal of a test's own: takes documents, remembers each by the delivery's id, and can be down.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use crate::Workshop;

/// A portal that listens on loopback until it is dropped.
pub struct Portal {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

struct State {
    key: String,
    /// What it answers; 200 takes what comes.
    status: u16,
    /// Where it says later what becomes of a document that it takes now.
    later: Option<String>,
    /// What it says beside its status, where a test wants something of its own: fields of the head, and the body.
    says: Option<(Vec<(String, String)>, String)>,
    received: Vec<Received>,
}

/// One request that came, whatever it was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The method.
    pub method: http::Method,
    /// The delivery's id.
    pub delivery: String,
    /// Path and query.
    pub path: String,
    /// The body.
    pub body: Bytes,
    /// What it was answered.
    pub status: u16,
}

impl Portal {
    /// Starts one that takes everything, and points the workshop's policies at it.
    pub async fn start(workshop: &Workshop) -> Self {
        let portal = Self::listen(workshop).await;
        for file in ["plugins/customer-portal.toml", "partners/customer-portal.toml", "ceiling.toml"] {
            workshop.edit(file, |text| text.replace("127.0.0.1:8483", &portal.address.to_string()));
        }
        portal
    }

    /// Starts another, as a partner with this name, beside the one that was started before.
    pub async fn start_beside(workshop: &Workshop, other: &Portal, name: &str) -> Self {
        let portal = Self::listen(workshop).await;
        let (here, there) = (portal.address.to_string(), other.address.to_string());
        for file in ["plugins/customer-portal.toml", "ceiling.toml"] {
            let both = format!("\"http://{there}\", \"http://{here}\"");
            workshop.edit(file, |text| text.replace(&format!("\"http://{there}\""), &both));
        }
        let partner = std::fs::read_to_string(workshop.policies().join("partners/customer-portal.toml"));
        let partner = partner.expect("the first portal's policy").replace(&there, &here);
        // A credential names one partner: this one only receives.
        let reader = "[[authenticate]]\nkind = \"api-key\"\nsha256 = \"file:customer-portal-reader.sha256\"\n";
        let partner = partner.replace(reader, "authenticate = []\n");
        let (head, looks_up) = partner.split_once("[shipments]").expect("the first one looks shipments up");
        let delivery = looks_up.find("[delivery]").expect("it is delivered to");
        let partner = format!("{head}{}", &looks_up[delivery..]);
        workshop.edit(&format!("partners/{name}.toml"), |_| partner);
        portal
    }

    /// Starts one that takes everything, and leaves it to the test to point policies at it.
    pub async fn listen(workshop: &Workshop) -> Self {
        Self::listen_at(workshop, SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    /// Starts one where another one was that is away: see [`Portal::leave`].
    pub async fn listen_at(workshop: &Workshop, address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let key = workshop.credentials.portal_key.clone();
        let state = Arc::new(Mutex::new(State { key, status: 200, later: None, says: None, received: Vec::new() }));
        let task = tokio::spawn(serve(listener, Arc::clone(&state)));
        Portal { address, state, task }
    }

    /// It goes away: its connections end, and whoever connects is refused. Gives back where it was.
    pub async fn leave(&self) -> SocketAddr {
        let address = self.address;
        self.task.abort();
        while tokio::net::TcpStream::connect(address).await.is_ok() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        address
    }

    /// It comes back to where it was, with what it remembers.
    pub async fn come_back(&mut self) {
        self.task.abort();
        let listener = TcpListener::bind(self.address).await.expect("its port");
        self.task = tokio::spawn(serve(listener, Arc::clone(&self.state)));
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on answers this status: 200 takes what comes, 503 is down, 422 refuses.
    pub fn answer(&self, status: u16) {
        self.lock().status = status;
    }

    /// From now on it takes each document with 202 and says at this `Location`, a second later, what becomes of it.
    pub fn take_for_later(&self, location: &str) {
        self.lock().later = Some(location.to_owned());
    }

    /// From now on its answers have these fields in their head, and this body.
    pub fn say(&self, fields: &[(&str, &str)], body: &str) {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.lock().says = Some((fields, body.to_owned()));
    }

    /// Every request that came, in its order.
    pub fn received(&self) -> Vec<Received> {
        self.lock().received.clone()
    }

    /// From now on it takes only requests with this API key.
    pub fn change_key(&self, key: &str) {
        key.clone_into(&mut self.lock().key);
    }

    /// How many requests came, whatever they were answered.
    pub fn requests(&self) -> usize {
        self.lock().received.len()
    }

    /// What was taken, by delivery: how often, and the bytes. More than once is a repetition that the portal, like any
    /// receiver, knows by its id.
    pub fn taken(&self) -> BTreeMap<String, Vec<Bytes>> {
        let mut taken: BTreeMap<String, Vec<Bytes>> = BTreeMap::new();
        for request in self.received().into_iter().filter(|request| request.status == 200) {
            taken.entry(request.delivery).or_default().push(request.body);
        }
        taken
    }

    /// Waits until so many deliveries were taken.
    pub async fn has_taken(&self, deliveries: usize) {
        crate::eventually(&format!("{deliveries} deliveries are taken"), async || {
            let taken = self.taken().len();
            if taken >= deliveries { Ok(()) } else { Err(taken) }
        })
        .await;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, state: Arc<Mutex<State>>) {
    // With this task its connections end.
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let _ = stream.set_nodelay(true);
        let state = Arc::clone(&state);
        let service = service_fn(move |request: Request<Incoming>| {
            let state = Arc::clone(&state);
            async move { Ok::<_, Infallible>(answer(request, &state).await) }
        });
        connections.spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        while connections.try_join_next().is_some() {}
    }
}

async fn answer(request: Request<Incoming>, state: &Mutex<State>) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let Ok(body) = body.collect().await.map(|body| body.to_bytes()) else {
        // Whoever was killed while it sent something has told nothing, and hears no answer either.
        let mut response = Response::new(Full::default());
        *response.status_mut() = StatusCode::BAD_REQUEST;
        return response;
    };
    let field = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    let later = state.later.clone().filter(|_| head.method == http::Method::PUT);
    let status = match field("x-api-key") == state.key {
        true if later.is_some() => 202,
        true => state.status,
        false => 401,
    };
    let delivery = field("idempotency-key").trim_matches('"').to_owned();
    let path = head.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    state.received.push(Received { method: head.method.clone(), delivery, path, body, status });
    let body = match status {
        422 => r#"{"errors":[{"field":"/code","message":"The portal does not know this code."}]}"#,
        _ => "{}",
    };
    let mut response = Response::new(Full::new(Bytes::from_static(body.as_bytes())));
    *response.status_mut() = StatusCode::from_u16(status).expect("a status of a test");
    if let Some((fields, body)) = state.says.clone() {
        *response.body_mut() = Full::new(Bytes::from(body));
        for (name, value) in fields {
            let name = http::HeaderName::from_bytes(name.as_bytes()).expect("a header of a test");
            response.headers_mut().append(name, http::HeaderValue::from_str(&value).expect("a header of a test"));
        }
    }
    if let Some(location) = later.filter(|_| status == 202) {
        let location = http::HeaderValue::from_bytes(location.as_bytes()).expect("a header of a test");
        response.headers_mut().insert(http::header::LOCATION, location);
        response.headers_mut().insert(http::header::RETRY_AFTER, http::HeaderValue::from_static("1"));
    }
    response
}
