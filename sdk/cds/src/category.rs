//! Of what category a declaration is: the data set that it has to have (CDS Volume 3, appendices 21 to 23).

use portgate_sdk::canonical::{CustomsDeclaration, DeclarationItem};

use crate::procedures::{has_additional, requested};

/// What the second part of a declaration's type says (DE 1/2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// `A`, `D`: all there is to say, of goods that are there or are to come.
    Standard,
    /// `B`, `E`: simplified without an authorisation, now and then.
    Occasional,
    /// `C`, `F`: simplified under an authorisation (SDE).
    Simplified,
    /// `X`, `Y`: what a simplified one left for later.
    Supplementary,
    /// `Z`: what an entry in the declarant's records (EIR) left for later.
    AfterRecords,
    /// `J`, `K`: a request to let goods go, of which no more is to be declared (C21).
    ClearanceRequest,
}

impl Stage {
    /// What the type of a declaration says. Nothing where it has none of these letters.
    pub(crate) fn of(declaration: &CustomsDeclaration) -> Option<Stage> {
        let of_type = declaration.type_code.as_deref().and_then(|code| code.get(2..)).filter(|rest| !rest.is_empty());
        match of_type.or(declaration.additional_type_code.as_deref())? {
            "A" | "D" => Some(Stage::Standard),
            "B" | "E" => Some(Stage::Occasional),
            "C" | "F" => Some(Stage::Simplified),
            "X" | "Y" => Some(Stage::Supplementary),
            "Z" => Some(Stage::AfterRecords),
            "J" | "K" => Some(Stage::ClearanceRequest),
            _ => None,
        }
    }
}

/// The data set of a declaration, by the names that HMRC gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// Free circulation and end use.
    H1,
    /// Into a customs warehouse.
    H2,
    /// Temporary admission.
    H3,
    /// Inward processing.
    H4,
    /// Goods of little value, with a much reduced data set.
    H7,
    /// A simplified import.
    I1,
    /// A clearance request for imports.
    C21Import,
    /// Export and re-export.
    B1,
    /// Outward processing.
    B2,
    /// A simplified export.
    C1,
    /// A clearance request for exports.
    C21Export,
}

impl Category {
    /// What its name is in HMRC's tables.
    pub fn name(self) -> &'static str {
        match self {
            Category::H1 => "H1",
            Category::H2 => "H2",
            Category::H3 => "H3",
            Category::H4 => "H4",
            Category::H7 => "H7",
            Category::I1 => "I1",
            Category::C21Import => "C21i",
            Category::B1 => "B1",
            Category::B2 => "B2",
            Category::C1 => "C1",
            Category::C21Export => "C21e",
        }
    }

    /// The category that the type and the procedure of an item lead to. Nothing where they lead to none: another rule says
    /// what is wrong then.
    pub(crate) fn of(declaration: &CustomsDeclaration, item: &DeclarationItem, stage: Stage) -> Option<Category> {
        let (is_import, requested) = (is_import(declaration)?, requested(declaration, item)?);
        let is_reduced = has_additional(declaration, item, "1H7");
        match (is_import, stage) {
            (true, Stage::ClearanceRequest) => Some(Category::C21Import),
            (false, Stage::ClearanceRequest) => Some(Category::C21Export),
            (true, _) if is_reduced => Some(Category::H7),
            (true, Stage::Occasional | Stage::Simplified) => Some(Category::I1),
            (false, Stage::Occasional | Stage::Simplified) => Some(Category::C1),
            (true, _) => match requested {
                "40" | "44" | "61" => Some(Category::H1),
                "71" => Some(Category::H2),
                "53" => Some(Category::H3),
                "51" => Some(Category::H4),
                _ => None,
            },
            (false, _) => match requested {
                "10" | "11" | "23" | "31" => Some(Category::B1),
                "21" | "22" => Some(Category::B2),
                _ => None,
            },
        }
    }
}

/// Whether the first part of a declaration's type (DE 1/1) says import (`IM`) or export (`EX`). `CO` is either.
fn is_import(declaration: &CustomsDeclaration) -> Option<bool> {
    match declaration.type_code.as_deref()?.get(..2)? {
        "IM" => Some(true),
        "EX" => Some(false),
        _ => None,
    }
}
