//! A fulfilment: what of an order is sent, or is to be sent, from one place (Shopify fulfilment and fulfilment order, X12 945).

use serde::{Deserialize, Serialize};

use crate::{Code, Location, Party, Quantity, Text, Timestamp};

/// Where a fulfilment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FulfilmentStatus {
    /// It is to be done at a later time.
    Scheduled,
    /// It can be done.
    Open,
    /// It is not to be done until what holds it is gone.
    OnHold,
    /// Whoever does it has begun.
    InProgress,
    /// The goods are sent.
    Fulfilled,
    /// It is over: what was to be done is done, or is done elsewhere.
    Closed,
    /// Only a part was done, and the rest is not going to be.
    Incomplete,
    /// It was called off.
    Cancelled,
    /// It was tried in vain.
    Failed,
    /// The partner's word is not known; it is kept.
    Unmapped,
}

record! {
    /// Goods of one line of the order.
    FulfilmentLine {
        required {
            /// The line's number or id in the order or, where that is not said, in the request.
            line_no: Text<64>,
            /// How much of it is sent or is to be sent.
            quantity: Quantity,
        }
        optional {
            /// The item.
            sku: Text<64>,
            /// What the line calls it.
            description: Text<512>,
            /// The line of the request to fulfil.
            request_line: Text<64>,
            /// How much of it is still to be sent.
            open_quantity: Quantity,
        }
    }
}

record! {
    /// A parcel that the goods are in.
    FulfilmentParcel {
        optional {
            /// The number that its carrier tracks it by.
            tracking_number: Text<64>,
            /// Where people can see where it is.
            tracking_url: Text<512>,
        }
    }
}

record! {
    /// What keeps it from being done.
    FulfilmentHold {
        required {
            /// Why, in the partner's word.
            reason: Code,
        }
        optional {
            /// The hold's own id.
            hold_id: Text<64>,
            /// In words.
            text: Text<512>,
        }
    }
}

document! {
    /// A fulfilment in its state of now.
    Fulfilment = "fulfilment" {
        required {
            /// The fulfilment's id, in its system.
            fulfilment_id: Text<64>,
            /// Where it stands.
            status: FulfilmentStatus,
            /// The status in the partner's word.
            source_status: Code,
        }
        optional {
            /// The order, in its system.
            order_ref: Text<64>,
            /// The request that is fulfilled: a fulfilment order, a warehouse shipping order.
            request_ref: Text<64>,
            /// Who carries it, by name.
            carrier_name: Text<128>,
            /// Which of the carrier's services.
            service: Text<128>,
            /// Where it is sent from.
            location: Location,
            /// Where it goes.
            ship_to: Party,
            /// When it was made.
            created_at: Timestamp,
            /// When it is to be done.
            due_at: Timestamp,
        }
        lists {
            /// Its lines.
            lines: FulfilmentLine, at most 5000;
            /// Its parcels.
            parcels: FulfilmentParcel, at most 500;
            /// What holds it.
            holds: FulfilmentHold, at most 64;
            /// What is said of it in words.
            remarks: Text<512>, at most 32;
        }
    }
}
