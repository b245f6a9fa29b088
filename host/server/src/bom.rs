//! What this gateway is made of, as the lock file that it was built from says.

use std::sync::LazyLock;

use jiff::Timestamp;
use portgate_core::bom::Lock;
use serde_json::Value;

/// The package that becomes the program.
const PROGRAM: &str = "portgate";
/// The package that runs plugins.
const ENGINE: &str = "wasmtime";

/// As long as the program builds from this checkout, its lock file can be read; the test below holds it.
static LOCK: LazyLock<Option<Lock>> = LazyLock::new(|| Lock::parse(include_str!("../../../Cargo.lock")).ok());

/// The bill of materials (CycloneDX 1.6, JSON).
pub(crate) fn of_this_gateway(now: Timestamp) -> Value {
    LOCK.as_ref().and_then(|lock| lock.bill_of(PROGRAM, Some(now)).ok()).unwrap_or_default()
}

/// The engine with its version, such as `wasmtime 48.0.8`.
pub(crate) fn engine() -> String {
    let version = LOCK.as_ref().and_then(|lock| lock.version_of(ENGINE));
    format!("{ENGINE} {}", version.unwrap_or("of an unknown version"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_gateway_s_bill_has_the_engine_with_version_and_digest() {
        let bill = of_this_gateway(Timestamp::UNIX_EPOCH);
        let components = bill["components"].as_array().expect("components");
        let engine_itself = components.iter().find(|one| one["name"] == ENGINE).expect("the engine");
        assert_eq!(format!("{ENGINE} {}", engine_itself["version"].as_str().expect("a version")), engine());
        assert_eq!(engine_itself["hashes"][0]["content"].as_str().map(str::len), Some(64));
        assert!(components.iter().any(|one| one["name"] == "aws-lc-rs"));
        assert!(!components.iter().any(|one| one["name"] == "portgate-bench"), "what only tests of it need");
    }
}
