//! The log: one JSON object a line on standard error, and no payload in it.
//!
//! The gateway's own events hold no payload at any level. Those of the libraries that it stands on do, below `info`: the
//! driver of PostgreSQL writes the parameters of its statements, and so whole messages. So whatever the operator's filter
//! names, only the gateway's own events are let through below `info`, unless payloads are asked for.

use tracing::Level;
use tracing_subscriber::filter::{EnvFilter, FilterExt, filter_fn};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// Begins to log what `filter` asks for.
///
/// # Errors
///
/// `filter` is no filter.
pub(crate) fn begin(filter: &str, payloads: bool) -> Result<(), String> {
    let wanted = EnvFilter::try_new(filter).map_err(|error| format!("--log `{filter}`: {error}"))?;
    let harmless = filter_fn(move |event| payloads || is_own(event.target()) || *event.level() <= Level::INFO);
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(std::io::stderr);
    tracing_subscriber::registry().with(lines.with_filter(wanted.and(harmless))).init();
    if payloads {
        tracing::warn!("payloads may be logged: --log-payloads; not for a system that real partners send to");
    }
    Ok(())
}

/// Whether events of this target are the gateway's own.
fn is_own(target: &str) -> bool {
    let krate = target.split("::").next().unwrap_or_default();
    krate == "portgate" || krate.starts_with("portgate_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_gateway_s_own_crates_are_its_own() {
        for own in ["portgate", "portgate::serve", "portgate_server::chain::decode", "portgate_store"] {
            assert!(is_own(own), "{own}");
        }
        for other in
            ["tokio_postgres::query", "hyper", "log", "payload", "portgatekeeper", "", "x::portgate", "h2::portgate_"]
        {
            assert!(!is_own(other), "{other}");
        }
    }
}
