//! What the gateway itself says of shipments, as exchanges like any other.

use portgate_core::document::Document;
use portgate_core::sender::{self, GATEWAY};
use portgate_core::sha256::sha256;
use portgate_store::{Acceptance, DeliveryId, ExchangeId, NewDelivery, NewExchange, PluginBuild};
use portgate_workflow::{Made, Recipient, Recipients};

use super::{Intake, build_of, events};

/// The version of all contracts of the gateway's own.
const VERSION: &str = "1";
/// What its payloads are.
const MEDIA_TYPE: &str = "application/json";

impl Intake<'_> {
    /// A message of the gateway's own with all that follows from it.
    ///
    /// # Errors
    ///
    /// A document breaks the schema of its kind.
    pub(crate) fn own(&self, made: &Made) -> Result<Acceptance, String> {
        if let Some((document, violations)) = self.violations(&made.documents).next() {
            let first = violations.findings.first().map(|finding| format!("{}: {}", finding.location, finding.detail));
            return Err(format!("its {} breaks its schema ({})", document.kind, first.unwrap_or_default()));
        }
        let exchange = self.own_exchange(made);
        let documents = made.documents.clone();
        let mut deliveries = match &made.to {
            Recipients::ByRoutes => self.routed(&exchange, &documents),
            Recipients::Only(recipients) => recipients.iter().map(|to| self.delivery(to, &documents)).collect(),
        };
        let told = self.told(events::accepted(&exchange, &documents, self.now));
        deliveries.extend(told.deliveries);
        Ok(Acceptance {
            exchange,
            documents,
            deliveries,
            idempotency: None,
            business_key: Some(made.business_key()),
            events: told.events,
            numbering: None,
            received: None,
            acknowledgements: Vec::new(),
            awaits: Default::default(),
            now: self.now,
        })
    }

    fn own_exchange(&self, made: &Made) -> NewExchange {
        let plugin = made.plugin.as_ref().and_then(|plugin| self.configuration.plugins.get(plugin));
        let own =
            || PluginBuild { name: GATEWAY.to_owned(), version: env!("CARGO_PKG_VERSION").to_owned(), sha256: [0; 32] };
        let payload = made.payload();
        NewExchange {
            id: ExchangeId::new(self.now),
            partner: if made.is_test { sender::testing(GATEWAY) } else { GATEWAY.to_owned() },
            contract: made.contract.clone(),
            version: VERSION.to_owned(),
            content_type: MEDIA_TYPE.to_owned(),
            headers: Vec::new(),
            received_at: self.now,
            request_id: made.shipment.clone(),
            trace: None,
            plugin: plugin.map_or_else(own, build_of),
            sha256: sha256(&payload),
            payload: payload.into(),
            findings: Vec::new(),
            parts: Vec::new(),
            origin: None,
        }
    }

    fn delivery(&self, to: &Recipient, documents: &[Document]) -> NewDelivery {
        let Recipient { partner, contract, version, lane } = to.clone();
        NewDelivery {
            id: DeliveryId::new(self.now),
            destination: partner,
            contract,
            version,
            documents: (0..).zip(documents).map(|(number, _)| number).collect(),
            parts: Vec::new(),
            lane,
            request: None,
            batched: None,
        }
    }
}
