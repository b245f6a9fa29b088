//! The peer's filter: what Portgate's forward route does with a Shopify order, as an Envoy filter in WebAssembly.
//!
//! It buffers the request's body, replaces it by the canonical order and lets the request go on. It promises to be as
//! fast as the interface allows: no header is fetched, no line logged, and the new length is set in one call so that
//! the upstream gets a body with a length and not in chunks. Tokens and rates are checked by Envoy's own filters.

mod transform;

use proxy_wasm::hostcalls;
use proxy_wasm::traits::{Context, HttpContext};
use proxy_wasm::types::{Action, BufferType, MapType};

proxy_wasm::main! {{
    proxy_wasm::set_http_context(|_, _| Box::new(Transform));
}}

/// One request. All state is Envoy's: it buffers the body.
struct Transform;

impl Context for Transform {}

impl HttpContext for Transform {
    /// Holds the head back until the body is known, because the length changes. Needs
    /// `allow_on_headers_stop_iteration`, or Envoy would hold the body back too.
    fn on_http_request_headers(&mut self, _: usize, end_of_stream: bool) -> Action {
        if end_of_stream {
            self.send_http_response(400, Vec::new(), Some(b"a body is needed"));
        }
        Action::Pause
    }

    fn on_http_request_body(&mut self, bytes: usize, end_of_stream: bool) -> Action {
        if !end_of_stream {
            return Action::Pause;
        }
        match replace_body(bytes) {
            Ok(()) => Action::Continue,
            Err(reason) => {
                self.send_http_response(422, Vec::new(), Some(reason.as_bytes()));
                Action::Pause
            }
        }
    }
}

fn replace_body(bytes: usize) -> Result<(), String> {
    let refused = |status| format!("Envoy refused a call: {status:?}");
    let body = hostcalls::get_buffer(BufferType::HttpRequestBody, 0, bytes).map_err(refused)?.unwrap_or_default();
    let document = transform::canonical_order(body)?;
    let length = document.len().to_string();
    hostcalls::set_map_value(MapType::HttpRequestHeaders, "content-length", Some(&length)).map_err(refused)?;
    hostcalls::set_buffer(BufferType::HttpRequestBody, 0, bytes, &document).map_err(refused)
}
