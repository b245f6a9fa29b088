//! UK15, UK16 for imports: the data elements of H1 to H4, H7, I1 and C21i (CDS Volume 3, appendices 21 and 23).
//!
//! Here are those that a category has whatever the case, as far as another rule does not ask for them already: origin (R09), terms
//! of delivery (R11) and proofs (R10, R19) are the core pack's.

use portgate_cds::Category::{C21Import, H1, H2, H3, H4, H7, I1};
use portgate_cds::{
    Category, Declared, HeaderElement, ItemElement, forbid, previous, procedure_of, requested, require,
};
use portgate_sdk::Judge;
use portgate_sdk::canonical::{CustomsDeclaration, DeclarationItem, OfficeRole, PartyRole, TransportMode};

const ALL: &[Category] = &[H1, H2, H3, H4, H7, I1, C21Import];
const FULL: &[Category] = &[H1, H2, H3, H4];
const VALUED: &[Category] = &[H1, H3, H4];
const FULL_OR_SIMPLIFIED: &[Category] = &[H1, H2, H3, H4, I1];

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
        name: "party that imports (DE 3/15, 3/16)",
        field: "/parties",
        of: ALL,
        is_there: |says| has_party(says, PartyRole::Importer),
    },
    HeaderElement {
        name: "party that exports (DE 3/1, 3/2)",
        field: "/parties",
        of: &[H1, H3, H4, I1],
        is_there: |says| has_party(says, PartyRole::Exporter),
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
            says.border_nationality.is_some()
                || is_one_of(says, &[TransportMode::Rail, TransportMode::Mail, TransportMode::Fixed])
        },
    },
    HeaderElement {
        name: "means of transport on arrival (DE 7/9)",
        field: "/arrivalMeansId",
        of: FULL,
        is_there: |says| {
            says.arrival_means_id.is_some() || is_one_of(says, &[TransportMode::Mail, TransportMode::Fixed])
        },
    },
    HeaderElement {
        name: "supervising customs office (DE 5/27), which its procedure asks for",
        field: "/offices",
        of: FULL,
        is_there: |says| {
            let is_special = |item: &DeclarationItem| {
                matches!(requested(says, item), Some("51" | "53" | "71")) || previous(says, item) == Some("71")
            };
            !says.items.iter().any(is_special)
                || says.offices.iter().any(|office| office.role == OfficeRole::Supervising)
        },
    },
];

const ITEMS: &[ItemElement] = &[
    ItemElement {
        name: "commodity code (DE 6/14)",
        field: "/classification",
        of: ALL,
        is_there: |_, item| item.classification.is_some(),
    },
    ItemElement {
        name: "description (DE 6/8)",
        field: "/description",
        of: &[H1, H2, H3, H4, H7, I1],
        is_there: |_, item| item.description.is_some(),
    },
    ItemElement {
        name: "gross mass (DE 6/5)",
        field: "/grossKg",
        of: &[H1, H2, H3, H4, H7, I1],
        is_there: |_, item| item.gross_kg.is_some(),
    },
    ItemElement { name: "net mass (DE 6/1)", field: "/netKg", of: FULL, is_there: |_, item| item.net_kg.is_some() },
    ItemElement {
        name: "package (DE 6/9, 6/10)",
        field: "/packages",
        of: FULL_OR_SIMPLIFIED,
        is_there: |_, item| !item.packages.is_empty(),
    },
    ItemElement {
        name: "country of dispatch (DE 5/14)",
        field: "/dispatchCountry",
        of: FULL_OR_SIMPLIFIED,
        is_there: |says, item| item.dispatch_country.is_some() || says.dispatch_country.is_some(),
    },
    ItemElement {
        name: "country of destination (DE 5/8)",
        field: "/destinationCountry",
        of: FULL,
        is_there: |says, item| item.destination_country.is_some() || says.destination_country.is_some(),
    },
    ItemElement {
        name: "nature of transaction (DE 8/5)",
        field: "/transactionNature",
        of: &[H1, H2, H4],
        is_there: |says, item| item.transaction_nature.is_some() || says.transaction_nature.is_some(),
    },
    ItemElement { name: "price (DE 4/14)", field: "/price", of: VALUED, is_there: |_, item| item.price.is_some() },
    ItemElement {
        name: "valuation method (DE 4/16)",
        field: "/valuationMethod",
        of: VALUED,
        is_there: |_, item| item.valuation_method.is_some(),
    },
    ItemElement {
        name: "set of valuation indicators (DE 4/13), which method 1 has",
        field: "/valuationIndicators",
        of: &[H1],
        is_there: |_, item| {
            item.valuation_indicators.is_some() || item.valuation_method.as_deref().is_none_or(|method| method != "1")
        },
    },
    ItemElement {
        name: "preference (DE 4/17)",
        field: "/preference",
        of: &[H1],
        is_there: |says, item| {
            // What comes back from processing or after an export pays by another measure.
            item.preference.is_some()
                || procedure_of(says, item).is_some_and(|procedure| procedure.code.starts_with('6'))
        },
    },
];

/// What a category does not have.
const NOT_THERE: &[ItemElement] = &[
    ItemElement {
        name: "preference (DE 4/17)",
        field: "/preference",
        of: &[C21Import],
        is_there: |_, item| item.preference.is_some(),
    },
    ItemElement {
        name: "valuation method (DE 4/16)",
        field: "/valuationMethod",
        of: &[C21Import],
        is_there: |_, item| item.valuation_method.is_some(),
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

fn is_one_of(says: &CustomsDeclaration, modes: &[TransportMode]) -> bool {
    says.border_mode.is_some_and(|mode| modes.contains(&mode))
}
