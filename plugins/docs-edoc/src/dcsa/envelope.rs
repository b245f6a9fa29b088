//! The envelope in which one platform hands a transport document to another (PINT 3.0). Its signed parts are kept as they are: that a
//! chain of transfers is whole, and who signed it, is for the platform to look at.

use portgate_sdk::canonical::{DocumentRequest, DocumentRequestType};
use portgate_sdk::{Message, Pointer};
use serde::Deserialize;

use super::issuance::{named, signed, upload};
use super::{document, model};
use crate::file;
use crate::notes::Notes;

/// The most links of a chain.
const LINKS_MAX: usize = 900;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Envelope {
    transport_document: Option<model::TransportDocument>,
    envelope_manifest_signed_content: Option<String>,
    issuance_manifest_signed_content: Option<String>,
    envelope_transfer_chain: Option<Vec<String>>,
}

/// Reads an envelope.
pub(super) fn read(envelope: Envelope, message: &Message, notes: &mut Notes) {
    let root = Pointer::root();
    let Some(written) = envelope.transport_document else { return notes.missing(&root, "transportDocument") };
    let Some(document) = document::issued(&root.key("transportDocument"), written, message, notes) else { return };
    let (chain, list) = (envelope.envelope_transfer_chain.unwrap_or_default(), root.key("envelopeTransferChain"));
    if chain.is_empty() {
        notes.missing(&root, "envelopeTransferChain");
    }
    notes.few(&list, chain.len(), LINKS_MAX);
    let manifests = [
        ("envelopeManifestSignedContent", envelope.envelope_manifest_signed_content),
        ("issuanceManifestSignedContent", envelope.issuance_manifest_signed_content),
    ];
    let mut parts: Vec<(Pointer, &str, String)> =
        manifests.into_iter().filter_map(|(field, text)| Some((root.clone(), field, text?))).collect();
    if !parts.iter().any(|(_, field, _)| *field == "envelopeManifestSignedContent") {
        notes.missing(&root, "envelopeManifestSignedContent");
    }
    parts.extend(chain.into_iter().map(|text| (root.clone(), "envelopeTransferChain", text)));
    let mut files = Vec::new();
    for (seq, (at, field, text)) in (1..).zip(parts) {
        let is_read =
            file::payload(&text).is_some_and(|text| serde_json::from_slice::<serde::de::IgnoredAny>(&text).is_ok());
        files.extend(signed(&at, field, seq, text.trim(), is_read, notes));
    }
    notes.document(&document);
    if let Some(id) = notes.id(&root, "transportDocument", Some(&format!("transfer|{}", named(&document)))) {
        let mut asked =
            DocumentRequest::new(id, document.version.clone(), document.source.clone(), DocumentRequestType::Transfer);
        asked.document_number = document.number.clone();
        asked.document_sub_number = document.sub_number.clone();
        asked.references = document.references.clone();
        notes.document(&asked);
    }
    upload(&root, "transfer", &document, files, notes);
}
