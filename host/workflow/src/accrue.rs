//! What a shipment's goods cost, told to finance: each cost of each article as a document of the gateway's own, once.
//!
//! What was told before is among the documents of the shipment, since the gateway's own are joined like any others. One that is not
//! joined yet has the same business key when it is made again, and so is left out; once it is joined, the shipment is put together anew
//! and what still differs is told.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use portgate_canonical::{CanonicalDocument, LandedCostEvent, ShipmentContext};
use portgate_core::document::{Document, Reference};
use portgate_core::policy::{Accruals, Costs};
use portgate_core::reference::Lookups;
use portgate_core::sender;
use portgate_cost::{Landed, NotPosted, accruals, landed, series};
use portgate_store::{Acceptance, ShipmentDocuments, ShipmentId};

use crate::fold::Folded;
use crate::made::{Made, Makes, Recipient, Recipients};
use crate::tables::{Noting, Tables};

/// What the messages are called that tell a cost.
const CONTRACT: &str = "accrual";

/// How costs are reckoned, at one time.
#[derive(Clone)]
pub struct Reckoned {
    /// As policies say.
    pub rules: Arc<Costs>,
    /// What is looked up.
    pub tables: Arc<dyn Tables + Send + Sync>,
}

impl fmt::Debug for Reckoned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reckoned").field("rules", &self.rules).finish_non_exhaustive()
    }
}

impl Reckoned {
    /// What a shipment's goods cost by what it bears, and what was looked up for it; nothing of tests.
    pub(crate) fn landed(
        &self,
        documents: &ShipmentDocuments,
        borne: &ShipmentContext,
        withdrawn: &BTreeSet<String>,
        untold: &[String],
    ) -> Option<(Landed, Lookups)> {
        let is_test = documents.documents.iter().any(|document| sender::is_test(&document.sender));
        (!is_test).then(|| {
            let noting = Noting::new(&*self.tables);
            (landed(borne, withdrawn, untold, &self.rules, &noting), noting.done())
        })
    }

    /// What finance is to be told of a shipment that it does not know.
    pub(crate) fn accrue(
        &self,
        makes: &dyn Makes,
        shipment: ShipmentId,
        documents: &ShipmentDocuments,
        folded: &Folded,
        landed: &Landed,
        now: Timestamp,
    ) -> Vec<Acceptance> {
        let Some(rules) = &self.rules.accruals else { return Vec::new() };
        let Some(posted) = posted(documents) else { return Vec::new() };
        let (events, not_posted) = accruals(&shipment.to_string(), &folded.context, landed, rules, &posted);
        for NotPosted { of, why } in not_posted {
            tracing::warn!(%shipment, of, why, "a cost is not told to finance");
        }
        events.iter().filter_map(|event| told(makes, rules, shipment, event, now)).collect()
    }
}

/// What was told before; nothing where that cannot be known any more, since retention has removed some of it.
fn posted(documents: &ShipmentDocuments) -> Option<Vec<LandedCostEvent>> {
    let own = documents.documents.iter().filter(|document| sender::is_gateway(&document.sender));
    let costs = own.filter(|document| document.kind == LandedCostEvent::KIND);
    costs.map(|document| serde_json::from_str(document.body.as_deref()?).ok()).collect()
}

fn told(
    makes: &dyn Makes,
    rules: &Accruals,
    shipment: ShipmentId,
    event: &LandedCostEvent,
    now: Timestamp,
) -> Option<Acceptance> {
    let reference = |name: &portgate_canonical::Reference| Reference {
        scheme: name.scheme.to_string(),
        value: name.value.to_string(),
    };
    let body = serde_json::to_vec(event).map_err(|error| error.to_string());
    let made = body.and_then(|body| {
        let document = Document {
            kind: LandedCostEvent::KIND.to_owned(),
            key: event.key(),
            refs: event.references.iter().map(reference).collect(),
            body,
        };
        let recipient = Recipient {
            partner: rules.to.clone(),
            contract: rules.contract.clone(),
            version: rules.version.clone(),
            // What takes the place of another goes out after it.
            lane: Some(format!("costs/{}", series(event))),
        };
        let made = Made {
            contract: CONTRACT.to_owned(),
            key: event.source_ref.to_string(),
            is_test: false,
            plugin: None,
            shipment: shipment.to_string(),
            documents: vec![document],
            to: Recipients::Only(vec![recipient]),
        };
        makes.make(made, now)
    });
    made.map_err(|error| tracing::warn!(%shipment, cost = &*event.source_ref, %error, "a cost is not told to finance"))
        .ok()
}
