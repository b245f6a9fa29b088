//! What an operator says that a document of a shipment should have said: an exchange like any other, from
//! [`portgate_core::sender::OPERATORS`], so that it is one of the documents of the shipment and counts as ownership says.

use std::collections::{BTreeMap, BTreeSet};

use portgate_core::codes::AwaitedCodes;
use portgate_core::document::{Document, Reference};
use portgate_core::exception;
use portgate_core::finding::Finding;
use portgate_core::sender::OPERATORS;
use portgate_core::sha256::{sha256, sha256_hex};
use portgate_store::{Acceptance, DeliveryId, ExchangeId, KeptShipment, NewDelivery, NewExchange, PluginBuild};
use serde_json::{Map, Value, json};

use super::{Intake, events};
use crate::configuration::canonical_schemas;

/// The contract of corrections, in the place of a partner's.
const CONTRACT: (&str, &str) = ("correction", "1");

/// What an operator corrects.
pub(crate) struct Correcting<'c> {
    /// The shipment whose document it is.
    pub(crate) shipment: &'c KeptShipment,
    /// The kind of the document.
    pub(crate) kind: &'c str,
    /// Its `id`.
    pub(crate) id: &'c str,
    /// The fields as JSON Pointers, with what they should say.
    pub(crate) fields: BTreeMap<String, Value>,
    /// Who says so.
    pub(crate) operator: &'c str,
}

impl Intake<'_> {
    /// The correction with all that follows from it: where policy says so, a delivery to the system that owns the document.
    ///
    /// # Errors
    ///
    /// The shipment has no such document, a pointer leads nowhere, or what comes of it breaks the schema of its kind.
    pub(crate) fn correction(&self, correcting: &Correcting<'_>) -> Result<Acceptance, Vec<Finding>> {
        let Correcting { shipment, kind, id, fields, operator } = correcting;
        let context: Value =
            shipment.context.as_deref().and_then(|context| serde_json::from_str(context).ok()).unwrap_or_default();
        let documents = context["documents"].as_array().into_iter().flatten();
        let found = documents
            .filter(|one| one["kind"] == *kind && one["id"] == *id)
            .find_map(|one| one["document"].as_object());
        let Some(found) = found else {
            let detail = format!("the shipment has no document `{id}` of the kind `{kind}`");
            return Err(vec![Finding::error("wrong-value", "/id", detail)]);
        };
        let mut body = exception::correction(found, &required(kind), fields)?;
        let said = json!({ "kind": kind, "id": id, "fields": fields }).to_string();
        body.insert("version".to_owned(), self.now.as_microsecond().to_string().into());
        body.insert(
            "source".to_owned(),
            json!({
                "system": OPERATORS, "messageId": operator, "rawRef": sha256_hex(said.as_bytes()),
                "recordedAt": { "value": self.now.to_string() },
            }),
        );
        let refs = self.names(&body, &context);
        body.insert("references".to_owned(), json!(refs));
        let document = Document {
            kind: (*kind).to_owned(),
            key: (*id).to_owned(),
            refs,
            body: Value::Object(body).to_string().into_bytes(),
        };
        let documents = vec![document];
        if let Some((_, violations)) = self.violations(&documents).next() {
            return Err(violations.findings);
        }
        let exchange = self.exchange(&said, shipment);
        let told = self.told(events::accepted(&exchange, &documents, self.now));
        let mut deliveries = self.to_owners(kind);
        deliveries.extend(told.deliveries);
        Ok(Acceptance {
            exchange,
            documents,
            deliveries,
            idempotency: None,
            business_key: None,
            events: told.events,
            numbering: None,
            received: None,
            acknowledgements: Vec::new(),
            awaits: AwaitedCodes::default(),
            now: self.now,
        })
    }

    /// The names that tie it to its shipment and to no other: the document's own, or where it has none, those of the context
    /// that are of one shipment each.
    fn names(&self, body: &Map<String, Value>, context: &Value) -> Vec<Reference> {
        let read = |references: &Value| -> Vec<Reference> {
            let of = |reference: &Value| {
                let text = |name: &str| reference[name].as_str().map(str::to_owned);
                Some(Reference { scheme: text("scheme")?, value: text("value")? })
            };
            references.as_array().into_iter().flatten().filter_map(of).collect()
        };
        let own = body.get("references").map(read).unwrap_or_default();
        if !own.is_empty() {
            return own;
        }
        let shipments = self.configuration.policies.shipments.as_ref();
        let names = |scheme: &str| shipments.is_some_and(|policy| policy.references.identifying.contains(scheme));
        read(&context["references"]).into_iter().filter(|reference| names(&reference.scheme)).collect()
    }

    fn exchange(&self, said: &str, shipment: &KeptShipment) -> NewExchange {
        let payload = said.as_bytes().to_vec();
        NewExchange {
            id: ExchangeId::new(self.now),
            partner: OPERATORS.to_owned(),
            contract: CONTRACT.0.to_owned(),
            version: CONTRACT.1.to_owned(),
            content_type: "application/json".to_owned(),
            headers: Vec::new(),
            received_at: self.now,
            request_id: shipment.id.to_string(),
            trace: None,
            plugin: PluginBuild {
                name: OPERATORS.to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                sha256: [0; 32],
            },
            sha256: sha256(&payload),
            payload: payload.into(),
            findings: Vec::new(),
            parts: Vec::new(),
            origin: None,
        }
    }

    fn to_owners(self, kind: &str) -> Vec<NewDelivery> {
        let corrections = self.configuration.policies.exceptions.iter().flat_map(|policy| &policy.corrections);
        let delivery = |to: &portgate_core::policy::CorrectionRoute| {
            let (contract, version) = to.contract.split_once('/')?;
            Some(NewDelivery {
                id: DeliveryId::new(self.now),
                destination: to.to.clone(),
                contract: contract.to_owned(),
                version: version.to_owned(),
                documents: vec![0],
                parts: Vec::new(),
                lane: None,
                request: None,
                batched: None,
            })
        };
        corrections.filter(|to| to.document == kind).filter_map(delivery).collect()
    }
}

/// The fields that every document of a kind must have.
fn required(kind: &str) -> BTreeSet<String> {
    let schema = canonical_schemas().find(|(known, _)| *known == kind).map(|(_, schema)| schema).unwrap_or_default();
    let names = schema["required"].as_array().into_iter().flatten();
    names.filter_map(|name| name.as_str().map(str::to_owned)).collect()
}
