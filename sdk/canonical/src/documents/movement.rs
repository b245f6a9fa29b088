//! What is told to customs of a consignment that moves under its eyes (UK inventory linking of exports and imports).

use serde::{Deserialize, Serialize};

use crate::{MeansOfTransport, Party, Text, Timestamp, TransportMode};

/// What a consignment does, or is done to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum MovementType {
    /// It will arrive (EAA).
    AnticipatedArrival,
    /// It has arrived (EAL).
    Arrival,
    /// It has arrived some time ago, which nobody told then (RET).
    RetrospectiveArrival,
    /// It has left (EDL).
    Departure,
    /// It becomes part of another one (EAC).
    Association,
    /// It is part of that no more (EAC).
    Disassociation,
    /// Nothing more becomes part of it (CST).
    Shut,
    /// The inventory says whether it is the one that a declaration names (imports).
    Validation,
}

document! {
    /// One movement of a consignment, or one change of what it consists of.
    CustomsMovement = "customs-movement" {
        required {
            /// What happens.
            movement: MovementType,
        }
        optional {
            /// The consignment: its declaration's unique consignment reference (DUCR), or that of a consolidation (MUCR).
            ucr: Text<35>,
            /// The part of the declaration, where it has several.
            ucr_part: Text<4>,
            /// Whether the consignment is a consolidation, so that its reference is an MUCR.
            is_master: bool,
            /// The consolidation that it belongs to, or is to.
            master_ucr: Text<35>,
            /// What becomes of the consolidation at this movement, as the authority codes it: `A`, `F`, `R`, `X`.
            master_option: Text<1>,
            /// Where the goods are, as customs codes it.
            location: Text<17>,
            /// When they arrive or leave.
            occurred_at: Timestamp,
            /// The operator of the shed.
            shed_operator: Text<4>,
            /// The name that the sender gives the movement.
            movement_reference: Text<25>,
            /// Who tells it, where that is an agent.
            agent: Party,
            /// The agent's place, as customs codes it.
            agent_location: Text<12>,
            /// The agent's part, as customs codes it.
            agent_role: Text<4>,
            /// By which the goods leave.
            means: MeansOfTransport,
            /// By what mode.
            mode: TransportMode,
            /// The declaration of its import, by its movement reference number.
            mrn: Text<35>,
            /// The version of that declaration.
            declaration_version: Text<16>,
            /// What the inventory returns: `000` where the consignment is the declaration's.
            return_code: Text<3>,
        }
    }
}
