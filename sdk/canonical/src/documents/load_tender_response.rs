//! What a carrier says to a load that it was asked to carry (X12 990, EDIFACT IFTMBC).

use serde::{Deserialize, Serialize};

use crate::{
    Code, Leg, Party, Reason, TenderCharge, TenderEquipment, TenderGoods, TenderKind, TenderRemark, TenderStop,
    TenderTime, Text, Timestamp,
};

/// Whether the carrier takes the load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum TenderVerdict {
    /// It does.
    Accepted,
    /// It does under conditions, or other than it was asked.
    Conditional,
    /// It does not.
    Declined,
    /// It has taken it, and takes that back.
    Cancelled,
    /// It has the tender and has not decided.
    Pending,
    /// No verdict was found for the partner's code: a person should look.
    Unmapped,
}

document! {
    /// A carrier's answer to a load tender.
    LoadTenderResponse = "load-tender-response" {
        required {
            /// The number that the other party gave to the load.
            tender_number: Text<64>,
            /// What is answered.
            kind: TenderKind,
            /// Whether the carrier takes it.
            verdict: TenderVerdict,
        }
        optional {
            /// The partner's code for the verdict.
            verdict_code: Code,
            /// Why, where it does not.
            reason: Reason,
            /// Who answers: SCAC, or the partner's code.
            carrier: Text<16>,
            /// The carrier's own number for the load.
            carrier_number: Text<64>,
            /// When it answered.
            responded_at: Timestamp,
        }
        lists {
            /// The parties.
            parties: Party, at most 32;
            /// Times that are of no stop.
            times: TenderTime, at most 32;
            /// The stops as the carrier is going to make them.
            stops: TenderStop, at most 200;
            /// The legs, in order.
            legs: Leg, at most 32;
            /// The equipment that it gives.
            equipment: TenderEquipment, at most 500;
            /// The goods as it has them.
            goods: TenderGoods, at most 2000;
            /// What the carriage costs.
            charges: TenderCharge, at most 64;
            /// What is said in words.
            remarks: TenderRemark, at most 200;
        }
    }
}
