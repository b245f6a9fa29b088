//! Filings: where they stand, and what operators do with them.

use std::collections::HashMap;

use async_trait::async_trait;

use crate::engine::Engine;
use crate::error::JournalError;
use crate::filing::{FilingOrder, FilingOrdered, FilingQuery, KeptFiling};
use crate::id::ShipmentId;
use crate::statements::filings;

/// Keeps filings. What is filed is kept with the context that it was made from
/// ([`Shipments::fold_shipment`](super::Shipments::fold_shipment)).
#[async_trait]
pub trait Filings: Send + Sync {
    /// The filings of a shipment, and of all that it was made one from, in the order in which they began.
    async fn shipment_filings(&self, shipment: ShipmentId) -> Result<Vec<KeptFiling>, JournalError> {
        Ok(self.shipments_filings(vec![shipment]).await?.remove(&shipment).unwrap_or_default())
    }

    /// The filings of each of these shipments, in as few statements for many as for one.
    async fn shipments_filings(
        &self,
        shipments: Vec<ShipmentId>,
    ) -> Result<HashMap<ShipmentId, Vec<KeptFiling>>, JournalError>;

    /// Filings, the latest changed first.
    async fn filings(&self, query: FilingQuery) -> Result<Vec<KeptFiling>, JournalError>;

    /// The filing that has this local reference number, or had it.
    async fn filing_named(&self, lrn: String) -> Result<Option<KeptFiling>, JournalError>;

    /// Keeps what an operator wants of a filing, with who and why, and an entry of the audit log; its shipment is looked at
    /// again because of it.
    async fn order_filing(&self, order: FilingOrder) -> Result<FilingOrdered, JournalError>;
}

#[async_trait]
impl<E: Engine> Filings for E {
    async fn shipments_filings(
        &self,
        shipments: Vec<ShipmentId>,
    ) -> Result<HashMap<ShipmentId, Vec<KeptFiling>>, JournalError> {
        self.read(shipments, |sql, shipments| Box::pin(filings::of_shipments(sql, shipments))).await
    }

    async fn filings(&self, query: FilingQuery) -> Result<Vec<KeptFiling>, JournalError> {
        self.read(query, |sql, query| Box::pin(filings::list(sql, query))).await
    }

    async fn filing_named(&self, lrn: String) -> Result<Option<KeptFiling>, JournalError> {
        self.read(lrn, |sql, lrn| Box::pin(filings::named(sql, lrn))).await
    }

    async fn order_filing(&self, order: FilingOrder) -> Result<FilingOrdered, JournalError> {
        self.write_and_notify(order, |sql, order| Box::pin(filings::order(sql, order))).await
    }
}
