//! A filing as it is kept.

use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::difference::Difference;
use super::fault::CustomsFault;
use crate::judgement::ShipmentFinding;
use crate::sender;
use crate::state::words;

words! {
    /// Where a filing stands.
    FilingState {
        /// Something is missing for the declaration.
        Draft = "draft",
        /// Findings stand against it.
        Blocked = "blocked",
        /// An operator has to release it.
        Ready = "ready",
        /// The declaration is on its way to customs, or customs has not accepted it yet.
        Submitted = "submitted",
        /// Its delivery is dead or was given up: customs does not have it, as far as is known, and a person must look.
        Undelivered = "undelivered",
        /// Customs has accepted it.
        Accepted = "accepted",
        /// The goods are released.
        Released = "released",
        /// Customs is done with it.
        Cleared = "cleared",
        /// Customs has rejected it, or an amendment of it.
        Rejected = "rejected",
        /// What was declared has changed, and customs has not taken the change yet.
        AmendmentPending = "amendment-pending",
        /// It is to be cancelled, and customs has not done that yet.
        CancellationPending = "cancellation-pending",
        /// It is cancelled, or was given up before it was filed.
        Cancelled = "cancelled",
        /// What was declared has changed, and by policy a person decides what becomes of that.
        Stopped = "stopped",
    }
}

impl FilingState {
    /// Whether nothing goes on before a person has looked.
    pub fn wants_person(self) -> bool {
        use FilingState::{Blocked, Ready, Rejected, Stopped, Undelivered};
        matches!(self, Blocked | Ready | Rejected | Stopped | Undelivered)
    }
}

words! {
    /// What customs is sent.
    StepKind {
        /// A declaration.
        Submit = "submit",
        /// An amendment of one that is accepted.
        Amend = "amend",
        /// A request to cancel one.
        Cancel = "cancel",
    }
}

words! {
    /// How far a delivery has come, as far as a filing has to know.
    Standing {
        /// It waits, and surely nothing of it has left the gateway, however often it was tried.
        Waiting = "waiting",
        /// Somebody has it in hand, or it may have left.
        UnderWay = "under-way",
        /// The partner has it.
        Taken = "taken",
        /// It is dead: the partner has refused it or was not to be reached, or it could not be rendered.
        Dead = "dead",
        /// It was given up.
        Discarded = "discarded",
        /// It is dead or was given up, and the partner may have it all the same: something of it may have left.
        Unsure = "unsure",
    }
}

words! {
    /// Something that customs is expected to say.
    Awaited {
        /// It has answered what it was sent last, whatever the answer is.
        Answered = "answered",
        /// It has accepted the declaration.
        Accepted = "accepted",
        /// The goods are released.
        Released = "released",
        /// Nothing is left to do.
        Cleared = "cleared",
    }
}

words! {
    /// Where a declaration stands at customs.
    AtCustoms {
        /// It is accepted, or a change of it is.
        Accepted = "accepted",
        /// The goods are held: customs examines them, wants documents, or does not release them.
        Held = "held",
        /// It is rejected, or a change of it is.
        Rejected = "rejected",
        /// The goods are released.
        Released = "released",
        /// Customs is done with it.
        Cleared = "cleared",
        /// It is cancelled, or was given up after customs had said something of it.
        Cancelled = "cancelled",
    }
}

/// Something that customs was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FilingStep {
    /// What it was.
    pub kind: StepKind,
    /// Which of the filing's declarations it is of, from 1: one that is filed anew has the next number.
    pub number: u32,
    /// The version of the declaration's document, from 1 for each number. Customs counts for itself: see [`super::hear`].
    pub version: u32,
    /// The version of the declaration that customs was known to have when this was made, as customs counts; nothing of a declaration
    /// itself, and of what was made before this was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customs_version: Option<u32>,
    /// The local reference number.
    pub lrn: String,
    /// The revision of the context that it was made from.
    pub revision: String,
    /// When it was made.
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// The exchange that has the document.
    pub exchange: String,
    /// Its delivery.
    pub delivery: String,
    /// What changed against what was declared before.
    pub differences: Vec<Difference>,
    /// Whether another took its place, or it was withdrawn, before anything of it left the gateway.
    pub replaced: bool,
    /// The findings that an operator has released it over, by a digest; empty where nothing stood against it.
    #[serde(default)]
    pub released_over: String,
    /// What was declared.
    pub declared: Value,
}

#[cfg(test)]
impl FilingStep {
    /// What was sent under the number `L1`; tests say what else matters to them.
    pub(crate) fn sent(kind: StepKind, version: u32) -> FilingStep {
        FilingStep {
            kind,
            number: 1,
            version,
            customs_version: None,
            lrn: "L1".to_owned(),
            revision: String::new(),
            at: Timestamp::UNIX_EPOCH,
            exchange: String::new(),
            delivery: format!("1/{version}"),
            differences: Vec::new(),
            replaced: false,
            released_over: String::new(),
            declared: Value::Null,
        }
    }
}

/// That a partner was told where a declaration stands at customs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FilingTold {
    /// The partner.
    pub to: String,
    /// Where it was told that it stands.
    pub at_customs: AtCustoms,
    /// What tells that from the same at another time ([`super::Place`]).
    pub mark: String,
    /// The local reference number.
    pub lrn: String,
    /// When it was made.
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// The exchange that has the document.
    pub exchange: String,
    /// Its delivery.
    pub delivery: String,
}

/// A filing as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Filing {
    /// Where it stands.
    pub state: FilingState,
    /// Which declaration it is at, from 1.
    pub number: u32,
    /// The local reference number of that.
    pub lrn: String,
    /// The movement reference number, once customs has given one.
    pub mrn: Option<String>,
    /// The revision of the context that was looked at last.
    pub revision: String,
    /// All that customs was sent, in its order.
    pub steps: Vec<FilingStep>,
    /// What is missing, and what stands against it.
    pub findings: Vec<ShipmentFinding>,
    /// What customs has said is wrong.
    pub faults: Vec<CustomsFault>,
    /// What has changed and customs has not been told.
    pub pending: Vec<Difference>,
    /// What a release is for: it counts as long as this is the same.
    pub digest: String,
    /// What would be declared, by a digest; empty where that was never known.
    #[serde(default)]
    pub composed: String,
    /// The facts that it was written of, by a digest.
    #[serde(default)]
    pub composed_of: String,
    /// Since when that would be declared.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub composed_at: Option<Timestamp>,
    /// What customs was expected to have said by now, and has not.
    #[serde(default)]
    pub overdue: Vec<Awaited>,
    /// Since when it has waited where it stands, for what is missing, findings to go or a release; nothing where it goes on by itself.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub waits_since: Option<Timestamp>,
    /// Whether that is so long that a person is called.
    #[serde(default)]
    pub waits_too_long: bool,
    /// The partners that speak for customs by policy; whoever does, where it was kept before policy said so.
    #[serde(default)]
    pub heard_from: Option<BTreeSet<String>>,
    /// The partners that were sent something of it, which speak for customs as well.
    #[serde(default)]
    pub sent_to: BTreeSet<String>,
    /// What partners were told of it, in that order.
    #[serde(default)]
    pub told: Vec<FilingTold>,
}

impl Filing {
    /// The first declaration of a shipment under this local reference number, of which nothing is known yet.
    pub fn draft(lrn: String) -> Filing {
        Filing {
            state: FilingState::Draft,
            number: 1,
            lrn,
            mrn: None,
            revision: String::new(),
            steps: Vec::new(),
            findings: Vec::new(),
            faults: Vec::new(),
            pending: Vec::new(),
            digest: String::new(),
            composed: String::new(),
            composed_of: String::new(),
            composed_at: None,
            overdue: Vec::new(),
            waits_since: None,
            waits_too_long: false,
            heard_from: None,
            sent_to: BTreeSet::new(),
            told: Vec::new(),
        }
    }

    /// Whether this partner speaks for customs here: policy names it, it was sent what is declared, or it is an operator who corrects
    /// what was told.
    pub fn hears(&self, partner: &str) -> bool {
        partner == sender::OPERATORS
            || self.sent_to.contains(partner)
            || self.heard_from.as_ref().is_none_or(|named| named.contains(partner))
    }

    /// The steps of its present declaration that were not replaced.
    pub fn current(&self) -> impl DoubleEndedIterator<Item = &FilingStep> {
        self.steps.iter().filter(|step| step.number == self.number && !step.replaced)
    }

    /// The version that the next document of this number has.
    pub fn next_version(&self, number: u32) -> u32 {
        self.steps.iter().filter(|step| step.number == number).map(|step| step.version).max().unwrap_or(0) + 1
    }
}
