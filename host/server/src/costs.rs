//! Gives what happens after the commit the reference tables of a configuration.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use portgate_core::document_schemas::DocumentSchemas;
use portgate_runtime::Tables;
use portgate_workflow::{InForce, Said};

/// Tables in which costs are looked up, and what shipments rest on once more.
pub(crate) struct LookedUp {
    pub(crate) tables: Arc<Tables>,
    pub(crate) documents: Arc<DocumentSchemas>,
    /// What the tables' change logs say of their files, as JSON, where they have one.
    pub(crate) changes: BTreeMap<String, String>,
}

impl LookedUp {
    /// Only looked up in.
    pub(crate) fn of(tables: &Arc<Tables>, documents: &Arc<DocumentSchemas>) -> Self {
        let (tables, documents) = (Arc::clone(tables), Arc::clone(documents));
        LookedUp { tables, documents, changes: BTreeMap::new() }
    }
}

impl portgate_cost::Tables for LookedUp {
    fn look_up(&self, table: &str, key: &str, on: Date) -> Option<String> {
        self.tables.lookup(table, key, on).map(str::to_owned)
    }
}

impl portgate_workflow::Tables for LookedUp {
    fn file(&self, table: &str) -> &str {
        self.tables.file(table)
    }

    fn said(&self, table: &str, key: &str, on: Date) -> Option<Said> {
        let (row, edition) = self.tables.said(table, key, on)?;
        let from = Some(row.from).filter(|from| *from != Date::MIN);
        Some(Said { value: row.value.as_str().to_owned(), edition: edition.cloned(), from })
    }

    fn fits(&self, kind: &str, body: &[u8]) -> bool {
        self.documents.check(kind, body).is_ok()
    }

    fn versions(&self) -> Vec<InForce> {
        let in_force = |(table, file): (&str, &str)| InForce {
            table: table.to_owned(),
            file: file.to_owned(),
            change: self.changes.get(table).cloned(),
        };
        self.tables.files().map(in_force).collect()
    }
}
