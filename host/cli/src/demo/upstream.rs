//! The internal system behind the demo's forward route: a small HTTP server that says what it was given.

use std::convert::Infallible;
use std::net::SocketAddr;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Starts it; it ends with the demo.
pub(crate) async fn start(address: SocketAddr) -> Result<JoinHandle<()>, String> {
    let listener = TcpListener::bind(address).await.map_err(|error| format!("upstream {address}: {error}"))?;
    Ok(tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                // A connection that breaks is the gateway's to report.
                let _ = builder.serve_connection(TokioIo::new(stream), service_fn(take)).await;
            });
        }
    }))
}

async fn take(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let partner = request.headers().get("portgate-partner").cloned();
    let bytes = request.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let document: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let partner = partner.as_ref().and_then(|value| value.to_str().ok()).unwrap_or_default();
    let answer = serde_json::json!({ "stored": document["sku"], "from": partner });
    let mut response = Response::new(Full::new(Bytes::from(answer.to_string())));
    *response.status_mut() = StatusCode::CREATED;
    response.headers_mut().insert("content-type", http::HeaderValue::from_static("application/json"));
    Ok(response)
}
