//! Declarations of the gateway's own that nobody is held to any more.

use std::collections::BTreeSet;

use portgate_canonical::ShipmentContext;
use portgate_core::filing::{Filing, FilingState, FilingStep, StepKind, hear};
use portgate_store::{ShipmentDocuments, StatedDocument};

use super::{document, words};

/// The exchanges with what does not stand of these filings: what never left because something took its place or it was withdrawn,
/// what customs has refused or cancelled, what was filed anew under another number, and requests to cancel, which declare nothing.
/// It follows from what was done and from what customs has said, in whatever order it was heard.
pub(crate) fn exchanges<'f>(context: &ShipmentContext, filings: impl Iterator<Item = &'f Filing>) -> BTreeSet<String> {
    let mut withdrawn = BTreeSet::new();
    for filing in filings {
        let current: Vec<&FilingStep> = filing.current().collect();
        let heard = hear(&current, &words::of(context, filing));
        let is_over =
            heard.cancelled || heard.answers.first() == Some(&Some(false)) || filing.state == FilingState::Cancelled;
        let stands = |(step, answer): &(&&FilingStep, &Option<bool>)| {
            !is_over && step.kind != StepKind::Cancel && **answer != Some(false)
        };
        let standing: BTreeSet<&str> =
            current.iter().zip(&heard.answers).filter(stands).map(|(step, _)| step.exchange.as_str()).collect();
        let gone =
            filing.steps.iter().map(|step| &step.exchange).filter(|exchange| !standing.contains(exchange.as_str()));
        withdrawn.extend(gone.cloned());
    }
    withdrawn
}

/// The documents without the gateway's own declarations of these exchanges. Of one that was amended what stands of it comes forth
/// again.
pub(crate) fn without(documents: &ShipmentDocuments, exchanges: &BTreeSet<String>) -> ShipmentDocuments {
    let stands = |document: &&StatedDocument| {
        !document::is_own(&document.kind, &document.sender) || !exchanges.contains(&document.exchange.to_string())
    };
    ShipmentDocuments {
        documents: documents.documents.iter().filter(stands).cloned().collect(),
        catalogue: documents.catalogue.clone(),
    }
}

/// Whether any of the documents is a declaration of the gateway's own.
pub(crate) fn has_declared(documents: &ShipmentDocuments) -> bool {
    documents.documents.iter().any(|document| document::is_own(&document.kind, &document.sender))
}
