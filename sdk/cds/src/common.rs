//! Data elements that imports and exports have alike. Each pack says which of its categories need them.

use portgate_sdk::canonical::{CustomsDeclaration, PartyRole, TransportMode};

use crate::elements::{HeaderElement, ItemElement};

/// How many items there are.
pub const ITEM_COUNT: HeaderElement = HeaderElement {
    name: "number of items (DE 1/9)",
    field: "/itemCount",
    of: &[],
    is_there: |says| says.item_count.is_some(),
};

/// What the goods come from, for the whole or for each item.
pub const PREVIOUS_DOCUMENTS: HeaderElement = HeaderElement {
    name: "previous document (DE 2/1)",
    field: "/previousDocuments",
    of: &[],
    is_there: |says| {
        !says.previous_documents.is_empty() || says.items.iter().all(|item| !item.previous_documents.is_empty())
    },
};

/// Where the goods are.
pub const LOCATION_OF_GOODS: HeaderElement = HeaderElement {
    name: "location of the goods (DE 5/23)",
    field: "/locationOfGoods",
    of: &[],
    is_there: |says| says.location_of_goods.is_some(),
};

/// Who exports.
pub const EXPORTER: HeaderElement = HeaderElement {
    name: "party that exports (DE 3/1, 3/2)",
    field: "/parties",
    of: &[],
    is_there: |says| has_party(says, PartyRole::Exporter),
};

/// How many packages there are.
pub const TOTAL_PACKAGES: HeaderElement = HeaderElement {
    name: "number of packages (DE 6/18)",
    field: "/totalPackages",
    of: &[],
    is_there: |says| says.total_packages.is_some(),
};

/// Whether the goods are in containers.
pub const CONTAINERISED: HeaderElement = HeaderElement {
    name: "word on whether the goods are in containers (DE 7/2)",
    field: "/containerised",
    of: &[],
    is_there: |says| says.containerised.is_some(),
};

/// How they cross the border.
pub const BORDER_MODE: HeaderElement = HeaderElement {
    name: "mode of transport at the border (DE 7/4)",
    field: "/borderMode",
    of: &[],
    is_there: |says| says.border_mode.is_some() || says.border_mode_code.is_some(),
};

/// The flag of what carries them over it; railways, mail and pipes have none.
pub const BORDER_NATIONALITY: HeaderElement = HeaderElement {
    name: "nationality of the means of transport at the border (DE 7/15)",
    field: "/borderNationality",
    of: &[],
    is_there: |says| {
        let needs_none = [TransportMode::Rail, TransportMode::Mail, TransportMode::Fixed];
        says.border_nationality.is_some() || says.border_mode.is_some_and(|mode| needs_none.contains(&mode))
    },
};

/// The commodity code.
pub const COMMODITY: ItemElement = ItemElement {
    name: "commodity code (DE 6/14)",
    field: "/classification",
    of: &[],
    is_there: |_, item| item.classification.is_some(),
};

/// What the goods are.
pub const DESCRIPTION: ItemElement = ItemElement {
    name: "description (DE 6/8)",
    field: "/description",
    of: &[],
    is_there: |_, item| item.description.is_some(),
};

/// What they weigh with their packages.
pub const GROSS_MASS: ItemElement = ItemElement {
    name: "gross mass (DE 6/5)",
    field: "/grossKg",
    of: &[],
    is_there: |_, item| item.gross_kg.is_some(),
};

/// What they weigh without.
pub const NET_MASS: ItemElement =
    ItemElement { name: "net mass (DE 6/1)", field: "/netKg", of: &[], is_there: |_, item| item.net_kg.is_some() };

/// What they are packed in.
pub const PACKAGES: ItemElement = ItemElement {
    name: "package (DE 6/9, 6/10)",
    field: "/packages",
    of: &[],
    is_there: |_, item| !item.packages.is_empty(),
};

/// Where they come from, for the item or for all.
pub const DISPATCH_COUNTRY: ItemElement = ItemElement {
    name: "country of dispatch (DE 5/14)",
    field: "/dispatchCountry",
    of: &[],
    is_there: |says, item| item.dispatch_country.is_some() || says.dispatch_country.is_some(),
};

/// Where they go, for the item or for all.
pub const DESTINATION_COUNTRY: ItemElement = ItemElement {
    name: "country of destination (DE 5/8)",
    field: "/destinationCountry",
    of: &[],
    is_there: |says, item| item.destination_country.is_some() || says.destination_country.is_some(),
};

/// What kind of business it is, for the item or for all.
pub const TRANSACTION_NATURE: ItemElement = ItemElement {
    name: "nature of transaction (DE 8/5)",
    field: "/transactionNature",
    of: &[],
    is_there: |says, item| item.transaction_nature.is_some() || says.transaction_nature.is_some(),
};

/// Whether the whole or an item names a party in this role.
pub fn has_party(says: &CustomsDeclaration, role: PartyRole) -> bool {
    let of_items = says.items.iter().flat_map(|item| &item.parties);
    says.parties.iter().chain(of_items).any(|party| party.role == role)
}
