//! Reference tables: which versions there were, and what rests on what they say.

use async_trait::async_trait;
use jiff::civil::Date;

use super::Changes;
use crate::engine::Engine;
use crate::error::JournalError;
use crate::reference::{Checked, KeptLookup, NewTableVersion, Review, TableReview, TableVersion};
use crate::statements::lookups;

/// Knows the versions of tables, and has shipments judged again where a table says something else than they rest on. What they
/// rest on is kept with their judgement ([`FoldedShipment::looked_up`](crate::FoldedShipment)).
#[async_trait]
pub trait ReferenceTables: Changes {
    /// Notes that a gateway has taken up a file as a table. Gives back whether it is another than the last one that was.
    async fn take_up_table(&self, version: NewTableVersion) -> Result<bool, JournalError>;

    /// What shipments rest on of a table and another file has said, or this one for a day before today. Nothing where this is not
    /// the file that was taken up last: whoever still has an older one judges nobody again by it.
    async fn lookups_to_check(
        &self,
        table: String,
        file: String,
        today: Date,
        limit: u32,
    ) -> Result<Vec<KeptLookup>, JournalError>;

    /// Keeps what came of that, and has the open shipments put together anew that rest on what is out of date, with a line for
    /// each that says why, in one transaction. What one gateway has had judged again no other has; what is still judged by an
    /// older file is judged again after some minutes.
    async fn keep_checked(&self, checked: Checked) -> Result<Review, JournalError>;

    /// The versions of a table, or of all, the latest first.
    async fn table_versions(&self, table: Option<String>, limit: u32) -> Result<Vec<TableVersion>, JournalError>;

    /// The shipments that were judged again under a version of a table, in the order in which they were.
    async fn table_reviews(&self, table: String, version: u64, limit: u32) -> Result<Vec<TableReview>, JournalError>;
}

#[async_trait]
impl<E: Engine> ReferenceTables for E {
    async fn take_up_table(&self, version: NewTableVersion) -> Result<bool, JournalError> {
        self.write(version, |sql, version| Box::pin(lookups::take_up(sql, version))).await
    }

    async fn lookups_to_check(
        &self,
        table: String,
        file: String,
        today: Date,
        limit: u32,
    ) -> Result<Vec<KeptLookup>, JournalError> {
        self.read((table, file, today, limit), |sql, (table, file, today, limit)| {
            Box::pin(lookups::to_check(sql, table, file, *today, *limit))
        })
        .await
    }

    async fn keep_checked(&self, checked: Checked) -> Result<Review, JournalError> {
        self.write_and_notify(checked, |sql, checked| Box::pin(lookups::keep_checked(sql, checked))).await
    }

    async fn table_versions(&self, table: Option<String>, limit: u32) -> Result<Vec<TableVersion>, JournalError> {
        self.read((table, limit), |sql, (table, limit)| Box::pin(lookups::versions(sql, table.as_deref(), *limit)))
            .await
    }

    async fn table_reviews(&self, table: String, version: u64, limit: u32) -> Result<Vec<TableReview>, JournalError> {
        self.read((table, version, limit), |sql, (table, version, limit)| {
            Box::pin(lookups::reviews(sql, table, *version, *limit))
        })
        .await
    }
}
