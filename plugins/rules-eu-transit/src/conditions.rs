//! One transit declaration, and what was found in it so far.

use portgate_sdk::canonical::{
    CustomsDeclaration, CustomsDocument, CustomsOffice, DeclarationItem, HouseConsignment, OfficeRole,
    PreviousDocument, TransportMode,
};
use portgate_sdk::{Judge, Placed, Severity};

/// What NCTS would say: the code of its functional error (CL180).
#[derive(Clone, Copy)]
pub(crate) enum Error {
    /// What a condition asks for is missing.
    Missing = 13,
    /// A value breaks a rule.
    Rule = 14,
    /// What a condition does not allow is there.
    Spare = 15,
}

/// The document of an export declaration, in NCTS.
const EXPORT: &str = "N830";

/// A declaration under judgement.
pub(crate) struct Conditions<'c> {
    pub(crate) declaration: &'c Placed<CustomsDeclaration>,
    pub(crate) judge: &'c mut Judge,
}

impl<'c> Conditions<'c> {
    /// A condition or rule is broken: its name, customs' error, the fields below the declaration with the one to change first,
    /// and in words what is wrong and what to do.
    pub(crate) fn broken<F: AsRef<str>>(
        &mut self,
        rule: &str,
        error: Error,
        fields: impl IntoIterator<Item = F>,
        wrong: impl AsRef<str>,
        remedy: &str,
    ) {
        let detail = format!("{} NCTS rejects it with error {} ({rule}).", wrong.as_ref(), error as u8);
        let fields: Vec<String> = fields.into_iter().map(|field| self.declaration.at(field.as_ref())).collect();
        self.judge.found(rule, Severity::Error, fields, detail, remedy);
    }

    pub(crate) fn document(&self) -> &'c CustomsDeclaration {
        &self.declaration.document
    }

    /// The items, each with its place.
    pub(crate) fn items(&self) -> impl Iterator<Item = (String, &'c DeclarationItem)> + use<'c> {
        self.document().items.iter().enumerate().map(|(index, item)| (format!("/items/{index}"), item))
    }

    /// The house consignments, each with its place.
    pub(crate) fn houses(&self) -> impl Iterator<Item = (String, &'c HouseConsignment)> + use<'c> {
        self.document().houses.iter().enumerate().map(|(index, house)| (format!("/houses/{index}"), house))
    }

    /// The house consignment of an item.
    pub(crate) fn house_of(&self, item: &DeclarationItem) -> Option<(String, &'c HouseConsignment)> {
        self.houses().find(|(_, house)| Some(house.no) == item.house)
    }

    /// `T1`, `T2`, `T2F`, `T2SM`, `TIR`, or `T` for goods of both kinds.
    pub(crate) fn kind(&self) -> &'c str {
        self.document().type_code.as_deref().unwrap_or_default()
    }

    pub(crate) fn is_tir(&self) -> bool {
        self.kind() == "TIR"
    }

    /// Whether it is lodged before the goods are presented.
    pub(crate) fn is_prelodged(&self) -> bool {
        self.document().additional_type_code.as_deref() == Some("D")
    }

    /// The digit that says what security data it has: `0` none, `1` entry, `2` exit, `3` both.
    pub(crate) fn security(&self) -> &'c str {
        self.document().security.as_deref().unwrap_or("0")
    }

    /// Whether it has any.
    pub(crate) fn is_secured(&self) -> bool {
        matches!(self.security(), "1" | "2" | "3")
    }

    pub(crate) fn is_reduced(&self) -> bool {
        self.document().reduced_dataset == Some(true)
    }

    /// The customs offices of a role, each with its place.
    pub(crate) fn offices(&self, role: OfficeRole) -> impl Iterator<Item = (String, &'c CustomsOffice)> + use<'c> {
        let offices = self.document().offices.iter().enumerate();
        offices.filter(move |(_, office)| office.role == role).map(|(at, office)| (format!("/offices/{at}"), office))
    }

    /// The country of the office of departure.
    pub(crate) fn departure(&self) -> &'c str {
        self.offices(OfficeRole::Departure).next().map_or(&*self.document().jurisdiction, |(_, office)| country(office))
    }

    /// The country of the office of destination, where it is known.
    pub(crate) fn destination(&self) -> &'c str {
        self.offices(OfficeRole::Destination).next().map_or("", |(_, office)| country(office))
    }
}

/// The country of an office.
pub(crate) fn country(office: &CustomsOffice) -> &str {
    office.reference.get(..2).unwrap_or_default()
}

/// Whether an export declaration went before.
pub(crate) fn is_exported(documents: &[PreviousDocument]) -> bool {
    documents.iter().any(|document| &*document.r#type == EXPORT)
}

/// Whether there are any documents in these lists.
pub(crate) fn any(lists: &[&[CustomsDocument]]) -> bool {
    lists.iter().any(|list| !list.is_empty())
}

/// A mode of transport as NCTS writes it.
pub(crate) fn digit(mode: Option<TransportMode>, code: Option<&str>) -> &str {
    match mode {
        Some(TransportMode::Sea) => "1",
        Some(TransportMode::Rail) => "2",
        Some(TransportMode::Road) => "3",
        Some(TransportMode::Air) => "4",
        Some(TransportMode::Mail) => "5",
        Some(TransportMode::Fixed) => "7",
        Some(TransportMode::Inland) => "8",
        None => code.unwrap_or_default(),
    }
}
