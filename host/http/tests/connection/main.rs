//! The connection layer on a real listener: what a client can do to it, and what it answers.

mod http1;
mod http1_corpus;
mod http1_framing;
mod http1_llhttp;
mod http2;
mod http2_rules;
mod listener;
mod recorder;
mod shutdown;
mod streams;
mod strict;
mod tls;
