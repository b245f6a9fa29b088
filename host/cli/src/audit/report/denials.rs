//! What a plugin wanted and was denied, each once with how often.

use serde::Serialize;
use serde_json::Value;

use super::Failure;
use super::gather::text;
use crate::operator::OperatorClient;

/// The newest denials that are looked at one by one.
const LOOKED_AT: usize = 10_000;

/// One thing that was denied.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Denial {
    pub(super) capability: String,
    /// What was wanted, or why it was denied.
    pub(super) what: String,
    pub(super) count: u64,
    pub(super) last_at: String,
}

/// The denials of a period.
pub(super) fn of(
    client: &OperatorClient,
    plugin: &str,
    period: &[(&'static str, String)],
) -> Result<Vec<Denial>, Failure> {
    let mut query = period.to_vec();
    query.extend([("kind", "capability-denied".to_owned()), ("subject", format!("plugin:{plugin}"))]);
    let entries = client.list("/v1/audit", &query, LOOKED_AT)?;
    let mut denials: Vec<Denial> = Vec::new();
    // The newest come first, so the first of each kind has the last time.
    for entry in &entries {
        let (capability, what) = (text(&entry["detail"], "capability"), what(&entry["detail"]));
        match denials.iter_mut().find(|known| known.capability == capability && known.what == what) {
            Some(known) => known.count += 1,
            None => denials.push(Denial { capability, what, count: 1, last_at: text(entry, "at") }),
        }
    }
    Ok(denials)
}

fn what(detail: &Value) -> String {
    let wanted = text(detail, "wanted");
    if wanted.is_empty() { text(detail, "reason") } else { wanted }
}
