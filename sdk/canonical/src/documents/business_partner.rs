//! A business partner: a company or a person that is dealt with, as a system of record knows it (UBL Party, SAP business
//! partner).

use serde::{Deserialize, Serialize};

use crate::{Address, Code, Country, Date, PartyId, Text};

/// What a partner is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum PartnerCategory {
    /// One human being.
    Person,
    /// A company or an authority.
    Organisation,
    /// Several that act as one, such as a couple.
    Group,
}

record! {
    /// A number under which a tax authority knows the partner.
    TaxNumber {
        required {
            /// What kind of number it is: `VAT`, `TIN`, or its system's own word, such as `DE1`.
            scheme: Text<32>,
            /// The number.
            value: Text<64>,
        }
        optional {
            /// Whose authority gave it.
            country: Country,
        }
    }
}

record! {
    /// One of a partner's addresses.
    PartnerAddress {
        required {
            /// Where it is.
            address: Address,
        }
        optional {
            /// Its number in its system.
            number: Text<64>,
            /// The name that is written there, where it is another one than the partner's.
            name: Text<256>,
            /// A telephone number there.
            phone: Text<64>,
            /// An address for electronic mail there.
            email: Text<256>,
            /// The first day on which it holds.
            valid_from: Date,
            /// The last day on which it holds.
            valid_to: Date,
        }
        lists {
            /// What it is for, in its system's codes: the standard one, for goods, for invoices.
            usages: Code, at most 16;
        }
    }
}

record! {
    /// A part that the partner plays for its system, such as customer or supplier.
    PartnerRole {
        required {
            /// Which one, in its system's code.
            role: Code,
        }
        optional {
            /// The first day on which it holds.
            valid_from: Date,
            /// The last day on which it holds.
            valid_to: Date,
        }
    }
}

record! {
    /// What must not be done with the partner.
    PartnerBlock {
        required {
            /// What is blocked: `all`, `order`, `delivery`, `billing`, `posting`, `purchasing`, `payment`.
            scope: Text<32>,
        }
        optional {
            /// Why, in its system's code.
            reason: Code,
            /// The part of its system that it holds for, such as a company code; for all where it is left out.
            organisation: Text<64>,
        }
    }
}

document! {
    /// A business partner.
    BusinessPartner = "business-partner" {
        required {
            /// The number that its system knows it by.
            partner_number: Text<64>,
            /// Its full name.
            name: Text<256>,
        }
        optional {
            /// Further lines of its name, or what else it is called.
            trade_name: Text<256>,
            /// What it is.
            category: PartnerCategory,
            /// The language it is written to in: ISO 639-1, or what its system calls it.
            language: Text<8>,
            /// Where it has its seat.
            country: Country,
            /// How its system groups it.
            group: Code,
            /// When it was set up.
            created_on: Date,
            /// Whether it is only kept for the records and is to be deleted.
            to_be_deleted: bool,
        }
        lists {
            /// Its identifiers, by public schemes (`GLN`, `DUNS`, `EORI`) or its system's own.
            ids: PartyId, at most 64;
            /// Its tax numbers.
            tax_numbers: TaxNumber, at most 32;
            /// Its addresses.
            addresses: PartnerAddress, at most 64;
            /// The parts it plays.
            roles: PartnerRole, at most 64;
            /// What must not be done with it; where there is none, nothing is blocked.
            blocks: PartnerBlock, at most 64;
            /// How its system classes it, and what else it says that has no field here, each value under the name that it has
            /// there.
            classifications: Code, at most 500;
        }
    }
}
