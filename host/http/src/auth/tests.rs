//! Claims about authentication as a caller sees it: requests in, identities or refusals out.

mod credentials;
mod fixture;
mod key_sources;
mod providers;
mod setup;
mod signatures;
mod tokens;
mod vectors;
mod webhooks;
