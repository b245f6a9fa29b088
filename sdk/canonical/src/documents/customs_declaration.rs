//! A customs declaration (WCO Data Model 3; "DE" numbers are the UK CDS data elements).

use serde::{Deserialize, Serialize};

use crate::{
    AdditionalInformation, Address, Code, Country, CustomsOffice, Date, Decimal, Guarantee, HouseConsignment, HsCode,
    Incoterm, Invalidation, Location, MeansOfTransport, Money, Package, Party, Quantity, SupplyChainActor, Text,
    Timestamp, TransportEquipment, TransportMode,
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
    /// An account that duty is deferred to.
    Deferment {
        required {
            /// Method of payment.
            method: Text<4>,
        }
        optional {
            /// The account.
            account: Text<32>,
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
    /// One reckoned duty or tax (DE 4/3 to 4/8).
    TaxLine {
        required {
            /// The tax, such as `A00`.
            r#type: Text<4>,
        }
        optional {
            /// What it is reckoned on.
            base: Money,
            /// The rate in percent.
            rate: Decimal,
            /// The outcome.
            amount: Money,
            /// Method of payment.
            payment_method: Text<4>,
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
        }
        lists {
            /// Its parties, where they are not those of the whole.
            parties: Party, at most 16;
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
