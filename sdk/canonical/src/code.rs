//! Codes of public lists, and a mapped code beside the one it was mapped from.

use serde::{Deserialize, Serialize};

use crate::text::{Text, all, shaped};

shaped! {
    /// A country, ISO 3166-1 alpha-2, such as `GB`. The shape is checked here, membership by a rule.
    Country, "two capital letters (ISO 3166-1 alpha-2)", "^[A-Z]{2}$", 2,
    |text| text.len() == 2 && all(text, |b| b.is_ascii_uppercase())
}

shaped! {
    /// A currency, ISO 4217, such as `GBP`.
    Currency, "three capital letters (ISO 4217)", "^[A-Z]{3}$", 3,
    |text| text.len() == 3 && all(text, |b| b.is_ascii_uppercase())
}

shaped! {
    /// A unit of measure, UNECE Recommendation 20, such as `KGM` or `C62` (one).
    Unit, "two or three capital letters or digits (UNECE Rec 20)", "^[A-Z0-9]{2,3}$", 3,
    |text| text.len() >= 2 && all(text, |b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

shaped! {
    /// A commodity code, 4 to 14 digits: HS6 and what nations add to it.
    HsCode, "4 to 14 digits", "^[0-9]{4,14}$", 14,
    |text| text.len() >= 4 && all(text, |b| b.is_ascii_digit())
}

shaped! {
    /// A subheading of the Harmonised System: six digits, the same in every country.
    Hs6, "six digits (HS subheading)", "^[0-9]{6}$", 6,
    |text| text.len() == 6 && all(text, |b| b.is_ascii_digit())
}

impl HsCode {
    /// Whether another code is the same as far as both go: one of them begins with the other.
    pub fn agrees_with(&self, digits: &str) -> bool {
        self.as_str().starts_with(digits) || digits.starts_with(self.as_str())
    }
}

/// A code of a public list with the partner's own code that it was mapped from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Code {
    /// The code.
    pub code: Text<64>,
    /// The list it is of, such as `UNTDID 1001`.
    pub code_list: Text<64>,
    /// What the partner wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_code: Option<Text<128>>,
}
