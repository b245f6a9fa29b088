//! Declarations of the gateway's own that nobody is held to any more.

use std::collections::BTreeSet;

use portgate_core::filing::{Filing, FilingState, FilingStep, StepKind, hear};
use portgate_store::{ShipmentDocuments, StatedDocument};

use super::document;
use super::words::{self, Spoken};

/// What does not stand of the filings of a shipment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Withdrawn {
    /// The exchanges with what does not stand: what never left because something took its place or it was withdrawn, what customs
    /// has refused or cancelled, what was filed anew under another number, and requests to cancel, which declare nothing.
    exchanges: BTreeSet<String>,
    /// The local reference numbers under which nothing stands.
    declarations: BTreeSet<String>,
}

impl Withdrawn {
    /// It follows from what was done and from what customs has said, in whatever order it was heard.
    pub(crate) fn of<'f>(spoken: Spoken<'_>, filings: impl Iterator<Item = &'f Filing>) -> Withdrawn {
        let mut withdrawn = Withdrawn::default();
        for filing in filings {
            let current: Vec<&FilingStep> = filing.current().collect();
            let heard = hear(&current, &words::of(spoken, filing));
            let is_over = heard.cancelled
                || heard.answers.first() == Some(&Some(false))
                || filing.state == FilingState::Cancelled;
            let stands = |(step, answer): &(&&FilingStep, &Option<bool>)| {
                !is_over && step.kind != StepKind::Cancel && **answer != Some(false)
            };
            let standing: Vec<&FilingStep> =
                current.iter().zip(&heard.answers).filter(stands).map(|(step, _)| *step).collect();
            for step in &filing.steps {
                if !standing.iter().any(|one| one.exchange == step.exchange) {
                    withdrawn.exchanges.insert(step.exchange.clone());
                }
                if !standing.iter().any(|one| one.lrn == step.lrn) {
                    withdrawn.declarations.insert(step.lrn.clone());
                }
            }
        }
        withdrawn
    }

    /// The local reference numbers under which nothing stands.
    pub(crate) fn declarations(&self) -> &BTreeSet<String> {
        &self.declarations
    }

    /// The documents without the gateway's own declarations that do not stand; nothing where all of them do. Of one that was amended
    /// what stands of it comes forth again.
    pub(crate) fn standing(&self, documents: &ShipmentDocuments) -> Option<ShipmentDocuments> {
        let stands = |document: &&StatedDocument| {
            !document::is_own(&document.kind, &document.sender)
                || !self.exchanges.contains(&document.exchange.to_string())
        };
        (!self.exchanges.is_empty()).then(|| ShipmentDocuments {
            documents: documents.documents.iter().filter(stands).cloned().collect(),
            catalogue: documents.catalogue.clone(),
            shared: documents.shared.clone(),
        })
    }
}

/// Whether any of the documents is a declaration of the gateway's own.
pub(crate) fn has_declared(documents: &ShipmentDocuments) -> bool {
    documents.documents.iter().any(|document| document::is_own(&document.kind, &document.sender))
}
