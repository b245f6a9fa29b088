//! What declarations and notifications of customs say of a movement: offices, guarantees, means of transport, seals, house
//! consignments (UCC data elements, groups 11 to 19; "DE" numbers with a slash are those of annex B as CDS and ICS have them).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Country, CustomsDocument, Date, Decimal, Location, Money, Party, PreviousDocument, Text, Timestamp};

/// What a customs office is to a movement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum OfficeRole {
    /// Where a transit begins (17 03).
    Departure,
    /// Where it ends (17 05, DE 5/6).
    Destination,
    /// Where it enters another territory (17 04, DE 5/7).
    Transit,
    /// Where it leaves the security area (17 06).
    ExitForTransit,
    /// Where goods leave (17 01, DE 5/12).
    Exit,
    /// Where goods enter first (17 08, DE 5/24).
    FirstEntry,
    /// Where they enter after that (DE 5/25).
    SubsequentEntry,
    /// Where the declaration is lodged.
    Lodgement,
    /// Where goods are presented (17 09, DE 5/26).
    Presentation,
    /// Who supervises the procedure (17 10, DE 5/27).
    Supervising,
    /// Where a duty is recovered.
    Recovery,
    /// Where an incident was registered.
    IncidentRegistration,
}

record! {
    /// A customs office.
    CustomsOffice {
        required {
            /// What it is to the movement.
            role: OfficeRole,
            /// Its reference number, such as `GB000060`.
            reference: Text<17>,
        }
        optional {
            /// When the goods are expected there.
            expected_at: Timestamp,
        }
    }
}

/// What proves that a guarantee may be used (99 03 070). It is as secret as a password: nothing but the document shows it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct AccessCode(pub Text<16>);

impl fmt::Debug for AccessCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessCode(…)")
    }
}

record! {
    /// What a guarantee is known by, and how much of it a movement takes (DE 8/3).
    GuaranteeReference {
        optional {
            /// Guarantee reference number (99 03 069).
            grn: Text<35>,
            /// Its access code.
            access_code: AccessCode,
            /// How much is to be covered.
            amount: Money,
            /// The office of the guarantee.
            office: Text<17>,
        }
    }
}

record! {
    /// A guarantee (99 02, DE 8/2).
    Guarantee {
        required {
            /// Its type, such as `1` for a comprehensive one.
            r#type: Text<4>,
        }
        optional {
            /// What it is known by, where that is no guarantee reference number (99 03 073).
            other_reference: Text<64>,
        }
        lists {
            /// Its references.
            references: GuaranteeReference, at most 99;
        }
    }
}

record! {
    /// A means of transport (19 05 departure, 19 08 at the border; DE 7/7, 7/9, 7/14).
    MeansOfTransport {
        optional {
            /// What kind of identifier it has (19 05 061), such as `30` for a lorry's registration.
            id_type: Text<4>,
            /// Its identifier (19 05 017).
            id: Text<35>,
            /// Where it is registered (19 05 062).
            nationality: Country,
            /// The voyage, flight or trip (19 02, DE 7/8).
            conveyance_ref: Text<35>,
            /// The customs office at the border that it crosses (19 08 084).
            office: Text<17>,
        }
    }
}

record! {
    /// A container, or what is sealed without one (19 07).
    TransportEquipment {
        optional {
            /// Its number, where the declaration numbers it otherwise than by its place in the list.
            no: u32,
            /// The container (19 07 063, DE 7/10).
            container: Text<17>,
            /// How many seals it has (19 10 068).
            seal_count: u32,
        }
        lists {
            /// The seals (19 10 015, DE 7/18).
            seals: Text<32>, at most 99;
            /// The numbers of the items in it (19 07 044).
            items: u32, at most 9999;
        }
    }
}

record! {
    /// Somebody else in the supply chain (13 14, DE 3/37).
    SupplyChainActor {
        required {
            /// The part it plays, such as `FW` for a freight forwarder.
            role: Text<4>,
            /// Its identifier.
            id: Text<35>,
        }
    }
}

record! {
    /// A statement in a code, with or without words (12 02, DE 2/2).
    AdditionalInformation {
        required {
            /// The code.
            code: Text<8>,
        }
        optional {
            /// In words.
            text: Text<512>,
        }
    }
}

record! {
    /// One of the consignments that travel together under one transit declaration.
    HouseConsignment {
        required {
            /// Its number, from 1.
            no: u32,
        }
        optional {
            /// Country of dispatch (16 06).
            dispatch_country: Country,
            /// Country of destination (16 03).
            destination_country: Country,
            /// Gross weight in kilograms (18 04).
            gross_kg: Decimal,
            /// Unique consignment reference (12 08, DE 2/4).
            ucr: Text<70>,
            /// How its carriage is paid (14 02, DE 4/2).
            transport_charges: Text<4>,
            /// What its export declaration says of security.
            security: Text<4>,
        }
        lists {
            /// Consignor and consignee.
            parties: Party, at most 16;
            /// Others in the supply chain.
            actors: SupplyChainActor, at most 99;
            /// The means of transport at departure.
            departure_means: MeansOfTransport, at most 999;
            /// Previous documents (12 01).
            previous_documents: PreviousDocument, at most 99;
            /// Supporting documents (12 03).
            documents: CustomsDocument, at most 99;
            /// Transport documents (12 05).
            transport_documents: CustomsDocument, at most 99;
            /// Additional references (12 04).
            additional_references: CustomsDocument, at most 99;
            /// Additional information.
            additional_information: AdditionalInformation, at most 99;
        }
    }
}

record! {
    /// A wish that a declaration be as if it had never been, and what customs decided.
    Invalidation {
        optional {
            /// When it was asked for.
            requested_at: Timestamp,
            /// When it was decided.
            decided_at: Timestamp,
            /// Whether the declaration is invalidated.
            granted: bool,
            /// Whether customs began it.
            by_customs: bool,
            /// Why.
            justification: Text<512>,
        }
    }
}

record! {
    /// A control that customs makes, or measures that it takes.
    CustomsControl {
        required {
            /// What kind it is.
            code: crate::Code,
        }
        optional {
            /// In words.
            text: Text<512>,
            /// The item that it is about.
            item_no: u32,
            /// The day of its outcome.
            on: Date,
            /// Who made it.
            by: Text<64>,
        }
    }
}

record! {
    /// Why a guarantee is not valid.
    GuaranteeFault {
        required {
            /// The reason.
            code: crate::Code,
        }
        optional {
            /// The guarantee.
            grn: Text<35>,
            /// In words.
            text: Text<512>,
        }
    }
}

record! {
    /// What happened on the way and was registered by customs (19 11).
    Incident {
        required {
            /// Its number, from 1.
            no: u32,
            /// What kind it is.
            code: crate::Code,
        }
        optional {
            /// In words.
            text: Text<512>,
            /// Where.
            place: Location,
            /// Its latitude in degrees.
            latitude: Text<24>,
            /// Its longitude in degrees.
            longitude: Text<24>,
            /// The day on which an authority endorsed it.
            endorsed_on: Date,
            /// That authority.
            endorsed_by: Text<64>,
            /// Where it was endorsed.
            endorsed_at: Location,
            /// Whether the goods are in containers after a transhipment.
            containerised: bool,
            /// What the goods were loaded on to.
            transhipped_to: MeansOfTransport,
        }
        lists {
            /// Containers and seals after it.
            equipment: TransportEquipment, at most 999;
        }
    }
}
