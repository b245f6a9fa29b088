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

/// DCSA event codes, and one for what no code was found for. The code that a partner wrote stands beside it.
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
    /// Shipment: completed.
    Cmpl,
    /// Shipment: on hold.
    Hold,
    /// Shipment: released.
    Rels,
    /// Customs: released.
    Released,
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
        }
        lists {
            /// The container's seals.
            seals: Seal, at most 32;
            /// What the partner says in words.
            remarks: Text<512>, at most 32;
        }
    }
}
