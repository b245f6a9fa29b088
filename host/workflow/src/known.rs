//! What the journal has of claimed shipments: of many it is read at once.

use std::collections::HashMap;

use portgate_store::{
    ClaimedShipment, JournalError, KeptFiling, LeftOutDocument, People, ShipmentDocuments, ShipmentId,
};

use crate::filing::withdrawn;
use crate::people;
use crate::shared::{self, Sharers};
use crate::worker::{Plan, Worker};

/// Of each of some shipments: its documents and those that there was no room for, what was declared of it so far, and what people have to
/// do with it.
pub(crate) struct Known {
    pub(crate) documents: HashMap<ShipmentId, ShipmentDocuments>,
    pub(crate) left_out: HashMap<ShipmentId, Vec<LeftOutDocument>>,
    pub(crate) declared: HashMap<ShipmentId, Vec<KeptFiling>>,
    pub(crate) people: HashMap<ShipmentId, People>,
    /// What all are that share something with them.
    pub(crate) sharers: Sharers,
}

impl Worker {
    /// What is known of these shipments.
    pub(crate) async fn read(&self, plan: &Plan, claimed: &[ClaimedShipment]) -> Result<Known, JournalError> {
        for _ in claimed {
            fail::fail_point!("workflow::claimed", |_| Err(JournalError::Refused(
                "failpoint workflow::claimed".to_owned()
            )));
        }
        let ids: Vec<ShipmentId> = claimed.iter().map(|claimed| claimed.id).collect();
        let documents = self.journal.shipments_documents(ids.clone()).await?;
        let left_out = self.journal.left_out(ids.clone()).await?;
        let declared = self.declared(plan, &documents).await?;
        let people = match &plan.desk {
            Some(desk) => people::of(&*self.people, desk, ids).await?,
            None => HashMap::new(),
        };
        let sharers = shared::sharers(&*self.journal, plan, &documents).await?;
        Ok(Known { documents, left_out, declared, people, sharers })
    }

    /// What was declared of shipments so far; nothing of those of which nothing can have been.
    async fn declared(
        &self,
        plan: &Plan,
        documents: &HashMap<ShipmentId, ShipmentDocuments>,
    ) -> Result<HashMap<ShipmentId, Vec<KeptFiling>>, JournalError> {
        let can_be = |documents: &ShipmentDocuments| !plan.filings.is_empty() || withdrawn::has_declared(documents);
        let ids: Vec<ShipmentId> = documents.iter().filter(|(_, all)| can_be(all)).map(|(id, _)| *id).collect();
        match ids.is_empty() {
            true => Ok(HashMap::new()),
            false => self.filings.shipments_filings(ids).await,
        }
    }
}
