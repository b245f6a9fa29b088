//! What is sent to customs: the declaration with its numbers, in a message that is made once, and how the filing stands by it.

use std::collections::BTreeMap;

use portgate_core::filing::{Decision, Filing, FilingAct, FilingState, FilingStep, StepKind, lrn};
use portgate_core::judgement::ShipmentFinding;
use portgate_core::policy::{FilingContract, FilingPolicy};
use portgate_store::{ChangedFiling, DeliveryId};

use super::draft::{Draft, not_written};
use super::{Filed, Filer, document, give_up, take_up};
use crate::made::{Made, Recipient, Recipients};

/// What a message of a filing is, in the place of a contract.
const CONTRACT: &str = "filing";

impl Filer<'_> {
    /// Makes what a decision sends. Where it cannot be made the filing stays where it was, and it says what is missing.
    #[expect(clippy::too_many_arguments, reason = "what is sent, and all that changes by it")]
    pub(super) async fn send(
        &self,
        policy: &FilingPolicy,
        draft: &Draft,
        decision: Decision,
        released_over: String,
        filing: &mut Filing,
        changed: &mut ChangedFiling,
        filed: &mut Filed,
    ) -> Option<Vec<ShipmentFinding>> {
        let FilingAct::Send { kind, number, version, customs_version, mrn, replaces, differences } =
            decision.act.clone()?
        else {
            return None;
        };
        let lrn = lrn(&changed.shipment.to_string(), &policy.name, number);
        let amends = mrn.clone().filter(|_| kind == StepKind::Amend);
        let of_its_own = number != filing.number || amends.is_some();
        let (document, mut missing) = match kind {
            StepKind::Cancel => (document::cancellation(filing, mrn.as_deref()), Vec::new()),
            _ if of_its_own => {
                let Draft { document, missing, looked_up, .. } = self.compose(policy, filing, &lrn, amends).await;
                filed.looked_up.extend(looked_up);
                (document, missing)
            }
            _ => (draft.document.clone(), Vec::new()),
        };
        let contract = match kind {
            StepKind::Submit => Some(&policy.submit),
            StepKind::Amend => policy.amend.as_ref(),
            StepKind::Cancel => policy.cancel.as_ref(),
        };
        let made = document.zip(contract).and_then(|(document, FilingContract { contract, version: of_contract })| {
            let stamp = document::Stamp {
                kind,
                lrn: &lrn,
                version,
                mrn: mrn.as_deref(),
                differences: &differences,
                now: self.now,
            };
            let document = document::stamped(document, &stamp, self.folded, self.rules)?;
            let recipient = Recipient {
                partner: policy.to.clone(),
                contract: contract.clone(),
                version: of_contract.clone(),
                lane: Some(format!("lrn/{lrn}")),
            };
            let made = Made {
                contract: CONTRACT.to_owned(),
                key: format!("{lrn}/{version}"),
                is_test: self.is_test,
                plugin: Some(policy.composer.clone()),
                shipment: self.shipment.to_string(),
                documents: vec![document],
                to: Recipients::Only(vec![recipient]),
            };
            let made = self.makes.make(made, self.now);
            made.map_err(|error| {
                tracing::warn!(shipment = %self.shipment, filing = policy.name, %error, "nothing is filed");
                missing.push(not_written(policy, &error));
            })
            .ok()
        });
        let Some((made, delivery)) = made.and_then(|made| made.deliveries.first().map(|to| to.id).map(|id| (made, id)))
        else {
            if filing.current().next().is_none() {
                filing.state = FilingState::Draft;
            }
            return Some(missing);
        };
        let declared = match kind {
            StepKind::Cancel => filing.current().next_back().map(|step| step.declared.clone()),
            _ => draft.content.clone(),
        };
        take_up(filing, decision);
        if let Some(replaced) = &replaces {
            changed.withdrawn = replaced.parse().ok().map(|id: DeliveryId| (id, Some(delivery)));
            give_up(filing, &mut BTreeMap::new(), replaced);
        }
        if number != filing.number {
            (filing.number, filing.mrn) = (number, None);
            filing.lrn.clone_from(&lrn);
        }
        filing.sent_to.insert(policy.to.clone());
        filing.pending.clear();
        filing.steps.push(FilingStep {
            kind,
            number,
            version,
            customs_version,
            lrn,
            revision: self.folded.revision.clone(),
            at: self.now,
            exchange: made.exchange.id.to_string(),
            delivery: delivery.to_string(),
            differences,
            replaced: false,
            released_over,
            declared: declared.unwrap_or_default(),
        });
        changed.made = Some(delivery);
        filed.made.push(made);
        None
    }
}
