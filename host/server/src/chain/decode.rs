//! Lets the contract's plugin turn the message into documents, and holds each document against its canonical schema.

use std::sync::Arc;

use jiff::Timestamp;
use portgate_core::document;
use portgate_core::message::Message;
use portgate_http::log::PAYLOAD;
use tokio::sync::OwnedSemaphorePermit;

use super::Surroundings;
use super::deduplicate::Keys;
use super::park::Admitted;
use super::read::Original;
use crate::audit::{Audit, denied};
use crate::configuration::{Configuration, Contract};
use crate::metrics::Metrics;
use crate::observed::{Ended, Function, Observed};
use crate::quarantine::{Ending, Size};
use crate::refusal::Refusal;

/// Proof that a plugin made these documents within its limits and that each keeps its schema.
pub(crate) struct Decoded {
    pub(super) contract: Arc<Contract>,
    pub(super) partner: String,
    pub(super) decoded: document::Decoded,
    pub(super) original: Original,
    pub(super) keys: Keys,
    pub(super) place: OwnedSemaphorePermit,
}

impl Decoded {
    /// The upstream that the contract is forwarded to, if it is.
    pub(super) fn upstream(&self) -> Option<http::Uri> {
        self.contract.forward.clone()
    }
}

/// Calls the plugin in a fresh sandbox.
pub(super) async fn decode(around: &Surroundings<'_>, admitted: Admitted<'_>) -> Result<Decoded, Refusal> {
    let Admitted { contract, place, message, original, keys, ticket, .. } = admitted;
    let partner = message.partner.clone();
    let witnesses = Witnesses {
        metrics: &around.state.metrics,
        observed: &around.state.observed,
        audit: &around.state.audit,
        request: &around.trace.id,
        now: around.now,
    };
    let decoded = decode_message(around.configuration, &witnesses, &contract, message).await;
    ticket.ended(&around.configuration.subject(&contract.plugin, &partner), &Ending::of(&decoded));
    Ok(Decoded { partner, decoded: decoded?, original, keys, place, contract })
}

/// Who is told of a call, and what of the request that it is made for.
pub(crate) struct Witnesses<'a> {
    pub(crate) metrics: &'a Metrics,
    pub(crate) observed: &'a Observed,
    pub(crate) audit: &'a Audit,
    pub(crate) request: &'a str,
    pub(crate) now: Timestamp,
}

/// What the contract's plugin makes of the message, each document held against its canonical schema.
///
/// # Errors
///
/// [`Refusal::Rejected`] by the plugin, or what it did wrong.
pub(crate) async fn decode_message(
    configuration: &Configuration,
    witnesses: &Witnesses<'_>,
    contract: &Contract,
    message: Message,
) -> Result<document::Decoded, Refusal> {
    let Witnesses { metrics, observed, audit, request, now } = *witnesses;
    let bytes_max = configuration.body_limits(contract).bytes_max;
    let size = Size { bytes: message.body.len() as u64, bytes_max };
    let call = contract.plugin.decode(message).await;
    let plugin = &contract.plugin.manifest().name;
    metrics.plugin_call(plugin, &call.usage);
    observed.call(
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
        // What a plugin writes may quote the payload.
        tracing::debug!(target: PAYLOAD, plugin, request, level = ?line.level, "{}", line.text);
    }
    let decoded = match call.outcome {
        Ok(Ok(decoded)) => decoded,
        Ok(Err(rejection)) => {
            let mut findings = rejection.findings;
            let most = configuration.policies.gateway.caps.findings_max as usize;
            let omitted = findings.len().saturating_sub(most) as u64;
            findings.truncate(most);
            return Err(Refusal::Rejected { plugin: plugin.to_owned(), findings, omitted });
        }
        Err(error) => {
            if let Some(entry) = denied(configuration, plugin, &error, now) {
                let contract = format!("{}/{}", contract.name, contract.version);
                let entry = entry.text("during", "decode").text("contract", &contract).text("request", request);
                audit.note(vec![entry]).await;
            }
            let plugin_name = plugin.to_owned();
            return Err(match size.used_up(&error, contract.plugin.limits()) {
                Some(budget) => Refusal::PayloadTooMuch { plugin: plugin_name, bytes: size.bytes, budget },
                None => Refusal::Plugin { plugin: plugin_name, error },
            });
        }
    };
    for document in &decoded.documents {
        if let Err(violations) = configuration.documents.check(&document.kind, &document.body) {
            // Not where: a key can be anything that was in the payload.
            let first = violations.findings.first().map(|finding| finding.code.to_string());
            return Err(Refusal::DocumentInvalid {
                plugin: plugin.clone(),
                kind: document.kind.clone(),
                first: first.unwrap_or_default(),
            });
        }
    }
    Ok(decoded)
}
