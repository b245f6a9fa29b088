//! UK15, UK16 for exports: the data elements of B1, B2, C1 and C21e (CDS Volume 3, appendices 22 and 23).

use portgate_cds::Category::{B1, B2, C1, C21Export};
use portgate_cds::{Category, Declared, HeaderElement, ItemElement, common, forbid, require};
use portgate_sdk::Judge;
use portgate_sdk::canonical::{OfficeRole, PartyRole};

const ALL: &[Category] = &[B1, B2, C1, C21Export];
const FULL: &[Category] = &[B1, B2];
const FULL_OR_SIMPLIFIED: &[Category] = &[B1, B2, C1];

const HEADER: &[HeaderElement] = &[
    common::ITEM_COUNT.needed_by(ALL),
    common::PREVIOUS_DOCUMENTS.needed_by(ALL),
    common::LOCATION_OF_GOODS.needed_by(ALL),
    HeaderElement {
        name: "customs office of exit (DE 5/12)",
        field: "/offices",
        of: FULL_OR_SIMPLIFIED,
        is_there: |says| says.offices.iter().any(|office| office.role == OfficeRole::Exit),
    },
    common::EXPORTER.needed_by(FULL_OR_SIMPLIFIED),
    HeaderElement {
        name: "party that receives the goods (DE 3/9, 3/10)",
        field: "/parties",
        of: FULL,
        is_there: |says| common::has_party(says, PartyRole::Consignee),
    },
    common::TOTAL_PACKAGES.needed_by(FULL_OR_SIMPLIFIED),
    common::CONTAINERISED.needed_by(FULL),
    common::BORDER_MODE.needed_by(FULL),
    common::BORDER_NATIONALITY.needed_by(FULL),
];

const ITEMS: &[ItemElement] = &[
    common::COMMODITY.needed_by(FULL_OR_SIMPLIFIED),
    common::DESCRIPTION.needed_by(FULL_OR_SIMPLIFIED),
    common::GROSS_MASS.needed_by(FULL_OR_SIMPLIFIED),
    common::NET_MASS.needed_by(FULL),
    ItemElement {
        name: "statistical value (DE 8/6)",
        field: "/statisticalValue",
        of: FULL,
        is_there: |_, item| item.statistical_value.is_some(),
    },
    common::TRANSACTION_NATURE.needed_by(FULL),
    common::PACKAGES.needed_by(FULL_OR_SIMPLIFIED),
    common::DESTINATION_COUNTRY.needed_by(FULL_OR_SIMPLIFIED),
    common::DISPATCH_COUNTRY.needed_by(FULL),
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
