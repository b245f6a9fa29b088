//! What was to be declared of two shipments that have turned out to be one: one filing goes on, and no other.

use std::collections::BTreeMap;

use portgate_core::filing::{FilingState, FilingStep, Standing, StepKind};
use portgate_core::finding::Severity;
use portgate_core::judgement::ShipmentFinding;
use portgate_store::{ChangedFiling, DeliveryId, KeptFiling};

use super::{Filed, Filer, give_up};

/// The rule that a shipment breaks which was filed as two before it was one.
const FILED_TWICE: &str = "FILED-TWICE";

/// The one of several that goes on: what customs has before what only waits, what waits before what is not written; else the older one.
pub(super) fn own<'k>(all: impl Iterator<Item = &'k KeptFiling> + Clone) -> Option<&'k KeptFiling> {
    let has_left = all.clone().find(|kept| kept.filing.current().any(|step| !waits(kept, step)));
    let is_written = || all.clone().find(|kept| kept.filing.current().next().is_some());
    has_left.or_else(is_written).or_else(|| all.clone().next())
}

impl Filer<'_> {
    /// One that was sent to customs for a shipment that has become part of another, of which the same was sent.
    pub(super) fn stop(&self, other: &KeptFiling, filed: &mut Filed) {
        let is_open = other.filing.steps.iter().any(|step| !step.replaced)
            && !matches!(other.filing.state, FilingState::Cancelled | FilingState::Stopped);
        if !is_open {
            // What was never written of it is written in the other.
            if other.filing.current().next().is_some() {
                filed.wanted.extend(other.filing.wanted(&other.name));
            }
            return;
        }
        let mut filing = other.filing.clone();
        let mut withdrawn = None;
        let declares = |step: &&FilingStep| step.kind != StepKind::Cancel;
        if let Some(step) = other.filing.current().next_back().filter(declares).filter(|step| waits(other, step)) {
            // What customs has not heard of it never hears of.
            withdrawn = step.delivery.parse().ok().map(|id: DeliveryId| (id, None));
            give_up(&mut filing, &mut BTreeMap::new(), &step.delivery);
        }
        let is_declared = filing.current().next().is_some();
        filing.state = if is_declared { FilingState::Stopped } else { FilingState::Cancelled };
        let twice = is_declared.then(|| ShipmentFinding {
            pack: String::new(),
            rule: FILED_TWICE.to_owned(),
            severity: Severity::Blocking,
            detail: format!("{} was filed of what has turned out to be one shipment with another.", filing.lrn),
            remedy: "Cancel one of the two declarations at customs.".to_owned(),
            fields: Vec::new(),
            overridden: None,
        });
        filing.findings = twice.into_iter().collect();
        let changed = ChangedFiling {
            shipment: other.shipment,
            name: other.name.clone(),
            filing: filing.clone(),
            made: None,
            withdrawn,
            release_used: false,
            told: None,
        };
        self.keep(Some(&other.filing), filing, changed, filed);
    }
}

/// Whether surely nothing of a step has left.
fn waits(kept: &KeptFiling, step: &FilingStep) -> bool {
    kept.deliveries.get(&step.delivery) == Some(&Standing::Waiting)
}
