//! What stands of a shipment, for whoever looks at it at another time than when it is put together.

use std::collections::BTreeSet;

use jiff::Timestamp;
use portgate_canonical::ShipmentContext;
use portgate_store::{KeptFiling, ShipmentDocuments, ShipmentId};

use crate::batch::context_of;
use crate::filing::withdrawn::Withdrawn;
use crate::filing::words::Spoken;
use crate::worker::Plan;

/// A shipment as everybody is held to it, without what the gateway has declared and does not stand.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Its context.
    pub context: ShipmentContext,
    /// The local reference numbers under which nothing stands.
    pub withdrawn: BTreeSet<String>,
}

impl Standing {
    /// What stands of a shipment whose context, as people read it, is this one. `documents` are what it was made of.
    pub fn of(
        plan: &Plan,
        id: ShipmentId,
        context: ShipmentContext,
        documents: &ShipmentDocuments,
        filings: &[KeptFiling],
        now: Timestamp,
    ) -> Standing {
        let spoken = Spoken { documents, ownership: &plan.ownership };
        let withdrawn = Withdrawn::of(spoken, filings.iter().map(|kept| &kept.filing));
        let standing = withdrawn.standing(documents).and_then(|documents| context_of(plan, id, &documents, now).ok());
        let context = standing.map_or(context, |(folded, _)| folded.context);
        Standing { context, withdrawn: withdrawn.declarations().clone() }
    }
}
