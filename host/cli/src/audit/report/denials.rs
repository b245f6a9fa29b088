//! What a plugin wanted and was denied, each once with how often.

use portgate_core::audit::Kind;
use portgate_operator::{AuditFilter, AuditLine};
use serde::Serialize;

use super::Failure;
use super::detail::{Detail, text};
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
pub(super) fn of(client: &OperatorClient, plugin: &str, period: AuditFilter) -> Result<Vec<Denial>, Failure> {
    let (kind, subject) = (Some(Kind::CapabilityDenied), Some(format!("plugin:{plugin}")));
    let filter = AuditFilter { kind, subject, ..period };
    let lines: Vec<AuditLine> = client.list("/v1/audit", &filter, None, LOOKED_AT)?.items;
    let mut denials: Vec<Denial> = Vec::new();
    // The newest come first, so the first of each kind has the last time.
    for entry in lines.iter().filter_map(AuditLine::entry) {
        let (capability, what) = (text(&entry.detail, "capability"), what(&entry.detail));
        match denials.iter_mut().find(|known| known.capability == capability && known.what == what) {
            Some(known) => known.count += 1,
            None => denials.push(Denial { capability, what, count: 1, last_at: entry.at.to_string() }),
        }
    }
    Ok(denials)
}

fn what(detail: &Detail) -> String {
    let wanted = text(detail, "wanted");
    if wanted.is_empty() { text(detail, "reason") } else { wanted }
}
