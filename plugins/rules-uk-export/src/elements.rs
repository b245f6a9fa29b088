//! UK15, UK16 for exports: the data elements of B1, B2, C1 and C21e (CDS Volume 3, appendices 22 and 23).

use portgate_cds::Category::{B1, B2, C1, C21Export};
use portgate_cds::{Category, Declared, HeaderElement, ItemElement, forbid, require};
use portgate_sdk::Judge;
use portgate_sdk::canonical::{CustomsDeclaration, OfficeRole, PartyRole, TransportMode};

const ALL: &[Category] = &[B1, B2, C1, C21Export];
const FULL: &[Category] = &[B1, B2];
const FULL_OR_SIMPLIFIED: &[Category] = &[B1, B2, C1];

const HEADER: &[HeaderElement] = &[
    HeaderElement {
        name: "number of items (DE 1/9)",
        field: "/itemCount",
        of: ALL,
        is_there: |says| says.item_count.is_some(),
    },
    HeaderElement {
        name: "previous document (DE 2/1)",
        field: "/previousDocuments",
        of: ALL,
        is_there: |says| {
            !says.previous_documents.is_empty() || says.items.iter().all(|item| !item.previous_documents.is_empty())
        },
    },
    HeaderElement {
        name: "location of the goods (DE 5/23)",
        field: "/locationOfGoods",
        of: ALL,
        is_there: |says| says.location_of_goods.is_some(),
    },
    HeaderElement {
        name: "customs office of exit (DE 5/12)",
        field: "/offices",
        of: FULL_OR_SIMPLIFIED,
        is_there: |says| says.offices.iter().any(|office| office.role == OfficeRole::Exit),
    },
    HeaderElement {
        name: "party that exports (DE 3/1, 3/2)",
        field: "/parties",
        of: FULL_OR_SIMPLIFIED,
        is_there: |says| has_party(says, PartyRole::Exporter),
    },
    HeaderElement {
        name: "party that receives the goods (DE 3/9, 3/10)",
        field: "/parties",
        of: FULL,
        is_there: |says| has_party(says, PartyRole::Consignee),
    },
    HeaderElement {
        name: "number of packages (DE 6/18)",
        field: "/totalPackages",
        of: FULL_OR_SIMPLIFIED,
        is_there: |says| says.total_packages.is_some(),
    },
    HeaderElement {
        name: "word on whether the goods are in containers (DE 7/2)",
        field: "/containerised",
        of: FULL,
        is_there: |says| says.containerised.is_some(),
    },
    HeaderElement {
        name: "mode of transport at the border (DE 7/4)",
        field: "/borderMode",
        of: FULL,
        is_there: |says| says.border_mode.is_some() || says.border_mode_code.is_some(),
    },
    HeaderElement {
        name: "nationality of the means of transport at the border (DE 7/15)",
        field: "/borderNationality",
        of: FULL,
        is_there: |says| {
            let needs_none = [TransportMode::Rail, TransportMode::Mail, TransportMode::Fixed];
            says.border_nationality.is_some() || says.border_mode.is_some_and(|mode| needs_none.contains(&mode))
        },
    },
];

const ITEMS: &[ItemElement] = &[
    ItemElement {
        name: "commodity code (DE 6/14)",
        field: "/classification",
        of: FULL_OR_SIMPLIFIED,
        is_there: |_, item| item.classification.is_some(),
    },
    ItemElement {
        name: "description (DE 6/8)",
        field: "/description",
        of: FULL_OR_SIMPLIFIED,
        is_there: |_, item| item.description.is_some(),
    },
    ItemElement {
        name: "gross mass (DE 6/5)",
        field: "/grossKg",
        of: FULL_OR_SIMPLIFIED,
        is_there: |_, item| item.gross_kg.is_some(),
    },
    ItemElement { name: "net mass (DE 6/1)", field: "/netKg", of: FULL, is_there: |_, item| item.net_kg.is_some() },
    ItemElement {
        name: "statistical value (DE 8/6)",
        field: "/statisticalValue",
        of: FULL,
        is_there: |_, item| item.statistical_value.is_some(),
    },
    ItemElement {
        name: "nature of transaction (DE 8/5)",
        field: "/transactionNature",
        of: FULL,
        is_there: |says, item| item.transaction_nature.is_some() || says.transaction_nature.is_some(),
    },
    ItemElement {
        name: "package (DE 6/9, 6/10)",
        field: "/packages",
        of: FULL_OR_SIMPLIFIED,
        is_there: |_, item| !item.packages.is_empty(),
    },
    ItemElement {
        name: "country of destination (DE 5/8)",
        field: "/destinationCountry",
        of: FULL_OR_SIMPLIFIED,
        is_there: |says, item| item.destination_country.is_some() || says.destination_country.is_some(),
    },
    ItemElement {
        name: "country of dispatch (DE 5/14)",
        field: "/dispatchCountry",
        of: FULL,
        is_there: |says, item| item.dispatch_country.is_some() || says.dispatch_country.is_some(),
    },
];

/// What is for imports alone.
const NOT_THERE: &[ItemElement] = &[
    ItemElement {
        name: "preference (DE 4/17)",
        field: "/preference",
        of: ALL,
        is_there: |_, item| item.preference.is_some(),
    },
    ItemElement {
        name: "valuation method (DE 4/16)",
        field: "/valuationMethod",
        of: ALL,
        is_there: |_, item| item.valuation_method.is_some(),
    },
    ItemElement {
        name: "set of valuation indicators (DE 4/13)",
        field: "/valuationIndicators",
        of: ALL,
        is_there: |_, item| item.valuation_indicators.is_some(),
    },
];

pub(crate) fn judge(declared: &Declared, judge: &mut Judge) {
    require(declared, HEADER, ITEMS, judge);
    forbid(declared, NOT_THERE, judge);
}

fn has_party(says: &CustomsDeclaration, role: PartyRole) -> bool {
    let of_items = says.items.iter().flat_map(|item| &item.parties);
    says.parties.iter().chain(of_items).any(|party| party.role == role)
}
