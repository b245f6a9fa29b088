//! Lets a contract's plugin turn a message into documents, and holds each document against its canonical schema.

use portgate_core::agreement::{Agreement, ControlNumbers};
use portgate_core::codes::AwaitedCodes;
use portgate_core::contract::{Gap, Violations};
use portgate_core::document::{self, Document, Part, PartVerdict, Rejection};
use portgate_core::finding::Finding;
use portgate_core::sender;
use portgate_core::unread;
use portgate_http::log::PAYLOAD;

use super::{Incoming, Intake, awaits as waits};
use crate::audit::denied;
use crate::configuration::Contract;
use crate::observed::{Ended, Function};
use crate::quarantine::Size;
use crate::refusal::Refusal;

impl Intake<'_> {
    /// What the contract's plugin makes of the message, each document held against its canonical schema. With control
    /// numbers it may write a reply.
    ///
    /// # Errors
    ///
    /// [`Refusal::Rejected`] by the plugin, or what it did wrong.
    pub(crate) async fn decode(
        &self,
        contract: &Contract,
        incoming: &Incoming,
        control_numbers: Option<ControlNumbers>,
    ) -> Result<document::Decoded, Refusal> {
        let Intake { state, configuration, now } = *self;
        let bytes_max = configuration.body_limits(contract).bytes_max;
        let size = Size { bytes: incoming.payload.len() as u64, bytes_max };
        let notes_unread = configuration.notes_unread(&incoming.partner, contract);
        let all_or_nothing = configuration.is_all_or_nothing(&incoming.partner, contract);
        let partner = sender::partner(&incoming.partner);
        let agreement = configuration.agreed_in(&incoming.partner, contract).told();
        let agreement =
            agreement.map(|agreement| Agreement { all_or_nothing, ..state.codes.given(partner, agreement) });
        let name = agreement.as_ref().map(|agreement| agreement.name.clone()).unwrap_or_default();
        let message = incoming.message(agreement, control_numbers);
        let call = match notes_unread {
            true => contract.plugin.decode_noting_unread(message).await,
            false => contract.plugin.decode(message).await,
        };
        let plugin = &contract.plugin.manifest().name;
        state.metrics.plugin_call(plugin, &call.usage);
        state.observed.call(
            &contract.plugin,
            &Ended {
                function: Function::Decode,
                contract: Some((&contract.name, &contract.version)),
                usage: &call.usage,
                error: call.outcome.as_ref().err(),
                emitted: call
                    .outcome
                    .as_ref()
                    .ok()
                    .and_then(|read| read.as_ref().ok())
                    .map_or(&[], |read| &read.documents),
                read: &[],
            },
        );
        for line in &call.log {
            // What a plugin writes may quote the payload.
            tracing::debug!(target: PAYLOAD, plugin, request = incoming.request_id, level = ?line.level, "{}", line.text);
        }
        // What is passed on is not kept, so that nothing of it can wait.
        let awaited = if contract.forward.is_some() { Vec::new() } else { call.awaited };
        let awaits = AwaitedCodes { partner: partner.to_owned(), agreement: name, codes: awaited };
        let mut decoded = match call.outcome.map(|read| waits::for_codes(read, awaits, all_or_nothing)) {
            Ok(Ok(decoded)) => decoded,
            Ok(Err(rejection)) => {
                return Err(self.rejected_by(plugin, rejection));
            }
            Err(error) => {
                if let Some(entry) = denied(configuration, plugin, &error, now) {
                    let contract = format!("{}/{}", contract.name, contract.version);
                    let entry = entry
                        .text("during", "decode")
                        .text("contract", &contract)
                        .text("request", &incoming.request_id);
                    state.audit.note(vec![entry]).await;
                }
                let plugin_name = plugin.to_owned();
                return Err(match size.used_up(&error, contract.plugin.limits()) {
                    Some(budget) => Refusal::PayloadTooMuch { plugin: plugin_name, bytes: size.bytes, budget },
                    None => Refusal::Plugin { plugin: plugin_name, error },
                });
            }
        };
        if all_or_nothing && decoded.parts.iter().any(Part::is_refused) {
            let detail = "One part is refused, and with this contract all are taken or none.";
            let mut findings = vec![Finding::error("all-or-nothing", "", detail)];
            findings.append(&mut decoded.findings);
            let none = |part| Part { verdict: PartVerdict::Refused, documents: 0, ..part };
            let parts = decoded.parts.into_iter().map(none).collect();
            return Err(self.rejected_by(plugin, Rejection { findings, parts, reply: decoded.reply }));
        }
        if let Some(Gap(gap)) = incoming.gap.as_ref().filter(|_| !is_left_out(&decoded)) {
            return Err(self.rejected_by(plugin, Rejection::of(vec![gap.clone()])));
        }
        if let Some((document, violations)) = self.violations(&decoded.documents).next() {
            // Not where: a key can be anything that was in the payload.
            let first = violations.findings.first().map(|finding| finding.code.to_string());
            return Err(Refusal::DocumentInvalid {
                plugin: plugin.clone(),
                kind: document.kind.clone(),
                first: first.unwrap_or_default(),
            });
        }
        if notes_unread {
            let most = configuration.policies.gateway.caps.findings_max as usize;
            let paths = std::mem::take(&mut decoded.unread);
            let manifest = contract.plugin.manifest();
            decoded.findings.extend(unread::findings(manifest, &contract.name, &contract.version, paths, most));
        }
        Ok(decoded)
    }

    /// The refusal of a message in its plugin's words, of which no more are told than the policy says.
    fn rejected_by(&self, plugin: &str, rejection: Rejection) -> Refusal {
        let Rejection { mut findings, parts, reply } = rejection;
        let most = self.configuration.policies.gateway.caps.findings_max as usize;
        let omitted = findings.len().saturating_sub(most) as u64;
        findings.truncate(most);
        Refusal::Rejected { plugin: plugin.to_owned(), findings, omitted, parts, reply: reply.map(Box::new) }
    }

    /// What is wrong with documents that a plugin returned: those that break the canonical schema of their kind.
    pub(crate) fn violations<'d>(
        &'d self,
        documents: &'d [Document],
    ) -> impl Iterator<Item = (&'d Document, Violations)> {
        let check = move |document: &'d Document| {
            let checked = self.configuration.documents.check(&document.kind, &document.body);
            Some((document, checked.err()?))
        };
        documents.iter().filter_map(check)
    }
}

/// Whether a plugin has refused a part of a message in which a byte is no text, and took nothing of it into a document. One
/// that reads past such bytes puts U+FFFD in their place, or writes that as a JSON escape.
fn is_left_out(decoded: &document::Decoded) -> bool {
    const MARKS: [&str; 5] = ["\u{FFFD}", "\\ufffd", "\\uFFFD", "\\u001a", "\\u001A"];
    let replaced = |document: &Document| {
        str::from_utf8(&document.body).map_or(true, |body| MARKS.iter().any(|mark| body.contains(mark)))
    };
    decoded.parts.iter().any(Part::is_refused) && !decoded.documents.iter().any(replaced)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(verdict: PartVerdict, body: &str) -> document::Decoded {
        let part =
            Part { location: "set 1".to_owned(), reference: String::new(), verdict, documents: 1, findings: vec![] };
        let document = Document { kind: "order".to_owned(), key: "1".to_owned(), refs: vec![], body: body.into() };
        document::Decoded { documents: vec![document], parts: vec![part], ..document::Decoded::default() }
    }

    #[test]
    fn a_byte_that_is_no_text_is_left_out_where_a_part_is_refused_and_no_document_has_anything_in_its_place() {
        let (refused, accepted) = (PartVerdict::Refused, PartVerdict::Accepted);
        assert!(is_left_out(&decoded(refused, r#"{"name":"M\u00fcller"}"#)));
        assert!(!is_left_out(&decoded(accepted, "{}")), "the plugin has not noticed it");
        for replaced in ["M\u{FFFD}ller", r"M\uFFFDller", r"M\u001aller"] {
            assert!(!is_left_out(&decoded(refused, &format!(r#"{{"name":"{replaced}"}}"#))), "{replaced}");
        }
    }
}
