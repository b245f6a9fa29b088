//! A customs declaration (WCO Data Model 3; "DE" numbers are the UK CDS data elements).

use serde::{Deserialize, Serialize};

use crate::{
    AdditionalInformation, Address, Code, Country, Currency, CustomsOffice, Date, Decimal, Guarantee, HouseConsignment,
    HsCode, Incoterm, Invalidation, Location, MeansOfTransport, Money, Package, Party, Quantity, SupplyChainActor,
    Text, Timestamp, TransportEquipment, TransportMode,
};

/// What kind of customs procedure a declaration is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Regime {
    /// Into the territory.
    Import,
    /// Out of it.
    Export,
    /// Through it.
    Transit,
    /// An entry summary declaration.
    EntrySummary,
    /// It does not say, as a request to amend or to cancel does not, or in a type code that is not known.
    Unmapped,
}

record! {
    /// Procedure codes.
    Procedure {
        required {
            /// Requested and previous procedure (DE 1/10), such as `4000`.
            code: Text<8>,
        }
        lists {
            /// Additional procedures (DE 1/11).
            additional: Text<8>, at most 99;
        }
    }
}

record! {
    /// An authorisation that the declaration rests on.
    Authorisation {
        required {
            /// Its type.
            r#type: Text<16>,
        }
        optional {
            /// The holder's EORI.
            holder_eori: Text<17>,
            /// Its reference.
            reference: Text<64>,
        }
    }
}

record! {
    /// An account that duty is deferred to (DE 2/6).
    Deferment {
        optional {
            /// Method of payment.
            method: Text<4>,
            /// The account.
            account: Text<70>,
            /// Whose account it is, and what it is charged with, such as `1`.
            category: Text<4>,
            /// What the account is, such as `DAN`.
            r#type: Text<4>,
        }
    }
}

record! {
    /// Where the goods can be examined (DE 5/23, 16 15).
    GoodsLocation {
        required {
            /// The location's code: an authorisation, a UN/LOCODE, an office, a trader's EORI. Where customs is given an address
            /// instead, its postal code or city.
            code: Text<64>,
        }
        optional {
            /// Its type.
            r#type: Text<4>,
            /// What the code is.
            qualifier: Text<4>,
            /// Its country.
            country: Country,
            /// Its identifier, such as the number of a warehouse, where it has one beside its code or instead of it; the code is the
            /// same then.
            id: Text<35>,
            /// A more exact place within it (16 15 053).
            additional_id: Text<8>,
            /// Its address.
            address: Address,
            /// Its latitude in degrees (16 15 048).
            latitude: Text<24>,
            /// Its longitude in degrees (16 15 049).
            longitude: Text<24>,
            /// Whom to ask there.
            contact: Text<256>,
            /// The telephone number of that person.
            phone: Text<64>,
            /// The address for electronic mail of that person.
            email: Text<256>,
        }
    }
}

record! {
    /// A document that went before (DE 2/1, 12 01).
    PreviousDocument {
        required {
            /// Its type, such as `DCR` for a DUCR.
            r#type: Text<8>,
            /// Its reference.
            id: Text<70>,
        }
        optional {
            /// Its category.
            category: Text<4>,
            /// The line of it.
            line: u32,
            /// The kind of packages of it that are taken (12 01 003).
            package_type: Text<4>,
            /// How many of them (12 01 004).
            package_count: u32,
            /// How much of it is taken (12 01 006).
            quantity: Decimal,
            /// The unit of that (12 01 005).
            quantity_unit: Text<8>,
            /// What is to be said beside (12 01 079).
            information: Text<64>,
        }
    }
}

record! {
    /// So much of a unit as customs has it, beside UNECE Recommendation 20 with a qualifier: `KGM#G`.
    DeclaredQuantity {
        required {
            /// How much.
            value: Decimal,
        }
        optional {
            /// The unit. Where it is left out, the tariff says it.
            unit: Text<8>,
        }
    }
}

record! {
    /// A document, licence or certificate (DE 2/3).
    CustomsDocument {
        required {
            /// Category and type, such as `N935`.
            r#type: Text<8>,
        }
        optional {
            /// Its reference.
            id: Text<70>,
            /// Its status.
            status: Text<4>,
            /// The line of it (12 03 013).
            line: u32,
            /// What is to be said beside (12 03 079).
            information: Text<64>,
            /// The reason for its status, or its name.
            reason: Text<35>,
            /// The day that it is valid until.
            valid_until: Date,
            /// The authority that issued it.
            issuer: Text<70>,
            /// What part that authority plays.
            issuer_role: Text<4>,
            /// How much of what it allows is used here.
            write_off_quantity: DeclaredQuantity,
            /// How much of its value is used here.
            write_off_amount: Money,
        }
    }
}

record! {
    /// The parts of a commodity code.
    TariffClassification {
        required {
            /// Combined Nomenclature (DE 6/14), 6 to 8 digits, or more where the sender put all digits here.
            commodity: HsCode,
        }
        optional {
            /// TARIC digits (DE 6/15).
            taric: Text<4>,
        }
        lists {
            /// TARIC additional codes (DE 6/16).
            taric_additional: Text<8>, at most 99;
            /// National additional codes (DE 6/17).
            national_additional: Text<8>, at most 99;
        }
    }
}

record! {
    /// An addition to the customs value or a deduction from it (DE 4/9).
    ValuationAdjustment {
        required {
            /// Its code, such as `AK` for freight.
            code: Text<4>,
            /// How much; negative for a deduction.
            amount: Money,
        }
    }
}

record! {
    /// One reckoned duty or tax (DE 4/3 to 4/8), with what is claimed for it.
    TaxLine {
        optional {
            /// The tax, such as `A00`. What is claimed for all of them names none.
            r#type: Text<4>,
            /// What it is reckoned on (DE 4/4).
            base: Money,
            /// What it is reckoned on, by measure (DE 4/4).
            base_quantity: DeclaredQuantity,
            /// The rate in percent (DE 4/5).
            rate: Decimal,
            /// The outcome (DE 4/6).
            amount: Money,
            /// What of it is to be paid (DE 4/7).
            payable: Money,
            /// What is taken off.
            deduction: Money,
            /// Method of payment (DE 4/8).
            payment_method: Text<4>,
            /// The preference that is claimed with it (DE 4/17); the item's own is the first of them.
            preference: Text<4>,
            /// The order number of the quota that is claimed with it (DE 8/1).
            quota: Text<17>,
        }
    }
}

record! {
    /// Where a statement or an amendment points: one step, from the outermost inwards.
    DeclarationPointer {
        optional {
            /// The section, as WCO numbers it: `42A` is the declaration.
            section: Text<4>,
            /// Which of them, from 1.
            sequence: u32,
            /// The element in it, by its number.
            tag: Text<8>,
        }
    }
}

record! {
    /// What a request to amend or to cancel says in words, and of what.
    DeclarationStatement {
        optional {
            /// Its code.
            code: Text<17>,
            /// In words.
            text: Text<512>,
            /// What kind of statement it is, such as `AES`.
            r#type: Text<4>,
        }
        lists {
            /// What it is about.
            pointers: DeclarationPointer, at most 99;
        }
    }
}

record! {
    /// One thing that is amended, or the reason why a declaration is to be cancelled.
    Amendment {
        optional {
            /// Why.
            reason: Text<4>,
            /// What, as a JSON Pointer (RFC 6901) into this declaration, or into the one that it amends where it is not there any more.
            field: Text<512>,
        }
        lists {
            /// What, as customs numbers it.
            pointers: DeclarationPointer, at most 99;
        }
    }
}

record! {
    /// Who answers for a tax, by the code of its part and its number for that tax (DE 3/40).
    FiscalReference {
        required {
            /// The part, such as `FR1`.
            role: Text<4>,
            /// The number.
            id: Text<17>,
        }
    }
}

record! {
    /// A customs warehouse or another facility for storage (DE 2/7).
    CustomsWarehouse {
        optional {
            /// Its type.
            r#type: Text<4>,
            /// Its identifier.
            id: Text<35>,
        }
    }
}

record! {
    /// A rate of exchange that was agreed on (DE 4/15).
    DeclaredExchangeRate {
        optional {
            /// The currency.
            currency: Currency,
            /// The rate, as customs has it.
            rate: Decimal,
        }
    }
}

record! {
    /// What is said of the terms of delivery beside the Incoterm and its place (DE 4/1).
    TradeTerms {
        optional {
            /// The code, where it is no Incoterm.
            code: Text<4>,
            /// The place, where the code is no Incoterm.
            place: Location,
            /// In words.
            description: Text<70>,
            /// How the countries stand to each other.
            country_relationship: Text<4>,
        }
    }
}

record! {
    /// One goods item.
    DeclarationItem {
        required {
            /// The item's number, from 1 (DE 1/6, 11 03).
            no: u32,
        }
        optional {
            /// What it is (DE 6/8); an entry summary may leave it to the commodity code.
            description: Text<512>,
            /// The house consignment that it is in, by its number.
            house: u32,
            /// Its number within that (11 04).
            no_in_house: u32,
            /// Declaration type of the item alone (DE 1/3, 11 01).
            type_code: Text<8>,
            /// Country of dispatch (DE 5/14, 16 06).
            dispatch_country: Country,
            /// Country of destination (DE 5/8, 16 03).
            destination_country: Country,
            /// Unique consignment reference (DE 2/4, 12 08).
            ucr: Text<70>,
            /// How its carriage is paid (DE 4/2, 14 02).
            transport_charges: Text<4>,
            /// Where it is loaded (DE 5/21).
            place_of_loading: Location,
            /// Where it is unloaded (DE 5/22).
            place_of_unloading: Location,
            /// Number in the inventory of chemical substances (DE 6/13, 18 08).
            cus_code: Text<9>,
            /// Its commodity code.
            classification: TariffClassification,
            /// Non-preferential origin (DE 5/15).
            origin: Country,
            /// Preferential origin (DE 5/16): a country or a group of countries.
            preferential_origin: Text<4>,
            /// The preference claimed (DE 4/17).
            preference: Text<4>,
            /// Procedure.
            procedure: Procedure,
            /// Valuation method (DE 4/16).
            valuation_method: Text<2>,
            /// Valuation indicators (DE 4/13).
            valuation_indicators: Text<8>,
            /// Its price (DE 4/14).
            price: Money,
            /// Statistical value (DE 8/6).
            statistical_value: Money,
            /// Gross weight in kilograms (DE 6/5).
            gross_kg: Decimal,
            /// Net weight in kilograms (DE 6/1).
            net_kg: Decimal,
            /// Supplementary units (DE 6/2); the unit is `ZZ` where the declaration leaves it to the tariff.
            supplementary_units: Quantity,
            /// Customs value.
            customs_value: Money,
            /// Nature of transaction (DE 8/5), where it is not that of the whole.
            transaction_nature: Text<2>,
            /// Region of origin.
            origin_region: Text<9>,
            /// Region of destination (DE 5/9), where it is not that of the whole.
            destination_region: Text<9>,
            /// The trader's own reference (DE 2/4), likewise.
            trader_reference: Text<35>,
        }
        lists {
            /// Its parties, where they are not those of the whole.
            parties: Party, at most 16;
            /// Who consigns it by the contract of carriage, as the safety data of an export say.
            carriage_parties: Party, at most 16;
            /// Additional fiscal references (DE 3/40).
            fiscal_references: FiscalReference, at most 99;
            /// Others in the supply chain (DE 3/37).
            actors: SupplyChainActor, at most 99;
            /// UN numbers of dangerous goods (DE 6/12, 18 07).
            dangerous_goods: Text<4>, at most 99;
            /// Containers that it is in (DE 7/10).
            equipment: Text<17>, at most 99;
            /// The means of transport at the border, where they are not those of the whole (DE 7/14).
            border_means: MeansOfTransport, at most 999;
            /// Previous documents (DE 2/1).
            previous_documents: PreviousDocument, at most 99;
            /// Transport documents (12 05).
            transport_documents: CustomsDocument, at most 99;
            /// Additional references (12 04).
            additional_references: CustomsDocument, at most 99;
            /// Additional information (DE 2/2).
            additional_information: AdditionalInformation, at most 99;
            /// Additions and deductions.
            adjustments: ValuationAdjustment, at most 99;
            /// Packages (DE 6/9 to 6/11).
            packages: Package, at most 99;
            /// Documents (DE 2/3).
            documents: CustomsDocument, at most 99;
            /// Duties and taxes.
            tax_lines: TaxLine, at most 99;
            /// Which of its fields nobody has stated of it, such as `grossKg`: a total was apportioned, or what one piece weighs
            /// was multiplied. A person may want to look; customs is told the field alone.
            reckoned: Text<32>, at most 16;
        }
    }
}

document! {
    /// A customs declaration in one version.
    CustomsDeclaration = "customs-declaration" {
        required {
            /// Local reference number (DE 2/5).
            lrn: Text<35>,
            /// The country or territory whose customs is addressed.
            jurisdiction: Text<8>,
            /// The kind of procedure.
            regime: Regime,
        }
        optional {
            /// Movement reference number, once there is one.
            mrn: Text<35>,
            /// 9 original, 13 amendment, …
            function_code: Code,
            /// Declaration type (DE 1/1, 1/2), such as `IMA`.
            type_code: Text<8>,
            /// Procedure of the whole.
            procedure: Procedure,
            /// Where the goods are.
            location_of_goods: GoodsLocation,
            /// Sum of the invoices.
            invoice_total: Money,
            /// Packages in all (DE 6/18).
            total_packages: u32,
            /// Items in all (DE 1/9).
            item_count: u32,
            /// Gross weight in all, in kilograms.
            total_gross_kg: Decimal,
            /// Mode at the border (DE 7/4).
            border_mode: TransportMode,
            /// Nationality of the means at the border (DE 7/15).
            border_nationality: Country,
            /// The means of transport on arrival (DE 7/9).
            arrival_means_id: Text<35>,
            /// What kind of identifier that is.
            arrival_means_type: Text<4>,
            /// Whether the goods are in containers (DE 7/2).
            containerised: bool,
            /// Country of dispatch (DE 5/14).
            dispatch_country: Country,
            /// Country of destination (DE 5/8).
            destination_country: Country,
            /// Terms of delivery (DE 4/1).
            incoterm: Incoterm,
            /// What is said of them beside that.
            trade_terms: TradeTerms,
            /// When it was accepted, or is to count as accepted (DE 5/31).
            accepted_at: Timestamp,
            /// When the goods leave the territory.
            exit_at: Timestamp,
            /// Loading lists (DE 1/8).
            loading_lists: u32,
            /// The signature (DE 1/12).
            authentication: Text<256>,
            /// Who signed.
            authenticator: Text<70>,
            /// Nature of transaction (DE 8/5).
            transaction_nature: Text<2>,
            /// Freight for all items.
            freight: Money,
            /// Region of destination (DE 5/9).
            destination_region: Text<9>,
            /// The trader's own reference (DE 2/4).
            trader_reference: Text<35>,
            /// Number of the invoice.
            invoice_number: Text<70>,
            /// Day of the invoice.
            invoice_date: Date,
            /// The warehouse (DE 2/7).
            warehouse: CustomsWarehouse,
            /// Additional declaration type (DE 1/2, 11 02), where it is not in `typeCode`: `A` now, `D` before presentation.
            additional_type_code: Text<4>,
            /// What security data it has (11 07): `0` none, `1` entry, `2` exit, `3` both.
            security: Text<4>,
            /// A specific circumstance (DE 1/7, 11 09 or ICS).
            specific_circumstance: Text<4>,
            /// Whether it has the reduced data set (11 10).
            reduced_dataset: bool,
            /// Whether the itinerary is binding.
            binding_itinerary: bool,
            /// The carnet of a TIR operation (12 07).
            tir_carnet: Text<16>,
            /// The language in which customs is to answer, ISO 639-1.
            language: Text<8>,
            /// The last day for the goods to reach their destination.
            limit_date: Date,
            /// When it was made, or amended.
            declared_at: Timestamp,
            /// Where it was made, or amended.
            declared_place: Text<64>,
            /// When the goods are presented (15 09).
            presentation_at: Timestamp,
            /// The day on which customs accepted it.
            accepted_on: Date,
            /// The day on which the goods were released.
            released_on: Date,
            /// Whether an amendment corrects nothing but the guarantee.
            guarantee_amendment: bool,
            /// A wish that it be invalidated.
            invalidation: Invalidation,
            /// Unique consignment reference (DE 2/4, 12 08).
            ucr: Text<70>,
            /// How the carriage is paid (DE 4/2, 14 02).
            transport_charges: Text<4>,
            /// Mode at the border where it is none of `borderMode`, as customs codes it (DE 7/4, 19 03).
            border_mode_code: Text<4>,
            /// Mode inland (DE 7/5, 19 04).
            inland_mode: TransportMode,
            /// Mode inland where it is none of `inlandMode`, as customs codes it.
            inland_mode_code: Text<4>,
            /// Where the goods are loaded (DE 5/21, 16 13).
            place_of_loading: Location,
            /// Where the goods are unloaded (DE 5/22, 16 14).
            place_of_unloading: Location,
        }
        lists {
            /// What a request to amend or to cancel says in words.
            statements: DeclarationStatement, at most 999;
            /// What it changes, where it amends another declaration.
            amendments: Amendment, at most 999;
            /// Carrier and consignor of the contract of carriage, as the safety data of an export say.
            carriage_parties: Party, at most 16;
            /// Additional fiscal references (DE 3/40).
            fiscal_references: FiscalReference, at most 99;
            /// Additions to the value of all items and deductions from it (DE 4/9).
            adjustments: ValuationAdjustment, at most 99;
            /// Rates of exchange that were agreed on (DE 4/15).
            exchange_rates: DeclaredExchangeRate, at most 99;
            /// The customs offices of the movement.
            offices: CustomsOffice, at most 256;
            /// Guarantees (DE 8/2, 99 02).
            guarantees: Guarantee, at most 9;
            /// The countries that the goods pass, in order (DE 5/18, 16 12).
            itinerary: Country, at most 99;
            /// The means of transport at departure (DE 7/7, 19 05).
            departure_means: MeansOfTransport, at most 999;
            /// The means of transport at the border (DE 7/14, 19 08).
            border_means: MeansOfTransport, at most 9;
            /// Containers and seals; `equipment` has the container numbers as well.
            transport_equipment: TransportEquipment, at most 9999;
            /// Others in the supply chain (DE 3/37).
            actors: SupplyChainActor, at most 99;
            /// Supporting documents (DE 2/3, 12 03).
            documents: CustomsDocument, at most 99;
            /// Transport documents (12 05).
            transport_documents: CustomsDocument, at most 99;
            /// Additional references (12 04).
            additional_references: CustomsDocument, at most 99;
            /// Additional information (DE 2/2, 12 02).
            additional_information: AdditionalInformation, at most 99;
            /// The house consignments of a transit.
            houses: HouseConsignment, at most 1999;
            /// Declarant, representative, importer, exporter, …
            parties: Party, at most 16;
            /// Authorisations.
            authorisations: Authorisation, at most 99;
            /// Deferment accounts.
            deferment: Deferment, at most 9;
            /// Container numbers (DE 7/10).
            equipment: Text<17>, at most 9999;
            /// Previous documents.
            previous_documents: PreviousDocument, at most 9999;
            /// The goods items.
            items: DeclarationItem, at most 9999;
        }
    }
}
