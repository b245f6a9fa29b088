//! Bytes over a connection of the gateway. What its handler is given is what an independent strict reading of the same bytes
//! finds, in whatever pieces they come; and what no rule could refuse is given to it.
#![no_main]

// The connection layer's own source, so that the WebAssembly engine need not be compiled for this.
extern crate self as portgate_http;

#[allow(dead_code, reason = "the gateway uses more of it")]
#[path = "../../../host/http/src"]
mod source {
    pub mod body;
    pub mod connection;
    pub mod log;
    pub mod trailer_fields;
}

use libfuzzer_sys::fuzz_target;
pub use source::{body, connection, log, trailer_fields};
use tokio::runtime::Runtime;

#[allow(dead_code, reason = "tests use more of it")]
#[path = "../../../host/http/tests/connection/recorder.rs"]
mod recorder;
#[path = "../../../host/http/tests/connection/strict.rs"]
mod strict;

/// Nothing here speaks TLS, so nobody has a certificate.
pub mod auth {
    #[derive(Clone, Debug)]
    pub enum PeerCertificate {}

    impl PeerCertificate {
        pub fn from_der(_: &[u8]) -> Result<Self, std::io::Error> {
            Err(std::io::ErrorKind::Unsupported.into())
        }
    }
}

/// The same.
pub mod tls {
    #[derive(Debug)]
    pub enum TlsFiles {}

    impl TlsFiles {
        pub fn current(&self) -> std::sync::Arc<rustls::ServerConfig> {
            match *self {}
        }
    }
}

thread_local! {
    static RUNTIME: Runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().expect("a runtime");
}

fuzz_target!(|bytes: &[u8]| {
    let sent = |cuts: &[usize]| RUNTIME.with(|runtime| runtime.block_on(recorder::run(bytes, cuts)));
    let whole = sent(&[]);
    let step = bytes.first().map_or(1, |byte| 1 + usize::from(*byte) % 61);
    let cuts: Vec<usize> = (0..bytes.len()).step_by(step).skip(1).collect();
    let in_pieces = sent(&cuts);
    // These bytes begin HTTP/2, of which the strict reading knows nothing.
    if bytes.starts_with(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") {
        return;
    }
    assert_eq!(whole.executed, in_pieces.executed, "in one piece and cut every {step} bytes");
    let reading = strict::read(bytes, recorder::strict_limits());
    assert!(whole.executed.len() <= reading.requests.len(), "{:?} of {reading:?}", whole.executed);
    assert!(whole.executed.len() >= reading.plain, "{:?} of {reading:?}", whole.executed);
    for (seen, should) in whole.executed.iter().zip(&reading.requests) {
        let same_target = seen.target == should.target || !should.target.starts_with('/');
        assert!(seen.method == should.method && seen.body == should.body && same_target, "{seen:?}, not {should:?}");
    }
});
