//! What customs says of a declaration (HMRC DMS notifications and their like).

use serde::{Deserialize, Serialize};

use crate::{
    AdditionalInformation, Code, Country, CustomsControl, CustomsDocument, CustomsOffice, Date, Decimal,
    DeclarationItem, GuaranteeFault, HouseConsignment, Incident, MeansOfTransport, Money, Party, PreviousDocument,
    Text, Timestamp, TransportEquipment, TransportMode,
};

/// Where a declaration stands. The numbers are the DMS function codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DeclarationStatus {
    /// Being prepared.
    Draft,
    /// Complete and not sent.
    Ready,
    /// Sent.
    Submitted,
    /// Registered before the goods came (02).
    Received,
    /// Accepted (01).
    Accepted,
    /// Rejected (03).
    Rejected,
    /// The goods are to be examined (05).
    Control,
    /// Documents are wanted (06).
    DocsRequired,
    /// Amended or corrected by customs (07).
    Amended,
    /// The goods are released (08).
    Released,
    /// Cleared: nothing is left to do (09).
    Cleared,
    /// Invalidated or cancelled (10).
    Invalidated,
    /// The outcome of a request to amend or cancel (11).
    RequestOutcome,
    /// Duties and taxes were reckoned (13).
    Tax,
    /// Payment is wanted (14), or a query on it (15).
    PaymentRequired,
    /// The goods have left (16).
    Exited,
    /// Evidence of exit is wanted (17).
    ExitEvidenceRequired,
    /// The goods are not released: for transit, or at its destination.
    NotReleased,
    /// A guarantee is not valid.
    GuaranteeNotValid,
    /// Differences were found at destination, and the transit is not closed.
    Discrepancies,
    /// Something happened on the way.
    Incident,
    /// Duties are recovered from who is liable.
    Recovery,
    /// The movement is written off: the transit is closed, the guarantee is free.
    WrittenOff,
    /// The goods have arrived at their destination and may be unloaded.
    UnloadingPermitted,
    /// Customs steps in before the goods arrive, as by a "do not load".
    Intervention,
    /// A notification that is not known; its code is kept.
    Unmapped,
}

record! {
    /// One error that customs found.
    CustomsError {
        required {
            /// The validation code.
            code: Text<32>,
        }
        optional {
            /// What the code means.
            text: Text<512>,
            /// Where: the section and element codes of the WCO pointer, outermost first, such as `42A/67A[1]/68A[1]/R144`, or a path
            /// of the declaration's own elements.
            pointer: Text<512>,
            /// The field that this is, as a JSON Pointer (RFC 6901) into the canonical declaration, or the narrowest around it. A place
            /// in a list is the number that customs has, less one. None where it is the whole, or where that is not known.
            field: Text<512>,
            /// The rule that was broken, such as `C0001`.
            rule: Text<16>,
            /// What the declaration said there.
            original_value: Text<512>,
        }
    }
}

record! {
    /// Something that customs wants.
    CustomsRequest {
        required {
            /// The kind of request, or of control.
            code: Code,
        }
        optional {
            /// In words.
            text: Text<512>,
            /// Until when.
            due: Timestamp,
        }
    }
}

record! {
    /// Goods as customs has counted them where they are.
    StatusGoods {
        optional {
            /// The declaration that they are of, by its unique consignment reference.
            ucr: Text<35>,
            /// Commodity code.
            commodity: Text<14>,
            /// How many packages.
            packages: u32,
            /// Net weight in kilograms.
            net_kg: Decimal,
            /// The item of the declaration.
            item_no: u32,
            /// The house consignment that it is in.
            house: u32,
            /// Whether customs lets them go, as it codes it.
            release: Code,
        }
    }
}

record! {
    /// A consignment as it was declared, which customs repeats to whoever receives it.
    DeclaredConsignment {
        optional {
            /// The type of the declaration (11 01).
            type_code: Text<8>,
            /// What is said of security (11 07).
            security: Text<4>,
            /// Whether a reduced set of data was declared (11 08).
            reduced_dataset: bool,
            /// Country of dispatch (16 06).
            dispatch_country: Country,
            /// Country of destination (16 03).
            destination_country: Country,
            /// Whether it is in containers (19 01).
            containerised: bool,
            /// The mode of transport inland (19 04).
            inland_mode: TransportMode,
            /// Its code, where it is none of these modes.
            inland_mode_code: Text<4>,
            /// Gross weight in kilograms (18 04).
            gross_kg: Decimal,
            /// Unique consignment reference (12 08).
            ucr: Text<70>,
        }
        lists {
            /// Consignor, consignee and carrier.
            parties: Party, at most 16;
            /// Containers and seals.
            equipment: TransportEquipment, at most 9999;
            /// The means of transport at departure.
            departure_means: MeansOfTransport, at most 999;
            /// Previous documents (12 01).
            previous_documents: PreviousDocument, at most 9999;
            /// Supporting documents (12 03).
            documents: CustomsDocument, at most 99;
            /// Transport documents (12 05).
            transport_documents: CustomsDocument, at most 99;
            /// Additional references (12 04).
            additional_references: CustomsDocument, at most 99;
            /// Additional information (12 02).
            additional_information: AdditionalInformation, at most 99;
            /// The house consignments in it.
            houses: HouseConsignment, at most 1999;
            /// Their goods, item by item.
            items: DeclarationItem, at most 9999;
        }
    }
}

document! {
    /// One notification of customs on a declaration.
    CustomsStatus = "customs-status" {
        required {
            /// Where the declaration stands now.
            status: DeclarationStatus,
            /// The code that says so, as customs wrote it.
            code: Code,
            /// When customs issued it.
            occurred_at: Timestamp,
        }
        optional {
            /// Local reference number.
            lrn: Text<64>,
            /// Movement reference number.
            mrn: Text<35>,
            /// The version of the declaration that it speaks of.
            declaration_version: Text<16>,
            /// When the declaration was accepted.
            accepted_at: Timestamp,
            /// The day on which it was, where customs says no more.
            accepted_on: Date,
            /// When what it speaks of was decided: a rejection, a control, an amendment.
            decided_at: Timestamp,
            /// The day on which it was, where customs says no more: of a release, a write-off, a recovery.
            decided_on: Date,
            /// When the declaration, or the request that is answered, was submitted.
            submitted_at: Timestamp,
            /// What a request asked for, where it is the outcome of one.
            request: Code,
            /// Whether the request was granted.
            granted: bool,
            /// Why customs decided so.
            reason: Code,
            /// Why, in words.
            reason_text: Text<512>,
            /// How much is claimed.
            amount: Money,
            /// How customs has entered the declaration (ICS of the United Kingdom): accepted, controlled, cleared.
            entry_status: Code,
            /// Which control the declaration is routed to (ROE).
            route_of_entry: Code,
            /// How far its goods have come (SOE).
            status_of_entry: Code,
            /// Whether the declaration was lodged before its goods came.
            prelodged: bool,
            /// The unique consignment reference that it speaks of (DE 2/4): of a declaration, or of a consolidation.
            ucr: Text<35>,
            /// The part of the declaration.
            ucr_part: Text<4>,
            /// The consolidation that the consignment is part of.
            master_ucr: Text<35>,
            /// The declarations that are in it.
            declaration_count: u32,
            /// Where the goods are, as customs codes it.
            goods_location: Text<35>,
            /// When the goods arrived.
            arrived_at: Timestamp,
            /// When the goods were released.
            released_at: Timestamp,
            /// When the goods left the territory.
            exited_at: Timestamp,
            /// When nothing was left to do.
            finalised_at: Timestamp,
            /// What was declared of the consignment, where customs repeats it to whoever receives it.
            consignment: DeclaredConsignment,
        }
        lists {
            /// The goods that it counts.
            goods: StatusGoods, at most 999;
            /// The customs offices that take part.
            offices: CustomsOffice, at most 99;
            /// The parties that are told.
            parties: Party, at most 16;
            /// What customs controls, has controlled, or does before the goods arrive.
            controls: CustomsControl, at most 999;
            /// Guarantees that are not valid.
            guarantee_faults: GuaranteeFault, at most 999;
            /// What happened on the way.
            incidents: Incident, at most 9;
            /// Why it was rejected.
            errors: CustomsError, at most 9999;
            /// What customs wants.
            requests: CustomsRequest, at most 99;
        }
    }
}
