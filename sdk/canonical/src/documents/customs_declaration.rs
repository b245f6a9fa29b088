//! A customs declaration (WCO Data Model 3; "DE" numbers are the UK CDS data elements).

use serde::{Deserialize, Serialize};

use crate::{Code, Country, Decimal, HsCode, Incoterm, Money, Package, Party, Quantity, Text, TransportMode};

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
    /// Where the goods can be examined (DE 5/23).
    GoodsLocation {
        required {
            /// The location's code.
            code: Text<64>,
        }
        optional {
            /// Its type.
            r#type: Text<4>,
            /// What the code is.
            qualifier: Text<4>,
            /// Its country.
            country: Country,
        }
    }
}

record! {
    /// A document that went before (DE 2/1).
    PreviousDocument {
        required {
            /// Its type, such as `DCR` for a DUCR.
            r#type: Text<8>,
            /// Its reference.
            id: Text<64>,
        }
        optional {
            /// Its category.
            category: Text<4>,
            /// The line of it.
            line: u32,
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
            id: Text<64>,
            /// Its status.
            status: Text<4>,
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
            /// The item's number, from 1 (DE 1/6).
            no: u32,
            /// What it is (DE 6/8).
            description: Text<512>,
        }
        optional {
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
            /// Supplementary units (DE 6/2).
            supplementary_units: Quantity,
        }
        lists {
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
        }
        lists {
            /// Declarant, representative, importer, exporter, …
            parties: Party, at most 16;
            /// Authorisations.
            authorisations: Authorisation, at most 99;
            /// Deferment accounts.
            deferment: Deferment, at most 9;
            /// Container numbers (DE 7/10).
            equipment: Text<17>, at most 999;
            /// Previous documents.
            previous_documents: PreviousDocument, at most 99;
            /// The goods items.
            items: DeclarationItem, at most 999;
        }
    }
}
