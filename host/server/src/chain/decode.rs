//! Lets the contract's plugin turn the message into documents, and holds each document against its canonical schema.

use std::sync::Arc;

use portgate_core::document;
use portgate_core::finding::Finding;
use portgate_runtime::CallError;
use tokio::sync::OwnedSemaphorePermit;

use super::Surroundings;
use super::check::Checked;
use super::deduplicate::Key;
use super::read::Original;
use crate::audit;
use crate::configuration::Contract;
use crate::observed::{Ended, Function};
use crate::refusal::Refusal;

/// Proof that a plugin made these documents within its limits and that each keeps its schema.
pub(crate) struct Decoded {
    pub(super) contract: Arc<Contract>,
    pub(super) partner: String,
    pub(super) decoded: document::Decoded,
    pub(super) original: Original,
    pub(super) key: Option<Key>,
    _place: OwnedSemaphorePermit,
}

impl Decoded {
    /// The upstream that the contract is forwarded to, if it is.
    pub(super) fn forward(&self) -> Option<&http::Uri> {
        self.contract.forward.as_ref()
    }
}

/// Calls the plugin in a fresh sandbox.
pub(super) async fn decode(around: &Surroundings<'_>, checked: Checked) -> Result<Decoded, Refusal> {
    let Checked { contract, place, message, original, key, .. } = checked;
    let partner = message.partner.clone();
    let call = contract.plugin.decode(message).await;
    let plugin = &contract.plugin.manifest().name;
    around.metrics.plugin_call(plugin, &call.usage);
    around.observed.call(
        &contract.plugin,
        &Ended {
            function: Function::Decode,
            contract: Some((&contract.name, &contract.version)),
            usage: &call.usage,
            error: call.outcome.as_ref().err(),
            emitted: call.outcome.as_ref().ok().and_then(|read| read.as_ref().ok()).map_or(&[], |read| &read.documents),
            read: &[],
        },
    );
    for line in &call.log {
        // What a plugin writes may quote the payload, so it stays at debug.
        tracing::debug!(plugin, request = around.trace.id, level = ?line.level, "{}", line.text);
    }
    let decoded = match call.outcome {
        Ok(Ok(decoded)) => decoded,
        Ok(Err(rejection)) => return Err(rejected(plugin, rejection.findings, around)),
        Err(error) => return Err(failed(around, &contract, error).await),
    };
    for document in &decoded.documents {
        if let Err(violations) = around.configuration.documents.check(&document.kind, &document.body) {
            let first = violations.findings.first().map(|finding| format!("{} {}", finding.location, finding.code));
            return Err(Refusal::DocumentInvalid {
                plugin: plugin.clone(),
                kind: document.kind.clone(),
                first: first.unwrap_or_default(),
            });
        }
    }
    Ok(Decoded { partner, decoded, original, key, _place: place, contract })
}

fn rejected(plugin: &str, mut findings: Vec<Finding>, around: &Surroundings<'_>) -> Refusal {
    let most = around.configuration.policies.gateway.caps.findings_max as usize;
    let omitted = findings.len().saturating_sub(most) as u64;
    findings.truncate(most);
    Refusal::Rejected { plugin: plugin.to_owned(), findings, omitted }
}

async fn failed(around: &Surroundings<'_>, contract: &Contract, error: CallError) -> Refusal {
    let plugin = &contract.plugin.manifest().name;
    if let Some(entry) = audit::denied(around.configuration, plugin, &error, around.now) {
        let contract = format!("{}/{}", contract.name, contract.version);
        let entry = entry.text("during", "decode").text("contract", &contract).text("request", &around.trace.id);
        around.audit.note(vec![entry]).await;
    }
    Refusal::Plugin { plugin: plugin.clone(), error }
}
