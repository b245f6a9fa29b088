//! UK15, UK16 for imports: the data elements of H1 to H4, H7, I1 and C21i (CDS Volume 3, appendices 21 and 23).
//!
//! Here are those that a category has whatever the case, as far as another rule does not ask for them already: origin (R09), terms
//! of delivery (R11) and proofs (R10, R19) are the core pack's.

use portgate_cds::Category::{C21Import, H1, H2, H3, H4, H7, I1};
use portgate_cds::{
    Category, Declared, HeaderElement, ItemElement, common, forbid, previous, procedure_of, requested, require,
};
use portgate_sdk::Judge;
use portgate_sdk::canonical::{CustomsDeclaration, DeclarationItem, OfficeRole, PartyRole, TransportMode};

const ALL: &[Category] = &[H1, H2, H3, H4, H7, I1, C21Import];
const FULL: &[Category] = &[H1, H2, H3, H4];
const VALUED: &[Category] = &[H1, H3, H4];
const FULL_OR_SIMPLIFIED: &[Category] = &[H1, H2, H3, H4, I1];

const HEADER: &[HeaderElement] = &[
    common::ITEM_COUNT.needed_by(ALL),
    common::PREVIOUS_DOCUMENTS.needed_by(ALL),
    common::LOCATION_OF_GOODS.needed_by(ALL),
    HeaderElement {
        name: "party that imports (DE 3/15, 3/16)",
        field: "/parties",
        of: ALL,
        is_there: |says| common::has_party(says, PartyRole::Importer),
    },
    common::EXPORTER.needed_by(&[H1, H3, H4, I1]),
    common::TOTAL_PACKAGES.needed_by(FULL_OR_SIMPLIFIED),
    common::CONTAINERISED.needed_by(FULL),
    common::BORDER_MODE.needed_by(FULL),
    common::BORDER_NATIONALITY.needed_by(FULL),
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
    common::COMMODITY.needed_by(ALL),
    common::DESCRIPTION.needed_by(&[H1, H2, H3, H4, H7, I1]),
    common::GROSS_MASS.needed_by(&[H1, H2, H3, H4, H7, I1]),
    common::NET_MASS.needed_by(FULL),
    common::PACKAGES.needed_by(FULL_OR_SIMPLIFIED),
    common::DISPATCH_COUNTRY.needed_by(FULL_OR_SIMPLIFIED),
    common::DESTINATION_COUNTRY.needed_by(FULL),
    common::TRANSACTION_NATURE.needed_by(&[H1, H2, H4]),
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

fn is_one_of(says: &CustomsDeclaration, modes: &[TransportMode]) -> bool {
    says.border_mode.is_some_and(|mode| modes.contains(&mode))
}
