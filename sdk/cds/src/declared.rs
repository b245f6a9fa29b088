//! A declaration as the rules read it: with its type and category taken apart.

use portgate_sdk::Placed;
use portgate_sdk::canonical::{CustomsDeclaration, DeclarationItem, Party, PartyRole, Regime};

use crate::category::{Category, Stage};

/// Most fields that a finding names; what is wrong in more items is wrong in the same way.
const FIELDS_MAX: usize = 16;

/// An original declaration to the UK's customs.
#[derive(Debug)]
pub struct Declared {
    placed: Placed<CustomsDeclaration>,
    /// What the second part of its type says of it (DE 1/2). Nothing where that is no letter that CDS knows.
    pub stage: Option<Stage>,
    /// The data set that it has to have. Nothing where its type or its procedure leads to none.
    pub category: Option<Category>,
}

impl Declared {
    /// The declaration, if it is one to the UK's customs, under this regime, and no amendment of another.
    pub(crate) fn original(placed: Placed<CustomsDeclaration>, regime: Regime) -> Option<Declared> {
        let document = &placed.document;
        let is_original = document.function_code.as_ref().is_none_or(|function| &*function.code == "9");
        let is_british = matches!(&*document.jurisdiction, "GB" | "XI");
        if !is_original || !is_british || document.regime != regime {
            return None;
        }
        let stage = Stage::of(document);
        let category = stage.zip(document.items.first()).and_then(|(stage, item)| Category::of(document, item, stage));
        Some(Declared { placed, stage, category })
    }

    /// What it says.
    pub fn says(&self) -> &CustomsDeclaration {
        &self.placed.document
    }

    /// The place of one of its fields, such as `/lrn`.
    pub fn at(&self, field: &str) -> String {
        self.placed.at(field)
    }

    /// Its type as it is written, such as `IMA`.
    pub fn type_code(&self) -> String {
        let (first, second) = (&self.says().type_code, &self.says().additional_type_code);
        format!("{}{}", first.as_deref().unwrap_or_default(), second.as_deref().unwrap_or_default())
    }

    /// Its items, each with where it stands.
    pub fn items(&self) -> impl Iterator<Item = (&DeclarationItem, String)> {
        let items = self.says().items.iter().enumerate();
        items.map(|(index, item)| (item, self.at(&format!("/items/{index}"))))
    }

    /// What of its items something is true: their numbers in words, and the places of that field, as many as a finding names.
    /// Nothing where it is true of none.
    pub fn items_where(&self, field: &str, is_so: impl Fn(&DeclarationItem) -> bool) -> Option<(String, Vec<String>)> {
        let such: Vec<(&DeclarationItem, String)> = self.items().filter(|(item, _)| is_so(item)).collect();
        let places = such.iter().take(FIELDS_MAX).map(|(_, place)| format!("{place}{field}")).collect();
        let numbers: Vec<String> = such.iter().take(FIELDS_MAX).map(|(item, _)| item.no.to_string()).collect();
        match such.len() {
            0 => None,
            1 => Some((format!("Item {}", numbers[0]), places)),
            more if more > FIELDS_MAX => Some((format!("Items {} and others", numbers.join(", ")), places)),
            _ => Some((format!("Items {}", numbers.join(", ")), places)),
        }
    }

    /// The party that plays this part, with its place.
    pub fn party(&self, role: PartyRole) -> Option<(&Party, String)> {
        let parties = self.says().parties.iter().enumerate();
        let mut of_role = parties.filter(|(_, party)| party.role == role);
        of_role.next().map(|(index, party)| (party, self.at(&format!("/parties/{index}"))))
    }

    /// The EORI number of that party.
    pub fn eori(&self, role: PartyRole) -> Option<&str> {
        self.party(role).and_then(|(party, _)| eori(party))
    }

    /// Whether an authorisation of this type is named (DE 3/39).
    pub fn has_authorisation(&self, r#type: &str) -> bool {
        self.says().authorisations.iter().any(|authorisation| &*authorisation.r#type == r#type)
    }

    /// Whether the procedure is authorised by the declaration itself: additional information `00100` (DE 2/2).
    pub fn is_authorised_by_itself(&self) -> bool {
        let of_items = self.says().items.iter().flat_map(|item| &item.additional_information);
        self.says().additional_information.iter().chain(of_items).any(|information| &*information.code == "00100")
    }
}

/// The EORI number of a party.
pub(crate) fn eori(party: &Party) -> Option<&str> {
    party.ids.iter().find(|id| &*id.scheme == "EORI").map(|id| &*id.value)
}
