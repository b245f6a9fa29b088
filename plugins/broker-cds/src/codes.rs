//! The code tables: what DMS function codes and UK tax types mean. A code that is not here is never dropped: the
//! document says so with its own value for that, and a finding asks for the code to be added.

use portgate_sdk::canonical::{CostKind, CostType, DeclarationStatus};

/// The list that function codes are of.
pub(crate) const FUNCTION_CODES: &str = "HMRC DMS function code";

/// The list that tax types are of: data element 4/3 of the UK tariff.
pub(crate) const TAX_TYPES: &str = "UK tax type (DE 4/3)";

/// The list that the codes of statements are of, with which customs says what it wants.
pub(crate) const STATEMENT_CODES: &str = "HMRC DMS statement code";

/// What a function code (WCO element 017, as DMS uses it) says of the declaration. Leading zeros do not matter.
pub(crate) fn status(function_code: &str) -> Option<DeclarationStatus> {
    use DeclarationStatus::*;
    Some(match function_code.trim_start_matches('0') {
        "1" => Accepted,                     // DMSACC
        "2" => Received,                     // DMSRCV
        "3" => Rejected,                     // DMSREJ
        "5" => Control,                      // DMSCTL
        "6" => DocsRequired,                 // DMSDOC
        "7" => Amended,                      // DMSRES
        "8" => Released,                     // DMSROG
        "9" => Cleared,                      // DMSCLE
        "10" => Invalidated,                 // DMSINV
        "11" => RequestOutcome,              // DMSREQ
        "13" => Tax,                         // DMSTAX
        "14" | "15" => PaymentRequired,      // DMSCPI, and its reminder DMSCPR
        "16" => Exited,                      // DMSEOG
        "17" | "18" => ExitEvidenceRequired, // DMSGER: HMRC numbers it 17 and sends it as 18
        _ => return None,
    })
}

/// Whether a request to amend or cancel was granted, by the status name code of what became of it (DMSREQ).
pub(crate) fn granted(name_code: &str) -> Option<bool> {
    match name_code {
        "39" => Some(true),
        "41" => Some(false),
        _ => None,
    }
}

/// What kind of cost a tax type is.
pub(crate) fn cost_type(tax_type: &str) -> Option<CostType> {
    Some(match tax_type {
        "A00" | "A10" | "A20" | "A50" | "A70" => CostType::Duty,
        "A30" | "A35" | "A40" | "A45" | "A80" | "A85" | "A90" | "A95" => CostType::Antidumping,
        "B00" | "B05" => CostType::Vat,
        excise if matches!(excise.as_bytes(), [b'3'..=b'6', b'0'..=b'9', b'0'..=b'9']) => CostType::Excise,
        _ => return None,
    })
}

/// How firm the taxes of a notification are, by its status name code.
pub(crate) fn cost_kind(name_code: &str) -> Option<CostKind> {
    match name_code {
        "67" => Some(CostKind::Provisional),
        "4" => Some(CostKind::Assessed),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_code_means_the_same_with_and_without_its_zero() {
        assert_eq!(status("09"), Some(DeclarationStatus::Cleared));
        assert_eq!(status("9"), Some(DeclarationStatus::Cleared));
        assert_eq!((status("12"), status("00"), status("")), (None, None, None));
    }

    #[test]
    fn three_digits_from_300_to_699_are_excise_and_nothing_else_is() {
        assert_eq!(cost_type("413"), Some(CostType::Excise));
        assert_eq!((cost_type("913"), cost_type("41"), cost_type("4130"), cost_type("A99")), (None, None, None, None));
    }
}
