//! The parties of a transaction.

use serde::{Deserialize, Serialize};

use crate::code::{Code, Country};
use crate::text::Text;

/// The part that a party plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum PartyRole {
    /// Who exports.
    Exporter,
    /// Who imports.
    Importer,
    /// Who sells.
    Seller,
    /// Who buys.
    Buyer,
    /// Who hands the goods over.
    Consignor,
    /// Who receives the goods.
    Consignee,
    /// Who declares.
    Declarant,
    /// Who declares for another.
    Representative,
    /// Who carries.
    Carrier,
    /// Who is told.
    Notify,
    /// Who brokers.
    Broker,
    /// Where the goods are fetched.
    ShipFrom,
    /// Where the goods are brought.
    ShipTo,
    /// Who pays the invoice.
    BillTo,
    /// Who is paid, where that is not the seller.
    Payee,
    /// Who pays the freight.
    FreightPayer,
    /// Who arranges the carriage.
    Forwarder,
    /// Who keeps goods for others.
    Warehouse,
    /// Whose goods a warehouse keeps.
    Depositor,
    /// Who made the goods.
    Manufacturer,
    /// Who answers for the tax of another.
    TaxRepresentative,
    /// Whose procedure a transit is.
    HolderOfTransitProcedure,
    /// Who stands surety.
    Guarantor,
    /// Who sends a declaration.
    Submitter,
    /// Who pays customs.
    Payer,
    /// Another one, which the partner's code says.
    Other,
}

record! {
    /// A postal address.
    Address {
        optional {
            /// The city.
            city: Text<128>,
            /// The state, province or region.
            region: Text<128>,
            /// The postal code.
            postcode: Text<32>,
            /// The country.
            country: Country,
        }
        lists {
            /// Street and house, from the outermost line inwards.
            lines: Text<256>, at most 8;
        }
    }
}

record! {
    /// A name of a party in some scheme.
    PartyId {
        required {
            /// `EORI`, `GLN`, `DUNS`, `VAT`, `TIN`, `SCAC`, `SMDG`, or the partner's own.
            scheme: Text<32>,
            /// The identifier.
            value: Text<64>,
        }
    }
}

record! {
    /// A party with what is known of it.
    Party {
        required {
            /// The part it plays.
            role: PartyRole,
        }
        optional {
            /// Its name.
            name: Text<256>,
            /// Its address.
            address: Address,
            /// For a representative: `2` direct, `3` indirect (DE 3/21).
            representation_status: Text<4>,
            /// How it is reached: a person, or whatever the partner says in one text.
            contact: Text<256>,
            /// The name it trades under, where that is another one.
            trading_name: Text<256>,
            /// What the law wants said of it: its legal form, its capital, its register.
            legal_information: Text<1024>,
            /// Its telephone number.
            phone: Text<64>,
            /// Its address for electronic mail.
            email: Text<256>,
            /// The part it plays, in the partner's code.
            role_code: Code,
        }
        lists {
            /// Its identifiers.
            ids: PartyId, at most 16;
        }
    }
}
