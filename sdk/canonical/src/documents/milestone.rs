//! Something that happened to a shipment, a container or a document, or is to happen (DCSA Track & Trace 2.2).

use serde::{Deserialize, Serialize};

use crate::{Code, Location, Text, Timestamp, TransportMode, TransportRef};

/// What an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum EventType {
    /// A booking or transport document.
    Shipment,
    /// A means of transport.
    Transport,
    /// A container.
    Equipment,
    /// Customs.
    Customs,
    /// A document.
    Document,
    /// A parcel, or another consignment, on its way to a door.
    Parcel,
}

/// Whether it has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum Classifier {
    /// It has happened.
    Act,
    /// It is expected.
    Est,
    /// It is planned.
    Pln,
    /// It is asked for.
    Req,
}

/// DCSA event codes; for parcels, which DCSA does not know, words of this contract; and one for what no code was found for.
/// The code that a partner wrote stands beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum MilestoneCode {
    /// Transport: arrival.
    Arri,
    /// Transport: departure.
    Depa,
    /// Equipment: loaded.
    Load,
    /// Equipment: discharged.
    Disc,
    /// Equipment: gate in.
    Gtin,
    /// Equipment: gate out.
    Gtot,
    /// Equipment: stuffed.
    Stuf,
    /// Equipment: stripped.
    Strp,
    /// Equipment: picked up.
    Pick,
    /// Equipment: dropped off.
    Drop,
    /// Equipment: inspected.
    Insp,
    /// Equipment: resealed.
    Rsea,
    /// Equipment: removed.
    Rmvd,
    /// Shipment: received.
    Rece,
    /// Shipment: drafted.
    Drft,
    /// Shipment: pending approval.
    Pena,
    /// Shipment: pending update.
    Penu,
    /// Shipment: rejected.
    Reje,
    /// Shipment: approved.
    Appr,
    /// Shipment: issued.
    Issu,
    /// Shipment: surrendered.
    Surr,
    /// Shipment: submitted.
    Subm,
    /// Shipment: void.
    Void,
    /// Shipment: confirmed.
    Conf,
    /// Shipment: requested.
    Reqs,
    /// Document: set up in its system.
    Created,
    /// Document: changed in its system, which knows what it says now.
    Changed,
    /// Shipment: completed.
    Cmpl,
    /// Shipment: on hold.
    Hold,
    /// Shipment: released.
    Rels,
    /// Customs: released.
    Released,
    /// Parcel: announced to the carrier, which does not have it yet; a label was made.
    Labelled,
    /// Parcel: the carrier has it.
    Accepted,
    /// Parcel: on its way.
    Transit,
    /// Parcel: come to a place of the carrier.
    Arrived,
    /// Parcel: gone from a place of the carrier.
    Departed,
    /// Parcel: with the driver who delivers it.
    #[serde(rename = "OUT-FOR-DELIVERY")]
    OutForDelivery,
    /// Parcel: tried to be delivered, in vain.
    Attempted,
    /// Parcel: waiting to be fetched by its receiver.
    #[serde(rename = "READY-FOR-PICKUP")]
    ReadyForPickup,
    /// Parcel: delivered.
    Delivered,
    /// Parcel: on its way back to its sender.
    Returning,
    /// Parcel: back at its sender.
    Returned,
    /// Parcel: later than was said.
    Delayed,
    /// Parcel: kept where it is until somebody does something.
    Held,
    /// Parcel: something went wrong; the partner's code and words say what.
    Exception,
    /// Parcel: damaged.
    Damaged,
    /// Parcel: lost.
    Lost,
    /// Parcel: done away with by the carrier.
    Disposed,
    /// Parcel: called off; it is not going to be carried.
    Cancelled,
    /// Parcel: the carrier says something, and where the parcel is does not change by it.
    Noted,
    /// No code was found: a person should look.
    Unmapped,
}

record! {
    /// Why something is late or held.
    Reason {
        optional {
            /// The partner's code for it.
            code: Text<16>,
            /// In words.
            text: Text<512>,
        }
    }
}

record! {
    /// A seal of the container.
    Seal {
        required {
            /// What is stamped on it.
            number: Text<64>,
        }
        optional {
            /// Who put it there, in the partner's code: `CAR`, `CA`, `SHI`, `CUS`, …
            source: Text<16>,
            /// What kind of seal it is, in the partner's code: `WIR`, `BLT`, …
            kind: Text<16>,
        }
    }
}

document! {
    /// One event.
    Milestone = "milestone" {
        required {
            /// The partner's id of the event, or one made of what identifies it.
            event_id: Text<128>,
            /// What it is about.
            event_type: EventType,
            /// What happened.
            code: MilestoneCode,
            /// Whether it has happened.
            classifier: Classifier,
            /// When it happened or is to happen.
            occurred_at: Timestamp,
            /// The code that the partner wrote.
            source_code: Code,
        }
        optional {
            /// The shipment.
            shipment_id: Text<64>,
            /// When the partner recorded it.
            recorded_at: Timestamp,
            /// Where.
            location: Location,
            /// By what mode of transport.
            mode: TransportMode,
            /// The container: a number of ISO 6346 in its one form, or another one as the partner writes it.
            equipment_id: Text<16>,
            /// ISO 6346 size and type of the container.
            iso_type: Text<8>,
            /// Whether the container is empty.
            empty: bool,
            /// On which journey.
            transport_ref: TransportRef,
            /// Why.
            reason: Reason,
            /// Who has signed for it.
            signed_by: Text<128>,
            /// Whether the goods go back to where they came from, on a journey of its own.
            is_return: bool,
        }
        lists {
            /// The container's seals.
            seals: Seal, at most 32;
            /// What the partner says in words.
            remarks: Text<512>, at most 32;
        }
    }
}
