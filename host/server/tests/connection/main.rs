//! The connection layer on a real listener: what a client can do to it, and what it answers.

mod http1;
mod http1_corpus;
mod http2;
mod listener;
mod shutdown;
mod tls;
