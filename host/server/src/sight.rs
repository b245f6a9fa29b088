//! What one partner sees of shipments, as its policy says.

use std::sync::Arc;

use portgate_core::document::Document;
use portgate_core::policy::ShipmentReader;
use portgate_core::projection::Projection;
use portgate_store::ShipmentViewer;

/// What one partner sees of shipments, ready for use.
pub(crate) struct Sight {
    reader: ShipmentReader,
    projection: Projection,
}

impl Sight {
    /// What its policy grants.
    pub(crate) fn of(reader: &ShipmentReader) -> Arc<Self> {
        Arc::new(Sight { projection: Projection::new(&reader.grants()), reader: reader.clone() })
    }

    /// Which shipments it may see. A partner that tests sees what is of tests.
    pub(crate) fn viewer(&self, sender: &str) -> ShipmentViewer {
        ShipmentViewer {
            sender: sender.to_owned(),
            all: self.reader.all,
            parties: self.reader.parties().map(|(scheme, value)| (scheme.to_owned(), value.to_owned())).collect(),
            schemes: self.reader.references.iter().cloned().collect(),
        }
    }

    /// The document with everything taken out that is not granted; nothing where its kind is not.
    pub(crate) fn of_document(&self, document: Document) -> Option<Document> {
        self.projection.of(document).ok().map(|projected| projected.into_document())
    }
}
